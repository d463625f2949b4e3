/** What `backup verify` makes of what it gathered. Apart from it, so that the first request is out before any rule is loaded. */
import { mapBounded } from "../core/bounded.ts";
import { runChecks } from "../core/check.ts";
import type { Observed } from "../core/observed.ts";
import type { Finding } from "../core/report.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import type { ClockSkew } from "../ports/atlas.ts";
import { BACKUP_CHECKS } from "../rules/backup/checks.ts";
import type { BackupFacts } from "../rules/backup/facts.ts";
import { agreed, clockSkew, possibleNows } from "../rules/clock-skew.ts";
import { drillRecent } from "../rules/drill/record.ts";
import type { Context } from "./context.ts";
import { subjectOf } from "./databases.ts";
import { drillHistory } from "./drill-records.ts";
import { checkFilter, type Filter, withinReach } from "./only.ts";

const CHECK_IDS = [...BACKUP_CHECKS, drillRecent, clockSkew].map(({ id }) => id);

const FIND_OUT =
  "see backup/readable for what could not be read; mend that, then run again: until then nothing is proved";

/** The checks that `--only` names; an unknown one is OpsError `usage`. */
export function checksNamed(only: readonly string[]): Filter {
  return checkFilter(only, "backup", CHECK_IDS);
}

/** One database, at every instant that it may be by Atlas's clock. */
export function judgeBackups(facts: BackupFacts, skew: Observed<ClockSkew>, wanted: Filter): readonly Finding[] {
  const judged = possibleNows(facts.observedAt, skew)
    .map((observedAt) => judge({ ...facts, observedAt }, wanted))
    .reduce(agreed);
  const command = `litally-ops backup verify ${facts.database.name}`;
  // a wrong clock is told in any case, by judgeClock
  return judged.map((finding) => withinReach(finding, command, (check) => check.id === clockSkew.id || wanted(check)));
}

/** A wrong clock is told even where `--only` did not ask. */
export function judgeClock(skew: Observed<ClockSkew>, wanted: Filter): readonly Finding[] {
  return runChecks([clockSkew], { skew }, "atlas").filter((finding) => finding.status !== "pass" || wanted(clockSkew));
}

const MAX_HISTORIES = 4;

/** Of the databases whose policy wants drills. */
export async function judgeDrills(
  context: Context,
  policy: Pick<Policy, "atlas" | "environment">,
  databases: readonly DatabasePolicy[],
  wanted: Filter,
): Promise<readonly Finding[]> {
  if (!wanted(drillRecent)) return [];
  return (await mapBounded(databases, MAX_HISTORIES, (one) => judgeDrillsOf(context, policy, one))).flat();
}

async function judgeDrillsOf(
  context: Context,
  policy: Pick<Policy, "atlas" | "environment">,
  database: DatabasePolicy,
): Promise<readonly Finding[]> {
  const { drill } = database;
  if (drill === undefined) return [];
  const history = await drillHistory(context, policy, { ...database, drill });
  const isNeverRehearsed = history.records.known && history.records.value.length === 0;
  if (isNeverRehearsed && (await context.world()) !== null) return []; // a world begins without a past
  return runChecks([drillRecent], history, subjectOf(database));
}

function judge(facts: BackupFacts, wanted: Filter): readonly Finding[] {
  const judged = runChecks(BACKUP_CHECKS.filter(wanted), facts, subjectOf(facts.database), FIND_OUT);
  return isFlex(facts) ? judged.map(flexRemedy) : judged;
}

function isFlex({ cluster }: BackupFacts): boolean {
  return cluster.known && cluster.value?.offering === "flex";
}

/** Nothing about the backups of a flex cluster can be set: commands for dedicated ones would only be refused. */
function flexRemedy(finding: Finding): Finding {
  if (finding.remedy === undefined || finding.check === "backup/cluster-state") return finding;
  return { ...finding, remedy: "a flex cluster cannot be configured: see backup/cluster-state" };
}
