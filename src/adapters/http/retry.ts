/** Repeats a call while its failure may pass: attempts and time are bounded, and waiting stops with the signal. */
import type { Clock } from "../../core/clock.ts";
import { OpsError } from "../../core/error.ts";
import { notSent, stopReason } from "../../core/stop.ts";

/** A read may be repeated after any passing failure; a write only when it was refused before it could act. */
export type RetryPolicy = "read" | "write";

/** How one attempt ended; `repeat` says who may ask again. */
export type Attempt =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly error: OpsError; readonly repeat: Repeat; readonly retryAfterMs?: number };

/** `refused`: it was not acted on, so anyone may ask again. `unclear`: it may have acted, so only reads may. */
export type Repeat = "refused" | "unclear" | "never";

export interface RetryContext {
  /** Who is asked, for words. */
  readonly peer: { readonly name: string };
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** No attempt begins later than this after the first. */
  readonly budgetMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Kept by all calls together: who runs out of time wants to know why it took so long. */
  readonly memory: { lastFailure?: OpsError };
}

export const ATTEMPTS_MAX = 8;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 15_000;

export async function withRetries(
  policy: RetryPolicy,
  context: RetryContext,
  attempt: (number: number) => Promise<Attempt>,
): Promise<unknown> {
  const startedMs = context.clock.now().getTime();
  for (let number = 1; ; number += 1) {
    if (context.signal.aborted) throw stopped(policy, context);
    const result = await attempt(number);
    if (result.ok) return result.body;
    if (!mayRepeat(policy, result.repeat)) throw result.error;
    if (context.signal.aborted) throw stopped(policy, context);
    const elapsedMs = context.clock.now().getTime() - startedMs;
    context.memory.lastFailure = result.error;
    const waitMs = Math.max(result.retryAfterMs ?? 0, backoffMs(number, context.random));
    if (number >= ATTEMPTS_MAX || elapsedMs + waitMs > context.budgetMs) {
      throw gaveUp(result.error, number, elapsedMs, result.retryAfterMs);
    }
    await context.clock.sleep(waitMs, context.signal).catch((error: unknown) => {
      throw context.signal.aborted ? stopped(policy, context) : error;
    });
  }
}

/** Full jitter: anywhere between nothing and the exponential bound, so that many callers do not come back at once. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.floor(random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (attempt - 1)));
}

/** A write comes here only before its first attempt, or after one that was refused. */
function stopped(policy: RetryPolicy, { peer, signal, memory: { lastFailure } }: RetryContext): OpsError {
  if (policy === "write") return notSent(signal);
  const reason = stopReason(signal, `talking to ${peer.name}`);
  if (lastFailure === undefined || reason.kind === "aborted") return reason;
  const hint = [reason.hint, lastFailure.hint].filter((one) => one !== undefined).join("; ");
  const message = `${reason.message}; the last failure was: ${lastFailure.message}`;
  return new OpsError(reason.kind, message, hint === "" ? {} : { hint });
}

function mayRepeat(policy: RetryPolicy, repeat: Repeat): boolean {
  return repeat === "refused" || (repeat === "unclear" && policy === "read");
}

function gaveUp(error: OpsError, attempts: number, elapsedMs: number, retryAfterMs: number | undefined): OpsError {
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const asked = retryAfterMs === undefined ? "" : `, told to wait another ${Math.ceil(retryAfterMs / 1000)} s`;
  const message = `${error.message} (gave up after ${tries} in ${(elapsedMs / 1000).toFixed(1)} s${asked})`;
  return new OpsError(error.kind, message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
}
