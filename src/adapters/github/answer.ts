/** What an answer of GitHub means: its JSON, or a failure in our own words. Nothing about the body is taken on trust. */
import { MINUTE_MS, SECOND_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { oneLine, parseRetryAfter } from "../http/answers.ts";
import type { HttpResponse } from "../http/exchange.ts";
import type { Attempt } from "../http/retry.ts";

interface Asked {
  readonly path: string;
  readonly repository: string;
  readonly now: Date;
  /** Takes secrets out of text that came from outside. */
  readonly redact: (text: string) => string;
}

const JSON_TYPE = /^application\/(vnd\.github[\w.+-]*\+)?json\s*(;|$)/i;
const SAID_CHARS_MAX = 200;

export function judgeAnswer(response: HttpResponse, asked: Asked): Attempt {
  const { status } = response;
  if (status === 200) return readJson(response, asked.path);
  const said = saidBy(response.text, asked);
  const waitMs = waitOf(response, said, asked.now);
  if (waitMs !== undefined) {
    const error = new OpsError("throttled", `GitHub asks to slow down at ${asked.path}: ${status}${said}`, {
      hint: "try again later; all that uses this token shares its limit",
    });
    return { ok: false, error, repeat: "refused", retryAfterMs: waitMs };
  }
  return { ok: false, error: refusal(status, said, asked), repeat: status >= 500 ? "unclear" : "never" };
}

function readJson({ headers, text }: HttpResponse, path: string): Attempt {
  const what = `the answer to GET ${path}`;
  const type = headers["content-type"];
  if (typeof type !== "string" || !JSON_TYPE.test(type)) {
    const hint = "is a proxy or a login page answering here? see GITHUB_API_URL; else try again later";
    return { ok: false, error: new OpsError("protocol", `${what} is not JSON`, { hint }), repeat: "never" };
  }
  try {
    return { ok: true, body: JSON.parse(text) };
  } catch {
    // the parser's own message would quote the body; a body cut short may be whole next time
    return { ok: false, error: new OpsError("protocol", `${what} is cut short or not valid JSON`), repeat: "unclear" };
  }
}

/** The body of a refusal is often not GitHub's but a proxy's page, or nothing: then the status says enough. */
function saidBy(text: string, { redact }: Asked): string {
  try {
    const body: unknown = JSON.parse(text);
    const message: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "message") : undefined;
    return typeof message === "string" && message !== "" ? ` ${oneLine(redact(message), SAID_CHARS_MAX)}` : "";
  } catch {
    return "";
  }
}

/** Where GitHub says no time: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const UNTOLD_WAIT_MS = MINUTE_MS;

/** How long to wait before asking again; undefined: it was not about too many requests. GitHub says 403 for that, too. */
function waitOf({ status, headers }: HttpResponse, said: string, now: Date): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const waitMs = parseRetryAfter(headers["retry-after"], now);
  if (waitMs !== undefined) return waitMs;
  const isUsedUp = headers["x-ratelimit-remaining"] === "0";
  const resetSeconds = isUsedUp ? Number(headers["x-ratelimit-reset"]) : Number.NaN;
  if (Number.isSafeInteger(resetSeconds)) return Math.max(0, resetSeconds * SECOND_MS - now.getTime());
  return isUsedUp || status === 429 || /rate limit/i.test(said) ? UNTOLD_WAIT_MS : undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const NEEDS_READ = "in a workflow: permissions: { actions: read }; a fine-grained token: Actions, read";

function refusal(status: number, said: string, { path, repository }: Asked): OpsError {
  const fail = (kind: OpsError["kind"], verb: string, hint?: string) =>
    new OpsError(kind, `GitHub ${verb} GET ${path}: ${status}${said}`, hint === undefined ? {} : { hint });
  if (status === 401) return fail("auth", "does not accept the token for", "set GITHUB_TOKEN to one that is valid");
  if (status === 403) return fail("auth", "does not allow", `the token needs to read actions; ${NEEDS_READ}`);
  if (status === 404) {
    // GitHub hides what a token may not see: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    const hint = `there is no ${repository}, or the token may not see it; ${NEEDS_READ}`;
    return fail("not-found", "does not find", hint);
  }
  if (status >= 500) return fail("unavailable", "failed at", "try again later: https://www.githubstatus.com");
  if (REDIRECTS.has(status)) {
    return fail("protocol", "redirects", `where ${repository} was renamed, write its new name in heartbeat.repository`);
  }
  return fail(status >= 400 ? "rejected" : "protocol", "does not answer");
}
