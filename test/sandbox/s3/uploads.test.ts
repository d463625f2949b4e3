/** Multipart uploads: the ledger of a push, so what it says and what it refuses must be as S3 does. */
import { createHash, randomBytes } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { startCrc } from "../../../src/sandbox/s3/crc.ts";
import { BUCKET, PLAIN, refusal, startS3 } from "./harness.ts";

const at = { Bucket: BUCKET, Key: "core/2026-10/data.tar.gz" };
const MIB = 1024 * 1024;
const FIRST = randomBytes(5 * MIB);
const LAST = randomBytes(1000);
const sha256 = (...bytes: Buffer[]) => createHash("sha256").update(Buffer.concat(bytes)).digest();
const crc = (name: "CRC32" | "CRC64NVME", bytes: Buffer) => {
  const running = startCrc(name);
  running.update(bytes);
  return running.digest().toString("base64");
};

type Algorithm = "SHA256" | "CRC32" | "CRC64NVME";

async function begin(
  client: S3Client,
  rest: Partial<CreateMultipartUploadCommandInput> = { ChecksumAlgorithm: "SHA256" },
) {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, ...rest }));
  return { ...at, UploadId };
}

async function send(
  client: S3Client,
  upload: Awaited<ReturnType<typeof begin>>,
  PartNumber: number,
  Body: Buffer,
  ChecksumAlgorithm: Algorithm = "SHA256",
) {
  const sent = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm }));
  const { ETag, ChecksumSHA256, ChecksumCRC32, ChecksumCRC64NVME } = sent;
  return { PartNumber, ETag, ChecksumSHA256, ChecksumCRC32, ChecksumCRC64NVME };
}

function complete(
  client: S3Client,
  upload: Awaited<ReturnType<typeof begin>>,
  Parts: readonly Partial<Awaited<ReturnType<typeof send>>>[],
  rest: Partial<CompleteMultipartUploadCommandInput> = {},
) {
  return client.send(
    new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [...Parts] }, ...rest }),
  );
}

