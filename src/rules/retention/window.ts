/** Continuous backup: whether its window reaches back as far as the policy's, today and at every instant to come. */
import type { Check } from "../../core/check.ts";
import { DAY_MS, formatSpan, shortestMs } from "../../core/duration.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { intervalMs } from "../backup/points.ts";
import { type ContinuousBreach, proveContinuous } from "./continuous.ts";
import { copyDoubt } from "./copy-doubt.ts";
import type { Horizon } from "./demand.ts";
import { carries } from "./losses.ts";
import type { Supply } from "./model.ts";
import { type Question, windowMsOf } from "./question.ts";
import { instant } from "./today.ts";

const WINDOW = {
  id: "retention/window",
  title: "continuous backup reaches back as far as the policy's window",
  remedy: () => "see the window beside the policy: litally-ops backup plan; then mend it: litally-ops backup apply",
} as const;

/**
 * Until all that is owed was taken from now on: a hole in the snapshots of today can be seen at once, and is met only when the
 * window reaches back to it. What a loss leaves is a matter of now alone, for what is lost makes nothing more.
 */
export const windowNow: Check<Question> = {
  ...WINDOW,
  judge: (question) => {
    const { nowMs, horizon, lost } = question;
    const owedMs = (windowMs: number, everyMs: number) => (lost.length > 0 ? 0 : windowMs + everyMs);
    return judgeWindow(question, (windowMs, everyMs) =>
      Math.min(horizon.untilMs, nowMs + owedMs(windowMs, everyMs) + 1),
    );
  },
};

export const windowThroughout: Check<Question> = {
  ...WINDOW,
  judge: (question) => judgeWindow(question, () => question.horizon.untilMs),
};

/** Until when it is looked at. */
type Until = (windowMs: number, everyMs: number) => number;

/** At home, and in each region that the policy copies the oplog to: a window elsewhere is none at home, nor the other way round. */
function judgeWindow(question: Question, until: Until): readonly Verdict[] {
  const windowMs = windowMsOf(question);
  if (windowMs === null) return [];
  const { copies } = question.facts.backup.database;
  const regions = new Set(copies.flatMap(({ oplogs, region }) => (oplogs ? [region] : [])));
  const promised = copies.flatMap(({ region, frequencies }) => frequencies.map((frequency) => ({ region, frequency })));
  const carriedBy = (region: string) => promised.filter((one) => one.region === region).map((one) => one.frequency);
  return [
    judgePlace(question, { windowMs, copiedTo: null, carriedBy: ["hourly"] }, until),
    ...[...regions].map((region) => ({
      ...judgePlace(question, { windowMs, copiedTo: region, carriedBy: carriedBy(region) }, until),
      scope: region,
    })),
  ];
}

interface Promised {
  readonly windowMs: number;
  /** null: at home. */
  readonly copiedTo: string | null;
  /** What it starts from there. */
  readonly carriedBy: readonly Frequency[];
}

function judgePlace(question: Question, promised: Promised, until: Until): Verdict {
  const { windowMs, copiedTo } = promised;
  const { supplies, unreadable } = question;
  const there = ({ points, continuous }: Supply): Supply => ({
    points,
    continuous: continuous.filter((window) => (window.copiedTo ?? null) === copiedTo),
  });
  const [worstThere, bestThere] = [there(supplies.pessimistic), there(supplies.optimistic)];
  const everyMs = intervalOf(question, promised);
  const untilMs = until(windowMs, everyMs);
  const horizon = begun(worstThere, { ...question.horizon, untilMs }, { windowMs, everyMs });
  const gradeOf = (supply: Supply): Grade => {
    const breach = proveContinuous(supply, { windowMs, slackMs: 0 }, horizon);
    if (breach === null) return { status: "pass", breach };
    const further = proveContinuous(supply, { windowMs, slackMs: everyMs }, horizon);
    return further === null ? { status: "warn", breach } : { status: "fail", breach: further };
  };
  const worst = gradeOf(worstThere);
  if (worst.breach === null) {
    if (unreadable.length > 0) return unknown("not everything could be read: see retention/readable");
    if (horizon.fromMs >= untilMs) return unknown(`it owes nothing until ${instant(untilMs)}, so nothing is proved`);
    return pass(
      `it reaches back ${formatSpan(windowMs)} until ${instant(untilMs)}, if it has been on for so long, which Atlas does not say`,
    );
  }
  const words = windowWords(worst.breach, worstThere, copiedTo);
  const isSure = unreadable.length === 0 && gradeOf(bestThere).status === worst.status;
  if (!isSure) {
    const doubt = copiedTo === null || unreadable.length > 0 ? null : copyDoubt(question.facts, copiedTo);
    return { ...unknown(`at worst ${words}`), ...(doubt === null ? {} : { remedy: doubt.remedy }) };
  }
  return worst.status === "warn"
    ? { ...warn(`${words}; its first hours are not covered`), remedy: LONGER }
    : fail(words);
}

