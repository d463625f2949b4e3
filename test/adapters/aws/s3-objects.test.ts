import { describe, expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { PutText } from "../../../src/ports/s3.ts";
import { always, connectToS3, failure, inTurn, LIMITS, refused, type S3Answer, serve } from "./harness.ts";

const AT = { bucket: "litally-archive", key: "atlas/core/2026-10/manifest.json" };
const HELLO = {
  base64: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
  hex: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
};
const UNTIL = new Date("2031-11-01T00:00:00Z");

const s3From = async (...answers: readonly S3Answer[]) => connectToS3(await serve(inTurn(...answers)));

describe("a head", () => {
  const HEADERS = {
    "content-length": "5",
    etag: '"e"',
    "last-modified": "Sun, 01 Nov 2026 03:00:00 GMT",
    "x-amz-version-id": "v1",
    "x-amz-storage-class": "DEEP_ARCHIVE",
    "x-amz-object-lock-mode": "COMPLIANCE",
    "x-amz-object-lock-retain-until-date": "2031-11-01T00:00:00.000Z",
    "x-amz-meta-snapshot": "66f0",
  };
  const headOf = async (headers: Readonly<Record<string, string | undefined>>, ...more: readonly S3Answer[]) => {
    const given = Object.entries({ ...HEADERS, ...headers }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return (await s3From({ headers: Object.fromEntries(given) }, ...more)).headObject(AT);
  };

  it("is read whole, of the version asked for", async () => {
    const server = await serve(inTurn({ headers: HEADERS }));
    expect(await connectToS3(server).headObject({ ...AT, versionId: "v1" })).toEqual({
      versionId: "v1",
      sizeBytes: 5,
      etag: '"e"',
      lastModifiedAt: new Date("2026-11-01T03:00:00Z"),
      storageClass: known("DEEP_ARCHIVE"),
      lock: known({ mode: "COMPLIANCE", retainUntil: UNTIL }),
      thaw: known(null),
      kmsKeyArn: known(null),
      metadata: { snapshot: "66f0" },
    });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ method: "HEAD", url: expect.stringContaining("versionId=v1") });
    expect(server.seen[0]?.headers["x-amz-expected-bucket-owner"]).toBe("111122223333");
  });

  it("of what KMS encrypts names the key, or it is not known", async () => {
    const key = "arn:aws:kms:ap-south-1:111122223333:key/1f0c8a52";
    const keyOf = async (by: string | undefined, name?: string) => {
      const names = { "x-amz-server-side-encryption": by, "x-amz-server-side-encryption-aws-kms-key-id": name };
      const { kmsKeyArn } = await headOf(names);
      return kmsKeyArn.known ? kmsKeyArn.value : "not known";
    };
    expect(await keyOf("aws:kms", key)).toBe(key);
    expect(await keyOf(undefined, key)).toBe(key);
    for (const own of [undefined, "AES256"]) expect(await keyOf(own)).toBeNull();
    for (const by of ["aws:kms", "aws:kms:dsse", "quarantined"]) expect(await keyOf(by)).toBe("not known");
  });

  it("without a class is STANDARD, without a version that of a bucket without versions", async () => {
    const head = await headOf({ "x-amz-storage-class": undefined, "x-amz-version-id": undefined });
    expect(head).toMatchObject({ storageClass: known("STANDARD"), versionId: null });
  });

  it.each([
    ['ongoing-request="true"', { state: "ongoing" }],
    [
      'ongoing-request="false", expiry-date="Sun, 01 Nov 2026 00:00:00 GMT"',
      { state: "ready", until: new Date("2026-11-01T00:00:00Z") },
    ],
  ])("tells of a restore: %s", async (header, thaw) => {
    expect((await headOf({ "x-amz-restore": header })).thaw).toEqual(known(thaw));
  });

  it.each([
    ["thaw", { "x-amz-restore": 'ongoing-request="false"' }],
    ["thaw", { "x-amz-restore": 'ongoing-request="false", expiry-date="Sun, 99 Nov 2026 00:00:00 GMT"' }],
    ["thaw", { "x-amz-restore": 'ongoing-request="perhaps"' }],
    ["storageClass", { "x-amz-storage-class": "TAPE" }],
    ["lock", { "x-amz-object-lock-mode": "STRICT" }],
    ["lock", { "x-amz-object-lock-mode": undefined }],
    ["lock", { "x-amz-object-lock-retain-until-date": undefined }],
  ] as const)("whose %s cannot be read (%o), can be in the rest", async (part, headers) => {
    const head = await headOf(headers);
    expect(head[part]).toMatchObject({ known: false, reason: { kind: "protocol" } });
    const others = (["thaw", "storageClass", "lock"] as const).filter((other) => other !== part);
    for (const other of others) expect(head[other].known).toBe(true);
  });

  it.each([
    ["etag", undefined],
    ["last-modified", undefined],
    ["last-modified", "yesterday"],
    ["x-amz-missing-meta", "1"],
    ["x-amz-object-lock-retain-until-date", "soon"],
  ])("whose %s is %s is not read", async (name, value) => {
    expect(await failure(headOf({ [name]: value }))).toMatchObject({ kind: "protocol" });
  });

  const UNLOCKED = { "x-amz-object-lock-mode": undefined, "x-amz-object-lock-retain-until-date": undefined };
  it.each([
    ["an object without a lock has none", refused(404, "NoSuchObjectLockConfiguration"), known(null)],
    ["nor one in a bucket without Object Lock", refused(400, "InvalidRequest"), known(null)],
    [
      "who may not see it in the head, may see it so",
      { body: "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2031-11-01T00:00:00Z</RetainUntilDate></Retention>" },
      known({ mode: "GOVERNANCE", retainUntil: UNTIL }),
    ],
    [
      "who may not see it at all, does not know",
      refused(403, "AccessDenied"),
      { known: false, reason: { kind: "auth", hint: expect.stringContaining("s3:GetObjectRetention") } },
    ],
    ["and no page of HTML unlocks it", { body: "<html></html>" }, { known: false, reason: { kind: "protocol" } }],
  ])("that shows no lock is asked about it: %s", async (_what, answer, lock) => {
    expect((await headOf(UNLOCKED, answer)).lock).toMatchObject(lock);
  });

  it.each([
    [404, "not-found"],
    [403, "auth"],
    [400, "rejected"],
    [405, "rejected"],
    [301, "rejected"],
    [503, "unavailable"],
  ])("with %d is %s", async (status, kind) => {
    expect(await failure((await s3From({ status })).headObject(AT))).toMatchObject({ kind });
  });

  it.each([403, 404])("with %d that is not of AWS says nothing", async (status) => {
    const s3 = connectToS3(await serve((_request, response) => void response.writeHead(status).end()));
    expect(await failure(s3.headObject(AT))).toMatchObject({ kind: "protocol" });
  });
});

