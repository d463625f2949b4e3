/** Random topologies of alarms, topics and people that are whole, and the breaking of one link of them. */
import fc from "fast-check";
import { known } from "../../../src/core/observed.ts";
import { shownEndpoint } from "../../../src/rules/notify/endpoint.ts";
import type { SubscriptionFacts, TopicFacts, WayFacts } from "../../../src/rules/notify/facts.ts";
import {
  aKey,
  alarmArn,
  anAlarm,
  aPending,
  aSubscription,
  aTopic,
  DEFAULT_POLICY,
  HOME,
  KEY_ARN,
  KEY_POLICY,
  NOW,
  seen,
  topicArn,
} from "./build.ts";

const HOUR_MS = 3_600_000;
const hex = (n: number) => n.toString(16).padStart(32, "0");

const ENDPOINTS = [
  { protocol: "email", endpoint: "ops@litally.example" },
  { protocol: "email", endpoint: "lead@litally.example" },
  { protocol: "sms", endpoint: "+15551234567" },
  { protocol: "sms", endpoint: "+15557654321" },
  { protocol: "https", endpoint: `https://events.pagerduty.com/integration/${hex(7)}/enqueue` },
  { protocol: "https", endpoint: `https://events.eu.pagerduty.com/integration/${hex(9)}/enqueue` },
  { protocol: "https", endpoint: "https://events.pagerduty.com/x-ere/R0ABCDEF12345" },
  { protocol: "https", endpoint: "https://hooks.litally.example/sns?key=s3cret" },
  { protocol: "sqs", endpoint: "arn:aws:sqs:ap-south-1:123456789012:pages" },
  { protocol: "lambda", endpoint: "arn:aws:lambda:ap-south-1:123456789012:function:pages" },
] as const;

const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };
const allow = (Resource: string, Condition?: object) => ({
  Effect: "Allow",
  Principal: CLOUDWATCH,
  Action: "sns:Publish",
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const OWN = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "sns:*", Resource: "*" };

type Document = { readonly Statement: readonly object[] };
const policies: readonly ((arn: string) => Document)[] = [
  DEFAULT_POLICY,
  (arn) => ({ Statement: [OWN, allow(arn)] }),
  (arn) => ({ Statement: [allow(arn, { ArnLike: { "aws:SourceArn": alarmArn("*") } })] }),
  (arn) => ({
    Statement: [OWN, allow(arn, { StringLike: { "aws:SourceArn": `${alarmArn("litally-")}*` } })],
  }),
  (arn) => ({ Statement: [allow(arn, { StringEquals: { "aws:SourceAccount": [HOME.accountId, "210987654321"] } })] }),
  (arn) => ({
    Statement: [
      {
        Effect: "Deny",
        Principal: "*",
        Action: "sns:*",
        Resource: arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        ...allow("*"),
        Action: ["SNS:Publish"],
        Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] },
      },
    ],
  }),
  (arn) => ({
    Statement: [
      {
        Effect: "Allow",
        NotPrincipal: { Service: "s3.amazonaws.com" },
        NotAction: "sns:Delete*",
        NotResource: `${arn}-other`,
      },
      { Effect: "Deny", Principal: "*", Action: "sns:Subscribe", Resource: arn },
    ],
  }),
];

const viaSns = (arn: string) => ({
  StringEquals: { "kms:ViaService": "sns.ap-south-1.amazonaws.com", "kms:EncryptionContext:aws:sns:topicArn": arn },
});
const keyPolicies: readonly ((arn: string) => object)[] = [
  () => KEY_POLICY,
  (arn) => ({
    Statement: { Effect: "Allow", Principal: CLOUDWATCH, Action: "kms:*", Resource: KEY_ARN, Condition: viaSns(arn) },
  }),
  () => ({
    Statement: [
      { Effect: "Allow", Principal: CLOUDWATCH, Action: "kms:Decrypt", Resource: "*" },
      {
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: "kms:Generate*",
        Resource: "*",
        Condition: { ArnLike: { "aws:SourceArn": alarmArn("*") } },
      },
    ],
  }),
];

