/**
 * A source of archives for benchmarks: `node source.mjs <MiB>` serves a gzipped tar of so many MiB of random bytes, by
 * ranges too. Nothing is read or compressed while it serves: the same blocks go out again and again.
 */

import { randomFillSync } from "node:crypto";
import { createServer } from "node:net";
import { crc32 } from "node:zlib";

/** A stored block of deflate: 5 bytes of head, and as much as makes it 64 KiB. */
const BLOCK = 65_536;
const PAYLOAD = BLOCK - 5;
const DISTINCT = 512;
const WRITE = 1 << 20;

const blocks = Math.max(1, Number(process.argv[2]) * 16);
const body = archiveOf(blocks);
const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  let head = "";
  socket.on("data", (data) => {
    head += data.latin1Slice();
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    answer(socket, head.slice(0, end));
    head = head.slice(end + 4);
  });
});
server.listen(0, "127.0.0.1", () =>
  console.log(JSON.stringify({ port: server.address().port, sizeBytes: body.sizeBytes })),
);
process.on("SIGTERM", () => process.exit(0));

function answer(socket, head) {
  const range = /^range: bytes=(\d+)-(\d*)/im.exec(head);
  const from = range ? Number(range[1]) : 0;
  const to = range?.[2] ? Number(range[2]) + 1 : body.sizeBytes;
  const status = range ? `206 Partial Content\r\nContent-Range: bytes ${from}-${to - 1}/${body.sizeBytes}` : "200 OK";
  socket.write(
    `HTTP/1.1 ${status}\r\nContent-Type: application/gzip\r\nETag: "bench-${body.sizeBytes}"\r\nAccept-Ranges: bytes\r\nContent-Length: ${to - from}\r\n\r\n`,
  );
  if (!head.startsWith("HEAD")) send(socket, from, to);
}

function send(socket, from, to) {
  while (from < to) {
    const piece = body.at(from, Math.min(WRITE, to - from));
    from += piece.length;
    if (!socket.write(piece)) return socket.once("drain", () => send(socket, from, to));
  }
}

/** Of a gzip member whose deflate blocks are all stored: any piece of it is found by arithmetic. */
function archiveOf(count) {
  const encoded = randomFillSync(Buffer.allocUnsafe(BLOCK * DISTINCT));
  for (let index = 0; index < DISTINCT; index += 1) encoded.set(storedHead(PAYLOAD, false), index * BLOCK);
  const fileBytes = count * PAYLOAD;
  const header = tarHeader(fileBytes);
  const tail = Buffer.alloc(((512 - (fileBytes % 512)) % 512) + 1024);
  const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  const front = Buffer.concat([gzipHead, storedHead(header.length, false), header]);
  let crc = crc32(header);
  for (let index = 0; index < count; index += 1) {
    const start = (index % DISTINCT) * BLOCK;
    crc = crc32(encoded.subarray(start + 5, start + BLOCK), crc);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(tail, crc), 0);
  trailer.writeUInt32LE((header.length + fileBytes + tail.length) % 2 ** 32, 4);
  const back = Buffer.concat([storedHead(tail.length, true), tail, trailer]);
  const middleEnd = front.length + count * BLOCK;
  return {
    sizeBytes: middleEnd + back.length,
    at: (from, most) => {
      if (from < front.length) return front.subarray(from, from + most);
      if (from >= middleEnd) return back.subarray(from - middleEnd, from - middleEnd + most);
      const start = (from - front.length) % encoded.length;
      return encoded.subarray(start, Math.min(start + most, start + middleEnd - from));
    },
  };
}

function storedHead(length, isLast) {
  return Buffer.from([isLast ? 1 : 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255]);
}

function tarHeader(sizeBytes) {
  const header = Buffer.alloc(512);
  header.write("data/collection-0.wt", 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  if (sizeBytes < 8 ** 11) header.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return header;
}
