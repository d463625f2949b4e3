import { describe, expect, test } from "vitest";
import { compile } from "../../../src/rules/alarms/compile.ts";
import { alertsOf, declared, HOME, only, TOPIC } from "./declared.ts";

const PLAIN = 'threshold: "> 1"\n  period: 5m\n  datapoints: 1 of 1';

describe("a ratio", () => {
  test("is two sums and their share in percent, judged from the minimum on", () => {
    expect(
      only(`ratio:
    part: { namespace: AWS/ApiGateway, metric: 5XXError }
    whole: { namespace: AWS/ApiGateway, metric: Count }
    dimensions: { ApiName: litally-api }
    minimum: 20
  missingData: notBreaching
  ${PLAIN}`).settings,
    ).toEqual({
      description: null,
      actionsEnabled: true,
      alarmActions: [TOPIC.critical],
      okActions: [TOPIC.critical],
      insufficientDataActions: [],
      measure: {
        kind: "math",
        queries: [
          sum("part", "5XXError"),
          sum("whole", "Count"),
          result("percent", "IF(whole >= 20, 100 * part / whole, 0)"),
        ],
      },
      comparison: "GreaterThanThreshold",
      threshold: 1,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      missingData: "notBreaching",
      lowSamples: null,
    });
  });

  test.each([
    [">=", 20, "IF(whole >= 20, 100 * part / whole, 0)"],
    ["<", 20, "IF(whole >= 20, 100 * part / whole, 100)"],
    ["<=", 1, "IF(whole >= 1, 100 * part / whole, 100)"],
    [">", undefined, "100 * part / whole"],
    ["<", undefined, "100 * part / whole"],
  ] as const)("that fires at %s, with a minimum of %s, is %s", (operator, minimum, formula) => {
    const { measure } = only(`ratio: { part: { namespace: N, metric: A }, whole: { namespace: N, metric: B }${
      minimum === undefined ? "" : `, minimum: ${minimum}`
    } }
  threshold: "${operator} 50"
  period: 1m
  datapoints: 2 of 3`).settings;
    expect(measure.kind === "math" && measure.queries[2]).toEqual(result("percent", formula));
  });
});

test("one metric is one metric, in CloudWatch's words", () => {
  const { settings } = only(`metric: { namespace: AWS/Lambda, metric: Duration, statistic: p99.9, unit: Milliseconds }
  lowSamples: ignore
  description: "slow"
  threshold: "<= 0.5"
  period: 1h
  datapoints: 2 of 3`);
  expect(settings).toMatchObject({
    description: "slow",
    measure: {
      kind: "metric",
      stat: { namespace: "AWS/Lambda", metric: "Duration", dimensions: {}, statistic: "p99.9", periodSeconds: 3600 },
    },
    comparison: "LessThanOrEqualToThreshold",
    threshold: 0.5,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    missingData: "missing",
    lowSamples: "ignore",
  });
  expect(settings.measure).toHaveProperty("stat.unit", "Milliseconds");
});

test.each([
  ["a / b", "a", "b", "result"],
  ["result / b", "result", "b", "result_1"],
  ["result / result_1", "result", "result_1", "result_2"],
])("the formula %s has its metrics and one result of a free name", (formula, one, other, id) => {
  const { measure } = only(`expression:
    formula: ${formula}
    metrics:
      ${one}: { namespace: N, metric: A, statistic: Sum }
      ${other}: { namespace: N, metric: B, statistic: Maximum, dimensions: { Queue: q }, unit: Count }
  ${PLAIN}`).settings;
  expect(measure).toEqual({
    kind: "math",
    queries: [
      { ...sum(one, "A"), of: { kind: "stat", stat: stat("N", "A", "Sum") } },
      {
        ...sum(other, "B"),
        of: { kind: "stat", stat: { ...stat("N", "B", "Maximum"), dimensions: { Queue: "q" }, unit: "Count" } },
      },
      result(id, formula),
    ],
  });
});

describe("who hears it", () => {
  const METRIC = `metric: { namespace: N, metric: M, statistic: Sum }\n  ${PLAIN}`;
  test("is who hears its severity, of the alarm and of its end", () => {
    const { settings } = only(METRIC, "warning");
    expect([settings.alarmActions, settings.okActions, settings.insufficientDataActions]).toEqual([
      [TOPIC.warning],
      [TOPIC.warning],
      [],
    ]);
  });

  test("or whom the alarm itself names, each once, in the account and region of the policy", () => {
    const lambda = "arn:aws:lambda:eu-west-1:111111111111:function:heal";
    const { settings } = only(`${METRIC}
  notify: { alarm: [warning, ${lambda}, warning], ok: [], insufficientData: [critical] }`);
    expect([settings.alarmActions, settings.okActions, settings.insufficientDataActions]).toEqual([
      [TOPIC.warning, lambda],
      [],
      [TOPIC.critical],
    ]);
    expect(only(`${METRIC}\n  notify: { ok: [] }`).settings.alarmActions).toEqual([TOPIC.critical]);
  });
});

