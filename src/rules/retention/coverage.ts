/**
 * Coverage: for one instant and every age of data, the finest way to restore it, where that lies and how long its first
 * byte takes.
 *
 * To have the data as they were at an instant, one restores the newest point at or before it. How fine that is, is the
 * distance from there to the next point of the same place: no instant between the two can be had. After a place's newest
 * point the next is now. Of all places the finest grade counts, then the fastest, then the smallest distance.
 */
import { SECOND_MS } from "../../core/duration.ts";
import { coarseness, type Grade, gradeOf } from "./grade.ts";
import type { ContinuousWindow, RestorePoint, Stage, Supply } from "./model.ts";

/** A stretch of ages, half open, all of which are restored in one way. */
export interface AgeSpan {
  readonly fromAgeMs: number;
  readonly untilAgeMs: number;
  readonly way: Way;
}

/** `unborn`: there were no such data to keep; `nothing`: there were, and they cannot be restored. */
export type Way = Restorable | { readonly kind: "nothing" } | { readonly kind: "unborn" };

export interface Restorable {
  readonly kind: "restorable";
  readonly by: "continuous" | RestorePoint["kind"];
  readonly grade: Grade;
  /** The longest distance between two restorable instants in the span. */
  readonly granularityMs: number;
  readonly place: string;
  readonly storageClass: string;
  /** Null: nobody knows. */
  readonly firstByteMs: number | null;
  /** Other places where the same ages are kept in the same grade. */
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
  const series = [...byKey(supply.continuous, windowKey).map(windowGaps), ...seriesOf(supply.points).map(pointGaps)];
  for (const atMs of instants)
    yield {
      atMs,
      spans: sweep(
        series.map((gapsAt) => gapsAt(atMs)),
        atMs,
        extent,
      ),
    };
}

/** Worse is greater: `nothing`, then coarser, then slower, then the longer distance; `unborn` is no complaint at all. */
export function compareWays(a: Way, b: Way): number {
  if (a.kind !== "restorable" || b.kind !== "restorable") return BADNESS[a.kind] - BADNESS[b.kind];
  return (
    coarseness(a.grade) - coarseness(b.grade) ||
    difference(a.firstByteMs ?? Number.POSITIVE_INFINITY, b.firstByteMs ?? Number.POSITIVE_INFINITY) ||
    a.granularityMs - b.granularityMs
  );
}

export function worse(a: Way, b: Way | undefined): Way {
  return b === undefined || compareWays(a, b) >= 0 ? a : b;
}

/** As a span of its own, or as more of the last one. */
export function appendSpan(spans: AgeSpan[], span: AgeSpan): void {
  if (span.fromAgeMs >= span.untilAgeMs) return;
  const last = spans.at(-1);
  if (last === undefined || !isSame(last.way, span.way)) spans.push(span);
  else spans[spans.length - 1] = { ...last, untilAgeMs: span.untilAgeMs, way: worse(last.way, span.way) };
}

const BADNESS = { unborn: 0, restorable: 1, nothing: 2 } as const satisfies Record<Way["kind"], number>;

