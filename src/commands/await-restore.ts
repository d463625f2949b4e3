/** Waits for a restore job by its id, under the source cluster: bounded, and through passing failures. */
import { formatSpan, HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import type { RestoreState } from "../rules/restore/outcome.ts";
import type { Context } from "./context.ts";

export interface AwaitedJob<J> {
  readonly context: Pick<Context, "clock" | "signal">;
  readonly name: string;
  readonly get: () => Promise<J>;
  /** `running` is waited for, `unknown` is looked at some more times; any other state ends the waiting. */
  readonly stateOf: (job: J) => RestoreState;
  /** How long it usually takes; null: no history. */
  readonly usualMs: number | null;
  /** Just ordered: Atlas may need a moment until it can be asked for. */
  readonly isNew: boolean;
  readonly tell: (text: string, elapsedMs: number) => void;
}

export type WaitedJob<J> = { readonly job: J } | { readonly left: OpsError; readonly wasSeen: boolean };

/** Nothing is documented, and large clusters take many hours. `--timeout` ends it sooner. */
const LIMITS = { firstMs: 5 * SECOND_MS, longestMs: MINUTE_MS, limitMs: 48 * HOUR_MS };
/** Looks in a row that find an answer unreadable, or at odds with itself or our clock, before that is how it ends. */
const UNKNOWN_LOOKS = 4;
const NEW_FOR_MS = 2 * MINUTE_MS;

/** The job in a state that is not `running`; `left` when the time is over or a signal came: it goes on in Atlas. */
export async function awaitJob<J>(awaited: AwaitedJob<J>): Promise<WaitedJob<J>> {
  const { context, name, get, stateOf, usualMs, isNew, tell } = awaited;
  const startedMs = context.clock.now().getTime();
  let wasSeen = false;
  let unknownLooks = 0;
  try {
    return await poll<WaitedJob<J>>({
      clock: context.clock,
      signal: context.signal,
      limits: LIMITS,
      what: `${name} was not done`,
      ask: async () => {
        const isYoung = isNew && context.clock.now().getTime() - startedMs < NEW_FOR_MS;
        const job = await read(get, isYoung);
        if (job === undefined) return { done: false };
        wasSeen = true;
        const state = stateOf(job);
        unknownLooks = state === "unknown" ? unknownLooks + 1 : 0;
        const mayChange = state === "running" || (state === "unknown" && unknownLooks < UNKNOWN_LOOKS);
        return mayChange ? { done: false } : { done: true, value: { job } };
      },
      waiting: (elapsedMs, failure) => {
        const trouble = failure === undefined ? "" : `; asking again, for ${failure.message}`;
        tell(`${name}: running, ${formatSpan(elapsedMs)} so far${toGo(elapsedMs, usualMs)}${trouble}`, elapsedMs);
      },
    });
  } catch (error) {
    if (error instanceof OpsError && (error.kind === "timeout" || error.kind === "aborted"))
      return { left: error, wasSeen };
    throw error;
  }
}

/** undefined: not there, which is no news of one that was ordered a moment ago. */
async function read<J>(get: () => Promise<J>, isYoung: boolean): Promise<J | undefined> {
  try {
    return await get();
  } catch (error) {
    if (isYoung && error instanceof OpsError && error.kind === "not-found") return undefined;
    throw error;
  }
}

function toGo(elapsedMs: number, usualMs: number | null): string {
  if (usualMs === null) return "";
  const leftMs = usualMs - elapsedMs;
  return leftMs > 0
    ? `, about ${formatSpan(leftMs)} to go (estimate)`
    : `, longer than the usual ${formatSpan(usualMs)} (estimate)`;
}
