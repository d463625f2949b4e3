/** The pipe against the sandbox's S3, which checks signatures and checksums and keeps what it takes, with the S3 port beside it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { connectS3 } from "../../../src/adapters/aws/s3.ts";
import { TRANSFER_LIMITS } from "../../../src/adapters/transfer/limits.ts";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { BUCKET, REGION, startS3 } from "../../sandbox/s3/harness.ts";
import { connectionWith } from "../aws/harness.ts";
import { archive, leaves, orderOf, pipeWith, serveSource, sha256 } from "./harness.ts";

const MIB = 1024 * 1024;
const PART_BYTES = 5 * MIB;
const BODY = archive(17 * MIB);
const KEY = "core/2026-10/66f0/rs0.tar.gz";

async function world() {
  const { url: endpoint } = await startS3();
  const connection = connectionWith({ region: REGION, credentials: AWS_CREDENTIALS, endpoint });
  const s3 = connectS3(connection, "111122223333");
  onTestFinished(() => s3.close());
  const begin = () =>
    s3.createUpload({
      bucket: BUCKET,
      key: KEY,
      contentType: "application/gzip",
      metadata: {},
      storageClass: "STANDARD",
      lock: null,
    });
  return { s3, begin, transfer: pipeWith({ settings: connection.s3Settings, limits: TRANSFER_LIMITS }) };
}

it("what is pushed can be completed, looked at, fetched and hashed", async () => {
  const { s3, begin, transfer } = await world();
  const source = await serveSource(BODY);
  const identity = await transfer.inspect({ url: source.url });
  const upload = await begin();
  const order = { ...orderOf(source.url, identity), upload, partSizeBytes: PART_BYTES };
  const pushed = await transfer.push(order);
  expect(pushed.sha256).toBe(sha256(BODY));
  const listed = await s3.listParts(upload);
  expect(listed.map((part) => part.sha256)).toEqual(leaves(BODY, PART_BYTES));
  expect(pushed.parts.map(({ uploadedAt: _, ...part }) => part)).toEqual(
    listed.map(({ uploadedAt: _, ...part }) => part),
  );

  const completed = await s3.completeUpload({ ...upload, parts: pushed.parts });
  if (completed === "taken") throw new Error("there was no object of this key");
  const { versionId } = completed;
  const from = { bucket: BUCKET, key: KEY, ...(versionId === null ? {} : { versionId }) };
  expect((await s3.getAttributes(from)).sizeBytes).toBe(BODY.length);

  const folder = mkdtempSync(join(tmpdir(), "litally-ops-pipe-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "rs0.tar.gz");
  const object = { from, sizeBytes: BODY.length, partSizeBytes: PART_BYTES, onProgress: () => {} };
  const partSha256s = leaves(BODY, PART_BYTES);
  await transfer.fetch({ ...object, partSha256s, sha256: pushed.sha256, to: { kind: "file", path } });
  expect(readFileSync(path).equals(BODY)).toBe(true);
  expect(await transfer.hash(object)).toEqual({ sha256: sha256(BODY), partSha256s });
});

it("what was cut off goes on with the parts that S3 lists", async () => {
  const { s3, begin, transfer } = await world();
  const source = await serveSource(BODY);
  const identity = await transfer.inspect({ url: source.url });
  const upload = await begin();
  source.trick = ({ turn }) => (turn === 0 ? { after: 11 * MIB, end: "drop" } : { after: 0, end: "drop" });
  const order = { ...orderOf(source.url, identity), upload, partSizeBytes: PART_BYTES };
  await expect(transfer.push(order)).rejects.toMatchObject({ kind: "unavailable" });
  const present = await s3.listParts(upload);
  expect(present).toHaveLength(2);
  source.trick = () => undefined;
  const pushed = await transfer.push({ ...order, present });
  expect(pushed).toMatchObject({ sentBytes: BODY.length - 2 * PART_BYTES, sha256: null });
  expect((await s3.listParts(upload)).map((part) => part.sha256)).toEqual(leaves(BODY, PART_BYTES));
});

it("an upload that has ended takes no part", async () => {
  const { s3, begin, transfer } = await world();
  const source = await serveSource(BODY);
  const identity = await transfer.inspect({ url: source.url });
  const upload = await begin();
  await s3.abortUpload(upload);
  const order = { ...orderOf(source.url, identity), upload, partSizeBytes: PART_BYTES };
  await expect(transfer.push(order)).rejects.toMatchObject({ kind: "not-found" });
});
