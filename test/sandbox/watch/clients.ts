/** The official clients on a sandbox of a small account: two topics, three alarms, one key. */
import { CloudWatchClient, type PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { KMSClient } from "@aws-sdk/client-kms";
import { SNSClient } from "@aws-sdk/client-sns";
import { onTestFinished } from "vitest";
import { AWS_CREDENTIALS, type AwsWorld, type Sandbox, type SandboxOptions } from "../../../src/sandbox/sandbox.ts";
import {
  type AlarmRecord,
  NO_WATCH,
  plainTopic,
  type SubscriptionRecord,
  type Watch,
} from "../../../src/sandbox/watch.ts";
import { START, sandbox } from "../client.ts";

export const HOME = { accountId: "111122223333", region: "ap-south-1" };
export const TOPIC = "arn:aws:sns:ap-south-1:111122223333:critical";
export const KEY_ID = "1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a";
const BORN_AT = "2026-08-01T00:00:00.000Z";

export function alarm(name: string, rest: Partial<AlarmRecord> = {}): AlarmRecord {
  const words = {
    ActionsEnabled: true,
    AlarmActions: [TOPIC],
    OKActions: [TOPIC],
    InsufficientDataActions: [],
    ...METRIC,
    Period: 300,
    EvaluationPeriods: 1,
    DatapointsToAlarm: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
  };
  const state = { state: "OK", settlesAs: "OK", settlesAt: null, stateAt: BORN_AT, configuredAt: BORN_AT } as const;
  return { kind: "metric", name, words, reason: "", reasonData: null, ...state, ...rest };
}

export const METRIC = {
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Statistic: "Sum",
  Dimensions: [{ Name: "FunctionName", Value: "auth" }],
} as const;

/** What the client sends for an alarm like that. */
export const ORDER: PutMetricAlarmCommandInput = {
  AlarmName: "new",
  ...METRIC,
  Dimensions: [...METRIC.Dimensions],
  Period: 300,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: "GreaterThanThreshold",
};

export function subscription(endpoint: string, rest: Partial<SubscriptionRecord> = {}): SubscriptionRecord {
  const id = `0000-${endpoint}`;
  return {
    ...{ id, topic: "critical", protocol: "email", endpoint, orderedAt: BORN_AT, isConfirmed: true, attributes: {} },
    ...rest,
  };
}

const WATCH: Watch = {
  ...NO_WATCH,
  alarms: [alarm("a-1"), alarm("b-1"), alarm("b-2")],
  metrics: [{ namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "auth" } }],
  topics: [plainTopic("critical", HOME), plainTopic("quiet", HOME)],
  subscriptions: [subscription("ops@litally.example")],
};

export interface Clients {
  readonly target: Sandbox;
  readonly cloudwatch: CloudWatchClient;
  readonly sns: SNSClient;
  readonly kms: KMSClient;
}

export async function clients(
  watch: Partial<Watch> = {},
  account: Partial<AwsWorld> = {},
  options: Partial<SandboxOptions> = {},
): Promise<Clients> {
  const aws: AwsWorld = {
    ...HOME,
    buckets: [],
    keys: [{ id: KEY_ID, alias: "alarms", state: "Enabled" }],
    denied: [],
    watch: { ...WATCH, ...watch },
    ...account,
  };
  const target = await sandbox({ aws, ...options });
  return { target, ...clientsOf(target.url) };
}

export function clientsOf(endpoint: string): Omit<Clients, "target"> {
  const settings = { endpoint, region: HOME.region, credentials: AWS_CREDENTIALS, maxAttempts: 1 };
  const all = {
    cloudwatch: new CloudWatchClient(settings),
    sns: new SNSClient(settings),
    kms: new KMSClient(settings),
  };
  onTestFinished(() => {
    for (const client of Object.values(all)) client.destroy();
  });
  return all;
}

/** The name and the status of the refusal; a good answer is none. */
export async function refusal(promise: Promise<unknown>): Promise<readonly [string, number | undefined]> {
  try {
    return [`answered: ${JSON.stringify(await promise)}`, 200];
  } catch (error) {
    // what the SDK throws for an answer of the service
    const { name, $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
    return [name, $metadata?.httpStatusCode];
  }
}

export const NOW = START;
