/** The real SNS behind the port: topics, who subscribes to them, and what is published. Endpoints stand in no message. */
import {
  CreateTopicCommand,
  GetSMSSandboxAccountStatusCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import * as z from "zod/mini";
import type { Clock } from "../../core/clock.ts";
import type { Sns, Subscription } from "../../ports/sns.ts";
import { BEFORE_READING, takeBody } from "./body.ts";
import type { ClientSettings } from "./client.ts";
import { type Link, linkTo, pagesOf, type Sender } from "./link.ts";
import type { AwsConnection } from "./settings.ts";
import * as wire from "./topics-wire.ts";

/** One of the SDK's, whose types know no "any of them". */
interface Command {
  readonly input: object;
}

type AnyCommand = Parameters<SNSClient["send"]>[0];

/** Nothing is read or sent before the first call. */
export function connectSns(connection: AwsConnection, clock: Clock): Sns {
  const link = linkTo(connection, clock, openClient);
  return { ...topicReads(link), ...topicWrites(link), ...subscriptionWrites(link), close: link.close };
}

function openClient(settings: ClientSettings): Sender<Command> {
  const client = new SNSClient(settings);
  const received = new WeakMap<object, string>();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const text = await takeBody(result.response, (whole) => whole);
      if (text !== undefined) received.set(args.input, text);
      return result;
    },
    BEFORE_READING,
  );
  return {
    send: async (command, options) => {
      const answer = await client.send(command as AnyCommand, options); // see Command
      return { ...answer, xml: received.get(command.input) };
    },
    destroy: () => client.destroy(),
  };
}

type Reads = Pick<Sns, "getTopic" | "listSubscriptions" | "getSubscription" | "topicTags" | "isInSmsSandbox">;

function topicReads(link: Link<Command>): Reads {
  return {
    getTopic: (TopicArn) => {
      const call = { name: `sns:GetTopicAttributes on ${TopicArn}` };
      return link.read(call, new GetTopicAttributesCommand({ TopicArn }), wire.topic(TopicArn));
    },
    listSubscriptions: async (TopicArn) => {
      const name = `sns:ListSubscriptionsByTopic on ${TopicArn}`;
      const subscriptions: Subscription[] = [];
      for await (const page of pagesOf(name, (NextToken) =>
        link.read(
          { name },
          new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }),
          wire.subscriptionsPage(TopicArn),
        ),
      ))
        subscriptions.push(...page);
      return subscriptions;
    },
    getSubscription: (SubscriptionArn) => {
      const call = { name: `sns:GetSubscriptionAttributes on ${SubscriptionArn}` };
      return link.read(
        call,
        new GetSubscriptionAttributesCommand({ SubscriptionArn }),
        wire.subscription(SubscriptionArn),
      );
    },
    topicTags: (ResourceArn) => {
      const call = { name: `sns:ListTagsForResource on ${ResourceArn}` };
      return link.read(call, new ListTagsForResourceCommand({ ResourceArn }), wire.tags);
    },
    isInSmsSandbox: () =>
      link.read({ name: "sns:GetSMSSandboxAccountStatus" }, new GetSMSSandboxAccountStatusCommand({}), wire.smsSandbox),
  };
}

type TopicWrites = Pick<Sns, "createTopic" | "setTopicPolicy" | "setTopicKey" | "tagTopic">;

function topicWrites(link: Link<Command>): TopicWrites {
  const setAttribute = async (TopicArn: string, AttributeName: string, AttributeValue: string) => {
    const command = new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue });
    await link.write({ name: `sns:SetTopicAttributes (${AttributeName}) on ${TopicArn}` }, command, z.unknown());
  };
  return {
    createTopic: (Name) =>
      link.write({ name: `sns:CreateTopic of ${Name}` }, new CreateTopicCommand({ Name }), wire.created(Name)),
    setTopicPolicy: (topicArn, policy) => setAttribute(topicArn, "Policy", policy),
    setTopicKey: (topicArn, keyId) => setAttribute(topicArn, "KmsMasterKeyId", keyId ?? ""),
    tagTopic: async (ResourceArn, tags) => {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const command = new TagResourceCommand({ ResourceArn, Tags });
      await link.write({ name: `sns:TagResource on ${ResourceArn}` }, command, z.unknown());
    },
  };
}

function subscriptionWrites(link: Link<Command>): Pick<Sns, "subscribe" | "unsubscribe" | "publish"> {
  return {
    subscribe: (TopicArn, { protocol, endpoint }) => {
      const command = new SubscribeCommand({ TopicArn, Protocol: protocol, Endpoint: endpoint });
      return link.write({ name: `sns:Subscribe (${protocol}) on ${TopicArn}` }, command, wire.subscribed);
    },
    unsubscribe: async (SubscriptionArn) => {
      const command = new UnsubscribeCommand({ SubscriptionArn });
      await link.write({ name: `sns:Unsubscribe on ${SubscriptionArn}` }, command, z.unknown());
    },
    publish: (TopicArn, { subject, body }) => {
      const command = new PublishCommand({ TopicArn, Subject: subject, Message: body });
      return link.write({ name: `sns:Publish on ${TopicArn}` }, command, wire.published);
    },
  };
}
