/** What answers a challenge of HTTP Digest; apart from digest.ts because node:crypto is not needed before there is one. */
import { createHash, randomBytes } from "node:crypto";
import type { HttpRequest } from "../http/exchange.ts";
import type { ApiKey, DigestChallenge, DigestSession } from "./digest.ts";

/** The request with an answer to the challenge, which counts as one use of its nonce. */
export function authorized(request: HttpRequest, key: ApiKey, session: DigestSession): HttpRequest {
  session.uses += 1;
  const authorization = digestHeader(key, session.challenge, {
    method: request.method,
    uri: request.url.pathname + request.url.search,
    count: session.uses,
    clientNonce: randomBytes(16).toString("hex"),
  });
  return { ...request, headers: { ...request.headers, authorization } };
}

/** The value of the `Authorization` header; `count` is how often the nonce was used, this time included. */
export function digestHeader(
  key: ApiKey,
  challenge: DigestChallenge,
  request: { readonly method: string; readonly uri: string; readonly count: number; readonly clientNonce: string },
): string {
  const hash = (text: string) =>
    createHash(challenge.algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const { realm, nonce, qop, opaque } = challenge;
  const nc = request.count.toString(16).padStart(8, "0");
  const ha1 = hash(`${key.publicKey}:${realm}:${key.privateKey}`);
  const ha2 = hash(`${request.method}:${request.uri}`);
  const middle = qop === null ? nonce : `${nonce}:${nc}:${request.clientNonce}:${qop}`;
  const fields = [
    `username=${quoted(key.publicKey)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(request.uri)}`,
    `algorithm=${challenge.algorithm}`,
    `response="${hash(`${ha1}:${middle}:${ha2}`)}"`,
    ...(qop === null ? [] : [`qop=${qop}`, `nc=${nc}`, `cnonce="${request.clientNonce}"`]),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ];
  return `Digest ${fields.join(", ")}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
