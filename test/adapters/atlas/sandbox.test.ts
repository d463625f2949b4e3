/** The adapter and the sandbox understand each other: what is changed through the one is so in the other. */
import { describe, expect, it, onTestFinished } from "vitest";
import type { ConnectedAtlas } from "../../../src/adapters/atlas/atlas.ts";
import { HOUR_MS } from "../../../src/core/duration.ts";
import { mayHaveActed } from "../../../src/core/error.ts";
import { known, type Observed } from "../../../src/core/observed.ts";
import type { Schedule } from "../../../src/ports/atlas.ts";
import type { ScheduleChange } from "../../../src/ports/atlas-changes.ts";
import type { RestoreOrder } from "../../../src/ports/atlas-restores.ts";
import { SANDBOX_CREDENTIALS, startSandbox } from "../../../src/sandbox/sandbox.ts";
import { SEED, START } from "../../sandbox/client.ts";
import { connect, failure } from "./harness.ts";

const PROJECT = SEED.projectId;
const CORE = "litally-core";
const { publicKey, privateKey } = SANDBOX_CREDENTIALS;

async function connected(world: string, faults: readonly string[] = []) {
  const sandbox = await startSandbox({ world, seed: SEED, startAt: START, elapsedMs: () => 0, faults });
  onTestFinished(() => sandbox.close());
  const credentials = { kind: "api-key", publicKey, privateKey } as const;
  const advance = (by: string) =>
    fetch(`${sandbox.url}/sandbox/clock`, { method: "POST", body: JSON.stringify({ advance: by }) });
  return { advance, ...connect({ baseUrl: new URL(sandbox.url) }, { credentials }) };
}

describe.each([
  ["healthy", false],
  ["sharded", true],
])("a snapshot by hand in the world %s", (world, sharded) => {
  it("is taken, found, watched and told by events", async () => {
    const { atlas, advance } = await connected(world);
    const taken = await atlas.takeSnapshot(PROJECT, CORE, { description: "mine", retentionDays: 3 });
    const now = () => atlas.getSnapshot(PROJECT, CORE, sure(taken.id), sharded);
    expect(taken).toMatchObject({ status: known("queued"), description: known("mine"), kind: known("onDemand") });
    expect(await now()).toEqual(taken);
    const list = sharded ? atlas.listShardedSnapshots : atlas.listSnapshots;
    expect((await list(PROJECT, CORE)).filter(({ description }) => sure(description) === "mine")).toEqual([taken]);
    await advance("6m");
    expect((await now()).status).toEqual(known("completed"));
    const events = await atlas.listSnapshotEvents(PROJECT, CORE, START);
    expect(events.map(({ kind }) => kind)).toEqual(["completed", "started"]);
  });
});

describe("a schedule", () => {
  it.each(["healthy", "several-weekly", "copies-by-item", "copies-one-zone", "compliance"])(
    "of the world %s sent back unchanged stays what it was",
    async (world) => {
      const { atlas } = await connected(world);
      const before = await atlas.getSchedule(PROJECT, CORE);
      await atlas.updateSchedule(PROJECT, CORE, unchanged(before));
      expect(await atlas.getSchedule(PROJECT, CORE)).toEqual(before);
    },
  );
});

it("backups are turned on, and then continuous backup", async () => {
  const { atlas } = await connected("backups-off");
  await atlas.updateCluster(PROJECT, CORE, { backupEnabled: true });
  await atlas.updateCluster(PROJECT, CORE, { pitEnabled: true });
  expect(await atlas.getCluster(PROJECT, CORE)).toMatchObject({
    backupEnabled: known(true),
    pitEnabled: known(true),
    state: known("UPDATING"),
    nvme: known(false),
  });
});