describe("attributes", () => {
  const DIGEST = HELLO.base64;
  const answer = (content: string): S3Answer => ({
    body: `<GetObjectAttributesResponse>${content}</GetObjectAttributesResponse>`,
  });
  const checksum = (digest: string, type?: string) =>
    `<Checksum><ChecksumSHA256>${digest}</ChecksumSHA256>${type === undefined ? "" : `<ChecksumType>${type}</ChecksumType>`}</Checksum>`;
  const part = (number: number, digest = `<ChecksumSHA256>${DIGEST}</ChecksumSHA256>`) =>
    `<Part><PartNumber>${number}</PartNumber><Size>5</Size>${digest}</Part>`;
  const parts = (total: number, content: string, next?: string) =>
    `<ObjectParts><PartsCount>${total}</PartsCount><IsTruncated>${next !== undefined}</IsTruncated>${next === undefined ? "" : `<NextPartNumberMarker>${next}</NextPartNumberMarker>`}${content}</ObjectParts>`;
  const size = (bytes: number) => `<ObjectSize>${bytes}</ObjectSize>`;
  const attributesOf = async (...contents: readonly string[]) =>
    (await s3From(...contents.map(answer))).getAttributes(AT);
  const listed = (number: number) => ({ number, sizeBytes: 5, sha256: HELLO.hex });

  it("of an object in parts are read over all pages", async () => {
    const whole = `${size(10)}${checksum(DIGEST, "COMPOSITE")}`;
    const server = await serve(inTurn(answer(whole + parts(2, part(1), "1")), answer(whole + parts(2, part(2)))));
    expect(await connectToS3(server).getAttributes(AT)).toEqual({
      sizeBytes: 10,
      checksum: { sha256: HELLO.hex, kind: "composite", parts: 2 },
      parts: [listed(1), listed(2)],
    });
    expect(server.seen.map(({ headers }) => headers["x-amz-part-number-marker"])).toEqual([undefined, "1"]);
    expect(server.seen[0]?.headers["x-amz-object-attributes"]).toBe("Checksum, ObjectParts, ObjectSize");
  });

  it.each([
    ["of one piece", checksum(DIGEST, "FULL_OBJECT"), { kind: "whole", parts: null }, []],
    ["of one piece, its kind unsaid", checksum(DIGEST), { kind: "whole", parts: null }, []],
    [
      "in parts, by its suffix",
      checksum(`${DIGEST}-1`) + parts(1, part(1)),
      { kind: "composite", parts: 1 },
      [listed(1)],
    ],
    ["in parts, by their number", checksum(DIGEST) + parts(1, part(1)), { kind: "composite", parts: 1 }, [listed(1)]],
    ["in parts without checksums", parts(1, ""), null, null],
    ["in parts that count alone", "<ObjectParts><PartsCount>1</PartsCount></ObjectParts>", null, null],
    ["in parts with other checksums", parts(1, part(1, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32>")), null, null],
    ["without any checksum", "", null, []],
  ])("of an object %s", async (_what, content, expected, expectedParts) => {
    const attributes = await attributesOf(size(5) + content);
    expect(attributes.parts).toEqual(expectedParts);
    expect(attributes.checksum).toEqual(expected === null ? null : { sha256: HELLO.hex, ...expected });
  });

  it.each([
    ["no size", checksum(DIGEST)],
    ["fewer parts than it counts", size(5) + parts(2, part(1))],
    ["parts that are not its size", size(11) + parts(2, part(1) + part(2))],
    ["parts out of order", size(10) + parts(2, part(2) + part(1))],
    ["parts that it does not count", `${size(5)}<ObjectParts>${part(1)}</ObjectParts>`],
    ["a whole checksum over parts", size(5) + checksum(`${DIGEST}-1`, "FULL_OBJECT") + parts(1, part(1))],
    ["a composite of another number of parts", size(5) + checksum(`${DIGEST}-3`) + parts(1, part(1))],
    ["a composite of no known parts", size(5) + checksum(DIGEST, "COMPOSITE")],
    ["half a checksum", size(5) + checksum("LPJNul")],
    ["a kind of checksum that nobody knows", size(5) + checksum(DIGEST, "PARTIAL")],
    ["more parts, but not where", size(5) + parts(2, part(1), "")],
  ])("with %s are not read", async (_what, content) => {
    expect(await failure(attributesOf(content))).toMatchObject({ kind: "protocol" });
  });

  it("of nothing are not found", async () => {
    expect(await failure((await s3From(refused(404, "NoSuchKey"))).getAttributes(AT))).toMatchObject({
      kind: "not-found",
    });
  });
});

describe("a small text", () => {
  const got = (body: string, headers: Readonly<Record<string, string>> = {}): S3Answer => ({
    body,
    headers: { etag: '"e"', "x-amz-version-id": "v1", ...headers },
  });

  it("is read with what names its version", async () => {
    expect(await (await s3From(got("hällo"))).getText(AT, 100)).toEqual({
      text: "hällo",
      etag: '"e"',
      versionId: "v1",
    });
  });

  it("may be as long as the limit, and no longer", async () => {
    expect((await (await s3From(got("12345"))).getText(AT, 5)).text).toBe("12345");
    expect(await failure((await s3From(got("123456"))).getText(AT, 5))).toMatchObject({ kind: "protocol" });
  });

  it("is not read where S3's checksum of it is another", async () => {
    const wrong = got("hullo", { "x-amz-checksum-sha256": HELLO.base64 });
    expect(await failure((await s3From(wrong)).getText(AT, 100))).toMatchObject({ kind: "protocol" });
    expect((await (await s3From(got("hello", { "x-amz-checksum-sha256": HELLO.base64 }))).getText(AT, 100)).text).toBe(
      "hello",
    );
  });

  it("is UTF-8", async () => {
    const s3 = connectToS3(
      await serve((_request, response) => {
        response.writeHead(200, { "x-amz-request-id": "r-1", etag: '"e"' });
        response.end(Buffer.from([0xff, 0xfe, 0x00]));
      }),
    );
    expect(await failure(s3.getText(AT, 100))).toMatchObject({ kind: "protocol" });
  });

  it("cut short is an error", async () => {
    const s3 = connectToS3(
      await serve((_request, response) => {
        response.writeHead(200, { "x-amz-request-id": "r-1", etag: '"e"', "content-length": 1000 });
        response.write("{", () => response.destroy());
      }),
    );
    expect(["unavailable", "protocol"]).toContain((await failure(s3.getText(AT, 2_000))).kind);
  });

  it("that never ends, ends with the limit on the call", async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { "x-amz-request-id": "r-1", etag: '"e"' });
      response.write("{");
    });
    const s3 = connectToS3(server, { limits: { ...LIMITS, callMs: 300 } });
    expect(await failure(s3.getText(AT, 100))).toMatchObject({ kind: "timeout" });
  });

  it("that is archived is refused, with what to do", async () => {
    const s3 = await s3From(refused(403, "InvalidObjectState", "<StorageClass>GLACIER</StorageClass>"));
    expect(await failure(s3.getText(AT, 100))).toMatchObject({
      kind: "rejected",
      hint: expect.stringContaining("thawed"),
    });
  });

  it("is not what anybody else answers", async () => {
    const s3 = connectToS3(await serve(always(200, "<html></html>", { etag: '"e"' })));
    expect(await failure(s3.getText(AT, 100))).toMatchObject({ kind: "protocol" });
  });
});

