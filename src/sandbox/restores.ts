/** Orders to restore a cluster: what Atlas refuses, what it takes, and what of it can be called off. */
import { type Answer, ok, refuse } from "./answer.ts";
import { number, object, oneOf, readBody, text } from "./body.ts";
import type { Changed, Order } from "./changes.ts";
import { downloadCourse, refusedDownload } from "./downloads.ts";
import { objectId } from "./ids.ts";
import { type ClusterRecord, isOver, iso, type RestoreRecord, type RestoresEnd, type SnapshotRecord } from "./model.ts";
import { restoreJobBody, restoreMs } from "./restore-jobs.ts";
import { cannotHold, misfit, type Point, snapshotFor, targetOf } from "./restore-rules.ts";

const RESTORE_ORDER = object(
  { deliveryType: oneOf(["automated", "pointInTime", "download"]) },
  { snapshotId: text, pointInTimeUTCSeconds: number, targetClusterName: text, targetGroupId: text },
);

export function startRestore(order: Order): Changed | Answer {
  const { state, cluster: source, nowMs, sent, date } = order;
  const body = readBody(sent, date, RESTORE_ORDER);
  if ("status" in body) return body;
  const { deliveryType, snapshotId, pointInTimeUTCSeconds: seconds, targetClusterName, targetGroupId } = body.value;
  const point = pointOf(deliveryType === "pointInTime" ? "pointInTimeUTCSeconds" : "snapshotId", snapshotId, seconds);
  if ("status" in point) return point;
  const snapshot = snapshotFor(point, source, state, nowMs);
  if (!("sizeBytes" in snapshot)) return snapshot;
  if (deliveryType === "download") {
    return refusedDownload(state, snapshot, nowMs) ?? started(order, download(order, snapshot));
  }
  if (targetClusterName === undefined || targetGroupId === undefined) {
    return refuse(400, "MISSING_ATTRIBUTE", "A restore to a cluster names its project and itself.", [
      "targetClusterName",
    ]);
  }
  const target = targetOf({ targetClusterName, targetGroupId }, state, nowMs);
  if (!("shards" in target)) return target;
  return misfit(snapshot, source, target) ?? started(order, restore(order, point, snapshot, target));
}

/** What the order begins from; the other of the two must not be there. */
export function pointOf(wanted: string, snapshotId: string | undefined, seconds: number | undefined): Point | Answer {
  const isInstant = wanted !== "snapshotId";
  if (isInstant ? seconds === undefined : snapshotId === undefined) {
    return refuse(400, "MISSING_ATTRIBUTE", `${wanted} is missing.`, [wanted]);
  }
  if (seconds !== undefined && snapshotId !== undefined) {
    return refuse(400, "INVALID_ATTRIBUTE", "A restore begins from a snapshot or an instant.", [wanted]);
  }
  if (snapshotId !== undefined) return { snapshotId };
  const isInRange = seconds !== undefined && seconds >= FIRST_SECOND && seconds <= LAST_SECOND;
  return isInRange ? { seconds } : refuse(400, "INVALID_ATTRIBUTE", `${wanted} is out of range.`, [wanted]);
}

/** 2008, as Atlas has it, and the end of 32 bits, which milliseconds are beyond. */
const FIRST_SECOND = 1_199_145_600;
const LAST_SECOND = 2 ** 31 - 1;

function restore(order: Order, point: Point, snapshot: SnapshotRecord, asked: ClusterRecord): RestoreRecord {
  const { state, cluster: source, nowMs } = order;
  const elsewhere = state.clusters.find(({ name }) => name !== asked.name) ?? asked;
  const target = state.restoresEnd === "elsewhere" ? elsewhere : asked;
  const delivery = "seconds" in point ? "pointInTime" : "automated";
  const id = newId(order);
  const settlesAs: RestoresEnd = cannotHold(snapshot, source, target) ? "failed" : state.restoresEnd;
  return {
    id,
    source: source.name,
    target: target.name,
    delivery,
    snapshotId: "seconds" in point ? null : snapshot.id,
    pointInTimeSeconds: "seconds" in point ? point.seconds : null,
    createdAt: iso(nowMs),
    settlesAt: settlesAs === "endless" ? null : iso(nowMs + restoreMs(id, snapshot, delivery)),
    settlesAs,
  };
}

function download(order: Order, snapshot: SnapshotRecord): RestoreRecord {
  return {
    id: newId(order),
    source: order.cluster.name,
    target: null,
    delivery: "download",
    snapshotId: snapshot.id,
    pointInTimeSeconds: null,
    createdAt: iso(order.nowMs),
    ...downloadCourse(order.state, order.nowMs),
  };
}

function newId({ state, cluster, nowMs }: Order): string {
  return objectId(nowMs, cluster.id, "restore", String(state.restoreJobs.length));
}

function started({ state, nowMs, url }: Order, job: RestoreRecord): Changed {
  const changed = { ...state, restoreJobs: [job, ...state.restoreJobs] };
  return { answer: ok(restoreJobBody(job, changed, nowMs, url.origin)), state: changed };
}

/** Downloads only: https://www.mongodb.com/docs/atlas/reference/api-errors/ (CANNOT_CANCEL_AUTOMATED_RESTORE) */
export function cancelRestore({ state, cluster, nowMs, id }: Order): Changed | Answer {
  const job = state.restoreJobs.find((one) => one.id === id && one.source === cluster.name);
  if (job === undefined) return noRestore(id);
  if (job.delivery !== "download") {
    return refuse(400, "CANNOT_CANCEL_AUTOMATED_RESTORE", "A restore to a cluster cannot be cancelled.", [id]);
  }
  const cancelled = { ...job, settlesAt: iso(nowMs), settlesAs: "cancelled" } as const;
  const restoreJobs = state.restoreJobs.map((one) => (one === job && !isOver(job, nowMs) ? cancelled : one));
  return { answer: { status: 204, body: "" }, state: { ...state, restoreJobs } };
}

export function noRestore(id: string): Answer {
  return refuse(404, "RESTORE_JOB_NOT_FOUND", `There is no restore job ${id} of this cluster.`, [id]);
}
