/** Multipart uploads: begun, filled part by part in any order, and completed or aborted. */
import { hash } from "node:crypto";
import { type Call, isoNow, type Reply, type Store } from "./call.ts";
import { algorithmNamed, CHECKSUM_ELEMENTS, CHECKSUM_HEADERS, checksumOfParts, typeOf } from "./checksums.ts";
import { declaredBy, encryptionHeaders } from "./declared.ts";
import { requireDigestFor } from "./locks.ts";
import type { Checksum, PartRecord, UploadRecord, VersionRecord } from "./model.ts";
import { hasMd5Etag, storedHeaders } from "./objects.ts";
import { Refusal } from "./refusal.ts";
import { commit, forget, newEtag, newId } from "./versions.ts";
import { children, malformed, type Node, textOf, wholeOf } from "./xml.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 1024 ** 2;
const MAX_PARTS = 10_000;

export function createMultipartUpload({ store, request, bucket }: Call): Reply {
  const algorithm = algorithmNamed(request.header("x-amz-checksum-algorithm"));
  const type = request.header("x-amz-checksum-type");
  if (algorithm === null && type !== undefined)
    throw new Refusal(
      "InvalidRequest",
      "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    );
  const upload: UploadRecord = {
    ...declaredBy(request, bucket, store.nowMs()),
    bucket: bucket.name,
    key: request.key,
    uploadId: newId(),
    initiatedAt: isoNow(store),
    checksum: algorithm === null ? null : { algorithm, type: typeOf(algorithm, type) },
  };
  store.ledger.record({ kind: "upload", upload });
  return {
    headers: {
      "x-amz-checksum-algorithm": upload.checksum?.algorithm,
      "x-amz-checksum-type": upload.checksum?.type,
      ...encryptionHeaders(upload.encryption),
    },
    xml: { InitiateMultipartUploadResult: { Bucket: bucket.name, Key: request.key, UploadId: upload.uploadId } },
  };
}

/** The upload that the request names. */
export function findUpload({ store, request, bucket }: Call): UploadRecord {
  const upload = store.ledger.upload(request.parameter("uploadId") ?? "");
  if (upload?.bucket === bucket.name && upload.key === request.key) return upload;
  throw new Refusal(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { details: { UploadId: request.parameter("uploadId") } },
  );
}

export async function uploadPart(call: Call): Promise<Reply> {
  const { store } = call;
  const upload = findUpload(call);
  const number = partNumber(call);
  const isComposite = upload.checksum?.type === "COMPOSITE";
  const body = call.body({
    md5: hasMd5Etag(store, upload.encryption),
    algorithm: isComposite ? null : (upload.checksum?.algorithm ?? null),
  });
  const expected = upload.checksum?.algorithm ?? null;
  if (expected !== null && body.algorithm !== expected && (isComposite || body.algorithm !== null))
    throw new Refusal(
      "InvalidRequest",
      `Checksum Type mismatch occurred, expected checksum Type: ${nameOf(expected)}, actual checksum Type: ${nameOf(body.algorithm)}`,
    );
  requireDigestFor(upload.lock, body.hasDigest);
  const segments = await store.bodies.store(body.bytes);
  const { md5, checksum: computed, sizeBytes } = body.digests();
  const checksum = expected === null ? null : computed; // of an upload without algorithm, what parts tell is only proved
  const part = { number, segments, sizeBytes, checksum, etag: md5 ?? newEtag(), modifiedAt: isoNow(store) };
  recordPart(call, part);
  return {
    headers: {
      ETag: `"${part.etag}"`,
      ...(expected === null || checksum === null ? {} : { [CHECKSUM_HEADERS[expected]]: checksum }),
      ...encryptionHeaders(upload.encryption),
    },
  };
}

function nameOf(algorithm: string | null): string {
  return algorithm?.toLowerCase() ?? "null";
}

export function partNumber({ request }: Call): number {
  const text = request.parameter("partNumber") ?? "";
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_PARTS) return number;
  throw new Refusal("InvalidArgument", `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
}

/** The upload may have ended while the part was on its way. */
export function recordPart(call: Call, part: PartRecord): void {
  const { store } = call;
  try {
    const { uploadId } = findUpload(call);
    store.ledger.record({ kind: "part", uploadId, part });
  } catch (error) {
    forget(store, part.segments);
    throw error;
  }
}

export async function completeMultipartUpload(call: Call): Promise<Reply> {
  const { store, request, bucket } = call;
  const body = await call.xml("CompleteMultipartUpload");
  const already = store.ledger.versions(bucket.name, request.key).find(isOfUpload(request.parameter("uploadId")));
  if (already !== undefined) return completed(call, already);
  const upload = findUpload(call);
  const parts = chosenParts(store, upload, children(body, "Part"));
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  requireObjectSize(call, sizeBytes);
  const checksum = objectChecksum(call, upload, parts);
  const { storageClass, headers, lock, encryption, key } = upload;
  const version = commit(store, request, bucket, {
    ...{ storageClass, headers, lock, encryption, key, sizeBytes, checksum },
    etag: `${hash("md5", Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, "hex"))), "hex")}-${parts.length}`,
    segments: parts.flatMap(({ segments }) => segments),
    uploadId: upload.uploadId,
    parts: parts.map((part) => ({ number: part.number, sizeBytes: part.sizeBytes, checksum: part.checksum })),
  });
  store.ledger.record({ kind: "upload-gone", uploadId: upload.uploadId });
  return completed(call, version);
}

/** Completed once more it is still complete, as was seen in S3: https://github.com/adobe/S3Mock/issues/2586 */
function isOfUpload(uploadId: string | undefined): (version: VersionRecord) => boolean {
  return (version) => version.uploadId !== null && version.uploadId === uploadId;
}

function completed(call: Call, version: VersionRecord): Reply {
  const { bucket, request } = call;
  const { etag, checksum } = version;
  return {
    headers: storedHeaders(call, version),
    xml: {
      CompleteMultipartUploadResult: {
        Location: `http://${request.header("host")}/${bucket.name}/${encodeURIComponent(version.key)}`,
        Bucket: bucket.name,
        Key: version.key,
        ETag: `"${etag}"`,
        ...(checksum === null
          ? {}
          : { [CHECKSUM_ELEMENTS[checksum.algorithm]]: checksum.value, ChecksumType: checksum.type }),
      },
    },
  };
}

