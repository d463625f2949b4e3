/** The heartbeat's words that policy, rules and senders share: metrics, names of alarms, and how long a silence may last. */
import { DAY_MS, type Duration, HOUR_MS, longestMs, MINUTE_MS, SECOND_MS } from "./duration.ts";

/** The CloudWatch namespace of what is told of runs; its dimensions are Environment and Command. */
export const HEARTBEAT_NAMESPACE = "LiTallyOps";

/** `backup verify` as one word, for names of alarms and for the last part of a url: `backup-verify`. */
export function slugOf(command: string): string {
  return command.replaceAll(" ", "-");
}

/** The two alarms that a schedule becomes. */
export function heartbeatAlarmNames(
  owned: string,
  command: string,
): { readonly missed: string; readonly failed: string } {
  const name = `${owned}heartbeat-${slugOf(command)}`;
  return { missed: `${name}-missed`, failed: `${name}-failed` };
}

export interface Silence {
  readonly periodSeconds: number;
  readonly periods: number;
}

/** How far back an alarm looks: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const LONGEST_MS = 7 * DAY_MS;
const LONGEST_OF_SHORT_PERIODS_MS = DAY_MS;
const SHORT_PERIOD_MS = 5 * MINUTE_MS;

/**
 * The periods of CloudWatch in which a run must have succeeded; undefined where that is longer than an alarm looks back.
 * Many short ones instead of one long: an alarm also looks at some periods before its window, and is that much later.
 */
export function silenceOf(schedule: { readonly every: Duration; readonly grace: Duration }): Silence | undefined {
  const silenceMs = longestMs(schedule.every) + longestMs(schedule.grace);
  if (silenceMs > LONGEST_MS) return undefined;
  const periodMs = silenceMs <= LONGEST_OF_SHORT_PERIODS_MS ? SHORT_PERIOD_MS : HOUR_MS;
  return { periodSeconds: periodMs / SECOND_MS, periods: Math.ceil(silenceMs / periodMs) };
}
