/** `restore apply`: carries out a saved plan, unaltered, unexpired, unused, and onto the target that it was made for. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Report } from "../core/report.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import { type PlanFile, requestOf } from "../rules/restore/plan-file.ts";
import { judgePlanFile } from "../rules/restore/plan-file-checks.ts";
import type { Context } from "./context.ts";
import { reporter } from "./reporting.ts";
import { markUsed, parsePlan, readPlanText, usedMark } from "./restore-plan-file.ts";
import { carryOutRestore, lookAndPlan, type RestoreRun } from "./restore-run.ts";

export const input = z.strictObject({
  file: z.string(),
  confirm: z.prefault(z.array(z.string()), []),
  verify: z.prefault(z.boolean(), false),
  wait: z.prefault(z.boolean(), true),
  dryRun: z.prefault(z.boolean(), false),
});

export async function run(given: z.output<typeof input>, context: Context): Promise<Report> {
  const plan = await readPlanText(context.files, given.file);
  const { policy } = await context.policy("atlas", "databases");
  const refusal = given.dryRun ? undefined : whyNot(given, plan.hash);
  if (refusal !== undefined) {
    const change = { state: "declined", reason: `nothing was changed: ${refusal}`, steps: [] } as const;
    return reporter(COMMAND, policy.environment, context)([], change);
  }
  const file = parsePlan(plan, given.file);
  const database = plannedDatabase(file, given.file, policy);
  const request = requestOf(file);
  const run: RestoreRun = {
    command: COMMAND,
    context,
    policy,
    database,
    request,
    wait: given.wait,
    verify: given.verify,
  };
  const looked = await lookAndPlan(run);
  const mark = usedMark(given.file);
  const usedBy = (await context.files.exists(mark)) ? mark : null;
  const judged = judgePlanFile({ file, facts: looked.facts, usedBy }, `cluster/${request.targetName}`);
  return carryOutRestore({
    run,
    planned: { ...looked, plan: { ...looked.plan, preconditions: [...judged, ...looked.plan.preconditions] } },
    names: given.dryRun ? [] : [request.targetName],
    dryRun: given.dryRun,
    beforeOrder: () => markUsed(context.files, given.file, context.clock.now()),
  });
}

const COMMAND = "restore apply";

/** Why the plan is not consented to; undefined: it is. The whole hash, and nothing beside it. */
function whyNot({ confirm, file }: z.output<typeof input>, hash: string): string | undefined {
  if (confirm.length === 0) return "it needs the hash of the plan, as --plan-file printed it: --confirm <hash>";
  if (confirm.length === 1 && confirm[0] === hash) return undefined;
  return `--confirm is not the hash of ${file}: the file was altered, or another plan is meant`;
}

/** The database that a plan is about, in the policy that it was made with. */
function plannedDatabase(
  { source, request, environment }: PlanFile,
  path: string,
  policy: Pick<Policy, "environment" | "atlas" | "databases">,
): DatabasePolicy {
  const database = policy.databases.find(({ name }) => name === source.database);
  const isSame =
    database?.cluster === source.clusterName &&
    policy.atlas.projectId === source.projectId &&
    policy.atlas.projectId === request.targetProjectId && // what is looked at is there, and so must be what is erased
    policy.environment === environment;
  if (database !== undefined && isSame) return database;
  throw new OpsError("usage", `${path} was planned with another policy`, {
    hint: `it is about database ${source.database} (cluster ${source.clusterName}) of ${environment}`,
  });
}
