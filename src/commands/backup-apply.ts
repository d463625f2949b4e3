/**
 * `backup plan` and `backup apply`: what must change so that the live backup settings are as the policy says, and the
 * change itself, after consent, read back and judged.
 */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import type { Change, Plan } from "../core/change.ts";
import { SECOND_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import { type Finding, type Report, worst } from "../core/report.ts";
import { judgeApplied } from "../rules/schedule/applied.ts";
import { planSchedule, type ScheduleFacts, type ScheduleStep } from "../rules/schedule/plan.ts";
import { carryOut, lookedAgain } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { selectDatabases, subjectOf } from "./databases.ts";
import { MAX_GATHERS } from "./gather-backups.ts";
import { reporter } from "./reporting.ts";
import { applyScheduleStep } from "./schedule-changes.ts";
import { type ScheduleLook, scheduleLook } from "./schedule-look.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  allowLoosening: z.prefault(z.boolean(), false),
  updateExisting: z.prefault(z.boolean(), false),
  confirm: z.prefault(z.array(z.string()), []),
  dryRun: z.prefault(z.boolean(), false),
});
export type Input = z.output<typeof input>;

/** Clusters changed side by side. */
const MAX_CLUSTERS = 4;

export async function run(given: Input, context: Context): Promise<Report> {
  const { allowLoosening, updateExisting, confirm, dryRun } = given;
  if (allowLoosening && updateExisting)
    throw new OpsError("usage", "--update-existing with --allow-loosening would delete snapshots that exist", {
      hint: "loosen first, then lengthen what exists",
    });
  const { plan, look, seen, selected, reportOf } = await planAll("backup apply", given, context);
  const atlas = await context.atlas();
  const databaseOf = (subject: string) => selected.find((database) => subjectOf(database) === subject);
  const change = await carryOut(
    {
      plan,
      consent: { names: confirm, dryRun },
      preview: (before) => reportOf(plan.preconditions, before),
      parallel: MAX_CLUSTERS,
      apply: (step) => {
        const database = databaseOf(step.subject);
        if (database === undefined) throw new OpsError("bug", `a step for ${step.subject}, which was not selected`);
        context.progress.phase(step.summary);
        return applyScheduleStep(step, {
          atlas,
          context,
          projectId: look.projectId,
          database,
          planned: plan.steps
            .filter(({ subject }) => subject === step.subject)
            .flatMap(({ differences }) => differences),
          updateExisting,
          look: () => look.lookAt(database),
        });
      },
    },
    context,
  );
  const judged = await judgeAll(changed(seen, change), look, context);
  return reportOf([...plan.preconditions, ...judged], change);
}

/** What `plan` shows and `apply` begins with. */
export async function planAll(
  command: string,
  { databases, allowLoosening }: Pick<Input, "databases" | "allowLoosening">,
  context: Context,
) {
  const loaded = await context.policy("atlas", "databases");
  const { policy } = loaded;
  const selected = selectDatabases(policy, databases);
  const atlas = await context.atlas();
  context.progress.phase(`reading the backup settings of ${selected.map(({ name }) => name).join(", ")}`);
  const look = scheduleLook({ atlas, context, loaded, selected, loosen: allowLoosening });
  const seen = await look.lookAtAll();
  const plans = seen.map((facts) => planSchedule(facts, subjectOf(facts.backup.database)));
  const plan: Plan<ScheduleStep> = {
    preconditions: plans.flatMap(({ preconditions }) => preconditions),
    steps: plans.flatMap(({ steps }) => steps),
  };
  return { plan, look, seen, selected, reportOf: reporter(command, policy.environment, context) };
}

/** What was seen before of those that were changed, whatever became of the others. */
function changed(seen: readonly ScheduleFacts[], { steps }: Change): readonly ScheduleFacts[] {
  return seen.filter(({ backup: { database } }) => {
    const own = steps.filter(({ subject }) => subject === subjectOf(database));
    return own.length > 0 && own.every(({ state }) => state === "done");
  });
}

/** Atlas shows a change at once, or a moment later. */
const JUDGE_LIMITS = { firstMs: 2 * SECOND_MS, longestMs: 4 * SECOND_MS, limitMs: 8 * SECOND_MS };

async function judgeAll(
  seen: readonly ScheduleFacts[],
  look: ScheduleLook,
  context: Context,
): Promise<readonly Finding[]> {
  if (seen.length > 0) context.progress.phase("looking again");
  const judged = await mapBounded(seen, MAX_GATHERS, (before) => {
    const { database } = before.backup;
    const remedy = `litally-ops backup plan ${database.name}`;
    return lookedAgain(subjectOf(database), remedy, () => judgeWhenShown(before, look, context));
  });
  return judged.flat();
}

/** The findings once they are good, or as they still are when the time is over. */
async function judgeWhenShown(before: ScheduleFacts, look: ScheduleLook, { clock, signal }: Context) {
  const { database } = before.backup;
  let findings: readonly Finding[] = [];
  const judge = async () => judgeApplied({ before, now: await look.lookAt(database) }, subjectOf(database));
  try {
    await poll({
      clock,
      signal,
      limits: JUDGE_LIMITS,
      what: "the settings were not as they should be",
      ask: async () => {
        findings = await judge();
        const status = worst(findings);
        return status === "pass" || status === "warn" ? { done: true, value: null } : { done: false };
      },
    });
  } catch (error) {
    if (!(error instanceof OpsError) || error.kind === "bug") throw error;
    if (findings.length === 0) findings = await judge();
  }
  return findings;
}
