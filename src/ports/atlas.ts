import type { Frequency } from "../core/frequency.ts";
import type { Observed } from "../core/observed.ts";
import type { AtlasAlerts } from "./atlas-alerts.ts";
import type { AtlasChanges, CompliancePolicy, CopiedSnapshots, SnapshotEvent, TimeOfDay } from "./atlas-changes.ts";
import type { AtlasExports } from "./atlas-exports.ts";
import type { AtlasRestores } from "./atlas-restores.ts";

/**
 * What we ask MongoDB Atlas, in our own words. Every field that a verdict may rest on is `Observed`: an answer
 * that lacks it, has it in another type, or holds a value that we do not know, leaves that field not known and
 * the rest readable. `null` means that Atlas left an optional field out.
 *
 * Every method: `list` follows all pages or throws, `get` throws `not-found`; failures are OpsError
 * (auth, not-found, rejected, throttled, unavailable, timeout, protocol, aborted).
 */
export interface Atlas extends AtlasAlerts, AtlasChanges, AtlasExports, AtlasRestores {
  /** Dedicated clusters of a project (flex clusters are not among them). */
  listClusters(projectId: string): Promise<readonly Cluster[]>;
  /** One dedicated cluster by name. */
  getCluster(projectId: string, name: string): Promise<Cluster>;
  listFlexClusters(projectId: string): Promise<readonly FlexCluster[]>;
  getSchedule(projectId: string, clusterName: string): Promise<Schedule>;
  /** Snapshots of a replica set, newest and oldest in no promised order. */
  listSnapshots(projectId: string, clusterName: string): Promise<readonly Snapshot[]>;
  /** Snapshots of a sharded cluster: each is a unit over all shards (`members`). */
  listShardedSnapshots(projectId: string, clusterName: string): Promise<readonly Snapshot[]>;
  /** Snapshots of a flex cluster: fewer fields; what flex does not have is `null`. */
  listFlexSnapshots(projectId: string, clusterName: string): Promise<readonly Snapshot[]>;
  /** One snapshot by its id: of a sharded cluster, the unit over all shards. */
  getSnapshot(projectId: string, clusterName: string, snapshotId: string, sharded: boolean): Promise<Snapshot>;
  /** When snapshots of a cluster began and completed since an instant, in no promised order. */
  listSnapshotEvents(projectId: string, clusterName: string, since: Date): Promise<readonly SnapshotEvent[]>;
  /** null: the project has none. */
  getCompliancePolicy(projectId: string): Promise<CompliancePolicy | null>;
  /** Atlas's clock minus ours, from the `Date` header of the answers so far, with half the round trip as its error. */
  clockSkew(): Observed<ClockSkew>;
  /** Whether these credentials may do what `probe` reads: false on 403, but a 403 about our address throws `auth`. */
  probe(projectId: string, probe: AccessProbe): Promise<boolean>;
  /** Ends open connections; the process could not end by itself otherwise. */
  close(): Promise<void>;
}

export interface ClockSkew {
  readonly skewMs: number;
  readonly uncertaintyMs: number;
}

/**
 * Reads that stand for a role: the project itself, restore jobs (Backup Manager), compliance policy (Owner).
 * Atlas has no read of a whole project that demands Backup Manager, so that probe needs a cluster.
 */
export type AccessProbe =
  | { readonly kind: "project" }
  | { readonly kind: "backup-manager"; readonly clusterName: string }
  | { readonly kind: "owner" };

export const CLUSTER_STATES = ["IDLE", "CREATING", "UPDATING", "DELETING", "REPAIRING"] as const;
export type ClusterState = (typeof CLUSTER_STATES)[number];
export const CLUSTER_TYPES = ["REPLICASET", "SHARDED", "GEOSHARDED"] as const;
export type ClusterType = (typeof CLUSTER_TYPES)[number];
export const ENCRYPTION_PROVIDERS = ["NONE", "AWS", "AZURE", "GCP"] as const;
type EncryptionProvider = (typeof ENCRYPTION_PROVIDERS)[number];

export const CONFIG_SERVER_TYPES = ["EMBEDDED", "DEDICATED"] as const;
type ConfigServerType = (typeof CONFIG_SERVER_TYPES)[number];

export interface Cluster {
  readonly name: string;
  readonly id: Observed<string>;
  readonly type: Observed<ClusterType>;
  readonly state: Observed<ClusterState>;
  readonly paused: Observed<boolean>;
  readonly createdAt: Observed<Date>;
  readonly backupEnabled: Observed<boolean>;
  readonly pitEnabled: Observed<boolean>;
  /** null: Atlas did not say. */
  readonly encryptionAtRestProvider: Observed<EncryptionProvider | null>;
  /** A free (M0) or shared tier, which has no backups at all. */
  readonly freeTier: boolean;
  /** On local NVMe disks, which Atlas takes hourly snapshots of every 12 hours only. */
  readonly nvme: Observed<boolean>;
  /** Every host of its connection strings, in lower case: `host:port`, and the names of SRV records alone. */
  readonly hosts: Observed<readonly string[]>;
  /** `8.0.15`; null where Atlas does not say. */
  readonly mongodbVersion: Observed<string | null>;
  /** Disk of a data-bearing node, the smallest of them, in GB of 10^9 bytes as Atlas counts; null where it does not say. */
  readonly diskSizeGb: Observed<number | null>;
  /** null: a replica set has none. */
  readonly configServerType: Observed<ConfigServerType | null>;
  /** Of each shard, in the form of AWS and by priority: its snapshots lie in the first. */
  readonly regions: Observed<readonly (readonly string[])[]>;
  /** One entry per shard (a replica set has one); each names its zone. */
  readonly shards: Observed<readonly Shard[]>;
}

