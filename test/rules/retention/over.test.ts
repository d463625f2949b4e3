/** What outlives the policy is told, with its worst example; locks are compared with what is owed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { lockFit, overRetained } from "../../../src/rules/retention/over.ts";
import { duration } from "../build.ts";
import { AWAY, anyWorld, at, point, tier } from "./build.ts";

const BORN = at("2020-01-01");
const told = (...given: Parameters<typeof overRetained>) =>
  overRetained(...given).map(({ madeBy, limit, count, limitMs, byMs }) => [
    madeBy,
    limit,
    count,
    new Date(limitMs).toISOString().slice(0, 10),
    byMs / DAY_MS,
  ]);

describe("what is kept longer", () => {
  const days = tier("day", "30d");

  test("than any slot needs, by more than a period", () => {
    const noon = at("2026-11-01T12:00Z");
    const untilMs = at("2026-12-01") + DAY_MS;
    expect(told([point(noon, 0, { untilMs })], [days], BORN)).toEqual([]);
    expect(told([point(noon, 0, { untilMs: untilMs + HOUR_MS })], [days], BORN)).toEqual([
      ["daily", "need", 1, "2026-12-01", 25 / 24],
    ]);
  });

  test("what another tier needs is needed", () => {
    const months = tier("month", "1y");
    const kept = point("2026-11-01T12:00Z", 200 * DAY_MS);
    expect(told([kept], [days], BORN)).toHaveLength(1);
    expect(told([kept], [days, months], BORN)).toEqual([]);
  });

  test("a point that no slot needs is counted from where it is there", () => {
    const copy = point("2026-11-01T00:00Z", 3 * DAY_MS, { kind: "copy", place: AWAY });
    const unborn = at("2026-11-02");
    expect(told([copy], [days], BORN)).toEqual([["daily", "need", 1, "2026-11-01", 3]]);
    expect(told([point("2026-11-01T00:00Z", 31 * DAY_MS)], [days], unborn)).toHaveLength(1);
  });

  test("than the policy allows, where it names a maximum and no other tier allows more", () => {
    const strict = tier("day", "30d", { atMost: duration("31d") });
    const loose = tier("week", "30d");
    const kept = point("2026-11-01T00:00Z", 31 * DAY_MS + 1);
    expect(told([point("2026-11-01T00:00Z", 31 * DAY_MS)], [strict], BORN)).toEqual([]);
    expect(told([kept], [strict], BORN).map(([, limit]) => limit)).toEqual(["maximum", "need"]);
    expect(told([kept], [strict, loose], BORN)).toEqual([]);
  });

  test("than the policy allows, also of the time before the birth or before `since`, of which nothing is owed", () => {
    const forever = { untilMs: Number.POSITIVE_INFINITY, removedBy: null };
    const months = tier("month", "1y", { atMost: duration("13mo") });
    const archives = tier("month", "5y", {
      by: { kind: "archive" },
      sinceMs: at("2026-11-01"),
      atMost: duration("6y"),
    });
    const first = point("2026-11-20T18:00Z", 0, forever);
    const early = point("2026-10-31T18:00Z", 0, { ...forever, kind: "archive", month: "2026-10" });
    expect(told([first], [months], at("2026-11-10"))[0]?.slice(1, 4)).toEqual(["maximum", 1, "2027-12-22"]);
    expect(told([early], [archives], BORN)[0]?.slice(1, 4)).toEqual(["maximum", 1, "2032-11-01"]);
  });

  test("one entry for each maker, with the worst example and how many there are", () => {
    const makers = ["hourly", "daily"].flatMap((madeBy) =>
      [1, 2, 3].map((day) => point(`2026-11-0${day}T00:00Z`, (40 + day) * DAY_MS, { tier: madeBy })),
    );
    const forever = point("2026-11-04T00:00Z", 0, { untilMs: Number.POSITIVE_INFINITY, removedBy: null });
    expect(told([...makers, forever], [days], BORN)).toEqual([
      ["daily", "need", 4, "2026-12-04", Number.POSITIVE_INFINITY],
      ["hourly", "need", 3, "2026-12-03", 13],
    ]);
  });

  test("an archive is needed as long as the longest slot that its month closes", () => {
    const slot = (kind: "month" | "quarter" | "year", retain: string) =>
      tier(kind, retain, { by: { kind: "archive" }, within: duration("5d"), sinceMs: at("2026-01-01") });
    const tiers = [slot("month", "1y"), slot("quarter", "2y"), slot("year", "5y")];
    const archive = (month: string) => point(`${month}-28T00:00Z`, 2200 * DAY_MS, { kind: "archive", month });
    const limits = ["2026-11", "2026-09", "2026-12", "2025-12"].map(
      (month) => told([archive(month)], tiers, BORN)[0]?.[3],
    );
    expect(limits).toEqual(["2027-12-01", "2028-10-01", "2032-01-01", "2025-12-28"]);
  });

  test("the life of an archive is counted from the end of its month, whenever its source was taken", () => {
    const months = tier("month", "31d", {
      by: { kind: "archive" },
      sinceMs: at("2026-01-01"),
      atMost: duration("31d"),
    });
    const archive = (untilMs: number) =>
      point("2026-12-01T06:00Z", 0, { kind: "archive", month: "2026-11", fromMs: at("2026-12-02"), untilMs });
    expect(told([archive(at("2027-01-01"))], [months], BORN)).toEqual([]);
    expect(told([archive(at("2027-01-01") + 1)], [months], BORN)[0]?.slice(0, 4)).toEqual([
      "daily",
      "maximum",
      1,
      "2027-01-01",
    ]);
  });

  test("what is hidden and still held is kept", () => {
    const strict = tier("day", "30d", { atMost: duration("31d") });
    const hidden = (heldUntilMs: number) => point("2026-11-01T00:00Z", 30 * DAY_MS, { heldUntilMs });
    expect(told([hidden(at("2026-12-02"))], [strict], BORN)).toEqual([]);
    expect(told([hidden(at("2026-12-04"))], [strict], BORN)[0]).toEqual(["daily", "maximum", 1, "2026-12-02", 2]);
  });

  test("the order of the points is irrelevant", () => {
    fc.assert(
      fc.property(anyWorld, ({ points, tiers, horizon: { bornMs } }) => {
        expect(overRetained(points.toReversed(), tiers, bornMs)).toEqual(overRetained(points, tiers, bornMs));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a lock", () => {
  const owed = at("2031-11-01");
  test.each([
    [null, { kind: "unlocked" }],
    [owed - 1, { kind: "shorter", byMs: 1 }],
    [owed, { kind: "fits" }],
    [owed + DAY_MS, { kind: "fits" }],
    [owed + DAY_MS + 1, { kind: "longer", byMs: DAY_MS + 1 }],
  ])("until %s is %j", (until, fit) => expect(lockFit(until, owed)).toEqual(fit));
});
