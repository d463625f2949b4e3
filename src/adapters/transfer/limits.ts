/** How much of memory, time and patience a transfer may take. */
export interface TransferLimits {
  /** Of one chunk of memory, which is also the frame in which a part is sent. */
  readonly chunkBytes: number;
  /** Of all memory that bytes pass through. */
  readonly chunks: number;
  readonly connectMs: number;
  /** From a request to the head of its answer. */
  readonly headMs: number;
  /** For the bytes of one chunk to come in: slower than this is as good as standing still. */
  readonly chunkMs: number;
  /** Without any byte to or from S3 on a connection that sends a part. */
  readonly uploadIdleMs: number;
  /** Parts that are being sent, or wait for the word of S3. */
  readonly partsUnderWay: number;
  /** Ranges of an object that are read at a time. */
  readonly lanes: number;
  /** Of such a range; all lanes together must fit into the chunks. */
  readonly rangeBytes: number;
  /** In a row without a whole chunk, or of one part. */
  readonly attempts: number;
}

const MIB = 1024 * 1024;

export const TRANSFER_LIMITS: TransferLimits = {
  chunkBytes: MIB,
  chunks: 24,
  connectMs: 10_000,
  headMs: 30_000,
  chunkMs: 30_000,
  uploadIdleMs: 60_000,
  partsUnderWay: 8,
  lanes: 6,
  rangeBytes: 4 * MIB,
  attempts: 8,
};
