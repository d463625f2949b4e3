/** The real Atlas behind the port: MongoDB's Atlas Administration API v2 over HTTPS. */
import { OpsError } from "../../core/error.ts";
import type { AccessProbe, Atlas } from "../../ports/atlas.ts";
import { atlasFailure, isAccessListFailure } from "./answer.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http.ts";
import { LIBRARY_CALLS, type LibraryOperationId, type Query } from "./library.ts";
import { OPERATIONS, type OperationId } from "./operations.ts";
import { allPages, PAGE_ITEMS_MAX } from "./pages.ts";
import { type PathParams, pathParams } from "./params.ts";
import { openTransport, type Transport, type TransportOptions } from "./transport.ts";
import { asObject, type WireObject } from "./wire.ts";
import { parseCluster, parseFlexCluster } from "./wire-clusters.ts";
import { parseSchedule } from "./wire-schedule.ts";
import { parseFlexSnapshot, parseShardedSnapshot, parseSnapshot } from "./wire-snapshots.ts";

export interface AtlasOptions extends Omit<TransportOptions, "budgetMs" | "limits"> {
  readonly budgetMs?: number;
  readonly limits?: HttpLimits;
}

export interface ConnectedAtlas extends Atlas {
  /** HTTP requests sent so far, authentication included. */
  requestCount(): number;
}

const BUDGET_MS = 60_000;

/** Light: nothing is sent, opened or read before the first call. */
export function connectAtlas(options: AtlasOptions): ConnectedAtlas {
  const transport = openTransport({ budgetMs: BUDGET_MS, limits: HTTP_LIMITS, ...options });
  const call = caller(transport, options.baseUrl);
  const list = async <T>(id: OperationId, params: PathParams, parse: (object: WireObject) => T) =>
    (await allPages(id, (page) => call(id, params, pageQuery(id, page)), isPaged(id))).map(parse);

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
    probe: async (projectId, probe) => isAllowed(() => call(...probeCall(projectId, probe))),
    clockSkew: transport.clockSkew,
    requestCount: transport.requestCount,
    close: transport.close,
  };
}

type Call = (id: OperationId, params: PathParams, query?: Query) => Promise<unknown>;

function caller(transport: Transport, baseUrl: URL): Call {
  return (id, params, query = {}) => {
    const operation = OPERATIONS[id];
    const fetch = (url: string) => transport.call(operation, new URL(url));
    if (isLibraryOperation(id)) {
      return LIBRARY_CALLS[id]({ fetch }, new URL("/api/atlas/v2", baseUrl).href, params, query);
    }
    const path = operation.path.replace("{groupId}", params.groupId).replace("{clusterName}", params.clusterName);
    return fetch(`${new URL(path, baseUrl).href}?${new URLSearchParams(query)}`);
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
function pageQuery(id: OperationId, page: number): Query {
  if (!isPaged(id)) return page === 1 ? {} : { pageNum: String(page) };
  return { itemsPerPage: String(PAGE_ITEMS_MAX), pageNum: String(page), includeCount: "true" };
}

function probeCall(projectId: string, probe: AccessProbe): Parameters<Call> {
  switch (probe.kind) {
    case "project":
      return ["getGroup", pathParams(projectId)];
    case "backup-manager":
      return ["listGroupClusterBackupRestoreJobs", pathParams(projectId, probe.clusterName), { itemsPerPage: "1" }];
    case "owner":
      return ["getGroupBackupCompliancePolicy", pathParams(projectId)];
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
