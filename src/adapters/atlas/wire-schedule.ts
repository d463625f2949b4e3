/** The backup schedule of a cluster as Atlas writes it. */
import * as z from "zod/mini";
import { FREQUENCIES, type Frequency } from "../../core/frequency.ts";
import { known, mapObserved, type Observed } from "../../core/observed.ts";
import { awsRegion } from "../../core/region.ts";
import { type CopySetting, RETENTION_UNITS, type Schedule, type ScheduleItem } from "../../ports/atlas.ts";
import {
  count,
  type Fields,
  fieldsOf,
  flag,
  instant,
  missing,
  positive,
  subjectOf,
  text,
  type WireObject,
  wireObject,
} from "./wire.ts";

type CopiedFrequency = Frequency | "onDemand";

const policies = z.array(z.object({ policyItems: z.array(wireObject) }));
const itemFrequency = z.enum([...FREQUENCIES, "ondemand"]);
/** Hours, a weekday, a day of the month (40: the last) or a month, whichever the frequency counts. */
const interval = z.int().check(z.refine((value) => (value >= 1 && value <= 28) || value === 40));
const copiedFrequencies = z.array(
  z.pipe(z.enum(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "ON_DEMAND"]), z.transform(fromUpperCase)),
);
const copyPolicyItems = z.array(
  z.pipe(
    z.object({ frequencyType: itemFrequency }),
    z.transform(({ frequencyType }) => fromItem(frequencyType)),
  ),
);
const copyRetentions = z.array(
  z.union([
    z.object({ frequencyType: z.enum(FREQUENCIES), retentionValue: positive, retentionUnit: z.enum(RETENTION_UNITS) }),
    z.object({ frequencyType: z.literal("ondemand") }),
  ]),
);

/**
 * With `autoCopySettingsEnabled` Atlas keeps `copySettings` in step with the regions of the cluster itself
 * (https://www.mongodb.com/docs/atlas/backup/cloud-backup/snapshot-distribution/); what it wrote there is read alike.
 */
export function parseSchedule(clusterName: string, object: WireObject): Schedule {
  const { required, optional } = fieldsOf(`schedule of ${clusterName}`, object);
  const byPolicyItems = optional("copyPolicyItemsEnabled", flag);
  return {
    items: mapObserved(required("policies", policies), (all) =>
      all.flatMap(({ policyItems }) => policyItems.map((item) => parseItem(item))),
    ),
    restoreWindowDays: optional("restoreWindowDays", count),
    copySettings: mapObserved(required("copySettings", z.array(wireObject)), (settings) =>
      settings.map((setting) => parseCopySetting(setting, byPolicyItems)),
    ),
    nextSnapshotAt: optional("nextSnapshot", instant),
  };
}

function parseItem(object: WireObject): ScheduleItem {
  const { required } = fieldsOf(subjectOf("schedule item", object), object);
  const value = required("retentionValue", positive);
  const unit = required("retentionUnit", z.enum(RETENTION_UNITS));
  return {
    id: required("id", text),
    frequency: required("frequencyType", itemFrequency),
    interval: required("frequencyInterval", interval),
    retention: value.known ? mapObserved(unit, (known) => ({ value: value.value, unit: known })) : value,
  };
}

function parseCopySetting(object: WireObject, byPolicyItems: Observed<boolean | null>): CopySetting {
  const subject = subjectOf("copy setting for", object, "regionName");
  const fields = fieldsOf(subject, object);
  const provider = fields.optional("cloudProvider", z.enum(["AWS", "AZURE", "GCP"])); // says how to read the region
  const lastNumberOfSnapshots = fields.optional("lastNumberOfSnapshots", positive);
  return {
    region: provider.known ? mapObserved(fields.required("regionName", text), awsRegion) : provider,
    zoneId: fields.required("zoneId", text),
    frequencies: frequencies(subject, fields, byPolicyItems, lastNumberOfSnapshots),
    retentions: retentions(fields, byPolicyItems),
    copiesOplogs: fields.required("shouldCopyOplogs", flag),
    lastNumberOfSnapshots,
  };
}

/**
 * Atlas answers in one of two forms, and a flag says which; a setting that copies so many of the latest snapshots
 * has neither (https://github.com/mongodb/atlas-sdk-go, DiskBackupCopySetting20240805).
 */
function frequencies(
  subject: string,
  fields: Fields,
  byPolicyItems: Observed<boolean | null>,
  lastNumberOfSnapshots: Observed<number | null>,
): Observed<readonly CopiedFrequency[]> {
  if (!byPolicyItems.known) return byPolicyItems;
  const [name, type] =
    byPolicyItems.value === true
      ? (["copyPolicyItems", copyPolicyItems] as const)
      : (["frequencies", copiedFrequencies] as const);
  const copied: Observed<CopiedFrequency[] | null> = fields.optional(name, type);
  if (!copied.known) return copied;
  if (copied.value !== null) return known(copied.value);
  const counts = lastNumberOfSnapshots.known && lastNumberOfSnapshots.value !== null;
  return counts ? known([]) : missing(subject, name);
}

/** Only the form with policy items has retentions of its own. */
function retentions(fields: Fields, byPolicyItems: Observed<boolean | null>): CopySetting["retentions"] {
  if (!byPolicyItems.known || byPolicyItems.value !== true) return known([]);
  return mapObserved(fields.optional("copyPolicyItems", copyRetentions), (items) =>
    items === null
      ? []
      : items.flatMap((item) =>
          "retentionValue" in item
            ? [{ frequency: item.frequencyType, retention: { value: item.retentionValue, unit: item.retentionUnit } }]
            : [],
        ),
  );
}

function fromUpperCase(name: "HOURLY" | "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY" | "ON_DEMAND"): CopiedFrequency {
  return name === "ON_DEMAND" ? "onDemand" : LOWER_CASE[name];
}

const LOWER_CASE = {
  HOURLY: "hourly",
  DAILY: "daily",
  WEEKLY: "weekly",
  MONTHLY: "monthly",
  YEARLY: "yearly",
} as const satisfies Record<string, CopiedFrequency>;

function fromItem(frequency: z.infer<typeof itemFrequency>): CopiedFrequency {
  return frequency === "ondemand" ? "onDemand" : frequency;
}
