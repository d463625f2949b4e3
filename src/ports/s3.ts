/**
 * What archives ask of S3, in our own words: buckets as they are set up, objects with their versions, checksums and locks,
 * and multipart uploads, which are the ledger of a push that was cut off. Failures are OpsError (auth, not-found, rejected,
 * throttled, unavailable, timeout, protocol, aborted). Checksums are 64 hexadecimal digits here, whatever S3 writes.
 */
import type { Observed } from "../core/observed.ts";

export interface S3 {
  /** Every part of a bucket's set-up that could be read. OpsError `not-found` where there is no such bucket. */
  getBucket(bucket: string): Promise<BucketSettings>;
  /** All versions and delete markers under a prefix, by key, the newest version of a key first. */
  listVersions(bucket: string, prefix: string): Promise<readonly ObjectVersion[]>;
  /** The same a page at a time, by key, of at most `pageSize` versions each: for those who need the first ones alone. */
  versionPages(bucket: string, prefix: string, pageSize: number): AsyncIterable<readonly ObjectVersion[]>;
  /** Multipart uploads under a prefix that were begun and neither completed nor aborted. */
  listUploads(bucket: string, prefix: string): Promise<readonly Upload[]>;
  /** What has arrived of an upload, in the order of part numbers; OpsError `not-found` once it has ended. */
  listParts(upload: UploadAddress): Promise<readonly UploadedPart[]>;
  /** One version, or the newest: class, size, lock, state of a restore, checksum. */
  headObject(address: ObjectAddress): Promise<ObjectHead>;
  /** Parts and checksums as S3 keeps them, all pages. */
  getAttributes(address: ObjectAddress): Promise<ObjectAttributes>;
  /** A small object as text; OpsError `protocol` beyond `maxBytes`. */
  getText(address: ObjectAddress, maxBytes: number): Promise<StoredText>;
  /** The same, and how it is locked. */
  getLockedText(address: ObjectAddress, maxBytes: number): Promise<LockedText>;
  /** Sent once, as every write is; `taken` where its condition does not hold. */
  putText(order: PutText): Promise<PutResult | Taken>;
  createUpload(order: CreateUpload): Promise<UploadAddress>;
  /** Only ever on the explicit word of a person. */
  abortUpload(upload: UploadAddress): Promise<void>;
  /** `taken` where there is an object of that key by now: it stays as it is, and so does the upload. */
  completeUpload(order: CompleteUpload): Promise<PutResult | Taken>;
  /** On the side of S3: nothing flows through this machine. `taken` where there is an object of that key. */
  copyObject(order: CopyObject): Promise<CopyResult | Taken>;
  /** A range of an object as one part of an upload, on the side of S3. */
  copyPart(order: CopyPart): Promise<UploadedPart>;
  /** Asks for a temporary readable copy of an archived object. */
  restoreObject(address: ObjectAddress, order: RestoreObjectOrder): Promise<"started" | "extended" | "in-progress">;
  /** Ends open connections. */
  close(): void;
}

export const STORAGE_CLASSES = ["STANDARD", "STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"] as const;
export type StorageClass = (typeof STORAGE_CLASSES)[number];
export const LOCK_MODES = ["COMPLIANCE", "GOVERNANCE"] as const;
type LockMode = (typeof LOCK_MODES)[number];

export interface Lock {
  readonly mode: LockMode;
  readonly retainUntil: Date;
}

/** Where a setting has never been made, the value says so (`null`, empty, "off"): an answer as good as any. */
export interface BucketSettings {
  /** `ap-south-1`. */
  readonly region: Observed<string>;
  readonly versioning: Observed<"enabled" | "suspended" | "off">;
  /** null: no Object Lock. `defaultRetention`: what a version gets where its upload names none. */
  readonly objectLock: Observed<{ readonly defaultRetention: DefaultRetention | null } | null>;
  /** null: none is set. */
  readonly encryption: Observed<BucketEncryption | null>;
  /** All four switches of the block are on. */
  readonly publicAccessBlocked: Observed<boolean>;
  readonly lifecycle: Observed<readonly LifecycleRule[]>;
}

interface DefaultRetention {
  readonly mode: LockMode;
  readonly days: number;
}

interface BucketEncryption {
  readonly algorithm: string;
  /** null: a key that AWS manages itself. As the bucket names it: id, ARN or alias. */
  readonly kmsKeyId: string | null;
}

