import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { AWS_CREDENTIALS, listWorlds, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { specComparison } from "../support/spec.ts";
import { advance, change, get, PROJECT, type Reply, sandbox, snapshots } from "./client.ts";

type Json = Reply["json"];
const compare = specComparison();
const EXPORTS = "/clusters/litally-core/backup/exports";
const outcome = ({ status, json }: Reply) => [status, json?.errorCode];
const bucketOf = async (target: Sandbox): Promise<Json> => (await get(target, "/backup/exportBuckets")).json.results[0];
const newestOf = async (target: Sandbox): Promise<Json> =>
  (await snapshots(target)).find((one) => one.status === "completed");
const job = async (target: Sandbox, id: string): Promise<Json> => (await get(target, `${EXPORTS}/${id}`)).json;
const order = async (target: Sandbox, more: object = {}) =>
  change(target, "POST", EXPORTS, {
    snapshotId: (await newestOf(target)).id,
    exportBucketId: (await bucketOf(target))?._id ?? PROJECT,
    ...more,
  });

describe("an export", () => {
  it("goes through its states, a collection a minute", async () => {
    const target = await sandbox();
    const { status, json } = await order(target, { customData: [{ key: "slot", value: "2026-10" }] });
    const { createdAt } = await newestOf(target);
    expect([status, json]).toEqual([
      200,
      expect.objectContaining({
        state: "Queued",
        createdAt: "2026-11-22T10:30:20Z",
        prefix: `exported_snapshots/${(await get(target, "")).json.orgId}/${PROJECT}/litally-core/${createdAt.slice(0, 16).replace(":", "")}/1795343420`,
        exportStatus: { exportedCollections: 0, totalCollections: 0 },
        customData: [{ key: "slot", value: "2026-10" }],
      }),
    ]);
    const seen: Json[] = [json];
    for (const by of ["1m", "3m", "4m", "1m"]) {
      await advance(target, by);
      seen.push(await job(target, json.id));
    }
    expect(seen.map(({ state, exportStatus }) => [state, exportStatus.exportedCollections])).toEqual([
      ["Queued", 0],
      ["InProgress", 0],
      ["InProgress", 3],
      ["InProgress", 7],
      ["Successful", 7],
    ]);
    expect(seen.map(({ finishedAt }) => finishedAt)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      "2026-11-22T10:39:20Z",
    ]);
    for (const one of seen) expect(compare?.("DiskBackupExportJob", one) ?? []).toEqual([]);
    expect((await get(target, EXPORTS)).json.results).toEqual([seen.at(-1)]);
  });

  it.each([
    ["export-fails", "Failed", 3],
    ["export-hangs", "InProgress", 3],
    ["export-unmarked", "Successful", 7],
    ["export-miscounted", "Successful", 7],
  ])("%s: ends %s after %d collections", async (world, state, exportedCollections) => {
    const target = await sandbox({ world });
    const { json } = await order(target);
    await advance(target, "1h");
    const done = await job(target, json.id);
    expect([done.state, done.exportStatus.exportedCollections]).toEqual([state, exportedCollections]);
    expect([done.stateReason?.errorCode, done.finishedAt !== undefined]).toEqual([
      state === "Failed" ? "EXPORT_FAILED" : undefined,
      state !== "InProgress",
    ]);
    expect(compare?.("DiskBackupExportJob", done) ?? []).toEqual([]);
  });

  it("every world of exports is looked at here", () => {
    const named = listWorlds().flatMap(({ name }) => (/export/.test(name) ? [name] : []));
    expect(named).toHaveLength(5);
  });

  it("is one at a time of a snapshot", async () => {
    const target = await sandbox();
    await order(target);
    expect(outcome(await order(target))).toEqual([400, "ATLAS_GENERAL_ERROR"]);
    const other = (await snapshots(target)).filter((one) => one.status === "completed")[1].id;
    expect((await order(target, { snapshotId: other })).status).toBe(200);
    await advance(target, "9m");
    expect((await order(target)).status).toBe(200);
  });

  it.each([
    ["fallback-only", {}, 400, "ATLAS_GENERAL_ERROR"],
    ["read-only", {}, 403, "USER_UNAUTHORIZED"],
    ["no-export-bucket", {}, 404, "EXPORT_BUCKET_NOT_FOUND"],
    ["healthy", { snapshotId: PROJECT }, 404, "SNAPSHOT_NOT_FOUND"],
    ["healthy", { customData: [{ key: "slot" }] }, 400, "MISSING_ATTRIBUTE"],
    ["healthy", { snapshotId: 7 }, 400, "INVALID_JSON_ATTRIBUTE"],
    ["healthy", { state: "Successful" }, 400, "INVALID_ATTRIBUTE"],
  ])("in the world %s, with %j, is refused", async (world, more, status, code) => {
    const target = await sandbox({ world });
    const reply = await order(target, more);
    expect(outcome(reply)).toEqual([status, code]);
    expect(compare?.("ApiError", reply.json) ?? []).toEqual([]);
    expect((await get(target, EXPORTS)).json.results).toEqual([]);
  });

  it("of a snapshot that is not complete is refused", async () => {
    const target = await sandbox({ world: "late" });
    const running = (await snapshots(target)).find((one) => one.status === "inProgress");
    expect(outcome(await order(target, { snapshotId: running.id }))).toEqual([400, "ATLAS_GENERAL_ERROR"]);
  });

  it("that there is not is not found", async () => {
    const target = await sandbox();
    expect(outcome(await get(target, `${EXPORTS}/${PROJECT}`))).toEqual([404, "RESOURCE_NOT_FOUND"]);
  });
});

