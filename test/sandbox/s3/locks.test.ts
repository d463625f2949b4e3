/** Object Lock truly refuses: whoever asks, however it is asked, until its time has come. */
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { DAY_MS } from "../../../src/core/duration.ts";
import { BUCKET, PLAIN, refusal, START_MS, startS3 } from "./harness.ts";

const at = { Bucket: BUCKET, Key: "manifest.json" };
const inDays = (days: number) => new Date(START_MS + days * DAY_MS);
const DENIED = { name: "AccessDenied", status: 403 };

type Mode = "COMPLIANCE" | "GOVERNANCE";

function put(client: S3Client, Mode: Mode | undefined, until?: Date, rest: Partial<PutObjectCommandInput> = {}) {
  const lock = { ...(Mode && { ObjectLockMode: Mode }), ...(until && { ObjectLockRetainUntilDate: until }) };
  return client.send(new PutObjectCommand({ ...at, Body: "x", ...lock, ...rest }));
}

async function locked(mode: Mode, days = 10) {
  const world = await startS3();
  const { VersionId } = await put(world.client, mode, inDays(days));
  const version = { ...at, VersionId };
  const retain = (Mode: Mode | undefined, until: Date | undefined, BypassGovernanceRetention = false) =>
    world.client.send(
      new PutObjectRetentionCommand({
        ...version,
        Retention: { ...(Mode && { Mode }), ...(until && { RetainUntilDate: until }) },
        BypassGovernanceRetention,
      }),
    );
  const remove = (BypassGovernanceRetention = false) =>
    world.client.send(new DeleteObjectCommand({ ...version, BypassGovernanceRetention }));
  return { ...world, version, retain, remove };
}

describe("COMPLIANCE", () => {
  test("nobody deletes a version before its time, and anybody after it", async () => {
    const { client, remove, advance, version } = await locked("COMPLIANCE");
    expect(await refusal(remove())).toEqual(DENIED);
    expect(await refusal(remove(true))).toEqual(DENIED);
    advance(10 * DAY_MS - 1);
    expect(await refusal(remove())).toEqual(DENIED);
    expect(await client.send(new HeadObjectCommand(version))).toMatchObject({
      ObjectLockMode: "COMPLIANCE",
      ObjectLockRetainUntilDate: inDays(10),
    });
    advance(1);
    await remove();
    expect(await refusal(client.send(new HeadObjectCommand(version)))).toMatchObject({ status: 404 });
  });

  test("hides like any other object", async () => {
    const { client, version } = await locked("COMPLIANCE");
    expect((await client.send(new DeleteObjectCommand(at))).DeleteMarker).toBe(true);
    expect((await client.send(new HeadObjectCommand(version))).ContentLength).toBe(1);
  });

  test("is extended, never shortened, weakened or taken off", async () => {
    const { client, retain, version } = await locked("COMPLIANCE");
    for (const [mode, until] of [
      ["COMPLIANCE", inDays(9)],
      ["GOVERNANCE", inDays(20)],
      [undefined, undefined],
    ] as const) {
      expect(await refusal(retain(mode, until))).toEqual(DENIED);
      expect(await refusal(retain(mode, until, true))).toEqual(DENIED);
    }
    await retain("COMPLIANCE", inDays(20));
    const { Retention } = await client.send(new GetObjectRetentionCommand(version));
    expect(Retention).toEqual({ Mode: "COMPLIANCE", RetainUntilDate: inDays(20) });
  });
});

describe("GOVERNANCE", () => {
  test("gives way to who says that he means it", async () => {
    const { remove } = await locked("GOVERNANCE");
    expect(await refusal(remove())).toEqual(DENIED);
    await remove(true);
  });

  test("is extended by anybody, and otherwise changed only with the bypass", async () => {
    const { retain, client, version } = await locked("GOVERNANCE");
    await retain("GOVERNANCE", inDays(11));
    expect(await refusal(retain("GOVERNANCE", inDays(10)))).toEqual(DENIED);
    await retain("GOVERNANCE", inDays(10), true);
    expect(await refusal(retain(undefined, undefined))).toEqual(DENIED);
    await retain(undefined, undefined, true);
    expect(await refusal(client.send(new GetObjectRetentionCommand(version)))).toMatchObject({
      name: "NoSuchObjectLockConfiguration",
    });
  });

  test("the bypass is a permission of its own", async () => {
    const { client } = await startS3({ denied: ["s3:BypassGovernanceRetention"] });
    const { VersionId } = await put(client, "GOVERNANCE", inDays(1));
    const remove = new DeleteObjectCommand({ ...at, VersionId, BypassGovernanceRetention: true });
    expect(await refusal(client.send(remove))).toEqual(DENIED);
  });
});