describe("an upload", () => {
  test("becomes an object when it is completed, and not before", async () => {
    const { client } = await startS3();
    const upload = await begin(client, {
      ChecksumAlgorithm: "SHA256",
      StorageClass: "GLACIER_IR",
      Metadata: { run: "7" },
      ObjectLockMode: "COMPLIANCE",
      ObjectLockRetainUntilDate: new Date("2031-12-01T00:00:00Z"),
    });
    const last = await send(client, upload, 7, LAST);
    const first = await send(client, upload, 2, FIRST);
    expect(await refusal(client.send(new HeadObjectCommand(at)))).toMatchObject({ status: 404 });
    const done = await complete(client, upload, [first, last], {
      IfNoneMatch: "*",
      MpuObjectSize: FIRST.length + LAST.length,
    });
    const composite = `${sha256(sha256(FIRST), sha256(LAST)).toString("base64")}-2`;
    expect(done).toMatchObject({
      ChecksumSHA256: composite,
      ChecksumType: "COMPOSITE",
      ETag: expect.stringMatching(/^"[0-9a-f]{32}-2"$/),
    });
    expect(await client.send(new HeadObjectCommand({ ...at, ChecksumMode: "ENABLED" }))).toMatchObject({
      VersionId: done.VersionId,
      ContentLength: FIRST.length + LAST.length,
      StorageClass: "GLACIER_IR",
      Metadata: { run: "7" },
      ObjectLockMode: "COMPLIANCE",
      ObjectLockRetainUntilDate: new Date("2031-12-01T00:00:00Z"),
      ChecksumSHA256: composite,
    });
    const got = await client.send(new GetObjectCommand(at));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Buffer.concat([FIRST, LAST]))).toBe(true);
    const across = await client.send(
      new GetObjectCommand({ ...at, Range: `bytes=${FIRST.length - 2}-${FIRST.length + 1}` }),
    );
    expect(Buffer.from((await across.Body?.transformToByteArray()) ?? [])).toEqual(
      Buffer.concat([FIRST.subarray(-2), LAST.subarray(0, 2)]),
    );
    expect(await refusal(client.send(new ListPartsCommand(upload)))).toMatchObject({
      name: "NoSuchUpload",
      status: 404,
    });
  });

  test("tells its parts with their checksums, page by page; so does the object", async () => {
    const { client } = await startS3();
    const upload = await begin(client);
    const body = FIRST.subarray(0, 5 * MIB);
    const parts = [
      await send(client, upload, 1, body),
      await send(client, upload, 2, body),
      await send(client, upload, 4, LAST),
    ];
    const page1 = await client.send(new ListPartsCommand({ ...upload, MaxParts: 2 }));
    expect(page1).toMatchObject({
      IsTruncated: true,
      NextPartNumberMarker: "2",
      ChecksumAlgorithm: "SHA256",
      ChecksumType: "COMPOSITE",
    });
    const page2 = await client.send(new ListPartsCommand({ ...upload, PartNumberMarker: "2" }));
    expect(page2.IsTruncated).toBe(false);
    const told = [...(page1.Parts ?? []), ...(page2.Parts ?? [])];
    expect(told.map(({ PartNumber, ETag, Size, ChecksumSHA256 }) => [PartNumber, ETag, Size, ChecksumSHA256])).toEqual(
      parts.map(({ PartNumber, ETag, ChecksumSHA256 }, index) => [
        PartNumber,
        ETag,
        index < 2 ? body.length : LAST.length,
        ChecksumSHA256,
      ]),
    );
    await complete(client, upload, parts);
    const whole = (await client.send(new HeadObjectCommand({ ...at, ChecksumMode: "ENABLED" }))).ChecksumSHA256;
    const ask = (rest: object) =>
      client.send(new GetObjectAttributesCommand({ ...at, ObjectAttributes: ["ObjectParts", "Checksum"], ...rest }));
    const first = await ask({ MaxParts: 2 });
    expect(first.ObjectParts).toMatchObject({ TotalPartsCount: 3, IsTruncated: true, NextPartNumberMarker: "2" });
    expect(`${first.Checksum?.ChecksumSHA256}-3`).toBe(whole); // only here it stands without the number of parts
    const rest = await ask({ PartNumberMarker: "2" });
    expect(rest.ObjectParts).toMatchObject({ TotalPartsCount: 3, IsTruncated: false, MaxParts: 1000 });
    const leaves = [...(first.ObjectParts?.Parts ?? []), ...(rest.ObjectParts?.Parts ?? [])];
    expect(leaves.map((leaf) => leaf.ChecksumSHA256)).toEqual(parts.map((part) => part.ChecksumSHA256));
  });

  test.each(["CRC32", "CRC64NVME"] as const)("is summed up as a whole by %s where that is asked", async (name) => {
    const { client } = await startS3();
    const upload = await begin(client, { ChecksumAlgorithm: name, ChecksumType: "FULL_OBJECT" });
    const parts = [await send(client, upload, 1, FIRST, name), await send(client, upload, 2, LAST, name)];
    const whole = crc(name, Buffer.concat([FIRST, LAST]));
    const wrong = { [`Checksum${name}`]: crc(name, LAST) };
    expect(await refusal(complete(client, upload, parts, wrong))).toMatchObject({ name: "BadDigest" });
    const done = await complete(client, upload, parts, { [`Checksum${name}`]: whole });
    expect(done).toMatchObject({ [`Checksum${name}`]: whole, ChecksumType: "FULL_OBJECT" });
  });

  test("a part that is sent again takes the place of the one before", async () => {
    const { client } = await startS3();
    const upload = await begin(client);
    const before = await send(client, upload, 1, LAST);
    const after = await send(client, upload, 1, LAST.subarray(1));
    expect(await refusal(complete(client, upload, [before]))).toMatchObject({ name: "InvalidPart" });
    await complete(client, upload, [after]);
    expect((await client.send(new HeadObjectCommand(at))).ContentLength).toBe(LAST.length - 1);
  });

  test("may be completed once more, and is what it was", async () => {
    const { client } = await startS3();
    const upload = await begin(client);
    const part = await send(client, upload, 1, LAST);
    const done = await complete(client, upload, [part], { IfNoneMatch: "*" });
    expect(await complete(client, upload, [part], { IfNoneMatch: "*" })).toMatchObject({
      VersionId: done.VersionId,
      ETag: done.ETag,
    });
  });

  test("aborted it is gone", async () => {
    const { client } = await startS3();
    const upload = await begin(client);
    await send(client, upload, 1, LAST);
    await client.send(new AbortMultipartUploadCommand(upload));
    const gone = { name: "NoSuchUpload", status: 404 };
    expect(await refusal(send(client, upload, 2, LAST))).toEqual(gone);
    expect(await refusal(client.send(new AbortMultipartUploadCommand(upload)))).toEqual(gone);
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads).toBeUndefined();
  });

  test("is of its key alone", async () => {
    const { client } = await startS3();
    const upload = await begin(client);
    expect(await refusal(send(client, { ...upload, Key: "other" }, 1, LAST))).toMatchObject({ name: "NoSuchUpload" });
  });
});

