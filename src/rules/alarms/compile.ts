/** What the policy declares, as CloudWatch and Atlas are told it: one setting of each alarm, `each` written out. */
import { longestMs, MINUTE_MS, SECOND_MS } from "../../core/duration.ts";
import type { Policy } from "../../policy/schema.ts";
import type { AlertOrder } from "../../ports/atlas-alerts.ts";
import type { AlarmSettings, Comparison, Measure, MetricQuery, MetricStat } from "../../ports/cloudwatch.ts";
import type { Home } from "../notify/facts.ts";
import type { AtlasPolicy, CloudWatchPolicy, Declared } from "./facts.ts";
import { heartbeatAlarms } from "./heartbeat.ts";
import { fallbackOf } from "./ratio.ts";

type AlarmsPolicy = NonNullable<Policy["alarms"]>;

/** `sourceOf` tells where in the file a path such as `alarms.declared[3].threshold` stands; null: nothing is written there. */
export function compile(
  policy: Pick<Policy, "alarms" | "aws" | "environment" | "heartbeat">,
  home: Home,
  sourceOf: (path: string) => string | null,
): Declared {
  const { alarms } = policy;
  if (alarms === undefined) return { alarms: [], alerts: [] };
  const declared = alarms.declared.flatMap((one, index) =>
    expanded(one).map((alarm) => ({ alarm, path: `alarms.declared[${index}]` })),
  );
  const each = [...declared, ...heartbeatAlarms(policy, alarms.owned)].map(({ alarm, path }) => ({
    alarm,
    sourceOf: sourceIn(sourceOf, path, alarm.severity),
  }));
  return {
    alarms: each.flatMap(({ alarm, ...rest }) => {
      if (alarm.engine === "atlas") return [];
      const { name, severity } = alarm;
      return [{ name, severity, policy: alarm, settings: settingsOf(alarm, alarms, home), ...rest }];
    }),
    alerts: each.flatMap(({ alarm, ...rest }) => {
      if (alarm.engine !== "atlas") return [];
      const { name, severity } = alarm;
      return [{ name, severity, policy: alarm, order: alertOrder(alarm), ...rest }];
    }),
  };
}

/** A topic of the policy by its name, or whatever an ARN names. */
export function actionArn({ partition, region, accountId }: Home, action: string): string {
  return action.startsWith("arn:") ? action : `arn:${partition}:sns:${region}:${accountId}:${action}`;
}

/** The file's line of a key; where nothing is written, that of the block around it. */
function sourceIn(sourceOf: (path: string) => string | null, path: string, severity: string) {
  return (key: string): string | null => {
    const written = sourceOf(`${path}.${key}`);
    if (written !== null) return written;
    const inherited = key === "notify.alarm" || key === "notify.ok" ? sourceOf(`alarms.notify.${severity}`) : null;
    if (inherited !== null) return inherited;
    const end = key.lastIndexOf(".");
    return end === -1 ? sourceOf(path) : sourceIn(sourceOf, path, severity)(key.slice(0, end));
  };
}

function expanded(alarm: AlarmsPolicy["declared"][number]): readonly (CloudWatchPolicy | AtlasPolicy)[] {
  const { each, ...plain } = alarm;
  if (each === undefined) return [plain];
  return combinations(Object.entries(each)).map((values) => filled(plain, values));
}

type Values = readonly (readonly [variable: string, value: string])[];

/** The last variable changes fastest. */
function combinations(each: readonly (readonly [string, readonly string[]])[]): readonly Values[] {
  return each.reduce<readonly Values[]>(
    (all, [variable, values]) => all.flatMap((one) => values.map((value) => [...one, [variable, value] as const])),
    [[]],
  );
}

function filled<A extends CloudWatchPolicy | AtlasPolicy>(alarm: A, values: Values): A {
  const fill = (text: string) =>
    values.reduce((filling, [name, value]) => filling.replaceAll(`{${name}}`, value), text);
  const name = fill(alarm.name);
  if (alarm.engine === "atlas") return { ...alarm, name };
  const inMetric = <M extends { readonly dimensions: Readonly<Record<string, string>> }>(metric: M): M => ({
    ...metric,
    dimensions: mapValues(metric.dimensions, fill),
  });
  const { description, ratio, metric, expression } = alarm;
  return {
    ...alarm,
    name,
    ...(description !== undefined && { description: fill(description) }),
    ...(ratio !== undefined && { ratio: inMetric(ratio) }),
    ...(metric !== undefined && { metric: inMetric(metric) }),
    ...(expression !== undefined && {
      expression: { ...expression, metrics: mapValues(expression.metrics, inMetric) },
    }),
  };
}

