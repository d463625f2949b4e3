/** A message from somebody of the account: SNS takes it or refuses it, and delivers nothing here. */

import { forbids } from "../access.ts";
import { type AwsAsk, type Done, refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { uuid } from "../ids.ts";
import { findKey } from "../kms.ts";
import type { AwsState, TopicRecord } from "../watch.ts";
import { findTopic, invalid, topicArn, withTopic } from "./topics.ts";

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_SUBJECT_LENGTH = 99;

export function publish({ aws, nowMs, input }: AwsAsk): Done | Refusal {
  const topic = findTopic(aws, input["TopicArn"]);
  if ("code" in topic) return topic;
  const message = String(input["Message"] ?? "");
  const subject = input["Subject"];
  if (message === "" || Buffer.byteLength(message) > MAX_MESSAGE_BYTES) return invalid("Invalid parameter: Message");
  if (subject !== undefined && !new RegExp(`^[!-~][ -~]{0,${MAX_SUBJECT_LENGTH}}$`).test(String(subject)))
    return invalid("Invalid parameter: Subject");
  const resource = topicArn(topic.name, aws);
  const principal = { account: aws.accountId };
  if (
    forbids(topic.policy, { principal, action: "SNS:Publish", resource, context: { "aws:sourceowner": aws.accountId } })
  )
    return refusal("AuthorizationError", "The policy of the topic refuses it.", 403);
  const problem = keyProblem(aws, topic);
  if (problem !== null) return problem;
  const MessageId = uuid(topic.name, String(nowMs), String(topic.published));
  return { result: { MessageId }, aws: withTopic(aws, { ...topic, published: topic.published + 1 }) };
}

function keyProblem(aws: AwsState, { keyId }: TopicRecord): Refusal | null {
  if (keyId === null) return null;
  const key = findKey(aws, keyId);
  if (key === null) return refusal("KMSNotFound", "There is no such key.");
  switch (key.state) {
    case "Enabled":
      return null;
    case "Disabled":
      return refusal("KMSDisabled", "The key is disabled.");
    case "PendingDeletion":
      return refusal("KMSInvalidState", "The key is about to be deleted.");
  }
}
