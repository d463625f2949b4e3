import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { followTar } from "../../../src/adapters/transfer/tar.ts";
import { type TarEntry, tar, tarHeader } from "./harness.ts";

function follow(bytes: Buffer, pieceBytes = bytes.length): void {
  const follower = followTar();
  for (let at = 0; at < bytes.length; at += pieceBytes) follower.take(bytes.subarray(at, at + pieceBytes));
  follower.end();
}

const file = (name: string, bytes: number): TarEntry => ({ name, content: randomBytes(bytes) });
const TWO = tar([file("a", 700), file("b", 512), file("empty", 0)]);

describe("a whole tar", () => {
  it("in pieces of any length", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 3000 }), (pieceBytes) => follow(TWO, pieceBytes)));
  });

  it("of any files, and filled up with zeros as far as one likes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 })), fc.integer({ min: 2, max: 40 }), (sizes, zeroBlocks) =>
        follow(
          tar(
            sizes.map((size, index) => file(`f${index}`, size)),
            zeroBlocks * 512,
          ),
          1000,
        ),
      ),
    );
  });

  it("as another program writes it: long names, folders, links", async () => {
    const packing = pack();
    const bytes = buffer(packing);
    packing.entry({ name: `${"long/".repeat(60)}name` }, Buffer.alloc(1000));
    packing.entry({ name: "folder", type: "directory" });
    packing.entry({ name: "link", type: "symlink", linkname: "a" });
    packing.entry({ name: "ünicode" }, Buffer.alloc(3));
    packing.finalize();
    follow(await bytes, 777);
  });

  const base256 = (size: number) => {
    const field = Buffer.alloc(12);
    field[0] = 0x80;
    field.writeBigUInt64BE(BigInt(size), 4);
    return field.toString("latin1");
  };
  it("whose sizes are no octal digits (GNU), or stand in a pax header before", () => {
    follow(tar([{ ...file("a", 1500), size: base256(1500) }]));
    const pax = { name: "pax", type: "x", content: Buffer.from("13 size=1500\n") };
    follow(tar([pax, { ...file("a", 1500), size: "00000000000\0" }, file("b", 100)]));
    const global = {
      name: "g",
      type: "g",
      content: Buffer.from("52 comment=something that is about nobody at all....\n"),
    };
    const longName = { name: "././@LongLink", type: "L", content: Buffer.from("n".repeat(600)) };
    follow(tar([global, longName, file("a", 10)]));
  });

  it("whose folder or link says a size all the same", () => {
    follow(tar([{ name: "d/", type: "5", content: Buffer.alloc(0), size: "00000000100\0" }, file("a", 10)]));
  });
});

describe("what is no whole tar", () => {
  it("ends anywhere before its end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: TWO.length - 513 }), (length) => {
        expect(() => follow(TWO.subarray(0, length))).toThrow("it ends in the middle");
      }),
    );
  });

  it("has a header with any bit flipped", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const bytes = Buffer.from(TWO);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        // a digit of the checksum may become a space: still the same number
        if (at >= 148 && at < 156 && /^ *[0-7]+[\0 ]*$/.test(bytes.toString("latin1", 148, 156))) return;
        expect(() => follow(bytes)).toThrow();
      }),
    );
  });

  it.each([
    ["HTML", Buffer.from("<html></html>".padEnd(2048))],
    ["something after its end", Buffer.concat([TWO, tarHeader(file("late", 0)), Buffer.alloc(1024)])],
    ["a size that is no number", tar([{ ...file("a", 10), size: "9999999999z\0" }])],
    ["a size beyond all numbers", tar([{ ...file("a", 10), size: `\x80${"\xff".repeat(11)}` }])],
    ["a pax header that is too long", tar([{ name: "p", type: "x", content: Buffer.alloc(2 * 1024 * 1024) }])],
  ])("%s", (_, bytes) => {
    expect(() => follow(bytes)).toThrow(/no whole tar/);
  });
});
