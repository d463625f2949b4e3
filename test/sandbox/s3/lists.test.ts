/** Lists: what is there, in order, page by page, nothing twice and nothing left out. */
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BUCKET, PLAIN, refusal, startS3 } from "./harness.ts";

async function filled(keys: readonly string[], Bucket = BUCKET) {
  const world = await startS3();
  for (const key of keys) await world.s3.putInternal(Bucket, key, Buffer.from("x"));
  return world;
}

/** All pages of objects: keys and common prefixes as they came, and how many pages there were. */
async function allObjects(client: S3Client, rest: Partial<ListObjectsV2CommandInput> = {}) {
  const names: string[] = [];
  let pages = 0;
  for (let ContinuationToken: string | undefined; ; pages++) {
    const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...rest, ContinuationToken }));
    names.push(
      ...(page.Contents ?? []).map(({ Key = "" }) => Key),
      ...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix),
    );
    expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    ContinuationToken = page.NextContinuationToken;
    expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
    if (ContinuationToken === undefined) return { names, pages: pages + 1 };
  }
}

/** All pages of versions: key and id of each, delete markers among them. */
async function allVersions(client: S3Client, rest: Partial<ListObjectVersionsCommandInput> = {}) {
  const found: string[] = [];
  let markers: Pick<ListObjectVersionsCommandInput, "KeyMarker" | "VersionIdMarker"> = {};
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, ...rest, ...markers }));
    for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
      found.push(`${Key} ${VersionId}`);
    for (const { Prefix } of page.CommonPrefixes ?? []) found.push(`${Prefix}`);
    if (page.IsTruncated !== true) return found;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}

describe("objects", () => {
  const KEYS = ["a", "b/1", "b/2", "b/3/x", "b/3/y", "c", "d/1"];

  test.each([
    [{}, KEYS],
    [{ Prefix: "b/" }, ["b/1", "b/2", "b/3/x", "b/3/y"]],
    [{ Delimiter: "/" }, ["a", "c", "b/", "d/"]],
    [{ Prefix: "b/", Delimiter: "/" }, ["b/1", "b/2", "b/3/"]],
    [{ StartAfter: "b/2" }, ["b/3/x", "b/3/y", "c", "d/1"]],
    [{ Prefix: "nothing" }, []],
  ])("by %j", async (rest, names) => {
    const { client } = await filled(KEYS);
    expect((await allObjects(client, rest)).names).toEqual(names);
  });

  test.each([1, 2, 3, 6, 7, 8])("in pages of %d", async (MaxKeys) => {
    const { client } = await filled(KEYS);
    const { names, pages } = await allObjects(client, { MaxKeys });
    expect(names).toEqual(KEYS);
    expect(pages).toBe(Math.ceil(KEYS.length / MaxKeys));
    expect((await allObjects(client, { MaxKeys, Delimiter: "/" })).names.toSorted()).toEqual(["a", "b/", "c", "d/"]);
  });

  test.each([999, 1000, 1001])("%d of them, at most a thousand a page", async (count) => {
    const keys = Array.from({ length: count }, (_, index) => `k${String(index).padStart(5, "0")}`);
    const { client } = await filled(keys);
    expect(await allObjects(client, { MaxKeys: 5000 })).toEqual({ names: keys, pages: count > 1000 ? 2 : 1 });
  });

  test("none, where none are asked for", async () => {
    const { client } = await filled(KEYS);
    const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, MaxKeys: 0 }));
    expect(page).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  test("hidden ones are left out", async () => {
    const { client } = await filled(KEYS);
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "c" }));
    expect((await allObjects(client)).names).toEqual(KEYS.filter((key) => key !== "c"));
  });

  test("in the order of UTF-8, and what XML cannot hold is encoded", async () => {
    const keys = ["a b", "a+b", "ä", "\uFFEE", "\u{1F600}", "tab\u0009<&>"];
    const { client } = await filled(keys);
    const listed = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, EncodingType: "url" }));
    const decoded = listed.Contents?.map(({ Key = "" }) => decodeURIComponent(Key));
    expect(decoded).toEqual(keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test("whatever the keys and the pages, each comes once", async () => {
    const key = fc.stringMatching(/^[ab/]{1,6}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (keys, MaxKeys, splits) => {
          const world = await filled(keys, BUCKET);
          const rest = splits ? { MaxKeys, Delimiter: "/" } : { MaxKeys };
          const expected = keys.map((one) => (splits && one.includes("/") ? one.slice(0, one.indexOf("/") + 1) : one));
          const wanted = [...new Set(expected)].toSorted();
          expect((await allObjects(world.client, rest)).names.toSorted()).toEqual(wanted);
          expect(new Set((await allVersions(world.client, rest)).map((found) => found.split(" ")[0]))).toEqual(
            new Set(wanted),
          );
          await world.stop();
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("versions", () => {
  test.each([1, 2, 3, 1000])("in pages of %d: each once, the newest of a key first", async (MaxKeys) => {
    const { client } = await filled(["a", "b", "a", "b", "a", "c/1"]);
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "a" }));
    const all = await allVersions(client);
    expect(all.map((found) => found.split(" ")[0]).toSorted()).toEqual(["a", "a", "a", "a", "b", "b", "c/1"]);
    expect((await allVersions(client, { MaxKeys })).toSorted()).toEqual(all.toSorted());
    const ofA = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: "a" }));
    expect(ofA.DeleteMarkers?.map(({ IsLatest }) => IsLatest)).toEqual([true]);
    expect(ofA.Versions?.map(({ IsLatest }) => IsLatest)).toEqual([false, false, false]);
  });

  test("of a bucket without versions: one each", async () => {
    const { client } = await filled(["a", "a"], PLAIN);
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket: PLAIN }));
    expect(Versions).toMatchObject([{ Key: "a", VersionId: "null", IsLatest: true, StorageClass: "STANDARD" }]);
  });
});

describe("uploads", () => {
  test.each([1, 2, 1000])("in pages of %d: by key, then by age", async (MaxUploads) => {
    const { client, advance } = await startS3();
    const begun: string[] = [];
    for (const Key of ["b", "a", "b", "dir/x"]) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ Bucket: BUCKET, Key, StorageClass: "DEEP_ARCHIVE" }),
      );
      begun.push(`${Key} ${UploadId}`);
      advance(1000);
    }
    const found: string[] = [];
    let markers = {};
    for (;;) {
      const page = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, MaxUploads, ...markers }));
      for (const { Key, UploadId } of page.Uploads ?? []) found.push(`${Key} ${UploadId}`);
      if (page.IsTruncated !== true) break;
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
    expect(found).toEqual([begun[1], begun[0], begun[2], begun[3]]);
    const [first] =
      (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: "dir/" }))).Uploads ?? [];
    expect(first).toMatchObject({
      StorageClass: "DEEP_ARCHIVE",
      Initiated: new Date("2026-11-22T10:30:23Z"),
      Initiator: { DisplayName: "sandbox" },
    });
  });
});

test("a list by what is none is refused", async () => {
  const { client } = await startS3();
  for (const rest of [{ MaxKeys: -1 }, { EncodingType: "hex" as "url" }])
    expect(await refusal(client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...rest })))).toMatchObject({
      name: "InvalidArgument",
    });
});
