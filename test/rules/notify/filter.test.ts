/** Filters of subscriptions against the messages of an alarm, operator by operator. */
import { describe, expect, test } from "vitest";
import { known } from "../../../src/core/observed.ts";
import { passesFilter } from "../../../src/rules/notify/filter.ts";
import { alarmMessage, ONLY_THEN, recovered, someMessage } from "../../../src/rules/notify/message.ts";
import { anAlarm, HOME, seen, UNSEEN } from "./build.ts";

const alarm = anAlarm("litally-lambda-error-rate-auth", ["litally-critical"]);
const MESSAGE = alarmMessage(alarm, HOME);

const body = (filter: unknown, message = MESSAGE) => passesFilter(JSON.stringify(filter), "MessageBody", () => message);
const ofName = (condition: unknown) => body({ AlarmName: [condition] });
const ofThreshold = (condition: unknown) => body({ Trigger: { Threshold: [condition] } });

describe("in the body", () => {
  test.each([
    ["the whole value", "litally-lambda-error-rate-auth", "yes"],
    ["in other letters", "Litally-Lambda-Error-Rate-Auth", "no"],
    ["a beginning", { prefix: "litally-" }, "yes"],
    ["another beginning", { prefix: "auth" }, "no"],
    ["an end", { suffix: "-auth" }, "yes"],
    ["another end", { suffix: "litally" }, "no"],
    ["whatever the letters", { "equals-ignore-case": "LITALLY-LAMBDA-ERROR-RATE-AUTH" }, "yes"],
    ["a pattern", { wildcard: "litally-*-rate-*" }, "yes"],
    ["another pattern", { wildcard: "litally-?ambda*" }, "no"], // only the star is one
    ["anything but it", { "anything-but": "litally-lambda-error-rate-auth" }, "no"],
    ["anything but others", { "anything-but": ["a", "b"] }, "yes"],
    ["anything but its beginning", { "anything-but": { prefix: "litally-" } }, "no"],
    ["anything but another beginning", { "anything-but": { prefix: "other-" } }, "yes"],
    ["anything but these ends", { "anything-but": { suffix: ["-x", "-auth"] } }, "no"],
    ["anything but such a pattern", { "anything-but": { wildcard: "*error*" } }, "no"],
    ["anything but whatever the letters", { "anything-but": { "equals-ignore-case": ["X"] } }, "yes"],
    ["that it is there", { exists: true }, "yes"],
    ["that it is not there", { exists: false }, "no"],
    ["a number", { numeric: ["=", 1] }, "no"],
    ["an address", { cidr: "10.0.0.0/8" }, "no"],
    ["an operator that nobody knows", { "sounds-like": "x" }, "maybe"],
    ["two operators at once", { prefix: "a", suffix: "b" }, "maybe"],
    ["an operand of the wrong type", { prefix: 7 }, "maybe"],
    ["anything but what nobody knows", { "anything-but": { "sounds-like": "x" } }, "maybe"],
  ])("%s", (_, condition, expected) => expect(ofName(condition)).toBe(expected));

  test.each([
    [1, "yes"],
    ["1", "no"],
    [{ numeric: ["=", 1] }, "yes"],
    [{ numeric: [">", 0, "<=", 1] }, "yes"],
    [{ numeric: [">", 1] }, "no"],
    [{ numeric: ["<", 1] }, "no"],
    [{ numeric: [">=", 1] }, "yes"],
    [{ numeric: ["=", 2] }, "no"],
    [{ numeric: ["<", 2] }, "yes"],
    [{ numeric: ["<=", 0] }, "no"],
    [{ numeric: [">=", 2] }, "no"],
    [{ numeric: [">", 0, "<", 1] }, "no"],
    [{ numeric: [] }, "maybe"],
    [{ numeric: "=" }, "maybe"],
    [{ exists: "yes" }, "maybe"],
    [{ prefix: "1" }, "no"],
    [{ numeric: ["~", 1] }, "maybe"],
    [{ numeric: [">"] }, "maybe"],
    [{ numeric: [">", "1"] }, "maybe"],
    [{ "anything-but": [1] }, "no"],
  ])("of numbers %j: %s", (condition, expected) => expect(ofThreshold(condition)).toBe(expected));

  test.each([
    ["all keys must fit", { AlarmName: [{ prefix: "litally" }], NewStateValue: ["OK"] }, "no"],
    ["one condition of a key is enough", { NewStateValue: ["OK", "ALARM"] }, "yes"],
    ["a key that is not there", { severity: ["critical"] }, "no"],
    ["a key that must not be there", { severity: [{ exists: false }] }, "yes"],
    ["a key inside of nothing", { detail: { severity: [{ exists: false }] } }, "yes"],
    ["a key inside of a text", { AlarmName: { inner: ["x"] } }, "no"],
    ["inside", { Trigger: { Namespace: ["AWS/Lambda"], MetricName: ["Errors"] } }, "yes"],
    [
      "inside of a list, in one element",
      { Trigger: { Dimensions: { name: ["FunctionName"], value: ["litally-auth"] } } },
      "yes",
    ],
    [
      "inside of a list, in none",
      { Trigger: { Dimensions: { name: ["FunctionName"], value: ["litally-reports"] } } },
      "no",
    ],
    ["a list of texts", { AlarmActions: [{ prefix: "arn:aws:sns" }] }, "yes"],
    ["an empty list", { InsufficientDataActions: [{ exists: true }] }, "no"],
    ["null", { AlarmDescription: [null] }, "yes"],
    ["null is not there", { AlarmDescription: [{ exists: true }] }, "no"],
    ["whether null is absent", { AlarmDescription: [{ exists: false }] }, "maybe"],
    ["that there is more inside", { Trigger: [{ exists: true }] }, "no"],
    ["one choice of two", { $or: [{ NewStateValue: ["OK"] }, { AlarmName: [{ prefix: "litally" }] }] }, "yes"],
    ["no choice of two", { $or: [{ NewStateValue: ["OK"] }, { AlarmName: ["x"] }] }, "no"],
    ["a choice and a key", { AWSAccountId: ["1"], $or: [{ NewStateValue: ["ALARM"] }, { AlarmName: ["x"] }] }, "no"],
    ["a key is no choice", { AWSAccountId: [{ NewStateValue: ["ALARM"] }, { AlarmName: ["x"] }] }, "maybe"],
    [
      "a choice with an operator for a key is none",
      { $or: [{ NewStateValue: ["ALARM"] }, { prefix: ["x"], a: ["x"] }] },
      "maybe",
    ],
    ["a choice with a text is none", { $or: [{ NewStateValue: ["ALARM"] }, "x"] }, "maybe"],
    ["anything but a value of a key that is not there", { severity: [{ "anything-but": ["x"] }] }, "no"],
    ["anything but a value of null", { AlarmDescription: [{ "anything-but": ["x"] }] }, "maybe"],
    ["one choice is a key of that name", { $or: [{ NewStateValue: ["ALARM"] }] }, "maybe"],
    ["what only the moment tells", { NewStateReason: [{ prefix: "Threshold" }] }, "maybe"],
    ["what only the moment tells, beside what fails", { NewStateReason: ["x"], NewStateValue: ["OK"] }, "no"],
    ["a value that is in no list", { NewStateValue: "ALARM" }, "maybe"],
    ["nothing", {}, "yes"],
  ])("%s", (_, filter, expected) => expect(body(filter)).toBe(expected));

  test("what is no filter cannot be told", () => {
    expect(passesFilter("{", "MessageBody", () => MESSAGE)).toBe("maybe");
    expect(passesFilter("[]", "MessageAttributes", () => MESSAGE)).toBe("maybe");
  });
});

