import { get as httpGet, type IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { specComparison } from "../support/spec.ts";
import { advance, change, get, post, type Reply, sandbox, snapshots } from "./client.ts";

type Json = Reply["json"];
const compare = specComparison();
const JOBS = "/clusters/litally-core/backup/restoreJobs";
const outcome = ({ status, json }: Reply) => [status, json?.errorCode];
const completed = async (target: Sandbox): Promise<Json[]> =>
  (await snapshots(target)).filter((one) => one.status === "completed");
const order = (target: Sandbox, snapshotId: string) =>
  change(target, "POST", JOBS, { deliveryType: "download", snapshotId });
const job = async (target: Sandbox, id: string): Promise<Json> => (await get(target, `${JOBS}/${id}`)).json;

/** A download of the newest snapshot that is ready. */
async function ready(options: Partial<SandboxOptions> = {}) {
  const target = await sandbox({ downloadSizeBytes: 200_000, ...options });
  const { json } = await order(target, (await completed(target))[0].id);
  await advance(target, "1m");
  const done = await job(target, json.id);
  return { target, id: json.id, url: String(done.deliveryUrl[0]) };
}

async function bytes(url: string, headers: Record<string, string> = {}, method = "GET") {
  const response = await fetch(url, { method, headers: { "accept-encoding": "identity", ...headers } });
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

describe("a download", () => {
  it("is packed for a minute, and its addresses serve for an hour after the order", async () => {
    const target = await sandbox();
    const [{ id: snapshotId }] = await completed(target);
    const { status, json } = await order(target, snapshotId);
    expect([status, json.deliveryUrl, json.components]).toEqual([200, [], []]);
    expect(json).toMatchObject({ deliveryType: "download", snapshotId, expiresAt: "2026-11-22T11:30:20Z" });
    await advance(target, "59s");
    expect((await job(target, json.id)).deliveryUrl).toEqual([]);
    await advance(target, "1s");
    const done = await job(target, json.id);
    expect(compare?.("DiskBackupSnapshotRestoreJob", done) ?? []).toEqual([]);
    expect(done.components).toEqual([
      { replicaSetName: expect.stringMatching(/^atlas-\w+-shard-0$/), downloadUrl: done.deliveryUrl[0] },
    ]);
    expect((await bytes(done.deliveryUrl[0], {}, "HEAD")).status).toBe(200);
    await advance(target, "3540s");
    expect(await job(target, json.id)).toMatchObject({
      expired: true,
      cancelled: false,
      deliveryUrl: [],
      components: [],
    });
    expect((await bytes(done.deliveryUrl[0])).status).toBe(403);
  });

  it("of a sharded cluster is one file for each shard, each of its own", async () => {
    const target = await sandbox({ world: "sharded", downloadSizeBytes: 10_000 });
    const units = (await get(target, "/clusters/litally-core/backup/snapshots/shardedClusters")).json.results;
    const { json } = await order(target, units.find((one: Json) => one.status === "completed").id);
    await advance(target, "1m");
    const { deliveryUrl, components } = await job(target, json.id);
    expect(components.map((one: Json) => one.downloadUrl)).toEqual(deliveryUrl);
    const files = await Promise.all(deliveryUrl.map((url: string) => bytes(url)));
    expect(new Set(files.map(({ headers }) => headers.get("etag"))).size).toBe(3);
    const member = (await snapshots(target))[0].id;
    expect(outcome(await order(target, member))).toEqual([400, "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED"]);
  });

  it("is one at a time of a snapshot, and five at a time of a project", async () => {
    const target = await sandbox();
    const [first, ...others] = await completed(target);
    const { json } = await order(target, first.id);
    expect(outcome(await order(target, first.id))).toEqual([400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY"]);
    for (const { id } of others.slice(0, 4)) expect((await order(target, id)).status).toBe(200);
    const refused = await order(target, others[4].id);
    expect(outcome(refused)).toEqual([400, "TOO_MANY_SNAPSHOT_DOWNLOADS"]);
    expect(compare?.("ApiError", refused.json) ?? []).toEqual([]);
    await change(target, "DELETE", `${JOBS}/${json.id}`, "");
    expect((await order(target, first.id)).status).toBe(200);
    await advance(target, "1h");
    expect((await order(target, others[4].id)).status).toBe(200);
  });

  it.each([
    ["late", "inProgress", 409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"],
    ["failed-last", "failed", 409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"],
  ])("in the world %s, of a snapshot that is %s, is refused", async (world, status, code, name) => {
    const target = await sandbox({ world });
    const snapshot = (await snapshots(target)).find((one) => one.status === status);
    expect(outcome(await order(target, snapshot.id))).toEqual([code, name]);
  });

  it("of no snapshot is refused", async () => {
    const target = await sandbox();
    expect(outcome(await order(target, "a".repeat(24)))).toEqual([404, "SNAPSHOT_NOT_FOUND"]);
  });

  it.each([
    ["restore-fails", { failed: true, cancelled: false, expired: false }],
    ["restore-cancelled-by-atlas", { failed: false, cancelled: true, expired: false }],
    ["restore-expires", { failed: false, cancelled: false, expired: true }],
    ["restore-hangs", { failed: false, cancelled: false, expired: false }],
  ])("%s: there never is an address", async (world, flags) => {
    const target = await sandbox({ world });
    const { json } = await order(target, (await completed(target))[0].id);
    for (const by of ["1m", "30m", "1h"]) {
      await advance(target, by);
      expect(await job(target, json.id)).toMatchObject({ ...flags, deliveryUrl: [] });
    }
  });

  it("has the size of its snapshot, ten thousand times smaller", async () => {
    const target = await sandbox();
    const [{ id, storageSizeBytes }] = await completed(target);
    const { json } = await order(target, id);
    await advance(target, "1m");
    const { headers } = await bytes((await job(target, json.id)).deliveryUrl[0], {}, "HEAD");
    const length = Number(headers.get("content-length"));
    expect(length / (storageSizeBytes / 10_000)).toBeCloseTo(1, 1);
  });
});

describe("its file", () => {
  it("is served whole, the same each time", async () => {
    const { url } = await ready();
    const whole = await bytes(url);
    expect([whole.status, Object.fromEntries(whole.headers)]).toEqual([
      200,
      expect.objectContaining({
        "content-type": "application/gzip",
        "content-length": String(whole.body.length),
        "accept-ranges": "bytes",
        etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      }),
    ]);
    expect(gunzipSync(whole.body).length).toBeGreaterThan(200_000);
    const head = await bytes(url, { range: "bytes=0-9" }, "HEAD");
    expect([head.status, head.body.length, head.headers.get("content-length")]).toEqual([
      200,
      0,
      String(whole.body.length),
    ]);
    const again = await bytes((await ready()).url);
    expect(again.body.equals(whole.body)).toBe(true);
  });

  it("any range of it is that part of it", async () => {
    const { url } = await ready();
    const whole = (await bytes(url)).body;
    const place = fc.integer({ min: 0, max: whole.length - 1 });
    const check = async (a: number, b: number) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const part = await bytes(url, { range: `bytes=${first}-${last}` });
      expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes ${first}-${last}/${whole.length}`]);
      expect(part.body.equals(whole.subarray(first, last + 1))).toBe(true);
    };
    await fc.assert(fc.asyncProperty(place, place, check), { numRuns: 50 });
  });

  it("open, last and impossible ranges are as HTTP has them", async () => {
    const { url } = await ready();
    const whole = (await bytes(url)).body;
    const size = whole.length;
    const outcomes = await Promise.all(
      [`${size - 3}-`, "-3", `${size - 3}-${size + 9}`, `-${size + 9}`, `${size}-`, "-0", "5-4", "0-1,4-5", "x"].map(
        async (range) => {
          const { status, body, headers } = await bytes(url, { range: `bytes=${range}` });
          const isTail = body.length > 0 && whole.subarray(size - body.length).equals(body);
          return [status, body.length, headers.get("content-range"), isTail];
        },
      ),
    );
    const tail = [206, 3, `bytes ${size - 3}-${size - 1}/${size}`, true];
    const none = [416, 0, `bytes */${size}`, false];
    const all = [200, size, null, true];
    expect(outcomes).toEqual([
      tail,
      tail,
      tail,
      [206, size, `bytes 0-${size - 1}/${size}`, true],
      none,
      none,
      all,
      all,
      all,
    ]);
  });

  it("is sent whole, or not at all, where it is not the one that was meant", async () => {
    const { target, url } = await ready();
    const { headers, body } = await bytes(url);
    const etag = headers.get("etag") ?? "";
    const range = { range: "bytes=10-19" };
    const status = async (more: Record<string, string>) => (await bytes(url, { ...range, ...more })).status;
    expect([await status({ "if-range": etag }), await status({ "if-match": `"x", ${etag}` })]).toEqual([206, 206]);
    expect([await status({ "if-range": '"x"' }), await status({ "if-match": '"x"' })]).toEqual([200, 412]);
    await post(target, "/sandbox/faults", { faults: ["download-changed"] });
    expect([await status({ "if-range": etag }), await status({ "if-match": etag })]).toEqual([200, 412]);
    expect((await bytes(url)).body.equals(body)).toBe(false);
  });

  it("is not there at another address, nor once it is called off", async () => {
    const { target, id, url } = await ready();
    const parts = url.split("/");
    expect((await bytes(url.replace("canary-", "canary-0"))).status).toBe(403);
    expect((await bytes(url.replace(id, "a".repeat(24)))).status).toBe(404);
    expect((await bytes(url.replace(parts.at(-1) ?? "", "other.tar.gz"))).status).toBe(404);
    expect((await bytes(`${target.url}/download/`)).status).toBe(404);
    expect((await bytes(url, {}, "DELETE")).status).toBe(405);
    await change(target, "DELETE", `${JOBS}/${id}`, "");
    expect((await bytes(url)).status).toBe(410);
  });

  it("has its address in no line of the log", async () => {
    const log: string[] = [];
    const { url } = await ready({ log: (line) => log.push(line) });
    await bytes(url);
    expect(log.filter((line) => line.includes("download"))).toEqual(["GET a file of a download 200"]);
    expect(log.join()).not.toContain("canary");
  });
});

describe("faults of the file", () => {
  const faulty = async (fault: string) => {
    const { target, url } = await ready();
    const whole = (await bytes(url)).body;
    await post(target, "/sandbox/faults", { faults: [fault] });
    return { target, url, whole };
  };

  it("download-html=1: once, a web page in its place", async () => {
    const { url, whole } = await faulty("download-html=1");
    const page = await bytes(url);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"]);
    expect((await bytes(url)).body.equals(whole)).toBe(true);
  });

  it("download-short: it ends too early, and says so beforehand", async () => {
    const { url, whole } = await faulty("download-short=100000");
    const { status, body } = await bytes(url);
    expect([status, body.equals(whole.subarray(0, 100_000))]).toEqual([200, true]);
    expect(() => gunzipSync(body)).toThrow(/unexpected end of file/);
    expect((await bytes(url, { range: "bytes=99999-" })).headers.get("content-range")).toBe("bytes 99999-99999/100000");
  });

  it("download-drop: every answer breaks off, and ranges lead to the end", async () => {
    const { url, whole } = await faulty("download-drop=90000");
    let got = Buffer.alloc(0);
    for (let tries = 0; got.length < whole.length && tries < 5; tries += 1) {
      const { message, body } = await readUntilItEnds(url, got.length);
      expect([message.statusCode, body.length]).toEqual([206, Math.min(90_000, whole.length - got.length)]);
      expect(message.complete).toBe(got.length + body.length === whole.length);
      got = Buffer.concat([got, body]);
    }
    expect(got.equals(whole)).toBe(true);
  });

  it("download-stall: nothing follows, and the connection stays", async () => {
    const { url, whole } = await faulty("download-stall=90000");
    const { message, body } = await readUntilItEnds(url, 0, 90_000);
    expect([message.complete, body.equals(whole.subarray(0, 90_000))]).toEqual([false, true]);
  });

  it.each(["download-drop", "download-stall", "download-short", "download-changed=1", "download-html=x"])(
    "%s is refused",
    async (fault) => {
      await expect(sandbox({ faults: [fault] })).rejects.toMatchObject({ kind: "usage" });
    },
  );

  it("those of the API do not strike it", async () => {
    const { url, whole } = await faulty("500");
    expect((await bytes(url)).body.equals(whole)).toBe(true);
  });
});

/** What comes until the answer ends, breaks off, or has as many bytes as are enough. */
function readUntilItEnds(url: string, from: number, enoughBytes = Number.POSITIVE_INFINITY) {
  return new Promise<{ readonly message: IncomingMessage; readonly body: Buffer }>((resolve, reject) => {
    const request = httpGet(url, { headers: { range: `bytes=${from}-` } }, (message) => {
      const chunks: Buffer[] = [];
      const end = () => resolve({ message, body: Buffer.concat(chunks) });
      message.on("error", () => undefined).on("close", end);
      message.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if (chunks.reduce((sum, { length }) => sum + length, 0) >= enoughBytes) message.destroy();
      });
    });
    request.on("error", reject);
  });
}
