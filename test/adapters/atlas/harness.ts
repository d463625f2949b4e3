/** A local server that answers as a test tells it, an Atlas connected to it, and a clock that only sleeping moves. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type AtlasOptions, type ConnectedAtlas, connectAtlas } from "../../../src/adapters/atlas/atlas.ts";
import { HTTP_LIMITS } from "../../../src/adapters/http/exchange.ts";
import { createRedactor } from "../../../src/cli/redact.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { OpsError } from "../../../src/core/error.ts";

export const PROJECT = "66f0aa11bb22cc33dd44ee55";
export const KEY = { kind: "api-key", publicKey: "pubkey", privateKey: "canary-private-key" } as const;
export const ACCOUNT = {
  kind: "service-account",
  clientId: "mdb_sa_id_1",
  clientSecret: "mdb_sa_sk_canary_secret",
} as const;

interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Handler = (request: Seen, response: ServerResponse, number: number) => void | Promise<void>;

export interface TestServer {
  readonly baseUrl: URL;
  readonly seen: readonly Seen[];
}

/** Serves until the test ends; `handler` gets the number of the request, from 1. */
export async function serve(handler: Handler): Promise<TestServer> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const entry = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
    seen.push(entry);
    await handler(entry, response, seen.length);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has such an address
  return { baseUrl: new URL(`http://127.0.0.1:${port}`), seen };
}

export interface FakeClock extends Clock {
  readonly slept: readonly number[];
  advance(ms: number): void;
}

/** Time stands still except for sleeping, which takes no real time. */
export function fakeClock(startAt = new Date("2026-11-22T02:00:00Z")): FakeClock {
  let nowMs = startAt.getTime();
  const slept: number[] = [];
  return {
    now: () => new Date(nowMs),
    slept,
    advance: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms, signal) => {
      if (signal?.aborted === true) throw new OpsError("aborted", "stopped");
      slept.push(ms);
      nowMs += ms;
    },
  };
}

export interface Connection {
  readonly atlas: ConnectedAtlas;
  readonly clock: FakeClock;
  readonly log: readonly string[];
}

export function connect(server: { readonly baseUrl: URL }, options: Partial<AtlasOptions> = {}): Connection {
  const clock = fakeClock();
  const log: string[] = [];
  const atlas = connectAtlas({
    baseUrl: server.baseUrl,
    credentials: KEY,
    env: {},
    clock,
    signal: new AbortController().signal,
    limits: { ...HTTP_LIMITS, headersMs: 400, bodyMs: 600, bodyBytes: 2_000_000 },
    log: (line) => log.push(line),
    tokenCacheDir: temporaryDirectory(),
    userAgent: "litally-ops/test",
    secrets: createRedactor(),
    ...options,
  });
  onTestFinished(() => atlas.close());
  return { atlas, clock, log };
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "litally-ops-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { "content-type": "application/vnd.atlas.2024-08-05+json;charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

export function page(results: readonly unknown[], extra: Record<string, unknown> = {}) {
  return { links: [{ rel: "self", href: "" }], results, totalCount: results.length, ...extra };
}

export interface DigestOptions {
  readonly algorithm?: "MD5" | "SHA-256";
  /** How many requests a nonce serves. */
  readonly nonceUses?: number;
  readonly challengeOf?: (nonce: string, stale: boolean) => string | string[];
  readonly legacy?: boolean;
  readonly privateKey?: string;
}

/** Guards a handler by digest, strictly: every field must be right, and no count may come twice on a nonce. */
export function digest(handler: Handler, options: DigestOptions = {}): Handler {
  const { algorithm = "MD5", nonceUses = Number.POSITIVE_INFINITY, privateKey = KEY.privateKey } = options;
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const standard = (nonce: string, stale: boolean) =>
    `Digest realm="MMS Public API", domain="", nonce="${nonce}", algorithm=${algorithm}, ` +
    `${options.legacy === true ? "" : 'qop="auth", '}stale=${stale}`;
  const challengeOf = options.challengeOf ?? standard;
  const countsOf = new Map<string, Set<string>>();
  let served = 0;
  return async (request, response) => {
    const given = digestFields(request.headers.authorization);
    const nonce = given["nonce"] ?? "";
    const counts = countsOf.get(nonce);
    const ha1 = hash(`${KEY.publicKey}:MMS Public API:${privateKey}`);
    const ha2 = hash(`${request.method}:${request.url}`);
    const nc = given["nc"] ?? "";
    const middle = options.legacy === true ? nonce : `${nonce}:${nc}:${given["cnonce"]}:auth`;
    const rightCount = options.legacy === true || (/^[0-9a-f]{8}$/.test(nc) && counts?.has(nc) === false);
    const right = rightCount && given["response"] === hash(`${ha1}:${middle}:${ha2}`);
    if (right && given["uri"] === request.url && counts !== undefined && counts.size < nonceUses) {
      counts.add(nc);
      served += 1;
      return handler(request, response, served);
    }
    const fresh = `nonce-${countsOf.size + 1}`;
    countsOf.set(fresh, new Set());
    response.writeHead(401, { "www-authenticate": challengeOf(fresh, right) });
    response.end();
  };
}

function digestFields(header: string | undefined): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [, name = "", inQuotes, bare] of (header ?? "").matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)) {
    fields[name] = inQuotes ?? bare ?? "";
  }
  return fields;
}

/** The OpsError that `promise` fails with; anything else fails the test. */
export async function failure(promise: Promise<unknown>): Promise<OpsError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`did not fail, gave ${JSON.stringify(outcome.value)}`);
  expect(outcome.error).toBeInstanceOf(OpsError);
  return outcome.error as OpsError; // checked in the line above
}
