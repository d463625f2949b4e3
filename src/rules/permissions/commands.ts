/**
 * The calls that each command can make. The tests hold it against all that their sandboxes are asked: nothing else is called,
 * and nothing stands here that no test has seen.
 */
import type { CommandName } from "../../core/command-names.ts";
import type { AtlasOperation } from "../../ports/atlas-roles.ts";
import { AWS_CALLS, type AwsCall } from "./aws-calls.ts";

export type Call = AtlasOperation | AwsCall;

export interface Calls {
  /** It cannot do its work without them. */
  readonly needs: readonly Call[];
  /** It makes them too, but a refusal is an answer that it can do with. */
  readonly asks?: readonly Call[];
}

const CLUSTERS = ["listGroupClusters", "listGroupFlexClusters"] as const;
const SETTINGS = [...CLUSTERS, "getGroupClusterBackupSchedule"] as const;
const BACKUPS = [
  ...SETTINGS,
  "listGroupClusterBackupSnapshots",
  "listGroupClusterBackupSnapshotShardedClusters",
  "listGroupFlexClusterBackupSnapshots",
] as const;
const ONE_SNAPSHOT = [
  "getGroupClusterBackupSnapshot",
  "getGroupClusterBackupSnapshotShardedCluster",
  "listGroupEvents",
] as const;
const TAKE_SNAPSHOT = ["takeGroupClusterBackupSnapshots", ...ONE_SNAPSHOT] as const;

const ACTIVITY = ["getGroupCluster", "listGroupProcesses", "getGroupProcessMeasurements"] as const;
const CONTENTS = [
  "listGroupClusterBackupSnapshotDatabases",
  "listGroupClusterBackupSnapshotDatabaseCollections",
] as const;
const ONE_JOB = ["getGroupClusterBackupRestoreJob", "getGroupClusterCollectionRestoreJob"] as const;
const RESTORE_PLAN = [...BACKUPS, ...ACTIVITY, "listGroupClusterBackupRestoreJobs"] as const;
const RESTORE = ["createGroupClusterBackupRestoreJob", "getGroupClusterBackupRestoreJob"] as const;
const RESTORE_COLLECTIONS = [
  "listGroupClusterCollectionRestoreJobs",
  "createGroupClusterCollectionRestoreJob",
  "getGroupClusterCollectionRestoreJob",
] as const;
/** Where the job turns out to be another than was ordered. */
const STOP_WRONG_JOB = "cancelGroupClusterBackupRestoreJob";

const BUCKET = [
  "sts GetCallerIdentity",
  "s3 HeadBucket",
  "s3 GetBucketVersioning",
  "s3 GetObjectLockConfiguration",
  "s3 GetBucketEncryption",
  "s3 GetPublicAccessBlock",
  "s3 GetBucketLifecycleConfiguration",
  "kms DescribeKey",
] as const;
const SERIES = ["s3 ListObjectVersions", "s3 ListMultipartUploads", "s3 GetObject"] as const;
/** Where the lock does not show with the object, it is asked for. */
const STORED = [
  "s3 HeadObject",
  "s3 HeadObject of a version",
  "s3 GetObjectRetention",
  "s3 GetObjectAttributes of a version",
] as const;
const ARCHIVES = [...BUCKET, ...SERIES, ...STORED] as const;
const ONE_ARCHIVE = ["s3 GetObject", "s3 HeadObject of a version", "s3 GetObjectRetention"] as const;
const DOWNLOAD = [
  "listGroupClusterBackupRestoreJobs",
  "createGroupClusterBackupRestoreJob",
  "getGroupClusterBackupRestoreJob",
  "s3 CreateMultipartUpload locked",
  "s3 UploadPart",
  "s3 CompleteMultipartUpload",
  "s3 ListParts",
] as const;
const EXPORT = [
  "listGroupBackupExportBuckets",
  "listGroupClusterBackupExports",
  "createGroupClusterBackupExport",
  "getGroupClusterBackupExport",
  "s3 ListObjectVersions of exports",
  "s3 GetObject of exports",
  "s3 CopyObject locked",
  "s3 UploadPartCopy",
] as const;

