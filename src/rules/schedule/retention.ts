/** Retentions that only ever grow, and the order that Atlas demands among a schedule's items. */
import { DAY_MS, type Duration, longestMs, shortestMs } from "../../core/duration.ts";
import { FREQUENCIES, type Frequency } from "../../core/frequency.ts";
import type { Retention, RetentionUnit } from "../../ports/atlas.ts";
import type { PolicyItem } from "../../ports/atlas-changes.ts";
import { atLeast, toDuration } from "../backup/retention.ts";

const UNITS = { d: "days", w: "weeks", mo: "months", y: "years" } as const satisfies Record<string, RetentionUnit>;

/** A duration as Atlas keeps time: whole days at least. */
export function toRetention(duration: Duration): Retention {
  if (duration.unit === "s" || duration.unit === "m" || duration.unit === "h")
    return { value: Math.ceil(longestMs(duration) / DAY_MS), unit: "days" };
  return { value: duration.value, unit: UNITS[duration.unit] };
}

/** Whether `a` never ends before `b`, wherever in the calendar both begin. */
export function covers(a: Retention, b: Retention): boolean {
  return atLeast(toDuration(a), toDuration(b)) === "yes";
}

/** One that covers all of them: the first that does, else as many days as the longest can have. */
export function longest(first: Retention, ...others: readonly Retention[]): Retention {
  const all = [first, ...others];
  const days = Math.ceil(Math.max(...all.map((one) => longestMs(toDuration(one)))) / DAY_MS);
  return all.find((one) => all.every((other) => covers(one, other))) ?? { value: days, unit: "days" };
}

/** The shortest in the unit of `from` that is no shorter than it and covers `floor`. */
function raised(from: Retention, floor: Retention): Retention {
  const unitMs = longestMs(toDuration({ value: 1, unit: from.unit }));
  let value = Math.max(from.value, Math.floor(shortestMs(toDuration(floor)) / unitMs));
  while (!covers({ value, unit: from.unit }, floor)) value += 1;
  return { value, unit: from.unit };
}

/**
 * No item may be kept shorter than its own period: a week, 31 days (as days, 5 weeks or a month), a year.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/
 */
export function atLeastItsPeriod(frequency: Frequency, retention: Retention): Retention {
  const periodMs = PERIOD_DAYS[frequency] * DAY_MS;
  let { value } = retention;
  while (longestMs(toDuration({ value, unit: retention.unit })) < periodMs) value += 1;
  return { value, unit: retention.unit };
}

const PERIOD_DAYS = { hourly: 1, daily: 1, weekly: 7, monthly: 31, yearly: 365 } as const satisfies Record<
  Frequency,
  number
>;

/**
 * Raises whatever must be raised so that no item is kept shorter than one of a more frequent kind, where either of the
 * two is in `moved`: Atlas refuses a schedule that is not in this order. What it already accepted is left alone.
 */
export function inOrder(items: readonly PolicyItem[], moved: ReadonlySet<PolicyItem>): readonly PolicyItem[] {
  const result = [...items];
  const changed = new Set(moved);
  for (const frequency of FREQUENCIES) {
    for (const [index, item] of result.entries()) {
      if (item.frequency !== frequency) continue;
      const before = result.filter((other) => rank(other) < rank(item) && (changed.has(other) || changed.has(item)));
      const floors = before.map((other) => other.retention).filter((floor) => !covers(item.retention, floor));
      if (floors.length === 0) continue;
      const retention = floors.reduce(raised, item.retention);
      const next = { ...item, retention };
      result[index] = next;
      changed.add(next);
    }
  }
  return result;
}

/** The item by hand schedules nothing and stands outside the order. */
function rank({ frequency }: PolicyItem): number {
  return frequency === "ondemand" ? Number.NaN : FREQUENCIES.indexOf(frequency);
}

/** By how long something is kept at least, for picking the longest. */
export function byLength(a: PolicyItem, b: PolicyItem): number {
  return shortestMs(toDuration(a.retention)) - shortestMs(toDuration(b.retention));
}
