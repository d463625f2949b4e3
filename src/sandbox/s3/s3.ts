/**
 * S3 in the sandbox: over HTTP for clients, and by a plain function for what others than the user, such as Atlas, write
 * into these buckets. docs/sandbox.md says what it simulates and what it does not.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { OpsError } from "../../core/error.ts";
import { once } from "../../core/once.ts";
import { openBodies } from "./bodies.ts";
import type { Store } from "./call.ts";
import { openLedger } from "./ledger.ts";
import { defaultLock } from "./locks.ts";
import type { BucketSettings } from "./model.ts";
import { hasMd5Etag } from "./objects.ts";
import { plant, type Stored } from "./seed.ts";
import { createS3Server } from "./service.ts";
import type { Account } from "./signature.ts";
import { commit, newEtag } from "./versions.ts";

export interface S3 {
  /** Not listening yet. */
  readonly server: Server;
  /** Stores an object as the bucket's settings have it, in the class STANDARD; OpsError `not-found` where there is no such bucket. */
  putInternal(bucket: string, key: string, body: AsyncIterable<Buffer> | Buffer): Promise<void>;
  /** Removes what was only for this process; the server is the caller's to close. */
  close(): void;
}

export interface S3Options {
  readonly account: Account & { readonly accountId: string };
  /** Those that are not there yet are made. */
  readonly buckets: readonly BucketSettings[];
  /** What stands there at the beginning, put there before the first request; absent: nothing. */
  readonly stored?: () => Stored;
  readonly denied: readonly string[];
  readonly nowMs: () => number;
  /** Called before every answer: lets others write what they are due to. */
  readonly settle: () => Promise<void>;
  /** Keeps everything across restarts; absent: a temporary folder for bodies, and nothing else. */
  readonly folder: string | undefined;
  /** Which world it is: a folder of another one is refused. */
  readonly about: string;
  /** Bodies are hashed and counted, and then forgotten: for measurements. */
  readonly discards: boolean;
  readonly log: (line: string) => void;
}

/** Throws OpsError `config` for a folder that is not of this world. */
export function openS3(options: S3Options): S3 {
  const { folder, account, nowMs, discards } = options;
  const bodies = openBodies({ folder: folder === undefined ? undefined : join(folder, "bodies"), discards });
  const createdAt = new Date(nowMs()).toISOString();
  const file = folder === undefined ? undefined : join(folder, "ledger.jsonl");
  const isNew = file === undefined || !existsSync(file);
  const ledger = openLedger({
    file,
    about: options.about,
    buckets: options.buckets.map((settings) => ({ ...settings, createdAt })),
    onFree: bodies.remove,
  });
  bodies.removeAllBut(ledger.holds);
  const store: Store = { ledger, bodies, nowMs, accountId: account.accountId, hasMd5Etags: !discards };
  const begin = once(async () => {
    if (isNew && options.stored !== undefined) await plant(store, options.stored());
  });
  const settle = async () => {
    await begin();
    await options.settle();
  };
  return {
    server: createS3Server({ store, account, denied: options.denied, settle, log: options.log }),
    putInternal: async (bucket, key, body) => {
      await begin();
      await putInternal(store, bucket, key, Buffer.isBuffer(body) ? [body] : body);
    },
    close: bodies.close,
  };
}

/** A bucket as archives want it: versioned, locked, encrypted, closed to the public, and cleaned of nothing but old uploads. */
export function archiveBucket(name: string, region: string): BucketSettings {
  return {
    name,
    region,
    versioning: "Enabled",
    objectLock: { defaultRetention: null },
    encryption: { algorithm: "AES256", kmsKeyId: null, bucketKeyEnabled: false },
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    lifecycle: { rules: [ABORT_OLD_UPLOADS], minimumTransitionSize: "all_storage_classes_128K" },
  };
}

/** The same without versions and locks: what is in it can be written over. */
export function plainBucket(name: string, region: string): BucketSettings {
  return { ...archiveBucket(name, region), versioning: null, objectLock: null };
}

const ABORT_OLD_UPLOADS = {
  id: "abort-incomplete-uploads",
  enabled: true,
  isOldForm: false,
  prefix: "",
  tags: [],
  largerThanBytes: null,
  smallerThanBytes: null,
  expiration: null,
  expiresDeleteMarkers: false,
  noncurrentExpiration: null,
  transitions: [],
  noncurrentTransitions: [],
  abortUploadsAfterDays: 7,
} as const;

async function putInternal(
  store: Store,
  bucketName: string,
  key: string,
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const bucket = store.ledger.bucket(bucketName);
  if (bucket === undefined) throw new OpsError("not-found", `the sandbox has no bucket ${bucketName}`);
  const md5 = hasMd5Etag(store, bucket.encryption) ? createHash("md5") : null;
  let sizeBytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      md5?.update(chunk);
      yield chunk;
    }
  }
  const segments = await store.bodies.store(counted());
  commit(store, null, bucket, {
    ...{
      key,
      segments,
      sizeBytes,
      storageClass: "STANDARD",
      encryption: bucket.encryption,
      checksum: null,
      parts: null,
      uploadId: null,
    },
    headers: { "content-type": "binary/octet-stream" },
    lock: defaultLock(bucket, store.nowMs()),
    etag: md5?.digest("hex") ?? newEtag(),
  });
}
