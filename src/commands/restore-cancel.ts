/** `restore cancel`: cancels what Atlas lets be cancelled, which is a download; of the rest it says why not. */
import * as z from "zod/mini";
import type { PlannedStep } from "../core/change.ts";
import { type Check, runChecks } from "../core/check.ts";
import type { Report } from "../core/report.ts";
import { fail, pass, unknown } from "../core/verdict.ts";
import { carryOut } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { selectDatabase, subjectOf } from "./databases.ts";
import { reporter } from "./reporting.ts";
import { type AnyJob, getAnyJob } from "./restore-jobs.ts";

export const input = z.strictObject({
  database: z.string(),
  job: z.string(),
  confirm: z.prefault(z.array(z.string()), []),
  dryRun: z.prefault(z.boolean(), false),
});

export async function run(given: z.output<typeof input>, context: Context): Promise<Report> {
  const { database: name, job: jobId, confirm, dryRun } = given;
  const { policy } = await context.policy("atlas", "databases");
  const database = selectDatabase(policy, name);
  const atlas = await context.atlas();
  const { projectId } = policy.atlas;
  context.progress.phase(`looking at restore ${jobId} of ${database.cluster}`);
  const look = () => getAnyJob(atlas, projectId, database.cluster, jobId, () => context.clock.now());
  const subject = subjectOf(database);
  const preconditions = runChecks([cancellable], await look(), subject);
  const step: PlannedStep = {
    subject,
    summary: `cancel the download ${jobId}`,
    done: `cancelled the download ${jobId}`,
    confirm: jobId,
    differences: [],
  };
  const report = reporter("restore cancel", policy.environment, context);
  const change = await carryOut(
    {
      plan: { preconditions, steps: [step] },
      consent: { names: confirm, dryRun },
      preview: (shown) => report(preconditions, shown),
      parallel: 1,
      apply: async () => {
        await atlas.cancelRestoreJob(projectId, database.cluster, jobId);
        const { state } = await look();
        return state === "cancelled"
          ? { state: "done", result: { jobId } }
          : { state: "failed", result: { jobId }, message: `it was cancelled, and is ${state}` };
      },
    },
    context,
  );
  return report(preconditions, change);
}

/** https://www.mongodb.com/docs/atlas/reference/api-errors/: CANNOT_CANCEL_AUTOMATED_RESTORE */
const cancellable: Check<AnyJob> = {
  id: "restore/cancellable",
  title: "Atlas lets the job be cancelled",
  remedy: () => "wait until it has ended (litally-ops restore watch), then restore what the target is to hold",
  judge: ({ isDownload, state }) => {
    if (!isDownload.known) return unknown(isDownload.reason);
    if (state === "unknown") return unknown("how the job stands cannot be read");
    if (state !== "running") return fail(`it is over: ${state}`);
    return isDownload.value
      ? pass("a download that is under way")
      : fail("a restore onto a cluster: Atlas cancels downloads only, and erases the target first");
  },
};
