/** What a restore needs, of clusters and of collections alike: a point to begin from, and a cluster to restore to. */
import { DAY_MS } from "../core/duration.ts";
import { type Answer, refuse } from "./answer.ts";
import { type ClusterRecord, iso, type SnapshotRecord, type State } from "./model.ts";
import { isBeingRestored, isInBlackout } from "./restore-jobs.ts";
import { memberBodies } from "./wire.ts";

/** The completed snapshot that is asked for, or that an instant builds upon. */
export type Point = { readonly snapshotId: string } | { readonly seconds: number };

export function snapshotFor(point: Point, source: ClusterRecord, state: State, nowMs: number): SnapshotRecord | Answer {
  return "seconds" in point ? before(point.seconds, source, state, nowMs) : named(point.snapshotId, source, nowMs);
}

function named(id: string, source: ClusterRecord, nowMs: number): SnapshotRecord | Answer {
  const snapshot = source.snapshots.find((one) => one.id === id);
  if (snapshot === undefined) {
    const isMember = memberBodies(source, nowMs).some((body) => body["id"] === id);
    if (!isMember) return refuse(404, "SNAPSHOT_NOT_FOUND", `There is no snapshot ${id} of ${source.name}.`, [id]);
    return refuse(400, "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED", `${id} is of one shard: restore its unit.`, [id]);
  }
  if (snapshot.status === "completed") return snapshot;
  const code = "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT";
  return refuse(409, code, `The snapshot ${id} is ${snapshot.status}.`, [id]);
}

const DEFAULT_WINDOW_DAYS = 7;

function before(seconds: number, source: ClusterRecord, state: State, nowMs: number): SnapshotRecord | Answer {
  if (!Number.isInteger(seconds)) return refuse(400, "FRACTIONAL_TIMESTAMP", "The instant must be a whole second.");
  const atMs = seconds * 1000;
  const windowMs = (source.schedule.restoreWindowDays ?? DEFAULT_WINDOW_DAYS) * DAY_MS;
  const isOutside = atMs > nowMs || atMs < nowMs - windowMs;
  if (!source.pitEnabled || isOutside || isInBlackout(state, source, atMs)) {
    return refuse(400, "INVALID_PIT_RESTORE_TIME", `${source.name} cannot be restored to ${seconds}.`, [seconds]);
  }
  const base = source.snapshots.find((one) => one.status === "completed" && one.createdAt <= iso(atMs));
  if (base !== undefined) return base;
  const code = "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME"; // with a zero, as Atlas spells it
  return refuse(404, code, `${source.name} has no snapshot from before ${seconds}.`, [seconds]);
}

interface TargetNames {
  readonly targetGroupId: string;
  readonly targetClusterName: string;
}

/** A running cluster of the project that nothing is restored to just now. */
export function targetOf(names: TargetNames, state: State, nowMs: number): ClusterRecord | Answer {
  const { targetGroupId, targetClusterName: name } = names;
  if (targetGroupId !== state.projectId) {
    return refuse(403, "CANNOT_RESTORE_TO_TARGET", `These credentials may not restore to ${targetGroupId}.`, [name]);
  }
  if (state.flexClusters.some((flex) => flex.name === name)) {
    return refuse(403, "CANNOT_RESTORE_TO_TARGET", `${name} is a flex cluster.`, [name]);
  }
  const target = state.clusters.find((cluster) => cluster.name === name);
  if (target === undefined) return refuse(404, "CLUSTER_NOT_FOUND", `There is no cluster ${name}.`, [name]);
  if (target.paused) return refuse(400, "CLUSTER_PAUSED_CANNOT_RESTORE", `${name} is paused.`, [name]);
  if (target.state === "DELETING") {
    return refuse(409, "CLUSTER_ALREADY_REQUESTED_DELETION", `${name} is being deleted.`, [name]);
  }
  if (isBeingRestored(state, target, nowMs)) {
    return refuse(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", `${name} is being restored.`, [name]);
  }
  return target;
}

/** A whole cluster goes only where it fits: https://www.mongodb.com/docs/atlas/backup/cloud-backup/restore-from-snapshot/ */
export function misfit(snapshot: SnapshotRecord, source: ClusterRecord, target: ClusterRecord): Answer | null {
  if (
    target.shards.length !== source.shards.length ||
    (target.type === "REPLICASET") !== (source.type === "REPLICASET")
  ) {
    return refuse(409, "RESTORE_INITIATION_FAILED", `${target.name} has other shards than ${source.name}.`, [
      target.name,
    ]);
  }
  if ((snapshot.masterKey === null) !== (target.masterKey === null)) {
    const code = "INVALID_SNAPSHOT_RESTORE_ENCRYPTION";
    return refuse(400, code, `${target.name} and the snapshot are not encrypted alike.`, [target.name]);
  }
  return null;
}

/** Nobody refuses these, and the restore fails on the way: the target has lost its data by then. */
export function cannotHold(snapshot: SnapshotRecord, source: ClusterRecord, target: ClusterRecord): boolean {
  const isSmall = target.diskSizeGb * 1e9 < snapshot.sizeBytes;
  return isSmall || majorOf(target.mongodbVersion) < majorOf(source.mongodbVersion);
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