describe("of attributes, which messages of alarms have not", () => {
  test.each([
    [{}, "yes"],
    [{ severity: ["critical"] }, "no"],
    [{ severity: [{ exists: true }] }, "no"],
    [{ severity: [{ exists: false }] }, "no"], // without any attribute this does not match either
  ])("%j: %s", (filter, expected) => {
    expect(passesFilter(JSON.stringify(filter), "MessageAttributes", () => MESSAGE)).toBe(expected);
  });
});

describe("the message", () => {
  test("that all is well again", () => {
    expect(body({ NewStateValue: ["ALARM"] }, recovered(MESSAGE))).toBe("no");
    expect(body({ NewStateValue: ["OK"], OldStateValue: ["ALARM"] }, recovered(MESSAGE))).toBe("yes");
  });

  test("of metric math has the metrics", () => {
    const stat = {
      namespace: "AWS/ApiGateway",
      metric: "5XXError",
      dimensions: { ApiName: "litally-api" },
      statistic: "Sum",
      periodSeconds: 300,
      unit: null,
    };
    const queries = [
      { id: "part", label: null, returnsData: false, accountId: null, of: { kind: "stat", stat } },
      {
        id: "percent",
        label: "rate",
        returnsData: true,
        accountId: null,
        of: { kind: "expression", expression: "100 * part", periodSeconds: null },
      },
    ] as const;
    const math = alarmMessage({ ...alarm, settings: seen({ measure: { kind: "math", queries } }) }, HOME);
    const metric = { Namespace: ["AWS/ApiGateway"], Dimensions: { value: ["litally-api"] } };
    expect(body({ Trigger: { Metrics: { MetricStat: { Metric: metric } } } }, math)).toBe("yes");
    expect(body({ Trigger: { Metrics: { Expression: [{ prefix: "100" }], ReturnData: [true] } } }, math)).toBe("yes");
    expect(body({ Trigger: { Period: [300] } }, math)).toBe("maybe");
    expect(body({ Trigger: { MetricName: ["5XXError"] } }, math)).toBe("no");
  });

  test("of a percentile has it under another name", () => {
    const measured = alarm.settings.measure;
    if (!measured.known || measured.value.kind !== "metric") throw new Error("no metric");
    const stat = { ...measured.value.stat, statistic: "p99" };
    const message = alarmMessage({ ...alarm, settings: seen({ measure: { kind: "metric", stat } }) }, HOME);
    expect(body({ Trigger: { ExtendedStatistic: ["p99"], Statistic: [{ exists: false }] } }, message)).toBe("yes");
  });

  test.each([
    ["10.0.0.1", "maybe"],
    ["fe80::1", "maybe"],
    ["litally-10.0.0.1", "no"],
  ])("of an alarm that is called %s may be of that address: %s", (name, expected) => {
    const message = alarmMessage({ ...alarm, name }, HOME);
    expect(body({ AlarmName: [{ cidr: "10.0.0.0/8" }] }, message)).toBe(expected);
  });

  test("of which a setting could not be read is open there", () => {
    const settings = { ...alarm.settings, threshold: UNSEEN, measure: UNSEEN };
    expect(alarmMessage({ ...alarm, settings }, HOME)["Trigger"]).toBe(ONLY_THEN);
    const half = alarmMessage(
      { ...alarm, settings: { ...alarm.settings, threshold: UNSEEN, description: known("x") } },
      HOME,
    );
    expect(body({ Trigger: { Threshold: [1] } }, half)).toBe("maybe");
    expect(body({ AlarmDescription: ["x"] }, half)).toBe("yes");
  });

  test("of some alarm is open in all but its state and account", () => {
    const some = someMessage(HOME);
    expect(Object.keys(some).toSorted()).toEqual(Object.keys(MESSAGE).toSorted());
    expect(body({ AlarmName: ["x"] }, some)).toBe("maybe");
    expect(body({ NewStateValue: ["OK"] }, some)).toBe("no");
  });
});
