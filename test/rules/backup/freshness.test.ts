import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import type { Frequency } from "../../../src/core/frequency.ts";
import {
  aCluster,
  ago,
  anItem,
  aSchedule,
  aSnapshot,
  duration,
  entry,
  facts,
  findings,
  GONE,
  ITEM_IDS,
  said,
} from "../build.ts";

const id = "snapshot-age";

describe("the age of the newest snapshot", () => {
  test.each<[Frequency, string, number, string]>([
    ["daily", "7d", 26 * HOUR_MS, "26 h"],
    ["weekly", "4w", 7 * DAY_MS + 2 * HOUR_MS, "7 d 2 h"],
    ["monthly", "12mo", 31 * DAY_MS + 2 * HOUR_MS, "31 d"],
    ["yearly", "5y", 366 * DAY_MS + 2 * HOUR_MS, "366 d"],
  ])(
    "of %s ones may be one interval and the grace, and not a millisecond more",
    (frequency, retain, limitMs, limit) => {
      const aged = (ageMs: number) =>
        facts({
          database: { snapshots: [entry(frequency, retain)] },
          snapshots: [aSnapshot(frequency, ageMs, { expiresAt: ago(-DAY_MS) })],
        });
      expect(said(aged(limitMs), id)).toBe(`pass: newest good ${frequency} snapshot is ${limit} old`);
      expect(said(aged(limitMs + 1), id)).toBe(
        `fail: newest good ${frequency} snapshot is ${limit} old, the policy allows ${limit}`,
      );
    },
  );

  test("names numbers, id and instant as evidence, and how to be safe now", () => {
    const [finding] = findings(facts({ snapshots: [aSnapshot("daily", 50 * HOUR_MS)] }), id);
    expect(finding).toMatchObject({
      status: "fail",
      scope: "daily",
      message: "newest good daily snapshot is 50 h old, the policy allows 26 h",
      evidence: {
        expected: "at most 26 h",
        actual: "50 h",
        snapshotId: "daily-50h",
        createdAt: "2026-11-20T00:00:00.000Z",
        ageSeconds: 50 * 3600,
      },
    });
    expect(finding?.remedy).toContain("litally-ops backup snapshot core");
  });

  test("is no number where a newer one may be good", () => {
    const snapshots = [aSnapshot("daily", 50 * HOUR_MS), aSnapshot("daily", HOUR_MS, { status: GONE })];
    const [finding] = findings(facts({ snapshots }), id);
    expect(finding).toMatchObject({ status: "unknown", evidence: { actual: "50 h" } });
    expect(finding?.evidence).not.toHaveProperty("ageSeconds");
  });

  test.each([
    ["the policy's interval", [entry("hourly", "2d", "1h")], [anItem("hourly", 2)], 3 * HOUR_MS],
    ["the live interval", [entry("hourly", "2d")], [anItem("hourly", 2, { interval: 4 })], 6 * HOUR_MS],
    ["Atlas's default", [entry("hourly", "2d")], [], 8 * HOUR_MS],
  ])("of hourly ones goes by %s", (_, snapshots, items, limitMs) => {
    const aged = (ageMs: number) =>
      facts({ database: { snapshots }, schedule: aSchedule({ items }), snapshots: [aSnapshot("hourly", ageMs)] });
    expect(said(aged(limitMs), id)).toMatch(/^pass/);
    expect(said(aged(limitMs + 1), id)).toMatch(/^fail/);
  });

  test("cannot be judged without the interval", () => {
    const hourly = (items: Parameters<typeof aSchedule>[0]) =>
      facts({
        database: { snapshots: [entry("hourly", "2d")] },
        schedule: aSchedule(items),
        snapshots: [aSnapshot("hourly", 5 * HOUR_MS)],
      });
    expect(said(hourly({ items: GONE }), id)).toBe("unknown: could not find out: this field is gone");
    expect(said(hourly({ items: [anItem("hourly", 2, { interval: GONE })] }), id)).toMatch(/^unknown/);
    expect(said(hourly({ items: [anItem("hourly", 2, { interval: 1, frequency: GONE })] }), id)).toMatch(/^unknown/);
  });

  test.each([
    [0, "pass"],
    [-5 * MINUTE_MS, "pass"],
    [-5 * MINUTE_MS - 1, "unknown"],
  ])("dated %d ms back: %s", (ageMs, status) => {
    expect(said(facts({ snapshots: [aSnapshot("daily", ageMs)] }), id)).toMatch(new RegExp(`^${status}`));
  });
});

