/** The port's changes over the operations of Atlas. */
import type { AtlasChanges } from "../../ports/atlas-changes.ts";
import type { Call } from "./call.ts";
import { pathParams } from "./params.ts";
import { asObject } from "./wire.ts";
import { clusterChangeBody, scheduleChangeBody, snapshotOrderBody } from "./wire-changes.ts";
import { parseTakenSnapshot } from "./wire-snapshots.ts";

export function changes(call: Call): AtlasChanges {
  return {
    takeSnapshot: async (projectId, name, order) => {
      const params = pathParams(projectId, name);
      const answer = await call("takeGroupClusterBackupSnapshots", params, undefined, snapshotOrderBody(order));
      return parseTakenSnapshot(asObject("takeGroupClusterBackupSnapshots", answer));
    },
    updateSchedule: async (projectId, name, change) => {
      const params = pathParams(projectId, name);
      await call("updateGroupClusterBackupSchedule", params, undefined, scheduleChangeBody(change));
    },
    updateCluster: async (projectId, name, change) => {
      await call("updateGroupCluster", pathParams(projectId, name), undefined, clusterChangeBody(change));
    },
    setPaused: async (projectId, name, paused) => {
      await call("updateGroupCluster", pathParams(projectId, name), undefined, { paused });
    },
  };
}
