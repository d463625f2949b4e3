/** Bodies on disk: each is written straight to a file of its own as it comes, and read from there piece by piece. */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Segment } from "./model.ts";
import { Refusal } from "./refusal.ts";

export interface Bodies {
  /** Stores what comes, and says where. Nothing stays of a body that breaks off. */
  store(body: AsyncIterable<Buffer>): Promise<readonly Segment[]>;
  read(segments: readonly Segment[]): AsyncIterable<Buffer>;
  remove(file: string): void;
  /** Files that no record names: what a run that was killed was about to store. */
  removeAllBut(isHeld: (file: string) => boolean): void;
  close(): void;
}

export interface BodiesOptions {
  /** Made when it is first needed. It outlives the process; absent: a temporary folder, removed at the end. */
  readonly folder: string | undefined;
  /** Counts bytes and forgets them. */
  readonly discards: boolean;
}

/** In which files are written and read: large enough that the disk is not asked for every packet. */
const PIECE_BYTES = 1024 * 1024;

export function openBodies(options: BodiesOptions): Bodies {
  let made: string | undefined;
  const folder = () => {
    made ??= makeFolder(options.folder);
    return made;
  };
  return {
    store: (body) => (options.discards ? count(body) : write(body, folder())),
    read: (segments) => readAll(segments, folder),
    remove: (file) => rmSync(join(folder(), file), { force: true }),
    removeAllBut: (isHeld) => {
      if (options.folder === undefined || !existsSync(options.folder)) return;
      for (const file of readdirSync(options.folder)) if (!isHeld(file)) rmSync(join(options.folder, file));
    },
    close: () => {
      if (options.folder === undefined && made !== undefined) rmSync(made, { recursive: true, force: true });
    },
  };
}

function makeFolder(folder: string | undefined): string {
  if (folder === undefined) return mkdtempSync(join(tmpdir(), "litally-ops-s3-"));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The bytes from `first` to before `end` of what the segments hold together. */
export function cut(segments: readonly Segment[], first: number, end: number): readonly Segment[] {
  let startsAt = 0;
  return segments.flatMap((segment) => {
    const skip = Math.max(first - startsAt, 0);
    const stop = Math.min(end - startsAt, segment.sizeBytes);
    startsAt += segment.sizeBytes;
    return stop <= skip
      ? []
      : [{ file: segment.file, offsetBytes: segment.offsetBytes + skip, sizeBytes: stop - skip }];
  });
}

async function write(body: AsyncIterable<Buffer>, folder: string): Promise<readonly Segment[]> {
  const file = randomUUID();
  const path = join(folder, file);
  const stream = createWriteStream(path, { flags: "wx", highWaterMark: PIECE_BYTES });
  try {
    await pipeline(body, stream);
  } catch (error) {
    // a file that is only being opened would come after its removal
    if (!stream.closed) await new Promise<void>((resolve) => stream.once("close", () => resolve()));
    rmSync(path, { force: true });
    throw error;
  }
  return [{ file, offsetBytes: 0, sizeBytes: stream.bytesWritten }];
}

async function count(body: AsyncIterable<Buffer>): Promise<readonly Segment[]> {
  let sizeBytes = 0;
  for await (const chunk of body) sizeBytes += chunk.length;
  return [{ file: null, offsetBytes: 0, sizeBytes }];
}

async function* readAll(segments: readonly Segment[], folder: () => string): AsyncGenerator<Buffer> {
  for (const { file, offsetBytes, sizeBytes } of segments) {
    if (file === null) throw new Refusal("NotImplemented", "This sandbox counts bytes and keeps none.");
    if (sizeBytes === 0) continue;
    const range = { start: offsetBytes, end: offsetBytes + sizeBytes - 1, highWaterMark: PIECE_BYTES };
    yield* createReadStream(join(folder(), file), range);
  }
}
