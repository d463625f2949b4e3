/** The same question for continuous backup: does its window reach back as far as the policy's, at every instant. */
import type { Horizon } from "./demand.ts";
import { carries } from "./losses.ts";
import type { ContinuousWindow, RestorePoint, Supply } from "./model.ts";
import { firstGapMs } from "./shelves.ts";

/** The first instant at which no window reaches back far enough. */
export interface ContinuousBreach {
  readonly atMs: number;
  /** How far back the policy reaches then. */
  readonly owedFromMs: number;
  /** The window that reaches back furthest then, and how far it does; null: none works. */
  readonly best: Reach | null;
}

interface Reach {
  readonly window: ContinuousWindow;
  readonly reachesMs: number;
  /** The oldest point that it can start from, where that is what it ends with; null: it is the length of the window. */
  readonly startsFrom: RestorePoint | null;
}

export interface OwedWindow {
  readonly windowMs: number;
  /** By how much the oldest point may be too young. */
  readonly slackMs: number;
}

/**
 * At every instant `t` one window must reach back to `max(bornMs, t - windowMs)`: what was before the birth is not owed,
 * and windows are not put together, for turning continuous backup off deletes all that it kept
 * (https://www.mongodb.com/docs/atlas/backup/cloud-backup/dedicated-cluster-backup/). null: it holds throughout.
 */
export function proveContinuous(
  { points, continuous }: Supply,
  owed: OwedWindow,
  { fromMs, untilMs, bornMs }: Horizon,
): ContinuousBreach | null {
  const spans = continuous.flatMap((window) =>
    points.filter((point) => carries(point, window)).map((point) => enoughDuring(window, point, owed, bornMs)),
  );
  const inOrder = spans.sort((a, b) => a.fromMs - b.fromMs);
  const atMs = firstGapMs(inOrder, Math.max(fromMs, bornMs), untilMs);
  if (atMs >= untilMs) return null;
  const reaching = continuous.map((window) => reachOf(window, points, atMs)).filter((reach) => reach !== null);
  const best = reaching.toSorted((a, b) => a.reachesMs - b.reachesMs)[0];
  return { atMs, owedFromMs: Math.max(bornMs, atMs - owed.windowMs), best: best ?? null };
}

/**
 * When a window reaches back far enough from one point, which is one stretch of time: a point must have grown old enough, if it is
 * younger than the cluster, and a window that is too short is enough only while the cluster is young.
 */
function enoughDuring(
  window: ContinuousWindow,
  point: RestorePoint,
  { windowMs, slackMs }: OwedWindow,
  bornMs: number,
): { fromMs: number; untilMs: number } {
  const sinceMs = point.dataMs - slackMs;
  const fromMs = Math.max(point.fromMs, sinceMs <= bornMs ? point.dataMs : sinceMs + windowMs);
  const outgrownMs = window.windowMs >= windowMs ? Number.POSITIVE_INFINITY : bornMs + window.windowMs + 1;
  const holdsNothing = window.lagMs >= windowMs;
  return { fromMs, untilMs: holdsNothing ? fromMs : Math.min(window.untilMs, point.untilMs, outgrownMs) };
}

/** Null: it does not work then. */
function reachOf(window: ContinuousWindow, points: readonly RestorePoint[], atMs: number): Reach | null {
  if (atMs >= window.untilMs) return null;
  const there = points.filter((point) => carries(point, window) && point.fromMs <= atMs && atMs < point.untilMs);
  if (there.length === 0) return null;
  const oldest = there.reduce((one, other) => (other.dataMs < one.dataMs ? other : one));
  const shortestMs = atMs - window.windowMs;
  return oldest.dataMs > shortestMs
    ? { window, reachesMs: oldest.dataMs, startsFrom: oldest }
    : { window, reachesMs: shortestMs, startsFrom: null };
}
