/** What became of a restore: the state of its job, whether it is the one that was ordered, and what stands there after. */
import { type Check, runChecks } from "../../core/check.ts";
import { mapObserved, type Observed } from "../../core/observed.ts";
import type { Finding } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type {
  CollectionRestore,
  CollectionRestoreOrder,
  RestoreJob,
  RestoreOrder,
  RestorePoint,
} from "../../ports/atlas-restores.ts";
import { type ClusterFacts, pastInstant } from "../backup/facts.ts";
import { clusterFields, type Fingerprint } from "./fingerprint.ts";

/** `unknown`: what Atlas says of it cannot be read, or contradicts itself. Nothing but `finished` is success. */
export type RestoreState = "running" | "finished" | "failed" | "cancelled" | "expired" | "unknown";

/** The state of a job, which has no word of its own for it, only marks; all of them must be readable and agree. */
export function restoreState(job: RestoreJob, now: Date): RestoreState {
  const finished = pastInstant(job.finishedAt, now, "finishedAt");
  const { cancelled, failed, expired, createdAt } = job;
  if (!finished.known || !cancelled.known || !failed.known || !expired.known || !createdAt.known) return "unknown";
  if (finished.value !== null && finished.value < createdAt.value) return "unknown";
  const marks = [
    ...(failed.value ? ["failed" as const] : []),
    ...(cancelled.value ? ["cancelled" as const] : []),
    ...(expired.value ? ["expired" as const] : []),
  ];
  const [mark, second] = marks;
  if (second !== undefined) return "unknown";
  return mark ?? (finished.value === null ? "running" : "finished");
}

/** The same of a restore of collections; a success that restored less than all, or tells of an error, is none. */
export function collectionState(job: CollectionRestore, now: Date): RestoreState {
  if (!job.state.known) return "unknown";
  const finishedAt = pastInstant(job.finishedAt, now, "finishedAt");
  switch (job.state.value) {
    case "INITIALIZING":
    case "IN_PROGRESS":
    case "FINALIZING":
      return "running";
    case "FAILED":
      return "failed";
    case "CANCELED":
      return "cancelled";
    case "SUCCESSFUL":
      return finishedAt.known && isWhole(job) ? "finished" : "unknown";
  }
}

function isWhole({ restoredDocuments, totalDocuments, errorMessage }: CollectionRestore): boolean {
  if (!restoredDocuments.known || !totalDocuments.known || !errorMessage.known) return false;
  if (errorMessage.value !== null && errorMessage.value !== "") return false;
  return restoredDocuments.value === null || totalDocuments.value === null
    ? restoredDocuments.value === totalDocuments.value
    : restoredDocuments.value >= totalDocuments.value;
}

/** Something about a created job that is not what was ordered, or cannot be read. */
export interface Mismatch {
  readonly what: string;
  readonly asked: string;
  readonly told: Observed<string>;
}

/** Where a created job differs from its order: none must be there before anybody waits for it. */
export function readBack(job: RestoreJob, order: RestoreOrder): readonly Mismatch[] {
  return [...differing(targetTold(job, order)), ...readBackContent(job, order)];
}

/** The same, whatever its target. */
export function readBackContent(job: RestoreJob, { point }: RestoreOrder): readonly Mismatch[] {
  return differing([
    { what: "delivery", asked: point.kind === "instant" ? "pointInTime" : "automated", told: job.delivery },
    ...pointTold(job, point),
  ]);
}

/** The same of a restore of collections. */
export function readBackCollections(job: CollectionRestore, order: CollectionRestoreOrder): readonly Mismatch[] {
  return [...differing(targetTold(job, order)), ...readBackCollectionsContent(job, order)];
}

/** The same, whatever its target. */
export function readBackCollectionsContent(job: CollectionRestore, order: CollectionRestoreOrder): readonly Mismatch[] {
  return differing([
    ...pointTold(job, order.point),
    { what: "collections", asked: listed(order.namespaces), told: mapObserved(job.namespaces, listed) },
    { what: "suffix", asked: order.suffix ?? NONE, told: mapObserved(job.suffix, (suffix) => suffix ?? NONE) },
    {
      what: "existing collections",
      asked: fate(order.overwrites),
      told: mapObserved(job.overwrites, fate),
    },
  ]);
}

