/**
 * The Atlas operations that are used: where they are, which version of the answer we read, which role they demand.
 * The date is the exact one of the operation, so that a newer server never changes a shape silently
 * (https://www.mongodb.com/docs/atlas/api/versioned-api-overview/).
 */
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

/** A read may be repeated after any passing failure; a write only when it was refused before it could act. */
export type RetryPolicy = "read" | "write";

const GROUP = "/api/atlas/v2/groups/{groupId}";
const CLUSTER = `${GROUP}/clusters/{clusterName}` as const;
const ALERTS = `${GROUP}/alertConfigs` as const;
const ALERT = `${ALERTS}/{alertConfigId}` as const;
const READ = { method: "GET", policy: "read" } as const;
const WRITE = { policy: "write" } as const;
const READER = ["Project Read Only"] as const;

export const OPERATIONS = {
  getGroup: { ...READ, path: GROUP, date: "2023-01-01", via: "library", roles: READER },
  listGroupClusters: { ...READ, path: `${GROUP}/clusters`, date: "2024-08-05", via: "library", roles: READER },
  getGroupCluster: { ...READ, path: CLUSTER, date: "2024-08-05", via: "library", roles: READER },
  listGroupFlexClusters: { ...READ, path: `${GROUP}/flexClusters`, date: "2024-11-13", via: "raw", roles: READER },
  updateGroupCluster: {
    ...WRITE,
    method: "PATCH",
    path: CLUSTER,
    date: "2024-10-23",
    via: "library",
    roles: ["Project Cluster Manager", "Project Cluster Resilience Tester", "Project Replica Set Manager"],
  },
  getGroupClusterBackupSchedule: {
    ...READ,
    path: `${CLUSTER}/backup/schedule`,
    date: "2024-08-05",
    via: "raw",
    roles: READER,
  },
  updateGroupClusterBackupSchedule: {
    ...WRITE,
    method: "PATCH",
    path: `${CLUSTER}/backup/schedule`,
    date: "2024-08-05",
    via: "raw",
    roles: ["Project Backup Manager"],
  },
  listGroupClusterBackupSnapshots: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots`,
    date: "2023-01-01",
    via: "library",
    roles: READER,
  },
  takeGroupClusterBackupSnapshots: {
    ...WRITE,
    method: "POST",
    path: `${CLUSTER}/backup/snapshots`,
    date: "2023-01-01",
    via: "raw",
    roles: ["Project Backup Creator"],
  },
  getGroupClusterBackupSnapshot: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/{snapshotId}`,
    date: "2023-01-01",
    via: "library",
    roles: READER,
  },
  getGroupClusterBackupSnapshotShardedCluster: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/shardedCluster/{snapshotId}`,
    date: "2023-01-01",
    via: "raw",
    roles: READER,
  },
  listGroupClusterBackupSnapshotShardedClusters: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/shardedClusters`,
    date: "2023-01-01",
    via: "raw",
    roles: READER,
  },
  listGroupFlexClusterBackupSnapshots: {
    ...READ,
    path: `${GROUP}/flexClusters/{clusterName}/backup/snapshots`,
    date: "2024-11-13",
    via: "raw",
    roles: READER,
  },
  listGroupClusterBackupRestoreJobs: {
    ...READ,
    path: `${CLUSTER}/backup/restoreJobs`,
    date: "2023-01-01",
    via: "raw",
    roles: ["Project Backup Manager"],
  },
  getGroupClusterBackupRestoreJob: {
    ...READ,
    path: `${CLUSTER}/backup/restoreJobs/{jobId}`,
    date: "2023-01-01",
    via: "library",
    roles: ["Project Backup Manager"],
  },
  createGroupClusterBackupRestoreJob: {
    ...WRITE,
    method: "POST",
    path: `${CLUSTER}/backup/restoreJobs`,
    date: "2023-01-01",
    via: "library",
    roles: ["Project Backup Export Operator", "Project Backup Recovery Operator"],
  },
  cancelGroupClusterBackupRestoreJob: {
    ...WRITE,
    method: "DELETE",
    path: `${CLUSTER}/backup/restoreJobs/{jobId}`,
    date: "2023-01-01",
    via: "raw",
    roles: ["Project Backup Export Operator", "Project Backup Recovery Operator"],
  },
  listGroupBackupExportBuckets: {
    ...READ,
    path: `${GROUP}/backup/exportBuckets`,
    date: "2024-05-30",
    via: "raw",
    roles: READER,
  },
  listGroupClusterBackupExports: {
    ...READ,
    path: `${CLUSTER}/backup/exports`,
    date: "2023-01-01",
    via: "raw",
    roles: ["Project Backup Manager"],
  },
  getGroupClusterBackupExport: {
    ...READ,
    path: `${CLUSTER}/backup/exports/{exportId}`,
    date: "2023-01-01",
    via: "raw",
    roles: ["Project Backup Manager"],
  },
  createGroupClusterBackupExport: {
    ...WRITE,
    method: "POST",
    path: `${CLUSTER}/backup/exports`,
    date: "2023-01-01",
    via: "raw",
    roles: ["Project Backup Export Operator"],
  },
  listGroupClusterCollectionRestoreJobs: {
    ...READ,
    path: `${CLUSTER}/collectionRestoreJobs`,
    date: "2025-03-12",
    via: "raw",
    roles: ["Project Backup Manager"],
  },
  getGroupClusterCollectionRestoreJob: {
    ...READ,
    path: `${CLUSTER}/collectionRestoreJobs/{jobId}`,
    date: "2025-03-12",
    via: "raw",
    roles: ["Project Backup Manager"],
  },
  createGroupClusterCollectionRestoreJob: {
    ...WRITE,
    method: "POST",
    path: `${CLUSTER}/collectionRestoreJobs`,
    date: "2025-03-12",
    via: "raw",
    roles: ["Project Backup Recovery Operator"],
  },
  listGroupClusterBackupSnapshotDatabases: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/{snapshotId}/databases`,
    date: "2025-03-12",
    via: "raw",
    roles: ["Project Backup Manager"],
  },
  listGroupClusterBackupSnapshotDatabaseCollections: {
    ...READ,
    path: `${CLUSTER}/backup/snapshots/{snapshotId}/databases/{databaseName}/collections`,
    date: "2025-03-12",
    via: "raw",
    roles: ["Project Backup Manager"],
  },
  listGroupAlertConfigs: { ...READ, path: ALERTS, date: "2023-01-01", via: "raw", roles: READER },
  getGroupAlertConfig: { ...READ, path: ALERT, date: "2023-01-01", via: "raw", roles: READER },
  createGroupAlertConfig: {
    ...WRITE,
    method: "POST",
    path: ALERTS,
    date: "2023-01-01",
    via: "raw",
    roles: ["Project Alerts Manager"],
  },
  updateGroupAlertConfig: {
    ...WRITE,
    method: "PUT",
    path: ALERT,
    date: "2023-01-01",
    via: "raw",
    roles: ["Project Alerts Manager"],
  },
  listGroupIntegrations: { ...READ, path: `${GROUP}/integrations`, date: "2023-01-01", via: "raw", roles: READER },
  listGroupProcesses: { ...READ, path: `${GROUP}/processes`, date: "2023-01-01", via: "raw", roles: READER },
  getGroupProcessMeasurements: {
    ...READ,
    path: `${GROUP}/processes/{processId}/measurements`,
    date: "2023-01-01",
    via: "raw",
    roles: READER,
  },
  // the library knows it, but cannot repeat a query parameter
  listGroupEvents: { ...READ, path: `${GROUP}/events`, date: "2023-01-01", via: "raw", roles: READER },
  getGroupBackupCompliancePolicy: {
    ...READ,
    path: `${GROUP}/backupCompliancePolicy`,
    date: "2023-10-01",
    via: "raw",
    roles: ["Project Owner"],
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

/** The types of event that are asked for. */
export const SNAPSHOT_EVENT_TYPES = ["CPS_SNAPSHOT_STARTED", "CPS_SNAPSHOT_SUCCESSFUL"] as const;
