/** A local server that answers as a test tells it, the sandbox's AWS among the answers, and an Aws connected to it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { expect, onTestFinished } from "vitest";
import { connectAws } from "../../../src/adapters/aws/aws.ts";
import { AWS_LIMITS } from "../../../src/adapters/aws/client.ts";
import { connectS3 } from "../../../src/adapters/aws/s3.ts";
import { type AwsConnection, type AwsOptions, awsConnection } from "../../../src/adapters/aws/settings.ts";
import { OpsError } from "../../../src/core/error.ts";
import type { Aws, AwsPermission } from "../../../src/ports/aws.ts";
import type { S3 } from "../../../src/ports/s3.ts";
import { AWS_CREDENTIALS, type AwsWorld, awsAnswer, newAws } from "../../../src/sandbox/aws.ts";
import { archiveBucket, openS3 } from "../../../src/sandbox/s3/s3.ts";
import { NO_WATCH, plainTopic } from "../../../src/sandbox/watch.ts";
import { NOBODY } from "../../support/agent.ts";

const HOME = { accountId: "111122223333", region: "ap-south-1" };

export const WORLD: AwsWorld = {
  ...HOME,
  buckets: [archiveBucket("litally-archive", "ap-south-1")],
  watch: { ...NO_WATCH, topics: [plainTopic("litally-critical", HOME)] },
  keys: [],
  denied: [],
};
export const TOPIC_ARN = "arn:aws:sns:ap-south-1:111122223333:litally-critical";

export const PERMISSIONS: readonly AwsPermission[] = [
  { kind: "cloudwatch:DescribeAlarms" },
  { kind: "sns:GetTopicAttributes", topicArn: TOPIC_ARN },
  { kind: "sns:ListSubscriptionsByTopic", topicArn: TOPIC_ARN },
  { kind: "s3:ListBucket", bucket: "litally-archive" },
  { kind: "s3:GetBucketVersioning", bucket: "litally-archive" },
  { kind: "s3:GetBucketObjectLockConfiguration", bucket: "litally-archive" },
  { kind: "s3:GetLifecycleConfiguration", bucket: "litally-archive" },
];

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly message: IncomingMessage;
}
export type Handler = (request: Seen, response: ServerResponse) => void;

export interface TestServer {
  readonly url: string;
  readonly seen: readonly Seen[];
}

/** Serves until the test ends. */
export async function serve(handler: Handler): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const entry = {
      method: request.method ?? "",
      url: request.url ?? "",
      headers: request.headers,
      body,
      message: request,
    };
    seen.push(entry);
    handler(entry, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has such an address
  return { url: `http://127.0.0.1:${port}`, seen };
}

/** A proxy that lets nobody through, and what it was asked for. */
export async function refusingProxy(): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const proxy = createTcpServer((socket) => {
    socket.on("error", () => {}); // clients hang up as they like
    socket.once("data", (bytes) => {
      asked.push(bytes.toString().split("\r\n")[0] ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  const { port } = proxy.address() as AddressInfo; // a TCP server that listens has such an address
  return { url: `http://127.0.0.1:${port}`, asked };
}

/** The sandbox's AWS, S3 among it; what is not for it gets a 418, which no test expects. */
export function sandboxed(world: AwsWorld = WORLD): Handler {
  const { server: s3 } = openS3({
    ...world,
    account: { ...AWS_CREDENTIALS, ...world },
    nowMs: () => 0,
    settle: () => Promise.resolve(),
    folder: undefined,
    about: "",
    discards: false,
    log: () => {},
  });
  let aws = newAws(world);
  return ({ method, url, headers, body, message }, response) => {
    if (headers.authorization?.includes("/s3/aws4_request")) return void s3.emit("request", message, response);
    const now = { aws, nowMs: Date.now(), rights: { denied: world.denied, mayWrite: true } };
    const answered = awsAnswer({ method, url: new URL(url, "http://127.0.0.1"), headers, body }, now);
    aws = answered?.aws ?? aws;
    response.writeHead(answered?.answer.status ?? 418, { ...answered?.answer.headers });
    response.end(answered?.answer.body);
  };
}

/** The same answer to everything. */
export function always(status: number, body: string, headers: Record<string, string> = {}): Handler {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

export const LIMITS = {
  ...AWS_LIMITS,
  credentialsMs: 3_000,
  headersMs: 500,
  callMs: 5_000,
  workMs: 5_000,
  attempts: 1,
};

export function connect(server: { readonly url: string }, options: Partial<AwsOptions> = {}): Aws {
  return connectWith({ credentials: AWS_CREDENTIALS, endpoint: server.url, ...options });
}

/** Without credentials and endpoint, unless given: the SDK looks for them itself. */
export function connectWith(options: Partial<AwsOptions>): Aws {
  const aws = connectAws(connectionWith(options));
  onTestFinished(() => aws.close());
  return aws;
}

/** The S3 of the account 111122223333. */
export function connectToS3(server: { readonly url: string }, options: Partial<AwsOptions> = {}): S3 {
  const connection = connectionWith({ credentials: AWS_CREDENTIALS, endpoint: server.url, ...options });
  const s3 = connectS3(connection, WORLD.accountId);
  onTestFinished(() => s3.close());
  return s3;
}

/** An answer of S3's as its handlers give it. */
export interface S3Answer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Each of them once, in order, and the last one for whatever comes after; all with a request id. */
export function inTurn(...answers: readonly S3Answer[]): Handler {
  let turn = 0;
  return (request, response) => {
    const { status = 200, body = "", headers = {} } = answers[Math.min(turn, answers.length - 1)] ?? {};
    turn += 1;
    response.writeHead(status, { "x-amz-request-id": "r-1", ...headers });
    response.end(request.method === "HEAD" ? undefined : body);
  };
}

/** S3's words for a refusal. */
export function refused(status: number, code: string, more = ""): S3Answer {
  return { status, body: `<Error><Code>${code}</Code><Message>secret words of AWS</Message>${more}</Error>` };
}

export function connectionWith(options: Partial<AwsOptions>): AwsConnection {
  const { signal } = new AbortController();
  return awsConnection({ region: "ap-south-1", by: NOBODY, signal, env: {}, limits: LIMITS, ...options });
}

/** The process's own environment is what the SDK's chain reads; AWS's part of it is as given until the test ends. */
export function awsEnvironment(variables: Readonly<Record<string, string>>): void {
  const before = { ...process.env };
  onTestFinished(() => {
    process.env = before;
  });
  const others = Object.entries(before).filter(([name]) => !name.startsWith("AWS_"));
  const nowhere = "/nonexistent/litally-ops-test";
  process.env = {
    ...Object.fromEntries(others),
    HOME: nowhere,
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_EC2_METADATA_DISABLED: "true",
    ...variables,
  };
}

/** The OpsError that `promise` fails with; anything else fails the test. */
export async function failure(promise: Promise<unknown>): Promise<OpsError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`did not fail, gave ${JSON.stringify(outcome.value)}`);
  expect(outcome.error).toBeInstanceOf(OpsError);
  return outcome.error as OpsError; // checked in the line above
}
