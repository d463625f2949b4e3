/** The operations of SNS that the sandbox serves. https://docs.aws.amazon.com/sns/latest/api/API_Operations.html */
import type { AwsOperation, AwsOperations, ServiceNames } from "../aws-call.ts";
import { publish } from "./publish.ts";
import { getSubscriptionAttributes, listSubscriptionsByTopic, subscribe, unsubscribe } from "./subscriptions.ts";
import {
  createTopic,
  getTopicAttributes,
  listTags,
  listTopics,
  setTopicAttributes,
  tagResource,
  untagResource,
} from "./topics.ts";

const OPERATIONS: AwsOperations = {
  GetTopicAttributes: reads(getTopicAttributes, "TopicArn"),
  ListTopics: reads(listTopics, "NextToken"),
  ListSubscriptionsByTopic: reads(listSubscriptionsByTopic, "TopicArn NextToken"),
  GetSubscriptionAttributes: reads(getSubscriptionAttributes, "SubscriptionArn"),
  ListTagsForResource: reads(listTags, "ResourceArn"),
  GetSMSSandboxAccountStatus: reads(({ aws }) => ({ result: { IsInSandbox: aws.isInSmsSandbox } }), ""),
  CreateTopic: changes(createTopic, "Name"),
  SetTopicAttributes: changes(setTopicAttributes, "TopicArn AttributeName AttributeValue"),
  TagResource: changes(tagResource, "ResourceArn Tags"),
  UntagResource: changes(untagResource, "ResourceArn TagKeys"),
  Subscribe: changes(subscribe, "TopicArn Protocol Endpoint Attributes ReturnSubscriptionArn"),
  Unsubscribe: changes(unsubscribe, "SubscriptionArn"),
  Publish: changes(publish, "TopicArn Message Subject"),
};

export const SNS: ServiceNames = {
  prefix: "sns",
  operations: OPERATIONS,
  unknownOperation: "InvalidAction",
  forbidden: "AuthorizationError",
  badField: "InvalidParameter",
};

function reads(carryOut: AwsOperation["carryOut"], fields: string): AwsOperation {
  return { changes: false, fields: fields.split(" "), carryOut };
}

function changes(carryOut: AwsOperation["carryOut"], fields: string): AwsOperation {
  return { changes: true, fields: fields.split(" "), carryOut };
}
