/** A bucket's settings: read, and replaced one as a whole. */
import type { Call, Reply } from "./call.ts";
import { LOCK_MODES } from "./locks.ts";
import type { BucketSettings, DefaultRetention } from "./model.ts";
import { PUBLIC_ACCESS_SWITCHES } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { child, children, malformed, oneOf, textOf, wholeOf } from "./xml.ts";

export function headBucket({ bucket }: Call): Reply {
  return { headers: { "x-amz-bucket-region": bucket.region } };
}

export function getLocation({ bucket }: Call): Reply {
  // the oldest region has no name here: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
  return { xml: { LocationConstraint: bucket.region === "us-east-1" ? "" : bucket.region } };
}

export function getVersioning({ bucket }: Call): Reply {
  return { xml: { VersioningConfiguration: { Status: bucket.versioning ?? undefined } } };
}

export async function putVersioning(call: Call): Promise<Reply> {
  const versioning = oneOf(await call.xml("VersioningConfiguration"), "Status", ["Enabled", "Suspended"]);
  if (versioning === undefined) throw malformed();
  if (versioning === "Suspended" && call.bucket.objectLock !== null)
    throw new Refusal(
      "InvalidBucketState",
      "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
    );
  return change(call, { versioning });
}

export function getObjectLock({ bucket }: Call): Reply {
  const { objectLock } = bucket;
  if (objectLock === null)
    throw new Refusal(
      "ObjectLockConfigurationNotFoundError",
      "Object Lock configuration does not exist for this bucket",
    );
  const { defaultRetention } = objectLock;
  const rule =
    defaultRetention === null
      ? undefined
      : { DefaultRetention: { Mode: defaultRetention.mode, [defaultRetention.unit]: defaultRetention.value } };
  return { xml: { ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: rule } } };
}

/** Once on it stays on; the default is of what is stored from now on. */
export async function putObjectLock(call: Call): Promise<Reply> {
  const body = await call.xml("ObjectLockConfiguration");
  if (oneOf(body, "ObjectLockEnabled", ["Enabled"]) === undefined) throw malformed();
  if (call.bucket.versioning !== "Enabled")
    throw new Refusal(
      "InvalidBucketState",
      "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    );
  const rule = child(body, "Rule");
  const retention = child(rule, "DefaultRetention");
  if (rule !== undefined && retention === undefined) throw malformed();
  return change(call, { objectLock: { defaultRetention: retention === undefined ? null : readRetention(retention) } });
}

function readRetention(node: Parameters<typeof oneOf>[0]): DefaultRetention {
  const mode = oneOf(node, "Mode", LOCK_MODES);
  const days = wholeOf(node, "Days", 1);
  const years = wholeOf(node, "Years", 1);
  if (mode === undefined || (days === undefined) === (years === undefined)) throw malformed();
  return years === undefined ? { mode, unit: "Days", value: days ?? 0 } : { mode, unit: "Years", value: years };
}

export function getEncryption({ bucket }: Call): Reply {
  const { encryption } = bucket;
  if (encryption === null)
    throw new Refusal(
      "ServerSideEncryptionConfigurationNotFoundError",
      "The server side encryption configuration was not found",
    );
  const { algorithm, kmsKeyId, bucketKeyEnabled } = encryption;
  const byDefault = { SSEAlgorithm: algorithm, KMSMasterKeyID: kmsKeyId ?? undefined };
  const rule = { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: bucketKeyEnabled };
  return { xml: { ServerSideEncryptionConfiguration: { Rule: rule } } };
}

export async function putEncryption(call: Call): Promise<Reply> {
  const [rule, ...others] = children(await call.xml("ServerSideEncryptionConfiguration"), "Rule");
  const byDefault = child(rule, "ApplyServerSideEncryptionByDefault");
  const algorithm = oneOf(byDefault, "SSEAlgorithm", ["AES256", "aws:kms"]);
  const kmsKeyId = textOf(byDefault, "KMSMasterKeyID") ?? null;
  if (algorithm === undefined || others.length > 0) throw malformed();
  if (algorithm === "AES256" && kmsKeyId !== null)
    throw new Refusal(
      "InvalidArgument",
      "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms",
    );
  const bucketKeyEnabled = oneOf(rule, "BucketKeyEnabled", ["true", "false"]) === "true";
  return change(call, { encryption: { algorithm, kmsKeyId, bucketKeyEnabled } });
}

export function getPublicAccessBlock({ bucket }: Call): Reply {
  const { publicAccessBlock } = bucket;
  if (publicAccessBlock === null)
    throw new Refusal("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found");
  return { xml: { PublicAccessBlockConfiguration: publicAccessBlock } };
}

/** A switch that is not named is off. */
export async function putPublicAccessBlock(call: Call): Promise<Reply> {
  const body = await call.xml("PublicAccessBlockConfiguration");
  const isOn = (name: string) => oneOf(body, name, ["true", "false", "TRUE", "FALSE"])?.toLowerCase() === "true";
  const [acls, ignored, policy, restricted] = PUBLIC_ACCESS_SWITCHES;
  return change(call, {
    publicAccessBlock: {
      [acls]: isOn(acls),
      [ignored]: isOn(ignored),
      [policy]: isOn(policy),
      [restricted]: isOn(restricted),
    },
  });
}

/** Replaces some of the settings, of the bucket as it is by now. */
export function change({ store, bucket }: Call, settings: Partial<BucketSettings>, status = 200): Reply {
  const current = store.ledger.bucket(bucket.name) ?? bucket;
  store.ledger.record({ kind: "bucket", bucket: { ...current, ...settings } });
  return { status };
}
