/** `backup verify`: can yesterday's backup be trusted? Gathers, judges by every check, reports. Changes nothing. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import { runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import { parseInstant } from "../core/instant.ts";
import type { Finding, Report } from "../core/report.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import { BACKUP_CHECKS } from "../rules/backup/checks.ts";
import type { BackupFacts } from "../rules/backup/facts.ts";
import { agreed, clockSkew, possibleNows } from "../rules/clock-skew.ts";
import { drillRecent } from "../rules/drill/record.ts";
import type { Context } from "./context.ts";
import { selectDatabases, subjectOf } from "./databases.ts";
import { drillHistory } from "./drill-records.ts";
import { backupGatherer, MAX_GATHERS } from "./gather-backups.ts";
import { checkFilter, type Filter, withinReach } from "./only.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  since: z.optional(z.string()),
  only: z.optional(z.array(z.string())),
});

const FIND_OUT =
  "see backup/readable for what could not be read; mend that, then run again: until then nothing is proved";

const CHECK_IDS = [...BACKUP_CHECKS, drillRecent, clockSkew].map(({ id }) => id);

export async function run({ databases, since, only }: z.output<typeof input>, context: Context): Promise<Report> {
  const wanted = checkFilter(only, "backup", CHECK_IDS);
  const { policy } = await context.policy("atlas", "databases");
  const selected = selectDatabases(policy, databases);
  const sinceAt = since === undefined ? null : parsePast(since, context.clock.now());
  const atlas = await context.atlas();
  const gatherer = backupGatherer(atlas, policy.atlas.projectId);
  context.progress.phase(
    `reading backups of ${selected.length === 1 ? selected[0]?.name : `${selected.length} databases`}`,
  );
  const findings = await mapBounded(selected, MAX_GATHERS, async (database) => {
    const facts = await gatherer.gather(database, () => context.clock.now(), sinceAt);
    const judged = possibleNows(facts.observedAt, atlas.clockSkew())
      .map((observedAt) => judge({ ...facts, observedAt }, wanted))
      .reduce(agreed);
    const command = `litally-ops backup verify ${database.name}`;
    // a wrong clock is told in any case, below
    return judged.map((finding) =>
      withinReach(finding, command, (check) => check.id === clockSkew.id || wanted(check)),
    );
  });
  const drills = wanted(drillRecent)
    ? await mapBounded(selected, MAX_GATHERS, (one) => judgeDrills(context, policy, one))
    : [];
  // a wrong clock is told even where `--only` did not ask
  const skew = runChecks([clockSkew], { skew: atlas.clockSkew() }, "atlas").filter(
    (finding) => finding.status !== "pass" || wanted(clockSkew),
  );
  return reporter("backup verify", policy.environment, context)([...findings.flat(), ...drills.flat(), ...skew]);
}

/** Only of a database whose policy wants drills. */
async function judgeDrills(
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

/** A series that begins in the future would owe nothing and be green for nothing: it is OpsError `usage`. */
function parsePast(text: string, now: Date): Date {
  const at = parseInstant(text, "--since", now);
  if (at < now) return at;
  throw new OpsError("usage", `--since: ${text} is in the future`, {
    hint: "name an instant that is over, such as 7d ago",
  });
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
