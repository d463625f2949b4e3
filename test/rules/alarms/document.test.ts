import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { describe, expect, test } from "vitest";
import { putMetricAlarmInput } from "../../../src/rules/alarms/document.ts";
import { only, TOPIC } from "./declared.ts";

const documentOf = (keys: string) => {
  const { name, settings } = only(keys);
  return putMetricAlarmInput({ name, settings, beyond: {} });
};
const TO = { AlarmActions: [TOPIC.critical], OKActions: [TOPIC.critical], InsufficientDataActions: [] };

describe("the document of an alarm is what PutMetricAlarm takes", () => {
  test("a ratio", () => {
    const sum = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: {
        Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions: [{ Name: "FunctionName", Value: "auth" }] },
        Period: 300,
        Stat: "Sum",
      },
      ReturnData: false,
    });
    expect(
      documentOf(`ratio:
    part: { namespace: AWS/Lambda, metric: Errors }
    whole: { namespace: AWS/Lambda, metric: Invocations }
    dimensions: { FunctionName: auth }
    minimum: 20
  threshold: "> 2"
  period: 5m
  datapoints: 1 of 2
  missingData: notBreaching`),
    ).toStrictEqual({
      AlarmName: "o-a",
      ActionsEnabled: true,
      ...TO,
      Metrics: [
        sum("part", "Errors"),
        sum("whole", "Invocations"),
        { Id: "percent", Expression: "IF(whole >= 20, 100 * part / whole, 0)", ReturnData: true },
      ],
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 2,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 1,
      TreatMissingData: "notBreaching",
    } satisfies PutMetricAlarmInput);
  });

  test.each([
    ["Average", { Statistic: "Average" }],
    ["SampleCount", { Statistic: "SampleCount" }],
    ["p99", { ExtendedStatistic: "p99", EvaluateLowSampleCountPercentile: "ignore" }],
    ["IQM", { ExtendedStatistic: "IQM" }],
    ["TM(10%:90%)", { ExtendedStatistic: "TM(10%:90%)" }],
  ] as const)("one metric, by %s", (statistic, written) => {
    expect(
      documentOf(`metric: { namespace: N, metric: M, statistic: "${statistic}", unit: Seconds }
  description: what it is${"ExtendedStatistic" in written && written.ExtendedStatistic === "p99" ? "\n  lowSamples: ignore" : ""}
  threshold: "< 0.5"
  period: 10s
  datapoints: 3 of 3`),
    ).toStrictEqual({
      AlarmName: "o-a",
      AlarmDescription: "what it is",
      ActionsEnabled: true,
      ...TO,
      Namespace: "N",
      MetricName: "M",
      Dimensions: [],
      ...written,
      Period: 10,
      Unit: "Seconds",
      ComparisonOperator: "LessThanThreshold",
      Threshold: 0.5,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      TreatMissingData: "missing",
    } satisfies PutMetricAlarmInput);
  });
});

test("what no policy can say comes along, and never in place of what it says", () => {
  const { name, settings } = only(
    'metric: { namespace: N, metric: M, statistic: Sum }\n  threshold: "> 1"\n  period: 1m\n  datapoints: 1 of 1',
  );
  const beyond = { EvaluationInterval: 60, Threshold: 7 };
  expect(putMetricAlarmInput({ name, settings, beyond })).toMatchObject({ EvaluationInterval: 60, Threshold: 1 });
});