export interface Shard {
  readonly zoneId: string;
}

export interface FlexCluster {
  readonly name: string;
  readonly id: Observed<string>;
  readonly state: Observed<ClusterState>;
  readonly createdAt: Observed<Date>;
  readonly backupEnabled: Observed<boolean>;
}

export const RETENTION_UNITS = ["days", "weeks", "months", "years"] as const;
export type RetentionUnit = (typeof RETENTION_UNITS)[number];

export interface Schedule {
  /** Id of the one policy that holds the items. */
  readonly policyId: Observed<string>;
  readonly items: Observed<readonly ScheduleItem[]>;
  readonly restoreWindowDays: Observed<number | null>;
  readonly copySettings: Observed<readonly CopySetting[]>;
  readonly nextSnapshotAt: Observed<Date | null>;
  /** UTC; null where Atlas names none. */
  readonly referenceTime: Observed<TimeOfDay | null>;
  /** Atlas keeps the copy settings in step with the cluster's regions by itself. */
  readonly copiesAutomatically: Observed<boolean | null>;
  /** Days that snapshots of a frequency are kept beyond their retention; empty: none are. */
  readonly extraRetention: Observed<readonly { readonly frequency: Frequency; readonly days: number }[]>;
  /** How copy settings are written in this schedule: by items with a retention of their own, or by frequencies. */
  readonly copiesByItems: Observed<boolean | null>;
}

/** A policy item of the live schedule. `frequency` is never "ondemand" here: that item schedules nothing. */
export interface ScheduleItem {
  readonly id: Observed<string>;
  readonly frequency: Observed<Frequency | "ondemand">;
  /** Hourly: every so many hours. Weekly: day 1 = Monday. Monthly: day, 40 = last. Yearly: month. */
  readonly interval: Observed<number>;
  readonly retention: Observed<Retention>;
}

export interface Retention {
  readonly value: number;
  readonly unit: RetentionUnit;
}

export interface CopySetting {
  /** In the form of AWS: `ap-southeast-1` (Atlas writes AP_SOUTHEAST_1). */
  readonly region: Observed<string>;
  /** null where Atlas names none. */
  readonly provider: Observed<CloudProvider | null>;
  readonly zoneId: Observed<string>;
  /** Which snapshots are copied, whole: what has to be sent to leave the setting as it is. */
  readonly copies: Observed<CopiedSnapshots>;
  /**
   * Frequencies that are copied, whichever of Atlas's two forms says so; `onDemand` stands for on-demand snapshots.
   * Empty where `lastNumberOfSnapshots` takes their place.
   */
  readonly frequencies: Observed<readonly (Frequency | "onDemand")[]>;
  /** How long copies of a frequency are kept, where the setting says so itself; else as long as their snapshots. */
  readonly retentions: Observed<readonly { readonly frequency: Frequency; readonly retention: Retention }[]>;
  readonly copiesOplogs: Observed<boolean>;
  /** The latest so many snapshots are copied, of whatever frequency; null: it goes by `frequencies`. */
  readonly lastNumberOfSnapshots: Observed<number | null>;
}

export const CLOUD_PROVIDERS = ["AWS", "AZURE", "GCP"] as const;
type CloudProvider = (typeof CLOUD_PROVIDERS)[number];

export const SNAPSHOT_STATUSES = ["queued", "inProgress", "completed", "failed"] as const;
export type SnapshotStatus = (typeof SNAPSHOT_STATUSES)[number];
export const SNAPSHOT_KINDS = ["onDemand", "scheduled", "fallback"] as const;
type SnapshotKind = (typeof SNAPSHOT_KINDS)[number];

export interface Snapshot {
  readonly id: Observed<string>;
  /** null where Atlas gives none. */
  readonly type: Observed<"replicaSet" | "shardedCluster" | null>;
  readonly status: Observed<SnapshotStatus>;
  readonly kind: Observed<SnapshotKind>;
  /** What was said when it was taken by hand; null where nothing was. */
  readonly description: Observed<string | null>;
  /** null where Atlas gives none (on-demand snapshots). */
  readonly frequency: Observed<Frequency | null>;
  /** Ids of the schedule's items that this snapshot was taken for; empty where Atlas gives none. */
  readonly policyItemIds: Observed<readonly string[]>;
  readonly createdAt: Observed<Date>;
  readonly expiresAt: Observed<Date | null>;
  readonly sizeBytes: Observed<number | null>;
  /** Regions (in the form of AWS) that hold a copy; null where Atlas does not say (sharded units, flex). */
  readonly copyRegions: Observed<readonly string[] | null>;
  readonly masterKeyId: Observed<string | null>;
  readonly mongodVersion: Observed<string | null>;
  /** Of a sharded unit; null where Atlas gives none. */
  readonly configServerType: Observed<ConfigServerType | null>;
  /** The parts of a sharded unit; null for a replica set. */
  readonly members: Observed<readonly SnapshotMember[] | null>;
}

export interface SnapshotMember {
  readonly id: string;
  readonly replicaSetName: string;
}
