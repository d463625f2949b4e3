/** A snapshot by hand as seen by `backup snapshot` and `backup watch`: how its end is told, and how it is judged. */
import type { StepOutcome } from "../core/change.ts";
import type { OpsError } from "../core/error.ts";
import type { Finding } from "../core/report.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import { snapshotOutcome } from "../rules/snapshot/outcome.ts";
import type { Waited } from "./await-snapshot.ts";
import type { Context } from "./context.ts";
import { subjectOf } from "./databases.ts";
import { backupGatherer } from "./gather-backups.ts";

/** How a step ends with what the waiting brought. */
export function ending(waited: Waited, snapshotId: string, database: DatabasePolicy): StepOutcome {
  if ("left" in waited) return leftAlone(waited.left, snapshotId, database);
  const { status } = waited.snapshot;
  if (!status.known) {
    const next = watchAgain(database, snapshotId);
    return { state: "unclear", result: { snapshotId }, message: status.reason.message, next };
  }
  const result = { snapshotId, status: status.value };
  if (status.value === "completed") return { state: "done", result };
  return { state: "failed", result, message: `Atlas says that snapshot ${snapshotId} ${status.value}` };
}

/** Nobody waits for it any more; it goes on. */
function leftAlone({ message }: OpsError, snapshotId: string, database: DatabasePolicy): StepOutcome {
  const next = watchAgain(database, snapshotId);
  return { state: "unwatched", result: { snapshotId }, message: `${message}; it goes on in Atlas`, next };
}

export function watchAgain({ name }: DatabasePolicy, snapshotId: string): string {
  return `litally-ops backup watch ${name} ${snapshotId}`;
}

export interface Judging {
  readonly atlas: Atlas;
  readonly context: Context;
  readonly projectId: string;
  readonly database: DatabasePolicy;
  readonly snapshotId: string;
  readonly retentionDays: number | null;
}

/** Looks again, and judges the snapshot among its siblings. */
export async function judgeSnapshot(judging: Judging): Promise<readonly Finding[]> {
  const { atlas, context, projectId, database, snapshotId, retentionDays } = judging;
  const gatherer = backupGatherer(atlas, projectId);
  const backup = await gatherer.gather(database, () => context.clock.now(), null);
  return snapshotOutcome({ backup, snapshotId, retentionDays }, subjectOf(database));
}
