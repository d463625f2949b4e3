/**
 * What we ask AWS, in our own words. Failures are OpsError (auth, not-found, rejected, throttled, unavailable,
 * timeout, protocol, aborted); credentials stand in none of them.
 */
export interface Aws {
  /** Whom the credentials found here belong to; OpsError `auth` when there are none, or AWS does not accept them. */
  identity(): Promise<AwsIdentity>;
  /** Whether these credentials may do what `permission` names, by one read that changes nothing. */
  probe(permission: AwsPermission): Promise<AwsAccess>;
  /** Ends open connections; the process could not end by itself otherwise. */
  close(): void;
}

export interface AwsIdentity {
  readonly accountId: string;
  readonly arn: string;
}

/** `absent`: the topic or bucket does not exist, so nothing can be said about permissions on it. */
export type AwsAccess = "allowed" | "denied" | "absent";

/** `kind` is the action as IAM policies write it, so that what is missing can be granted by that name. */
export type AwsPermission = AlarmPermission | TopicPermission | BucketPermission;

export interface AlarmPermission {
  readonly kind: "cloudwatch:DescribeAlarms";
}

export interface TopicPermission {
  readonly kind: "sns:GetTopicAttributes" | "sns:ListSubscriptionsByTopic";
  readonly topicArn: string;
}

export interface BucketPermission {
  readonly kind:
    | "s3:ListBucket"
    | "s3:ListBucketVersions"
    | "s3:GetBucketVersioning"
    | "s3:GetBucketObjectLockConfiguration"
    | "s3:GetLifecycleConfiguration";
  readonly bucket: string;
}
