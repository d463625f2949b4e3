/** The port's restores over the operations of Atlas: jobs, what a snapshot holds, and whether a target is in use. */
import type { AtlasRestores, ClusterActivity } from "../../ports/atlas-restores.ts";
import type { WireObject } from "../fields.ts";
import { type Call, type List, pageQuery, type Wire } from "./call.ts";
import { allPages } from "./pages.ts";
import { pathParams } from "./params.ts";
import { asObject, theOne } from "./wire.ts";
import {
  ACTIVITY_QUERY,
  connectionsOf,
  MEASUREMENTS,
  primariesOf,
  total,
  unreadable,
  writesOf,
} from "./wire-activity.ts";
import { parseCluster } from "./wire-clusters.ts";
import { downloadSecrets } from "./wire-downloads.ts";
import {
  collectionRestoreBody,
  parseCollectionName,
  parseCollectionRestore,
  parseDatabaseName,
  parseRestoreJob,
  restoreBody,
} from "./wire-restores.ts";

export function restores({ call, list, keepSecret }: Wire): AtlasRestores {
  const readJob = (object: WireObject) => {
    keepSecret(downloadSecrets(object));
    return parseRestoreJob(object);
  };
  return {
    listRestoreJobs: async (projectId, source) =>
      (await list("listGroupClusterBackupRestoreJobs", pathParams(projectId, source))).map(readJob),
    getRestoreJob: async (projectId, source, jobId) => {
      const answer = await call("getGroupClusterBackupRestoreJob", pathParams(projectId, source, { jobId }));
      return readJob(theOne("getGroupClusterBackupRestoreJob", answer, jobId));
    },
    startRestore: async (projectId, source, order) => {
      const params = pathParams(projectId, source);
      const answer = await call("createGroupClusterBackupRestoreJob", params, undefined, restoreBody(order));
      return readJob(asObject("createGroupClusterBackupRestoreJob", answer));
    },
    cancelRestoreJob: async (projectId, source, jobId) => {
      await call("cancelGroupClusterBackupRestoreJob", pathParams(projectId, source, { jobId }));
    },
    ...collectionRestores({ call, list }),
    listSnapshotNamespaces: (projectId, name, snapshotId) => namespacesIn(list, projectId, name, snapshotId),
    getActivity: (projectId, name) => activityOf(call, projectId, name),
  };
}

type CollectionRestores = Pick<
  AtlasRestores,
  "listCollectionRestores" | "getCollectionRestore" | "startCollectionRestore"
>;

function collectionRestores({ call, list }: Pick<Wire, "call" | "list">): CollectionRestores {
  return {
    listCollectionRestores: async (projectId, source) =>
      (await list("listGroupClusterCollectionRestoreJobs", pathParams(projectId, source))).map(parseCollectionRestore),
    getCollectionRestore: async (projectId, source, jobId) => {
      const answer = await call("getGroupClusterCollectionRestoreJob", pathParams(projectId, source, { jobId }));
      return parseCollectionRestore(theOne("getGroupClusterCollectionRestoreJob", answer, jobId));
    },
    startCollectionRestore: async (projectId, source, order) => {
      const params = pathParams(projectId, source);
      const body = collectionRestoreBody(order);
      const answer = await call("createGroupClusterCollectionRestoreJob", params, undefined, body);
      return parseCollectionRestore(asObject("createGroupClusterCollectionRestoreJob", answer));
    },
  };
}

async function namespacesIn(
  list: List,
  projectId: string,
  name: string,
  snapshotId: string,
): Promise<readonly string[]> {
  const params = pathParams(projectId, name, { snapshotId });
  const databases = (await list("listGroupClusterBackupSnapshotDatabases", params)).map(parseDatabaseName);
  const namespaces = databases.map(async (databaseName) => {
    const inside = pathParams(projectId, name, { snapshotId, databaseName });
    const collections = (await list("listGroupClusterBackupSnapshotDatabaseCollections", inside)).map(
      parseCollectionName,
    );
    return collections.map((collection) => `${databaseName}.${collection}`);
  });
  return (await Promise.all(namespaces)).flat();
}

async function activityOf(call: Call, projectId: string, name: string): Promise<ClusterActivity> {
  const [answer, processes] = await Promise.all([
    call("getGroupCluster", pathParams(projectId, name)),
    allPages("listGroupProcesses", (page) =>
      call("listGroupProcesses", pathParams(projectId), pageQuery("listGroupProcesses", page)),
    ),
  ]);
  const cluster = asObject("getGroupCluster", answer);
  const { shards } = parseCluster(cluster);
  const primaries = primariesOf(cluster, processes);
  if (!shards.known || primaries.length < shards.value.length) {
    const wanted = shards.known ? `of ${shards.value.length} primaries` : "primaries of an unknown number";
    const lost = unreadable(`${name}: ${primaries.length} ${wanted} found among the project's processes`);
    return { writesPerSecond: lost, connections: lost };
  }
  const answers = await Promise.all(
    primaries.map((processId) =>
      call("getGroupProcessMeasurements", pathParams(projectId, undefined, { processId }), activityQuery()),
    ),
  );
  return { writesPerSecond: total(answers.map(writesOf)), connections: total(answers.map(connectionsOf)) };
}

function activityQuery(): URLSearchParams {
  const query = new URLSearchParams(ACTIVITY_QUERY);
  for (const name of MEASUREMENTS) query.append("m", name);
  return query;
}
