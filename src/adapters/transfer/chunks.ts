/**
 * The memory that bytes pass through: chunks of one buffer, which the hashing thread sees as well. However long a body is,
 * there is never more of it: who needs a chunk waits until one is given back, and that is all the backpressure there is.
 */
export interface Chunk {
  /** Where in the memory it begins. */
  readonly start: number;
  readonly room: Buffer;
}

export interface Pool {
  readonly memory: SharedArrayBuffer;
  take(): Promise<Chunk>;
  give(chunk: Chunk): void;
}

/** A run of bytes of a body, in a chunk that whoever gets it gives back. */
export interface Piece {
  readonly chunk: Chunk;
  readonly bytes: Buffer;
  /** Of its first byte, in the body. */
  readonly offset: number;
}

export function openPool(chunkBytes: number, chunks: number): Pool {
  const memory = new SharedArrayBuffer(chunkBytes * chunks);
  const free: Chunk[] = Array.from({ length: chunks }, (_, index) => ({
    start: index * chunkBytes,
    room: Buffer.from(memory, index * chunkBytes, chunkBytes),
  }));
  const waiting: ((chunk: Chunk) => void)[] = [];
  return {
    memory,
    take: async () => free.pop() ?? new Promise((resolve) => waiting.push(resolve)),
    give: (chunk) => {
      const next = waiting.shift();
      if (next === undefined) free.push(chunk);
      else next(chunk);
    },
  };
}
