import { describe, expect, test } from "vitest";
import { runChecks } from "../../../src/core/check.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import { BACKUP_CHECKS } from "../../../src/rules/backup/checks.ts";
import { absentCluster, type BackupFacts, FLEX_SCHEDULE, flexAsCluster } from "../../../src/rules/backup/facts.ts";
import {
  aCluster,
  aCopySetting,
  ago,
  aSchedule,
  aSnapshot,
  dailies,
  duration,
  entry,
  facts,
  findings,
  GONE,
  REGION,
  said,
} from "../build.ts";

const NOWHERE = notKnown(absentCluster());
const ABSENT: BackupFacts = {
  ...facts({ cluster: null, schedule: NOWHERE, snapshots: NOWHERE }),
  clusterNames: ["unlike", "litally-drill"],
};

describe("the cluster", () => {
  test.each([
    ["exists", facts(), "pass: dedicated cluster"],
    ["does not", ABSENT, 'fail: Atlas knows no cluster "litally-core" in this project'],
    ["may exist", facts({ cluster: GONE }), "unknown: could not find out: this field is gone"],
  ])("%s", (_, given, expected) => {
    expect(said(given, "cluster-exists")).toBe(expected);
  });

  test("that is not there is looked for among the project's: the one of nearly its name, and all as evidence", () => {
    const clusterNames = ["litally-cor", "litally-drill"];
    const [finding] = findings({ ...ABSENT, clusterNames }, "cluster-exists");
    expect(finding).toMatchObject({
      status: "fail",
      message: 'Atlas knows no cluster "litally-core" in this project (did you mean "litally-cor"?)',
      evidence: { expected: "litally-core", actual: clusterNames },
    });
  });

  test("that is not there is the one reason why every other check does not know", () => {
    const everything = {
      ...ABSENT,
      database: {
        ...ABSENT.database,
        continuousBackup: { window: duration("2d") },
        copies: [{ region: REGION, frequencies: ["daily" as const], oplogs: true }],
      },
    };
    const [exists, ...others] = runChecks(BACKUP_CHECKS, everything, "cluster/litally-core");
    expect(exists?.status).toBe("fail");
    const judged = others.filter(({ check }) => check !== "backup/readable");
    expect(judged.map(({ check }) => check)).toContain("backup/copies-oplogs");
    expect(judged.map(({ status, message, remedy }) => `${status}: ${message}; ${remedy}`)).toEqual(
      judged.map(() => "unknown: could not find out: the cluster does not exist; see backup/cluster-exists"),
    );
    expect(said(everything, "readable")).toMatch(/^pass/);
  });

  test("of a free tier fails whatever its state, with how to get backups", () => {
    const free = aCluster({ freeTier: true, paused: true, state: GONE });
    const [finding] = findings(facts({ cluster: free }), "cluster-state");
    expect(finding).toMatchObject({
      status: "fail",
      message: "a free or shared cluster: Atlas takes no backups of it",
      evidence: { expected: "dedicated", actual: "free" },
      remedy: "upgrade it to a dedicated cluster: atlas clusters upgrade litally-core --tier M10",
    });
  });

  test.each([
    ["IDLE", "pass: idle"],
    ["UPDATING", "pass: being updated; snapshots go on"],
    ["REPAIRING", "warn: being repaired: Atlas replaces nodes, snapshots may be late"],
    ["CREATING", "warn: still being created"],
    ["DELETING", "fail: being deleted: its snapshots go with it unless backups were retained"],
    [GONE, "unknown: could not find out: this field is gone"],
  ] as const)("in state %j", (state, expected) => {
    expect(said(facts({ cluster: aCluster({ state }) }), "cluster-state")).toBe(expected);
  });

  test("paused fails in every state, with how to resume it", () => {
    const [finding] = findings(facts({ cluster: aCluster({ paused: true, state: GONE }) }), "cluster-state");
    expect(finding).toMatchObject({ status: "fail", evidence: { actual: "paused" } });
    expect(finding?.remedy).toContain("atlas clusters start litally-core");
    expect(said(facts({ cluster: aCluster({ paused: GONE }) }), "cluster-state")).toMatch(/^unknown/);
  });

  test("that is not there, or cannot be read, has no state", () => {
    expect(said(ABSENT, "cluster-state")).toBe("unknown: could not find out: the cluster does not exist");
    expect(said(facts({ cluster: GONE }), "cluster-state")).toMatch(/^unknown/);
  });

  test.each([
    [facts(), "pass: on"],
    [facts({ cluster: aCluster({ backupEnabled: false }) }), "fail: cloud backup is off: no snapshots are taken"],
    [facts({ cluster: aCluster({ backupEnabled: GONE }) }), "unknown: could not find out: this field is gone"],
    [ABSENT, "unknown: could not find out: the cluster does not exist"],
  ])("has backups on: case %#", (given, expected) => {
    expect(said(given, "enabled")).toBe(expected);
  });
});

