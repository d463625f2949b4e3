/** One outcome for each slot that is owed; and a breach that anyone can replay. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS } from "../../../src/core/duration.ts";
import { slotName } from "../../../src/rules/retention/demand.ts";
import { prove } from "../../../src/rules/retention/proof.ts";
import { counterexample, replays } from "../../../src/rules/retention/replay.ts";
import { absence, todayOf } from "../../../src/rules/retention/today.ts";
import { bruteBreaches, bruteSlots, fills } from "./brute.ts";
import { AWAY, anyWorld, at, horizon, point, supplyOf, tier } from "./build.ts";

describe("today", () => {
  test("every slot that is owed has exactly one outcome, with the points that satisfy it", () => {
    fc.assert(
      fc.property(anyWorld, ({ points, tiers, horizon: { fromMs, bornMs } }) => {
        const outcomes = todayOf(supplyOf(...points), tiers, fromMs, bornMs);
        const owed = tiers.flatMap((one) => bruteSlots(one, { fromMs, untilMs: fromMs + 1, bornMs }));
        expect(outcomes.map(({ slot }) => `${tiers.indexOf(slot.tier)} ${slotName(slot)}`)).toEqual(
          owed.map(({ tier: one, name }) => `${tiers.indexOf(one)} ${name}`),
        );
        const breaches = bruteBreaches(points, owed, { fromMs, untilMs: Number.POSITIVE_INFINITY });
        for (const [index, { satisfiedBy, others, breaksAtMs, why }] of outcomes.entries()) {
          const slot = owed[index];
          expect(breaksAtMs).toBe(breaches.find((one) => one.slot === slot)?.atMs ?? null);
          const mine = points.filter((one) => slot !== undefined && fills(one, slot));
          const there = mine.filter((one) => one.fromMs <= fromMs && fromMs < one.untilMs);
          expect(new Set(satisfiedBy)).toEqual(new Set(there));
          expect(new Set(others)).toEqual(new Set(mine.filter((one) => !there.includes(one))));
          expect(why).not.toBe("");
        }
      }),
      { numRuns: 500 },
    );
  });

  test("says which point satisfies a slot and why, and why none does", () => {
    const points = [
      point("2026-11-20T18:00Z", 30 * DAY_MS),
      point("2026-11-20T06:00Z", 40 * DAY_MS, { id: "snapshot 66f0", removedBy: "its own expiry" }),
      point("2026-11-21T18:00Z", DAY_MS / 2),
      point("2026-11-21T19:00Z", 9 * DAY_MS, { fromMs: at("2026-11-24") }),
      point("2026-11-19T18:00Z", 0, { untilMs: Number.POSITIVE_INFINITY, removedBy: null }),
    ];
    const outcomes = todayOf(supplyOf(...points), [tier("day", "5d")], at("2026-11-23T01:00Z"), at("2026-11-18"));
    expect(outcomes.map(({ slot, satisfiedBy, why }) => [slotName(slot), satisfiedBy.length, why])).toEqual([
      [
        "2026-11-19",
        1,
        "planned daily 2026-11-19T18:00:00.000Z holds 2026-11-19 18:00:00 UTC, of 2026-11-19; nothing removes it",
      ],
      [
        "2026-11-20",
        2,
        "snapshot 66f0 holds 2026-11-20 06:00:00 UTC, of 2026-11-20; it is kept until 2026-12-30 06:00:00 UTC (its own expiry)",
      ],
      [
        "2026-11-21",
        0,
        "planned daily 2026-11-21T18:00:00.000Z was there until 2026-11-22 06:00:00 UTC: policy item daily; planned daily 2026-11-21T19:00:00.000Z is there only from 2026-11-24 00:00:00 UTC on",
      ],
    ]);
  });

  test("says that what is there goes too early, unless another takes its place in time", () => {
    const short = point("2026-11-20T18:00Z", 4 * DAY_MS, { id: "snapshot a", removedBy: "its own expiry" });
    const [next, gone] = ["2026-11-24T18:00Z", "2026-11-24T18:01Z"].map((from) =>
      point("2026-11-20T06:00Z", 9 * DAY_MS, { id: "snapshot b", fromMs: at(from) }),
    );
    const outcome = (...points: (typeof short | undefined)[]) => {
      const supply = supplyOf(...points.filter((one) => one !== undefined));
      return todayOf(supply, [tier("day", "5d")], at("2026-11-23T01:00Z"), at("2026-11-20"))[0];
    };
    expect(outcome(short)).toMatchObject({
      breaksAtMs: at("2026-11-24T18:00Z"),
      why: "snapshot a holds 2026-11-20 18:00:00 UTC, of 2026-11-20; it is kept until 2026-11-24 18:00:00 UTC (its own expiry); it is owed until 2026-11-25 00:00:00 UTC, and from 2026-11-24 18:00:00 UTC on nothing is there of it",
    });
    expect(outcome(short, gone)?.breaksAtMs).toBe(at("2026-11-24T18:00Z"));
    expect(outcome(short, next)?.breaksAtMs).toBeNull();
  });

  test("what is owed an instant later is not owed yet", () => {
    const owed = (atMs: number) => todayOf(supplyOf(), [tier("day", "5d")], atMs, at("2026-11-22")).length;
    expect([owed(at("2026-11-23T02:00Z") - 1), owed(at("2026-11-23T02:00Z"))]).toEqual([0, 1]);
  });

  test("says that there never is any, and names a few of many", () => {
    const many = Array.from({ length: 5 }, (_, hour) => point(at("2026-11-20") + hour, 1, { id: `hour ${hour}` }));
    const [none, some] = todayOf(supplyOf(...many), [tier("day", "4d")], at("2026-11-22T01:00Z"), at("2026-11-19"));
    expect(none?.why).toBe("there is no snapshot of it, and none to come");
    expect(some?.why).toMatch(/^hour 2 was .*; hour 3 was .*; hour 4 was .*; and 2 more that are not there$/);
  });
});

describe("a breach", () => {
  test("replays, at its instant and in its world alone", () => {
    fc.assert(
      fc.property(anyWorld, ({ points, tiers, horizon: over }) => {
        const supply = supplyOf(...points);
        for (const { breach } of prove(supply, tiers, over).tiers) {
          if (breach === null) continue;
          expect(replays(supply, breach)).toBe(true);
          expect(replays(supply, { ...breach, atMs: breach.slot.owedUntilMs })).toBe(false);
          expect(replays(supplyOf(), { ...breach, atMs: breach.slot.owedFromMs - 1 })).toBe(false);
          const isFirst = breach.atMs === Math.max(breach.slot.owedFromMs, over.fromMs);
          if (!isFirst) expect(replays(supply, { ...breach, atMs: breach.atMs - 1 })).toBe(false);
          const { tier: one, startsMs, month } = breach.slot;
          const { kind } = one.by;
          const mended = point(startsMs, 0, {
            kind,
            place: AWAY,
            fromMs: 0,
            untilMs: breach.atMs + 1,
            ...(month === undefined ? {} : { month }),
          });
          expect(replays(supplyOf(...points, mended), breach)).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("is not mended by data of the first instant after the period", () => {
    const over = horizon("2026-11-22T12:00Z", "2026-11-22T13:00Z", "2026-11-21");
    const next = point("2026-11-22T00:00Z", DAY_MS);
    const { breach } = prove(supplyOf(next), [tier("day", "7d")], over);
    expect(breach && replays(supplyOf(next), breach)).toBe(true);
    expect(breach && replays(supplyOf(point(at("2026-11-22") - 1, DAY_MS)), breach)).toBe(false);
  });

  test("says what there is, what is missing and what removed it", () => {
    const points = ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-21", "2026-11-22"].map((day) =>
      point(`${day}T18:00Z`, day === "2026-11-19" ? 3 * DAY_MS : 9 * DAY_MS),
    );
    const supply = supplyOf(...points, point("2026-11-19T18:00Z", 9 * DAY_MS, { kind: "copy", place: AWAY }));
    const { breach } = prove(supply, [tier("day", "7d")], horizon("2026-11-22T12:00Z", "2026-11-23", "2026-11-19"));
    if (breach === null) throw new Error("two days are missing");
    expect(counterexample(supply, breach, breach.atMs)).toEqual({
      breach,
      missing:
        "a snapshot of 2026-11-20, owed from 2026-11-21 02:00:00 UTC until 2026-11-27 00:00:00 UTC (snapshots day retain 7d)",
      nearest: [points[2], points[3]],
      because: [],
    });
    const later = prove(supply, [tier("day", "7d")], horizon("2026-11-22T20:00Z", "2026-11-23", "2026-11-19")).breach;
    if (later === null) throw new Error("two days are missing");
    expect(counterexample(supply, later, later.atMs)).toMatchObject({
      nearest: [points[1], points[3]],
      because: ["planned daily 2026-11-19T18:00:00.000Z was there until 2026-11-22 18:00:00 UTC: policy item daily"],
    });
  });

  test("speaks of what is over, of what is there and of what comes as of each", () => {
    const one = point("2026-11-20T18:00Z", 2 * DAY_MS, { id: "x" });
    const said = (nowMs: string, atMs = at("2026-12-24")) => absence(one, atMs, at(nowMs)).split(" until")[0];
    expect(said("2026-11-20T17:59Z")).toBe("x will be there");
    expect(said("2026-11-20T18:00Z")).toBe("x is there");
    expect(said("2026-11-22T17:59Z")).toBe("x is there");
    expect(said("2026-11-22T18:00Z")).toBe("x was there");
    expect(said("2026-11-01", at("2026-11-02"))).toBe("x is there only from 2026-11-20 18:00:00 UTC on");
  });

  test("names the region of a missing copy and the month of a missing archive", () => {
    const over = horizon("2027-01-06", "2027-01-07", "2026-01-01");
    const missing = (by: Parameters<typeof tier>[2]) => {
      const { breach } = prove(supplyOf(), [tier("quarter", "4mo", by)], over);
      return breach && counterexample(supplyOf(), breach, over.fromMs).missing;
    };
    expect(missing({ by: { kind: "copy", region: "eu-west-1" } })).toMatch(/^a copy of 2026-Q4 in eu-west-1, owed/);
    expect(missing({ by: { kind: "archive" } })).toMatch(/^the archive of 2026-09 for 2026-Q3, owed/);
  });
});
