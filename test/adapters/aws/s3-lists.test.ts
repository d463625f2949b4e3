import { describe, expect, it } from "vitest";
import { connectToS3, failure, inTurn, LIMITS, refused, type S3Answer, serve } from "./harness.ts";

const BUCKET = "litally-archive";
const PREFIX = "atlas/core/";
const AT = "2026-11-01T03:00:00.000Z";
const UPLOAD = { bucket: BUCKET, key: `${PREFIX}rs0.tar.gz`, uploadId: "u-1" };
const SHA = {
  base64: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
  hex: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
};

const elements = (members: Readonly<Record<string, string | undefined>>) =>
  Object.entries(members)
    .map(([name, value]) => (value === undefined ? "" : `<${name}>${value}</${name}>`))
    .join("");

type Members = Readonly<Record<string, string | undefined>>;
const version = (key: string, more: Members = {}) =>
  `<Version>${elements({ Key: key, VersionId: "v1", IsLatest: "true", LastModified: AT, Size: "5", StorageClass: "GLACIER", ETag: '"e"', ...more })}</Version>`;
const deleteMarker = (key: string, more: Members = {}) =>
  `<DeleteMarker>${elements({ Key: key, VersionId: "v2", IsLatest: "true", LastModified: AT, ...more })}</DeleteMarker>`;
const upload = (key: string, more: Members = {}) =>
  `<Upload>${elements({ Key: key, UploadId: "u-1", Initiated: AT, StorageClass: "GLACIER", ...more })}</Upload>`;
const part = (number: number, more: Members = {}) =>
  `<Part>${elements({ PartNumber: String(number), Size: "5", ETag: '"e"', LastModified: AT, ChecksumSHA256: SHA.base64, ...more })}</Part>`;

const list = (root: string, content: string, next?: Members): S3Answer => ({
  body: `<${root}><IsTruncated>${next !== undefined}</IsTruncated>${elements(next ?? {})}${content}</${root}>`,
});
const versions = (content: string, next?: Members) => list("ListVersionsResult", content, next);
const uploads = (content: string, next?: Members) => list("ListMultipartUploadsResult", content, next);
const parts = (content: string, next?: Members) => list("ListPartsResult", content, next);

type Lists = ReturnType<typeof connectToS3>;
const LISTS = [
  {
    name: "versions",
    read: (s3: Lists) => s3.listVersions(BUCKET, PREFIX),
    page: (number: number, next?: Members) => versions(version(`${PREFIX}${number}`), next),
    next: { NextKeyMarker: "k", NextVersionIdMarker: "v" },
    action: "s3:ListBucketVersions",
  },
  {
    name: "uploads",
    read: (s3: Lists) => s3.listUploads(BUCKET, PREFIX),
    page: (number: number, next?: Members) => uploads(upload(`${PREFIX}${number}`), next),
    next: { NextKeyMarker: "k", NextUploadIdMarker: "u" },
    action: "s3:ListBucketMultipartUploads",
  },
  {
    name: "parts",
    read: (s3: Lists) => s3.listParts(UPLOAD),
    page: (number: number, next?: Members) => parts(part(number), next),
    next: { NextPartNumberMarker: "1000" },
    action: "s3:ListMultipartUploadParts",
  },
] as const;

describe.each(LISTS)("a list of $name", ({ read, page, next, action }) => {
  const readFrom = async (...answers: readonly S3Answer[]) => read(connectToS3(await serve(inTurn(...answers))));

  it("is followed to its end, from marker to marker, of the policy's account", async () => {
    const server = await serve(
      inTurn(page(1, next), page(2, { ...next, [Object.keys(next)[0] ?? ""]: "2000" }), page(3)),
    );
    expect(await read(connectToS3(server))).toHaveLength(3);
    expect(server.seen).toHaveLength(3);
    for (const { headers } of server.seen) expect(headers["x-amz-expected-bucket-owner"]).toBe("111122223333");
    const asked = server.seen.map(({ url }) => Object.values(next).filter((word) => url.includes(`=${word}`)).length);
    expect([asked[0], asked[1]]).toEqual([0, Object.keys(next).length]);
    expect(server.seen[2]?.url).toContain("=2000");
  });

  it("may be empty", async () => {
    expect(await readFrom({ body: "<R><IsTruncated>false</IsTruncated></R>" })).toEqual([]);
  });

  it.each(Object.keys(next))("that promises more without %s is no list", async (marker) => {
    const error = await failure(readFrom(page(1, { ...next, [marker]: undefined }), page(2)));
    expect(error).toMatchObject({ kind: "protocol", message: expect.stringContaining("but not where") });
    expect((await failure(readFrom(page(1, { ...next, [marker]: "" }), page(2)))).kind).toBe("protocol");
  });

  it("that leads back to where it was is no list", async () => {
    const error = await failure(readFrom(page(1, next), page(2, next)));
    expect(error).toMatchObject({ kind: "protocol", message: expect.stringContaining("leads back") });
  });

  it.each([
    ["a page of HTML", "<html><body>Sign in</body></html>"],
    ["nothing", ""],
    ["half an answer", "<R><IsTruncated>false</IsTruncated>"],
    ["an answer that does not say whether it is whole", "<R></R>"],
  ])("is not %s", async (_what, body) => {
    expect(await failure(readFrom({ body }))).toMatchObject({ kind: "protocol" });
  });

  it("is whole or an error: a later page that fails, fails it", async () => {
    const error = await failure(readFrom(page(1, next), refused(403, "AccessDenied")));
    expect(error).toMatchObject({ kind: "auth", hint: expect.stringContaining(`grant ${action} on s3://${BUCKET}/`) });
  });

  it("is asked again where S3 asks to slow down, and after a reset", async () => {
    const server = await serve((request, response) => {
      if (server.seen.length === 1) inTurn(refused(503, "SlowDown"))(request, response);
      else if (server.seen.length === 2) response.socket?.resetAndDestroy();
      else inTurn(page(1))(request, response);
    });
    expect(await read(connectToS3(server, { limits: { ...LIMITS, attempts: 3 } }))).toHaveLength(1);
    expect(server.seen).toHaveLength(3);
  });
});

