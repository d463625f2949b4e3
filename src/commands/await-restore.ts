/** Waits for a restore job by its id, under the source cluster: bounded, and through passing failures. */
import { formatSpan, HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import type { OpsError } from "../core/error.ts";
import type { RestoreState } from "../rules/restore/outcome.ts";
import type { RestoreProgress } from "../rules/restore/progress.ts";
import { awaitJob } from "./await-job.ts";
import type { Context } from "./context.ts";

export interface AwaitedRestore<J> {
  readonly context: Pick<Context, "clock" | "signal">;
  readonly name: string;
  readonly get: () => Promise<J>;
  /** `running` is waited for, `unknown` is looked at some more times; any other state ends the waiting. */
  readonly stateOf: (job: J) => RestoreState;
  /** null: Atlas does not count. */
  readonly progressOf: (job: J) => RestoreProgress | null;
  /** How long it usually takes; null: no history. */
  readonly usualMs: number | null;
  /** Just ordered: Atlas may need a moment until it can be asked for. */
  readonly isNew: boolean;
  readonly tell: (text: string, elapsedMs: number) => void;
}

export type WaitedRestore<J> = { readonly job: J } | { readonly left: OpsError; readonly wasSeen: boolean };

/** Nothing is documented, and large clusters take many hours. `--timeout` ends it sooner. */
const LIMIT_MS = 48 * HOUR_MS;
/** Looks in a row that find an answer unreadable, or at odds with itself or our clock, before that is how it ends. */
const UNKNOWN_LOOKS = 4;
const NEW_FOR_MS = 2 * MINUTE_MS;

/** The job in a state that is not `running`; `left` when the time is over or a signal came: it goes on in Atlas. */
export async function awaitRestore<J>(awaited: AwaitedRestore<J>): Promise<WaitedRestore<J>> {
  const { context, name, get, stateOf, progressOf, usualMs, isNew, tell } = awaited;
  let wasSeen = false;
  let progress: RestoreProgress | null = null;
  let unknownLooks = 0;
  const ended = await awaitJob({
    context,
    name,
    limitMs: LIMIT_MS,
    newForMs: isNew ? NEW_FOR_MS : 0,
    get,
    isOver: (job) => {
      wasSeen = true;
      progress = progressOf(job);
      const state = stateOf(job);
      unknownLooks = state === "unknown" ? unknownLooks + 1 : 0;
      return state === "unknown" ? unknownLooks >= UNKNOWN_LOOKS : state !== "running";
    },
    waiting: (elapsedMs, failure) => {
      const trouble = failure === undefined ? "" : `; asking again, for ${failure.message}`;
      const ahead = progress === null ? toGo(elapsedMs, usualMs) : counted(progress);
      tell(`${name}: running, ${formatSpan(elapsedMs)} so far${ahead}${trouble}`, elapsedMs);
    },
  });
  return "over" in ended ? { job: ended.over } : { ...ended, wasSeen };
}

function counted({ part, leftMs }: RestoreProgress): string {
  const left = leftMs === null || leftMs === 0 ? "" : `, about ${formatSpan(leftMs)} to go (estimate)`;
  return `, ${Math.floor(part * 100)} % of the documents${left}`;
}

function toGo(elapsedMs: number, usualMs: number | null): string {
  if (usualMs === null) return "";
  const leftMs = usualMs - elapsedMs;
  return leftMs > 0
    ? `, about ${formatSpan(leftMs)} to go (estimate)`
    : `, longer than the usual ${formatSpan(usualMs)} (estimate)`;
}
