/** The failure budget: how many runs of a schedule may be missed one after the other before the policy breaks. */
import { type Horizon, owedSlots } from "./demand.ts";
import { fewestRuns } from "./misses.ts";
import type { Breach, OwedSlot, RestorePoint, Supply, Tier } from "./model.ts";
import { breachOf, prove } from "./proof.ts";
import { fillers, type Shelves, shelve } from "./shelves.ts";

export type Budget =
  /** It breaks although nothing is missed. */
  | { readonly kind: "broken"; readonly breach: Breach }
  /** No slot that is owed within the horizon needs any run of it. */
  | { readonly kind: "unneeded" }
  /** So many runs may be missed, whichever they are; one more and it breaks, if they are these. */
  | { readonly kind: "misses"; readonly mayMiss: number; readonly breaking: Misses };

/** The fewest consecutive runs whose loss breaks the policy; of several such, those that break it first. */
export interface Misses {
  /** The instants of the runs, which are those of the data. */
  readonly runsMs: readonly number[];
  readonly breach: Breach;
  /** From the last run missed to the breach. */
  readonly afterMs: number;
}

/**
 * The budget of each of those that make points (`RestorePoint.makers`) as regards these tiers. A run is all that is planned to be
 * made of the data of one instant, copies included, and what other items that fire with it would have made: it is one snapshot.
 * What is there already cannot be missed any more.
 */
export function failureBudgets(
  supply: Supply,
  tiers: readonly Tier[],
  makers: readonly string[],
  horizon: Horizon,
): readonly Budget[] {
  const { breach } = prove(supply, tiers, horizon);
  if (breach !== null) return makers.map(() => ({ kind: "broken", breach }));
  const shelves = shelve(supply.points);
  return makers.map((maker) => budgetOf(supply, shelves, tiers, maker, horizon));
}

function budgetOf(
  { points: all }: Supply,
  shelves: Shelves,
  tiers: readonly Tier[],
  madeBy: string,
  horizon: Horizon,
): Budget {
  const isOwn = ({ isSeen, tier, makers }: RestorePoint) => !isSeen && (makers ?? [tier]).includes(madeBy);
  const runsMs = [...new Set(all.filter(isOwn).map(({ dataMs }) => dataMs))].sort((a, b) => a - b);
  const numbers = new Map(runsMs.map((ms, index) => [ms, index]));
  const numberOf = (point: RestorePoint) => (isOwn(point) ? numbers.get(point.dataMs) : undefined);
  let fewest: Misses | undefined;
  for (const tier of tiers) {
    for (const slot of owedSlots(tier, horizon)) {
      // no other breaks it with less than one run, and this one no earlier than it is owed
      if (fewest?.runsMs.length === 1 && slot.owedFromMs >= fewest.breach.atMs) continue;
      fewest = fewer(fewest, missesOf(slot, fillers(shelves, slot), { runsMs, numberOf }, horizon));
    }
  }
  return fewest === undefined
    ? { kind: "unneeded" }
    : { kind: "misses", mayMiss: fewest.runsMs.length - 1, breaking: fewest };
}

interface Runs {
  readonly runsMs: readonly number[];
  /** Which of them a point is of; undefined: of none. */
  readonly numberOf: (point: RestorePoint) => number | undefined;
}

function missesOf(
  slot: OwedSlot,
  points: readonly RestorePoint[],
  { runsMs, numberOf }: Runs,
  { fromMs, untilMs }: Horizon,
): Misses | undefined {
  const lives = points.map((point) => ({
    fromMs: point.fromMs,
    untilMs: point.untilMs,
    run: numberOf(point) ?? null,
  }));
  const gap = fewestRuns(lives, Math.max(slot.owedFromMs, fromMs), Math.min(slot.owedUntilMs, untilMs));
  if (gap === undefined) return undefined;
  const missed = runsMs.slice(gap.first, gap.last + 1);
  const breach = breachOf(slot, gap.atMs, points);
  return { runsMs: missed, breach, afterMs: gap.atMs - (missed.at(-1) ?? gap.atMs) };
}

function fewer(a: Misses | undefined, b: Misses | undefined): Misses | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const difference = a.runsMs.length - b.runsMs.length || a.breach.atMs - b.breach.atMs;
  return difference <= 0 ? a : b;
}
