/** Live settings from plain values: healthy ones, so that a test states only what is different. */
import type { Frequency } from "../../../src/core/frequency.ts";
import type { RetentionUnit } from "../../../src/ports/atlas.ts";
import type { CopySettingChange, PolicyItem } from "../../../src/ports/atlas-changes.ts";
import type { LiveSettings } from "../../../src/rules/schedule/live.ts";
import { REGION, ZONE } from "../build.ts";

/** An item with the id `daily-1`, kept so long: `policyItem("daily", 7, "days")`. */
export function policyItem(
  frequency: Frequency | "ondemand",
  value: number,
  unit: RetentionUnit = "days",
  given: Partial<PolicyItem> = {},
): PolicyItem {
  const interval = frequency === "hourly" ? 6 : 1;
  return { id: `${frequency}-1`, frequency, interval, retention: { value, unit }, ...given };
}

export function aCopy(given: Partial<CopySettingChange> = {}): CopySettingChange {
  const copies = { by: "frequencies", frequencies: ["daily"] } as const;
  return { region: REGION, provider: "AWS", zoneId: ZONE, copies, oplogs: true, ...given };
}

export function settings(given: Partial<LiveSettings> = {}): LiveSettings {
  return {
    policyId: "policy",
    pitEnabled: true,
    items: [policyItem("hourly", 7), policyItem("daily", 7)],
    restoreWindowDays: 7,
    copies: [aCopy()],
    copiesByItems: false,
    copiesAutomatically: false,
    referenceTime: { hour: 18, minute: 0 },
    zoneIds: [ZONE],
    nvme: false,
    ...given,
  };
}
