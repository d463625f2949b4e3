/** Waits for something to become so, by asking again and again: always bounded, and a passing failure is not the end. */
import type { Clock } from "./clock.ts";
import { formatSpan } from "./duration.ts";
import { type ErrorKind, OpsError } from "./error.ts";
import { stopReason } from "./stop.ts";

interface PollLimits {
  /** Between the first two questions; it doubles up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** No question later than this after the first. */
  readonly limitMs: number;
}

export type Answer<T> = { readonly done: true; readonly value: T } | { readonly done: false };

export interface Poll<T> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly limits: PollLimits;
  /** What is waited for, as in "snapshot 66f0... was not done". */
  readonly what: string;
  readonly ask: () => Promise<Answer<T>>;
  /** Told before each wait. */
  readonly waiting?: (elapsedMs: number, failure: OpsError | undefined) => void;
}

/**
 * The value of the first answer that is done. OpsError `timeout` when the limit is over, with the last failure seen;
 * the signal's own reason when it aborts; any failure that does not pass by itself at once.
 */
export async function poll<T>({ clock, signal, limits, what, ask, waiting }: Poll<T>): Promise<T> {
  const startedMs = clock.now().getTime();
  let failure: OpsError | undefined;
  let waitedMs = 0; // counts too: a clock may be put back
  for (let waitMs = limits.firstMs; ; waitMs = Math.min(waitMs * 2, limits.longestMs)) {
    if (signal.aborted) throw stopReason(signal, "waiting");
    try {
      const answer = await ask();
      if (answer.done) return answer.value;
      failure = undefined;
    } catch (error) {
      if (signal.aborted) throw stopReason(signal, "waiting");
      if (!(error instanceof OpsError) || !PASSING[error.kind]) throw error;
      failure = error;
    }
    const elapsedMs = Math.max(waitedMs, clock.now().getTime() - startedMs);
    if (elapsedMs + waitMs > limits.limitMs) throw tooLong(what, elapsedMs, failure);
    waiting?.(elapsedMs, failure);
    await sleep(clock, waitMs, signal);
    waitedMs += waitMs;
  }
}

/** What a question may fail with and still be worth asking again: a read does no harm. */
const PASSING = {
  usage: false,
  config: false,
  auth: false,
  "not-found": false,
  rejected: false,
  throttled: true,
  unavailable: true,
  timeout: true,
  protocol: true,
  aborted: false,
  bug: false,
} as const satisfies Record<ErrorKind, boolean>;

async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    throw signal.aborted ? stopReason(signal, "waiting") : error;
  }
}

function tooLong(what: string, elapsedMs: number, failure: OpsError | undefined): OpsError {
  const last = failure === undefined ? "" : `; the last look failed: ${failure.message}`;
  return new OpsError("timeout", `${what} within ${formatSpan(elapsedMs)}${last}`);
}
