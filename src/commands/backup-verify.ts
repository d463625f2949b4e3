/** `backup verify`: can yesterday's backup be trusted? Gathers, judges by every check, reports. Changes nothing. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import { parseInstant } from "../core/instant.ts";
import type { Report } from "../core/report.ts";
import type { Context } from "./context.ts";
import { selectDatabases } from "./databases.ts";
import { backupGatherer, MAX_GATHERS } from "./gather-backups.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  since: z.optional(z.string()),
  only: z.optional(z.array(z.string())),
});

export async function run({ databases, since, only }: z.output<typeof input>, context: Context): Promise<Report> {
  const wanted = only === undefined ? () => true : (await loadJudge()).checksNamed(only);
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
    return (await loadJudge()).judgeBackups(facts, atlas.clockSkew(), wanted);
  });
  const { judgeDrills, judgeClock } = await loadJudge();
  const drills = await judgeDrills(context, policy, selected, wanted);
  const report = reporter("backup verify", policy.environment, context);
  return report([...findings.flat(), ...drills, ...judgeClock(atlas.clockSkew(), wanted)]);
}

/** Once there is something to judge, or `--only` is to be understood. */
function loadJudge() {
  return import("./judge-backups.ts");
}

/** A series that begins in the future would owe nothing and be green for nothing: it is OpsError `usage`. */
function parsePast(text: string, now: Date): Date {
  const at = parseInstant(text, "--since", now);
  if (at < now) return at;
  throw new OpsError("usage", `--since: ${text} is in the future`, {
    hint: "name an instant that is over, such as 7d ago",
  });
}
