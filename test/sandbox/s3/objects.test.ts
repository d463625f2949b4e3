/** Objects in one piece: stored with proof, read by range, versioned, hidden and deleted. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type StorageClass,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { BUCKET, PLAIN, refusal, startS3 } from "./harness.ts";

const TEXT = "the quick brown fox";
const SHA256 = createHash("sha256").update(TEXT).digest("base64");
const MD5 = createHash("md5").update(TEXT).digest("hex");
const at = { Bucket: BUCKET, Key: "a folder/ключ+1.json" };

describe("an object", () => {
  test("comes back as it was stored, with all that was said of it", async () => {
    const { client } = await startS3();
    const put = await client.send(
      new PutObjectCommand({
        ...at,
        Body: TEXT,
        ContentType: "application/json",
        ContentEncoding: "identity",
        Metadata: { snapshot: "6b03" },
        StorageClass: "STANDARD_IA",
        ChecksumAlgorithm: "SHA256",
      }),
    );
    expect(put).toMatchObject({ ETag: `"${MD5}"`, ChecksumSHA256: SHA256, ServerSideEncryption: "AES256" });
    const got = await client.send(new GetObjectCommand({ ...at, ChecksumMode: "ENABLED" }));
    expect(await got.Body?.transformToString()).toBe(TEXT);
    const told = {
      VersionId: put.VersionId,
      ContentType: "application/json",
      ContentEncoding: "identity",
      Metadata: { snapshot: "6b03" },
      StorageClass: "STANDARD_IA",
      ChecksumSHA256: SHA256,
      ChecksumType: "FULL_OBJECT",
      ContentLength: TEXT.length,
      LastModified: new Date("2026-11-22T10:30:20Z"),
    };
    expect(got).toMatchObject(told);
    expect(await client.send(new HeadObjectCommand({ ...at, ChecksumMode: "ENABLED" }))).toMatchObject(told);
    expect(got.$metadata.requestId).toMatch(/^[0-9A-F]{16}$/);
  });

  test("may be empty", async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at, Body: new Uint8Array() }));
    const got = await client.send(new GetObjectCommand(at));
    expect(got.ContentLength).toBe(0);
    expect(await got.Body?.transformToString()).toBe("");
  });

  test.each([
    ["bytes=0-2", "the", "bytes 0-2/19"],
    ["bytes=4-8", "quick", "bytes 4-8/19"],
    ["bytes=16-", "fox", "bytes 16-18/19"],
    ["bytes=-3", "fox", "bytes 16-18/19"],
    ["bytes=16-999", "fox", "bytes 16-18/19"],
    ["bytes=-999", TEXT, "bytes 0-18/19"],
  ])("is read by the range %s", async (Range, text, ContentRange) => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at, Body: TEXT }));
    const got = await client.send(new GetObjectCommand({ ...at, Range }));
    expect(await got.Body?.transformToString()).toBe(text);
    expect(got).toMatchObject({ ContentRange, ContentLength: text.length, $metadata: { httpStatusCode: 206 } });
  });

  test("ends where it ends", async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at, Body: TEXT }));
    for (const Range of ["bytes=19-", "bytes=19-20", "bytes=-0"])
      expect(await refusal(client.send(new GetObjectCommand({ ...at, Range })))).toEqual({
        name: "InvalidRange",
        status: 416,
      });
  });

  test("that is not there, or whose bucket is not", async () => {
    const { client } = await startS3();
    expect(await refusal(client.send(new GetObjectCommand(at)))).toEqual({ name: "NoSuchKey", status: 404 });
    expect(await refusal(client.send(new HeadObjectCommand(at)))).toEqual({ name: "NotFound", status: 404 });
    const elsewhere = { ...at, Bucket: "nobody-has-this" };
    expect(await refusal(client.send(new GetObjectCommand(elsewhere)))).toEqual({ name: "NoSuchBucket", status: 404 });
    expect(await refusal(client.send(new GetObjectCommand({ ...at, VersionId: "x" })))).toMatchObject({ status: 404 });
  });

  test.each([
    ["x".repeat(1025), {}, "KeyTooLongError"],
    ["k", { Metadata: { much: "x".repeat(2048) } }, "MetadataTooLarge"],
    ["k", { StorageClass: "SNOW" as StorageClass }, "InvalidRequest"],
    ["k", { Tagging: "a=b" }, "NotImplemented"],
    ["k", { ObjectLockLegalHoldStatus: "ON" as const }, "NotImplemented"],
    ["k", { ACL: "public-read" as const }, "NotImplemented"],
    ["k", { ExpectedBucketOwner: "444455556666" }, "AccessDenied"],
  ])("%#: is refused", async (Key, rest, name) => {
    const { client } = await startS3();
    expect(await refusal(client.send(new PutObjectCommand({ ...at, Key, Body: TEXT, ...rest })))).toMatchObject({
      name,
    });
  });
});

describe("what is said of a body must be so", () => {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(TEXT));
  test.each<[string, Partial<PutObjectCommandInput>]>([
    ["MD5", { ContentMD5: Buffer.from(MD5, "hex").toString("base64") }],
    ["CRC32", { ChecksumCRC32: crc.toString("base64") }],
    ["SHA-256", { ChecksumSHA256: SHA256 }],
    ["CRC64NVME", { ChecksumAlgorithm: "CRC64NVME" }],
  ])("%s that is right", async (_name, rest) => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at, Body: TEXT, ...rest }));
    expect((await client.send(new HeadObjectCommand(at))).ContentLength).toBe(TEXT.length);
  });

  test.each<[string, Partial<PutObjectCommandInput>, string]>([
    ["MD5", { ContentMD5: Buffer.alloc(16).toString("base64") }, "BadDigest"],
    ["MD5 that is none", { ContentMD5: "abc" }, "InvalidDigest"],
    ["CRC32", { ChecksumCRC32: "AAAAAA==" }, "BadDigest"],
    ["CRC32 that is none", { ChecksumCRC32: "AAAA" }, "InvalidRequest"],
    ["CRC64NVME", { ChecksumCRC64NVME: "AAAAAAAAAAA=" }, "BadDigest"],
    ["SHA-256", { ChecksumSHA256: Buffer.alloc(32).toString("base64") }, "BadDigest"],
    ["two at once", { ChecksumSHA256: SHA256, ChecksumCRC32: crc.toString("base64") }, "InvalidRequest"],
    ["CRC32C, which is not known here", { ChecksumCRC32C: "AAAAAA==" }, "NotImplemented"],
  ])("a wrong %s stores nothing", async (_name, rest, name) => {
    const { client } = await startS3();
    expect(await refusal(client.send(new PutObjectCommand({ ...at, Body: TEXT, ...rest })))).toMatchObject({ name });
    expect(await refusal(client.send(new HeadObjectCommand(at)))).toMatchObject({ status: 404 });
  });
});

describe("conditions", () => {
  test("a key that is taken is not overwritten, one that is hidden counts as free", async () => {
    const { client } = await startS3();
    const once = () => client.send(new PutObjectCommand({ ...at, Body: TEXT, IfNoneMatch: "*" }));
    await once();
    expect(await refusal(once())).toEqual({ name: "PreconditionFailed", status: 412 });
    await client.send(new DeleteObjectCommand(at));
    await once();
  });

  test("of two at once one wins", async () => {
    const { client } = await startS3();
    const once = () => client.send(new PutObjectCommand({ ...at, Body: TEXT, IfNoneMatch: "*" }));
    const ends = await Promise.allSettled(Array.from({ length: 8 }, once));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("a version is replaced only by who knows it", async () => {
    const { client } = await startS3();
    const put = (IfMatch: string, Body: string) => client.send(new PutObjectCommand({ ...at, Body, IfMatch }));
    expect(await refusal(put(`"${MD5}"`, "1"))).toEqual({ name: "NoSuchKey", status: 404 });
    await client.send(new PutObjectCommand({ ...at, Body: TEXT }));
    await put(`"${MD5}"`, "2");
    expect(await refusal(put(`"${MD5}"`, "3"))).toEqual({ name: "PreconditionFailed", status: 412 });
  });

  test("a body is read only while it is the same", async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at, Body: TEXT }));
    await client.send(new GetObjectCommand({ ...at, IfMatch: `"${MD5}"` }));
    const other = `"${"0".repeat(32)}"`;
    expect(await refusal(client.send(new GetObjectCommand({ ...at, IfMatch: other })))).toMatchObject({ status: 412 });
    expect(await refusal(client.send(new HeadObjectCommand({ ...at, IfNoneMatch: `"${MD5}"` })))).toMatchObject({
      status: 304,
    });
  });
});

describe("versions", () => {
  test("are all there, newest first, and each can be read", async () => {
    const { client } = await startS3();
    const ids: (string | undefined)[] = [];
    for (const Body of ["one", "two"]) ids.push((await client.send(new PutObjectCommand({ ...at, Body }))).VersionId);
    const first = await client.send(new GetObjectCommand({ ...at, VersionId: ids[0] }));
    expect(await first.Body?.transformToString()).toBe("one");
    const marker = await client.send(new DeleteObjectCommand(at));
    expect(marker.DeleteMarker).toBe(true);
    expect(await refusal(client.send(new GetObjectCommand(at)))).toMatchObject({ name: "NoSuchKey" });
    expect(await refusal(client.send(new GetObjectCommand({ ...at, VersionId: marker.VersionId })))).toMatchObject({
      status: 405,
    });
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
    expect(listed.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [ids[1], false],
      [ids[0], false],
    ]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);
    await client.send(new DeleteObjectCommand({ ...at, VersionId: marker.VersionId }));
    expect(await (await client.send(new GetObjectCommand(at))).Body?.transformToString()).toBe("two");
    await client.send(new DeleteObjectCommand({ ...at, VersionId: ids[1] }));
    expect(await (await client.send(new GetObjectCommand(at))).Body?.transformToString()).toBe("one");
  });

  test("without versioning there is one, and it is overwritten and deleted for good", async () => {
    const { client } = await startS3();
    const plain = { Bucket: PLAIN, Key: "k" };
    expect((await client.send(new PutObjectCommand({ ...plain, Body: "one" }))).VersionId).toBeUndefined();
    await client.send(new PutObjectCommand({ ...plain, Body: "two" }));
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket: PLAIN }));
    expect(listed.Versions).toMatchObject([{ VersionId: "null", Size: 3 }]);
    await client.send(new DeleteObjectCommand(plain));
    expect((await client.send(new ListObjectVersionsCommand({ Bucket: PLAIN }))).Versions).toBeUndefined();
  });

  test("suspended: only the version without an id is replaced", async () => {
    const { client } = await startS3();
    const plain = { Bucket: PLAIN, Key: "k" };
    const set = (Status: "Enabled" | "Suspended") =>
      client.send(new PutBucketVersioningCommand({ Bucket: PLAIN, VersioningConfiguration: { Status } }));
    await client.send(new PutObjectCommand({ ...plain, Body: "one" }));
    await set("Enabled");
    const { VersionId } = await client.send(new PutObjectCommand({ ...plain, Body: "two" }));
    await set("Suspended");
    expect((await client.send(new PutObjectCommand({ ...plain, Body: "three" }))).VersionId).toBe("null");
    const ids = async () => {
      const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: PLAIN }));
      return [Versions, DeleteMarkers].map((entries) => entries.map((entry) => entry.VersionId));
    };
    expect(await ids()).toEqual([["null", VersionId], []]);
    await client.send(new DeleteObjectCommand(plain));
    expect(await ids()).toEqual([[VersionId], ["null"]]);
  });
});

describe("a copy", () => {
  test("is made of a version, with headers of its own or those of the source", async () => {
    const { client } = await startS3();
    const { VersionId } = await client.send(
      new PutObjectCommand({ ...at, Body: TEXT, ContentType: "text/x", Metadata: { a: "1" } }),
    );
    await client.send(new PutObjectCommand({ ...at, Body: "newer" }));
    const CopySource = `${BUCKET}/${encodeURIComponent(at.Key)}?versionId=${VersionId}`;
    const to = { Bucket: PLAIN, Key: "copy" };
    const copied = await client.send(
      new CopyObjectCommand({
        ...to,
        CopySource,
        ChecksumAlgorithm: "SHA256",
        StorageClass: "GLACIER_IR",
        IfNoneMatch: "*",
      }),
    );
    expect(copied).toMatchObject({
      CopySourceVersionId: VersionId,
      CopyObjectResult: { ETag: `"${MD5}"`, ChecksumSHA256: SHA256 },
    });
    expect(await client.send(new HeadObjectCommand(to))).toMatchObject({
      ContentType: "text/x",
      Metadata: { a: "1" },
      StorageClass: "GLACIER_IR",
    });
    const again = new CopyObjectCommand({ ...to, CopySource, IfNoneMatch: "*" });
    expect(await refusal(client.send(again))).toMatchObject({ status: 412 });
    await client.send(new CopyObjectCommand({ ...to, CopySource, MetadataDirective: "REPLACE", Metadata: { b: "2" } }));
    expect((await client.send(new HeadObjectCommand(to))).Metadata).toEqual({ b: "2" });
  });

  test("outlives its source", async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ Bucket: PLAIN, Key: "a", Body: TEXT }));
    await client.send(new CopyObjectCommand({ Bucket: PLAIN, Key: "b", CopySource: `${PLAIN}/a` }));
    await client.send(new DeleteObjectCommand({ Bucket: PLAIN, Key: "a" }));
    const got = await client.send(new GetObjectCommand({ Bucket: PLAIN, Key: "b" }));
    expect(await got.Body?.transformToString()).toBe(TEXT);
  });

  test.each([
    ["nowhere/a", {}, "NoSuchBucket"],
    [`${PLAIN}/b`, {}, "NoSuchKey"],
    [`${PLAIN}/a`, {}, "InvalidRequest"],
    ["a", {}, "InvalidArgument"],
    [`${PLAIN}/a`, { CopySourceIfMatch: '"x"', StorageClass: "STANDARD_IA" as const }, "PreconditionFailed"],
  ])("of %s is refused", async (CopySource, rest, name) => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ Bucket: PLAIN, Key: "a", Body: TEXT }));
    const copy = new CopyObjectCommand({ Bucket: PLAIN, Key: "a", CopySource, ...rest });
    expect(await refusal(client.send(copy))).toMatchObject({ name });
  });
});

test("attributes of an object in one piece", async () => {
  const { client } = await startS3();
  await client.send(new PutObjectCommand({ ...at, Body: TEXT, ChecksumAlgorithm: "SHA256" }));
  const attributes = await client.send(
    new GetObjectAttributesCommand({
      ...at,
      ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"],
    }),
  );
  expect(attributes).toMatchObject({
    ETag: MD5,
    Checksum: { ChecksumSHA256: SHA256, ChecksumType: "FULL_OBJECT" },
    ObjectSize: TEXT.length,
    StorageClass: "STANDARD",
  });
  expect(attributes.ObjectParts).toBeUndefined();
});

test("what is written from inside the world is there for clients", async () => {
  const { client, s3 } = await startS3();
  await s3.putInternal(BUCKET, "exported/.complete", Buffer.from(""));
  await s3.putInternal(
    BUCKET,
    "exported/1.bson.gz",
    (async function* () {
      yield Buffer.from("ab");
      yield Buffer.from("c");
    })(),
  );
  const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "exported/1.bson.gz" }));
  expect(await got.Body?.transformToString()).toBe("abc");
  expect(got.ServerSideEncryption).toBe("AES256");
  await expect(s3.putInternal("nowhere", "k", Buffer.from(""))).rejects.toMatchObject({ kind: "not-found" });
});
