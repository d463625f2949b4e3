/** Carries out the steps of a restore, one after another, each told with the id by which anybody can follow it. */
import type { StepOutcome } from "../core/change.ts";
import { toOpsError } from "../core/error.ts";
import type { Observed } from "../core/observed.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { CollectionRestore, CollectionRestoreOrder, RestoreJob, RestoreOrder } from "../ports/atlas-restores.ts";
import {
  collectionState,
  type Mismatch,
  type RestoreState,
  readBack,
  readBackCollections,
  restoreState,
} from "../rules/restore/outcome.ts";
import type { RestoreStep } from "../rules/restore/plan.ts";
import { awaitRestore } from "./await-restore.ts";
import { awaitSnapshot } from "./await-snapshot.ts";
import type { Context } from "./context.ts";
import { resumeTarget } from "./drill-target.ts";
import type { AnyJob } from "./restore-jobs.ts";
import { startOnce } from "./start-restore.ts";
import { takeOnce } from "./take-snapshot.ts";

export interface Restoring {
  readonly atlas: Atlas;
  readonly context: Context;
  readonly projectId: string;
  readonly database: DatabasePolicy;
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
      return snapshotTarget(step.clusterName, "as it was before a restore", restoring);
    case "closing-snapshot":
      return snapshotTarget(step.clusterName, "as restored", restoring);
    case "restore":
      return runJob(restoreKind(restoring, step.order), restoring);
    case "restore-collections":
      return runJob(collectionKind(restoring, step.order), restoring);
  }
}

/** Long enough for anybody to find out that the restore was the wrong one. */
const TARGET_SNAPSHOT_DAYS = 7;

async function snapshotTarget(clusterName: string, description: string, restoring: Restoring): Promise<StepOutcome> {
  const { atlas, context, projectId, isTargetSharded: sharded } = restoring;
  const target = { atlas, context, projectId, clusterName, sharded };
  const snapshotId = await takeOnce({ ...target, order: { description, retentionDays: TARGET_SNAPSHOT_DAYS } });
  const tell = (text: string, elapsedMs: number) => context.progress.waiting(text, elapsedMs);
  const result = { snapshotId };
  try {
    const waited = await awaitSnapshot({ ...target, snapshotId, isNew: true, tell });
    if ("left" in waited) return { state: "unwatched", result, message: `${waited.left.message}; it goes on in Atlas` };
    const { status } = waited.snapshot;
    if (status.known && status.value === "completed") return { state: "done", result };
    const message = status.known ? `the snapshot ${status.value}` : status.reason.message;
    return { state: status.known ? "failed" : "unclear", result, message };
  } catch (error) {
    return { state: "unclear", result, message: toOpsError(error).message };
  }
}

/** What the two kinds of restore jobs have in common. */
interface JobKind<J extends Pick<RestoreJob, "id" | "createdAt">> {
  readonly start: () => Promise<J>;
  readonly list: () => Promise<readonly J[]>;
  readonly get: (id: string) => Promise<J>;
  /** Atlas lets some be cancelled; null: none. */
  readonly cancel: ((id: string) => Promise<void>) | null;
  readonly mismatches: (job: J) => readonly Mismatch[];
  readonly stateOf: (job: J) => RestoreState;
}

function restoreKind({ atlas, context, projectId, database }: Restoring, order: RestoreOrder): JobKind<RestoreJob> {
  const source = database.cluster;
  return {
    start: () => atlas.startRestore(projectId, source, order),
    list: () => atlas.listRestoreJobs(projectId, source),
    get: (id) => atlas.getRestoreJob(projectId, source, id),
    cancel: (id) => atlas.cancelRestoreJob(projectId, source, id),
    mismatches: (job) => readBack(job, order),
    stateOf: (job) => restoreState(job, context.clock.now()),
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
    stateOf: (job) => collectionState(job, context.clock.now()),
  };
}

