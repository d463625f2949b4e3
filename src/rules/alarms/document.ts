/** An alarm as the document that CloudWatch takes: `aws cloudwatch put-metric-alarm --cli-input-json` reads the same. */
import type { AlertOrder } from "../../ports/atlas-alerts.ts";
import type { AlarmOrder, AlarmSettings, Measure, MetricOf, MetricQuery, MetricStat } from "../../ports/cloudwatch.ts";

export type AlarmDocument = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
export function putMetricAlarmInput({ name, settings, beyond }: AlarmOrder): AlarmDocument {
  return {
    ...beyond,
    AlarmName: name,
    ...given("AlarmDescription", settings.description),
    ActionsEnabled: settings.actionsEnabled,
    AlarmActions: settings.alarmActions,
    OKActions: settings.okActions,
    InsufficientDataActions: settings.insufficientDataActions,
    ...measured(settings.measure),
    ...judged(settings),
  };
}

/** The body of Atlas's createGroupAlertConfig, but for ids that only the project knows. */
export function alertBody({ event, isEnabled, threshold, notifications }: AlertOrder): AlarmDocument {
  const { metric, ...rest } = threshold;
  return {
    eventTypeName: event,
    enabled: isEnabled,
    matchers: [],
    metricThreshold: { metricName: metric, ...rest },
    notifications: notifications.map(({ type, target, delayMinutes }) => ({
      typeName: type,
      ...given(TARGETS[type] ?? "target", target),
      delayMin: delayMinutes,
    })),
  };
}

/** Under which name each type of channel says whom it reaches. */
const TARGETS: Readonly<Record<string, string>> = {
  EMAIL: "emailAddress",
  SMS: "mobileNumber",
  SLACK: "channelName",
};

function judged(settings: AlarmSettings): AlarmDocument {
  return {
    ...given("ComparisonOperator", settings.comparison === "other" ? null : settings.comparison),
    ...given("Threshold", settings.threshold),
    EvaluationPeriods: settings.evaluationPeriods,
    ...given("DatapointsToAlarm", settings.datapointsToAlarm),
    TreatMissingData: settings.missingData,
    ...given("EvaluateLowSampleCountPercentile", settings.lowSamples),
  };
}

/** A measure that no policy can say is among the settings beyond. */
function measured(measure: Measure): AlarmDocument {
  switch (measure.kind) {
    case "metric": {
      const { statistic, periodSeconds, unit } = measure.stat;
      const key = PLAIN_STATISTICS.has(statistic) ? "Statistic" : "ExtendedStatistic";
      return { ...metricOf(measure.stat), [key]: statistic, Period: periodSeconds, ...given("Unit", unit) };
    }
    case "math":
      return { Metrics: measure.queries.map(queryOf) };
    case "other":
      return {};
  }
}

const PLAIN_STATISTICS: ReadonlySet<string> = new Set(["SampleCount", "Average", "Sum", "Minimum", "Maximum"]);

function metricOf({ namespace, metric, dimensions }: MetricOf): AlarmDocument {
  return {
    Namespace: namespace,
    MetricName: metric,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  };
}

function queryOf({ id, label, returnsData, accountId, of }: MetricQuery): AlarmDocument {
  return {
    Id: id,
    ...(of.kind === "stat"
      ? { MetricStat: statOf(of.stat) }
      : { Expression: of.expression, ...given("Period", of.periodSeconds) }),
    ...given("Label", label),
    ReturnData: returnsData,
    ...given("AccountId", accountId),
  };
}

function statOf(stat: MetricStat): AlarmDocument {
  return { Metric: metricOf(stat), Period: stat.periodSeconds, Stat: stat.statistic, ...given("Unit", stat.unit) };
}

function given(key: string, value: unknown): AlarmDocument {
  return value === null ? {} : { [key]: value };
}
