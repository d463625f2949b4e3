/** How many runs may be missed: equal to trying every stretch of every length. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { type Budget, failureBudgets } from "../../../src/rules/retention/budget.ts";
import type { Horizon } from "../../../src/rules/retention/demand.ts";
import type { RestorePoint, Supply, Tier } from "../../../src/rules/retention/model.ts";
import { duration } from "../build.ts";
import { bruteBudget } from "./brute.ts";
import { AWAY, at, horizon, point, supplyOf, tier } from "./build.ts";

/** Every so many hours from an instant on, each for so long. */
function runs(madeBy: string, from: string, count: number, hours: number, lifeMs: number): readonly RestorePoint[] {
  return Array.from({ length: count }, (_, index) =>
    point(at(from) + index * hours * HOUR_MS, lifeMs, { tier: madeBy, id: `${madeBy} ${index}` }),
  );
}

function failureBudget(supply: Supply, tiers: readonly Tier[], madeBy: string, within: Horizon): Budget {
  const [other, budget] = failureBudgets(supply, tiers, ["another", madeBy], within);
  if (budget === undefined) throw new Error("there is one for each that was asked for");
  expect(other?.kind).toBe(budget.kind === "broken" ? "broken" : "unneeded");
  return budget;
}

const over = horizon("2026-11-10", "2026-11-22", "2026-11-10");
const days = tier("day", "10d");
const dailies = runs("daily", "2026-11-10T18:00Z", 20, 24, 30 * DAY_MS);

