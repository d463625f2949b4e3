/** The world as it is where all is well: every declared alarm and alert is there as declared. */
import { known } from "../../../src/core/observed.ts";
import type { Finding } from "../../../src/core/report.ts";
import type { AlertConfig, AlertNotification } from "../../../src/ports/atlas-alerts.ts";
import type { LiveMetricAlarm } from "../../../src/ports/cloudwatch.ts";
import type {
  AlarmFacts,
  AlertFacts,
  Declared,
  DeclaredAlarm,
  DeclaredAlert,
} from "../../../src/rules/alarms/facts.ts";
import { ago, NOW } from "../build.ts";
import { declared, HOME } from "./declared.ts";
import { seen } from "./edits.ts";

export function liveOf({ name, settings }: DeclaredAlarm, given: Partial<LiveMetricAlarm> = {}): LiveMetricAlarm {
  return {
    kind: "metric",
    name,
    arn: known(`arn:aws:cloudwatch:${HOME.region}:${HOME.accountId}:alarm:${name}`),
    settings: seen(settings),
    beyond: {},
    state: known("OK"),
    stateSince: known(ago(3_600_000)),
    stateReason: known(null),
    ...given,
  };
}

export function alarmFacts({ alarms }: Pick<Declared, "alarms">, given: Partial<AlarmFacts> = {}): AlarmFacts {
  return {
    observedAt: NOW,
    owned: "o-",
    exceptions: [],
    declared: alarms,
    live: known(new Map(alarms.map((alarm) => [alarm.name, liveOf(alarm)]))),
    strays: known([]),
    composites: known([]),
    muteRules: known([]),
    reported: known(new Map()),
    ...given,
  };
}

export function configOf({ order }: DeclaredAlert, given: Partial<AlertConfig> = {}): AlertConfig {
  const notifications = order.notifications.map(
    ({ type, target, delayMinutes }, index): AlertNotification => ({
      type,
      target,
      delayMinutes,
      notifierId: `notifier-${index}`,
      integrationId: type === "EMAIL" || type === "SMS" ? null : `integration-${type}`,
      intervalMinutes: 60,
    }),
  );
  return {
    id: "config-1",
    event: known(order.event),
    isEnabled: known(order.isEnabled),
    threshold: known(order.threshold),
    matchers: known([]),
    notifications: known(notifications),
    ...given,
  };
}

export function alertFacts({ alerts }: Pick<Declared, "alerts">, given: Partial<AlertFacts> = {}): AlertFacts {
  return {
    declared: alerts,
    configs: known(alerts.map((alert, index) => configOf(alert, { id: `config-${index + 1}` }))),
    integrations: known([{ id: known("integration-PAGER_DUTY"), type: "PAGER_DUTY" }]),
    ...given,
  };
}

/** Two alarms of CloudWatch and two alerts of Atlas. */
export const ALL = declared(`- name: o-rate
  severity: critical
  ratio: { part: { namespace: N, metric: A }, whole: { namespace: N, metric: B }, dimensions: { F: f }, minimum: 20 }
  missingData: notBreaching
  threshold: "> 1"
  period: 5m
  datapoints: 1 of 1
- name: o-throttles
  severity: warning
  metric: { namespace: N, metric: Throttles, statistic: Sum }
  threshold: ">= 1"
  period: 5m
  datapoints: 2 of 3
- name: o-cpu
  engine: atlas
  severity: critical
  metric: { event: OUTSIDE_METRIC_THRESHOLD, metric: CPU, mode: AVERAGE }
  threshold: "> 80"
  for: 10m
  recipients: [{ type: PAGER_DUTY }, { type: EMAIL, address: ops@b.example }]
- name: o-disk
  engine: atlas
  severity: warning
  metric: { event: OUTSIDE_METRIC_THRESHOLD, metric: DISK, mode: AVERAGE }
  threshold: "< 5"
  for: 1m
  recipients: [{ type: SMS, number: "+15551234567" }]`);

export function anAlarmOf(name: string): DeclaredAlarm {
  return named(ALL.alarms, name);
}

export function anAlertOf(name: string): DeclaredAlert {
  return named(ALL.alerts, name);
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const one = all.find((other) => other.name === name);
  if (one === undefined) throw new Error(`the policy has no ${name}`);
  return one;
}

/** One line for each that is not well, or for each of one check. */
export function told(findings: readonly Finding[], check?: string): readonly string[] {
  return findings
    .filter((finding) => (check === undefined ? finding.status !== "pass" : finding.check === check))
    .map(
      ({ check: id, subject, scope, status, message }) =>
        `${status} ${id} ${subject}${scope === undefined ? "" : ` (${scope})`}: ${message}`,
    );
}
