/** Objects: stored in one piece, read, looked at, deleted. */
import type { Elements } from "../aws-wire.ts";
import { cut } from "./bodies.ts";
import type { Call, Headers, Reply, Store } from "./call.ts";
import { CHECKSUM_ELEMENTS } from "./checksums.ts";
import { checksumHeaders, declaredBy, encryptionHeaders } from "./declared.ts";
import { lockHeaders, requireDigestFor, requireUnlocked } from "./locks.ts";
import type { Checksum, Encryption, VersionRecord } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { requireReadable, restoreHeader } from "./restores.ts";
import {
  addMarker,
  commit,
  etagMatches,
  failedCondition,
  findVersion,
  NO_VERSION,
  newEtag,
  requireConditions,
  versionHeader,
} from "./versions.ts";

export async function putObject(call: Call): Promise<Reply> {
  const { store, request, bucket } = call;
  const declared = declaredBy(request, bucket, store.nowMs());
  requireConditions(store, request, bucket, request.key); // before the body, and once more after it
  const body = call.body({ md5: hasMd5Etag(store, declared.encryption), algorithm: null });
  requireDigestFor(declared.lock, body.hasDigest);
  const segments = await store.bodies.store(body.bytes);
  const { md5, checksum: value, sizeBytes } = body.digests();
  const checksum: Checksum | null =
    body.algorithm === null || value === null ? null : { algorithm: body.algorithm, type: "FULL_OBJECT", value };
  const draft = {
    ...declared,
    key: request.key,
    segments,
    sizeBytes,
    checksum,
    parts: null,
    uploadId: null,
    etag: md5 ?? newEtag(),
  };
  return { headers: storedHeaders(call, commit(store, request, bucket, draft)) };
}

/** That of an object under a key of KMS is none: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
export function hasMd5Etag({ hasMd5Etags }: Store, encryption: Encryption | null): boolean {
  return hasMd5Etags && encryption?.algorithm !== "aws:kms";
}

/** What an answer to any storing says. */
export function storedHeaders({ bucket }: Pick<Call, "bucket">, version: VersionRecord): Headers {
  return {
    ETag: `"${version.etag}"`,
    ...versionHeader(bucket, version),
    ...checksumHeaders(version.checksum),
    ...encryptionHeaders(version.encryption),
  };
}

export function getObject(call: Call): Reply {
  const { request, store } = call;
  const version = findVersion(call);
  requireReadConditions(call, version);
  requireReadable(version, store.nowMs());
  const range = rangeOf(request.header("range"), version.sizeBytes);
  if (range === null) {
    const { segments, sizeBytes } = version;
    return { headers: objectHeaders(call, version, true), content: { segments, sizeBytes } };
  }
  const { first, end } = range;
  return {
    status: 206,
    headers: {
      ...objectHeaders(call, version, false),
      "Content-Range": `bytes ${first}-${end - 1}/${version.sizeBytes}`,
    },
    content: { segments: cut(version.segments, first, end), sizeBytes: end - first },
  };
}

export function headObject(call: Call): Reply {
  const version = findVersion(call);
  requireReadConditions(call, version);
  const { sizeBytes } = version;
  return { headers: { ...objectHeaders(call, version, true), "Content-Length": String(sizeBytes) } };
}

function objectHeaders(call: Call, version: VersionRecord, isWhole: boolean): Headers {
  const { request, bucket, store } = call;
  const tellsChecksum = isWhole && request.header("x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  const { storageClass } = version;
  return {
    ETag: `"${version.etag}"`,
    "Last-Modified": new Date(version.modifiedAt).toUTCString(),
    "Accept-Ranges": "bytes",
    ...version.headers,
    ...versionHeader(bucket, version),
    ...encryptionHeaders(version.encryption),
    ...lockHeaders(version.lock),
    ...(tellsChecksum ? checksumHeaders(version.checksum) : {}),
    "x-amz-storage-class": storageClass === "STANDARD" ? undefined : storageClass,
    "x-amz-restore": restoreHeader(version, store.nowMs()),
  };
}

function requireReadConditions({ request }: Call, { etag }: VersionRecord): void {
  const ifMatch = request.header("if-match");
  const ifNoneMatch = request.header("if-none-match");
  if (ifMatch !== undefined && !etagMatches(ifMatch, etag)) throw failedCondition("If-Match");
  if (ifNoneMatch !== undefined && etagMatches(ifNoneMatch, etag))
    throw new Refusal("NotModified", "Not Modified", { headers: { ETag: `"${etag}"` } });
}

/** null: the whole, also where the header is of a form that S3 passes over. */
function rangeOf(
  header: string | undefined,
  sizeBytes: number,
): { readonly first: number; readonly end: number } | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return null;
  const first = from === "" ? Math.max(sizeBytes - Number(to), 0) : Number(from);
  const end = from === "" || to === "" ? sizeBytes : Math.min(Number(to) + 1, sizeBytes);
  if (from !== "" && to !== "" && Number(to) < Number(from)) return null;
  if (first < end) return { first, end };
  throw new Refusal("InvalidRange", "The requested range is not satisfiable", {
    details: { RangeRequested: header, ActualObjectSize: sizeBytes },
    headers: { "Content-Range": `bytes */${sizeBytes}` },
  });
}

