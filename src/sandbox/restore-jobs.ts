/**
 * Restore jobs of whole clusters as they go on: all of their course follows from when they began and when they end, so
 * nothing is written when time passes.
 */
import { HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import { deliveryBody } from "./downloads.ts";
import { jitter, objectId } from "./ids.ts";
import { type ClusterRecord, isOver, iso, type RestoreRecord, type SnapshotRecord, type State } from "./model.ts";

type Body = Readonly<Record<string, unknown>>;

/** 48 GB take ten minutes, an instant a fifth more for its oplog; give or take a tenth, and two minutes at least. */
const MS_PER_BYTE = (10 * MINUTE_MS) / 48e9;
const OPLOG_FACTOR = 1.2;
const NOISE = 0.1;
const SHORTEST_MS = 2 * MINUTE_MS;

export function restoreMs(id: string, snapshot: SnapshotRecord, delivery: RestoreRecord["delivery"]): number {
  const factor = (delivery === "pointInTime" ? OPLOG_FACTOR : 1) * (1 + NOISE * (2 * jitter(id) - 1));
  return Math.max(SHORTEST_MS, Math.ceil((snapshot.sizeBytes * MS_PER_BYTE * factor) / 1000) * 1000);
}

/** A cluster takes no reads, no writes and no changes while it is restored. */
export function isBeingRestored({ restoreJobs }: State, { name }: ClusterRecord, nowMs: number): boolean {
  return restoreJobs.some((job) => job.target === name && !isOver(job, nowMs));
}

/**
 * From the beginning of a restore onto a cluster to the end of the next snapshot there, no instant of it can be restored
 * (https://www.mongodb.com/docs/atlas/backup/cloud-backup/dedicated-cluster-backup/).
 */
export function isInBlackout({ restoreJobs }: State, cluster: ClusterRecord, atMs: number): boolean {
  const at = iso(atMs);
  return restoreJobs.some(({ target, createdAt, settlesAt }) => {
    if (target !== cluster.name || at < createdAt) return false;
    const ends = cluster.snapshots
      .filter((one) => one.status === "completed" && settlesAt !== null && one.createdAt >= settlesAt)
      .map((one) => one.settlesAt ?? one.createdAt);
    return ends.every((end) => at < end);
  });
}

/** The past rehearsals of a cluster: four that went well, one a week, from a snapshot each or from an instant after it. */
export function pastRestores(source: ClusterRecord, target: string, nowMs: number): readonly RestoreRecord[] {
  return Array.from({ length: REHEARSALS }, (_, index) => nowMs - (index * 7 + 5) * 24 * HOUR_MS).flatMap(
    (beforeMs, index): readonly RestoreRecord[] => {
      const snapshot = source.snapshots.find((one) => one.status === "completed" && one.createdAt <= iso(beforeMs));
      if (snapshot === undefined) return [];
      const createdMs = Date.parse(snapshot.createdAt) + HOUR_MS;
      const delivery = index % 2 === 1 && source.pitEnabled ? "pointInTime" : "automated";
      const id = objectId(createdMs, source.id, "restore");
      return [
        {
          id,
          source: source.name,
          target,
          delivery,
          snapshotId: snapshot.id,
          pointInTimeSeconds: delivery === "automated" ? null : createdMs / 1000 - SECONDS_BEFORE,
          createdAt: iso(createdMs),
          settlesAt: iso(createdMs + restoreMs(id, snapshot, delivery)),
          settlesAs: "finished",
        },
      ];
    },
  );
}

const REHEARSALS = 4;
const SECONDS_BEFORE = 600;

/** `origin` is where downloads are served. */
export function restoreJobBody(job: RestoreRecord, state: State, nowMs: number, origin: string): Body {
  const { id, delivery, snapshotId, pointInTimeSeconds, target, settlesAt } = job;
  const snapshot = state.clusters.flatMap(({ snapshots }) => snapshots).find((one) => one.id === snapshotId);
  return {
    id,
    deliveryType: delivery,
    ...flagsBody(job, nowMs),
    ...(snapshotId === null ? {} : { snapshotId }),
    ...(snapshot === undefined ? {} : { timestamp: snapshot.createdAt }),
    ...(pointInTimeSeconds === null ? {} : { pointInTimeUTCSeconds: pointInTimeSeconds }),
    ...(target === null ? {} : { targetClusterName: target, targetGroupId: state.projectId }),
    ...(delivery === "download" && settlesAt !== null ? { expiresAt: settlesAt } : {}),
    ...deliveryBody(job, snapshot, { origin, nowMs }),
    links: [],
  };
}

/** There is no state: three flags, and when it was finished. */
function flagsBody(job: RestoreRecord, nowMs: number): Body {
  if (job.settlesAs === "unreadable") return {};
  const ended = isOver(job, nowMs) ? job.settlesAs : null;
  const isFinished = ended === "finished" || ended === "elsewhere";
  return {
    cancelled: ended === "cancelled",
    failed: ended === "failed",
    expired: ended === "expired",
    ...(isFinished ? { finishedAt: job.settlesAt } : {}),
  };
}
