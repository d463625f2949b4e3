/** How each slot that is owed stands, in one word; and archives that no slot asks for. */
import type { Check } from "../../core/check.ts";
import type { OpsError } from "../../core/error.ts";
import { unknown } from "../../core/verdict.ts";
import { isOver, owedPeriods, type Period, type Slot, slotsOfMonth } from "./slots.ts";
import { archivedMonths, READ_FIRST } from "./verify.ts";
import { cameAt, type SeriesFacts, standing } from "./verify-facts.ts";
import { slotFilled } from "./verify-slot.ts";

/** `hidden`: a delete marker stands over its manifest. `over`: there is none, and its retention has ended. */
export const SLOT_STATES = ["complete", "late", "missing", "hidden", "due", "over", "unknown"] as const;
type SlotState = (typeof SLOT_STATES)[number];

export interface StandingSlot {
  /** `2026-Q4`; a month, where no slot of the policy asks for the archive. */
  readonly slot: string;
  readonly month: string;
  readonly state: SlotState;
  /** Why it is unknown; null: it is known. */
  readonly why: OpsError | string | null;
}

/** The newest month first; within one, the shortest slot first. */
export function standingSlots(facts: SeriesFacts): readonly StandingSlot[] {
  const periods = owedPeriods(facts.archive, facts.observedAt);
  const owed = periods.flatMap((period) =>
    period.slots.map((slot) => ({ slot: slot.name, month: period.month, ...stateOf(facts, period, slot) })),
  );
  const asked = new Set(periods.map(({ month }) => month));
  const others = archivedMonths(facts)
    .filter((month) => !asked.has(month))
    .map((month) => ({ slot: month, month, ...archiveState(facts, month, null) }));
  const order = (a: StandingSlot, b: StandingSlot) => b.month.localeCompare(a.month) || rankOf(a) - rankOf(b);
  return [...owed, ...others].toSorted(order);
}

/** A list judges nothing; but what it could not see, it says as a check would. */
export const slotSeen: Check<StandingSlot> = {
  id: slotFilled.id,
  title: slotFilled.title,
  remedy: () => READ_FIRST,
  judge: ({ why }) => (why === null ? [] : unknown(why)),
};

type Stated = Pick<StandingSlot, "state" | "why">;

function stateOf(facts: SeriesFacts, period: Period, slot: Slot): Stated {
  const found = standing(facts, period.month);
  if (!found.known) return { state: "unknown", why: found.reason };
  switch (found.value) {
    case "complete":
      return archiveState(facts, period.month, period.dueAt);
    case "hidden":
      return { state: "hidden", why: null };
    case "absent":
      if (isOver(facts.archive, slot, facts.observedAt)) return { state: "over", why: null };
      return { state: facts.observedAt <= period.dueAt ? "due" : "missing", why: null };
  }
}

/** A manifest that cannot be read makes no complete archive. */
function archiveState(facts: SeriesFacts, month: string, dueAt: Date | null): Stated {
  const came = cameAt(facts, month);
  const manifest = facts.manifests.get(month);
  if (manifest === undefined) return { state: "unknown", why: `the manifest of ${month} was not looked at` };
  if (!manifest.known) return { state: "unknown", why: manifest.reason };
  if (!came.known) return { state: "unknown", why: came.reason };
  if (came.value === null) return { state: "unknown", why: `when the manifest of ${month} came cannot be read` };
  return { state: dueAt !== null && came.value > dueAt ? "late" : "complete", why: null };
}

function rankOf({ month, slot }: StandingSlot): number {
  return slotsOfMonth(month).findIndex(({ name }) => name === slot);
}
