/** `restore apply`: carries out a saved plan, unaltered, unexpired, unused, and onto the target that it was made for. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Report } from "../core/report.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import { type PlanFile, type PlannedDrill, requestOf } from "../rules/restore/plan-file.ts";
import { judgePlanFile } from "../rules/restore/plan-file-checks.ts";
import { recordRefusal } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { carryOutDrill, type Drill, planDrill } from "./drill-run.ts";
import { reporter } from "./reporting.ts";
import { drilled } from "./restore-drill.ts";
import { markUsed, parsePlan, readPlanText, usedMark } from "./restore-plan-file.ts";
import { carryOutRestore, lookAndPlan, type PlannedRestore, type RestoreRun } from "./restore-run.ts";

export const input = z.strictObject({
  file: z.string(),
  confirm: z.prefault(z.array(z.string()), []),
  verify: z.prefault(z.boolean(), false),
  wait: z.prefault(z.boolean(), true),
  dryRun: z.prefault(z.boolean(), false),
});
type Given = z.output<typeof input>;

export async function run(given: Given, context: Context): Promise<Report> {
  const plan = await readPlanText(context.files, given.file);
  const { policy } = await context.policy("atlas", "databases");
  const refusal = given.dryRun ? undefined : whyNot(given, plan.hash);
  if (refusal !== undefined) {
    const change = { state: "declined", reason: `nothing was changed: ${refusal}`, steps: [] } as const;
    await recordRefusal({ plan: { preconditions: [], steps: [] }, names: given.confirm }, change, context);
    return reporter(COMMAND, policy.environment, context)([], change);
  }
  const file = parsePlan(plan, given.file);
  const database = plannedDatabase(file, given.file, policy);
  return file.drill === undefined
    ? applyRestore(given, { file, database, policy, context })
    : applyDrill(given, { file, database, policy, context }, file.drill);
}

/** The approved plan of a drill is a run of the drill's schedule. So is what cannot be read: of it only a failure is told. */
export async function beatsAs({ file }: Given, { files }: Context): Promise<string> {
  try {
    return parsePlan(await readPlanText(files, file), file).drill === undefined ? COMMAND : DRILL;
  } catch {
    return DRILL; // why, the run itself says
  }
}

interface Saved {
  readonly file: PlanFile;
  readonly database: DatabasePolicy;
  readonly policy: Pick<Policy, "environment" | "atlas" | "databases">;
  readonly context: Context;
}

async function applyRestore(given: Given, saved: Saved): Promise<Report> {
  const { file, database, policy, context } = saved;
  const { wait, verify, dryRun } = given;
  const request = requestOf(file);
  const run: RestoreRun = { command: COMMAND, context, policy, database, request, wait, verify };
  return carryOutRestore({
    run,
    planned: await judged(given, saved, await lookAndPlan(run)),
    names: dryRun ? [] : [request.targetName],
    dryRun,
    beforeOrder: () => markUsed(context.files, given.file, context.clock.now()),
  });
}

/** What is restored comes from the file, what is erased and what becomes of it from the policy: both must be the same. */
async function applyDrill(given: Given, saved: Saved, planned: PlannedDrill): Promise<Report> {
  const { file, policy, context } = saved;
  const database = drilled(saved.database);
  const { point, targetName, drill: afterwards, allowBusy } = requestOf(file);
  if (!given.wait || given.verify)
    throw new OpsError("usage", `--${given.wait ? "verify" : "no-wait"}: a drill is waited for, and looks as planned`);
  if (targetName !== database.drill.target || afterwards !== database.drill.afterwards)
    throw anotherPolicy(file, given.file);
  const { dryRun } = given;
  const names = dryRun ? [] : [targetName];
  const asked: Drill = { command: COMMAND, context, policy, database, point, names, dryRun, allowBusy, ...planned };
  const looked = await planDrill(asked);
  return carryOutDrill(asked, { ...looked, planned: await judged(given, saved, looked.planned) }, () =>
    markUsed(context.files, given.file, context.clock.now()),
  );
}

/** What was looked at anew, and whether the saved plan may still be carried out. */
async function judged(given: Given, { file, context }: Saved, looked: PlannedRestore): Promise<PlannedRestore> {
  const mark = usedMark(given.file);
  const usedBy = (await context.files.exists(mark)) ? mark : null;
  const findings = judgePlanFile({ file, facts: looked.facts, usedBy }, `cluster/${file.request.targetName}`);
  return { ...looked, plan: { ...looked.plan, preconditions: [...findings, ...looked.plan.preconditions] } };
}

const COMMAND = "restore apply";
const DRILL = "restore drill";

/** Why the plan is not consented to; undefined: it is. The whole hash, and nothing beside it. */
function whyNot({ confirm, file }: Given, hash: string): string | undefined {
  if (confirm.length === 0) return "it needs the hash of the plan, as --plan-file printed it: --confirm <hash>";
  if (confirm.length === 1 && confirm[0] === hash) return undefined;
  return `--confirm is not the hash of ${file}: the file was altered, or another plan is meant`;
}

/** The database that a plan is about, in the policy that it was made with. */
function plannedDatabase(
  file: PlanFile,
  path: string,
  policy: Pick<Policy, "environment" | "atlas" | "databases">,
): DatabasePolicy {
  const { source, request, environment } = file;
  const database = policy.databases.find(({ name }) => name === source.database);
  const isSame =
    database?.cluster === source.clusterName &&
    policy.atlas.projectId === source.projectId &&
    policy.atlas.projectId === request.targetProjectId && // what is looked at is there, and so must be what is erased
    policy.environment === environment;
  if (database !== undefined && isSame) return database;
  throw anotherPolicy(file, path);
}

function anotherPolicy({ source, environment }: PlanFile, path: string): OpsError {
  return new OpsError("usage", `${path} was planned with another policy`, {
    hint: `it is about database ${source.database} (cluster ${source.clusterName}) of ${environment}`,
  });
}