/** Of numbers that may both be Infinity. */
function difference(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

/** Instants of data that one series restores in one way. A series' gaps follow each other up to now. */
interface Gap {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly way: Restorable;
}

/** Of one series at an instant; instants must not go back. */
type GapsAt = (atMs: number) => readonly Gap[];

function seriesOf(points: readonly RestorePoint[]): readonly (readonly RestorePoint[])[] {
  return byKey(points, ({ kind, place }) => `${NEARNESS[kind]} ${place.label}`);
}

/** Of equals, what comes first is named. */
const NEARNESS = { snapshot: 0, copy: 1, archive: 2 } as const satisfies Record<RestorePoint["kind"], number>;

function windowKey({ place, fromMs, untilMs, windowMs, lagMs, firstByteMs }: ContinuousWindow): string {
  return [place.label, fromMs, untilMs, windowMs, lagMs, firstByteMs].join(" ");
}

/** Groups in the order of their keys, whatever the order of what is grouped. */
function byKey<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = [...Map.groupBy(items, keyOf)];
  return groups.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** Every second of the window, and after it the little that is not yet kept. */
function windowGaps([window]: readonly ContinuousWindow[]): GapsAt {
  if (window === undefined) return () => [];
  const way = {
    kind: "restorable",
    by: "continuous",
    place: window.place.label,
    storageClass: "Atlas",
    firstByteMs: window.firstByteMs,
    alsoIn: [],
  } as const;
  return (atMs) => {
    const fromMs = Math.max(window.fromMs, atMs - window.windowMs);
    const untilMs = atMs - window.lagMs;
    if (atMs < window.fromMs || atMs >= window.untilMs || fromMs >= untilMs) return [];
    const seconds: Gap = { fromMs, untilMs, way: { ...way, grade: "second", granularityMs: SECOND_MS } };
    if (untilMs === atMs) return [seconds];
    const lag: Restorable = { ...way, grade: gradeOf(window.lagMs), granularityMs: window.lagMs };
    return [seconds, { fromMs: untilMs, untilMs: atMs, way: lag }];
  };
}

function pointGaps(series: readonly RestorePoint[]): GapsAt {
  const arrivals = series.toSorted((a, b) => a.fromMs - b.fromMs || a.dataMs - b.dataMs || (a.id < b.id ? -1 : 1));
  let arrived = 0;
  let alive: RestorePoint[] = [];
  return (atMs) => {
    const before = arrived;
    while (arrived < arrivals.length && (arrivals[arrived]?.fromMs ?? atMs) <= atMs) arrived += 1;
    const came = arrivals.slice(before, arrived);
    if (came.length > 0) alive = [...alive, ...came].sort((a, b) => a.dataMs - b.dataMs || (a.id < b.id ? -1 : 1));
    if (alive.some(({ untilMs }) => untilMs <= atMs)) alive = alive.filter(({ untilMs }) => untilMs > atMs);
    return gapsBetween(alive, atMs);
  };
}

function gapsBetween(alive: readonly RestorePoint[], atMs: number): readonly Gap[] {
  const gaps: Gap[] = [];
  for (const [index, point] of alive.entries()) {
    const untilMs = Math.min(alive[index + 1]?.dataMs ?? atMs, atMs);
    if (point.dataMs < untilMs)
      gaps.push({ fromMs: point.dataMs, untilMs, way: bestUpTo(alive, index, untilMs, atMs) });
  }
  return gaps;
}

/** An earlier point takes the place of the newest before `untilMs` where it is as fine by grade and faster. */
function bestUpTo(alive: readonly RestorePoint[], newest: number, untilMs: number, atMs: number): Restorable {
  const grade = gradeOf(untilMs - (alive[newest]?.dataMs ?? untilMs));
  let best: Restorable | undefined;
  for (let index = newest; index >= 0; index -= 1) {
    const point = alive[index];
    if (point === undefined || gradeOf(untilMs - point.dataMs) !== grade) break;
    const way = wayOf(point, untilMs - point.dataMs, grade, atMs);
    if (best === undefined || compareWays(way, best) < 0) best = way;
  }
  if (best === undefined) throw new RangeError("a gap begins with a point");
  return best;
}

function wayOf(point: RestorePoint, granularityMs: number, grade: Grade, atMs: number): Restorable {
  const { storageClass, firstByteMs } = stageAt(point, atMs);
  const { kind: by, place } = point;
  return { kind: "restorable", by, grade, granularityMs, place: place.label, storageClass, firstByteMs, alsoIn: [] };
}

function stageAt({ id, stages }: RestorePoint, atMs: number): Stage {
  const stage = stages.findLast(({ fromMs }) => fromMs <= atMs) ?? stages[0];
  if (stage === undefined) throw new RangeError(`${id} is in no class`);
  return stage;
}

/** From now back into the past, over the gaps of all series at once. */
function sweep(series: readonly (readonly Gap[])[], atMs: number, { horizonMs, bornMs }: Extent): readonly AgeSpan[] {
  const oldestMs = atMs - horizonMs;
  const spans: AgeSpan[] = [];
  const next = series.map((gaps) => gaps.length - 1);
  let toMs = atMs;
  while (toMs > oldestMs) {
    const here = series.map((gaps, index) => gaps[next[index] ?? -1]).filter((gap) => gap !== undefined);
    if (here.length === 0) break;
    const fromMs = here.reduce((latest, gap) => Math.max(latest, gap.fromMs), oldestMs);
    appendSpan(spans, { fromAgeMs: atMs - toMs, untilAgeMs: atMs - fromMs, way: finest(here) });
    for (const [index, gaps] of series.entries()) {
      const at = next[index] ?? -1;
      if (gaps[at]?.fromMs === fromMs) next[index] = at - 1;
    }
    toMs = fromMs;
  }
  const livedMs = Math.min(toMs, Math.max(oldestMs, bornMs));
  appendSpan(spans, { fromAgeMs: atMs - toMs, untilAgeMs: atMs - livedMs, way: { kind: "nothing" } });
  appendSpan(spans, { fromAgeMs: atMs - livedMs, untilAgeMs: horizonMs, way: { kind: "unborn" } });
  return spans;
}

function finest(gaps: readonly Gap[]): Restorable {
  const { way } = gaps.reduce((best, gap) => (compareWays(gap.way, best.way) < 0 ? gap : best));
  const others = gaps.filter((gap) => gap.way.grade === way.grade && gap.way.place !== way.place);
  return others.length === 0 ? way : { ...way, alsoIn: [...new Set(others.map((gap) => gap.way.place))].sort() };
}

function isSame(a: Way, b: Way): boolean {
  if (a.kind !== "restorable" || b.kind !== "restorable") return a.kind === b.kind;
  return (
    a.by === b.by &&
    a.grade === b.grade &&
    a.place === b.place &&
    a.storageClass === b.storageClass &&
    a.firstByteMs === b.firstByteMs &&
    a.alsoIn.join() === b.alsoIn.join()
  );
}