describe("what counts as one of the series", () => {
  const newest = (given: Parameters<typeof aSnapshot>[2], frequency: Frequency = "daily") =>
    said(facts({ snapshots: [aSnapshot(frequency, 8 * HOUR_MS, given), aSnapshot("daily", 32 * HOUR_MS)] }), id);

  test.each([
    ["a failed one", { status: "failed" } as const],
    ["one in progress", { status: "inProgress" } as const],
    ["a queued one", { status: "queued" } as const],
    ["a fallback", { kind: "fallback" } as const],
    ["one on demand", { kind: "onDemand", frequency: null, policyItemIds: [] } as const],
    ["one on demand that bears a label", { kind: "onDemand" } as const],
    ["an expired one", { expiresAt: ago(0) }],
    ["one of 0 bytes", { sizeBytes: 0 }],
  ])("not %s", (_, given) => {
    expect(newest(given)).toBe("fail: newest good daily snapshot is 32 h old, the policy allows 26 h");
  });

  test("one that expires in a millisecond still does", () => {
    expect(newest({ expiresAt: ago(-1) })).toBe("pass: newest good daily snapshot is 8 h old");
  });

  test("not a more frequent one", () => {
    expect(newest({}, "hourly")).toMatch(/^fail/);
  });

  test.each<Frequency>(["weekly", "monthly", "yearly"])("a %s one, which is kept longer", (frequency) => {
    expect(newest({}, frequency)).toBe(`pass: newest good daily snapshot is 8 h old (one labelled ${frequency})`);
  });

  test("one labelled hourly that was taken for the daily item too", () => {
    expect(newest({ policyItemIds: [ITEM_IDS.hourly, ITEM_IDS.daily] }, "hourly")).toBe(
      "pass: newest good daily snapshot is 8 h old (one labelled hourly)",
    );
  });

  test.each([
    ["status", { status: GONE }],
    ["kind", { kind: GONE }],
    ["label", { frequency: GONE, policyItemIds: [] }],
    ["missing label", { frequency: null, policyItemIds: [] }],
    ["expiry", { expiresAt: GONE }],
    ["size", { sizeBytes: GONE }],
    ["missing size", { sizeBytes: null }],
    ["time", { createdAt: GONE }],
  ])("maybe one whose %s is not readable", (_, given) => {
    expect(newest(given)).toBe("unknown: whether a recent daily snapshot is good cannot be read: snapshot daily-8h");
  });
});

describe("no snapshot at all", () => {
  const young = (ageMs: number, given: Parameters<typeof facts>[0] = {}) =>
    facts({ cluster: aCluster({ createdAt: ago(ageMs) }), snapshots: [], ...given });

  test("is a warning until the first is due, and a failure a millisecond later", () => {
    expect(said(young(26 * HOUR_MS), id)).toBe(
      "warn: no daily snapshot yet: the cluster is 26 h old, the first is due by 2026-11-22 02:00:00 UTC",
    );
    expect(said(young(26 * HOUR_MS + 1), id)).toBe("fail: there is no good daily snapshot, nor any other");
  });

  test("of a rare frequency is fine on a young cluster that has another good one", () => {
    const monthly = { database: { snapshots: [entry("monthly", "12mo")] } };
    const hourly = aSnapshot("hourly", HOUR_MS);
    expect(said(young(3 * DAY_MS, { ...monthly, snapshots: [hourly] }), id)).toMatch(/^pass: no monthly snapshot yet/);
    expect(said(young(3 * DAY_MS, monthly), id)).toMatch(/^warn: no monthly snapshot yet/);
    expect(said(young(3 * DAY_MS, { ...monthly, snapshots: [{ ...hourly, status: GONE }] }), id)).toMatch(/^unknown/);
  });

  test("of a cluster of unreadable age is unknown", () => {
    expect(said(facts({ cluster: aCluster({ createdAt: GONE }), snapshots: [] }), id)).toMatch(/^unknown/);
    expect(said(young(-DAY_MS), id)).toBe(
      "unknown: could not find out: cluster litally-core: createDate is dated in the future (2026-11-23T02:00:00.000Z)",
    );
  });

  test("because they could not be listed is unknown", () => {
    expect(said(facts({ snapshots: GONE }), id)).toBe("unknown: could not find out: this field is gone");
  });
});

test("the grace is the policy's", () => {
  const graced = (grace: string) =>
    facts({ database: { grace: duration(grace) }, snapshots: [aSnapshot("daily", 27 * HOUR_MS)] });
  expect(said(graced("3h"), id)).toMatch(/^pass/);
  expect(said(graced("2h"), id)).toMatch(/^fail/);
});
