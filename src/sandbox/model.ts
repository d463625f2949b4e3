/**
 * The sandbox's world as plain data: everything that a state file holds, and nothing else. Instants are ISO 8601 in UTC
 * with whole seconds, so that they read well in the file and compare as text.
 */
import type { Frequency } from "../core/frequency.ts";
import type { PingRecord } from "./pings.ts";
import type { AlertRecord, AwsState, IntegrationRecord } from "./watch.ts";

export { FREQUENCIES, type Frequency } from "../core/frequency.ts";
export type RetentionUnit = "days" | "weeks" | "months" | "years";

/** What the caller's policy asks for, from which a world is made. */
export interface SandboxSeed {
  readonly projectId: string;
  readonly databases: readonly SeedDatabase[];
  /** Alert configurations, and what the project is connected to; absent: none. */
  readonly alerts?: readonly AlertRecord[];
  readonly integrations?: readonly IntegrationRecord[];
  /** MongoDBs of this machine that stand in for clusters, which hold no data here: `127.0.0.1:27018` by cluster. */
  readonly mongo?: Readonly<Record<string, string>>;
}

export interface SeedDatabase {
  readonly cluster: string;
  /** Reach of continuous backup; null: not asked for. */
  readonly continuousWindowDays: number | null;
  readonly snapshots: readonly SeedSnapshots[];
  readonly copies: readonly SeedCopies[];
  readonly masterKeys: readonly string[];
  /** The cluster that a rehearsal of a restore overwrites; absent: none is named. */
  readonly drillTarget?: string;
}

interface SeedSnapshots {
  readonly frequency: Frequency;
  readonly retentionValue: number;
  readonly retentionUnit: RetentionUnit;
  readonly everyHours?: number;
}

interface SeedCopies {
  readonly region: string;
  readonly frequencies: readonly Frequency[];
  readonly oplogs: boolean;
}

/** Raised whenever a state file of before could be misread. */
export const STATE_VERSION = 6;

export interface State {
  readonly version: typeof STATE_VERSION;
  readonly world: string;
  readonly projectId: string;
  readonly createdAt: string;
  /** How far `POST /sandbox/clock` has put the clock forward in all. */
  readonly advancedMs: number;
  /** Up to here the world has lived: what fell due by then has happened. */
  readonly livedUntilAt: string;
  /** How far the `Date` header is off the world's clock. */
  readonly dateSkewMs: number;
  /** Whether the credentials may change anything. */
  readonly mayWrite: boolean;
  /** The project's Backup Compliance Policy; null: it has none. */
  readonly compliance: ComplianceRecord | null;
  readonly clusters: readonly ClusterRecord[];
  readonly flexClusters: readonly FlexRecord[];
  /** What becomes of the restores that are ordered. */
  readonly restoresEnd: RestoresEnd;
  /** Newest first. */
  readonly restoreJobs: readonly RestoreRecord[];
  /** Newest first. */
  readonly collectionRestores: readonly CollectionRestoreRecord[];
  /** Where snapshots can be exported to. */
  readonly exportBuckets: readonly ExportBucketRecord[];
  /** What becomes of the exports that are ordered. */
  readonly exportsEnd: ExportsEnd;
  /** Newest first. */
  readonly exports: readonly ExportRecord[];
  readonly aws: AwsState;
  readonly alerts: readonly AlertRecord[];
  readonly integrations: readonly IntegrationRecord[];
  /** Oldest first. */
  readonly pings: readonly PingRecord[];
}

export interface ClusterRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly type: "REPLICASET" | "SHARDED" | "GEOSHARDED";
  readonly state: "IDLE" | "UPDATING" | "DELETING";
  /** When a cluster that is UPDATING is done with it. */
  readonly updatedAt: string | null;
  readonly paused: boolean;
  /** When it was last set going again; null: it has never stood still. */
  readonly resumedAt: string | null;
  readonly backupEnabled: boolean;
  readonly pitEnabled: boolean;
  /** The customer's key that new snapshots are encrypted with; null: Atlas's own encryption. */
  readonly masterKey: string | null;
  readonly mongodbVersion: string;
  readonly diskSizeGb: number;
  /** Where a MongoDB stands in for it; absent: nowhere. */
  readonly mongo?: string;
  /** What clients do there. */
  readonly writesPerSecond: number;
  readonly connections: number;
  readonly shards: readonly ShardRecord[];
  readonly schedule: ScheduleRecord;
  /** `stopped`: nothing is taken any more, though the schedule stands. */
  readonly scheduler: "running" | "stopped";
  /** What becomes of the next snapshots by hand. */
  readonly onDemand: "completed" | "failed" | "endless";
  /** `shouldCopyOplogs` is taken from no change: https://github.com/hashicorp/terraform-provider-mongodbatlas/issues/1134 */
  readonly ignoresOplogs: boolean;
  /** Newest first. */
  readonly snapshots: readonly SnapshotRecord[];
  /** Parts that these credentials are refused (403). */
  readonly forbidden: readonly ("schedule" | "snapshots")[];
}

export interface ShardRecord {
  readonly id: string;
  readonly replicaSetName: string;
  readonly zoneId: string;
  readonly zoneName: string;
}

