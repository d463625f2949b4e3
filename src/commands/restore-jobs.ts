/** Restore jobs of both kinds in one form, for `restore list`, `status`, `watch` and `cancel`. */
import { OpsError } from "../core/error.ts";
import { mapObserved, type Observed } from "../core/observed.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { CollectionRestore, RestoreJob } from "../ports/atlas-restores.ts";
import { collectionState, type RestoreState, restoreState } from "../rules/restore/outcome.ts";
import { collectionProgress, type RestoreProgress } from "../rules/restore/progress.ts";

export interface AnyJob {
  readonly id: Observed<string>;
  /** `instant`, `snapshot`, `download` or `collections`. */
  readonly kind: Observed<string>;
  readonly target: Observed<string | null>;
  readonly snapshotId: Observed<string | null>;
  readonly pointInTimeAt: Observed<Date | null>;
  readonly createdAt: Observed<Date>;
  readonly finishedAt: Observed<Date | null>;
  readonly state: RestoreState;
  readonly isDownload: Observed<boolean>;
  /** null: Atlas does not count. */
  readonly progress: RestoreProgress | null;
}

export function anyJob(job: RestoreJob, now: Date): AnyJob {
  const { id, delivery, targetName: target, snapshotId, pointInTimeAt, createdAt, finishedAt } = job;
  return {
    id,
    kind: mapObserved(
      delivery,
      (word) => ({ automated: "snapshot", pointInTime: "instant", download: "download" })[word],
    ),
    target,
    snapshotId,
    pointInTimeAt,
    createdAt,
    finishedAt,
    state: restoreState(job, now),
    isDownload: mapObserved(delivery, (word) => word === "download"),
    progress: null,
  };
}

export function anyCollectionJob(job: CollectionRestore, now: Date): AnyJob {
  const { id, targetName: target, snapshotId, pointInTimeAt, createdAt, finishedAt } = job;
  return {
    id,
    kind: { known: true, value: "collections" },
    target,
    snapshotId,
    pointInTimeAt,
    createdAt,
    finishedAt,
    state: collectionState(job, now),
    isDownload: { known: true, value: false },
    progress: collectionProgress(job, now),
  };
}

/** A job by its id, of whichever kind; OpsError `usage` for what is no id, `not-found` where Atlas knows neither. */
export async function getAnyJob(
  atlas: Atlas,
  projectId: string,
  { name, cluster }: DatabasePolicy,
  jobId: string,
  now: () => Date,
): Promise<AnyJob> {
  const job = await unlessAbsent(() => atlas.getRestoreJob(projectId, cluster, jobId));
  if (job !== null) return anyJob(job, now());
  const ofCollections = await unlessAbsent(() => atlas.getCollectionRestore(projectId, cluster, jobId));
  if (ofCollections !== null) return anyCollectionJob(ofCollections, now());
  throw new OpsError("not-found", `Atlas knows no restore ${jobId} of ${cluster}`, {
    hint: `a restore is found under the database that was restored: litally-ops restore list ${name}`,
  });
}

async function unlessAbsent<T>(get: () => Promise<T>): Promise<T | null> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return null;
    throw error;
  }
}