const filters = [
  {},
  { filterPolicy: known("{}") },
  { filterPolicy: known('{"NewStateValue":["OK","ALARM"]}'), filterScope: known("MessageBody") },
  { filterPolicy: known('{"AlarmName":[{"prefix":"litally-"}]}'), filterScope: known("MessageBody") },
  {
    filterPolicy: known('{"Trigger":{"Namespace":["AWS/Lambda"],"Threshold":[{"numeric":[">",0,"<=",1]}]}}'),
    filterScope: known("MessageBody"),
  },
  { filterPolicy: known('{"AWSAccountId":[{"anything-but":["210987654321"]}]}'), filterScope: known("MessageBody") },
] as const;

/** What the oracle knows of a topology: names and numbers, and nothing of policies. */
export interface Plain {
  /** By topic, the numbers of the endpoints behind it. */
  readonly topics: readonly { readonly name: string; readonly behind: readonly number[] }[];
  readonly alarms: readonly {
    readonly name: string;
    readonly topics: readonly number[];
    readonly isCritical: boolean;
  }[];
}

export interface Topology {
  readonly plain: Plain;
  readonly facts: WayFacts;
}

const MAX = { topics: 4, endpoints: 3, alarms: 6 };

export const topology: fc.Arbitrary<Topology> = fc
  .record({
    topics: fc.array(
      fc.record({
        behind: fc.uniqueArray(fc.nat(ENDPOINTS.length - 1), { minLength: 1, maxLength: MAX.endpoints }),
        policy: fc.nat(policies.length - 1),
        key: fc.option(fc.nat(keyPolicies.length - 1), { nil: null }),
        filters: fc.array(fc.nat(filters.length - 1), { minLength: MAX.endpoints, maxLength: MAX.endpoints }),
      }),
      { minLength: 1, maxLength: MAX.topics },
    ),
    alarms: fc.array(
      fc.record({
        topics: fc.uniqueArray(fc.nat(MAX.topics - 1), { minLength: 1, maxLength: MAX.topics }),
        isCritical: fc.boolean(),
      }),
      { minLength: 1, maxLength: MAX.alarms },
    ),
  })
  .map(({ topics, alarms }) => {
    const plain: Plain = {
      topics: topics.map(({ behind }, index) => ({ name: `litally-topic-${index}`, behind })),
      alarms: alarms.map((alarm, index) => ({
        ...alarm,
        name: `litally-alarm-${index}`,
        topics: [...new Set(alarm.topics.map((topic) => topic % topics.length))],
      })),
    };
    const nameOf = (topic: number) => plain.topics[topic]?.name ?? "";
    const built = topics.map(({ behind, policy, key, filters: chosen }, index): TopicFacts => {
      const arn = topicArn(nameOf(index));
      const endpoints = behind.flatMap((number) => ENDPOINTS[number] ?? []);
      const subscriptions = endpoints.map((endpoint, at) => aSubscription(endpoint, filters[chosen[at] ?? 0] ?? {}));
      return aTopic(nameOf(index), endpoints, {
        subscriptions: known(subscriptions),
        key: known(key === null ? null : aKey({}, keyPolicies[key]?.(arn))),
        live: {
          policy: known(JSON.stringify(policies[policy]?.(arn))),
          keyId: known(key === null ? null : KEY_ARN),
        },
      });
    });
    const live = plain.alarms.map(({ name, topics, isCritical }) =>
      anAlarm(name, topics.map(nameOf), { severity: isCritical ? "critical" : "warning" }),
    );
    return {
      plain,
      facts: { observedAt: NOW, home: HOME, unseen: [], alarms: live, topics: new Map(built.map((t) => [t.arn, t])) },
    };
  });

/** Which steps of which ways a broken link cuts. */
export interface Cut {
  readonly alarm?: string;
  readonly topic?: number;
  /** The number of the endpoint. */
  readonly endpoint?: number;
}

