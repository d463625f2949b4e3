/** The same question for continuous backup: does its window reach back as far as the policy's, at every instant. */
import type { Horizon } from "./demand.ts";
import type { ContinuousWindow } from "./model.ts";
import { firstGapMs } from "./shelves.ts";

/** The first instant at which no window reaches back far enough. */
export interface ContinuousBreach {
  readonly atMs: number;
  /** How far back the policy reaches then. */
  readonly owedFromMs: number;
  /** The window that reaches back furthest then, and how far it does; null: none works. */
  readonly best: { readonly window: ContinuousWindow; readonly reachesMs: number } | null;
}

/**
 * At every instant `t` one window must reach back to `max(bornMs, t - windowMs)`: what was before the birth is not owed,
 * and windows are not put together, for turning continuous backup off deletes all that it kept
 * (https://www.mongodb.com/docs/atlas/backup/cloud-backup/dedicated-cluster-backup/). null: it holds throughout.
 */
export function proveContinuous(
  windows: readonly ContinuousWindow[],
  windowMs: number,
  { fromMs, untilMs, bornMs }: Horizon,
): ContinuousBreach | null {
  const spans = windows.map((window) => enoughDuring(window, windowMs, bornMs));
  const atMs = firstGapMs(spans, Math.max(fromMs, bornMs), untilMs);
  if (atMs >= untilMs) return null;
  const reaching = windows
    .filter((window) => window.fromMs <= atMs && atMs < window.untilMs)
    .map((window) => ({ window, reachesMs: Math.max(window.fromMs, atMs - window.windowMs) }));
  const best = reaching.toSorted((a, b) => a.reachesMs - b.reachesMs)[0];
  return { atMs, owedFromMs: Math.max(bornMs, atMs - windowMs), best: best ?? null };
}

/**
 * When a window reaches back far enough, which is one stretch of time: one that began later than the cluster needs to grow
 * old enough, and one that is too short is enough only while the cluster is young.
 */
function enoughDuring(window: ContinuousWindow, owedMs: number, bornMs: number): { fromMs: number; untilMs: number } {
  const grownMs = window.fromMs <= bornMs ? window.fromMs : window.fromMs + owedMs;
  const outgrownMs = window.windowMs >= owedMs ? Number.POSITIVE_INFINITY : bornMs + window.windowMs + 1;
  const holdsNothing = window.lagMs >= owedMs;
  return { fromMs: grownMs, untilMs: holdsNothing ? grownMs : Math.min(window.untilMs, outgrownMs) };
}
