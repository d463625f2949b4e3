/** Whether CloudWatch's alarms may publish to a topic, and read the key that encrypts it. */
import { type AccessRequest, admits, defaultKeyPolicy } from "../access.ts";
import { findKey } from "../kms.ts";
import type { AwsState, TopicRecord } from "../watch.ts";
import { topicArn } from "./topics.ts";

const CLOUDWATCH = { service: "cloudwatch.amazonaws.com" };

/**
 * In the words that the history of an alarm has for it; null: the message is taken.
 * https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
 */
export function publishProblem(aws: AwsState, target: string, alarmArn: string): string | null {
  if (!target.startsWith("arn:aws:sns:")) return null;
  const topic = aws.topics.find(({ name }) => topicArn(name, aws) === target);
  if (topic === undefined) {
    const home = topicArn("", aws);
    return target.startsWith(home) ? "Topic does not exist" : unauthorised(alarmArn, target);
  }
  const { accountId } = aws;
  const context = { "aws:sourcearn": alarmArn, "aws:sourceaccount": accountId, "aws:sourceowner": accountId };
  const request: AccessRequest = { principal: CLOUDWATCH, action: "SNS:Publish", resource: target, context };
  if (!admits(topic.policy, request)) return unauthorised(alarmArn, target);
  return isReadable(aws, topic, context) ? null : KEY_PROBLEM;
}

const KEY_PROBLEM = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key.";

function unauthorised(alarmArn: string, target: string): string {
  return `Resource: ${alarmArn} is not authorized to perform: SNS:Publish on resource: ${target}`;
}

function isReadable(aws: AwsState, topic: TopicRecord, context: AccessRequest["context"]): boolean {
  if (topic.keyId === null) return true;
  const key = findKey(aws, topic.keyId);
  if (key === null || key.isManagedByAws === true || key.state !== "Enabled") return false;
  const more = {
    "kms:viaservice": `sns.${aws.region}.amazonaws.com`,
    "kms:encryptioncontext:aws:sns:topicarn": topicArn(topic.name, aws),
  };
  return ["kms:Decrypt", "kms:GenerateDataKey"].every((action) =>
    admits(key.policy ?? defaultKeyPolicy(aws), {
      principal: CLOUDWATCH,
      action,
      resource: `arn:aws:kms:${aws.region}:${aws.accountId}:key/${key.id}`,
      context: { ...context, ...more },
    }),
  );
}
