/** The intervals say what looking at every instant says; and no proof loses coverage by gaining a point. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { firingsMs } from "../../../src/rules/retention/calendar.ts";
import { slotName } from "../../../src/rules/retention/demand.ts";
import type { OwedSlot } from "../../../src/rules/retention/model.ts";
import { type Proof, prove } from "../../../src/rules/retention/proof.ts";
import { bruteProof } from "./brute.ts";
import { AWAY, anyWorld, at, horizon, point, supplyOf, tier } from "./build.ts";

type Found = { readonly slot: OwedSlot; readonly atMs: number } | null;
const told = (found: Found) =>
  found && `${found.slot.tier.id} ${slotName(found.slot)} ${new Date(found.atMs).toISOString()}`;
const counts = (proof: Proof) => proof.tiers.map(({ owed, breached }) => ({ owed, breached }));
const firstMs = (found: Found) => found?.atMs ?? Number.POSITIVE_INFINITY;

/** One a day at noon, from the day on, each for so long. */
const daily = (from: string, count: number, lifeMs: number) =>
  Array.from({ length: count }, (_, index) => point(at(from) + index * DAY_MS + 12 * HOUR_MS, lifeMs));

describe("the proof", () => {
  test("agrees with looking at every instant, on the first breach, on that of each tier, and on the counts", () => {
    let [held, broken] = [0, 0];
    fc.assert(
      fc.property(anyWorld, ({ points, tiers, horizon: over }) => {
        const proof = prove(supplyOf(...points), tiers, over);
        const brute = bruteProof(points, tiers, over);
        const bruteTold = (first: typeof brute.first) =>
          first && `${first.slot.tier.id} ${first.slot.name} ${new Date(first.atMs).toISOString()}`;
        expect(told(proof.breach)).toBe(bruteTold(brute.first));
        expect(proof.tiers.map(({ breach }) => told(breach))).toEqual(brute.firsts.map(bruteTold));
        const count = (slots: readonly OwedSlot[], one: unknown) => slots.filter((slot) => slot.tier === one).length;
        expect(counts(proof)).toEqual(
          tiers.map((one) => ({ owed: count(brute.slots, one), breached: count(brute.broken, one) })),
        );
        if (proof.breach === null) held += 1;
        else broken += 1;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(held, broken), `${held} held, ${broken} broke: both must be tried`).toBeGreaterThan(500);
  });

  test("one more point never lowers coverage, and never brings a breach forward", () => {
    const added = fc.tuple(anyWorld, anyWorld).filter(([, { points }]) => points.length > 0);
    fc.assert(
      fc.property(added, fc.nat(), ([{ points, tiers, horizon: over }, other], index) => {
        const before = prove(supplyOf(...points), tiers, over);
        const after = prove(
          supplyOf(...points, ...other.points.slice(index % other.points.length).slice(0, 3)),
          tiers,
          over,
        );
        for (const [number, one] of after.tiers.entries()) {
          expect(one.breached).toBeLessThanOrEqual(before.tiers[number]?.breached ?? Number.NaN);
          expect(firstMs(one.breach)).toBeGreaterThanOrEqual(firstMs(before.tiers[number]?.breach ?? null));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("what is kept longer never creates a breach", () => {
    fc.assert(
      fc.property(anyWorld, fc.nat(40), fc.nat(), ({ points, tiers, horizon: over }, days, salt) => {
        const longer = points.map((one, index) =>
          (index + salt) % 3 === 0 ? { ...one, untilMs: one.untilMs + days * DAY_MS } : one,
        );
        const [before, after] = [points, longer].map((some) => prove(supplyOf(...some), tiers, over).breach);
        expect(firstMs(after ?? null)).toBeGreaterThanOrEqual(firstMs(before ?? null));
      }),
      { numRuns: 500 },
    );
  });

  test("the order of the points is irrelevant", () => {
    const shuffled = anyWorld.chain((world) =>
      fc.record({
        world: fc.constant(world),
        points: fc.shuffledSubarray([...world.points], { minLength: world.points.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ world: { tiers, points: straight, horizon: over }, points }) => {
        expect(prove(supplyOf(...points), tiers, over)).toEqual(prove(supplyOf(...straight), tiers, over));
      }),
      { numRuns: 500 },
    );
  });

  test("several points may cover a slot one after the other, without a moment between", () => {
    const slots = tier("month", "2mo");
    const over = horizon("2026-11-02", "2026-12-01", "2026-10-01");
    const first = point("2026-10-05T00:00Z", 0, { untilMs: at("2026-11-10") });
    const second = (fromMs: number) => point("2026-10-03T00:00Z", 0, { fromMs, untilMs: at("2027-01-01") });
    expect(prove(supplyOf(first, second(at("2026-11-10"))), [slots], over).breach).toBeNull();
    expect(prove(supplyOf(first, second(at("2026-11-10") + 1)), [slots], over).breach).toMatchObject({
      day: "2026-11-10",
      atMs: at("2026-11-10"),
    });
  });

  test("the first day on which it breaks, and what removed the points", () => {
    const kept = daily("2026-11-01", 60, 7 * DAY_MS);
    const { breach, tiers } = prove(
      supplyOf(...kept),
      [tier("day", "30d")],
      horizon("2026-11-20", "2026-12-20", "2026-11-15"),
    );
    expect(breach).toMatchObject({
      day: "2026-11-22",
      atMs: at("2026-11-22T12:00Z"),
      slot: { startsMs: at("2026-11-15") },
    });
    expect(breach?.others.map(({ removedBy }) => removedBy)).toEqual(["policy item daily"]);
    expect(tiers).toMatchObject([{ owed: 34, wholeFromMs: at("2026-12-15") }]);
  });

  test("Atlas's default schedule keeps no day for 30 days: the first is gone after seven", () => {
    const reference = { hour: 18, minute: 0 };
    const bornMs = at("2026-11-01");
    const until = at("2027-03-01");
    const items = [
      { frequency: "hourly", interval: 6, days: 7 },
      { frequency: "daily", interval: 1, days: 7 },
      { frequency: "weekly", interval: 6, days: 28 },
      { frequency: "monthly", interval: 40, days: 365 },
    ] as const;
    const points = items.flatMap((item) =>
      firingsMs({ ...item, reference }, bornMs, until).map((ms) =>
        point(ms, item.days * DAY_MS, { tier: item.frequency, removedBy: `policy item ${item.frequency}` }),
      ),
    );
    const over = { fromMs: bornMs, untilMs: until, bornMs };
    const { tiers } = prove(supplyOf(...points), [tier("day", "30d"), tier("week", "4w"), tier("month", "1y")], over);
    expect(tiers.map(({ breach }) => breach?.day ?? null)).toEqual(["2026-11-08", null, null]);
    expect(tiers[0]?.breach).toMatchObject({ atMs: at("2026-11-08T18:00Z"), slot: { startsMs: bornMs } });
  });

  test("a tier of which nothing is owed yet is there, and says so", () => {
    const proof = prove(supplyOf(), [tier("year", "5y")], horizon("2026-11-20", "2026-12-20", "2026-11-15"));
    expect(proof).toMatchObject({ breach: null, tiers: [{ owed: 0, breached: 0, breach: null }] });
  });

  test("a copy is owed in its region, an archive for its month: nothing else will do", () => {
    const over = horizon("2026-11-05", "2026-11-06", "2026-10-01");
    const copies = tier("month", "3mo", { by: { kind: "copy", region: AWAY.label } });
    const archives = tier("month", "3mo", { by: { kind: "archive" } });
    const here = point("2026-10-20T00:00Z", 90 * DAY_MS);
    const breaches = (...points: ReturnType<typeof point>[]) =>
      counts(prove(supplyOf(...points), [copies, archives], over));
    const archived = { kind: "archive", month: "2026-10" } as const;
    expect(breaches(here).map(({ breached }) => breached)).toEqual([1, 1]);
    expect(breaches({ ...here, kind: "copy" }).map(({ breached }) => breached)).toEqual([1, 1]);
    expect(breaches({ ...here, kind: "copy", place: AWAY }).map(({ breached }) => breached)).toEqual([0, 1]);
    expect(breaches({ ...here, ...archived }).map(({ breached }) => breached)).toEqual([1, 0]);
    expect(breaches({ ...here, ...archived, month: "2026-09" }).map(({ breached }) => breached)).toEqual([1, 1]);
  });
});
