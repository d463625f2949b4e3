/** Topics: what they are set to, and their tags. */
import { type AwsAsk, type Done, pageAfter, refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { type AwsState, plainTopic, type TopicRecord } from "../watch.ts";

export function topicArn(name: string, { region, accountId }: Pick<AwsState, "region" | "accountId">): string {
  return `arn:aws:sns:${region}:${accountId}:${name}`;
}

export function invalid(message: string): Refusal {
  return refusal("InvalidParameter", message);
}

/** The topic of an ARN, or why there is none. */
export function findTopic(aws: AwsState, arn: unknown): TopicRecord | Refusal {
  const home = topicArn("", aws);
  if (typeof arn !== "string" || !arn.startsWith(home)) return invalid(`The topic is not one of ${home}*.`);
  const found = aws.topics.find(({ name }) => name === arn.slice(home.length));
  return found ?? refusal("NotFound", "There is no such topic.", 404);
}

export function withTopic(aws: AwsState, topic: TopicRecord): AwsState {
  const others = aws.topics.filter(({ name }) => name !== topic.name);
  return { ...aws, topics: [...others, topic].toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

export function getTopicAttributes({ aws, input }: AwsAsk): Done | Refusal {
  const topic = findTopic(aws, input["TopicArn"]);
  if ("code" in topic) return topic;
  const ours = aws.subscriptions.filter((one) => one.topic === topic.name);
  const confirmed = ours.filter(({ isConfirmed }) => isConfirmed).length;
  const attributes = {
    TopicArn: topicArn(topic.name, aws),
    Owner: aws.accountId,
    Policy: topic.policy,
    DisplayName: topic.displayName,
    SubscriptionsConfirmed: confirmed,
    SubscriptionsPending: ours.length - confirmed,
    SubscriptionsDeleted: 0,
    ...(topic.keyId === null ? {} : { KmsMasterKeyId: topic.keyId }),
  };
  return { result: { Attributes: entries(attributes) } };
}

/** A map as the query protocol has it. */
export function entries(attributes: Readonly<Record<string, string | number>>) {
  return { entry: Object.entries(attributes).map(([key, value]) => ({ key, value })) };
}

const PAGE = 100;

export function listTopics({ aws, input }: AwsAsk): Done | Refusal {
  const paged = pageAfter(aws.topics, input["NextToken"], PAGE);
  if (paged === null) return invalid("The NextToken is none of this sandbox.");
  const member = paged.page.map(({ name }) => ({ TopicArn: topicArn(name, aws) }));
  return { result: { Topics: { member }, NextToken: paged.next } };
}

/** One that is there already is as it was: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export function createTopic({ aws, input }: AwsAsk): Done | Refusal {
  const name = String(input["Name"] ?? "");
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) return invalid("Name must be letters, digits, dashes and underscores.");
  const result = { TopicArn: topicArn(name, aws) };
  if (aws.topics.some((topic) => topic.name === name)) return { result };
  return { result, aws: withTopic(aws, plainTopic(name, aws)) };
}

export function setTopicAttributes({ aws, input }: AwsAsk): Done | Refusal {
  const topic = findTopic(aws, input["TopicArn"]);
  if ("code" in topic) return topic;
  const value = String(input["AttributeValue"] ?? "");
  switch (input["AttributeName"]) {
    case "Policy":
      return isPolicy(value)
        ? { result: {}, aws: withTopic(aws, { ...topic, policy: value }) }
        : invalid("Invalid parameter: Policy must be a policy in JSON.");
    case "KmsMasterKeyId":
      return { result: {}, aws: withTopic(aws, { ...topic, keyId: value || null }) };
    case "DisplayName":
      return { result: {}, aws: withTopic(aws, { ...topic, displayName: value }) };
    default: // any text at all may stand here
      return invalid(`The sandbox does not set ${input["AttributeName"]} of a topic.`);
  }
}

function isPolicy(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && "Statement" in parsed;
  } catch {
    return false;
  }
}

export function listTags({ aws, input }: AwsAsk): Done | Refusal {
  const topic = tagged(aws, input);
  if ("code" in topic) return topic;
  return { result: { Tags: { member: Object.entries(topic.tags).map(([Key, Value]) => ({ Key, Value })) } } };
}

const MAX_TAGS = 50;

export function tagResource({ aws, input }: AwsAsk): Done | Refusal {
  const topic = tagged(aws, input);
  if ("code" in topic) return topic;
  const given = membersOf(input, "Tags").map((index) => [
    String(input[`Tags.member.${index}.Key`] ?? ""),
    String(input[`Tags.member.${index}.Value`] ?? ""),
  ]);
  const bad = given.find(
    ([key = "", value = ""]) => !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) || !isTagValue(value),
  );
  if (bad !== undefined) return invalid("A tag has characters that it may not have, or too many.");
  const tags = { ...topic.tags, ...Object.fromEntries(given) };
  if (Object.keys(tags).length > MAX_TAGS) return refusal("TagLimitExceeded", `A topic has at most ${MAX_TAGS} tags.`);
  return { result: {}, aws: withTopic(aws, { ...topic, tags }) };
}

function isTagValue(value: string): boolean {
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value);
}

export function untagResource({ aws, input }: AwsAsk): Done | Refusal {
  const topic = tagged(aws, input);
  if ("code" in topic) return topic;
  const keys = membersOf(input, "TagKeys").map((index) => input[`TagKeys.member.${index}`]);
  const tags = Object.fromEntries(Object.entries(topic.tags).filter(([key]) => !keys.includes(key)));
  return { result: {}, aws: withTopic(aws, { ...topic, tags }) };
}

/** By another name here than everywhere else. */
function tagged(aws: AwsState, input: AwsAsk["input"]): TopicRecord | Refusal {
  const topic = findTopic(aws, input["ResourceArn"]);
  return "code" in topic && topic.code === "NotFound" ? { ...topic, code: "ResourceNotFound" } : topic;
}

/** The numbers of a list's members: `Tags.member.1.Key`. */
function membersOf(input: AwsAsk["input"], list: string): readonly string[] {
  const numbers = Object.keys(input).flatMap(
    (field) => new RegExp(`^${list}\\.member\\.(\\d+)`).exec(field)?.[1] ?? [],
  );
  return [...new Set(numbers)];
}
