/** What an alarm makes of datapoints that were sent: over a window that slides, with whatever counts for missing data. */
import { SECOND_MS } from "../../core/duration.ts";
import { type AlarmRecord, type AwsState, at, type Words } from "../watch.ts";
import { pointsOf, statisticOf } from "./put-data.ts";
import { metricOf } from "./words.ts";

type State = AlarmRecord["state"];

/** What it comes to by itself next: at which time, and to which state. */
type Outlook = Pick<AlarmRecord, "settlesAs" | "settlesAt">;

/** The state at an instant; null: nothing was sent of what it watches, and other rules hold. */
export function stateAt(aws: AwsState, alarm: AlarmRecord, atMs: number): State | null {
  const window = windowOf(aws, alarm.words, atMs);
  return window === null ? null : judged(window, atMs, alarm.state);
}

/** The next change after an instant at which it has just been evaluated; null: see stateAt. */
export function outlookFrom(aws: AwsState, alarm: AlarmRecord, fromMs: number): Outlook | null {
  const window = windowOf(aws, alarm.words, fromMs);
  if (window === null) return null;
  for (const ms of instantsOf(window).filter((one) => one > fromMs)) {
    const settlesAs = judged(window, ms, alarm.state);
    if (settlesAs !== alarm.state) return { settlesAs, settlesAt: at(ms) };
  }
  return { settlesAs: alarm.state, settlesAt: null };
}

interface Window {
  readonly points: readonly { readonly ms: number; readonly value: number }[];
  readonly periodMs: number;
  readonly periods: number;
  readonly words: Words;
}

/** Only alarms over one plain metric: no metric math is reckoned. What lies before the window counts no more. */
function windowOf(aws: AwsState, words: Words, fromMs: number): Window | null {
  const metric = metricOf(words);
  const points = metric === null ? [] : pointsOf(aws, metric);
  if (points.length === 0) return null;
  const periodMs = Number(words["Period"]) * SECOND_MS;
  const periods = Number(words["EvaluationPeriods"]);
  const all = points.map((point) => ({ ms: Date.parse(point.at), value: point.value }));
  return { points: all.filter(({ ms }) => ms > fromMs - periods * periodMs), periodMs, periods, words };
}

/** When a datapoint comes, passes from one period into the next, or leaves the window. */
function instantsOf({ points, periodMs, periods }: Window): readonly number[] {
  const all = points.flatMap(({ ms }) => Array.from({ length: periods + 1 }, (_, index) => ms + index * periodMs));
  return [...new Set(all)].toSorted((a, b) => a - b);
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
function judged({ points, periodMs, periods, words }: Window, atMs: number, before: State): State {
  const { DatapointsToAlarm: toAlarm = periods, TreatMissingData: missing = "missing", Statistic } = words;
  const values = Array.from({ length: periods }, (_, index) => {
    const endMs = atMs - index * periodMs;
    const inside = points.filter(({ ms }) => ms <= endMs && ms > endMs - periodMs).map(({ value }) => value);
    return inside.length === 0 ? null : statisticOf(Statistic, inside);
  });
  const crossing = values.filter((value) => value !== null && crosses(value, words)).length;
  const silent = values.filter((value) => value === null).length;
  const isAlarm = crossing + (missing === "breaching" ? silent : 0) >= Number(toAlarm);
  if (isAlarm) return "ALARM";
  if (missing === "ignore") return crossing + silent >= Number(toAlarm) ? before : "OK";
  return missing === "missing" && silent === periods ? "INSUFFICIENT_DATA" : "OK";
}

function crosses(value: number, { ComparisonOperator: operator, Threshold }: Words): boolean {
  const threshold = Number(Threshold);
  switch (operator) {
    case "GreaterThanThreshold":
      return value > threshold;
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "LessThanThreshold":
      return value < threshold;
    default: // what was taken has one of the four
      return value <= threshold;
  }
}
