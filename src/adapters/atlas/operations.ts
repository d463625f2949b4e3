/**
 * The Atlas operations that are used: where they are, which version of the answer we read, which role they demand.
 * The date is the exact one of the operation, so that a newer server never changes a shape silently
 * (https://www.mongodb.com/docs/atlas/api/versioned-api-overview/).
 */
import { ATLAS_ROLES, type AtlasOperation } from "../../ports/atlas-roles.ts";
import type { RetryPolicy } from "../http/retry.ts";

export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** The date in the media type `application/vnd.atlas.<date>+json`, of the answer and of the body sent. */
  readonly date: string;
  readonly policy: RetryPolicy;
  /** `library`: mongodb-atlas-api-client forms the URL; `raw`: it cannot form this one, which is done here. */
  readonly via: "library" | "raw";
  /** Any of these roles is enough. */
  readonly roles: readonly string[];
}

const GROUP = "/api/atlas/v2/groups/{groupId}";
const CLUSTER = `${GROUP}/clusters/{clusterName}` as const;
const ALERTS = `${GROUP}/alertConfigs` as const;
const ALERT = `${ALERTS}/{alertConfigId}` as const;
const READ = { method: "GET", policy: "read" } as const;
const WRITE = { policy: "write" } as const;

export const OPERATIONS = {
  getGroup: { ...READ, path: GROUP, date: "2023-01-01", via: "library", roles: ATLAS_ROLES.getGroup },
  listGroupClusters: {
    ...READ,
    path: `${GROUP}/clusters`,
    date: "2024-08-05",
    via: "library",
    roles: ATLAS_ROLES.listGroupClusters,
  },
  getGroupCluster: { ...READ, path: CLUSTER, date: "2024-08-05", via: "library", roles: ATLAS_ROLES.getGroupCluster },
  listGroupFlexClusters: {
    ...READ,
    path: `${GROUP}/flexClusters`,
    date: "2024-11-13",
    via: "raw",
    roles: ATLAS_ROLES.listGroupFlexClusters,
  },
  updateGroupCluster: {
    ...WRITE,
    method: "PATCH",
    path: CLUSTER,
    date: "2024-10-23",
    via: "library",
    roles: ATLAS_ROLES.updateGroupCluster,
  },
  getGroupClusterBackupSchedule: {
    ...READ,
    path: `${CLUSTER}/backup/schedule`,
    date: "2024-08-05",
    via: "raw",
    roles: ATLAS_ROLES.getGroupClusterBackupSchedule,
  },
  updateGroupClusterBackupSchedule: {
    ...WRITE,
    method: "PATCH",
    path: `${CLUSTER}/backup/schedule`,
    date: "2024-08-05",
    via: "raw",
    roles: ATLAS_ROLES.updateGroupClusterBackupSchedule,
  },
  listGroupClusterBackupSnapshots: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots`,
    date: "2023-01-01",
    via: "library",
    roles: ATLAS_ROLES.listGroupClusterBackupSnapshots,
  },
  takeGroupClusterBackupSnapshots: {
    ...WRITE,
    method: "POST",
    path: `${CLUSTER}/backup/snapshots`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.takeGroupClusterBackupSnapshots,
  },
  getGroupClusterBackupSnapshot: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/{snapshotId}`,
    date: "2023-01-01",
    via: "library",
    roles: ATLAS_ROLES.getGroupClusterBackupSnapshot,
  },
  getGroupClusterBackupSnapshotShardedCluster: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/shardedCluster/{snapshotId}`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.getGroupClusterBackupSnapshotShardedCluster,
  },
  listGroupClusterBackupSnapshotShardedClusters: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/shardedClusters`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.listGroupClusterBackupSnapshotShardedClusters,
  },
  listGroupFlexClusterBackupSnapshots: {
    ...READ,
    path: `${GROUP}/flexClusters/{clusterName}/backup/snapshots`,
    date: "2024-11-13",
    via: "raw",
    roles: ATLAS_ROLES.listGroupFlexClusterBackupSnapshots,
  },
  listGroupClusterBackupRestoreJobs: {
    ...READ,
    path: `${CLUSTER}/backup/restoreJobs`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.listGroupClusterBackupRestoreJobs,
  },
  getGroupClusterBackupRestoreJob: {
    ...READ,
    path: `${CLUSTER}/backup/restoreJobs/{jobId}`,
    date: "2023-01-01",
    via: "library",
    roles: ATLAS_ROLES.getGroupClusterBackupRestoreJob,
  },
  createGroupClusterBackupRestoreJob: {
    ...WRITE,
    method: "POST",
    path: `${CLUSTER}/backup/restoreJobs`,
    date: "2023-01-01",
    via: "library",
    roles: ATLAS_ROLES.createGroupClusterBackupRestoreJob,
  },
  cancelGroupClusterBackupRestoreJob: {
    ...WRITE,
    method: "DELETE",
    path: `${CLUSTER}/backup/restoreJobs/{jobId}`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.cancelGroupClusterBackupRestoreJob,
  },
  listGroupBackupExportBuckets: {
    ...READ,
    path: `${GROUP}/backup/exportBuckets`,
    date: "2024-05-30",
    via: "raw",
    roles: ATLAS_ROLES.listGroupBackupExportBuckets,
  },
  listGroupClusterBackupExports: {
    ...READ,
    path: `${CLUSTER}/backup/exports`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.listGroupClusterBackupExports,
  },
  getGroupClusterBackupExport: {
    ...READ,
    path: `${CLUSTER}/backup/exports/{exportId}`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.getGroupClusterBackupExport,
  },
  createGroupClusterBackupExport: {
    ...WRITE,
    method: "POST",
    path: `${CLUSTER}/backup/exports`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.createGroupClusterBackupExport,
  },
  listGroupClusterCollectionRestoreJobs: {
    ...READ,
    path: `${CLUSTER}/collectionRestoreJobs`,
    date: "2025-03-12",
    via: "raw",
    roles: ATLAS_ROLES.listGroupClusterCollectionRestoreJobs,
  },
  getGroupClusterCollectionRestoreJob: {
    ...READ,
    path: `${CLUSTER}/collectionRestoreJobs/{jobId}`,
    date: "2025-03-12",
    via: "raw",
    roles: ATLAS_ROLES.getGroupClusterCollectionRestoreJob,
  },
  createGroupClusterCollectionRestoreJob: {
    ...WRITE,
    method: "POST",
    path: `${CLUSTER}/collectionRestoreJobs`,
    date: "2025-03-12",
    via: "raw",
    roles: ATLAS_ROLES.createGroupClusterCollectionRestoreJob,
  },
  listGroupClusterBackupSnapshotDatabases: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/{snapshotId}/databases`,
    date: "2025-03-12",
    via: "raw",
    roles: ATLAS_ROLES.listGroupClusterBackupSnapshotDatabases,
  },
  listGroupClusterBackupSnapshotDatabaseCollections: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/{snapshotId}/databases/{databaseName}/collections`,
    date: "2025-03-12",
    via: "raw",
    roles: ATLAS_ROLES.listGroupClusterBackupSnapshotDatabaseCollections,
  },
  listGroupAlertConfigs: {
    ...READ,
    path: ALERTS,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.listGroupAlertConfigs,
  },
  getGroupAlertConfig: { ...READ, path: ALERT, date: "2023-01-01", via: "raw", roles: ATLAS_ROLES.getGroupAlertConfig },
  createGroupAlertConfig: {
    ...WRITE,
    method: "POST",
    path: ALERTS,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.createGroupAlertConfig,
  },
  updateGroupAlertConfig: {
    ...WRITE,
    method: "PUT",
    path: ALERT,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.updateGroupAlertConfig,
  },
  listGroupIntegrations: {
    ...READ,
    path: `${GROUP}/integrations`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.listGroupIntegrations,
  },
  listGroupProcesses: {
    ...READ,
    path: `${GROUP}/processes`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.listGroupProcesses,
  },
  getGroupProcessMeasurements: {
    ...READ,
    path: `${GROUP}/processes/{processId}/measurements`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.getGroupProcessMeasurements,
  },
  // the library knows it, but cannot repeat a query parameter
  listGroupEvents: {
    ...READ,
    path: `${GROUP}/events`,
    date: "2023-01-01",
    via: "raw",
    roles: ATLAS_ROLES.listGroupEvents,
  },
  getGroupBackupCompliancePolicy: {
    ...READ,
    path: `${GROUP}/backupCompliancePolicy`,
    date: "2023-10-01",
    via: "raw",
    roles: ATLAS_ROLES.getGroupBackupCompliancePolicy,
  },
} as const satisfies Record<AtlasOperation, Operation>;

export type OperationId = AtlasOperation;

/** The types of event that are asked for. */
export const SNAPSHOT_EVENT_TYPES = ["CPS_SNAPSHOT_STARTED", "CPS_SNAPSHOT_SUCCESSFUL"] as const;