const ALERTS = ["listGroupAlertConfigs", "listGroupIntegrations"] as const;
const ALARMS = [
  "sts GetCallerIdentity",
  "cloudwatch DescribeAlarms",
  "cloudwatch ListAlarmMuteRules",
  "cloudwatch GetAlarmMuteRule",
  "cloudwatch GetMetricData",
] as const;
const BEHIND_TOPICS = [
  "sts GetCallerIdentity",
  "sns GetSubscriptionAttributes",
  "sns GetSMSSandboxAccountStatus",
  "kms DescribeKey",
  "kms GetKeyPolicy",
] as const;
const TOPICS = [
  ...BEHIND_TOPICS,
  "sns GetTopicAttributes",
  "sns ListSubscriptionsByTopic",
  "sns ListTagsForResource",
] as const;
/** Also those that nobody declared and that an alarm points at. */
const ANY_TOPICS = [
  ...BEHIND_TOPICS,
  "sns GetTopicAttributes of any",
  "sns ListSubscriptionsByTopic of any",
  "sns ListTagsForResource of any",
] as const;

const NOTHING: Calls = { needs: [] };

export const CALLS = {
  "backup verify": { needs: BACKUPS },
  "backup list": { needs: BACKUPS },
  "backup snapshot": { needs: [...BACKUPS, ...TAKE_SNAPSHOT] },
  "backup watch": {
    needs: [
      ...SETTINGS,
      "listGroupClusterBackupSnapshots",
      "listGroupClusterBackupSnapshotShardedClusters",
      ...ONE_SNAPSHOT,
    ],
  },
  "backup plan": { needs: SETTINGS, asks: ["getGroupBackupCompliancePolicy"] },
  "backup apply": {
    needs: [...SETTINGS, "updateGroupClusterBackupSchedule", "updateGroupCluster"],
    asks: ["getGroupBackupCompliancePolicy"],
  },

  "restore pitr": { needs: [...RESTORE_PLAN, ...TAKE_SNAPSHOT, ...RESTORE, ...CONTENTS, STOP_WRONG_JOB] },
  "restore snapshot": { needs: [...RESTORE_PLAN, ...TAKE_SNAPSHOT, ...RESTORE, ...CONTENTS, STOP_WRONG_JOB] },
  "restore collections": { needs: [...RESTORE_PLAN, ...TAKE_SNAPSHOT, ...RESTORE_COLLECTIONS, ...CONTENTS] },
  "restore apply": {
    needs: [
      ...RESTORE_PLAN,
      ...TAKE_SNAPSHOT,
      ...RESTORE,
      ...RESTORE_COLLECTIONS,
      ...CONTENTS,
      "updateGroupCluster", // of a drill
      STOP_WRONG_JOB,
    ],
  },
  "restore list": { needs: ["listGroupClusterBackupRestoreJobs", "listGroupClusterCollectionRestoreJobs"] },
  "restore status": { needs: ONE_JOB },
  "restore watch": { needs: ONE_JOB },
  "restore cancel": { needs: [...ONE_JOB, STOP_WRONG_JOB] },
  "restore drill": { needs: [...RESTORE_PLAN, ...RESTORE, ...CONTENTS, "updateGroupCluster", STOP_WRONG_JOB] },

  "archive push": {
    needs: [
      ...BACKUPS,
      ...ARCHIVES,
      "s3 GetObjectAttributes",
      "s3 PutObject",
      "s3 PutObject locked",
      ...DOWNLOAD,
      ...EXPORT,
    ],
  },
  "archive verify": {
    needs: [...ARCHIVES, "s3 GetObject of a version", "s3 RestoreObject", "s3 PutObject"],
  },
  "archive list": { needs: SERIES },
  "archive thaw": { needs: [...ONE_ARCHIVE, "s3 RestoreObject"] },
  "archive status": { needs: ONE_ARCHIVE },
  "archive fetch": { needs: [...ONE_ARCHIVE, "s3 GetObject of a version"] },
  "archive abort": {
    needs: [
      "s3 ListMultipartUploads",
      "s3 ListParts",
      "s3 GetObject",
      "s3 HeadObject",
      "s3 GetObjectRetention",
      "s3 AbortMultipartUpload",
    ],
  },

  "alarms audit": { needs: [...ALARMS, ...ANY_TOPICS, ...ALERTS] },
  "alarms list": { needs: [...ALARMS, ...ANY_TOPICS, ...ALERTS] },
  "alarms show": NOTHING,
  "alarms plan": { needs: [...ALARMS, ...ALERTS] },
  "alarms apply": {
    needs: [
      ...ALARMS,
      ...ALERTS,
      "cloudwatch PutMetricAlarm",
      "cloudwatch DeleteAlarms",
      "getGroupAlertConfig",
      "createGroupAlertConfig",
      "updateGroupAlertConfig",
    ],
  },
  "alarms adopt": { needs: ["sts GetCallerIdentity", "cloudwatch DescribeAlarms", "listGroupAlertConfigs"] },
  "alarms test": {
    needs: [...ANY_TOPICS, "cloudwatch DescribeAlarms", "cloudwatch DescribeAlarmHistory", "cloudwatch SetAlarmState"],
  },
  "notify audit": { needs: TOPICS },
  "notify plan": { needs: TOPICS },
  "notify apply": {
    needs: [
      ...TOPICS,
      "sns CreateTopic",
      "sns SetTopicAttributes",
      "sns Subscribe",
      "sns TagResource",
      "sns Unsubscribe",
    ],
  },
  "notify test": { needs: [...TOPICS, "sns Publish"] },

  "retention check": { needs: [...BACKUPS, ...ARCHIVES] },
  "retention simulate": { needs: [...BACKUPS, ...ARCHIVES] },
  "retention map": { needs: [...BACKUPS, ...ARCHIVES] },

  "config check": NOTHING,
  "config show": NOTHING,
  "config schema": NOTHING,
  "config init": NOTHING,
  doctor: {
    needs: ["getGroup", "sts GetCallerIdentity", "cloudwatch GetMetricData"], // the last of them with --schedules
    asks: [
      "listGroupClusterBackupRestoreJobs",
      "getGroupBackupCompliancePolicy",
      "cloudwatch DescribeAlarms",
      "sns GetTopicAttributes",
      "sns ListSubscriptionsByTopic",
      "s3 ListObjectsV2",
      "s3 GetBucketVersioning",
      "s3 GetObjectLockConfiguration",
      "s3 GetBucketLifecycleConfiguration",
      "s3 ListObjectVersions of records",
    ],
  },
  "doctor permissions": NOTHING,
  "audit log verify": NOTHING, // but what reading the record takes
  "audit log list": NOTHING,
  "sandbox up": NOTHING,
  "sandbox env": NOTHING,
  "sandbox worlds": NOTHING,
  completion: NOTHING,
} as const satisfies Readonly<Record<CommandName, Calls>>;

