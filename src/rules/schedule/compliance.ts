/**
 * What a Backup Compliance Policy would refuse. It is the minimum for every cluster of its project, and only MongoDB's
 * support can take it back: https://www.mongodb.com/docs/atlas/backup/cloud-backup/backup-compliance-policy/
 */
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { CompliancePolicy, PolicyItem } from "../../ports/atlas-changes.ts";
import { describeItem } from "./differences.ts";
import type { LiveSettings } from "./live.ts";
import { covers } from "./retention.ts";

export function complianceProblems(
  policy: CompliancePolicy,
  live: LiveSettings,
  wanted: LiveSettings,
): Verdict | readonly Verdict[] {
  const { state, items, pitEnabled, restoreWindowDays, copyProtection } = policy;
  for (const part of [state, items, pitEnabled, restoreWindowDays, copyProtection]) {
    if (!part.known) return unknown(part.reason);
  }
  const problems = [
    ...pending(policy),
    ...shortItems(policy, wanted),
    ...continuous(policy, wanted),
    ...fewerCopies(policy, live, wanted),
  ];
  return problems.length === 0 ? pass("in force, and satisfied") : problems;
}

function pending({ state }: CompliancePolicy): readonly Verdict[] {
  if (!state.known || state.value === "ACTIVE") return [];
  return [
    fail(`the Backup Compliance Policy is ${state.value.toLowerCase()}: Atlas takes no changes until that is over`),
  ];
}

function shortItems({ items }: CompliancePolicy, wanted: LiveSettings): readonly Verdict[] {
  if (!items.known) return [];
  return items.value.flatMap((floor) => {
    const own = wanted.items.filter(({ frequency }) => frequency === floor.frequency);
    const isOften = ({ interval }: PolicyItem) => floor.frequency !== "hourly" || interval <= floor.interval;
    if (own.some((item) => isOften(item) && covers(item.retention, floor.retention))) return [];
    const evidence = {
      expected: `${floor.frequency}, ${describeItem(floor)} or longer`,
      actual: own.map(describeItem),
    };
    return [{ ...fail(`the Backup Compliance Policy demands ${evidence.expected}`, evidence), scope: floor.frequency }];
  });
}

function continuous({ pitEnabled, restoreWindowDays }: CompliancePolicy, wanted: LiveSettings): readonly Verdict[] {
  if (!pitEnabled.known || !pitEnabled.value) return [];
  if (!wanted.pitEnabled) return [fail("the Backup Compliance Policy demands continuous backup")];
  const floor = restoreWindowDays.known ? restoreWindowDays.value : null;
  if (floor === null || (wanted.restoreWindowDays ?? 0) >= floor) return [];
  return [
    fail(`the Backup Compliance Policy demands a restore window of ${floor} days`, {
      expected: floor,
      actual: wanted.restoreWindowDays,
    }),
  ];
}

/** With copy protection no copy setting may go. */
function fewerCopies(
  { copyProtection }: CompliancePolicy,
  live: LiveSettings,
  wanted: LiveSettings,
): readonly Verdict[] {
  if (!copyProtection.known || !copyProtection.value) return [];
  const gone = live.copies.filter(
    ({ region, zoneId }) => !wanted.copies.some((kept) => kept.region === region && kept.zoneId === zoneId),
  );
  return gone.map(({ region }) => ({
    ...fail(`the Backup Compliance Policy protects the copies to ${region}`),
    scope: region,
  }));
}
