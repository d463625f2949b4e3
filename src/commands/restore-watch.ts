/** `restore watch`: waits for a restore by its id, whoever started it. Changes nothing. */
import * as z from "zod/mini";
import { poll } from "../core/poll.ts";
import type { Report } from "../core/report.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { RestorePoint } from "../ports/atlas-restores.ts";
import { planAgain } from "../rules/restore/plan-again.ts";
import type { Context } from "./context.ts";
import { selectDatabase } from "./databases.ts";
import { FIRST_LOOK_LIMITS } from "./first-look.ts";
import { type FollowedJob, followRestore } from "./follow-restore.ts";
import { reporter } from "./reporting.ts";
import { type AnyJob, getAnyJob } from "./restore-jobs.ts";

export const input = z.strictObject({ database: z.string(), job: z.string() });

export async function run({ database: name, job: jobId }: z.output<typeof input>, context: Context): Promise<Report> {
  const { policy } = await context.policy("atlas", "databases");
  const database = selectDatabase(policy, name);
  const atlas = await context.atlas();
  const { projectId } = policy.atlas;
  context.progress.phase(`looking at restore ${jobId} of ${database.cluster}`);
  const now = () => context.clock.now();
  await poll({
    clock: context.clock,
    signal: context.signal,
    limits: FIRST_LOOK_LIMITS,
    what: `restore ${jobId} could not be read`,
    ask: async () => ({ done: true, value: await getAnyJob(atlas, projectId, database, jobId, now) }),
  });
  const job: FollowedJob<AnyJob> = {
    get: (id) => getAnyJob(atlas, projectId, database, id, now),
    stateOf: ({ state }) => state,
    progressOf: ({ progress }) => progress,
    again: (seen) => goOn(database, seen),
  };
  const end = await followRestore(job, jobId, { context, database, usualMs: null, isNew: false });
  const subject = `cluster/${database.cluster}`;
  const reportOf = reporter("restore watch", policy.environment, context);
  const finding = { check: "restore/finished", title: "the restore has finished", subject, scope: jobId } as const;
  if (end.state === "done") return reportOf([{ ...finding, status: "pass", message: "finished" }]);
  const remedy = end.next ?? "look at the target in Atlas";
  const message = end.message ?? "it has not finished";
  if (end.state === "unclear") return reportOf([{ ...finding, status: "unknown", message, remedy }]);
  const step = { subject, summary: `restore ${jobId} of ${database.cluster}`, differences: [], ...end };
  const state = end.state === "failed" ? "failed" : "interrupted";
  const status = state === "failed" ? "fail" : "unknown";
  return reportOf([{ ...finding, status, message, remedy }], { state, steps: [step] });
}

/** The same once more, where it can be read what it was; collections are named by whoever restores them. */
function goOn(database: DatabasePolicy, job: AnyJob): string {
  const point = pointOf(job);
  const targetName = job.target.known ? job.target.value : null;
  return point === null || targetName === null
    ? `litally-ops restore list ${database.name}`
    : planAgain(database, { point, targetName });
}

function pointOf({ kind, snapshotId, pointInTimeAt }: AnyJob): RestorePoint | null {
  if (!kind.known || !snapshotId.known || !pointInTimeAt.known) return null;
  if (kind.value === "instant" && pointInTimeAt.value !== null) return { kind: "instant", at: pointInTimeAt.value };
  if (kind.value === "snapshot" && snapshotId.value !== null) return { kind: "snapshot", snapshotId: snapshotId.value };
  return null;
}
