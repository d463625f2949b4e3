// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
import { expect, test } from "vitest";
import { alarmRefusal } from "../../src/policy/refusal.ts";

const ALARM = {
  name: "a",
  severity: "critical",
  metric: { namespace: "AWS/Lambda", metric: "Errors", statistic: "Sum" },
  threshold: "> 1",
  period: "5m",
  datapoints: "1 of 1",
};

test.each<readonly [string, object]>([
  ["with a name of any beginning", { name: "~x" }],
  ["heard by topics of any name", { notify: { alarm: ["one"], ok: ["one", "two"], insufficientData: [] } }],
  ["heard by anything", { notify: { alarm: ["arn:aws:lambda:eu-west-1:111111111111:function:heal"] } }],
])("an alarm %s can be declared", (_title, more) => {
  expect(alarmRefusal({ ...ALARM, ...more })).toBeUndefined();
});

test.each<readonly [object, string]>([
  [{ name: "ü" }, 'name: "ü" is not the name of an alarm; write 1 to 255 plain characters'],
  [
    { threshold: "> 1e-10" },
    'threshold: "> 1e-10" is not a threshold; write an operator and a number in quotes, such as "> 1"',
  ],
  [
    { threshold: "< 0", period: "10s" },
    'threshold: "< 0" never fires: the Sum of Errors is 0 or more; write a threshold within; period: "10s" is too short: Errors has at most one datapoint in 1m; write 1m or more',
  ],
  [{ name: "a-{x}" }, "name: {x} is not under each; write each: { x: [...] } beside it"],
  [
    { description: "${HOME}" },
    "description: needs the environment variable HOME, which is not set; set it: export HOME=...",
  ],
  [
    { metric: undefined },
    "this block is not a CloudWatch alarm that measures one thing; write one of ratio, metric and expression",
  ],
])("one with %j cannot", (more, reason) => {
  expect(alarmRefusal({ ...ALARM, ...more })).toBe(reason);
});
