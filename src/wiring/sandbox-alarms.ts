/** The alarms and topics that a policy declares, as they are where all is well: made by the rules that a change goes by. */
import { DAY_MS } from "../core/duration.ts";
import { HEARTBEAT_NAMESPACE } from "../core/heartbeat.ts";
import type { Policy, TopicPolicy } from "../policy/schema.ts";
import type { AlertOrder } from "../ports/atlas-alerts.ts";
import { compile } from "../rules/alarms/compile.ts";
import { putMetricAlarmInput } from "../rules/alarms/document.ts";
import type { Declared } from "../rules/alarms/facts.ts";
import type { Home } from "../rules/notify/facts.ts";
import type { AwsWorld } from "../sandbox/aws-services.ts";
import { metricsOf } from "../sandbox/cloudwatch/words.ts";
import { objectId, uuid } from "../sandbox/ids.ts";
import { iso, type SandboxSeed } from "../sandbox/model.ts";
import {
  type AlarmRecord,
  type AlertRecord,
  at,
  type ExtraAlarms,
  type IntegrationRecord,
  type KeyRecord,
  NO_WATCH,
  plainTopic,
  type SubscriptionRecord,
  type TopicRecord,
} from "../sandbox/watch.ts";

/** All of it is older than what CloudWatch remembers of alarms. */
const AGE_MS = 90 * DAY_MS;

interface Seeding {
  readonly policy: Policy;
  readonly home: Home;
  readonly now: Date;
  /** See WorldRequest. */
  readonly extraAlarms: Pick<ExtraAlarms, "count" | "prefix"> | undefined;
}

/** What CloudWatch and SNS hold, and the keys of KMS. */
export function seedWatch({ policy, home, now, extraAlarms }: Seeding): Required<Pick<AwsWorld, "watch" | "keys">> {
  const bornAt = at(now.getTime() - AGE_MS);
  const alarms = declaredOf(policy, home).alarms.map(({ name, settings }): AlarmRecord => {
    const { AlarmName: _name, ...words } = putMetricAlarmInput({ name, settings, beyond: {} });
    const isTold = metricsOf(words).some(({ namespace }) => namespace === HEARTBEAT_NAMESPACE);
    const settles = { settlesAs: "OK", settlesAt: isTold ? at(now.getTime()) : null } as const;
    const state = { state: "OK", ...settles, stateAt: bornAt, configuredAt: bornAt } as const;
    return { kind: "metric", name, words, reason: "The datapoints were within bounds.", reasonData: null, ...state };
  });
  const keyIds = new Map(policy.topics.map((topic) => [topic.name, keyIdOf(topic, policy)]));
  const keys = [...new Set(keyIds.values())].flatMap((keyId) => (keyId === null ? [] : keyOf(keyId, home)));
  return {
    watch: {
      ...NO_WATCH,
      alarms: alarms.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      extras: extraAlarms === undefined ? null : { ...extraAlarms, createdAt: bornAt, gone: [] },
      metrics: alarms
        .flatMap(({ words }) => metricsOf(words))
        .filter(({ namespace }) => namespace !== HEARTBEAT_NAMESPACE),
      topics: policy.topics.map(({ name }) => seedTopic(name, keyIds.get(name) ?? null, home)),
      subscriptions: policy.topics.flatMap((topic) => seedSubscriptions(topic, bornAt)),
    },
    keys,
  };
}

/** Integrations of every type that a recipient is of, and PagerDuty's in any case. */
export function seedAlerts(policy: Policy, now: Date): Required<Pick<SandboxSeed, "alerts" | "integrations">> {
  const bornMs = now.getTime() - AGE_MS;
  const { projectId } = policy.atlas;
  const { alerts } = declaredOf(policy, { partition: "aws", accountId: "", region: "" });
  const types = alerts.flatMap(({ order }) => order.notifications.map(({ type }) => type));
  const integrations = [...new Set(["PAGER_DUTY", ...types])].flatMap((type) => {
    const words = INTEGRATIONS[type];
    return words === undefined ? [] : [{ id: objectId(bornMs, projectId, type), type, words }];
  });
  const project = { projectId, bornMs, integrations };
  return { alerts: alerts.map(({ name, order }) => seedAlert(name, order, project)), integrations };
}

