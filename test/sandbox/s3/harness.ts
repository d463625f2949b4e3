/** The sandbox's S3 behind a port of its own, a clock that only tests move, and the official client. Ends with the test. */
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { archiveBucket, openS3, type S3, type S3Options } from "../../../src/sandbox/s3/s3.ts";

export const REGION = "ap-south-1";
export const BUCKET = "litally-archive";
/** Without versions and without locks. */
export const PLAIN = "litally-plain";
export const START_MS = Date.parse("2026-11-22T10:30:20Z");

const PLAIN_BUCKET = {
  ...archiveBucket(PLAIN, REGION),
  versioning: null,
  objectLock: null,
  encryption: null,
  publicAccessBlock: null,
  lifecycle: null,
};

export interface TestS3 {
  readonly url: string;
  readonly client: S3Client;
  readonly s3: S3;
  readonly log: readonly string[];
  /** Puts the world's clock forward. */
  advance(ms: number): void;
  /** Another client of the same server. */
  connect(config: S3ClientConfig): S3Client;
  stop(): Promise<void>;
}

export async function startS3(options: Partial<S3Options> = {}): Promise<TestS3> {
  let nowMs = START_MS;
  const log: string[] = [];
  const s3 = openS3({
    account: { ...AWS_CREDENTIALS, region: REGION, accountId: "111122223333" },
    buckets: [archiveBucket(BUCKET, REGION), PLAIN_BUCKET],
    denied: [],
    nowMs: () => nowMs,
    settle: () => Promise.resolve(),
    folder: undefined,
    about: "a test",
    discards: false,
    log: (line) => void log.push(line),
    ...options,
  });
  await new Promise<void>((resolve) => s3.server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(s3.server.address() as AddressInfo).port}`; // a listening TCP server has one
  const clients: S3Client[] = [];
  const connect = (config: S3ClientConfig) => {
    const client = new S3Client({
      endpoint: url,
      region: REGION,
      credentials: AWS_CREDENTIALS,
      maxAttempts: 1,
      ...config,
    });
    clients.push(client);
    return client;
  };
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    for (const client of clients) client.destroy();
    s3.server.closeAllConnections();
    await new Promise((resolve) => s3.server.close(resolve));
    s3.close();
  };
  onTestFinished(stop);
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { url, client: connect({}), s3, log, advance, connect, stop };
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "litally-ops-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** How a request failed: the code and status that S3 gave. */
export async function refusal(promise: Promise<unknown>): Promise<{ readonly name: string; readonly status: number }> {
  const error = await promise.then(
    () => new Error("it was not refused"),
    (thrown: unknown) => thrown,
  );
  const metadata = Reflect.get(Object(error), "$metadata") as { readonly httpStatusCode?: number } | undefined; // of every error of the SDK
  if (metadata?.httpStatusCode === undefined) throw error;
  return { name: (error as Error).name, status: metadata.httpStatusCode };
}
