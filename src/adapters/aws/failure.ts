/**
 * What a failure of the SDK means, in our own words, by status, name and code. The vendor's message is never quoted
 * and the vendor's error is never kept as a cause: for a wrong signature AWS repeats the signed headers, the session
 * token among them (https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html).
 */
import { OpsError } from "../../core/error.ts";
import { untrusted } from "../http/tls.ts";

export interface AwsFailure {
  /** The service's own name for it, or that of the JavaScript error. */
  readonly name: string;
  /** Of the network or the system. */
  readonly code: string | undefined;
  readonly status: number | undefined;
  /** Every answer of AWS bears one: without it, something else answered. */
  readonly requestId: string | undefined;
  /** Where S3 says that the bucket is. */
  readonly region: string | undefined;
}

/** The answer to a HEAD has no room for a name: `isHead` takes the status for one. */
export function readFailure(error: unknown, isHead = false): AwsFailure {
  const metadata = property(error, "$metadata");
  const answered = property(metadata, "httpStatusCode");
  const status = typeof answered === "number" ? answered : undefined;
  const name = word(property(error, "name")) ?? "unnamed";
  return {
    name: isHead && UNREAD.has(name) ? (HEAD_NAMES.get(status) ?? name) : name,
    code: word(property(error, "code")),
    status,
    requestId: opaque(property(metadata, "requestId")),
    region: regionOf(error),
  };
}

/** As OpsError; `call` names what was asked. Anything that is no failure of the SDK or the network is handed back. */
export function translate(error: unknown, call: string, isHead = false): unknown {
  if (error instanceof OpsError) return error;
  const failure = readFailure(error, isHead);
  return failure.status === undefined ? networkError(error, failure, call) : answerError(failure, failure.status, call);
}

export function isDenied({ name, requestId }: AwsFailure): boolean {
  return requestId !== undefined && DENIED.has(name);
}

/** A 404 of AWS itself: the SDK gives the empty 404 of anybody else the same name. */
export function isAbsent({ name, requestId }: AwsFailure): boolean {
  return requestId !== undefined && ABSENT.has(name);
}

/** The bucket has no such configuration: an answer as good as any to whether it may be read. */
export function isUnset({ name, requestId }: AwsFailure): boolean {
  return requestId !== undefined && UNSET.has(name);
}

/** The cause of an OpsError that a refusal of AWS led to. */
interface Refused {
  /** By AWS's own name. */
  readonly refusal: string;
  /** The region that the bucket is in, if that is why. */
  readonly elsewhere: string | undefined;
}

/** The refusal that led to `error`, if one did. */
export function refusalOf(error: unknown): Refused | undefined {
  const cause = error instanceof OpsError ? error.cause : undefined;
  const [refusal, elsewhere] = [property(cause, "refusal"), property(cause, "elsewhere")];
  if (typeof refusal !== "string") return undefined;
  return { refusal, elsewhere: typeof elsewhere === "string" ? elsewhere : undefined };
}

/** What answers in AWS's place: a 200 with a page of HTML counts as an empty answer with some SDK clients. */
export function notAws(call: string, status: number | undefined): OpsError {
  return new OpsError("protocol", `what answered ${call} with ${status} is not AWS, or cannot be read`, {
    hint: "is a proxy or a login page answering here? do AWS_ENDPOINT_URL and its kin point where they should?",
  });
}

const DENIED = new Set(["AccessDenied", "AccessDeniedException", "AuthorizationErrorException"]);
const ABSENT = new Set([
  ...["NoSuchBucket", "NoSuchKey", "NoSuchUpload", "NoSuchVersion"],
  ...["NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException"],
]);
const UNSET = new Set(["NoSuchLifecycleConfiguration", "ObjectLockConfigurationNotFoundError"]);

const THROTTLED =
  /^(Throttl(ing|ed)(Exception)?|RequestThrottled(Exception)?|RequestLimitExceeded|SlowDown|TooManyRequestsException)$/;
const EXPIRED = /^(ExpiredToken(Exception)?|TokenRefreshRequired|RequestExpired)$/;
const CLOCK = /^(RequestTimeTooSkewed|RequestInTheFuture)$/;
const UNACCEPTED =
  /^(InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClientException|InvalidToken|AuthFailure|SignatureDoesNotMatch|(InvalidSignature|IncompleteSignature|MissingAuthenticationToken)(Exception)?)$/;
