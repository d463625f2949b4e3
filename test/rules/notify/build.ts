/** Facts about the ways of alarms, whole unless told otherwise. */
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import type { AlarmSettings, Seen } from "../../../src/ports/cloudwatch.ts";
import type { KeyState } from "../../../src/ports/keys.ts";
import type { Endpoint, SubscriptionSettings, Topic } from "../../../src/ports/sns.ts";
import type { AlarmOnItsWay, Home, KeyFacts, SubscriptionFacts, TopicFacts } from "../../../src/rules/notify/facts.ts";
import type { NotifyFacts } from "../../../src/rules/notify/plan-facts.ts";

export const NOW = new Date("2026-11-22T02:00:00Z");
export const HOME: Home = { partition: "aws", accountId: "123456789012", region: "ap-south-1" };
export const UNSEEN = notKnown(new OpsError("auth", "not allowed"));
export const KEY_ARN = "arn:aws:kms:ap-south-1:123456789012:key/1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a";

export const topicArn = (name: string) => `arn:aws:sns:ap-south-1:123456789012:${name}`;
export const alarmArn = (name: string) => `arn:aws:cloudwatch:ap-south-1:123456789012:alarm:${name}`;

/** As SNS gives it to a new topic. */
export const DEFAULT_POLICY = (arn: string) => ({
  Version: "2008-10-17",
  Id: "__default_policy_ID",
  Statement: [
    {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
      Resource: arn,
      Condition: { StringEquals: { "AWS:SourceOwner": HOME.accountId } },
    },
  ],
});

export const KEY_POLICY = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*", Resource: "*" },
    {
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
    },
  ],
};

const SETTINGS: AlarmSettings = {
  description: null,
  actionsEnabled: true,
  alarmActions: [],
  okActions: [],
  insufficientDataActions: [],
  measure: {
    kind: "metric",
    stat: {
      namespace: "AWS/Lambda",
      metric: "Errors",
      dimensions: { FunctionName: "litally-auth" },
      statistic: "Sum",
      periodSeconds: 300,
      unit: null,
    },
  },
  comparison: "GreaterThanThreshold",
  threshold: 1,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  missingData: "notBreaching",
  lowSamples: null,
};

export function seen(settings: Partial<AlarmSettings>): Seen<AlarmSettings> {
  const whole = Object.entries({ ...SETTINGS, ...settings }).map(([key, value]) => [key, known(value)]);
  return Object.fromEntries(whole); // the same keys, each known
}

/** An alarm that tells the topics of those names, as the policy wants it. */
export function anAlarm(name: string, topics: readonly string[], more: Partial<AlarmOnItsWay> = {}): AlarmOnItsWay {
  const arns = topics.map(topicArn);
  return {
    name,
    arn: alarmArn(name),
    severity: "critical",
    wanted: arns,
    settings: seen({ alarmActions: arns, okActions: arns }),
    ...more,
  };
}

export function aSubscription(
  endpoint: Endpoint,
  settings: Partial<SubscriptionSettings> = {},
  more: Partial<SubscriptionFacts> = {},
): SubscriptionFacts {
  return {
    ...endpoint,
    arn: known(`${topicArn("litally")}:0b8b2f5e-1c6a-4f43-9d2d-5f8d1c0e7a11`),
    orderedAt: null,
    settings: known({
      isPending: known(false),
      filterPolicy: known(null),
      filterScope: known("MessageAttributes"),
      isRaw: known(false),
      redrivePolicy: known(null),
      ...settings,
    }),
    ...more,
  };
}

/** One that nobody has confirmed. */
export function aPending(endpoint: Endpoint, orderedAt: Date | null): SubscriptionFacts {
  return aSubscription(endpoint, {}, { arn: known(null), settings: known(null), orderedAt });
}

export function aKey(state: Partial<KeyState> = {}, policy: unknown = KEY_POLICY): KeyFacts {
  return {
    key: known({
      arn: KEY_ARN,
      state: "Enabled",
      isManagedByAws: false,
      isSymmetric: true,
      deletionAt: null,
      ...state,
    }),
    policy: known(JSON.stringify(policy)),
  };
}

export function aTopic(
  name: string,
  endpoints: readonly Endpoint[],
  { live = {}, ...more }: Partial<Omit<TopicFacts, "name">> & { readonly live?: Partial<Topic> } = {},
): TopicFacts {
  const arn = topicArn(name);
  return {
    arn,
    name,
    // the protocols of a policy are fewer than those of SNS
    declared: { name, subscriptions: endpoints } as TopicFacts["declared"],
    topic: known({
      arn,
      ownerAccountId: known(HOME.accountId),
      policy: known(JSON.stringify(DEFAULT_POLICY(arn))),
      keyId: known(null),
      ...live,
    }),
    subscriptions: known(endpoints.map((endpoint) => aSubscription(endpoint))),
    key: known(null),
    wantedKey: null,
    smsSandbox: endpoints.some(({ protocol }) => protocol === "sms") ? known(false) : null,
    ...more,
  };
}

export const topicsByArn = (...topics: readonly TopicFacts[]) => new Map(topics.map((topic) => [topic.arn, topic]));

/** Of which every check has something to say. */
export function everyCheck(): NotifyFacts {
  const subscriptions = known([aSubscription({ protocol: "email", endpoint: "ops@litally.example" })]);
  const topic = aTopic("litally-critical", [], { subscriptions });
  const declared = { name: topic.name, encryption: "alias/litally", subscriptions: [] };
  return {
    observedAt: NOW,
    home: HOME,
    unseen: [],
    alarms: [anAlarm("litally-a", [topic.name])],
    topics: topicsByArn({ ...topic, declared, wantedKey: aKey() }),
    sourceOf: () => null,
    prune: false,
  };
}
