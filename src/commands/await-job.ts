/** Waits for a job of Atlas's by asking for it again and again: bounded, and through passing failures. */
import { MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import type { Context } from "./context.ts";

export interface Job<T> {
  readonly context: Pick<Context, "clock" | "signal">;
  /** As in "snapshot 66f0... was not done". */
  readonly name: string;
  readonly limitMs: number;
  /** Just ordered: for so long it may not be there yet; 0: it must be. */
  readonly newForMs: number;
  readonly get: () => Promise<T>;
  readonly isOver: (seen: T) => boolean;
  /** Told before each wait. */
  readonly waiting: (elapsedMs: number, failure: OpsError | undefined) => void;
}

/** `left`: the time is over, or a signal came; the job goes on in Atlas. */
export type Ended<T> = { readonly over: T } | { readonly left: OpsError };

/** OpsError `not-found` of a job that is not new, and any failure that does not pass by itself, are thrown. */
export async function awaitJob<T>({
  context,
  name,
  limitMs,
  newForMs,
  get,
  isOver,
  waiting,
}: Job<T>): Promise<Ended<T>> {
  const { clock, signal } = context;
  const startedMs = clock.now().getTime();
  try {
    return await poll<Ended<T>>({
      clock,
      signal,
      limits: { firstMs: 5 * SECOND_MS, longestMs: MINUTE_MS, limitMs },
      what: `${name} was not done`,
      ask: async () => {
        const seen = await read(get, clock.now().getTime() - startedMs < newForMs);
        return seen !== undefined && isOver(seen) ? { done: true, value: { over: seen } } : { done: false };
      },
      waiting,
    });
  } catch (error) {
    if (error instanceof OpsError && (error.kind === "timeout" || error.kind === "aborted")) return { left: error };
    throw error;
  }
}

/** undefined: not there, which is no news of one that was ordered a moment ago. */
async function read<T>(get: () => Promise<T>, isYoung: boolean): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (isYoung && error instanceof OpsError && error.kind === "not-found") return undefined;
    throw error;
  }
}
