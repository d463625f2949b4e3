/** What must hold of the bucket itself, before anything is archived into it and for as long as archives stand there. */
import type { Check } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import { notKnown, type Observed } from "../../core/observed.ts";
import { awsRegion } from "../../core/region.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { ArchivePolicy, Policy } from "../../policy/schema.ts";
import type { AwsIdentity } from "../../ports/aws.ts";
import type { KeyState } from "../../ports/keys.ts";
import type { BucketSettings, LifecycleRule } from "../../ports/s3.ts";
import { judgeKey, keyRemedy } from "./key-state.ts";

export interface BucketFacts {
  readonly archive: ArchivePolicy;
  /** The account that the policy names. */
  readonly aws: NonNullable<Policy["aws"]>;
  readonly identity: Observed<AwsIdentity>;
  /** null: there is no bucket of that name. */
  readonly bucket: Observed<BucketSettings | null>;
  /** The key that the bucket encrypts with; null: S3's own, or none. */
  readonly key: Observed<KeyState | null>;
}

/** One setting of the bucket; not known where the bucket itself is not. */
export function ofBucket<T>(facts: BucketFacts, setting: (bucket: BucketSettings) => Observed<T>): Observed<T> {
  const { bucket, archive } = facts;
  if (!bucket.known) return bucket;
  if (bucket.value !== null) return setting(bucket.value);
  return notKnown(new OpsError("not-found", `there is no bucket ${archive.bucket}`, { hint: "see archive/region" }));
}

const account: Check<BucketFacts> = {
  id: "archive/account",
  title: "the credentials belong to the policy's AWS account",
  remedy: ({ aws }) => `use credentials of account ${aws.accountId}, or correct aws.accountId in the policy`,
  judge: ({ aws, identity }) => {
    if (!identity.known) return unknown(identity.reason);
    const evidence = { expected: aws.accountId, actual: identity.value.accountId };
    return identity.value.accountId === aws.accountId
      ? pass(`account ${aws.accountId}`, evidence)
      : fail(`they belong to account ${identity.value.accountId}, the policy names ${aws.accountId}`, evidence);
  },
};

const region: Check<BucketFacts> = {
  id: "archive/region",
  title: "the bucket is there, in the policy's region",
  remedy: ({ archive, aws }) =>
    `correct archives[name=${archive.name}].bucket or aws.region in the policy; or make the bucket, with Object Lock from the start: aws s3api create-bucket --bucket ${archive.bucket} --object-lock-enabled-for-bucket --create-bucket-configuration LocationConstraint=${aws.region}`,
  judge: (facts) => {
    const { archive, aws, bucket } = facts;
    if (bucket.known && bucket.value === null) return fail(`there is no bucket ${archive.bucket}`);
    const found = ofBucket(facts, (settings) => settings.region);
    if (!found.known) return unknown(found.reason);
    const evidence = { expected: aws.region, actual: found.value };
    return awsRegion(found.value) === awsRegion(aws.region)
      ? pass(`${archive.bucket} in ${found.value}`, evidence)
      : fail(`${archive.bucket} is in ${found.value}, the policy says ${aws.region}`, evidence);
  },
};

const versioning: Check<BucketFacts> = {
  id: "archive/versioning",
  title: "the bucket keeps versions",
  remedy: ({ archive }) =>
    `aws s3api put-bucket-versioning --bucket ${archive.bucket} --versioning-configuration Status=Enabled`,
  judge: (facts) => {
    const found = ofBucket(facts, (settings) => settings.versioning);
    if (!found.known) return unknown(found.reason);
    return found.value === "enabled"
      ? pass("enabled")
      : fail(`versioning is ${found.value}: what is overwritten is lost`, { expected: "enabled", actual: found.value });
  },
};

const objectLock: Check<BucketFacts> = {
  id: "archive/object-lock",
  title: "Object Lock is as the policy wants it",
  remedy: ({ archive }) =>
    archive.objectLock === "none"
      ? `say COMPLIANCE or GOVERNANCE under archives[name=${archive.name}].objectLock, if archives are to be locked`
      : `aws s3api put-object-lock-configuration --bucket ${archive.bucket} --object-lock-configuration ObjectLockEnabled=Enabled`,
  judge: (facts) => {
    const found = ofBucket(facts, (settings) => settings.objectLock);
    if (!found.known) return unknown(found.reason);
    const wanted = facts.archive.objectLock;
    const isOn = found.value !== null;
    const evidence = { expected: wanted, actual: isOn ? "on" : "off" };
    if (wanted === "none")
      return isOn
        ? warn("it is on, but the policy locks nothing", evidence)
        : pass("off, as the policy says", evidence);
    return isOn
      ? pass(`on, for locks in ${wanted} mode`, evidence)
      : fail(`it is off: archives cannot be locked in ${wanted} mode`, evidence);
  },
};

