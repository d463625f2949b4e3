/**
 * The only place that touches mongodb-atlas-api-client. It supplies the URLs of the operations that it knows and
 * nothing else: it is handed a client whose `fetch` is our own call, so its transport (which reports refusals as
 * successes and repeats writes) is never loaded.
 */
import CloudBackup from "mongodb-atlas-api-client/src/cloudBackup.js";
import Cluster from "mongodb-atlas-api-client/src/cluster.js";
import Project from "mongodb-atlas-api-client/src/project.js";
import type { OPERATIONS, OperationId } from "./operations.ts";
import type { PathParams } from "./params.ts";

type Query = Readonly<Record<string, string>>;

export type LibraryOperationId = {
  [Id in OperationId]: (typeof OPERATIONS)[Id]["via"] extends "library" ? Id : never;
}[OperationId];

type LibraryCall = (
  client: { readonly fetch: (url: string) => Promise<unknown> },
  apiUrl: string,
  params: PathParams,
  query: Query,
) => Promise<unknown>;

/**
 * `params` must be checked: the library puts them into URLs as they are. What a write sends is in the client's `fetch`
 * already; the body that the library would send is nothing.
 */
export const LIBRARY_CALLS = {
  getGroup: (client, apiUrl, { groupId }, query) => new Project(client, apiUrl).getById(groupId, query),
  listGroupClusters: (client, apiUrl, { groupId }, query) => new Cluster(client, apiUrl, groupId).getAll(query),
  getGroupCluster: (client, apiUrl, { groupId, clusterName }, query) =>
    new Cluster(client, apiUrl, groupId).get(clusterName, query),
  updateGroupCluster: (client, apiUrl, { groupId, clusterName }, query) =>
    new Cluster(client, apiUrl, groupId).update(clusterName, undefined, query),
  getGroupClusterBackupSnapshot: (client, apiUrl, { groupId, clusterName, snapshotId }, query) =>
    new CloudBackup(client, apiUrl, groupId).getReplicaSetCloudBackup(clusterName, snapshotId, query),
  getGroupClusterBackupRestoreJob: (client, apiUrl, { groupId, clusterName, jobId }, query) =>
    new CloudBackup(client, apiUrl, groupId).getSnapshotRestoreJob(clusterName, jobId, query),
  createGroupClusterBackupRestoreJob: (client, apiUrl, { groupId, clusterName }, query) =>
    new CloudBackup(client, apiUrl, groupId).createSnapshotRestoreJob(clusterName, undefined, query),
  listGroupClusterBackupSnapshots: (client, apiUrl, { groupId, clusterName }, query) =>
    new CloudBackup(client, apiUrl, groupId).getAllReplicaSetCloudBackups(clusterName, query),
} as const satisfies Record<LibraryOperationId, LibraryCall>;