type Grade =
  | { readonly status: "pass"; readonly breach: null }
  | { readonly status: "warn" | "fail"; readonly breach: ContinuousBreach };

/**
 * Where hourly snapshots are kept no longer than the window, its first hours have none to start from. Atlas allows that and
 * promises the whole window all the same (https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/), and
 * does not say how: up to one interval it is no breach, and no pass.
 */
function intervalOf({ facts: { backup } }: Question, { carriedBy }: Promised): number {
  const known = carriedBy.map((frequency) => intervalMs(backup, frequency)).filter((interval) => interval.known);
  if (known.length === 0) return 0;
  return Math.min(...known.map(({ value }) => value)) + shortestMs(backup.database.grace);
}

const LONGER = "keep what it starts from a day longer than the window: see how long that is, litally-ops backup plan";

/** Within this, the first snapshot of a cluster is that of its birth: there is nothing that the oplog could start from before. */
const FIRST_SNAPSHOT_MS = DAY_MS;

/**
 * Of a young cluster nothing is owed until its first snapshot can be restored; and where another of the same day is kept for longer
 * than the window, as a daily is, nothing of before that one: the first, an hourly, goes when the window begins to need it.
 */
function begun(
  { points, continuous }: Supply,
  { fromMs, untilMs, bornMs }: Horizon,
  { windowMs, everyMs }: { readonly windowMs: number; readonly everyMs: number },
): Horizon {
  const youthMs = bornMs + Math.max(FIRST_SNAPSHOT_MS, everyMs);
  const early = points
    .filter((point) => continuous.some((window) => carries(point, window)))
    .filter(({ dataMs }) => dataMs <= youthMs)
    .toSorted((a, b) => a.dataMs - b.dataMs);
  const [oldest] = early;
  if (oldest === undefined && continuous.length > 0 && untilMs <= youthMs) return { fromMs: untilMs, untilMs, bornMs };
  if (oldest === undefined || oldest.dataMs <= bornMs) return { fromMs, untilMs, bornMs };
  const first = early.find((point) => point.untilMs > point.dataMs + windowMs + everyMs) ?? oldest;
  return { fromMs: Math.max(fromMs, first.fromMs), untilMs, bornMs: first.dataMs };
}

function windowWords(
  { atMs, owedFromMs, best }: ContinuousBreach,
  { continuous }: Supply,
  copiedTo: string | null,
): string {
  const owed = `on ${instant(atMs)} it must reach back to ${instant(owedFromMs)}`;
  if (best === null) {
    if (continuous.some(({ untilMs }) => atMs < untilMs))
      return `${owed}, and there is no snapshot that it could start from`;
    return `${owed}, and ${copiedTo === null ? "there is no continuous backup" : "the oplog is not copied there"}`;
  }
  const { reachesMs, startsFrom, window } = best;
  const why = startsFrom === null ? window.limitedBy : `the oldest snapshot that it can start from, ${startsFrom.id}`;
  return `${owed}, and reaches back to ${instant(reachesMs)} only: ${why}`;
}