describe("export buckets", () => {
  it("there is one, by its id too", async () => {
    const target = await sandbox();
    const bucket = await bucketOf(target);
    expect(bucket).toMatchObject({ bucketName: "litally-atlas-exports", cloudProvider: "AWS", region: "AP_SOUTH_1" });
    expect((await get(target, `/backup/exportBuckets/${bucket._id}`)).json).toEqual(bucket);
    expect(compare?.("DiskBackupSnapshotAWSExportBucketResponse", bucket) ?? []).toEqual([]);
    expect(outcome(await get(target, `/backup/exportBuckets/${PROJECT}`))).toEqual([404, "EXPORT_BUCKET_NOT_FOUND"]);
  });

  it("no-export-bucket: there is none", async () => {
    const { json } = await get(await sandbox({ world: "no-export-bucket" }), "/backup/exportBuckets");
    expect(json.results).toEqual([]);
  });
});

describe("the objects of an export", () => {
  const BUCKET = "litally-atlas-exports";
  const clientOf = ({ s3Url: endpoint }: Sandbox): S3Client => {
    const client = new S3Client({ endpoint, region: "ap-south-1", credentials: AWS_CREDENTIALS });
    onTestFinished(() => client.destroy());
    return client;
  };
  const objectsIn = async (target: Sandbox) => {
    const { Contents = [] } = await clientOf(target).send(new ListObjectsV2Command({ Bucket: BUCKET }));
    return Contents.map(({ Key = "", LastModified }) => ({ key: Key, at: LastModified?.toISOString() }));
  };

  it("are in the bucket as soon as anybody looks there, and there only below its prefix", async () => {
    const target = await sandbox();
    expect(await objectsIn(target)).toEqual([]);
    const { json } = await order(target);
    expect((await objectsIn(target)).map(({ key }) => key)).toEqual(["exported_snapshots/.permissioncheck"]);
    target.advance(600_000);
    const found = (await objectsIn(target)).map(({ key }) => key).filter((key) => key.startsWith(`${json.prefix}/`));
    expect(found).toHaveLength(9 + 7 + 1);
    const mark = await clientOf(target).send(new GetObjectCommand({ Bucket: BUCKET, Key: `${json.prefix}/.complete` }));
    expect(JSON.parse((await mark.Body?.transformToString()) ?? "").totalFiles).toBe(found.length - 1);
  });

  it("of a sharded cluster name each shard", async () => {
    const target = await sandbox({ world: "sharded" });
    const units = (await get(target, "/clusters/litally-core/backup/snapshots/shardedClusters")).json.results;
    const { json } = await order(target, { snapshotId: units.find((one: Json) => one.status === "completed").id });
    await advance(target, "10m");
    const accounts = (await objectsIn(target)).filter(({ key }) => key.startsWith(`${json.prefix}/ledger/accounts/`));
    expect(accounts.map(({ key }) => key.slice(`${json.prefix}/ledger/accounts/`.length))).toEqual([
      expect.stringMatching(/^atlas-\w+-shard-0\.0\.json\.gz$/),
      expect.stringMatching(/^atlas-\w+-shard-1\.0\.json\.gz$/),
      expect.stringMatching(/^atlas-\w+-shard-2\.0\.json\.gz$/),
      "metadata.json",
    ]);
  });

  it("outlive the process with its state, and are not written again", async () => {
    const directory = mkdtempSync(join(tmpdir(), "litally-ops-exports-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const stateFile = `${directory}/state`;
    const first = await sandbox({ stateFile });
    await order(first);
    await advance(first, "4m");
    const before = await objectsIn(first);
    expect(before).toHaveLength(1 + 3);
    await first.close();
    const second = await sandbox({ stateFile });
    await advance(second, "2m");
    const after = await objectsIn(second);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.length).toBeGreaterThan(before.length);
  });

  it("no-export-bucket: there is no such bucket", async () => {
    const target = await sandbox({ world: "no-export-bucket" });
    await expect(objectsIn(target)).rejects.toMatchObject({ name: "NoSuchBucket" });
  });
});
