import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import { aCluster, ago, anItem, aSchedule, aSnapshot, duration, facts, findings, GONE, said } from "../build.ts";

const continuous = (window: string, given: Parameters<typeof facts>[0] = {}) =>
  facts({ ...given, database: { continuousBackup: { window: duration(window) }, ...given.database } });

test.each(["continuous-enabled", "continuous-window", "continuous-hourly-item", "continuous-coverage"])(
  "%s judges only where the policy declares continuous backup",
  (id) => {
    expect(findings(facts(), id)).toEqual([]);
    expect(findings(continuous("2d"), id)).toHaveLength(1);
  },
);

test.each([
  [true, "pass: on"],
  [false, "fail: continuous backup is off: no point-in-time restore"],
  [GONE, "unknown: could not find out: this field is gone"],
])("enabled: %j", (pitEnabled, expected) => {
  expect(said(continuous("2d", { cluster: aCluster({ pitEnabled }) }), "continuous-enabled")).toBe(expected);
});

test.each([
  [7, "pass: 7 days"],
  [8, "pass: 8 days"],
  [6, "fail: the restore window is 6 days, the policy wants 7d"],
  [null, "unknown: Atlas does not say how long the restore window is"],
  [GONE, "unknown: could not find out: this field is gone"],
])("the window: %j", (restoreWindowDays, expected) => {
  const given = continuous("7d", { schedule: aSchedule({ restoreWindowDays }) });
  expect(said(given, "continuous-window")).toBe(expected);
});

test.each([
  [true, "unknown: Atlas does not say how long the restore window is"],
  [false, "fail: there is no restore window"],
  [GONE, "unknown: Atlas does not say how long the restore window is"],
])("a window that is left out, continuous backup on: %j", (pitEnabled, expected) => {
  const schedule = aSchedule({ restoreWindowDays: null });
  expect(said(continuous("7d", { schedule, cluster: aCluster({ pitEnabled }) }), "continuous-window")).toBe(expected);
});

test.each([
  ["long enough", [anItem("hourly", 7)], "pass: kept 7d"],
  ["too short", [anItem("hourly", 6)], "fail: hourly snapshots are kept 6d, the window is 7d"],
  ["missing", [anItem("daily", 7)], "fail: there is no hourly schedule item: Atlas cannot keep continuous backup on"],
  ["of unreadable retention", [anItem("hourly", 7, { retention: GONE })], "unknown: a schedule item cannot be read"],
  ["maybe the unreadable one", [anItem("daily", 7, { frequency: GONE })], "unknown: a schedule item cannot be read"],
])("the hourly item: %s", (_, items, expected) => {
  expect(said(continuous("7d", { schedule: aSchedule({ items }) }), "continuous-hourly-item")).toBe(expected);
});

test("the hourly item is unknown without the schedule", () => {
  expect(said(continuous("7d", { schedule: GONE }), "continuous-hourly-item")).toMatch(/^unknown/);
});

