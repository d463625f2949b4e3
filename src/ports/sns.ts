import type { Observed } from "../core/observed.ts";

/** What we ask of SNS and order from it, in our own words. Failures are OpsError; a topic that is not there is `not-found`. */
export interface Sns {
  getTopic(topicArn: string): Promise<Topic>;
  /** All of them, confirmed or not. */
  listSubscriptions(topicArn: string): Promise<readonly Subscription[]>;
  /** What a confirmed subscription lets through, and how. */
  getSubscription(subscriptionArn: string): Promise<SubscriptionSettings>;
  /** Tags by key. */
  topicTags(topicArn: string): Promise<Readonly<Record<string, string>>>;
  /** Whether this account may send SMS to verified numbers only. */
  isInSmsSandbox(): Promise<boolean>;
  /** The topic of that name, made if it is not there: the same order twice is the same as once. Gives its ARN. */
  createTopic(name: string): Promise<string>;
  setTopicPolicy(topicArn: string, policy: string): Promise<void>;
  /** null: no encryption. */
  setTopicKey(topicArn: string, keyId: string | null): Promise<void>;
  tagTopic(topicArn: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** The ARN of the subscription; null while a person has yet to confirm it. */
  subscribe(topicArn: string, endpoint: Endpoint): Promise<string | null>;
  unsubscribe(subscriptionArn: string): Promise<void>;
  /** The id that SNS gives the message that it has accepted. */
  publish(topicArn: string, message: { readonly subject: string; readonly body: string }): Promise<string>;
  /** Ends open connections. */
  close(): void;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
export interface Topic {
  readonly arn: string;
  readonly ownerAccountId: Observed<string>;
  /** The access policy, a JSON text as it came. */
  readonly policy: Observed<string>;
  /** Id, ARN or alias of the key that encrypts its messages; null: none does. */
  readonly keyId: Observed<string | null>;
}

export interface Endpoint {
  /** email, sms, https and the like. */
  readonly protocol: string;
  /** Who hears it. May hold a secret: see `shownEndpoint`. */
  readonly endpoint: string;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
export interface Subscription extends Endpoint {
  /** null: nobody has confirmed it (yet). */
  readonly arn: Observed<string | null>;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html */
export interface SubscriptionSettings {
  /** SNS says so itself, whatever the list shows. */
  readonly isPending: Observed<boolean>;
  /** A JSON text; null: everything passes. */
  readonly filterPolicy: Observed<string | null>;
  readonly filterScope: Observed<"MessageAttributes" | "MessageBody">;
  /** The message alone is delivered, without SNS's envelope. */
  readonly isRaw: Observed<boolean>;
  /** Where what could not be delivered goes; null: nowhere. */
  readonly redrivePolicy: Observed<string | null>;
}
