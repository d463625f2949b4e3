/** Who may ask what: signatures, permissions, requests that there are not, and what outlives the process. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { archiveBucket } from "../../../src/sandbox/s3/s3.ts";
import { BUCKET, PLAIN, REGION, refusal, startS3, temporaryFolder } from "./harness.ts";

const at = { Bucket: BUCKET, Key: "k" };

describe("a signature", () => {
  interface Sent {
    readonly headers: Readonly<Record<string, string>>;
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
  }

  /** A client whose requests are changed after they were signed. */
  async function tampering(change: (request: Sent) => Partial<Sent>) {
    const { client } = await startS3();
    client.middlewareStack.add(
      (next) => async (args) => {
        Object.assign(args.request as Sent, change(args.request as Sent)); // an HttpRequest, which the SDK does not tell
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    return client;
  }

  test.each<[string, (request: Sent) => Partial<Sent>]>([
    ["header", ({ headers }) => ({ headers: { ...headers, "x-amz-meta-a": "2" } })],
    ["path", () => ({ path: `/${BUCKET}/other` })],
    ["query", ({ query }) => ({ query: { ...query, versionId: "x" } })],
    ["date", ({ headers }) => ({ headers: { ...headers, "x-amz-date": `${headers["x-amz-date"]?.slice(0, 13)}99Z` } })],
  ])("does not cover another %s", async (_what, change) => {
    const client = await tampering(change);
    const put = new PutObjectCommand({ ...at, Body: "x", Metadata: { a: "1" } });
    expect(await refusal(client.send(put))).toEqual({ name: "SignatureDoesNotMatch", status: 403 });
  });

  test("covers every header of AWS's", async () => {
    const client = await tampering(({ headers }) => ({ headers: { ...headers, "x-amz-storage-class": "GLACIER" } }));
    const put = new PutObjectCommand({ ...at, Body: "x" });
    expect(await refusal(client.send(put))).toEqual({ name: "AccessDenied", status: 403 });
  });

  test("is of this sandbox's key, secret and region", async () => {
    const { connect } = await startS3();
    const refused = async (config: object) => (await refusal(connect(config).send(new GetObjectCommand(at)))).name;
    const other = (change: object) => ({ credentials: { ...AWS_CREDENTIALS, ...change } });
    expect(await refused(other({ accessKeyId: "AKIANOBODY0000000000" }))).toBe("InvalidAccessKeyId");
    expect(await refused(other({ secretAccessKey: "guessed" }))).toBe("SignatureDoesNotMatch");
    expect(await refused({ region: "eu-west-1" })).toBe("AuthorizationHeaderMalformed");
  });

  test("must be there", async () => {
    const { url } = await startS3();
    const response = await fetch(`${url}/${BUCKET}/k`);
    expect(response.status).toBe(403);
    expect(response.headers.get("x-amz-request-id")).toMatch(/^[0-9A-F]{16}$/);
    expect(await response.text()).toContain("<Code>AccessDenied</Code>");
  });

  test("covers the body where it says so", async () => {
    const { url } = await startS3();
    const answer = await putSigned(url, "/litally-archive/k", "what is sent", { payload: "what is signed" });
    expect(answer).toMatchObject({
      status: 400,
      text: expect.stringContaining("<Code>XAmzContentSHA256Mismatch</Code>"),
    });
    expect(await putSigned(url, "/litally-archive/k", "same", { payload: "same" })).toMatchObject({ status: 200 });
  });
});

describe("a chunked body", () => {
  const chunked = (url: string, body: string, length: number, headers: Record<string, string> = {}) =>
    putSigned(url, "/litally-archive/k", body, {
      contentSha256: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      headers: {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": String(length),
        "x-amz-trailer": "x-amz-checksum-crc32",
        ...headers,
      },
    });
  const GOOD = "x-amz-checksum-crc32:NSRBwg=="; // of abc

  test("is unwrapped, and its trailer proved", async () => {
    const { url, client } = await startS3();
    expect(await chunked(url, `2\r\nab\r\n1;x=y\r\nc\r\n0\r\n${GOOD}\r\n\r\n`, 3)).toMatchObject({ status: 200 });
    const got = await client.send(new GetObjectCommand(at));
    expect(await got.Body?.transformToString()).toBe("abc");
    expect(got.ContentEncoding).toBeUndefined();
  });

  test.each([
    ["a wrong checksum", "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", 3, "BadDigest"],
    ["no trailer", "3\r\nabc\r\n0\r\n\r\n", 3, "InvalidRequest"],
    ["another length", `3\r\nabc\r\n0\r\n${GOOD}\r\n\r\n`, 4, "IncompleteBody"],
    ["an end in a chunk", "5\r\nabc", 5, "IncompleteBody"],
    ["an end before the trailers", "3\r\nabc\r\n", 3, "IncompleteBody"],
    ["more behind the end", `3\r\nabc\r\n0\r\n${GOOD}\r\n\r\nmore\r\n`, 3, "IncompleteBody"],
    ["no chunks at all", "abc\r\n", 3, "IncompleteBody"],
    ["a chunk longer than it says", "3\r\nabcd\r\n0\r\n\r\n", 4, "IncompleteBody"],
  ])("with %s stores nothing", async (_what, body, length, code) => {
    const { url, client } = await startS3();
    expect((await chunked(url, body, length)).text).toContain(`<Code>${code}</Code>`);
    expect(await refusal(client.send(new HeadObjectCommand(at)))).toMatchObject({ status: 404 });
  });
});