interface Broken extends Topology {
  readonly kind: string;
  /** The finding that must name it; null: that of the alarm. */
  readonly named: {
    readonly check: string;
    readonly subject: string;
    readonly scope?: string;
    readonly status: string;
  };
  readonly cut: Cut;
}

interface Choice {
  readonly topic: number;
  /** Which of the topic's branches. */
  readonly branch: number;
  readonly alarm: number;
}

type Breaker = (topology: Topology, choice: Choice) => Broken | null;

/** The facts with one topic changed. */
function changed({ facts }: Topology, name: string, change: (topic: TopicFacts) => TopicFacts): WayFacts {
  const topics = [...facts.topics.values()].map((topic) => (topic.name === name ? change(topic) : topic));
  return { ...facts, topics: new Map(topics.map((topic) => [topic.arn, topic])) };
}

function ofTopic(check: string, change: (topic: TopicFacts) => TopicFacts, status = "fail"): Breaker {
  return (topology, { topic }) => {
    const { name } = topology.plain.topics[topic] ?? { name: "" };
    return {
      ...topology,
      kind: check,
      facts: changed(topology, name, change),
      named: { check, subject: `topic/${name}`, status },
      cut: { topic },
    };
  };
}

const live =
  (change: object) =>
  (topic: TopicFacts): TopicFacts =>
    topic.topic.known && topic.topic.value !== null
      ? { ...topic, topic: known({ ...topic.topic.value, ...change }) }
      : topic;

const policy = (make: (topic: TopicFacts, before: Document) => Document) => (topic: TopicFacts) => {
  const text = topic.topic.known && topic.topic.value?.policy.known ? topic.topic.value.policy.value : "{}";
  return live({ policy: known(JSON.stringify(make(topic, JSON.parse(text)))) })(topic);
};

const encrypted =
  (key: ReturnType<typeof aKey>, keyId = KEY_ARN) =>
  (topic: TopicFacts) => ({
    ...live({ keyId: known(keyId) })(topic),
    key: known(key),
  });

const keyWith = (change: object) => ({
  Statement: [{ Effect: "Allow", Principal: CLOUDWATCH, Action: "kms:*", Resource: "*", ...change }],
});

/** Breaks one alarm's way through a topic alone. */
function ofOneAlarm(check: string, change: (topic: TopicFacts, alarm: string) => TopicFacts): Breaker {
  return (topology, choice) => {
    const { name } = topology.plain.topics[choice.topic] ?? { name: "" };
    const alarm = topology.plain.alarms[choice.alarm];
    if (alarm === undefined || !alarm.topics.includes(choice.topic)) return null;
    return {
      ...topology,
      kind: `${check} of one alarm`,
      facts: changed(topology, name, (topic) => change(topic, alarm.name)),
      named: { check, subject: `topic/${name}`, status: "fail" },
      cut: { topic: choice.topic, alarm: alarm.name },
    };
  };
}

/** Breaks what is behind one subscription. `change` gives null where there is nothing of the kind to break. */
function ofBranch(
  check: string,
  change: (subscription: SubscriptionFacts, topic: TopicFacts) => SubscriptionFacts | "gone" | null,
  { status = "fail", oneAlarm = false }: { readonly status?: string; readonly oneAlarm?: boolean } = {},
): Breaker {
  return (topology, choice) => {
    const topic = topology.plain.topics[choice.topic];
    const facts = topic && topology.facts.topics.get(topicArn(topic.name));
    const at = choice.branch % (topic?.behind.length ?? 1);
    const endpoint = topic?.behind[at];
    const alarm = topology.plain.alarms[choice.alarm];
    const before = facts?.subscriptions.known ? facts.subscriptions.value[at] : undefined;
    if (before === undefined || facts === undefined || endpoint === undefined || topic === undefined) return null;
    if (oneAlarm && (alarm === undefined || !alarm.topics.includes(choice.topic))) return null;
    const after = change(before, facts);
    if (after === null || !facts.subscriptions.known) return null;
    const others = facts.subscriptions.value.filter((each) => each !== before);
    const subscriptions = known(after === "gone" ? others : [...others, after]);
    return {
      ...topology,
      kind: check,
      facts: changed(topology, topic.name, (each) => ({ ...each, subscriptions })),
      named: { check, subject: `topic/${topic.name}`, scope: shownEndpoint(before), status },
      cut: { topic: choice.topic, endpoint, ...(oneAlarm && alarm !== undefined ? { alarm: alarm.name } : {}) },
    };
  };
}

