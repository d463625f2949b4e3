/** After a change: is it so? Atlas answers 200 to some settings and does not take them. */
import type { Difference } from "../../core/change.ts";
import { type Check, runChecks } from "../../core/check.ts";
import type { Finding } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { backupEnabled } from "../backup/cluster.ts";
import { continuousEnabled, continuousHourlyItem, continuousWindow } from "../backup/continuous.ts";
import { copiesConfigured, copiesOplogs } from "../backup/copies.ts";
import type { BackupFacts } from "../backup/facts.ts";
import { scheduleItem } from "../backup/retention.ts";
import { allOf, differences } from "./differences.ts";
import { openDifferences, type ScheduleFacts, settingsOf } from "./plan.ts";

/** The settings as they are now, judged: by what was planned, and by the checks of `backup verify` about settings. */
export function judgeApplied(applied: Applied, subject: string): readonly Finding[] {
  const settings = runChecks(SETTINGS_CHECKS, applied.now.backup, subject);
  return [...runChecks([taken], applied, subject), ...settings.map(withoutApply)];
}

export interface Applied {
  /** What the plan was made from. */
  readonly before: ScheduleFacts;
  readonly now: ScheduleFacts;
}

/** What was just applied and did not help is no remedy. */
function withoutApply(finding: Finding): Finding {
  return finding.remedy === undefined ? finding : { ...finding, remedy: "see schedule/applied" };
}

const taken: Check<Applied> = {
  id: "schedule/applied",
  title: "Atlas took every setting",
  remedy: ({
    now: {
      backup: { database },
    },
  }) =>
    `look at the cluster in Atlas (${database.cluster}, Backup); litally-ops backup plan ${database.name} shows what is open`,
  judge: (applied) => {
    const open = openDifferences(applied.now);
    if (!open.known) return unknown(open.reason);
    const isOpen = ({ setting }: Difference) => open.value.some((difference) => difference.setting === setting);
    const wrong = [...open.value, ...lost(applied).filter((difference) => !isOpen(difference))];
    if (wrong.length === 0) return pass("the live settings are as the policy wants them");
    return wrong.map(({ setting, wanted, live }) => ({
      ...fail(`Atlas did not take it: ${setting} should be ${wanted}, and is ${live}`, {
        expected: wanted,
        actual: live,
      }),
      scope: setting,
    }));
  },
};

/** What was to stay and is less than before, though the policy does not name it. */
function lost({ before, now }: Applied): readonly Difference[] {
  const [from, to] = [settingsOf(before), settingsOf(now)];
  if (!from.known || !to.known) return []; // there was no schedule before; what is not known now, the caller has seen
  const kept = { ...from.value.wanted, items: from.value.wanted.items.filter(({ id }) => id !== undefined) };
  const moved = allOf(differences(to.value.live, kept, now.backup.database, now.sourceOf));
  return moved.filter(({ effect }) => effect === "adds" || effect === "tightens");
}

const SETTINGS_CHECKS: readonly Check<BackupFacts>[] = [
  backupEnabled,
  scheduleItem,
  continuousEnabled,
  continuousHourlyItem,
  continuousWindow,
  copiesConfigured,
  copiesOplogs,
];
