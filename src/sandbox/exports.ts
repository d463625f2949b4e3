/** Exports of snapshots into a bucket: what Atlas refuses, what it takes, and what it tells of them. */
import { type Answer, ok, refuse } from "./answer.ts";
import { list, object, readBody, text } from "./body.ts";
import type { Changed, Order } from "./changes.ts";
import { exportProgress, exportSettlesAt } from "./export-course.ts";
import { objectId } from "./ids.ts";
import {
  type ClusterRecord,
  type ExportBucketRecord,
  type ExportRecord,
  isOver,
  iso,
  type SnapshotRecord,
  type State,
} from "./model.ts";
import { organisationId } from "./wire.ts";

type Body = Readonly<Record<string, unknown>>;

const EXPORT_ORDER = object(
  { snapshotId: text, exportBucketId: text },
  { customData: list(object({ key: text, value: text }, {})) },
);

export function startExport({ state, cluster, nowMs, sent, date }: Order): Changed | Answer {
  const body = readBody(sent, date, EXPORT_ORDER);
  if ("status" in body) return body;
  const { snapshotId, exportBucketId, customData = [] } = body.value;
  if (state.exportBuckets.every(({ id }) => id !== exportBucketId)) return noExportBucket(exportBucketId);
  const snapshot = cluster.snapshots.find(({ id }) => id === snapshotId);
  if (snapshot === undefined) {
    return refuse(404, "SNAPSHOT_NOT_FOUND", `There is no snapshot ${snapshotId} of ${cluster.name}.`, [snapshotId]);
  }
  const obstacle = obstacleOf(snapshot, state, nowMs);
  if (obstacle !== null) return refuse(400, "ATLAS_GENERAL_ERROR", obstacle, [snapshotId]);
  const job: ExportRecord = {
    id: objectId(nowMs, cluster.id, "export", String(state.exports.length)),
    source: cluster.name,
    snapshotId,
    exportBucketId,
    prefix: prefixOf(state, cluster, snapshot, nowMs),
    shards: snapshot.shards,
    labels: customData,
    createdAt: iso(nowMs),
    settlesAt: exportSettlesAt(state.exportsEnd, nowMs),
    settlesAs: state.exportsEnd,
    written: 0,
  };
  return { answer: ok(exportBody(job, nowMs)), state: { ...state, exports: [job, ...state.exports] } };
}

/** https://www.mongodb.com/docs/atlas/backup/cloud-backup/export/ (Limitations); by which codes is not told. */
function obstacleOf({ id, kind, status }: SnapshotRecord, { exports }: State, nowMs: number): string | null {
  if (status !== "completed") return `The snapshot ${id} is ${status}.`;
  if (kind === "fallback") return `The snapshot ${id} is a fallback one.`;
  const isActive = exports.some((job) => job.snapshotId === id && !isOver(job, nowMs));
  return isActive ? `The snapshot ${id} is being exported already.` : null;
}

/** By ids, as where nobody asked for names; the instants are the snapshot's and the order's. */
function prefixOf(state: State, cluster: ClusterRecord, { createdAt }: SnapshotRecord, nowMs: number): string {
  const takenAt = createdAt.slice(0, "2026-11-22T18:03".length).replace(":", "");
  const place = [organisationId(state), state.projectId, cluster.name, takenAt, Math.floor(nowMs / 1000)];
  return ["exported_snapshots", ...place].join("/");
}

export function exportBody(job: ExportRecord, nowMs: number): Body {
  const { state, exported, total } = exportProgress(job, nowMs);
  return {
    id: job.id,
    snapshotId: job.snapshotId,
    exportBucketId: job.exportBucketId,
    prefix: job.prefix,
    state,
    ...(state === "Failed" ? { stateReason: { errorCode: "EXPORT_FAILED", message: "The export was cut off." } } : {}),
    exportStatus: { exportedCollections: exported, totalCollections: total },
    createdAt: job.createdAt,
    ...(isOver(job, nowMs) ? { finishedAt: job.settlesAt } : {}),
    customData: job.labels,
    components: [],
    links: [],
  };
}

export function exportBucketBody({ id, bucket, region }: ExportBucketRecord): Body {
  const iamRoleId = objectId(0, id, "role");
  return { _id: id, bucketName: bucket, cloudProvider: "AWS", iamRoleId, region, requirePrivateNetworking: false };
}

export function noExport(id: string): Answer {
  return refuse(404, "RESOURCE_NOT_FOUND", `There is no export ${id} of this cluster.`, [id]);
}

export function noExportBucket(id: string): Answer {
  return refuse(404, "EXPORT_BUCKET_NOT_FOUND", `There is no export bucket ${id}.`, [id]);
}