const filtered = (text: string, filterScope: "MessageAttributes" | "MessageBody") => (before: SubscriptionFacts) =>
  aSubscription(before, { filterPolicy: known(text), filterScope: known(filterScope) });

const isPagerDuty = ({ endpoint }: SubscriptionFacts) => endpoint.includes("pagerduty");

/** By name, every kind of link broken in every way that we know. */
export const breakers: Readonly<Record<string, Breaker>> = {
  "actions off": (topology, choice) => {
    const alarm = topology.plain.alarms[choice.alarm];
    if (alarm === undefined) return null;
    const alarms = topology.facts.alarms.map((each) =>
      each.name === alarm.name ? { ...each, settings: { ...each.settings, actionsEnabled: known(false) } } : each,
    );
    return {
      ...topology,
      kind: "actions off",
      facts: { ...topology.facts, alarms },
      named: { check: "alarms/heard", subject: `alarm/${alarm.name}`, status: "fail" },
      cut: { alarm: alarm.name },
    };
  },
  "no action": (topology, choice) => {
    const alarm = topology.plain.alarms[choice.alarm];
    if (alarm === undefined) return null;
    const none = seen({ alarmActions: ["arn:aws:lambda:ap-south-1:123456789012:function:x"] });
    const alarms = topology.facts.alarms.map((each) => (each.name === alarm.name ? { ...each, settings: none } : each));
    return {
      ...topology,
      kind: "no action",
      facts: { ...topology.facts, alarms },
      named: { check: "alarms/heard", subject: `alarm/${alarm.name}`, status: "fail" },
      cut: { alarm: alarm.name },
    };
  },
  "topic gone": ofTopic("notify/topic", (topic) => ({ ...topic, topic: known(null) })),
  "topic of another account": ofTopic("notify/topic", live({ ownerAccountId: known("210987654321") })),
  "topic policy without CloudWatch": ofTopic(
    "notify/topic-policy",
    policy(() => ({ Statement: [OWN] })),
  ),
  "topic policy for another service": ofTopic(
    "notify/topic-policy",
    policy(({ arn }) => ({ Statement: [{ ...allow(arn), Principal: { Service: "events.amazonaws.com" } }] })),
  ),
  "topic policy of another topic": ofTopic(
    "notify/topic-policy",
    policy(({ arn }) => ({ Statement: [allow(`${arn}x`)] })),
  ),
  "topic policy for another action": ofTopic(
    "notify/topic-policy",
    policy(({ arn }) => ({ Statement: [{ ...allow(arn), Action: "sns:Subscribe" }] })),
  ),
  "topic policy for another account": ofTopic(
    "notify/topic-policy",
    policy(({ arn }) => ({ Statement: [allow(arn, { StringEquals: { "aws:SourceAccount": "210987654321" } })] })),
  ),
  "topic policy for other alarms": ofTopic(
    "notify/topic-policy",
    policy(({ arn }) => ({ Statement: [allow(arn, { ArnEquals: { "aws:SourceArn": alarmArn("other-*") } })] })),
  ),
  "topic policy denies": ofTopic(
    "notify/topic-policy",
    policy(({ arn }, before) => ({ Statement: [...before.Statement, { ...allow(arn), Effect: "Deny", Sid: "Stop" }] })),
  ),
  "topic policy denies who comes through no endpoint": ofTopic(
    "notify/topic-policy",
    policy(({ arn }, before) => ({
      Statement: [
        ...before.Statement,
        {
          Effect: "Deny",
          Principal: "*",
          Action: "*",
          Resource: arn,
          Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } },
        },
      ],
    })),
  ),
  "topic policy denies one alarm": ofOneAlarm("notify/topic-policy", (topic, alarm) =>
    policy(({ arn }, before) => ({
      Statement: [
        ...before.Statement,
        { ...allow(arn, { ArnLike: { "aws:SourceArn": alarmArn(alarm) } }), Effect: "Deny" },
      ],
    }))(topic),
  ),
  "default key": ofTopic("notify/topic-key", encrypted(aKey(), "alias/aws/sns")),
  "asymmetric key": ofTopic("notify/topic-key", encrypted(aKey({ isSymmetric: false }))),
  "default key by ARN": ofTopic("notify/topic-key", encrypted(aKey({ isManagedByAws: true }))),
  "key disabled": ofTopic("notify/topic-key", encrypted(aKey({ state: "Disabled" }))),
  "key going": ofTopic("notify/topic-key", encrypted(aKey({ state: "PendingDeletion", deletionAt: NOW }))),
  "key without CloudWatch": ofTopic(
    "notify/topic-key",
    encrypted(aKey({}, keyWith({ Principal: { AWS: "arn:aws:iam::123456789012:root" } }))),
  ),
  "key without GenerateDataKey": ofTopic("notify/topic-key", encrypted(aKey({}, keyWith({ Action: "kms:Decrypt" })))),
  "key without Decrypt": ofTopic("notify/topic-key", encrypted(aKey({}, keyWith({ Action: "kms:GenerateDataKey*" })))),
  "key for another topic": ofTopic(
    "notify/topic-key",
    encrypted(aKey({}, keyWith({ Condition: viaSns("arn:aws:sns:x") }))),
  ),
  "key denies one alarm": ofOneAlarm("notify/topic-key", (topic, alarm) =>
    encrypted(
      aKey(
        {},
        {
          Statement: [
            ...KEY_POLICY.Statement,
            {
              Effect: "Deny",
              Principal: "*",
              Action: "kms:*",
              Resource: "*",
              Condition: { StringEquals: { "aws:SourceArn": alarmArn(alarm) } },
            },
          ],
        },
      ),
    )(topic),
  ),
  "subscription gone": ofBranch("notify/subscription", () => "gone"),
  "subscription never confirmed": ofBranch("notify/subscription", (before) =>
    aPending(before, new Date(NOW.getTime() - 60 * HOUR_MS)),
  ),
  "subscription ordered just now": ofBranch(
    "notify/subscription",
    (before) => aPending(before, new Date(NOW.getTime() - 3 * HOUR_MS)),
    { status: "warn" },
  ),
  "subscription ordered who knows when": ofBranch("notify/subscription", (before) => aPending(before, null), {
    status: "warn",
  }),
  "filter of attributes": ofBranch("notify/filter", filtered('{"severity":["critical"]}', "MessageAttributes")),
  "filter of absent attributes": ofBranch(
    "notify/filter",
    filtered('{"severity":[{"exists":false}]}', "MessageAttributes"),
  ),
  "filter of the other state": ofBranch("notify/filter", filtered('{"NewStateValue":["OK"]}', "MessageBody")),
  "filter of another namespace": ofBranch(
    "notify/filter",
    filtered('{"Trigger":{"Namespace":[{"prefix":"AWS/Api"}]}}', "MessageBody"),
  ),
  "raw delivery to PagerDuty": ofBranch("notify/endpoint", (before) =>
    isPagerDuty(before) ? aSubscription(before, { isRaw: known(true) }) : null,
  ),
};

export const choice: fc.Arbitrary<Choice> = fc.record({
  topic: fc.nat(MAX.topics - 1),
  branch: fc.nat(MAX.endpoints - 1),
  alarm: fc.nat(MAX.alarms - 1),
});
