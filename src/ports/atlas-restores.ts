/**
 * Restores in MongoDB Atlas, in our own words. Atlas erases the target of a restore job without asking, and a collection
 * restore that overwrites drops what it replaces: what is sent here has been planned, and consented to, above.
 */
import type { Observed } from "../core/observed.ts";

export interface AtlasRestores {
  /** Restore jobs of a source cluster, in no promised order; what cannot be read of one is not known. */
  listRestoreJobs(projectId: string, sourceName: string): Promise<readonly RestoreJob[]>;
  /** Under the source cluster, wherever it restores to. */
  getRestoreJob(projectId: string, sourceName: string, jobId: string): Promise<RestoreJob>;
  /** Sent once, like every write. */
  startRestore(projectId: string, sourceName: string, order: RestoreOrder): Promise<RestoreJob>;
  /** Atlas cancels downloads only; of what it will not cancel it says `rejected`. */
  cancelRestoreJob(projectId: string, sourceName: string, jobId: string): Promise<void>;
  listCollectionRestores(projectId: string, sourceName: string): Promise<readonly CollectionRestore[]>;
  getCollectionRestore(projectId: string, sourceName: string, jobId: string): Promise<CollectionRestore>;
  startCollectionRestore(
    projectId: string,
    sourceName: string,
    order: CollectionRestoreOrder,
  ): Promise<CollectionRestore>;
  /** Namespaces (`db.collection`) that a completed snapshot holds. */
  listSnapshotNamespaces(projectId: string, clusterName: string, snapshotId: string): Promise<readonly string[]>;
  /** What a cluster's primaries do now, over the last minutes. */
  getActivity(projectId: string, clusterName: string): Promise<ClusterActivity>;
}

/** Where a restore begins: a snapshot as it is, or an instant in whole seconds. */
export type RestorePoint =
  | { readonly kind: "snapshot"; readonly snapshotId: string }
  | { readonly kind: "instant"; readonly at: Date };

export interface RestoreOrder {
  readonly point: RestorePoint;
  readonly targetProjectId: string;
  readonly targetName: string;
}

export const DELIVERIES = ["automated", "pointInTime", "download"] as const;
export type Delivery = (typeof DELIVERIES)[number];

export interface RestoreJob {
  readonly id: Observed<string>;
  readonly delivery: Observed<Delivery>;
  readonly targetProjectId: Observed<string | null>;
  readonly targetName: Observed<string | null>;
  readonly snapshotId: Observed<string | null>;
  /** The instant that was asked for; null where none was. */
  readonly pointInTimeAt: Observed<Date | null>;
  readonly cancelled: Observed<boolean>;
  readonly failed: Observed<boolean>;
  readonly expired: Observed<boolean>;
  readonly finishedAt: Observed<Date | null>;
  /** From the id, which holds the second in which it was made. */
  readonly createdAt: Observed<Date>;
}

export interface CollectionRestoreOrder {
  readonly point: RestorePoint;
  readonly targetProjectId: string;
  readonly targetName: string;
  /** `db.collection`. */
  readonly namespaces: readonly string[];
  /** Appended to the names of the new collections; null: they keep their names. */
  readonly suffix: string | null;
  readonly overwrites: boolean;
}

export const COLLECTION_RESTORE_STATES = [
  "INITIALIZING",
  "IN_PROGRESS",
  "FINALIZING",
  "SUCCESSFUL",
  "CANCELED",
  "FAILED",
] as const;

export interface CollectionRestore {
  readonly id: Observed<string>;
  readonly state: Observed<(typeof COLLECTION_RESTORE_STATES)[number]>;
  readonly targetProjectId: Observed<string>;
  readonly targetName: Observed<string>;
  readonly snapshotId: Observed<string | null>;
  readonly pointInTimeAt: Observed<Date | null>;
  readonly namespaces: Observed<readonly string[]>;
  readonly suffix: Observed<string | null>;
  readonly overwrites: Observed<boolean>;
  readonly restoredDocuments: Observed<number | null>;
  readonly totalDocuments: Observed<number | null>;
  readonly errorMessage: Observed<string | null>;
  readonly createdAt: Observed<Date>;
  readonly finishedAt: Observed<Date | null>;
}

export interface ClusterActivity {
  /** Inserts, updates and deletes of clients per second, at most over the minutes looked at; summed over primaries. */
  readonly writesPerSecond: Observed<number>;
  readonly connections: Observed<number>;
}
