/** The ways in which archives go wrong, as functions from a sound account to a damaged one. */
import { DAY_MS, HOUR_MS } from "../core/duration.ts";
import type { AwsWorld } from "./aws-services.ts";
import type { BucketSettings, LifecycleRule } from "./s3/model.ts";
import type { SeedObject, Stored } from "./s3/seed.ts";

export type ArchiveDamage = (account: AwsWorld, nowMs: number) => AwsWorld;

/** The newest archive is gone, its ledger too. */
export const missing = ofNewest(() => []);

export const unlocked = ofBody((body) => [{ ...body, lock: null }]);

/** Locked for a week, whatever it was asked for. */
export const shortLock = ofBody((body) => {
  const until = new Date(Date.parse(body.modifiedAt) + 7 * DAY_MS).toISOString();
  return [{ ...body, lock: body.lock === null ? null : { ...body.lock, until } }];
});

export const wrongClass = ofBody((body) => [{ ...body, storageClass: "STANDARD" }]);

/** Somebody has put another body over it: the first is still there, beneath. */
export const flipped = ofBody((body) => [
  body,
  { ...body, versionId: `over-${body.versionId}`, body: withFlippedByte(body.body) },
]);

export const truncated = ofBody((body) => [{ ...body, body: body.body?.subarray(0, body.body.length / 2) ?? null }]);

/** S3 says that all is well; only who reads it sees. */
export const rotten = ofBody((body) => [{ ...body, rotten: withFlippedByte(body.body) ?? Buffer.alloc(0) }]);

export const hidden = ofManifest((manifest) => [
  manifest,
  { ...manifest, versionId: `marker-${manifest.versionId}`, body: null, lock: null, isUpload: false },
]);

export const damagedManifest = ofManifest((manifest) => [
  { ...manifest, body: manifest.body?.subarray(0, manifest.body.length / 2) ?? null },
]);

/** The oldest came a month later than it did. */
export const late: ArchiveDamage = (account, nowMs) =>
  stored(account, ({ objects, uploads }) => {
    const first = objects.find(isManifest);
    const modifiedMs = Math.min(Date.parse(first?.modifiedAt ?? "") + 32 * DAY_MS, nowMs - HOUR_MS);
    return {
      objects: objects.map((object) =>
        object === first ? { ...object, modifiedAt: new Date(modifiedMs).toISOString() } : object,
      ),
      uploads,
    };
  });

export const orphanedUpload: ArchiveDamage = (account, nowMs) =>
  stored(account, ({ objects, uploads }) => {
    const body = objects.find(({ isUpload }) => isUpload);
    if (body === undefined) return { objects, uploads };
    const { bucket, key, storageClass } = body;
    const initiatedAt = new Date(nowMs - 3 * DAY_MS).toISOString();
    return { objects, uploads: [...uploads, { bucket, key, storageClass, uploadId: "orphaned-upload", initiatedAt }] };
  });

export const expiringRule = ofBucket(({ lifecycle, ...bucket }) => ({
  ...bucket,
  lifecycle:
    lifecycle === null ? null : { ...lifecycle, rules: [...lifecycle.rules.map(withoutAbort), ...lifecycle.rules] },
}));

export const noLock = ofBucket((bucket) => ({ ...bucket, objectLock: null }));
export const publicAccess = ofBucket((bucket) => ({ ...bucket, publicAccessBlock: null }));

export const forbidden: ArchiveDamage = (account) => ({ ...account, denied: ["s3:ListBucketVersions"] });

const KEY_ID = "5a4db0c5-6c1d-4b6e-9a57-0d3b2f4c5e6a";

/** That of the bucket, and of all that stands there. */
export const keyPendingDeletion: ArchiveDamage = (account, nowMs) => {
  const encryption = { algorithm: "aws:kms", kmsKeyId: KEY_ID, bucketKeyEnabled: true } as const;
  const [first] = account.buckets;
  const under = stored(ofBucket((bucket) => ({ ...bucket, encryption }))(account, nowMs), ({ objects, uploads }) => ({
    objects: objects.map((object) => (object.bucket === first?.name ? { ...object, keyArn: keyArn(account) } : object)),
    uploads,
  }));
  const deletionAt = new Date(nowMs + 7 * DAY_MS).toISOString();
  return { ...under, keys: [...account.keys, { id: KEY_ID, state: "PendingDeletion", deletionAt }] };
};

/** Not that of the bucket, which has another by now. */
export const keyDisabled: ArchiveDamage = (account, nowMs) => ({
  ...ofNewest((object) => [{ ...object, keyArn: keyArn(account) }])(account, nowMs),
  keys: [...account.keys, { id: KEY_ID, state: "Disabled" }],
});

function keyArn({ region, accountId }: AwsWorld): string {
  return `arn:aws:kms:${region}:${accountId}:key/${KEY_ID}`;
}

/** One that expires what it should have left alone. */
function withoutAbort(rule: LifecycleRule): LifecycleRule {
  return { ...rule, id: "expire-after-a-year", expiration: { days: 365 }, abortUploadsAfterDays: null };
}

/** The first bucket, which is that of the first archive. */
function ofBucket(damage: (bucket: BucketSettings) => BucketSettings): ArchiveDamage {
  return (account) => ({
    ...account,
    buckets: account.buckets.map((bucket, index) => (index === 0 ? damage(bucket) : bucket)),
  });
}

/** What stands of the newest archive of the first database. */
function ofNewest(damage: (object: SeedObject) => readonly SeedObject[]): ArchiveDamage {
  return (account) =>
    stored(account, ({ objects, uploads }) => {
      const folder = newestFolder(objects);
      return {
        objects: objects.flatMap((object) => (object.key.startsWith(folder) ? damage(object) : [object])),
        uploads,
      };
    });
}

function ofBody(damage: (body: SeedObject) => readonly SeedObject[]): ArchiveDamage {
  return ofNewest((object) => (object.isUpload ? damage(object) : [object]));
}

function ofManifest(damage: (manifest: SeedObject) => readonly SeedObject[]): ArchiveDamage {
  return ofNewest((object) => (isManifest(object) ? damage(object) : [object]));
}

function stored(account: AwsWorld, damage: (all: Stored) => Stored): AwsWorld {
  const { stored: all } = account;
  return all === undefined ? account : { ...account, stored: () => damage(all()) };
}

const MANIFEST = "manifest.json";

function isManifest({ key }: SeedObject): boolean {
  return key.endsWith(`/${MANIFEST}`);
}

/** Keys sort by database, then by time; what was planted first is the first database's. */
function newestFolder(objects: readonly SeedObject[]): string {
  const manifests = objects.filter(isManifest).map(({ key }) => key.slice(0, -MANIFEST.length));
  const place = manifests[0]?.slice(0, -"2026-10/".length) ?? "";
  return manifests.findLast((folder) => folder.startsWith(place)) ?? "/";
}

function withFlippedByte(body: Buffer | null): Buffer | null {
  if (body === null) return null;
  const flipped = Buffer.from(body);
  const middle = Math.floor(flipped.length / 2);
  flipped.writeUInt8((flipped.readUInt8(middle) + 1) % 256, middle);
  return flipped;
}