describe("a client that waits before it sends", () => {
  test("is told to go on, or why not", async () => {
    const { url, client } = await startS3();
    const body = randomBytes(100).toString("hex");
    const headers = { expect: "100-continue" };
    expect(await putSigned(url, "/litally-archive/k", body, { payload: body, headers })).toMatchObject({
      status: 200,
      wasAsked: true,
    });
    expect((await client.send(new HeadObjectCommand(at))).ContentLength).toBe(200);
    const refused = await putSigned(url, "/nobody-has-this/k", body, { payload: body, headers });
    expect(refused).toMatchObject({ status: 404, wasAsked: false });
  });
});

describe("what there is not", () => {
  test("is refused as such, and nothing is done in its place", async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at, Body: "x" }));
    const tagging = new PutBucketTaggingCommand({ Bucket: BUCKET, Tagging: { TagSet: [] } });
    expect(await refusal(client.send(tagging))).toEqual({ name: "NotImplemented", status: 501 });
    expect(await refusal(client.send(new GetObjectCommand({ ...at, ResponseContentType: "text/x" })))).toMatchObject({
      name: "NotImplemented",
    });
    expect(await refusal(client.send(new GetObjectCommand({ ...at, PartNumber: 1 })))).toMatchObject({
      name: "NotImplemented",
    });
    expect((await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }))).Versions).toHaveLength(1);
  });

  test("a bucket elsewhere is told with its region", async () => {
    const { client } = await startS3({ buckets: [archiveBucket(BUCKET, "eu-west-1")] });
    expect(await refusal(client.send(new HeadObjectCommand(at)))).toMatchObject({ status: 301 });
    expect(await client.send(new GetBucketLocationCommand({ Bucket: BUCKET }))).toMatchObject({
      LocationConstraint: "eu-west-1",
    });
  });

  test("a bucket here is", async () => {
    const { client } = await startS3();
    expect((await client.send(new HeadBucketCommand({ Bucket: BUCKET }))).BucketRegion).toBe(REGION);
    expect(await refusal(client.send(new HeadBucketCommand({ Bucket: "nobody-has-this" })))).toMatchObject({
      status: 404,
    });
  });
});

describe("a permission that is missing", () => {
  test.each([
    ["s3:GetObject", new GetObjectCommand(at)],
    ["s3:GetObjectVersion", new HeadObjectCommand({ ...at, VersionId: "x" })],
    ["s3:PutObject", new CreateMultipartUploadCommand(at)],
    ["s3:DeleteObject", new DeleteObjectCommand(at)],
    ["s3:DeleteObjectVersion", new DeleteObjectCommand({ ...at, VersionId: "x" })],
    ["s3:ListBucketVersions", new ListObjectVersionsCommand({ Bucket: BUCKET })],
  ])("%s", async (action, command) => {
    const { client } = await startS3({ denied: [action] });
    expect(await refusal(client.send(command as GetObjectCommand))).toMatchObject({ status: 403 }); // any of them: only how it ends is looked at
  });

  test("who may not list is not told what is missing", async () => {
    const { client } = await startS3({ denied: ["s3:ListBucket"] });
    expect(await refusal(client.send(new GetObjectCommand(at)))).toEqual({ name: "AccessDenied", status: 403 });
  });
});