function mapValues<V, W>(block: Readonly<Record<string, V>>, change: (value: V) => W): Readonly<Record<string, W>> {
  return Object.fromEntries(Object.entries(block).map(([key, value]) => [key, change(value)]));
}

const COMPARISON_OF = {
  ">": "GreaterThanThreshold",
  ">=": "GreaterThanOrEqualToThreshold",
  "<": "LessThanThreshold",
  "<=": "LessThanOrEqualToThreshold",
} as const satisfies Record<CloudWatchPolicy["threshold"]["operator"], Comparison>;

function settingsOf(alarm: CloudWatchPolicy, { notify }: AlarmsPolicy, home: Home): AlarmSettings {
  const { threshold, datapoints } = alarm;
  const arns = (actions: readonly string[]) => [...new Set(actions.map((action) => actionArn(home, action)))];
  const usual = notify[alarm.severity];
  return {
    description: alarm.description ?? null,
    actionsEnabled: true,
    alarmActions: arns(alarm.notify?.alarm ?? usual),
    okActions: arns(alarm.notify?.ok ?? usual), // an incident is closed by it
    insufficientDataActions: alarm.notify?.insufficientData === undefined ? [] : arns(alarm.notify.insufficientData),
    measure: measureOf(alarm),
    comparison: COMPARISON_OF[threshold.operator],
    threshold: threshold.value,
    evaluationPeriods: datapoints.n,
    datapointsToAlarm: datapoints.m,
    missingData: alarm.missingData,
    lowSamples: alarm.lowSamples ?? null,
  };
}

type MetricPolicy = NonNullable<CloudWatchPolicy["metric"]>;

function measureOf(alarm: CloudWatchPolicy): Measure {
  const periodSeconds = longestMs(alarm.period) / SECOND_MS;
  const statOf = ({ namespace, metric, statistic, dimensions, unit }: MetricPolicy): MetricStat => {
    return { namespace, metric, dimensions, statistic, periodSeconds, unit: unit ?? null };
  };
  if (alarm.metric !== undefined) return { kind: "metric", stat: statOf(alarm.metric) };
  const { ratio, expression } = alarm;
  if (ratio !== undefined) {
    const { part, whole, dimensions } = ratio;
    const sumOf = (of: typeof part) => statOf({ ...of, dimensions, statistic: "Sum" });
    return {
      kind: "math",
      queries: [
        input("part", sumOf(part)),
        input("whole", sumOf(whole)),
        result("percent", percent(ratio.minimum, alarm.threshold.operator)),
      ],
    };
  }
  const metrics = Object.entries(expression.metrics);
  const id = freeId(metrics.map(([name]) => name));
  return {
    kind: "math",
    queries: [...metrics.map(([name, metric]) => input(name, statOf(metric))), result(id, expression.formula)],
  };
}

/** Below the minimum it is a value that never fires; what is missing stays missing, and `missingData` says what that is. */
function percent(minimum: number | undefined, operator: CloudWatchPolicy["threshold"]["operator"]): string {
  const share = "100 * part / whole";
  return minimum === undefined ? share : `IF(whole >= ${minimum}, ${share}, ${fallbackOf(COMPARISON_OF[operator])})`;
}

const NO_LABEL = { label: null, accountId: null } as const;

function input(id: string, stat: MetricStat): MetricQuery {
  return { id, ...NO_LABEL, returnsData: false, of: { kind: "stat", stat } };
}

function result(id: string, expression: string): MetricQuery {
  return { id, ...NO_LABEL, returnsData: true, of: { kind: "expression", expression, periodSeconds: null } };
}

function freeId(taken: readonly string[]): string {
  const numbered = taken.map((_, index) => `result_${index + 1}`);
  return ["result", ...numbered].find((id) => !taken.includes(id)) ?? `result_${taken.length + 1}`;
}

function alertOrder({ metric, threshold, for: lasting, recipients }: AtlasPolicy): AlertOrder {
  return {
    event: metric.event,
    isEnabled: true,
    threshold: {
      metric: metric.metric,
      mode: metric.mode,
      operator: threshold.operator.startsWith(">") ? "GREATER_THAN" : "LESS_THAN",
      threshold: threshold.value,
      units: metric.units,
    },
    notifications: recipients.map((recipient) => ({
      type: recipient.type,
      target: targetOf(recipient),
      delayMinutes: longestMs(lasting) / MINUTE_MS,
    })),
  };
}

function targetOf(recipient: AtlasPolicy["recipients"][number]): string | null {
  if ("address" in recipient) return recipient.address;
  if ("number" in recipient) return recipient.number;
  return "channel" in recipient ? recipient.channel : null;
}
