/** Lifecycle rules at work, by the world's clock: each at the midnight after its days, and never on what is locked. */
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { BUCKET, PLAIN, START_MS, startS3 } from "./harness.ts";

/** The world begins at 10:30:20: a day later is the midnight after. */
const TO_MIDNIGHT_MS = 13 * HOUR_MS + 29 * MINUTE_MS + 40_000;

async function ruled(rule: Partial<LifecycleRule>, Bucket = BUCKET) {
  const world = await startS3();
  const { client } = world;
  const Rules = [{ ID: "r", Status: "Enabled" as const, Filter: {}, ...rule }];
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  const put = (Key: string, rest: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: "x", ...rest }));
  const classOf = async (Key: string) =>
    (await client.send(new HeadObjectCommand({ Bucket, Key }))).StorageClass ?? "STANDARD";
  /** Keys of versions, and of delete markers behind a minus. */
  const versions = async () => {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    return [...Versions.map(({ Key }) => Key), ...DeleteMarkers.map(({ Key }) => `-${Key}`)];
  };
  return { ...world, put, classOf, versions };
}

test("an incomplete upload is aborted on the midnight after its days", async () => {
  const { client, advance } = await startS3(); // whose bucket has a rule of seven days
  await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: "k" }));
  const count = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads?.length ?? 0;
  advance(7 * DAY_MS + TO_MIDNIGHT_MS - 1);
  expect(await count()).toBe(1);
  advance(1);
  expect(await count()).toBe(0);
});

test("what expires is hidden, and goes as the rule for what is hidden says", async () => {
  const rule = { Expiration: { Days: 3 }, NoncurrentVersionExpiration: { NoncurrentDays: 10 } };
  const { put, versions, advance } = await ruled(rule);
  await put("k");
  advance(3 * DAY_MS + TO_MIDNIGHT_MS - 1);
  expect(await versions()).toEqual(["k"]);
  advance(1);
  expect(await versions()).toEqual(["k", "-k"]);
  advance(10 * DAY_MS - 1);
  expect(await versions()).toEqual(["k", "-k"]);
  advance(1);
  expect(await versions()).toEqual([]); // the marker too, which hides nothing any more
});

test("however long nobody asked, it is as if somebody had", async () => {
  const { put, versions, advance } = await ruled({
    Expiration: { Days: 3 },
    NoncurrentVersionExpiration: { NoncurrentDays: 10 },
  });
  await put("k");
  advance(400 * DAY_MS);
  expect(await versions()).toEqual([]);
});

test("without versions what expires is gone", async () => {
  const { put, versions, advance } = await ruled({ Expiration: { Days: 1 } }, PLAIN);
  await put("k");
  advance(2 * DAY_MS);
  expect(await versions()).toEqual([]);
});

test("what is locked may be hidden, and stays", async () => {
  const { put, versions, advance } = await ruled({
    Expiration: { Days: 1 },
    NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  });
  await put("k", { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: new Date(START_MS + 30 * DAY_MS) });
  advance(29 * DAY_MS);
  expect(await versions()).toEqual(["k", "-k"]);
  advance(2 * DAY_MS);
  expect(await versions()).toEqual([]);
});

test("so many newer versions are kept behind the newest", async () => {
  const { put, versions, advance } = await ruled({
    NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 2 },
  });
  for (let count = 0; count < 5; count++) await put("k");
  advance(3 * DAY_MS);
  expect(await versions()).toEqual(["k", "k", "k"]);
});

test("only what the rule is about", async () => {
  const { put, versions, advance } = await ruled({
    Filter: { And: { Prefix: "a/", ObjectSizeGreaterThan: 1 } },
    Expiration: { Days: 1 },
  });
  for (const key of ["a/1", "b/1"]) await put(key);
  await put("a/2", { Body: "two" });
  advance(3 * DAY_MS);
  expect(await versions()).toEqual(["a/1", "a/2", "b/1", "-a/2"]);
});

test.each<Partial<LifecycleRule>>([
  { Status: "Disabled", Expiration: { Days: 1 } },
  { Filter: { Tag: { Key: "k", Value: "v" } }, Expiration: { Days: 1 } },
  { Expiration: { Date: new Date("2027-01-01T00:00:00Z") } },
])("nothing by %j", async (rule) => {
  const { put, versions, advance } = await ruled(rule);
  await put("k");
  advance(20 * DAY_MS);
  expect(await versions()).toEqual(["k"]);
});

test("objects move down from class to class, small ones only where the rule speaks of sizes", async () => {
  const Transitions = [
    { Days: 0, StorageClass: "GLACIER" as const },
    { Days: 90, StorageClass: "DEEP_ARCHIVE" as const },
  ];
  const { put, classOf, advance } = await ruled({ Transitions, Filter: { Prefix: "" } });
  await put("small");
  await put("large", { Body: Buffer.alloc(128 * 1024) });
  expect(await classOf("large")).toBe("STANDARD");
  advance(TO_MIDNIGHT_MS);
  expect(await classOf("large")).toBe("GLACIER");
  expect(await classOf("small")).toBe("STANDARD");
  advance(90 * DAY_MS);
  expect(await classOf("large")).toBe("DEEP_ARCHIVE");
  const other = await ruled({ Transitions, Filter: { ObjectSizeGreaterThan: 0 } });
  await other.put("small");
  other.advance(TO_MIDNIGHT_MS);
  expect(await other.classOf("small")).toBe("GLACIER");
});

test("a delete marker that hides nothing is cleared where that is asked", async () => {
  const { client, put, versions, advance } = await ruled({ Expiration: { ExpiredObjectDeleteMarker: true } });
  const { VersionId } = await put("k");
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "k" }));
  advance(DAY_MS);
  expect(await versions()).toEqual(["k", "-k"]);
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "k", VersionId }));
  expect(await versions()).toEqual([]);
});