describe("with a folder", () => {
  test("all that was answered outlives the process, and the rest is swept away", async () => {
    const folder = temporaryFolder();
    const first = await startS3({ folder });
    const { VersionId } = await first.client.send(new PutObjectCommand({ ...at, Body: "one", Metadata: { a: "1" } }));
    await first.client.send(new PutObjectCommand({ ...at, Body: "two" }));
    const gone = await first.client.send(new PutObjectCommand({ ...at, Key: "gone", Body: "gone" }));
    await first.client.send(new DeleteObjectCommand({ ...at, Key: "gone", VersionId: gone.VersionId }));
    const { UploadId } = await first.client.send(
      new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: "SHA256" }),
    );
    const upload = { ...at, UploadId };
    await first.client.send(
      new UploadPartCommand({ ...upload, PartNumber: 1, Body: "part", ChecksumAlgorithm: "SHA256" }),
    );
    const before = await first.client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
    const parts = await first.client.send(new ListPartsCommand(upload));
    await first.stop();
    writeFileSync(join(folder, "bodies", "half-a-body"), "ha");
    appendFileSync(join(folder, "ledger.jsonl"), '{"kind":"version-g'); // killed while it wrote

    const second = await startS3({ folder });
    const after = await second.client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
    expect(after.Versions).toEqual(before.Versions);
    expect((await second.client.send(new ListPartsCommand(upload))).Parts).toEqual(parts.Parts);
    const got = await second.client.send(new GetObjectCommand({ ...at, VersionId }));
    expect(await got.Body?.transformToString()).toBe("one");
    expect(got.Metadata).toEqual({ a: "1" });
    expect(readdirSync(join(folder, "bodies"))).toHaveLength(3);
  });

  test.each([
    ["of another world", (ledger: string) => ledger.replace("a test", "another")],
    ["that was edited", (ledger: string) => ledger.replace('"kind":"bucket"', '"kind":"bucket')],
    ["that is empty", () => ""],
  ])("one %s is refused and left as it is", async (_what, change) => {
    const folder = temporaryFolder();
    const first = await startS3({ folder });
    expect(readdirSync(folder)).toEqual([]); // nothing has changed yet
    await first.client.send(new PutObjectCommand({ ...at, Body: "x" }));
    await first.stop();
    const file = join(folder, "ledger.jsonl");
    const changed = change(readFileSync(file, "utf8"));
    writeFileSync(file, changed);
    await expect(startS3({ folder })).rejects.toMatchObject({ kind: "config" });
    expect(readFileSync(file, "utf8")).toBe(changed);
  });
});

test("nothing stays of a body that breaks off", async () => {
  const folder = temporaryFolder();
  const { url, client } = await startS3({ folder });
  const broken = putSigned(url, `/${PLAIN}/k`, "x".repeat(1000), { payload: "", breaksOffAfterBytes: 500 });
  await expect(broken).rejects.toThrow();
  await expect.poll(() => readdirSync(folder, { recursive: true }), { timeout: 20_000 }).toEqual(["bodies"]);
  expect(await refusal(client.send(new HeadObjectCommand({ Bucket: PLAIN, Key: "k" })))).toMatchObject({ status: 404 });
});

test("measuring, bodies are proved and forgotten", async () => {
  const { client } = await startS3({ discards: true });
  await client.send(new PutObjectCommand({ ...at, Body: "abc", ChecksumAlgorithm: "SHA256" }));
  expect((await client.send(new HeadObjectCommand(at))).ContentLength).toBe(3);
  const wrong = new PutObjectCommand({ ...at, Body: "abc", ChecksumCRC32: "AAAAAA==" });
  expect(await refusal(client.send(wrong))).toMatchObject({ name: "BadDigest" });
});

interface Signed {
  /** What the signature says that the body is. */
  readonly payload?: string;
  readonly contentSha256?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly breaksOffAfterBytes?: number;
}

/** A PUT signed by hand, for what the SDK would never send. */
function putSigned(
  url: string,
  path: string,
  body: string,
  { payload = "", contentSha256, headers = {}, breaksOffAfterBytes }: Signed,
): Promise<{ readonly status: number | undefined; readonly text: string; readonly wasAsked: boolean }> {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const amzHeaders: Record<string, string> = {
    host: new URL(url).host,
    "x-amz-content-sha256": contentSha256 ?? sha256(payload),
    "x-amz-date": "20261122T103020Z",
    ...headers,
  };
  const names = Object.keys(amzHeaders)
    .filter((name) => name !== "expect")
    .toSorted();
  const canonical = [
    "PUT",
    path,
    "",
    ...names.map((name) => `${name}:${amzHeaders[name]}`),
    "",
    names.join(";"),
    amzHeaders["x-amz-content-sha256"],
  ];
  const scope = `20261122/${REGION}/s3/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n20261122T103020Z\n${scope}\n${sha256(canonical.join("\n"))}`;
  const key = scope
    .split("/")
    .reduce<Buffer | string>(
      (secret, text) => createHmac("sha256", secret).update(text).digest(),
      `AWS4${AWS_CREDENTIALS.secretAccessKey}`,
    );
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${AWS_CREDENTIALS.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return new Promise((resolve, reject) => {
    let wasAsked = false;
    const sent = httpRequest(
      url + path,
      { method: "PUT", headers: { ...amzHeaders, authorization, "content-length": Buffer.byteLength(body) } },
      async (response) => {
        let text = "";
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode, text, wasAsked });
        sent.destroy();
      },
    );
    sent.on("error", reject);
    if (headers["expect"] !== undefined) {
      sent.flushHeaders();
      sent.on("continue", () => {
        wasAsked = true;
        sent.end(body);
      });
    } else if (breaksOffAfterBytes !== undefined) sent.write(body.slice(0, breaksOffAfterBytes), () => sent.destroy());
    else sent.end(body);
  });
}
