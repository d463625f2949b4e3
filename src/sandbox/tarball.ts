/**
 * The files of a mongod as a gzipped tar, of which any part can be made without the rest: the contents are pseudo-random and
 * stand in stored blocks, so that every byte's place is known beforehand. It is none the less a whole .tar.gz.
 */
import { createCipheriv, hash } from "node:crypto";
import { crc32 } from "node:zlib";

export interface Tarball {
  readonly lengthBytes: number;
  readonly etag: string;
  /** Bytes `from <= at < to`, in pieces. */
  chunks(from: number, to: number): Iterable<Buffer>;
}

/** The same for the same name and size; its data files have about `contentBytes` in all. */
export function tarball(name: string, contentBytes: number): Tarball {
  const seed = `${name} ${contentBytes}`;
  const tar = tarOf(filesOf(contentBytes), noise(seed));
  const blocks = Math.ceil(tar.lengthBytes / BLOCK_BYTES);
  const trailerAt = GZIP_HEADER.length + tar.lengthBytes + blocks * BLOCK_HEADER_BYTES;
  let trailer: Buffer | undefined;
  const pieceAt = (at: number): Piece => {
    if (at < GZIP_HEADER.length) return { at: 0, bytes: GZIP_HEADER };
    if (at < trailerAt) return blockOf(tar, Math.floor((at - GZIP_HEADER.length) / (BLOCK_HEADER_BYTES + BLOCK_BYTES)));
    trailer ??= trailerOf(tar);
    return { at: trailerAt, bytes: trailer };
  };
  return {
    lengthBytes: trailerAt + TRAILER_BYTES,
    etag: `"${hash("sha256", seed).slice(0, 32)}"`,
    *chunks(from, to) {
      for (let at = from; at < to; ) {
        const piece = pieceAt(at);
        const part = piece.bytes.subarray(at - piece.at, to - piece.at);
        yield part;
        at += part.length;
      }
    },
  };
}

interface Piece {
  readonly at: number;
  readonly bytes: Buffer;
}

/** https://www.rfc-editor.org/rfc/rfc1952: deflate, no name, no time, made on Unix. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** https://www.rfc-editor.org/rfc/rfc1951 section 3.2.4: the most that a stored block holds. */
const BLOCK_BYTES = 65_535;
const BLOCK_HEADER_BYTES = 5;
const TRAILER_BYTES = 8;

function blockOf(tar: Source, index: number): Piece {
  const from = index * BLOCK_BYTES;
  const to = Math.min(from + BLOCK_BYTES, tar.lengthBytes);
  const header = Buffer.alloc(BLOCK_HEADER_BYTES);
  header.writeUInt8(to === tar.lengthBytes ? 1 : 0); // the last one
  header.writeUInt16LE(to - from, 1);
  header.writeUInt16LE(~(to - from) & 0xffff, 3);
  return {
    at: GZIP_HEADER.length + from + index * BLOCK_HEADER_BYTES,
    bytes: Buffer.concat([header, tar.read(from, to)]),
  };
}

/** The one part that takes all the rest to make. */
function trailerOf(tar: Source): Buffer {
  let crc = 0;
  for (let at = 0; at < tar.lengthBytes; at += CRC_STEP_BYTES) {
    crc = crc32(tar.read(at, Math.min(at + CRC_STEP_BYTES, tar.lengthBytes)), crc);
  }
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(crc);
  trailer.writeUInt32LE(tar.lengthBytes % 2 ** 32, 4);
  return trailer;
}

const CRC_STEP_BYTES = 1024 * 1024;

interface Source {
  readonly lengthBytes: number;
  readonly read: Read;
}
type Read = (from: number, to: number) => Buffer;

/** The keystream of AES in counter mode, which can be entered anywhere. */
function noise(seed: string): Read {
  const key = hash("sha256", seed, "buffer").subarray(0, AES_BLOCK_BYTES);
  return (from, to) => {
    const block = Math.floor(from / AES_BLOCK_BYTES);
    const counter = Buffer.alloc(AES_BLOCK_BYTES);
    counter.writeBigUInt64BE(BigInt(block), AES_BLOCK_BYTES / 2);
    const startsAt = block * AES_BLOCK_BYTES;
    return createCipheriv("aes-128-ctr", key, counter)
      .update(Buffer.alloc(to - startsAt))
      .subarray(from - startsAt);
  };
}

const AES_BLOCK_BYTES = 16;

interface TarFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** How it begins; noise follows. */
  readonly head: Buffer;
}

/** Noise, with what must be as it is laid over it: headers, how files begin, and the end. */
function tarOf(files: readonly TarFile[], fill: Read): Source {
  const laid: Piece[] = [];
  let lengthBytes = 0;
  for (const file of files) {
    laid.push({ at: lengthBytes, bytes: Buffer.concat([tarHeader(file), file.head]) });
    lengthBytes += TAR_BLOCK_BYTES + Math.ceil(file.sizeBytes / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
  }
  laid.push({ at: lengthBytes, bytes: Buffer.alloc(2 * TAR_BLOCK_BYTES) });
  lengthBytes += 2 * TAR_BLOCK_BYTES;
  const read: Read = (from, to) => {
    const bytes = fill(from, to);
    for (const { at, bytes: over } of laid) {
      if (at < to && at + over.length > from) over.copy(bytes, Math.max(0, at - from), Math.max(0, from - at));
    }
    return bytes;
  };
  return { lengthBytes, read };
}

const TAR_BLOCK_BYTES = 512;

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format" */
function tarHeader({ name, sizeBytes }: TarFile): Buffer {
  const header = Buffer.alloc(TAR_BLOCK_BYTES);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o600, 7) + octal(0, 7) + octal(0, 7) + octal(sizeBytes, 11) + octal(0, 11), 100);
  header.write("        0", 148); // the sum is made with spaces in its place; a plain file
  header.write("ustar\x0000mongod", 257);
  header.write("mongod", 297);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
  );
  return header;
}

/** As a folder of WiredTiger looks: https://source.wiredtiger.com/develop/arch-block.html */
function filesOf(contentBytes: number): readonly TarFile[] {
  const count = Math.max(2, Math.ceil(contentBytes / FILE_BYTES_MAX));
  const sizeBytes = Math.ceil(contentBytes / count / PAGE_BYTES) * PAGE_BYTES;
  const collections = Array.from({ length: count }, (_, index) => table(`collection-${index}-2026.wt`, sizeBytes));
  return [
    { name: "WiredTiger", sizeBytes: VERSION.length, head: padded(VERSION) },
    table("WiredTiger.wt", 9 * PAGE_BYTES),
    table("_mdb_catalog.wt", 9 * PAGE_BYTES),
    table("sizeStorer.wt", 5 * PAGE_BYTES),
    ...collections,
    { name: "journal/WiredTigerLog.0000000001", sizeBytes: 16 * PAGE_BYTES, head: Buffer.alloc(0) },
  ];
}

const PAGE_BYTES = 4096;
const FILE_BYTES_MAX = 1024 ** 3;
const VERSION = Buffer.from("WiredTiger\nWiredTiger 12.0.0: (November 15, 2024)\n");

function padded(text: Buffer): Buffer {
  return Buffer.concat([text, Buffer.alloc(TAR_BLOCK_BYTES - text.length)]);
}

/** A file of the block manager begins with its magic number and version. */
function table(name: string, sizeBytes: number): TarFile {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(120_897);
  head.writeUInt16LE(1, 4);
  return { name, sizeBytes, head: sizeBytes === 0 ? Buffer.alloc(0) : head };
}
