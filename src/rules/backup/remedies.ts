/**
 * Remedies are commands that can be typed as they stand, with the official Atlas CLI.
 * https://www.mongodb.com/docs/atlas/cli/current/command/atlas-backups/
 */
import { DAY_MS, type Duration, longestMs } from "../../core/duration.ts";
import type { Frequency, RetentionUnit } from "../../ports/atlas.ts";
import type { BackupFacts } from "./facts.ts";
import { ofSchedule } from "./facts.ts";

/** A snapshot by hand makes the data safe now; the schedule is satisfied again only by its own next snapshot. */
export function takeSnapshot(facts: BackupFacts): string {
  const { cluster } = facts.database;
  return `make the data safe now: atlas backups snapshots create ${cluster} --desc "schedule missed" --retention 30; then find out why the schedule stands still: atlas backups schedule describe ${cluster}, atlas events projects list; this check passes again with the next scheduled snapshot`;
}

export function investigate(facts: BackupFacts): string {
  return `look at the cluster's backup events and alerts in Atlas: atlas backups snapshots list ${facts.database.cluster}`;
}

export function updateSchedule(facts: BackupFacts, flags: string): string {
  return `atlas backups schedule update --clusterName ${facts.database.cluster} ${flags}`;
}

const UNITS = { d: "days", w: "weeks", mo: "months", y: "years" } as const satisfies Record<string, RetentionUnit>;

/** The `--policy` flag that sets one item of the live schedule, or adds it when there is none of that frequency. */
export function policyItemFlag(facts: BackupFacts, frequency: Frequency, retain: Duration): string {
  const items = ofSchedule(facts, (schedule) => schedule.items);
  const live = items.known
    ? items.value.find((item) => item.frequency.known && item.frequency.value === frequency)
    : undefined;
  const itemId = live?.id.known ? live.id.value : "<itemId>";
  const interval = live?.interval.known ? live.interval.value : frequency === "hourly" ? 6 : 1;
  const [value, unit] =
    retain.unit === "s" || retain.unit === "m" || retain.unit === "h"
      ? [Math.ceil(longestMs(retain) / DAY_MS), "days"]
      : [retain.value, UNITS[retain.unit]];
  return `--policy <policyId>,${itemId},${frequency},${interval},${unit},${value} (ids: atlas backups schedule describe ${facts.database.cluster})`;
}
