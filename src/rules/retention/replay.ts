/** A breach in a form that anyone can replay: what there is at that instant, what is missing, and what removed it. */
import { slotName } from "./demand.ts";
import type { Breach, OwedSlot, RestorePoint, Supply } from "./model.ts";
import { isOfKind, satisfies } from "./shelves.ts";
import { absence, instant, isThere } from "./today.ts";

export interface Counterexample {
  readonly breach: Breach;
  /** What should be there and is not. */
  readonly missing: string;
  /** What there is of its kind, nearest to the missing data: at most one that is older and one that is younger. */
  readonly nearest: readonly RestorePoint[];
  /** For each point that has the data: what removed it, or when it comes. Empty: nothing ever makes one. */
  readonly because: readonly string[];
}

/** `nowMs`: when it is said. */
export function counterexample(supply: Supply, breach: Breach, nowMs: number): Counterexample {
  const { slot, atMs, others } = breach;
  const there = supply.points.filter((point) => isThere(point, atMs) && isOfKind(point, slot.tier));
  const older = there.filter(({ dataMs }) => dataMs < slot.startsMs).toSorted((a, b) => b.dataMs - a.dataMs);
  const younger = there.filter(({ dataMs }) => dataMs >= slot.endsMs).toSorted((a, b) => a.dataMs - b.dataMs);
  return {
    breach,
    missing: `${wanted(slot)}, owed from ${instant(slot.owedFromMs)} until ${instant(slot.owedUntilMs)} (${slot.tier.id})`,
    nearest: [...older.slice(0, 1), ...younger.slice(0, 1)],
    because: others.map((point) => absence(point, atMs, nowMs)),
  };
}

/** Whether it is one, by looking at every point alone: the slot is owed at that instant, and no point there satisfies it. */
export function replays(supply: Supply, { slot, atMs }: Breach): boolean {
  if (atMs < slot.owedFromMs || atMs >= slot.owedUntilMs) return false;
  return !supply.points.some((point) => isThere(point, atMs) && satisfies(point, slot));
}

function wanted(slot: OwedSlot): string {
  const { by } = slot.tier;
  switch (by.kind) {
    case "snapshot":
      return `a snapshot of ${slotName(slot)}`;
    case "copy":
      return `a copy of ${slotName(slot)} in ${by.region}`;
    case "archive":
      return `the archive of ${slot.month} for ${slotName(slot)}`;
  }
}