describe("coverage", () => {
  const id = "continuous-coverage";
  const covered = (snapshots: readonly Snapshot[], given: Parameters<typeof facts>[0] = {}) =>
    continuous("2d", { snapshots, ...given });
  const at = (...agesHours: readonly number[]) => agesHours.map((age) => aSnapshot("hourly", age * HOUR_MS));
  const born = (ageHours: number) => ({ cluster: aCluster({ createdAt: ago(ageHours * HOUR_MS) }) });

  test("from a snapshot at the window's start or before it passes", () => {
    expect(said(covered(at(6, 24, 48)), id)).toBe("pass: covered for the last 48 h");
    expect(said(covered(at(6, 30, 54)), id)).toMatch(/^pass/);
  });

  test.each([
    [8 * HOUR_MS, "warn"],
    [8 * HOUR_MS + 1, "fail"],
  ])("that lacks the first %d ms of the window: %s", (missingMs, status) => {
    const oldest = aSnapshot("hourly", 2 * DAY_MS - missingMs);
    expect(said(covered([...at(6, 24), oldest]), id)).toMatch(new RegExp(`^${status}: the oldest good snapshot`));
  });

  test.each([
    [26, "pass"],
    [26.001, "fail"],
  ])("with %d hours between two: %s", (gap, status) => {
    expect(said(covered(at(6, 6 + gap, 50)), id)).toMatch(new RegExp(`^${status}`));
  });

  test("names the gap, also that up to now", () => {
    expect(said(covered(at(30, 54)), id)).toBe(
      "fail: between 2026-11-20 20:00:00 UTC and 2026-11-22 02:00:00 UTC there is no good snapshot",
    );
  });

  test.each([
    [8 * HOUR_MS, "pass: covered for the last 48 h"],
    [
      8 * HOUR_MS + 1,
      "warn: the newest good snapshot of the schedule is 8 h old, one is due every 6 h: since then the window rests on the oplog alone",
    ],
    [
      14 * HOUR_MS,
      "warn: the newest good snapshot of the schedule is 14 h old, one is due every 6 h: since then the window rests on the oplog alone",
    ],
    [
      14 * HOUR_MS + 1,
      "fail: the newest good snapshot of the schedule is 14 h old, one is due every 6 h: since then the window rests on the oplog alone",
    ],
  ])("whose newest scheduled snapshot is %d ms old", (ageMs, expected) => {
    const newest = (frequency: "hourly" | "daily") => [aSnapshot(frequency, ageMs), ...at(30, 54)];
    expect(said(covered(newest("hourly")), id)).toBe(expected);
    expect(said(covered(newest("daily")), id), "a rarer one").toBe(expected);
    const onDemand = aSnapshot("hourly", HOUR_MS, { kind: "onDemand", frequency: null, policyItemIds: [] });
    expect(said(covered([onDemand, ...newest("hourly")]), id), "one on demand makes no difference").toBe(expected);
    const unreadable = aSnapshot("hourly", HOUR_MS, { kind: GONE });
    expect(said(covered([unreadable, ...newest("hourly")]), id), "one that may be scheduled").toMatch(
      expected.startsWith("pass") ? /^pass/ : /^unknown/,
    );
  });

  test("whose newest snapshot of the schedule may be one of two, of which one warns and one fails, is unknown", () => {
    const unreadable = aSnapshot("hourly", 10 * HOUR_MS, { status: GONE });
    expect(said(covered([...at(15, 30, 54), unreadable]), id)).toMatch(/^unknown/);
    expect(said(covered([...at(9, 30, 54), unreadable]), id)).toMatch(/^warn/);
  });

  test("that rests on snapshots by hand alone warns from the first missing one on, and fails from the second", () => {
    const byHand = aSnapshot("hourly", HOUR_MS, { kind: "onDemand", frequency: null, policyItemIds: [] });
    const resting = (ageHours: number) => said(covered([byHand], born(ageHours)), id);
    expect(resting(8)).toMatch(/^pass/);
    expect(resting(8.001)).toBe(
      "warn: no good snapshot of the schedule carries the window: it rests on those taken by hand",
    );
    expect(resting(14.001)).toMatch(/^fail: no good snapshot of the schedule/);
  });

  test("stands on any good snapshot, on demand too, and on no other", () => {
    const onDemand = aSnapshot("hourly", 48 * HOUR_MS, { kind: "onDemand", frequency: null });
    expect(said(covered([...at(6, 24), onDemand]), id)).toMatch(/^pass/);
    for (const bad of [{ status: "failed" }, { kind: "fallback" }, { expiresAt: ago(0) }, { sizeBytes: 0 }] as const)
      expect(said(covered([...at(6, 24), aSnapshot("hourly", 48 * HOUR_MS, bad)]), id)).toMatch(/^fail/);
  });

  test("of a cluster younger than the window begins with its first snapshot, which must not be late", () => {
    expect(said(covered(at(1, 20), born(40)), id)).toBe(
      "pass: covered since the first snapshot, 20 h ago (the cluster is younger than the window)",
    );
    expect(said(covered(at(1), born(40)), id)).toMatch(/^fail/);
  });

  test("without any snapshot is a warning only until the first is due", () => {
    expect(said(covered([], born(26)), id)).toBe("warn: no good snapshot yet: nothing can be restored");
    expect(said(covered([], born(26.001)), id)).toBe("fail: no good snapshot: nothing can be restored");
    expect(said(covered([]), id)).toMatch(/^fail/);
    expect(
      said(continuous("1d", { snapshots: [], ...born(25) }), id),
      "older than the window, but none is due",
    ).toMatch(/^warn/);
    expect(said(continuous("1d", { snapshots: [] }), id), "of a window shorter than the limit").toMatch(/^fail/);
  });

  test.each([
    ["the snapshots", covered([], { snapshots: GONE })],
    ["the hourly interval", covered(at(6), { schedule: GONE })],
    ["a snapshot that would cover it", covered([...at(6, 24), aSnapshot("hourly", 48 * HOUR_MS, { status: GONE })])],
    ["a snapshot's time", covered([...at(6, 24), aSnapshot("hourly", 48 * HOUR_MS, { createdAt: GONE })])],
    ["the cluster's birth", covered(at(1, 20), { cluster: aCluster({ createdAt: GONE }) })],
    ["the cluster's birth, no snapshot", covered([], { cluster: aCluster({ createdAt: GONE }) })],
  ])("is unknown without %s", (_, given) => {
    expect(said(given, id)).toMatch(/^unknown/);
  });

  test("fails where what cannot be read would not help", () => {
    expect(said(covered([...at(30), aSnapshot("hourly", 31 * HOUR_MS, { status: GONE })]), id)).toMatch(/^fail/);
  });
});