/** Without a version it only hides what is there, where the bucket keeps versions; with one it deletes that for good. */
export function deleteObject(call: Call): Reply {
  const { store, request, bucket } = call;
  const { key } = request;
  const versionId = request.parameter("versionId");
  const versions = store.ledger.versions(bucket.name, key);
  if (request.header("if-match") !== undefined) requireConditions(store, request, bucket, key);
  if (versionId !== undefined || bucket.versioning === null) {
    const version = versions.find((other) => other.versionId === (versionId ?? NO_VERSION));
    if (version !== undefined) {
      requireUnlocked(call, version);
      store.ledger.record({ kind: "version-gone", bucket: bucket.name, key, versionId: version.versionId });
    }
    const isMarker = version?.isDeleteMarker === true;
    return {
      status: 204,
      headers: { "x-amz-version-id": versionId, ...(isMarker ? { "x-amz-delete-marker": "true" } : {}) },
    };
  }
  const marker = addMarker(store, bucket, key);
  return { status: 204, headers: { "x-amz-version-id": marker.versionId, "x-amz-delete-marker": "true" } };
}

const ATTRIBUTES = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;
const MAX_PARTS_OF_PAGE = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export function getObjectAttributes(call: Call): Reply {
  const { request, bucket } = call;
  const asked = (request.header("x-amz-object-attributes") ?? "").split(",").map((name) => name.trim());
  if (!asked.every((name) => ATTRIBUTES.some((known) => known === name)))
    throw new Refusal("InvalidArgument", "Invalid attribute name specified.");
  const version = findVersion(call);
  const { etag, checksum, storageClass, sizeBytes } = version;
  const told = {
    ETag: etag,
    Checksum:
      checksum === null
        ? undefined
        : { [CHECKSUM_ELEMENTS[checksum.algorithm]]: withoutCount(checksum), ChecksumType: checksum.type },
    ObjectParts: partsElements(call, version),
    StorageClass: storageClass,
    ObjectSize: sizeBytes,
  } satisfies Record<(typeof ATTRIBUTES)[number], unknown>;
  const chosen = Object.entries(told).filter(([name]) => asked.includes(name));
  return {
    headers: { "Last-Modified": new Date(version.modifiedAt).toUTCString(), ...versionHeader(bucket, version) },
    xml: { GetObjectAttributesResponse: Object.fromEntries(chosen) },
  };
}

/** Here, and here alone, S3 tells a composite checksum without the number of parts: https://github.com/floci-io/floci/issues/3083 */
function withoutCount({ value }: Checksum): string {
  return value.replace(/-\d+$/, "");
}

/** The parts themselves are told only of an upload that bore checksums. */
function partsElements({ request }: Call, { parts, checksum }: VersionRecord): Elements | undefined {
  if (parts === null) return undefined;
  if (checksum === null) return { PartsCount: parts.length };
  const limit = Math.min(Number(request.header("x-amz-max-parts") ?? MAX_PARTS_OF_PAGE), MAX_PARTS_OF_PAGE);
  const marker = Number(request.header("x-amz-part-number-marker") ?? 0);
  if (!(Number.isInteger(limit) && limit >= 0 && Number.isInteger(marker) && marker >= 0))
    throw new Refusal("InvalidArgument", "x-amz-max-parts and x-amz-part-number-marker are whole numbers.");
  const rest = parts.filter(({ number }) => number > marker);
  const page = rest.slice(0, limit);
  return {
    PartsCount: parts.length,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? marker,
    MaxParts: limit,
    IsTruncated: rest.length > page.length,
    Part: page.map((part) => ({
      PartNumber: part.number,
      Size: part.sizeBytes,
      [CHECKSUM_ELEMENTS[checksum.algorithm]]: part.checksum ?? undefined,
    })),
  };
}
