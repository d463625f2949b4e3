/** The real Atlas behind the port: MongoDB's Atlas Administration API v2 over HTTPS. */
import { OpsError } from "../../core/error.ts";
import type { AccessProbe, Atlas } from "../../ports/atlas.ts";
import type { AtlasAlerts } from "../../ports/atlas-alerts.ts";
import type { AtlasChanges } from "../../ports/atlas-changes.ts";
import type { AtlasExports } from "../../ports/atlas-exports.ts";
import type { AtlasRestores } from "../../ports/atlas-restores.ts";
import type { WireObject } from "../fields.ts";
import { HTTP_LIMITS, type HttpLimits } from "../http/exchange.ts";
import { atlasFailure, isAccessListFailure } from "./answer.ts";
import { type Call, caller, lister, pageQuery, type Wire } from "./call.ts";
import { later } from "./later.ts";
import { SNAPSHOT_EVENT_TYPES } from "./operations.ts";
import { allPages } from "./pages.ts";
import { pathParams } from "./params.ts";
import { openTransport, type TransportOptions } from "./transport.ts";

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

/**
 * Light: nothing is sent, opened or read before the first call. And quick to the first request: what an answer means is
 * loaded when there is one.
 */
export function connectAtlas(options: AtlasOptions): ConnectedAtlas {
  const transport = openTransport({ budgetMs: BUDGET_MS, limits: HTTP_LIMITS, ...options });
  const call = caller(transport, options.baseUrl);
  const wire = { call, list: lister(call), keepSecret: options.secrets.add };
  return {
    ...clusterReads(wire),
    ...snapshotReads(wire),
    ...projectReads(call),
    ...later<AtlasChanges>(CHANGES, async () => (await import("./changes.ts")).changes(call)),
    ...later<AtlasAlerts>(ALERTS, async () => (await import("./alerts.ts")).alerts(wire)),
    ...later<AtlasRestores>(RESTORES, async () => (await import("./restores.ts")).restores(wire)),
    ...later<AtlasExports>(EXPORTS, async () => (await import("./exports.ts")).snapshotExports(wire)),
    probe: async (projectId, probe) => isAllowed(() => call(...probeCall(projectId, probe))),
    clockSkew: transport.clockSkew,
    requestCount: transport.requestCount,
    close: transport.close,
  };
}

const ALERTS = {
  listAlertConfigs: true,
  listIntegrations: true,
  createAlertConfig: true,
  replaceAlertConfig: true,
} as const;

const CHANGES = { takeSnapshot: true, updateSchedule: true, updateCluster: true, setPaused: true } as const;

const RESTORES = {
  listRestoreJobs: true,
  getRestoreJob: true,
  startRestore: true,
  cancelRestoreJob: true,
  listCollectionRestores: true,
  getCollectionRestore: true,
  startCollectionRestore: true,
  listSnapshotNamespaces: true,
  getActivity: true,
} as const;

const EXPORTS = {
  startDownload: true,
  getDownload: true,
  listDownloads: true,
  listExportBuckets: true,
  startExport: true,
  getExport: true,
  listExports: true,
} as const;

type ClusterReads = Pick<Atlas, "listClusters" | "getCluster" | "listFlexClusters" | "getSchedule">;

function clusterReads({ call, list }: Wire): ClusterReads {
  return {
    listClusters: async (projectId) => {
      const clusters = await list("listGroupClusters", pathParams(projectId));
      return clusters.map((await import("./wire-clusters.ts")).parseCluster);
    },
    getCluster: async (projectId, name) => {
      const answer = await call("getGroupCluster", pathParams(projectId, name));
      const { parseCluster } = await import("./wire-clusters.ts");
      const cluster = parseCluster(await object("getGroupCluster", answer));
      if (cluster.name === name) return cluster;
      throw new OpsError("protocol", `Atlas answers about another cluster than ${name}`);
    },
    listFlexClusters: async (projectId) => {
      const clusters = await list("listGroupFlexClusters", pathParams(projectId));
      return clusters.map((await import("./wire-clusters.ts")).parseFlexCluster);
    },
    getSchedule: async (projectId, name) => {
      const answer = await call("getGroupClusterBackupSchedule", pathParams(projectId, name));
      const { parseSchedule } = await import("./wire-schedule.ts");
      return parseSchedule(name, await object("getGroupClusterBackupSchedule", answer));
    },
  };
}

type SnapshotReads = Pick<Atlas, "listSnapshots" | "listShardedSnapshots" | "listFlexSnapshots" | "getSnapshot">;

function snapshotReads({ call, list }: Wire): SnapshotReads {
  return {
    listSnapshots: async (projectId, name) => {
      const snapshots = await list("listGroupClusterBackupSnapshots", pathParams(projectId, name));
      return snapshots.map((await import("./wire-snapshots.ts")).parseSnapshot);
    },
    listShardedSnapshots: async (projectId, name) => {
      const snapshots = await list("listGroupClusterBackupSnapshotShardedClusters", pathParams(projectId, name));
      return snapshots.map((await import("./wire-snapshots.ts")).parseShardedSnapshot);
    },
    listFlexSnapshots: async (projectId, name) => {
      const snapshots = await list("listGroupFlexClusterBackupSnapshots", pathParams(projectId, name));
      return snapshots.map((await import("./wire-snapshots.ts")).parseFlexSnapshot);
    },
    getSnapshot: async (projectId, name, snapshotId, sharded) => {
      const id = sharded ? "getGroupClusterBackupSnapshotShardedCluster" : "getGroupClusterBackupSnapshot";
      const snapshot = await object(id, await call(id, pathParams(projectId, name, { snapshotId })));
      if (snapshot["id"] !== snapshotId) {
        throw new OpsError("protocol", `Atlas answers about another snapshot than ${snapshotId}`);
      }
      const { parseShardedSnapshot, parseSnapshot } = await import("./wire-snapshots.ts");
      return sharded ? parseShardedSnapshot(snapshot) : parseSnapshot(snapshot);
    },
  };
}

function projectReads(call: Call): Pick<Atlas, "listSnapshotEvents" | "getCompliancePolicy"> {
  return {
    listSnapshotEvents: async (projectId, name, since) => {
      const page = (number: number) => call("listGroupEvents", pathParams(projectId), eventQuery(name, since, number));
      const events = await allPages("listGroupEvents", page, { enoughPages: EVENT_PAGES_MAX });
      return events.map((await import("./wire-events.ts")).parseSnapshotEvent);
    },
    getCompliancePolicy: async (projectId) => {
      const answer = await orNull(() => call("getGroupBackupCompliancePolicy", pathParams(projectId)));
      if (answer === null) return null;
      const { parseCompliancePolicy } = await import("./wire-compliance.ts");
      return parseCompliancePolicy(await object("getGroupBackupCompliancePolicy", answer));
    },
  };
}

async function object(what: string, answer: unknown): Promise<WireObject> {
  return (await import("./wire.ts")).asObject(what, answer);
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
