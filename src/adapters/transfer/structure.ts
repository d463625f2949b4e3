/** Follows a gzipped tar on its way, to its last byte: what was cut off or is something else never becomes an archive. */
import { createGunzip } from "node:zlib";
import { OpsError } from "../../core/error.ts";
import { followTar } from "./tar.ts";

export interface Structure {
  /** Until it resolves, the bytes must stay as they are. Rejects with OpsError `protocol` once they make no sense. */
  write(bytes: Buffer): Promise<void>;
  /** The verdict, after the last byte. */
  end(): Promise<void>;
  close(): void;
}

/** Far above 8 KiB, below which buffers share memory. */
const OUTPUT_BYTES = 1024 * 1024;

export function followStructure(): Structure {
  const tar = followTar();
  // inflates on a thread of Node's own pool
  const gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  const waiting = new Set<(error: OpsError) => void>();
  let failure: OpsError | undefined;
  gunzip.on("error", (error) => {
    failure = error instanceof OpsError ? error : noGzip(error);
    for (const reject of waiting) reject(failure); // zlib forgets the callbacks of what it was given
  });
  gunzip.on("data", (bytes: Buffer) => {
    try {
      tar.take(bytes);
    } catch (error) {
      gunzip.destroy(error instanceof Error ? error : noGzip(error));
    }
    freeIfLast(bytes);
  });
  const unlessFailed = (start: (done: () => void) => void) =>
    new Promise<void>((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      waiting.add(reject);
      start(() => {
        waiting.delete(reject);
        resolve();
      });
    });
  return {
    write: (bytes) => unlessFailed((done) => void gunzip.write(bytes, done)),
    end: async () => {
      await unlessFailed((done) => gunzip.once("end", done).end());
      tar.end();
    },
    close: () => void gunzip.destroy(),
  };
}

/**
 * zlib takes a new buffer once it has filled one. Its memory is given back then and there: left to the garbage collector
 * there would be 60 MiB of it (npm run bench).
 */
function freeIfLast({ buffer, byteOffset, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteOffset + length === buffer.byteLength) buffer.transfer(0);
}

/** Codes of zlib's; its words may quote nothing. */
function noGzip(error: unknown): OpsError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
  return new OpsError("protocol", `what came is no whole gzip (${code})`);
}
