/** The Simple Notification Service: topics. */
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import type { TopicPermission } from "../../ports/aws.ts";
import type { ClientSettings, Service } from "./client.ts";

export function openSns(settings: ClientSettings): Service<TopicPermission> {
  const client = new SNSClient(settings);
  return {
    ask: ({ kind, topicArn }, abortSignal) => {
      const input = { TopicArn: topicArn };
      switch (kind) {
        case "sns:GetTopicAttributes":
          return client.send(new GetTopicAttributesCommand(input), { abortSignal });
        case "sns:ListSubscriptionsByTopic":
          return client.send(new ListSubscriptionsByTopicCommand(input), { abortSignal });
      }
    },
    close: () => client.destroy(),
  };
}
