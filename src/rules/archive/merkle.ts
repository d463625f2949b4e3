/**
 * The proof of content: a Merkle root as RFC 6962 (section 2.1) defines it, over the SHA-256 of the parts of an object,
 * and over the roots of the objects of an archive. It comes out the same however often a push was cut off and resumed.
 * docs/archive-format.md tells how anybody recomputes it with standard tools.
 *
 *     leaf(d)    = SHA-256(0x00 d)               d: the 32 bytes of a part's SHA-256, or of an object's root
 *     node(l, r) = SHA-256(0x01 l r)             l: the largest power of two of leaves that leaves some for r
 */
import { OpsError } from "../../core/error.ts";

/** SHA-256 of bytes: rules compute none themselves. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

const DIGEST_BYTES = 32;
const LEAF = 0;
const NODE = 1;

/** The root over digests of 64 hexadecimal digits each, in the same form. Over none at all there is no root. */
export function merkleRoot(digests: readonly string[], sha256: Sha256): string {
  if (digests.length === 0) throw new OpsError("protocol", "there is no Merkle root over nothing");
  const leaves = digests.map((digest) => sha256(Uint8Array.of(LEAF, ...bytesOf(digest))));
  return hexOf(rootOf(leaves, sha256));
}

/** What S3 makes of the parts of an upload: the SHA-256 of their digests, one after the other. */
export function compositeOf(digests: readonly string[], sha256: Sha256): string {
  return hexOf(sha256(Uint8Array.from(digests.flatMap((digest) => [...bytesOf(digest)]))));
}

function rootOf(leaves: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  const [only] = leaves;
  if (only !== undefined && leaves.length === 1) return only;
  const left = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return sha256(Uint8Array.of(NODE, ...rootOf(leaves.slice(0, left), sha256), ...rootOf(leaves.slice(left), sha256)));
}

function bytesOf(digest: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(digest))
    throw new OpsError("protocol", `"${digest}" is not a SHA-256 in hexadecimal digits`);
  return Uint8Array.from({ length: DIGEST_BYTES }, (_, index) =>
    Number.parseInt(digest.slice(index * 2, index * 2 + 2), 16),
  );
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
