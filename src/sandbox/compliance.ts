/** A project's Backup Compliance Policy in Atlas's own words. */
import type { State } from "./model.ts";
import { itemBody } from "./wire.ts";

/** An empty object where there is none. */
export function complianceBody({ compliance, createdAt, projectId }: State): Readonly<Record<string, unknown>> {
  if (compliance === null) return {};
  const { items, onDemandDays, pitEnabled, restoreWindowDays } = compliance;
  return {
    projectId,
    state: "ACTIVE",
    authorizedEmail: "compliance@sandbox.invalid",
    authorizedUserFirstName: "Sandbox",
    authorizedUserLastName: "Compliance",
    copyProtectionEnabled: false,
    encryptionAtRestEnabled: false,
    deletable: false,
    pitEnabled,
    ...(restoreWindowDays === null ? {} : { restoreWindowDays }),
    scheduledPolicyItems: items.map(itemBody),
    onDemandPolicyItem: {
      frequencyType: "ondemand",
      frequencyInterval: 0,
      retentionUnit: "days",
      retentionValue: onDemandDays,
    },
    updatedDate: createdAt,
    updatedUser: "compliance@sandbox.invalid",
  };
}
