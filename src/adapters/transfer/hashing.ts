/**
 * SHA-256 beside the event loop: a thread hashes the chunks where they lie, a part and the whole in one go while the bytes
 * are in its cache. Nothing is copied to it.
 */
import { Worker } from "node:worker_threads";
import { OpsError } from "../../core/error.ts";
import type { Chunk, Pool } from "./chunks.ts";

export interface Hashing {
  /** A new hash, over bytes that are yet to come. */
  begin(): number;
  /** A new hash, over what another one has seen so far. */
  fork(id: number): Promise<number>;
  /** Until it resolves, the chunk must stay as it is. */
  update(ids: readonly number[], chunk: Chunk, length: number): Promise<void>;
  /** The hash of all its bytes, as 64 hexadecimal digits; its end. */
  digest(id: number): Promise<string>;
  close(): Promise<void>;
}

export type HashOrder =
  | { readonly kind: "update"; readonly ids: readonly number[]; readonly start: number; readonly length: number }
  | { readonly kind: "fork"; readonly id: number; readonly as: number }
  | { readonly kind: "digest"; readonly id: number };

/** The thread holds no bytes, so it needs next to no memory of its own. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

export function startHashing(threadFile: string, { memory }: Pool): Hashing {
  const thread = new Worker(threadFile, { workerData: memory, resourceLimits: THREAD_LIMITS });
  const waiting: { readonly resolve: (digest: string | null) => void; readonly reject: (error: unknown) => void }[] =
    [];
  let ids = 0;
  let ended: OpsError | undefined;
  thread.on("message", (digest: string | null) => waiting.shift()?.resolve(digest)); // answers come in order
  const end = (error: OpsError) => {
    ended ??= error;
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  thread.on("error", (cause) => end(new OpsError("bug", "the hashing thread failed", { cause })));
  thread.on("exit", () => end(new OpsError("aborted", "the hashing thread has ended")));
  const order = (message: HashOrder) =>
    new Promise<string | null>((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      waiting.push({ resolve, reject });
      thread.postMessage(message);
    });
  const begin = () => {
    ids += 1;
    return ids;
  };
  return {
    begin,
    fork: async (id) => {
      const as = begin();
      await order({ kind: "fork", id, as });
      return as;
    },
    update: async (hashes, chunk, length) => {
      await order({ kind: "update", ids: hashes, start: chunk.start, length });
    },
    digest: async (id) => {
      const digest = await order({ kind: "digest", id });
      if (digest === null) throw new OpsError("bug", "the hashing thread answers another question");
      return digest;
    },
    close: async () => {
      await thread.terminate();
    },
  };
}
