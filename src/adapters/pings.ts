/**
 * Pings over HTTPS: `POST <url>/start` and `<url>/<exit status>`, each with `?rid=`.
 * https://healthchecks.io/docs/http_api/
 */
import type { Clock } from "../core/clock.ts";
import type { Environment } from "../core/environment.ts";
import { OpsError, toOpsError } from "../core/error.ts";
import { once } from "../core/once.ts";
import type { Ping, Pings } from "../ports/pings.ts";
import { openDispatcher } from "./http/dispatcher.ts";
import { exchangeOver, type HttpLimits, type HttpResponse } from "./http/exchange.ts";

export interface PingOptions {
  /** A secret. */
  readonly url: string;
  /** For the proxy variables alone. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly userAgent: string;
  readonly limits?: HttpLimits;
}

const PING_LIMITS: HttpLimits = { connectMs: 3_000, headersMs: 5_000, bodyMs: 2_000, bodyBytes: 16_384 };
/** Before each attempt: a run that ends does not wait for long. */
const ATTEMPTS_AFTER_MS = [0, 1_000];

/** Nothing is loaded or sent before the first ping. */
export function connectPings({ limits = PING_LIMITS, ...options }: PingOptions): Pings {
  const { clock, signal } = options;
  const base = new URL(options.url); // the policy has looked at it
  let opened: { close(): Promise<void> } | undefined;
  const dispatcher = once(async () => {
    const agent = await openDispatcher(base, options.env, limits);
    opened = agent;
    return agent;
  });
  const attempt = async (ping: Ping): Promise<OpsError | null> => {
    const headers = { "content-type": "text/plain; charset=utf-8", "user-agent": options.userAgent };
    try {
      const context = {
        peer: PEER,
        dispatcher: await dispatcher(),
        limits,
        signal,
        onHeaders: () => {},
      };
      const request = { method: "POST", url: urlOf(base, ping), headers, body: ping.text, attempt: 1 } as const;
      return refusal(await exchangeOver(context, request));
    } catch (error) {
      return inOurWords(toOpsError(error));
    }
  };
  return {
    send: async (ping) => {
      let failure: OpsError | null = null;
      for (const waitMs of ATTEMPTS_AFTER_MS) {
        if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => undefined); // whoever is stopped there is told below
        if (signal.aborted && failure !== null) break;
        failure = await attempt(ping);
        if (failure === null) return;
        if (!MAY_PASS.has(failure.kind)) break;
      }
      if (failure !== null) throw failure;
    },
    close: async () => opened?.close(),
  };
}

const MAY_PASS: ReadonlySet<OpsError["kind"]> = new Set(["unavailable", "timeout", "throttled"]);

function urlOf(base: URL, { says, runId }: Ping): URL {
  const url = new URL(`${base.href.replace(/\/+$/, "")}/${says}`);
  url.searchParams.set("rid", runId);
  return url;
}

/**
 * null: it was taken. Some answers that look well are none: healthchecks.io says 200 `OK (not found)` of a check that
 * nobody has, a proxy sends its own page, and where a redirect leads nobody has looked.
 */
function refusal({ status, text }: HttpResponse): OpsError | null {
  if (status === 429) return new OpsError("throttled", `${SWITCH} asked to slow down (429)`);
  if (status >= 500) return new OpsError("unavailable", `${SWITCH} failed (${status})`);
  if (status >= 300 && status < 400) {
    return new OpsError("protocol", `${SWITCH} answered with a redirect (${status}), which is no receipt`, {
      hint: "set the url to where it leads",
    });
  }
  if (status < 200 || status >= 400) {
    return new OpsError("rejected", `${SWITCH} refused it (${status})`, {
      hint: "look whether it knows this url: with a common url, a check by the name of the command",
    });
  }
  if (text.trimStart().startsWith("<")) return new OpsError("protocol", `a web page answered in place of ${SWITCH}`);
  const doubt = /^\s*OK \(([\w ]{1,40})\)/.exec(text)?.[1];
  return doubt === undefined ? null : new OpsError("rejected", `${SWITCH} did not count it (${doubt})`);
}

const SWITCH = "the dead man's switch";
const PEER = { name: SWITCH, variable: "the url" };

/** Neither the address nor its host is told: both may be secret. */
function inOurWords({ kind, message, cause }: OpsError): OpsError {
  const code = /\(([A-Z_]+)\)$/.exec(message)?.[1];
  const detail = code === undefined ? "" : ` (${code})`;
  switch (kind) {
    case "timeout":
      return new OpsError("timeout", `${SWITCH} did not answer in time${detail}`);
    case "unavailable":
      return new OpsError("unavailable", `no connection to ${SWITCH}${detail}`);
    case "protocol":
      return new OpsError("protocol", `${SWITCH} did not answer as one`);
    case "config":
      return new OpsError("config", message); // of the proxy
    case "bug":
      return new OpsError("bug", `the ping could not be sent`, { cause });
    case "usage":
    case "auth":
    case "not-found":
    case "rejected":
    case "throttled":
    case "aborted":
      return new OpsError("timeout", `${SWITCH} did not answer in time`); // the time for all of it was over
  }
}
