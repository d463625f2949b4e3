/**
 * The ways in which alarms, and the ways from them to people, go wrong: functions from a sound account to a damaged one.
 * They damage the first alarm by name and the first topic that it tells; where a policy has none, there is nothing to damage.
 */
import { hash } from "node:crypto";
import { DAY_MS, HOUR_MS } from "../core/duration.ts";
import { defaultKeyPolicy } from "./access.ts";
import { type AwsWorld, newAws } from "./aws-services.ts";
import { alarmArn, isSameMetric, metricsOf, textsOf } from "./cloudwatch/words.ts";
import { uuid } from "./ids.ts";
import { findKey } from "./kms.ts";
import {
  type AlarmRecord,
  at,
  type KeyRecord,
  type SubscriptionRecord,
  type TopicRecord,
  type Watch,
  type Words,
} from "./watch.ts";

export type AlarmDamage = (account: AwsWorld, nowMs: number) => AwsWorld;

export const missing = ofAlarm(() => []);
/** Five times as far away. */
export const looser = ofWords((words) => ({ ...words, Threshold: moved(words, 4) }));
/** Half as far away. */
export const stricter = ofWords((words) => ({ ...words, Threshold: moved(words, -0.5) }));
export const otherMetric = ofWords(withOtherMetric);
export const actionsOff = ofWords((words) => ({ ...words, ActionsEnabled: false }));
export const noAction = ofWords((words) => ({ ...words, AlarmActions: [] }));
export const composite = ofAlarm((alarm) => [{ ...alarm, kind: "composite", words: compositeWords(alarm) }]);
export const firing = ofAlarm((alarm, nowMs) => [
  { ...alarm, state: "ALARM", settlesAs: "ALARM", stateAt: at(nowMs - 2 * HOUR_MS), reason: "Threshold Crossed" },
]);

/** Topics of another account. */
export const foreignAction: AlarmDamage = (account, nowMs) =>
  ofWords((words) => ({
    ...words,
    AlarmActions: textsOf(words["AlarmActions"]).map((arn) => arn.replace(`:${account.accountId}:`, ":999999999999:")),
  }))(account, nowMs);

/** Over another metric than every other alarm. */
export const undeclared = ofAlarm((alarm) => [
  alarm,
  { ...alarm, name: `${alarm.name}-old`, words: withOtherMetric(alarm.words) },
]);

export const duplicate = ofAlarm((alarm) => [alarm, { ...alarm, name: `${alarm.name}-old` }]);

export const noData: AlarmDamage = (account, nowMs) => {
  const silent = firstAlarm(account);
  const damaged = ofAlarm((alarm) => [
    {
      ...alarm,
      ...{ state: "INSUFFICIENT_DATA", settlesAs: "INSUFFICIENT_DATA", stateAt: at(nowMs - 20 * DAY_MS) },
      reason: "Insufficient Data: no datapoints were received.",
    },
  ])(account, nowMs);
  if (silent === undefined) return damaged;
  const gone = metricsOf(silent.words);
  return watching(damaged, ({ metrics }) => ({
    metrics: metrics.filter((metric) => !gone.some((one) => isSameMetric(one, metric))),
  }));
};

/** A composite alarm pages for it, and yet another alarm keeps that one from doing so: neither is the policy's. */
export const suppressed: AlarmDamage = (account) =>
  watching(account, ({ alarms }) => {
    const [first] = alarms;
    if (first === undefined) return {};
    const deploying = { ...first, name: "deploying", words: { ...withOtherMetric(first.words), AlarmActions: [] } };
    const paging = { ...first, kind: "composite" as const, name: "api-as-a-whole" };
    const suppressor = {
      ActionsSuppressor: "deploying",
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 60,
    };
    const words = { ...compositeWords(first), AlarmRule: `ALARM("${first.name}")`, ...suppressor };
    const others = [
      { ...paging, words },
      { ...deploying, state: "ALARM" as const, settlesAs: "ALARM" as const },
    ];
    return { alarms: [...others, ...alarms].toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  });

export const muted = mutedBy("ACTIVE");
export const muteComing = mutedBy("SCHEDULED");

export const topicMissing: AlarmDamage = (account) => {
  const topic = firstTopic(account);
  return watching(account, ({ topics, subscriptions }) => ({
    topics: topics.filter((one) => one !== topic),
    subscriptions: subscriptions.filter((one) => one.topic !== topic?.name),
  }));
};

/** For the users of the account alone. */
export const policyClosed = ofTopic((topic, { accountId }) => ({
  ...topic,
  policy: policyOf(topic, { Principal: { AWS: `arn:aws:iam::${accountId}:root` } }, accountId),
}));

/** For an alarm that was there once. */
export const policyOfOneAlarm = ofTopic((topic, account) => {
  const source = alarmArn(`${firstAlarm(account)?.name}-old`, account);
  const statement = { Principal: CLOUDWATCH, Condition: { ArnLike: { "aws:SourceArn": source } } };
  return { ...topic, policy: policyOf(topic, statement, account.accountId) };
});

/** AWS's own, which lets no service of AWS use it. */
export const awsKey = ofTopic((topic) => ({ ...topic, keyId: "alias/aws/sns" }));
export const keyClosed = ofKey((key, { accountId }) => ({ ...key, policy: defaultKeyPolicy({ accountId }) }));
export const keyDisabled = ofKey((key) => ({ ...key, state: "Disabled" }));

export const pending = ofSubscription((one, nowMs) => [
  { ...one, isConfirmed: false, orderedAt: at(nowMs - 3 * HOUR_MS) },
]);
/** Ordered for the first time four days ago, which `notify apply` writes down as a tag, and again before it was forgotten. */
export const pendingOld: AlarmDamage = (account, nowMs) => {
  const one = firstSubscription(account);
  if (one === undefined) return account;
  const key = `litally-ops:ordered:${hash("sha256", `${one.protocol} ${one.endpoint}`).slice(0, 16)}`;
  return ofTopic((topic) => ({ ...topic, tags: { ...topic.tags, [key]: at(nowMs - 4 * DAY_MS) } }))(
    pending(account, nowMs),
    nowMs,
  );
};
export const gone = ofSubscription(() => []);
export const filtered = ofSubscription((one) => [
  { ...one, attributes: { FilterPolicy: '{"severity":["critical"]}', FilterPolicyScope: "MessageAttributes" } },
]);
/** What goes to PagerDuty. */
export const raw = ofSubscription((one) => [{ ...one, attributes: { RawMessageDelivery: "true" } }], "https");
export const subscriptionUndeclared = ofSubscription((one) => [
  one,
  { ...one, id: uuid(one.id, "other"), protocol: "email", endpoint: "former-colleague@litally.example" },
]);
export const smsSandbox: AlarmDamage = (account) => watching(account, () => ({ isInSmsSandbox: true }));

export function denied(...actions: readonly string[]): AlarmDamage {
  return (account) => ({ ...account, denied: [...account.denied, ...actions] });
}

const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };

