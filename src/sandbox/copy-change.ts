/** Copy settings as they are sent: in which of three forms, from which zone and to where. */
import { type Answer, refuse } from "./answer.ts";
import { flag, integer, list, object, oneOf, RETENTION, type Shape, text } from "./body.ts";
import { objectId } from "./ids.ts";
import {
  type ClusterRecord,
  type CopiedFrequency,
  type CopiesRecord,
  type CopyItemRecord,
  type CopySettingRecord,
  FREQUENCIES,
  type RetentionUnit,
  type ScheduleRecord,
} from "./model.ts";

const FREQUENCY_NAMES = ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "ON_DEMAND"] as const;
const COPIED = {
  HOURLY: "hourly",
  DAILY: "daily",
  WEEKLY: "weekly",
  MONTHLY: "monthly",
  YEARLY: "yearly",
  ON_DEMAND: "ondemand",
} as const satisfies Record<(typeof FREQUENCY_NAMES)[number], CopiedFrequency>;

interface SentCopyItem {
  readonly frequencyType: CopiedFrequency;
  readonly id?: string;
  readonly retentionValue?: number;
  readonly retentionUnit?: RetentionUnit;
}

interface SentCopySetting {
  readonly zoneId: string;
  readonly regionName: string;
  readonly cloudProvider?: string;
  readonly frequencies?: readonly (keyof typeof COPIED)[];
  readonly copyPolicyItems?: readonly SentCopyItem[];
  readonly lastNumberOfSnapshots?: number;
  readonly shouldCopyOplogs?: boolean;
}

export const copySettingShape: Shape<SentCopySetting> = object(
  { zoneId: text, regionName: text },
  {
    cloudProvider: text,
    frequencies: list(oneOf(FREQUENCY_NAMES)),
    copyPolicyItems: list(object({ frequencyType: oneOf([...FREQUENCIES, "ondemand"]) }, { id: text, ...RETENTION })),
    lastNumberOfSnapshots: integer,
    shouldCopyOplogs: flag,
  },
);

interface CopyChange {
  readonly copySettings?: readonly SentCopySetting[];
  readonly copyPolicyItemsEnabled?: boolean;
}

type Copies = Pick<ScheduleRecord, "copiesByItems" | "copySettings">;

/** All settings that there are from now on; without a list, those of before. */
export function changedCopies(cluster: ClusterRecord, change: CopyChange, nowMs: number): Copies | Answer {
  const { schedule } = cluster;
  const copiesByItems = change.copyPolicyItemsEnabled ?? schedule.copiesByItems;
  if (change.copySettings === undefined) {
    if (copiesByItems !== schedule.copiesByItems && schedule.copySettings.length > 0) {
      return refuse(400, "INVALID_SNAPSHOT_SCHEDULE", "The copy settings have to be sent in the other form, too.");
    }
    return { copiesByItems, copySettings: schedule.copySettings };
  }
  const copySettings: CopySettingRecord[] = [];
  for (const sent of change.copySettings) {
    const setting = changedSetting(cluster, sent, copiesByItems, nowMs);
    if ("status" in setting) return setting;
    if (copySettings.some((other) => isSamePlace(other, setting))) {
      return refuse(400, "INVALID_SNAPSHOT_SCHEDULE", "Two copy settings are for the same zone and region.");
    }
    copySettings.push(setting);
  }
  return { copiesByItems, copySettings };
}

function changedSetting(
  cluster: ClusterRecord,
  sent: SentCopySetting,
  copiesByItems: boolean,
  nowMs: number,
): CopySettingRecord | Answer {
  const { zoneId, regionName, cloudProvider = "AWS" } = sent;
  if (cloudProvider !== "AWS") return refuse(400, "INVALID_PROVIDER", "The cluster is on AWS.", [cloudProvider]);
  if (!/^[A-Z]{2}(_[A-Z]+)+_\d+$/.test(regionName)) {
    return refuse(400, "INVALID_REGION", `There is no region ${regionName}.`, [regionName, cloudProvider]);
  }
  if (!cluster.shards.some((shard) => shard.zoneId === zoneId)) {
    return refuse(400, "INVALID_ZONE", `The cluster has no zone ${zoneId}.`, [zoneId, regionName]);
  }
  const live = cluster.schedule.copySettings.find((setting) => isSamePlace(setting, sent));
  const copies = copiesByItems ? byItems(cluster, sent, live, nowMs) : byFrequencies(sent);
  if ("status" in copies) return copies;
  return { zoneId, regionName, copies, oplogs: takenOplogs(cluster, live, sent.shouldCopyOplogs ?? false) };
}

