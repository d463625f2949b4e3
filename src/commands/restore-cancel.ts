/** `restore cancel`: cancels what Atlas lets be cancelled, which is a download; of the rest it says why not. */
import * as z from "zod/mini";
import type { PlannedStep, StepOutcome } from "../core/change.ts";
import { type Check, runChecks } from "../core/check.ts";
import { SECOND_MS } from "../core/duration.ts";
import { mayHaveActed, type OpsError, toOpsError } from "../core/error.ts";
import type { Report } from "../core/report.ts";
import { fail, pass, unknown } from "../core/verdict.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { RestoreState } from "../rules/restore/outcome.ts";
import { carryOut, told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { selectDatabase, subjectOf } from "./databases.ts";
import { showRestore, watchRestore } from "./follow-restore.ts";
import { lookFor } from "./look-for.ts";
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
  const look = () => getAnyJob(atlas, projectId, database, jobId, () => context.clock.now());
  const subject = subjectOf(database);
  const preconditions = runChecks([cancellable], { ...(await look()), database, jobId }, subject);
  const step: PlannedStep = {
    subject,
    summary: `cancel the download ${jobId}`,
    done: `cancelled the download ${jobId}`,
    confirm: jobId,
    differences: [],
  };
  const reportOf = reporter("restore cancel", policy.environment, context);
  const change = await carryOut(
    {
      plan: { preconditions, steps: [step] },
      consent: { names: confirm, dryRun },
      preview: (shown) => reportOf(preconditions, shown),
      parallel: 1,
      apply: async () => {
        const lost = await cancelled(() => atlas.cancelRestoreJob(projectId, database.cluster, jobId));
        const outcome = { ...(await ending(context, look, lost)), result: { jobId } };
        return outcome.state === "done" ? outcome : { ...outcome, next: showRestore(database, jobId) };
      },
    },
    context,
  );
  return reportOf(preconditions, change);
}

/** Why it stays open whether Atlas took it down; undefined: it did. Throws where it did not. */
async function cancelled(cancel: () => Promise<void>): Promise<OpsError | undefined> {
  try {
    await cancel();
    return undefined;
  } catch (error) {
    const failure = toOpsError(error);
    if (failure.kind === "bug" || !mayHaveActed(failure.kind)) throw failure;
    return failure;
  }
}

/** Atlas shows it at once, or a moment later. */
const LOOKS = 4;
const LONGEST_WAIT_MS = 8 * SECOND_MS;

/** Whether it is cancelled is for the job itself to say, whatever the answer was. */
async function ending(
  context: Context,
  look: () => Promise<AnyJob>,
  lost: OpsError | undefined,
): Promise<Pick<StepOutcome, "state" | "message">> {
  const before = lost === undefined ? "" : `${lost.message}; `;
  let state: RestoreState = "unknown";
  try {
    const seen = await lookFor({
      context,
      what: "the restore could not be looked at",
      looks: LOOKS,
      longestMs: LONGEST_WAIT_MS,
      look: async () => {
        ({ state } = await look());
        return state === "cancelled" ? state : undefined;
      },
    });
    if (seen !== undefined) return { state: "done" };
    return lost === undefined
      ? { state: "failed", message: `Atlas took the order to cancel it, and it is ${state}` }
      : { state: "unclear", message: `${before}it is ${state}` };
  } catch (error) {
    return { state: "unclear", message: `${before}whether it is cancelled is not known: ${told(error)}` };
  }
}

interface Cancelling extends AnyJob {
  readonly database: DatabasePolicy;
  readonly jobId: string;
}

/** https://www.mongodb.com/docs/atlas/reference/api-errors/: CANNOT_CANCEL_AUTOMATED_RESTORE */
const cancellable: Check<Cancelling> = {
  id: "restore/cancellable",
  title: "Atlas lets the job be cancelled",
  remedy: ({ database, jobId }) => `look at it: ${showRestore(database, jobId)}`,
  judge: ({ isDownload, state, database, jobId }) => {
    if (!isDownload.known) return unknown(isDownload.reason);
    if (state === "unknown") return unknown("how the job stands cannot be read");
    if (state !== "running") return { ...fail(`it is over: ${state}`), remedy: "there is nothing left to cancel" };
    if (isDownload.value) return pass("a download that is under way");
    return {
      ...fail("a restore onto a cluster: Atlas cancels downloads only, and erases the target first"),
      remedy: `wait for its end: ${watchRestore(database, jobId)}; then restore what the target is to hold`,
    };
  },
};
