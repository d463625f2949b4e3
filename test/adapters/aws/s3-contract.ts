/** What the adapter promises of an S3 that really keeps objects: the same suite for every server that claims to be one. */
import { createHash, randomUUID } from "node:crypto";
import { DeleteObjectCommand, type S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { Keeping, Lock, S3, UploadAddress } from "../../../src/ports/s3.ts";
import { failure } from "./harness.ts";

export interface S3World {
  /** Connected for the owner of the buckets. */
  readonly s3: S3;
  /** The same buckets, for an account that is not their owner. */
  readonly strangerS3: S3;
  /** The SDK itself, for what the port has no word for. */
  readonly client: S3Client;
  readonly region: string;
  /** Versioned, with Object Lock, encrypted, closed to the public, and with a rule that only ends uploads after 7 days. */
  readonly bucket: string;
  readonly now: () => Date;
  /** Puts the server's clock forward. */
  readonly advance: (ms: number) => void;
}

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const sha256 = (...bytes: readonly (Buffer | string)[]) =>
  bytes.reduce((hash, chunk) => hash.update(chunk), createHash("sha256")).digest();

export function s3Contract(name: string, open: () => Promise<S3World>): void {
  /** A key that no other test has. */
  const aKey = () => `contract/${randomUUID()}/object`;
  const PLAIN: Keeping = { storageClass: "STANDARD", lock: null };
  const lockFrom = (now: Date): Lock => ({
    mode: "GOVERNANCE",
    retainUntil: new Date(Math.floor(now.getTime() / 1000) * 1000 + DAY_MS),
  });

  const putAt = ({ s3, bucket }: S3World, key: string, text: string) =>
    s3.putText({ bucket, key, text, contentType: "text/plain", condition: "absent", ...PLAIN });

  const sendPart = async (
    { client }: S3World,
    { bucket, key, uploadId }: UploadAddress,
    number: number,
    bytes: Buffer,
  ) => {
    await client.send(
      new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        Body: bytes,
        ChecksumSHA256: sha256(bytes).toString("base64"),
      }),
    );
  };

  const PARTS = [Buffer.alloc(5 * MIB, "a"), Buffer.from("the last part may be short")];

  /** An object in two parts; what came of it stands in the world for the test to look at. */
  const uploaded = async (world: S3World, key: string, keeping: Keeping) => {
    const { s3, bucket } = world;
    const upload = await s3.createUpload({
      bucket,
      key,
      contentType: "application/gzip",
      metadata: { snapshot: "66f0" },
      ...keeping,
    });
    for (const [index, bytes] of PARTS.entries()) await sendPart(world, upload, index + 1, bytes);
    const parts = await s3.listParts(upload);
    return { upload, parts, completed: await s3.completeUpload({ ...upload, parts }) };
  };

  describe(name, () => {
    it("a bucket is as it was set up", async () => {
      const { s3, bucket, region } = await open();
      const settings = await s3.getBucket(bucket);
      expect(settings).toMatchObject({
        region: known(region),
        versioning: known("enabled"),
        objectLock: known({ defaultRetention: null }),
        publicAccessBlocked: known(true),
        lifecycle: known([
          { enabled: true, expiration: null, noncurrentExpiration: null, transitions: [], abortUploadsAfterDays: 7 },
        ]),
      });
      expect(settings.encryption).toMatchObject({ known: true, value: { algorithm: expect.any(String) } });
    });

    it("what is not there is not found", async () => {
      const { s3, bucket } = await open();
      const key = aKey();
      for (const read of [
        () => s3.getBucket("litally-no-such-bucket"),
        () => s3.listVersions("litally-no-such-bucket", ""),
        () => s3.headObject({ bucket, key }),
        () => s3.getAttributes({ bucket, key }),
        () => s3.getText({ bucket, key }, 100),
        () => s3.listParts({ bucket, key, uploadId: "no-such-upload" }),
        () => s3.abortUpload({ bucket, key, uploadId: "no-such-upload" }),
      ])
        expect(await failure(read())).toMatchObject({ kind: "not-found" });
      expect(await s3.listVersions(bucket, key)).toEqual([]);
      expect(await s3.listUploads(bucket, key)).toEqual([]);
    });

    it("another account's bucket is refused, whatever is asked of it", async () => {
      const world = await open();
      const { s3, strangerS3: stranger, bucket } = world;
      const key = aKey();
      await putAt(world, key, "ours");
      for (const part of Object.values(await stranger.getBucket(bucket)))
        expect(part).toMatchObject({ known: false, reason: { kind: "auth" } });
      for (const call of [
        () => stranger.listVersions(bucket, ""),
        () => stranger.headObject({ bucket, key }),
        () => stranger.getText({ bucket, key }, 100),
        () =>
          stranger.putText({ bucket, key: aKey(), text: "", contentType: "text/plain", condition: "absent", ...PLAIN }),
        () => stranger.copyObject({ from: { bucket, key }, bucket, key: aKey(), metadata: {}, ...PLAIN }),
        () => stranger.createUpload({ bucket, key: aKey(), contentType: "text/plain", metadata: {}, ...PLAIN }),
      ])
        expect(await failure(call())).toMatchObject({ kind: "auth" });
      expect(await s3.listVersions(bucket, key)).toHaveLength(1);
    });

    it("a text is put where there is none, or over the version that was meant", async () => {
      const world = await open();
      const { s3, bucket } = world;
      const key = aKey();
      const order = { bucket, key, contentType: "application/json", ...PLAIN };
      const first = await putAt(world, key, '{"turn":"erster"}');
      if (first === "taken") throw new Error("the key was free");
      expect(await s3.getText({ bucket, key }, 100)).toEqual({ text: '{"turn":"erster"}', ...first });
      expect(await s3.putText({ ...order, text: "2", condition: "absent" })).toBe("taken");
      const second = await s3.putText({ ...order, text: "\uFEFFzwei", condition: { etag: first.etag } });
      if (second === "taken") throw new Error("nobody else wrote");
      expect(await s3.putText({ ...order, text: "3", condition: { etag: first.etag } })).toBe("taken");
      expect(await s3.getText({ bucket, key }, 100)).toEqual({ text: "\uFEFFzwei", ...second });
      const old = await s3.getText({ bucket, key, versionId: first.versionId ?? "" }, 100);
      expect(old).toEqual({ text: '{"turn":"erster"}', ...first });
      const missing = s3.putText({ ...order, key: aKey(), text: "4", condition: { etag: first.etag } });
      expect(await failure(missing)).toMatchObject({ kind: "not-found" });
    });

    it("a text in one piece has a checksum of the whole, and its lock", async () => {
      const { s3, bucket, now } = await open();
      const key = aKey();
      const lock = lockFrom(now());
      await s3.putText({ bucket, key, text: "hello", contentType: "text/plain", condition: "absent", ...PLAIN, lock });
      expect(await s3.headObject({ bucket, key })).toMatchObject({
        sizeBytes: 5,
        storageClass: known("STANDARD"),
        lock: known(lock),
        thaw: known(null),
        kmsKeyArn: known(null),
        metadata: {},
      });
      expect(await s3.getAttributes({ bucket, key })).toEqual({
        sizeBytes: 5,
        checksum: { sha256: sha256("hello").toString("hex"), kind: "whole", parts: null },
        parts: [],
      });
    });

    it("an object without a lock is known to have none", async () => {
      const world = await open();
      const key = aKey();
      await putAt(world, key, "free");
      expect((await world.s3.headObject({ bucket: world.bucket, key })).lock).toEqual(known(null));
    });

    it("versions and delete markers are seen, the newest of a key first", async () => {
      const world = await open();
      const { s3, client, bucket } = world;
      const prefix = aKey();
      await putAt(world, `${prefix}/b`, "kept");
      await putAt(world, `${prefix}/a`, "hidden");
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${prefix}/a` }));
      const versions = await s3.listVersions(bucket, prefix);
      expect(versions.map(({ key, isLatest, isDeleteMarker }) => [key.at(-1), isLatest, isDeleteMarker])).toEqual([
        ["a", true, true],
        ["a", false, false],
        ["b", true, false],
      ]);
      expect(await failure(s3.headObject({ bucket, key: `${prefix}/a` }))).toMatchObject({ kind: "not-found" });
      const versionId = versions[1]?.versionId ?? "";
      expect((await s3.getText({ bucket, key: `${prefix}/a`, versionId }, 100)).text).toBe("hidden");
    });

    it("an upload is a ledger: begun, filled, and completed once", async () => {
      const world = await open();
      const { s3, bucket, now } = world;
      const key = aKey();
      const lock = lockFrom(now());
      const order = {
        bucket,
        key,
        contentType: "application/gzip",
        metadata: {},
        storageClass: "GLACIER",
        lock,
      } as const;
      const rival = await s3.createUpload(order);
      expect(await s3.listUploads(bucket, key)).toMatchObject([{ ...rival, storageClass: "GLACIER" }]);
      expect(await s3.listParts(rival)).toEqual([]);
      await sendPart(world, rival, 1, PARTS[1] ?? Buffer.alloc(0));

      const { upload, parts, completed } = await uploaded(world, key, { storageClass: "GLACIER", lock });
      if (completed === "taken") throw new Error("the key was free");
      expect(parts).toMatchObject(
        PARTS.map((bytes, index) => ({
          number: index + 1,
          sizeBytes: bytes.length,
          sha256: sha256(bytes).toString("hex"),
        })),
      );
      expect(await failure(s3.listParts(upload))).toMatchObject({ kind: "not-found" });
      expect(await s3.completeUpload({ ...rival, parts: await s3.listParts(rival) })).toBe("taken");

      const address = { bucket, key, ...(completed.versionId === null ? {} : { versionId: completed.versionId }) };
      expect(await s3.headObject(address)).toMatchObject({
        ...completed,
        sizeBytes: 5 * MIB + (PARTS[1]?.length ?? 0),
        storageClass: known("GLACIER"),
        lock: known(lock),
        thaw: known(null),
        kmsKeyArn: known(null),
        metadata: { snapshot: "66f0" },
      });
      expect(await s3.getAttributes(address)).toEqual({
        sizeBytes: 5 * MIB + (PARTS[1]?.length ?? 0),
        checksum: {
          kind: "composite",
          parts: 2,
          sha256: sha256(...PARTS.map((bytes) => sha256(bytes))).toString("hex"),
        },
        parts: parts.map(({ number, sizeBytes, sha256: digest }) => ({ number, sizeBytes, sha256: digest })),
      });

      await s3.abortUpload(rival);
      expect(await s3.listUploads(bucket, key)).toEqual([]);
      expect(await failure(s3.abortUpload(rival))).toMatchObject({ kind: "not-found" });
    });

    it("completion with other parts than arrived is refused", async () => {
      const world = await open();
      const { s3, bucket } = world;
      const upload = await s3.createUpload({ bucket, key: aKey(), contentType: "text/plain", metadata: {}, ...PLAIN });
      await sendPart(world, upload, 1, Buffer.from("arrived"));
      const [part] = await s3.listParts(upload);
      if (part === undefined) throw new Error("a part was sent");
      const other = { ...part, sha256: sha256("something else").toString("hex") };
      expect(await failure(s3.completeUpload({ ...upload, parts: [other] }))).toMatchObject({ kind: "rejected" });
      const longer = { ...part, sizeBytes: part.sizeBytes + 1 };
      expect(await failure(s3.completeUpload({ ...upload, parts: [longer] }))).toMatchObject({ kind: "rejected" });
      expect(await s3.completeUpload({ ...upload, parts: [part] })).toMatchObject({ etag: expect.any(String) });
    });

    it("a copy on the side of S3 is hashed there, kept as asked, and never over another", async () => {
      const world = await open();
      const { s3, bucket, now } = world;
      const from = { bucket, key: `${aKey()}/with space & ü+.json` };
      await putAt(world, from.key, "hello");
      const key = aKey();
      const lock = lockFrom(now());
      const order = { from, bucket, key, metadata: { via: "export" }, storageClass: "GLACIER_IR", lock } as const;
      expect(await s3.copyObject(order)).toMatchObject({ sha256: sha256("hello").toString("hex") });
      expect(await s3.headObject({ bucket, key })).toMatchObject({
        sizeBytes: 5,
        storageClass: known("GLACIER_IR"),
        lock: known(lock),
        metadata: { via: "export" },
      });
      expect(await s3.copyObject(order)).toBe("taken");
    });

    it("parts are copied by their ranges", async () => {
      const world = await open();
      const { s3, bucket } = world;
      const from = { bucket, key: aKey() };
      await uploaded(world, from.key, PLAIN);
      const upload = await s3.createUpload({ bucket, key: aKey(), contentType: "text/plain", metadata: {}, ...PLAIN });
      const copied = await s3.copyPart({ ...upload, from, number: 1, range: [5 * MIB + 4, 5 * MIB + 7] });
      expect(copied).toMatchObject({ number: 1, sizeBytes: 4, sha256: sha256("last").toString("hex") });
      expect(await s3.listParts(upload)).toMatchObject([{ number: 1, sizeBytes: 4, sha256: copied.sha256 }]);
      expect(await s3.completeUpload({ ...upload, parts: [copied] })).toMatchObject({ etag: expect.any(String) });
    });

    it("an archived object is read only once it is thawed", async () => {
      const world = await open();
      const { s3, bucket, advance, now } = world;
      const key = aKey();
      await s3.putText({
        bucket,
        key,
        text: "cold",
        contentType: "text/plain",
        condition: "absent",
        storageClass: "DEEP_ARCHIVE",
        lock: null,
      });
      const address = { bucket, key };
      expect(await failure(s3.getText(address, 100))).toMatchObject({ kind: "rejected" });
      expect(await failure(s3.restoreObject(address, { tier: "expedited", days: 1 }))).toMatchObject({
        kind: "rejected",
      });
      expect(await s3.restoreObject(address, { tier: "standard", days: 2 })).toBe("started");
      expect((await s3.headObject(address)).thaw).toEqual(known({ state: "ongoing" }));
      expect(await s3.restoreObject(address, { tier: "standard", days: 2 })).toBe("in-progress");
      expect(await failure(s3.getText(address, 100))).toMatchObject({ kind: "rejected" });
      advance(13 * HOUR_MS);
      const { thaw } = await s3.headObject(address);
      if (!thaw.known || thaw.value?.state !== "ready") throw new Error(`not ready: ${JSON.stringify(thaw)}`);
      expect(thaw.value.until.getTime()).toBeGreaterThan(now().getTime() + DAY_MS);
      expect((await s3.getText(address, 100)).text).toBe("cold");
      expect(await s3.restoreObject(address, { tier: "standard", days: 9 })).toBe("extended");
      advance(20 * DAY_MS);
      expect((await s3.headObject(address)).thaw).toEqual(known(null));
      expect(await failure(s3.getText(address, 100))).toMatchObject({ kind: "rejected" });
    });
  });
}
