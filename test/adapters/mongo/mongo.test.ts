/** The real driver against a small MongoDB over loopback: what it says, and what it says when the other side misbehaves. */
import { Decimal128, type Document, Long, ObjectId } from "bson";
import { expect, onTestFinished, test } from "vitest";
import { MONGO_LIMITS } from "../../../src/adapters/mongo/client.ts";
import { connectMongo, type MongoOptions } from "../../../src/adapters/mongo/mongo.ts";
import { OpsError } from "../../../src/core/error.ts";
import type { Mongo } from "../../../src/ports/mongo.ts";
import { type Hostile, type MongoWorld, serveMongo, serverError } from "../../support/mongo-server.ts";

const LIMITS = { ...MONGO_LIMITS, connectMs: 2_000, selectionMs: 1_500, callMs: 3_000, closeMs: 500 };
const BOOKED_AT = new Date("2026-11-22T02:00:00Z");
const NEWEST = ObjectId.createFromTime(BOOKED_AT.getTime() / 1000);
const ACCOUNTS = [
  { _id: 1, balance: 10, owner: "a" },
  { _id: 2, balance: -3, owner: "b" },
  { _id: 3, balance: 5, owner: "c" },
];
const COLLECTIONS = {
  "ledger.accounts": ACCOUNTS,
  "ledger.entries": [{ _id: NEWEST, bookedAt: BOOKED_AT }],
  "ledger.empty": [],
  "ledger.system.views": [{ _id: 1 }],
  "admin.system.users": [{ _id: 1 }],
};

function connect(uri: string, options: Partial<MongoOptions> = {}): Mongo {
  const { signal } = new AbortController();
  const mongo = connectMongo({ uri, variable: "LITALLY_OPS_VERIFY_URI", signal, limits: LIMITS, ...options });
  onTestFinished(() => mongo.close());
  return mongo;
}

async function connected(world: Partial<MongoWorld> = {}) {
  const server = await serveMongo({ collections: COLLECTIONS, ...world });
  return { ...server, mongo: connect(server.uri) };
}

/** A server that says something else to one command. */
function saying(name: string, said: Hostile): Partial<MongoWorld> {
  return { instead: (_command, asked) => (asked === name ? said : undefined) };
}

async function failure(promise: Promise<unknown>): Promise<OpsError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`did not fail, gave ${JSON.stringify(outcome.value)}`);
  expect(outcome.error).toBeInstanceOf(OpsError);
  return outcome.error as OpsError; // checked in the line above
}

test("it answers, and says what it is", async () => {
  const { mongo, port } = await connected();
  await mongo.ping();
  expect(await mongo.describe()).toEqual({ version: "8.0.4", members: [`127.0.0.1:${port}`] });
  expect(mongo.hosts).toEqual([`127.0.0.1:${port}`]);
});

test("all collections of users, with their counts; views without one", async () => {
  const { mongo } = await connected({ views: ["ledger.open"] });
  const known = (value: number) => ({ known: true, value });
  expect(await mongo.listNamespaces()).toEqual([
    { name: "ledger.accounts", documents: known(3) },
    { name: "ledger.entries", documents: known(1) },
    { name: "ledger.empty", documents: known(0) },
    { name: "ledger.open", documents: null },
  ]);
});

test("what is asked reads only, has a limit in time, and may be answered by a secondary", async () => {
  const { mongo, commands } = await connected();
  await mongo.ping();
  await mongo.describe();
  await mongo.listNamespaces();
  await mongo.countResults({ namespace: "ledger.accounts", pipeline: [] });
  await mongo.readField({ namespace: "ledger.entries", pipeline: [] }, "_id");
  const ours = commands.filter((command) => command["maxTimeMS"] !== undefined);
  const names = ours.map((command) => Object.keys(command)[0]);
  expect(new Set(names)).toEqual(
    new Set(["ping", "buildInfo", "hello", "listDatabases", "listCollections", "count", "aggregate"]),
  );
  for (const command of ours) {
    expect(command["maxTimeMS"]).toBe(LIMITS.commandMs);
    expect(command["$readPreference"]).toMatchObject({ mode: expect.stringMatching(/^(secondary|primary)Preferred$/) });
  }
  expect(commands.find((command) => command["listDatabases"] === 1)?.["authorizedDatabases"]).toBe(false);
});

