/** A check without anything to judge has proved nothing, unless the cluster is too young to owe a snapshot. */
import { formatSpan, shortestMs } from "../../core/duration.ts";
import { mapObserved, type Observed } from "../../core/observed.ts";
import type { Evidence, Verdict } from "../../core/report.ts";
import { pass, unknown } from "../../core/verdict.ts";
import type { SnapshotPolicy } from "../../policy/schema.ts";
import { type BackupFacts, birth } from "./facts.ts";
import { intervalMs } from "./points.ts";
import { whyNone } from "./remedies.ts";

/** The verdict over no snapshot of one frequency; `laterMs` is how long after its snapshot what is looked for may come. */
export function nothingOf(
  facts: BackupFacts,
  entry: SnapshotPolicy,
  what: string,
  evidence: Evidence,
  laterMs = 0,
): Verdict {
  const due = mapObserved(dueAfterMs(facts, entry.frequency), (ms) => ms + laterMs);
  return nothing(facts, [due], what, evidence);
}

/** The verdict over no snapshot at all, of a check that asks for no frequency. */
export function nothingAtAll(facts: BackupFacts, what: string): Verdict {
  const { snapshots, continuousBackup } = facts.database;
  const hourly = continuousBackup === undefined ? [] : ["hourly" as const];
  const wanted = [...snapshots.map(({ frequency }) => frequency), ...hourly];
  return nothing(
    facts,
    wanted.map((frequency) => dueAfterMs(facts, frequency)),
    what,
  );
}

/** How long after its birth a cluster owes the first snapshot of a frequency. */
function dueAfterMs(facts: BackupFacts, frequency: SnapshotPolicy["frequency"]): Observed<number> {
  return mapObserved(intervalMs(facts, frequency), (ms) => ms + shortestMs(facts.database.grace));
}

function nothing(facts: BackupFacts, due: readonly Observed<number>[], what: string, evidence?: Evidence): Verdict {
  const born = birth(facts);
  if (!born.known) return unknown(born.reason, evidence);
  const ageMs = facts.observedAt.getTime() - born.value.getTime();
  if (due.length === 0 || due.some((afterMs) => afterMs.known && ageMs > afterMs.value))
    return { ...unknown(`there is no ${what}: nothing is proved`, evidence), remedy: whyNone(facts) };
  const unreadable = due.find((afterMs) => !afterMs.known);
  if (unreadable !== undefined && !unreadable.known) return unknown(unreadable.reason, evidence);
  return pass(`no ${what}, and none is owed yet: the cluster is ${formatSpan(ageMs)} old`, evidence);
}
