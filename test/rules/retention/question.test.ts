/** For how long the settings have to be looked at. */
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { steadyMs } from "../../../src/rules/retention/question.ts";
import { duration } from "../build.ts";
import { at, tier } from "./build.ts";

describe("until every tier owes its whole span", () => {
  const NOW_MS = at("2026-11-22");
  const YEAR_MS = 365 * DAY_MS;

  test("it takes the longest that any is kept, once its point had its time, and a year", () => {
    const days = tier("day", "30d");
    const weeks = tier("week", "90d", { within: duration("5d") });
    const months = tier("month", "93d", { within: duration("1h") });
    expect(steadyMs([days], NOW_MS)).toBe(NOW_MS + 30 * DAY_MS + 2 * HOUR_MS + YEAR_MS);
    expect(steadyMs([days, weeks, months], NOW_MS)).toBe(NOW_MS + 95 * DAY_MS + YEAR_MS);
    expect(steadyMs([], NOW_MS)).toBe(NOW_MS + YEAR_MS);
  });
});