test("how many documents a pipeline gives, without fetching them", async () => {
  const { mongo, commands } = await connected();
  const below = (limit: number) => [{ $match: { balance: { $lt: limit } } }];
  expect(await mongo.countResults({ namespace: "ledger.accounts", pipeline: below(0) })).toBe(1);
  expect(await mongo.countResults({ namespace: "ledger.accounts", pipeline: below(-9) })).toBe(0);
  expect(await mongo.countResults({ namespace: "ledger.accounts", pipeline: [] })).toBe(3);
  const stages = commands.flatMap((command) => command["pipeline"]?.at(-1) ?? []);
  expect(stages).toEqual([{ $count: "value" }, { $count: "value" }, { $count: "value" }]);
});

test.each<[string, readonly Document[], string, unknown]>([
  ["a number", [{ $group: { _id: null, total: { $sum: "$balance" } } }], "total", { kind: "number", value: 12 }],
  ["a text", [{ $match: { _id: 1 } }], "owner", { kind: "other", type: "string" }],
  ["a field that is not there", [{ $match: { _id: 1 } }], "nothing", { kind: "other", type: "missing" }],
  ["no document", [{ $match: { _id: 9 } }], "balance", { kind: "none" }],
  ["several documents", [], "balance", { kind: "several" }],
])("a field that is %s", async (_what, pipeline, field, expected) => {
  const { mongo } = await connected();
  expect(await mongo.readField({ namespace: "ledger.accounts", pipeline }, field)).toEqual(expected);
});

test.each<[string, unknown, unknown]>([
  ["a date", BOOKED_AT, { kind: "instant", value: BOOKED_AT }],
  ["an id", NEWEST, { kind: "instant", value: BOOKED_AT }],
  ["a small 64-bit number", Long.fromNumber(7), { kind: "number", value: 7 }],
  ["money", Decimal128.fromString("-1234567.80"), { kind: "number", value: -1234567.8 }],
  ["no money", Decimal128.fromString("0.00"), { kind: "number", value: 0 }],
  ["no number", Number.NaN, { kind: "other", type: "no finite number" }],
  ["null", null, { kind: "other", type: "null" }],
  ["a list", [1], { kind: "other", type: "array" }],
  ["money beyond all bounds", Decimal128.fromString("Infinity"), { kind: "other", type: "no finite number" }],
])("a value that is %s", async (_what, value, expected) => {
  const { mongo } = await connected({ collections: { "ledger.one": [{ value }] } });
  expect(await mongo.readField({ namespace: "ledger.one", pipeline: [] }, "value")).toEqual(expected);
});

test.each<[string, unknown]>([
  ["a decimal of 16 digits", Decimal128.fromString("12345678901234.56")],
  ["a whole number beyond 2^53", Long.fromString("9007199254740993")],
])("%s is not rounded: it is not known", async (_what, value) => {
  const { mongo } = await connected({ collections: { "ledger.one": [{ value }] } });
  const error = await failure(mongo.readField({ namespace: "ledger.one", pipeline: [] }, "value"));
  expect(error).toMatchObject({ kind: "protocol", message: "the value has more digits than can be compared" });
});

test("a count of 0 is looked into: metadata may have been lost", async () => {
  const { mongo } = await connected(saying("count", { ok: 1, n: 0 }));
  const [accounts, , empty] = await mongo.listNamespaces();
  expect(accounts?.documents).toMatchObject({
    known: false,
    reason: { message: "ledger.accounts counts 0 documents and holds some" },
  });
  expect(empty?.documents).toEqual({ known: true, value: 0 });
});