it("a Backup Compliance Policy is read, or that there is none", async () => {
  expect(await (await connected("healthy")).atlas.getCompliancePolicy(PROJECT)).toBe(null);
  expect(await (await connected("compliance")).atlas.getCompliancePolicy(PROJECT)).toMatchObject({
    state: known("ACTIVE"),
    restoreWindowDays: known(7),
    onDemandRetention: known({ value: 3, unit: "days" }),
  });
});

describe("a change that goes wrong on the way is made once at most", () => {
  it.each([
    ["reset-before-write", "unavailable", 0],
    ["reset-after-write", "unavailable", 1],
    ["500-after-write", "unavailable", 1],
    ["hang-write", "timeout", 1],
  ])("%s: %s, %d snapshots", async (fault, kind, count) => {
    const { atlas } = await connected("healthy", [fault]);
    const error = await failure(atlas.takeSnapshot(PROJECT, CORE, { description: "mine", retentionDays: 3 }));
    expect([error.kind, mayHaveActed(error.kind)]).toEqual([kind, true]);
    const all = await atlas.listSnapshots(PROJECT, CORE);
    expect(all.filter(({ description }) => sure(description) === "mine")).toHaveLength(count);
  });

  it("read-only: refused, and not made", async () => {
    const { atlas } = await connected("read-only");
    const error = await failure(atlas.takeSnapshot(PROJECT, CORE, { description: "mine", retentionDays: 3 }));
    expect([error.kind, mayHaveActed(error.kind)]).toEqual(["auth", false]);
    expect(error.hint).toMatch(/"Project Backup Creator"/);
  });
});

