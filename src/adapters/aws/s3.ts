/** The real S3 behind the port: the SDK's own client, one command at a time, every answer read before it is believed. */
import type { S3 } from "../../ports/s3.ts";
import { s3Buckets } from "./s3-bucket.ts";
import { s3Link } from "./s3-link.ts";
import { s3Lists } from "./s3-lists.ts";
import { s3Objects } from "./s3-objects.ts";
import { s3Uploads } from "./s3-uploads.ts";
import type { AwsConnection } from "./settings.ts";

/** Nothing is read or sent before the first call; a bucket that is not `accountId`'s is refused by S3 itself. */
export function connectS3(connection: AwsConnection, accountId: string): S3 {
  const link = s3Link(connection, accountId);
  return { ...s3Buckets(link), ...s3Lists(link), ...s3Objects(link), ...s3Uploads(link), close: link.close };
}
