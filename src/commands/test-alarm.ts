/** One alarm set off for a moment: followed through its history, and put back in every ending. */
import type { StepOutcome } from "../core/change.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import { quoted } from "../core/shell.ts";
import type { AlarmState, CloudWatch, LiveMetricAlarm } from "../ports/cloudwatch.ts";
import { isSettled, type TestOutcome, testOutcome } from "../rules/alarms/test-outcome.ts";
import { told } from "./carry-out.ts";
import type { Context } from "./context.ts";

/** CloudWatch writes an alarm's history within seconds. */
const FOLLOW_LIMITS = { firstMs: 2 * SECOND_MS, longestMs: 10 * SECOND_MS, limitMs: 2 * MINUTE_MS };
/** Our clock and CloudWatch's may differ; the mark tells our events from older ones. */
const BEFORE_MS = HOUR_MS;

export interface Testing {
  readonly context: Context;
  readonly cloudwatch: CloudWatch;
  readonly live: LiveMetricAlarm;
  /** In the reason of the state that we set, and nowhere else. */
  readonly mark: string;
}

export interface Ended {
  readonly step: StepOutcome;
  readonly outcome: TestOutcome;
  readonly waitedMs: number;
}

/** Throws only where nothing was set off. */
export async function testAlarm(testing: Testing): Promise<Ended> {
  const { context, cloudwatch, live, mark } = testing;
  const startedAt = context.clock.now();
  const text = `${mark} by ${context.machine.whoami}: nothing is wrong`;
  context.progress.phase(`setting ${live.name} off`);
  try {
    await cloudwatch.setAlarmState(live.name, "ALARM", { text, data: { litallyOpsTest: mark } });
  } catch (error) {
    if (!mayHaveActed(toOpsError(error).kind)) throw error;
    context.progress.note(`warning: ${told(error)}; the history will tell whether it was taken`);
  }
  const followed = await follow(testing, startedAt);
  const restored = await putBack(testing);
  const waitedMs = context.clock.now().getTime() - startedAt.getTime();
  return { step: stepOutcome(followed, restored, testing), outcome: followed.outcome, waitedMs };
}

/** The command by which a person does it. */
export function setBack(name: string, state: AlarmState, reason: string): string {
  return `aws cloudwatch set-alarm-state --alarm-name ${quoted(name)} --state-value ${state} --state-reason "${reason}"`;
}

interface Followed {
  readonly outcome: TestOutcome;
  /** Why it was not followed to its end. */
  readonly stopped?: string;
}

async function follow({ context, cloudwatch, live, mark }: Testing, startedAt: Date): Promise<Followed> {
  const { clock, signal, progress } = context;
  const actions = live.settings.alarmActions.known ? live.settings.alarmActions.value : [];
  const since = new Date(startedAt.getTime() - BEFORE_MS);
  let outcome = testOutcome([], mark, actions);
  try {
    await poll({
      clock,
      signal,
      limits: FOLLOW_LIMITS,
      what: "the history did not say what became of every action",
      ask: async () => {
        outcome = testOutcome(await cloudwatch.listHistory(live.name, since), mark, actions);
        return isSettled(outcome) ? { done: true, value: null } : { done: false };
      },
      waiting: (elapsedMs) => progress.waiting(`following the history of ${live.name}`, elapsedMs),
    });
    return { outcome };
  } catch (error) {
    const { kind } = toOpsError(error);
    return kind === "timeout" && !signal.aborted ? { outcome } : { outcome, stopped: told(error) };
  }
}

type Restored = { readonly state: AlarmState; readonly byWhom: "us" | "CloudWatch" } | { readonly failure: string };

/** CloudWatch takes a state at once: what passes by itself has passed by then, or a person must look. */
const RESTORE_LIMITS = { firstMs: SECOND_MS, longestMs: 8 * SECOND_MS, limitMs: MINUTE_MS };

/**
 * In every ending, also after Ctrl-C. Only where the state still bears our mark: what CloudWatch has evaluated since is
 * the truth, and must not be overwritten. Where an answer is lost, one looks before the state is set once more.
 */
async function putBack({ context, live, mark }: Testing): Promise<Restored> {
  const { name } = live;
  const closing = context.closing();
  try {
    const cloudwatch = await closing.cloudwatch();
    context.progress.phase(`putting ${name} back`);
    return await poll({
      clock: context.clock,
      signal: closing.signal,
      limits: RESTORE_LIMITS,
      what: "it was not seen to be back",
      ask: async () => {
        const now = await oneAlarm(cloudwatch, name);
        if (!isOurs(now, mark)) return { done: true, value: whatIs(now, mark) };
        const former = live.state.known ? live.state.value : "INSUFFICIENT_DATA";
        await cloudwatch.setAlarmState(name, former, { text: `${mark} is over`, data: { litallyOpsTest: mark } });
        return { done: true, value: { state: former, byWhom: "us" } };
      },
    });
  } catch (error) {
    return { failure: told(error) };
  }
}

function isOurs({ state, stateReason }: LiveMetricAlarm, mark: string): boolean {
  if (state.known && state.value !== "ALARM") return false;
  return !stateReason.known || bears(stateReason.value, mark);
}

function bears(reason: string | null, mark: string): boolean {
  return reason?.includes(mark) === true;
}

function whatIs({ state, stateReason }: LiveMetricAlarm, mark: string): Restored {
  if (!state.known) throw state.reason;
  const isByUs = stateReason.known && bears(stateReason.value, mark);
  return { state: state.value, byWhom: isByUs ? "us" : "CloudWatch" };
}

async function oneAlarm(cloudwatch: CloudWatch, name: string): Promise<LiveMetricAlarm> {
  const [alarm] = await cloudwatch.alarmsByName([name]);
  if (alarm?.kind === "metric") return alarm;
  throw new OpsError("not-found", `${name} is gone`);
}

function stepOutcome({ stopped }: Followed, restored: Restored, { live: { name, state }, mark }: Testing): StepOutcome {
  const result = { mark };
  if ("failure" in restored)
    return {
      state: "failed",
      result,
      message: `its state could not be put back: ${restored.failure}`,
      next: setBack(name, state.known ? state.value : "OK", `${mark} is over`),
    };
  if (restored.byWhom === "CloudWatch" && restored.state === "ALARM")
    return { state: "failed", result, message: "it has begun to fire for real meanwhile: this is no test" };
  const back =
    restored.byWhom === "us"
      ? `it is back in ${restored.state}`
      : `CloudWatch itself has put it to ${restored.state} meanwhile`;
  return { state: "done", result, message: stopped === undefined ? back : `${back}; ${stopped}` };
}
