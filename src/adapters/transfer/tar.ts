/**
 * Follows a tar from its first header to the zeros at its end, by what comes, keeping nothing but the block it is in.
 * Formats: https://www.gnu.org/software/tar/manual/html_node/Standard.html and pax of POSIX.1-2001.
 */
import { OpsError } from "../../core/error.ts";

export interface TarFollower {
  take(bytes: Buffer): void;
  /** Once there are no more bytes. */
  end(): void;
}

const BLOCK_BYTES = 512;
/** Of a pax header: a few lines of text. */
const EXTENSION_BYTES_MAX = 1024 * 1024;
/** Entries of these types have no content, whatever their size says: links, devices, folders, FIFOs. */
const WITHOUT_CONTENT = /[1-6]/;
/** Pax headers, whose sizes outrank that of the next entry. */
const PAX = "x";

/** OpsError `protocol` at the first block that cannot be part of a tar. */
export function followTar(): TarFollower {
  const block = Buffer.alloc(BLOCK_BYTES);
  let filled = 0;
  let skipping = 0;
  let zeroBlocks = 0;
  /** What is left of a pax header's content, and what has come of it. */
  let extension: { readonly content: Buffer; at: number } | undefined;
  let nextSize: number | undefined;

  const endBlock = () => {
    if (extension !== undefined) {
      extension.at += block.copy(extension.content, extension.at);
      if (extension.at < extension.content.length) return;
      nextSize = paxSize(extension.content) ?? nextSize;
      extension = undefined;
      return;
    }
    if (isZero(block)) {
      zeroBlocks += 1;
      return;
    }
    if (zeroBlocks > 0) throw noTar("something comes after its end");
    const { type, sizeBytes } = parseHeader(block);
    if (type === PAX) {
      if (sizeBytes > EXTENSION_BYTES_MAX) throw noTar("a header is longer than any");
      if (sizeBytes > 0) extension = { content: Buffer.alloc(sizeBytes), at: 0 };
      return;
    }
    const isExtension = /[gLKV]/.test(type); // about other entries, or names: their size is their own
    const content = WITHOUT_CONTENT.test(type) ? 0 : isExtension ? sizeBytes : (nextSize ?? sizeBytes);
    if (!isExtension) nextSize = undefined;
    skipping = Math.ceil(content / BLOCK_BYTES) * BLOCK_BYTES;
  };
  return {
    take: (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const skipped = Math.min(skipping, bytes.length - at);
        skipping -= skipped;
        at += skipped;
        const copied = bytes.copy(block, filled, at);
        at += copied;
        filled += copied;
        if (filled < BLOCK_BYTES) return;
        filled = 0;
        endBlock();
      }
    },
    end: () => {
      if (skipping > 0 || filled > 0 || zeroBlocks < 2) throw noTar("it ends in the middle");
    },
  };
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function parseHeader(block: Buffer): { readonly type: string; readonly sizeBytes: number } {
  const field = block.subarray(148, 156);
  const unsigned = block.reduce((sum, byte) => sum + byte, 0) - field.reduce((sum, byte) => sum + byte, 0) + 8 * 0x20;
  if (numberIn(field) !== unsigned) throw noTar("the checksum of a header is wrong");
  return { type: block.toString("latin1", 156, 157), sizeBytes: numberIn(block.subarray(124, 136)) };
}

/** Octal digits, or (GNU) the bytes of a number after a first byte of 0x80. */
function numberIn(field: Buffer): number {
  const text = field
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trimStart();
  const value =
    field[0] === 0x80
      ? field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
      : /^[0-7]*$/.test(text)
        ? Number.parseInt(text || "0", 8)
        : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw noTar("a number in a header cannot be read");
}

/** Of records `<length> <key>=<value>\n`. */
function paxSize(content: Buffer): number | undefined {
  const size = /(?:^|\n)\d+ size=(\d{1,15})\n/.exec(content.toString("latin1"))?.[1];
  return size === undefined ? undefined : Number(size);
}

function noTar(why: string): OpsError {
  return new OpsError("protocol", `what came is no whole tar: ${why}`);
}
