/**
 * When a subscription was ordered that nobody has confirmed yet: SNS does not say it, so it is written down as a tag of
 * the topic, by a hash of the endpoint, which may hold a secret.
 */
import type { Observed } from "../../core/observed.ts";
import type { Endpoint } from "../../ports/sns.ts";

export type Sha256 = (bytes: Uint8Array) => Uint8Array;

const ORDERED_TAG = "litally-ops:ordered:";
/** 64 bits: no two endpoints of a topic share them. */
const HASH_BYTES = 8;

/** The key of the tag. */
export function orderedTag({ protocol, endpoint }: Endpoint, sha256: Sha256): string {
  const hash = sha256(new TextEncoder().encode(`${protocol} ${endpoint}`)).slice(0, HASH_BYTES);
  return `${ORDERED_TAG}${[...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** null: nobody wrote it down, or what stands there is no instant, or it could not be read. */
export function orderedAtOf(
  endpoint: Endpoint,
  tags: Observed<Readonly<Record<string, string>>>,
  sha256: Sha256,
): Date | null {
  if (!tags.known) return null;
  const key = orderedTag(endpoint, sha256);
  const text = Object.hasOwn(tags.value, key) ? tags.value[key] : undefined;
  const atMs = Date.parse(text ?? "");
  return Number.isNaN(atMs) ? null : new Date(atMs);
}
