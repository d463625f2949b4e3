/**
 * `restore drill`: the rehearsal. Restores a database onto the cluster that its policy keeps for that, looks at the data,
 * measures, leaves a record, and puts the cluster to rest again in every ending.
 */
import * as z from "zod/mini";
import { runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import { FREQUENCIES, type Frequency } from "../core/frequency.ts";
import type { Finding, Report } from "../core/report.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import { chosenBy, latestPoint, tierPoints } from "../rules/drill/point.ts";
import { drillRecent } from "../rules/drill/record.ts";
import type { AskedPoint } from "../rules/restore/facts.ts";
import { stateBefore } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { selectDatabase, subjectOf } from "./databases.ts";
import { drillHistory } from "./drill-records.ts";
import { carryOutDrill, cleanUpOnly, type Drill, type DrilledDatabase, planDrill } from "./drill-run.ts";
import { backupGatherer } from "./gather-backups.ts";
import { reporter } from "./reporting.ts";
import { planFileAlone } from "./restore-given.ts";
import { savedPlan } from "./restore-plan-file.ts";

export const input = z.strictObject({
  database: z.string(),
  tier: z.optional(z.string()),
  allowBusy: z.prefault(z.boolean(), false),
  confirm: z.prefault(z.array(z.string()), []),
  verify: z.prefault(z.boolean(), true),
  dryRun: z.prefault(z.boolean(), false),
  last: z.prefault(z.boolean(), false),
  cleanUp: z.prefault(z.boolean(), false),
  planFile: z.optional(z.string()),
});
type Given = z.output<typeof input>;

const COMMAND = "restore drill";

export async function run(given: Given, context: Context): Promise<Report> {
  if (given.last && given.cleanUp)
    throw new OpsError("usage", "--last looks at records, --clean-up at the cluster: one of them at a time");
  if (given.planFile !== undefined && (given.last || given.cleanUp))
    throw new OpsError("usage", `--plan-file plans a drill, and ${given.last ? "--last" : "--clean-up"} is none`);
  planFileAlone(given);
  const tier = tierOf(given.tier);
  const { policy } = await context.policy("atlas", "databases");
  const database = drilled(selectDatabase(policy, given.database));
  if (given.last) return lastDrill(context, policy, database);
  const common = { command: COMMAND, context, policy, database };
  const { confirm: names, dryRun, verify, allowBusy } = given;
  if (given.cleanUp) return cleanUpOnly({ ...common, dryRun });
  const point = tier === null ? latestPoint(database, context.clock.now()) : await anyOf(tier, common);
  const asked: Drill = { ...common, point, tier, names, dryRun, verify, allowBusy };
  const looked = await planDrill(asked);
  if (given.planFile === undefined || stateBefore(looked.planned.plan) !== undefined)
    return carryOutDrill(asked, looked);
  const { files } = context;
  const saving = { files, path: given.planFile, environment: policy.environment, drill: { tier, verify } };
  return savedPlan(saving, looked.planned);
}

/** The database with what the policy says of its drills; OpsError `config` where it says nothing. */
export function drilled(database: DatabasePolicy): DrilledDatabase {
  const { drill: settings, name } = database;
  if (settings !== undefined) return { ...database, drill: settings };
  throw new OpsError("config", `the policy names no drill for database ${name}`, {
    hint: "add drill: { target: <cluster>, every: 90d } to it",
  });
}

function tierOf(text: string | undefined): Frequency | null {
  if (text === undefined) return null;
  const tier = FREQUENCIES.find((frequency) => frequency === text);
  if (tier !== undefined) return tier;
  throw new OpsError("usage", `--tier: "${text}" is no tier`, { hint: `write ${FREQUENCIES.join(", ")}` });
}

/** A snapshot that nobody has chosen: who knows which one is looked at keeps that one well. */
async function anyOf(tier: Frequency, drilling: Pick<Drill, "context" | "policy" | "database">): Promise<AskedPoint> {
  const { context, policy, database } = drilling;
  context.progress.phase(`looking for ${tier} snapshots of ${database.cluster}`);
  const gatherer = backupGatherer(await context.atlas(), policy.atlas.projectId);
  const facts = await gatherer.gather(database, () => context.clock.now(), null);
  if (!facts.snapshots.known) throw facts.snapshots.reason;
  const chosen = chosenBy(context.uniqueWord(), tierPoints(facts, tier));
  if (chosen !== undefined) return { kind: "snapshot", selector: { by: "id", id: chosen.name } };
  throw new OpsError("not-found", `${database.cluster} has no good ${tier} snapshot`, {
    hint: `see litally-ops backup list ${database.name}`,
  });
}

async function lastDrill(
  context: Context,
  policy: Pick<Policy, "atlas" | "environment">,
  database: DrilledDatabase,
): Promise<Report> {
  const history = await drillHistory(context, policy, database);
  const findings: readonly Finding[] = runChecks([drillRecent], history, subjectOf(database));
  return reporter(COMMAND, policy.environment, context)(findings);
}
