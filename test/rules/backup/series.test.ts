import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { holesIn } from "../../../src/rules/backup/series.ts";
import { aCluster, ago, aSnapshot, dailies, entry, facts, findings, GONE, ITEM_IDS, NOW, said } from "../build.ts";

const id = "snapshot-series";
const without = (...days: readonly number[]) => dailies(7).filter((_, day) => !days.includes(day));

describe("holes", () => {
  const aSeries = fc.uniqueArray(fc.integer({ min: -60, max: 300 }), { maxLength: 30 });

  test("agree with a walk through every minute", () => {
    fc.assert(
      fc.property(aSeries, fc.integer({ min: 1, max: 90 }), (minutes, limit) => {
        const sorted = minutes.toSorted((a, b) => a - b);
        const holes = holesIn(
          sorted.map((minute) => new Date(minute * MINUTE_MS)),
          new Date(0),
          limit * MINUTE_MS,
        );
        expect(holes.map(({ from, to }) => [from.getTime() / MINUTE_MS, to.getTime() / MINUTE_MS])).toEqual(
          walk(new Set(sorted), Math.max(0, sorted.at(-1) ?? 0), limit),
        );
      }),
    );
  });

  /** Counts the minutes since the last point, and notes a hole where a point comes too late. */
  function walk(points: ReadonlySet<number>, end: number, limit: number): readonly (readonly number[])[] {
    const holes: number[][] = [];
    let since = 0;
    for (let minute = 0; minute <= end; minute += 1) {
      if (!points.has(minute)) continue;
      if (minute - since > limit) holes.push([since, minute]);
      since = minute;
    }
    return holes;
  }

  test.each([
    [26 * HOUR_MS, 0],
    [26 * HOUR_MS + 1, 1],
  ])("a gap of %d ms makes %d", (gapMs, count) => {
    const start = ago(3 * DAY_MS);
    expect(holesIn([start, new Date(start.getTime() + gapMs)], start, 26 * HOUR_MS)).toHaveLength(count);
  });
});

