/** Objects copied on the side of S3: whole, in parts, and where one stands already. */
import { createHash, randomBytes } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { selectOneArchived } from "../../src/commands/archives.ts";
import { copyInto } from "../../src/commands/copy-object.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { merkleRoot } from "../../src/rules/archive/merkle.ts";
import { AWS_CREDENTIALS } from "../../src/sandbox/sandbox.ts";
import { ARCHIVE_POLICY, archiveWorld } from "../support/archives.ts";

const MIB = 1024 ** 2;
const FROM = "litally-atlas-exports";
const KEY = "atlas/core/2026-10/66f0c2a5b3d94e0012ab34cd/export/a/0.json.gz";
const RETAIN_UNTIL = new Date("2031-11-01T00:00:00Z");
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const hex = (bytes: Uint8Array) => hash(bytes).toString("hex");

async function exported(bytes: Buffer) {
  const world = await archiveWorld();
  const client = new S3Client({
    endpoint: world.sandbox.s3Url,
    region: "ap-south-1",
    credentials: AWS_CREDENTIALS,
    forcePathStyle: true,
  });
  onTestFinished(() => client.destroy());
  await client.send(new PutObjectCommand({ Bucket: FROM, Key: "e/a/0.json.gz", Body: bytes }));
  const context = world.as("archive push");
  const s3 = await context.s3();
  const object = (await s3.listVersions(FROM, "e/")).at(0);
  if (object === undefined) throw new Error("it is not there");
  const { policy } = parsePolicy(ARCHIVE_POLICY, "policy.yaml", {});
  const to = { s3, context, archived: selectOneArchived(policy, "core"), retainUntil: RETAIN_UNTIL };
  const copying = { bucket: FROM, object, key: KEY, isThere: false };
  return { s3, to, copying, client };
}

const PARTS = { wholeBytes: 6 * MIB, partBytes: 5 * MIB };

describe("a copy", () => {
  it("in one piece is locked in its class, and S3 has hashed it", async () => {
    const bytes = randomBytes(MIB);
    const { s3, to, copying } = await exported(bytes);
    const made = await copyInto(to, copying);
    expect(made).toMatchObject({
      sizeBytes: MIB,
      sha256: hex(bytes),
      partSha256s: [hex(bytes)],
      isStructureChecked: false,
    });
    const head = await s3.headObject({ bucket: "litally-archive", key: KEY });
    expect(head).toMatchObject({
      storageClass: { known: true, value: "DEEP_ARCHIVE" },
      lock: { known: true, value: { mode: "COMPLIANCE", retainUntil: RETAIN_UNTIL } },
    });
  });

  it("of a large one is made in parts, each hashed by S3, and of all of them the root is", async () => {
    const bytes = randomBytes(12 * MIB);
    const { s3, to, copying } = await exported(bytes);
    const made = await copyInto(to, copying, PARTS);
    const wanted = [0, 8].map((from) => hex(bytes.subarray(from * MIB, (from + 8) * MIB)));
    expect(made).toMatchObject({ sizeBytes: 12 * MIB, partSizeBytes: 8 * MIB, partSha256s: wanted, sha256: null });
    expect(made.root).toBe(merkleRoot(wanted, hash));
    expect((await s3.headObject({ bucket: "litally-archive", key: KEY })).sizeBytes).toBe(12 * MIB);
  });

  it.each([
    ["whole", undefined],
    ["in parts", PARTS],
  ])("%s that stands there already is described as what it is", async (_, limits) => {
    const { to, copying } = await exported(randomBytes(12 * MIB));
    const first = await copyInto(to, copying, limits);
    expect(await copyInto(to, { ...copying, isThere: true }, limits)).toEqual(first);
    expect(await copyInto(to, copying, limits)).toEqual(first); // nobody knew: it was taken
  });

  it("is refused where another object stands", async () => {
    const { to, copying, client } = await exported(randomBytes(MIB));
    await client.send(
      new PutObjectCommand({ Bucket: "litally-archive", Key: KEY, Body: "another", ChecksumAlgorithm: "SHA256" }),
    );
    for (const isThere of [true, false])
      await expect(copyInto(to, { ...copying, isThere })).rejects.toMatchObject({ kind: "rejected" });
  });

  it("is refused where an object of the same size stands, copied from other bytes", async () => {
    const { to, copying, client, s3 } = await exported(randomBytes(MIB));
    await copyInto(to, copying);
    await client.send(new PutObjectCommand({ Bucket: FROM, Key: "e/a/0.json.gz", Body: randomBytes(MIB) }));
    const object = (await s3.listVersions(FROM, "e/")).find(({ isLatest }) => isLatest);
    if (object === undefined) throw new Error("it is not there");
    for (const isThere of [true, false])
      await expect(copyInto(to, { ...copying, object, isThere })).rejects.toMatchObject({ kind: "rejected" });
  });

  it("of nothing at all is an object too", async () => {
    const { to, copying } = await exported(Buffer.alloc(0));
    expect(await copyInto(to, copying)).toMatchObject({ sizeBytes: 0, partSha256s: [hex(Buffer.alloc(0))] });
  });
});
