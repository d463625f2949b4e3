/**
 * Cyclic checksums: CRC32, which zlib computes, and CRC64NVME, which nothing in Node does; and how those of two pieces
 * become that of both without reading them again.
 */
import { crc32 } from "node:zlib";

export type CrcName = "CRC32" | "CRC64NVME";

/** Both reflected: https://reveng.sourceforge.io/crc-catalogue/all.htm */
const POLYNOMIALS = { CRC32: 0xedb88320n, CRC64NVME: 0x9a6c9329ac4bc9b5n } as const;
const BITS = { CRC32: 32n, CRC64NVME: 64n } as const;

/** A checksum in the making: it is given all bytes in order, and then asked. */
export interface Running {
  update(bytes: Buffer): void;
  digest(): Buffer;
}

export function startCrc(name: CrcName): Running {
  if (name === "CRC64NVME") return startCrc64();
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => toBytes(name, BigInt(value)),
  };
}

/** The checksum of pieces one after the other, from that of each: each piece moves what stood before to the left. */
export function joinCrcs(
  name: CrcName,
  pieces: readonly { readonly digest: Buffer; readonly sizeBytes: number }[],
): Buffer {
  const shifts = new Map<number, bigint>(); // all parts but the last are of one size
  const shiftOf = (sizeBytes: number) => {
    const shift = shifts.get(sizeBytes) ?? powerOfX8(name, sizeBytes);
    shifts.set(sizeBytes, shift);
    return shift;
  };
  const joined = pieces.reduce(
    (sum, { digest, sizeBytes }) => multiply(name, sum, shiftOf(sizeBytes)) ^ BigInt(`0x${digest.toString("hex")}`),
    0n,
  );
  return toBytes(name, joined);
}

/** x^(8n) modulo the polynomial; in the reflected form the highest bit stands for x^0. */
function powerOfX8(name: CrcName, exponent: number): bigint {
  const one = 1n << (BITS[name] - 1n);
  let power = one >> 8n;
  let result = one;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(name, result, power);
    power = multiply(name, power, power);
  }
  return result;
}

function multiply(name: CrcName, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = 1n << (BITS[name] - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ POLYNOMIALS[name] : shifted >> 1n;
  }
  return product;
}

function toBytes(name: CrcName, value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(Number(BITS[name]) / 4, "0"), "hex");
}

const SLICES = 8;

/** Eight bytes at a time, by eight tables of two halves: https://create.stephan-brumme.com/crc32/#slicing-by-8-overview */
function startCrc64(): Running {
  const { low, high } = crc64Tables();
  let lowHalf = 0xffffffff;
  let highHalf = 0xffffffff;
  const step = (byte: number) => {
    const index = (lowHalf ^ byte) & 0xff;
    lowHalf = ((lowHalf >>> 8) | (highHalf << 24)) ^ (low[index] ?? 0);
    highHalf = (highHalf >>> 8) ^ (high[index] ?? 0);
  };
  return {
    update: (bytes) => {
      const whole = bytes.length - (bytes.length % SLICES);
      for (let at = 0; at < whole; at += SLICES) {
        let word = lowHalf ^ bytes.readUInt32LE(at);
        const nextWord = highHalf ^ bytes.readUInt32LE(at + 4);
        lowHalf = 0;
        highHalf = 0;
        for (let slice = SLICES - 1; slice >= 0; slice--) {
          if (slice === 3) word = nextWord;
          const index = (slice << 8) | (word & 0xff);
          word >>>= 8;
          lowHalf ^= low[index] ?? 0;
          highHalf ^= high[index] ?? 0;
        }
      }
      for (const byte of bytes.subarray(whole)) step(byte);
    },
    digest: () => {
      const value = (BigInt(~highHalf >>> 0) << 32n) | BigInt(~lowHalf >>> 0);
      return toBytes("CRC64NVME", value);
    },
  };
}

let tables: { readonly low: Uint32Array; readonly high: Uint32Array } | undefined;

function crc64Tables(): NonNullable<typeof tables> {
  if (tables !== undefined) return tables;
  const low = new Uint32Array(SLICES * 256);
  const high = new Uint32Array(SLICES * 256);
  for (let index = 0; index < low.length; index++) {
    let value = index < 256 ? BigInt(index) : (BigInt(high[index - 256] ?? 0) << 32n) | BigInt(low[index - 256] ?? 0);
    if (index < 256) {
      for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ POLYNOMIALS.CRC64NVME : value >> 1n;
    } else {
      const byte = Number(value & 0xffn);
      value = (value >> 8n) ^ ((BigInt(high[byte] ?? 0) << 32n) | BigInt(low[byte] ?? 0));
    }
    low[index] = Number(value & 0xffffffffn);
    high[index] = Number(value >> 32n);
  }
  tables = { low, high };
  return tables;
}
