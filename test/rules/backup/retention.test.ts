import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDuration, DAY_MS, type Duration, HOUR_MS } from "../../../src/core/duration.ts";
import { atLeast, describeRetention, EXPIRY_TOLERANCE_MS } from "../../../src/rules/backup/retention.ts";
import {
  aCluster,
  ago,
  anItem,
  aSchedule,
  aSnapshot,
  dailies,
  duration,
  entry,
  facts,
  findings,
  GONE,
  ITEM_IDS,
  said,
} from "../build.ts";

describe("whether one retention is never shorter than another", () => {
  const aRetention: fc.Arbitrary<Duration> = fc.oneof(
    fc.record({ value: fc.integer({ min: 1, max: 1500 }), unit: fc.constant("d" as const) }),
    fc.record({ value: fc.integer({ min: 1, max: 220 }), unit: fc.constant("w" as const) }),
    fc.record({ value: fc.integer({ min: 1, max: 50 }), unit: fc.constant("mo" as const) }),
    fc.record({ value: fc.integer({ min: 1, max: 5 }), unit: fc.constant("y" as const) }),
  );
  /** The first of every month of two spans of four years: one with a leap day, one over the year 2100 that has none. */
  const starts = [2024, 2097].flatMap((year) =>
    Array.from({ length: 60 }, (_, month) => new Date(Date.UTC(year, month, 1))),
  );

  test("agrees with the calendar, from every start", () => {
    fc.assert(
      fc.property(aRetention, aRetention, (live, wanted) => {
        const enough = starts.map((start) => addDuration(start, live) >= addDuration(start, wanted));
        const brute = enough.every(Boolean) ? "yes" : enough.some(Boolean) ? "maybe" : "no";
        expect(atLeast(live, wanted)).toBe(brute);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["30d", "30d", "yes"],
    ["4w", "28d", "yes"],
    ["1mo", "28d", "yes"],
    ["1mo", "29d", "maybe"],
    ["1mo", "31d", "maybe"],
    ["1mo", "32d", "no"],
    ["31d", "1mo", "yes"],
    ["30d", "1mo", "maybe"],
    ["27d", "1mo", "no"],
    ["12mo", "1y", "yes"],
    ["1y", "12mo", "yes"],
    ["11mo", "1y", "no"],
    ["365d", "1y", "maybe"],
    ["366d", "1y", "yes"],
    ["60mo", "5y", "yes"],
  ])("%s against %s: %s", (live, wanted, answer) => {
    expect(atLeast(duration(live), duration(wanted))).toBe(answer);
  });

  test("reads as the policy writes it", () => {
    expect(
      (["days", "weeks", "months", "years"] as const).map((unit) => describeRetention({ value: 2, unit })),
    ).toEqual(["2d", "2w", "2mo", "2y"]);
  });
});

describe("the schedule's item", () => {
  const id = "schedule-item";
  const scheduled = (items: Parameters<typeof aSchedule>[0], ...snapshots: ReturnType<typeof entry>[]) =>
    facts({ schedule: aSchedule(items), ...(snapshots.length === 0 ? {} : { database: { snapshots } }) });

  test.each([
    ["enough", [anItem("daily", 7)], "pass: daily, kept 7d"],
    ["more", [anItem("daily", 0, { retention: { value: 1, unit: "months" } })], "pass: daily, kept 1mo"],
    ["too little", [anItem("daily", 6)], "fail: daily snapshots are kept 6d, the policy wants 7d"],
    ["one of two enough", [anItem("daily", 6), anItem("daily", 8)], "pass: daily, kept 6d, 8d"],
    ["none", [anItem("hourly", 7)], "fail: the schedule has no daily item"],
    ["only on demand", [anItem("daily", 7, { frequency: "ondemand" })], "fail: the schedule has no daily item"],
    ["no item at all", [], "fail: the schedule has no daily item"],
    ["an unreadable retention", [anItem("daily", 7, { retention: GONE })], "unknown: a schedule item cannot be read"],
    ["an unreadable frequency", [anItem("hourly", 7, { frequency: GONE })], "unknown: a schedule item cannot be read"],
    ["another unreadable one", [anItem("daily", 7), anItem("hourly", 7, { frequency: GONE })], "pass: daily, kept 7d"],
  ])("with %s", (_, items, expected) => {
    expect(said(scheduled({ items }), id)).toBe(expected);
  });

  test("that may be shorter in some months is a warning", () => {
    const monthly = anItem("daily", 0, { retention: { value: 1, unit: "months" } });
    expect(said(scheduled({ items: [monthly] }, entry("daily", "30d")), id)).toBe(
      "warn: daily snapshots are kept 1mo, which can be shorter than 30d in some months",
    );
  });

  test.each([
    [1, "pass"],
    [2, "pass"],
    [4, "fail"],
  ])("hourly every %d h against every 2h: %s", (interval, status) => {
    const given = scheduled({ items: [anItem("hourly", 7, { interval })] }, entry("hourly", "7d", "2h"));
    expect(said(given, id)).toMatch(new RegExp(`^${status}`));
  });

  test("too seldom says so, and which command sets it", () => {
    const [finding] = findings(scheduled({ items: [anItem("hourly", 7)] }, entry("hourly", "7d", "2h")), id);
    expect(finding?.message).toBe("hourly snapshots are taken less often than every 2h");
    expect(finding?.remedy).toBe("litally-ops backup apply core");
  });

  test("that is as wanted has no remedy", () => {
    expect(findings(facts(), id)[0]).not.toHaveProperty("remedy");
  });

  test("is judged per frequency, and unknown without the schedule", () => {
    const both = facts({ database: { snapshots: [entry("daily", "7d"), entry("weekly", "4w")] } });
    expect(findings(both, id).map(({ scope, status }) => [scope, status])).toEqual([
      ["daily", "pass"],
      ["weekly", "fail"],
    ]);
    expect(said(facts({ schedule: GONE }), id)).toMatch(/^unknown/);
  });
});

describe("the expiry of each snapshot", () => {
  const id = "snapshot-expiry";
  const at = ago(80 * HOUR_MS);
  const expiring = (expiresAt: Date) =>
    facts({ snapshots: dailies(7).with(3, aSnapshot("daily", 80 * HOUR_MS, { expiresAt })) });

  test("may come an hour early, and not a millisecond more", () => {
    const due = at.getTime() + 7 * DAY_MS - EXPIRY_TOLERANCE_MS;
    expect(said(expiring(new Date(due)), id)).toBe("pass: 7 daily snapshots kept 7d or longer");
    const [finding] = findings(expiring(new Date(due - 1)), id);
    expect(finding).toMatchObject({
      status: "fail",
      message:
        "1 of 7 daily snapshots expires before 7d are over: daily-80h of 2026-11-18 expires on 2026-11-25, 1 h too early",
      evidence: {
        expected: "kept 7d",
        actual: ["daily-80h of 2026-11-18 expires on 2026-11-25, 1 h too early"],
        snapshots: 7,
      },
    });
  });

  test("that comes too early is mended by a command that can be typed, for that which is lost first", () => {
    const short = (ageHours: number, daysLeft: number) =>
      aSnapshot("daily", ageHours * HOUR_MS, { expiresAt: ago(-daysLeft * DAY_MS) });
    const judged = facts({
      database: { snapshots: [entry("daily", "1mo")] },
      snapshots: [short(8, 1), short(32, 3), short(56, 2), short(80, 4)],
      cluster: aCluster({ createdAt: ago(4 * DAY_MS) }),
    });
    const [finding] = findings(judged, id);
    expect(finding?.message).toMatch(
      /^4 of 4 daily snapshots expire before 1mo are over: daily-8h of .*; daily-32h of .*; daily-56h of .*, 25 d too early and 1 more$/,
    );
    expect(finding?.evidence?.["actual"]).toHaveLength(4);
    expect(finding?.remedy).toBe(
      `lengthen what is too short, that which expires next first: echo '{"retentionUnit":"DAYS","retentionValue":30}' > f.json && atlas api cloudBackups updateSnapshotRetention --snapshotId daily-8h --clusterName litally-core --file f.json, and so for the other 3, by id; for those to come see backup/schedule-item`,
    );
  });

  test("of one that stands in for a daily counts; of one on demand does not", () => {
    const weekly = aSnapshot("weekly", 80 * HOUR_MS, { expiresAt: ago(-HOUR_MS) });
    expect(said(facts({ snapshots: dailies(7).with(3, weekly) }), id)).toMatch(/^fail/);
    expect(
      said(
        facts({ snapshots: [...dailies(7), { ...weekly, kind: aSnapshot("daily", 0, { kind: "onDemand" }).kind }] }),
        id,
      ),
    ).toMatch(/^pass: 7/);
  });

  test("of one that only a surplus item asked for does not matter", () => {
    const items = [anItem("daily", 7), anItem("daily", 3, { id: "extra" })];
    const extra = (policyItemIds: readonly string[]) =>
      aSnapshot("daily", 20 * HOUR_MS, { policyItemIds, expiresAt: ago(-2 * DAY_MS) });
    const judged = (policyItemIds: readonly string[], of = items) =>
      said(facts({ schedule: aSchedule({ items: of }), snapshots: [...dailies(7), extra(policyItemIds)] }), id);
    expect(judged(["extra"])).toBe("pass: 7 daily snapshots kept 7d or longer");
    expect(judged(["extra", ITEM_IDS.daily]), "taken for both").toMatch(/^fail: 1 of 8/);
    expect(judged([ITEM_IDS.daily]), "taken for the other").toMatch(/^fail: 1 of 8/);
    expect(judged([]), "taken for none that is named").toMatch(/^fail: 1 of 8/);
    const onlyExtra = facts({ schedule: aSchedule({ items }), snapshots: [extra(["extra"])] });
    expect(said(onlyExtra, id), "nothing but extra").toMatch(/^unknown: there is no good daily snapshot/);
    const short = [anItem("daily", 6), anItem("daily", 3, { id: "extra" })];
    expect(judged(["extra"], short), "no item keeps enough").toMatch(/^fail: 1 of 8/);
  });

  test("of one older than the retention does not matter", () => {
    const old = aSnapshot("daily", 10 * DAY_MS, { expiresAt: ago(-HOUR_MS), createdAt: ago(7 * DAY_MS + HOUR_MS) });
    expect(said(facts({ snapshots: [...dailies(7), old] }), id)).toMatch(/^pass: 7/);
  });

  test("by the calendar: a month from 31 January is over on 28 February", () => {
    const monthly = (expiresAt: string) =>
      facts({
        database: { snapshots: [entry("monthly", "12mo")] },
        snapshots: [
          aSnapshot("monthly", 0, { createdAt: new Date("2026-01-31T18:00:00Z"), expiresAt: new Date(expiresAt) }),
        ],
      });
    expect(said(monthly("2027-01-31T17:00:00Z"), id)).toMatch(/^pass/);
    expect(said(monthly("2027-01-31T16:59:59Z"), id)).toMatch(/^fail/);
  });

  test.each([
    ["expiry", { expiresAt: GONE }],
    ["missing expiry", { expiresAt: null }],
    ["time", { createdAt: GONE }],
    ["status", { status: GONE }],
    ["kind", { kind: GONE }],
  ])("is unknown without the %s of one", (_, given) => {
    expect(said(facts({ snapshots: dailies(7).with(3, aSnapshot("daily", 80 * HOUR_MS, given)) }), id)).toMatch(
      /^unknown/,
    );
  });

  test("is unknown without the snapshots", () => {
    expect(said(facts({ snapshots: GONE }), id)).toMatch(/^unknown/);
  });
});
