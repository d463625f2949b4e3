/**
 * From S3 into a file or a stream, or through the hashes alone: in order, each part checked against its SHA-256 when its
 * last byte has come, and the whole at the end. What an earlier run left of a file is hashed before it is believed.
 */
import { OpsError } from "../../core/error.ts";
import { stopReason } from "../../core/stop.ts";
import type { Fetched, FetchOrder, Hashed, HashOrder } from "../../ports/transfer.ts";
import type { Piece } from "./chunks.ts";
import { readObject } from "./object.ts";
import { openPartial, type Partial } from "./partial.ts";
import { type Parts, partsOf, pieceBytesIn } from "./parts.ts";
import type { Tools } from "./tools.ts";

export async function fetchObject(tools: Tools, order: FetchOrder): Promise<Fetched> {
  const { to, sizeBytes } = order;
  if (to.kind === "stream")
    return receive(tools, order, { write: to.write, standing: 0, whole: tools.hashing.begin() });
  const partial = await openPartial(to.path, sizeBytes);
  try {
    const { standing, whole } = await hashLeft(tools, order, partial);
    const fetched = await receive(tools, order, { write: partial.write, standing, whole });
    await partial.finish();
    return fetched;
  } finally {
    await partial.close();
  }
}

export async function hashObject(tools: Tools, order: HashOrder): Promise<Hashed> {
  const parts = partsOf(order.sizeBytes, order.partSizeBytes);
  const whole = tools.hashing.begin();
  const partSha256s: string[] = [];
  const pieces = readObject(tools, order.from, [0, order.sizeBytes], pieceBytesIn(parts, tools.limits.chunkBytes));
  for await (const part of hashParts(tools, parts, whole, pieces, async () => {})) {
    partSha256s.push(part.sha256);
    order.onProgress(parts.endOf(part.number));
  }
  return { sha256: await tools.hashing.digest(whole), partSha256s };
}

interface Receiving {
  readonly write: (bytes: Buffer, offset: number) => Promise<void>;
  /** How many parts need not be read any more. */
  readonly standing: number;
  /** The hash of the whole, which has seen those. */
  readonly whole: number;
}

async function receive(tools: Tools, order: FetchOrder, { write, standing, whole }: Receiving): Promise<Fetched> {
  const parts = partsOf(order.sizeBytes, order.partSizeBytes);
  const from = parts.startOf(standing + 1);
  const pieces = readObject(tools, order.from, [from, order.sizeBytes], pieceBytesIn(parts, tools.limits.chunkBytes));
  for await (const { number, sha256 } of hashParts(tools, parts, whole, pieces, write)) {
    if (sha256 !== order.partSha256s[number - 1]) throw notAsArchived(order, `part ${number} of ${parts.count}`);
    order.onProgress(parts.endOf(number));
  }
  const sha256 = await tools.hashing.digest(whole);
  if (order.sha256 !== null && sha256 !== order.sha256) throw notAsArchived(order, "the whole");
  return { sha256, reusedBytes: Math.min(from, order.sizeBytes) };
}

/** Of what was left, the parts that are right; a hash of the whole that has seen exactly these. */
async function hashLeft(tools: Tools, order: FetchOrder, partial: Partial) {
  const parts = partsOf(order.sizeBytes, order.partSizeBytes);
  const pieceBytes = pieceBytesIn(parts, tools.limits.chunkBytes);
  let whole = tools.hashing.begin();
  let standing = 0;
  while (standing < parts.count && parts.endOf(standing + 1) <= partial.leftBytes) {
    const next = await tools.hashing.fork(whole);
    const pieces = readLeft(tools, partial, [parts.startOf(standing + 1), parts.endOf(standing + 1)], pieceBytes);
    let isRight = false;
    for await (const { number, sha256 } of hashParts(tools, parts, next, pieces, async () => {})) {
      isRight = sha256 === order.partSha256s[number - 1];
    }
    await tools.hashing.digest(isRight ? whole : next); // the one that is not needed any more
    if (!isRight) break;
    whole = next;
    standing += 1;
    order.onProgress(parts.endOf(standing));
  }
  return { standing, whole };
}

async function* readLeft(
  { pool, signal }: Tools,
  partial: Partial,
  [from, to]: readonly [number, number],
  pieceBytes: (offset: number) => number,
): AsyncGenerator<Piece> {
  for (let offset = from; offset < to; ) {
    if (signal.aborted) throw stopReason(signal, "hashing what was fetched before");
    const chunk = await pool.take();
    const bytes = chunk.room.subarray(0, Math.min(chunk.room.length, pieceBytes(offset), to - offset));
    try {
      await partial.read(bytes, offset);
    } catch (error) {
      pool.give(chunk);
      throw error;
    }
    yield { chunk, bytes, offset };
    offset += bytes.length;
  }
}

/** Each piece is hashed while it is handled, and its memory given back; each part is told when it has ended. */
async function* hashParts(
  { hashing, pool }: Tools,
  parts: Parts,
  whole: number,
  pieces: AsyncIterable<Piece>,
  handle: (bytes: Buffer, offset: number) => Promise<void>,
): AsyncGenerator<{ readonly number: number; readonly sha256: string }> {
  let hash = hashing.begin();
  for await (const { chunk, bytes, offset } of pieces) {
    try {
      await Promise.all([hashing.update([hash, whole], chunk, bytes.length), handle(bytes, offset)]);
    } finally {
      pool.give(chunk);
    }
    const number = parts.numberAt(offset);
    if (offset + bytes.length < parts.endOf(number)) continue;
    yield { number, sha256: await hashing.digest(hash) };
    hash = hashing.begin();
  }
}

function notAsArchived({ from }: FetchOrder, what: string): OpsError {
  return new OpsError("protocol", `${what} of s3://${from.bucket}/${from.key} is not what was archived`, {
    hint: "look at the archive with litally-ops archive verify",
  });
}
