/** How long a restore may take: an estimate from past ones of the same source, and never more than that. */
import { formatSpan, shortestMs } from "../../core/duration.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import type { RestoreJob } from "../../ports/atlas-restores.ts";
import type { RestoreFacts } from "./facts.ts";
import { restoreState } from "./outcome.ts";
import { chosenPoint } from "./snapshot-choice.ts";

export interface Forecast {
  readonly medianMs: number;
  readonly p90Ms: number;
  /** How many past restores it rests on. */
  readonly count: number;
  /** Of these, those whose size was known, so that their duration could be brought to that of today. */
  readonly scaled: number;
}

/** null: no past restore tells anything. Downloads restore nothing, and restores of collections are another matter. */
export function forecast(facts: RestoreFacts): Forecast | null {
  const { source, sourceJobs, request } = facts;
  if (!sourceJobs.known || request.collections !== null) return null;
  const point = chosenPoint(facts);
  const sizeBytes = point.known ? sizeOf(point.value.snapshot) : null;
  const snapshots = source.snapshots.known ? source.snapshots.value : null;
  const runs = sourceJobs.value
    .filter(({ delivery }) => delivery.known && delivery.value !== "download")
    .flatMap((job) => runOf(job, source.observedAt, sizeBytes, snapshots));
  const ordered = runs.map(({ ms }) => ms).sort((a, b) => a - b);
  const [medianMs, p90Ms] = [rank(ordered, 0.5), rank(ordered, 0.9)];
  if (medianMs === undefined || p90Ms === undefined) return null;
  return { medianMs, p90Ms, count: runs.length, scaled: runs.filter(({ isScaled }) => isScaled).length };
}

/** The forecast in words, held against the policy's objective. */
export function describeForecast(facts: RestoreFacts): string {
  const expected = forecast(facts);
  const rto = facts.source.database.objectives?.rto;
  const limitMs = rto === undefined ? undefined : shortestMs(rto);
  if (expected === null)
    return `no history${limitMs === undefined ? "" : `; the objective (RTO) is ${formatSpan(limitMs)}`}`;
  const { medianMs, p90Ms, count, scaled } = expected;
  const basis = `from ${count} past restore${count === 1 ? "" : "s"}${scaled === 0 ? "" : `, ${scaled} scaled by size`}`;
  const words = `half of them within ${formatSpan(medianMs)}, nine of ten within ${formatSpan(p90Ms)} (${basis})`;
  return limitMs === undefined ? words : `${words}; ${against(p90Ms, limitMs, "RTO")}`;
}

/** `within the objective (RTO) of 4 h`. */
export function against(ms: number, limitMs: number, name: "RTO" | "RPO"): string {
  return `${ms <= limitMs ? "within" : "BEYOND"} the objective (${name}) of ${formatSpan(limitMs)}`;
}

interface Run {
  readonly ms: number;
  readonly isScaled: boolean;
}

/** The copying takes time by size, and the rest of the work does not: a smaller one is not taken to be faster. */
function runOf(
  job: RestoreJob,
  now: Date,
  sizeBytes: number | null,
  snapshots: readonly Snapshot[] | null,
): readonly Run[] {
  const { createdAt, finishedAt, snapshotId } = job;
  if (restoreState(job, now) !== "finished" || !createdAt.known || !finishedAt.known || finishedAt.value === null)
    return [];
  const ms = finishedAt.value.getTime() - createdAt.value.getTime();
  const restored = snapshots?.find(({ id }) => id.known && snapshotId.known && id.value === snapshotId.value);
  const pastBytes = restored === undefined ? null : sizeOf(restored);
  if (sizeBytes === null || pastBytes === null) return [{ ms, isScaled: false }];
  return [{ ms: ms * Math.max(1, sizeBytes / pastBytes), isScaled: true }];
}

function sizeOf({ sizeBytes }: Snapshot): number | null {
  return sizeBytes.known && sizeBytes.value !== null && sizeBytes.value > 0 ? sizeBytes.value : null;
}

/** The smallest value that so large a part of them does not exceed. */
function rank(ordered: readonly number[], part: number): number | undefined {
  return ordered[Math.ceil(ordered.length * part) - 1];
}
