import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { listWorlds, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { specComparison } from "../support/spec.ts";
import { advance, change, get, PROJECT, post, type Reply, SEED, START, sandbox, snapshots } from "./client.ts";

type Json = Reply["json"];
const compare = specComparison();
const JOBS = "/clusters/litally-core/backup/restoreJobs";
const COLLECTIONS = "/clusters/litally-core/collectionRestoreJobs";
const DRILL = { targetGroupId: PROJECT, targetClusterName: "litally-drill" };
const HOUR_S = 3600;
const NOW_S = START.getTime() / 1000;

const outcome = ({ status, json }: Reply) => [status, json?.errorCode];
const instant = (secondsAgo: number, more: object = {}) => ({
  deliveryType: "pointInTime",
  pointInTimeUTCSeconds: NOW_S - secondsAgo,
  ...DRILL,
  ...more,
});
const fromNewest = async (target: Sandbox, more: object = {}) => ({
  deliveryType: "automated",
  snapshotId: (await newestOf(target)).id,
  ...DRILL,
  ...more,
});
const newestOf = async (target: Sandbox): Promise<Json> =>
  (await snapshots(target)).find((one) => one.status === "completed");
const start = (target: Sandbox, body: unknown) => change(target, "POST", JOBS, body);
const job = async (target: Sandbox, id: string): Promise<Json> => (await get(target, `${JOBS}/${id}`)).json;
const stateOf = async (target: Sandbox, name: string): Promise<string> =>
  (await get(target, `/clusters/${name}`)).json.stateName;

describe("a restore of a cluster", () => {
  it("runs for about ten minutes, in which the target is busy, and finishes", async () => {
    const target = await sandbox();
    const before = await snapshots(target, "litally-drill");
    const { status, json } = await start(target, await fromNewest(target));
    expect([status, json]).toEqual([
      200,
      expect.objectContaining({ deliveryType: "automated", ...DRILL, cancelled: false, failed: false, expired: false }),
    ]);
    expect(compare?.("DiskBackupSnapshotRestoreJob", json) ?? []).toEqual([]);
    expect(json.id.slice(0, 8)).toBe(NOW_S.toString(16));
    expect((await get(target, JOBS)).json.results[0]).toEqual(json);
    expect(await stateOf(target, "litally-drill")).toBe("UPDATING");
    await advance(target, "8m");
    expect("finishedAt" in (await job(target, json.id))).toBe(false);
    await advance(target, "4m");
    const done = await job(target, json.id);
    expect(Date.parse(done.finishedAt) - START.getTime()).toBeGreaterThan(8 * 60_000);
    expect(compare?.("DiskBackupSnapshotRestoreJob", done) ?? []).toEqual([]);
    expect(await stateOf(target, "litally-drill")).toBe("IDLE");
    expect(await snapshots(target, "litally-drill")).toEqual(before);
  });

  it("to an instant names the instant", async () => {
    const target = await sandbox();
    const { json } = await start(target, instant(HOUR_S));
    expect(json).toMatchObject({ deliveryType: "pointInTime", pointInTimeUTCSeconds: NOW_S - HOUR_S });
    expect(compare?.("DiskBackupSnapshotRestoreJob", json) ?? []).toEqual([]);
  });

  it("is one at a time on a target, which takes no change meanwhile", async () => {
    const target = await sandbox();
    await start(target, instant(HOUR_S));
    expect(outcome(await start(target, instant(HOUR_S)))).toEqual([409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"]);
    const patched = await change(target, "PATCH", "/clusters/litally-drill", { pitEnabled: true });
    expect(outcome(patched)).toEqual([400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE"]);
    await advance(target, "20m");
    expect((await start(target, instant(HOUR_S))).status).toBe(200);
  });

  it("leaves no instant of its target restorable until the next snapshot there", async () => {
    const target = await sandbox();
    await start(target, instant(HOUR_S, { targetClusterName: "litally-core" }));
    await advance(target, "20m");
    const after = instant(-15 * 60);
    expect(outcome(await start(target, after))).toEqual([400, "INVALID_PIT_RESTORE_TIME"]);
    expect((await start(target, instant(2 * HOUR_S))).status).toBe(200);
    await advance(target, "20m");
    await change(target, "POST", "/clusters/litally-core/backup/snapshots", {});
    await advance(target, "10m");
    expect(outcome(await start(target, after))).toEqual([400, "INVALID_PIT_RESTORE_TIME"]);
    expect((await start(target, instant(-49 * 60))).status).toBe(200);
  });

  it("of a sharded cluster is of the unit, onto as many shards", async () => {
    const target = await sandbox({ world: "sharded" });
    expect(outcome(await start(target, await fromNewest(target)))).toEqual([
      400,
      "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED",
    ]);
    const units = (await get(target, "/clusters/litally-core/backup/snapshots/shardedClusters")).json.results;
    const unit = units.find((one: Json) => one.status === "completed");
    expect((await start(target, await fromNewest(target, { snapshotId: unit.id }))).status).toBe(200);
  });

  it("goes to a cluster that the policy names for it", async () => {
    const [first, ...rest] = SEED.databases;
    if (first === undefined) throw new Error("no database");
    const target = await sandbox({ seed: { ...SEED, databases: [{ ...first, drillTarget: "rehearsal" }, ...rest] } });
    expect((await get(target, JOBS)).json.results[0].targetClusterName).toBe("rehearsal");
    expect((await start(target, instant(HOUR_S, { targetClusterName: "rehearsal" }))).status).toBe(200);
  });

  it("outlives the process with its state", async () => {
    const directory = mkdtempSync(join(tmpdir(), "litally-ops-restore-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const stateFile = `${directory}/state`;
    const first = await sandbox({ stateFile });
    const { json } = await start(first, instant(HOUR_S));
    await first.close();
    expect(await job(await sandbox({ stateFile }), json.id)).toEqual(json);
  });

  const refused: readonly (readonly [string, string, object, number, string])[] = [
    ["an instant to come", "healthy", instant(-60), 400, "INVALID_PIT_RESTORE_TIME"],
    ["an instant before the window", "healthy", instant(8 * 24 * HOUR_S), 400, "INVALID_PIT_RESTORE_TIME"],
    ["an instant without continuous backup", "continuous-off", instant(HOUR_S), 400, "INVALID_PIT_RESTORE_TIME"],
    ["half a second", "healthy", instant(HOUR_S + 0.5), 400, "FRACTIONAL_TIMESTAMP"],
    ["milliseconds", "healthy", instant(0, { pointInTimeUTCSeconds: NOW_S * 1000 }), 400, "INVALID_ATTRIBUTE"],
    [
      "an instant before every snapshot",
      "window-not-covered",
      instant(6 * 24 * HOUR_S),
      404,
      "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME",
    ],
    ["a paused target", "target-paused", instant(HOUR_S), 400, "CLUSTER_PAUSED_CANNOT_RESTORE"],
    ["a target of other shards", "target-other-topology", instant(HOUR_S), 409, "RESTORE_INITIATION_FAILED"],
    [
      "a target that is encrypted otherwise",
      "healthy",
      instant(HOUR_S, { targetClusterName: "litally-ledger" }),
      400,
      "INVALID_SNAPSHOT_RESTORE_ENCRYPTION",
    ],
    ["no such target", "healthy", instant(HOUR_S, { targetClusterName: "nobody" }), 404, "CLUSTER_NOT_FOUND"],
    ["another project", "healthy", instant(HOUR_S, { targetGroupId: "a".repeat(24) }), 403, "CANNOT_RESTORE_TO_TARGET"],
    ["a snapshot and an instant", "healthy", instant(HOUR_S, { snapshotId: PROJECT }), 400, "INVALID_ATTRIBUTE"],
    ["no snapshot", "healthy", { deliveryType: "automated", ...DRILL }, 400, "MISSING_ATTRIBUTE"],
    [
      "no such snapshot",
      "healthy",
      { deliveryType: "automated", snapshotId: PROJECT, ...DRILL },
      404,
      "SNAPSHOT_NOT_FOUND",
    ],
    [
      "no target",
      "healthy",
      { deliveryType: "pointInTime", pointInTimeUTCSeconds: NOW_S - 60 },
      400,
      "MISSING_ATTRIBUTE",
    ],
    ["credentials that may change nothing", "read-only", instant(HOUR_S), 403, "USER_UNAUTHORIZED"],
  ];
  it.each(refused)("is refused for %s", async (_, world, body, status, code) => {
    const target = await sandbox({ world });
    const before = await get(target, JOBS);
    const reply = await start(target, body);
    expect(outcome(reply)).toEqual([status, code]);
    expect(compare?.("ApiError", reply.json) ?? []).toEqual([]);
    expect((await get(target, JOBS)).text).toBe(before.text);
  });

  it("is refused from a snapshot that is not complete", async () => {
    const target = await sandbox({ world: "late" });
    const running = (await snapshots(target)).find((one) => one.status === "inProgress");
    const code = "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT";
    expect(outcome(await start(target, await fromNewest(target, { snapshotId: running.id })))).toEqual([409, code]);
  });
});

describe("how restores end", () => {
  const flags = ({ cancelled, failed, expired, finishedAt }: Json) => [
    cancelled,
    failed,
    expired,
    finishedAt !== undefined,
  ];
  it.each([
    ["healthy", [false, false, false, true]],
    ["restore-fails", [false, true, false, false]],
    ["restore-hangs", [false, false, false, false]],
    ["restore-cancelled-by-atlas", [true, false, false, false]],
    ["restore-expires", [false, false, true, false]],
    ["restore-unknown-state", [undefined, undefined, undefined, false]],
    ["target-small-disk", [false, true, false, false]],
    ["target-older-version", [false, true, false, false]],
    ["target-busy", [false, false, false, true]],
  ])("%s", async (world, wanted) => {
    const target = await sandbox({ world });
    const { json } = await start(target, instant(HOUR_S));
    expect(flags(json).slice(1)).toEqual(wanted[0] === undefined ? wanted.slice(1) : [false, false, false]);
    await advance(target, "1h");
    expect(flags(await job(target, json.id))).toEqual(wanted);
    expect(await stateOf(target, "litally-drill")).toBe(world === "restore-hangs" ? "UPDATING" : "IDLE");
  });

  it("restore-wrong-target: another cluster is overwritten", async () => {
    const target = await sandbox({ world: "restore-wrong-target" });
    expect((await start(target, instant(HOUR_S))).json.targetClusterName).toBe("litally-core");
    expect(await stateOf(target, "litally-core")).toBe("UPDATING");
    expect(await stateOf(target, "litally-drill")).toBe("IDLE");
  });

  it("there is a history, but in no-history", async () => {
    const past = (await get(await sandbox(), JOBS)).json.results;
    expect(past.map((one: Json) => one.deliveryType)).toEqual(["automated", "pointInTime", "automated", "pointInTime"]);
    for (const one of past) {
      expect(flags(one)).toEqual([false, false, false, true]);
      const tookMs = Date.parse(one.finishedAt) - Number.parseInt(one.id.slice(0, 8), 16) * 1000;
      expect(tookMs).toBeGreaterThan(8 * 60_000);
      expect(tookMs).toBeLessThan(14 * 60_000);
    }
    expect((await get(await sandbox({ world: "no-history" }), JOBS)).json.results).toEqual([]);
    expect((await get(await sandbox({ world: "just-created" }), JOBS)).json.results).toEqual([]);
  });

  it("every world of restores is looked at here", () => {
    const named = listWorlds().flatMap(({ name }) => (/^(restore|target)-/.test(name) ? [name] : []));
    expect(named).toHaveLength(11);
  });
});

describe("calling off", () => {
  it("a restore to a cluster is not possible", async () => {
    const target = await sandbox();
    const { json } = await start(target, instant(HOUR_S));
    expect(outcome(await change(target, "DELETE", `${JOBS}/${json.id}`, ""))).toEqual([
      400,
      "CANNOT_CANCEL_AUTOMATED_RESTORE",
    ]);
    expect(outcome(await change(target, "DELETE", `${JOBS}/${PROJECT}`, ""))).toEqual([404, "RESTORE_JOB_NOT_FOUND"]);
    expect(outcome(await get(target, `${JOBS}/${PROJECT}`))).toEqual([404, "RESTORE_JOB_NOT_FOUND"]);
  });

  it("a download is", async () => {
    const target = await sandbox();
    const { id: snapshotId } = await newestOf(target);
    const { json } = await start(target, { deliveryType: "download", snapshotId });
    const reply = await change(target, "DELETE", `${JOBS}/${json.id}`, "");
    expect([reply.status, reply.text]).toEqual([204, ""]);
    expect(await job(target, json.id)).toMatchObject({ cancelled: true, expired: false, deliveryUrl: [] });
  });
});

describe("a restore of collections", () => {
  const order = (more: object = {}) => ({
    pointInTimeUtcSeconds: NOW_S - HOUR_S,
    ...DRILL,
    collections: [{ sourceNamespace: "ledger.entries" }, { sourceNamespace: "customers.profiles" }],
    writeStrategy: "CREATE_NEW",
    indexStrategy: "ALL",
    collectionSuffix: "_restored",
    ...more,
  });
  const begin = (target: Sandbox, body: unknown) => change(target, "POST", COLLECTIONS, body);

  it("goes through its states while documents come", async () => {
    const target = await sandbox();
    const { status, json } = await begin(target, order());
    expect([status, json.state, json.restoredDocuments]).toEqual([201, "INITIALIZING", 0]);
    expect(compare?.("ApiAtlasCollectionRestoreJobResponse", json) ?? []).toEqual([]);
    const seen: Json[] = [];
    for (const by of ["2m", "3m", "2m30s", "2m"]) {
      await advance(target, by === "2m30s" ? "150s" : by);
      seen.push((await get(target, `${COLLECTIONS}/${json.id}`)).json);
    }
    expect(seen.map((one) => one.state)).toEqual(["IN_PROGRESS", "IN_PROGRESS", "FINALIZING", "SUCCESSFUL"]);
    expect(seen.map((one) => one.restoredDocuments)).toEqual([400_000, 1_600_000, 2_400_000, 2_400_000]);
    for (const one of seen) expect(compare?.("ApiAtlasCollectionRestoreJobResponse", one) ?? []).toEqual([]);
    expect(seen[3].finishedAt).toBe("2026-11-22T10:38:20Z");
    expect((await get(target, COLLECTIONS)).json.results).toEqual([seen[3]]);
    expect(await stateOf(target, "litally-drill")).toBe("IDLE");
  });

  it.each([
    ["restore-fails", "FAILED"],
    ["restore-cancelled-by-atlas", "CANCELED"],
    ["restore-expires", "FAILED"],
    ["restore-hangs", "IN_PROGRESS"],
    ["restore-unknown-state", "UNHEARD_OF"],
  ])("%s: ends %s", async (world, state) => {
    const target = await sandbox({ world });
    const { json } = await begin(target, order());
    await advance(target, "1h");
    expect((await get(target, `${COLLECTIONS}/${json.id}`)).json.state).toBe(state);
  });

  it("in place, under the same names, fails and says why", async () => {
    const target = await sandbox();
    const inPlace = { targetClusterName: "litally-core", collectionSuffix: "" };
    const { json } = await begin(target, order(inPlace));
    await advance(target, "1h");
    expect((await get(target, `${COLLECTIONS}/${json.id}`)).json).toMatchObject({
      state: "FAILED",
      errorMessage: "ledger.entries exists already",
    });
    expect((await begin(target, order({ ...inPlace, writeStrategy: "OVERWRITE_EXISTING" }))).status).toBe(201);
  });

  it("restore-wrong-target: goes to another cluster", async () => {
    const target = await sandbox({ world: "restore-wrong-target" });
    expect((await begin(target, order())).json.targetClusterName).toBe("litally-core");
  });

  it.each([
    ["no collection", order({ collections: [] }), 400, "INVALID_ATTRIBUTE"],
    ["one that is not there", order({ collections: [{ sourceNamespace: "ledger.x" }] }), 400, "ATLAS_GENERAL_ERROR"],
    ["the other spelling of the instant", order({ pointInTimeUTCSeconds: 1 }), 400, "INVALID_ATTRIBUTE"],
    ["no such target", order({ targetClusterName: "nobody" }), 404, "CLUSTER_NOT_FOUND"],
    ["an instant to come", order({ pointInTimeUtcSeconds: NOW_S + 60 }), 400, "INVALID_PIT_RESTORE_TIME"],
  ])("is refused for %s", async (_, body, status, code) => {
    const target = await sandbox();
    expect(outcome(await begin(target, body))).toEqual([status, code]);
    expect((await get(target, COLLECTIONS)).json.results).toEqual([]);
  });

  it("is refused while another is on its way, and from a fallback snapshot", async () => {
    const target = await sandbox();
    await begin(target, order());
    expect(outcome(await begin(target, order()))).toEqual([409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"]);
    const fallen = await sandbox({ world: "fallback-only" });
    const { pointInTimeUtcSeconds: _, ...rest } = order();
    const body = { ...rest, snapshotId: (await newestOf(fallen)).id };
    expect(outcome(await begin(fallen, body))).toEqual([400, "ATLAS_GENERAL_ERROR"]);
  });
});

describe("what there is to see", () => {
  it("a snapshot's databases and collections, page by page", async () => {
    const target = await sandbox();
    const base = `/clusters/litally-core/backup/snapshots/${(await newestOf(target)).id}/databases`;
    const databases = (await get(target, `${base}?itemsPerPage=2`)).json;
    expect([databases.results, databases.totalCount]).toEqual([[{ name: "customers" }, { name: "ledger" }], 3]);
    const { json } = await get(target, `${base}/ledger/collections`);
    expect(json.results).toEqual([{ name: "accounts" }, { name: "balances" }, { name: "entries" }]);
    expect(compare?.("PaginatedApiAtlasDiskBackupCollectionView", json) ?? []).toEqual([]);
    const nowhere = `/clusters/litally-core/backup/snapshots/${PROJECT}/databases`;
    expect(outcome(await get(target, nowhere))).toEqual([404, "SNAPSHOT_NOT_FOUND"]);
  });

  const query = "granularity=PT1M&period=PT5M&m=OPCOUNTER_INSERT&m=CONNECTIONS";
  const measured = async (target: Sandbox, cluster: string) => {
    const { json } = await get(target, `/processes/${cluster}-shard-00-00.sandbox.invalid:27017/measurements?${query}`);
    expect(compare?.("ApiMeasurementsGeneralView_Atlas", json) ?? []).toEqual([]);
    return json.measurements.map((one: Json) => one.dataPoints.map((point: Json) => point.value));
  };

  it("what clusters do: the databases are in use, the target is quiet, and busy in target-busy", async () => {
    const target = await sandbox();
    expect(await measured(target, "litally-core")).toEqual([
      [null, 120, 120, 120, null],
      [180, 180, 180, 180, null],
    ]);
    expect(await measured(target, "litally-drill")).toEqual([
      [null, 0, 0, 0, null],
      [6, 6, 6, 6, null],
    ]);
    expect((await measured(await sandbox({ world: "target-busy" }), "litally-drill"))[0]?.[1]).toBe(60);
  });

  it("no process of a paused cluster, and no measurement of one that is not there", async () => {
    const { json } = await get(await sandbox({ world: "target-paused" }), "/processes");
    expect(json.results.map((one: Json) => one.id).filter((id: string) => id.startsWith("litally-drill"))).toEqual([]);
    const target = await sandbox();
    expect(outcome(await get(target, `/processes/nobody:27017/measurements?${query}`))).toEqual([
      404,
      "HOST_NOT_FOUND",
    ]);
    const coarse = query.replace("PT1M", "P1D");
    const path = `/processes/litally-core-shard-00-00.sandbox.invalid:27017/measurements?${coarse}`;
    expect(outcome(await get(target, path))).toEqual([400, "INVALID_QUERY_PARAMETER"]);
  });
});

describe("faults of changes strike restores", () => {
  it.each([
    ["reset-before-write=1", 0],
    ["reset-after-write=1", 1],
    ["500-after-write=1", 1],
  ])("%s: %d more", async (fault, more) => {
    const target = await sandbox();
    const before = (await get(target, JOBS)).json.totalCount;
    await post(target, "/sandbox/faults", { faults: [fault] });
    const reply = await start(target, instant(HOUR_S)).catch(() => null);
    expect(reply?.status ?? null).toBe(fault.startsWith("500") ? 500 : null);
    expect((await get(target, JOBS)).json.totalCount).toBe(before + more);
  });
});
