/**
 * A MongoDB for tests: OP_MSG over loopback, documents in memory, aggregations by mingo. The real driver talks to it.
 * What it is not: it knows no authentication, TLS, replication or storage (docs/restore-data.md says what that leaves
 * unproved).
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Document, deserialize, ObjectId, serialize } from "bson";
import { Aggregator } from "mingo";
import { onTestFinished } from "vitest";

export interface MongoWorld {
  /** Documents by namespace. */
  readonly collections: Readonly<Record<string, readonly Document[]>>;
  readonly views?: readonly string[];
  readonly version?: string;
  /** Says instead of the true answer: to one command by name, or its undefined to say the true one. */
  readonly instead?: (command: Document, name: string) => Hostile | undefined;
}

/** Another answer, or none: `hangs` says nothing, `closes` ends the connection amid the reply. */
export type Hostile = Document | "hangs" | "closes" | "garbage";

export interface MongoServer {
  readonly uri: string;
  readonly port: number;
  /** The commands that came in, but for those of the driver's own monitor. */
  readonly commands: readonly Document[];
}

/** Serves until the test ends. */
export async function serveMongo(world: MongoWorld): Promise<MongoServer> {
  const commands: Document[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // clients hang up as they like
    onMessages(socket, (command) => {
      const [name = ""] = Object.keys(command);
      if (name !== "endSessions" && command["topologyVersion"] === undefined) commands.push(command);
      const port = (server.address() as AddressInfo).port; // a listening TCP server has one
      return world.instead?.(command, name) ?? answer(world, port, name, command);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return { uri: `mongodb://127.0.0.1:${port}/?directConnection=true`, port, commands };
}

/** An error of the server's own. */
export function serverError(code: number, codeName: string, errmsg = codeName): Document {
  return { ok: 0, code, codeName, errmsg };
}

const HEADER_BYTES = 16;
const OP_MSG = 2013;
const OP_QUERY = 2004;
const OP_REPLY = 1;

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ ; the first hello may still be an OP_QUERY. */
function onMessages(socket: Socket, reply: (command: Document) => Hostile): void {
  let pending = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    pending = Buffer.concat([pending, typeof bytes === "string" ? Buffer.from(bytes) : bytes]);
    while (pending.length >= HEADER_BYTES && pending.length >= pending.readInt32LE(0)) {
      const message = pending.subarray(0, pending.readInt32LE(0));
      pending = pending.subarray(message.length);
      const isQuery = message.readInt32LE(12) === OP_QUERY;
      const body = isQuery ? message.subarray(message.indexOf(0, HEADER_BYTES + 4) + 1 + 8) : message.subarray(21);
      const said = reply(deserialize(body));
      if (said === "hangs") continue;
      const full = isQuery ? queryReply(message, said) : msgReply(message, said);
      if (said === "closes") socket.end(full.subarray(0, full.length - 3));
      else socket.write(full);
    }
  });
}

function payload(said: Hostile): Uint8Array {
  if (said === "garbage") return Buffer.from([12, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 0]);
  return serialize(typeof said === "string" ? { ok: 1 } : said);
}

function msgReply(request: Buffer, said: Hostile): Buffer {
  const body = payload(said);
  return Buffer.concat([header(request, OP_MSG, body.length + 5), Buffer.alloc(5), body]);
}

function queryReply(request: Buffer, said: Hostile): Buffer {
  const body = payload(said);
  const fields = Buffer.alloc(20);
  fields.writeInt32LE(1, 16); // one document
  return Buffer.concat([header(request, OP_REPLY, body.length + fields.length), fields, body]);
}

function header(request: Buffer, opcode: number, bodyBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + bodyBytes, 0);
  header.writeInt32LE(request.readInt32LE(4), 8);
  header.writeInt32LE(opcode, 12);
  return header;
}

function answer(world: MongoWorld, port: number, name: string, command: Document): Document {
  const database = String(command["$db"]);
  switch (name) {
    case "hello":
    case "ismaster":
    case "isMaster":
      return hello(port);
    case "ping":
    case "endSessions":
      return { ok: 1 };
    case "buildInfo":
      return { ok: 1, version: world.version ?? "8.0.4" };
    case "listDatabases":
      return { ok: 1, databases: databasesOf(world).map((one) => ({ name: one })) };
    case "listCollections":
      return cursor(`${database}.$cmd.listCollections`, collectionsOf(world, database));
    case "count":
      return { ok: 1, n: documentsOf(world, `${database}.${command["count"]}`).length };
    case "aggregate": {
      const namespace = `${database}.${command["aggregate"]}`;
      const documents = documentsOf(world, namespace).map((document) => ({ ...document }));
      return cursor(namespace, new Aggregator(command["pipeline"]).run(documents) as Document[]); // mingo gives objects
    }
    default:
      return serverError(59, "CommandNotFound", `no such command: '${name}'`);
  }
}

function hello(port: number): Document {
  const me = `127.0.0.1:${port}`;
  return {
    ok: 1,
    isWritablePrimary: true,
    ismaster: true,
    helloOk: true,
    setName: "rs0",
    setVersion: 1,
    hosts: [me],
    primary: me,
    me,
    electionId: new ObjectId("7fffffff0000000000000001"),
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(0),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: 25,
    readOnly: false,
  };
}

function cursor(ns: string, firstBatch: readonly Document[]): Document {
  return { ok: 1, cursor: { id: 0n, ns, firstBatch: [...firstBatch] } };
}

function documentsOf(world: MongoWorld, namespace: string): readonly Document[] {
  return world.collections[namespace] ?? [];
}

function databasesOf({ collections }: MongoWorld): readonly string[] {
  return [...new Set(["admin", "local", ...Object.keys(collections).map((name) => name.split(".")[0] ?? "")])];
}

function collectionsOf({ collections, views = [] }: MongoWorld, database: string): readonly Document[] {
  const inside = (names: readonly string[]) =>
    names.filter((name) => name.startsWith(`${database}.`)).map((name) => name.slice(database.length + 1));
  return [
    ...inside(Object.keys(collections)).map((name) => ({ name, type: "collection" })),
    ...inside(views).map((name) => ({ name, type: "view" })),
  ];
}