describe("the series", () => {
  test("without a hole passes, and says over what", () => {
    expect(said(facts(), id)).toBe(
      "pass: 7 good daily snapshots without a hole up to 2026-11-21 18:00:00 UTC, looked at over the last 7d",
    );
  });

  test("with a hole fails, and says where", () => {
    const [finding] = findings(facts({ snapshots: without(3) }), id);
    expect(finding).toMatchObject({
      status: "fail",
      message:
        "a hole in the daily series over the last 7d; the longest is 2026-11-17 18:00:00 UTC to 2026-11-19 18:00:00 UTC (48 h)",
      evidence: {
        expected: "no gap over 26 h",
        snapshots: 6,
        holes: 1,
        since: "2026-11-15T02:00:00.000Z",
        actual: ["2026-11-17 18:00:00 UTC to 2026-11-19 18:00:00 UTC (48 h)"],
      },
    });
  });

  test("is told up to its newest snapshot, also as evidence", () => {
    const [finding] = findings(facts(), id);
    expect(finding?.evidence).toMatchObject({ since: "2026-11-15T02:00:00.000Z", until: "2026-11-21T18:00:00.000Z" });
  });

  test("with holes is mended by nothing: what happened from the first to the last is to be seen", () => {
    expect(findings(facts({ snapshots: without(1, 4) }), id)[0]?.remedy).toBe(
      "a missed snapshot cannot be made up for: note the gap for the auditor, and see what happened then: atlas events projects list --minDate 2026-11-16T18:00:00Z --maxDate 2026-11-21T18:00:00Z",
    );
  });

  test("with many holes shows ten", () => {
    const sparse = Array.from({ length: 13 }, (_, index) =>
      aSnapshot("daily", (2 * index + 1) * DAY_MS, { expiresAt: ago(-DAY_MS) }),
    );
    const [finding] = findings(facts({ database: { snapshots: [entry("daily", "26d")] }, snapshots: sparse }), id);
    expect(finding?.evidence).toMatchObject({ holes: 12 });
    expect(finding?.evidence?.["actual"]).toHaveLength(10);
  });

  test("with a hole that an undated one may fill is unknown", () => {
    const undated = aSnapshot("daily", 80 * HOUR_MS, { createdAt: GONE });
    expect(said(facts({ snapshots: [...without(2, 5), undated] }), id)).toMatch(/^unknown/);
  });

  test("with several names their number and the longest", () => {
    expect(said(facts({ snapshots: without(1, 4, 5) }), id)).toMatch(/^fail: 2 holes .* \(3 d\)$/);
    expect(said(facts({ snapshots: without(1, 2, 5) }), id)).toMatch(/^fail: 2 holes .* \(3 d\)$/);
    expect(said(facts({ snapshots: without(1, 3, 4) }), id)).toBe(
      "fail: 2 holes in the daily series over the last 7d; the longest is 2026-11-16 18:00:00 UTC to 2026-11-19 18:00:00 UTC (3 d)",
    );
  });

  test("that starts too late has its hole at the start", () => {
    const late = (oldestMs: number) => facts({ snapshots: [...without(6), aSnapshot("daily", oldestMs)].slice(0, 7) });
    expect(said(late(7 * DAY_MS - 26 * HOUR_MS), id)).toMatch(/^pass/);
    const missing = facts({ snapshots: dailies(6) });
    expect(said(missing, id)).toMatch(/^fail: a hole .* 2026-11-15 02:00:00 UTC to 2026-11-16 18:00:00 UTC \(40 h\)$/);
  });

  test("is not said to be whole beyond its newest snapshot", () => {
    expect(said(facts({ snapshots: without(0, 1) }), id)).toBe(
      "pass: 5 good daily snapshots without a hole up to 2026-11-19 18:00:00 UTC, looked at over the last 7d",
    );
  });

  test("that ends long ago is the age's matter; that has no point at all is one hole", () => {
    expect(said(facts({ snapshots: without(0, 1) }), id)).toMatch(/^pass: 5 good/);
    expect(said(facts({ snapshots: [] }), id)).toMatch(/^fail: a hole .* \(7 d\)$/);
  });

  test.each([
    ["a failed one", { status: "failed" } as const],
    ["a fallback", { kind: "fallback" } as const],
    ["one of 0 bytes", { sizeBytes: 0 } as const],
    ["one on demand", { kind: "onDemand", frequency: null, policyItemIds: [] } as const],
  ])("is not mended by %s", (_, given) => {
    expect(said(facts({ snapshots: dailies(7).with(3, aSnapshot("daily", 80 * HOUR_MS, given)) }), id)).toMatch(
      /^fail/,
    );
  });

  test("is mended by a snapshot of a rarer frequency, and by one taken for the daily item", () => {
    const mended = (snapshot: ReturnType<typeof aSnapshot>) =>
      said(facts({ snapshots: dailies(7).with(3, snapshot) }), id);
    expect(mended(aSnapshot("monthly", 80 * HOUR_MS))).toMatch(/^pass: 7/);
    expect(mended(aSnapshot("hourly", 80 * HOUR_MS, { policyItemIds: [ITEM_IDS.hourly, ITEM_IDS.daily] }))).toMatch(
      /^pass: 7/,
    );
    expect(mended(aSnapshot("hourly", 80 * HOUR_MS))).toMatch(/^fail/);
  });

  test("with a hole that an unreadable snapshot may fill is unknown; with one that it cannot fill, not", () => {
    const unreadable = aSnapshot("daily", 80 * HOUR_MS, { status: GONE });
    expect(said(facts({ snapshots: dailies(7).with(3, unreadable) }), id)).toBe(
      "unknown: whether the daily series has a hole cannot be read: snapshot daily-80h",
    );
    expect(said(facts({ snapshots: without(1).with(3, unreadable) }), id)).toMatch(/^fail/);
  });

  test("that may go on with an unreadable snapshot after a hole is unknown", () => {
    const unreadable = aSnapshot("daily", 8 * HOUR_MS, { status: GONE });
    expect(said(facts({ snapshots: [unreadable, ...without(0, 1)] }), id)).toMatch(/^unknown/);
    expect(said(facts({ snapshots: [unreadable, ...without(0)] }), id)).toMatch(/^unknown/);
    expect(said(facts({ snapshots: [aSnapshot("daily", 20 * HOUR_MS, { status: GONE }), ...dailies(7)] }), id)).toMatch(
      /^pass/,
    );
  });
});

