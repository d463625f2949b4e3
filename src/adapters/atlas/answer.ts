/** What an answer of Atlas means: its JSON, or a failure in our own words. Nothing about the body is taken on trust. */
import { OpsError } from "../../core/error.ts";
import { oneLine, parseRetryAfter } from "../http/answers.ts";
import type { HttpResponse } from "../http/exchange.ts";
import type { Attempt } from "../http/retry.ts";
import type { Operation } from "./operations.ts";

/** The cause of an OpsError that a refusal of Atlas led to. */
export interface AtlasFailure {
  readonly status: number;
  readonly errorCode: string | undefined;
}

interface Asked {
  readonly operation: Operation;
  readonly path: string;
  readonly now: Date;
  /** Takes secrets out of text that came from outside; before it is cut, for half a secret is not recognised. */
  readonly redact: (text: string) => string;
}

const JSON_TYPE = /^application\/(vnd\.atlas\.[0-9-]+\+)?json\s*(;|$)/i;
const ERROR_CODE = /^[A-Z0-9_]{1,100}$/;
const DETAIL_CHARS_MAX = 300;
const TYPE_CHARS_MAX = 60;
/** Both mean that the address we call from is not listed (https://www.mongodb.com/docs/atlas/reference/api-errors/). */
const ACCESS_LIST_CODES = new Set(["IP_ADDRESS_NOT_ON_ACCESS_LIST", "ORG_REQUIRES_ACCESS_LIST"]);

export function judgeAnswer(response: HttpResponse, asked: Asked): Attempt {
  const { status } = response;
  // a cancellation answers nothing, and that is all there is to read
  if (status === 204 && asked.operation.method === "DELETE") return { ok: true, body: null };
  if (status >= 200 && status < 300) return readJson(response, asked);
  const retryAfterMs = parseRetryAfter(response.headers["retry-after"], asked.now);
  return {
    ok: false,
    error: refusal(status, readErrorBody(response.text), asked),
    repeat: status === 429 ? "refused" : status >= 500 ? "unclear" : "never",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** The status and code of the refusal that led to `error`, if one did. */
export function atlasFailure(error: unknown): AtlasFailure | undefined {
  const cause = error instanceof OpsError ? error.cause : undefined;
  if (typeof cause !== "object" || cause === null || !("status" in cause) || !("errorCode" in cause)) return undefined;
  const { status, errorCode } = cause;
  if (typeof status !== "number" || (typeof errorCode !== "string" && errorCode !== undefined)) return undefined;
  return { status, errorCode };
}

export function isAccessListFailure(failure: AtlasFailure): boolean {
  return failure.errorCode !== undefined && ACCESS_LIST_CODES.has(failure.errorCode);
}

function readJson(response: HttpResponse, asked: Asked): Attempt {
  const what = `the answer to ${asked.operation.method} ${asked.path}`;
  const type = response.headers["content-type"];
  const encoding = response.headers["content-encoding"];
  if (typeof type !== "string" || !JSON_TYPE.test(type)) {
    return unreadable(
      `${what} is not JSON but ${shownType(type, asked)}`,
      "never",
      "is a proxy or a login page answering here? else try again later",
    );
  }
  if (encoding !== undefined && encoding !== "identity") {
    return unreadable(`${what} is compressed, which was not asked for`, "never");
  }
  try {
    return { ok: true, body: JSON.parse(response.text) };
  } catch {
    // the parser's own message would quote the body; a body cut short may be whole next time
    return unreadable(`${what} is ${response.text === "" ? "empty" : "cut short or not valid JSON"}`, "unclear");
  }
}

function unreadable(message: string, repeat: "unclear" | "never", hint?: string): Attempt {
  const error = new OpsError("protocol", message, hint === undefined ? {} : { hint });
  return { ok: false, error, repeat };
}

function refusal(status: number, body: ErrorBody, asked: Asked): OpsError {
  const failure: AtlasFailure = { status, errorCode: body.errorCode };
  const detail = body.detail === undefined ? undefined : clause(oneLine(asked.redact(body.detail), DETAIL_CHARS_MAX));
  const said = [body.errorCode, detail].filter(Boolean).join(": ");
  const fail = (kind: OpsError["kind"], verb: string, hint?: string) => {
    const message = `Atlas ${verb} ${asked.operation.method} ${asked.path}: ${status}${said === "" ? "" : ` ${said}`}`;
    return new OpsError(kind, message, { cause: failure, ...(hint === undefined ? {} : { hint }) });
  };

  if (status === 401) return fail("auth", "does not accept the credentials for", "check the key or service account");
  if (status === 403) return fail("auth", "does not allow", forbiddenHint(failure, asked.operation));
  if (status === 404) return fail("not-found", "does not find", "check the project id and the names in the policy");
  if (status === 406 || status === 410) {
    return fail("protocol", "no longer serves this version of", "upgrade litally-ops");
  }
  if (status === 429) {
    return fail("throttled", "asks to slow down at", "try again in a minute; all runs on a project share its limits");
  }
  if (status >= 500) return fail("unavailable", "failed at", TRY_AGAIN);
  if (status >= 400) return fail("rejected", "refused");
  if (REDIRECTS.has(status)) {
    return fail("protocol", "did not answer but redirected", "set MONGODB_ATLAS_BASE_URL to where Atlas really is");
  }
  return fail("protocol", "gave no content to", "is a proxy or a cache answering here? else try again later");
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const TRY_AGAIN =
  "try again later: https://status.mongodb.com tells of trouble at Atlas; a proxy in between may fail too";

function forbiddenHint(failure: AtlasFailure, operation: Operation): string {
  const accessList = "this machine's address must be on the API access list of the key or service account";
  if (isAccessListFailure(failure)) return accessList;
  return `it needs ${operation.roles.map((role) => `"${role}"`).join(" or ")} on the project; also, ${accessList}`;
}

interface ErrorBody {
  readonly errorCode: string | undefined;
  readonly detail: string | undefined;
}

/** The body of a refusal is often not Atlas's but a proxy's page, or nothing: then the status says enough. */
function readErrorBody(text: string): ErrorBody {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const stringAt = (name: string): string | undefined => {
    const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const code = stringAt("errorCode");
  return { errorCode: code !== undefined && ERROR_CODE.test(code) ? code : undefined, detail: stringAt("detail") };
}

/** A sentence as a part of ours, which goes on after it. */
function clause(text: string): string {
  return text.replace(/(?<!\.)\.$/, "");
}

function shownType(header: string | string[] | undefined, asked: Asked): string {
  return header === undefined ? "of no stated type" : `"${oneLine(asked.redact(String(header)), TYPE_CHARS_MAX)}"`;
}
