import { describe, expect, it } from "vitest";
import type { S3 } from "../../../src/ports/s3.ts";
import { connectToS3, failure, inTurn, LIMITS, refused, type S3Answer, serve } from "./harness.ts";

const PLACE = { bucket: "litally-archive", key: "atlas/core/2026-10/rs0.tar.gz" };
const UPLOAD = { ...PLACE, uploadId: "u-1" };
const FROM = { bucket: "litally-exports", key: "a b/ü+1.json", versionId: "v=1" };
const SHA = {
  base64: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
  hex: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
};
const LOCK = { mode: "GOVERNANCE", retainUntil: new Date("2031-11-01T00:00:00Z") } as const;
const KEEPING = { storageClass: "DEEP_ARCHIVE", lock: LOCK } as const;
const PART = { number: 1, sizeBytes: 5, sha256: SHA.hex, etag: '"p1"', uploadedAt: new Date(0) };
const AT = "2026-11-01T03:00:00.000Z";
const ETAG = "<ETag>&quot;e&quot;</ETag>";

const CREATED = "<InitiateMultipartUploadResult><UploadId>u-1</UploadId></InitiateMultipartUploadResult>";
const COMPLETED = `<CompleteMultipartUploadResult>${ETAG}</CompleteMultipartUploadResult>`;
const COPIED = `<CopyObjectResult>${ETAG}<ChecksumSHA256>${SHA.base64}</ChecksumSHA256></CopyObjectResult>`;
const COPIED_PART = `<CopyPartResult>${ETAG}<LastModified>${AT}</LastModified><ChecksumSHA256>${SHA.base64}</ChecksumSHA256></CopyPartResult>`;

const create = (s3: S3) =>
  s3.createUpload({ ...PLACE, ...KEEPING, contentType: "application/gzip", metadata: { snapshot: "66f0" } });
const complete = (s3: S3) => s3.completeUpload({ ...UPLOAD, parts: [PART, { ...PART, number: 2, sizeBytes: 3 }] });
const copy = (s3: S3) => s3.copyObject({ ...PLACE, ...KEEPING, from: FROM, metadata: { snapshot: "66f0" } });
const copyPart = (s3: S3) => s3.copyPart({ ...UPLOAD, from: FROM, number: 7, range: [5, 9] });
const abort = (s3: S3) => s3.abortUpload(UPLOAD);

const VERSION = { "x-amz-version-id": "v2" };

describe("what is sent, once and to the policy's account", () => {
  it.each([
    {
      name: "create",
      act: create,
      answer: { body: CREATED },
      gives: UPLOAD,
      method: "POST",
      query: "uploads=",
      headers: {
        "content-type": "application/gzip",
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-type": "COMPOSITE",
        "x-amz-storage-class": "DEEP_ARCHIVE",
        "x-amz-object-lock-mode": "GOVERNANCE",
        "x-amz-object-lock-retain-until-date": "2031-11-01T00:00:00Z",
        "x-amz-meta-snapshot": "66f0",
      },
      body: [],
    },
    {
      name: "complete",
      act: complete,
      answer: { body: COMPLETED, headers: VERSION },
      gives: { etag: '"e"', versionId: "v2" },
      method: "POST",
      query: "uploadId=u-1",
      headers: { "if-none-match": "*", "x-amz-mp-object-size": "8", "x-amz-checksum-type": "COMPOSITE" },
      body: ["<PartNumber>1</PartNumber>", "<PartNumber>2</PartNumber>", SHA.base64, "&quot;p1&quot;"],
    },
    {
      name: "copy",
      act: copy,
      answer: { body: COPIED, headers: VERSION },
      gives: { etag: '"e"', versionId: "v2", sha256: SHA.hex },
      method: "PUT",
      query: "",
      headers: {
        "x-amz-copy-source": "litally-exports/a%20b/%C3%BC%2B1.json?versionId=v%3D1",
        "x-amz-source-expected-bucket-owner": "111122223333",
        "x-amz-metadata-directive": "REPLACE",
        "x-amz-tagging-directive": "REPLACE",
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-storage-class": "DEEP_ARCHIVE",
        "x-amz-object-lock-mode": "GOVERNANCE",
        "x-amz-meta-snapshot": "66f0",
        "if-none-match": "*",
      },
      body: [],
    },
    {
      name: "copy of a part",
      act: copyPart,
      answer: { body: COPIED_PART },
      gives: { number: 7, sizeBytes: 5, sha256: SHA.hex, etag: '"e"', uploadedAt: new Date(AT) },
      method: "PUT",
      query: "partNumber=7",
      headers: {
        "x-amz-copy-source": "litally-exports/a%20b/%C3%BC%2B1.json?versionId=v%3D1",
        "x-amz-copy-source-range": "bytes=5-9",
        "x-amz-source-expected-bucket-owner": "111122223333",
      },
      body: [],
    },
    {
      name: "abort",
      act: abort,
      answer: { status: 204 },
      gives: undefined,
      method: "DELETE",
      query: "uploadId=u-1",
      headers: {},
      body: [],
    },
  ])("$name", async ({ act, answer, gives, method, query, headers, body }) => {
    const server = await serve(inTurn(answer));
    expect(await act(connectToS3(server))).toEqual(gives);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ method, url: expect.stringContaining(query), headers });
    expect(server.seen[0]?.headers["x-amz-expected-bucket-owner"]).toBe("111122223333");
    for (const text of body) expect(server.seen[0]?.body).toContain(text);
  });

  it("a copy of the newest version names none", async () => {
    const server = await serve(inTurn({ body: COPIED }));
    const { versionId: _, ...from } = FROM;
    const copied = await connectToS3(server).copyObject({ ...PLACE, ...KEEPING, from, lock: null, metadata: {} });
    expect(copied).toMatchObject({ versionId: null });
    expect(server.seen[0]?.headers["x-amz-copy-source"]).toBe("litally-exports/a%20b/%C3%BC%2B1.json");
  });
});