describe("a completion is refused", () => {
  test("where parts are out of order, too small, unknown or without their checksum", async () => {
    const { client } = await startS3();
    const upload = await begin(client);
    const small = await send(client, upload, 1, LAST);
    const big = await send(client, upload, 2, FIRST);
    const last = await send(client, upload, 3, LAST);
    const refusals: [readonly Partial<typeof small>[], string][] = [
      [[last, big], "InvalidPartOrder"],
      [[big, big], "InvalidPartOrder"],
      [[small, last], "EntityTooSmall"],
      [[big, { ...last, PartNumber: 4 }], "InvalidPart"],
      [[big, { ...last, ETag: small.ETag ?? "", ChecksumSHA256: big.ChecksumSHA256 }], "InvalidPart"],
      [[big, { PartNumber: 3, ETag: last.ETag }], "InvalidRequest"],
      [[], "MalformedXML"],
    ];
    for (const [parts, name] of refusals)
      expect(await refusal(complete(client, upload, parts)), name).toMatchObject({ name, status: 400 });
    expect(await refusal(complete(client, upload, [big, last], { MpuObjectSize: 1 }))).toMatchObject({
      name: "InvalidRequest",
    });
    await complete(client, upload, [big, last]);
  });

  test("where the key is taken by then; the upload stays", async () => {
    const { client } = await startS3();
    const upload = await begin(client);
    const part = await send(client, upload, 1, LAST);
    await client.send(new PutObjectCommand({ ...at, Body: "another" }));
    expect(await refusal(complete(client, upload, [part], { IfNoneMatch: "*" }))).toEqual({
      name: "PreconditionFailed",
      status: 412,
    });
    expect((await client.send(new ListPartsCommand(upload))).Parts).toHaveLength(1);
  });
});

describe("a part is refused", () => {
  test.each([0, 10_001])("of the number %d", async (number) => {
    const { client } = await startS3();
    expect(await refusal(send(client, await begin(client), number, LAST))).toMatchObject({ name: "InvalidArgument" });
  });

  test("whose checksum is not that of the upload, or of its bytes", async () => {
    const { client } = await startS3();
    const upload = await begin(client);
    expect(await refusal(send(client, upload, 1, LAST, "CRC32"))).toMatchObject({ name: "InvalidRequest" });
    const wrong = { ...upload, PartNumber: 1, Body: LAST, ChecksumSHA256: sha256(FIRST).toString("base64") };
    expect(await refusal(client.send(new UploadPartCommand(wrong)))).toMatchObject({ name: "BadDigest" });
    expect((await client.send(new ListPartsCommand(upload))).Parts).toBeUndefined();
  });

  test.each([
    [{ ChecksumAlgorithm: "SHA256", ChecksumType: "FULL_OBJECT" }],
    [{ ChecksumAlgorithm: "CRC64NVME", ChecksumType: "COMPOSITE" }],
  ] as const)("and so is an upload summed up as %j", async (rest) => {
    const { client } = await startS3();
    expect(await refusal(begin(client, rest))).toMatchObject({ name: "InvalidRequest" });
  });
});

describe("a part copied on the side of S3", () => {
  test("is a range of an object, with its checksum", async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ Bucket: PLAIN, Key: "source", Body: FIRST }));
    const upload = await begin(client);
    const copy = (PartNumber: number, CopySourceRange: string) =>
      client.send(new UploadPartCopyCommand({ ...upload, PartNumber, CopySource: `${PLAIN}/source`, CopySourceRange }));
    const { CopyPartResult } = await copy(1, "bytes=1000-1999");
    const range = FIRST.subarray(1000, 2000);
    expect(CopyPartResult).toMatchObject({ ChecksumSHA256: sha256(range).toString("base64") });
    expect(await refusal(copy(2, `bytes=0-${FIRST.length}`))).toMatchObject({ name: "InvalidArgument" });
    await complete(client, upload, [{ PartNumber: 1, ...CopyPartResult }]);
    const got = await client.send(new GetObjectCommand(at));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(range);
  });
});

test("without an algorithm parts are proved all the same", async () => {
  const { client } = await startS3();
  const upload = await begin(client, {});
  const bad = { ...upload, PartNumber: 1, Body: LAST, ChecksumCRC32: "AAAAAA==" };
  expect(await refusal(client.send(new UploadPartCommand(bad)))).toMatchObject({ name: "BadDigest" });
  const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: LAST })); // with CRC32, by default
  await complete(client, upload, [{ PartNumber: 1, ETag }]);
  expect((await client.send(new HeadObjectCommand(at))).ContentLength).toBe(LAST.length);
});