const ELSEWHERE =
  /^(PermanentRedirect|TemporaryRedirect|Redirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/;

/** The SDK's names for an answer that it cannot read, or that has no code. */
const UNREAD = new Set(["Unknown", "SyntaxError", "Error"]);

function answerError(failure: AwsFailure, status: number, call: string): OpsError {
  const { name, requestId, region } = failure;
  const said = `${status} ${name}${requestId === undefined ? "" : `, request ${requestId}`}`;
  const cause: Refused = { refusal: name, elsewhere: ELSEWHERE.test(name) ? region : undefined };
  const fail = (kind: OpsError["kind"], message: string, hint?: string) =>
    new OpsError(kind, `${message}: ${said}`, {
      ...(requestId === undefined ? {} : { cause }),
      ...(hint === undefined ? {} : { hint }),
    });
  if (status === 429 || THROTTLED.test(name)) return fail("throttled", `AWS asks to slow down at ${call}`);
  if (status >= 500) return fail("unavailable", `AWS failed at ${call}`);
  if (requestId === undefined || status < 300 || UNREAD.has(name)) return notAws(call, status);
  if (isAbsent(failure)) return fail("not-found", `AWS does not find what ${call} asks for`);
  if (ELSEWHERE.test(name)) {
    const where = region === undefined ? "another region" : `its region, ${region}`;
    return fail("rejected", `AWS sends ${call} to ${where}`, "is aws.region of the policy the region of this bucket?");
  }
  if (name === "InvalidObjectState") {
    return fail("rejected", `AWS refused ${call}`, "the object's storage class does not allow it now: is it thawed?");
  }
  const hint = authHint(failure, status, call);
  if (hint !== undefined) return fail("auth", `AWS does not accept ${call}`, hint);
  return fail("rejected", `AWS refused ${call}`);
}

function authHint(failure: AwsFailure, status: number, call: string): string | undefined {
  const { name } = failure;
  if (EXPIRED.test(name)) return "the session has expired: sign in again, or get new temporary credentials";
  if (CLOCK.test(name)) return "set this machine's clock: AWS refuses requests that are minutes off";
  if (UNACCEPTED.test(name)) return "check the access key, its secret and its session token: AWS does not know them so";
  if (isDenied(failure)) return `grant ${call} to this identity`;
  return status === 401 || status === 403 ? "check what this identity and this account may do" : undefined;
}

const NETWORK_CODE =
  /^E(CONN(RESET|REFUSED|ABORTED)|PIPE|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN|PROTO)$|^ERR_(PROXY|SOCKET)_/;

function networkError(error: unknown, { name, code = "" }: AwsFailure, call: string): unknown {
  const insecure = untrusted(code, `AWS for ${call}`);
  if (insecure !== undefined) return insecure;
  // the name alone misleads: the SDK calls a reset connection a TimeoutError too
  if (NETWORK_CODE.test(code)) return new OpsError("unavailable", `the connection to AWS for ${call} failed (${code})`);
  if (code === "ETIMEDOUT" || name === "TimeoutError")
    return new OpsError("timeout", `AWS did not answer ${call} in time`);
  if (code === "ERR_INVALID_URL" || name === "EndpointError") {
    return new OpsError("config", `there is no endpoint for ${call}: a URL or a name is not as AWS has them`, {
      hint: "check AWS_ENDPOINT_URL and its kin (unset for AWS itself), and the names in the policy",
    });
  }
  if (code.startsWith("HPE_")) return new OpsError("protocol", `what answered ${call} does not speak HTTP (${code})`);
  return error;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
const HEAD_NAMES = new Map<number | undefined, string>([
  [301, "PermanentRedirect"],
  [307, "TemporaryRedirect"],
  [400, "BadRequest"],
  [403, "AccessDenied"],
  [405, "MethodNotAllowed"],
  [412, "PreconditionFailed"],
]);

/** In a header, or in the body where a signature was for another region. */
function regionOf(error: unknown): string | undefined {
  const header = property(property(property(error, "$response"), "headers"), "x-amz-bucket-region");
  const region = header ?? property(error, "Region");
  return typeof region === "string" && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) ? region : undefined;
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** A name or code, if it looks like one: what comes from outside is to fit one line of a terminal, and be no secret. */
function word(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z][\w.:]{0,79}$/.test(value) ? value : undefined;
}

function opaque(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w-]{1,80}$/.test(value) ? value : undefined;
}
