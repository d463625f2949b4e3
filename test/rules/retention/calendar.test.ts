/** Items fire when the sandbox's, which walks from day to day, has them fall due; and at the edges of the calendar. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import type { Frequency } from "../../../src/core/frequency.ts";
import { firingsMs, periodsOf } from "../../../src/rules/retention/calendar.ts";
import type { Period } from "../../../src/rules/retention/model.ts";
import type { ItemRecord, ScheduleRecord } from "../../../src/sandbox/model.ts";
import { dueInstantsMs } from "../../../src/sandbox/schedule.ts";
import { isoWeek } from "./brute.ts";
import { at } from "./build.ts";

const INTERVALS = {
  hourly: [1, 2, 4, 6, 8, 12],
  daily: [1],
  weekly: [1, 2, 3, 4, 5, 6, 7],
  monthly: [1, 2, 15, 27, 28, 40],
  yearly: [1, 2, 3, 12],
} as const satisfies Record<Frequency, readonly number[]>;

const item = fc
  .constantFrom("hourly", "daily", "weekly", "monthly", "yearly")
  .chain((frequency) =>
    fc.record({ frequency: fc.constant(frequency), interval: fc.constantFrom(...INTERVALS[frequency]) }),
  );
const reference = fc.record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.integer({ min: 0, max: 59 }) });
const instant = fc
  .integer({ min: at("1968-01-01") / MINUTE_MS, max: at("2101-01-01") / MINUTE_MS })
  .map((m) => m * MINUTE_MS);

function dates(frequency: Frequency, interval: number, from: string, until: string, time = "00:00") {
  const [hour, minute] = time.split(":").map(Number);
  const beat = { frequency, interval, reference: { hour: hour ?? Number.NaN, minute: minute ?? Number.NaN } };
  return firingsMs(beat, at(from), at(until)).map((ms) => new Date(ms).toISOString().slice(0, 16));
}

describe("when an item fires", () => {
  test("is when the sandbox has it fall due", () => {
    fc.assert(
      fc.property(item, reference, instant, fc.integer({ min: 0, max: 800 * 24 }), (beat, time, fromMs, hours) => {
        const untilMs = fromMs + hours * HOUR_MS;
        // of the schedule and the item, what the sandbox looks at
        const schedule = { referenceHour: time.hour, referenceMinute: time.minute } as ScheduleRecord;
        const due = dueInstantsMs(schedule, beat as ItemRecord, fromMs - 1, untilMs - 1);
        expect(firingsMs({ ...beat, reference: time }, fromMs, untilMs)).toEqual(due);
      }),
      { numRuns: 500 },
    );
  });

  test("counts an instant at the beginning, and none at the end", () => {
    expect(dates("daily", 1, "2026-11-22T18:00Z", "2026-11-24T18:00Z", "18:00")).toEqual([
      "2026-11-22T18:00",
      "2026-11-23T18:00",
    ]);
  });

  test("goes by the reference time for hourly items too", () => {
    expect(dates("hourly", 8, "2026-11-22", "2026-11-23", "17:30")).toEqual([
      "2026-11-22T01:30",
      "2026-11-22T09:30",
      "2026-11-22T17:30",
    ]);
  });

  test.each([
    [
      "the last day of each month, leap day included",
      40,
      "2024-01-01",
      "2024-05-01",
      ["01-31", "02-29", "03-31", "04-30"],
    ],
    ["the last day of February in another year", 40, "2025-02-01", "2025-03-01", ["02-28"]],
    ["the last day of a century's February", 40, "2100-02-01", "2100-03-01", ["02-28"]],
    ["the 28th", 28, "2024-02-01", "2024-04-01", ["02-28", "03-28"]],
    ["a day that only some months have", 31, "2024-01-01", "2024-04-01", ["01-31", "03-31"]],
  ])("monthly: %s", (_, day, from, until, expected) => {
    expect(dates("monthly", day, from, until, "23:59")).toEqual(
      expected.map((date) => `${from.slice(0, 4)}-${date}T23:59`),
    );
  });

  test("weekly: 1 is Monday, 7 is Sunday", () => {
    expect(dates("weekly", 1, "2026-12-27", "2027-01-05")).toEqual(["2026-12-28T00:00", "2027-01-04T00:00"]);
    expect(dates("weekly", 7, "2026-12-27", "2027-01-05")).toEqual(["2026-12-27T00:00", "2027-01-03T00:00"]);
  });

  test("yearly: on the first of the month, over the end of the year", () => {
    expect(dates("yearly", 12, "2026-12-01T18:01Z", "2028-12-01T18:00Z", "18:00")).toEqual(["2027-12-01T18:00"]);
    expect(dates("yearly", 1, "2026-12-31", "2028-01-02", "00:00")).toEqual(["2027-01-01T00:00", "2028-01-01T00:00"]);
  });
});

describe("periods", () => {
  test.each<[Period, string, string, string, string]>([
    [{ kind: "hours", hours: 6 }, "2026-11-22T11:59Z", "2026-11-22T06", "2026-11-22T06:00Z", "2026-11-22T12:00Z"],
    [{ kind: "day" }, "2024-02-29T23:59Z", "2024-02-29", "2024-02-29", "2024-03-01"],
    [{ kind: "week" }, "2027-01-03T23:59Z", "2026-W53", "2026-12-28", "2027-01-04"],
    [{ kind: "week" }, "2027-01-04", "2027-W01", "2027-01-04", "2027-01-11"],
    [{ kind: "week" }, "2024-12-30", "2025-W01", "2024-12-30", "2025-01-06"],
    [{ kind: "week" }, "2022-01-02", "2021-W52", "2021-12-27", "2022-01-03"],
    [{ kind: "month" }, "2024-02-29", "2024-02", "2024-02-01", "2024-03-01"],
    [{ kind: "quarter" }, "2026-12-31T23:59Z", "2026-Q4", "2026-10-01", "2027-01-01"],
    [{ kind: "year" }, "2026-12-31T23:59Z", "2026", "2026-01-01", "2027-01-01"],
    [{ kind: "month" }, "1969-12-31", "1969-12", "1969-12-01", "1970-01-01"],
  ])("%j of %s is %s", (period, instantText, name, starts, ends) => {
    const periods = periodsOf(period);
    const index = periods.at(at(instantText));
    expect(periods.name(periods.startMs(index))).toBe(name);
    expect([periods.startMs(index), periods.startMs(index + 1)]).toEqual([at(starts), at(ends)]);
  });

  test("weeks have the names of ISO 8601, however they are counted", () => {
    const { at: weekAt, startMs, name } = periodsOf({ kind: "week" });
    fc.assert(
      fc.property(instant, (ms) => {
        const date = new Date(ms);
        expect(name(startMs(weekAt(ms)))).toBe(
          isoWeek(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()),
        );
        expect(ms - startMs(weekAt(ms))).toBeLessThan(7 * DAY_MS);
      }),
      { numRuns: 2000 },
    );
  });
});
