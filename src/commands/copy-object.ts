/** One object copied into an archive on the side of S3, in its class, locked, and hashed by S3 on the way. */
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import type { ObjectVersion, UploadedPart } from "../ports/s3.ts";
import type { ManifestObject } from "../rules/archive/manifest.ts";
import { merkleRoot } from "../rules/archive/merkle.ts";
import { partSizeBytesFor } from "../rules/archive/parts.ts";
import type { Pushing } from "./push-run.ts";

export interface Copying {
  readonly bucket: string;
  readonly object: ObjectVersion;
  /** In the archive. */
  readonly key: string;
  /** Something stands there already. */
  readonly isThere: boolean;
}

type CopyingTo = Pick<Pushing, "s3" | "archived" | "context" | "retainUntil">;

interface CopyLimits {
  /** Larger objects are copied in parts. */
  readonly wholeBytes: number;
  /** Of a part, at least. */
  readonly partBytes: number;
}

/** More than that S3 copies in parts only: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const COPY_LIMITS: CopyLimits = { wholeBytes: 5 * 1024 ** 3, partBytes: 512 * 1024 ** 2 };

export async function copyInto(to: CopyingTo, copying: Copying, limits = COPY_LIMITS): Promise<ManifestObject> {
  const { s3, archived } = to;
  const { sizeBytes } = copying.object;
  if (sizeBytes === null) throw new OpsError("protocol", `S3 does not say how large ${copying.object.key} is`);
  const there = copying.isThere ? await standing(to, copying, sizeBytes) : undefined;
  if (there !== undefined) return there;
  if (sizeBytes > limits.wholeBytes) return copyInParts(to, copying, sizeBytes, limits);
  const { bucket, object, key } = copying;
  const copied = await s3.copyObject({
    from: { bucket, key: object.key, ...versionOf(object) },
    bucket: archived.archive.bucket,
    key,
    metadata: whence(object),
    ...keeping(to),
  });
  if (copied === "taken") return mustStand(to, copying, sizeBytes);
  return described(to, {
    key,
    sizeBytes,
    versionId: copied.versionId,
    partSha256s: [copied.sha256],
    partSizeBytes: sizeBytes,
  });
}

/** The version that was listed: what is written over it meanwhile is not what Atlas exported. */
function versionOf({ versionId }: ObjectVersion): { readonly versionId?: string } {
  return versionId === "null" ? {} : { versionId };
}

/** Which content was copied: of two exports, objects of one name and size need not be the same. */
function whence({ etag }: ObjectVersion): { readonly source: string } {
  return { source: etag?.replaceAll('"', "") ?? "" };
}

function keeping({ archived, retainUntil }: CopyingTo) {
  const { storageClass, objectLock } = archived.archive;
  return { storageClass, lock: objectLock === "none" ? null : { mode: objectLock, retainUntil } } as const;
}

const MAX_PARTS_AT_ONCE = 4;

async function copyInParts(
  to: CopyingTo,
  copying: Copying,
  sizeBytes: number,
  { partBytes }: CopyLimits,
): Promise<ManifestObject> {
  const { bucket, object, key } = copying;
  const { s3, archived } = to;
  const partSizeBytes = Math.max(partSizeBytesFor(sizeBytes), partBytes);
  const target = { bucket: archived.archive.bucket, key };
  const upload = await s3.createUpload({
    ...target,
    contentType: "application/gzip",
    metadata: whence(object),
    ...keeping(to),
  });
  const numbers = Array.from({ length: Math.ceil(sizeBytes / partSizeBytes) }, (_, index) => index + 1);
  const parts = await mapBounded(numbers, MAX_PARTS_AT_ONCE, (number): Promise<UploadedPart> => {
    const first = (number - 1) * partSizeBytes;
    const range = [first, Math.min(first + partSizeBytes, sizeBytes) - 1] as const;
    return s3.copyPart({ ...upload, from: { bucket, key: object.key, ...versionOf(object) }, number, range });
  });
  const put = await s3.completeUpload({ ...upload, parts });
  if (put === "taken") return mustStand(to, copying, sizeBytes);
  const partSha256s = parts.map(({ sha256 }) => sha256);
  return described(to, { key, sizeBytes, versionId: put.versionId, partSha256s, partSizeBytes });
}

/** What an earlier run has copied already; undefined: nothing stands there. */
async function standing(
  to: CopyingTo,
  { key, object }: Copying,
  sizeBytes: number,
): Promise<ManifestObject | undefined> {
  const { s3, archived } = to;
  const address = { bucket: archived.archive.bucket, key };
  try {
    const [head, attributes] = await Promise.all([s3.headObject(address), s3.getAttributes(address)]);
    const isCopy = attributes.sizeBytes === sizeBytes && head.metadata["source"] === whence(object).source;
    if (!isCopy || attributes.checksum === null || attributes.parts === null)
      throw new OpsError("rejected", `${key} is there already, and is another object than the one to be copied`, {
        hint: "look at its versions; nothing is overwritten",
      });
    const { parts, checksum } = attributes;
    const partSha256s = parts.length === 0 ? [checksum.sha256] : parts.map(({ sha256 }) => sha256);
    const partSizeBytes = parts[0]?.sizeBytes ?? sizeBytes;
    return await described(to, { key, sizeBytes, versionId: head.versionId, partSha256s, partSizeBytes });
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return undefined;
    throw error;
  }
}

async function mustStand(to: CopyingTo, copying: Copying, sizeBytes: number): Promise<ManifestObject> {
  const { key } = copying;
  const there = await standing(to, copying, sizeBytes);
  if (there !== undefined) return there;
  throw new OpsError("unavailable", `${key} was taken, and is not there: somebody else is at work in the bucket`);
}

type Described = Pick<ManifestObject, "key" | "sizeBytes" | "versionId" | "partSha256s" | "partSizeBytes">;

async function described({ context }: CopyingTo, object: Described): Promise<ManifestObject> {
  const { partSha256s } = object;
  const [only] = partSha256s;
  return {
    ...object,
    partSizeBytes: Math.max(1, object.partSizeBytes), // an empty object has one empty part
    root: merkleRoot(partSha256s, await context.sha256()),
    sha256: only !== undefined && partSha256s.length === 1 ? only : null,
    isStructureChecked: false, // nothing of it has been here
  };
}
