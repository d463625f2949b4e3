import { expect, test } from "vitest";
import { alarmWords, alertWords } from "../../../src/rules/alarms/words.ts";
import { alertsOf, only } from "./declared.ts";

const JUDGED = 'threshold: "> 1.5"\n  period: 5m\n  datapoints: 2 of 3';
const RATIO = "part: { namespace: N, metric: Errors }, whole: { namespace: N, metric: Calls }";

test.each([
  [`ratio: { ${RATIO}, minimum: 20 }`, "Errors > 1.5 % of Calls over 5m, 2 of 3, from 20 Calls on"],
  [`ratio: { ${RATIO} }`, "Errors > 1.5 % of Calls over 5m, 2 of 3"],
  ["metric: { namespace: N, metric: Duration, statistic: p99 }", "p99 of Duration > 1.5 over 5m, 2 of 3"],
  [
    "expression: { formula: a+1, metrics: { a: { namespace: N, metric: Errors, statistic: Sum } } }",
    "a + 1 > 1.5 over 5m, 2 of 3",
  ],
])("%s", (measure, words) => {
  expect(alarmWords(only(`${measure}\n  ${JUDGED}`).settings)).toBe(words);
});

test("what no policy can say has words of its own", () => {
  const { settings } = only(`metric: { namespace: N, metric: M, statistic: Sum }\n  ${JUDGED}`);
  const other = { ...settings, measure: { kind: "other", words: "a PromQL query" }, threshold: null } as const;
  expect(alarmWords({ ...other, comparison: "other", datapointsToAlarm: null })).toBe(
    "a PromQL query outside a band, 3 of 3",
  );
  expect(alarmWords({ ...settings, measure: { kind: "math", queries: [] } })).toBe(
    "a formula that makes no sense > 1.5, 2 of 3",
  );
});

test.each([
  ["RAW", "CONNECTIONS < 80 for 10m"],
  ["HOURS", "CONNECTIONS < 80 HOURS for 10m"],
])("an Atlas alert in %s", (units, words) => {
  const [alert] =
    alertsOf(`metric: { event: OUTSIDE_METRIC_THRESHOLD, metric: CONNECTIONS, mode: AVERAGE, units: ${units} }
  threshold: "< 80"
  for: 10m
  recipients: [{ type: PAGER_DUTY }, { type: DATADOG }]`);
  expect(alert && alertWords(alert.order)).toBe(words);
});