export interface ScheduleRecord {
  readonly policyId: string;
  readonly referenceHour: number;
  readonly referenceMinute: number;
  readonly restoreWindowDays: number | null;
  readonly items: readonly ItemRecord[];
  /** Copy settings name items with a retention of their own, in place of frequencies. */
  readonly copiesByItems: boolean;
  readonly copySettings: readonly CopySettingRecord[];
}

export interface RetentionRecord {
  readonly retentionValue: number;
  readonly retentionUnit: RetentionUnit;
}

export interface ItemRecord extends RetentionRecord {
  readonly id: string;
  readonly frequency: Frequency;
  /** Hourly: every so many hours. Weekly: 1 = Monday. Monthly: day, 40 = last. Yearly: month. */
  readonly interval: number;
}

export interface CopySettingRecord {
  readonly zoneId: string;
  readonly regionName: string;
  readonly copies: CopiesRecord;
  readonly oplogs: boolean;
}

export type CopiedFrequency = Frequency | "ondemand";

/** Which snapshots are copied: those of these frequencies, those of these items, or the latest so many. */
export type CopiesRecord =
  | { readonly frequencies: readonly CopiedFrequency[] }
  | { readonly items: readonly CopyItemRecord[] }
  | { readonly latest: number };

export interface CopyItemRecord {
  readonly id: string;
  readonly frequency: CopiedFrequency;
  /** null: on demand. */
  readonly retention: RetentionRecord | null;
}

/** What the schedule of every cluster must hold at least. */
export interface ComplianceRecord {
  readonly pitEnabled: boolean;
  readonly restoreWindowDays: number | null;
  readonly items: readonly ItemRecord[];
  readonly onDemandDays: number;
}

/** One snapshot of a whole cluster; `shards` are the replica sets that it holds. */
export interface SnapshotRecord {
  readonly id: string;
  /** The items that it was taken for: all that fell due together. Empty: taken on demand. */
  readonly itemIds: readonly string[];
  /** That of the rarest of these items; null: taken on demand. */
  readonly frequency: Frequency | null;
  readonly kind: "scheduled" | "onDemand" | "fallback";
  /** queued, inProgress, completed, failed; a world may also put a word here that Atlas does not have. */
  readonly status: string;
  /** What was said when it was taken by hand. */
  readonly description: string | null;
  readonly createdAt: string;
  /** When a running one ends, or has ended; null: it stays as it is. */
  readonly settlesAt: string | null;
  /** How it ends. */
  readonly settlesAs: "completed" | "failed";
  readonly expiresAt: string;
  readonly sizeBytes: number;
  readonly shards: readonly string[];
  readonly copies: readonly { readonly zoneId: string; readonly regionName: string }[];
  readonly masterKey: string | null;
  /** Fields left out of the answers. */
  readonly withheld: readonly string[];
}

/**
 * How restores end: as they should, badly, by Atlas's own doing, never; saying nothing about it that can be read
 * (`unreadable`); or well, but on another cluster than was asked for (`elsewhere`).
 */
export type RestoresEnd = "finished" | "failed" | "cancelled" | "expired" | "endless" | "unreadable" | "elsewhere";

/** What a restore has in common, of a cluster or of collections. Clusters are named, as in Atlas's answers. */
interface RestoreBase {
  readonly id: string;
  readonly source: string;
  readonly snapshotId: string | null;
  /** The instant that was asked for. */
  readonly pointInTimeSeconds: number | null;
  readonly createdAt: string;
  /** When it is over; null: never. */
  readonly settlesAt: string | null;
  readonly settlesAs: RestoresEnd;
}

export interface RestoreRecord extends RestoreBase {
  readonly delivery: "automated" | "pointInTime" | "download";
  /** null: a download has none. */
  readonly target: string | null;
}

export interface CollectionRestoreRecord extends RestoreBase {
  readonly target: string;
  readonly namespaces: readonly string[];
  readonly suffix: string | null;
  readonly writeStrategy: "CREATE_NEW" | "OVERWRITE_EXISTING";
  readonly indexStrategy: "ALL" | "NONE" | "ALL_EXCEPT_TTL";
  readonly errorMessage: string | null;
}

export interface ExportBucketRecord {
  readonly id: string;
  readonly bucket: string;
  /** As Atlas writes it. */
  readonly region: string;
}

/**
 * How exports end: well, badly and half-way, never; or well, but without the mark that they are complete (`unmarked`), or
 * with a mark that counts other files than there are (`miscounted`).
 */
export type ExportsEnd = "successful" | "failed" | "endless" | "unmarked" | "miscounted";

export interface ExportRecord {
  readonly id: string;
  readonly source: string;
  readonly snapshotId: string;
  readonly exportBucketId: string;
  /** Where its objects are in the bucket. */
  readonly prefix: string;
  readonly shards: readonly string[];
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly createdAt: string;
  /** When it is over; null: never. */
  readonly settlesAt: string | null;
  readonly settlesAs: ExportsEnd;
  /** How many of its objects are in the bucket. */
  readonly written: number;
}

export interface FlexRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

/** Whether what has begun has ended. */
export function isOver({ settlesAt }: Pick<RestoreBase, "settlesAt">, nowMs: number): boolean {
  return settlesAt !== null && settlesAt <= iso(nowMs);
}

/** An instant as the state and the wire have it: `2026-11-22T18:03:00Z`. */
export function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
