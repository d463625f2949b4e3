/** Copies on the side of S3: of an object as a whole, or of a range of it as one part of an upload. They share the bytes. */
import { createHash } from "node:crypto";
import { cut } from "./bodies.ts";
import { type Call, type Headers, isoNow, type Reply, type Store } from "./call.ts";
import { algorithmNamed, CHECKSUM_ELEMENTS, startChecksum } from "./checksums.ts";
import { declaredBy, encryptionHeaders, keptHeaders } from "./declared.ts";
import { MAX_PIECE_BYTES } from "./incoming.ts";
import type { BucketRecord, Checksum, ChecksumAlgorithm, Segment, VersionRecord } from "./model.ts";
import { hasMd5Etag, storedHeaders } from "./objects.ts";
import { Refusal } from "./refusal.ts";
import { requireReadable } from "./restores.ts";
import { findUpload, partNumber, recordPart } from "./uploads.ts";
import {
  commit,
  etagMatches,
  failedCondition,
  newEtag,
  requireConditions,
  versionHeader,
  versionOf,
} from "./versions.ts";

export async function copyObject(call: Call): Promise<Reply> {
  const { store, request, bucket } = call;
  const { source, version } = findSource(call);
  requireWorthwhile(call, version);
  requireSize(version.sizeBytes);
  requireConditions(store, request, bucket, request.key);
  const replaces = oneOf(request.header("x-amz-metadata-directive") ?? "COPY", ["COPY", "REPLACE"]) === "REPLACE";
  const declared = declaredBy(request, bucket, store.nowMs(), replaces ? keptHeaders(request) : version.headers);
  const asked = algorithmNamed(request.header("x-amz-checksum-algorithm")) ?? version.checksum?.algorithm ?? null;
  const { etag, checksum } = await digestsOfCopy(store, version, asked, hasMd5Etag(store, declared.encryption));
  const { sizeBytes, segments } = version;
  const draft = { ...declared, key: request.key, sizeBytes, segments, etag, checksum, parts: null, uploadId: null };
  const copy = commit(store, request, bucket, draft);
  return {
    headers: { ...storedHeaders(call, copy), ...sourceHeader(source, version) },
    xml: { CopyObjectResult: { LastModified: copy.modifiedAt, ETag: `"${etag}"`, ...checksumElements(checksum) } },
  };
}

export async function uploadPartCopy(call: Call): Promise<Reply> {
  const { store } = call;
  const upload = findUpload(call);
  const number = partNumber(call);
  const { source, version } = findSource(call);
  const { first, end } = copyRange(call, version.sizeBytes);
  requireSize(end - first);
  const algorithm = upload.checksum?.algorithm ?? null;
  const segments = cut(version.segments, first, end);
  const { md5, checksum } = await digest(store, segments, algorithm, hasMd5Etag(store, upload.encryption));
  const part = {
    number,
    segments,
    sizeBytes: end - first,
    checksum,
    etag: md5 ?? newEtag(),
    modifiedAt: isoNow(store),
  };
  recordPart(call, part);
  const told = algorithm === null || checksum === null ? {} : { [CHECKSUM_ELEMENTS[algorithm]]: checksum };
  return {
    headers: { ...encryptionHeaders(upload.encryption), ...sourceHeader(source, version) },
    xml: { CopyPartResult: { LastModified: part.modifiedAt, ETag: `"${part.etag}"`, ...told } },
  };
}

interface Source {
  readonly source: BucketRecord;
  readonly version: VersionRecord;
}

/** `/bucket/key?versionId=...`, each part percent-encoded. */
function findSource({ store, request }: Call): Source {
  const header = request.header("x-amz-copy-source") ?? "";
  const [, bucket = "", rawKey = "", versionId] = /^\/?([^/]+)\/(.+?)(?:\?versionId=([^?]+))?$/.exec(header) ?? [];
  const source = store.ledger.bucket(bucket);
  if (bucket === "" || rawKey === "")
    throw new Refusal("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  if (source === undefined)
    throw new Refusal("NoSuchBucket", "The specified bucket does not exist", { details: { BucketName: bucket } });
  const version = versionOf(store, source, decoded(rawKey), versionId);
  const condition = request.header("x-amz-copy-source-if-match");
  if (condition !== undefined && !etagMatches(condition, version.etag))
    throw failedCondition("x-amz-copy-source-If-Match");
  requireReadable(version, store.nowMs());
  return { source, version };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Refusal("InvalidArgument", "Copy Source must be URL-encoded."); // the one thing that decoding throws for
  }
}

