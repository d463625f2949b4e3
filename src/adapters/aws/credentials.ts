/** Who we are to AWS: by the SDK's own chain, which reads the environment itself, within a limit in time. */
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { OpsError } from "../../core/error.ts";
import { within } from "../within.ts";
import { type RequestHandler, SILENT } from "./client.ts";
import { readFailure, translate } from "./failure.ts";

export interface ChainOptions {
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** The chain's own calls (to STS, to IAM Identity Center) go out as ours do. */
  readonly requestHandler: RequestHandler;
}

/** One for all clients: what it finds is looked for once, and again only when it expires. */
export function credentialChain(options: ChainOptions): ReturnType<typeof fromNodeProviderChain> {
  const { signal, limitMs, requestHandler } = options;
  // no region here: it would outrank that of an IAM Identity Center session
  const chain = fromNodeProviderChain({ clientConfig: { requestHandler }, logger: SILENT });
  return async (context) => {
    try {
      return await within({ signal, limitMs, doing: "asking AWS", late: foundLate }, () => chain(context));
    } catch (error) {
      throw chainError(error);
    }
  };
}

const WHERE =
  "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a profile that exists (it outranks keys), or run where AWS provides a role";

function chainError(error: unknown): OpsError {
  if (error instanceof OpsError) return error;
  const { name } = readFailure(error);
  const message = error instanceof Error ? error.message : "";
  if (/^Could not load credentials from any providers/.test(message)) {
    return new OpsError("auth", "no AWS credentials found", { hint: WHERE });
  }
  const failure = translate(error, "the call for credentials");
  if (failure instanceof OpsError && failure.kind !== "rejected") return failure;
  // the message may quote the command of a credential process, so only its subject is looked for in it
  const hint = /\bSSO\b/i.test(message) ? "sign in again: aws sso login" : WHERE;
  return new OpsError("auth", `the AWS credentials configured here cannot be used (${name})`, { hint });
}

function foundLate(limitMs: number): OpsError {
  return new OpsError("auth", `no AWS credentials found within ${limitMs / 1000} s`, { hint: WHERE });
}
