/** A bucket as it is set up, each part by a question of its own: what one of them cannot tell, the others still can. */
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
} from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import { observe } from "../../core/observed.ts";
import type { BucketSettings, S3 } from "../../ports/s3.ts";
import { refusalOf } from "./failure.ts";
import { lifecycleRule } from "./s3-lifecycle.ts";
import { orMeaning, type S3Link } from "./s3-link.ts";
import { lockMode, orNull, positive, text, unreadable } from "./s3-wire.ts";

/** All parts at once. */
export function s3Buckets(link: S3Link): Pick<S3, "getBucket"> {
  return {
    getBucket: async (bucket) => {
      const [region, versioning, objectLock, encryption, publicAccessBlocked, lifecycle] = await Promise.all([
        observe(() => readRegion(link, bucket)),
        observe(() => readVersioning(link, bucket)),
        observe(() => readObjectLock(link, bucket)),
        observe(() => readEncryption(link, bucket)),
        observe(() => readPublicAccess(link, bucket)),
        observe(() => readLifecycle(link, bucket)),
      ]);
      const settings = { region, versioning, objectLock, encryption, publicAccessBlocked, lifecycle };
      for (const part of Object.values(settings)) {
        if (!part.known && part.reason.kind === "not-found") throw part.reason;
      }
      return settings satisfies BucketSettings;
    },
  };
}

/** In the head of the answer, also of one that sends us elsewhere: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
async function readRegion(link: S3Link, bucket: string): Promise<string> {
  const call = link.call("s3:ListBucket", { bucket }, { isHead: true });
  try {
    return await link.read(call, new HeadBucketCommand({ Bucket: bucket }), Region);
  } catch (error) {
    const elsewhere = refusalOf(error)?.elsewhere;
    if (elsewhere === undefined) throw error;
    return elsewhere;
  }
}

const Region = z.pipe(
  z.object({ BucketRegion: text }),
  z.transform((wire) => wire.BucketRegion),
);

function readVersioning(link: S3Link, bucket: string) {
  const call = link.call("s3:GetBucketVersioning", { bucket });
  return link.read(call, new GetBucketVersioningCommand({ Bucket: bucket }), Versioning);
}

/** S3 says nothing of a bucket that never had it. */
const Versioning = z.pipe(
  z.object({ Status: z.optional(z.enum(["Enabled", "Suspended"])) }),
  z.transform(({ Status: status }) => {
    if (status === undefined) return "off";
    return status === "Enabled" ? "enabled" : "suspended";
  }),
);

function readObjectLock(link: S3Link, bucket: string) {
  const call = link.call("s3:GetBucketObjectLockConfiguration", { bucket });
  const asked = link.read(call, new GetObjectLockConfigurationCommand({ Bucket: bucket }), ObjectLock);
  return orMeaning(asked, { ObjectLockConfigurationNotFoundError: null });
}

/** S3's years of a lock; no calendar year is shorter. */
const YEAR_DAYS = 365;

const DefaultRetention = z.pipe(
  z.object({ Mode: lockMode, Days: z.optional(positive), Years: z.optional(positive) }),
  z.transform(({ Mode: mode, Days: days, Years: years }, context) => {
    if (days !== undefined) return { mode, days };
    return years === undefined ? unreadable(context) : { mode, days: years * YEAR_DAYS };
  }),
);

const ObjectLock = z.pipe(
  z.object({
    ObjectLockConfiguration: z.object({
      ObjectLockEnabled: z.literal("Enabled"),
      Rule: z.optional(z.object({ DefaultRetention })),
    }),
  }),
  z.transform(({ ObjectLockConfiguration: { Rule: rule } }) => ({ defaultRetention: rule?.DefaultRetention ?? null })),
);

function readEncryption(link: S3Link, bucket: string) {
  const call = link.call("s3:GetEncryptionConfiguration", { bucket });
  const asked = link.read(call, new GetBucketEncryptionCommand({ Bucket: bucket }), Encryption);
  return orMeaning(asked, { ServerSideEncryptionConfigurationNotFoundError: null });
}

const EncryptionRule = z.object({
  ApplyServerSideEncryptionByDefault: z.object({ SSEAlgorithm: text, KMSMasterKeyID: orNull(text) }),
});

const Encryption = z.pipe(
  z.object({ ServerSideEncryptionConfiguration: z.object({ Rules: z.tuple([EncryptionRule]) }) }),
  z.transform(
    ({
      ServerSideEncryptionConfiguration: {
        Rules: [rule],
      },
    }) => ({
      algorithm: rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm,
      kmsKeyId: rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID,
    }),
  ),
);

function readPublicAccess(link: S3Link, bucket: string) {
  const call = link.call("s3:GetBucketPublicAccessBlock", { bucket });
  const asked = link.read(call, new GetPublicAccessBlockCommand({ Bucket: bucket }), PublicAccess);
  return orMeaning(asked, { NoSuchPublicAccessBlockConfiguration: false });
}

const PublicAccess = z.pipe(
  z.object({
    PublicAccessBlockConfiguration: z.object({
      BlockPublicAcls: z.boolean(),
      IgnorePublicAcls: z.boolean(),
      BlockPublicPolicy: z.boolean(),
      RestrictPublicBuckets: z.boolean(),
    }),
  }),
  z.transform(({ PublicAccessBlockConfiguration: block }) => Object.values(block).every(Boolean)),
);

function readLifecycle(link: S3Link, bucket: string) {
  const call = link.call("s3:GetLifecycleConfiguration", { bucket });
  const asked = link.read(call, new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }), Lifecycle);
  return orMeaning(asked, { NoSuchLifecycleConfiguration: [] });
}

/** Where there are no rules, S3 says so in another way. */
const Lifecycle = z.pipe(
  z.object({ Rules: z.array(lifecycleRule).check(z.minLength(1)) }),
  z.transform((wire) => wire.Rules),
);
