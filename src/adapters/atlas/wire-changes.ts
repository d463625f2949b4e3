/**
 * What is sent to Atlas: our changes in its words. Only what a change names, no field that Atlas alone writes, and none
 * of the flags that delete (https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/).
 */
import { OpsError } from "../../core/error.ts";
import { atlasRegion } from "../../core/region.ts";
import type {
  ClusterChange,
  CopiedSnapshots,
  CopyItem,
  CopySettingChange,
  PolicyItem,
  ScheduleChange,
  SnapshotOrder,
} from "../../ports/atlas-changes.ts";
import type { WireObject } from "../fields.ts";

export function snapshotOrderBody({ description, retentionDays }: SnapshotOrder): WireObject {
  return { description, retentionInDays: retentionDays };
}

export function clusterChangeBody({ backupEnabled, pitEnabled }: ClusterChange): WireObject {
  return { ...(backupEnabled && { backupEnabled }), ...(pitEnabled && { pitEnabled }) };
}

export function scheduleChangeBody(change: ScheduleChange): WireObject {
  const { policyId, items, restoreWindowDays, copySettings, referenceTime, updatesSnapshots } = change;
  return {
    policies: [{ id: policyId, policyItems: items.map(policyItem) }],
    ...(restoreWindowDays !== undefined && { restoreWindowDays }),
    ...(copySettings !== undefined && copies(copySettings)),
    ...(referenceTime !== undefined && {
      referenceHourOfDay: referenceTime.hour,
      referenceMinuteOfHour: referenceTime.minute,
    }),
    ...(updatesSnapshots && { updateSnapshots: true }),
  };
}

/** The id stays with an item that is kept: Atlas takes one without for a new item. */
function policyItem({ id, frequency, interval, retention }: PolicyItem): WireObject {
  return {
    ...(id !== undefined && { id }),
    frequencyType: frequency,
    frequencyInterval: interval,
    retentionUnit: retention.unit,
    retentionValue: retention.value,
  };
}

/** A flag of the whole schedule says in which form its settings are, so they cannot be in both. */
function copies(settings: readonly CopySettingChange[]): WireObject {
  const forms = new Set(settings.map((setting) => setting.copies.by));
  if (forms.has("items") && forms.has("frequencies")) {
    throw new OpsError("bug", "copy settings by items and by frequencies cannot stand in one schedule");
  }
  return {
    copySettings: settings.map(copySetting),
    ...(forms.has("items") && { copyPolicyItemsEnabled: true }),
  };
}

function copySetting({ provider, region, zoneId, copies, oplogs }: CopySettingChange): WireObject {
  return {
    cloudProvider: provider,
    regionName: atlasRegion(region),
    zoneId,
    ...copiedSnapshots(copies),
    shouldCopyOplogs: oplogs,
  };
}

function copiedSnapshots(copies: CopiedSnapshots): WireObject {
  switch (copies.by) {
    case "frequencies":
      return {
        frequencies: copies.frequencies.map((name) => (name === "onDemand" ? "ON_DEMAND" : name.toUpperCase())),
      };
    case "items":
      return { copyPolicyItems: copies.items.map(copyItem) };
    case "count":
      return { lastNumberOfSnapshots: copies.lastNumberOfSnapshots };
  }
}

function copyItem({ id, frequency, retention }: CopyItem): WireObject {
  return {
    ...(id !== undefined && { id }),
    frequencyType: frequency === "onDemand" ? "ondemand" : frequency,
    ...(retention !== null && { retentionUnit: retention.unit, retentionValue: retention.value }),
  };
}
