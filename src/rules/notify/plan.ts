/**
 * The plan that brings topics, and who hears them, to the policy. What creates and subscribes only adds; the policy and
 * the key of a topic that is there, and taking somebody out, need the topic's name: what of an endpoint may be printed
 * need not tell it from others.
 */
import type { Plan, PlannedStep } from "../../core/change.ts";
import type { Finding } from "../../core/report.ts";
import type { Endpoint } from "../../ports/sns.ts";
import { parsePolicy } from "./admits.ts";
import { endpointKey, shownEndpoint } from "./endpoint.ts";
import type { SubscriptionFacts } from "./facts.ts";
import { isKey } from "./key.ts";
import { type NotifyFacts, type TopicToBe, topicsToBe } from "./plan-facts.ts";
import { notifyPreconditions } from "./plan-preconditions.ts";
import { admissions, admitsAll, withOurs } from "./statement.ts";
import { CONFIRMATION_HOURS, isOverdue, withoutEchoes } from "./subscriptions.ts";
import { ofTopic } from "./topics.ts";
import { ways } from "./ways.ts";

export type NotifyStep = PlannedStep & { readonly topicArn: string } & (
    | { readonly kind: "create-topic"; readonly name: string }
    | { readonly kind: "set-key"; readonly keyId: string }
    /** The whole policy, a JSON text. */
    | { readonly kind: "set-policy"; readonly policy: string }
    | { readonly kind: "subscribe"; readonly endpoint: Endpoint }
    | { readonly kind: "unsubscribe"; readonly subscriptionArn: string }
  );

export function planNotify(facts: NotifyFacts): Plan<NotifyStep> {
  const topics = topicsToBe(facts);
  return {
    preconditions: [...topics.flatMap(notifyPreconditions), ...leftBroken(facts)],
    steps: topics.flatMap(stepsOf),
  };
}

/** What no step mends, for the policy says nothing of it: only a person can know whether it is meant so. */
const NOT_MENDED: readonly string[] = ["notify/filter", "notify/endpoint"];

function leftBroken(facts: NotifyFacts): readonly Finding[] {
  return ways(facts)
    .findings.filter(({ check, status }) => status === "fail" && NOT_MENDED.includes(check))
    .map((finding) => ({ ...finding, status: "warn", message: `this stays as it is: ${finding.message}` }));
}

function stepsOf(toBe: TopicToBe): readonly NotifyStep[] {
  const { topic, facts } = toBe;
  if (!topic.topic.known) return [];
  if (topic.topic.value === null) return [creation(toBe), ...keySteps(toBe), ...subscribeSteps(toBe)];
  return [
    ...keySteps(toBe),
    ...policySteps(toBe),
    ...subscribeSteps(toBe),
    ...(facts.prune ? unsubscribeSteps(toBe) : []),
  ];
}

function baseOf({ topic }: TopicToBe) {
  return { subject: `topic/${topic.name}`, topicArn: topic.arn };
}

function creation(toBe: TopicToBe): NotifyStep {
  const { topic, facts } = toBe;
  const source = facts.sourceOf(topic.name, "name");
  return {
    ...baseOf(toBe),
    kind: "create-topic",
    name: topic.name,
    summary: `create topic ${topic.name}`,
    confirm: null,
    differences: [{ setting: "topic", source, wanted: topic.name, live: "none", effect: "adds" }],
  };
}

function keySteps(toBe: TopicToBe): readonly NotifyStep[] {
  const { topic, declared, facts } = toBe;
  const { encryption } = declared;
  if (encryption === undefined || usesKey(toBe, encryption)) return [];
  const before = ofTopic(topic, ({ keyId }) => keyId);
  const live = before.known ? (before.value ?? "none") : "none";
  const isThere = topic.topic.known && topic.topic.value !== null;
  return [
    {
      ...baseOf(toBe),
      kind: "set-key",
      keyId: encryption,
      summary: `encrypt topic ${topic.name} with ${encryption}`,
      confirm: isThere ? topic.name : null,
      differences: [
        {
          setting: "encryption",
          source: facts.sourceOf(topic.name, "encryption"),
          wanted: encryption,
          live,
          effect: live === "none" ? "tightens" : "changes",
        },
      ],
    },
  ];
}

