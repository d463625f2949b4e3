import { DAY_MS, type Duration, longestMs, shortestMs } from "../core/duration.ts";

/** The longest a period can be, and the least that a retention must be worth to span it. */
export const PERIOD_MS = {
  daily: DAY_MS,
  weekly: 7 * DAY_MS,
  monthly: 31 * DAY_MS,
  quarterly: 92 * DAY_MS,
  yearly: 365 * DAY_MS,
} as const;

/** Shorter wherever in the calendar the two begin: `30d` is not surely shorter than `1mo`. */
export function surelyShorter(a: Duration, b: Duration): boolean {
  return longestMs(a) < shortestMs(b);
}
