/** A check without anything to judge has proved nothing: only a cluster too young to owe a snapshot excuses it. */
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../src/core/duration.ts";
import { BACKUP_CHECKS } from "../../../src/rules/backup/checks.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
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
  KEY,
  REGION,
  said,
} from "../build.ts";

const SHARDED = { type: "SHARDED", shards: [{ zoneId: "a" }] } as const;
const YOUNG_MS = 3 * HOUR_MS;

function without(born: Date | typeof GONE, given: Parameters<typeof facts>[0] = {}): BackupFacts {
  return facts({
    cluster: aCluster({ ...SHARDED, createdAt: born, encryptionAtRestProvider: "AWS" }),
    snapshots: [],
    database: {
      copies: [{ region: REGION, frequencies: ["daily"], oplogs: true }],
      continuousBackup: { window: duration("2d") },
      encryption: { masterKeys: [KEY] },
    },
    ...given,
  });
}

/** What each check says without any snapshot: of an old cluster, of one just created, of one of unreadable age. */
const CHECKS: Readonly<Record<string, readonly [old: string, young: string, ageless: string]>> = {
  "cluster-exists": ["pass", "pass", "pass"],
  "cluster-state": ["pass", "pass", "pass"],
  enabled: ["pass", "pass", "pass"],
  "snapshot-age": ["fail", "warn", "unknown"],
  "snapshot-series": ["fail", "pass", "unknown"],
  "snapshot-failed": ["unknown", "pass", "unknown"],
  "snapshot-in-progress": ["pass", "pass", "pass"],
  "snapshot-size": ["unknown", "pass", "unknown"],
  "shards-complete": ["unknown", "pass", "unknown"],
  "schedule-item": ["pass", "pass", "pass"],
  "snapshot-expiry": ["unknown", "pass", "unknown"],
  "continuous-enabled": ["pass", "pass", "pass"],
  "continuous-hourly-item": ["pass", "pass", "pass"],
  "continuous-window": ["pass", "pass", "pass"],
  "continuous-coverage": ["fail", "warn", "unknown"],
  "copies-configured": ["fail", "fail", "fail"], // of another zone
  "copies-present": ["unknown", "pass", "unknown"],
  "copies-oplogs": ["fail", "fail", "fail"], // of another zone
  "encryption-key": ["unknown", "pass", "unknown"],
  readable: ["pass", "pass", "unknown"],
};

describe("each check on zero snapshots", () => {
  test("is in the table", () => {
    expect(Object.keys(CHECKS).map((id) => `backup/${id}`)).toEqual(BACKUP_CHECKS.map(({ id }) => id));
  });

  test.each(Object.entries(CHECKS))("%s", (id, expected) => {
    const statuses = [without(ago(400 * 24 * HOUR_MS)), without(ago(YOUNG_MS)), without(GONE)].map((of) =>
      findings(of, id).map(({ status }) => status),
    );
    expect(statuses).toEqual(expected.map((status) => [status]));
  });

  test.each(["snapshot-expiry", "copies-present", "snapshot-size", "snapshot-failed", "encryption-key"])(
    "%s, where there are others that do not count",
    (id) => {
      const fallback = dailies(7, { kind: "fallback" });
      expect(said(without(ago(400 * 24 * HOUR_MS), { snapshots: fallback }), id)).toMatch(/^unknown/);
    },
  );
});

describe("until when none is owed", () => {
  const size = (given: Parameters<typeof facts>[0]) => said(without(ago(0), given), "snapshot-size");
  const born = (ageMs: number) => ({ cluster: aCluster({ createdAt: ago(ageMs) }) });

  test.each([
    ["the most frequent that the policy declares", [entry("weekly", "4w"), entry("daily", "7d")], 26 * HOUR_MS],
    ["the only one", [entry("weekly", "4w")], (7 * 24 + 2) * HOUR_MS],
    ["hourly ones, by their interval", [entry("daily", "7d"), entry("hourly", "2d", "4h")], 6 * HOUR_MS],
  ])("goes by %s", (_, snapshots, limitMs) => {
    const database = { snapshots };
    expect(size({ ...born(limitMs), database })).toMatch(/^pass: no completed snapshot, and none is owed yet/);
    expect(size({ ...born(limitMs + 1), database })).toBe("unknown: there is no completed snapshot: nothing is proved");
  });

  test("goes by the hourly item where the policy wants continuous backup", () => {
    const database = { continuousBackup: { window: duration("2d") } };
    expect(size({ ...born(8 * HOUR_MS), database })).toMatch(/^pass/);
    expect(size({ ...born(8 * HOUR_MS + 1), database })).toMatch(/^unknown/);
    expect(size({ ...born(HOUR_MS), database, schedule: GONE })).toMatch(/^unknown: could not find out/);
    expect(size({ ...born(27 * HOUR_MS), database, schedule: GONE })).toMatch(/^unknown: there is no completed/);
  });

  test("is never where the policy wants no snapshot at all: nothing was promised, nothing is proved", () => {
    expect(size({ ...born(HOUR_MS), database: { snapshots: [] } })).toMatch(/^unknown/);
  });

  test("a cluster is no younger than a failed snapshot of it", () => {
    const failed = aSnapshot("daily", 27 * HOUR_MS, { status: "failed" });
    expect(size({ ...born(HOUR_MS), snapshots: [failed] })).toMatch(/^unknown/);
  });
});

