/** Restored data looked at through the real driver, beside its source, over loopback. */
import { ObjectId } from "bson";
import { describe, expect, onTestFinished, test } from "vitest";
import { MONGO_LIMITS } from "../../src/adapters/mongo/client.ts";
import { connectMongo } from "../../src/adapters/mongo/mongo.ts";
import { type RestoredData, verifyData } from "../../src/commands/verify-data.ts";
import { OpsError } from "../../src/core/error.ts";
import { known, notKnown, type Observed } from "../../src/core/observed.ts";
import { type Finding, worst } from "../../src/core/report.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import type { Mongo } from "../../src/ports/mongo.ts";
import { type Hostile, type MongoServer, type MongoWorld, serveMongo, serverError } from "../support/mongo-server.ts";

const RESTORED_AT = new Date("2026-11-22T02:00:00Z");
const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
databases:
  - name: core
    cluster: litally-core
    snapshots: [{ frequency: daily, retain: 30d }]
    invariants:
      - name: no-debt
        namespace: ledger.accounts
        pipeline: [{ $match: { balance: { $lt: 0 } } }]
        expect: { exactly: 0 }
      - name: books-balance
        namespace: ledger.entries
        pipeline: [{ $group: { _id: null, total: { $sum: $amount } } }]
        expect: { field: total, exactly: 0 }
      - name: newest-entry
        namespace: ledger.entries
        pipeline: [{ $sort: { _id: -1 } }, { $limit: 1 }]
        expect: { field: _id, newestWithin: 10m }
