/**
 * Signature version 4 in the Authorization header, verified for real:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * How far the request's date is off is not looked at: the world's clock is put forward, its clients' clocks are not.
 */
import { createHmac, hash } from "node:crypto";
import { Refusal } from "./refusal.ts";
import type { Request } from "./request.ts";

export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** Throws unless the request is signed by this account's key, for this region, with every `x-amz-` header under the signature. */
export function verifySignature(request: Request, account: Account): void {
  const signed = readAuthorization(request.header("authorization"));
  const { accessKeyId, date, region, service, signedHeaders } = signed;
  if (accessKeyId !== account.accessKeyId)
    throw new Refusal("InvalidAccessKeyId", "The access key is not that of this sandbox.", {
      details: { AWSAccessKeyId: accessKeyId },
    });
  if (service !== "s3" || region !== account.region)
    throw new Refusal(
      "AuthorizationHeaderMalformed",
      `The scope is of ${region}/${service}, not ${account.region}/s3.`,
      {
        details: { Region: account.region },
      },
    );
  const timestamp = request.header("x-amz-date") ?? "";
  if (!/^\d{8}T\d{6}Z$/.test(timestamp) || !timestamp.startsWith(date))
    throw new Refusal("AccessDenied", "x-amz-date is missing, or not of the date of the scope.");
  requireSigned(request, signedHeaders);
  const canonical = canonicalRequest(request, signedHeaders);
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash("sha256", canonical, "hex")}`;
  const key = [date, region, service, "aws4_request"].reduce<string | Buffer>(
    (secret, text) => createHmac("sha256", secret).update(text).digest(),
    `AWS4${account.secretAccessKey}`,
  );
  if (createHmac("sha256", key).update(toSign).digest("hex") === signed.signature) return;
  throw new Refusal("SignatureDoesNotMatch", "The signature is not that of the request as it arrived.", {
    details: { AWSAccessKeyId: accessKeyId, StringToSign: toSign, CanonicalRequest: canonical },
  });
}

interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request,\s*SignedHeaders=([\w;-]+),\s*Signature=([0-9a-f]{64})$/;

function readAuthorization(header: string | undefined): Authorization {
  if (header === undefined) throw new Refusal("AccessDenied", "The request is not signed by an Authorization header.");
  const [, accessKeyId, date, region, service, signedHeaders, signature] = AUTHORIZATION.exec(header) ?? [];
  if (!(accessKeyId && date && region && service && signedHeaders && signature))
    throw new Refusal("AuthorizationHeaderMalformed", "The Authorization header is not as signature version 4 has it.");
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(";"), signature };
}

function requireSigned({ headers }: Request, signedHeaders: readonly string[]): void {
  const isOwed = (name: string) => name === "host" || name.startsWith("x-amz-");
  const missing = Object.keys(headers).filter((name) => isOwed(name) && !signedHeaders.includes(name));
  if (missing.length > 0)
    throw new Refusal("AccessDenied", "There were headers present in the request which were not signed", {
      details: { HeadersNotSigned: missing.join(", ") },
    });
}

function canonicalRequest(request: Request, signedHeaders: readonly string[]): string {
  const { method, rawPath, query } = request;
  const headers = signedHeaders.map(
    (name) => `${name}:${(request.header(name) ?? "").trim().replaceAll(/ +/g, " ")}\n`,
  );
  const parameters = query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map((pair) => pair.join("="))
    .join("&");
  const path = rawPath
    .split("/")
    .map((part) => encode(decodeURIComponent(part)))
    .join("/");
  const payload = request.header("x-amz-content-sha256") ?? "";
  return [method, path, parameters, headers.join(""), signedHeaders.join(";"), payload].join("\n");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
