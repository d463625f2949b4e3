/** Service accounts: tokens by OAuth 2 client credentials, with Atlas's limit on how often one may ask. */
import { randomBytes } from "node:crypto";
import { MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { type Answer, ok, refuse } from "./answer.ts";

export const TOKEN_PATH = "/api/oauth/token";
const TOKEN_LIFE_SECONDS = 3600;
const MAX_REQUESTS_PER_MINUTE = 10;
/** https://www.mongodb.com/docs/mcp-server/remote-mcp/rate-limits */
const MAX_LIVE_TOKENS = 100;

export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
}
export interface TokenOffice {
  issue(request: TokenRequest, nowMs: number): Answer;
  isValid(token: string, nowMs: number): boolean;
}
interface TokenRequest {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

export function createTokenOffice(account: ServiceAccount): TokenOffice {
  const expiresMs = new Map<string, number>();
  let asked: readonly number[] = [];
  return {
    issue(request, nowMs) {
      if (request.method !== "POST") return oauthError(405, "invalid_request", "Tokens are asked for by POST.");
      asked = [...asked.filter((atMs) => nowMs - atMs < MINUTE_MS), nowMs].slice(-MAX_REQUESTS_PER_MINUTE - 1);
      if (asked.length > MAX_REQUESTS_PER_MINUTE) return tooOften();
      if (!isBasic(request.authorization, account))
        return oauthError(401, "invalid_client", "The client id or secret is wrong.");
      if (!isForm(request))
        return oauthError(400, "invalid_request", "The body must be the form grant_type=client_credentials.");
      for (const [token, atMs] of expiresMs) if (atMs <= nowMs) expiresMs.delete(token);
      if (expiresMs.size >= MAX_LIVE_TOKENS) return oauthError(403, "access_denied", "Access Token limit reached");
      const token = randomBytes(24).toString("base64url");
      expiresMs.set(token, nowMs + TOKEN_LIFE_SECONDS * SECOND_MS);
      return ok({ access_token: token, expires_in: TOKEN_LIFE_SECONDS, token_type: "Bearer" });
    },
    isValid: (token, nowMs) => (expiresMs.get(token) ?? 0) > nowMs,
  };
}

/** The raw id and secret, as Atlas wants them: not percent-encoded first. */
function isBasic(authorization: string | undefined, account: ServiceAccount): boolean {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  return Buffer.from(encoded, "base64").toString() === `${account.clientId}:${account.clientSecret}`;
}

function isForm(request: TokenRequest): boolean {
  if (!(request.contentType ?? "").startsWith("application/x-www-form-urlencoded")) return false;
  return new URLSearchParams(request.body).get("grant_type") === "client_credentials";
}

function oauthError(status: number, error: string, description: string): Answer {
  return { status, body: { error, error_description: description } };
}

function tooOften(): Answer {
  const detail = `${TOKEN_PATH} takes ${MAX_REQUESTS_PER_MINUTE} requests a minute.`;
  const answer = refuse(429, "RATE_LIMITED", detail, [TOKEN_PATH, MAX_REQUESTS_PER_MINUTE, 1]);
  return { ...answer, headers: { "Retry-After": "60" } };
}
