import type { Observed } from "../core/observed.ts";

/**
 * What we ask of CloudWatch and order from it, in our own words. A field of a live alarm is `Observed`: an answer that lacks it, has it in
 * another type, or holds a value that we do not know, leaves that field not known and the rest readable. Failures are OpsError.
 */
export interface CloudWatch {
  /** Alarms of every kind (or only the composite ones) whose names begin with `prefix`, a page at a time: whole, or it throws. */
  alarmPages(prefix: string, kinds: "all" | "composite"): AsyncIterable<readonly LiveAlarm[]>;
  /** Those that exist of the names given, of every kind. */
  alarmsByName(names: readonly string[]): Promise<readonly LiveAlarm[]>;
  /** Rules that are in force now or will be, each with the alarms that it mutes. */
  listMuteRules(): Promise<readonly MuteRule[]>;
  /** For each metric whether it has reported a datapoint since; in as few calls as the service allows. */
  reportedSince(metrics: readonly MetricOf[], since: Date): Promise<readonly boolean[]>;
  /** The datapoints of each statistic, oldest first; one that CloudWatch gives in part alone is not known. In as few calls as the service allows. */
  datapoints(stats: readonly MetricStat[], window: Window): Promise<readonly Observed<readonly Datapoint[]>[]>;
  /** What happened to an alarm since, newest first. */
  listHistory(alarmName: string, since: Date): Promise<readonly AlarmEvent[]>;
  /** Creates the alarm, or replaces it whole: its state stays. The same order twice is the same as once. */
  putAlarm(order: AlarmOrder): Promise<void>;
  deleteAlarm(name: string): Promise<void>;
  /** As of now. What is sent twice is counted twice. */
  putMetrics(namespace: string, values: readonly MetricValue[]): Promise<void>;
  /** Until the next evaluation sets it again. */
  setAlarmState(name: string, state: AlarmState, reason: StateReason): Promise<void>;
  /** Ends open connections. */
  close(): void;
}

export const ALARM_STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export type AlarmState = (typeof ALARM_STATES)[number];
export const COMPARISONS = [
  "GreaterThanThreshold",
  "GreaterThanOrEqualToThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
] as const;
/** `other`: a band of anomaly detection, which has no threshold of its own. */
export type Comparison = (typeof COMPARISONS)[number] | "other";
export const MISSING_DATA = ["missing", "notBreaching", "breaching", "ignore"] as const;
export type MissingData = (typeof MISSING_DATA)[number];

/** A metric by its name and dimensions, whatever is made of it. */
export interface MetricOf {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MetricValue {
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly unit: "Seconds" | "None";
}

export interface MetricStat extends MetricOf {
  /** In CloudWatch's words: Sum, p99 and the like. */
  readonly statistic: string;
  readonly periodSeconds: number;
  /** null: whatever unit. */
  readonly unit: string | null;
}

/** Both must be whole periods of what is asked for, which may go back no further than CloudWatch keeps those. */
export interface Window {
  readonly since: Date;
  readonly until: Date;
}

export interface Datapoint {
  /** When its period begins. */
  readonly at: Date;
  readonly value: number;
}

export interface MetricQuery {
  readonly id: string;
  readonly label: string | null;
  readonly returnsData: boolean;
  /** Another account whose metric it is; null: the alarm's own. */
  readonly accountId: string | null;
  readonly of: { readonly kind: "stat"; readonly stat: MetricStat } | ExpressionOf;
}

interface ExpressionOf {
  readonly kind: "expression";
  readonly expression: string;
  /** null: that of the metrics in it. */
  readonly periodSeconds: number | null;
}

/** What an alarm looks at. `other`: what a policy cannot say (PromQL, anomaly detection), in words for people. */
export type Measure =
  | { readonly kind: "metric"; readonly stat: MetricStat }
  | { readonly kind: "math"; readonly queries: readonly MetricQuery[] }
  | { readonly kind: "other"; readonly words: string };

/**
 * One PutMetricAlarm, whole: what a policy compiles to, and what is read of a live alarm.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export interface AlarmSettings {
  /** null: none. */
  readonly description: string | null;
  readonly actionsEnabled: boolean;
  /** ARNs, in no particular order. */
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  readonly measure: Measure;
  readonly comparison: Comparison;
  /** null only where the comparison is `other`. */
  readonly threshold: number | null;
  readonly evaluationPeriods: number;
  /** null: all of them. */
  readonly datapointsToAlarm: number | null;
  readonly missingData: MissingData;
  /** Of percentiles alone; null: evaluate. */
  readonly lowSamples: "evaluate" | "ignore" | null;
}

/** An alarm as it is sent. */
export interface AlarmOrder {
  readonly name: string;
  readonly settings: AlarmSettings;
  /** `LiveMetricAlarm.beyond` of the alarm that it replaces. */
  readonly beyond: Beyond;
}

/** Settings that no policy of ours can say, in CloudWatch's own words: what replaces the alarm must bring them along. */
export type Beyond = Readonly<Record<string, unknown>>;

export type Seen<T> = { readonly [K in keyof T]: Observed<T[K]> };

export interface LiveMetricAlarm {
  readonly kind: "metric";
  readonly name: string;
  readonly arn: Observed<string>;
  readonly settings: Seen<AlarmSettings>;
  readonly beyond: Beyond;
  readonly state: Observed<AlarmState>;
  /** Since when it is in this state. */
  readonly stateSince: Observed<Date>;
  readonly stateReason: Observed<string | null>;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html */
export interface LiveCompositeAlarm {
  readonly kind: "composite";
  readonly name: string;
  readonly arn: Observed<string>;
  /** `ALARM("a") OR ALARM(b)` */
  readonly rule: Observed<string>;
  readonly actionsEnabled: Observed<boolean>;
  readonly alarmActions: Observed<readonly string[]>;
  /** Name or ARN of the alarm that mutes its actions while it is in ALARM; null: none. */
  readonly suppressor: Observed<string | null>;
  readonly state: Observed<AlarmState>;
}

/** Alarms over queries of logs: a policy cannot declare them. */
interface LiveLogAlarm {
  readonly kind: "log";
  readonly name: string;
}

export type LiveAlarm = LiveMetricAlarm | LiveCompositeAlarm | LiveLogAlarm;

export interface MuteRule {
  readonly name: string;
  readonly isActive: Observed<boolean>;
  /** Names of alarms. */
  readonly alarmNames: Observed<readonly string[]>;
  /** When it mutes, in CloudWatch's own words. */
  readonly schedule: Observed<string | null>;
}

interface StateReason {
  readonly text: string;
  /** For programs: a JSON object. */
  readonly data: Readonly<Record<string, string>>;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html */
export interface AlarmEvent {
  readonly at: Date;
  readonly kind: "Action" | "StateUpdate" | "ConfigurationUpdate" | "other";
  readonly summary: string;
  /** JSON, as CloudWatch wrote it. */
  readonly data: string;
}
