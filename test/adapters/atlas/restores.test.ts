import { describe, expect, it } from "vitest";
import { collectionRestoreBody, restoreBody } from "../../../src/adapters/atlas/wire-restores.ts";
import { mayHaveActed, type OpsError } from "../../../src/core/error.ts";
import { known } from "../../../src/core/observed.ts";
import type { CollectionRestoreOrder, RestoreOrder } from "../../../src/ports/atlas-restores.ts";
import { specComparison } from "../../support/spec.ts";
import { connect, digest, failure, type Handler, PROJECT, page, sendJson, serve, type TestServer } from "./harness.ts";

const compare = specComparison();
const JOB = "66f0aa11bb22cc33dd44ee56";
const SNAPSHOT = "66f0aa11bb22cc33dd44ee57";
const TARGET = { targetProjectId: "66f0aa11bb22cc33dd44ee58", targetName: "litally-drill" };
const AT = new Date("2026-11-22T01:48:20Z");
const ORDER: RestoreOrder = { point: { kind: "instant", at: AT }, ...TARGET };
const COLLECTIONS: CollectionRestoreOrder = {
  ...ORDER,
  namespaces: ["ledger.entries", "ledger.a.b"],
  suffix: "_restored",
  overwrites: false,
};
const JOB_BODY = {
  id: JOB,
  deliveryType: "pointInTime",
  pointInTimeUTCSeconds: AT.getTime() / 1000,
  targetGroupId: TARGET.targetProjectId,
  targetClusterName: TARGET.targetName,
  cancelled: false,
  failed: false,
  expired: false,
};
const COLLECTION_BODY = {
  id: JOB,
  state: "INITIALIZING",
  createdAt: "2026-11-22T02:00:00Z",
  ...collectionRestoreBody(COLLECTIONS),
};

describe("the orders sent", () => {
  const snapshot = { kind: "snapshot", snapshotId: SNAPSHOT } as const;

  it("an instant goes as whole seconds, a snapshot by its id", () => {
    expect(restoreBody(ORDER)).toEqual({
      deliveryType: "pointInTime",
      pointInTimeUTCSeconds: 1_795_312_100,
      targetGroupId: TARGET.targetProjectId,
      targetClusterName: "litally-drill",
    });
    expect(restoreBody({ ...ORDER, point: snapshot })).toEqual({
      deliveryType: "automated",
      snapshotId: SNAPSHOT,
      targetGroupId: TARGET.targetProjectId,
      targetClusterName: "litally-drill",
    });
  });

  it("collections spell the instant in their own way, and say whether they overwrite", () => {
    expect(collectionRestoreBody(COLLECTIONS)).toEqual({
      pointInTimeUtcSeconds: 1_795_312_100,
      targetGroupId: TARGET.targetProjectId,
      targetClusterName: "litally-drill",
      collections: [{ sourceNamespace: "ledger.entries" }, { sourceNamespace: "ledger.a.b" }],
      writeStrategy: "CREATE_NEW",
      indexStrategy: "ALL",
      collectionSuffix: "_restored",
    });
    const over = collectionRestoreBody({ ...COLLECTIONS, point: snapshot, suffix: null, overwrites: true });
    expect(over).toMatchObject({ snapshotId: SNAPSHOT, writeStrategy: "OVERWRITE_EXISTING" });
    expect(Object.keys(over)).not.toContain("collectionSuffix");
  });

  it("are as Atlas describes them", () => {
    for (const point of [ORDER.point, snapshot]) {
      expect(compare?.("DiskBackupSnapshotRestoreJob", restoreBody({ ...ORDER, point })) ?? []).toEqual([]);
      const body = collectionRestoreBody({ ...COLLECTIONS, point });
      expect(compare?.("ApiAtlasCollectionRestoreJobRequest", body) ?? []).toEqual([]);
    }
    expect(compare?.("DiskBackupSnapshotRestoreJob", JOB_BODY) ?? []).toEqual([]);
    expect(compare?.("ApiAtlasCollectionRestoreJobResponse", COLLECTION_BODY) ?? []).toEqual([]);
  });

  it("are never rounded, and never about no collection", async () => {
    const server = await serve(digest(() => undefined));
    const { atlas } = connect(server);
    const point = { kind: "instant", at: new Date(AT.getTime() + 1) } as const;
    expect((await failure(atlas.startRestore(PROJECT, "core", { ...ORDER, point }))).kind).toBe("bug");
    expect((await failure(atlas.startCollectionRestore(PROJECT, "core", { ...COLLECTIONS, point }))).kind).toBe("bug");
    const none = { ...COLLECTIONS, namespaces: [] };
    expect((await failure(atlas.startCollectionRestore(PROJECT, "core", none))).kind).toBe("bug");
    expect(server.seen).toEqual([]);
  });
});