/** Without continuous backup there is no oplog to copy, and Atlas says nothing about it. */
function takenOplogs(cluster: ClusterRecord, live: CopySettingRecord | undefined, asked: boolean): boolean {
  if (cluster.ignoresOplogs) return live?.oplogs ?? false;
  return asked && cluster.pitEnabled;
}

function byFrequencies({
  frequencies,
  copyPolicyItems,
  lastNumberOfSnapshots,
}: SentCopySetting): CopiesRecord | Answer {
  if (copyPolicyItems !== undefined) return otherForm("copyPolicyItems");
  if (lastNumberOfSnapshots !== undefined && (frequencies === undefined || frequencies.length === 0)) {
    return latest(lastNumberOfSnapshots);
  }
  if (lastNumberOfSnapshots !== undefined) return otherForm("lastNumberOfSnapshots");
  if (frequencies === undefined) return refuse(400, "MISSING_ATTRIBUTE", "frequencies is missing.", ["frequencies"]);
  return { frequencies: frequencies.map((name) => COPIED[name]) };
}

function byItems(
  cluster: ClusterRecord,
  { frequencies, copyPolicyItems, lastNumberOfSnapshots }: SentCopySetting,
  live: CopySettingRecord | undefined,
  nowMs: number,
): CopiesRecord | Answer {
  if (frequencies !== undefined) return otherForm("frequencies");
  if (copyPolicyItems !== undefined && lastNumberOfSnapshots !== undefined) return otherForm("lastNumberOfSnapshots");
  if (lastNumberOfSnapshots !== undefined) return latest(lastNumberOfSnapshots);
  if (copyPolicyItems === undefined) {
    return refuse(400, "MISSING_ATTRIBUTE", "copyPolicyItems is missing.", ["copyPolicyItems"]);
  }
  const items: CopyItemRecord[] = [];
  for (const [index, { id, frequencyType, retentionValue, retentionUnit }] of copyPolicyItems.entries()) {
    const known = live !== undefined && "items" in live.copies && live.copies.items.some((item) => item.id === id);
    if (id !== undefined && !known) {
      return refuse(400, "INVALID_POLICY_ITEM_ID", `The copy setting has no item ${id}.`, [id]);
    }
    const isKept = retentionValue !== undefined && retentionUnit !== undefined && retentionValue > 0;
    if (isKept === (frequencyType === "ondemand")) {
      return refuse(400, "MISSING_POLICY_ITEM_PARAMETERS", "A copy has a retention, except one taken on demand.");
    }
    items.push({
      id: id ?? objectId(nowMs, cluster.id, "copy", frequencyType, String(index)),
      frequency: frequencyType,
      retention: isKept ? { retentionValue, retentionUnit } : null,
    });
  }
  return { items };
}

const MAX_LATEST = 500;

function latest(count: number): CopiesRecord | Answer {
  if (count >= 1 && count <= MAX_LATEST) return { latest: count };
  return refuse(400, "INVALID_NUM_OF_SNAPSHOTS_TO_RETAIN", `The latest 1 to ${MAX_LATEST} snapshots can be copied.`);
}

function otherForm(name: string): Answer {
  return refuse(400, "INVALID_SNAPSHOT_SCHEDULE", `${name} is not of the form that this schedule's copies are in.`);
}

function isSamePlace(a: Pick<SentCopySetting, "zoneId" | "regionName">, b: typeof a): boolean {
  return a.zoneId === b.zoneId && a.regionName === b.regionName;
}
