/** The failure budget: how many runs of a schedule may be missed one after the other before the policy breaks. */
import { type Horizon, owedSlots } from "./demand.ts";
import type { Breach, OwedSlot, RestorePoint, Supply, Tier } from "./model.ts";
import { breachOf, brokenMs, prove } from "./proof.ts";
import { fillers, shelve } from "./shelves.ts";

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
 * The budget of what makes points (`RestorePoint.makers`) as regards these tiers. A run is all that is planned to be made of
 * the data of one instant, copies included, and what other items that fire with it would have made: it is one snapshot. What
 * is there already cannot be missed any more.
 */
export function failureBudget(supply: Supply, tiers: readonly Tier[], madeBy: string, horizon: Horizon): Budget {
  const { breach } = prove(supply, tiers, horizon);
  if (breach !== null) return { kind: "broken", breach };
  const shelves = shelve(supply.points);
  const isOwn = ({ isSeen, tier, makers }: RestorePoint) => !isSeen && (makers ?? [tier]).includes(madeBy);
  const runsMs = [...new Set(supply.points.filter(isOwn).map(({ dataMs }) => dataMs))].sort((a, b) => a - b);
  const numbers = new Map(runsMs.map((ms, index) => [ms, index]));
  let fewest: Misses | undefined;
  for (const tier of tiers) {
    for (const slot of owedSlots(tier, horizon)) {
      const points = fillers(shelves, slot);
      const first = numbers.get(points.find(isOwn)?.dataMs ?? Number.NaN);
      const last = numbers.get(points.findLast(isOwn)?.dataMs ?? Number.NaN);
      if (first === undefined || last === undefined) continue;
      const ofSlot = runsMs.slice(first, last + 1);
      fewest = fewer(fewest, fewestMisses(slot, points, ofSlot, isOwn, horizon));
    }
  }
  return fewest === undefined
    ? { kind: "unneeded" }
    : { kind: "misses", mayMiss: fewest.runsMs.length - 1, breaking: fewest };
}

/** Every stretch of runs is looked at, with two ends that only move on: a longer one breaks whatever a part of it breaks. */
function fewestMisses(
  slot: OwedSlot,
  points: readonly RestorePoint[],
  runsMs: readonly number[],
  isOwn: (point: RestorePoint) => boolean,
  horizon: Horizon,
): Misses | undefined {
  const brokenWithout = (missed: readonly number[]) => {
    const [firstMs, lastMs] = [missed[0], missed.at(-1)];
    if (firstMs === undefined || lastMs === undefined) return null;
    const left = points.filter((point) => !isOwn(point) || point.dataMs < firstMs || point.dataMs > lastMs);
    return brokenMs(slot, left, horizon);
  };
  if (brokenWithout(runsMs) === null) return undefined;
  let fewest: Misses | undefined;
  let end = 0;
  for (let start = 0; start < runsMs.length; start += 1) {
    for (; end <= runsMs.length; end += 1) {
      const missed = runsMs.slice(start, end);
      const [atMs, lastMs] = [brokenWithout(missed), missed.at(-1)];
      if (atMs === null || lastMs === undefined) continue;
      fewest = fewer(fewest, { runsMs: missed, breach: breachOf(slot, atMs, points), afterMs: atMs - lastMs });
      break;
    }
  }
  return fewest;
}

function fewer(a: Misses | undefined, b: Misses | undefined): Misses | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const difference = a.runsMs.length - b.runsMs.length || a.breach.atMs - b.breach.atMs;
  return difference <= 0 ? a : b;
}
