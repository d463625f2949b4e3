/** A body on its way in: what the request says of it, and the bytes, which must be so when the last has come. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { algorithmNamed, CHECKSUM_HEADERS, requireDigest, startChecksum } from "./checksums.ts";
import { decodeChunks } from "./chunked.ts";
import type { ChecksumAlgorithm } from "./model.ts";
import { Refusal } from "./refusal.ts";
import type { Request } from "./request.ts";

export interface Incoming {
  /** To be read once, to the end: throws there where the bytes are not what the request says of them. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Whether the request itself tells a checksum or an MD5 of its body. */
  readonly hasDigest: boolean;
  /** The algorithm of the checksum that the request tells; null: none. */
  readonly algorithm: ChecksumAlgorithm | null;
  /** After the last byte. */
  digests(): Digests;
}

interface Digests {
  readonly sizeBytes: number;
  /** Hexadecimal; null where nobody asked. */
  readonly md5: string | null;
  /** Base64, by the algorithm of the request or else the one asked for; null: by none. */
  readonly checksum: string | null;
}

export interface Wanted {
  readonly md5: boolean;
  /** To be computed even where the request tells none. */
  readonly algorithm: ChecksumAlgorithm | null;
  /** Whether checksum headers are about the body; of a CompleteMultipartUpload they are about the object. */
  readonly headersAreOfBody: boolean;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PIECE_BYTES = 5 * 1024 ** 3;

/** Nothing is read yet, but what the headers alone forbid is refused. */
export function openBody(
  request: Request,
  message: IncomingMessage,
  response: ServerResponse,
  wanted: Wanted,
): Incoming {
  const { payload, isChunked } = payloadOf(request);
  requireLength(request, isChunked);
  const claim = wanted.headersAreOfBody ? claimOf(request) : null;
  const md5Claim = md5Of(request);
  const algorithm = claim?.algorithm ?? wanted.algorithm;
  const trailers = new Map<string, string>();
  const sha256 = payload === null && algorithm !== "SHA256" ? null : createHash("sha256");
  const checksum = algorithm === null || algorithm === "SHA256" ? null : startChecksum(algorithm);
  const md5 = md5Claim === null && !wanted.md5 ? null : createHash("md5");
  let sizeBytes = 0;
  let digests: Digests | undefined;
  async function* verified(): AsyncGenerator<Buffer> {
    if (request.header("expect") !== undefined) response.writeContinue();
    for await (const chunk of isChunked ? decodeChunks(message, trailers) : message) {
      sizeBytes += chunk.length;
      sha256?.update(chunk);
      checksum?.update(chunk);
      md5?.update(chunk);
      yield chunk;
    }
    const sha256Bytes = sha256?.digest();
    const checksumBytes = algorithm === "SHA256" ? sha256Bytes : checksum?.digest();
    digests = { sizeBytes, md5: md5?.digest("hex") ?? null, checksum: checksumBytes?.toString("base64") ?? null };
    if (payload !== null && payload !== sha256Bytes?.toString("hex"))
      throw new Refusal(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    if (isChunked && sizeBytes !== Number(request.header("x-amz-decoded-content-length")))
      throw new Refusal("IncompleteBody", "The body is not as long as x-amz-decoded-content-length says.");
    if (md5Claim !== null && md5Claim !== digests.md5)
      throw new Refusal("BadDigest", "The Content-MD5 you specified did not match what we received.");
    if (claim !== null) requireChecksum(claim, digests.checksum, trailers);
  }
  return {
    bytes: verified(),
    hasDigest: claim !== null || md5Claim !== null,
    algorithm: claim?.algorithm ?? null,
    digests: () => {
      if (digests === undefined) throw new Error("the body has not been read to its end");
      return digests;
    },
  };
}

/** null as `payload`: the signature does not cover the body. */
function payloadOf(request: Request): { readonly payload: string | null; readonly isChunked: boolean } {
  const header = request.header("x-amz-content-sha256");
  if (header === undefined)
    throw new Refusal("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  if (header === "UNSIGNED-PAYLOAD") return { payload: null, isChunked: false };
  if (header === "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return { payload: null, isChunked: true };
  if (/^[0-9a-f]{64}$/.test(header)) return { payload: header, isChunked: false };
  if (header.startsWith("STREAMING-"))
    throw new Refusal("NotImplemented", "The sandbox verifies no signatures of single chunks.");
  throw new Refusal("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value.");
}

function requireLength(request: Request, isChunked: boolean): void {
  const length = request.header(isChunked ? "x-amz-decoded-content-length" : "content-length");
  const isBodiless = request.header("transfer-encoding") === undefined && !isChunked;
  if (length === undefined && isBodiless) return; // a request without a body, whatever it may lack otherwise
  if (length === undefined || !/^\d{1,15}$/.test(length))
    throw new Refusal("MissingContentLength", "You must provide the Content-Length HTTP header.");
  if (Number(length) > MAX_PIECE_BYTES)
    throw new Refusal("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
      details: { ProposedSize: length, MaxSizeAllowed: MAX_PIECE_BYTES },
    });
}

interface Claim {
  readonly algorithm: ChecksumAlgorithm;
  /** undefined: it comes as a trailer. */
  readonly value: string | undefined;
}

/** Headers of this beginning that say how, not what. */
const NOT_VALUES = new Set(["x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-checksum-mode"]);

function claimOf(request: Request): Claim | null {
  const inHeaders = Object.keys(request.headers).filter(
    (name) => name.startsWith("x-amz-checksum-") && !NOT_VALUES.has(name),
  );
  const inTrailers = (request.header("x-amz-trailer") ?? "").split(",").map((name) => name.trim().toLowerCase());
  const names = [...inHeaders, ...inTrailers.filter((name) => name !== "")];
  const [name] = names;
  if (names.length > 1)
    throw new Refusal(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  const named = request.header("x-amz-sdk-checksum-algorithm");
  if (name === undefined) {
    if (named === undefined) return null;
    throw new Refusal(
      "InvalidRequest",
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    );
  }
  const algorithm = algorithmNamed(name.replace(/^x-amz-checksum-/, ""));
  if (algorithm === null) return null;
  if (named !== undefined && named.toUpperCase() !== algorithm)
    throw new Refusal("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.");
  const value = request.header(name);
  return { algorithm, value: value === undefined ? undefined : requireDigest(algorithm, value) };
}

function md5Of(request: Request): string | null {
  const header = request.header("content-md5");
  if (header === undefined) return null;
  const bytes = Buffer.from(header, "base64");
  if (bytes.length === 16 && bytes.toString("base64") === header) return bytes.toString("hex");
  throw new Refusal("InvalidDigest", "The Content-MD5 you specified was invalid.");
}

function requireChecksum(claim: Claim, actual: string | null, trailers: ReadonlyMap<string, string>): void {
  const { algorithm } = claim;
  const value = claim.value ?? trailers.get(CHECKSUM_HEADERS[algorithm]);
  if (value === undefined) throw new Refusal("InvalidRequest", "The trailer that x-amz-trailer names did not come.");
  if (requireDigest(algorithm, value) !== actual)
    throw new Refusal("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
}

/** A body that is small by its nature. */
export async function readText(incoming: Incoming, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming.bytes) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new Refusal("EntityTooLarge", `The body is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
