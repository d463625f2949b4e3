/** What the clients of all services have in common: limits, the proxy, and the shape in which aws.ts uses them. */
import { Agent } from "node:https";
import type { STSClientConfig } from "@aws-sdk/client-sts";
import type { Environment } from "../../core/environment.ts";

export interface AwsLimits {
  /** For the search for credentials. */
  readonly credentialsMs: number;
  readonly connectMs: number;
  /** From a request to the head of its answer. */
  readonly headersMs: number;
  /** For a call as a whole, repetitions included. */
  readonly callMs: number;
  /** For a call whose work S3 does on its own side: a copy of 5 GiB, the completion of 10,000 parts. */
  readonly workMs: number;
  readonly attempts: number;
  readonly connections: number;
}

export const AWS_LIMITS: AwsLimits = {
  credentialsMs: 10_000,
  connectMs: 3_000,
  headersMs: 8_000,
  callMs: 40_000,
  workMs: 600_000,
  attempts: 3,
  connections: 16,
};

/** A service behind its SDK client: `ask` sends the one read that stands for the question. */
export interface Service<Question, Answer extends Answered = Answered> {
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

/** What every answer bears; of the rest, nothing is relied on here. */
export interface Answered {
  readonly $metadata: { readonly httpStatusCode?: number | undefined; readonly requestId?: string | undefined };
}

type Logger = Readonly<Record<"debug" | "info" | "warn" | "error", (content: unknown) => void>>;

export type RequestHandler = NonNullable<STSClientConfig["requestHandler"]>;

export interface ClientSettings {
  readonly region: string;
  readonly credentials: NonNullable<STSClientConfig["credentials"]>;
  readonly customUserAgent: [name: string, version: string][]; // the SDK's type: it reads it only
  readonly logger: Logger;
  readonly requestHandler: RequestHandler;
  readonly maxAttempts: number;
  readonly endpoint?: string;
}

/** Where the SDK is given no logger, it writes its warnings to the console. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What the SDK tells of each call: what was asked and answered stands in it too, and is left out. */
export function requestLogger(log: (line: string) => void): Logger {
  const tell = (content: unknown) => {
    const { clientName, commandName, metadata, error } = Object(content);
    if (typeof commandName !== "string") return;
    const { httpStatusCode, attempts, requestId } = Object(metadata);
    const outcome = httpStatusCode ?? Object(error).name ?? "no answer";
    const service = String(clientName).replace(/Client$/, "");
    log(
      `${service} ${commandName.replace(/Command$/, "")} ${outcome} (attempts ${attempts ?? 1}, request ${requestId ?? "unknown"})`,
    );
  };
  return { ...SILENT, info: tell, error: tell };
}

/** The SDK reads its own variables itself, but knows nothing of proxies. Plain http is for loopback: it goes straight. */
export function requestHandler(limits: AwsLimits, env: Environment): RequestHandler {
  const { https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY } = env;
  return {
    connectionTimeout: limits.connectMs,
    requestTimeout: limits.headersMs,
    throwOnRequestTimeout: true, // without it the SDK would warn and wait on
    logger: SILENT,
    httpsAgent: new Agent({
      keepAlive: true,
      maxSockets: limits.connections,
      proxyEnv: { https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY },
    }),
  };
}
