/** What watches and whom it tells, as plain data: alarms and alerts, topics and their subscriptions, keys. Instants have milliseconds here. */
import { HOUR_MS } from "../core/duration.ts";
import { defaultTopicPolicy } from "./access.ts";

/** Everything of AWS that a state file holds; S3 keeps its own. */
export interface AwsState extends Watch {
  readonly accountId: string;
  readonly region: string;
  readonly keys: readonly KeyRecord[];
}

export interface Watch {
  readonly alarms: readonly AlarmRecord[];
  /** So many more alarms, which are made up when somebody asks; null: none. */
  readonly extras: ExtraAlarms | null;
  /** Newest first. */
  readonly history: readonly HistoryRecord[];
  readonly muteRules: readonly MuteRuleRecord[];
  /** Those that report datapoints; every other one is silent. */
  readonly metrics: readonly MetricRecord[];
  /** Datapoints that somebody has sent. */
  readonly points: readonly PointRecord[];
  readonly topics: readonly TopicRecord[];
  readonly subscriptions: readonly SubscriptionRecord[];
  /** Whether SMS reach verified numbers only. */
  readonly isInSmsSandbox: boolean;
}

export const NO_WATCH: Watch = {
  alarms: [],
  extras: null,
  history: [],
  muteRules: [],
  metrics: [],
  points: [],
  topics: [],
  subscriptions: [],
  isInSmsSandbox: false,
};

/** A request or an answer of CloudWatch, as JSON has it. */
export type Words = Readonly<Record<string, unknown>>;

type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface AlarmRecord {
  readonly kind: "metric" | "composite" | "log";
  readonly name: string;
  /** All that was asked for, in CloudWatch's words, but for the name. */
  readonly words: Words;
  readonly configuredAt: string;
  readonly state: AlarmState;
  readonly reason: string;
  /** JSON; null: none was given. */
  readonly reasonData: string | null;
  readonly stateAt: string;
  /** What an evaluation makes of it, and when the next one changes anything; null: it is so already. */
  readonly settlesAs: AlarmState;
  readonly settlesAt: string | null;
}

export interface ExtraAlarms {
  readonly count: number;
  readonly prefix: string;
  readonly createdAt: string;
  /** Names of those that were deleted. */
  readonly gone: readonly string[];
}

export interface HistoryRecord {
  readonly alarm: string;
  readonly alarmKind: AlarmRecord["kind"];
  readonly at: string;
  readonly kind: "Action" | "StateUpdate" | "ConfigurationUpdate";
  readonly summary: string;
  /** JSON. */
  readonly data: string;
}

export interface MuteRuleRecord {
  readonly name: string;
  readonly alarmNames: readonly string[];
  /** When it mutes, in CloudWatch's words, and for how long. */
  readonly expression: string;
  readonly duration: string;
  readonly status: "ACTIVE" | "SCHEDULED" | "EXPIRED";
  readonly updatedAt: string;
}

export interface MetricRecord {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** One value of a metric, and when it was. */
export interface PointRecord extends MetricRecord {
  readonly at: string;
  readonly value: number;
}

export interface TopicRecord {
  readonly name: string;
  /** JSON. */
  readonly policy: string;
  /** null: nothing encrypts it. */
  readonly keyId: string | null;
  readonly displayName: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Messages that it has accepted. */
  readonly published: number;
}

export interface SubscriptionRecord {
  /** The last part of its ARN. */
  readonly id: string;
  readonly topic: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly orderedAt: string;
  readonly isConfirmed: boolean;
  /** As they were set: FilterPolicy, RawMessageDelivery and the like. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface KeyRecord {
  readonly id: string;
  /** Without `alias/`; absent: it has none. */
  readonly alias?: string;
  readonly state: "Enabled" | "Disabled" | "PendingDeletion";
  /** When it goes for good. */
  readonly deletionAt?: string;
  /** JSON; absent: whatever IAM allows in the account. */
  readonly policy?: string;
  /** Absent: the customer's. */
  readonly isManagedByAws?: boolean;
}

/** An alert configuration of Atlas; `words` are its own, as they were sent. */
export interface AlertRecord {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly words: Words;
  readonly notifications: readonly NotificationRecord[];
}

/** With its secrets. */
export type NotificationRecord = Words & { readonly notifierId: string };

/** What the Atlas project is connected to, with its secrets. */
export interface IntegrationRecord {
  readonly id: string;
  readonly type: string;
  readonly words: Words;
}

/** A topic as one is made, which lets everybody of its account publish, CloudWatch's alarms among them. */
export function plainTopic(name: string, home: Pick<AwsState, "accountId" | "region">): TopicRecord {
  return { name, policy: defaultTopicPolicy(name, home), keyId: null, displayName: "", tags: {}, published: 0 };
}

/** SNS forgets what nobody confirms: https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html */
export const UNCONFIRMED_MS = 48 * HOUR_MS;

export function at(ms: number): string {
  return new Date(ms).toISOString();
}
