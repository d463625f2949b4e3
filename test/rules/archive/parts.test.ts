import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OBJECT_BYTES_MAX, partSizeBytesFor } from "../../../src/rules/archive/parts.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

describe("the size of parts", () => {
  it.each([
    [1, 8 * MIB],
    [80_000 * MIB, 8 * MIB],
    [80_000 * MIB + 1, 9 * MIB],
    [90_000 * MIB, 9 * MIB],
    [90_000 * MIB + 1, 10 * MIB],
    [TIB, 105 * MIB],
    [OBJECT_BYTES_MAX - 1, 5 * GIB],
    [OBJECT_BYTES_MAX, 5 * GIB],
  ])("of an object of %d bytes is %d", (sizeBytes, partSizeBytes) => {
    expect(partSizeBytesFor(sizeBytes)).toBe(partSizeBytes);
  });

  it("is what S3 takes, up to the largest object it takes", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (any) => {
        const sizeBytes = 1 + (any % OBJECT_BYTES_MAX);
        const partSizeBytes = partSizeBytesFor(sizeBytes);
        expect(Math.ceil(sizeBytes / partSizeBytes)).toBeLessThanOrEqual(10_000);
        expect(partSizeBytes).toBeGreaterThanOrEqual(5 * MIB);
        expect(partSizeBytes).toBeLessThanOrEqual(5 * GIB);
        expect(partSizeBytes % MIB).toBe(0);
      }),
    );
  });

  it("beyond that is refused", () => {
    expect(() => partSizeBytesFor(OBJECT_BYTES_MAX + 1)).toThrow("48.8 TiB");
  });
});
