/** How AWS is reached from here: as whom, where, through what and within which limits; the same for all services of a run. */
import type { Environment } from "../../core/environment.ts";
import { once } from "../../core/once.ts";
import { AWS_LIMITS, type AwsLimits, type ClientSettings, requestHandler, requestLogger, SILENT } from "./client.ts";

export interface AwsOptions {
  readonly region: string;
  /** Who asks, for which command: CloudTrail shows it with every call. */
  readonly by: { readonly version: string; readonly command: string };
  readonly signal: AbortSignal;
  /** For the proxy variables alone: the SDK reads its own from the process. */
  readonly env: Environment;
  /** Those of a sandbox; otherwise the SDK's own chain finds some. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** That of a sandbox; otherwise the SDK's own variables name one, or it is AWS itself. */
  readonly endpoint?: string;
  /** Where S3 is, if not at `endpoint`. */
  readonly s3Endpoint?: string;
  readonly limits?: AwsLimits;
  /** Takes a line for each call, with nothing of what was asked or answered; absent: nobody wants to know. */
  readonly log?: (line: string) => void;
}

export interface AwsConnection {
  readonly signal: AbortSignal;
  readonly limits: AwsLimits;
  readonly settings: () => Promise<ClientSettings>;
  readonly s3Settings: () => Promise<ClientSettings>;
}

/** Light: credentials are looked for when a client is first made, and once for all of them. */
export function awsConnection(options: AwsOptions): AwsConnection {
  const { signal, limits = AWS_LIMITS, endpoint, s3Endpoint = endpoint } = options;
  const shared = once(() => sharedSettings(options, limits));
  const at = (url: string | undefined) => async () => ({
    ...(await shared()),
    ...(url === undefined ? {} : { endpoint: url }),
  });
  return { signal, limits, settings: at(endpoint), s3Settings: at(s3Endpoint) };
}

async function sharedSettings(options: AwsOptions, limits: AwsLimits): Promise<ClientSettings> {
  const handler = requestHandler(limits, options.env);
  return {
    region: options.region,
    customUserAgent: userAgentOf(options.by),
    logger: options.log === undefined ? SILENT : requestLogger(options.log),
    requestHandler: handler,
    maxAttempts: limits.attempts,
    credentials: options.credentials ?? (await chain(options.signal, limits, handler)),
  };
}

/** Behind the SDK's own: `litally-ops/0.1.0 command/backup-verify`, for it lets no space or bracket stand there. */
function userAgentOf({ version, command }: AwsOptions["by"]): ClientSettings["customUserAgent"] {
  return [
    ["litally-ops", version],
    ["command", command.replaceAll(" ", "-")],
  ];
}

async function chain(signal: AbortSignal, limits: AwsLimits, handler: ClientSettings["requestHandler"]) {
  const { credentialChain } = await import("./credentials.ts");
  return credentialChain({ signal, limitMs: limits.credentialsMs, requestHandler: handler });
}
