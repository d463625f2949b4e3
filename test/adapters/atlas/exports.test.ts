import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { downloadSecrets, mayBeDownload, parseDownload } from "../../../src/adapters/atlas/wire-downloads.ts";
import { parseExport, parseExportBucket } from "../../../src/adapters/atlas/wire-exports.ts";
import { createRedactor } from "../../../src/cli/redact.ts";
import { mayHaveActed, type OpsError } from "../../../src/core/error.ts";
import { known } from "../../../src/core/observed.ts";
import type { DownloadJob, ExportOrder } from "../../../src/ports/atlas-exports.ts";
import { specComparison } from "../../support/spec.ts";
import { connect, digest, failure, type Handler, PROJECT, page, sendJson, serve, type TestServer } from "./harness.ts";

const compare = specComparison();
const JOB = "66f0aa11bb22cc33dd44ee56";
const SNAPSHOT = "66f0aa11bb22cc33dd44ee57";
const BUCKET = "66f0aa11bb22cc33dd44ee58";
const ADDRESS = "https://restore.mongodb.net:27017/canary-0/restore-0.tar.gz";
const DOWNLOAD = {
  id: JOB,
  deliveryType: "download",
  snapshotId: SNAPSHOT,
  cancelled: false,
  failed: false,
  expired: false,
  expiresAt: "2026-11-22T03:00:00Z",
  deliveryUrl: [ADDRESS],
  components: [{ replicaSetName: "atlas-1-shard-0", downloadUrl: ADDRESS }],
};
const ORDER: ExportOrder = { snapshotId: SNAPSHOT, exportBucketId: BUCKET, labels: { "litally-ops": "core/2026-10" } };
const EXPORT = {
  id: JOB,
  snapshotId: SNAPSHOT,
  exportBucketId: BUCKET,
  state: "Failed",
  stateReason: { errorCode: "EXPORT_FAILED", message: "no access to the bucket" },
  prefix: "exported_snapshots/5/6/core/2026-11-01T1800/1793584800",
  createdAt: "2026-11-22T02:00:00Z",
  finishedAt: "2026-11-22T02:30:00Z",
  exportStatus: { exportedCollections: 3, totalCollections: 7 },
  customData: [{ key: "litally-ops", value: "core/2026-10" }],
};
const EXPORT_BUCKET = {
  _id: BUCKET,
  bucketName: "litally-atlas-exports",
  cloudProvider: "AWS",
  iamRoleId: PROJECT,
  region: "AP_SOUTH_1",
};

