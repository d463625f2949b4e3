/**
 * A MongoDB deployment, asked what it holds: reads only, each within limits. Failures are OpsError (config, auth,
 * rejected, unavailable, timeout, protocol, aborted); the connection string stands in none of them.
 */
import type { Observed } from "../core/observed.ts";

/** What a restore went to, and what it came from. */
export type MongoRole = "target" | "source";

export interface Mongo {
  /** The hosts of the connection string in lower case: each as `host:port`, or the one name of an SRV record. */
  readonly hosts: readonly string[];
  /** Whether anything answers that accepts us. */
  ping(): Promise<void>;
  describe(): Promise<Deployment>;
  /** All collections and views of users. */
  listNamespaces(): Promise<readonly Namespace[]>;
  /** How many documents an aggregation gives. */
  countResults(question: Aggregation): Promise<number>;
  /** One field of the one document that an aggregation gives. */
  readField(question: Aggregation, field: string): Promise<FieldAnswer>;
  /** When the newest document was made whose id tells it (an ObjectId), of those made by `until`; null: no id tells. */
  newestDocument(namespace: string, until: Date | null): Promise<Date | null>;
  /** Ends open connections; the process could not end by itself otherwise. */
  close(): Promise<void>;
}

export interface Deployment {
  /** Of the server that answered: `8.0.4`. */
  readonly version: string;
  /** `host:port` of each member of the replica set, as it knows itself; null: a router, or a server without one. */
  readonly members: readonly string[] | null;
}

export interface Namespace {
  /** `database.collection` */
  readonly name: string;
  /**
   * How many documents it holds, by the server's own metadata: near the truth, or off after a crash or on a sharded
   * cluster. 0 is always true: it has been looked for one. null for a view.
   */
  readonly documents: Observed<number> | null;
}

export interface Aggregation {
  readonly namespace: string;
  /** Stages that only read: the policy's check has seen to that. */
  readonly pipeline: readonly Readonly<Record<string, unknown>>[];
}

/** `other` names the type of a value that is neither a number nor an instant; `missing` is a type here. */
export type FieldAnswer =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "instant"; readonly value: Date }
  | { readonly kind: "other"; readonly type: string }
  | { readonly kind: "none" }
  | { readonly kind: "several" };
