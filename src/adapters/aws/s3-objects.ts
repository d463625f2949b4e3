/** Single objects: what S3 tells of them, small texts, and making an archived one readable for a while. */
import { addAbortSignal, Readable } from "node:stream";
import {
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectCommand,
  RestoreObjectCommand,
} from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { type Observed, observe } from "../../core/observed.ts";
import type { Lock, ObjectAddress, ObjectHead, PutCondition, S3, ThawTier } from "../../ports/s3.ts";
import { type Call, limited } from "./ask.ts";
import { translate } from "./failure.ts";
import { readAttributes } from "./s3-attributes.ts";
import { orMeaning, type S3Link, TAKEN } from "./s3-link.ts";
import * as wire from "./s3-wire.ts";

type Objects = Pick<S3, "headObject" | "getAttributes" | "getText" | "getLockedText" | "putText" | "restoreObject">;

/** All that is asked of one object. */
export function s3Objects(link: S3Link): Objects {
  return {
    headObject: (address) => readHead(link, address),
    getAttributes: (address) => readAttributes(link, address),
    getText: async (address, maxBytes) => (await readText(link, address, maxBytes)).stored,
    getLockedText: async (address, maxBytes) => {
      const { stored, answer } = await readText(link, address, maxBytes);
      return { ...stored, lock: await lockIn(link, { ...address, ...answer }) };
    },
    putText: (order) => {
      const command = new PutObjectCommand({
        ...wire.objectInput(order),
        Body: order.text,
        ContentType: order.contentType,
        ChecksumAlgorithm: "SHA256",
        ...wire.keepingInput(order),
        ...conditionInput(order.condition),
      });
      return orMeaning(link.write(link.call(wire.putAction(order), order), command, wire.putResult), TAKEN);
    },
    restoreObject: (address, { tier, days }) => {
      const RestoreRequest = { Days: days, GlacierJobParameters: { Tier: TIERS[tier] } };
      const command = new RestoreObjectCommand({ ...wire.objectInput(address), RestoreRequest });
      const asked = link.write(link.call("s3:RestoreObject", address), command, Restored);
      return orMeaning(asked, { RestoreAlreadyInProgress: "in-progress" });
    },
  };
}

const TIERS = { bulk: "Bulk", standard: "Standard", expedited: "Expedited" } as const satisfies Record<
  ThawTier,
  string
>;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html: 200 where there is a readable copy already. */
const Restored = z.pipe(
  z.object({ $metadata: z.object({ httpStatusCode: z.union([z.literal(200), z.literal(202)]) }) }),
  z.transform(({ $metadata: { httpStatusCode: status } }) => (status === 200 ? "extended" : "started")),
);

function conditionInput(condition: PutCondition) {
  return condition === "absent" ? { IfNoneMatch: "*" } : { IfMatch: condition.etag };
}

async function readHead(link: S3Link, address: ObjectAddress): Promise<ObjectHead> {
  const call = link.call(wire.readAction(address), address, { isHead: true });
  const head = await link.read(call, new HeadObjectCommand(wire.objectInput(address)), Head);
  const part = <T>(noun: string, type: z.ZodMiniType<T>, value: unknown) =>
    wire.observed(`${noun} of s3://${address.bucket}/${address.key}`, type, value);
  return {
    versionId: head.VersionId,
    sizeBytes: head.ContentLength,
    etag: head.ETag,
    lastModifiedAt: head.LastModified,
    storageClass: part("the storage class", z._default(wire.storageClass, "STANDARD"), head.StorageClass),
    lock: await lockIn(link, { ...address, ...head }),
    thaw: part("the state of a restore", wire.thaw, head.Restore),
    kmsKeyArn: part("the key", keyOf(head), head.SSEKMSKeyId),
    metadata: head.Metadata,
  };
}

/** Of what KMS encrypts S3 names the key: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
function keyOf({ ServerSideEncryption: by }: z.output<typeof Head>): z.ZodMiniType<string | null> {
  return by === undefined || by === "AES256" ? wire.orNull(wire.text) : wire.text;
}

const Locked = z.object({
  ObjectLockMode: z.optional(z.unknown()),
  ObjectLockRetainUntilDate: z.optional(z.unknown()),
});

const Head = z.object({
  ...Locked.shape,
  VersionId: wire.orNull(wire.text),
  ContentLength: wire.count,
  ETag: wire.text,
  LastModified: wire.instant,
  StorageClass: z.optional(z.unknown()),
  Restore: z.optional(z.unknown()),
  ServerSideEncryption: z.optional(z.unknown()),
  SSEKMSKeyId: z.optional(z.unknown()),
  Metadata: z.record(z.string(), z.string()),
  /** How many entries S3 could not put into headers. */
  MissingMeta: z.optional(z.literal(0)),
});

const Retention = z.pipe(
  z.object({ Mode: wire.lockMode, RetainUntilDate: wire.instant }),
  z.transform((retention): Lock => ({ mode: retention.Mode, retainUntil: retention.RetainUntilDate })),
);

type AnswerWithLock = ObjectAddress & z.output<typeof Locked> & { readonly VersionId: string | null };

/** As the answer tells it. One without a lock is that of an object without one, or S3's to who may not know of it. */
async function lockIn(link: S3Link, answer: AnswerWithLock): Promise<Observed<Lock | null>> {
  const { bucket, key, VersionId, ObjectLockMode: Mode, ObjectLockRetainUntilDate: RetainUntilDate } = answer;
  if (Mode !== undefined || RetainUntilDate !== undefined)
    return wire.observed(`the lock of s3://${bucket}/${key}`, Retention, { Mode, RetainUntilDate });
  return readLock(link, { bucket, key, ...(VersionId === null ? {} : { versionId: VersionId }) });
}

function readLock(link: S3Link, address: ObjectAddress): Promise<Observed<Lock | null>> {
  const call = link.call("s3:GetObjectRetention", address);
  const type = z.pipe(
    z.object({ Retention }),
    z.transform((answer) => answer.Retention),
  );
  return observe(() =>
    orMeaning(link.read(call, new GetObjectRetentionCommand(wire.objectInput(address)), type), {
      NoSuchObjectLockConfiguration: null,
      InvalidRequest: null, // so S3 words it where the bucket itself has no Object Lock
    }),
  );
}

const Text = z.object({
  ...Locked.shape,
  Body: z.instanceof(Readable),
  ETag: wire.text,
  VersionId: wire.orNull(wire.text),
});

async function readText(link: S3Link, address: ObjectAddress, maxBytes: number) {
  const call = link.call(wire.readAction(address), address);
  const { Body: body, ...answer } = await link.read(call, new GetObjectCommand(wire.objectInput(address)), Text);
  const text = await textOf(link, call, body, maxBytes);
  return { stored: { text, etag: answer.ETag, versionId: answer.VersionId }, answer };
}

/** The SDK compares S3's checksum on the way, where it keeps one of the whole, and fails with an error of no name. */
function textOf({ connection }: S3Link, call: Call, body: Readable, maxBytes: number): Promise<string> {
  const unreadable = (why: string) => new OpsError("protocol", `the answer to ${call.name} ${why}`);
  return limited(connection, call, async ({ abortSignal }) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    try {
      for await (const chunk of addAbortSignal(abortSignal, body)) {
        chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) throw unreadable(`is larger than ${maxBytes} bytes`);
      }
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
    } catch (error) {
      const failure = translate(error, call.name);
      throw failure instanceof OpsError ? failure : unreadable("is cut short, damaged, or no text");
    }
  });
}
