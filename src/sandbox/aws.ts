/**
 * AWS in the sandbox, as far as litally-ops asks whether work is possible there: whom credentials belong to, and a
 * small read each of alarms, topics and buckets, in the services' own wire formats. Nothing here changes anything.
 */
import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import { jsonReply, queryReply, type Reply, s3Reply } from "./aws-wire.ts";

export const AWS_ACCOUNT_ID = "111122223333";
export const AWS_REGION = "ap-south-1";
/** The same everywhere: they open nothing but a sandbox on loopback. */
export const AWS_CREDENTIALS = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "sandbox-secret-access-key" };

export interface AwsWorld {
  readonly buckets: readonly string[];
  /** Topics by name, in AWS_REGION. */
  readonly topics: readonly string[];
  /** Actions, as IAM policies write them, that these credentials may not do. */
  readonly denied?: readonly string[];
}

export interface AwsRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** null: the request is not for AWS, whose clients sign what they send or at least mark it with headers of their own. */
export function awsAnswer(request: AwsRequest, world: AwsWorld): Answer | null {
  const { authorization } = request.headers;
  const isSigned = typeof authorization === "string" && authorization.startsWith(SIGNATURE);
  if (!isSigned && !Object.keys(request.headers).some((name) => /^(x-amz-|amz-sdk-)/.test(name))) return null;
  const service = serviceOf(request);
  const outcome = credentialProblem(authorization, service) ?? service.answer(request, world);
  return service.reply(outcome, randomUUID());
}

const SIGNATURE = "AWS4-HMAC-SHA256 ";

interface Service {
  /** As in the scope of a signature. */
  readonly name: string;
  readonly reply: Reply;
  readonly codes: { readonly missing: string; readonly unknown: string; readonly scope: string };
  answer(request: AwsRequest, world: AwsWorld): Outcome;
}
