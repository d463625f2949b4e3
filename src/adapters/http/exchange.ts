/** One HTTP exchange over the one dispatcher: timeouts, limits, and network failures in our own words. No retries. */
import { OpsError } from "../../core/error.ts";
import { notSent, stopReason } from "../../core/stop.ts";
import { untrusted } from "./tls.ts";
import type { Dispatcher } from "./undici.ts";
import { requestOf } from "./undici.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Once sent it is let finish: nobody could say what a write that was broken off has done. */
  readonly isWrite?: boolean;
  /** Which attempt of the call this belongs to, for the log. */
  readonly attempt: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; a header that was sent more than once is an array. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Throws OpsError `unavailable`, `timeout`, `protocol` or `aborted`; any status is an answer. */
export type Exchange = (request: HttpRequest) => Promise<HttpResponse>;

export interface HttpLimits {
  readonly connectMs: number;
  /** From the request sent to the first byte of the answer. */
  readonly headersMs: number;
  /** From there to its last byte, however steadily it drips. */
  readonly bodyMs: number;
  readonly bodyBytes: number;
}

export const HTTP_LIMITS: HttpLimits = {
  connectMs: 5_000,
  headersMs: 20_000,
  bodyMs: 30_000,
  bodyBytes: 64 * 1024 * 1024,
};

/** Who is asked, for words. */
interface Peer {
  readonly name: string;
  /** The variable that says where it is. */
  readonly variable: string;
}

export interface HttpContext {
  readonly peer: Peer;
  readonly dispatcher: Dispatcher;
  readonly limits: HttpLimits;
  readonly signal: AbortSignal;
  /** Called as soon as the head of the answer is there, which is when its `Date` is most exact. */
  readonly onHeaders: (headers: HttpResponse["headers"]) => void;
}

export async function exchangeOver(context: HttpContext, request: HttpRequest): Promise<HttpResponse> {
  const { peer, dispatcher, limits, signal } = context;
  const mayStop = request.isWrite !== true;
  if (signal.aborted) throw mayStop ? stopReason(signal, `about to ask ${peer.name}`) : notSent(signal);
  try {
    const response = await requestOf.call(dispatcher, {
      origin: request.url.origin,
      path: request.url.pathname + request.url.search,
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      ...(mayStop ? { signal } : {}),
      headersTimeout: limits.headersMs,
      bodyTimeout: 0, // undici's counts from chunk to chunk; readBody limits the whole
    });
    context.onHeaders(response.headers);
    const text = await readBody(response, context);
    await connectionIsFree();
    return { status: response.statusCode, headers: response.headers, text };
  } catch (error) {
    if (mayStop && signal.aborted) throw stopReason(signal, `talking to ${peer.name}`);
    throw error instanceof OpsError ? error : networkError(error, request.url.host, peer);
  }
}

/**
 * undici takes a connection back only after the turn in which its answer ends; who asks again at once gets a second
 * one, and pays for another TLS handshake.
 */
function connectionIsFree(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function readBody(response: Dispatcher.ResponseData, { limits, peer }: HttpContext): Promise<string> {
  const late = new OpsError("timeout", `${peer.name} did not finish its answer within ${limits.bodyMs} ms`);
  const timer = setTimeout(() => response.body.destroy(late), limits.bodyMs);
  try {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      // a byte stream: no encoding was set
      sizeBytes += chunk.byteLength;
      if (sizeBytes > limits.bodyBytes) {
        throw new OpsError("protocol", `the answer of ${peer.name} is larger than ${limits.bodyBytes} bytes`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    clearTimeout(timer);
  }
}

const TIMEOUT_CODES = new Set(["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "ETIMEDOUT"]);

/** By code and name only. The vendor's error is not kept as a cause: it may carry parts of what was sent or received. */
function networkError(error: unknown, host: string, { variable }: Peer): unknown {
  const hint = `check the network from here, HTTPS_PROXY, and ${variable} where it is set`;
  if (!(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (error.name === "HTTPParserError") return new OpsError("protocol", `${host} does not speak HTTP as we know it`);
  if (code === undefined || code.startsWith("UND_ERR_INVALID_")) return error; // a bug of ours
  if (TIMEOUT_CODES.has(code)) {
    return new OpsError("timeout", `${host} did not answer in time (${code})`, { hint });
  }
  return untrusted(code, host) ?? new OpsError("unavailable", `the connection to ${host} failed (${code})`, { hint });
}