/** A rule as far as it can touch an archive. What S3 left out is null: it does not limit or act. */
export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  /** Objects without all of these tags are not touched. */
  readonly tags: Readonly<Record<string, string>>;
  readonly largerThanBytes: number | null;
  readonly smallerThanBytes: number | null;
  readonly expiration: { readonly days: number } | { readonly date: Date } | null;
  readonly expiresDeleteMarkers: boolean;
  readonly noncurrentExpiration: { readonly days: number; readonly newerVersions: number | null } | null;
  readonly transitions: readonly Transition[];
  readonly noncurrentTransitions: readonly Transition[];
  readonly abortUploadsAfterDays: number | null;
}

export interface Transition {
  readonly after: { readonly days: number } | { readonly date: Date };
  readonly storageClass: string;
}

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
  /** Absent: the newest. */
  readonly versionId?: string;
}

export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
  readonly lastModifiedAt: Date;
  /** null for a delete marker. */
  readonly sizeBytes: number | null;
  readonly storageClass: string | null;
  /** As S3 writes it, quotes included; null for a delete marker. */
  readonly etag: string | null;
}

export interface UploadAddress {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

export interface Upload extends UploadAddress {
  readonly initiatedAt: Date;
  readonly storageClass: string | null;
  /** Display name or ARN of whoever began it; null where S3 does not say. */
  readonly initiator: string | null;
}

export interface UploadedPart {
  /** From 1. */
  readonly number: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly etag: string;
  readonly uploadedAt: Date;
}

/** What became of a request to make an archived object readable; null: nobody asked, or the copy has gone again. */
export type Thaw = { readonly state: "ongoing" } | { readonly state: "ready"; readonly until: Date } | null;

export interface ObjectHead {
  readonly versionId: string | null;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModifiedAt: Date;
  readonly storageClass: Observed<StorageClass>;
  readonly lock: Observed<Lock | null>;
  readonly thaw: Observed<Thaw>;
  /** The ARN of the KMS key that encrypts it; null: none does. */
  readonly kmsKeyArn: Observed<string | null>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ObjectAttributes {
  readonly sizeBytes: number;
  /** Of the object as S3 composes it from its parts; null where it keeps none. */
  readonly checksum: ObjectChecksum | null;
  /** Empty for an object that was not uploaded in parts; null for parts of which S3 does not keep the SHA-256. */
  readonly parts: readonly ObjectPart[] | null;
}

export type ObjectPart = Pick<UploadedPart, "number" | "sizeBytes" | "sha256">;

/** SHA-256 over the parts' digests (`composite`), or of the whole where it came in one piece. */
export interface ObjectChecksum {
  readonly sha256: string;
  readonly kind: "composite" | "whole";
  /** null: the whole. */
  readonly parts: number | null;
}

interface StoredText {
  readonly text: string;
  readonly etag: string;
  readonly versionId: string | null;
}

interface LockedText extends StoredText {
  readonly lock: Observed<Lock | null>;
}

/** `absent`: only where there is no object of this key. Otherwise only over the version of this ETag. */
export type PutCondition = "absent" | { readonly etag: string };

/** How an object is kept from its first moment. */
export interface Keeping {
  readonly storageClass: StorageClass;
  /** null: no lock is asked for. */
  readonly lock: Lock | null;
}

export interface PutText extends Keeping {
  readonly bucket: string;
  readonly key: string;
  readonly text: string;
  readonly contentType: string;
  readonly condition: PutCondition;
}

/** Somebody was first: look what there is now. */
type Taken = "taken";

export interface PutResult {
  readonly etag: string;
  /** null: the bucket keeps no versions. */
  readonly versionId: string | null;
}

interface CreateUpload extends Keeping {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface CompleteUpload extends UploadAddress {
  /** All of them, in order. */
  readonly parts: readonly UploadedPart[];
}

interface CopyObject extends Keeping {
  readonly from: ObjectAddress;
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface CopyResult extends PutResult {
  /** Of the whole, as S3 computed it. */
  readonly sha256: string;
}

interface CopyPart extends UploadAddress {
  readonly from: ObjectAddress;
  /** From 1. */
  readonly number: number;
  /** First and last byte, both included. */
  readonly range: readonly [number, number];
}

export type ThawTier = "bulk" | "standard" | "expedited";

interface RestoreObjectOrder {
  readonly tier: ThawTier;
  /** How long the readable copy stays. */
  readonly days: number;
}