/** An upload names its own lock, which goes before the default; what names none gets the default. */
const defaultRetention: Check<BucketFacts> = {
  id: "archive/default-retention",
  title: "no default retention locks what the policy does not lock",
  remedy: ({ archive }) =>
    `take the default away, for archives name their own lock: aws s3api put-object-lock-configuration --bucket ${archive.bucket} --object-lock-configuration ObjectLockEnabled=Enabled`,
  judge: (facts) => {
    const found = ofBucket(facts, (settings) => settings.objectLock);
    if (!found.known) return unknown(found.reason);
    const byDefault = found.value?.defaultRetention ?? null;
    if (byDefault === null) return pass("none is set");
    const what = `what names no lock of its own is locked in ${byDefault.mode} mode for ${byDefault.days} days`;
    const evidence = { expected: "none", actual: `${byDefault.mode} ${byDefault.days}d` };
    return facts.archive.objectLock === "none"
      ? fail(`${what}, the archives too`, evidence)
      : warn(`${what}: the ledgers of pushes and the state of deep reading`, evidence);
  },
};

const encryption: Check<BucketFacts> = {
  id: "archive/encryption",
  title: "the bucket encrypts what is stored",
  remedy: ({ archive }) =>
    `aws s3api put-bucket-encryption --bucket ${archive.bucket} --server-side-encryption-configuration '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'`,
  judge: (facts) => {
    const found = ofBucket(facts, (settings) => settings.encryption);
    if (!found.known) return unknown(found.reason);
    if (found.value === null) return fail("it has no default encryption");
    const { algorithm, kmsKeyId } = found.value;
    return pass(kmsKeyId === null ? algorithm : `${algorithm} with key ${kmsKeyId}`);
  },
};

/** What a key encrypted cannot be read without it, for years. */
const key: Check<BucketFacts> = {
  id: "archive/key",
  title: "the key that encrypts the bucket can be used, and nobody deletes it",
  remedy: (facts) => keyRemedy(facts.key.known ? (facts.key.value?.arn ?? "") : ""),
  judge: (facts) => {
    const used = ofBucket(facts, (settings) => settings.encryption);
    if (!used.known) return unknown(used.reason);
    if (used.value?.kmsKeyId === undefined || used.value.kmsKeyId === null) return [];
    if (!facts.key.known) return unknown(facts.key.reason);
    return facts.key.value === null
      ? unknown(`nothing is known of key ${used.value.kmsKeyId}`)
      : judgeKey(facts.key.value);
  },
};

const publicAccess: Check<BucketFacts> = {
  id: "archive/public-access",
  title: "the bucket can never be made public",
  remedy: ({ archive }) =>
    `aws s3api put-public-access-block --bucket ${archive.bucket} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
  judge: (facts) => {
    const found = ofBucket(facts, (settings) => settings.publicAccessBlocked);
    if (!found.known) return unknown(found.reason);
    return found.value ? pass("all four blocks are on") : fail("public access is not blocked in all four ways");
  },
};

/** A push is taken up again for a day; a rule of two days spares it, whatever the hour. */
const MIN_ABORT_AFTER_DAYS = 2;

/** Uploads that nobody completes cost money and are seen nowhere. */
const uploadCleaning: Check<BucketFacts> = {
  id: "archive/upload-cleaning",
  title: "uploads that nobody completes are cleared away, but none that is under way",
  remedy: ({ archive }) =>
    `have a rule of the bucket's lifecycle with AbortIncompleteMultipartUpload after ${MIN_ABORT_AFTER_DAYS} to 7 days for the prefix "${archive.prefix}"; changing rules replaces all of them, so look first: aws s3api get-bucket-lifecycle-configuration --bucket ${archive.bucket}`,
  judge: (facts) => {
    const found = ofBucket(facts, (settings) => settings.lifecycle);
    return found.known ? judgeRules(found.value, facts.archive) : unknown(found.reason);
  },
};

/** Such rules go by prefix alone. */
function judgeRules(rules: readonly LifecycleRule[], { prefix }: ArchivePolicy): Verdict {
  const aborting = rules.flatMap(({ id, enabled, prefix: own, abortUploadsAfterDays: days }) =>
    enabled && days !== null && (own.startsWith(prefix) || prefix.startsWith(own)) ? [{ id, own, days }] : [],
  );
  const hasty = aborting.find(({ days }) => days < MIN_ABORT_AFTER_DAYS);
  if (hasty !== undefined)
    return fail(`rule ${hasty.id} aborts uploads after ${hasty.days} d, one that is still under way among them`, {
      expected: `${MIN_ABORT_AFTER_DAYS}d`,
      actual: `${hasty.days}d`,
    });
  const covering = aborting.find(({ own }) => prefix.startsWith(own));
  return covering === undefined
    ? warn("no rule of the bucket clears uploads away that nobody completes")
    : pass(`rule ${covering.id} clears them away after ${covering.days} d`);
}

/** In the order in which a person would ask. */
export const BUCKET_CHECKS: readonly Check<BucketFacts>[] = [
  account,
  region,
  versioning,
  objectLock,
  defaultRetention,
  encryption,
  key,
  publicAccess,
  uploadCleaning,
];
