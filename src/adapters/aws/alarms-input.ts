/** An alarm in CloudWatch's own words, as PutMetricAlarm takes it. */
import type { MetricDataQuery, PutMetricAlarmInput, StandardUnit, Statistic } from "@aws-sdk/client-cloudwatch";
import { OpsError } from "../../core/error.ts";
import type { AlarmSettings, Measure, MetricOf, MetricQuery, MetricStat } from "../../ports/cloudwatch.ts";
import { PLAIN_STATISTICS } from "./alarms-measure.ts";

/** What an alarm is to have, whole: what is left out here is gone from the alarm that it replaces. */
export function alarmInput(name: string, settings: AlarmSettings): PutMetricAlarmInput {
  const { description, datapointsToAlarm, lowSamples, comparison, threshold } = settings;
  if (comparison === "other" || threshold === null) throw unsayable(name);
  return {
    AlarmName: name,
    ...(description === null ? {} : { AlarmDescription: description }),
    ActionsEnabled: settings.actionsEnabled,
    AlarmActions: [...settings.alarmActions],
    OKActions: [...settings.okActions],
    InsufficientDataActions: [...settings.insufficientDataActions],
    ...measureInput(name, settings.measure),
    ComparisonOperator: comparison,
    Threshold: threshold,
    EvaluationPeriods: settings.evaluationPeriods,
    ...(datapointsToAlarm === null ? {} : { DatapointsToAlarm: datapointsToAlarm }),
    TreatMissingData: settings.missingData,
    ...(lowSamples === null ? {} : { EvaluateLowSampleCountPercentile: lowSamples }),
  };
}

function measureInput(name: string, measure: Measure) {
  switch (measure.kind) {
    case "metric": {
      const { statistic, periodSeconds } = measure.stat;
      return {
        ...metricInput(measure.stat),
        ...(isPlain(statistic) ? { Statistic: statistic } : { ExtendedStatistic: statistic }),
        Period: periodSeconds,
        ...unitInput(measure.stat),
      };
    }
    case "math":
      return { Metrics: measure.queries.map(queryInput) };
    case "other":
      throw unsayable(name);
  }
}

function queryInput({ id, label, returnsData, accountId, of }: MetricQuery): MetricDataQuery {
  return {
    Id: id,
    ...(of.kind === "stat"
      ? { MetricStat: statInput(of.stat) }
      : { Expression: of.expression, ...(of.periodSeconds === null ? {} : { Period: of.periodSeconds }) }),
    ...(label === null ? {} : { Label: label }),
    ReturnData: returnsData,
    ...(accountId === null ? {} : { AccountId: accountId }),
  };
}

export function statInput(stat: MetricStat) {
  return { Metric: metricInput(stat), Stat: stat.statistic, Period: stat.periodSeconds, ...unitInput(stat) };
}

function metricInput({ namespace, metric, dimensions }: MetricOf) {
  return {
    Namespace: namespace,
    MetricName: metric,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  };
}

/** As it was read or declared: CloudWatch itself says which units there are. */
function unitInput({ unit }: MetricStat) {
  return unit === null ? {} : { Unit: unit as StandardUnit };
}

function isPlain(statistic: string): statistic is Statistic {
  const plain: readonly string[] = PLAIN_STATISTICS;
  return plain.includes(statistic);
}

function unsayable(name: string): OpsError {
  return new OpsError("bug", `${name}: an order cannot say what this alarm looks at`);
}
