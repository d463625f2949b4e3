/** `backup verify`: can yesterday's backup be trusted? Gathers, judges by every check, reports. Changes nothing. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import type { Check } from "../core/check.ts";
import { runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import { parseInstant } from "../core/instant.ts";
import type { Finding, Report } from "../core/report.ts";
import { didYouMean } from "../core/suggest.ts";
import { BACKUP_CHECKS } from "../rules/backup/checks.ts";
import { clockSkew } from "../rules/clock-skew.ts";
import type { Context } from "./context.ts";
import { selectDatabases, subjectOf } from "./databases.ts";
import { backupGatherer } from "./gather-backups.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  since: z.optional(z.string()),
  only: z.optional(z.array(z.string())),
});

/** Databases gathered at a time; the connection limit below them is what sets the pace. */
const MAX_GATHERS = 8;

const FIND_OUT = "backup/readable says what could not be read; mend that, then run again: until then nothing is proved";

export async function run({ databases, since, only }: z.output<typeof input>, context: Context): Promise<Report> {
  const wanted = checkFilter(only);
  const { policy } = await context.policy();
  const selected = selectDatabases(policy, databases);
  const sinceAt = since === undefined ? null : parseInstant(since, "--since", context.clock.now());
  const atlas = await context.atlas();
  const gatherer = backupGatherer(atlas, policy.atlas.projectId);
  context.progress.phase(
    `reading backups of ${selected.length === 1 ? selected[0]?.name : `${selected.length} databases`}`,
  );
  const findings = await mapBounded(selected, MAX_GATHERS, async (database) => {
    const facts = await gatherer.gather(database, () => context.clock.now(), sinceAt);
    return runChecks(BACKUP_CHECKS.filter(wanted), facts, subjectOf(database), FIND_OUT);
  });
  const skew = runChecks([clockSkew].filter(wanted), { skew: atlas.clockSkew() }, "atlas");
  return {
    kind: "report",
    command: "backup verify",
    environment: policy.environment,
    observedAt: context.clock.now(),
    findings: [...findings.flat(), ...skew] satisfies readonly Finding[],
  };
}

/** Keeps the checks that `--only` names; an unknown id is OpsError `usage`. The noun may be left out. */
function checkFilter(only: readonly string[] | undefined): (check: Pick<Check<never>, "id">) => boolean {
  if (only === undefined) return () => true;
  const ids = [...BACKUP_CHECKS, clockSkew].map((check) => check.id);
  const wanted = new Set(only.map((name) => (name.includes("/") ? name : `backup/${name}`)));
  for (const id of wanted) {
    if (!ids.includes(id)) {
      throw new OpsError("usage", `--only: unknown check "${id}"${didYouMean(id, ids)}`, {
        hint: `checks: ${ids.join(", ")}`,
      });
    }
  }
  return (check) => wanted.has(check.id);
}
