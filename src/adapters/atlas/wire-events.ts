/** Events of a project as Atlas writes them, as far as they tell the course of snapshots. */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import type { SnapshotEvent } from "../../ports/atlas-changes.ts";
import type { WireObject } from "../fields.ts";
import { SNAPSHOT_EVENT_TYPES } from "./operations.ts";
import { instant } from "./wire.ts";

const KINDS = {
  CPS_SNAPSHOT_STARTED: "started",
  CPS_SNAPSHOT_SUCCESSFUL: "completed",
} as const satisfies Record<(typeof SNAPSHOT_EVENT_TYPES)[number], SnapshotEvent["kind"]>;

const snapshotEvent = z.object({ eventTypeName: z.enum(SNAPSHOT_EVENT_TYPES), created: instant });

/** Throws OpsError `protocol` for an event that was not asked for, or does not say when it was. */
export function parseSnapshotEvent(object: WireObject): SnapshotEvent {
  const parsed = z.safeParse(snapshotEvent, object);
  if (!parsed.success) throw new OpsError("protocol", "Atlas lists an event that is not one of a snapshot");
  return { at: parsed.data.created, kind: KINDS[parsed.data.eventTypeName] };
}