/** One statement, and nothing else. */
function policyOf({ name }: TopicRecord, statement: object, accountId: string): string {
  const Resource = `arn:aws:sns:*:${accountId}:${name}`;
  const only = { Sid: "Only", Effect: "Allow", Action: "SNS:Publish", Resource, ...statement };
  return JSON.stringify({ Version: "2012-10-17", Statement: [only] });
}

/** Away from what fires, by so many times what it is. */
function moved({ Threshold: threshold, ComparisonOperator: comparison }: Words, times: number): number {
  const value = Number(threshold);
  const step = (Math.abs(value) || 1) * times;
  return String(comparison).startsWith("Less") ? value - step : value + step;
}

/** That of a thing that is no more, whichever way it is measured. */
function withOtherMetric(words: Words): Words {
  const text = JSON.stringify(words);
  const renamed = /"Value":"/.test(text)
    ? text.replaceAll('"Value":"', '"Value":"former-')
    : text.replaceAll('"MetricName":"', '"MetricName":"Former');
  return JSON.parse(renamed) as Words; // the same with another name
}

function compositeWords({ words, name }: AlarmRecord): Words {
  const { ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions } = words;
  return { ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions, AlarmRule: `ALARM("${name}-part")` };
}

function firstAlarm({ watch }: AwsWorld): AlarmRecord | undefined {
  return watch?.alarms[0];
}

function firstTopic(account: AwsWorld): TopicRecord | undefined {
  const [arn = ""] = textsOf(firstAlarm(account)?.words["AlarmActions"]);
  return account.watch?.topics.find(({ name }) => arn.endsWith(`:${name}`));
}

function watching(account: AwsWorld, damage: (watch: Watch) => Partial<Watch>): AwsWorld {
  const { watch } = account;
  return watch === undefined ? account : { ...account, watch: { ...watch, ...damage(watch) } };
}

function ofAlarm(damage: (alarm: AlarmRecord, nowMs: number) => readonly AlarmRecord[]): AlarmDamage {
  return (account, nowMs) =>
    watching(account, ({ alarms: [first, ...rest] }) => ({
      alarms:
        first === undefined ? [] : [...damage(first, nowMs), ...rest].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }));
}

function ofWords(damage: (words: Words) => Words): AlarmDamage {
  return ofAlarm((alarm) => [{ ...alarm, words: damage(alarm.words) }]);
}

function mutedBy(status: "ACTIVE" | "SCHEDULED"): AlarmDamage {
  return (account, nowMs) => {
    const alarm = firstAlarm(account);
    if (alarm === undefined) return account;
    const when = { expression: "cron(0 2 * * SUN)", duration: "PT4H", updatedAt: at(nowMs - DAY_MS) };
    return watching(account, ({ muteRules }) => ({
      muteRules: [...muteRules, { name: "maintenance", alarmNames: [alarm.name], status, ...when }],
    }));
  };
}

function ofTopic(damage: (topic: TopicRecord, account: AwsWorld) => TopicRecord): AlarmDamage {
  return (account) => {
    const first = firstTopic(account);
    return watching(account, ({ topics }) => ({
      topics: topics.map((topic) => (topic === first ? damage(topic, account) : topic)),
    }));
  };
}

/** The key of that topic, by whatever name the topic has for it. */
function ofKey(damage: (key: KeyRecord, account: AwsWorld) => KeyRecord): AlarmDamage {
  return (account) => {
    const keyId = firstTopic(account)?.keyId ?? null;
    const first = keyId === null ? null : findKey(newAws(account), keyId);
    return { ...account, keys: account.keys.map((key) => (key === first ? damage(key, account) : key)) };
  };
}

function ofSubscription(
  damage: (one: SubscriptionRecord, nowMs: number) => readonly SubscriptionRecord[],
  protocol?: string,
): AlarmDamage {
  return (account, nowMs) => {
    const first = firstSubscription(account, protocol);
    return watching(account, ({ subscriptions }) => ({
      subscriptions: subscriptions.flatMap((one) => (one === first ? damage(one, nowMs) : [one])),
    }));
  };
}

/** That of the first topic; of a protocol, the first such one. */
function firstSubscription(account: AwsWorld, protocol?: string): SubscriptionRecord | undefined {
  const topic = firstTopic(account)?.name;
  const ours = account.watch?.subscriptions.filter((one) => one.topic === topic);
  return ours?.find((one) => protocol === undefined || one.protocol === protocol);
}