describe("putting a text", () => {
  const ORDER: PutText = {
    ...AT,
    text: "hello",
    contentType: "application/json",
    storageClass: "STANDARD",
    lock: { mode: "COMPLIANCE", retainUntil: UNTIL },
    condition: "absent",
  };
  const PUT: S3Answer = { headers: { etag: '"e"', "x-amz-version-id": "v1" } };

  it("sends it once, with its checksum, class, lock and condition", async () => {
    const server = await serve(inTurn(PUT));
    expect(await connectToS3(server).putText(ORDER)).toEqual({ etag: '"e"', versionId: "v1" });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({
      method: "PUT",
      body: "hello",
      headers: {
        "content-type": "application/json",
        "x-amz-checksum-sha256": HELLO.base64,
        "x-amz-storage-class": "STANDARD",
        "x-amz-object-lock-mode": "COMPLIANCE",
        "x-amz-object-lock-retain-until-date": "2031-11-01T00:00:00Z",
        "if-none-match": "*",
        "x-amz-expected-bucket-owner": "111122223333",
      },
    });
  });

  it("over a version of an ETag names that, and without a lock asks for none", async () => {
    const server = await serve(inTurn(PUT));
    await connectToS3(server).putText({ ...ORDER, lock: null, condition: { etag: '"old"' } });
    const { headers } = server.seen[0] ?? {};
    expect(headers).toMatchObject({ "if-match": '"old"' });
    expect(Object.keys(headers ?? {}).filter((name) => /lock|none-match/.test(name))).toEqual([]);
  });

  it.each([
    [412, "PreconditionFailed"],
    [409, "ConditionalRequestConflict"],
  ])("where somebody was first (%d %s) is taken", async (status, code) => {
    expect(await (await s3From(refused(status, code))).putText(ORDER)).toBe("taken");
  });

  it("taken is AWS's own word alone", async () => {
    const body = refused(412, "PreconditionFailed").body ?? "";
    expect(await failure(connectToS3(await serve(always(412, body))).putText(ORDER))).toMatchObject({
      kind: "protocol",
    });
  });

  it("over what is not there any more is not found", async () => {
    expect(await failure((await s3From(refused(404, "NoSuchKey"))).putText(ORDER))).toMatchObject({
      kind: "not-found",
    });
  });

  it.each([
    [refused(503, "SlowDown"), "throttled"],
    [refused(500, "InternalError"), "unavailable"],
    [{ headers: {} }, "protocol"],
    [refused(409, "OperationAborted"), "rejected"],
  ] as const)("is never repeated: %o is %s", async (answer, kind) => {
    const server = await serve(inTurn(answer, PUT));
    const s3 = connectToS3(server, { limits: { ...LIMITS, attempts: 3 } });
    expect(await failure(s3.putText(ORDER))).toMatchObject({ kind });
    expect(server.seen).toHaveLength(1);
  });

  it("is not repeated after a reset either", async () => {
    const server = await serve((_request, response) => void response.socket?.resetAndDestroy());
    const s3 = connectToS3(server, { limits: { ...LIMITS, attempts: 3 } });
    expect(await failure(s3.putText(ORDER))).toMatchObject({ kind: "unavailable" });
    expect(server.seen).toHaveLength(1);
  });

  it("is not begun once the run is stopped, and is let finish if it was", async () => {
    const stop = new AbortController();
    const server = await serve((request, response) => {
      stop.abort();
      inTurn(PUT)(request, response);
    });
    const s3 = connectToS3(server, { signal: stop.signal });
    expect(await s3.putText(ORDER)).toEqual({ etag: '"e"', versionId: "v1" });
    expect(await failure(s3.putText(ORDER))).toMatchObject({ kind: "aborted" });
    expect(server.seen).toHaveLength(1);
  });
});

