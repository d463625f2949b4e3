/** `restore watch`: waits for a restore by its id, whoever started it. Changes nothing. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import type { Context } from "./context.ts";
import { selectDatabase } from "./databases.ts";
import { reporter } from "./reporting.ts";
import { getAnyJob } from "./restore-jobs.ts";
import { type Followed, waitFor } from "./restore-steps.ts";

export const input = z.strictObject({ database: z.string(), job: z.string() });

export async function run({ database: name, job: jobId }: z.output<typeof input>, context: Context): Promise<Report> {
  const { policy } = await context.policy("atlas", "databases");
  const database = selectDatabase(policy, name);
  const atlas = await context.atlas();
  const { projectId } = policy.atlas;
  context.progress.phase(`looking at restore ${jobId} of ${database.cluster}`);
  const now = () => context.clock.now();
  const kind: Followed = {
    get: (id) => getAnyJob(atlas, projectId, database.cluster, id, now),
    stateOf: ({ state }) => state,
  };
  const end = await waitFor(kind, jobId, { context, database, usualMs: null, isNew: false });
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
