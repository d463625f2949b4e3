/**
 * What one place alone can restore: the points of one kind in it, or its continuous window, as runs of ages that are all
 * restored as finely, from the same class. Five years of days are asked for: a day costs little more than a look at each point.
 */
import { SECOND_MS } from "../../core/duration.ts";
import { type Grade, gradeOf } from "./grade.ts";
import { carries } from "./losses.ts";
import type { ContinuousWindow, RestorePoint, Stage, Supply } from "./model.ts";

/** In order of time; the last run ends now, and none is missing between. Instants that are asked for must not go back. */
export type Series = (atMs: number) => readonly Run[];

/** Instants of data, [fromMs, untilMs), all restored in one way. */
export interface Run {
  readonly by: "continuous" | RestorePoint["kind"];
  readonly place: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly grade: Grade;
  readonly storageClass: string;
  readonly firstByteMs: number | null;
  /** The longest distance between two restorable instants around any of [fromMs, untilMs). */
  readonly granularityMs: (fromMs: number, untilMs: number) => number;
}

/** In an order of their own, whatever that of the supply: of equals, the first is named. */
export function seriesOf({ points, continuous }: Supply): readonly Series[] {
  const windows = grouped(continuous, ({ place, untilMs, windowMs, lagMs, firstByteMs }) =>
    [place.label, untilMs, windowMs, lagMs, firstByteMs].join(" "),
  );
  const places = grouped(points, ({ kind, place }) => `${NEARNESS[kind]} ${place.label}`);
  return [...windows.map(([window]) => windowSeries(window, points)), ...places.map(pointSeries)];
}

const NEARNESS = { snapshot: 0, copy: 1, archive: 2 } as const satisfies Record<RestorePoint["kind"], number>;

/** No group is empty. */
type Group<T> = readonly [T, ...(readonly T[])];

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly Group<T>[] {
  const groups = [...Map.groupBy(items, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  return groups.flatMap(([, [first, ...others]]) => (first === undefined ? [] : [[first, ...others] as const]));
}

/** Every second of the window, and after it the little that is not yet kept. */
function windowSeries(window: ContinuousWindow, points: readonly RestorePoint[]): Series {
  const { lagMs, firstByteMs, place } = window;
  const from = { by: "continuous", place: place.label, storageClass: "Atlas", firstByteMs } as const;
  const aliveAt = living(points.filter((point) => carries(point, window)));
  return (atMs) => {
    const oldestMs = aliveAt(atMs)[0]?.dataMs ?? Number.POSITIVE_INFINITY;
    const fromMs = Math.max(oldestMs, atMs - window.windowMs);
    const untilMs = atMs - lagMs;
    if (atMs >= window.untilMs || fromMs >= untilMs) return [];
    const kept: Run = { ...from, fromMs, untilMs, grade: "second", granularityMs: () => SECOND_MS };
    const lag: Run = { ...from, fromMs: untilMs, untilMs: atMs, grade: gradeOf(lagMs), granularityMs: () => lagMs };
    return lagMs === 0 ? [kept] : [kept, lag];
  };
}

function pointSeries(points: Group<RestorePoint>): Series {
  const aliveAt = living(points);
  return (atMs) => runsOf(points[0], gapsBetween(aliveAt(atMs), atMs));
}

/** Those that are there, in the order of their data. */
function living(points: readonly RestorePoint[]): (atMs: number) => readonly RestorePoint[] {
  const arrivals = points.toSorted((a, b) => a.fromMs - b.fromMs);
  let arrived = 0;
  let alive: readonly RestorePoint[] = [];
  return (atMs) => {
    const stay = alive.filter((point) => point.untilMs > atMs);
    for (let next = arrivals[arrived]; next !== undefined && next.fromMs <= atMs; next = arrivals[arrived]) {
      arrived += 1;
      if (next.untilMs > atMs) insert(stay, next);
    }
    alive = stay;
    return alive;
  };
}

/** What comes is nearly always the newest. */
function insert(points: RestorePoint[], point: RestorePoint): void {
  points.splice(points.findLastIndex((other) => byData(other, point) < 0) + 1, 0, point);
}

function byData(a: RestorePoint, b: RestorePoint): number {
  return a.dataMs - b.dataMs || (a.id < b.id ? -1 : 1);
}

/** The instants from a point up to the next of its place, and how they are restored. */
interface Gap {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly grade: Grade;
  readonly stage: Stage;
  readonly granularityMs: number;
}

function gapsBetween(alive: readonly RestorePoint[], atMs: number): readonly Gap[] {
  const gaps: Gap[] = [];
  let fastestMs = Number.POSITIVE_INFINITY;
  for (const [index, point] of alive.entries()) {
    const fromMs = point.dataMs;
    const untilMs = Math.min(alive[index + 1]?.dataMs ?? atMs, atMs);
    const stage = stageAt(point, atMs);
    if (fromMs < untilMs) {
      const granularityMs = untilMs - fromMs;
      const gap = { fromMs, untilMs, grade: gradeOf(granularityMs), stage, granularityMs };
      gaps.push(fastestMs < speedMs(stage) ? fastestGap(alive, index, gap, atMs) : gap);
    }
    fastestMs = Math.min(fastestMs, speedMs(stage));
  }
  return gaps;
}

/** An older point takes the place of the newest one before the gap's end where it is faster, and as fine by grade. */
function fastestGap(alive: readonly RestorePoint[], newest: number, gap: Gap, atMs: number): Gap {
  let best = gap;
  for (let index = newest - 1; index >= 0; index -= 1) {
    const point = alive[index];
    if (point === undefined || gradeOf(gap.untilMs - point.dataMs) !== gap.grade) break;
    const stage = stageAt(point, atMs);
    if (speedMs(stage) < speedMs(best.stage)) best = { ...gap, stage, granularityMs: gap.untilMs - point.dataMs };
  }
  return best;
}

function stageAt(point: RestorePoint, atMs: number): Stage {
  const { stages } = point;
  let stage = stages[0];
  for (const later of stages) if (later.fromMs <= atMs) stage = later;
  if (stage === undefined) throw new RangeError(`${point.id} is in no class`);
  return stage;
}

/** What nobody knows is slower than anything. */
function speedMs({ firstByteMs }: Stage): number {
  return firstByteMs ?? Number.POSITIVE_INFINITY;
}

function runsOf(series: RestorePoint, gaps: readonly Gap[]): readonly Run[] {
  const runs: Run[] = [];
  let first = 0;
  for (const [index, gap] of gaps.entries()) {
    const next = gaps[index + 1];
    if (next !== undefined && isAlike(gap, next)) continue;
    runs.push(runOf(series, gap, gaps.slice(first, index + 1)));
    first = index + 1;
  }
  return runs;
}

function isAlike(a: Gap, b: Gap): boolean {
  return (
    a.grade === b.grade && a.stage.storageClass === b.stage.storageClass && a.stage.firstByteMs === b.stage.firstByteMs
  );
}

function runOf({ kind: by, place }: RestorePoint, { untilMs, grade, stage }: Gap, gaps: readonly Gap[]): Run {
  const granularityMs = (from: number, until: number) =>
    gaps.reduce(
      (most, gap) => (gap.fromMs < until && from < gap.untilMs ? Math.max(most, gap.granularityMs) : most),
      0,
    );
  const { storageClass, firstByteMs } = stage;
  const fromMs = gaps[0]?.fromMs ?? untilMs;
  return { by, place: place.label, fromMs, untilMs, grade, storageClass, firstByteMs, granularityMs };
}
