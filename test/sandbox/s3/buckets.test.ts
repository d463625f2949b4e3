/** A bucket's settings: seeded as archives want them, replaced as a whole, and refused where S3 would refuse them. */
import {
  DeleteBucketLifecycleCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { BUCKET, PLAIN, refusal, startS3 } from "./harness.ts";

const archive = { Bucket: BUCKET };
const plain = { Bucket: PLAIN };

test("a bucket of archives is as archives want it", async () => {
  const { client } = await startS3();
  expect((await client.send(new GetBucketVersioningCommand(archive))).Status).toBe("Enabled");
  expect((await client.send(new GetObjectLockConfigurationCommand(archive))).ObjectLockConfiguration).toEqual({
    ObjectLockEnabled: "Enabled",
  });
  const { ServerSideEncryptionConfiguration } = await client.send(new GetBucketEncryptionCommand(archive));
  expect(ServerSideEncryptionConfiguration?.Rules).toEqual([
    { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false },
  ]);
  const { PublicAccessBlockConfiguration } = await client.send(new GetPublicAccessBlockCommand(archive));
  expect(Object.values(PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
  const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand(archive));
  expect(Rules).toEqual([
    {
      ID: "abort-incomplete-uploads",
      Filter: { Prefix: "" },
      Status: "Enabled",
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ]);
});

test("what was never set is told as S3 does", async () => {
  const { client } = await startS3();
  expect((await client.send(new GetBucketVersioningCommand(plain))).Status).toBeUndefined();
  const asked = [
    [new GetBucketEncryptionCommand(plain), "ServerSideEncryptionConfigurationNotFoundError"],
    [new GetPublicAccessBlockCommand(plain), "NoSuchPublicAccessBlockConfiguration"],
    [new GetBucketLifecycleConfigurationCommand(plain), "NoSuchLifecycleConfiguration"],
    [new GetObjectLockConfigurationCommand(plain), "ObjectLockConfigurationNotFoundError"],
  ] as const;
  for (const [command, name] of asked)
    expect(await refusal(client.send(command as GetBucketEncryptionCommand))).toEqual({ name, status: 404 }); // only how it ends is looked at
});

test("encryption is set, and objects tell it", async () => {
  const { client } = await startS3();
  const set = (ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" | "aws:kms"; KMSMasterKeyID?: string }) =>
    client.send(
      new PutBucketEncryptionCommand({
        ...plain,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault, BucketKeyEnabled: true }] },
      }),
    );
  expect(await refusal(set({ SSEAlgorithm: "AES256", KMSMasterKeyID: "k" }))).toMatchObject({
    name: "InvalidArgument",
  });
  await set({ SSEAlgorithm: "aws:kms", KMSMasterKeyID: "alias/archive" });
  const { ServerSideEncryptionConfiguration } = await client.send(new GetBucketEncryptionCommand(plain));
  expect(ServerSideEncryptionConfiguration?.Rules).toEqual([
    {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: "alias/archive" },
      BucketKeyEnabled: true,
    },
  ]);
  const put = await client.send(new PutObjectCommand({ ...plain, Key: "k", Body: "x" }));
  expect(put).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: "alias/archive" });
  expect(put.ETag).not.toContain("9dd4e461268c8034f5c8564e155c67a6"); // the MD5, which it is not under such a key
});

test("public access is blocked switch by switch", async () => {
  const { client } = await startS3();
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true, RestrictPublicBuckets: true };
  await client.send(new PutPublicAccessBlockCommand({ ...plain, PublicAccessBlockConfiguration }));
  const read = await client.send(new GetPublicAccessBlockCommand(plain));
  expect(read.PublicAccessBlockConfiguration).toEqual({
    ...PublicAccessBlockConfiguration,
    IgnorePublicAcls: false,
    BlockPublicPolicy: false,
  });
});

test("two settings changed at once are both kept", async () => {
  const { client } = await startS3();
  await Promise.all([
    client.send(new PutBucketVersioningCommand({ ...plain, VersioningConfiguration: { Status: "Enabled" } })),
    client.send(new PutPublicAccessBlockCommand({ ...plain, PublicAccessBlockConfiguration: {} })),
  ]);
  expect((await client.send(new GetBucketVersioningCommand(plain))).Status).toBe("Enabled");
  expect((await client.send(new GetPublicAccessBlockCommand(plain))).PublicAccessBlockConfiguration).toBeDefined();
});

const put = (client: S3Client, ...Rules: LifecycleRule[]) =>
  client.send(new PutBucketLifecycleConfigurationCommand({ ...archive, LifecycleConfiguration: { Rules } }));
const midnight = new Date("2027-01-01T00:00:00Z");
const rule: LifecycleRule = { ID: "r", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 10 } };

