/** Carries out the steps of a restore, one after another, each told with the id by which anybody can follow it. */
import type { StepOutcome } from "../core/change.ts";
import { type OpsError, toOpsError } from "../core/error.ts";
import type { Observed } from "../core/observed.ts";
import type { Tri } from "../core/tri.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { CollectionRestore, CollectionRestoreOrder, RestoreJob, RestoreOrder } from "../ports/atlas-restores.ts";
import {
  collectionState,
  type Mismatch,
  readBack,
  readBackCollections,
  readBackCollectionsContent,
  readBackContent,
  restoreState,
} from "../rules/restore/outcome.ts";
import type { RestoreStep } from "../rules/restore/plan.ts";
import { planAgain } from "../rules/restore/plan-again.ts";
import { collectionProgress } from "../rules/restore/progress.ts";
import { awaitSnapshot } from "./await-snapshot.ts";
import type { Context } from "./context.ts";
import { resumeTarget } from "./drill-target.ts";
import { type FollowedJob, followRestore, showRestore, watchRestore } from "./follow-restore.ts";
import { watchAgain } from "./snapshot-job.ts";
import { startOnce } from "./start-restore.ts";
import { takeOnce } from "./take-snapshot.ts";

export interface Restoring {
  readonly atlas: Atlas;
  readonly context: Context;
  readonly projectId: string;
  readonly database: DatabasePolicy;
  /** All of the policy: the target's own snapshots are followed under the database whose cluster it is. */
  readonly databases: readonly DatabasePolicy[];
  /** Whether the target is sharded, which is how its snapshots are asked for. */
  readonly isTargetSharded: boolean;
  /** How long it usually takes; null: no history. */
  readonly usualMs: number | null;
  /** Restores of the same that were there before the order: none of them is what comes of it. */
  readonly sameBefore: Observed<readonly (string | null)[]>;
  readonly wait: boolean;
}

export async function applyRestoreStep(step: RestoreStep, restoring: Restoring): Promise<StepOutcome> {
  switch (step.kind) {
    case "resume-target":
      return resumeTarget({ ...restoring.context, ...restoring, projectId: step.projectId, name: step.clusterName });
    case "take-undo-snapshot":
      return snapshotTarget(step.clusterName, UNDO, restoring);
    case "closing-snapshot":
      return snapshotTarget(step.clusterName, CLOSING, restoring);
    case "restore":
      return runJob(restoreKind(restoring, step.order), restoring);
    case "restore-collections":
      return runJob(collectionKind(restoring, step.order), restoring);
  }
}

/** Long enough for anybody to find out that the restore was the wrong one. */
const TARGET_SNAPSHOT_DAYS = 7;

interface TargetSnapshot {
  readonly description: string;
  /** Where things stand when nobody waits for it any more. */
  readonly meanwhile: string;
}
const UNDO: TargetSnapshot = {
  description: "as it was before a restore",
  meanwhile: "nothing has been restored, and the target is as it was",
};
const CLOSING: TargetSnapshot = { description: "as restored", meanwhile: "the restore itself is done" };

async function snapshotTarget(
  clusterName: string,
  { description, meanwhile }: TargetSnapshot,
  restoring: Restoring,
): Promise<StepOutcome> {
  const { atlas, context, projectId, databases, isTargetSharded: sharded } = restoring;
  const target = { atlas, context, projectId, clusterName, sharded };
  const snapshotId = await takeOnce({ ...target, order: { description, retentionDays: TARGET_SNAPSHOT_DAYS } });
  const tell = (text: string, elapsedMs: number) => context.progress.waiting(text, elapsedMs);
  const result = { snapshotId };
  const next = watchTargetSnapshot(clusterName, snapshotId, databases);
  try {
    const waited = await awaitSnapshot({ ...target, snapshotId, isNew: true, tell });
    if ("left" in waited) {
      const message = `${waited.left.message}; the snapshot goes on in Atlas; ${meanwhile}`;
      return { state: "unwatched", result, message, next };
    }
    const { status } = waited.snapshot;
    if (!status.known) return { state: "unclear", result, message: `${status.reason.message}; ${meanwhile}`, next };
    if (status.value === "completed") return { state: "done", result };
    return { state: "failed", result, message: `the snapshot ${status.value}; ${meanwhile}` };
  } catch (error) {
    return { state: "unclear", result, message: `${toOpsError(error).message}; ${meanwhile}`, next };
  }
}

/** A target that is no database of the policy is followed past us. */
function watchTargetSnapshot(clusterName: string, snapshotId: string, databases: readonly DatabasePolicy[]): string {
  const database = databases.find(({ cluster }) => cluster === clusterName);
  return database === undefined
    ? `atlas backups snapshots watch ${snapshotId} --clusterName ${clusterName}`
    : watchAgain(database, snapshotId);
}

/** What the two kinds of restore jobs have in common. */
interface JobKind<J extends Pick<RestoreJob, "id" | "createdAt">> extends FollowedJob<J> {
  readonly start: () => Promise<J>;
  readonly list: () => Promise<readonly J[]>;
  /** Atlas lets some be cancelled; null: none. */
  readonly cancel: ((id: string) => Promise<void>) | null;
  readonly mismatches: (job: J) => readonly Mismatch[];
  /** The same, whatever its target. */
  readonly contentMismatches: (job: J) => readonly Mismatch[];
}

