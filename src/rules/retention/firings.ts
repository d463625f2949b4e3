/** When the live schedule will take snapshots: one at each instant, of all items that fire then. */
import { addDuration, shortestMs } from "../../core/duration.ts";
import { FREQUENCIES, type Frequency } from "../../core/frequency.ts";
import type { Retention } from "../../ports/atlas.ts";
import type { TimeOfDay } from "../../ports/atlas-changes.ts";
import { atLeast, toDuration } from "../backup/retention.ts";
import { firingsMs } from "./calendar.ts";

export interface FiringItem {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly retention: Retention;
}

/** Items that fire at one instant; the same object at every instant at which it is just these. */
export interface Together {
  readonly frequencies: readonly Frequency[];
  /**
   * Those whose snapshot it may be: Atlas takes one for all, labels and keeps it as the one that is kept longest
   * (https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/, retention considerations). Several
   * where none is surely kept longer: of two that are kept alike it does not say.
   */
  readonly keepers: readonly [FiringItem, ...(readonly FiringItem[])];
}

/** Of schedules that name no time: https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/ */
const USUAL_TIME: TimeOfDay = { hour: 18, minute: 0 };

export interface FiringSchedule {
  readonly items: readonly FiringItem[];
  /** null: Atlas names none. */
  readonly reference: TimeOfDay | null;
}

/** Tells of every firing, in the order of time. */
export function eachFiring(
  { items, reference }: FiringSchedule,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  tell: (atMs: number, of: Together) => void,
): void {
  const beats = items.map((item, index) => ({
    item,
    key: `${index} `,
    instants: firingsMs({ ...item, reference: reference ?? USUAL_TIME }, fromMs, untilMs),
    passed: 0,
  }));
  const sets = new Map<string, Together>();
  for (;;) {
    let atMs = Number.POSITIVE_INFINITY;
    for (const { instants, passed } of beats) atMs = Math.min(atMs, instants[passed] ?? atMs);
    if (atMs === Number.POSITIVE_INFINITY) return;
    let key = "";
    for (const beat of beats) {
      if (beat.instants[beat.passed] === atMs) {
        beat.passed += 1;
        key += beat.key;
      }
    }
    const of =
      sets.get(key) ??
      togetherOf(beats.flatMap(({ item, instants, passed }) => (instants[passed - 1] === atMs ? [item] : [])));
    sets.set(key, of);
    tell(atMs, of);
  }
}

/**
 * Until when a snapshot is kept: months and years go by the calendar, as those of a policy do. What lies beyond every calendar
 * is the end of time.
 */
export function keptUntilMs(atMs: number, retention: Retention, extraMs = 0): number {
  const duration = toDuration(retention);
  const isCalendar = duration.unit === "mo" || duration.unit === "y";
  const keptMs = isCalendar ? addDuration(new Date(atMs), duration).getTime() : atMs + shortestMs(duration);
  const untilMs = keptMs + extraMs;
  return untilMs <= LAST_DATE_MS ? untilMs : Number.POSITIVE_INFINITY; // what is no date is not
}

/** The last instant that a `Date` can hold. */
const LAST_DATE_MS = 8.64e15;

function togetherOf(items: readonly FiringItem[]): Together {
  const isSurelyShorter = (one: FiringItem, other: FiringItem) =>
    atLeast(toDuration(one.retention), toDuration(other.retention)) === "no";
  const [keeper, ...others] = items
    .filter((item) => !items.some((other) => isSurelyShorter(item, other)))
    .toSorted((a, b) => FREQUENCIES.indexOf(b.frequency) - FREQUENCIES.indexOf(a.frequency));
  if (keeper === undefined) throw new RangeError("of items that fire together one is kept longest");
  return { frequencies: [...new Set(items.map(({ frequency }) => frequency))], keepers: [keeper, ...others] };
}