describe("over the wire", () => {
  const answers: Handler = (request, response) => {
    const path = pathOf(request.url);
    const isList = request.method === "GET" && !path.endsWith(JOB);
    if (path.endsWith("/exportBuckets")) return sendJson(response, 200, page([EXPORT_BUCKET]));
    const body = path.includes("/exports") ? EXPORT : DOWNLOAD;
    return sendJson(response, 200, isList ? page([body]) : body);
  };

  it("each has its method, path, version and body", async () => {
    const server = await serve(digest(answers));
    const { atlas } = connect(server);
    const download = await atlas.startDownload(PROJECT, "core", SNAPSHOT);
    expect(await atlas.getDownload(PROJECT, "core", JOB)).toEqual(download);
    expect(await atlas.listDownloads(PROJECT, "core")).toEqual([download]);
    const job = await atlas.startExport(PROJECT, "core", ORDER);
    expect(await atlas.getExport(PROJECT, "core", JOB)).toEqual(job);
    expect(await atlas.listExports(PROJECT, "core")).toEqual([job]);
    await atlas.listExportBuckets(PROJECT);
    const sent = server.seen
      .slice(1)
      .map(({ method, url, headers, body }) => [
        `${method} ${pathOf(url)}`,
        /\d{4}-\d\d-\d\d/.exec(headers.accept ?? "")?.[0],
        headers["content-type"] === undefined || headers["content-type"] === headers.accept,
        body === "" ? null : JSON.parse(body),
      ]);
    const downloadOrder = { deliveryType: "download", snapshotId: SNAPSHOT };
    const exportOrder = {
      snapshotId: SNAPSHOT,
      exportBucketId: BUCKET,
      customData: [{ key: "litally-ops", value: "core/2026-10" }],
    };
    expect(sent).toEqual([
      ["POST /clusters/core/backup/restoreJobs", "2023-01-01", true, downloadOrder],
      [`GET /clusters/core/backup/restoreJobs/${JOB}`, "2023-01-01", true, null],
      ["GET /clusters/core/backup/restoreJobs", "2023-01-01", true, null],
      ["POST /clusters/core/backup/exports", "2023-01-01", true, exportOrder],
      [`GET /clusters/core/backup/exports/${JOB}`, "2023-01-01", true, null],
      ["GET /clusters/core/backup/exports", "2023-01-01", true, null],
      ["GET /backup/exportBuckets", "2024-05-30", true, null],
    ]);
    expect(compare?.("DiskBackupSnapshotRestoreJob", downloadOrder) ?? []).toEqual([]);
    expect(compare?.("DiskBackupExportJobRequest", exportOrder) ?? []).toEqual([]);
  });

  const writes: Record<string, (server: TestServer) => Promise<unknown>> = {
    download: (server) => connect(server).atlas.startDownload(PROJECT, "core", SNAPSHOT),
    export: (server) => connect(server).atlas.startExport(PROJECT, "core", ORDER),
  };
  const unclear: Record<string, readonly [Handler, OpsError["kind"]]> = {
    "a 500": [(_, r) => sendJson(r, 500, {}), "unavailable"],
    "a reset": [(_, r) => void r.socket?.resetAndDestroy(), "unavailable"],
    "no answer": [() => undefined, "timeout"],
    "an HTML 200": [(_, r) => void r.writeHead(200, { "content-type": "text/html" }).end("<html>"), "protocol"],
  };
  const outcomes = Object.entries(writes).flatMap(([name, write]) =>
    Object.entries(unclear).map(([what, [bad, kind]]) => ({ name, what, write, bad, kind })),
  );
  it.each(outcomes)("an order for a $name is sent once whatever became of it: $what", async ({ write, bad, kind }) => {
    const server = await serve(digest(bad));
    const error = await failure(write(server));
    expect([error.kind, mayHaveActed(error.kind)]).toEqual([kind, true]);
    expect(server.seen.filter(({ headers }) => headers.authorization !== undefined)).toHaveLength(1);
  });

  it.each(["../x", "", "66f0aa11bb22cc33dd44ee5g"])("the id %j is not sent", async (id) => {
    const server = await serve(digest(answers));
    const { atlas } = connect(server);
    expect((await failure(atlas.getDownload(PROJECT, "core", id))).kind).toBe("usage");
    expect((await failure(atlas.getExport(PROJECT, "core", id))).kind).toBe("usage");
    expect(server.seen).toEqual([]);
  });

  it("another job than was asked about is none", async () => {
    const other = { ...DOWNLOAD, ...EXPORT, id: SNAPSHOT };
    const { atlas } = connect(await serve(digest((_, response) => sendJson(response, 200, other))));
    expect((await failure(atlas.getDownload(PROJECT, "core", JOB))).kind).toBe("protocol");
    expect((await failure(atlas.getExport(PROJECT, "core", JOB))).kind).toBe("protocol");
  });
});

