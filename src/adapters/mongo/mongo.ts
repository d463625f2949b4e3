/**
 * The real MongoDB behind the port: the official driver, sent single commands whose answers are read here. The driver's
 * own helpers would take an answer without a count for a count of 0.
 */
import * as z from "zod/mini";
import { mapBounded } from "../../core/bounded.ts";
import { OpsError } from "../../core/error.ts";
import { notKnown, type Observed, observe } from "../../core/observed.ts";
import type { Aggregation, Mongo, Namespace } from "../../ports/mongo.ts";
import { within } from "../within.ts";
import { hostsOf, MONGO_LIMITS, type MongoLimits, openClient } from "./client.ts";
import { isPassing, notMongo, translate } from "./failure.ts";
import { fieldAnswer, lastIdOf } from "./value.ts";

export interface MongoOptions {
  readonly uri: string;
  /** The environment variable that the connection string came from. */
  readonly variable: string;
  readonly signal: AbortSignal;
  /** For rehearsals: a database elsewhere is a real one. */
  readonly loopbackOnly?: boolean;
  readonly limits?: MongoLimits;
}

/** Connects when it is first asked; throws OpsError `config` where the connection string cannot be used. */
export function connectMongo(options: MongoOptions): Mongo {
  const { signal, limits = MONGO_LIMITS } = options;
  const client = openClient(options, limits);
  const late = (call: string) => () => new OpsError("timeout", `MongoDB did not finish ${call} in time`);
  const ask: Ask = async (database, command, type) => {
    const [call = ""] = Object.keys(command);
    const send = () =>
      client
        .db(database)
        .command({ ...command, maxTimeMS: limits.commandMs }, { readPreference: "secondaryPreferred" });
    const limit = { signal, limitMs: limits.callMs, doing: "asking MongoDB", late: late(call) };
    const answer = z.safeParse(type, await within(limit, () => repeated(send, call, limits.attempts)));
    if (!answer.success) throw notMongo(call);
    return answer.data;
  };
  return {
    hosts: hostsOf(client),
    ping: async () => void (await ask("admin", { ping: 1 }, z.unknown())),
    describe: async () => {
      const [{ version }, hello] = await Promise.all([
        ask("admin", { buildInfo: 1 }, z.object({ version: z.string().check(z.regex(/^\d+\.\d+\.\d+/)) })),
        ask("admin", { hello: 1 }, z.object({ hosts: z.optional(z.array(z.string())) })),
      ]);
      return { version, members: hello.hosts?.map((host) => host.toLowerCase()) ?? null };
    },
    listNamespaces: async () => {
      const databases = await listDatabases(ask);
      const lists = await mapBounded(databases, limits.connections, (name) => listCollections(ask, name));
      return mapBounded(lists.flat(), limits.connections, (collection) => counted(ask, collection));
    },
    countResults: (question) => countResults(ask, question),
    readField: async (question, field) => {
      const [first, second] = await aggregate(ask, question, [
        { $limit: 2 },
        { $project: { _id: 0, value: `$${field}` } },
      ]);
      if (first === undefined) return { kind: "none" };
      return second === undefined ? fieldAnswer(first["value"]) : { kind: "several" };
    },
    newestDocument: async (namespace, until) => {
      const pipeline = [{ $match: { _id: { $lte: lastIdOf(until) } } }, { $sort: { _id: -1 } }, { $limit: 1 }];
      const [newest] = await aggregate(ask, { namespace, pipeline }, [{ $project: { _id: 1 } }]);
      const made = newest === undefined ? undefined : fieldAnswer(newest["_id"]);
      return made?.kind === "instant" ? made.value : null;
    },
    close: async () => {
      const limit = { signal: new AbortController().signal, limitMs: limits.closeMs, doing: "closing" };
      await within({ ...limit, late: late("closing") }, () => client.close()).catch(() => undefined);
    },
  };
}

