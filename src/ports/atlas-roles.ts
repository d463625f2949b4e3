/**
 * The operations of Atlas's Admin API that are used, by the ids that it gives them, each with the roles on the project that
 * open it, as its specification names them: any of them is enough
 * (https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/).
 */
export type AtlasOperation = keyof typeof ATLAS_ROLES;
export type AtlasRole = (typeof ATLAS_ROLES)[AtlasOperation][number];

const READER = ["Project Read Only"] as const;
const BACKUP_MANAGER = ["Project Backup Manager"] as const;
const RESTORER = ["Project Backup Export Operator", "Project Backup Recovery Operator"] as const;
const ALERTS_MANAGER = ["Project Alerts Manager"] as const;

export const ATLAS_ROLES = {
  getGroup: READER,
  listGroupClusters: READER,
  getGroupCluster: READER,
  listGroupFlexClusters: READER,
  updateGroupCluster: ["Project Cluster Manager", "Project Cluster Resilience Tester", "Project Replica Set Manager"],
  getGroupClusterBackupSchedule: READER,
  updateGroupClusterBackupSchedule: BACKUP_MANAGER,
  listGroupClusterBackupSnapshots: READER,
  takeGroupClusterBackupSnapshots: ["Project Backup Creator"],
  getGroupClusterBackupSnapshot: READER,
  getGroupClusterBackupSnapshotShardedCluster: READER,
  listGroupClusterBackupSnapshotShardedClusters: READER,
  listGroupFlexClusterBackupSnapshots: READER,
  listGroupClusterBackupRestoreJobs: BACKUP_MANAGER,
  getGroupClusterBackupRestoreJob: BACKUP_MANAGER,
  createGroupClusterBackupRestoreJob: RESTORER,
  cancelGroupClusterBackupRestoreJob: RESTORER,
  listGroupBackupExportBuckets: READER,
  listGroupClusterBackupExports: BACKUP_MANAGER,
  getGroupClusterBackupExport: BACKUP_MANAGER,
  createGroupClusterBackupExport: ["Project Backup Export Operator"],
  listGroupClusterCollectionRestoreJobs: BACKUP_MANAGER,
  getGroupClusterCollectionRestoreJob: BACKUP_MANAGER,
  createGroupClusterCollectionRestoreJob: ["Project Backup Recovery Operator"],
  listGroupClusterBackupSnapshotDatabases: BACKUP_MANAGER,
  listGroupClusterBackupSnapshotDatabaseCollections: BACKUP_MANAGER,
  listGroupAlertConfigs: READER,
  getGroupAlertConfig: READER,
  createGroupAlertConfig: ALERTS_MANAGER,
  updateGroupAlertConfig: ALERTS_MANAGER,
  listGroupIntegrations: READER,
  listGroupProcesses: READER,
  getGroupProcessMeasurements: READER,
  listGroupEvents: READER,
  getGroupBackupCompliancePolicy: ["Project Owner"],
} as const satisfies Record<string, readonly string[]>;