describe("versions", () => {
  const listed = async (...answers: readonly S3Answer[]) =>
    connectToS3(await serve(inTurn(...answers))).listVersions(BUCKET, PREFIX);

  it("and delete markers stand by key, the newest first", async () => {
    const page = versions(
      version(`${PREFIX}a`, { IsLatest: "false" }) + version(`${PREFIX}b`) + deleteMarker(`${PREFIX}a`),
    );
    const found = await listed(page);
    expect(found.map(({ key, versionId, isDeleteMarker }) => [key, versionId, isDeleteMarker])).toEqual([
      [`${PREFIX}a`, "v2", true],
      [`${PREFIX}a`, "v1", false],
      [`${PREFIX}b`, "v1", false],
    ]);
    expect(found[1]).toEqual({
      key: `${PREFIX}a`,
      versionId: "v1",
      isLatest: false,
      isDeleteMarker: false,
      lastModifiedAt: new Date(AT),
      sizeBytes: 5,
      storageClass: "GLACIER",
      etag: '"e"',
    });
    expect(found[0]).toMatchObject({ sizeBytes: null, storageClass: null, etag: null });
  });

  it.each([
    ["Key", undefined],
    ["VersionId", undefined],
    ["IsLatest", undefined],
    ["LastModified", undefined],
    ["LastModified", "yesterday"],
    ["Size", undefined],
    ["Size", "much"],
    ["Size", "-1"],
    ["StorageClass", undefined],
    ["ETag", undefined],
    ["Key", "another/prefix"],
  ])("whose %s is %s are not read", async (member, value) => {
    expect(await failure(listed(versions(version(`${PREFIX}a`, { [member]: value }))))).toMatchObject({
      kind: "protocol",
    });
  });
});

it("a list that never ends is given up", async () => {
  const server = await serve((request, response) => {
    const markers = { NextKeyMarker: `k${server.seen.length}`, NextUploadIdMarker: "u" };
    inTurn(uploads("", markers))(request, response);
  });
  const error = await failure(connectToS3(server).listUploads(BUCKET, PREFIX));
  expect(error).toMatchObject({ kind: "protocol", message: expect.stringContaining("more than 1000 pages") });
});

describe("uploads", () => {
  const listed = async (...answers: readonly S3Answer[]) =>
    connectToS3(await serve(inTurn(...answers))).listUploads(BUCKET, PREFIX);

  it.each([
    ["<ID>arn:aws:iam::1:user/ci</ID><DisplayName>ci</DisplayName>", "ci"],
    ["<ID>arn:aws:iam::1:user/ci</ID>", "arn:aws:iam::1:user/ci"],
    [undefined, null],
  ])("say who began them: %s", async (Initiator, initiator) => {
    expect(await listed(uploads(upload(`${PREFIX}a`, { Initiator })))).toEqual([
      {
        bucket: BUCKET,
        key: `${PREFIX}a`,
        uploadId: "u-1",
        initiatedAt: new Date(AT),
        storageClass: "GLACIER",
        initiator,
      },
    ]);
  });

  it.each(["Key", "UploadId", "Initiated"])("without %s are not read", async (member) => {
    expect((await failure(listed(uploads(upload(`${PREFIX}a`, { [member]: undefined }))))).kind).toBe("protocol");
  });
});

describe("parts", () => {
  const listed = async (...answers: readonly S3Answer[]) =>
    connectToS3(await serve(inTurn(...answers))).listParts(UPLOAD);

  it("bear their SHA-256 in hexadecimal digits", async () => {
    expect(await listed(parts(part(1) + part(3)))).toEqual([
      { number: 1, sizeBytes: 5, sha256: SHA.hex, etag: '"e"', uploadedAt: new Date(AT) },
      { number: 3, sizeBytes: 5, sha256: SHA.hex, etag: '"e"', uploadedAt: new Date(AT) },
    ]);
  });

  it("of an upload that has ended are not found", async () => {
    expect(await failure(listed(refused(404, "NoSuchUpload")))).toMatchObject({ kind: "not-found" });
  });

  it.each([
    ["without a checksum", part(1, { ChecksumSHA256: undefined })],
    ["with half a checksum", part(1, { ChecksumSHA256: "LPJNul" })],
    ["with the checksum of parts", part(1, { ChecksumSHA256: `${SHA.base64}-2` })],
    ["without a size", part(1, { Size: undefined })],
    ["out of order", part(2) + part(1)],
    ["twice the same", part(1) + part(1)],
    ["with the number 0", part(0)],
  ])("%s are not read", async (_what, content) => {
    expect(await failure(listed(parts(content)))).toMatchObject({ kind: "protocol" });
  });

  it("out of order over pages are not read", async () => {
    expect((await failure(listed(parts(part(2), { NextPartNumberMarker: "2" }), parts(part(1))))).kind).toBe(
      "protocol",
    );
  });
});
