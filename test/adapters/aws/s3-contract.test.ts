import { onTestFinished } from "vitest";
import { connectS3 } from "../../../src/adapters/aws/s3.ts";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { BUCKET, REGION, START_MS, startS3 } from "../../sandbox/s3/harness.ts";
import { connectionWith } from "./harness.ts";
import { s3Contract } from "./s3-contract.ts";

s3Contract("the sandbox's S3", async () => {
  const { url: endpoint, client, advance } = await startS3();
  const connection = connectionWith({ region: REGION, credentials: AWS_CREDENTIALS, endpoint });
  const connected = (accountId: string) => {
    const s3 = connectS3(connection, accountId);
    onTestFinished(() => s3.close());
    return s3;
  };
  let nowMs = START_MS;
  return {
    s3: connected("111122223333"),
    strangerS3: connected("999988887777"),
    client,
    region: REGION,
    bucket: BUCKET,
    now: () => new Date(nowMs),
    advance: (ms) => {
      nowMs += ms;
      advance(ms);
    },
  };
});