describe("a download", () => {
  const read = async (changed: object): Promise<DownloadJob> => {
    const body = { ...DOWNLOAD, ...changed };
    const { atlas } = connect(await serve(digest((_, response) => sendJson(response, 200, body))));
    return atlas.getDownload(PROJECT, "core", JOB);
  };
  const set = (replicaSetName: string, downloadUrl?: string | null) => ({ replicaSetName, downloadUrl });
  const OTHER = ADDRESS.replaceAll("0", "1");
  const LOCAL = "http://127.0.0.1:4400/download/x.tar.gz";

  it("is read whole, its instants from the id and the answer", async () => {
    expect(compare?.("DiskBackupSnapshotRestoreJob", DOWNLOAD) ?? []).toEqual([]);
    expect(await read({})).toEqual({
      id: known(JOB),
      snapshotId: known(SNAPSHOT),
      files: known([{ replicaSet: "atlas-1-shard-0", url: ADDRESS }]),
      createdAt: known(new Date(0x66f0aa11 * 1000)),
      expiresAt: known(new Date("2026-11-22T03:00:00Z")),
      cancelled: known(false),
      failed: known(false),
      expired: known(false),
    });
  });

  it.each([
    ["not packed yet", { deliveryUrl: [], components: [] }, []],
    ["nothing said yet", { deliveryUrl: undefined, components: null }, []],
    ["nobody says of which replica set", { components: [] }, [{ replicaSet: null, url: ADDRESS }]],
    ["replica sets without addresses", { components: [set("a")] }, [{ replicaSet: null, url: ADDRESS }]],
    ["one replica set is not packed yet", { components: [set("a", ADDRESS), set("b", null)] }, []],
    [
      "config servers too",
      { components: [set("config", OTHER), set("shard", ADDRESS)] },
      [
        { replicaSet: "config", url: OTHER },
        { replicaSet: "shard", url: ADDRESS },
      ],
    ],
    ["on this machine", { deliveryUrl: [LOCAL], components: [] }, [{ replicaSet: null, url: LOCAL }]],
  ])("has these files: %s", async (_, changed, files) => {
    expect((await read(changed)).files).toEqual(known(files));
  });

  it.each([
    ["no kind of delivery", { deliveryType: undefined }],
    ["a kind that nobody knows", { deliveryType: "canary-by-post" }],
    ["one address in place of a list", { deliveryUrl: ADDRESS }],
    ["a number", { deliveryUrl: [7] }],
    ["no URL", { deliveryUrl: ["canary"] }],
    ["http elsewhere", { deliveryUrl: ["http://restore.mongodb.net/canary"], components: [] }],
    ["another scheme", { deliveryUrl: ["ftp://127.0.0.1/canary"], components: [] }],
    ["an address of no replica set", { deliveryUrl: [ADDRESS, OTHER] }],
    ["a replica set without a name", { components: [{ downloadUrl: ADDRESS }] }],
    ["one file for two replica sets", { components: [set("a", ADDRESS), set("b", ADDRESS)] }],
    ["two files for one replica set", { components: [set("a", ADDRESS), set("a", OTHER)] }],
    ["one address twice", { deliveryUrl: [ADDRESS, ADDRESS], components: [] }],
  ])("its files are not known with %s, and no message holds an address", async (_, changed) => {
    const { files, failed } = await read(changed);
    if (files.known) throw new Error("known");
    expect([files.reason.kind, failed]).toEqual(["protocol", known(false)]);
    expect(files.reason.message).not.toContain(ADDRESS);
  });

  it("of unreadable flags, none is known", async () => {
    const { cancelled, failed, expired } = await read({ cancelled: "no", failed: null, expired: undefined });
    expect([cancelled.known, failed.known, expired.known]).toEqual([false, false, false]);
  });

  it("is told from other restores, and one that does not say stays in the list", async () => {
    const jobs = [
      DOWNLOAD,
      { ...DOWNLOAD, id: SNAPSHOT, deliveryType: "automated" },
      { ...DOWNLOAD, id: BUCKET, deliveryType: null },
    ];
    const { atlas } = connect(await serve(digest((_, response) => sendJson(response, 200, page(jobs)))));
    const found = await atlas.listDownloads(PROJECT, "core");
    expect(found.map(({ id, files }) => [id, files.known])).toEqual([
      [known(JOB), true],
      [known(BUCKET), false],
    ]);
    await expect(read({ deliveryType: "automated" })).rejects.toMatchObject({ kind: "protocol" });
  });
});

describe("the addresses of downloads", () => {
  const signed = `${ADDRESS}?X-Signature=canary-signature-7f3a&X-Date=20261122`;
  const body = {
    ...DOWNLOAD,
    deliveryUrl: [signed],
    privateDownloadDeliveryUrls: [{ deliveryUrl: `${ADDRESS}?private`, endpointId: "vpce-1" }],
    components: [{ downloadUrl: `${ADDRESS}?shard`, replicaSetName: "shard-0" }],
  };
  const reads: Record<string, (atlas: ReturnType<typeof connect>["atlas"]) => Promise<unknown>> = {
    "a restore job": (atlas) => atlas.getRestoreJob(PROJECT, "core", JOB),
    "a download": (atlas) => atlas.getDownload(PROJECT, "core", JOB),
    "an order": (atlas) => atlas.startDownload(PROJECT, "core", SNAPSHOT),
  };

  it.each(Object.entries(reads))("of %s are secrets before anything is read of it", async (_, get) => {
    const server = await serve(digest((_, response) => sendJson(response, 200, body)));
    const secrets = createRedactor();
    const { atlas, log } = connect(server, { secrets });
    await get(atlas);
    expect(JSON.stringify(log)).not.toContain("canary");
    const { pathname, search } = new URL(signed);
    for (const secret of [signed, `${ADDRESS}?private`, `${ADDRESS}?shard`, pathname, `${pathname}${search}`]) {
      expect(secrets.apply(`a ${secret} b`)).toBe("a [redacted] b");
    }
    expect(secrets.apply("GET /?X-Date=20261122&X-Signature=canary-signature-7f3a")).toBe(
      "GET /?X-Date=20261122&X-Signature=[redacted]",
    );
  });

  it("a restore job does not hold them", async () => {
    const { atlas } = connect(await serve(digest((_, response) => sendJson(response, 200, body))));
    expect(JSON.stringify(await atlas.getRestoreJob(PROJECT, "core", JOB))).not.toContain("canary");
  });
});

