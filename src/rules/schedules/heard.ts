/** Which metrics tell of a schedule's runs, how far back they are asked for, and what their datapoints say. */
import { DAY_MS, type Duration, formatSpan, HOUR_MS, longestMs, MINUTE_MS, SECOND_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { HEARTBEAT_NAMESPACE } from "../../core/heartbeat.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { Datapoint, MetricStat, Window } from "../../ports/cloudwatch.ts";
import type { Ended, Heard, Succeeded } from "./facts.ts";

/** How far back a schedule is looked after, and by which periods. */
export interface Reach {
  readonly backMs: number;
  readonly periodMs: number;
}

/**
 * CloudWatch keeps periods of a minute for 15 days and of an hour for 455, each a little less here than it allows:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
const SHORT: Reach = { backMs: 14 * DAY_MS, periodMs: MINUTE_MS };
const LONG: Reach = { backMs: 450 * DAY_MS, periodMs: HOUR_MS };
/** CloudWatch takes datapoints of the next two hours. */
const AHEAD_MS = 3 * HOUR_MS;

/** By the minute, unless two rounds of it would not fit. */
export function reachOf({ every, grace }: { readonly every: Duration; readonly grace: Duration }): Reach {
  return 2 * (longestMs(every) + longestMs(grace)) <= SHORT.backMs ? SHORT : LONG;
}

/** Both ends are whole periods. */
export function windowOf({ backMs, periodMs }: Reach, now: Date): Window {
  const floor = (ms: number) => new Date(Math.floor(ms / periodMs) * periodMs);
  return { since: floor(now.getTime() - backMs), until: floor(now.getTime() + AHEAD_MS) };
}

/** What is asked of each schedule, in this order. */
const QUESTIONS = [
  { metric: "RunStarted", statistic: "SampleCount" },
  { metric: "RunSucceeded", statistic: "SampleCount" },
  { metric: "RunSucceeded", statistic: "Sum" },
  { metric: "ExitCode", statistic: "Maximum" },
  { metric: "Duration", statistic: "Maximum" },
] as const;

export const QUESTIONS_COUNT = QUESTIONS.length;

export function questionsAbout(command: string, environment: string, { periodMs }: Reach): readonly MetricStat[] {
  const dimensions = { Environment: environment, Command: command };
  const common = { namespace: HEARTBEAT_NAMESPACE, dimensions, periodSeconds: periodMs / SECOND_MS, unit: null };
  return QUESTIONS.map((question) => ({ ...common, ...question }));
}

/** Of clocks that differ; a period begins before what is in it. */
const SKEW_MS = 5 * MINUTE_MS;

/** What the answers to `questionsAbout` say together; not known where they cannot all be true. */
export function heardFrom(
  answers: readonly Observed<readonly Datapoint[]>[],
  reach: Reach,
  now: Date,
): Observed<Heard> {
  const series: (readonly Datapoint[])[] = [];
  for (const answer of answers) {
    if (!answer.known) return answer;
    series.push(answer.value);
  }
  const [starts, ends, successes, exitCodes, durations] = series;
  if (!starts || !ends || !successes || !exitCodes || !durations) return unclear("not all of them were answered");
  const newest = Math.max(...series.map((points) => points.at(-1)?.at.getTime() ?? 0));
  if (newest > now.getTime() + SKEW_MS) {
    return unclear(`one is dated ${formatSpan(newest - now.getTime())} ahead: a clock is wrong, here or where it ran`);
  }
  const isSound =
    [...starts, ...ends].every(({ value }) => Number.isSafeInteger(value) && value > 0) &&
    areOneMetric(ends, successes) &&
    exitCodes.every(({ value }) => Number.isInteger(value) && value >= 0 && value <= 255) &&
    durations.every(({ value }) => value >= 0);
  if (!isSound) return unclear("their values are none that a run sends");
  return known({
    lookedBackMs: reach.backMs,
    precisionMs: reach.periodMs,
    startedAt: starts.at(-1)?.at ?? null,
    isOpen: isOpen(starts, ends),
    ended: newestEnd(successes, exitCodes),
    succeeded: newestSuccess(successes, durations),
  });
}

function unclear(problem: string): Observed<never> {
  return notKnown(new OpsError("protocol", `its heartbeats cannot be read: ${problem}`));
}

/** Each end is good or it is not, and both statistics know of it. */
function areOneMetric(counts: readonly Datapoint[], sums: readonly Datapoint[]): boolean {
  return (
    counts.length === sums.length &&
    counts.every(({ at, value: count }, index) => {
      const sum = sums[index];
      if (sum?.at.getTime() !== at.getTime()) return false;
      return Number.isInteger(sum.value) && sum.value >= 0 && sum.value <= count;
    })
  );
}

/**
 * Whether nothing has ended since the newest start. How many starts and ends a period has says nothing: what is sent again,
 * because nobody answered, is counted twice.
 */
function isOpen(starts: readonly Datapoint[], ends: readonly Datapoint[]): boolean {
  const [begun, ended] = [starts.at(-1), ends.at(-1)];
  return begun !== undefined && (ended === undefined || ended.at < begun.at);
}

function newestEnd(successes: readonly Datapoint[], exitCodes: readonly Datapoint[]): Ended | null {
  const end = successes.at(-1);
  return end === undefined ? null : { at: end.at, isGood: end.value > 0, exitCode: valueAt(exitCodes, end.at) };
}

function newestSuccess(successes: readonly Datapoint[], durations: readonly Datapoint[]): Succeeded | null {
  const good = successes.findLast(({ value }) => value > 0);
  if (good === undefined) return null;
  const seconds = valueAt(durations, good.at);
  return { at: good.at, tookMs: seconds === null ? null : seconds * SECOND_MS };
}

function valueAt(points: readonly Datapoint[], at: Date): number | null {
  return points.find((point) => point.at.getTime() === at.getTime())?.value ?? null;
}
