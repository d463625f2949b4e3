/**
 * When the items of an Atlas backup policy fire, and the periods that a retention policy speaks of: both by the UTC
 * calendar. Only numbers are counted here, for five years hold very many instants.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { TimeOfDay } from "../../ports/atlas-changes.ts";
import type { Period } from "./model.ts";

/** What makes an item fire: https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/ */
export interface Beat {
  readonly frequency: Frequency;
  /** Hourly: every so many hours, a divisor of 24. Weekly: day 1 = Monday. Monthly: day, 40 = last. Yearly: month. */
  readonly interval: number;
  /** The schedule's, in UTC. */
  readonly reference: TimeOfDay;
}

/** The instants in `[fromMs, untilMs)` at which an item fires, in order. */
export function firingsMs({ frequency, interval, reference }: Beat, fromMs: number, untilMs: number): number[] {
  const timeMs = reference.hour * HOUR_MS + reference.minute * MINUTE_MS;
  switch (frequency) {
    case "hourly":
      return progression(interval * HOUR_MS, timeMs, fromMs, untilMs);
    case "daily":
      return progression(DAY_MS, timeMs, fromMs, untilMs);
    case "weekly":
      return progression(WEEK_MS, MONDAY_MS + (interval - 1) * DAY_MS + timeMs, fromMs, untilMs);
    case "monthly":
      return monthDaysMs(interval, fromMs, untilMs, timeMs);
    case "yearly":
      return monthDaysMs(1, fromMs, untilMs, timeMs).filter((ms) => new Date(ms).getUTCMonth() === interval - 1);
  }
}

/** Periods numbered in their order. */
export interface Periods {
  /** The number of the period that holds an instant. */
  readonly at: (ms: number) => number;
  readonly startMs: (index: number) => number;
  /** The name of the period that starts at an instant: `2026-11-22`, `2026-W47`, `2026-10`; hours: `2026-11-22T06`. */
  readonly name: (startMs: number) => string;
}

export function periodsOf(period: Period): Periods {
  switch (period.kind) {
    case "hours":
      return evenPeriods(period.hours * HOUR_MS, 0, (ms) => isoText(ms, 13));
    case "day":
      return evenPeriods(DAY_MS, 0, (ms) => isoText(ms, 10));
    case "week":
      return evenPeriods(WEEK_MS, MONDAY_MS, weekName);
    case "month":
      return monthPeriods(1, (ms) => isoText(ms, 7));
    case "quarter":
      return monthPeriods(3, (ms) => `${isoText(ms, 4)}-Q${1 + new Date(ms).getUTCMonth() / 3}`);
    case "year":
      return monthPeriods(12, (ms) => isoText(ms, 4));
  }
}

/** `2026-10`, the month of an instant. */
export function monthName(ms: number): string {
  return isoText(ms, 7);
}

const WEEK_MS = 7 * DAY_MS;
/** A Monday: 1970 began on a Thursday. */
const MONDAY_MS = 4 * DAY_MS;
/** How Atlas writes "the last day" of a month. */
const LAST_DAY_OF_MONTH = 40;

function progression(stepMs: number, phaseMs: number, fromMs: number, untilMs: number): number[] {
  const instants: number[] = [];
  const firstMs = phaseMs + Math.ceil((fromMs - phaseMs) / stepMs) * stepMs;
  for (let ms = firstMs; ms < untilMs; ms += stepMs) instants.push(ms);
  return instants;
}

/** A month that is too short for the day has none. */
function monthDaysMs(day: number, fromMs: number, untilMs: number, timeMs: number): number[] {
  const instants: number[] = [];
  for (let month = monthOf(fromMs); startOfMonthMs(month) < untilMs; month += 1) {
    const nextMs = startOfMonthMs(month + 1);
    const dayMs = day === LAST_DAY_OF_MONTH ? nextMs - DAY_MS : startOfMonthMs(month) + (day - 1) * DAY_MS;
    const ms = dayMs + timeMs;
    if (dayMs < nextMs && ms >= fromMs && ms < untilMs) instants.push(ms);
  }
  return instants;
}

function evenPeriods(lengthMs: number, phaseMs: number, name: Periods["name"]): Periods {
  return {
    at: (ms) => Math.floor((ms - phaseMs) / lengthMs),
    startMs: (index) => phaseMs + index * lengthMs,
    name,
  };
}

function monthPeriods(months: number, name: Periods["name"]): Periods {
  return {
    at: (ms) => Math.floor(monthOf(ms) / months),
    startMs: (index) => startOfMonthMs(index * months),
    name,
  };
}

/** Months since the beginning of 1970. */
function monthOf(ms: number): number {
  const date = new Date(ms);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

function startOfMonthMs(month: number): number {
  return Date.UTC(1970, month, 1);
}

function isoText(ms: number, length: number): string {
  return new Date(ms).toISOString().slice(0, length);
}

/** By ISO 8601 a week belongs to the year of its Thursday: 2027-01-01 lies in 2026-W53. */
function weekName(mondayMs: number): string {
  const thursdayMs = mondayMs + 3 * DAY_MS;
  const year = new Date(thursdayMs).getUTCFullYear();
  const week = 1 + Math.floor((thursdayMs - Date.UTC(year, 0, 1)) / WEEK_MS);
  return `${year}-W${String(week).padStart(2, "0")}`;
}
