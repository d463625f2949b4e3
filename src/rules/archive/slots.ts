/**
 * The calendar of archives: which slots a policy declares, which month's end fills them, when they are owed and how long
 * they are kept. A slot is a period of the policy (`2026-10`, `2026-Q3`, `2026`); all of it goes by UTC.
 */
import { addDuration } from "../../core/duration.ts";
import type { ArchivePolicy } from "../../policy/schema.ts";

type SlotFrequency = ArchivePolicy["slots"][number]["frequency"];

export interface Slot {
  readonly frequency: SlotFrequency;
  /** As people and keys write it: `2026-10`, `2026-Q3`, `2026`. */
  readonly name: string;
  /** The month whose end closes it: `2026-12` for `2026`. */
  readonly month: string;
}

/** One archive's worth: a month whose end closes at least one slot of the policy, with all that it closes. */
export interface Period {
  readonly month: string;
  /** The first instant after it. */
  readonly endsAt: Date;
  /** Up to here its archive is in time. */
  readonly dueAt: Date;
  /** Never empty; from the shortest to the longest. */
  readonly slots: readonly Slot[];
}

/** A slot by its name; undefined where it is none. */
export function parseSlot(name: string): Slot | undefined {
  const match = /^(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?$/.exec(name);
  if (match === null) return undefined;
  const [, year, month, quarter] = match;
  if (month !== undefined) return { frequency: "monthly", name, month: name };
  if (quarter !== undefined)
    return { frequency: "quarterly", name, month: monthName(Number(year), Number(quarter) * 3) };
  return { frequency: "yearly", name, month: `${year}-12` };
}

export function isMonth(text: string): boolean {
  return parseSlot(text)?.frequency === "monthly";
}

/** All slots that the end of a month closes by the calendar, whatever a policy declares. */
export function slotsOfMonth(month: string): readonly Slot[] {
  const { year, number } = parts(month);
  return [
    { frequency: "monthly", name: month, month },
    ...(number % 3 === 0 ? [{ frequency: "quarterly", name: `${yearName(year)}-Q${number / 3}`, month } as const] : []),
    ...(number === 12 ? [{ frequency: "yearly", name: yearName(year), month } as const] : []),
  ];
}

/** The first instant after a month. */
export function endOf(month: string): Date {
  const { year, number } = parts(month);
  const end = new Date(0);
  end.setUTCFullYear(year, number, 1); // not Date.UTC, which takes the year 99 for 1999
  return end;
}

/** What the end of a month closes under a policy; undefined where that is nothing. */
export function periodOf(archive: ArchivePolicy, month: string): Period | undefined {
  const declared = new Set(archive.slots.map(({ frequency }) => frequency));
  const slots = slotsOfMonth(month).filter(({ frequency }) => declared.has(frequency));
  const endsAt = endOf(month);
  return slots.length === 0 ? undefined : { month, endsAt, dueAt: addDuration(endsAt, archive.dueWithin), slots };
}

/** The periods that have ended by `now`, from `since` on, oldest first: each is owed an archive. */
export function owedPeriods(archive: ArchivePolicy, now: Date): readonly Period[] {
  const owed: Period[] = [];
  for (let month = archive.since; endOf(month) <= now; month = nextMonth(month)) {
    const period = periodOf(archive, month);
    if (period !== undefined) owed.push(period);
  }
  return owed;
}

/** The period that ended last; undefined while none is owed yet. */
export function newestOwed(archive: ArchivePolicy, now: Date): Period | undefined {
  return owedPeriods(archive, now).at(-1);
}

/** Until when an archive is kept: as long as the one of its slots that is kept longest. */
export function retainUntil(archive: ArchivePolicy, period: Period): Date {
  const ends = period.slots.flatMap((slot) => slotEnds(archive, slot)).map((at) => at.getTime());
  return new Date(Math.max(...ends));
}

/** Whether a slot has been kept as long as the policy wants: from then on nobody owes its archive. */
export function isOver(archive: ArchivePolicy, slot: Slot, now: Date): boolean {
  return slotEnds(archive, slot).every((at) => at <= now);
}

function slotEnds({ slots }: ArchivePolicy, { frequency, month }: Slot): readonly Date[] {
  return slots
    .filter((declared) => declared.frequency === frequency)
    .map(({ retain }) => addDuration(endOf(month), retain));
}

function nextMonth(month: string): string {
  const { year, number } = parts(month);
  return number === 12 ? monthName(year + 1, 1) : monthName(year, number + 1);
}

function parts(month: string): { readonly year: number; readonly number: number } {
  const [year, number] = month.split("-").map(Number);
  return { year: year ?? 0, number: number ?? 0 };
}

function monthName(year: number, number: number): string {
  return `${yearName(year)}-${String(number).padStart(2, "0")}`;
}

function yearName(year: number): string {
  return String(year).padStart(4, "0");
}
