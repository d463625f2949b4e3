/** The schedule that Atlas gives a cluster whose backups are turned on, until somebody sets another. */
import { objectId } from "./ids.ts";
import { FREQUENCIES, type Frequency, type ItemRecord, type ScheduleRecord } from "./model.ts";

/** https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/ */
const ITEMS = {
  hourly: { interval: 6, retentionValue: 7, retentionUnit: "days" },
  daily: { interval: 1, retentionValue: 7, retentionUnit: "days" },
  weekly: { interval: 6, retentionValue: 4, retentionUnit: "weeks" },
  monthly: { interval: 40, retentionValue: 12, retentionUnit: "months" },
  yearly: { interval: 12, retentionValue: 1, retentionUnit: "years" },
} as const satisfies Record<Frequency, Omit<ItemRecord, "id" | "frequency">>;

export const DEFAULT_TIME = { referenceHour: 18, referenceMinute: 0 };

export function defaultItem(frequency: Frequency): Omit<ItemRecord, "id"> {
  return { frequency, ...ITEMS[frequency] };
}

export function defaultSchedule(clusterId: string, sinceMs: number): ScheduleRecord {
  return {
    policyId: objectId(sinceMs, clusterId, "policy"),
    ...DEFAULT_TIME,
    restoreWindowDays: null,
    items: FREQUENCIES.map((frequency) => ({
      id: objectId(sinceMs, clusterId, "item", frequency),
      ...defaultItem(frequency),
    })),
    copiesByItems: false,
    copySettings: [],
  };
}
