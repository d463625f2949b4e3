/** Which points stand in the series of a frequency, and whether the series has a hole. */
import type { Check } from "../../core/check.ts";
import { formatDuration, formatSpan, shortestMs, subtractDuration } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import { mapObserved, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { all } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { SnapshotPolicy } from "../../policy/schema.ts";
import { type BackupFacts, birth } from "./facts.ts";
import { type DatedPoint, intervalMs, isDated, type Point, restorePoints, serves } from "./points.ts";
import { investigate } from "./remedies.ts";

export const snapshotSeries: Check<BackupFacts> = {
  id: "backup/snapshot-series",
  title: "the series of snapshots has no hole over its retention",
  remedy: (facts) =>
    `${investigate(facts)}; a missed snapshot cannot be made up for: take one now and note the gap for the auditor`,
  judge: (facts) => facts.database.snapshots.map((entry) => ({ ...judgeSeries(facts, entry), scope: entry.frequency })),
};

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
  const starts = [
    retention,
    ...(born.known
      ? [
          {
            at: born.value,
            because: `since the cluster was created ${formatSpan(facts.observedAt.getTime() - born.value.getTime())} ago (the policy's ${formatDuration(entry.retain)} are not over yet)`,
          },
        ]
      : []),
  ];
  return starts.reduce((latest, start) => (start.at > latest.at ? start : latest));
}

function judgeSeries(facts: BackupFacts, entry: SnapshotPolicy): Verdict {
  const series = seriesOf(facts, entry);
  const interval = intervalMs(facts, entry.frequency);
  if (!series.known) return unknown(series.reason);
  if (!interval.known) return unknown(interval.reason);
  const whole = seriesStart(facts, entry);
  const { since } = facts; // for holes only: what is kept and copied is owed all the same
  const start = since !== null && since > whole.at ? { at: since, because: `since ${formatInstant(since)}` } : whole;
  const limitMs = interval.value + shortestMs(facts.database.grace);
  const holes = seriesHoles(series.value.certain, start.at, facts.observedAt, limitMs);
  const within = series.value.certain.filter((point) => point.createdAt >= start.at).length;
  const evidence = { expected: `no gap over ${formatSpan(limitMs)}`, snapshots: within, since: start.at.toISOString() };
  if (holes.length === 0 && !mayGoOn(facts, series.value, start.at, limitMs)) {
    if (within > 0)
      return pass(`${within} completed ${entry.frequency} snapshots without a hole ${start.because}`, evidence);
    const born = birth(facts);
    if (!born.known) return unknown(born.reason, evidence);
    const none = `no ${entry.frequency} snapshot, and none owed yet, ${start.because}`;
    return start.at === facts.since ? warn(none, evidence) : pass(none, evidence);
  }
  const described = { ...evidence, actual: holes.slice(0, MAX_HOLES_SHOWN).map(describeHole), holes: holes.length };
  const atBest = holesAtBest(facts, series.value, start.at, limitMs);
  if (atBest.length === 0 || series.value.undated.length > 0)
    return unknown(
      `whether the ${entry.frequency} series has a hole cannot be read: ${unsure(series.value) ?? "when the cluster was created"}`,
      described,
    );
  const longest = holes.reduce((a, b) =>
    b.to.getTime() - b.from.getTime() > a.to.getTime() - a.from.getTime() ? b : a,
  );
  return fail(
    `${holes.length === 1 ? "a hole" : `${holes.length} holes`} in the ${entry.frequency} series ${start.because}; the longest is ${describeHole(longest)}`,
    described,
  );
}

/** Whether an unreadable snapshot may belong to the series so long after the newest certain one that a hole lies between. */
function mayGoOn(facts: BackupFacts, series: Series, start: Date, limitMs: number): boolean {
  const last = series.certain.at(-1)?.createdAt ?? start;
  const from = last > start ? last : start;
  return uncertain(series, from).length > 0 && facts.observedAt.getTime() - from.getTime() > limitMs;
}

/**
 * The holes of the reading that has the fewest: uncertain points fill gaps and open none at the end, and a cluster
 * whose birth cannot be read is as young as its oldest snapshot.
 */
function holesAtBest(facts: BackupFacts, { certain, possible }: Series, start: Date, limitMs: number): readonly Hole[] {
  const oldest = possible[0]?.createdAt ?? facts.observedAt;
  const from = birth(facts).known || oldest < start ? start : oldest;
  const owed = possible.filter((point) => point.createdAt >= from);
  const last = certain.at(-1);
  const least = last === undefined ? 0 : owed.indexOf(last);
  return seriesHoles(owed.slice(0, Math.max(least, 0) + 1), from, facts.observedAt, limitMs);
}

const MAX_HOLES_SHOWN = 10;

interface Hole {
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

/** What follows the newest point is its age, judged elsewhere; without any point the whole span may be one hole. */
function seriesHoles(points: readonly DatedPoint[], start: Date, now: Date, limitMs: number): readonly Hole[] {
  const instants = points.map((point) => point.createdAt).filter((at) => at >= start);
  return holesIn(instants.length === 0 ? [now] : instants, start, limitMs);
}

function describeHole(hole: Hole): string {
  return `${formatInstant(hole.from)} to ${formatInstant(hole.to)} (${formatSpan(hole.to.getTime() - hole.from.getTime())})`;
}

/** The points that may stand in the series from `start` on, or may not. */
function uncertain(series: Series, start: Date): readonly Point[] {
  const certain = new Set<Point>(series.certain);
  return [...series.undated, ...series.possible.filter((point) => !certain.has(point) && point.createdAt >= start)];
}

/** Names the points that a verdict would need and that could not be read; undefined when there are none. */
export function unsure(series: Series, start = new Date(0)): string | undefined {
  const names = uncertain(series, start).map((point) => point.name);
  if (names.length === 0) return undefined;
  return `snapshot ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
}
