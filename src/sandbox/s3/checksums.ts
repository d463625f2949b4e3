/** The checksums that S3 keeps beside what it stores: of a body, and of an object that came in parts. */
import { createHash, hash } from "node:crypto";
import { joinCrcs, type Running, startCrc } from "./crc.ts";
import type { Checksum, ChecksumAlgorithm, ChecksumType, PartRecord } from "./model.ts";
import { Refusal } from "./refusal.ts";

/** By the header that carries each. */
export const CHECKSUM_HEADERS: Readonly<Record<ChecksumAlgorithm, string>> = {
  CRC32: "x-amz-checksum-crc32",
  CRC64NVME: "x-amz-checksum-crc64nvme",
  SHA256: "x-amz-checksum-sha256",
};

/** By the element that carries each in XML. */
export const CHECKSUM_ELEMENTS: Readonly<Record<ChecksumAlgorithm, string>> = {
  CRC32: "ChecksumCRC32",
  CRC64NVME: "ChecksumCRC64NVME",
  SHA256: "ChecksumSHA256",
};

const DIGEST_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = { CRC32: 4, CRC64NVME: 8, SHA256: 32 };

/** How an object in parts may be summed up: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const TYPES: Readonly<Record<ChecksumAlgorithm, readonly ChecksumType[]>> = {
  CRC32: ["COMPOSITE", "FULL_OBJECT"],
  CRC64NVME: ["FULL_OBJECT"],
  SHA256: ["COMPOSITE"],
};

export function startChecksum(algorithm: ChecksumAlgorithm): Running {
  return algorithm === "SHA256" ? createHash("sha256") : startCrc(algorithm);
}

/** Throws unless `value` is the base64 of a digest of this algorithm. */
export function requireDigest(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, "base64");
  if (bytes.length === DIGEST_BYTES[algorithm] && bytes.toString("base64") === value) return value;
  throw new Refusal("InvalidRequest", `Value for ${CHECKSUM_HEADERS[algorithm]} header is invalid.`);
}

/** null: none is named. */
export function algorithmNamed(name: string | undefined): ChecksumAlgorithm | null {
  if (name === undefined) return null;
  const upper = name.toUpperCase();
  if (upper === "CRC32" || upper === "CRC64NVME" || upper === "SHA256") return upper;
  throw new Refusal("NotImplemented", `The sandbox knows no checksum ${name}: only CRC32, CRC64NVME and SHA256.`);
}

/** The type of an upload: what is asked, if the algorithm can do it, otherwise the algorithm's own. */
export function typeOf(algorithm: ChecksumAlgorithm, asked: string | undefined): ChecksumType {
  const [usual, ...others] = TYPES[algorithm];
  const type = asked === undefined ? usual : [usual, ...others].find((candidate) => candidate === asked);
  if (type !== undefined) return type;
  throw new Refusal(
    "InvalidRequest",
    `The ${asked} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

/** Of the object that these parts are; null where one of them has none. */
export function checksumOfParts(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly PartRecord[],
): Checksum | null {
  const pieces = parts.flatMap(({ checksum, sizeBytes }) =>
    checksum === null ? [] : [{ digest: Buffer.from(checksum, "base64"), sizeBytes }],
  );
  if (pieces.length < parts.length) return null;
  if (algorithm !== "SHA256" && type === "FULL_OBJECT")
    return { algorithm, type, value: joinCrcs(algorithm, pieces).toString("base64") };
  const digests = Buffer.concat(pieces.map(({ digest }) => digest));
  return { algorithm, type, value: `${digestOf(algorithm, digests)}-${parts.length}` };
}

function digestOf(algorithm: ChecksumAlgorithm, bytes: Buffer): string {
  if (algorithm === "SHA256") return hash("sha256", bytes, "base64");
  const running = startChecksum(algorithm);
  running.update(bytes);
  return running.digest().toString("base64");
}
