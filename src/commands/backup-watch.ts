/** `backup watch`: waits for a snapshot by its id, whoever took it, and judges what came out. Changes nothing. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import type { Report } from "../core/report.ts";
import { awaitSnapshot } from "./await-snapshot.ts";
import type { Context } from "./context.ts";
import { selectDatabase, subjectOf } from "./databases.ts";
import { FIRST_LOOK_LIMITS } from "./first-look.ts";
import { backupGatherer, isSharded } from "./gather-backups.ts";
import { reporter } from "./reporting.ts";
import { ending, judgeSnapshot } from "./snapshot-job.ts";

export const input = z.strictObject({ database: z.string(), snapshot: z.string() });

export async function run(
  { database: name, snapshot: snapshotId }: z.output<typeof input>,
  context: Context,
): Promise<Report> {
  if (!/^[0-9a-f]{24}$/.test(snapshotId))
    throw new OpsError("usage", `"${snapshotId}" is not the id of a snapshot`, {
      hint: `it has 24 hexadecimal digits; litally-ops backup list ${name} prints them with --verbose`,
    });
  const { policy } = await context.policy("atlas", "databases");
  const database = selectDatabase(policy, name);
  const atlas = await context.atlas();
  const { projectId } = policy.atlas;
  context.progress.phase(`looking at snapshot ${snapshotId} of ${database.cluster}`);
  const cluster = await poll({
    clock: context.clock,
    signal: context.signal,
    limits: FIRST_LOOK_LIMITS,
    what: `cluster ${database.cluster} could not be read`,
    ask: async () => {
      const found = await backupGatherer(atlas, projectId).findCluster(database.cluster);
      if (found.known) return { done: true, value: found };
      throw found.reason;
    },
  });
  const target = {
    atlas,
    context,
    projectId,
    clusterName: database.cluster,
    snapshotId,
    sharded: isSharded(cluster),
  };
  const report = reporter("backup watch", policy.environment, context);
  const step = {
    subject: subjectOf(database),
    summary: `snapshot ${snapshotId} of ${database.cluster}`,
    differences: [],
  };
  const tell = (text: string, elapsedMs: number) => context.progress.waiting(text, elapsedMs);
  const waited = await awaitSnapshot({ ...target, isNew: false, tell });
  if ("left" in waited) {
    if (waited.left.kind === "aborted" || waited.lastSeen === null) throw waited.left;
    return report([], { state: "interrupted", steps: [{ ...step, ...ending(waited, snapshotId, database) }] });
  }
  const end = ending(waited, snapshotId, database);
  const findings = await judgeSnapshot({ atlas, context, projectId, database, snapshotId, retentionDays: null });
  return end.state === "failed"
    ? report(findings, { state: "failed", steps: [{ ...step, ...end }] })
    : report(findings);
}