/** What is called beside the command's own work, by any that does it. */
export const ALONGSIDE = {
  /** With --heartbeat. */
  heartbeat: ["sts GetCallerIdentity", "cloudwatch PutMetricData"],
  /** Where the policy names a bucket for it: of whatever changes something, and of audit log. */
  recordRead: ["s3 ListObjectVersions of records", "s3 GetObject of records", "s3 GetObjectRetention of records"],
  /** Of whatever changes something: its record. */
  recordWritten: ["s3 PutObject of records"],
} as const satisfies Readonly<Record<string, readonly AwsCall[]>>;

export const READING_RECORDS: ReadonlySet<CommandName> = new Set(["audit log verify", "audit log list"]);

/** They change something, and leave a record of it. */
export const RECORDED: ReadonlySet<CommandName> = new Set([
  "backup snapshot",
  "backup apply",
  "restore pitr",
  "restore snapshot",
  "restore collections",
  "restore apply",
  "restore cancel",
  "restore drill",
  "archive push",
  "archive verify",
  "archive thaw",
  "archive fetch",
  "archive abort",
  "alarms apply",
  "alarms test",
  "notify apply",
  "notify test",
]);

/** Whose schedule a command may run as well: it tells the heartbeat of that one. */
export const ALSO_BEATS_AS: Partial<Readonly<Record<CommandName, CommandName>>> = { "restore apply": "restore drill" };

export function isAwsCall(call: Call): call is AwsCall {
  return Object.hasOwn(AWS_CALLS, call);
}
