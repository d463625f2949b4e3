import { OpsError } from "./error.ts";

/**
 * Durations as the policy and the flags write them: `90s 10m 26h 7d 4w 6mo 5y`.
 * Up to weeks they are exact; a month and a year are calendar units whose length depends on where they start.
 */
export type DurationUnit = "s" | "m" | "h" | "d" | "w" | "mo" | "y";
export interface Duration {
  readonly value: number;
  readonly unit: DurationUnit;
}

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Shortest and longest length of one unit in milliseconds. */
const LENGTH_MS = {
  s: [SECOND_MS, SECOND_MS],
  m: [MINUTE_MS, MINUTE_MS],
  h: [HOUR_MS, HOUR_MS],
  d: [DAY_MS, DAY_MS],
  w: [7 * DAY_MS, 7 * DAY_MS],
  mo: [28 * DAY_MS, 31 * DAY_MS],
  y: [365 * DAY_MS, 366 * DAY_MS],
} as const satisfies Record<DurationUnit, readonly [number, number]>;

const PATTERN = /^(\d{1,6})(s|m|h|d|w|mo|y)$/;

/** Beyond it nobody plans, and calendars end: a date so far away would be no date at all. */
const MAX_DURATION_YEARS = 1000;

/** Parses `7d` and its like; `undefined` when the text is not a duration. Zero and over a millennium are none. */
export function tryParseDuration(text: string): Duration | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const unit = match[2] as DurationUnit; // the pattern admits only units
  const value = Number(match[1]);
  return value > 0 && value * LENGTH_MS[unit][0] <= MAX_DURATION_YEARS * LENGTH_MS.y[0] ? { value, unit } : undefined;
}

/** Parses a duration given as a flag; throws OpsError `usage`. */
export function parseDuration(text: string, what: string): Duration {
  const duration = tryParseDuration(text);
  if (duration === undefined) {
    throw new OpsError("usage", `${what}: "${text}" is not a duration`, {
      hint: "write 90s, 10m, 26h, 7d, 4w, 6mo or 5y",
    });
  }
  return duration;
}

export function formatDuration(duration: Duration): string {
  return `${duration.value}${duration.unit}`;
}

/** The least this duration can be, in milliseconds, wherever in the calendar it starts. */
export function shortestMs(duration: Duration): number {
  if (duration.unit === "mo") return shortestMonthsDays(duration.value) * DAY_MS;
  if (duration.unit === "y") return shortestMonthsDays(duration.value * 12) * DAY_MS;
  return duration.value * LENGTH_MS[duration.unit][0];
}

/** The most this duration can be, in milliseconds. */
export function longestMs(duration: Duration): number {
  if (duration.unit === "mo") return longestMonthsDays(duration.value) * DAY_MS;
  if (duration.unit === "y") return longestMonthsDays(duration.value * 12) * DAY_MS;
  return duration.value * LENGTH_MS[duration.unit][1];
}

/**
 * `from` plus a duration, by the UTC calendar: the day of the month is kept, or is the month's last day
 * when the target month is shorter (31 January + 1mo = 28 or 29 February).
 */
export function addDuration(from: Date, duration: Duration): Date {
  if (duration.unit === "mo") return addMonths(from, duration.value);
  if (duration.unit === "y") return addMonths(from, duration.value * 12);
  return new Date(from.getTime() + duration.value * LENGTH_MS[duration.unit][0]);
}

/** `from` minus a duration, by the same calendar rule. */
export function subtractDuration(from: Date, duration: Duration): Date {
  if (duration.unit === "mo") return addMonths(from, -duration.value);
  if (duration.unit === "y") return addMonths(from, -duration.value * 12);
  return new Date(from.getTime() - duration.value * LENGTH_MS[duration.unit][0]);
}

function addMonths(from: Date, months: number): Date {
  const result = new Date(from);
  const day = from.getUTCDate();
  result.setUTCDate(1);
  result.setUTCMonth(result.getUTCMonth() + months);
  result.setUTCDate(Math.min(day, daysInMonth(result.getUTCFullYear(), result.getUTCMonth())));
  return result;
}

function daysInMonth(year: number, monthIndex: number): number {
  return new Date(Date.UTC(year, monthIndex + 1, 0)).getUTCDate();
}

/** Extremes over all start months, exact up to a century: of the two spans looked at, one holds a skipped leap day. */
function shortestMonthsDays(months: number): number {
  return monthSpanDays(months).shortest;
}
function longestMonthsDays(months: number): number {
  return monthSpanDays(months).longest;
}
interface MonthSpan {
  readonly shortest: number;
  readonly longest: number;
}
/** A policy names few spans and asks for them often. */
const SPANS = new Map<number, MonthSpan>();
function monthSpanDays(months: number): MonthSpan {
  const known = SPANS.get(months) ?? measureMonths(months);
  SPANS.set(months, known);
  return known;
}
function measureMonths(months: number): MonthSpan {
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (let start = 0; start < 48; start += 1) {
    // the century from 1960 on skips no leap day, and that from 2096 on does so at once: both extremes occur within
    for (const year of [1960, 2096]) {
      const from = Date.UTC(year, start, 1);
      const days = Math.round((Date.UTC(year, start + months, 1) - from) / DAY_MS);
      shortest = Math.min(shortest, days);
      longest = Math.max(longest, days);
    }
  }
  return { shortest, longest };
}

/** A span of milliseconds for people: `45 s`, `12 m 04 s`, `26 h 10 m`, `3 d 4 h`, `45 d`. */
export function formatSpan(ms: number): string {
  const sign = ms < 0 ? "-" : "";
  const total = Math.abs(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  if (total < MINUTE_MS) return `${sign}${Math.floor(total / SECOND_MS)} s`;
  if (total < HOUR_MS)
    return `${sign}${Math.floor(total / MINUTE_MS)} m ${two(Math.floor((total % MINUTE_MS) / SECOND_MS))} s`;
  if (total < 3 * DAY_MS) return formatHours(total, sign);
  const days = Math.floor(total / DAY_MS);
  const hours = Math.floor((total % DAY_MS) / HOUR_MS);
  return days < 10 && hours > 0 ? `${sign}${days} d ${hours} h` : `${sign}${days} d`;
}

function formatHours(total: number, sign: string): string {
  const minutes = Math.floor((total % HOUR_MS) / MINUTE_MS);
  const hours = `${sign}${Math.floor(total / HOUR_MS)} h`;
  return minutes === 0 ? hours : `${hours} ${String(minutes).padStart(2, "0")} m`;
}