function sourceHeader(source: BucketRecord, version: VersionRecord): Headers {
  return { "x-amz-copy-source-version-id": versionHeader(source, version)["x-amz-version-id"] };
}

function requireWorthwhile({ request, bucket }: Call, version: VersionRecord): void {
  const isItself = version.bucket === bucket.name && version.key === request.key;
  const changes = ["x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-checksum-algorithm"];
  const isNewest = !request.header("x-amz-copy-source")?.includes("?versionId=");
  if (!isItself || !isNewest || changes.some((name) => request.header(name) !== undefined)) return;
  if (request.header("x-amz-metadata-directive") === "REPLACE") return;
  throw new Refusal(
    "InvalidRequest",
    "This copy request is illegal because it is trying to copy an object to itself without changing anything of it.",
  );
}

function requireSize(sizeBytes: number): void {
  if (sizeBytes > MAX_PIECE_BYTES)
    throw new Refusal(
      "InvalidRequest",
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_PIECE_BYTES}`,
    );
}

function copyRange({ request }: Call, sizeBytes: number): { readonly first: number; readonly end: number } {
  const header = request.header("x-amz-copy-source-range");
  if (header === undefined) return { first: 0, end: sizeBytes };
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? [];
  if (first !== undefined && last !== undefined && Number(first) <= Number(last) && Number(last) < sizeBytes)
    return { first: Number(first), end: Number(last) + 1 };
  throw new Refusal("InvalidArgument", `Range specified is not valid for source object of size: ${sizeBytes}`);
}

/** The bytes are read again only for what is not known of them. A copy of an object in parts is an object in one piece. */
async function digestsOfCopy(
  store: Store,
  version: VersionRecord,
  algorithm: ChecksumAlgorithm | null,
  wantsMd5: boolean,
): Promise<{ readonly etag: string; readonly checksum: Checksum | null }> {
  const { checksum, parts, encryption } = version;
  const knownEtag = parts === null && hasMd5Etag(store, encryption) ? version.etag : null;
  const known = checksum?.algorithm === algorithm && checksum.type === "FULL_OBJECT" ? checksum : null;
  const lacks = { md5: wantsMd5 && knownEtag === null, algorithm: known === null ? algorithm : null };
  const { md5, checksum: value } = await digest(store, version.segments, lacks.algorithm, lacks.md5);
  return {
    etag: md5 ?? (wantsMd5 ? knownEtag : null) ?? newEtag(),
    checksum: algorithm === null || value === null ? known : { algorithm, type: "FULL_OBJECT", value },
  };
}

async function digest(
  store: Store,
  segments: readonly Segment[],
  algorithm: ChecksumAlgorithm | null,
  wantsMd5: boolean,
): Promise<{ readonly md5: string | null; readonly checksum: string | null }> {
  if (algorithm === null && !wantsMd5) return { md5: null, checksum: null };
  const md5 = wantsMd5 ? createHash("md5") : null;
  const checksum = algorithm === null ? null : startChecksum(algorithm);
  for await (const chunk of store.bodies.read(segments)) {
    md5?.update(chunk);
    checksum?.update(chunk);
  }
  return { md5: md5?.digest("hex") ?? null, checksum: checksum?.digest().toString("base64") ?? null };
}

function checksumElements(checksum: Checksum | null): Readonly<Record<string, string>> {
  return checksum === null
    ? {}
    : { [CHECKSUM_ELEMENTS[checksum.algorithm]]: checksum.value, ChecksumType: checksum.type };
}

function oneOf<const Choice extends string>(text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new Refusal("InvalidArgument", `${text} is none of ${choices.join(", ")}.`);
  return choice;
}
