/**
 * Whether a policy holds at every instant of a stretch of time, by the arithmetic of intervals: the lives of the points
 * that satisfy a slot must together cover the time over which it is owed. What is not covered first is the breach.
 */
import { type Horizon, owedSlots, wholeFromMs } from "./demand.ts";
import type { Breach, OwedSlot, RestorePoint, Supply, Tier } from "./model.ts";
import { coverOf, fillers, firstGapMs, shelve } from "./shelves.ts";

export interface Proof {
  /** The earliest of all tiers; null: the policy holds at every instant. */
  readonly breach: Breach | null;
  /** One for each tier, in their order. */
  readonly tiers: readonly TierProof[];
}

export interface TierProof {
  readonly tier: Tier;
  /** How many slots are owed within the horizon. None: nothing was proved. */
  readonly owed: number;
  /** How many of them are not there at some instant at which they are owed. */
  readonly breached: number;
  /** The earliest. */
  readonly breach: Breach | null;
  /** Before it, the tier owes less than its whole span. */
  readonly wholeFromMs: number;
}

/** Proves each tier over the horizon, or finds the first instant at which it breaks. Linear in the length of the horizon. */
export function prove(supply: Supply, tiers: readonly Tier[], horizon: Horizon): Proof {
  const shelves = shelve(supply.points);
  const proofs = tiers.map((tier) => {
    let owed = 0;
    let breached = 0;
    let breach: Breach | null = null;
    const isCovered = coverOf(shelves, tier);
    for (const slot of owedSlots(tier, horizon)) {
      owed += 1;
      if (isCovered(slot, Math.max(slot.owedFromMs, horizon.fromMs), Math.min(slot.owedUntilMs, horizon.untilMs)))
        continue;
      const points = fillers(shelves, slot);
      const atMs = brokenMs(slot, points, horizon);
      if (atMs === null) continue;
      breached += 1;
      if (breach === null || atMs < breach.atMs) breach = breachOf(slot, atMs, points);
    }
    return { tier, owed, breached, breach, wholeFromMs: wholeFromMs(tier, horizon.bornMs) };
  });
  return { breach: earliest(proofs.map(({ breach }) => breach)), tiers: proofs };
}

/** The first instant of the horizon at which a slot is owed and none of its points is there; null: there is none. */
export function brokenMs(
  slot: OwedSlot,
  points: readonly RestorePoint[],
  { fromMs, untilMs }: Pick<Horizon, "fromMs" | "untilMs">,
): number | null {
  const endMs = Math.min(slot.owedUntilMs, untilMs);
  const gapMs = firstGapMs(points, Math.max(slot.owedFromMs, fromMs), endMs);
  return gapMs < endMs ? gapMs : null;
}

export function breachOf(slot: OwedSlot, atMs: number, points: readonly RestorePoint[]): Breach {
  return { slot, day: new Date(atMs).toISOString().slice(0, 10), atMs, others: points };
}

function earliest(breaches: readonly (Breach | null)[]): Breach | null {
  return breaches.reduce(
    (first, breach) => (first === null || (breach !== null && breach.atMs < first.atMs) ? breach : first),
    null,
  );
}