interface Project {
  readonly projectId: string;
  readonly bornMs: number;
  readonly integrations: readonly IntegrationRecord[];
}

function seedAlert(name: string, order: AlertOrder, { projectId, bornMs, integrations }: Project): AlertRecord {
  const { metric: metricName, ...threshold } = order.threshold;
  const id = objectId(bornMs, projectId, "alert", name);
  const notifications = order.notifications.map(({ type: typeName, target, delayMinutes: delayMin }, index) => {
    const member = TARGETS[typeName];
    const notifierId = objectId(bornMs, id, String(index));
    const integrationId = integrations.find(({ type: one }) => one === typeName)?.id;
    return {
      ...{ typeName, delayMin, notifierId },
      ...(member === undefined ? {} : { [member]: target }),
      ...(integrationId === undefined ? {} : { integrationId }),
    };
  });
  const words = {
    eventTypeName: order.event,
    enabled: order.isEnabled,
    matchers: [],
    metricThreshold: { metricName, ...threshold },
  };
  return { id, createdAt: iso(bornMs), updatedAt: iso(bornMs), words, notifications };
}

const TARGETS: Readonly<Record<string, string>> = {
  EMAIL: "emailAddress",
  SMS: "mobileNumber",
  SLACK: "channelName",
};
const SECRET = "0123456789abcdef0123456789abcdef";
const INTEGRATIONS: Readonly<Record<string, IntegrationRecord["words"]>> = {
  PAGER_DUTY: { serviceKey: SECRET, region: "US" },
  OPS_GENIE: { apiKey: SECRET, region: "US" },
  VICTOR_OPS: { apiKey: SECRET },
  DATADOG: { apiKey: SECRET, region: "US" },
  MICROSOFT_TEAMS: { microsoftTeamsWebhookUrl: `https://teams.example/${SECRET}` },
  WEBHOOK: { url: "https://hook.example/alerts" },
  SLACK: { apiToken: SECRET, channelName: "alerts", teamName: "litally" },
};

function declaredOf(policy: Policy, home: Home): Declared {
  return compile(policy, home, () => null);
}

/** Where the policy says nothing, the first topic of critical alarms is encrypted all the same: that is how it is to be. */
function keyIdOf({ name, encryption }: TopicPolicy, { alarms }: Policy): string | null {
  return encryption ?? (name === alarms?.notify.critical[0] ? "alias/litally-alarms" : null);
}

/** A key of the customer's that lets CloudWatch use it, by its id, its alias or the ARN of either. */
function keyOf(keyId: string, { accountId }: Home): KeyRecord {
  const alias = /(?:^|:)alias\/(.+)$/.exec(keyId)?.[1];
  const id = /key\/(.+)$/.exec(keyId)?.[1] ?? uuid(accountId, keyId);
  const owner = {
    Sid: "Owner",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Action: "kms:*",
    Resource: "*",
  };
  const alarms = {
    Sid: "Alarms",
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
    Resource: "*",
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [owner, alarms] });
  return { id, state: "Enabled", policy, ...(alias === undefined ? {} : { alias }) };
}

function seedTopic(name: string, keyId: string | null, home: Home): TopicRecord {
  const plain = plainTopic(name, home);
  const own = JSON.parse(plain.policy) as { readonly Statement: readonly unknown[] }; // ours, from just now
  const alarms = {
    Sid: "Alarms",
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "SNS:Publish",
    Resource: `arn:aws:sns:${home.region}:${home.accountId}:${name}`,
    Condition: { StringEquals: { "aws:SourceAccount": home.accountId } },
  };
  return { ...plain, policy: JSON.stringify({ ...own, Statement: [...own.Statement, alarms] }), keyId };
}

function seedSubscriptions({ name, subscriptions }: TopicPolicy, orderedAt: string): readonly SubscriptionRecord[] {
  return subscriptions.map(({ protocol, endpoint }) => ({
    id: uuid(name, protocol, endpoint),
    topic: name,
    protocol,
    endpoint,
    orderedAt,
    isConfirmed: true,
    attributes: {},
  }));
}
