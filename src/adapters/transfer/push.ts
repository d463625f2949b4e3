/**
 * From a source into an upload. Every byte that comes goes three ways at once (hashed, followed as gzip and tar, sent as
 * its part), and its memory is free again when all three are done with it. A part that S3 does not take is read from the
 * source once more and sent again, beside the rest: parts are sent as they come, and never held.
 */
import { toOpsError } from "../../core/error.ts";
import { stopReason } from "../../core/stop.ts";
import type { UploadedPart } from "../../ports/s3.ts";
import type { Pushed, PushOrder } from "../../ports/transfer.ts";
import type { Piece } from "./chunks.ts";
import { type Part, partHeaders } from "./part.ts";
import { partsOf, pieceBytesIn } from "./parts.ts";
import { openSource } from "./source.ts";
import { readSteadily, waitOrThrow } from "./steady.ts";
import { followStructure, type Structure } from "./structure.ts";
import type { Tools } from "./tools.ts";

export async function push(tools: Tools, order: PushOrder): Promise<Pushed> {
  const run = openRun(tools, order);
  const isWhole = run.done.size === 0;
  const structure = isWhole ? followStructure() : null;
  const whole = isWhole ? tools.hashing.begin() : null;
  try {
    for (const [first, last] of missing(run)) {
      await readParts(run, first, last, { structure, whole }, (part) =>
        run.inBackground(complete(run, part).catch((error: unknown) => mend(run, part.number, error))),
      );
    }
    await run.settled();
    if (run.tools.signal.aborted) throw stopReason(run.tools.signal, DOING);
    await structure?.end();
    const sha256 = whole === null ? null : await tools.hashing.digest(whole);
    const parts = [...run.done.values()].sort((a, b) => a.number - b.number);
    return { parts, sha256, isStructureChecked: structure !== null, sentBytes: run.sentBytes() };
  } catch (error) {
    await run.settled(); // a part whose bytes have all come is let finish: the next push need not send it
    run.fail(error);
    throw stopReason(run.tools.signal, DOING);
  } finally {
    structure?.close();
  }
}

const DOING = "pushing an archive";

/** Those who follow a body from its first byte to its last; null: nobody does, this time. */
interface Followers {
  readonly structure: Structure | null;
  readonly whole: number | null;
}

interface SentPart {
  readonly number: number;
  readonly body: Part;
  readonly hash: number;
}

type Run = ReturnType<typeof openRun>;

/** What is known of a push while it lasts; the first failure ends all of it. */
function openRun(tools: Tools, order: PushOrder) {
  const parts = partsOf(order.identity.lengthBytes, order.partSizeBytes);
  const sizeOf = (number: number) => parts.endOf(number) - parts.startOf(number);
  const present = order.present.filter(
    ({ number, sizeBytes }) => number <= parts.count && sizeBytes === sizeOf(number),
  );
  const ending = new AbortController();
  const signal = AbortSignal.any([tools.signal, ending.signal]);
  const fail = (error: unknown) => ending.abort(toOpsError(error));
  const background = new Set<Promise<void>>();
  let doneBytes = present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let sentBytes = 0;
  return {
    tools: { ...tools, signal },
    order,
    parts,
    sizeOf,
    done: new Map(present.map((part) => [part.number, part])),
    /** The parts that S3 has not taken yet. */
    underWay: new Set<Promise<void>>(),
    /** One part at a time is read again. */
    mending: Promise.resolve(),
    fail,
    inBackground: (work: Promise<void>) => {
      const tracked = work.catch(fail).finally(() => void background.delete(tracked));
      background.add(tracked);
    },
    settled: async () => {
      while (background.size > 0) await Promise.all(background);
    },
    sentBytes: () => sentBytes,
    took(part: UploadedPart) {
      this.done.set(part.number, part);
      doneBytes += part.sizeBytes;
      sentBytes += part.sizeBytes;
      order.onProgress(doneBytes);
    },
  };
}

/** From the first to the last part of each gap. */
function missing({ parts, done }: Run): readonly (readonly [number, number])[] {
  const gaps: [number, number][] = [];
  for (let number = 1; number <= parts.count; number += 1) {
    if (done.has(number)) continue;
    const gap = gaps.at(-1);
    if (gap?.[1] === number - 1) gap[1] = number;
    else gaps.push([number, number]);
  }
  return gaps;
}

/** Parts that follow each other, read in one go; each is handed over when its last byte is on its way. */
async function readParts(
  run: Run,
  first: number,
  last: number,
  followers: Followers,
  handOver: (part: SentPart) => void,
): Promise<void> {
  const { tools, order, parts } = run;
  const { source, identity } = order;
  const reading = {
    from: parts.startOf(first),
    to: parts.endOf(last),
    open: (offset: number, to: number) => openSource(source, identity, [offset, to], tools),
    pieceBytes: pieceBytesIn(parts, tools.limits.chunkBytes),
  };
  let part: SentPart | undefined;
  try {
    for await (const piece of readSteadily(tools.pool, tools, reading)) {
      part ??= await begin(run, parts.numberAt(piece.offset));
      run.inBackground(passOn(tools, piece, part, followers));
      if (piece.offset + piece.bytes.length < parts.endOf(part.number)) continue;
      handOver(part);
      part = undefined;
    }
  } finally {
    part?.body.cancel();
  }
}

async function begin({ tools, order, sizeOf, underWay }: Run, number: number): Promise<SentPart> {
  while (underWay.size >= tools.limits.partsUnderWay) await Promise.race(underWay);
  const { bucket, key } = order.upload;
  const sizeBytes = sizeOf(number);
  const headers = partHeaders(sizeBytes, tools.limits.chunkBytes);
  const request = await tools.signer.uploadPart(order.upload, number, headers);
  const body = tools.uploader.send(request, sizeBytes, `s3:PutObject on s3://${bucket}/${key}`, tools.signal);
  return { number, body, hash: tools.hashing.begin() };
}

async function passOn(tools: Tools, { chunk, bytes }: Piece, part: SentPart, followers: Followers): Promise<void> {
  const { structure, whole } = followers;
  const hashes = whole === null ? [part.hash] : [part.hash, whole];
  try {
    await Promise.all([
      tools.hashing.update(hashes, chunk, bytes.length),
      part.body.write(bytes),
      structure?.write(bytes),
    ]);
  } finally {
    tools.pool.give(chunk);
  }
}

/** Until S3 has verified and taken it. */
async function complete(run: Run, { number, body, hash }: SentPart): Promise<void> {
  const { tools, sizeOf, underWay } = run;
  const work = (async () => {
    const sha256 = await tools.hashing.digest(hash);
    const etag = await body.finish(sha256);
    run.took({ number, sizeBytes: sizeOf(number), sha256, etag, uploadedAt: tools.clock.now() });
  })();
  const settled = work.catch(() => undefined).finally(() => void underWay.delete(settled)); // `work` tells what failed
  underWay.add(settled);
  await work;
}

/** UploadPart may be repeated: a part that is there already is replaced by the same bytes. */
function mend(run: Run, number: number, failure: unknown): Promise<void> {
  run.mending = run.mending.then(async () => {
    let error = failure;
    for (let failures = 1; ; failures += 1) {
      await waitOrThrow(run.tools, failures, error);
      let completion = Promise.resolve();
      await readParts(run, number, number, NOBODY, (part) => {
        completion = complete(run, part);
      });
      try {
        return await completion;
      } catch (again) {
        error = again;
      }
    }
  });
  return run.mending;
}

const NOBODY: Followers = { structure: null, whole: null };
