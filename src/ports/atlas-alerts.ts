/** Alert configurations of an Atlas project, in our own words. */
import type { Observed } from "../core/observed.ts";

export interface AtlasAlerts {
  listAlertConfigs(projectId: string): Promise<readonly AlertConfig[]>;
  /** Third parties that the project is connected to. */
  listIntegrations(projectId: string): Promise<readonly Integration[]>;
  createAlertConfig(projectId: string, order: AlertOrder): Promise<AlertConfig>;
  /** Replaces the configuration whole, but for what the order leaves out of a notification that stays. */
  replaceAlertConfig(projectId: string, id: string, order: AlertOrder): Promise<AlertConfig>;
}

export const ALERT_OPERATORS = ["GREATER_THAN", "LESS_THAN"] as const;

export interface AlertThreshold {
  /** As Atlas names metrics of alerts: NORMALIZED_SYSTEM_CPU_USER. */
  readonly metric: string;
  readonly mode: string;
  readonly operator: (typeof ALERT_OPERATORS)[number];
  readonly threshold: number;
  readonly units: string;
}

export interface AlertConfig {
  readonly id: string;
  /** OUTSIDE_METRIC_THRESHOLD and its like. */
  readonly event: Observed<string>;
  readonly isEnabled: Observed<boolean>;
  /** null: it measures no metric. */
  readonly threshold: Observed<AlertThreshold | null>;
  /** Which hosts it is about, each in words: `REPLICA_SET_NAME EQUALS atlas-abc-shard-0`. Empty: all of them. */
  readonly matchers: Observed<readonly string[]>;
  readonly notifications: Observed<readonly AlertNotification[]>;
}

/** Of one channel. What is secret in it Atlas does not give back. */
export interface AlertNotification extends AlertRecipient {
  /** By which a replacement keeps the secrets of the channel; null: Atlas gives none. */
  readonly notifierId: string | null;
  readonly integrationId: string | null;
  /** How long it must last before anybody is told. */
  readonly delayMinutes: number;
  /** Between repetitions; null: none. */
  readonly intervalMinutes: number | null;
}

export interface AlertRecipient {
  /** EMAIL, SMS, PAGER_DUTY and the like. */
  readonly type: string;
  /** Address, number or channel; null: the type has none, or another than these. */
  readonly target: string | null;
}

/** https://www.mongodb.com/docs/atlas/reference/api-resources-spec/: createGroupAlertConfig */
export interface AlertOrder {
  readonly event: string;
  readonly isEnabled: boolean;
  readonly threshold: AlertThreshold;
  /** All of them. What is known of one that stays is brought along. */
  readonly notifications: readonly (Pick<AlertNotification, "type" | "target" | "delayMinutes"> &
    Partial<AlertNotification>)[];
}

export interface Integration {
  readonly id: Observed<string>;
  readonly type: string;
}
