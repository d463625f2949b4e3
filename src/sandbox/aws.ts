/**
 * AWS in the sandbox, as far as litally-ops asks whether work is possible there: whom credentials belong to, and a
 * small read each of alarms, topics and keys, in the services' own wire formats. Nothing here changes anything. S3 is a
 * server of its own.
 */
import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import { type AwsWorld, answerCloudWatch, answerKms, answerSns, answerSts } from "./aws-services.ts";
import { CLOUDWATCH_JSON, KMS_JSON, type Outcome, type Protocol, QUERY } from "./aws-wire.ts";

export type { AwsWorld } from "./aws-services.ts";

/** The same everywhere: they open nothing but a sandbox on loopback. */
export const AWS_CREDENTIALS = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "sandbox-secret-access-key" };

export interface AwsRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** null: the request is not meant for AWS. */
export function awsAnswer(request: AwsRequest, world: AwsWorld): Answer | null {
  if (!isForAws(request)) return null;
  const requestId = randomUUID();
  const { protocol, answer } = route(request, world, requestId);
  return protocol.reply(credentialProblem(request, protocol) ?? answer(), requestId);
}

const SIGNED = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/[\w-]+\/[\w-]+\/aws4_request,/;

/** AWS's clients sign their requests, and mark even those that they do not sign. */
function isForAws({ headers }: AwsRequest): boolean {
  if (typeof headers["authorization"] === "string" && SIGNED.test(headers["authorization"])) return true;
  return Object.keys(headers).some((name) => name.startsWith("x-amz-") || name.startsWith("amz-sdk-"));
}

interface Route {
  readonly protocol: Protocol;
  readonly answer: () => Outcome;
}

function route({ headers, body }: AwsRequest, world: AwsWorld, requestId: string): Route {
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    const [service, operation = ""] = target.split(".");
    return service === "TrentService"
      ? { protocol: KMS_JSON, answer: () => answerKms(operation, body, world) }
      : { protocol: CLOUDWATCH_JSON, answer: () => answerCloudWatch(operation, world) };
  }
  const form = new URLSearchParams(body);
  const answerForm = form.get("Version") === STS_VERSION ? answerSts : answerSns;
  return { protocol: QUERY, answer: () => answerForm(form, world, requestId) };
}

const STS_VERSION = "2011-06-15";

/** Only the name of the key is looked at: the signature itself is not verified. */
function credentialProblem({ headers }: AwsRequest, protocol: Protocol): Outcome | null {
  const { authorization } = headers;
  const accessKeyId = typeof authorization === "string" ? SIGNED.exec(authorization)?.[1] : undefined;
  if (accessKeyId === undefined) return protocol.unsigned;
  return accessKeyId === AWS_CREDENTIALS.accessKeyId ? null : protocol.unknownKey;
}
