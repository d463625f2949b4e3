/** How fine a restore is, in the steps that people plan in: any second, an hour, a day, ... */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../core/duration.ts";

/** From fine to coarse. */
const GRADES = [
  "second",
  "quarter-hour",
  "hour",
  "six-hours",
  "day",
  "two-days",
  "week",
  "month",
  "quarter",
  "year",
  "coarser",
] as const;
export type Grade = (typeof GRADES)[number];

/** A snapshot that comes a little late makes its neighbours no coarser: a tenth more is the same grade. */
const SLACK = 1.1;

const LIMIT_MS = {
  second: SECOND_MS,
  "quarter-hour": 15 * MINUTE_MS * SLACK,
  hour: HOUR_MS * SLACK,
  "six-hours": 6 * HOUR_MS * SLACK,
  day: DAY_MS * SLACK,
  "two-days": 2 * DAY_MS * SLACK,
  week: 7 * DAY_MS * SLACK,
  month: 31 * DAY_MS * SLACK,
  quarter: 92 * DAY_MS * SLACK,
  year: 366 * DAY_MS * SLACK,
  coarser: Number.POSITIVE_INFINITY,
} as const satisfies Record<Grade, number>;

/** The finest grade that a distance between two restorable instants is within. */
export function gradeOf(granularityMs: number): Grade {
  for (const grade of GRADES) if (granularityMs <= LIMIT_MS[grade]) return grade;
  return "coarser";
}

export function coarseness(grade: Grade): number {
  return GRADES.indexOf(grade);
}

/** As a distance: `a day`. */
export const GRADE_WORDS = {
  second: "any second",
  "quarter-hour": "15 minutes",
  hour: "an hour",
  "six-hours": "6 hours",
  day: "a day",
  "two-days": "2 days",
  week: "a week",
  month: "a month",
  quarter: "a quarter",
  year: "a year",
  coarser: "over a year",
} as const satisfies Record<Grade, string>;
