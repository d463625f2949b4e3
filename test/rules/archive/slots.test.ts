/** The calendar of archives: every boundary of the year, and what holds whatever the instant. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  endOf,
  isMonth,
  newestOwed,
  owedPeriods,
  parseSlot,
  periodOf,
  retainUntil,
  slotsOfMonth,
} from "../../../src/rules/archive/slots.ts";
import { duration } from "../build.ts";
import { anArchive, slot } from "./build.ts";

const names = (month: string) => slotsOfMonth(month).map(({ name }) => name);

test.each([
  ["2026-01", "monthly", "2026-01"],
  ["2026-12", "monthly", "2026-12"],
  ["2026-Q1", "quarterly", "2026-03"],
  ["2026-Q4", "quarterly", "2026-12"],
  ["2026", "yearly", "2026-12"],
  ["0099", "yearly", "0099-12"],
])("%s is a slot", (name, frequency, month) => expect(parseSlot(name)).toEqual({ frequency, name, month }));

test.each([
  "",
  "26",
  "2026-",
  "2026-0",
  "2026-00",
  "2026-13",
  "2026-1",
  "2026-Q0",
  "2026-Q5",
  "2026-q1",
  " 2026",
  "2026\n",
])("%j is no slot", (name) => expect(parseSlot(name)).toBeUndefined());

test.each([
  ["2026-01", ["2026-01"]],
  ["2026-03", ["2026-03", "2026-Q1"]],
  ["2026-11", ["2026-11"]],
  ["2026-12", ["2026-12", "2026-Q4", "2026"]],
])("the end of %s closes %j", (month, expected) => expect(names(month)).toEqual(expected));

test.each([
  ["2026-12", "2027-01-01T00:00:00.000Z"],
  ["2024-02", "2024-03-01T00:00:00.000Z"],
  ["2100-02", "2100-03-01T00:00:00.000Z"],
  ["0099-12", "0100-01-01T00:00:00.000Z"],
  ["9999-12", "+010000-01-01T00:00:00.000Z"],
])("%s ends at %s", (month, at) => expect(endOf(month).toISOString()).toBe(at));

describe("what is owed", () => {
  const owed = (now: string, given = {}) => owedPeriods(anArchive(given), new Date(now)).map(({ month }) => month);

  test.each([
    ["2026-01-31T23:59:59.999Z", []],
    ["2026-02-01T00:00:00.000Z", ["2026-01"]],
    ["2026-02-28T23:59:59.999Z", ["2026-01"]],
    ["2026-03-01T00:00:00.000Z", ["2026-01", "2026-02"]],
    ["2025-06-01T00:00:00.000Z", []],
  ])("at %s: %j", (now, expected) => expect(owed(now)).toEqual(expected));

  test("a policy of quarters and years owes nothing for other months", () => {
    const slots = [slot("quarterly"), slot("yearly")];
    expect(owed("2027-02-15T00:00:00Z", { slots })).toEqual(["2026-03", "2026-06", "2026-09", "2026-12"]);
    expect(periodOf(anArchive({ slots }), "2026-11")).toBeUndefined();
    expect(periodOf(anArchive({ slots }), "2026-12")?.slots.map(({ name }) => name)).toEqual(["2026-Q4", "2026"]);
  });

  test("a slot is owed when its closing month is, though it began before `since`", () => {
    const [first] = owedPeriods(anArchive({ since: "2026-03" }), new Date("2026-04-02T00:00:00Z"));
    expect(first?.slots.map(({ name }) => name)).toEqual(["2026-03", "2026-Q1"]);
  });

  test("is due when dueWithin has gone by since the end", () => {
    expect(newestOwed(anArchive(), new Date("2027-01-02T00:00:00Z"))).toEqual({
      month: "2026-12",
      endsAt: new Date("2027-01-01T00:00:00Z"),
      dueAt: new Date("2027-01-06T00:00:00Z"),
      slots: slotsOfMonth("2026-12"),
    });
    expect(newestOwed(anArchive(), new Date("2026-01-20T00:00:00Z"))).toBeUndefined();
  });
});

describe("an archive is kept until", () => {
  const until = (month: string, ...slots: readonly ReturnType<typeof slot>[]) => {
    const archive = anArchive({ slots });
    const period = periodOf(archive, month);
    return period && retainUntil(archive, period).toISOString();
  };

  test.each([
    ["2026-12", [slot("monthly", "5y")], "2032-01-01T00:00:00.000Z"],
    ["2026-12", [slot("monthly", "1y"), slot("yearly", "10y")], "2037-01-01T00:00:00.000Z"],
    ["2026-11", [slot("monthly", "1y"), slot("yearly", "10y")], "2027-12-01T00:00:00.000Z"],
    ["2026-12", [slot("monthly", "7y"), slot("yearly", "5y")], "2034-01-01T00:00:00.000Z"],
    ["2024-01", [slot("monthly", "1mo")], "2024-03-01T00:00:00.000Z"],
    ["2024-02", [slot("monthly", "365d")], "2025-03-01T00:00:00.000Z"],
    ["2023-02", [slot("monthly", "365d")], "2024-02-29T00:00:00.000Z"],
  ] as const)("%s under %j: %s", (month, slots, expected) => expect(until(month, ...slots)).toBe(expected));
});

describe("whatever the instant", () => {
  const instants = fc.date({
    min: new Date("2000-01-01T00:00:00Z"),
    max: new Date("2060-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
  const months = fc
    .tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1, max: 12 }))
    .map(([year, month]) => `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}`);

  test("names of slots come back as they are, and close with the month that bore them", () => {
    fc.assert(
      fc.property(months, (month) => {
        expect(isMonth(month)).toBe(true);
        for (const found of slotsOfMonth(month)) expect(parseSlot(found.name)).toEqual(found);
      }),
    );
  });

  test("what is owed has ended, in order and without a gap, and the next has not", () => {
    fc.assert(
      fc.property(instants, (now) => {
        const owed = owedPeriods(anArchive({ since: "2000-01" }), now);
        expect(owed).toHaveLength((now.getUTCFullYear() - 2000) * 12 + now.getUTCMonth());
        for (const [index, { endsAt, month }] of owed.entries()) {
          expect(endsAt.getTime()).toBeLessThanOrEqual(now.getTime());
          expect(endsAt.getTime()).toBe(Date.UTC(2000, index + 1));
          expect(month).toBe(new Date(Date.UTC(2000, index)).toISOString().slice(0, 7));
        }
      }),
      { numRuns: 30 },
    );
  });

  test("every slot stands in exactly one period, and a year has twelve, four and one of them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2000, max: 2060 }), (year) => {
        const archive = anArchive({ since: `${year}-01`, dueWithin: duration("1d") });
        const slots = owedPeriods(archive, new Date(Date.UTC(year + 1, 0, 1))).flatMap((period) => period.slots);
        expect(new Set(slots.map(({ name }) => name)).size).toBe(17);
        expect(slots.filter(({ frequency }) => frequency === "quarterly")).toHaveLength(4);
        expect(slots.filter(({ frequency }) => frequency === "yearly").map(({ name }) => name)).toEqual([`${year}`]);
      }),
    );
  });

  test("no slot is kept shorter than the policy says, and one exactly as long", () => {
    const retains = fc.record({ monthly: fc.integer({ min: 1, max: 120 }), yearly: fc.integer({ min: 1, max: 120 }) });
    fc.assert(
      fc.property(months, retains, (month, { monthly, yearly }) => {
        const archive = anArchive({ slots: [slot("monthly", `${monthly}mo`), slot("yearly", `${yearly}mo`)] });
        const period = periodOf(archive, month);
        const longest = month.endsWith("-12") ? Math.max(monthly, yearly) : monthly;
        const expected = endOf(month);
        expected.setUTCMonth(expected.getUTCMonth() + longest);
        expect(period && retainUntil(archive, period)).toEqual(expected);
      }),
    );
  });
});