async function runJob<J extends Pick<RestoreJob, "id" | "createdAt">>(
  kind: JobKind<J>,
  restoring: Restoring,
): Promise<StepOutcome> {
  const { context, database, sameBefore } = restoring;
  const isNew = ({ id }: J) => sameBefore.known && !sameBefore.value.includes(id.known ? id.value : null);
  const job = await startOnce({
    context,
    what: database.cluster,
    start: kind.start,
    list: kind.list,
    isOurs: (one, since) =>
      one.createdAt.known && one.createdAt.value >= since && isNew(one) && kind.mismatches(one).length === 0,
  });
  if (!job.id.known)
    return {
      state: "unclear",
      message: `a restore was started; ${job.id.reason.message}`,
      next: "litally-ops restore list",
    };
  const jobId = job.id.value;
  const mismatches = kind.mismatches(job);
  if (mismatches.length > 0) return wrongJob(kind, jobId, mismatches, database);
  context.progress.note(`${database.cluster}: restore job ${jobId} is started`);
  const next = `litally-ops restore watch ${database.name} ${jobId}`;
  if (!restoring.wait) return { state: "running", result: { jobId }, next };
  return waitFor(kind, jobId, { ...restoring, isNew: true });
}

/** A job that can be asked for by its id. */
export interface FollowedJob<J> {
  readonly get: (id: string) => Promise<J>;
  readonly stateOf: (job: J) => RestoreState;
}
export type Followed = FollowedJob<AnyJob>;

/** How a job ends, by its id; also of one that somebody else started. `not-found` is thrown only of one that is not new. */
export async function waitFor<J>(
  { get, stateOf }: FollowedJob<J>,
  jobId: string,
  {
    context,
    database,
    usualMs,
    isNew,
  }: Pick<Restoring, "context" | "database" | "usualMs"> & { readonly isNew: boolean },
): Promise<StepOutcome> {
  const next = `litally-ops restore watch ${database.name} ${jobId}`;
  const result = { jobId };
  try {
    const waited = await awaitRestore({
      context,
      name: `restore ${jobId} of ${database.cluster}`,
      get: () => get(jobId),
      stateOf,
      usualMs,
      isNew,
      tell: (text, elapsedMs) => context.progress.waiting(text, elapsedMs),
    });
    if ("job" in waited) return ending(stateOf(waited.job), jobId, next);
    if (!isNew && (waited.left.kind === "aborted" || !waited.wasSeen)) throw waited.left;
    return { state: "unwatched", result, message: `${waited.left.message}; it goes on in Atlas`, next };
  } catch (error) {
    if (!isNew) throw error;
    return { state: "unwatched", result, message: toOpsError(error).message, next };
  }
}

const ENDINGS = {
  running: { state: "unwatched", says: "it is still running" },
  finished: { state: "done", says: undefined },
  failed: { state: "failed", says: "Atlas says that it failed: what the target holds now is not to be relied on" },
  cancelled: { state: "failed", says: "it was cancelled: what the target holds now is not to be relied on" },
  expired: { state: "failed", says: "it expired" },
  unknown: { state: "unclear", says: "what Atlas says of it cannot be read, or contradicts itself" },
} as const satisfies Record<RestoreState, { state: StepOutcome["state"]; says: string | undefined }>;

function ending(restored: RestoreState, jobId: string, next: string): StepOutcome {
  const { state, says } = ENDINGS[restored];
  const result = { jobId, status: restored };
  return state === "done" ? { state, result } : { state, result, message: says, next };
}

/** Another job than was ordered is the worst that can happen: it is stopped where Atlas lets it be. */
async function wrongJob<J extends Pick<RestoreJob, "id" | "createdAt">>(
  { cancel }: JobKind<J>,
  jobId: string,
  mismatches: readonly Mismatch[],
  database: DatabasePolicy,
): Promise<StepOutcome> {
  const told = mismatches.map(
    ({ what, asked, told: is }) => `${what} ${is.known ? is.value : "not readable"} instead of ${asked}`,
  );
  const stopped = await stop(cancel, jobId);
  return {
    state: "failed",
    result: { jobId },
    message: `job ${jobId} is not what was ordered: ${told.join("; ")}. ${stopped}`,
    next: `litally-ops restore status ${database.name} ${jobId}`,
  };
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
