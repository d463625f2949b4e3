/** An alarm is made, or replaced whole: its state stays then. */
import { isDeepStrictEqual } from "node:util";
import { SECOND_MS } from "../../core/duration.ts";
import type { AwsAsk, Done } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { type AlarmRecord, type AwsState, at, type Words } from "../watch.ts";
import { alarmProblem, longestPeriodSeconds } from "./alarm-rules.ts";
import { findAlarm, withAlarm } from "./alarms.ts";
import { configured } from "./history.ts";
import { invalid } from "./metric-rules.ts";
import { reports } from "./metrics.ts";
import { metricsOf } from "./words.ts";

/** What is kept word by word though the sandbox does not go by it. */
const UNJUDGED = ["EvaluationWindow", "WarmUpConfiguration", "EvaluationInterval", "ActionConfiguration"];

export const ALARM_FIELDS = [
  ..."AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions Tags".split(" "),
  ..."MetricName Namespace Statistic ExtendedStatistic Dimensions Period Unit Metrics ThresholdMetricId".split(" "),
  ..."EvaluationPeriods DatapointsToAlarm Threshold ComparisonOperator TreatMissingData".split(" "),
  ...["EvaluateLowSampleCountPercentile", ...UNJUDGED],
];

export function putMetricAlarm({ aws, nowMs, input }: AwsAsk): Done | Refusal {
  const problem = alarmProblem(input, aws);
  if (problem !== null) return problem;
  const { AlarmName, Tags: _tags, ...asked } = input;
  const name = String(AlarmName); // looked at just now
  const before = findAlarm(aws, name);
  if (before !== null && before.kind !== "metric") return invalid(`${name} is an alarm of another type.`);
  const words = { ...DEFAULTS, ...asked };
  const alarm = before === null ? newAlarm(name, words, aws, nowMs) : replaced(before, words, aws, nowMs);
  const after = withAlarm(aws, alarm);
  const item = configured(alarm, before === null ? "Create" : "Update", at(nowMs));
  return { result: {}, aws: { ...after, history: [item, ...after.history] } };
}

const DEFAULTS: Words = { ActionsEnabled: true, OKActions: [], AlarmActions: [], InsufficientDataActions: [] };

function newAlarm(name: string, words: Words, aws: AwsState, nowMs: number): AlarmRecord {
  const settlesAs = naturalState(words, aws);
  return {
    kind: "metric",
    name,
    words,
    configuredAt: at(nowMs),
    state: "INSUFFICIENT_DATA",
    reason: "Unchecked: Initial alarm creation",
    reasonData: null,
    stateAt: at(nowMs),
    settlesAs,
    settlesAt: settlesAs === "INSUFFICIENT_DATA" ? null : at(nowMs + evaluatedAfterMs(words)),
  };
}

/** One that watches something else from now on may come to another state. */
function replaced(before: AlarmRecord, words: Words, aws: AwsState, nowMs: number): AlarmRecord {
  const after = { ...before, words, configuredAt: at(nowMs) };
  if (isDeepStrictEqual(metricsOf(words), metricsOf(before.words))) return after;
  const settlesAs = naturalState(words, aws);
  return { ...after, settlesAs, settlesAt: settlesAs === before.state ? null : at(nowMs + evaluatedAfterMs(words)) };
}

/** How long an alarm goes by the state that somebody else gave it. */
export function evaluatedAfterMs(words: Words): number {
  return Math.max(longestPeriodSeconds(words), MIN_EVALUATION_SECONDS) * SECOND_MS;
}

/** Alarms over shorter periods are evaluated oftener: not here. */
const MIN_EVALUATION_SECONDS = 60;

/** Where datapoints come, all is well; where none do, it is as the alarm says. */
function naturalState(words: Words, aws: AwsState): AlarmRecord["state"] {
  if (metricsOf(words).some((metric) => reports(aws, metric))) return "OK";
  const missing = words["TreatMissingData"];
  if (missing === "breaching") return "ALARM";
  return missing === "notBreaching" ? "OK" : "INSUFFICIENT_DATA";
}
