/**
 * Remedies are commands that can be typed as they stand: our own, or those of the official Atlas CLI. A remedy that
 * leaves the matter to another check says `see backup/<check>`.
 * https://www.mongodb.com/docs/atlas/cli/current/command/atlas-backups/
 */
import { type BackupFacts, ofCluster, ofSchedule } from "./facts.ts";
import { isDated, restorePoints } from "./points.ts";
import type { Hole } from "./series.ts";

/** What to do where no good snapshot of the schedule came: about the cause, where the facts tell it. */
export function mendSchedule(facts: BackupFacts): string {
  const { name, cluster } = facts.database;
  const cause = causeOf(facts);
  if (cause !== undefined) return `see ${cause}`;
  return `make the data safe now: litally-ops backup snapshot ${name}; then find out why the schedule brings no good one: atlas backups schedule describe ${cluster}, atlas events projects list; this check passes again with the next good snapshot of the schedule`;
}

/** Where there is no snapshot at all to judge: another check says what there is instead, and what to do. */
export function whyNone(facts: BackupFacts): string {
  return facts.database.snapshots.length === 0 ? mendSchedule(facts) : `see ${causeOf(facts) ?? "backup/snapshot-age"}`;
}

/** The check that says why the schedule brings no good snapshot. */
function causeOf(facts: BackupFacts): string | undefined {
  const enabled = ofCluster(facts, (cluster) => cluster.backupEnabled);
  if (enabled.known && !enabled.value) return "backup/enabled";
  const paused = ofCluster(facts, (cluster) => cluster.paused);
  if (paused.known && paused.value) return "backup/cluster-state";
  const items = ofSchedule(facts, (schedule) => schedule.items);
  const lacks = (wanted: string) =>
    items.known && items.value.every(({ frequency }) => frequency.known && frequency.value !== wanted);
  if (facts.database.snapshots.some(({ frequency }) => lacks(frequency))) return "backup/schedule-item";
  const points = facts.snapshots.known ? restorePoints(facts, facts.snapshots.value) : [];
  const newest = points.filter(isDated).findLast((point) => point.scheduled === "yes");
  if (newest === undefined) return undefined;
  const { status } = newest.snapshot;
  if (status.known && (status.value === "queued" || status.value === "inProgress"))
    return "backup/snapshot-in-progress";
  if (newest.completed === "yes" && newest.whole === "no") return "backup/shards-complete";
  return newest.completed === "yes" && newest.holdsData === "no" ? "backup/snapshot-size" : undefined;
}

/** For a cluster so young that nothing has gone wrong yet. */
export function awaitFirst({ database }: BackupFacts): string {
  return `wait for the first snapshot of the schedule, or take one now: litally-ops backup snapshot ${database.name}`;
}

/** Schedule, continuous backup, restore window and copies as the policy wants them. */
export function applyPolicy({ database }: BackupFacts): string {
  return `litally-ops backup apply ${database.name}`;
}

export function investigate({ database }: BackupFacts): string {
  return `look at the cluster's snapshots and at the project's events: atlas backups snapshots list ${database.cluster}, atlas events projects list`;
}

/** A hole stays until it is older than the retention: all there is to do is to know why. */
export function explainGap(holes: readonly Hole[]): string {
  const second = (at: Date | undefined) => `${at?.toISOString().slice(0, 19)}Z`;
  return `a missed snapshot cannot be made up for: note the gap for the auditor, and see what happened then: atlas events projects list --minDate ${second(holes[0]?.from)} --maxDate ${second(holes.at(-1)?.to)}`;
}

/** A call of Atlas's API for what neither we nor the Atlas CLI have a command. */
export function atlasApi(
  { database }: BackupFacts,
  operation: string,
  body: Readonly<Record<string, unknown>>,
): string {
  return `echo '${JSON.stringify(body)}' > f.json && atlas api ${operation} --clusterName ${database.cluster} --file f.json`;
}
