/** The driver's client: few connections, short limits, never a write, never a password in the clear. */
import { MongoClient } from "mongodb";
import { OpsError } from "../../core/error.ts";
import { translateUri } from "./failure.ts";

export interface MongoLimits {
  readonly connectMs: number;
  /** For finding a server that may be asked. */
  readonly selectionMs: number;
  /** What a server may spend on one command. */
  readonly commandMs: number;
  /** For a call as a whole, its repetition included. */
  readonly callMs: number;
  readonly closeMs: number;
  readonly connections: number;
  readonly attempts: number;
}

export const MONGO_LIMITS: MongoLimits = {
  connectMs: 10_000,
  selectionMs: 15_000,
  commandMs: 60_000,
  callMs: 90_000,
  closeMs: 2_000,
  connections: 4,
  attempts: 2,
};

export interface Opening {
  readonly uri: string;
  /** Where the connection string came from: it is named in its stead. */
  readonly variable: string;
  readonly loopbackOnly?: boolean;
}

/** Nothing is sent yet. */
export function openClient({ uri, variable, loopbackOnly = false }: Opening, limits: MongoLimits): MongoClient {
  const client = make(uri, variable, limits);
  const { srvHost, hosts } = client.options;
  if (srvHost === undefined && hosts.every(({ host }) => host !== undefined && LOOPBACK.has(host))) return client;
  if (loopbackOnly)
    throw new OpsError("config", `a rehearsal asks no real database: ${variable} names another host than this one`);
  if (client.options.tls === true) return client;
  throw new OpsError("config", `${variable} asks for no TLS: the password would travel in the clear`, {
    hint: "use the mongodb+srv:// connection string that Atlas shows, or add tls=true",
  });
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "::1"]);

/** As they stand in the connection string, in lower case: each with its port, or the one name of an SRV record. */
export function hostsOf({ options: { srvHost, hosts } }: MongoClient): readonly string[] {
  return (srvHost === undefined ? hosts.map(String) : [srvHost]).map((host) => host.toLowerCase());
}

/** What is given here outranks the connection string. */
function make(uri: string, variable: string, limits: MongoLimits): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: "litally-ops",
      readPreference: "secondaryPreferred",
      retryWrites: false,
      minPoolSize: 0,
      maxPoolSize: limits.connections,
      connectTimeoutMS: limits.connectMs,
      serverSelectionTimeoutMS: limits.selectionMs,
      waitQueueTimeoutMS: limits.callMs,
      socketTimeoutMS: limits.callMs,
    });
  } catch (error) {
    throw translateUri(error, variable);
  }
}
