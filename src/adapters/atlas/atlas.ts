/** The real Atlas behind the port: MongoDB's Atlas Administration API v2 over HTTPS. */
import { OpsError } from "../../core/error.ts";
import type { AccessProbe, Atlas } from "../../ports/atlas.ts";
import type { AtlasChanges } from "../../ports/atlas-changes.ts";
import { atlasFailure, isAccessListFailure } from "./answer.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http.ts";
import { LIBRARY_CALLS, type LibraryOperationId } from "./library.ts";
import { OPERATIONS, type OperationId } from "./operations.ts";
import { allPages, PAGE_ITEMS_MAX } from "./pages.ts";
import { type PathParams, pathParams } from "./params.ts";
import { openTransport, type Transport, type TransportOptions } from "./transport.ts";
import { asObject, type WireObject } from "./wire.ts";
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
  const list = async <T>(id: OperationId, params: PathParams, parse: (object: WireObject) => T) =>
    (await allPages(id, (page) => call(id, params, pageQuery(id, page)), { paged: isPaged(id) })).map(parse);

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
      const object = asObject(id, await call(id, pathParams(projectId, name, snapshotId)));
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
  };
}

type Call = (id: OperationId, params: PathParams, query?: URLSearchParams, body?: WireObject) => Promise<unknown>;

function caller(transport: Transport, baseUrl: URL): Call {
  return (id, params, query = new URLSearchParams(), body) => {
    const operation = OPERATIONS[id];
    const fetch = (url: string) => transport.call(operation, new URL(url), body);
    if (isLibraryOperation(id)) {
      return LIBRARY_CALLS[id]({ fetch }, new URL("/api/atlas/v2", baseUrl).href, params, Object.fromEntries(query));
    }
    const path = operation.path
      .replace("{groupId}", params.groupId)
      .replace("{clusterName}", params.clusterName)
      .replace("{snapshotId}", params.snapshotId);
    return fetch(`${new URL(path, baseUrl).href}?${query}`);
  };
}

function isLibraryOperation(id: OperationId): id is LibraryOperationId {
  return OPERATIONS[id].via === "library";
}

/** The list of sharded snapshots is the one that knows no page parameters. */
function isPaged(id: OperationId): boolean {
  return id !== "listGroupClusterBackupSnapshotShardedClusters";
}

/** A page number is sent to the unpaged list only if its answer links to one. */
function pageQuery(id: OperationId, page: number): URLSearchParams {
  if (!isPaged(id)) return new URLSearchParams(page === 1 ? {} : { pageNum: String(page) });
  return new URLSearchParams({ itemsPerPage: String(PAGE_ITEMS_MAX), pageNum: String(page), includeCount: "true" });
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
