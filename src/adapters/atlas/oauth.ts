/**
 * Service accounts: OAuth 2 client credentials. A token lasts an hour and Atlas grants few of them
 * (https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/), so it is kept on disk between runs.
 */
import * as z from "zod/mini";
import type { Clock } from "../../core/clock.ts";
import { OpsError } from "../../core/error.ts";
import type { Exchange, HttpRequest, HttpResponse } from "../http/exchange.ts";
import type { StoredToken, TokenCache } from "./token-cache.ts";

export { tokenCache } from "./token-cache.ts";

export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface OauthContext {
  readonly baseUrl: URL;
  readonly clock: Clock;
  readonly cache: TokenCache;
  readonly userAgent: string;
  /** Told of every secret that comes into being, so that it can be taken out of texts. */
  readonly onSecret: (secret: string) => void;
}

/** Renewed this long before it ends, or at half its life if that is shorter. */
const RENEW_BEFORE_MS = 5 * 60 * 1000;

const Grant = z.object({
  access_token: z.string().check(z.regex(/^[\x21-\x7e]{1,8192}$/)),
  token_type: z.string().check(z.regex(/^bearer$/i)),
  expires_in: z.number().check(z.positive(), z.maximum(7 * 24 * 3600)),
});

/**
 * Adds the token to every request. A 401 drops the token, mints one and repeats the request once, which is safe for
 * writes too. When the token endpoint throttles or fails, its answer stands in for that of the request.
 */
export function oauthExchange(account: ServiceAccount, context: OauthContext, exchange: Exchange): Exchange {
  // the raw pair: Atlas does not undo the percent-encoding of RFC 6749
  const basic = Buffer.from(`${account.clientId}:${account.clientSecret}`).toString("base64");
  context.onSecret(basic);
  let held: StoredToken | undefined;
  let loading: Promise<void> | undefined;
  let minting: Promise<StoredToken | HttpResponse> | undefined;

  const hold = (token: StoredToken | undefined) => {
    held = token;
    if (token !== undefined) context.onSecret(token.token);
  };
  const renew = async (request: HttpRequest): Promise<StoredToken | HttpResponse> => {
    const response = await exchange(tokenRequest(request, basic, context));
    const token = readGrant(response, context.clock.now());
    if (token === undefined) return response;
    hold(token);
    await context.cache.save(token);
    return token;
  };
  const tokenFor = async (request: HttpRequest): Promise<StoredToken | HttpResponse> => {
    loading ??= context.cache.load().then(hold);
    await loading;
    if (held !== undefined && held.freshUntil > context.clock.now()) return held;
    minting ??= renew(request).finally(() => {
      minting = undefined;
    });
    return minting;
  };

  return async (request) => {
    const token = await tokenFor(request);
    if ("status" in token) return token;
    const response = await exchange(withBearer(request, token));
    if (response.status !== 401) return response;
    if (held === token) held = undefined; // else another request has renewed it already
    const renewed = await tokenFor(request);
    return "status" in renewed ? renewed : exchange(withBearer(request, renewed));
  };
}

function tokenRequest(cause: HttpRequest, basic: string, context: OauthContext): HttpRequest {
  return {
    method: "POST",
    url: new URL("/api/oauth/token", context.baseUrl),
    headers: {
      accept: "application/json",
      authorization: `Basic ${basic}`,
      "content-type": "application/x-www-form-urlencoded",
      "user-agent": context.userAgent,
    },
    body: "grant_type=client_credentials",
    attempt: cause.attempt,
  };
}

/** The token, or nothing when Atlas throttles or fails; throws `auth` when it refuses, `protocol` when unreadable. */
function readGrant(response: HttpResponse, now: Date): StoredToken | undefined {
  if (response.status === 429 || response.status >= 500) return undefined;
  const body = parseJson(response.text);
  if (response.status >= 400) throw refused(response.status, body);
  const grant = response.status === 200 ? z.safeParse(Grant, body) : undefined;
  if (!grant?.success) throw new OpsError("protocol", `the token endpoint of Atlas gave no token (${response.status})`);
  const { access_token: token, expires_in: lifeSeconds } = grant.data;
  const lifeMs = lifeSeconds * 1000;
  const freshMs = Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs / 2);
  return { token, freshUntil: new Date(now.getTime() + freshMs) };
}

/** Names the OAuth error code only: the rest of the body could repeat what was sent. */
function refused(status: number, body: unknown): OpsError {
  const named = z.safeParse(z.object({ error: z.string().check(z.regex(/^[a-z_]{1,40}$/)) }), body);
  const code = named.success ? named.data.error : undefined;
  const said = code === undefined ? String(status) : `${status} ${code}`;
  return new OpsError("auth", `Atlas gives this service account no token: ${said}`, {
    hint: status === 403 || code === "access_denied" ? DENIED_HINT : CREDENTIALS_HINT,
    cause: { status, errorCode: undefined },
  });
}

const CREDENTIALS_HINT =
  "check MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, and whether the secret has expired";
/** https://www.mongodb.com/docs/mcp-server/remote-mcp/rate-limits */
const DENIED_HINT =
  "check that the service account is still there; or its 100 access tokens are all in use, each for an hour: let runs share one by keeping XDG_CACHE_HOME (~/.cache) between them";

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withBearer(request: HttpRequest, { token }: StoredToken): HttpRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}
