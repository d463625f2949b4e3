/** A range of a body in order, whatever its connection does: what drops, stalls or slows is taken up again where it was. */
import type { Clock } from "../../core/clock.ts";
import { OpsError } from "../../core/error.ts";
import { stopReason } from "../../core/stop.ts";
import { backoffMs } from "../http/retry.ts";
import type { Piece, Pool } from "./chunks.ts";
import { mayPass } from "./failure.ts";
import type { Wire } from "./wire.ts";

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly attempts: number;
}

export interface Reading {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
  /** A connection on which the next byte of the body is the one at `offset`. */
  readonly open: (offset: number, to: number) => Promise<Wire>;
  /** How long a piece at `offset` may be. */
  readonly pieceBytes: (offset: number) => number;
  /** Takes a connection that has nothing more to give and may be asked again; absent: it is closed. */
  readonly keep?: (wire: Wire) => void;
}

/** Pieces as long as they may be, whatever lies between their bytes. */
export async function* readSteadily(pool: Pool, patience: Patience, reading: Reading): AsyncGenerator<Piece> {
  const { from, to, open, pieceBytes, keep } = reading;
  let wire: Wire | undefined;
  let failures = 0;
  const fill = async (target: Buffer, offset: number) => {
    for (let filled = 0; filled < target.length; ) {
      try {
        if (patience.signal.aborted) throw stopReason(patience.signal, DOING);
        wire ??= await open(offset + filled, to);
        filled += await wire.fill(target.subarray(filled));
      } catch (error) {
        wire?.close();
        wire = undefined;
        failures += 1;
        await waitOrThrow(patience, failures, error);
      }
    }
    failures = 0;
  };
  try {
    for (let offset = from; offset < to; ) {
      const chunk = await pool.take();
      const bytes = chunk.room.subarray(0, Math.min(chunk.room.length, pieceBytes(offset), to - offset));
      try {
        await fill(bytes, offset);
      } catch (error) {
        pool.give(chunk);
        throw error;
      }
      yield { chunk, bytes, offset };
      offset += bytes.length;
    }
    if (wire !== undefined) keep?.(wire);
    wire = undefined;
  } finally {
    wire?.close();
  }
}

const DOING = "transferring an archive";

/** Until it makes sense to try again; throws `error` where it does not, or where it has failed too often. */
export async function waitOrThrow(patience: Patience, failures: number, error: unknown): Promise<void> {
  const { clock, signal, attempts } = patience;
  if (signal.aborted) throw stopReason(signal, DOING);
  if (!(error instanceof OpsError) || !mayPass(error)) throw error;
  if (failures >= attempts) {
    throw new OpsError(error.kind, `${error.message} (gave up after ${failures} attempts)`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
  await clock.sleep(backoffMs(failures, Math.random), signal);
}