describe("--since", () => {
  const since = ago(30 * HOUR_MS);
  const third = (given: Parameters<typeof aSnapshot>[2]) => dailies(7).with(3, aSnapshot("daily", 80 * HOUR_MS, given));

  test("does not hide a copy that is missing before it", () => {
    const database = { copies: [{ region: REGION, frequencies: ["daily" as const], oplogs: false }] };
    const judged = facts({ since, database, snapshots: third({ copyRegions: [] }) });
    expect(said(judged, "copies-present")).toMatch(/^fail: 1 of 7/);
  });

  test("does not hide an expiry that is too short before it", () => {
    expect(said(facts({ since, snapshots: third({ expiresAt: ago(-HOUR_MS) }) }), "snapshot-expiry")).toMatch(
      /^fail: 1 of 7/,
    );
  });
});

describe("why there is none", () => {
  const remedyOf = (given: Parameters<typeof facts>[0], id = "snapshot-age") => findings(facts(given), id)[0]?.remedy;
  const late = dailies(7).slice(2);
  const newest = (given: Parameters<typeof aSnapshot>[2]) => [aSnapshot("daily", 8 * HOUR_MS, given), ...late];

  test.each([
    ["backups are off", { cluster: aCluster({ backupEnabled: false }), snapshots: late }, "see backup/enabled"],
    ["the cluster is paused", { cluster: aCluster({ paused: true }), snapshots: late }, "see backup/cluster-state"],
    [
      "no item of it",
      { schedule: aSchedule({ items: [anItem("hourly", 7)] }), snapshots: late },
      "see backup/schedule-item",
    ],
    ["no item", { schedule: aSchedule({ items: [] }), snapshots: late }, "see backup/schedule-item"],
    ["it is still running", { snapshots: newest({ status: "inProgress" }) }, "see backup/snapshot-in-progress"],
    ["it is queued", { snapshots: newest({ status: "queued" }) }, "see backup/snapshot-in-progress"],
    ["it is empty", { snapshots: newest({ sizeBytes: 0 }) }, "see backup/snapshot-size"],
    [
      "it lacks a shard",
      {
        cluster: aCluster({ type: "SHARDED", shards: [{ zoneId: "a" }, { zoneId: "b" }] }),
        snapshots: newest({ members: [{ id: "1", replicaSetName: "shard-0" }] }),
      },
      "see backup/shards-complete",
    ],
  ] as const)("%s", (_, given, expected) => {
    expect(remedyOf(given)).toBe(expected);
  });

  test.each([
    ["it failed", { snapshots: newest({ status: "failed" }) }],
    ["it failed, and so holds nothing", { snapshots: newest({ status: "failed", sizeBytes: 0 }) }],
    [
      "one by hand hangs",
      {
        snapshots: [
          aSnapshot("daily", HOUR_MS, { kind: "onDemand", frequency: null, policyItemIds: [], status: "inProgress" }),
          ...late,
        ],
      },
    ],
    [
      "an item that cannot be read may be the one",
      { schedule: aSchedule({ items: [anItem("daily", 7, { frequency: GONE })] }), snapshots: late },
    ],
    ["it is a fallback", { snapshots: newest({ kind: "fallback" }) }],
    ["nobody knows", { snapshots: late }],
    ["the snapshots cannot be read, nor the schedule", { schedule: GONE, snapshots: late }],
  ] as const)("%s: take one, and look", (_, given) => {
    expect(remedyOf(given)).toMatch(/^make the data safe now: litally-ops backup snapshot core; /);
  });

  test("what has nothing to judge leaves the matter to the age, or, where no age is judged, says it itself", () => {
    expect(remedyOf({ snapshots: [] }, "snapshot-size")).toBe("see backup/snapshot-age");
    expect(remedyOf({ snapshots: [], database: { snapshots: [] } }, "snapshot-size")).toMatch(/^make the data safe/);
    expect(remedyOf({ snapshots: [] }, "snapshot-series")).toBe("see backup/snapshot-age");
  });

  test("nothing is wrong with a cluster so young: it is told to wait", () => {
    const young = { cluster: aCluster({ createdAt: ago(HOUR_MS) }), snapshots: [] };
    expect(remedyOf(young)).toBe(
      "wait for the first snapshot of the schedule, or take one now: litally-ops backup snapshot core",
    );
  });

  test.each([
    ["fallback ones", dailies(2, { kind: "fallback" }), "2: 2 fallback, which may be inconsistent"],
    ["those on demand", dailies(1, { kind: "onDemand", frequency: null, policyItemIds: [] }), "1: 1 on demand"],
    [
      "several kinds",
      [aSnapshot("daily", HOUR_MS, { status: "failed" }), aSnapshot("hourly", HOUR_MS), aSnapshot("hourly", 0)],
      "3: 1 failed; 2 hourly",
    ],
  ])("%s are counted", (_, snapshots, expected) => {
    expect(said(facts({ snapshots }), "snapshot-age")).toBe(`fail: there is no good daily snapshot among ${expected}`);
  });
});
