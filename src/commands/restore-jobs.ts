/** Restore jobs of both kinds in one form, for `restore list`, `status`, `watch` and `cancel`. */
import { OpsError } from "../core/error.ts";
import { mapObserved, type Observed } from "../core/observed.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { CollectionRestore, RestoreJob } from "../ports/atlas-restores.ts";
import { collectionState, type RestoreState, restoreState } from "../rules/restore/outcome.ts";

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
  };
}

/** A job by its id, of whichever kind; OpsError `usage` for what is no id, `not-found` where Atlas knows neither. */
export async function getAnyJob(
  atlas: Atlas,
  projectId: string,
  source: string,
  jobId: string,
  now: () => Date,
): Promise<AnyJob> {
  try {
    return anyJob(await atlas.getRestoreJob(projectId, source, jobId), now());
  } catch (error) {
    if (!(error instanceof OpsError) || error.kind !== "not-found") throw error;
    return anyCollectionJob(await atlas.getCollectionRestore(projectId, source, jobId), now());
  }
}
