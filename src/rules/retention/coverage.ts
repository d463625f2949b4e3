/**
 * Coverage: for one instant and every age of data, the finest way to restore it, where that lies and how long its first
 * byte takes.
 *
 * To have the data as they were at an instant, one restores the newest point at or before it. How fine that is, is the
 * distance from there to the next point of the same place: no instant between the two can be had. After a place's newest
 * point the next is now. Of all places the finest grade counts, then the fastest.
 */
import { coarseness, type Grade } from "./grade.ts";
import type { Supply } from "./model.ts";
import { type Run, type Series, seriesOf } from "./series.ts";

/** A stretch of ages, half open, all of which are restored in one way. */
export interface AgeSpan {
  readonly fromAgeMs: number;
  readonly untilAgeMs: number;
  readonly way: Way;
  /** Of the worst over many instants: the first of those at which it is so. */
  readonly atMs?: number;
}

/** `unborn`: there were no such data to keep; `nothing`: there were, and they cannot be restored. */
export type Way = Restorable | { readonly kind: "nothing" } | { readonly kind: "unborn" };

export interface Restorable {
  readonly kind: "restorable";
  readonly by: Run["by"];
  readonly grade: Grade;
  /** The longest distance between two restorable instants in the span. */
  readonly granularityMs: number;
  readonly place: string;
  readonly storageClass: string;
  /** Null: nobody knows. */
  readonly firstByteMs: number | null;
  /** Other places where all of the span is kept in the same grade. */
  readonly alsoIn: readonly string[];
}

export interface Extent {
  /** The oldest age that is looked at. */
  readonly horizonMs: number;
  /** Since when there are data; -Infinity: nobody knows. */
  readonly bornMs: number;
}

/** The spans of age from 0 to the horizon at `atMs`, in order and without gaps. */
export function coverageAt(supply: Supply, atMs: number, extent: Extent): readonly AgeSpan[] {
  return coverageOver(supply, [atMs], extent)
    .flatMap(({ spans }) => spans)
    .toArray();
}

export interface CoverageThen {
  readonly atMs: number;
  readonly spans: readonly AgeSpan[];
}

/** The same at each of several instants, which come in order of time: what is gone is looked at no more. */
export function* coverageOver(
  supply: Supply,
  instants: Iterable<number>,
  extent: Extent,
): Generator<CoverageThen, void, void> {
  const series = seriesOf(supply);
  for (const atMs of instants) yield { atMs, spans: sweep(series, atMs, extent) };
}

/** Worse is greater: `nothing`, then coarser, then slower, then the longer distance; `unborn` is no complaint at all. */
export function compareWays(a: Way, b: Way): number {
  if (a.kind !== "restorable" || b.kind !== "restorable") return BADNESS[a.kind] - BADNESS[b.kind];
  return compareFineness(a, b) || a.granularityMs - b.granularityMs;
}

/** Two neighbours as one, which is as bad as the worse of them. */
export function joined(newer: AgeSpan, older: AgeSpan): AgeSpan {
  const [worse, better] = compareWays(newer.way, older.way) >= 0 ? [newer, older] : [older, newer];
  return { ...worse, way: alsoFor(worse.way, better.way), fromAgeMs: newer.fromAgeMs, untilAgeMs: older.untilAgeMs };
}

/** `way`, also in those places alone that hold what is restored in the other way too. */
function alsoFor(way: Way, other: Way): Way {
  if (way.kind !== "restorable" || other.kind !== "restorable") return way;
  const alsoIn = way.alsoIn.filter((place) => place === other.place || other.alsoIn.includes(place));
  return alsoIn.length === way.alsoIn.length ? way : { ...way, alsoIn };
}

/** As a span of its own, or as more of the last one. */
export function appendSpan(spans: AgeSpan[], span: AgeSpan): void {
  if (span.fromAgeMs >= span.untilAgeMs) return;
  const last = spans.at(-1);
  if (last === undefined || !isSame(last.way, span.way)) spans.push(span);
  else spans[spans.length - 1] = joined(last, span);
}

const BADNESS = { unborn: 0, restorable: 1, nothing: 2 } as const satisfies Record<Way["kind"], number>;

/** From now back into the past, over the runs of all series at once. */
function sweep(series: readonly Series[], atMs: number, { horizonMs, bornMs }: Extent): readonly AgeSpan[] {
  const ahead = series.map((runsAt) => [...runsAt(atMs)]);
  const oldestMs = atMs - horizonMs;
  const spans: AgeSpan[] = [];
  let toMs = atMs;
  while (toMs > oldestMs) {
    const here = ahead.map((runs) => runs.at(-1)).filter((run) => run !== undefined);
    if (here.length === 0) break;
    const fromMs = here.reduce((latest, run) => Math.max(latest, run.fromMs), oldestMs);
    appendSpan(spans, { fromAgeMs: atMs - toMs, untilAgeMs: atMs - fromMs, way: finest(here, fromMs, toMs) });
    for (const runs of ahead) if (runs.at(-1)?.fromMs === fromMs) runs.pop();
    toMs = fromMs;
  }
  const livedMs = Math.min(toMs, Math.max(oldestMs, bornMs));
  appendSpan(spans, { fromAgeMs: atMs - toMs, untilAgeMs: atMs - livedMs, way: { kind: "nothing" } });
  appendSpan(spans, { fromAgeMs: atMs - livedMs, untilAgeMs: horizonMs, way: { kind: "unborn" } });
  return spans;
}

function finest(runs: readonly Run[], fromMs: number, untilMs: number): Restorable {
  const best = runs.reduce((one, other) => (compareFineness(other, one) < 0 ? other : one));
  const { by, grade, place, storageClass, firstByteMs } = best;
  const others = runs.filter((run) => run.grade === grade && run.place !== place).map((run) => run.place);
  const alsoIn = [...new Set(others)].sort();
  const granularityMs = best.granularityMs(fromMs, untilMs);
  return { kind: "restorable", by, grade, granularityMs, place, storageClass, firstByteMs, alsoIn };
}

/** Less is better. */
function compareFineness(a: Fineness, b: Fineness): number {
  return (
    coarseness(a.grade) - coarseness(b.grade) || difference(a.firstByteMs ?? UNKNOWN_MS, b.firstByteMs ?? UNKNOWN_MS)
  );
}

type Fineness = Pick<Restorable, "grade" | "firstByteMs">;

/** What nobody knows is slower than anything. */
const UNKNOWN_MS = Number.POSITIVE_INFINITY;

/** Of numbers that may both be Infinity. */
function difference(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function isSame(a: Way, b: Way): boolean {
  if (a.kind !== "restorable" || b.kind !== "restorable") return a.kind === b.kind;
  return (
    a.by === b.by &&
    a.grade === b.grade &&
    a.place === b.place &&
    a.storageClass === b.storageClass &&
    a.firstByteMs === b.firstByteMs
  );
}
