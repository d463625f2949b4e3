/** How long a snapshot of a cluster usually takes: an estimate from the events of its past, and never more than that. */
import type { SnapshotEvent } from "../../ports/atlas-changes.ts";

export interface Estimate {
  readonly medianMs: number;
  /** How many past snapshots it rests on. */
  readonly count: number;
}

/** Fewer say nothing. */
const MIN_RUNS = 3;

/** Each start is paired with the first completion after it, unless another snapshot began in between; null: too few. */
export function estimate(events: readonly SnapshotEvent[]): Estimate | null {
  const ordered = events.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const runs = ordered.flatMap(({ at, kind }, index) => {
    const next = ordered[index + 1];
    return kind === "started" && next?.kind === "completed" ? [next.at.getTime() - at.getTime()] : [];
  });
  const middle = runs.toSorted((a, b) => a - b)[Math.floor(runs.length / 2)];
  return middle === undefined || runs.length < MIN_RUNS ? null : { medianMs: middle, count: runs.length };
}