`;

const NAMES = ["ledger.accounts", "ledger.entries"];

function world(change: Partial<MongoWorld> = {}): MongoWorld {
  const idOf = (minutes: number) => ObjectId.createFromTime(RESTORED_AT.getTime() / 1000 - minutes * 60);
  return {
    collections: {
      "ledger.accounts": Array.from({ length: 50 }, (_, index) => ({ _id: index, balance: index })),
      "ledger.entries": Array.from({ length: 60 }, (_, index) => ({
        _id: idOf(index + 1),
        amount: index % 2 ? 5 : -5,
      })),
    },
    ...change,
  };
}

function connect({ uri }: MongoServer): Mongo {
  const { signal } = new AbortController();
  const mongo = connectMongo({
    uri,
    variable: "LITALLY_OPS_VERIFY_URI",
    signal,
    limits: { ...MONGO_LIMITS, callMs: 500, closeMs: 200 },
  });
  onTestFinished(() => mongo.close());
  return mongo;
}

interface Scene {
  readonly findings: readonly Finding[];
  readonly target: MongoServer;
}

/** `hosts`: those of the source, as Atlas tells them. */
function sourceOf(live: Observed<Mongo>, hosts: readonly string[] = ["core.example"]): RestoredData["source"] {
  return { live, hosts: known(hosts), restoredNames: known(NAMES), version: known("8.0.4") };
}

async function verified(target: Partial<MongoWorld> = {}, change: Partial<RestoredData> = {}): Promise<Scene> {
  const [database] = parsePolicy(POLICY, "policy.yaml", {}).policy.databases;
  if (database === undefined) throw new Error("the policy above has one");
  const [targetServer, sourceServer] = await Promise.all([serveMongo(world(target)), serveMongo(world())]);
  const findings = await verifyData({
    database,
    targetName: "litally-drill",
    targetHosts: known([`127.0.0.1:${targetServer.port}`]),
    restoredAt: RESTORED_AT,
    target: known(connect(targetServer)),
    source: sourceOf(known(connect(sourceServer)), [`127.0.0.1:${sourceServer.port}`]),
    ...change,
  });
  return { findings, target: targetServer };
}

const statuses = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ check, scope, status }) => [scope ?? check.replace("restore/", ""), status]));

test("a good restore passes every check, about the cluster that was restored to", async () => {
  const { findings } = await verified();
  expect(statuses(findings)).toEqual({
    "right-target": "pass",
    answers: "pass",
    "running-version": "pass",
    namespaces: "pass",
    counts: "pass",
    "no-debt": "pass",
    "books-balance": "pass",
    "newest-entry": "pass",
  });
  expect(new Set(findings.map(({ subject }) => subject))).toEqual(new Set(["cluster/litally-drill"]));
});

test("a restore that lost data fails, check by check", async () => {
  const { findings } = await verified({
    version: "7.0.2",
    collections: { "ledger.accounts": [{ _id: 1, balance: -1 }], "ledger.entries": [] },
  });
  expect(statuses(findings)).toMatchObject({
    "running-version": "fail",
    namespaces: "fail",
    counts: "fail",
    "no-debt": "fail",
    "books-balance": "fail",
    "newest-entry": "fail",
  });
});

test("a collection that is not there proves no invariant", async () => {
  const { findings } = await verified({
    collections: { "ledger.entries": world().collections["ledger.entries"] ?? [] },
  });
  expect(statuses(findings)).toMatchObject({ namespaces: "fail", "no-debt": "fail" });
});

test("nothing is asked of what is not the target", async () => {
  const { findings, target } = await verified({}, { targetHosts: known(["drill.example"]) });
  expect(statuses(findings)).toMatchObject({ "right-target": "fail", answers: "unknown", "no-debt": "unknown" });
  expect(target.commands).toEqual([]);
});

test("another deployment than the source is not asked, whatever it would say", async () => {
  const other = await serveMongo(world());
  const elsewhere = sourceOf(known(connect(other)));
  const untold = { ...elsewhere, hosts: notKnown(new OpsError("unavailable", "Atlas does not tell")) };
  for (const source of [elsewhere, untold]) {
    const { findings } = await verified({}, { source });
    expect(statuses(findings)).toMatchObject({ "right-target": "pass", namespaces: "pass", counts: "unknown" });
  }
  expect(other.commands).toEqual([]);
});

test("the same server on both sides would agree with itself", async () => {
  const server = await serveMongo(world());
  const byAnotherName = known({ ...connect(server), hosts: ["core.example"] });
  for (const live of [known(connect(server)), byAnotherName]) {
    const { findings } = await verified(
      {},
      {
        target: known(connect(server)),
        targetHosts: known([`127.0.0.1:${server.port}`]),
        source: sourceOf(live),
      },
    );
    expect(statuses(findings)["right-target"]).toBe("fail");
  }
});

test("without a source, what needs one is unknown and all else is judged", async () => {
  const live = notKnown(new OpsError("config", "there is no connection string for the source", { hint: "set it" }));
  const { findings } = await verified({}, { source: sourceOf(live) });
  expect(statuses(findings)).toMatchObject({
    "running-version": "pass",
    namespaces: "pass",
    counts: "unknown",
    "no-debt": "pass",
  });
  expect(findings.find(({ check }) => check === "restore/counts")?.remedy).toBe("set it");
});

test("without a target, all is unknown", async () => {
  const target = notKnown(new OpsError("config", "there is no connection string for the target"));
  const { findings } = await verified({}, { target });
  expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(["unknown"]));
});

/** Nothing of an answer of `ping` is read but that it succeeded. */
const READ = ["buildInfo", "listDatabases", "listCollections", "count", "aggregate"];
const ANSWERS: readonly (readonly [string, Hostile])[] = [
  ["says nothing but that all is well", { ok: 1 }],
  ["is refused", serverError(13, "Unauthorized")],
  ["gives an empty list that goes on", { ok: 1, cursor: { id: 9n, ns: "a.b", firstBatch: [] } }],
  ["gives null", { ok: 1, n: null, version: null, databases: null, cursor: null }],
  ["never comes", "hangs"],
  ["breaks off", "closes"],
  ["cannot be read", "garbage"],
];

describe("no false green: what of the target", () => {
  test.each(ANSWERS)("%s", async (_what, said) => {
    for (const command of said === "hangs" || said === "closes" ? [...READ, "ping"] : READ) {
      const { findings } = await verified({ instead: (_command, name) => (name === command ? said : undefined) });
      expect([command, worst(findings)]).toEqual([command, expect.stringMatching(/unknown|fail/)]);
    }
  });

  test("counts nothing although there is something", async () => {
    const { findings } = await verified({
      instead: (_command, name) => (name === "count" ? { ok: 1, n: 0 } : undefined),
    });
    expect(statuses(findings)).toMatchObject({ namespaces: "unknown", counts: "unknown" });
  });

  test("lists no database", async () => {
    const { findings } = await verified({
      instead: (_command, name) => (name === "listDatabases" ? { ok: 1, databases: [] } : undefined),
    });
    expect(statuses(findings)).toMatchObject({ namespaces: "fail", "no-debt": "fail" });
  });
});
