/** A limit in time around work whose own limits cannot be relied on. */
import type { OpsError } from "../core/error.ts";
import { stopReason } from "../core/stop.ts";

export interface TimeLimit {
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** For the error of a run that was stopped: `stopped while asking AWS`. */
  readonly doing: string;
  /** The error of work that takes longer. */
  readonly late: (limitMs: number) => OpsError;
}

/** Ends with the work, with `late`, or with OpsError `aborted`; the work is told of the latter two by its signal. */
export async function within<T>(limit: TimeLimit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, limitMs, doing, late } = limit;
  const stopped = () => stopReason(signal, doing);
  if (signal.aborted) throw stopped();
  const ending = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (error: OpsError) => {
    reject(error);
    ending.abort();
  };
  const onAbort = () => end(stopped());
  const timer = setTimeout(() => end(late(limitMs)), limitMs);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(ending.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