describe("a flex cluster", () => {
  const flex = (database: Parameters<typeof facts>[0] = {}): BackupFacts => ({
    ...facts(database),
    cluster: known(
      flexAsCluster({
        name: "litally-core",
        id: known("f1ec"),
        state: known("IDLE"),
        createdAt: known(new Date("2025-01-01T00:00:00Z")),
        backupEnabled: known(true),
      }),
    ),
    schedule: known(FLEX_SCHEDULE),
  });

  test.each([
    [
      "eight dailies",
      { snapshots: [entry("daily", "8d")] },
      "warn: a flex cluster: its eight daily snapshots cannot be configured",
    ],
    [
      "nine dailies",
      { snapshots: [entry("daily", "9d")] },
      "fail: a flex cluster cannot do what the policy asks for: other snapshots than the last eight dailies",
    ],
    [
      "weeklies",
      { snapshots: [entry("weekly", "7d")] },
      "fail: a flex cluster cannot do what the policy asks for: other snapshots than the last eight dailies",
    ],
    [
      "all there is",
      {
        snapshots: [entry("daily", "30d")],
        continuousBackup: { window: duration("2d") },
        copies: [{ region: REGION, frequencies: ["daily" as const], oplogs: false }],
      },
      "fail: a flex cluster cannot do what the policy asks for: continuous backup, copies to another region, other snapshots than the last eight dailies",
    ],
  ])("asked for %s", (_, database, expected) => {
    expect(said(flex({ database }), "cluster-state")).toBe(expected);
  });

  test("is judged on its snapshots like any other", () => {
    const lean = dailies(7, { sizeBytes: null, copyRegions: null });
    expect(said(flex({ snapshots: lean }), "snapshot-series")).toMatch(/^pass/);
    expect(said(flex({ snapshots: lean }), "schedule-item")).toBe("pass: daily, kept 8d");
    expect(said(flex({ snapshots: lean }), "readable")).toBe("pass: all fields were readable");
    expect(said(flex({ snapshots: lean.slice(2) }), "snapshot-age")).toMatch(/^fail/);
  });
});

describe("what could not be read", () => {
  const id = "readable";

  test("is nothing where all is well", () => {
    expect(said(facts(), id)).toBe("pass: all fields were readable");
  });

  test.each([
    ["the cluster", facts({ cluster: GONE })],
    ["the schedule", facts({ schedule: GONE })],
    ["the snapshots", facts({ snapshots: GONE })],
    ["the members' snapshots", facts({ memberSnapshots: GONE })],
    ["a field of the cluster", facts({ cluster: aCluster({ state: GONE }) })],
    ["the type of a snapshot", facts({ snapshots: dailies(7).with(2, aSnapshot("daily", 1, { type: GONE })) })],
    ["a field of a snapshot", facts({ snapshots: dailies(7).with(2, aSnapshot("daily", 1, { kind: GONE })) })],
  ])("is named: %s", (_, given) => {
    expect(said(given, id)).toBe("unknown: could not read: this field is gone");
  });

  test("is only what a verdict rests on: shards and copies where there are some, or the policy wants some", () => {
    const copies = { copies: [{ region: REGION, frequencies: ["daily" as const], oplogs: false }] };
    const noShards = aCluster({ shards: GONE });
    expect(said(facts({ cluster: noShards }), id)).toMatch(/^pass/);
    expect(said(facts({ cluster: noShards, database: copies }), id)).toMatch(/^unknown/);
    expect(said(facts({ cluster: { ...noShards, type: known("SHARDED") } }), id)).toMatch(/^unknown/);
    const retentions = aSchedule({ copySettings: [aCopySetting({ retentions: GONE })] });
    expect(said(facts({ schedule: retentions }), id)).toMatch(/^pass/);
    expect(said(facts({ schedule: retentions, database: copies }), id)).toMatch(/^unknown/);
    expect(said(facts({ snapshots: dailies(7, { copyRegions: GONE }) }), id)).toMatch(/^pass/);
    expect(said(facts({ snapshots: dailies(7, { copyRegions: GONE }), database: copies }), id)).toMatch(/^unknown/);
  });

  test("five are named, the others counted", () => {
    expect(said(facts({ snapshots: dailies(7, { status: GONE }) }), id)).toBe(
      `unknown: could not read: ${Array(5).fill("this field is gone").join("; ")} and 2 more`,
    );
  });

  test.each([
    [
      "a time to come",
      { createdAt: ago(-3_600_000) },
      "snapshot daily-0h: createdAt is dated in the future (2026-11-22T03:00:00.000Z)",
    ],
    ["a missing label", { frequency: null }, "snapshot daily-0h: frequencyType is missing"],
    ["a missing size", { sizeBytes: null }, "snapshot daily-0h: storageSizeBytes is missing"],
    ["a missing expiry", { expiresAt: null }, "snapshot daily-0h: expiresAt is missing"],
  ])("is also %s", (_, given, message) => {
    expect(said(facts({ snapshots: [aSnapshot("daily", 0, given)] }), id)).toBe(`unknown: could not read: ${message}`);
  });

  test("is no label of a snapshot on demand, and no size of one in progress", () => {
    const onDemand = aSnapshot("daily", 1, { kind: "onDemand", frequency: null });
    const running = aSnapshot("daily", 1, { status: "inProgress", sizeBytes: null, expiresAt: null });
    expect(said(facts({ snapshots: [onDemand, running] }), id)).toMatch(/^pass/);
  });

  test("of a cluster that is not there is nothing: that it is not there says it all", () => {
    expect(said(facts({ cluster: null }), id)).toMatch(/^pass/);
  });
});