const NONE = "none";

function fate(overwrites: boolean): string {
  return overwrites ? "overwritten" : "left alone";
}

function listed(namespaces: readonly string[]): string {
  return [...new Set(namespaces)].sort().join(", ");
}

function differing(told: readonly Mismatch[]): readonly Mismatch[] {
  return told.filter(({ asked, told: is }) => !is.known || is.value !== asked);
}

function targetTold(
  { targetProjectId, targetName }: Pick<RestoreJob | CollectionRestore, "targetProjectId" | "targetName">,
  order: Pick<RestoreOrder, "targetProjectId" | "targetName">,
): readonly Mismatch[] {
  return [
    { what: "target project", asked: order.targetProjectId, told: orNone(targetProjectId) },
    { what: "target cluster", asked: order.targetName, told: orNone(targetName) },
  ];
}

/** Of a restore to an instant, Atlas may name the snapshot that it begins with, or not: it is not asked for. */
function pointTold(
  { snapshotId, pointInTimeAt }: Pick<RestoreJob, "snapshotId" | "pointInTimeAt">,
  point: RestorePoint,
): readonly Mismatch[] {
  const instant = mapObserved(pointInTimeAt, (at) => at?.toISOString() ?? NONE);
  return point.kind === "instant"
    ? [{ what: "instant", asked: point.at.toISOString(), told: instant }]
    : [{ what: "snapshot", asked: point.snapshotId, told: orNone(snapshotId) }];
}

function orNone(text: Observed<string | null>): Observed<string> {
  return mapObserved(text, (value) => value ?? NONE);
}

export interface RestoredFacts {
  /** The target as it is now. */
  readonly cluster: Observed<ClusterFacts | null>;
  /** The target as it was when the restore was planned. */
  readonly planned: Fingerprint;
}

/** Judges the target after a restore has finished: idle, the same cluster, the same version. */
export function judgeRestored(facts: RestoredFacts, subject: string): readonly Finding[] {
  return runChecks(RESTORED, facts, subject);
}

const describe = ({ planned }: RestoredFacts) => `look at the cluster: atlas clusters describe ${planned.name}`;

const restoredIdle: Check<RestoredFacts> = {
  id: "restore/restored-idle",
  title: "the target is idle again",
  remedy: describe,
  judge: ({ cluster }) => {
    if (!cluster.known) return unknown(cluster.reason);
    if (cluster.value === null) return fail("Atlas knows the target no more");
    const { state, paused } = cluster.value;
    if (!state.known) return unknown(state.reason);
    if (!paused.known) return unknown(paused.reason);
    if (paused.value) return fail("it is paused");
    return state.value === "IDLE" ? pass("idle") : fail(`it is ${state.value.toLowerCase()}`, { actual: state.value });
  },
};

/** What a restore leaves as it was: it brings data, not another cluster and not another version. */
const restoredSame: Check<RestoredFacts> = {
  id: "restore/restored-same",
  title: "the target is still the cluster that was planned for",
  remedy: describe,
  judge: ({ cluster, planned }) => {
    if (!cluster.known) return unknown(cluster.reason);
    if (cluster.value === null) return fail("Atlas knows the target no more");
    const now = clusterFields(cluster.value);
    if (!now.known) return unknown(now.reason);
    const changed = (["id", "type", "shards", "version"] as const).filter(
      (field) => planned[field] !== now.value[field],
    );
    return changed.length === 0
      ? pass(`cluster ${planned.id}, version ${planned.version}`)
      : fail(changed.map((field) => `${field} was ${planned[field]}, is ${now.value[field]}`).join("; "), {
          expected: changed.map((field) => planned[field]),
          actual: changed.map((field) => now.value[field]),
        });
  },
};

const RESTORED: readonly Check<RestoredFacts>[] = [restoredIdle, restoredSame];
