/** The real AWS behind the port: the SDK's own clients, asked one read at a time, each read within a limit. */
import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";
import type { Aws, AwsIdentity, AwsPermission } from "../../ports/aws.ts";
import { within } from "../within.ts";
import { type Answered, AWS_LIMITS, type AwsLimits, type ClientSettings, requestHandler } from "./client.ts";
import { type Clients, lazyClients } from "./clients.ts";
import { isAbsent, isDenied, isUnset, notAws, readFailure, translate } from "./failure.ts";

export interface AwsOptions {
  readonly region: string;
  readonly signal: AbortSignal;
  /** For the proxy variables alone: the SDK reads its own from the process. */
  readonly env: Environment;
  /** Those of a sandbox; otherwise the SDK's own chain finds some. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** That of a sandbox; otherwise the SDK's own variables name one, or it is AWS itself. */
  readonly endpoint?: string;
  readonly limits?: AwsLimits;
}

/** Light: no client is loaded, nothing is read or sent before the first call. */
export function connectAws(options: AwsOptions): Aws {
  const limits = options.limits ?? AWS_LIMITS;
  const clients = lazyClients(() => clientSettings(options, limits));
  const limited = async <Answer extends Answered>(call: string, read: (signal: AbortSignal) => Promise<Answer>) => {
    const late = () => new OpsError("timeout", `AWS did not finish ${call} within ${limits.callMs / 1000} s`);
    const answer = await within({ signal: options.signal, limitMs: limits.callMs, doing: "asking AWS", late }, read);
    if (answer.$metadata.requestId === undefined) throw notAws(call, answer.$metadata.httpStatusCode);
    return answer;
  };
  return {
    identity: async () => {
      try {
        const read = async (signal: AbortSignal) => (await clients.sts()).ask("identity", signal);
        return identityOf(await limited("sts:GetCallerIdentity", read));
      } catch (error) {
        throw translate(error, "sts:GetCallerIdentity");
      }
    },
    probe: async (permission) => {
      try {
        await limited(permission.kind, (signal) => ask(clients, permission, signal));
        return "allowed";
      } catch (error) {
        const failure = readFailure(error);
        if (isUnset(failure)) return "allowed";
        if (isDenied(failure)) return "denied";
        if (isAbsent(failure)) return "absent";
        throw translate(error, permission.kind);
      }
    },
    close: clients.close,
  };
}

async function clientSettings(options: AwsOptions, limits: AwsLimits): Promise<ClientSettings> {
  const handler = requestHandler(limits, options.env);
  return {
    region: options.region,
    requestHandler: handler,
    maxAttempts: limits.attempts,
    credentials: options.credentials ?? (await chain(options.signal, limits, handler)),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
  };
}

async function chain(signal: AbortSignal, limits: AwsLimits, handler: ClientSettings["requestHandler"]) {
  const { credentialChain } = await import("./credentials.ts");
  return credentialChain({ signal, limitMs: limits.credentialsMs, requestHandler: handler });
}

async function ask(clients: Clients, permission: AwsPermission, signal: AbortSignal): Promise<Answered> {
  switch (permission.kind) {
    case "cloudwatch:DescribeAlarms":
      return (await clients.cloudWatch()).ask(permission, signal);
    case "sns:GetTopicAttributes":
    case "sns:ListSubscriptionsByTopic":
      return (await clients.sns()).ask(permission, signal);
    case "s3:ListBucket":
    case "s3:GetBucketVersioning":
    case "s3:GetBucketObjectLockConfiguration":
    case "s3:GetLifecycleConfiguration":
      return (await clients.s3()).ask(permission, signal);
  }
}

function identityOf(answer: { readonly Account?: string | undefined; readonly Arn?: string | undefined }): AwsIdentity {
  const { Account: accountId = "", Arn: arn = "" } = answer;
  const owner = /^arn:[\w-]+:(?:iam|sts)::(\d{12}):[!-~]{1,2048}$/.exec(arn)?.[1];
  if (owner !== undefined && owner === accountId) return { accountId, arn };
  throw new OpsError("protocol", "AWS does not say clearly to whom these credentials belong");
}
