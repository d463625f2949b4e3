/** A local CloudWatch that answers as a test tells it, in the JSON of the real one. */
import { onTestFinished } from "vitest";
import { connectCloudWatch } from "../../../src/adapters/aws/alarms.ts";
import type { CloudWatch, LiveAlarm } from "../../../src/ports/cloudwatch.ts";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { type FakeClock, fakeClock } from "../atlas/harness.ts";
import { always, connectionWith, type Handler, LIMITS, serve, type TestServer } from "./harness.ts";

export const TARGET = "GraniteServiceVersion20100801.";
export const HEADERS = { "x-amzn-requestid": "r-1", "content-type": "application/x-amz-json-1.0" };
export const json = (body: unknown, status = 200): Handler => always(status, JSON.stringify(body), HEADERS);

interface Connected {
  readonly cloudwatch: CloudWatch;
  readonly server: TestServer;
  readonly clock: FakeClock;
  readonly stop: AbortController;
}

export async function connected(handler: Handler, attempts = 1): Promise<Connected> {
  const server = await serve(handler);
  const clock = fakeClock();
  const stop = new AbortController();
  const connection = connectionWith({
    credentials: AWS_CREDENTIALS,
    endpoint: server.url,
    limits: { ...LIMITS, attempts },
    signal: stop.signal,
  });
  const cloudwatch = connectCloudWatch(connection, clock);
  onTestFinished(() => cloudwatch.close());
  return { cloudwatch, server, clock, stop };
}

/** What CloudWatch says of an alarm on one metric. */
export const METRIC = {
  AlarmName: "LiTally/cpu",
  AlarmArn: "arn:aws:cloudwatch:ap-south-1:111122223333:alarm:LiTally/cpu",
  AlarmDescription: "too busy",
  AlarmConfigurationUpdatedTimestamp: 1_795_000_000.5,
  ActionsEnabled: true,
  OKActions: [],
  AlarmActions: ["arn:aws:sns:ap-south-1:111122223333:litally-critical"],
  InsufficientDataActions: [],
  StateValue: "OK",
  StateReason: "Threshold Crossed",
  StateReasonData: "{}",
  StateUpdatedTimestamp: 1_795_000_100.25,
  StateTransitionedTimestamp: 1_795_000_050.125,
  MetricName: "CPUUtilization",
  Namespace: "AWS/ECS",
  Statistic: "Average",
  Dimensions: [{ Name: "ServiceName", Value: "api" }],
  Period: 60,
  Unit: "Percent",
  EvaluationPeriods: 10,
  DatapointsToAlarm: 8,
  Threshold: 80,
  ComparisonOperator: "GreaterThanThreshold",
  TreatMissingData: "breaching",
};

export const page = (...alarms: readonly object[]) => ({ MetricAlarms: alarms, CompositeAlarms: [], LogAlarms: [] });

export async function collect(pages: AsyncIterable<readonly LiveAlarm[]>): Promise<readonly LiveAlarm[]> {
  const all: LiveAlarm[] = [];
  for await (const some of pages) all.push(...some);
  return all;
}
