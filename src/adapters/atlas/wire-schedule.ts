/** The backup schedule of a cluster as Atlas writes it. */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { FREQUENCIES } from "../../core/frequency.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import { awsRegion } from "../../core/region.ts";
import {
  CLOUD_PROVIDERS,
  type CopySetting,
  RETENTION_UNITS,
  type Schedule,
  type ScheduleItem,
} from "../../ports/atlas.ts";
import type { CopiedSnapshots, CopyItem, TimeOfDay } from "../../ports/atlas-changes.ts";
import { type Fields, fieldsOf, missing, subjectOf, type WireObject, wireObject } from "../fields.ts";
import { count, flag, instant, positive, text } from "./wire.ts";

const policies = z.array(z.object({ policyItems: z.array(wireObject) }));
/** Atlas keeps one policy per schedule; which of several was meant, nobody could say. */
const onePolicy = z.tuple([z.object({ id: text })]);
const itemFrequency = z.enum([...FREQUENCIES, "ondemand"]);
/**
 * Hours, a weekday, a day of the month (40: the last) or a month, whichever the frequency counts: what Atlas has no meaning for
 * falls due nobody knows when (https://github.com/mongodb/atlas-sdk-go, DiskBackupApiPolicyItem).
 */
const interval = z.int().check(z.refine((value) => (value >= 1 && value <= 28) || value === 40));
const within = (last: number) => interval.check(z.maximum(last));
const INTERVALS = {
  hourly: interval.check(z.refine((hours) => [1, 2, 4, 6, 8, 12].includes(hours))),
  daily: within(1),
  weekly: within(7),
  monthly: interval,
  yearly: within(12),
  ondemand: interval,
} as const;
const copiedFrequencies = z.array(
  z.pipe(
    z.enum(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "ON_DEMAND"]),
    z.transform((name) => (name === "ON_DEMAND" ? "onDemand" : LOWER_CASE[name])),
  ),
);
const itemId = z.nullish(text);
const copyPolicyItems = z.array(
  z.pipe(
    z.union([
      z.object({
        id: itemId,
        frequencyType: z.enum(FREQUENCIES),
        retentionValue: positive,
        retentionUnit: z.enum(RETENTION_UNITS),
      }),
      z.object({ id: itemId, frequencyType: z.literal("ondemand") }),
    ]),
    z.transform((item): CopyItem => {
      const id = typeof item.id === "string" ? { id: item.id } : {};
      if (item.frequencyType === "ondemand") return { ...id, frequency: "onDemand", retention: null };
      const retention = { value: item.retentionValue, unit: item.retentionUnit };
      return { ...id, frequency: item.frequencyType, retention };
    }),
  ),
);

/** Snapshots by hand have a retention of their own, which no schedule lengthens here. */
const extraRetention = z.pipe(
  z.array(
    z.object({
      frequencyType: z.enum(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "ON_DEMAND"]),
      retentionDays: positive,
    }),
  ),
  z.transform((settings) =>
    settings.flatMap(({ frequencyType, retentionDays: days }) =>
      frequencyType === "ON_DEMAND" ? [] : [{ frequency: LOWER_CASE[frequencyType], days }],
    ),
  ),
);

/**
 * With `autoCopySettingsEnabled` Atlas keeps `copySettings` in step with the regions of the cluster itself
 * (https://www.mongodb.com/docs/atlas/backup/cloud-backup/snapshot-distribution/); what it wrote there is read alike.
 */
export function parseSchedule(clusterName: string, object: WireObject): Schedule {
  const subject = `schedule of ${clusterName}`;
  const fields = fieldsOf(subject, object);
  const { required, optional } = fields;
  const copiesByItems = optional("copyPolicyItemsEnabled", flag);
  return {
    policyId: mapObserved(required("policies", onePolicy), ([policy]) => policy.id),
    items: mapObserved(required("policies", policies), (all) =>
      all.flatMap(({ policyItems }) => policyItems.map((item) => parseItem(item))),
    ),
    restoreWindowDays: optional("restoreWindowDays", count),
    copySettings: mapObserved(required("copySettings", z.array(wireObject)), (settings) =>
      settings.map((setting) => parseCopySetting(setting, copiesByItems)),
    ),
    nextSnapshotAt: optional("nextSnapshot", instant),
    referenceTime: referenceTime(subject, fields),
    copiesAutomatically: optional("autoCopySettingsEnabled", flag),
    extraRetention: mapObserved(optional("extraRetentionSettings", extraRetention), (found) => found ?? NO_EXTRA),
    copiesByItems,
  };
}

/** Atlas leaves the list out where there is none. */
const NO_EXTRA: readonly { readonly frequency: (typeof FREQUENCIES)[number]; readonly days: number }[] = [];

