/** Looks for what an order may have brought about, after a failure that leaves it open: several times, for it may come late. */
import { SECOND_MS } from "../core/duration.ts";
import { poll } from "../core/poll.ts";
import type { Context } from "./context.ts";

export interface Search<T> {
  readonly context: Pick<Context, "clock" | "signal">;
  /** As in "the snapshots could not be listed". */
  readonly what: string;
  readonly looks: number;
  readonly longestMs: number;
  readonly look: () => Promise<T | undefined>;
}

/** undefined: it was looked for as often as asked, and is not there. Throws what kept it from being looked for. */
export function lookFor<T>({ context, what, looks, longestMs, look }: Search<T>): Promise<T | undefined> {
  let looked = 0;
  return poll<T | undefined>({
    clock: context.clock,
    signal: context.signal,
    limits: { firstMs: 2 * SECOND_MS, longestMs, limitMs: 120 * SECOND_MS },
    what,
    ask: async () => {
      const found = await look();
      looked += 1;
      return found !== undefined || looked === looks ? { done: true, value: found } : { done: false };
    },
  });
}
