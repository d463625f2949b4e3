/** Archived objects: not to be read before a restore has taken its hours by the world's clock, and not after the copy has gone. */
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  RestoreObjectCommand,
  type StorageClass,
  type Tier,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { BUCKET, PLAIN, refusal, startS3 } from "./harness.ts";

const at = { Bucket: BUCKET, Key: "archived" };
const ARCHIVED = { name: "InvalidObjectState", status: 403 };

async function archived(StorageClass: StorageClass) {
  const world = await startS3();
  const { client } = world;
  await client.send(new PutObjectCommand({ ...at, Body: "x", StorageClass }));
  const restore = async (Tier: Tier | undefined, Days = 3) => {
    const RestoreRequest = { Days, ...(Tier && { GlacierJobParameters: { Tier } }) };
    const { $metadata } = await client.send(new RestoreObjectCommand({ ...at, RestoreRequest }));
    return $metadata.httpStatusCode;
  };
  const read = () => client.send(new GetObjectCommand(at));
  const state = async () => (await client.send(new HeadObjectCommand(at))).Restore;
  return { ...world, restore, read, state };
}

test.each<[StorageClass, Tier | undefined, number]>([
  ["GLACIER", "Expedited", 5 * MINUTE_MS],
  ["GLACIER", "Standard", 5 * HOUR_MS],
  ["GLACIER", undefined, 5 * HOUR_MS],
  ["GLACIER", "Bulk", 12 * HOUR_MS],
  ["DEEP_ARCHIVE", "Standard", 12 * HOUR_MS],
  ["DEEP_ARCHIVE", "Bulk", 48 * HOUR_MS],
])("%s by %s", async (storageClass, tier, waitMs) => {
  const { restore, read, state, advance, client } = await archived(storageClass);
  expect(await refusal(read())).toEqual(ARCHIVED);
  expect(await state()).toBeUndefined();
  expect(await restore(tier)).toBe(202);
  advance(waitMs - 1);
  expect(await state()).toBe('ongoing-request="true"');
  expect(await refusal(read())).toEqual(ARCHIVED);
  expect(await refusal(restore(tier))).toEqual({ name: "RestoreAlreadyInProgress", status: 409 });
  advance(1);
  expect((await read()).StorageClass).toBe(storageClass);
  expect(await state()).toMatch(/^ongoing-request="false", expiry-date="\w{3}, \d\d \w{3} 2026 00:00:00 GMT"$/);
  advance(5 * DAY_MS);
  expect(await refusal(read())).toEqual(ARCHIVED);
  expect((await client.send(new HeadObjectCommand(at))).ContentLength).toBe(1);
});

test("the copy goes at the midnight after its days, and is kept longer on request", async () => {
  const { restore, state, advance } = await archived("GLACIER"); // at 10:30 on 22 November
  await restore("Standard", 3);
  advance(5 * HOUR_MS);
  expect(await state()).toContain("Thu, 26 Nov 2026 00:00:00 GMT");
  advance(DAY_MS);
  expect(await restore("Bulk", 10)).toBe(200);
  expect(await state()).toContain("Fri, 04 Dec 2026 00:00:00 GMT");
});

test("a faster tier may be asked while a slower one is under way, and not the other way round", async () => {
  const { restore, read, advance } = await archived("GLACIER");
  await restore("Bulk");
  expect(await restore("Expedited")).toBe(202);
  expect(await refusal(restore("Standard"))).toMatchObject({ status: 409 });
  advance(5 * MINUTE_MS);
  await read();
});

describe("is refused", () => {
  test("in haste, of what lies deep", async () => {
    const { restore } = await archived("DEEP_ARCHIVE");
    expect(await refusal(restore("Expedited"))).toMatchObject({ status: 400 });
  });

  test.each<StorageClass>(["STANDARD", "GLACIER_IR"])("of %s, which is readable as it is", async (storageClass) => {
    const { restore, read } = await archived(storageClass);
    await read();
    expect(await refusal(restore("Bulk"))).toEqual(ARCHIVED);
  });

  test("for no days", async () => {
    const { restore } = await archived("GLACIER");
    expect(await refusal(restore("Bulk", 0))).toMatchObject({ status: 400 });
  });

  test("a copy of what is archived", async () => {
    const { client, restore, advance } = await archived("DEEP_ARCHIVE");
    const copy = () =>
      client.send(new CopyObjectCommand({ Bucket: PLAIN, Key: "copy", CopySource: `${BUCKET}/archived` }));
    expect(await refusal(copy())).toEqual(ARCHIVED);
    await restore("Standard");
    advance(12 * HOUR_MS);
    await copy();
    expect((await client.send(new HeadObjectCommand({ Bucket: PLAIN, Key: "copy" }))).Restore).toBeUndefined();
  });
});

test("lists tell it where they are asked", async () => {
  const { client, restore, advance } = await archived("GLACIER");
  const listed = async (asks: boolean) => {
    const OptionalObjectAttributes = asks ? { OptionalObjectAttributes: ["RestoreStatus" as const] } : {};
    const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...OptionalObjectAttributes }));
    return page.Contents?.[0]?.RestoreStatus;
  };
  expect(await listed(true)).toBeUndefined();
  await restore("Bulk");
  expect(await listed(true)).toEqual({ IsRestoreInProgress: true });
  advance(12 * HOUR_MS);
  expect(await listed(true)).toEqual({
    IsRestoreInProgress: false,
    RestoreExpiryDate: new Date("2026-11-26T00:00:00Z"),
  });
  expect(await listed(false)).toBeUndefined();
});