/** An hour without a minute is no time, nor the other way round. */
function referenceTime(subject: string, { optional }: Fields): Observed<TimeOfDay | null> {
  const hour = optional("referenceHourOfDay", count.check(z.maximum(23)));
  const minute = optional("referenceMinuteOfHour", count.check(z.maximum(59)));
  if (!hour.known) return hour;
  if (!minute.known) return minute;
  if (hour.value === null && minute.value === null) return known(null);
  if (hour.value === null) return missing(subject, "referenceHourOfDay");
  if (minute.value === null) return missing(subject, "referenceMinuteOfHour");
  return known({ hour: hour.value, minute: minute.value });
}

function parseItem(object: WireObject): ScheduleItem {
  const { required } = fieldsOf(subjectOf("schedule item", object), object);
  const value = required("retentionValue", positive);
  const unit = required("retentionUnit", z.enum(RETENTION_UNITS));
  const frequency = required("frequencyType", itemFrequency);
  return {
    id: required("id", text),
    frequency,
    interval: required("frequencyInterval", frequency.known ? INTERVALS[frequency.value] : interval),
    retention: value.known ? mapObserved(unit, (known) => ({ value: value.value, unit: known })) : value,
  };
}

function parseCopySetting(object: WireObject, copiesByItems: Observed<boolean | null>): CopySetting {
  const subject = subjectOf("copy setting for", object, "regionName");
  const fields = fieldsOf(subject, object);
  const provider = fields.optional("cloudProvider", z.enum(CLOUD_PROVIDERS)); // says how to read the region
  const lastNumberOfSnapshots = fields.optional("lastNumberOfSnapshots", positive);
  const copies = copiedSnapshots(subject, fields, copiesByItems, lastNumberOfSnapshots);
  return {
    region: provider.known ? mapObserved(fields.required("regionName", text), awsRegion) : provider,
    provider,
    zoneId: fields.required("zoneId", text),
    copies,
    frequencies: mapObserved(copies, frequencies),
    retentions: mapObserved(copies, retentions),
    copiesOplogs: fields.required("shouldCopyOplogs", flag),
    lastNumberOfSnapshots,
  };
}

/**
 * Atlas answers in one of two forms, and a flag says which; a setting that copies so many of the latest snapshots
 * has neither (https://github.com/mongodb/atlas-sdk-go, DiskBackupCopySetting20240805).
 */
function copiedSnapshots(
  subject: string,
  fields: Fields,
  copiesByItems: Observed<boolean | null>,
  latest: Observed<number | null>,
): Observed<CopiedSnapshots> {
  if (!copiesByItems.known) return copiesByItems;
  if (!latest.known) return latest;
  const name = copiesByItems.value === true ? "copyPolicyItems" : "frequencies";
  const listed = copiesByItems.value === true ? copiedItems(fields) : copiedByFrequency(fields);
  if (!listed.known) return listed;
  if (latest.value === null) return listed.value === null ? missing(subject, name) : known(listed.value);
  if (listed.value === null || isEmpty(listed.value))
    return known({ by: "count", lastNumberOfSnapshots: latest.value });
  return notKnown(new OpsError("protocol", `${subject}: has both ${name} and lastNumberOfSnapshots`));
}

function copiedItems({ optional }: Fields): Observed<CopiedSnapshots | null> {
  return mapObserved(optional("copyPolicyItems", copyPolicyItems), (items) => items && { by: "items", items });
}

function copiedByFrequency({ optional }: Fields): Observed<CopiedSnapshots | null> {
  return mapObserved(
    optional("frequencies", copiedFrequencies),
    (frequencies) => frequencies && { by: "frequencies", frequencies },
  );
}

function isEmpty(copies: CopiedSnapshots): boolean {
  return frequencies(copies).length === 0;
}

function frequencies(copies: CopiedSnapshots): readonly CopyItem["frequency"][] {
  switch (copies.by) {
    case "frequencies":
      return copies.frequencies;
    case "items":
      return copies.items.map(({ frequency }) => frequency);
    case "count":
      return [];
  }
}

/** Only the form with items has retentions of its own. */
function retentions(copies: CopiedSnapshots): Extract<CopySetting["retentions"], { readonly known: true }>["value"] {
  if (copies.by !== "items") return [];
  return copies.items.flatMap(({ frequency, retention }) =>
    frequency === "onDemand" || retention === null ? [] : [{ frequency, retention }],
  );
}

const LOWER_CASE = {
  HOURLY: "hourly",
  DAILY: "daily",
  WEEKLY: "weekly",
  MONTHLY: "monthly",
  YEARLY: "yearly",
} as const;
