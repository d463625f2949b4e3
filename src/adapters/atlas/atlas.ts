/** The real Atlas behind the port: MongoDB's Atlas Administration API v2 over HTTPS. */
import { OpsError } from "../../core/error.ts";
import type { AccessProbe, Atlas } from "../../ports/atlas.ts";
import type { AtlasChanges } from "../../ports/atlas-changes.ts";
import { alerts } from "./alerts.ts";
import { atlasFailure, isAccessListFailure } from "./answer.ts";
import { type Call, caller, lister, pageQuery } from "./call.ts";
import { snapshotExports } from "./exports.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http.ts";
import { allPages } from "./pages.ts";
import { pathParams } from "./params.ts";
import { restores } from "./restores.ts";
import { openTransport, type TransportOptions } from "./transport.ts";
import { asObject } from "./wire.ts";
import { clusterChangeBody, scheduleChangeBody, snapshotOrderBody } from "./wire-changes.ts";
import { parseCluster, parseFlexCluster } from "./wire-clusters.ts";
import { parseCompliancePolicy } from "./wire-compliance.ts";
import { parseSnapshotEvent, SNAPSHOT_EVENT_TYPES } from "./wire-events.ts";
import { parseSchedule } from "./wire-schedule.ts";
import { parseFlexSnapshot, parseShardedSnapshot, parseSnapshot, parseTakenSnapshot } from "./wire-snapshots.ts";

export interface AtlasOptions extends Omit<TransportOptions, "budgetMs" | "limits"> {
  readonly budgetMs?: number;
  readonly limits?: HttpLimits;
}

export interface ConnectedAtlas extends Atlas {
  /** HTTP requests sent so far, authentication included. */
  requestCount(): number;
}

const BUDGET_MS = 60_000;
/** Events feed an estimate only: the latest few thousand are plenty. */
const EVENT_PAGES_MAX = 5;

/** Light: nothing is sent, opened or read before the first call. */
export function connectAtlas(options: AtlasOptions): ConnectedAtlas {
  const transport = openTransport({ budgetMs: BUDGET_MS, limits: HTTP_LIMITS, ...options });
  const call = caller(transport, options.baseUrl);
  const wire = { call, list: lister(call), keepSecret: options.secrets.add };
  const { list } = wire;

  return {
    listClusters: async (projectId) => list("listGroupClusters", pathParams(projectId), parseCluster),
    getCluster: async (projectId, name) => {
      const answer = await call("getGroupCluster", pathParams(projectId, name));
      const cluster = parseCluster(asObject("getGroupCluster", answer));
      if (cluster.name === name) return cluster;
      throw new OpsError("protocol", `Atlas answers about another cluster than ${name}`);
    },
    listFlexClusters: async (projectId) => list("listGroupFlexClusters", pathParams(projectId), parseFlexCluster),
    getSchedule: async (projectId, name) => {
      const answer = await call("getGroupClusterBackupSchedule", pathParams(projectId, name));
      return parseSchedule(name, asObject("getGroupClusterBackupSchedule", answer));
    },
    listSnapshots: async (projectId, name) =>
      list("listGroupClusterBackupSnapshots", pathParams(projectId, name), parseSnapshot),
    listShardedSnapshots: async (projectId, name) =>
      list("listGroupClusterBackupSnapshotShardedClusters", pathParams(projectId, name), parseShardedSnapshot),
    listFlexSnapshots: async (projectId, name) =>
      list("listGroupFlexClusterBackupSnapshots", pathParams(projectId, name), parseFlexSnapshot),
    ...singleReads(call),
    ...changes(call),
    ...alerts(wire),
    ...restores(wire),
    ...snapshotExports(wire),
    probe: async (projectId, probe) => isAllowed(() => call(...probeCall(projectId, probe))),
    clockSkew: transport.clockSkew,
    requestCount: transport.requestCount,
    close: transport.close,
  };
}

function singleReads(call: Call): Pick<Atlas, "getSnapshot" | "listSnapshotEvents" | "getCompliancePolicy"> {
  return {
    getSnapshot: async (projectId, name, snapshotId, sharded) => {
      const id = sharded ? "getGroupClusterBackupSnapshotShardedCluster" : "getGroupClusterBackupSnapshot";
      const object = asObject(id, await call(id, pathParams(projectId, name, { snapshotId })));
      if (object["id"] !== snapshotId) {
        throw new OpsError("protocol", `Atlas answers about another snapshot than ${snapshotId}`);
      }
      return sharded ? parseShardedSnapshot(object) : parseSnapshot(object);
    },
    listSnapshotEvents: async (projectId, name, since) => {
      const page = (number: number) => call("listGroupEvents", pathParams(projectId), eventQuery(name, since, number));
      return (await allPages("listGroupEvents", page, { enoughPages: EVENT_PAGES_MAX })).map(parseSnapshotEvent);
    },
    getCompliancePolicy: async (projectId) => {
      const answer = await orNull(() => call("getGroupBackupCompliancePolicy", pathParams(projectId)));
      return answer === null ? null : parseCompliancePolicy(asObject("getGroupBackupCompliancePolicy", answer));
    },
  };
}

function changes(call: Call): AtlasChanges {
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

function eventQuery(clusterName: string, since: Date, page: number): URLSearchParams {
  const query = pageQuery("listGroupEvents", page);
  query.set("clusterNames", clusterName);
  for (const type of SNAPSHOT_EVENT_TYPES) query.append("eventType", type);
  query.set("minDate", since.toISOString());
  return query;
}

function probeCall(projectId: string, probe: AccessProbe): Parameters<Call> {
  switch (probe.kind) {
    case "project":
      return ["getGroup", pathParams(projectId)];
    case "backup-manager":
      return ["listGroupClusterBackupRestoreJobs", pathParams(projectId, probe.clusterName), ONE_ITEM];
    case "owner":
      return ["getGroupBackupCompliancePolicy", pathParams(projectId)];
  }
}

const ONE_ITEM = new URLSearchParams({ itemsPerPage: "1" });

/** null: there is no such thing in the project; a project that is not there still throws. */
async function orNull(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    const failure = atlasFailure(error);
    if (failure?.status === 404 && failure.errorCode !== "GROUP_NOT_FOUND") return null;
    throw error;
  }
}

/** A 403 means a missing role, unless it is about the address that we call from: that says nothing about roles. */
async function isAllowed(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    const failure = atlasFailure(error);
    if (failure?.status === 403 && !isAccessListFailure(failure)) return false;
    throw error;
  }
}
