/** Lists, a page at a time: of objects, of versions, of uploads and of their parts. */
import type { Elements } from "../aws-wire.ts";
import type { Call, Reply, Store } from "./call.ts";
import { CHECKSUM_ELEMENTS } from "./checksums.ts";
import type { UploadRecord, VersionRecord } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { restoreStatus } from "./restores.ts";
import { findUpload } from "./uploads.ts";

const MAX_ENTRIES_OF_PAGE = 1000;

export function listObjectsV2(call: Call): Reply {
  const { request, bucket } = call;
  const startAfter = request.parameter("start-after");
  const token = request.parameter("continuation-token");
  const after = token === undefined ? startAfter : Buffer.from(token, "base64url").toString();
  const page = turnTo(call, newestVersions(call), "max-keys", (name) => after === undefined || isBefore(after, name));
  const name = encoder(call);
  return {
    xml: {
      ListBucketResult: {
        ...heading(call),
        KeyCount: page.entries.length + page.prefixes.length,
        MaxKeys: page.limit,
        IsTruncated: page.isTruncated,
        StartAfter: startAfter === undefined ? undefined : name(startAfter),
        ContinuationToken: token,
        NextContinuationToken: page.isTruncated ? Buffer.from(page.lastName).toString("base64url") : undefined,
        Contents: page.entries.map((version) => ({
          ...objectElements(call, version),
          Owner: request.parameter("fetch-owner") === "true" ? owner(call) : undefined,
        })),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: name(prefix) })),
        Name: bucket.name,
      },
    },
  };
}

function* newestVersions({ store, bucket }: Call): Generator<VersionRecord> {
  for (const key of store.ledger.keys(bucket.name)) {
    const newest = store.ledger.versions(bucket.name, key)[0];
    if (newest !== undefined && !newest.isDeleteMarker) yield newest;
  }
}

export function listObjectVersions(call: Call): Reply {
  const { request, store, bucket } = call;
  const marker = request.parameter("key-marker");
  const idMarker = request.parameter("version-id-marker");
  const isPast = pastMarker(marker, idMarker);
  const all = store.ledger.keys(bucket.name).values();
  const versions = all.flatMap((key) => store.ledger.versions(bucket.name, key));
  const page = turnTo(call, versions, "max-keys", (name, version) => isPast(name, version?.versionId));
  const name = encoder(call);
  const elements = (version: VersionRecord): Elements => ({
    ...(version.isDeleteMarker
      ? { Key: name(version.key), LastModified: version.modifiedAt }
      : objectElements(call, version)),
    VersionId: version.versionId,
    IsLatest: store.ledger.versions(bucket.name, version.key)[0] === version,
    Owner: owner(call),
  });
  return {
    xml: {
      ListVersionsResult: {
        ...heading(call),
        Name: bucket.name,
        KeyMarker: name(marker ?? ""),
        VersionIdMarker: idMarker ?? "",
        NextKeyMarker: page.isTruncated ? name(page.lastName) : undefined,
        NextVersionIdMarker: page.isTruncated ? page.last?.versionId : undefined,
        MaxKeys: page.limit,
        IsTruncated: page.isTruncated,
        Version: page.entries.filter(({ isDeleteMarker }) => !isDeleteMarker).map(elements),
        DeleteMarker: page.entries.filter(({ isDeleteMarker }) => isDeleteMarker).map(elements),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: name(prefix) })),
      },
    },
  };
}

export function listMultipartUploads(call: Call): Reply {
  const { request, store, bucket } = call;
  const marker = request.parameter("key-marker");
  const idMarker = request.parameter("upload-id-marker");
  const uploads = store.ledger.uploads(bucket.name).toSorted((a, b) => {
    if (a.key !== b.key) return isBefore(a.key, b.key) ? -1 : 1;
    return a.initiatedAt < b.initiatedAt ? -1 : 1;
  });
  const isPast = pastMarker(marker, idMarker);
  const page = turnTo(call, uploads, "max-uploads", (name, upload) => isPast(name, upload?.uploadId));
  const name = encoder(call);
  return {
    xml: {
      ListMultipartUploadsResult: {
        ...heading(call),
        Bucket: bucket.name,
        KeyMarker: name(marker ?? ""),
        UploadIdMarker: idMarker ?? "",
        NextKeyMarker: page.isTruncated ? name(page.lastName) : undefined,
        NextUploadIdMarker: page.isTruncated ? page.last?.uploadId : undefined,
        MaxUploads: page.limit,
        IsTruncated: page.isTruncated,
        Upload: page.entries.map((upload) => ({ Key: name(upload.key), ...uploadElements(call, upload) })),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: name(prefix) })),
      },
    },
  };
}

function uploadElements(call: Call, { uploadId, initiatedAt, storageClass, checksum }: UploadRecord): Elements {
  return {
    UploadId: uploadId,
    Initiated: initiatedAt,
    StorageClass: storageClass,
    Owner: owner(call),
    Initiator: initiator(call.store),
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
  };
}