describe("a restore", () => {
  const DRILL = { targetProjectId: PROJECT, targetName: "litally-drill" };
  const at = new Date(START.getTime() - HOUR_MS);
  const instant: RestoreOrder = { point: { kind: "instant", at }, ...DRILL };

  it("of a cluster is ordered, watched and finished, and the target is busy meanwhile", async () => {
    const { atlas, advance } = await connected("healthy");
    const job = await atlas.startRestore(PROJECT, CORE, instant);
    expect(job).toMatchObject({
      delivery: known("pointInTime"),
      pointInTimeAt: known(at),
      targetName: known("litally-drill"),
      targetProjectId: known(PROJECT),
      createdAt: known(START),
      finishedAt: known(null),
    });
    expect((await atlas.getCluster(PROJECT, "litally-drill")).state).toEqual(known("UPDATING"));
    await advance("20m");
    const done = await atlas.getRestoreJob(PROJECT, CORE, sure(job.id));
    expect([sure(done.failed), sure(done.finishedAt) !== null]).toEqual([false, true]);
    const past = await atlas.listRestoreJobs(PROJECT, CORE);
    expect(past).toHaveLength(5);
    expect(past[0]).toEqual(done);
    const error = await failure(atlas.cancelRestoreJob(PROJECT, CORE, sure(job.id)));
    expect([error.kind, error.message]).toEqual(["rejected", expect.stringMatching(/CANNOT_CANCEL_AUTOMATED_RESTORE/)]);
  });

  it("restore-unknown-state: none of the flags is known", async () => {
    const { atlas } = await connected("restore-unknown-state");
    const { cancelled, failed, expired } = await atlas.startRestore(PROJECT, CORE, instant);
    expect([cancelled.known, failed.known, expired.known]).toEqual([false, false, false]);
  });

  it("of collections, of what a snapshot holds", async () => {
    const { atlas, advance } = await connected("healthy");
    const newest = (await atlas.listSnapshots(PROJECT, CORE)).find(({ status }) => sure(status) === "completed");
    if (newest === undefined) throw new Error("no snapshot");
    const snapshotId = sure(newest.id);
    const namespaces = await atlas.listSnapshotNamespaces(PROJECT, CORE, snapshotId);
    expect(namespaces).toContain("payments.webhooks.pending");
    const order = {
      point: { kind: "snapshot", snapshotId },
      ...DRILL,
      suffix: "_restored",
      overwrites: false,
    } as const;
    const job = await atlas.startCollectionRestore(PROJECT, CORE, { ...order, namespaces });
    expect(job).toMatchObject({ namespaces: known(namespaces), suffix: known("_restored"), overwrites: known(false) });
    await advance("1h");
    const done = await atlas.getCollectionRestore(PROJECT, CORE, sure(job.id));
    expect([sure(done.state), sure(done.restoredDocuments)]).toEqual(["SUCCESSFUL", sure(done.totalDocuments)]);
    expect(await atlas.listCollectionRestores(PROJECT, CORE)).toEqual([done]);
  });

  it.each([
    ["healthy", CORE, 240, 180],
    ["sharded", CORE, 240, 180],
    ["healthy", "litally-drill", 0, 6],
    ["target-busy", "litally-drill", 120, 85],
  ])("%s: what %s does is seen", async (world, name, writes, connections) => {
    const { atlas } = await connected(world);
    const activity = await atlas.getActivity(PROJECT, name);
    expect(sure(activity.writesPerSecond)).toBeCloseTo(writes);
    expect(sure(activity.connections)).toBeGreaterThanOrEqual(connections);
  });

  it("what a paused target does is not known", async () => {
    const { atlas } = await connected("target-paused");
    const { writesPerSecond, connections } = await atlas.getActivity(PROJECT, "litally-drill");
    expect([writesPerSecond.known, connections.known]).toEqual([false, false]);
  });

  it("the targets of other worlds differ where they should", async () => {
    const target = async (world: string) => (await connected(world)).atlas.getCluster(PROJECT, "litally-drill");
    const source = await (await connected("healthy")).atlas.getCluster(PROJECT, CORE);
    expect([sure(source.mongodbVersion), sure(source.diskSizeGb), sure(source.configServerType)]).toEqual([
      "8.0.15",
      80,
      null,
    ]);
    expect(await target("target-older-version")).toMatchObject({ mongodbVersion: known("7.0.16") });
    expect(await target("target-small-disk")).toMatchObject({ diskSizeGb: known(20) });
    expect(await target("target-other-topology")).toMatchObject({
      type: known("SHARDED"),
      configServerType: known("EMBEDDED"),
    });
  });

  it.each([
    ["reset-before-write", "unavailable", 4],
    ["reset-after-write", "unavailable", 5],
    ["500-after-write", "unavailable", 5],
    ["hang-write", "timeout", 5],
  ])("that goes wrong on the way is begun once at most: %s, %s, %d jobs", async (fault, kind, count) => {
    const { atlas } = await connected("healthy", [fault]);
    expect((await failure(atlas.startRestore(PROJECT, CORE, instant))).kind).toBe(kind);
    expect(await atlas.listRestoreJobs(PROJECT, CORE)).toHaveLength(count);
  });
});

const newest = async (atlas: ConnectedAtlas, sharded: boolean): Promise<string> => {
  const all = await (sharded ? atlas.listShardedSnapshots : atlas.listSnapshots)(PROJECT, CORE);
  const found = all.find(({ status }) => sure(status) === "completed");
  if (found === undefined) throw new Error("no snapshot");
  return sure(found.id);
};

describe("a download", () => {
  it.each([
    ["healthy", false, 1],
    ["sharded", true, 3],
  ])("in the world %s is ordered, packed, served and over", async (world, sharded, count) => {
    const { atlas, advance } = await connected(world);
    const snapshotId = await newest(atlas, sharded);
    const job = await atlas.startDownload(PROJECT, CORE, snapshotId);
    const id = sure(job.id);
    expect(job).toMatchObject({ snapshotId: known(snapshotId), files: known([]), createdAt: known(START) });
    expect(sure(job.expiresAt)).toEqual(new Date(START.getTime() + HOUR_MS));
    await advance("1m");
    const packed = await atlas.getDownload(PROJECT, CORE, id);
    const files = sure(packed.files);
    expect([files.length, new Set(files.map(({ replicaSet }) => replicaSet)).size]).toEqual([count, count]);
    for (const { url } of files) expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
    expect(await atlas.listDownloads(PROJECT, CORE)).toEqual([packed]);
    expect((await failure(atlas.startDownload(PROJECT, CORE, snapshotId))).message).toMatch(/CONCURRENTLY/);
    await advance("1h");
    const over = await atlas.getDownload(PROJECT, CORE, id);
    expect([sure(over.expired), sure(over.files)]).toEqual([true, []]);
  });

  it("is called off as restores are", async () => {
    const { atlas } = await connected("healthy");
    const { id } = await atlas.startDownload(PROJECT, CORE, await newest(atlas, false));
    await atlas.cancelRestoreJob(PROJECT, CORE, sure(id));
    expect((await atlas.getDownload(PROJECT, CORE, sure(id))).cancelled).toEqual(known(true));
  });
});

