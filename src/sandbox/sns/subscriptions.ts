/** Subscriptions: ordered, confirmed by a human, filtered, ended. */
import { type AwsAsk, type Done, pageAfter, refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { uuid } from "../ids.ts";
import { type AwsState, at, type SubscriptionRecord, UNCONFIRMED_MS } from "../watch.ts";
import { entries, findTopic, invalid, topicArn } from "./topics.ts";

/** Those whose owner must say yes first. */
const CONFIRMED_BY_HAND = ["email", "email-json", "http", "https"];
const FORMS: Readonly<Record<string, RegExp>> = {
  email: /^[^\s@]+@[^\s@]+$/,
  "email-json": /^[^\s@]+@[^\s@]+$/,
  http: /^http:\/\/./,
  https: /^https:\/\/./,
  sms: /^\+?[\d-]{7,20}$/,
  sqs: /^arn:aws:sqs:/,
  lambda: /^arn:aws:lambda:/,
};
const ATTRIBUTES = ["FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"];
const PAGE = 100;

export function listSubscriptionsByTopic({ aws, input }: AwsAsk): Done | Refusal {
  const topic = findTopic(aws, input["TopicArn"]);
  if ("code" in topic) return topic;
  const ours = aws.subscriptions.filter((one) => one.topic === topic.name);
  const paged = pageAfter(ours, input["NextToken"], PAGE);
  if (paged === null) return invalid("The NextToken is none of this sandbox.");
  const member = paged.page.map((one) => ({
    TopicArn: topicArn(one.topic, aws),
    SubscriptionArn: one.isConfirmed ? arnOf(one, aws) : "PendingConfirmation",
    Owner: aws.accountId,
    Protocol: one.protocol,
    Endpoint: one.endpoint,
  }));
  return { result: { Subscriptions: { member }, NextToken: paged.next } };
}

export function getSubscriptionAttributes({ aws, input }: AwsAsk): Done | Refusal {
  const one = findSubscription(aws, input["SubscriptionArn"]);
  if ("code" in one) return one;
  const attributes = {
    SubscriptionArn: arnOf(one, aws),
    TopicArn: topicArn(one.topic, aws),
    Owner: aws.accountId,
    SubscriptionPrincipal: `arn:aws:iam::${aws.accountId}:user/sandbox`,
    Protocol: one.protocol,
    Endpoint: one.endpoint,
    ConfirmationWasAuthenticated: String(one.isConfirmed),
    PendingConfirmation: String(!one.isConfirmed),
    RawMessageDelivery: "false",
    ...one.attributes,
    ...("FilterPolicy" in one.attributes && !("FilterPolicyScope" in one.attributes)
      ? { FilterPolicyScope: "MessageAttributes" }
      : {}),
  };
  return { result: { Attributes: entries(attributes) } };
}

/** The same order again is answered as the first one was; one that nobody has confirmed yet counts from now. */
export function subscribe({ aws, nowMs, input }: AwsAsk): Done | Refusal {
  const topic = findTopic(aws, input["TopicArn"]);
  if ("code" in topic) return topic;
  const protocol = String(input["Protocol"] ?? "");
  const endpoint = String(input["Endpoint"] ?? "");
  const form = Object.hasOwn(FORMS, protocol) ? FORMS[protocol] : undefined;
  if (form === undefined) return invalid(`Invalid parameter: there is no protocol ${protocol}.`);
  if (!form.test(endpoint)) return invalid(`Invalid parameter: the endpoint is none of ${protocol}.`);
  const attributes = attributesOf(input);
  if (attributes === null) return invalid("Invalid parameter: an attribute that the sandbox does not know.");
  const there = aws.subscriptions.find(
    (one) => one.topic === topic.name && one.protocol === protocol && one.endpoint === endpoint,
  );
  const one: SubscriptionRecord = {
    id: there?.id ?? uuid(topic.name, protocol, endpoint, String(nowMs)),
    topic: topic.name,
    protocol,
    endpoint,
    orderedAt: there?.isConfirmed === true ? there.orderedAt : at(nowMs),
    isConfirmed: there?.isConfirmed ?? !needsConfirmation(protocol, endpoint, aws),
    attributes: there?.attributes ?? attributes,
  };
  const others = aws.subscriptions.filter(({ id }) => id !== one.id);
  const isShown = one.isConfirmed || input["ReturnSubscriptionArn"] === "true";
  return {
    result: { SubscriptionArn: isShown ? arnOf(one, aws) : "pending confirmation" },
    aws: { ...aws, subscriptions: [...others, one] },
  };
}

/** Pending ones go by themselves: https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html */
export function unsubscribe({ aws, input }: AwsAsk): Done | Refusal {
  const arn = input["SubscriptionArn"];
  if (typeof arn !== "string" || !arn.startsWith("arn:aws:sns:")) return invalid("Invalid parameter: SubscriptionArn.");
  const one = findSubscription(aws, arn);
  if ("code" in one) return { result: {} };
  if (!one.isConfirmed) return invalid("Invalid parameter: a subscription that is not confirmed cannot be ended.");
  return { result: {}, aws: { ...aws, subscriptions: aws.subscriptions.filter(({ id }) => id !== one.id) } };
}

/** What a human does who clicks the link in a mail. */
export function confirmed(aws: AwsState, endpoint: string): AwsState {
  const subscriptions = aws.subscriptions.map((one) =>
    one.endpoint === endpoint && !one.isConfirmed ? { ...one, isConfirmed: true } : one,
  );
  return { ...aws, subscriptions };
}

/** The same when none had to go. */
export function withoutForgotten(aws: AwsState, nowMs: number): AwsState {
  const since = at(nowMs - UNCONFIRMED_MS);
  const kept = aws.subscriptions.filter(({ isConfirmed, orderedAt }) => isConfirmed || orderedAt > since);
  return kept.length === aws.subscriptions.length ? aws : { ...aws, subscriptions: kept };
}

function needsConfirmation(protocol: string, endpoint: string, { accountId }: AwsState): boolean {
  if (CONFIRMED_BY_HAND.includes(protocol)) return true;
  return endpoint.startsWith("arn:") && endpoint.split(":")[4] !== accountId;
}

function findSubscription(aws: AwsState, arn: unknown): SubscriptionRecord | Refusal {
  const one = aws.subscriptions.find((candidate) => arnOf(candidate, aws) === arn);
  return one ?? refusal("NotFound", "Subscription does not exist", 404);
}

function arnOf({ topic, id }: SubscriptionRecord, aws: AwsState): string {
  return `${topicArn(topic, aws)}:${id}`;
}

/** `Attributes.entry.1.key` and `.value`; null: there is one that is not known. */
function attributesOf(input: AwsAsk["input"]): Readonly<Record<string, string>> | null {
  const names = Object.keys(input).filter((field) => /^Attributes\.entry\.\d+\.key$/.test(field));
  if (names.some((field) => !ATTRIBUTES.includes(String(input[field])))) return null;
  return Object.fromEntries(
    names.map((field) => [String(input[field]), String(input[field.replace(/key$/, "value")] ?? "")]),
  );
}