/** The parts as the request lists them, each held against what has arrived. */
function chosenParts(store: Store, upload: UploadRecord, nodes: readonly Node[]): readonly PartRecord[] {
  if (nodes.length === 0 || nodes.length > MAX_PARTS) throw malformed();
  const arrived = store.ledger.parts(upload.uploadId);
  const parts = nodes.map((node) => chosenPart(arrived, upload, node));
  if (parts.some((part, index) => index > 0 && part.number <= (parts[index - 1]?.number ?? 0)))
    throw new Refusal(
      "InvalidPartOrder",
      "The list of parts was not in ascending order. Parts must be ordered by part number.",
    );
  const small = parts.slice(0, -1).find(({ sizeBytes }) => sizeBytes < MIN_PART_BYTES);
  if (small === undefined) return parts;
  throw new Refusal("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
    details: {
      ProposedSize: small.sizeBytes,
      MinSizeAllowed: MIN_PART_BYTES,
      PartNumber: small.number,
      ETag: small.etag,
    },
  });
}

function chosenPart(arrived: ReadonlyMap<number, PartRecord>, upload: UploadRecord, node: Node): PartRecord {
  const number = wholeOf(node, "PartNumber", 1);
  const etag = textOf(node, "ETag")?.trim().replaceAll('"', "");
  if (number === undefined || etag === undefined) throw malformed();
  const part = arrived.get(number);
  const { checksum } = upload;
  const told = checksum === null ? undefined : textOf(node, CHECKSUM_ELEMENTS[checksum.algorithm]);
  if (checksum?.type === "COMPOSITE" && told === undefined)
    throw new Refusal(
      "InvalidRequest",
      `The upload was created using a ${checksum.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    );
  if (part?.etag === etag && (told === undefined || told === part.checksum)) return part;
  throw new Refusal(
    "InvalidPart",
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag or checksum may not match the part's.",
    { details: { UploadId: upload.uploadId, PartNumber: number, ETag: etag } },
  );
}

function requireObjectSize({ request }: Call, sizeBytes: number): void {
  const told = request.header("x-amz-mp-object-size");
  if (told !== undefined && told !== String(sizeBytes))
    throw new Refusal("InvalidRequest", "The provided 'x-amz-mp-object-size' header does not match what was computed.");
}

/** That of the whole, which must be the one that the request tells, if it tells one. */
function objectChecksum({ request }: Call, upload: UploadRecord, parts: readonly PartRecord[]): Checksum | null {
  const { checksum } = upload;
  if (checksum === null) return null;
  const { algorithm, type } = checksum;
  const asked = request.header("x-amz-checksum-type");
  if (asked !== undefined && asked !== type)
    throw new Refusal("InvalidRequest", `The upload was created using the ${type} checksum mode.`);
  const computed = checksumOfParts(algorithm, type, parts);
  const told = request.header(CHECKSUM_HEADERS[algorithm]);
  if (told !== undefined && told !== computed?.value && told !== computed?.value.split("-")[0])
    throw new Refusal("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
  return computed;
}

export function abortMultipartUpload(call: Call): Reply {
  const { uploadId } = findUpload(call);
  call.store.ledger.record({ kind: "upload-gone", uploadId });
  return { status: 204 };
}
