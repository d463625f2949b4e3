/**
 * What this S3 holds, as plain data: buckets with their settings, versions of objects, uploads and their parts. Instants
 * are ISO 8601 in UTC, with milliseconds. Bodies are elsewhere: a record names the pieces of files that they are made of.
 */
export type StorageClass = "STANDARD" | "STANDARD_IA" | "ONEZONE_IA" | "GLACIER_IR" | "GLACIER" | "DEEP_ARCHIVE";
export type ChecksumAlgorithm = "CRC32" | "CRC64NVME" | "SHA256";
export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";
export type Tier = "Expedited" | "Standard" | "Bulk";

/** How a bucket is set up. null: never set. */
export interface BucketSettings {
  readonly name: string;
  readonly region: string;
  readonly versioning: "Enabled" | "Suspended" | null;
  /** null: no Object Lock. */
  readonly objectLock: { readonly defaultRetention: DefaultRetention | null } | null;
  readonly encryption: Encryption | null;
  readonly publicAccessBlock: PublicAccessBlock | null;
  readonly lifecycle: Lifecycle | null;
}

export interface BucketRecord extends BucketSettings {
  readonly createdAt: string;
}

export interface DefaultRetention {
  readonly mode: LockMode;
  readonly unit: "Days" | "Years";
  readonly value: number;
}

export interface Encryption {
  readonly algorithm: "AES256" | "aws:kms";
  /** As whoever set it named it: id, ARN or alias. null: S3's own keys, or those of AWS. */
  readonly kmsKeyId: string | null;
  readonly bucketKeyEnabled: boolean;
}

export const PUBLIC_ACCESS_SWITCHES = [
  "BlockPublicAcls",
  "IgnorePublicAcls",
  "BlockPublicPolicy",
  "RestrictPublicBuckets",
] as const;
type PublicAccessBlock = Readonly<Record<(typeof PUBLIC_ACCESS_SWITCHES)[number], boolean>>;

export interface Lifecycle {
  readonly rules: readonly LifecycleRule[];
  readonly minimumTransitionSize: string;
}

export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  /** Whether the rule is of the old form, with a prefix and no filter. */
  readonly isOldForm: boolean;
  /** null: the filter names none. */
  readonly prefix: string | null;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly largerThanBytes: number | null;
  readonly smallerThanBytes: number | null;
  readonly expiration: After | null;
  readonly expiresDeleteMarkers: boolean;
  readonly noncurrentExpiration: Noncurrent | null;
  readonly transitions: readonly { readonly after: After; readonly storageClass: StorageClass }[];
  readonly noncurrentTransitions: readonly (Noncurrent & { readonly storageClass: StorageClass })[];
  readonly abortUploadsAfterDays: number | null;
}

/** So many days after creation, or from a date on. */
export type After = { readonly days: number } | { readonly date: string };

export interface Noncurrent {
  readonly days: number;
  readonly newerVersions: number | null;
}

export type LockMode = "COMPLIANCE" | "GOVERNANCE";

export interface Lock {
  readonly mode: LockMode;
  readonly until: string;
}

/** A piece of a file of bodies; `file` null: its bytes were not kept. */
export interface Segment {
  readonly file: string | null;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  /** Base64, for a composite one with the number of parts behind it. */
  readonly value: string;
}

/** What is said of an object when its storing begins. */
export interface Declared {
  readonly storageClass: StorageClass;
  /** Headers that are given back with the object: its type, and what begins with `x-amz-meta-`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly lock: Lock | null;
  readonly encryption: Encryption | null;
}

export interface VersionRecord extends Declared {
  readonly bucket: string;
  readonly key: string;
  /** `null` as text: of a time when the bucket kept no versions. */
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly modifiedAt: string;
  /** Without quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly segments: readonly Segment[];
  readonly checksum: Checksum | null;
  /** null: it came in one piece. */
  readonly parts: readonly Pick<PartRecord, "number" | "sizeBytes" | "checksum">[] | null;
  /** The upload that it came from; null: it came in one piece. */
  readonly uploadId: string | null;
  readonly restore: RestoreRecord | null;
}

export interface RestoreRecord {
  readonly tier: Tier;
  readonly readyAt: string;
  readonly days: number;
  /** When the readable copy goes. */
  readonly expiresAt: string;
}

export interface UploadRecord extends Declared {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedAt: string;
  /** null: parts bear no checksum. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | null;
}

export interface PartRecord {
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Base64, by the algorithm of the upload. */
  readonly checksum: string | null;
  readonly modifiedAt: string;
  readonly segments: readonly Segment[];
}
