/** Alarms that schedules become. */
import { expect, test } from "vitest";
import { parsePolicy } from "../../../src/policy/load.ts";
import { compile } from "../../../src/rules/alarms/compile.ts";
import { putMetricAlarmInput } from "../../../src/rules/alarms/document.ts";
import { HOME } from "./declared.ts";

const policy = (more = "", aws = true) => `version: 1
environment: test
atlas: { projectId: "65e1f0aabbccddeeff001122" }
${aws ? 'aws: { accountId: "123456789012", region: ap-south-1 }' : "# none"}
topics: [{ name: ops, subscriptions: [{ protocol: email, endpoint: a@b.example }] }]
alarms:
  owned: o-
  notify: { critical: [ops], warning: [] }
heartbeat:
  ${more}
  url: \${PING}
  schedules:
    - { command: backup verify, every: 1d, grace: 3h }
    - { command: archive push, every: 31d, grace: 5d }
`;

function alarmsOf(text: string) {
  const { policy: read, lineOf } = parsePolicy(text, "p.yaml", { PING: "https://ping.example/key" });
  return compile(read, HOME, lineOf).alarms;
}

test("a schedule becomes two alarms, one that is too rare for CloudWatch only that of failed runs", () => {
  const alarms = alarmsOf(policy());
  expect(alarms.map(({ name, severity, sourceOf }) => [name, severity, sourceOf("threshold")])).toEqual([
    ["o-heartbeat-backup-verify-missed", "critical", "p.yaml:13"],
    ["o-heartbeat-backup-verify-failed", "critical", "p.yaml:13"],
    ["o-heartbeat-archive-push-failed", "critical", "p.yaml:14"],
  ]);
  expect(alarms[0]?.sourceOf("notify.alarm")).toBe("p.yaml:8");
});

test("as CloudWatch is told them", () => {
  const [missed, failed] = alarmsOf(policy()).map(({ name, settings }) =>
    putMetricAlarmInput({ name, settings, beyond: {} }),
  );
  const topic = "arn:aws:sns:ap-south-1:123456789012:ops";
  const common = {
    Namespace: "LiTallyOps",
    MetricName: "RunSucceeded",
    Dimensions: [
      { Name: "Environment", Value: "test" },
      { Name: "Command", Value: "backup verify" },
    ],
    ComparisonOperator: "LessThanThreshold",
    Threshold: 1,
    AlarmActions: [topic],
  };
  expect(missed).toMatchObject({
    ...common,
    ...{ Statistic: "Sum", Period: 3600, EvaluationPeriods: 27, DatapointsToAlarm: 27 },
    ...{ TreatMissingData: "breaching", OKActions: [topic] },
  });
  expect(failed).toMatchObject({
    ...common,
    ...{ Statistic: "Minimum", Period: 300, EvaluationPeriods: 1, DatapointsToAlarm: 1 },
    ...{ TreatMissingData: "notBreaching", OKActions: [] },
  });
});

test.each([
  ["where CloudWatch is not told", policy("cloudwatch: false")],
  ["of a policy without heartbeat", policy().replace(/^heartbeat:[\s\S]*/m, "")],
])("there are none %s", (_, text) => {
  expect(alarmsOf(text)).toEqual([]);
});
