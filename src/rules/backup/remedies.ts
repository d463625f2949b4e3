/**
 * Remedies are commands that can be typed as they stand, with the official Atlas CLI.
 * https://www.mongodb.com/docs/atlas/cli/current/command/atlas-backups/
 */
import { DAY_MS, type Duration, HOUR_MS, longestMs, shortestMs } from "../../core/duration.ts";
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

/**
 * How to set the schedule item of a frequency: by the `--policy` flag where there is one, else by adding it to the
 * schedule as a file. `every` is how often hourly snapshots are wanted; without it the live interval stays.
 */
export function setPolicyItem(facts: BackupFacts, { frequency, retain, every }: WantedItem): string {
  const items = ofSchedule(facts, (schedule) => schedule.items);
  const live = items.known
    ? items.value.find((item) => item.frequency.known && item.frequency.value === frequency)
    : undefined;
  const wantedHours = every === undefined ? undefined : shortestMs(every) / HOUR_MS;
  const usual = frequency === "hourly" ? 6 : 1;
  const interval = wantedHours ?? (live?.interval.known ? live.interval.value : usual);
  const [value, unit] =
    retain.unit === "s" || retain.unit === "m" || retain.unit === "h"
      ? [Math.ceil(longestMs(retain) / DAY_MS), "days"]
      : [retain.value, UNITS[retain.unit]];
  const { cluster } = facts.database;
  const show = `atlas backups schedule describe ${cluster}`;
  if (live?.id.known) {
    const item = `<policyId>,${live.id.value},${frequency},${interval},${unit},${value}`;
    return `${updateSchedule(facts, `--policy ${item}`)} (policyId: ${show})`;
  }
  const json = `{"frequencyType": "${frequency}", "frequencyInterval": ${interval}, "retentionUnit": "${unit}", "retentionValue": ${value}}`;
  return `${show} -o json > schedule.json, add ${json} to its policies[0].policyItems, then ${updateSchedule(facts, "--file schedule.json")}`;
}

interface WantedItem {
  readonly frequency: Frequency;
  readonly retain: Duration;
  readonly every?: Duration | undefined;
}
