import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { specComparison } from "../support/spec.ts";
import { advance, change, get, post, type Reply, sandbox, snapshots } from "./client.ts";

const compare = specComparison();
const CORE = "/clusters/litally-core";
const SNAPSHOTS = `${CORE}/backup/snapshots`;
const SCHEDULE = `${CORE}/backup/schedule`;
type Json = Reply["json"];

const order = (
  target: Sandbox,
  body: unknown = { description: "mine", retentionInDays: 3 },
  cluster = "litally-core",
) => change(target, "POST", `/clusters/${cluster}/backup/snapshots`, body);
const outcome = ({ status, json }: Reply) => [status, json?.errorCode];
const byHand = async (target: Sandbox) => (await snapshots(target)).filter((one) => one.description === "mine");

describe("a snapshot by hand", () => {
  it("waits, runs, completes and expires", async () => {
    const target = await sandbox();
    const taken = await order(target);
    expect(taken.json).toMatchObject({
      status: "queued",
      snapshotType: "onDemand",
      description: "mine",
      createdAt: "2026-11-22T10:30:20Z",
      expiresAt: "2026-11-25T10:30:20Z",
      storageSizeBytes: 0,
    });
    expect("frequencyType" in taken.json).toBe(false);
    expect(compare?.("DiskBackupReplicaSet", taken.json) ?? []).toEqual([]);
    const now = async () => (await get(target, `${SNAPSHOTS}/${taken.json.id}`)).json;
    expect(await now()).toEqual(taken.json);
    expect(await byHand(target)).toEqual([taken.json]);
    await advance(target, "2m");
    expect((await now()).status).toBe("inProgress");
    await advance(target, "3m");
    expect((await now()).status).toBe("completed");
    expect((await now()).storageSizeBytes).toBeGreaterThan(45e9);
    expect((await now()).copyRegions).toEqual([]);
    await advance(target, "3d");
    expect(outcome(await get(target, `${SNAPSHOTS}/${taken.json.id}`))).toEqual([404, "RESOURCE_NOT_FOUND"]);
  });

  it("of a sharded cluster is a unit over its shards", async () => {
    const target = await sandbox({ world: "sharded" });
    const { json } = await order(target);
    expect([json.type, json.members.length]).toEqual(["shardedCluster", 3]);
    expect(compare?.("DiskBackupShardedClusterSnapshot", json) ?? []).toEqual([]);
    expect((await get(target, `${SNAPSHOTS}/shardedCluster/${json.id}`)).json).toEqual(json);
    expect(await byHand(target)).toHaveLength(3);
  });

  it("is kept for a week and says nothing unless told", async () => {
    const { json } = await order(await sandbox(), {});
    expect([json.expiresAt, "description" in json]).toEqual(["2026-11-29T10:30:20Z", false]);
  });

  it.each([
    ["snapshot-fails", "failed"],
    ["snapshot-hangs", "inProgress"],
  ])("%s: ends %s", async (world, status) => {
    const target = await sandbox({ world });
    await order(target);
    await advance(target, "9h");
    expect((await byHand(target))[0]).toMatchObject({ status, storageSizeBytes: 0 });
  });

  it("is copied where copies are taken of snapshots by hand", async () => {
    const target = await sandbox();
    const live = (await get(target, SCHEDULE)).json;
    const [setting] = live.copySettings;
    const copySettings = [{ ...setting, frequencies: ["DAILY", "ON_DEMAND"] }];
    await change(target, "PATCH", SCHEDULE, { policies: live.policies, copySettings });
    await order(target);
    await advance(target, "31m");
    expect((await byHand(target))[0].copyRegions).toEqual(["AP_SOUTHEAST_1"]);
  });

  const cases: readonly (readonly [world: string, body: unknown, cluster: string, status: number, code: string])[] = [
    ["snapshot-in-the-way", {}, "litally-core", 400, "UNFINISHED_ON_DEMAND_SNAPSHOT"],
    ["backups-off", {}, "litally-core", 404, "BACKUP_CONFIG_NOT_FOUND"],
    ["paused", {}, "litally-core", 409, "CANNOT_UPDATE_PAUSED_CLUSTER"],
    ["deleting", {}, "litally-core", 409, "CLUSTER_ALREADY_REQUESTED_DELETION"],
    ["no-cluster", {}, "litally-core", 404, "CLUSTER_NOT_FOUND"],
    ["flex", {}, "litally-core", 400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"],
    ["forbidden-snapshots", {}, "litally-core", 403, "USER_UNAUTHORIZED"],
    ["read-only", {}, "litally-core", 403, "USER_UNAUTHORIZED"],
    [
      "compliance",
      { retentionInDays: 2 },
      "litally-core",
      400,
      "SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY_RETENTION",
    ],
    ["healthy", { retentionInDays: 0 }, "litally-core", 400, "INVALID_ATTRIBUTE"],
    ["healthy", { retentionInDays: "7" }, "litally-core", 400, "INVALID_JSON_ATTRIBUTE"],
    ["healthy", { retentionInDays: 1.5 }, "litally-core", 400, "INVALID_JSON_ATTRIBUTE"],
    ["healthy", { descripton: "x" }, "litally-core", 400, "INVALID_ATTRIBUTE"],
    ["healthy", [], "litally-core", 400, "INVALID_JSON_ATTRIBUTE"],
    ["healthy", "{", "litally-core", 400, "MALFORMED_JSON"],
  ];
  it.each(cases)("%s: %j to %s is refused: %d %s", async (world, body, cluster, status, code) => {
    const target = await sandbox({ world });
    const before = await get(target, `/clusters/${cluster}/backup/snapshots?itemsPerPage=500`);
    const reply = await order(target, body, cluster);
    expect(outcome(reply)).toEqual([status, code]);
    expect(compare?.("ApiError", reply.json) ?? []).toEqual([]);
    expect((await get(target, `/clusters/${cluster}/backup/snapshots?itemsPerPage=500`)).text).toBe(before.text);
  });

  it("is one at a time", async () => {
    const target = await sandbox();
    expect((await order(target)).status).toBe(200);
    expect(outcome(await order(target))).toEqual([400, "UNFINISHED_ON_DEMAND_SNAPSHOT"]);
    await advance(target, "6m");
    expect((await order(target)).status).toBe(200);
    expect(new Set((await byHand(target)).map((one) => one.id)).size).toBe(2);
  });

  it("is sent as JSON of a type that Atlas takes", async () => {
    const target = await sandbox();
    const send = (type: string) => change(target, "POST", SNAPSHOTS, {}, { "content-type": type });
    expect(outcome(await send("application/x-www-form-urlencoded"))).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    expect(outcome(await send("application/vnd.atlas.2024-08-05+json"))).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    expect((await send("application/json; charset=utf-8")).status).toBe(200);
    expect(outcome(await change(target, "PATCH", SNAPSHOTS, {}))).toEqual([405, "METHOD_NOT_ALLOWED"]);
  });

  it("stands among the events when it began and when it was done", async () => {
    const target = await sandbox();
    await order(target);
    await advance(target, "6m");
    const query = "clusterNames=litally-core&minDate=2026-11-22T10:00:00.000Z";
    const all = (await get(target, `/events?${query}`)).json;
    expect(all.results.map((one: Json) => [one.eventTypeName, one.created])).toEqual([
      ["CPS_SNAPSHOT_SUCCESSFUL", "2026-11-22T10:34:20Z"],
      ["CPS_SNAPSHOT_STARTED", "2026-11-22T10:30:20Z"],
    ]);
    expect((await get(target, `/events?${query}&eventType=CPS_SNAPSHOT_STARTED`)).json.totalCount).toBe(1);
    expect((await get(target, "/events?clusterNames=litally-other")).json.totalCount).toBe(0);
    expect(compare?.("GroupPaginatedEventView", all) ?? []).toEqual([]);
  });
});

describe("the schedule", () => {
  /** What is sent: the live schedule with its policy items, copy settings or other fields changed. */
  interface Edit {
    readonly items?: (items: readonly Json[]) => readonly Json[];
    readonly copies?: (setting: Json) => readonly Json[];
    readonly rest?: object;
  }
  const patch = async (target: Sandbox, { items = (all) => all, copies, rest = {} }: Edit) => {
    const live = (await get(target, SCHEDULE)).json;
    const [policy] = live.policies;
    return change(target, "PATCH", SCHEDULE, {
      policies: [{ id: policy.id, policyItems: items(policy.policyItems) }],
      ...(copies === undefined ? {} : { copySettings: copies(live.copySettings[0]) }),
      ...rest,
    });
  };
  const set = (frequency: string, fields: object) => (all: readonly Json[]) =>
    all.map((one) => (one.frequencyType === frequency ? { ...one, ...fields } : one));
  const add =
    (frequencyType: string, frequencyInterval: number, retentionValue: number, retentionUnit: string) =>
    (all: readonly Json[]) => [...all, { frequencyType, frequencyInterval, retentionValue, retentionUnit }];
  const without = (frequency: string) => (all: readonly Json[]) => all.filter((one) => one.frequencyType !== frequency);

  it("sent back as it is stays as it is", async () => {
    const target = await sandbox();
    const before = (await get(target, SCHEDULE)).json;
    const { referenceHourOfDay, referenceMinuteOfHour, restoreWindowDays, policies, copySettings } = before;
    const body = { policies, copySettings, restoreWindowDays, referenceHourOfDay, referenceMinuteOfHour };
    const reply = await change(target, "PATCH", SCHEDULE, body);
    expect([reply.status, reply.json]).toEqual([200, before]);
    expect((await get(target, SCHEDULE)).json).toEqual(before);
    expect((await change(target, "PATCH", SCHEDULE, { policies })).json).toEqual(before);
    expect(compare?.("DiskBackupSnapshotSchedule20240805", reply.json) ?? []).toEqual([]);
  });

  it("keeps the ids of items that stay, gives new ones to new items, and loses what is left out", async () => {
    const target = await sandbox({ world: "several-weekly" });
    const ids = async () => (await get(target, SCHEDULE)).json.policies[0].policyItems.map((one: Json) => one.id);
    const [hourly, daily] = await ids();
    await patch(target, { items: (all) => add("monthly", 40, 12, "months")(without("weekly")(all)) });
    const after = await ids();
    expect(after.slice(0, 2)).toEqual([hourly, daily]);
    expect(after[2]).toMatch(/^[0-9a-f]{24}$/);
    expect(after).toHaveLength(3);
  });

  it("is what snapshots are taken by from then on", async () => {
    const target = await sandbox();
    const edit = {
      items: set("daily", { retentionValue: 60 }),
      rest: { referenceHourOfDay: 12, referenceMinuteOfHour: 15 },
    };
    expect((await patch(target, edit)).json.nextSnapshot).toBe("2026-11-22T12:15:00Z");
    await advance(target, "1d");
    const [newest] = (await snapshots(target)).filter((one) => one.frequencyType === "daily");
    expect(newest.createdAt).toMatch(/^2026-11-22T12:/);
    expect(Date.parse(newest.expiresAt) - Date.parse(newest.createdAt)).toBe(60 * 86_400_000);
  });

  it("changes snapshots that there are only when told, and does not tell so again", async () => {
    const target = await sandbox();
    const items = set("daily", { retentionValue: 60 });
    const keptDays = async () =>
      (await snapshots(target))
        .filter((one) => one.frequencyType === "daily")
        .map((one) => (Date.parse(one.expiresAt) - Date.parse(one.createdAt)) / 86_400_000);
    await patch(target, { items });
    expect(new Set(await keptDays())).toEqual(new Set([30]));
    const { json } = await patch(target, { items, rest: { updateSnapshots: true } });
    expect(new Set(await keptDays())).toEqual(new Set([60]));
    expect("updateSnapshots" in json).toBe(false);
    await patch(target, { items: without("daily"), rest: { deleteSnapshots: true } });
    expect(await keptDays()).toEqual([]);
    expect((await snapshots(target)).length).toBeGreaterThan(0);
  });

  it.each<[string, Edit, string, string]>([
    ["no item", { items: () => [] }, "healthy", "INVALID_NUM_OF_POLICY_ITEMS"],
    ["an unknown item", { items: set("daily", { id: "0".repeat(24) }) }, "healthy", "INVALID_POLICY_ITEM_ID"],
    ["an item twice", { items: (all) => [...all, all[1]] }, "healthy", "INVALID_POLICY_ITEM_ID"],
    [
      "another frequency",
      { items: set("daily", { frequencyType: "weekly" }) },
      "healthy",
      "INVALID_FREQUENCY_TYPE_CHANGE",
    ],
    ["every 3 hours", { items: set("hourly", { frequencyInterval: 3 }) }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["day 8 of the week", { items: add("weekly", 8, 5, "weeks") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["day 29", { items: add("monthly", 29, 1, "years") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["month 13", { items: add("yearly", 13, 1, "years") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["two daily items", { items: add("daily", 1, 30, "days") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["two hourly items", { items: add("hourly", 6, 7, "days") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    [
      "six days of a week",
      { items: (all) => add("weekly", 6, 6, "days")(set("daily", { retentionValue: 6 })(all)) },
      "continuous-off",
      "INVALID_SNAPSHOT_SCHEDULE",
    ],
    ["four weeks of a month", { items: add("monthly", 40, 4, "weeks") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["364 days of a year", { items: add("yearly", 12, 364, "days") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["a rarer item kept shorter", { items: add("weekly", 6, 29, "days") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["kept for nothing", { items: set("daily", { retentionValue: 0 }) }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["no hourly item", { items: without("hourly") }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["a window of nothing", { rest: { restoreWindowDays: 0 } }, "healthy", "INVALID_RESTORE_WINDOW"],
    ["a window too long", { rest: { restoreWindowDays: 8 } }, "healthy", "INVALID_RESTORE_WINDOW"],
    ["hourly kept too short", { items: set("hourly", { retentionValue: 6 }) }, "healthy", "INVALID_RESTORE_WINDOW"],
    ["an hour alone", { rest: { referenceHourOfDay: 3 } }, "healthy", "INVALID_REFERENCE_TIME_OF_DAY_MISSING_FIELDS"],
    [
      "a minute alone",
      { rest: { referenceMinuteOfHour: 3 } },
      "healthy",
      "INVALID_REFERENCE_TIME_OF_DAY_MISSING_FIELDS",
    ],
    [
      "hour 24",
      { rest: { referenceHourOfDay: 24, referenceMinuteOfHour: 0 } },
      "healthy",
      "INVALID_REFERENCE_HOUR_OF_DAY",
    ],
    [
      "minute 60",
      { rest: { referenceHourOfDay: 0, referenceMinuteOfHour: 60 } },
      "healthy",
      "INVALID_REFERENCE_MINUTE_OF_HOUR",
    ],
    ["an ondemand item", { items: add("ondemand", 1, 1, "days") }, "healthy", "INVALID_ENUM_VALUE"],
    ["what Atlas writes", { rest: { clusterName: "litally-core" } }, "healthy", "INVALID_ATTRIBUTE"],
    ["null", { rest: { restoreWindowDays: null } }, "healthy", "INVALID_JSON_ATTRIBUTE"],
    [
      "an item without retention",
      { items: (all) => [...all, { frequencyType: "weekly", frequencyInterval: 6 }] },
      "healthy",
      "MISSING_ATTRIBUTE",
    ],
    ["another zone", { copies: (one) => [{ ...one, zoneId: "0".repeat(24) }] }, "healthy", "INVALID_ZONE"],
    ["no zone", { copies: (one) => [{ ...one, zoneId: undefined }] }, "healthy", "MISSING_ATTRIBUTE"],
    ["another region", { copies: (one) => [{ ...one, regionName: "ap-southeast-1" }] }, "healthy", "INVALID_REGION"],
    ["another provider", { copies: (one) => [{ ...one, cloudProvider: "GCP" }] }, "healthy", "INVALID_PROVIDER"],
    ["a region twice", { copies: (one) => [one, one] }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    ["copies of nothing", { copies: (one) => [{ ...one, frequencies: undefined }] }, "healthy", "MISSING_ATTRIBUTE"],
    [
      "the latest 501",
      { copies: (one) => [{ ...one, frequencies: undefined, lastNumberOfSnapshots: 501 }] },
      "healthy",
      "INVALID_NUM_OF_SNAPSHOTS_TO_RETAIN",
    ],
    ["two forms", { copies: (one) => [{ ...one, lastNumberOfSnapshots: 5 }] }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    [
      "items unasked",
      { copies: (one) => [{ ...one, frequencies: undefined, copyPolicyItems: [] }] },
      "healthy",
      "INVALID_SNAPSHOT_SCHEDULE",
    ],
    [
      "frequencies in place of items",
      { copies: (one) => [{ ...one, frequencies: ["DAILY"], copyPolicyItems: undefined }] },
      "copies-by-item",
      "INVALID_SNAPSHOT_SCHEDULE",
    ],
    [
      "a copy item without retention",
      { copies: (one) => [{ ...one, copyPolicyItems: [{ frequencyType: "daily" }] }] },
      "copies-by-item",
      "MISSING_POLICY_ITEM_PARAMETERS",
    ],
    [
      "an unknown copy item",
      { copies: (one) => [{ ...one, copyPolicyItems: [{ id: "0".repeat(24), frequencyType: "ondemand" }] }] },
      "copies-by-item",
      "INVALID_POLICY_ITEM_ID",
    ],
    ["the other form alone", { rest: { copyPolicyItemsEnabled: true } }, "healthy", "INVALID_SNAPSHOT_SCHEDULE"],
    [
      "less than demanded",
      { items: set("daily", { retentionValue: 29 }) },
      "compliance",
      "BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS",
    ],
    [
      "rarer than demanded",
      { items: set("hourly", { frequencyInterval: 8 }) },
      "compliance",
      "BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS",
    ],
    [
      "a window less than demanded",
      { rest: { restoreWindowDays: 6 } },
      "compliance",
      "CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY",
    ],
  ])("with %s is refused", async (_what, edit, world, code) => {
    const target = await sandbox({ world });
    const before = (await get(target, SCHEDULE)).json;
    const reply = await patch(target, edit);
    expect(outcome(reply)).toEqual([400, code]);
    expect(compare?.("ApiError", reply.json) ?? []).toEqual([]);
    expect((await get(target, SCHEDULE)).json).toEqual(before);
  });

  it.each<[string, unknown, number, string]>([
    ["healthy", {}, 400, "MISSING_ATTRIBUTE"],
    ["healthy", { policies: [] }, 400, "INVALID_NUM_OF_POLICIES"],
    ["healthy", { policies: [{ policyItems: [] }] }, 400, "INVALID_POLICY_ID"],
    ["healthy", { policies: [{ id: "0".repeat(24), policyItems: [] }] }, 400, "INVALID_POLICY_ID"],
    ["backups-off", { policies: [] }, 404, "BACKUP_CONFIG_NOT_FOUND"],
    ["forbidden-schedule", { policies: [] }, 403, "USER_UNAUTHORIZED"],
    ["read-only", { policies: [] }, 403, "USER_UNAUTHORIZED"],
  ])("%s: %j is refused: %d %s", async (world, body, status, code) => {
    expect(outcome(await change(await sandbox({ world }), "PATCH", SCHEDULE, body))).toEqual([status, code]);
  });

  it("under a Backup Compliance Policy may hold more than demanded", async () => {
    const target = await sandbox({ world: "compliance" });
    expect((await patch(target, { items: set("daily", { retentionValue: 31 }) })).status).toBe(200);
    expect((await patch(target, { items: set("hourly", { frequencyInterval: 4 }) })).status).toBe(200);
  });

  it("takes copies by items, with ids of their own, and by number", async () => {
    const target = await sandbox();
    const copyPolicyItems = [
      { frequencyType: "daily", retentionValue: 2, retentionUnit: "weeks" },
      { frequencyType: "ondemand" },
    ];
    const copies = (one: Json) => [{ ...one, frequencies: undefined, copyPolicyItems }];
    const { json } = await patch(target, { copies, rest: { copyPolicyItemsEnabled: true } });
    expect(json.copyPolicyItemsEnabled).toBe(true);
    expect(json.copySettings[0].copyPolicyItems).toEqual(
      copyPolicyItems.map((item) => ({ id: expect.stringMatching(/^[0-9a-f]{24}$/), ...item })),
    );
    expect(compare?.("DiskBackupSnapshotSchedule20240805", json) ?? []).toEqual([]);
    expect((await patch(target, { copies: (one) => [one] })).json.copySettings).toEqual(json.copySettings);
    const latest = (one: Json) => [{ ...one, copyPolicyItems: undefined, lastNumberOfSnapshots: 3 }];
    expect((await patch(target, { copies: latest })).json.copySettings[0].lastNumberOfSnapshots).toBe(3);
    expect((await patch(target, { copies: () => [] })).json.copySettings).toEqual([]);
  });

  it.each([
    ["copies-oplog-off", true],
    ["oplogs-ignored", false],
    ["continuous-off", false],
  ])("%s: the oplog is copied when asked: %s", async (world, isTaken) => {
    const target = await sandbox({ world });
    const copies = (one: Json) => [{ ...one, shouldCopyOplogs: true }];
    const reply = await patch(target, { copies });
    expect([reply.status, reply.json.copySettings[0].shouldCopyOplogs]).toEqual([200, isTaken]);
  });
});

describe("a cluster's backups", () => {
  const turn = (target: Sandbox, body: unknown) => change(target, "PATCH", CORE, body);

  it("turned on get Atlas's default schedule, and the cluster is busy for a while", async () => {
    const target = await sandbox({ world: "backups-off" });
    const reply = await turn(target, { backupEnabled: true });
    expect(reply.json).toMatchObject({ backupEnabled: true, pitEnabled: false, stateName: "UPDATING" });
    expect(compare?.("ClusterDescription20240805", reply.json) ?? []).toEqual([]);
    const schedule = (await get(target, SCHEDULE)).json;
    expect(schedule.policies[0].policyItems).toHaveLength(5);
    await advance(target, "3m");
    expect((await get(target, CORE)).json.stateName).toBe("IDLE");
    await advance(target, "1d");
    expect((await snapshots(target)).length).toBeGreaterThan(3);
  });

  it("continuous backup turned on begins with a window", async () => {
    const target = await sandbox({ world: "atlas-default" });
    expect((await turn(target, { pitEnabled: true })).json.pitEnabled).toBe(true);
    expect((await get(target, SCHEDULE)).json.restoreWindowDays).toBe(7);
  });

  it("continuous backup turned on has the window that was set while it was off", async () => {
    const target = await sandbox({ world: "continuous-off" });
    const { policies } = (await get(target, SCHEDULE)).json;
    await change(target, "PATCH", SCHEDULE, { policies, restoreWindowDays: 5 });
    await turn(target, { backupEnabled: true });
    await turn(target, { pitEnabled: true });
    expect((await get(target, SCHEDULE)).json.restoreWindowDays).toBe(5);
  });

  it("turned off, the snapshots are gone", async () => {
    const target = await sandbox();
    expect((await turn(target, { backupEnabled: false, pitEnabled: false })).status).toBe(200);
    expect(await snapshots(target)).toEqual([]);
  });

  it.each<[string, unknown, number, string]>([
    ["backups-off", { pitEnabled: true }, 400, "ATLAS_GENERAL_ERROR"],
    ["healthy", { backupEnabled: false }, 400, "ATLAS_GENERAL_ERROR"],
    ["paused", { backupEnabled: true }, 409, "CANNOT_UPDATE_PAUSED_CLUSTER"],
    ["deleting", { backupEnabled: true }, 409, "CLUSTER_ALREADY_REQUESTED_DELETION"],
    ["no-cluster", { backupEnabled: true }, 404, "CLUSTER_NOT_FOUND"],
    ["read-only", { backupEnabled: true }, 403, "USER_UNAUTHORIZED"],
    ["healthy", { paused: true, backupEnabled: true }, 409, "CANNOT_UPDATE_AND_PAUSE_CLUSTER"],
    ["compliance", { pitEnabled: false }, 400, "CANNOT_DISABLE_PIT_WITH_BACKUP_COMPLIANCE_POLICY"],
    ["compliance", { backupEnabled: false }, 400, "CANNOT_DISABLE_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY"],
  ])("%s: %j is refused: %d %s", async (world, body, status, code) => {
    const target = await sandbox({ world });
    const before = (await get(target, CORE)).json;
    expect(outcome(await turn(target, body))).toEqual([status, code]);
    expect((await get(target, CORE)).json).toEqual(before);
  });

  it("is paused and set going again, and then runs for an hour at least", async () => {
    const target = await sandbox();
    expect((await turn(target, { paused: true })).json.paused).toBe(true);
    expect(outcome(await turn(target, { backupEnabled: true }))).toEqual([409, "CANNOT_UPDATE_PAUSED_CLUSTER"]);
    expect((await turn(target, { paused: false })).json).toMatchObject({ paused: false, stateName: "UPDATING" });
    target.advance(10 * 60_000);
    expect(outcome(await turn(target, { paused: true }))).toEqual([400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER"]);
    target.advance(50 * 60_000 - 1000);
    expect(outcome(await turn(target, { paused: true }))).toEqual([400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER"]);
    target.advance(1000);
    expect((await turn(target, { paused: true })).status).toBe(200);
  });

  it("continuous backup needs an hourly item", async () => {
    const target = await sandbox({ world: "continuous-off" });
    const live = (await get(target, SCHEDULE)).json;
    const policyItems = live.policies[0].policyItems.filter((one: Json) => one.frequencyType !== "hourly");
    const reply = await change(target, "PATCH", SCHEDULE, { policies: [{ id: live.policies[0].id, policyItems }] });
    expect(reply.status).toBe(200);
    expect(outcome(await turn(target, { pitEnabled: true }))).toEqual([400, "ATLAS_GENERAL_ERROR"]);
  });
});

describe("faults of changes", () => {
  it.each([
    ["reset-before-write=1", 0],
    ["reset-after-write=1", 1],
    ["500-after-write=1", 1],
    ["hang-write=1", 1],
  ])("%s: of one order there are then %d snapshots, and the next goes well", async (fault, taken) => {
    const target = await sandbox({ faults: [fault] });
    const seen = async (): Promise<Json> => {
      const signal = AbortSignal.timeout(300);
      const raced = new Promise((resolve) => signal.addEventListener("abort", () => resolve("no answer")));
      return Promise.race([order(target).then(outcome, () => "reset"), raced]);
    };
    expect(await seen()).toEqual(
      fault.startsWith("500") ? [500, "UNEXPECTED_ERROR"] : fault.startsWith("hang") ? "no answer" : "reset",
    );
    expect(await byHand(target)).toHaveLength(taken);
    await advance(target, "6m");
    expect((await order(target)).status).toBe(200);
  });

  it("pass over what only reads and what is refused", async () => {
    const target = await sandbox({ faults: ["reset-before-write", "reset-after-write"] });
    expect((await get(target, SCHEDULE)).status).toBe(200);
    expect((await order(target, { retentionInDays: 0 })).status).toBe(400);
    await expect(order(target)).rejects.toThrow();
    expect((await post(target, "/sandbox/faults", { faults: [] })).status).toBe(200);
    expect((await order(target)).status).toBe(200);
  });
});