test("each makes an alarm of each combination, in its name, its dimensions and its description", () => {
  const { alarms } = declared(`- name: o-{stage}-{function}
  each: { stage: [a, b], function: [x, y] }
  severity: critical
  description: errors of {function} ({other})
  metric: { namespace: N, metric: M, statistic: Sum, dimensions: { F: "{function}-{stage}-{function}", G: g } }
  ${PLAIN}`);
  expect(alarms.map((alarm) => alarm.name)).toEqual(["o-a-x", "o-a-y", "o-b-x", "o-b-y"]);
  expect(alarms[2]?.settings).toMatchObject({
    description: "errors of x ({other})",
    measure: { stat: { dimensions: { F: "x-b-x", G: "g" } } },
  });
  expect(alarms[2]?.policy).not.toHaveProperty("each");
});

describe("the line of the file", () => {
  const { alarms, alerts } = declared(`- name: o-a
  severity: critical
  ratio:
    part: { namespace: N, metric: A }
    whole: { namespace: N, metric: B }
    minimum: 20
  notify:
    insufficientData: [warning]
  ${PLAIN}
- name: o-b
  engine: atlas
  severity: warning
  metric: { event: OUTSIDE_METRIC_THRESHOLD, metric: CONNECTIONS, mode: AVERAGE }
  threshold: "> 1"
  for: 5m
  recipients: [{ type: PAGER_DUTY }]`);

  test.each([
    ["threshold", 22],
    ["ratio.minimum", 19],
    ["ratio.dimensions.FunctionName", 17], // not written: the block around it
    ["missingData", 14],
    ["notify.insufficientData", 21],
    ["notify.alarm", 11], // not written: what its severity says
    ["description", 14],
  ])("of %s is %i", (key, line) => {
    expect(alarms[0]?.sourceOf(key)).toBe(`p.yaml:${line}`);
  });

  test("of an Atlas alert too", () => {
    expect(alerts[0]?.sourceOf("threshold")).toBe("p.yaml:29");
    expect(alerts[0]?.sourceOf("recipients")).toBe("p.yaml:31");
  });
});

test("an Atlas alert is on, after its delay, for each recipient", () => {
  expect(
    alertsOf(`metric: { event: OUTSIDE_METRIC_THRESHOLD, metric: CONNECTIONS, mode: AVERAGE, units: RAW }
  threshold: "< 2.5"
  for: 1h
  recipients:
    - { type: PAGER_DUTY }
    - { type: EMAIL, address: ops@litally.example }
    - { type: SMS, number: "+15551234567" }
    - { type: SLACK, channel: operations }`).map((alert) => alert.order),
  ).toEqual([
    {
      event: "OUTSIDE_METRIC_THRESHOLD",
      isEnabled: true,
      threshold: { metric: "CONNECTIONS", mode: "AVERAGE", operator: "LESS_THAN", threshold: 2.5, units: "RAW" },
      notifications: [
        { type: "PAGER_DUTY", target: null, delayMinutes: 60 },
        { type: "EMAIL", target: "ops@litally.example", delayMinutes: 60 },
        { type: "SMS", target: "+15551234567", delayMinutes: 60 },
        { type: "SLACK", target: "operations", delayMinutes: 60 },
      ],
    },
  ]);
});

test("a policy without alarms declares none", () => {
  expect(compile({ environment: "test" }, HOME, () => null)).toEqual({ alarms: [], alerts: [] });
});

function stat(namespace: string, metric: string, statistic: string) {
  return { namespace, metric, dimensions: {}, statistic, periodSeconds: 300, unit: null };
}

function sum(id: string, metric: string) {
  const of = { ...stat("AWS/ApiGateway", metric, "Sum"), dimensions: { ApiName: "litally-api" } };
  return { id, label: null, accountId: null, returnsData: false, of: { kind: "stat", stat: of } };
}

function result(id: string, expression: string) {
  return {
    id,
    label: null,
    accountId: null,
    returnsData: true,
    of: { kind: "expression", expression, periodSeconds: null },
  };
}
