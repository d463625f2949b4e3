/** What a request says of the object that it stores, begins to store or copies, and how that is told again. */

import type { Headers } from "./call.ts";
import { CHECKSUM_HEADERS } from "./checksums.ts";
import { lockOf } from "./locks.ts";
import type { BucketRecord, Checksum, Declared, Encryption, StorageClass } from "./model.ts";
import { Refusal } from "./refusal.ts";
import type { Request } from "./request.ts";

export const STORAGE_CLASSES = [
  "STANDARD",
  "STANDARD_IA",
  "ONEZONE_IA",
  "GLACIER_IR",
  "GLACIER",
  "DEEP_ARCHIVE",
] as const satisfies readonly StorageClass[];

/** `headers`: those given back with the object; absent: the request's own. */
export function declaredBy(
  request: Request,
  bucket: BucketRecord,
  nowMs: number,
  headers: Declared["headers"] = keptHeaders(request),
): Declared {
  const asked = request.header("x-amz-storage-class") ?? "STANDARD";
  const storageClass = STORAGE_CLASSES.find((candidate) => candidate === asked);
  if (storageClass === undefined)
    throw new Refusal("InvalidRequest", "The storage class you specified is not valid", {
      details: { StorageClassRequested: asked },
    });
  return { storageClass, headers, lock: lockOf(request, bucket, nowMs), encryption: encryptionOf(request, bucket) };
}

const KEPT = new Set(["content-type", "content-disposition", "content-language", "cache-control", "expires"]);
const METADATA = "x-amz-meta-";
const MAX_METADATA_BYTES = 2048;

export function keptHeaders(request: Request): Declared["headers"] {
  const kept = Object.keys(request.headers)
    .filter((name) => KEPT.has(name) || name.startsWith(METADATA))
    .map((name) => [name, request.header(name) ?? ""] as const);
  const metadataBytes = kept
    .filter(([name]) => name.startsWith(METADATA))
    .reduce((sum, [name, value]) => sum + name.length - METADATA.length + Buffer.byteLength(value), 0);
  if (metadataBytes > MAX_METADATA_BYTES)
    throw new Refusal("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", {
      details: { Size: metadataBytes, MaxSizeAllowed: MAX_METADATA_BYTES },
    });
  const encodings = (request.header("content-encoding") ?? "").split(",").map((coding) => coding.trim());
  const encoding = encodings.filter((coding) => coding !== "" && coding !== "aws-chunked").join(",");
  return {
    "content-type": "binary/octet-stream",
    ...Object.fromEntries(kept),
    ...(encoding === "" ? {} : { "content-encoding": encoding }),
  };
}

function encryptionOf(request: Request, { encryption }: BucketRecord): Encryption | null {
  const algorithm = request.header("x-amz-server-side-encryption");
  const kmsKeyId = request.header("x-amz-server-side-encryption-aws-kms-key-id") ?? null;
  if (algorithm === undefined) return encryption;
  if (algorithm !== "AES256" && algorithm !== "aws:kms")
    throw new Refusal("InvalidArgument", "The encryption method specified is not supported");
  return { algorithm, kmsKeyId, bucketKeyEnabled: false };
}

export function encryptionHeaders(encryption: Encryption | null): Headers {
  return {
    "x-amz-server-side-encryption": encryption?.algorithm,
    "x-amz-server-side-encryption-aws-kms-key-id": encryption?.kmsKeyId ?? undefined,
    "x-amz-server-side-encryption-bucket-key-enabled": encryption?.bucketKeyEnabled === true ? "true" : undefined,
  };
}

export function checksumHeaders(checksum: Checksum | null): Headers {
  if (checksum === null) return {};
  return { [CHECKSUM_HEADERS[checksum.algorithm]]: checksum.value, "x-amz-checksum-type": checksum.type };
}