test.each<[string, Hostile]>([
  ["no count", { ok: 1 }],
  ["a count that is a text", { ok: 1, n: "3" }],
  ["a count below zero", { ok: 1, n: -1 }],
])("%s is not a count", async (_what, said) => {
  const { mongo } = await connected(saying("count", said));
  const [accounts] = await mongo.listNamespaces();
  expect(accounts?.documents).toMatchObject({ known: false, reason: { kind: "protocol" } });
});

const QUESTION = { namespace: "ledger.accounts", pipeline: [] };
const cursorOf = (cursor: Document) => ({ ok: 1, cursor });

test.each<[string, string, Hostile, (mongo: Mongo) => Promise<unknown>]>([
  ["an aggregation without a cursor", "aggregate", { ok: 1 }, (mongo) => mongo.countResults(QUESTION)],
  ["one without a batch", "aggregate", cursorOf({ id: 0n, ns: "a.b" }), (mongo) => mongo.countResults(QUESTION)],
  ["one that goes on", "aggregate", cursorOf({ id: 5n, firstBatch: [] }), (mongo) => mongo.countResults(QUESTION)],
  [
    "a count of text",
    "aggregate",
    cursorOf({ id: 0n, firstBatch: [{ value: "x" }] }),
    (mongo) => mongo.countResults(QUESTION),
  ],
  [
    "two counts",
    "aggregate",
    cursorOf({ id: 0n, firstBatch: [{ value: 1 }, { value: 1 }] }),
    (mongo) => mongo.countResults(QUESTION),
  ],
  ["no databases", "listDatabases", { ok: 1 }, (mongo) => mongo.listNamespaces()],
  [
    "collections that go on",
    "listCollections",
    cursorOf({ id: 7n, firstBatch: [] }),
    (mongo) => mongo.listNamespaces(),
  ],
  [
    "a collection of an unknown type",
    "listCollections",
    cursorOf({ id: 0n, firstBatch: [{ name: "x", type: "new" }] }),
    (mongo) => mongo.listNamespaces(),
  ],
  ["no version", "buildInfo", { ok: 1 }, (mongo) => mongo.describe()],
  ["garbage", "ping", "garbage", (mongo) => mongo.ping()],
])("%s cannot be read", async (_what, command, said, ask) => {
  const { mongo } = await connected(saying(command, said));
  expect(await failure(ask(mongo))).toMatchObject({ kind: "protocol" });
});

test.each<[string, Hostile, string, RegExp]>([
  ["not authorised", serverError(13, "Unauthorized"), "auth", /may not run ping \(13 Unauthorized\)/],
  [
    "wrong credentials",
    serverError(8000, "AtlasError", "bad auth secret-word"),
    "auth",
    /does not accept these credentials/,
  ],
  ["too slow", serverError(50, "MaxTimeMSExpired"), "timeout", /did not finish ping in time/],
  ["stepping down", serverError(11602, "InterruptedDueToReplStateChange"), "unavailable", /no member could answer/],
  ["another error", serverError(4242, "Location4242", "secret-word"), "rejected", /refused ping \(4242 Location4242\)/],
])("a server that says: %s", async (_what, said, kind, message) => {
  const { mongo } = await connected(saying("ping", said));
  const error = await failure(mongo.ping());
  expect(error).toMatchObject({ kind, message: expect.stringMatching(message) });
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toContain("secret-word");
});

test("a connection that closes amid the reply: the question is put once more, then given up", async () => {
  const { mongo, commands } = await connected(saying("ping", "closes"));
  expect(await failure(mongo.ping())).toMatchObject({ kind: "unavailable" });
  expect(commands.filter((command) => command["ping"] === 1)).toHaveLength(LIMITS.attempts);
});