describe("over the wire", () => {
  const answers: Handler = (request, response) => {
    const path = pathOf(request.url);
    const isWrite = request.method === "POST";
    if (request.method === "DELETE") return void response.writeHead(204).end();
    if (path.startsWith("/clusters/core/collectionRestoreJobs")) {
      const isList = path.endsWith("Jobs") && !isWrite;
      return sendJson(response, isWrite ? 201 : 200, isList ? page([COLLECTION_BODY]) : COLLECTION_BODY);
    }
    return sendJson(response, 200, path.endsWith("Jobs") && !isWrite ? page([JOB_BODY]) : JOB_BODY);
  };

  it("each has its method, path, version and body", async () => {
    const server = await serve(digest(answers));
    const { atlas } = connect(server);
    const job = await atlas.startRestore(PROJECT, "core", ORDER);
    expect(job).toMatchObject({ id: known(JOB), pointInTimeAt: known(AT), targetName: known("litally-drill") });
    expect(await atlas.getRestoreJob(PROJECT, "core", JOB)).toEqual(job);
    expect(await atlas.listRestoreJobs(PROJECT, "core")).toEqual([job]);
    expect(await atlas.cancelRestoreJob(PROJECT, "core", JOB)).toBeUndefined();
    const collections = await atlas.startCollectionRestore(PROJECT, "core", COLLECTIONS);
    expect(collections).toMatchObject({ id: known(JOB), pointInTimeAt: known(AT), state: known("INITIALIZING") });
    expect(await atlas.getCollectionRestore(PROJECT, "core", JOB)).toEqual(collections);
    expect(await atlas.listCollectionRestores(PROJECT, "core")).toEqual([collections]);
    const sent = server.seen
      .slice(1)
      .map(({ method, url, headers, body }) => [
        `${method} ${pathOf(url)}`,
        /\d{4}-\d\d-\d\d/.exec(headers.accept ?? "")?.[0],
        headers["content-type"] === undefined || headers["content-type"] === headers.accept,
        body === "" ? null : JSON.parse(body),
      ]);
    const jobs = "/clusters/core/backup/restoreJobs";
    const collectionJobs = "/clusters/core/collectionRestoreJobs";
    expect(sent).toEqual([
      [`POST ${jobs}`, "2023-01-01", true, restoreBody(ORDER)],
      [`GET ${jobs}/${JOB}`, "2023-01-01", true, null],
      [`GET ${jobs}`, "2023-01-01", true, null],
      [`DELETE ${jobs}/${JOB}`, "2023-01-01", true, null],
      [`POST ${collectionJobs}`, "2025-03-12", true, collectionRestoreBody(COLLECTIONS)],
      [`GET ${collectionJobs}/${JOB}`, "2025-03-12", true, null],
      [`GET ${collectionJobs}`, "2025-03-12", true, null],
    ]);
  });

  const writes: Record<string, (server: TestServer) => Promise<unknown>> = {
    restore: (server) => connect(server).atlas.startRestore(PROJECT, "core", ORDER),
    cancellation: (server) => connect(server).atlas.cancelRestoreJob(PROJECT, "core", JOB),
    "collection restore": (server) => connect(server).atlas.startCollectionRestore(PROJECT, "core", COLLECTIONS),
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
  it.each(outcomes)("a $name is sent once whatever became of it: $what", async ({ write, bad, kind }) => {
    const server = await serve(digest(bad));
    const error = await failure(write(server));
    expect([error.kind, mayHaveActed(error.kind)]).toEqual([kind, true]);
    expect(server.seen).toHaveLength(2);
  });

  it.each(Object.entries(writes))("a %s is repeated while Atlas refuses to begin", async (_, write) => {
    const server = await serve(
      digest((request, response, number) =>
        number === 1 ? sendJson(response, 429, {}, { "retry-after": "1" }) : answers(request, response, number),
      ),
    );
    await write(server);
    expect(server.seen).toHaveLength(3);
  });

  it("a cancellation is let finish when the user stops meanwhile", async () => {
    const controller = new AbortController();
    const server = await serve(
      digest((request, response, number) => {
        controller.abort();
        setTimeout(() => answers(request, response, number), 50);
      }),
    );
    const { atlas } = connect(server, { signal: controller.signal });
    expect(await atlas.cancelRestoreJob(PROJECT, "core", JOB)).toBeUndefined();
  });

  it("nothing in answer to anything but a cancellation is no answer", async () => {
    const empty = await serve(digest((_, response) => void response.writeHead(204).end()));
    expect((await failure(connect(empty).atlas.startRestore(PROJECT, "core", ORDER))).kind).toBe("protocol");
    expect((await failure(connect(empty).atlas.getRestoreJob(PROJECT, "core", JOB))).kind).toBe("protocol");
  });

  it("what Atlas will not cancel it says", async () => {
    const server = await serve(
      digest((_, response) => sendJson(response, 400, { errorCode: "CANNOT_CANCEL_AUTOMATED_RESTORE" })),
    );
    const error = await failure(connect(server).atlas.cancelRestoreJob(PROJECT, "core", JOB));
    expect([error.kind, mayHaveActed(error.kind)]).toEqual(["rejected", false]);
    expect(error.message).toContain("CANNOT_CANCEL_AUTOMATED_RESTORE");
  });

  it("an answer about another job is refused", async () => {
    const server = await serve(digest((_, response) => sendJson(response, 200, { ...JOB_BODY, id: SNAPSHOT })));
    const { atlas } = connect(server);
    expect((await failure(atlas.getRestoreJob(PROJECT, "core", JOB))).kind).toBe("protocol");
    expect((await failure(atlas.getCollectionRestore(PROJECT, "core", JOB))).kind).toBe("protocol");
  });
});

describe("what a snapshot holds", () => {
  const server = (collections: Record<string, readonly unknown[]>) =>
    serve(
      digest(({ url }, response) => {
        const database = /databases\/([^/]+)\/collections$/.exec(pathOf(url))?.[1];
        if (database === undefined)
          return sendJson(response, 200, page(Object.keys(collections).map((name) => ({ name }))));
        const items = collections[decodeURIComponent(database)];
        return sendJson(response, 200, page(items?.map((name) => ({ name })) ?? [{}]));
      }),
    );

  it("is told in namespaces, whatever the databases are called", async () => {
    const { atlas } = connect(await server({ ledger: ["entries", "a.b"], "bücher?": ["x"], empty: [] }));
    expect(await atlas.listSnapshotNamespaces(PROJECT, "core", SNAPSHOT)).toEqual([
      "ledger.entries",
      "ledger.a.b",
      "bücher?.x",
    ]);
  });

  it.each([{ "a/b": [] }, { "..": [] }, { ledger: [""] }, { ledger: [7] }])("is not known of %j", async (names) => {
    const { atlas } = connect(await server(names));
    expect((await failure(atlas.listSnapshotNamespaces(PROJECT, "core", SNAPSHOT))).kind).toBe("protocol");
  });

  it("is asked for page by page", async () => {
    const names = Array.from({ length: 3 }, (_, index) => ({ name: `c${index}` }));
    const paged = await serve(
      digest(({ url }, response) => {
        const number = Number(new URL(url, "http://x").searchParams.get("pageNum"));
        if (!pathOf(url).endsWith("/collections")) return sendJson(response, 200, page([{ name: "ledger" }]));
        const links = number < names.length ? [{ rel: "next", href: "" }] : [];
        return sendJson(response, 200, { links, results: [names[number - 1]], totalCount: names.length });
      }),
    );
    expect(await connect(paged).atlas.listSnapshotNamespaces(PROJECT, "core", SNAPSHOT)).toEqual([
      "ledger.c0",
      "ledger.c1",
      "ledger.c2",
    ]);
  });
});

describe("what a cluster does now", () => {
  const CLUSTER = {
    name: "core",
    connectionStrings: {
      standard:
        "mongodb://ac-1-shard-00-00.x.mongodb.net:27017,ac-1-shard-00-01.x.mongodb.net:27017/?ssl=true&replicaSet=atlas-1-shard-0",
    },
    replicationSpecs: [{ zoneId: SNAPSHOT }],
  };
  const primary = (id: string, more: object = {}) => ({ id: `${id}:27017`, typeName: "REPLICA_PRIMARY", ...more });
  const OURS = primary("h1", { userAlias: "AC-1-shard-00-00.x.mongodb.net" });
  const OTHER = primary("h9", { userAlias: "core-2-shard-00-00.x.mongodb.net", replicaSetName: "atlas-9-shard-0" });
  const series = (name: string, values: readonly (number | null)[], units = "SCALAR_PER_SECOND") => ({
    name,
    units,
    dataPoints: values.map((value) => ({ timestamp: "2026-11-22T02:00:00Z", value })),
  });
  const QUIET = [
    series("OPCOUNTER_INSERT", [null, 0, 2, null]),
    series("OPCOUNTER_UPDATE", [null, 1.5, 0]),
    series("OPCOUNTER_DELETE", [null, 0]),
    series("CONNECTIONS", [7, 12, null], "SCALAR"),
  ];

  function monitored(cluster: object, processes: readonly object[], measurements: readonly object[] = QUIET) {
    return serve(
      digest(({ url }, response) => {
        const path = pathOf(url);
        if (path === "/clusters/core") return sendJson(response, 200, cluster);
        if (path === "/processes") return sendJson(response, 200, page(processes));
        return sendJson(response, 200, { measurements });
      }),
    );
  }
  const activity = async (server: TestServer) => connect(server).atlas.getActivity(PROJECT, "core");

  it("is measured at its primary alone, over the last five minutes", async () => {
    const secondary = {
      ...primary("h2", { userAlias: "ac-1-shard-00-01.x.mongodb.net" }),
      typeName: "REPLICA_SECONDARY",
    };
    const server = await monitored(CLUSTER, [OTHER, secondary, OURS]);
    expect(await activity(server)).toEqual({ writesPerSecond: known(3.5), connections: known(12) });
    const asked = server.seen.filter(({ url }) => url.includes("measurements"));
    expect(asked.map(({ url }) => pathOf(url))).toEqual(["/processes/h1:27017/measurements"]);
    const query = new URL(asked[0]?.url ?? "", server.baseUrl).searchParams;
    expect([query.get("granularity"), query.get("period"), query.getAll("m")]).toEqual([
      "PT1M",
      "PT5M",
      ["OPCOUNTER_INSERT", "OPCOUNTER_UPDATE", "OPCOUNTER_DELETE", "CONNECTIONS"],
    ]);
  });

  it.each([
    ["a host of the connection string", { hostname: "ac-1-shard-00-01.x.mongodb.net" }],
    ["the replica set", { replicaSetName: "atlas-1-shard-0" }],
    ["an alias that begins with the name", { userAlias: "core-shard-00-02.x.mongodb.net" }],
  ])("is found by %s", async (_, more) => {
    const server = await monitored(CLUSTER, [OTHER, primary("h3", more)]);
    expect((await activity(server)).writesPerSecond).toEqual(known(3.5));
  });

  it("is the sum over the shards, and of fewer primaries than shards not known", async () => {
    const sharded = { ...CLUSTER, replicationSpecs: [{ zoneId: SNAPSHOT }, { zoneId: SNAPSHOT }] };
    const shard = (number: number) =>
      primary(`s${number}`, { userAlias: `core-shard-0${number}-00.x.mongodb.net`, typeName: "SHARD_PRIMARY" });
    expect(await activity(await monitored(sharded, [shard(0), shard(1)]))).toEqual({
      writesPerSecond: known(7),
      connections: known(24),
    });
    const { writesPerSecond, connections } = await activity(await monitored(sharded, [shard(0)]));
    expect([writesPerSecond.known, connections.known]).toEqual([false, false]);
  });

  it.each([
    ["no primary", CLUSTER, [OTHER]],
    ["no process at all", CLUSTER, []],
    ["no connection string", { name: "core", replicationSpecs: [{ zoneId: SNAPSHOT }] }, [OURS]],
    ["no shards", { ...CLUSTER, replicationSpecs: null }, [OURS]],
  ])("is not known with %s", async (_, cluster, processes) => {
    const { writesPerSecond, connections } = await activity(await monitored(cluster, processes));
    expect([writesPerSecond.known, connections.known]).toEqual([false, false]);
  });

  it("a process that cannot be read could be a primary of ours", async () => {
    for (const odd of [{}, { id: "h1:27017" }, { ...OURS, id: "../x" }]) {
      expect((await failure(activity(await monitored(CLUSTER, [OURS, odd])))).kind).toBe("protocol");
    }
  });

  it.each([
    ["missing", QUIET.slice(1)],
    ["without a value", [series("OPCOUNTER_INSERT", [null, null]), ...QUIET.slice(1)]],
    ["without a point", [series("OPCOUNTER_INSERT", []), ...QUIET.slice(1)]],
    ["in other units", [series("OPCOUNTER_INSERT", [1], "PERCENT"), ...QUIET.slice(1)]],
  ])("a series that is %s leaves the writes not known, and the connections known", async (_, measurements) => {
    const { writesPerSecond, connections } = await activity(await monitored(CLUSTER, [OURS], measurements));
    expect([writesPerSecond.known, connections]).toEqual([false, known(12)]);
  });

  it("measurements in another form are not known", async () => {
    const odd = [{ ...series("CONNECTIONS", [1], "SCALAR"), dataPoints: [{ value: "many" }] }];
    const { writesPerSecond, connections } = await activity(await monitored(CLUSTER, [OURS], odd));
    expect([writesPerSecond.known, connections.known]).toEqual([false, false]);
  });
});

/** Below the project, without the query. */
function pathOf(url: string): string {
  return new URL(url, "http://127.0.0.1").pathname.replace(`/api/atlas/v2/groups/${PROJECT}`, "");
}
