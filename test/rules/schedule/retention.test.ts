/** Retentions at the edges of the calendar, and the order that Atlas demands. */
import { describe, expect, it } from "vitest";
import type { Frequency } from "../../../src/core/frequency.ts";
import type { Retention } from "../../../src/ports/atlas.ts";
import type { PolicyItem } from "../../../src/ports/atlas-changes.ts";
import {
  atLeastItsPeriod,
  byLength,
  covers,
  inOrder,
  longest,
  toRetention,
} from "../../../src/rules/schedule/retention.ts";
import { duration } from "../build.ts";
import { policyItem } from "./settings.ts";

/** `days(7)`: what Atlas writes as 7 days. */
const days = (value: number): Retention => ({ value, unit: "days" });
const weeks = (value: number): Retention => ({ value, unit: "weeks" });
const months = (value: number): Retention => ({ value, unit: "months" });
const years = (value: number): Retention => ({ value, unit: "years" });

it.each([
  ["1s", days(1)],
  ["90m", days(1)],
  ["24h", days(1)],
  ["25h", days(2)],
  ["7d", days(7)],
  ["4w", weeks(4)],
  ["6mo", months(6)],
  ["5y", years(5)],
])("%s in Atlas's units", (text, expected) => {
  expect(toRetention(duration(text))).toEqual(expected);
});

it.each([
  [days(31), months(1), true],
  [days(30), months(1), false],
  [months(1), days(28), true],
  [months(1), days(29), false],
  [weeks(1), days(7), true],
  [years(1), months(12), true],
  [months(12), years(1), true],
  [years(1), days(366), false],
])("%j covers %j: %s", (a, b, expected) => {
  expect(covers(a, b)).toBe(expected);
});

it.each<[readonly [Retention, ...Retention[]], Retention]>([
  [[days(7)], days(7)],
  [[days(7), weeks(1)], days(7)],
  [[days(7), days(30)], days(30)],
  [[months(1), days(30)], days(31)],
  [[days(30), months(1)], days(31)],
  [[months(1), days(30), weeks(5)], weeks(5)],
])("the longest of %j is %j", (all, expected) => {
  expect(longest(...all)).toEqual(expected);
});

it.each<[Frequency, Retention, Retention]>([
  ["hourly", days(1), days(1)],
  ["daily", days(1), days(1)],
  ["weekly", days(6), days(7)],
  ["weekly", days(8), days(8)],
  ["weekly", weeks(1), weeks(1)],
  ["monthly", days(30), days(31)],
  ["monthly", weeks(4), weeks(5)],
  ["monthly", months(1), months(1)],
  ["yearly", days(364), days(365)],
  ["yearly", months(11), months(12)],
  ["yearly", years(1), years(1)],
])("of %s items, kept %j: %j at least", (frequency, given, expected) => {
  expect(atLeastItsPeriod(frequency, given)).toEqual(expected);
});

it("shorter comes first", () => {
  const sorted = [policyItem("weekly", 1, "years"), policyItem("weekly", 40), policyItem("weekly", 1, "months")];
  expect(sorted.toSorted(byLength).map(({ retention }) => retention)).toEqual([months(1), days(40), years(1)]);
});

describe("in order", () => {
  const kept = (items: readonly PolicyItem[], moved: readonly number[]) =>
    inOrder(items, new Set(moved.map((index) => items[index]).filter((item) => item !== undefined))).map(
      ({ retention }) => retention,
    );

  it("raises the rarer items after one that moved, in the unit they have, by no more than it takes", () => {
    const items = [policyItem("daily", 30), policyItem("weekly", 4, "weeks"), policyItem("monthly", 1, "months")];
    expect(kept(items, [0])).toEqual([days(30), weeks(5), months(2)]);
    expect(kept([policyItem("daily", 400), policyItem("yearly", 1, "years")], [0])).toEqual([days(400), years(2)]);
  });

  it("raises one that moved to those before it", () => {
    expect(kept([policyItem("daily", 30), policyItem("weekly", 8)], [1])).toEqual([days(30), days(30)]);
  });

  it("passes on what was raised, whatever the order of the list", () => {
    const items = [policyItem("yearly", 1, "years"), policyItem("weekly", 2, "weeks"), policyItem("daily", 400)];
    expect(kept(items, [2])).toEqual([years(2), weeks(58), days(400)]);
  });

  it("leaves alone what Atlas has accepted, and the item by hand", () => {
    const items = [policyItem("daily", 30), policyItem("weekly", 8), policyItem("ondemand", 1)];
    expect(kept(items, [])).toEqual([days(30), days(8), days(1)]);
    expect(kept(items, [2])).toEqual([days(30), days(8), days(1)]);
    const byHand = [policyItem("ondemand", 300), policyItem("daily", 7)];
    expect(kept(byHand, [0, 1])).toEqual([days(300), days(7)]);
  });

  it("of one frequency sets nothing against each other, and gives back the items that need nothing", () => {
    const items = [policyItem("weekly", 8), policyItem("weekly", 30, "days", { id: "weekly-2" })];
    expect(inOrder(items, new Set(items))).toEqual(items);
    expect(inOrder(items, new Set(items))[0]).toBe(items[0]);
  });
});
