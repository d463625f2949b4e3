/** What a policy owes at one instant, slot by slot, and which restore point satisfies it, or why none does. */
import { formatInstant } from "../../core/instant.ts";
import { owedSlots, slotName } from "./demand.ts";
import type { OwedSlot, RestorePoint, Supply, Tier } from "./model.ts";
import { brokenMs } from "./proof.ts";
import { fillers, shelve } from "./shelves.ts";

/** The one outcome of a slot. */
export interface Outcome {
  readonly slot: OwedSlot;
  /** The points that satisfy it then, the one that is kept longest first; empty: it is not satisfied. */
  readonly satisfiedBy: readonly RestorePoint[];
  /** Points with its data that are not there then. */
  readonly others: readonly RestorePoint[];
  /** The first instant from then on at which it is owed and nothing satisfies it; null: it is kept for as long as it is owed. */
  readonly breaksAtMs: number | null;
  readonly why: string;
}

/** One outcome for each slot that is owed at the instant. */
export function todayOf(supply: Supply, tiers: readonly Tier[], atMs: number, bornMs: number): readonly Outcome[] {
  const shelves = shelve(supply.points);
  return tiers.flatMap((tier) =>
    [...owedSlots(tier, { fromMs: atMs, untilMs: atMs + 1, bornMs })].map((slot) =>
      outcomeOf(slot, fillers(shelves, slot), atMs),
    ),
  );
}

export function isThere({ fromMs, untilMs }: RestorePoint, atMs: number): boolean {
  return fromMs <= atMs && atMs < untilMs;
}

/** Why a point is not there at an instant, in words, as it is said now. */
export function absence({ id, fromMs, untilMs, removedBy, isSeen }: RestorePoint, atMs: number, nowMs: number): string {
  if (!isSeen && untilMs <= fromMs) return `${id} is never there: ${removedBy}`;
  if (fromMs > atMs) return `${id} is there only from ${instant(fromMs)} on`;
  const isThereThen = untilMs <= nowMs ? "was there" : fromMs <= nowMs ? "is there" : "will be there";
  return `${id} ${isThereThen} until ${instant(untilMs)}: ${removedBy ?? "nobody knows what removes it"}`;
}

/** For people; also of what never ends. */
export function instant(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? "the end of time" : formatInstant(new Date(ms));
}

function outcomeOf(slot: OwedSlot, points: readonly RestorePoint[], atMs: number): Outcome {
  const satisfiedBy = points.filter((point) => isThere(point, atMs)).sort((a, b) => b.untilMs - a.untilMs);
  const others = points.filter((point) => !isThere(point, atMs));
  const breaksAtMs = brokenMs(slot, points, { fromMs: atMs, untilMs: Number.POSITIVE_INFINITY });
  const [longest] = satisfiedBy;
  const why = longest === undefined ? whyNot(slot, others, atMs) : whyIt(slot, longest, breaksAtMs);
  return { slot, satisfiedBy, others, breaksAtMs, why };
}

function whyIt(slot: OwedSlot, { id, dataMs, untilMs, removedBy }: RestorePoint, breaksAtMs: number | null): string {
  const kept = removedBy === null ? "nothing removes it" : `it is kept until ${instant(untilMs)} (${removedBy})`;
  const owed =
    breaksAtMs === null
      ? ""
      : `; it is owed until ${instant(slot.owedUntilMs)}, and from ${instant(breaksAtMs)} on nothing is there of it`;
  return `${id} holds ${instant(dataMs)}, of ${slotName(slot)}; ${kept}${owed}`;
}

function whyNot(slot: OwedSlot, others: readonly RestorePoint[], atMs: number): string {
  if (others.length === 0) return `there is no ${slot.tier.by.kind} of it, and none to come`;
  const shown = others.slice(-MAX_SHOWN).map((point) => absence(point, atMs, atMs));
  const rest = others.length - shown.length;
  return `${shown.join("; ")}${rest === 0 ? "" : `; and ${rest} more that are not there`}`;
}

const MAX_SHOWN = 3;
