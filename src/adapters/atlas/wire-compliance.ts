/** A project's Backup Compliance Policy as Atlas writes it. */
import * as z from "zod/mini";
import { FREQUENCIES } from "../../core/frequency.ts";
import { mapObserved } from "../../core/observed.ts";
import { RETENTION_UNITS } from "../../ports/atlas.ts";
import type { CompliancePolicy } from "../../ports/atlas-changes.ts";
import { fieldsOf, type WireObject } from "../fields.ts";
import { count, flag, positive } from "./wire.ts";

const retained = { retentionValue: positive, retentionUnit: z.enum(RETENTION_UNITS) };
const onDemandItem = z.object(retained);
const scheduledItems = z.array(
  z.object({ ...retained, frequencyType: z.enum(FREQUENCIES), frequencyInterval: positive }),
);

/** null: an empty object, which is how Atlas says that there is none. */
export function parseCompliancePolicy(object: WireObject): CompliancePolicy | null {
  if (Object.keys(object).length === 0) return null;
  const { required, optional } = fieldsOf("Backup Compliance Policy", object);
  return {
    state: required("state", z.enum(["ACTIVE", "ENABLING", "UPDATING", "DISABLING"])),
    copyProtection: required("copyProtectionEnabled", flag),
    pitEnabled: required("pitEnabled", flag),
    restoreWindowDays: optional("restoreWindowDays", count),
    items: mapObserved(required("scheduledPolicyItems", scheduledItems), (items) =>
      items.map((item) => ({
        frequency: item.frequencyType,
        interval: item.frequencyInterval,
        retention: retentionOf(item),
      })),
    ),
    onDemandRetention: mapObserved(optional("onDemandPolicyItem", onDemandItem), (item) => item && retentionOf(item)),
  };
}

function retentionOf({ retentionValue: value, retentionUnit: unit }: z.infer<typeof onDemandItem>) {
  return { value, unit };
}