describe("asking for a readable copy", () => {
  it.each([
    [{ status: 202 }, "started"],
    [{ status: 200 }, "extended"],
    [refused(409, "RestoreAlreadyInProgress"), "in-progress"],
  ] as const)("%o: %s", async (answer, outcome) => {
    const server = await serve(inTurn(answer));
    expect(await connectToS3(server).restoreObject(AT, { tier: "bulk", days: 3 })).toBe(outcome);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.body).toContain("<Days>3</Days><GlacierJobParameters><Tier>Bulk</Tier>");
    expect(server.seen[0]?.headers["x-amz-expected-bucket-owner"]).toBe("111122223333");
  });

  it.each([
    [refused(403, "InvalidObjectState"), "rejected"],
    [refused(503, "GlacierExpeditedRetrievalNotAvailable"), "unavailable"],
    [refused(503, "SlowDown"), "throttled"],
    [{ status: 204 }, "protocol"],
  ] as const)("%o is %s, and is not repeated", async (answer, kind) => {
    const server = await serve(inTurn(answer, { status: 202 }));
    const s3 = connectToS3(server, { limits: { ...LIMITS, attempts: 3 } });
    expect(await failure(s3.restoreObject(AT, { tier: "expedited", days: 1 }))).toMatchObject({ kind });
    expect(server.seen).toHaveLength(1);
  });
});