describe("an export", () => {
  const begun = async (world: string, sharded = false) => {
    const { atlas, advance } = await connected(world);
    const [bucket] = await atlas.listExportBuckets(PROJECT);
    if (bucket === undefined) throw new Error("no bucket");
    const snapshotId = await newest(atlas, sharded);
    const order = { snapshotId, exportBucketId: sure(bucket.id), labels: { slot: "2026-10" } };
    return { atlas, advance, bucket, order, job: await atlas.startExport(PROJECT, CORE, order) };
  };

  it.each([
    ["healthy", false],
    ["sharded", true],
  ])("in the world %s is ordered, watched and done", async (world, sharded) => {
    const { atlas, advance, bucket, order, job } = await begun(world, sharded);
    expect(bucket).toMatchObject({ provider: known("AWS"), region: known("ap-south-1") });
    expect(job).toMatchObject({
      snapshotId: known(order.snapshotId),
      exportBucketId: known(order.exportBucketId),
      state: known("Queued"),
      createdAt: known(START),
      finishedAt: known(null),
      labels: known(order.labels),
    });
    expect((await failure(atlas.startExport(PROJECT, CORE, order))).kind).toBe("rejected");
    await advance("10m");
    const done = await atlas.getExport(PROJECT, CORE, sure(job.id));
    expect([sure(done.state), sure(done.exportedCollections), sure(done.totalCollections)]).toEqual([
      "Successful",
      7,
      7,
    ]);
    expect(await atlas.listExports(PROJECT, CORE)).toEqual([done]);
  });

  it("that fails says so, and why", async () => {
    const { atlas, advance, job } = await begun("export-fails");
    await advance("1h");
    const { state, stateReason } = await atlas.getExport(PROJECT, CORE, sure(job.id));
    expect([sure(state), sure(stateReason)]).toEqual(["Failed", "EXPORT_FAILED: The export was cut off."]);
  });

  it("without a bucket is not possible", async () => {
    const { atlas } = await connected("no-export-bucket");
    expect(await atlas.listExportBuckets(PROJECT)).toEqual([]);
  });
});

/** The change that names all there is, as it is. */
function unchanged(schedule: Schedule): ScheduleChange {
  return {
    policyId: sure(schedule.policyId),
    items: sure(schedule.items).map((item) => ({
      id: sure(item.id),
      frequency: sure(item.frequency),
      interval: sure(item.interval),
      retention: sure(item.retention),
    })),
    restoreWindowDays: present(schedule.restoreWindowDays),
    referenceTime: present(schedule.referenceTime),
    copySettings: sure(schedule.copySettings).map((setting) => ({
      region: sure(setting.region),
      provider: present(setting.provider),
      zoneId: sure(setting.zoneId),
      copies: sure(setting.copies),
      oplogs: sure(setting.copiesOplogs),
    })),
  };
}

function sure<T>(observed: Observed<T>): T {
  if (observed.known) return observed.value;
  throw observed.reason;
}

function present<T>(observed: Observed<T | null>): T {
  const value = sure(observed);
  if (value === null) throw new Error("left out");
  return value;
}
