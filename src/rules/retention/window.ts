/** Continuous backup: whether its window reaches back as far as the policy's, today and at every instant to come. */
import type { Check } from "../../core/check.ts";
import { DAY_MS, formatSpan, shortestMs } from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { intervalMs } from "../backup/points.ts";
import { type ContinuousBreach, proveContinuous } from "./continuous.ts";
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

export const windowNow: Check<Question> = {
  ...WINDOW,
  judge: (question) => judgeWindow(question, { ...question.horizon, untilMs: question.nowMs + 1 }, "now"),
};

export const windowThroughout: Check<Question> = {
  ...WINDOW,
  judge: (question) => judgeWindow(question, question.horizon, `until ${instant(question.horizon.untilMs)}`),
};

function judgeWindow(question: Question, span: Horizon, when: string): Verdict | readonly Verdict[] {
  const windowMs = windowMsOf(question);
  if (windowMs === null) return [];
  const { supplies, unreadable } = question;
  const horizon = { ...span, bornMs: begunMs(supplies.pessimistic, span) };
  const gradeOf = (supply: Supply): Grade => {
    const breach = proveContinuous(supply, { windowMs, slackMs: 0 }, horizon);
    if (breach === null) return { status: "pass", breach };
    const further = proveContinuous(supply, { windowMs, slackMs: slackMs(question) }, horizon);
    return further === null ? { status: "warn", breach } : { status: "fail", breach: further };
  };
  const worst = gradeOf(supplies.pessimistic);
  if (worst.breach === null)
    return unreadable.length > 0
      ? unknown("not everything could be read: see retention/readable")
      : pass(
          `it reaches back ${formatSpan(windowMs)} ${when}, if it has been on for so long, which Atlas does not say`,
        );
  const words = windowWords(worst.breach, supplies.pessimistic);
  const isSure = unreadable.length === 0 && gradeOf(supplies.optimistic).status === worst.status;
  if (!isSure) return unknown(`at worst ${words}`);
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
function slackMs({ facts: { backup } }: Question): number {
  const hourly = intervalMs(backup, "hourly");
  return hourly.known ? hourly.value + shortestMs(backup.database.grace) : 0;
}

const LONGER = "keep what it starts from a day longer than the window: see how long that is, litally-ops backup plan";

/** Within this, the first snapshot of a cluster is that of its birth: there is nothing that the oplog could start from before. */
const FIRST_SNAPSHOT_MS = DAY_MS;

function begunMs({ points, continuous }: Supply, { bornMs }: Horizon): number {
  const started = points.filter((point) => continuous.some((window) => carries(point, window)));
  const firstMs = started.reduce((ms, { dataMs }) => Math.min(ms, dataMs), Number.POSITIVE_INFINITY);
  return firstMs > bornMs && firstMs <= bornMs + FIRST_SNAPSHOT_MS ? firstMs : bornMs;
}

function windowWords({ atMs, owedFromMs, best }: ContinuousBreach, { continuous }: Supply): string {
  const owed = `on ${instant(atMs)} it must reach back to ${instant(owedFromMs)}`;
  if (best === null) {
    const isOn = continuous.some(({ untilMs }) => atMs < untilMs);
    return `${owed}, and there is no ${isOn ? "snapshot that it could start from" : "continuous backup"}`;
  }
  const { reachesMs, startsFrom, window } = best;
  const why = startsFrom === null ? window.limitedBy : `the oldest snapshot that it can start from, ${startsFrom.id}`;
  return `${owed}, and reaches back to ${instant(reachesMs)} only: ${why}`;
}