describe("a lock is refused", () => {
  test("where the bucket has no Object Lock", async () => {
    const { client } = await startS3();
    const plain = { Bucket: PLAIN };
    expect(await refusal(put(client, "COMPLIANCE", inDays(1), plain))).toMatchObject({ name: "InvalidRequest" });
    expect(await refusal(client.send(new GetObjectLockConfigurationCommand(plain)))).toEqual({
      name: "ObjectLockConfigurationNotFoundError",
      status: 404,
    });
    const upload = { ...plain, Key: "k", ObjectLockMode: "COMPLIANCE" as const, ObjectLockRetainUntilDate: inDays(1) };
    expect(await refusal(client.send(new CreateMultipartUploadCommand(upload)))).toMatchObject({
      name: "InvalidRequest",
    });
  });

  test.each([
    ["until now", "COMPLIANCE", inDays(0)],
    ["for over a century", "COMPLIANCE", inDays(36_501)],
    ["without an end", "COMPLIANCE", undefined],
    ["without a mode", undefined, inDays(1)],
    ["in a mode that there is not", "FOREVER" as Mode, inDays(1)],
  ] as const)("%s", async (_how, mode, until) => {
    const { client } = await startS3();
    expect(await refusal(put(client, mode, until))).toEqual({ name: "InvalidArgument", status: 400 });
  });

  test("for a body of which nothing is said", async () => {
    const { connect } = await startS3();
    const silent = connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    await put(silent, undefined);
    expect(await refusal(put(silent, "COMPLIANCE", inDays(1)))).toMatchObject({ name: "InvalidRequest" });
  });

  test("without the permission to lock", async () => {
    const { client } = await startS3({ denied: ["s3:PutObjectRetention"] });
    expect(await refusal(put(client, "GOVERNANCE", inDays(1)))).toEqual(DENIED);
    await put(client, undefined);
  });
});

describe("a bucket's default", () => {
  test("locks what brings no lock of its own, from then on", async () => {
    const { client, s3 } = await startS3();
    const before = await put(client, undefined);
    const configure = (retention: object) =>
      client.send(
        new PutObjectLockConfigurationCommand({
          Bucket: BUCKET,
          ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: retention } },
        }),
      );
    await configure({ Mode: "GOVERNANCE", Days: 30 });
    const read = await client.send(new GetObjectLockConfigurationCommand({ Bucket: BUCKET }));
    expect(read.ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: "Enabled",
      Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 30 } },
    });
    const after = await put(client, undefined);
    const own = await put(client, "COMPLIANCE", inDays(2));
    const lockOf = async (VersionId: string | undefined) => {
      const { ObjectLockMode, ObjectLockRetainUntilDate } = await client.send(
        new HeadObjectCommand({ ...at, VersionId }),
      );
      return [ObjectLockMode, ObjectLockRetainUntilDate];
    };
    expect(await lockOf(before.VersionId)).toEqual([undefined, undefined]);
    expect(await lockOf(after.VersionId)).toEqual(["GOVERNANCE", inDays(30)]);
    expect(await lockOf(own.VersionId)).toEqual(["COMPLIANCE", inDays(2)]);
    await s3.putInternal(BUCKET, at.Key, Buffer.from("exported"));
    expect(await lockOf(undefined)).toEqual(["GOVERNANCE", inDays(30)]);
    for (const wrong of [{ Mode: "GOVERNANCE" }, { Mode: "GOVERNANCE", Days: 1, Years: 1 }, { Days: 1 }])
      expect(await refusal(configure(wrong))).toMatchObject({ name: "MalformedXML" });
  });

  test("needs versions, which cannot be suspended any more", async () => {
    const { client } = await startS3();
    const lock = (Bucket: string) =>
      client.send(
        new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } }),
      );
    const versions = (Status: "Enabled" | "Suspended") =>
      client.send(new PutBucketVersioningCommand({ Bucket: PLAIN, VersioningConfiguration: { Status } }));
    expect(await refusal(lock(PLAIN))).toEqual({ name: "InvalidBucketState", status: 409 });
    await versions("Enabled");
    await lock(PLAIN);
    expect(await refusal(versions("Suspended"))).toEqual({ name: "InvalidBucketState", status: 409 });
  });
});
