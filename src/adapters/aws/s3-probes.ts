/** The Simple Storage Service, as far as it is asked whether it may be asked: the port of S3 itself is in s3.ts. */
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { BucketPermission } from "../../ports/aws.ts";
import type { ClientSettings, Service } from "./client.ts";

export function openS3(settings: ClientSettings): Service<BucketPermission> {
  const client = new S3Client(settings);
  return {
    ask: ({ kind, bucket }, abortSignal) => {
      const input = { Bucket: bucket };
      switch (kind) {
        case "s3:ListBucket":
          return client.send(new ListObjectsV2Command({ ...input, MaxKeys: 1 }), { abortSignal });
        case "s3:ListBucketVersions":
          return client.send(new ListObjectVersionsCommand({ ...input, MaxKeys: 1 }), { abortSignal });
        case "s3:GetBucketVersioning":
          return client.send(new GetBucketVersioningCommand(input), { abortSignal });
        case "s3:GetBucketObjectLockConfiguration":
          return client.send(new GetObjectLockConfigurationCommand(input), { abortSignal });
        case "s3:GetLifecycleConfiguration":
          return client.send(new GetBucketLifecycleConfigurationCommand(input), { abortSignal });
      }
    },
    close: () => client.destroy(),
  };
}
