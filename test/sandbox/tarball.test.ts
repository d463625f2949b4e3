import { spawnSync } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { extract } from "tar-stream";
import { expect, it } from "vitest";
import { type Tarball, tarball } from "../../src/sandbox/tarball.ts";

const SIZE_BYTES = 700_000;
const file = tarball("66f0aa11bb22cc33dd44ee57/shard-0", SIZE_BYTES);
const whole = bytesOf(file, 0, file.lengthBytes);

function bytesOf(of: Tarball, from: number, to: number): Buffer {
  return Buffer.concat([...of.chunks(from, to)]);
}

it("any range is that part of the whole, whoever asks first", () => {
  const place = fc.integer({ min: 0, max: file.lengthBytes });
  fc.assert(
    fc.property(place, place, (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const fresh = tarball("66f0aa11bb22cc33dd44ee57/shard-0", SIZE_BYTES);
      expect(bytesOf(fresh, from, to).equals(whole.subarray(from, to))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

it("every edge of a block is where it should be", () => {
  for (let at = 0; at < file.lengthBytes; at += 65_540) {
    for (const edge of [at, at + 10, at + 15]) {
      const [from, to] = [Math.max(0, edge - 2), Math.min(file.lengthBytes, edge + 2)];
      expect(bytesOf(file, from, to).equals(whole.subarray(from, to))).toBe(true);
    }
  }
});

it.each([0, 1, 4096, 65_535, SIZE_BYTES])(
  "of %d bytes it is a gzipped tar of the files of a mongod",
  async (sizeBytes) => {
    const of = tarball("x", sizeBytes);
    const entries: [string, number][] = [];
    const unpacked = extract().on("entry", ({ name, size }, stream, next) => {
      let bytes = 0;
      stream.on("data", (chunk) => {
        bytes += Buffer.isBuffer(chunk) ? chunk.length : Number.NaN;
      });
      stream.on("end", () => {
        entries.push([name, bytes]);
        expect(bytes).toBe(size);
        next();
      });
    });
    await pipeline(Readable.from(of.chunks(0, of.lengthBytes)), createGunzip(), unpacked);
    const names = entries.map(([name]) => name);
    expect(names.slice(0, 2)).toEqual(["WiredTiger", "WiredTiger.wt"]);
    const data = entries.filter(([name]) => name.startsWith("collection-")).reduce((sum, [, bytes]) => sum + bytes, 0);
    expect([data >= sizeBytes, data < sizeBytes + 2 * 4096]).toEqual([true, true]);
  },
);

it("tar itself lists it, where there is one", () => {
  const { stdout, status, error } = spawnSync("tar", ["tzf", "-"], { input: whole });
  if (error !== undefined && "code" in error && error.code === "ENOENT") return;
  expect([status, ...stdout.toString().trim().split("\n")]).toEqual([
    0,
    "WiredTiger",
    "WiredTiger.wt",
    "_mdb_catalog.wt",
    "sizeStorer.wt",
    "collection-0-2026.wt",
    "collection-1-2026.wt",
    "journal/WiredTigerLog.0000000001",
  ]);
});

it("its files begin as WiredTiger's do, and cannot be packed any smaller", () => {
  const tar = gunzipSync(whole);
  const first = tar.indexOf("collection-0-2026.wt") + 512;
  expect([tar.readUInt32LE(first), tar.readUInt16LE(first + 4)]).toEqual([120_897, 1]);
  expect(new Set(tar.subarray(first + 4096, first + 8192)).size).toBe(256);
});

it("another name or size is another file, of another tag", () => {
  const others = [tarball("y", SIZE_BYTES), tarball("66f0aa11bb22cc33dd44ee57/shard-0", SIZE_BYTES + 4096)];
  for (const other of others) {
    expect(other.etag).not.toBe(file.etag);
    expect(bytesOf(other, 0, 300_000).equals(whole.subarray(0, 300_000))).toBe(false);
  }
});

it("the size of one that nobody could store is known, and its parts are there", () => {
  const huge = tarball("z", 2 ** 40);
  expect(huge.lengthBytes).toBeGreaterThan(2 ** 40);
  expect(bytesOf(huge, 2 ** 39, 2 ** 39 + 100)).toHaveLength(100);
});
