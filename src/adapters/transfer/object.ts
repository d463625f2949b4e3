/** An object of S3 in order: ranges of it are read side by side, as many as fit into the memory there is. */
import { OpsError } from "../../core/error.ts";
import type { ObjectAddress } from "../../ports/s3.ts";
import { refused } from "./answers.ts";
import type { Piece, Pool } from "./chunks.ts";
import { readSteadily } from "./steady.ts";
import type { Tools } from "./tools.ts";
import { openWire, type Wire } from "./wire.ts";

/** The bytes from `from` to `to` (excluded); no piece goes beyond what `pieceBytes` allows at its offset. */
export async function* readObject(
  tools: Tools,
  object: ObjectAddress,
  [from, to]: readonly [number, number],
  pieceBytes: (offset: number) => number,
): AsyncGenerator<Piece> {
  const { limits, pool } = tools;
  const ending = new AbortController();
  const run = { ...tools, signal: AbortSignal.any([tools.signal, ending.signal]) };
  const idle: Wire[] = [];
  const readRange = async (start: number) => {
    const end = Math.min(start + limits.rangeBytes, to);
    const open = (offset: number, last: number) => openObject(run, object, [offset, last], idle);
    const reading = { from: start, to: end, open, pieceBytes, keep: (wire: Wire) => void idle.push(wire) };
    const pieces: Piece[] = [];
    try {
      for await (const piece of readSteadily(pool, run, reading)) pieces.push(piece);
      return pieces;
    } catch (error) {
      giveBack(pool, pieces);
      throw error;
    }
  };
  const ahead: Promise<Piece[]>[] = [];
  let pieces: Piece[] | undefined;
  let start = from;
  try {
    for (;;) {
      for (; ahead.length < limits.lanes && start < to; start += limits.rangeBytes) {
        const range = readRange(start);
        range.catch(() => undefined); // told in its turn
        ahead.push(range);
      }
      pieces = await ahead.shift();
      if (pieces === undefined) return;
      for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) yield piece;
    }
  } finally {
    ending.abort();
    giveBack(pool, pieces);
    await Promise.all(ahead.map((range) => range.then((rest) => giveBack(pool, rest)).catch(() => undefined)));
    for (const wire of idle) wire.close();
  }
}

function giveBack(pool: Pool, pieces: readonly Piece[] = []): void {
  for (const { chunk } of pieces) pool.give(chunk);
}

async function openObject(
  tools: Tools,
  object: ObjectAddress,
  [offset, to]: readonly [number, number],
  idle: Wire[],
): Promise<Wire> {
  const call = `s3:GetObject on s3://${object.bucket}/${object.key}`;
  const range = `bytes=${offset}-${to - 1}`;
  const { url, headers } = await tools.signer.getRange(object, range);
  const wire = idle.pop() ?? (await openWire(url, { whom: `AWS for ${call}`, ...tools }));
  try {
    const answer = await wire.ask({ url, headers });
    if (answer.status !== 206) {
      const text = await wire.text("</Error>");
      throw refused(call, answer.status, text, answer.headers.get("x-amz-request-id"));
    }
    const given = answer.headers.get("content-range") ?? "";
    if (given.startsWith(`bytes ${offset}-${to - 1}/`)) return wire;
    throw new OpsError("protocol", `what answered ${call} gives other bytes than those that were asked for`);
  } catch (error) {
    wire.close();
    throw error;
  }
}
