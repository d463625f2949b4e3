/**
 * What we may change in MongoDB Atlas, in our own words. A write is sent once: it is repeated only where Atlas refused it
 * before it could act (429, and a stale authentication). Its failures say what may have become of it: see `mayHaveActed` in core/error.ts.
 */
import type { Frequency } from "../core/frequency.ts";
import type { Observed } from "../core/observed.ts";
import type { Retention, Snapshot } from "./atlas.ts";

export interface AtlasChanges {
  /** Queues a snapshot by hand; the answer is the snapshot as Atlas took it down. */
  takeSnapshot(projectId: string, clusterName: string, order: SnapshotOrder): Promise<Snapshot>;
  /** Replaces the policy items of the schedule, and whatever else the change names; the rest stays as it is. */
  updateSchedule(projectId: string, clusterName: string, change: ScheduleChange): Promise<void>;
  updateCluster(projectId: string, clusterName: string, change: ClusterChange): Promise<void>;
  /** Alone in its request, as Atlas demands: https://www.mongodb.com/docs/atlas/pause-terminate-cluster/ */
  setPaused(projectId: string, clusterName: string, paused: boolean): Promise<void>;
}

export interface SnapshotOrder {
  readonly description: string;
  readonly retentionDays: number;
}

/** Neither can be turned off here: that deletes what they have kept. */
export interface ClusterChange {
  readonly backupEnabled?: true;
  readonly pitEnabled?: true;
}

export interface ScheduleChange {
  readonly policyId: string;
  /** All of them: an item that is left out, Atlas deletes. */
  readonly items: readonly PolicyItem[];
  readonly restoreWindowDays?: number;
  /** The whole list: a setting that is left out, Atlas removes. */
  readonly copySettings?: readonly CopySettingChange[];
  /** UTC. */
  readonly referenceTime?: TimeOfDay;
  /** Existing snapshots get the new retention too. */
  readonly updatesSnapshots?: true;
}

export interface PolicyItem {
  /** Absent: a new item. */
  readonly id?: string;
  readonly frequency: Frequency | "ondemand";
  readonly interval: number;
  readonly retention: Retention;
}

export interface CopySettingChange {
  /** In the form of AWS: `ap-southeast-1`. */
  readonly region: string;
  readonly provider: "AWS" | "AZURE" | "GCP";
  readonly zoneId: string;
  readonly copies: CopiedSnapshots;
  readonly oplogs: boolean;
}

/** The three ways in which Atlas writes which snapshots are copied. */
export type CopiedSnapshots =
  | { readonly by: "frequencies"; readonly frequencies: readonly (Frequency | "onDemand")[] }
  | { readonly by: "items"; readonly items: readonly CopyItem[] }
  | { readonly by: "count"; readonly lastNumberOfSnapshots: number };

export interface CopyItem {
  /** Absent: a new item. */
  readonly id?: string;
  readonly frequency: Frequency | "onDemand";
  /** null: on demand, kept as long as its snapshot. */
  readonly retention: Retention | null;
}

export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
}

/** A project's Backup Compliance Policy, as far as it can refuse a schedule. It is read, never written. */
export interface CompliancePolicy {
  readonly state: Observed<"ACTIVE" | "ENABLING" | "UPDATING" | "DISABLING">;
  readonly copyProtection: Observed<boolean>;
  readonly pitEnabled: Observed<boolean>;
  readonly restoreWindowDays: Observed<number | null>;
  readonly items: Observed<
    readonly { readonly frequency: Frequency; readonly interval: number; readonly retention: Retention }[]
  >;
  readonly onDemandRetention: Observed<Retention | null>;
}

/** The course of a cluster's snapshots, from the events of its project. */
export interface SnapshotEvent {
  readonly at: Date;
  readonly kind: "started" | "completed";
}
