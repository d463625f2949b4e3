/** Where the parts of a body begin and end: all as long as the first, but for the last. */
export interface Parts {
  readonly count: number;
  /** Numbers from 1. */
  readonly numberAt: (offset: number) => number;
  readonly startOf: (number: number) => number;
  /** Excluded. */
  readonly endOf: (number: number) => number;
}

export function partsOf(sizeBytes: number, partSizeBytes: number): Parts {
  return {
    count: Math.ceil(sizeBytes / partSizeBytes),
    numberAt: (offset) => Math.floor(offset / partSizeBytes) + 1,
    startOf: (number) => (number - 1) * partSizeBytes,
    endOf: (number) => Math.min(number * partSizeBytes, sizeBytes),
  };
}

/** How long a piece at `offset` of a part may be, so that it lies in one frame of the part. */
export function pieceBytesIn(parts: Parts, frameBytes: number): (offset: number) => number {
  return (offset) => {
    const number = parts.numberAt(offset);
    const into = offset - parts.startOf(number);
    return Math.min(frameBytes - (into % frameBytes), parts.endOf(number) - offset);
  };
}
