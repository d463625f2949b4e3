/**
 * What Atlas demands of a backup schedule, whoever changes it
 * (https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/). Where its documentation names no
 * code, INVALID_SNAPSHOT_SCHEDULE stands for it.
 */
import { DAY_MS, longestMs } from "../core/duration.ts";
import { type Answer, refuse } from "./answer.ts";
import { retention } from "./life.ts";
import { type ClusterRecord, type ComplianceRecord, FREQUENCIES, type Frequency, type ItemRecord } from "./model.ts";

/** The refusal of a schedule that breaks one of Atlas's rules. */
export function brokenRule({ schedule, pitEnabled }: ClusterRecord): Answer | null {
  const { items, restoreWindowDays } = schedule;
  return (
    itemsProblem(items) ??
    retentionProblem(items) ??
    continuousProblem(items, pitEnabled) ??
    windowProblem(items, pitEnabled ? restoreWindowDays : null)
  );
}

/** The refusal of a schedule that holds less than the Backup Compliance Policy demands. */
export function brokenCompliance({ schedule, pitEnabled }: ClusterRecord, demanded: ComplianceRecord): Answer | null {
  const { items, restoreWindowDays } = schedule;
  const wanted = demanded.restoreWindowDays;
  if (pitEnabled && wanted !== null && (restoreWindowDays ?? 0) < wanted) {
    const code = "CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY";
    return refuse(400, code, `The Backup Compliance Policy demands a window of ${wanted} days.`, [wanted]);
  }
  const unmet = demanded.items.find((demand) => !items.some((item) => meets(item, demand)));
  if (unmet === undefined) return null;
  const code = "BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS";
  return refuse(400, code, `The ${unmet.frequency} item keeps less than the Backup Compliance Policy demands.`);
}

const INTERVALS = {
  hourly: [1, 2, 4, 6, 8, 12],
  daily: [1],
  weekly: range(7),
  monthly: [...range(28), 40],
  yearly: range(12),
} as const satisfies Record<Frequency, readonly number[]>;

function itemsProblem(items: readonly ItemRecord[]): Answer | null {
  if (items.length === 0) return refuse(400, "INVALID_NUM_OF_POLICY_ITEMS", "A policy needs at least one item.");
  for (const { frequency, interval, retentionValue } of items) {
    const allowed: readonly number[] = INTERVALS[frequency];
    if (!allowed.includes(interval))
      return broken(`A ${frequency} item has one of the intervals ${allowed.join(", ")}.`);
    if (retentionValue < 1) return broken(`A ${frequency} item keeps its snapshots for ${retentionValue}.`);
  }
  for (const frequency of ["hourly", "daily"] as const) {
    if (items.filter((item) => item.frequency === frequency).length > 1) {
      return broken(`A policy has one ${frequency} item at most.`);
    }
  }
  return null;
}

/** What one period of a frequency is, which is the least that it can be kept. */
const PERIOD_DAYS = { hourly: 1, daily: 1, weekly: 7, monthly: 31, yearly: 365 } as const satisfies Record<
  Frequency,
  number
>;

function retentionProblem(items: readonly ItemRecord[]): Answer | null {
  for (const item of items) {
    if (keptMs(item) < PERIOD_DAYS[item.frequency] * DAY_MS) {
      return broken(`A ${item.frequency} item keeps its snapshots for a shorter time than its own period.`);
    }
    const shorter = items.find((other) => rank(other) > rank(item) && keptMs(other) < keptMs(item));
    if (shorter !== undefined) {
      return broken(
        `The ${shorter.frequency} item keeps its snapshots for a shorter time than the ${item.frequency} one.`,
      );
    }
  }
  return null;
}

function continuousProblem(items: readonly ItemRecord[], pitEnabled: boolean): Answer | null {
  if (!pitEnabled || items.some((item) => item.frequency === "hourly")) return null;
  return broken("Continuous backup is on, and needs the hourly item.");
}

function windowProblem(items: readonly ItemRecord[], windowDays: number | null): Answer | null {
  const hourly = items.find((item) => item.frequency === "hourly");
  if (hourly === undefined || windowDays === null || windowDays * DAY_MS <= keptMs(hourly)) return null;
  return refuse(400, "INVALID_RESTORE_WINDOW", "The window reaches further back than hourly snapshots are kept.");
}

function meets(item: ItemRecord, demand: ItemRecord): boolean {
  const isOften = item.frequency !== "hourly" || item.interval <= demand.interval;
  return item.frequency === demand.frequency && isOften && keptMs(item) >= keptMs(demand);
}

function keptMs(item: ItemRecord): number {
  return longestMs(retention(item));
}

function rank({ frequency }: ItemRecord): number {
  return FREQUENCIES.indexOf(frequency);
}

function range(to: number): readonly number[] {
  return Array.from({ length: to }, (_, index) => index + 1);
}

function broken(rule: string): Answer {
  return refuse(400, "INVALID_SNAPSHOT_SCHEDULE", rule);
}
