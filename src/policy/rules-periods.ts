import { DAY_MS, type Duration, longestMs, shortestMs } from "../core/duration.ts";
import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";

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

/** What may not be kept as long as it must be. */
export function atMostProblems(
  judged: Judged,
  { retain, atMost }: { readonly retain?: Duration | undefined; readonly atMost?: Duration | undefined },
  at: Path,
): readonly Problem[] {
  if (retain === undefined || atMost === undefined || !surelyShorter(atMost, retain)) return [];
  const [path, kept] = [[...at, "atMost"], judged.quote([...at, "retain"])];
  return [
    { path, text: `${judged.quote(path)} is shorter than what each is kept at least (${kept}); write at least that` },
  ];
}