function usesKey({ topic }: TopicToBe, encryption: string): boolean {
  const live = ofTopic(topic, ({ keyId }) => keyId);
  return live.known && live.value !== null && isKey(live.value, topic.key, encryption, topic.wantedKey) === "yes";
}

function policySteps(toBe: TopicToBe): readonly NotifyStep[] {
  const { topic, users, facts } = toBe;
  const text = ofTopic(topic, ({ policy }) => policy);
  const document = text.known ? parsePolicy(text.value) : null;
  if (document === null || admitsAll(admissions(document, topic.arn, users, facts.home)) !== "no") return [];
  const mended = withOurs(document, topic.arn, facts.home);
  if (admitsAll(admissions(mended, topic.arn, users, facts.home)) === "no") return [];
  return [
    {
      ...baseOf(toBe),
      kind: "set-policy",
      policy: JSON.stringify(mended.document),
      summary: `let CloudWatch publish to topic ${topic.name}: one statement more, the others stay`,
      confirm: topic.name,
      differences: [
        {
          setting: "topic policy",
          source: null,
          wanted: "admits CloudWatch with alarms of this account",
          live: "does not admit it",
          effect: "adds",
          because: "SNS would refuse every alarm",
        },
      ],
    },
  ];
}

function subscribeSteps(toBe: TopicToBe): readonly NotifyStep[] {
  const { topic, declared, facts } = toBe;
  const live = liveOf(toBe);
  if (live === null) return [];
  const byKey = new Map(live.map((subscription) => [endpointKey(subscription), subscription]));
  return declared.subscriptions.flatMap((endpoint, index): readonly NotifyStep[] => {
    const before = byKey.get(endpointKey(endpoint));
    if (before !== undefined && !isForgotten(before, facts.observedAt)) return [];
    const shown = shownEndpoint(endpoint);
    return [
      {
        ...baseOf(toBe),
        kind: "subscribe",
        endpoint,
        summary: `subscribe ${shown} to topic ${topic.name}`,
        confirm: null,
        differences: [
          {
            setting: `subscription of ${shown}`,
            source: facts.sourceOf(topic.name, `subscriptions[${index}]`),
            wanted: "subscribed",
            live: before === undefined ? "none" : `never confirmed in ${CONFIRMATION_HOURS} h`,
            effect: "adds",
          },
        ],
        ...(MUST_CONFIRM.has(endpoint.protocol)
          ? { details: [{ label: "then", value: `who hears it must confirm it within ${CONFIRMATION_HOURS} h` }] }
          : {}),
      },
    ];
  });
}

const MUST_CONFIRM = new Set(["email", "email-json", "http", "https"]);

/** Ordered so long ago that only a new order can be confirmed. */
function isForgotten({ arn, orderedAt }: SubscriptionFacts, observedAt: Date): boolean {
  return arn.known && arn.value === null && orderedAt !== null && isOverdue(orderedAt, observedAt);
}

/** What nobody has confirmed SNS does not let anybody take out: it goes by itself. */
function unsubscribeSteps(toBe: TopicToBe): readonly NotifyStep[] {
  const { topic, declared } = toBe;
  const wanted = new Set(declared.subscriptions.map(endpointKey));
  const undeclared = (liveOf(toBe) ?? NOBODY).filter((subscription) => !wanted.has(endpointKey(subscription)));
  return undeclared.flatMap((subscription): readonly NotifyStep[] => {
    if (!subscription.arn.known || subscription.arn.value === null) return [];
    const shown = shownEndpoint(subscription);
    return [
      {
        ...baseOf(toBe),
        kind: "unsubscribe",
        subscriptionArn: subscription.arn.value,
        summary: `take ${shown} out of topic ${topic.name}`,
        confirm: topic.name,
        differences: [
          { setting: `subscription of ${shown}`, source: null, wanted: "none", live: "subscribed", effect: "loosens" },
        ],
      },
    ];
  });
}

const NOBODY: readonly SubscriptionFacts[] = [];

/** null: they cannot be read. */
function liveOf({ topic }: TopicToBe): readonly SubscriptionFacts[] | null {
  if (topic.topic.known && topic.topic.value === null) return NOBODY;
  return topic.subscriptions.known ? withoutEchoes(topic.subscriptions.value) : null;
}
