/** HTTP digest access authentication, the server's side, strict (https://www.rfc-editor.org/rfc/rfc7616). */
import { hash, randomBytes } from "node:crypto";
import { MINUTE_MS } from "../core/duration.ts";

const DIGEST_REALM = "MMS Public API";
/** Atlas says "a short amount of time": https://www.mongodb.com/docs/atlas/api/api-authentication/ */
const NONCE_LIFE_MS = 5 * MINUTE_MS;
/** So many nonces are remembered; the oldest is forgotten first, and its user is told that it is stale. */
const MAX_NONCES = 1000;

export interface DigestUser {
  readonly name: string;
  readonly password: string;
}
/** Read at each request: faults change while the sandbox runs. */
export interface DigestLimits {
  readonly sha256: boolean;
  /** A nonce is declared stale after so many requests; null: only by its age. */
  readonly requestsPerNonce: number | null;
}

export interface DigestGuard {
  /** null: let in. Otherwise the challenge that the 401 must carry. */
  check(request: DigestRequest, limits: DigestLimits, nowMs: number): string | null;
}
interface DigestRequest {
  readonly method: string;
  readonly target: string;
  readonly authorization: string | undefined;
}

export function createDigestGuard(user: DigestUser): DigestGuard {
  const nonces = new Map<string, { readonly bornMs: number; readonly used: Set<number> }>();
  const challenge = (limits: DigestLimits, nowMs: number, stale: boolean): string => {
    const nonce = randomBytes(16).toString("hex");
    nonces.set(nonce, { bornMs: nowMs, used: new Set() });
    for (const oldest of nonces.keys()) {
      if (nonces.size <= MAX_NONCES) break;
      nonces.delete(oldest);
    }
    return `Digest realm="${DIGEST_REALM}", domain="", nonce="${nonce}", algorithm=${algorithm(limits)}, qop="auth", stale=${stale}`;
  };
  return {
    check(request, limits, nowMs) {
      const fields = parseFields(request.authorization);
      if (fields === null || !isAnswerRight(fields, request, user, limits)) return challenge(limits, nowMs, false);
      const nonce = nonces.get(fields.get("nonce") ?? "");
      const isSpent = limits.requestsPerNonce !== null && (nonce?.used.size ?? 0) >= limits.requestsPerNonce;
      if (nonce === undefined || isSpent || nowMs - nonce.bornMs > NONCE_LIFE_MS) return challenge(limits, nowMs, true);
      const count = Number.parseInt(fields.get("nc") ?? "", 16);
      // Requests of one client may overtake each other, so a count may come late; but never twice.
      if (count < 1 || nonce.used.has(count)) return challenge(limits, nowMs, false);
      nonce.used.add(count);
      return null;
    },
  };
}

function algorithm(limits: DigestLimits): "MD5" | "SHA-256" {
  return limits.sha256 ? "SHA-256" : "MD5";
}

/** Whether the response proves knowledge of the password for this very request; says nothing about the nonce's age. */
function isAnswerRight(
  fields: ReadonlyMap<string, string>,
  request: DigestRequest,
  user: DigestUser,
  limits: DigestLimits,
): boolean {
  const field = (name: string) => fields.get(name) ?? "";
  const digest = (text: string) => hash(limits.sha256 ? "sha256" : "md5", text, "hex");
  const isWellFormed =
    field("username") === user.name &&
    field("realm") === DIGEST_REALM &&
    field("uri") === request.target &&
    field("qop") === "auth" &&
    field("cnonce") !== "" &&
    /^[0-9a-f]{8}$/i.test(field("nc")) &&
    (fields.get("algorithm") ?? "MD5").toUpperCase() === algorithm(limits);
  if (!isWellFormed) return false;
  const secret = digest(`${user.name}:${DIGEST_REALM}:${user.password}`);
  const asked = digest(`${request.method}:${request.target}`);
  return field("response") === digest([secret, field("nonce"), field("nc"), field("cnonce"), "auth", asked].join(":"));
}

function parseFields(authorization: string | undefined): ReadonlyMap<string, string> | null {
  const text = /^Digest\s+(.*)$/i.exec(authorization ?? "")?.[1];
  if (text === undefined) return null;
  const matches = text.matchAll(/([a-z0-9]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi);
  return new Map([...matches].map(([, name, quoted, bare]) => [(name ?? "").toLowerCase(), quoted ?? bare ?? ""]));
}
