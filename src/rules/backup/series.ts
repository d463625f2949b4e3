/** Which points stand in the series of a frequency, from when on it is owed, and where it has holes. */
import { formatDuration, formatSpan, subtractDuration } from "../../core/duration.ts";
import { mapObserved, type Observed } from "../../core/observed.ts";
import { all } from "../../core/tri.ts";
import type { SnapshotPolicy } from "../../policy/schema.ts";
import { type BackupFacts, birth } from "./facts.ts";
import { type DatedPoint, isDated, type Point, restorePoints, serves } from "./points.ts";

/** The points of one frequency: those that certainly stand in its series, and those that may. */
export interface Series {
  readonly certain: readonly DatedPoint[];
  readonly possible: readonly DatedPoint[];
  /** Points that may stand in the series but whose time could not be read: they could be anywhere. */
  readonly undated: readonly Point[];
}

export function seriesOf(facts: BackupFacts, entry: SnapshotPolicy): Observed<Series> {
  const belongs = serves(facts, entry.frequency);
  return mapObserved(facts.snapshots, (snapshots) => {
    const value = (point: Point) => all(point.good, belongs(point));
    const candidates = restorePoints(facts, snapshots).filter((point) => value(point) !== "no");
    const possible = candidates.filter(isDated);
    return {
      certain: possible.filter((point) => value(point) === "yes"),
      possible,
      undated: candidates.filter((point) => !isDated(point)),
    };
  });
}

/** From where the policy owes a whole series: its retention or the cluster's birth, whichever is later. */
export function seriesStart(
  facts: BackupFacts,
  entry: SnapshotPolicy,
): { readonly at: Date; readonly because: string } {
  const retention = {
    at: subtractDuration(facts.observedAt, entry.retain),
    because: `over the last ${formatDuration(entry.retain)}`,
  };
  const born = birth(facts);
  if (!born.known || born.value <= retention.at) return retention;
  const age = formatSpan(facts.observedAt.getTime() - born.value.getTime());
  return {
    at: born.value,
    because: `since the cluster was created ${age} ago (the policy's ${formatDuration(entry.retain)} are not over yet)`,
  };
}

export interface Hole {
  readonly from: Date;
  readonly to: Date;
}

/** Gaps longer than `limitMs` from `start` to the first of `instants` (oldest first) and from each to the next. */
export function holesIn(instants: readonly Date[], start: Date, limitMs: number): readonly Hole[] {
  const holes: Hole[] = [];
  let from = start;
  for (const to of instants) {
    if (to < start) continue;
    if (to.getTime() - from.getTime() > limitMs) holes.push({ from, to });
    from = to;
  }
  return holes;
}

/** The points that may stand in the series from `start` on, or may not. */
export function uncertain(series: Series, start: Date): readonly Point[] {
  const certain = new Set<Point>(series.certain);
  return [...series.undated, ...series.possible.filter((point) => !certain.has(point) && point.createdAt >= start)];
}

/** Names the points that a verdict would need and that could not be read; undefined when there are none. */
export function unsure(series: Series, start = new Date(0)): string | undefined {
  const names = uncertain(series, start).map((point) => point.name);
  if (names.length === 0) return undefined;
  return `snapshot ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
}
