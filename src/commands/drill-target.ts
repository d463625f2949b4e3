/** The cluster that drills restore to: set going before, and paused after, each looked at until it is so. */
import type { Change, PlannedStep, StepOutcome } from "../core/change.ts";
import type { Clock } from "../core/clock.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import type { Finding } from "../core/report.ts";
import type { Atlas } from "../ports/atlas.ts";
import { carryOut } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { backupGatherer } from "./gather-backups.ts";

export interface DrillTarget {
  readonly atlas: Atlas;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: Context["progress"];
  readonly audit: Context["audit"];
  readonly projectId: string;
  readonly name: string;
}

const RESUME_LIMITS = { firstMs: 10 * SECOND_MS, longestMs: 30 * SECOND_MS, limitMs: 45 * MINUTE_MS };
const PAUSE_LIMITS = { firstMs: 5 * SECOND_MS, longestMs: 30 * SECOND_MS, limitMs: 15 * MINUTE_MS };

/** Sets a paused cluster going, and waits until it is idle. */
export async function resumeTarget(target: DrillTarget): Promise<StepOutcome> {
  await sendThenLook(target, () => target.atlas.setPaused(target.projectId, target.name, false));
  return until(target, { paused: false }, RESUME_LIMITS);
}

export interface Pausing {
  readonly target: DrillTarget;
  /** The cluster that the drill was planned for; null: whichever bears the name. */
  readonly id: string | null;
  /** It was resumed not long ago: Atlas pauses it again after 60 minutes only. */
  readonly isResumed: boolean;
  /** Show only. */
  readonly dryRun: boolean;
  /** The command that does it later. */
  readonly next: string;
  readonly subject: string;
}

/**
 * Pauses the cluster, as a change of its own: whatever became of the drill, it is carried out. OpsError `aborted` where
 * it was stopped before anything was done.
 */
export async function pauseTarget({ target, id, isResumed, dryRun, next, subject }: Pausing): Promise<Change> {
  const step = pauseStep(target.name, subject);
  const meant: Finding = { ...MEANT, subject, status: "pass", message: "the policy keeps it for drills" };
  const change = await carryOut(
    {
      plan: { preconditions: [meant], steps: [step] },
      consent: { names: [], dryRun },
      preview: () => {
        throw new OpsError("bug", "pausing the target of a drill asks nobody");
      },
      parallel: 1,
      apply: async () => {
        if (await isPaused(target, id)) return { state: "done", message: "it stood still already" };
        target.progress.phase(step.summary);
        await (isResumed ? whenAllowed(target) : pause(target));
        return until(target, { paused: true }, PAUSE_LIMITS);
      },
    },
    { signal: target.signal, audit: target.audit, operator: { ask: async () => null } },
  );
  return { ...change, steps: change.steps.map((done) => (done.state === "done" ? done : { ...done, next })) };
}

export function pauseStep(name: string, subject: string): PlannedStep {
  const what = `${name}, with what was restored on it`;
  return { subject, summary: `pause ${what}`, done: `paused ${what}`, confirm: null, differences: [] };
}

const MEANT = { check: "drill/target", title: "the cluster is the one for drills" } as const;

async function isPaused({ atlas, projectId, name }: DrillTarget, planned: string | null): Promise<boolean> {
  const cluster = await backupGatherer(atlas, projectId).findCluster(name);
  if (!cluster.known) throw cluster.reason;
  if (cluster.value === null) throw new OpsError("not-found", `Atlas knows no cluster "${name}"`);
  const { id } = cluster.value;
  if (planned !== null && !(id.known && id.value === planned))
    throw new OpsError("rejected", `${name} is not the cluster any more that was planned for: it is left alone`);
  return cluster.value.paused.known && cluster.value.paused.value;
}

const pause = (target: DrillTarget) =>
  sendThenLook(target, () => target.atlas.setPaused(target.projectId, target.name, true));

/** From the resuming on, with room for its own duration: https://www.mongodb.com/docs/atlas/pause-terminate-cluster/ */
const ALLOWED_LIMITS = { firstMs: 30 * SECOND_MS, longestMs: 3 * MINUTE_MS, limitMs: HOUR_MS + 15 * MINUTE_MS };

/** What Atlas refuses has not happened: it is asked for again until the hour is over. */
async function whenAllowed(target: DrillTarget): Promise<void> {
  let refusal: OpsError | undefined;
  const { clock, signal, progress, name } = target;
  await poll({
    clock,
    signal,
    limits: ALLOWED_LIMITS,
    what: `${name} could not be paused`,
    ask: async () => {
      try {
        await pause(target);
        return { done: true, value: null };
      } catch (error) {
        refusal = toOpsError(error);
        if (refusal.kind !== "rejected") throw error;
        return { done: false };
      }
    },
    waiting: (elapsedMs) =>
      progress.waiting(
        `${name}: Atlas does not pause it yet; a cluster runs for 60 minutes after it was resumed (${refusal?.message ?? ""})`,
        elapsedMs,
      ),
  });
}

/** A write whose end nobody saw may have been done: the looking that follows tells. */
async function sendThenLook({ progress, name }: DrillTarget, send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    const failure = toOpsError(error);
    if (failure.kind === "bug" || !mayHaveActed(failure.kind)) throw failure;
    progress.note(`${name}: ${failure.message}; looking whether it was done all the same`);
  }
}

async function until(
  { atlas, clock, signal, projectId, name }: DrillTarget,
  { paused }: { readonly paused: boolean },
  limits: typeof PAUSE_LIMITS,
): Promise<StepOutcome> {
  try {
    await poll({
      clock,
      signal,
      limits,
      what: `${name} was not ${paused ? "paused" : "idle"}`,
      ask: async () => {
        const cluster = await backupGatherer(atlas, projectId).findCluster(name);
        if (!cluster.known) throw cluster.reason;
        const { value } = cluster;
        const isPaused = value?.paused.known === true && value.paused.value === paused;
        const isIdle = value?.state.known === true && value.state.value === "IDLE";
        return isPaused && (paused || isIdle) ? { done: true, value: null } : { done: false };
      },
    });
    return { state: "done" };
  } catch (error) {
    return { state: signal.aborted ? "unwatched" : "unclear", message: toOpsError(error).message };
  }
}
