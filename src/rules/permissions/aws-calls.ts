/**
 * The calls of AWS that are made, each with what IAM demands for it and of what: the actions by their own names, which are not
 * always those of the calls (https://docs.aws.amazon.com/service-authorization/latest/reference/list_s3.html and its kin).
 */

export type AwsCall = keyof typeof AWS_CALLS;

/** What a statement is about: the policy knows the names, or AWS knows none. */
export type Resource =
  | "buckets"
  | "objects"
  /** Where Atlas exports to: the policy does not name it. */
  | "exportBuckets"
  | "exportedObjects"
  /** Where the record of acts is kept. */
  | "recordBucket"
  | "records"
  /** Keys of one's own that encrypt buckets, or topics: used by S3 and SNS in the caller's name. */
  | "keysThroughS3"
  | "keysThroughSns"
  | "keys"
  | "alarms"
  | "muteRules"
  | "topics"
  /** An alarm may point at any. */
  | "topicsOfAccount"
  /** Those of one namespace: IAM knows no metrics. */
  | "heartbeats"
  /** There is no narrower: see WHY_EVERYTHING. */
  | "everything";

export type Grant = readonly [action: string, resource: Resource];

const ofBucket = (action: string): readonly Grant[] => [[action, "buckets"]];
const ofTopic = (action: string): readonly Grant[] => [[action, "topics"]];
const ofAnyTopic = (action: string): readonly Grant[] => [[action, "topicsOfAccount"]];
const ofAlarm = (action: string): readonly Grant[] => [[action, "alarms"]];
const ofAll = (action: string): readonly Grant[] => [[action, "everything"]];

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
const DECRYPT: Grant = ["kms:Decrypt", "keysThroughS3"];
const ENCRYPT: Grant = ["kms:GenerateDataKey", "keysThroughS3"];
/**
 * Without it, S3 forbids what is not there instead of saying so:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
const ABSENCE: Grant = ["s3:ListBucket", "buckets"];
const WRITE: readonly Grant[] = [["s3:PutObject", "objects"], ENCRYPT];
const LOCK: Grant = ["s3:PutObjectRetention", "objects"];

/** By service and operation; where IAM tells more ways of one apart, with the way. */
export const AWS_CALLS = {
  "s3 HeadBucket": ofBucket("s3:ListBucket"),
  "s3 ListObjectsV2": ofBucket("s3:ListBucket"),
  "s3 ListObjectVersions": ofBucket("s3:ListBucketVersions"),
  "s3 ListObjectVersions of exports": [["s3:ListBucketVersions", "exportBuckets"]],
  "s3 ListObjectVersions of records": [["s3:ListBucketVersions", "recordBucket"]],
  "s3 ListMultipartUploads": ofBucket("s3:ListBucketMultipartUploads"),
  "s3 GetBucketVersioning": ofBucket("s3:GetBucketVersioning"),
  "s3 GetObjectLockConfiguration": ofBucket("s3:GetBucketObjectLockConfiguration"),
  "s3 GetBucketEncryption": ofBucket("s3:GetEncryptionConfiguration"),
  "s3 GetPublicAccessBlock": ofBucket("s3:GetBucketPublicAccessBlock"),
  "s3 GetBucketLifecycleConfiguration": ofBucket("s3:GetLifecycleConfiguration"),
  "s3 GetObject": [["s3:GetObject", "objects"], ABSENCE, DECRYPT],
  "s3 GetObject of a version": [["s3:GetObjectVersion", "objects"], DECRYPT],
  "s3 GetObject of exports": [["s3:GetObject", "exportedObjects"], DECRYPT],
  "s3 GetObject of records": [["s3:GetObjectVersion", "records"], DECRYPT],
  // a HEAD asks for checksums too, which S3 keeps encrypted
  "s3 HeadObject": [["s3:GetObject", "objects"], ABSENCE, DECRYPT],
  "s3 HeadObject of a version": [["s3:GetObjectVersion", "objects"], DECRYPT],
  "s3 GetObjectAttributes": [["s3:GetObject", "objects"], ["s3:GetObjectAttributes", "objects"], DECRYPT],
  "s3 GetObjectAttributes of a version": [
    ["s3:GetObjectVersion", "objects"],
    ["s3:GetObjectVersionAttributes", "objects"],
    DECRYPT,
  ],
  "s3 GetObjectRetention": [["s3:GetObjectRetention", "objects"]],
  // a GET tells the lock to those alone who may ask for it
  "s3 GetObjectRetention of records": [["s3:GetObjectRetention", "records"]],
  "s3 RestoreObject": [["s3:RestoreObject", "objects"]],
  "s3 PutObject": WRITE,
  "s3 PutObject locked": [...WRITE, LOCK],
  "s3 PutObject of records": [["s3:PutObject", "records"], ["s3:PutObjectRetention", "records"], ENCRYPT],
  "s3 CopyObject locked": [...WRITE, LOCK, ["s3:GetObject", "exportedObjects"], DECRYPT],
  "s3 CreateMultipartUpload locked": [...WRITE, LOCK],
  // parts are put together by reading what was written
  "s3 UploadPart": [...WRITE, DECRYPT],
  "s3 UploadPartCopy": [...WRITE, ["s3:GetObject", "exportedObjects"], DECRYPT],
  "s3 CompleteMultipartUpload": [...WRITE, DECRYPT],
  "s3 AbortMultipartUpload": [["s3:AbortMultipartUpload", "objects"]],
  "s3 ListParts": [["s3:ListMultipartUploadParts", "objects"]],

  // nobody can be denied it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  "sts GetCallerIdentity": [],

  "kms DescribeKey": [["kms:DescribeKey", "keys"]],
  "kms GetKeyPolicy": [["kms:GetKeyPolicy", "keys"]],

  "sns CreateTopic": ofTopic("sns:CreateTopic"),
  "sns GetTopicAttributes": ofTopic("sns:GetTopicAttributes"),
  "sns GetTopicAttributes of any": ofAnyTopic("sns:GetTopicAttributes"),
  "sns SetTopicAttributes": ofTopic("sns:SetTopicAttributes"),
  "sns ListSubscriptionsByTopic": ofTopic("sns:ListSubscriptionsByTopic"),
  "sns ListSubscriptionsByTopic of any": ofAnyTopic("sns:ListSubscriptionsByTopic"),
  "sns ListTagsForResource": ofTopic("sns:ListTagsForResource"),
  "sns ListTagsForResource of any": ofAnyTopic("sns:ListTagsForResource"),
  "sns TagResource": ofTopic("sns:TagResource"),
  "sns Subscribe": ofTopic("sns:Subscribe"),
  "sns Unsubscribe": ofAll("sns:Unsubscribe"),
  "sns GetSubscriptionAttributes": ofAll("sns:GetSubscriptionAttributes"),
  "sns GetSMSSandboxAccountStatus": ofAll("sns:GetSMSSandboxAccountStatus"),
  // to a topic that a key encrypts: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  "sns Publish": [
    ["sns:Publish", "topics"],
    ["kms:GenerateDataKey", "keysThroughSns"],
    ["kms:Decrypt", "keysThroughSns"],
  ],

  "cloudwatch DescribeAlarms": ofAll("cloudwatch:DescribeAlarms"),
  "cloudwatch DescribeAlarmHistory": ofAll("cloudwatch:DescribeAlarmHistory"),
  "cloudwatch GetMetricData": ofAll("cloudwatch:GetMetricData"),
  "cloudwatch PutMetricData": [["cloudwatch:PutMetricData", "heartbeats"]],
  "cloudwatch ListAlarmMuteRules": ofAll("cloudwatch:ListAlarmMuteRules"),
  "cloudwatch GetAlarmMuteRule": [["cloudwatch:GetAlarmMuteRule", "muteRules"]],
  "cloudwatch PutMetricAlarm": ofAlarm("cloudwatch:PutMetricAlarm"),
  "cloudwatch DeleteAlarms": ofAlarm("cloudwatch:DeleteAlarms"),
  "cloudwatch SetAlarmState": ofAlarm("cloudwatch:SetAlarmState"),
} as const satisfies Record<string, readonly Grant[]>;

/** Why `*`, by action. */
export const WHY_EVERYTHING: Readonly<Record<string, string>> = {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
  "cloudwatch:DescribeAlarms": "with anything narrower, CloudWatch leaves out composite alarms",
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
  "cloudwatch:DescribeAlarmHistory": "with anything narrower, CloudWatch leaves out composite alarms",
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
  "cloudwatch:GetMetricData": "IAM knows no metrics",
  "cloudwatch:ListAlarmMuteRules": "a list of all rules",
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
  "sns:Unsubscribe": "IAM knows no subscriptions",
  "sns:GetSubscriptionAttributes": "IAM knows no subscriptions",
  "sns:GetSMSSandboxAccountStatus": "a setting of the account",
};
