/** What is known of alarms, declared and live. */
import type { Observed } from "../../core/observed.ts";
import type { AlarmPolicy } from "../../policy/schema.ts";
import type { AlertConfig, AlertOrder, Integration } from "../../ports/atlas-alerts.ts";
import type { AlarmSettings, LiveMetricAlarm, MuteRule } from "../../ports/cloudwatch.ts";

export type CloudWatchPolicy = Exclude<AlarmPolicy, { readonly engine: "atlas" }>;
export type AtlasPolicy = Extract<AlarmPolicy, { readonly engine: "atlas" }>;

/** One CloudWatch alarm of the policy, compiled. */
export interface DeclaredAlarm {
  readonly name: string;
  readonly severity: "critical" | "warning";
  /** With the values of `each` filled in. */
  readonly policy: CloudWatchPolicy;
  readonly settings: AlarmSettings;
  /** `file:line` of a key of the declaration: `threshold`, `ratio.minimum`; that of the declaration itself where it has none. */
  readonly sourceOf: (key: string) => string | null;
}

/** One Atlas alert of the policy, compiled. */
export interface DeclaredAlert {
  readonly name: string;
  readonly severity: "critical" | "warning";
  readonly policy: AtlasPolicy;
  readonly order: AlertOrder;
  readonly sourceOf: (key: string) => string | null;
}

export interface Declared {
  readonly alarms: readonly DeclaredAlarm[];
  readonly alerts: readonly DeclaredAlert[];
}

/** What is kept of a live alarm with the owned prefix that nobody declared: there may be very many. */
export interface StrayAlarm {
  readonly name: string;
  readonly kind: "metric" | "composite" | "log";
  /** The same for alarms that watch the same; null: it cannot be told. */
  readonly print: string | null;
}

/** A composite alarm that one of ours is a part of, or that one of ours mutes. */
export interface CompositeFacts {
  readonly name: string;
  /** Names of ours in its rule. */
  readonly children: readonly string[];
  /** null: nothing mutes it. */
  readonly suppressor: string | null;
  readonly isSuppressorInAlarm: Observed<boolean>;
  /** Whether it would tell anybody by itself. */
  readonly hasActions: boolean;
}

export interface AlarmFacts {
  readonly observedAt: Date;
  readonly owned: string;
  /** Names that something else looks after. */
  readonly exceptions: readonly string[];
  readonly declared: readonly DeclaredAlarm[];
  /** Of the declared names, those that exist as metric alarms. Not known: the list could not be read. */
  readonly live: Observed<ReadonlyMap<string, LiveMetricAlarm>>;
  readonly strays: Observed<readonly StrayAlarm[]>;
  readonly composites: Observed<readonly CompositeFacts[]>;
  readonly muteRules: Observed<readonly MuteRule[]>;
  /** Of alarms without sufficient data, whether any of their metrics has reported in two weeks; by name. */
  readonly reported: Observed<ReadonlyMap<string, boolean>>;
}

export interface AlertFacts {
  readonly declared: readonly DeclaredAlert[];
  readonly configs: Observed<readonly AlertConfig[]>;
  readonly integrations: Observed<readonly Integration[]>;
}