const ACTS = [
  ["create", create, CREATED],
  ["complete", complete, COMPLETED],
  ["copy", copy, COPIED],
  ["copy of a part", copyPart, COPIED_PART],
] as const;

const HIDDEN: S3Answer = { body: `\n\n${refused(200, "InternalError").body}` };
const FAILURES = [
  [refused(503, "SlowDown"), "throttled"],
  [refused(500, "InternalError"), "unavailable"],
  [refused(404, "NoSuchUpload"), "not-found"],
  [refused(400, "EntityTooSmall"), "rejected"],
  [refused(400, "BadDigest"), "rejected"],
  [refused(403, "AccessDenied"), "auth"],
  [{ body: "<html><body>Sign in</body></html>" }, "protocol"],
  [{ body: "<CopyObjectResult><ETag>&quot;e" }, "protocol"],
] as const;

describe.each(ACTS)("%s", (_name, act, body) => {
  it.each(FAILURES)("is not repeated, whatever came of it: %o is %s", async (answer, kind) => {
    const server = await serve(inTurn(answer, { body }));
    const error = await failure(act(connectToS3(server, { limits: { ...LIMITS, attempts: 3 } })));
    expect(error).toMatchObject({ kind });
    expect(server.seen).toHaveLength(1);
    expect(`${error.message}${error.hint}${JSON.stringify(error.cause)}`).not.toContain("secret words");
  });

  it("is not known to be done by an empty answer", async () => {
    const error = await failure(act(connectToS3(await serve(inTurn({ body: "" })))));
    expect(["protocol", "unavailable"]).toContain(error.kind); // either: look what came of it
  });

  it("is not repeated after a reset", async () => {
    const server = await serve((_request, response) => void response.socket?.resetAndDestroy());
    const error = await failure(act(connectToS3(server, { limits: { ...LIMITS, attempts: 3 } })));
    expect(error).toMatchObject({ kind: "unavailable" });
    expect(server.seen).toHaveLength(1);
  });
});

describe("a 200 that is none", () => {
  it.each(ACTS.slice(1))("%s failed", async (_name, act, body) => {
    const server = await serve(inTurn(HIDDEN, { body }));
    const error = await failure(act(connectToS3(server, { limits: { ...LIMITS, attempts: 3 } })));
    expect(error).toMatchObject({ kind: "unavailable" });
    expect(server.seen).toHaveLength(1);
  });

  it("says that the key is taken as well as any other answer", async () => {
    const server = await serve(inTurn({ body: `  ${refused(200, "PreconditionFailed").body}` }));
    expect(await complete(connectToS3(server))).toBe("taken");
  });
});

describe("where somebody was first", () => {
  const conditional = [complete, copy] as const;
  it.each([
    [412, "PreconditionFailed"],
    [409, "ConditionalRequestConflict"],
  ])("%d %s: taken", async (status, code) => {
    for (const act of conditional)
      expect(await act(connectToS3(await serve(inTurn(refused(status, code)))))).toBe("taken");
  });
});

describe("what lacks a part of its answer", () => {
  it.each([
    ["create", create, CREATED.replace("<UploadId>u-1</UploadId>", "")],
    ["complete", complete, COMPLETED.replace(ETAG, "")],
    ["copy", copy, COPIED.replace(ETAG, "")],
    ["copy", copy, COPIED.replace(/<Checksum.*256>/, "")],
    ["copy", copy, COPIED.replace(SHA.base64, `${SHA.base64}-3`)],
    ["copy of a part", copyPart, COPIED_PART.replace(/<Checksum.*256>/, "")],
    ["copy of a part", copyPart, COPIED_PART.replace(ETAG, "")],
    ["copy of a part", copyPart, COPIED_PART.replace(AT, "then")],
  ] as const)("%s is not known to have been done: %s", async (_name, act, body) => {
    expect(await failure(act(connectToS3(await serve(inTurn({ body })))))).toMatchObject({ kind: "protocol" });
  });
});

it("S3 may take its time for what it does itself, and for nothing else", async () => {
  const limits = { ...LIMITS, headersMs: 100, callMs: 100, workMs: 5_000 };
  const server = await serve(
    (request, response) => void setTimeout(() => inTurn({ body: COPIED })(request, response), 400),
  );
  const s3 = connectToS3(server, { limits });
  expect(await copy(s3)).toMatchObject({ sha256: SHA.hex });
  expect(await failure(create(s3))).toMatchObject({ kind: "timeout" });
});

it("an upload that has ended already is not found", async () => {
  expect(await failure(abort(connectToS3(await serve(inTurn(refused(404, "NoSuchUpload"))))))).toMatchObject({
    kind: "not-found",
  });
});

it("what is missing for a copy with a lock is named in full", async () => {
  const error = await failure(copy(connectToS3(await serve(inTurn(refused(403, "AccessDenied"))))));
  expect(error.hint).toBe(
    "grant s3:GetObjectVersion on s3://litally-exports/a b/ü+1.json and s3:PutObject (and s3:PutObjectRetention)" +
      " on s3://litally-archive/atlas/core/2026-10/rs0.tar.gz of account 111122223333 to this identity",
  );
});
