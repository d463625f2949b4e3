// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import { alarmRefusal } from "../../../src/policy/refusal.ts";
import type { AlertConfig, AlertNotification, AlertThreshold } from "../../../src/ports/atlas-alerts.ts";
import { adoptAlerts } from "../../../src/rules/alarms/adopt-alerts.ts";
import { declared } from "./declared.ts";

const CPU: AlertThreshold = {
  metric: "NORMALIZED_SYSTEM_CPU_USER",
  mode: "AVERAGE",
  operator: "GREATER_THAN",
  threshold: 80,
  units: "RAW",
};

const told = (type: string, target: string | null = null, delayMinutes = 10): AlertNotification => ({
  type,
  target,
  delayMinutes,
  notifierId: "n1",
  integrationId: null,
  intervalMinutes: 15,
});

function config(more: Partial<AlertConfig> = {}): AlertConfig {
  return {
    id: "a1",
    event: known("OUTSIDE_METRIC_THRESHOLD"),
    isEnabled: known(true),
    threshold: known(CPU),
    matchers: known([]),
    notifications: known([told("PAGER_DUTY"), told("EMAIL", "ops@litally.example")]),
    ...more,
  };
}

/** One alarm, whose name is in use, and one alert. */
const DECLARED = declared(`- name: o-atlas-connections
  severity: critical
  metric: { namespace: N, metric: M, statistic: Sum }
  threshold: "> 1"
  period: 5m
  datapoints: 1 of 1
- name: o-disk
  engine: atlas
  severity: critical
  metric: { event: OUTSIDE_METRIC_THRESHOLD, metric: DISK_PARTITION_SPACE_USED_DATA, mode: AVERAGE }
  threshold: "> 90"
  for: 10m
  recipients: [{ type: PAGER_DUTY }]`);

const adopted = (...configs: readonly AlertConfig[]) =>
  adoptAlerts(configs, { prefix: "o-", declared: DECLARED, refusalOf: alarmRefusal });

const ENTRY = {
  engine: "atlas",
  name: "o-atlas-normalized-system-cpu-user",
  severity: "critical",
  metric: { event: "OUTSIDE_METRIC_THRESHOLD", metric: "NORMALIZED_SYSTEM_CPU_USER", mode: "AVERAGE" },
  threshold: "> 80",
  for: "10m",
  recipients: [{ type: "PAGER_DUTY" }, { type: "EMAIL", address: "ops@litally.example" }],
};

test("an alert is adopted under a name of its metric", () => {
  expect(adopted(config())).toEqual({ declared: [{ entry: ENTRY, notes: [] }], left: [] });
});

test("one that is off is adopted as it should be", () => {
  expect(adopted(config({ isEnabled: known(false) })).declared).toEqual([
    { entry: ENTRY, notes: ["it is off; the next apply turns it on"] },
  ]);
});

test("names are free ones, and what is there twice is declared once", () => {
  const connections = (threshold: number) => config({ threshold: known({ ...CPU, metric: "CONNECTIONS", threshold }) });
  const { declared: entries, left } = adopted(connections(1), connections(2), { ...connections(1), id: "a2" });
  expect(entries.map(({ entry }) => entry["name"])).toEqual(["o-atlas-connections-2", "o-atlas-connections-3"]);
  expect(left).toEqual([{ id: "a2", reason: "the same as o-atlas-connections-2" }]);
});

test("what is declared is not adopted again, though it has drifted; another of its kind is", () => {
  const disk = (threshold: number, id: string) =>
    config({ id, threshold: known({ ...CPU, metric: "DISK_PARTITION_SPACE_USED_DATA", threshold }) });
  expect(adopted(disk(95, "a1"))).toEqual({ declared: [], left: [] });
  expect(
    adopted(disk(80, "a1"), disk(90, "a2")).declared.map(({ entry }) => [entry["name"], entry["threshold"]]),
  ).toEqual([["o-atlas-disk-partition-space-used-data", "> 80"]]);
});

describe("is left where no policy can say it", () => {
  const unread = notKnown(new OpsError("protocol", "enabled is a text"));
  test.each<readonly [string, Partial<AlertConfig>]>([
    ["could not be read: enabled is a text", { isEnabled: unread }],
    ["NO_PRIMARY measures no metric", { event: known("NO_PRIMARY"), threshold: known(null) }],
    ["it is about some hosts alone: PORT EQUALS 27017", { matchers: known(["PORT EQUALS 27017"]) }],
    ["it tells nobody", { notifications: known([]) }],
    ["it tells some later than others", { notifications: known([told("DATADOG"), told("DATADOG", null, 5)]) }],
    ["it tells at once, and", { notifications: known([told("DATADOG", null, 0)]) }],
    ['recipients[0].type: "GROUP" is not a type of recipient', { notifications: known([told("GROUP")]) }],
    ["recipients[0].address: is missing", { notifications: known([told("EMAIL")]) }],
    ['metric.mode: "TOTAL" is not a mode', { threshold: known({ ...CPU, mode: "TOTAL" }) }],
  ])("%s", (reason, more) => {
    expect(adopted(config(more))).toEqual({
      declared: [],
      left: [{ id: "a1", reason: expect.stringContaining(reason) }],
    });
  });
});

test("what is adopted is what Atlas has", () => {
  const target = fc.constantFrom<readonly [string, string | null]>(
    ["PAGER_DUTY", null],
    ["DATADOG", null],
    ["EMAIL", "a'b@c.example"],
    ["SMS", "+15551234567"],
    ["SLACK", "#ops: ${x}"],
  );
  const one = fc.record({
    threshold: fc.record({
      metric: fc.constantFrom("CONNECTIONS", "OPCOUNTER_CMD"),
      mode: fc.constant("AVERAGE"),
      operator: fc.constantFrom("GREATER_THAN" as const, "LESS_THAN" as const),
      threshold: fc.constantFrom(0, 80, -1, 0.5, 1e9),
      units: fc.constantFrom("RAW", "HOURS"),
    }),
    targets: fc.uniqueArray(target, { minLength: 1, maxLength: 4 }),
    delay: fc.integer({ min: 1, max: 3000 }),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), (alerts) => {
      const configs = alerts.map(({ threshold, targets, delay }, index) =>
        config({
          id: `a${index}`,
          threshold: known(threshold),
          notifications: known(targets.map(([type, to]) => told(type, to, delay))),
        }),
      );
      const { declared: entries, left } = adopted(...configs);
      const twins = new Set(left.map(({ id }) => id));
      for (const { reason } of left) expect(reason).toMatch(/^the same as o-atlas-/);
      const orders = declared(stringify(entries.map(({ entry }) => entry)).trimEnd()).alerts.map(({ order }) => order);
      const wanted = configs.filter(({ id }) => !twins.has(id));
      expect(orders).toEqual(
        wanted.map(({ threshold, notifications }) => ({
          event: "OUTSIDE_METRIC_THRESHOLD",
          isEnabled: true,
          threshold: threshold.known && threshold.value,
          notifications:
            notifications.known &&
            notifications.value.map(({ type, target: to, delayMinutes }) => ({ type, target: to, delayMinutes })),
        })),
      );
    }),
  );
});