/** Sends one command, which names itself by its first key, and reads the answer. */
type Ask = <T>(database: string, command: Readonly<Record<string, unknown>>, type: z.ZodMiniType<T>) => Promise<T>;

/** Every command here reads: it may be sent again where the connection was lost. */
async function repeated<T>(send: () => Promise<T>, call: string, attempts: number): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (attempts > 1 && isPassing(error)) return repeated(send, call, attempts - 1);
    throw translate(error, call);
  }
}

const count = z.int().check(z.gte(0));

/** A list that the server gave whole: a cursor that goes on would need another question. */
function whole<T>(item: z.ZodMiniType<T>) {
  return z.object({ cursor: z.object({ id: z.literal(0), firstBatch: z.array(item) }) });
}

/** The server's own: https://www.mongodb.com/docs/manual/reference/system-collections/ */
const SYSTEM_DATABASES = new Set(["admin", "config", "local"]);
const SYSTEM_COLLECTION = /^system\./;

/** All of them or an error: without `authorizedDatabases`, those that the user may not see would be left out unsaid. */
async function listDatabases(ask: Ask): Promise<readonly string[]> {
  const command = { listDatabases: 1, nameOnly: true, authorizedDatabases: false };
  const { databases } = await ask("admin", command, z.object({ databases: z.array(z.object({ name: z.string() })) }));
  return databases.map(({ name }) => name).filter((name) => !SYSTEM_DATABASES.has(name));
}

interface Collection {
  readonly database: string;
  readonly name: string;
  readonly isView: boolean;
}

async function listCollections(ask: Ask, database: string): Promise<readonly Collection[]> {
  const item = z.object({ name: z.string(), type: z.enum(["collection", "view", "timeseries"]) });
  const { cursor } = await ask(database, { listCollections: 1, nameOnly: true }, whole(item));
  return cursor.firstBatch
    .filter(({ name }) => !SYSTEM_COLLECTION.test(name))
    .map(({ name, type }) => ({ database, name, isView: type === "view" }));
}

async function counted(ask: Ask, { database, name, isView }: Collection): Promise<Namespace> {
  const namespace = `${database}.${name}`;
  if (isView) return { name: namespace, documents: null };
  const estimate = await observe(() => ask(database, { count: name }, z.object({ n: count })));
  return { name: namespace, documents: await confirmed(ask, namespace, estimate) };
}

/** Metadata that was lost in a crash says 0 of what is not empty. */
async function confirmed(ask: Ask, namespace: string, estimate: Observed<{ n: number }>): Promise<Observed<number>> {
  if (!estimate.known) return estimate;
  const { n } = estimate.value;
  if (n > 0) return { known: true, value: n };
  const found = await observe(() => countResults(ask, { namespace, pipeline: [{ $limit: 1 }] }));
  if (!found.known || found.value === 0) return found;
  return notKnown(new OpsError("protocol", `${namespace} counts 0 documents and holds some`));
}

async function countResults(ask: Ask, question: Aggregation): Promise<number> {
  const [counted, more] = await aggregate(ask, question, [{ $count: "value" }]);
  if (counted === undefined) return 0;
  const value = z.safeParse(count, counted["value"]);
  if (!value.success || more !== undefined) throw notMongo("aggregate");
  return value.data;
}

/** More than any question here is answered with: the server then gives all at once. */
const BATCH_DOCUMENTS = 3;

async function aggregate(ask: Ask, { namespace, pipeline }: Aggregation, closing: Aggregation["pipeline"]) {
  const dot = namespace.indexOf(".");
  const command = {
    aggregate: namespace.slice(dot + 1),
    pipeline: [...pipeline, ...closing],
    cursor: { batchSize: BATCH_DOCUMENTS },
  };
  const type = whole(z.record(z.string(), z.unknown()));
  return (await ask(namespace.slice(0, dot), command, type)).cursor.firstBatch;
}
