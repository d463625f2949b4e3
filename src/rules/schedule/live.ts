/** The live backup settings of a cluster with every part known: what a change is planned from. */
import { OpsError } from "../../core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import type { CopySetting, Schedule, ScheduleItem } from "../../ports/atlas.ts";
import type { CopySettingChange, PolicyItem, TimeOfDay } from "../../ports/atlas-changes.ts";
import { type BackupFacts, ofCluster } from "../backup/facts.ts";

export interface LiveSettings {
  readonly policyId: string;
  readonly pitEnabled: boolean;
  readonly items: readonly PolicyItem[];
  /** null: Atlas names none. */
  readonly restoreWindowDays: number | null;
  readonly copies: readonly CopySettingChange[];
  /** How a new copy setting is to be written. */
  readonly copiesByItems: boolean;
  readonly copiesAutomatically: boolean;
  readonly referenceTime: TimeOfDay | null;
  /** The cluster's zones, each of which needs copy settings of its own. */
  readonly zoneIds: readonly string[];
  /** On NVMe disks Atlas takes hourly snapshots every 12 hours only. */
  readonly nvme: boolean;
}

/**
 * Not known as soon as any part cannot be read: a schedule is sent whole, and what we could not read would be lost.
 */
export function readLive(facts: BackupFacts): Observed<LiveSettings> {
  const { schedule } = facts;
  const pitEnabled = ofCluster(facts, (cluster) => cluster.pitEnabled);
  const nvme = ofCluster(facts, (cluster) => cluster.nvme);
  const shards = ofCluster(facts, (cluster) => cluster.shards);
  if (!schedule.known) return schedule;
  if (!pitEnabled.known) return pitEnabled;
  if (!nvme.known) return nvme;
  if (!shards.known) return shards;
  const zoneIds = [...new Set(shards.value.map(({ zoneId }) => zoneId))];
  return mapObserved(readSchedule(schedule.value), (settings) => ({
    ...settings,
    pitEnabled: pitEnabled.value,
    nvme: nvme.value,
    zoneIds,
  }));
}

type ScheduleSettings = Omit<LiveSettings, "pitEnabled" | "nvme" | "zoneIds">;

function readSchedule(schedule: Schedule): Observed<ScheduleSettings> {
  const { policyId, restoreWindowDays, copiesAutomatically, copiesByItems, referenceTime } = schedule;
  const items = every(schedule.items, readItem);
  const copies = every(schedule.copySettings, readCopySetting);
  if (!policyId.known) return policyId;
  if (!items.known) return items;
  if (!restoreWindowDays.known) return restoreWindowDays;
  if (!copies.known) return copies;
  if (!copiesAutomatically.known) return copiesAutomatically;
  if (!copiesByItems.known) return copiesByItems;
  if (!referenceTime.known) return referenceTime;
  return known({
    policyId: policyId.value,
    items: items.value,
    restoreWindowDays: restoreWindowDays.value,
    copies: copies.value,
    copiesByItems: copiesByItems.value === true,
    copiesAutomatically: copiesAutomatically.value === true,
    referenceTime: referenceTime.value,
  });
}

function readItem({ id, frequency, interval, retention }: ScheduleItem): Observed<PolicyItem> {
  if (!id.known) return id;
  if (!frequency.known) return frequency;
  if (!interval.known) return interval;
  if (!retention.known) return retention;
  return known({ id: id.value, frequency: frequency.value, interval: interval.value, retention: retention.value });
}

function readCopySetting(setting: CopySetting): Observed<CopySettingChange> {
  const { region, provider, zoneId, copies, copiesOplogs } = setting;
  if (!region.known) return region;
  if (!provider.known) return provider;
  if (provider.value === null)
    return notKnown(new OpsError("protocol", `copy setting for ${region.value}: cloudProvider is missing`));
  if (!zoneId.known) return zoneId;
  if (!copies.known) return copies;
  if (!copiesOplogs.known) return copiesOplogs;
  return known({
    region: region.value,
    provider: provider.value,
    zoneId: zoneId.value,
    copies: copies.value,
    oplogs: copiesOplogs.value,
  });
}

/** All of a list, or the first reason why not. */
function every<T, U>(list: Observed<readonly T[]>, read: (item: T) => Observed<U>): Observed<readonly U[]> {
  if (!list.known) return list;
  const values: U[] = [];
  for (const item of list.value) {
    const value = read(item);
    if (!value.known) return value;
    values.push(value.value);
  }
  return known(values);
}
