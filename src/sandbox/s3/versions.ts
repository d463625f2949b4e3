/** The versions of an object: which one a request means, and how a new one comes to stand before the others. */
import { randomBytes } from "node:crypto";
import { type Call, type Headers, isoNow, type Store } from "./call.ts";
import type { BucketRecord, Segment, VersionRecord } from "./model.ts";
import { Refusal } from "./refusal.ts";
import type { Request } from "./request.ts";

/** Unguessable, like S3's own. */
export function newId(): string {
  return randomBytes(24).toString("base64url");
}

/** What a random ETag has in common with an MD5 is its look: that of an object encrypted by a KMS key is none either. */
export function newEtag(): string {
  return randomBytes(16).toString("hex");
}

/** The version that the request names, or the newest. Throws where there is none, or a delete marker stands there. */
export function findVersion({ store, request, bucket }: Call): VersionRecord {
  return versionOf(store, bucket, request.key, request.parameter("versionId"));
}

export function versionOf(
  store: Store,
  bucket: BucketRecord,
  key: string,
  versionId: string | undefined,
): VersionRecord {
  const versions = store.ledger.versions(bucket.name, key);
  const version = versionId === undefined ? versions[0] : versions.find((other) => other.versionId === versionId);
  if (version === undefined) throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
  if (!version.isDeleteMarker) return version;
  const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": version.versionId };
  if (versionId === undefined) throw noSuchKey(key, headers);
  throw new Refusal("MethodNotAllowed", "The specified method is not allowed against this resource.", {
    details: { ResourceType: "DeleteMarker" },
    headers: { ...headers, Allow: "DELETE" },
  });
}

function noSuchKey(key: string, headers: Record<string, string> = {}): Refusal {
  return new Refusal("NoSuchKey", "The specified key does not exist.", { details: { Key: key }, headers });
}

function noSuchVersion(key: string, versionId: string): Refusal {
  const details = { Key: key, VersionId: versionId };
  return new Refusal("NoSuchVersion", "The specified version does not exist.", { details });
}

/** Told only where the bucket keeps versions, or once did. */
export function versionHeader({ versioning }: BucketRecord, { versionId }: Pick<VersionRecord, "versionId">): Headers {
  return { "x-amz-version-id": versioning === null ? undefined : versionId };
}

/** A new version but for what its coming to stand gives it. */
export type Draft = Omit<VersionRecord, "bucket" | "versionId" | "isDeleteMarker" | "modifiedAt" | "restore">;

/** Makes it the newest, if the request's conditions hold at this moment. The body of one that is refused is forgotten. */
export function commit(store: Store, request: Request | null, bucket: BucketRecord, draft: Draft): VersionRecord {
  try {
    if (request !== null) requireConditions(store, request, bucket, draft.key);
  } catch (error) {
    forget(store, draft.segments);
    throw error;
  }
  return addVersion(store, bucket, { ...draft, isDeleteMarker: false });
}

/** A delete marker before all versions, as of `modifiedAt`: now, unless it is told. */
export function addMarker(store: Store, bucket: BucketRecord, key: string, modifiedAt = isoNow(store)): VersionRecord {
  return addVersion(store, bucket, { ...MARKER, key }, modifiedAt);
}

const MARKER = {
  isDeleteMarker: true,
  storageClass: "STANDARD",
  headers: {},
  lock: null,
  encryption: null,
  etag: "",
  sizeBytes: 0,
  segments: [],
  checksum: null,
  parts: null,
  uploadId: null,
} as const;

/** Without versions, or with versioning suspended, it takes the place of the one version that has no id. */
function addVersion(
  store: Store,
  bucket: BucketRecord,
  draft: Draft & Pick<VersionRecord, "isDeleteMarker">,
  modifiedAt = isoNow(store),
): VersionRecord {
  const versionId = bucket.versioning === "Enabled" ? newId() : NO_VERSION;
  const version = { ...draft, bucket: bucket.name, versionId, modifiedAt, restore: null };
  if (versionId === NO_VERSION)
    store.ledger.record({ kind: "version-gone", bucket: bucket.name, key: draft.key, versionId });
  store.ledger.record({ kind: "version", version });
  return version;
}

export const NO_VERSION = "null";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function requireConditions(store: Store, request: Request, bucket: BucketRecord, key: string): void {
  const ifNoneMatch = request.header("if-none-match");
  const ifMatch = request.header("if-match");
  const newest = store.ledger.versions(bucket.name, key)[0];
  const current = newest?.isDeleteMarker === true ? undefined : newest;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== "*") throw new Refusal("NotImplemented", "If-None-Match of a write takes nothing but *.");
    if (current !== undefined) throw failedCondition("If-None-Match");
  }
  if (ifMatch === undefined) return;
  if (current === undefined) throw noSuchKey(key);
  if (!etagMatches(ifMatch, current.etag)) throw failedCondition("If-Match");
}

export function failedCondition(name: string): Refusal {
  return new Refusal("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
    details: { Condition: name },
  });
}

export function etagMatches(condition: string, etag: string): boolean {
  return condition === "*" || condition.split(",").some((one) => one.trim().replaceAll('"', "") === etag);
}

/** Removes files that no record has come to name. */
export function forget({ ledger, bodies }: Store, segments: readonly Segment[]): void {
  for (const { file } of segments) if (file !== null && !ledger.holds(file)) bodies.remove(file);
}