export function listParts(call: Call): Reply {
  const { store, request, bucket } = call;
  const upload = findUpload(call);
  const limit = limitOf(call, "max-parts");
  const marker = Number(request.parameter("part-number-marker") ?? 0);
  if (!Number.isInteger(marker))
    throw new Refusal("InvalidArgument", "Argument part-number-marker must be an integer.");
  const all = [...store.ledger.parts(upload.uploadId).values()].toSorted((a, b) => a.number - b.number);
  const rest = all.filter(({ number }) => number > marker);
  const page = rest.slice(0, limit);
  const algorithm = upload.checksum?.algorithm;
  return {
    xml: {
      ListPartsResult: {
        Bucket: bucket.name,
        Key: encoder(call)(upload.key),
        ...uploadElements(call, upload),
        Initiated: undefined,
        PartNumberMarker: marker,
        NextPartNumberMarker: page.at(-1)?.number ?? marker,
        MaxParts: limit,
        IsTruncated: rest.length > page.length,
        Part: page.map((part) => ({
          PartNumber: part.number,
          LastModified: part.modifiedAt,
          ETag: `"${part.etag}"`,
          Size: part.sizeBytes,
          ...(algorithm === undefined ? {} : { [CHECKSUM_ELEMENTS[algorithm]]: part.checksum ?? undefined }),
        })),
      },
    },
  };
}

/** What all lists by prefix and delimiter repeat of the request. */
function heading(call: Call): Elements {
  const { request } = call;
  const name = encoder(call);
  const delimiter = request.parameter("delimiter");
  return {
    Prefix: name(request.parameter("prefix") ?? ""),
    Delimiter: delimiter === undefined ? undefined : name(delimiter),
    EncodingType: request.parameter("encoding-type"),
  };
}

function objectElements(call: Call, version: VersionRecord): Elements {
  const { request, store } = call;
  const tellsRestore = request.header("x-amz-optional-object-attributes")?.includes("RestoreStatus") === true;
  return {
    Key: encoder(call)(version.key),
    LastModified: version.modifiedAt,
    ETag: `"${version.etag}"`,
    ChecksumAlgorithm: version.checksum?.algorithm,
    ChecksumType: version.checksum?.type,
    Size: version.sizeBytes,
    StorageClass: version.storageClass,
    RestoreStatus: tellsRestore ? restoreStatus(version, store.nowMs()) : undefined,
  };
}

function owner({ store }: Call): Elements {
  return { ID: `owner-${store.accountId}` };
}

function initiator({ accountId }: Store): Elements {
  return { ID: `arn:aws:iam::${accountId}:user/sandbox`, DisplayName: "sandbox" };
}

/** Keys hold what XML cannot: they are percent-encoded where the request asks for it. */
function encoder({ request }: Call): (name: string) => string {
  const type = request.parameter("encoding-type");
  if (type !== undefined && type !== "url")
    throw new Refusal("InvalidArgument", "Invalid Encoding Method specified in Request");
  return type === undefined ? (name) => name : (name) => encodeURIComponent(name).replaceAll("%2F", "/");
}

interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly prefixes: readonly string[];
  readonly limit: number;
  readonly isTruncated: boolean;
  /** Key or common prefix where the page ends. */
  readonly lastName: string;
  /** undefined: the page ends with a common prefix. */
  readonly last: Entry | undefined;
}

/** `isAhead` is asked of each key, or of the common prefix that it goes under, in order: whether it is behind the marker. */
function turnTo<Entry extends { readonly key: string }>(
  call: Call,
  all: Iterable<Entry>,
  limitName: string,
  isAhead: (name: string, entry: Entry | undefined) => boolean,
): Page<Entry> {
  const limit = limitOf(call, limitName);
  const prefix = call.request.parameter("prefix") ?? "";
  const delimiter = call.request.parameter("delimiter") ?? "";
  const entries: Entry[] = [];
  const prefixes: string[] = [];
  const page = { entries, prefixes, limit, isTruncated: false, lastName: "", last: undefined as Entry | undefined };
  for (const entry of limit === 0 ? [] : all) {
    if (!entry.key.startsWith(prefix)) continue;
    const end = delimiter === "" ? -1 : entry.key.indexOf(delimiter, prefix.length);
    const common = end === -1 ? undefined : entry.key.slice(0, end + delimiter.length);
    const isKnown = common !== undefined && common === prefixes.at(-1);
    if (isKnown || !isAhead(common ?? entry.key, common === undefined ? entry : undefined)) continue;
    if (entries.length + prefixes.length === limit) return { ...page, isTruncated: true };
    if (common === undefined) entries.push(entry);
    else prefixes.push(common);
    page.lastName = common ?? entry.key;
    page.last = common === undefined ? entry : undefined;
  }
  return page;
}

/** Behind the key of the marker, or under the same key behind its id. */
function pastMarker(
  marker: string | undefined,
  idMarker: string | undefined,
): (name: string, id: string | undefined) => boolean {
  let hasMetId = false;
  return (name, id) => {
    if (marker === undefined) return true;
    if (name !== marker) return isBefore(marker, name);
    if (hasMetId) return true;
    hasMetId = id !== undefined && id === idMarker;
    return false;
  };
}

function limitOf({ request }: Call, name: string): number {
  const text = request.parameter(name);
  if (text === undefined || text === "") return MAX_ENTRIES_OF_PAGE;
  if (!/^\d{1,10}$/.test(text))
    throw new Refusal("InvalidArgument", `Argument ${name} must be an integer between 0 and 2147483647`);
  return Math.min(Number(text), MAX_ENTRIES_OF_PAGE);
}

/** In the order of UTF-8, which is not that of JavaScript's strings. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
