/** What stands in the buckets of a world when it begins: put there without requests, each version as it would have become. */
import { hash } from "node:crypto";
import type { Store } from "./call.ts";
import { checksumOfParts } from "./checksums.ts";
import type { Lock, Segment, StorageClass, VersionRecord } from "./model.ts";

export interface Stored {
  /** In the order of their coming: a later one of a key is the newer version. */
  readonly objects: readonly SeedObject[];
  readonly uploads: readonly SeedUpload[];
}

export interface SeedObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** null: a delete marker. */
  readonly body: Buffer | null;
  /** What reading it gives, where that is not what was stored: S3 knows nothing of it. */
  readonly rotten?: Buffer;
  readonly storageClass: StorageClass;
  readonly lock: Lock | null;
  /** The ARN of the key that it is under; absent: none. */
  readonly keyArn?: string;
  readonly modifiedAt: string;
  /** It was uploaded in parts, in one as it is small, each with its SHA-256; otherwise it came in one piece. */
  readonly isUpload: boolean;
}

interface SeedUpload {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedAt: string;
  readonly storageClass: StorageClass;
}

export async function plant(store: Store, { objects, uploads }: Stored): Promise<void> {
  for (const object of objects) {
    const { body, rotten = body } = object;
    const segments = rotten === null ? [] : await store.bodies.store(piece(rotten));
    store.ledger.record({ kind: "version", version: versionOf(object, segments) });
  }
  for (const upload of uploads)
    store.ledger.record({
      kind: "upload",
      upload: { ...upload, headers: {}, lock: null, encryption: null, checksum: SHA256_OF_PARTS },
    });
}

const SHA256_OF_PARTS = { algorithm: "SHA256", type: "COMPOSITE" } as const;

async function* piece(body: Buffer): AsyncGenerator<Buffer> {
  yield body;
}

function versionOf(
  { bucket, key, versionId, body, storageClass, lock, keyArn, modifiedAt, isUpload }: SeedObject,
  segments: readonly Segment[],
): VersionRecord {
  const bytes = body ?? Buffer.alloc(0);
  const md5 = hash("md5", bytes);
  const part = {
    number: 1,
    sizeBytes: bytes.length,
    checksum: hash("sha256", bytes, "base64"),
    etag: md5,
    modifiedAt,
    segments,
  };
  return {
    ...{ bucket, key, versionId, storageClass, lock, modifiedAt, segments },
    isDeleteMarker: body === null,
    etag: isUpload ? `${hash("md5", Buffer.from(md5, "hex"))}-1` : md5,
    sizeBytes: bytes.length,
    headers: {},
    encryption: keyArn === undefined ? null : { algorithm: "aws:kms", kmsKeyId: keyArn, bucketKeyEnabled: true },
    checksum: isUpload ? checksumOfParts("SHA256", "COMPOSITE", [part]) : null,
    parts: isUpload ? [part] : null,
    uploadId: null,
    restore: null,
  };
}
