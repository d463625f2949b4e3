/** Datapoints that are sent: taken, given back, and held against the thresholds of alarms by the world's clock. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { expect, onTestFinished, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { AWS_CREDENTIALS, startSandbox } from "../../../src/sandbox/sandbox.ts";

const NOW = new Date("2026-11-22T02:00:00Z");
const METRIC = { Namespace: "LiTallyOps", MetricName: "RunSucceeded" };

async function aWorld() {
  const seed = { projectId: "5a4db0c5a4db0c5a4db0c5a4", databases: [] };
  const sandbox = await startSandbox({ world: "healthy", seed, startAt: NOW, elapsedMs: () => 0 });
  const client = new CloudWatchClient({
    region: "ap-south-1",
    endpoint: sandbox.url,
    credentials: AWS_CREDENTIALS,
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    await sandbox.close();
  });
  return {
    advance: sandbox.advance,
    put: (Value: number, more: object = {}) =>
      client.send(
        new PutMetricDataCommand({
          Namespace: METRIC.Namespace,
          MetricData: [{ MetricName: METRIC.MetricName, Value, ...more }],
        }),
      ),
    alarm: (more: Partial<PutMetricAlarmCommandInput>) =>
      client.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: "a", ...METRIC, Statistic: "Sum", Period: 3600, EvaluationPeriods: 3 },
          ...{ Threshold: 1, ComparisonOperator: "LessThanThreshold", ...more },
        }),
      ),
    state: async () => (await client.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue,
    values: async (Stat: string) => {
      const MetricDataQueries = [{ Id: "m", MetricStat: { Metric: METRIC, Stat, Period: 3600 } }];
      const EndTime = new Date(NOW.getTime() + 24 * HOUR_MS);
      const { MetricDataResults: [series] = [] } = await client.send(
        new GetMetricDataCommand({ StartTime: NOW, EndTime, MetricDataQueries, ScanBy: "TimestampAscending" }),
      );
      return series?.Values;
    },
  };
}

test("what is sent comes back by periods, and nothing else", async () => {
  const { put, values, advance } = await aWorld();
  for (const value of [1, 4]) await put(value);
  advance(2 * HOUR_MS);
  await put(7);
  expect(await Promise.all(["Sum", "Minimum", "Maximum", "Average", "SampleCount"].map(values))).toEqual([
    ...[
      [5, 7],
      [1, 7],
      [4, 7],
    ],
    ...[
      [2.5, 7],
      [2, 1],
    ],
  ]);
});

test.each([
  ["breaching", ["OK", "OK", "ALARM"]],
  ["notBreaching", ["OK", "OK", "OK"]],
  ["missing", ["OK", "OK", "INSUFFICIENT_DATA"]],
  ["ignore", ["OK", "OK", "OK"]],
])("a window that slides past the last good datapoint: missing data is %s", async (TreatMissingData, states) => {
  const { alarm, put, state, advance } = await aWorld();
  await alarm({ TreatMissingData, DatapointsToAlarm: 3 });
  await put(1);
  const seen = [await state()];
  advance(3 * HOUR_MS - MINUTE_MS);
  seen.push(await state());
  advance(MINUTE_MS);
  seen.push(await state());
  expect(seen).toEqual(states);
});

test("a bad datapoint fires at once, and is forgotten after its period", async () => {
  const { alarm, put, state, advance } = await aWorld();
  await alarm({ TreatMissingData: "notBreaching", Period: 300, EvaluationPeriods: 1, Statistic: "Minimum" });
  await put(0);
  expect(await state()).toBe("ALARM");
  advance(5 * MINUTE_MS);
  expect(await state()).toBe("OK");
});

test.each([
  ["of AWS itself", { Namespace: "AWS/Lambda" }],
  ["without datums", { MetricData: [] }],
  ["without a value", { MetricData: [{ MetricName: "a" }] }],
  ["of last month", { MetricData: [{ MetricName: "a", Value: 1, Timestamp: new Date("2026-10-01") }] }],
])("what is %s is refused", async (_, more) => {
  const seed = { projectId: "5a4db0c5a4db0c5a4db0c5a4", databases: [] };
  const sandbox = await startSandbox({ world: "healthy", seed, startAt: NOW, elapsedMs: () => 0 });
  const client = new CloudWatchClient({
    region: "ap-south-1",
    endpoint: sandbox.url,
    credentials: AWS_CREDENTIALS,
    maxAttempts: 1,
  });
  onTestFinished(() => sandbox.close());
  const input = { Namespace: "N", MetricData: [{ MetricName: "a", Value: 1 }], ...more };
  await expect(client.send(new PutMetricDataCommand(input))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 400 },
  });
  client.destroy();
});