describe("an export", () => {
  const read = async (changed: object) => {
    const { atlas } = connect(await serve(digest((_, response) => sendJson(response, 200, { ...EXPORT, ...changed }))));
    return atlas.getExport(PROJECT, "core", JOB);
  };

  it("is read whole", async () => {
    expect(await read({})).toEqual({
      id: known(JOB),
      snapshotId: known(SNAPSHOT),
      exportBucketId: known(BUCKET),
      state: known("Failed"),
      stateReason: known("EXPORT_FAILED: no access to the bucket"),
      prefix: known(EXPORT.prefix),
      createdAt: known(new Date("2026-11-22T02:00:00Z")),
      finishedAt: known(new Date("2026-11-22T02:30:00Z")),
      exportedCollections: known(3),
      totalCollections: known(7),
      labels: known({ "litally-ops": "core/2026-10" }),
    });
  });

  it("has no end, no reason, no counts and no labels where Atlas names none", async () => {
    const none = { finishedAt: undefined, stateReason: {}, exportStatus: {}, customData: undefined };
    expect(await read(none)).toMatchObject({
      finishedAt: known(null),
      stateReason: known(null),
      exportedCollections: known(null),
      totalCollections: known(null),
      labels: known({}),
    });
  });

  it.each([
    ["state", "SUCCESSFUL"],
    ["state", undefined],
    ["prefix", ""],
    ["createdAt", "2026-11-22T02:00:00"],
    ["finishedAt", "soon"],
  ])("its %s is not known where Atlas says %j", async (name, value) => {
    const job = await read({ [name]: value });
    expect(Object.entries(job).flatMap(([field, { known: isKnown }]) => (isKnown ? [] : [field]))).toEqual([name]);
  });

  it.each([
    ["exportStatus", { exportedCollections: -1 }, "exportedCollections"],
    ["exportStatus", "all", "totalCollections"],
    ["customData", [{ key: "a" }], "labels"],
    ["stateReason", "because", "stateReason"],
  ] as const)("of an odd %s (%j), %s is not known", async (name, value, field) => {
    expect((await read({ [name]: value }))[field].known).toBe(false);
  });
});

describe("an export bucket", () => {
  const read = async (changed: object) => {
    const body = page([{ ...EXPORT_BUCKET, ...changed }]);
    const { atlas } = connect(await serve(digest((_, response) => sendJson(response, 200, body))));
    return (await atlas.listExportBuckets(PROJECT))[0];
  };

  it("has its id under another name than all else, and its region in either form", async () => {
    const wanted = {
      id: known(BUCKET),
      bucket: known("litally-atlas-exports"),
      provider: known("AWS"),
      region: known("ap-south-1"),
    };
    expect(await read({})).toEqual(wanted);
    expect(await read({ region: "ap-south-1", id: SNAPSHOT })).toEqual(wanted);
    expect(await read({ region: undefined })).toEqual({ ...wanted, region: known(null) });
  });

  it("of an unknown provider, or with an odd id, is not known there", async () => {
    const bucket = await read({ cloudProvider: "OTHER", _id: "x", bucketName: 7 });
    expect([bucket?.provider.known, bucket?.id.known, bucket?.bucket.known]).toEqual([false, false, false]);
  });
});

describe("whatever Atlas sends", () => {
  it("is read without an error, and only what was spoilt is lost", () => {
    const cases = [
      [parseDownload, DOWNLOAD],
      [parseExport, EXPORT],
      [parseExportBucket, EXPORT_BUCKET],
    ] as const;
    const spoilt = fc.constantFrom(...cases).chain(([parse, whole]) =>
      fc.record({
        parse: fc.constant(parse),
        whole: fc.constant(whole),
        field: fc.constantFrom(...Object.keys(whole)),
        value: fc.jsonValue(),
      }),
    );
    fc.assert(
      fc.property(spoilt, fc.dictionary(fc.string(), fc.jsonValue()), ({ parse, whole, field, value }, noise) => {
        const lost = Object.values(parse({ ...whole, [field]: value })).filter((one) => !one.known);
        expect(lost.length).toBeLessThanOrEqual(2);
        expect(parse(noise)).toBeTypeOf("object");
        expect(downloadSecrets(noise)).toBeInstanceOf(Array);
        expect(mayBeDownload(noise)).toBeTypeOf("boolean");
      }),
    );
  });
});

/** Below the project, without the query. */
function pathOf(url: string): string {
  return new URL(url, "http://127.0.0.1").pathname.replace(`/api/atlas/v2/groups/${PROJECT}`, "");
}
