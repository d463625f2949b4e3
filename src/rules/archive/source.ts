/** Which snapshot an archive is made of: the first good one at or after the period's end, if it came in time. */
import type { Check } from "../../core/check.ts";
import { formatSpan, HOUR_MS } from "../../core/duration.ts";
import type { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Evidence } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { BackupFacts } from "../backup/facts.ts";
import { pointVerdict } from "../backup/point-verdict.ts";
import { type DatedPoint, isDated, type Point, restorePoints } from "../backup/points.ts";
import type { Period } from "./slots.ts";

export interface SourceFacts {
  readonly source: BackupFacts;
  readonly period: Period;
}

/** `none`: there is none, and none can come. `waiting`: it may still come in time. `unclear`: it cannot be read. */
export type SourceChoice =
  | { readonly kind: "chosen"; readonly point: DatedPoint }
  | { readonly kind: "none" | "waiting"; readonly message: string; readonly evidence?: Evidence }
  | { readonly kind: "unclear"; readonly reason: OpsError | string };

/** The one snapshot that a period's archive is made of, the same at whatever time one asks. */
export function chooseSource({ source, period }: SourceFacts): SourceChoice {
  const { snapshots, observedAt, cluster } = source;
  if (observedAt < period.endsAt)
    return { kind: "waiting", message: `${period.month} ends on ${formatInstant(period.endsAt)}` };
  if (cluster.known && cluster.value?.offering === "flex")
    return { kind: "none", message: "a flex cluster: Atlas gives its snapshots out in another way" };
  if (!snapshots.known) return { kind: "unclear", reason: snapshots.reason };
  const points = restorePoints(source, snapshots.value);
  const undated = points.find((point) => !isDated(point) && point.good !== "no");
  if (undated !== undefined) return unclear(undated);
  const since = points.filter(isDated).filter(({ createdAt }) => createdAt >= period.endsAt);
  const inTime = since.filter(({ createdAt }) => createdAt <= period.dueAt);
  const first = inTime.find(({ good }) => good === "yes");
  const before = first === undefined ? inTime : inTime.slice(0, inTime.indexOf(first));
  const running = before.find((point) => pointVerdict(point).status === "running");
  const doubtful = before.find((point) => point.good === "maybe");
  if (doubtful !== undefined) return unclear(doubtful);
  if (running !== undefined) return { kind: "waiting", message: `snapshot ${running.name} is not completed yet` };
  if (first !== undefined) return { kind: "chosen", point: first };
  return noneInTime(source, period, since);
}

function unclear(point: Point): SourceChoice {
  return { kind: "unclear", reason: `whether snapshot ${point.name} is the first good one cannot be read` };
}

const MAX_SHOWN = 5;

function noneInTime(
  { observedAt }: BackupFacts,
  { endsAt, dueAt }: Period,
  since: readonly DatedPoint[],
): SourceChoice {
  const late = since.find(({ good, createdAt }) => good === "yes" && createdAt > dueAt);
  const passedOver = since
    .filter(({ createdAt }) => createdAt <= dueAt)
    .map((point) => `${point.name} ${pointVerdict(point).reason}`);
  const evidence = {
    expected: `${endsAt.toISOString()} to ${dueAt.toISOString()}`,
    actual: passedOver.slice(0, MAX_SHOWN),
  };
  const why = passedOver.length === 0 ? "" : ` (${passedOver.slice(0, MAX_SHOWN).join("; ")})`;
  if (observedAt <= dueAt)
    return {
      kind: "waiting",
      message: `no good snapshot since ${formatInstant(endsAt)} yet${why}; one may come until ${formatInstant(dueAt)}`,
      evidence,
    };
  const after = late === undefined ? "" : `; the first one since is ${late.name} of ${formatInstant(late.createdAt)}`;
  return {
    kind: "none",
    message: `no good snapshot from ${formatInstant(endsAt)} to ${formatInstant(dueAt)}${why}${after}`,
    evidence,
  };
}

/** The first good snapshot must be known, and in time. */
export const snapshot: Check<SourceFacts> = {
  id: "archive/snapshot",
  title: "there is a good snapshot from the end of the period",
  remedy: ({ source, period }) =>
    source.observedAt <= period.dueAt
      ? `wait for the schedule's next one, or take one now: litally-ops backup snapshot ${source.database.name}`
      : `note the gap for the auditor: no archive can say any more what ${period.month} ended with; see that the next one comes: litally-ops backup verify ${source.database.name}`,
  judge: (facts) => {
    const choice = chooseSource(facts);
    switch (choice.kind) {
      case "chosen": {
        const { name, createdAt } = choice.point;
        const after = formatSpan(createdAt.getTime() - facts.period.endsAt.getTime());
        return pass(`snapshot ${name} of ${formatInstant(createdAt)}, ${after} after the period's end`, {
          snapshotId: name,
          createdAt: createdAt.toISOString(),
        });
      }
      case "none":
      case "waiting":
        return fail(choice.message, choice.evidence);
      case "unclear":
        return unknown(choice.reason);
    }
  },
};

/** A download lives so long, and no archive is made faster than that for sure. */
const LEAST_LEFT_MS = HOUR_MS;
/** An export waits in a queue, and a push may be cut off and taken up again. */
const GOOD_LEFT_MS = 24 * HOUR_MS;

export const snapshotExpiry: Check<SourceFacts> = {
  id: "archive/snapshot-expiry",
  title: "the snapshot lives long enough to be archived",
  remedy: ({ source }) => `lengthen it in Atlas: cluster ${source.database.cluster}, Backup, Change Retention`,
  judge: (facts) => {
    const choice = chooseSource(facts);
    if (choice.kind !== "chosen") return choice.kind === "unclear" ? unknown(choice.reason) : [];
    const { expiresAt } = choice.point.snapshot;
    if (!expiresAt.known) return unknown(expiresAt.reason);
    if (expiresAt.value === null) return unknown("Atlas names no expiry");
    const leftMs = expiresAt.value.getTime() - facts.source.observedAt.getTime();
    const words = `it expires in ${formatSpan(leftMs)}, on ${formatInstant(expiresAt.value)}`;
    const evidence = { expected: formatSpan(GOOD_LEFT_MS), actual: formatSpan(leftMs) };
    if (leftMs < LEAST_LEFT_MS) return fail(words, evidence);
    return leftMs < GOOD_LEFT_MS ? warn(words, evidence) : pass(words, evidence);
  },
};