describe("lifecycle rules", () => {
  test.each<[string, LifecycleRule]>([
    [
      "all actions",
      {
        ...rule,
        Transitions: [
          { Days: 30, StorageClass: "STANDARD_IA" },
          { Days: 60, StorageClass: "GLACIER" },
          { Days: 150, StorageClass: "DEEP_ARCHIVE" },
        ],
        Expiration: { Days: 2000 },
        NoncurrentVersionTransitions: [{ NoncurrentDays: 0, StorageClass: "GLACIER_IR", NewerNoncurrentVersions: 2 }],
        NoncurrentVersionExpiration: { NoncurrentDays: 30, NewerNoncurrentVersions: 100 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ],
    [
      "dates",
      {
        ...rule,
        Transitions: [{ Date: midnight, StorageClass: "GLACIER" }],
        Expiration: { Date: new Date("2028-01-01T00:00:00Z") },
      },
    ],
    [
      "several conditions",
      {
        ...rule,
        Filter: {
          And: { Prefix: "a/", Tags: [{ Key: "k", Value: "v<>" }], ObjectSizeGreaterThan: 1, ObjectSizeLessThan: 9 },
        },
      },
    ],
    ["one tag", { ...rule, Filter: { Tag: { Key: "k", Value: "v" } } }],
    ["one size", { ...rule, Filter: { ObjectSizeGreaterThan: 0 } }],
    ["no condition", { ...rule, Filter: {} }],
    ["delete markers", { ...rule, Expiration: { ExpiredObjectDeleteMarker: true } }],
    ["a rule that is off", { ...rule, Status: "Disabled" }],
    ["the old form", { ID: "old", Status: "Enabled", Prefix: "a/", Expiration: { Days: 1 } }],
  ])("with %s are told as they were put", async (_what, wanted) => {
    const { client } = await startS3();
    await put(client, wanted);
    const read = await client.send(new GetBucketLifecycleConfigurationCommand(archive));
    expect(read.Rules).toEqual([wanted]);
    expect(read.TransitionDefaultMinimumObjectSize).toBe("all_storage_classes_128K");
  });

  test.each<[string, readonly LifecycleRule[], string]>([
    ["none at all", [], "MalformedXML"],
    ["one without an action", [{ ID: "r", Status: "Enabled", Filter: {} }], "InvalidRequest"],
    ["one of neither form", [{ ID: "r", Status: "Enabled", Expiration: { Days: 1 } }], "MalformedXML"],
    ["one of both forms", [{ ...rule, Prefix: "" }], "MalformedXML"],
    ["two of one id", [rule, rule], "InvalidArgument"],
    ["a long id", [{ ...rule, ID: "x".repeat(256) }], "InvalidArgument"],
    ["no days", [{ ...rule, Expiration: { Days: 0 } }], "InvalidArgument"],
    ["days and a date", [{ ...rule, Expiration: { Days: 1, Date: midnight } }], "MalformedXML"],
    ["an hour", [{ ...rule, Expiration: { Date: new Date("2027-01-01T01:00:00Z") } }], "InvalidArgument"],
    [
      "days here and a date there",
      [{ ...rule, Transitions: [{ Date: midnight, StorageClass: "GLACIER" }] }],
      "InvalidRequest",
    ],
    [
      "delete markers after days",
      [{ ...rule, Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } }],
      "MalformedXML",
    ],
    [
      "delete markers by tag",
      [{ ...rule, Filter: { Tag: { Key: "k", Value: "v" } }, Expiration: { ExpiredObjectDeleteMarker: true } }],
      "MalformedXML",
    ],
    [
      "uploads by tag",
      [
        {
          ...rule,
          Filter: { Tag: { Key: "k", Value: "v" } },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
      "InvalidRequest",
    ],
    ["And of one", [{ ...rule, Filter: { And: { Prefix: "a/" } } }], "MalformedXML"],
    [
      "a transition to what is read often",
      [{ ...rule, Transitions: [{ Days: 1, StorageClass: "STANDARD" as never }] }],
      "MalformedXML",
    ],
    [
      "an early transition",
      [{ ...rule, Expiration: { Days: 99 }, Transitions: [{ Days: 29, StorageClass: "STANDARD_IA" }] }],
      "InvalidArgument",
    ],
    [
      "a transition on the way out",
      [{ ...rule, Transitions: [{ Days: 10, StorageClass: "GLACIER" }] }],
      "InvalidArgument",
    ],
    [
      "a transition upwards",
      [
        {
          ...rule,
          Expiration: { Days: 99 },
          Transitions: [
            { Days: 1, StorageClass: "DEEP_ARCHIVE" },
            { Days: 9, StorageClass: "GLACIER" },
          ],
        },
      ],
      "InvalidArgument",
    ],
    [
      "transitions too close",
      [
        {
          ...rule,
          Expiration: { Days: 99 },
          Transitions: [
            { Days: 30, StorageClass: "STANDARD_IA" },
            { Days: 59, StorageClass: "GLACIER" },
          ],
        },
      ],
      "InvalidArgument",
    ],
    [
      "too many versions kept",
      [{ ...rule, NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 101 } }],
      "InvalidArgument",
    ],
    [
      "versions kept for no days",
      [{ ...rule, NoncurrentVersionExpiration: { NewerNoncurrentVersions: 1 } }],
      "MalformedXML",
    ],
  ])("with %s are refused, and those before stay", async (_what, rules, name) => {
    const { client } = await startS3();
    await put(client, rule);
    expect(await refusal(put(client, ...rules))).toEqual({ name, status: 400 });
    expect((await client.send(new GetBucketLifecycleConfigurationCommand(archive))).Rules).toEqual([rule]);
  });

  test("at most a thousand", async () => {
    const { client } = await startS3();
    const rules = Array.from({ length: 1001 }, (_, index) => ({ ...rule, ID: String(index) }));
    expect(await refusal(put(client, ...rules))).toMatchObject({ name: "MalformedXML" });
    await put(client, ...rules.slice(1));
  });

  test("deleted there are none", async () => {
    const { client } = await startS3();
    await client.send(new DeleteBucketLifecycleCommand(archive));
    const read = new GetBucketLifecycleConfigurationCommand(archive);
    expect(await refusal(client.send(read))).toEqual({ name: "NoSuchLifecycleConfiguration", status: 404 });
  });
});
