/** What is known of the ways on which an alarm reaches a person. */
import type { OpsError } from "../../core/error.ts";
import type { Observed } from "../../core/observed.ts";
import type { TopicPolicy } from "../../policy/schema.ts";
import type { AlarmSettings, Seen } from "../../ports/cloudwatch.ts";
import type { KeyState } from "../../ports/keys.ts";
import type { Subscription, SubscriptionSettings, Topic } from "../../ports/sns.ts";

/** The account and region in which alarms and topics must be. */
export interface Home {
  /** `aws`, or that of China or the American government. */
  readonly partition: string;
  readonly accountId: string;
  readonly region: string;
}

/** A topic that the policy declares, or that a live alarm of ours points at. */
export interface TopicFacts {
  readonly arn: string;
  readonly name: string;
  /** null: the policy does not declare it. */
  readonly declared: TopicPolicy | null;
  /** null: it does not exist. */
  readonly topic: Observed<Topic | null>;
  readonly subscriptions: Observed<readonly SubscriptionFacts[]>;
  /** null: nothing encrypts it. */
  readonly key: Observed<KeyFacts | null>;
  /** The key that the policy names; null: it names none. */
  readonly wantedKey: KeyFacts | null;
  /** Whether SMS reach verified numbers only; null: no subscription is one of SMS. */
  readonly smsSandbox: Observed<boolean> | null;
}

export interface SubscriptionFacts extends Subscription {
  /** null: it is not confirmed, so there are none. */
  readonly settings: Observed<SubscriptionSettings | null>;
  /** When it was ordered, where that was written down beside the topic; null: nobody knows. Of unconfirmed ones alone. */
  readonly orderedAt: Date | null;
}

export interface KeyFacts {
  readonly key: Observed<KeyState>;
  /** A JSON text. */
  readonly policy: Observed<string>;
}

/** What of an alarm counts on its way. */
export interface AlarmOnItsWay {
  readonly name: string;
  readonly arn: string;
  readonly severity: "critical" | "warning";
  /** ARNs of the topics that the policy wants to hear it. */
  readonly wanted: readonly string[];
  /** The live ones, as far as they can be read. */
  readonly settings: Seen<AlarmSettings>;
}

/** A declared alarm whose way begins nowhere: it is not there, or could not be read. */
export interface UnseenAlarm extends Pick<AlarmOnItsWay, "name" | "severity"> {
  readonly reason: OpsError;
}

/** The JSON that CloudWatch publishes, but for what only the moment can tell (times, the reason). */
export type AlarmMessage = Readonly<Record<string, unknown>>;

export interface WayFacts {
  readonly observedAt: Date;
  readonly home: Home;
  readonly alarms: readonly AlarmOnItsWay[];
  readonly unseen: readonly UnseenAlarm[];
  /** By ARN: all that any alarm points at, and all that the policy declares. */
  readonly topics: ReadonlyMap<string, TopicFacts>;
}
