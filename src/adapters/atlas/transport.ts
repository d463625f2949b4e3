/** Calls an operation of Atlas: authenticated, repeated where that is safe, measured, logged, and judged. */
import type { Clock } from "../../core/clock.ts";
import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";
import type { Observed } from "../../core/observed.ts";
import type { ClockSkew } from "../../ports/atlas.ts";
import { openDispatcher } from "../http/dispatcher.ts";
import { type Exchange, exchangeOver, type HttpLimits, type HttpRequest, type HttpResponse } from "../http/exchange.ts";
import { type Attempt, withRetries } from "../http/retry.ts";
import type { Dispatcher } from "../http/undici.ts";
import { judgeAnswer } from "./answer.ts";
import type { Credentials } from "./credentials.ts";
import { digestExchange } from "./digest.ts";
import type { Operation } from "./operations.ts";
import { skewMeter } from "./skew.ts";
import { stayFlat, withoutTiering } from "./tuning.ts";

export interface TransportOptions {
  readonly baseUrl: URL;
  readonly credentials: Credentials;
  /** Looked at for HTTPS_PROXY and NO_PROXY. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long one call may be repeated. */
  readonly budgetMs: number;
  readonly limits: HttpLimits;
  /** One line per request: method, path, outcome, duration, attempt; never a header, a body or a query. */
  readonly log: (line: string) => void;
  readonly tokenCacheDir: string;
  readonly userAgent: string;
  readonly secrets: Secrets;
}

/** Knows all that must not be seen. */
interface Secrets {
  /** Told what comes up on the way: the tokens of a service account. */
  add(secrets: readonly string[]): void;
  /** The text without any of them. */
  apply(text: string): string;
}

export interface Transport {
  /** `body` is sent as JSON in the media type of the operation. */
  call(operation: Operation, url: URL, body?: object): Promise<unknown>;
  clockSkew(): Observed<ClockSkew>;
  /** HTTP requests sent so far, authentication included. */
  requestCount(): number;
  close(): Promise<void>;
}

export function openTransport(options: TransportOptions): Transport {
  const { clock, signal, credentials, secrets } = options;
  secrets.add([credentials.kind === "api-key" ? credentials.privateKey : credentials.clientSecret]);
  const wire = openWire(options);
  const exchange = authenticated(options, wire.exchange);

  const attempt = async (
    operation: Operation,
    url: URL,
    body: object | undefined,
    number: number,
  ): Promise<Attempt> => {
    try {
      const response = await exchange(requestFor(operation, url, body, options.userAgent, number));
      return judgeAnswer(response, { operation, path: url.pathname, now: clock.now(), redact: secrets.apply });
    } catch (error) {
      if (!(error instanceof OpsError)) throw error;
      const passing = error.kind === "unavailable" || error.kind === "timeout";
      return { ok: false, error, repeat: passing ? "unclear" : "never" };
    }
  };
  const context = { peer: ATLAS, clock, signal, budgetMs: options.budgetMs, random: Math.random, memory: {} };
  return {
    call: (operation, url, body) =>
      withRetries(operation.policy, context, (number) => attempt(operation, url, body, number)),
    clockSkew: wire.clockSkew,
    requestCount: wire.requestCount,
    close: wire.close,
  };
}

function requestFor(
  { method, date, policy }: Operation,
  url: URL,
  body: object | undefined,
  userAgent: string,
  attempt: number,
): HttpRequest {
  const mediaType = `application/vnd.atlas.${date}+json`;
  const headers = { accept: mediaType, "user-agent": userAgent };
  const request = { method, url, headers, attempt, isWrite: policy === "write" };
  if (body === undefined) return request;
  return { ...request, headers: { ...headers, "content-type": mediaType }, body: JSON.stringify(body) };
}

const ATLAS = { name: "Atlas", variable: "MONGODB_ATLAS_BASE_URL" };

/** More than a run over a few databases sends. */
const MANY_REQUESTS = 8;

/** The pool, opened by the first request, and what is known from every exchange over it. */
function openWire(options: TransportOptions) {
  const { clock, limits, signal, log } = options;
  const skew = skewMeter();
  let dispatcher: Promise<Dispatcher> | undefined;
  let requests = 0;

  const exchange = async (request: HttpRequest): Promise<HttpResponse> => {
    dispatcher ??= openDispatcher(options.baseUrl, options.env, limits);
    const pool = await dispatcher;
    const sentAt = clock.now();
    requests += 1;
    if (requests === MANY_REQUESTS) stayFlat();
    const onHeaders = (headers: HttpResponse["headers"]) => skew.observe(headers["date"], sentAt, clock.now());
    const note = (outcome: string) => {
      const tookMs = clock.now().getTime() - sentAt.getTime();
      log(`${request.method} ${request.url.pathname} ${outcome} ${tookMs} ms (attempt ${request.attempt})`);
    };
    try {
      const send = () => exchangeOver({ peer: ATLAS, dispatcher: pool, limits, signal, onHeaders }, request);
      const response = await (requests === 1 ? withoutTiering(send) : send());
      note(String(response.status));
      return response;
    } catch (error) {
      note(error instanceof OpsError ? error.kind : "bug");
      throw error;
    }
  };
  return {
    exchange,
    clockSkew: skew.read,
    requestCount: () => requests,
    close: async () => {
      const pool = await dispatcher?.catch(() => undefined); // that it could not be opened, the call has said
      await pool?.destroy(); // not close(): it would wait for requests that nobody waits for any more
    },
  };
}

function authenticated(options: TransportOptions, exchange: Exchange): Exchange {
  const { baseUrl, clock, credentials, log, tokenCacheDir, userAgent } = options;
  const onSecret = (secret: string) => options.secrets.add([secret]);
  if (credentials.kind === "api-key") return digestExchange(credentials, exchange);
  const open = async () => {
    const { oauthExchange, tokenCache } = await import("./oauth.ts"); // runs by API key start without it
    const cache = tokenCache(tokenCacheDir, [baseUrl.origin, credentials.clientId], log);
    return oauthExchange(credentials, { baseUrl, clock, cache, userAgent, onSecret }, exchange);
  };
  let opened: Promise<Exchange> | undefined;
  return async (request) => {
    opened ??= open();
    return (await opened)(request);
  };
}
