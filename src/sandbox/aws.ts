/**
 * AWS in the sandbox: whom credentials belong to, alarms, topics and keys, in the services' own wire formats. S3 is a
 * server of its own.
 */
import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import { perform, type Rights, type ServiceNames } from "./aws-call.ts";
import { STS } from "./aws-services.ts";
import {
  CLOUDWATCH_JSON,
  type Elements,
  KMS_JSON,
  type Outcome,
  type Protocol,
  QUERY,
  type Refusal,
  xml,
} from "./aws-wire.ts";
import { CLOUDWATCH } from "./cloudwatch/operations.ts";
import { isRecord } from "./cloudwatch/words.ts";
import { hear } from "./heard.ts";
import { KMS } from "./kms.ts";
import { SNS } from "./sns/operations.ts";
import type { AwsState, Words } from "./watch.ts";

export { type AwsWorld, newAws } from "./aws-services.ts";

/** The same everywhere: they open nothing but a sandbox on loopback. */
export const AWS_CREDENTIALS = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "sandbox-secret-access-key" };

export interface AwsRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** What a request meets. */
export interface AwsNow {
  readonly aws: AwsState;
  readonly nowMs: number;
  readonly rights: Rights;
}

/** An answer, and AWS as it then is: the same where nothing has changed. */
export interface AwsAnswered {
  readonly answer: Answer;
  readonly aws: AwsState;
}

/** null: the request is not meant for AWS. */
export function awsAnswer(request: AwsRequest, now: AwsNow): AwsAnswered | null {
  if (!isForAws(request)) return null;
  const requestId = randomUUID();
  const route = routeOf(request);
  hear({ userAgent: request.headers["user-agent"], service: route.service.prefix, operation: route.operation });
  const refused = credentialProblem(request, route.protocol);
  const done = refused ?? carryOut(route, now);
  const outcome: Outcome = "result" in done ? { body: route.worded(done.result, requestId) } : done;
  return { answer: route.protocol.reply(outcome, requestId), aws: "result" in done ? (done.aws ?? now.aws) : now.aws };
}

const SIGNED = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/[\w-]+\/[\w-]+\/aws4_request,/;

/** AWS's clients sign their requests, and mark even those that they do not sign. */
function isForAws({ headers }: AwsRequest): boolean {
  if (typeof headers["authorization"] === "string" && SIGNED.test(headers["authorization"])) return true;
  return Object.keys(headers).some((name) => name.startsWith("x-amz-") || name.startsWith("amz-sdk-"));
}

interface Route {
  readonly protocol: Protocol;
  readonly service: ServiceNames;
  readonly operation: string;
  readonly input: Words | Refusal;
  /** A good answer in the words of the protocol. */
  readonly worded: (result: Words, requestId: string) => string;
}

function carryOut({ service, operation, input }: Route, { aws, nowMs, rights }: AwsNow): ReturnType<typeof perform> {
  if (isRefusal(input)) return input;
  return perform(service, operation, { aws, nowMs, input }, rights);
}

function routeOf({ headers, body }: AwsRequest): Route {
  const target = headers["x-amz-target"];
  if (typeof target !== "string") return queryRoute(new URLSearchParams(body));
  const [name, operation = ""] = target.split(".");
  const isKms = name === "TrentService";
  const service = isKms ? KMS : CLOUDWATCH;
  const input = jsonOf(body) ?? { status: 400, code: "SerializationException", message: "The body is not JSON." };
  return {
    protocol: isKms ? KMS_JSON : CLOUDWATCH_JSON,
    service,
    operation,
    input,
    worded: (result) => JSON.stringify(result),
  };
}

const STS_VERSION = "2011-06-15";

function queryRoute(form: URLSearchParams): Route {
  const operation = form.get("Action") ?? "";
  const fields = [...form].filter(([name]) => name !== "Action" && name !== "Version");
  return {
    protocol: QUERY,
    service: form.get("Version") === STS_VERSION ? STS : SNS,
    operation,
    input: Object.fromEntries(fields),
    worded: (result, RequestId) => {
      // what operations of these services give is made of elements
      const content = { [`${operation}Result`]: result as Elements, ResponseMetadata: { RequestId } };
      return xml({ [`${operation}Response`]: content });
    },
  };
}

function jsonOf(body: string): Words | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isRefusal(input: Words | Refusal): input is Refusal {
  return typeof input["code"] === "string" && typeof input["status"] === "number";
}

/** Only the name of the key is looked at: the signature itself is not verified. */
function credentialProblem({ headers }: AwsRequest, protocol: Protocol): Outcome | null {
  const { authorization } = headers;
  const accessKeyId = typeof authorization === "string" ? SIGNED.exec(authorization)?.[1] : undefined;
  if (accessKeyId === undefined) return protocol.unsigned;
  return accessKeyId === AWS_CREDENTIALS.accessKeyId ? null : protocol.unknownKey;
}
