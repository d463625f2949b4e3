/** One body on its way into an object: begun or taken up, sent, completed where nobody else has, and read back. */
import { OpsError, toOpsError } from "../core/error.ts";
import { formatBytes } from "../core/size.ts";
import type { ObjectAttributes, UploadAddress, UploadedPart } from "../ports/s3.ts";
import type { BodyIdentity, PushOrder } from "../ports/transfer.ts";
import { type LedgerObject, withObject, withoutObject } from "../rules/archive/ledger.ts";
import type { ManifestObject } from "../rules/archive/manifest.ts";
import { compositeOf, merkleRoot } from "../rules/archive/merkle.ts";
import { partSizeBytesFor } from "../rules/archive/parts.ts";
import { byteProgress } from "./byte-progress.ts";
import type { Pushing } from "./push-run.ts";

export interface Body {
  readonly key: string;
  /** Holds a credential: it goes nowhere but to the transfer. */
  readonly url: string;
  /** `1 of 3` */
  readonly what: string;
}

/** A body all of which S3 has, be it as parts of an upload or as the object already. */
export interface SentBody extends LedgerObject {
  readonly parts: readonly UploadedPart[];
  readonly isComplete: boolean;
}

export async function sendBody(pushing: Pushing, { key, url, what }: Body): Promise<SentBody> {
  const { context, ledger, archived } = pushing;
  const transfer = await context.transfer();
  const identity = await transfer.inspect({ url });
  const begun = await takeUp(pushing, key, identity);
  if (begun !== undefined && "isComplete" in begun) return begun;
  const object = begun?.object ?? (await begin(pushing, key, identity));
  const { uploadId, partSizeBytes } = object;
  const order: PushOrder = {
    source: { url },
    identity,
    upload: { bucket: archived.archive.bucket, key, uploadId },
    partSizeBytes,
    present: begun?.present ?? NOTHING,
    onProgress: byteProgress(context, `object ${what}`, identity.lengthBytes),
  };
  const pushed = await transfer.push(order).catch((error: unknown) => distrusted(pushing, key, error));
  const { sha256, isStructureChecked } = pushed;
  const done = { ...object, ...(sha256 === null ? {} : { sha256, isStructureChecked }) };
  await ledger.put(withObject(ledger.current(), done));
  return { ...done, parts: pushed.parts, isComplete: false };
}

const NOTHING: readonly UploadedPart[] = [];

/** Parts of what turned out to be no archive have arrived all the same: the next push must not make an object of them. */
async function distrusted({ ledger }: Pushing, key: string, error: unknown): Promise<never> {
  if (toOpsError(error).kind === "protocol") await ledger.put(withoutObject(ledger.current(), key));
  throw error;
}

type Begun = { readonly object: LedgerObject; readonly present: readonly UploadedPart[] } | SentBody;

/** What an earlier run left of this very body; undefined: nothing that can be used, which is told. */
async function takeUp(
  { s3, context, ledger, archived }: Pushing,
  key: string,
  identity: BodyIdentity,
): Promise<Begun | undefined> {
  const object = ledger.current().objects.find((one) => one.key === key);
  if (object === undefined) return undefined;
  const { bucket } = archived.archive;
  if (object.lengthBytes !== identity.lengthBytes || object.etag !== identity.etag) {
    context.progress.note(`${key}: what Atlas gives out is another body than before; it is sent anew`);
    return undefined;
  }
  const present = await partsOf(() => s3.listParts({ bucket, key, uploadId: object.uploadId }));
  if (present !== undefined) {
    const presentBytes = present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    context.progress.note(
      `${key}: ${formatBytes(presentBytes)} of ${formatBytes(object.lengthBytes)} are there; the rest is sent`,
    );
    return { object, present };
  }
  const complete = await completed(await attributesOf(() => s3.getAttributes({ bucket, key })));
  if (complete === undefined) {
    context.progress.note(`${key}: its upload was aborted; it is sent anew`);
    return undefined;
  }
  context.progress.note(`${key}: it is complete already`);
  return { ...object, parts: complete, isComplete: true };
}

async function begin(
  { s3, ledger, archived, point, period, retainUntil }: Pushing,
  key: string,
  identity: BodyIdentity,
): Promise<LedgerObject> {
  const { archive, database } = archived;
  const { uploadId }: UploadAddress = await s3.createUpload({
    bucket: archive.bucket,
    key,
    contentType: "application/gzip",
    storageClass: archive.storageClass,
    lock: archive.objectLock === "none" ? null : { mode: archive.objectLock, retainUntil },
    metadata: { database: database.name, period: period.month, snapshot: point.name },
  });
  const { lengthBytes, etag } = identity;
  const object: LedgerObject = {
    key,
    uploadId,
    lengthBytes,
    etag,
    partSizeBytes: partSizeBytesFor(lengthBytes),
    sha256: null,
    isStructureChecked: false,
  };
  await ledger.put(withObject(ledger.current(), object));
  return object;
}

/** Makes the object, unless it is one already, and reads back what S3 says of it. */
export async function completeBody({ s3, context, archived }: Pushing, body: SentBody): Promise<ManifestObject> {
  const { key, uploadId, parts, lengthBytes, partSizeBytes, sha256, isStructureChecked } = body;
  const address = { bucket: archived.archive.bucket, key };
  if (!body.isComplete) await s3.completeUpload({ ...address, uploadId, parts });
  const [attributes, head] = await Promise.all([s3.getAttributes(address), s3.headObject(address)]);
  const hash = await context.sha256();
  const partSha256s = parts.map((part) => part.sha256);
  const wanted = partSha256s.length === 0 ? undefined : compositeOf(partSha256s, hash);
  if (attributes.checksum?.sha256 !== wanted || attributes.sizeBytes !== lengthBytes)
    throw new OpsError("rejected", `${key} is not what was sent: another object stands there`, {
      hint: "look at its versions before anything else; push again for a fresh download",
    });
  return {
    key,
    versionId: head.versionId,
    sizeBytes: lengthBytes,
    partSizeBytes,
    partSha256s,
    root: merkleRoot(partSha256s, hash),
    sha256,
    isStructureChecked,
  };
}

/** The parts of a finished object; undefined: there is none, or none whose parts S3 tells. */
function completed(attributes: ObjectAttributes | undefined): readonly UploadedPart[] | undefined {
  const parts = attributes?.parts;
  if (parts === undefined || parts === null || parts.length === 0) return undefined;
  return parts.map((part) => ({ ...part, etag: "", uploadedAt: new Date(0) })); // what completing would need is past
}

const partsOf = orAbsent<readonly UploadedPart[]>;
const attributesOf = orAbsent<ObjectAttributes>;

async function orAbsent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return undefined;
    throw error;
  }
}
