/** After a change: is it so? Atlas answers 200 to some settings and does not take them. */
import { type Check, runChecks } from "../../core/check.ts";
import type { Finding } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { backupEnabled } from "../backup/cluster.ts";
import { continuousEnabled, continuousHourlyItem, continuousWindow } from "../backup/continuous.ts";
import { copiesConfigured, copiesOplogs } from "../backup/copies.ts";
import type { BackupFacts } from "../backup/facts.ts";
import { scheduleItem } from "../backup/retention.ts";
import { openDifferences, type ScheduleFacts } from "./plan.ts";

/** The settings as they are now, judged: by what was planned, and by the checks of `backup verify` about settings. */
export function judgeApplied(facts: ScheduleFacts, subject: string): readonly Finding[] {
  const settings = runChecks(SETTINGS_CHECKS, facts.backup, subject);
  return [...runChecks([taken], facts, subject), ...settings.map(withoutApply)];
}

/** What was just applied and did not help is no remedy. */
function withoutApply(finding: Finding): Finding {
  return finding.remedy === undefined ? finding : { ...finding, remedy: "see schedule/applied" };
}

const taken: Check<ScheduleFacts> = {
  id: "schedule/applied",
  title: "Atlas took every setting",
  remedy: ({ backup: { database } }) =>
    `look at the cluster in Atlas (${database.cluster}, Backup); litally-ops backup plan ${database.name} shows what is open`,
  judge: (facts) => {
    const open = openDifferences(facts);
    if (!open.known) return unknown(open.reason);
    if (open.value.length === 0) return pass("the live settings are as the policy wants them");
    return open.value.map(({ setting, wanted, live }) => ({
      ...fail(`Atlas did not take it: ${setting} should be ${wanted}, and is ${live}`, {
        expected: wanted,
        actual: live,
      }),
      scope: setting,
    }));
  },
};

const SETTINGS_CHECKS: readonly Check<BackupFacts>[] = [
  backupEnabled,
  scheduleItem,
  continuousEnabled,
  continuousHourlyItem,
  continuousWindow,
  copiesConfigured,
  copiesOplogs,
];
