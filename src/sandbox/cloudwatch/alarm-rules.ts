/**
 * What CloudWatch demands of an alarm before it takes it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
import { refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import type { AwsState, Words } from "../watch.ts";
import { dimensionsProblem, invalid, isPercentile, periodProblem, statisticProblem } from "./metric-rules.ts";
import { queryProblem } from "./query-rules.ts";
import { isRecord, isText, isWhole, listOf } from "./words.ts";

/** null: CloudWatch would take it. */
export function alarmProblem(input: Words, home: Pick<AwsState, "region">): Refusal | null {
  return (
    nameProblem(input["AlarmName"]) ??
    choiceProblem(input) ??
    actionsProblem(input, home.region) ??
    measureProblem(input) ??
    thresholdProblem(input) ??
    countsProblem(input)
  );
}

const MAX_NAME_LENGTH = 255;

function nameProblem(name: unknown): Refusal | null {
  return isText(name, MAX_NAME_LENGTH) && name !== ""
    ? null
    : invalid(`AlarmName must be 1 to ${MAX_NAME_LENGTH} characters.`);
}

const BANDS = ["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"];
const COMPARISONS = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
  ...BANDS,
];
const MISSING = ["breaching", "notBreaching", "ignore", "missing"];
const MAX_DESCRIPTION_LENGTH = 1024;

function choiceProblem(input: Words): Refusal | null {
  const { ComparisonOperator, TreatMissingData, ActionsEnabled, AlarmDescription } = input;
  if (!COMPARISONS.some((one) => one === ComparisonOperator))
    return invalid(`ComparisonOperator must be one of ${COMPARISONS.join(", ")}.`);
  if (TreatMissingData !== undefined && !MISSING.some((one) => one === TreatMissingData))
    return invalid(`TreatMissingData must be one of ${MISSING.join(", ")}.`);
  if (ActionsEnabled !== undefined && typeof ActionsEnabled !== "boolean")
    return invalid("ActionsEnabled must be true or false.");
  if (AlarmDescription !== undefined && !isText(AlarmDescription, MAX_DESCRIPTION_LENGTH))
    return invalid(`AlarmDescription must be at most ${MAX_DESCRIPTION_LENGTH} characters.`);
  return null;
}

const MAX_ACTIONS = 5;
const MAX_ARN_LENGTH = 1024;

function actionsProblem(input: Words, region: string): Refusal | null {
  for (const name of ["AlarmActions", "OKActions", "InsufficientDataActions"]) {
    const actions = listOf(input[name]);
    if (actions === null || !actions.every((one) => isText(one, MAX_ARN_LENGTH) && one.startsWith("arn:")))
      return invalid(`${name} must be a list of ARNs.`);
    if (actions.length > MAX_ACTIONS) return invalid(`${name} must be at most ${MAX_ACTIONS}.`);
    const elsewhere = actions
      .map((one) => String(one).split(":"))
      .find(([, , of, at]) => of === "sns" && at !== region);
    if (elsewhere !== undefined) return invalid(`Invalid region ${elsewhere[3]}: only ${region} is possible here.`);
  }
  return null;
}

const OF_A_METRIC = ["MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"];

function measureProblem(input: Words): Refusal | null {
  if (input["Metrics"] === undefined) return input["MetricName"] === undefined ? noMeasure() : metricProblem(input);
  const both = OF_A_METRIC.find((name) => input[name] !== undefined);
  if (both !== undefined) return refusal("InvalidParameterCombination", `Metrics and ${both} exclude each other.`);
  return queryProblem(input["Metrics"]);
}

function noMeasure(): Refusal {
  return invalid("One of MetricName and Metrics must be there.");
}

function metricProblem(input: Words): Refusal | null {
  const { MetricName, Namespace, Period, Statistic, ExtendedStatistic, Dimensions } = input;
  if (!isText(MetricName, 255) || !isText(Namespace, 255)) return invalid("MetricName and Namespace must be there.");
  if ((Statistic === undefined) === (ExtendedStatistic === undefined))
    return refusal("InvalidParameterCombination", "One of Statistic and ExtendedStatistic must be there.");
  const plain = Statistic !== undefined && isPercentile(Statistic) ? invalid(`${Statistic} is an extended one.`) : null;
  return (
    plain ?? statisticProblem(Statistic ?? ExtendedStatistic) ?? dimensionsProblem(Dimensions) ?? periodProblem(Period)
  );
}

function thresholdProblem(input: Words): Refusal | null {
  const { Threshold, ThresholdMetricId, ComparisonOperator, EvaluateLowSampleCountPercentile: low } = input;
  if (low !== undefined && (input["ExtendedStatistic"] === undefined || (low !== "evaluate" && low !== "ignore")))
    return invalid("EvaluateLowSampleCountPercentile is evaluate or ignore, and of percentiles alone.");
  const isBand = BANDS.some((one) => one === ComparisonOperator);
  if (isBand !== (ThresholdMetricId !== undefined)) return invalid("A band, and it alone, has a ThresholdMetricId.");
  if (isBand) return Threshold === undefined ? null : invalid("A band has no Threshold.");
  return typeof Threshold === "number" && Number.isFinite(Threshold) ? null : invalid("Threshold must be a number.");
}

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const WEEK_SECONDS = 7 * DAY_SECONDS;

function countsProblem(input: Words): Refusal | null {
  const { EvaluationPeriods: n, DatapointsToAlarm: m } = input;
  if (!isWhole(n)) return invalid("EvaluationPeriods must be 1 or more.");
  if (m !== undefined && (!isWhole(m) || m > n)) return invalid("DatapointsToAlarm must be 1 to EvaluationPeriods.");
  const period = longestPeriodSeconds(input);
  const mostSeconds = period < HOUR_SECONDS ? DAY_SECONDS : WEEK_SECONDS;
  return period * n <= mostSeconds
    ? null
    : invalid(`Period times EvaluationPeriods must be at most ${mostSeconds} seconds.`);
}

/** That of an alarm's datapoints: of several metrics, the longest. */
export function longestPeriodSeconds(words: Words): number {
  const periods = [
    words["Period"],
    ...(listOf(words["Metrics"]) ?? []).flatMap((query) => {
      if (!isRecord(query)) return [];
      const stat = query["MetricStat"];
      return [query["Period"], isRecord(stat) ? stat["Period"] : undefined];
    }),
  ];
  return Math.max(...periods.filter(isWhole), 0);
}