describe("from when on", () => {
  test("a young cluster owes a series: from its birth", () => {
    const young = facts({ cluster: aCluster({ createdAt: ago(3 * DAY_MS) }), snapshots: dailies(3) });
    expect(said(young, id)).toBe(
      "pass: 3 good daily snapshots without a hole up to 2026-11-21 18:00:00 UTC, looked at since the cluster was created 3 d ago (the policy's 7d are not over yet)",
    );
    const gap = facts({ cluster: aCluster({ createdAt: ago(3 * DAY_MS) }), snapshots: dailies(1) });
    expect(said(gap, id)).toMatch(/^fail/);
  });

  test("a cluster of unreadable age owes one: unknown, where it matters", () => {
    const cluster = aCluster({ createdAt: GONE });
    expect(said(facts({ cluster }), id)).toMatch(/^pass/);
    expect(said(facts({ cluster, snapshots: dailies(3) }), id)).toBe(
      "unknown: whether the daily series has a hole cannot be read: when the cluster was created",
    );
    expect(said(facts({ cluster, snapshots: without(3) }), id)).toMatch(/^fail/);
  });

  test("--since looks no further back, and never further than the retention", () => {
    expect(said(facts({ snapshots: without(5), since: ago(4 * DAY_MS) }), id)).toBe(
      "pass: 4 good daily snapshots without a hole up to 2026-11-21 18:00:00 UTC, looked at since 2026-11-18 02:00:00 UTC",
    );
    expect(said(facts({ snapshots: without(3), since: ago(4 * DAY_MS) }), id)).toMatch(/^fail/);
    expect(said(facts({ since: ago(400 * DAY_MS) }), id)).toMatch(/over the last 7d$/);
  });

  test("a cluster is no younger than its oldest snapshot", () => {
    const cluster = aCluster({ createdAt: ago(2 * DAY_MS) });
    expect(said(facts({ cluster, snapshots: dailies(5) }), id)).toMatch(/^pass: 5 .* created 4 d 8 h ago/);
    const gap = [...dailies(2), aSnapshot("daily", 5 * DAY_MS)];
    expect(said(facts({ cluster, snapshots: gap }), id)).toMatch(/^fail: a hole/);
  });

  test("that owes none yet passes; one of which --since leaves nothing proves nothing", () => {
    const newborn = facts({ cluster: aCluster({ createdAt: ago(3 * HOUR_MS) }), snapshots: [] });
    expect(said(newborn, id)).toBe("pass: no good daily snapshot, and none is owed yet: the cluster is 3 h old");
    expect(said({ ...newborn, since: ago(10 * DAY_MS) }, id)).toMatch(/^pass/);
    const [nothing] = findings(facts({ since: ago(5 * HOUR_MS) }), id);
    expect(nothing).toMatchObject({
      status: "unknown",
      message: "there is no good daily snapshot since 2026-11-21 21:00:00 UTC: nothing is proved",
      remedy: "name an earlier instant for --since",
    });
    expect(said({ ...newborn, since: ago(HOUR_MS) }, id)).toMatch(/^pass: no good daily snapshot since .* 3 h old$/);
    expect(said(facts({ since: ago(27 * HOUR_MS), snapshots: dailies(7).slice(2) }), id)).toMatch(/^fail: a hole/);
  });

  test("months and years go by the calendar", () => {
    const monthly = {
      database: { snapshots: [entry("monthly", "3mo")] },
      cluster: aCluster({ createdAt: new Date("2024-01-01T00:00:00Z") }),
    };
    const at = (text: string) =>
      aSnapshot("monthly", 0, { createdAt: new Date(text), expiresAt: ago(-DAY_MS), id: text });
    const lastDays = ["2026-08-31T18:00:00Z", "2026-09-30T18:00:00Z", "2026-10-31T18:00:00Z"].map(at);
    expect(said(facts({ ...monthly, snapshots: lastDays }), id)).toMatch(/^pass: 3 good monthly/);
    expect(said(facts({ ...monthly, snapshots: lastDays.toSpliced(1, 1) }), id)).toMatch(/^fail/);
  });

  test("cannot be said without the snapshots or, for hourly ones, their interval", () => {
    expect(said(facts({ snapshots: GONE }), id)).toMatch(/^unknown/);
    expect(said(facts({ schedule: GONE, database: { snapshots: [entry("hourly", "2d")] } }), id)).toMatch(/^unknown/);
  });
});

test("facts are as of the moment they were seen", () => {
  expect(said({ ...facts(), observedAt: new Date(NOW.getTime() + 3 * DAY_MS) }, "snapshot-age")).toMatch(/^fail/);
});
