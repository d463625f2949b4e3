/**
 * Starts one restore, at most once. Atlas has no key that makes an order unrepeatable and erases the target, so an order
 * is never sent a second time: after a failure that leaves it open what happened, the job is looked for.
 */
import { MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import type { Tri } from "../core/tri.ts";
import type { Context } from "./context.ts";
import { lookFor } from "./look-for.ts";

export interface Starting<J> {
  readonly context: Pick<Context, "clock" | "signal" | "progress">;
  /** What is restored, for messages. */
  readonly what: string;
  readonly start: () => Promise<J>;
  readonly list: () => Promise<readonly J[]>;
  /** Whether a job is the one that was ordered at an instant or later; `maybe`: it is alike, and not as ordered. */
  readonly isOurs: (job: J, since: Date) => Tri;
}

/** `lost`: the answer was, and the job is one that is alike; null: it is the one that was ordered. */
export interface Started<J> {
  readonly job: J;
  readonly lost: OpsError | null;
}

/** Clocks differ: a job that Atlas dates a little before the order may be ours. */
const CLOCK_TOLERANCE_MS = 2 * MINUTE_MS;
const LOOKS = 5;
const LONGEST_WAIT_MS = 10 * SECOND_MS;

/** The job as Atlas took it down, or one that may be it. OpsError of a kind that `mayHaveActed` where nobody knows whether there is one. */
export async function startOnce<J>(starting: Starting<J>): Promise<Started<J>> {
  const { context, what, start } = starting;
  const since = new Date(context.clock.now().getTime() - CLOCK_TOLERANCE_MS);
  try {
    return { job: await start(), lost: null };
  } catch (error) {
    const failure = toOpsError(error);
    if (failure.kind === "bug" || !mayHaveActed(failure.kind)) throw failure;
    context.progress.note(`${what}: ${failure.message}; looking whether it was started all the same`);
    const found = await lookForJob(starting, since, failure);
    if (found !== undefined) return found;
    throw new OpsError("unavailable", `${failure.message}; no such job shows, and it is not ordered a second time`, {
      hint: "look again in some minutes: litally-ops restore list; only when it is still not there, plan anew",
      cause: failure,
    });
  }
}

async function lookForJob<J>(starting: Starting<J>, since: Date, failure: OpsError): Promise<Started<J> | undefined> {
  const { context, list, isOurs } = starting;
  let alike: J | undefined;
  try {
    const found = await lookFor({
      context,
      what: "the restore jobs could not be listed",
      looks: LOOKS,
      longestMs: LONGEST_WAIT_MS,
      look: async () => {
        const jobs = await list();
        alike = jobs.find((one) => isOurs(one, since) === "maybe");
        return jobs.find((one) => isOurs(one, since) === "yes");
      },
    });
    if (found !== undefined) return { job: found, lost: null };
    return alike === undefined ? undefined : { job: alike, lost: failure };
  } catch (error) {
    const looking = toOpsError(error);
    throw new OpsError("unavailable", `${failure.message}; whether it was started is not known: ${looking.message}`, {
      hint: "look before anything else: litally-ops restore list",
      cause: failure,
    });
  }
}
