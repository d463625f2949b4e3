/** Follows a restore by its id to its end, also one that somebody else has started, and says how a person goes on. */
import type { StepOutcome } from "../core/change.ts";
import { toOpsError } from "../core/error.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { RestoreState } from "../rules/restore/outcome.ts";
import type { RestoreProgress } from "../rules/restore/progress.ts";
import { awaitRestore } from "./await-restore.ts";
import type { Context } from "./context.ts";

/** A job that can be asked for by its id. */
export interface FollowedJob<J> {
  readonly get: (id: string) => Promise<J>;
  readonly stateOf: (job: J) => RestoreState;
  readonly progressOf: (job: J) => RestoreProgress | null;
  /** The command that a person goes on with after an end that is not a good one. */
  readonly again: (job: J) => string;
}

export interface Following {
  readonly context: Pick<Context, "clock" | "signal" | "progress">;
  readonly database: DatabasePolicy;
  /** How long it usually takes; null: no history. */
  readonly usualMs: number | null;
  readonly isNew: boolean;
}

/** How it ends. `not-found` is thrown only of one that is not new. */
export async function followRestore<J>(job: FollowedJob<J>, jobId: string, following: Following): Promise<StepOutcome> {
  const { context, database, usualMs, isNew } = following;
  const next = watchRestore(database, jobId);
  const result = { jobId };
  try {
    const waited = await awaitRestore({
      ...job,
      context,
      name: `restore ${jobId} of ${database.cluster}`,
      get: () => job.get(jobId),
      usualMs,
      isNew,
      tell: (text, elapsedMs) => context.progress.waiting(text, elapsedMs),
    });
    if ("job" in waited) return ending(job, waited.job, result, next);
    if (!isNew && (waited.left.kind === "aborted" || !waited.wasSeen)) throw waited.left;
    return { state: "unwatched", result, message: `${waited.left.message}; it goes on in Atlas`, next };
  } catch (error) {
    if (!isNew) throw error;
    return { state: "unwatched", result, message: toOpsError(error).message, next };
  }
}

export function watchRestore({ name }: DatabasePolicy, jobId: string): string {
  return `litally-ops restore watch ${name} ${jobId}`;
}

export function showRestore({ name }: DatabasePolicy, jobId: string): string {
  return `litally-ops restore status ${name} ${jobId}`;
}

/** `isOver`: there is nothing left to watch, and a person begins anew. */
const ENDINGS = {
  running: { state: "unwatched", isOver: false, says: "it is still running" },
  finished: { state: "done", isOver: true, says: undefined },
  failed: {
    state: "failed",
    isOver: true,
    says: "Atlas says that it failed: what the target holds now is not to be relied on",
  },
  cancelled: {
    state: "failed",
    isOver: true,
    says: "it was cancelled: what the target holds now is not to be relied on",
  },
  expired: { state: "failed", isOver: true, says: "it expired" },
  unknown: { state: "unclear", isOver: false, says: "what Atlas says of it cannot be read, or contradicts itself" },
} as const satisfies Record<RestoreState, { state: StepOutcome["state"]; isOver: boolean; says: string | undefined }>;

function ending<J>(
  { stateOf, again }: FollowedJob<J>,
  job: J,
  { jobId }: { readonly jobId: string },
  watch: string,
): StepOutcome {
  const status = stateOf(job);
  const { state, isOver, says } = ENDINGS[status];
  const result = { jobId, status };
  return state === "done" ? { state, result } : { state, result, message: says, next: isOver ? again(job) : watch };
}