test("a connection that closes once does not matter", async () => {
  let closed = false;
  const { mongo } = await connected({
    instead: (_command, name) => {
      if (name !== "ping" || closed) return undefined;
      closed = true;
      return "closes";
    },
  });
  await mongo.ping();
  expect(closed).toBe(true);
});

test("a server that never answers", async () => {
  const server = await serveMongo({ collections: COLLECTIONS, ...saying("ping", "hangs") });
  const mongo = connect(server.uri, { limits: { ...LIMITS, callMs: 300 } });
  expect(await failure(mongo.ping())).toMatchObject({ kind: "timeout" });
});

test("a run that is stopped", async () => {
  const server = await serveMongo({ collections: COLLECTIONS, ...saying("ping", "hangs") });
  const stop = new AbortController();
  const mongo = connect(server.uri, { signal: stop.signal });
  const asked = failure(mongo.ping());
  stop.abort();
  expect(await asked).toMatchObject({ kind: "aborted", message: "stopped while asking MongoDB" });
});

test("nobody there", async () => {
  const error = await failure(connect("mongodb://127.0.0.1:9/?directConnection=true").ping());
  expect(error).toMatchObject({ kind: "unavailable", message: "no connection to MongoDB for ping (ECONNREFUSED)" });
});

test("credentials that are refused", async () => {
  const server = await serveMongo({
    collections: {},
    ...saying("saslStart", serverError(18, "AuthenticationFailed", "user reader: secret-word")),
  });
  const uri = server.uri.replace("//", "//reader:pa%2Fss-canary@");
  const error = await failure(connect(uri).ping());
  expect(error).toMatchObject({
    kind: "auth",
    message: "MongoDB does not accept these credentials (18 AuthenticationFailed)",
  });
  expect(`${error.stack} ${error.hint}`).not.toMatch(/canary|secret-word/);
});

test.each([
  ["no URI", "canary-password"],
  ["another scheme", "https://user:canary-password@127.0.0.1/"],
  ["an unencoded password", "mongodb://user:canary/password@127.0.0.1/"],
  ["an unknown option", "mongodb://user:canary-password@127.0.0.1/?colour=canary-password"],
  ["a wrong option", "mongodb://user:canary-password@127.0.0.1/?tls=canary-password"],
])("a connection string with %s is named, never shown", async (_what, uri) => {
  const error = await failure((async () => connect(uri).ping())());
  expect(error.kind).toBe("config");
  expect(error.message).toContain("LITALLY_OPS_VERIFY_URI");
  expect(`${error.stack} ${error.hint} ${error.cause}`).not.toContain("canary");
});

test("a certificate that is not there", async () => {
  const error = await failure(connect("mongodb://127.0.0.1/?tls=true&tlsCAFile=/nonexistent/canary").ping());
  expect(error).toMatchObject({ kind: "config", message: expect.stringContaining("cannot be read (ENOENT)") });
  expect(`${error.stack}`).not.toContain("canary");
});

test.each([
  "mongodb://user:secret@db.example/",
  "mongodb://user:secret@127.0.0.1,db.example/?replicaSet=rs0",
  "mongodb+srv://user:secret@core.example.net/?tls=false",
])("a password never travels in the clear: %s", (uri) => {
  expect(() => connect(uri)).toThrow("asks for no TLS");
});

test("a rehearsal asks nothing but this machine", async () => {
  expect(() => connect("mongodb+srv://u:p@core.example.net/", { loopbackOnly: true })).toThrow(
    "a rehearsal asks no real",
  );
  const { uri } = await serveMongo({ collections: {} });
  await connect(uri, { loopbackOnly: true }).ping();
});

test("the hosts of the connection string, in lower case", () => {
  expect(connect("mongodb+srv://u:p@Core.AbCde.example.net/").hosts).toEqual(["core.abcde.example.net"]);
  expect(connect("mongodb://A.example,b.example:27018/?tls=true").hosts).toEqual([
    "a.example:27017",
    "b.example:27018",
  ]);
});