function restoreKind({ atlas, context, projectId, database }: Restoring, order: RestoreOrder): JobKind<RestoreJob> {
  const source = database.cluster;
  return {
    start: () => atlas.startRestore(projectId, source, order),
    list: () => atlas.listRestoreJobs(projectId, source),
    get: (id) => atlas.getRestoreJob(projectId, source, id),
    cancel: (id) => atlas.cancelRestoreJob(projectId, source, id),
    mismatches: (job) => readBack(job, order),
    contentMismatches: (job) => readBackContent(job, order),
    stateOf: (job) => restoreState(job, context.clock.now()),
    progressOf: () => null,
    again: () => planAgain(database, order),
  };
}

function collectionKind(
  { atlas, context, projectId, database }: Restoring,
  order: CollectionRestoreOrder,
): JobKind<CollectionRestore> {
  const source = database.cluster;
  return {
    start: () => atlas.startCollectionRestore(projectId, source, order),
    list: () => atlas.listCollectionRestores(projectId, source),
    get: (id) => atlas.getCollectionRestore(projectId, source, id),
    cancel: null,
    mismatches: (job) => readBackCollections(job, order),
    contentMismatches: (job) => readBackCollectionsContent(job, order),
    stateOf: (job) => collectionState(job, context.clock.now()),
    progressOf: (job) => collectionProgress(job, context.clock.now()),
    again: () => planAgain(database, order),
  };
}

async function runJob<J extends Pick<RestoreJob, "id" | "createdAt">>(
  kind: JobKind<J>,
  restoring: Restoring,
): Promise<StepOutcome> {
  const { context, database } = restoring;
  const { job, lost } = await startOnce({
    context,
    what: database.cluster,
    start: kind.start,
    list: kind.list,
    isOurs: (one, since) => isOurs(kind, one, since, restoring),
  });
  if (!job.id.known)
    return {
      state: "unclear",
      message: `a restore was started; ${job.id.reason.message}`,
      next: `litally-ops restore list ${database.name}`,
    };
  const jobId = job.id.value;
  const mismatches = kind.mismatches(job);
  if (lost !== null) return likelyJob(lost, jobId, mismatches, database);
  if (mismatches.length > 0) return wrongJob(kind, jobId, mismatches, database);
  context.progress.note(`${database.cluster}: restore job ${jobId} is started`);
  if (!restoring.wait) return { state: "running", result: { jobId }, next: watchRestore(database, jobId) };
  return followRestore(kind, jobId, { ...restoring, isNew: true });
}

/** New since the order, and the same: certainly where it also goes where it was ordered to. */
function isOurs<J extends Pick<RestoreJob, "id" | "createdAt">>(
  kind: JobKind<J>,
  job: J,
  since: Date,
  { sameBefore }: Restoring,
): Tri {
  const { id, createdAt } = job;
  const isNew = sameBefore.known && !sameBefore.value.includes(id.known ? id.value : null);
  if (!isNew || (createdAt.known && createdAt.value < since)) return "no";
  if (createdAt.known && kind.mismatches(job).length === 0) return "yes";
  return kind.contentMismatches(job).some(({ told }) => told.known) ? "no" : "maybe";
}

/** It is not touched: somebody else may have ordered it. */
function likelyJob(
  lost: OpsError,
  jobId: string,
  mismatches: readonly Mismatch[],
  database: DatabasePolicy,
): StepOutcome {
  const as = mismatches.length === 0 ? "" : `, with ${listed(mismatches)}`;
  return {
    state: "unclear",
    result: { jobId },
    message: `${lost.message}; job ${jobId} of the same was started since${as}: it may be what became of the order, which is not sent a second time`,
    next: showRestore(database, jobId),
  };
}

/** Another job than was ordered is the worst that can happen: it is stopped where Atlas lets it be. */
async function wrongJob<J extends Pick<RestoreJob, "id" | "createdAt">>(
  { cancel }: JobKind<J>,
  jobId: string,
  mismatches: readonly Mismatch[],
  database: DatabasePolicy,
): Promise<StepOutcome> {
  const stopped = await stop(cancel, jobId);
  return {
    state: "failed",
    result: { jobId },
    message: `job ${jobId} is not what was ordered: ${listed(mismatches)}. ${stopped}`,
    next: showRestore(database, jobId),
  };
}

function listed(mismatches: readonly Mismatch[]): string {
  const told = mismatches.map(
    ({ what, asked, told: is }) => `${what} ${is.known ? is.value : "not readable"} instead of ${asked}`,
  );
  return told.join("; ");
}

async function stop(cancel: ((id: string) => Promise<void>) | null, jobId: string): Promise<string> {
  if (cancel === null) return "Atlas cancels no restore of collections: it goes on";
  try {
    await cancel(jobId);
    return "It was cancelled; look whether it had begun";
  } catch (error) {
    return `It could not be cancelled: ${toOpsError(error).message}`;
  }
}
