/**
 * The JSON that CloudWatch publishes when an alarm changes its state, as far as it can be told beforehand.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
import type { Observed } from "../../core/observed.ts";
import type { MetricQuery, MetricStat } from "../../ports/cloudwatch.ts";
import type { AlarmMessage, AlarmOnItsWay, Home } from "./facts.ts";

/** In place of what only the moment tells, or of a setting that could not be read. */
export const ONLY_THEN = Symbol("told only then");

/** The message of an alarm that begins to fire. */
export function alarmMessage({ name, arn, settings }: AlarmOnItsWay, { accountId }: Home): AlarmMessage {
  return {
    AlarmName: name,
    AlarmDescription: told(settings.description),
    AWSAccountId: accountId,
    AlarmConfigurationUpdatedTimestamp: ONLY_THEN,
    NewStateValue: "ALARM",
    NewStateReason: ONLY_THEN,
    StateChangeTime: ONLY_THEN,
    Region: ONLY_THEN, // its name for people, of which new ones come
    AlarmArn: arn,
    OldStateValue: ONLY_THEN,
    OKActions: told(settings.okActions),
    AlarmActions: told(settings.alarmActions),
    InsufficientDataActions: told(settings.insufficientDataActions),
    Trigger: trigger(settings),
  };
}

/** The message of an alarm that nobody knows yet. */
export function someMessage({ accountId }: Home): AlarmMessage {
  const open = OF_THE_ALARM.map((key) => [key, ONLY_THEN]);
  return { ...Object.fromEntries(open), AWSAccountId: accountId, NewStateValue: "ALARM" };
}

const OF_THE_ALARM = [
  "AlarmName",
  "AlarmDescription",
  "AlarmConfigurationUpdatedTimestamp",
  "NewStateReason",
  "StateChangeTime",
  "Region",
  "AlarmArn",
  "OldStateValue",
  "OKActions",
  "AlarmActions",
  "InsufficientDataActions",
  "Trigger",
];

/** The message of the same alarm once all is well again. */
export function recovered(message: AlarmMessage): AlarmMessage {
  return { ...message, NewStateValue: "OK", OldStateValue: "ALARM" };
}

function trigger(settings: AlarmOnItsWay["settings"]): unknown {
  const { measure, datapointsToAlarm } = settings;
  if (!measure.known || measure.value.kind === "other") return ONLY_THEN;
  return {
    ...(measure.value.kind === "metric"
      ? ofMetric(measure.value.stat)
      : { Period: ONLY_THEN, Metrics: measure.value.queries.map(ofQuery) }),
    EvaluationPeriods: told(settings.evaluationPeriods),
    ...(datapointsToAlarm.known && datapointsToAlarm.value === null
      ? {}
      : { DatapointsToAlarm: told(datapointsToAlarm) }),
    ComparisonOperator: told(settings.comparison),
    Threshold: told(settings.threshold),
    TreatMissingData: told(settings.missingData),
    EvaluateLowSampleCountPercentile: ONLY_THEN,
  };
}

/** The plain statistics are in capitals there, and go by other names. */
const STATISTICS: ReadonlyMap<string, string> = new Map([
  ["Sum", "SUM"],
  ["Average", "AVERAGE"],
  ["Minimum", "MINIMUM"],
  ["Maximum", "MAXIMUM"],
  ["SampleCount", "SAMPLE_COUNT"],
]);

function ofMetric(stat: MetricStat) {
  const plain = STATISTICS.get(stat.statistic);
  return {
    MetricName: stat.metric,
    Namespace: stat.namespace,
    ...(plain === undefined
      ? { StatisticType: "ExtendedStatistic", ExtendedStatistic: stat.statistic }
      : { StatisticType: "Statistic", Statistic: plain }),
    Unit: stat.unit,
    Dimensions: dimensions(stat),
    Period: stat.periodSeconds,
  };
}

function ofQuery({ id, label, returnsData, of }: MetricQuery) {
  const common = { Id: id, ...(label === null ? {} : { Label: label }), ReturnData: returnsData };
  if (of.kind === "expression") return { Expression: of.expression, ...common };
  const { stat } = of;
  const metric = { Dimensions: dimensions(stat), MetricName: stat.metric, Namespace: stat.namespace };
  return { ...common, MetricStat: { Metric: metric, Period: stat.periodSeconds, Stat: stat.statistic } };
}

function dimensions(stat: MetricStat) {
  return Object.entries(stat.dimensions).map(([name, value]) => ({ value, name }));
}

function told<T>(setting: Observed<T>): T | typeof ONLY_THEN {
  return setting.known ? setting.value : ONLY_THEN;
}