describe("the failure budget", () => {
  test("is none where each slot has one run", () => {
    expect(failureBudget(supplyOf(...dailies), [days], "daily", over)).toMatchObject({
      kind: "misses",
      mayMiss: 0,
      breaking: {
        runsMs: [at("2026-11-10T18:00Z")],
        breach: { atMs: at("2026-11-11T02:00Z"), slot: { startsMs: at("2026-11-10") } },
        afterMs: 8 * HOUR_MS,
      },
    });
  });

  test("another schedule stands in for a time: then it breaks when the stand-in is removed", () => {
    const hourlies = runs("hourly", "2026-11-10T00:00Z", 80, 6, 7 * DAY_MS);
    const budget = failureBudget(supplyOf(...dailies, ...hourlies), [days], "daily", over);
    expect(budget).toMatchObject({ kind: "misses", mayMiss: 0, breaking: { afterMs: 7 * DAY_MS } });
    expect(failureBudget(supplyOf(...dailies, ...hourlies), [days], "hourly", over)).toEqual({ kind: "unneeded" });
  });

  test("several runs in one period stand in for each other", () => {
    const often = runs("hourly", "2026-11-10T00:00Z", 80, 6, 30 * DAY_MS);
    const budget = failureBudget(supplyOf(...often), [days], "hourly", over);
    expect(budget).toMatchObject({ kind: "misses", mayMiss: 3 });
    expect(
      budget.kind === "misses" && budget.breaking.runsMs.map((ms) => new Date(ms).toISOString().slice(0, 13)),
    ).toEqual(["2026-11-10T00", "2026-11-10T06", "2026-11-10T12", "2026-11-10T18"]);
  });

  test("of several that break as soon, tells what breaks first, whatever the order of the tiers", () => {
    const patient = tier("day", "10d", { within: duration("26h") });
    const supply = supplyOf(...dailies);
    const [first, last] = [
      [patient, days],
      [days, patient],
    ].map((tiers) => failureBudget(supply, tiers, "daily", over));
    expect(first).toEqual(last);
    expect(first).toMatchObject({ breaking: { afterMs: 8 * HOUR_MS } });
  });

  test("what is there already cannot be missed", () => {
    const seen = dailies.map((one, index) => ({ ...one, isSeen: index < 5 }));
    expect(failureBudget(supplyOf(...seen), [days], "daily", over)).toMatchObject({
      breaking: { runsMs: [at("2026-11-15T18:00Z")] },
    });
  });

  test("a run that is missed makes no copy either", () => {
    const copies = dailies.map((one) => ({ ...one, kind: "copy" as const, place: AWAY }));
    const away = tier("day", "10d", { by: { kind: "copy", region: AWAY.label } });
    expect(failureBudget(supplyOf(...dailies, ...copies), [away], "daily", over)).toMatchObject({ mayMiss: 0 });
  });

  test("a run of one item that is missed is one of all that fire with it", () => {
    const joined = dailies.map((one, index) =>
      index % 5 === 2 ? { ...one, tier: "weekly", makers: ["daily", "weekly"] } : one,
    );
    const budgetOf = (madeBy: string, supply: typeof dailies) =>
      failureBudget(supplyOf(...supply), [weeks], madeBy, horizon("2026-11-10", "2026-11-28", "2026-11-10"));
    const weeks = tier("week", "2w", { within: duration("26h") });
    expect(budgetOf("daily", dailies)).toMatchObject({ kind: "misses", mayMiss: 6 });
    expect(budgetOf("daily", joined)).toMatchObject({ kind: "misses", mayMiss: 6 });
    expect(failureBudget(supplyOf(...joined), [days], "weekly", over)).toMatchObject({ mayMiss: 0 });
  });

  test("there is none where it breaks anyway, and nothing to say where nothing is needed", () => {
    expect(failureBudget(supplyOf(), [days], "daily", over)).toMatchObject({
      kind: "broken",
      breach: { atMs: at("2026-11-11T02:00Z") },
    });
    expect(failureBudget(supplyOf(...dailies), [], "daily", over)).toEqual({ kind: "unneeded" });
  });

  test("costs little more for each run of a slot that many runs fill", () => {
    const readsOf = (count: number) => {
      let reads = 0;
      const get = (of: RestorePoint, name: keyof RestorePoint) => {
        if (name === "untilMs") reads += 1;
        return of[name];
      };
      const hourlies = runs("hourly", "2026-11-10T00:00Z", count, 1, 400 * DAY_MS);
      const counted = hourlies.map((one) => new Proxy(one, { get }));
      const year = horizon("2026-11-10", "2027-11-10", "2026-01-01");
      const budget = failureBudget(supplyOf(...counted), [tier("year", "13mo")], "hourly", year);
      expect(budget).toMatchObject({ kind: "misses", mayMiss: count - 1 });
      return reads;
    };
    expect(readsOf(1000)).toBeLessThan(3 * readsOf(500));
  });

  test("equals trying every stretch of runs of every length", () => {
    const counts = { broken: 0, unneeded: 0, one: 0, several: 0 };
    fc.assert(
      fc.property(busy, ({ points, tiers }) => {
        const budget = failureBudget(supplyOf(...points), tiers, "hourly", over);
        const brute = bruteBudget(points, tiers, "hourly", over);
        switch (budget.kind) {
          case "unneeded":
            expect(brute).toBeNull();
            counts.unneeded += 1;
            break;
          case "broken":
            expect(brute).toEqual({ count: 0, earliest: budget.breach.atMs });
            counts.broken += 1;
            break;
          case "misses":
            expect(brute).toEqual({ count: budget.mayMiss + 1, earliest: budget.breaking.breach.atMs });
            expect(budget.breaking.runsMs).toHaveLength(budget.mayMiss + 1);
            counts[budget.mayMiss === 0 ? "one" : "several"] += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(Math.min(...Object.values(counts)), JSON.stringify(counts)).toBeGreaterThan(20);
  });
});

/** Days and weeks that two schedules fill, each for a time of its own. */
const busy = fc
  .record({
    hours: fc.constantFrom(6, 8, 12, 16),
    lifeDays: fc.constantFrom(1, 4, 9, 12, 25),
    otherHours: fc.constantFrom(20, 48, 72),
    otherLifeDays: fc.constantFrom(2, 6, 12, 25),
    seen: fc.integer({ min: 0, max: 6 }),
    tiers: fc.subarray([days, tier("week", "10d"), tier("day", "3d"), tier("week", "3w")], { minLength: 1 }),
  })
  .map(({ hours, lifeDays, otherHours, otherLifeDays, seen, tiers }) => ({
    tiers,
    points: [
      ...runs("hourly", "2026-11-10T03:00Z", 28, hours, lifeDays * DAY_MS).map((one, index) => ({
        ...one,
        isSeen: index < seen,
      })),
      ...runs("daily", "2026-11-10T18:00Z", 10, otherHours, otherLifeDays * DAY_MS),
    ],
  }));
