/** HTTP Digest for API keys (RFC 7616, and 2617/2069 for servers without SHA-256 or qop). */
import type { Exchange, HttpRequest, HttpResponse } from "../http/exchange.ts";

export interface ApiKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: "MD5" | "SHA-256";
  /** null: the server knows no `qop`, so neither counts nor a nonce of ours take part. */
  readonly qop: "auth" | null;
  readonly opaque: string | undefined;
  /** The server's word that only the nonce was wrong, not the credentials. */
  readonly stale: boolean;
}

/** A challenge that is being answered, and how often it was. */
export interface DigestSession {
  readonly challenge: DigestChallenge;
  uses: number;
}

/** How often one request answers a nonce that was called stale before its 401 is the answer. */
const RENEWALS_MAX = 3;

/**
 * Answers one challenge for all requests: the nonce is kept and its count goes up. Requests that start while the
 * first challenge is outstanding wait for it. A 401 with another nonce is answered with that very nonce, which no other
 * request gets before it has worked; again only if the server calls the nonce stale, for then the credentials are right.
 */
export function digestExchange(key: ApiKey, exchange: Exchange): Exchange {
  let session: DigestSession | undefined;
  let opening: Promise<unknown> | undefined;

  const openWith = async (request: HttpRequest): Promise<HttpResponse> => {
    const first = exchange(request);
    opening = first.catch(() => undefined); // whoever waits tries for itself
    try {
      const response = await first;
      const challenge = response.status === 401 ? challengeOf(response) : undefined;
      if (challenge !== undefined) session = { challenge, uses: 0 };
      return response;
    } finally {
      opening = undefined;
    }
  };

  const answer = async (request: HttpRequest, current: DigestSession): Promise<HttpResponse> => {
    const { authorized } = await import("./digest-header.ts");
    return exchange(authorized(request, key, current));
  };

  return async (request) => {
    while (session === undefined && opening !== undefined) await opening;
    if (session === undefined) {
      const response = await openWith(request);
      if (session === undefined) return response; // an answer, or no challenge that we can meet
    }
    let current: DigestSession = session;
    let response = await answer(request, current);
    for (let renewals = 0; response.status === 401 && renewals < RENEWALS_MAX; renewals += 1) {
      const renewed = challengeOf(response);
      if (renewed === undefined || renewed.nonce === current.challenge.nonce) return response;
      if (renewals > 0 && !renewed.stale) return response;
      current = { challenge: renewed, uses: 0 };
      response = await answer(request, current);
      if (response.status !== 401) session = current;
    }
    return response;
  };
}

/** The best challenge we can meet in a `WWW-Authenticate` header (or several of them): SHA-256 before MD5. */
export function selectChallenge(headers: readonly string[]): DigestChallenge | undefined {
  const usable = headers
    .flatMap(parseChallenges)
    .map(asDigest)
    .filter((challenge) => challenge !== undefined);
  return usable.find((challenge) => challenge.algorithm === "SHA-256") ?? usable[0];
}

function challengeOf(response: HttpResponse): DigestChallenge | undefined {
  const header = response.headers["www-authenticate"];
  return selectChallenge(header === undefined ? [] : [header].flat());
}

interface Challenge {
  readonly scheme: string;
  readonly params: Map<string, string>;
}

/** A word, then perhaps `=` and a value: a word without a value begins a new challenge. */
const PART = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;

function parseChallenges(header: string): readonly Challenge[] {
  const challenges: Challenge[] = [];
  for (const [, word = "", inQuotes, bare] of header.matchAll(PART)) {
    const value = inQuotes === undefined ? bare : inQuotes.replace(/\\(.)/g, "$1");
    if (value === undefined) challenges.push({ scheme: word.toLowerCase(), params: new Map() });
    else challenges.at(-1)?.params.set(word.toLowerCase(), value);
  }
  return challenges;
}

function asDigest({ scheme, params }: Challenge): DigestChallenge | undefined {
  const realm = params.get("realm");
  const nonce = params.get("nonce");
  const algorithm = (params.get("algorithm") ?? "MD5").toUpperCase();
  if (scheme !== "digest" || realm === undefined || nonce === undefined || nonce === "") return undefined;
  if (algorithm !== "MD5" && algorithm !== "SHA-256") return undefined;
  // Atlas's documentation shows `op=` where RFC 7616 has `qop=`
  const offered = params.get("qop") ?? params.get("op");
  const qop = offered === undefined ? null : "auth";
  if (offered !== undefined && !/(^|,)\s*auth\s*(,|$)/i.test(offered)) return undefined;
  const stale = params.get("stale")?.toLowerCase() === "true";
  return { realm, nonce, algorithm, qop, opaque: params.get("opaque"), stale };
}
