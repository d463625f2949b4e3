/** Alarms that CloudWatch would refuse, or that could never say anything: refused before any call, and nothing else is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changed, load, problemsOf } from "./support.ts";

const METRIC = "metric: { namespace: AWS/Lambda, metric: Throttles, statistic: Sum }";
const LAST = ['      threshold: ">= 1"\n      period: 5m', "      datapoints: 2 of 3"] as const;

/** The reference policy whose last alarm, in lines 94 to 100, measures this instead. */
function measuring(measure: string, threshold = ">= 1", period = "5m", more = ""): string {
  return changed(
    [METRIC, measure],
    [LAST[0], `      threshold: "${threshold}"\n      period: ${period}`],
    [LAST[1], `      datapoints: 1 of 1${more === "" ? "" : `\n      ${more}`}`],
  );
}

const one = (namespace: string, metric: string, statistic: string) =>
  `metric: { namespace: ${namespace}, metric: ${metric}, statistic: "${statistic}" }`;

describe("a threshold that can never be crossed, or always is", () => {
  const NEVER = (shown: string, words: string) =>
    `p.yaml:97:18: alarms.declared[3].threshold: "${shown}" never fires: ${words}; write a threshold within`;
  const ALWAYS = (shown: string, words: string) =>
    `p.yaml:97:18: alarms.declared[3].threshold: "${shown}" fires whatever it is: ${words}; write a threshold within`;
  const FRACTION = "the Average of 5XXError is a fraction from 0 to 1 (0.01 for 1 %)";
  const CPU = "the Maximum of CPUUtilization is from 0 to 100";
  const SUM = "the Sum of Errors is 0 or more";
  const API = one("AWS/ApiGateway", "5XXError", "Average");
  const CPU_OF = (service: string) => one(service, "CPUUtilization", "Maximum");
  const LAMBDA = one("AWS/Lambda", "Errors", "Sum");

  test.each([
    [API, "> 1", NEVER, FRACTION],
    [API, ">= 1.000000001", NEVER, FRACTION],
    [API, "< 0", NEVER, FRACTION],
    [API, ">= 0", ALWAYS, FRACTION],
    [API, "<= 1", ALWAYS, FRACTION],
    [API, "< 5", ALWAYS, FRACTION],
    [CPU_OF("AWS/EC2"), "> 100", NEVER, CPU],
    [CPU_OF("AWS/RDS"), ">= 101", NEVER, CPU],
    [CPU_OF("AWS/RDS"), "> -1", ALWAYS, CPU],
    [LAMBDA, "< 0", NEVER, SUM],
    [LAMBDA, "<= -1", NEVER, SUM],
    [LAMBDA, ">= 0", ALWAYS, SUM],
    [LAMBDA, "> -0.5", ALWAYS, SUM],
    [one("LiTally", "Anything", "SampleCount"), "< 0", NEVER, "the SampleCount of Anything is 0 or more"],
    [one("LiTally", "Anything", "PR(:300)"), "> 100", NEVER, "the PR(:300) of Anything is from 0 to 100"],
  ] as const)("%s %s", (measure, threshold, says, words) => {
    expect(problemsOf(measuring(measure, threshold))).toEqual([says(threshold, words)]);
  });

  test.each([
    ["> 100", "never fires"],
    ["< 0", "never fires"],
    [">= 0", "fires whatever it is"],
    ["<= 100", "fires whatever it is"],
  ])("of a ratio: %s", (threshold, says) => {
    expect(problemsOf(changed(['threshold: "> 2"', `threshold: "${threshold}"`]))).toEqual([
      `p.yaml:79:18: alarms.declared[1].threshold: "${threshold}" ${says}: a part of a whole, in percent, is from 0 to 100; write a threshold within`,
    ]);
  });

  test.each([
    [API, "> 0.999999999"],
    [API, ">= 1"],
    [API, "> 0"],
    [API, "<= 0"],
    [API, "< 1"],
    [one("AWS/ApiGateway", "5XXError", "Sum"), "> 100"],
    [one("AWS/ApiGateway", "5XXError", "p99"), "> 1"], // no page says what a percentile of it is
    [CPU_OF("AWS/EC2"), "> 99.5"],
    [CPU_OF("AWS/EC2"), ">= 100"],
    [CPU_OF("AWS/ECS"), "> 100"], // a task may use more than was reserved for it
    [one("AWS/EC2", "CPUUtilization", "Sum"), "> 100"],
    [LAMBDA, "> 0"],
    [LAMBDA, "<= 0"],
    [one("LiTally", "Balance", "Average"), "< 0"],
    [one("LiTally", "Balance", "Sum"), ">= 0"],
    [one("AWS/Lambda", "constructor", "Average"), "< 0"],
  ])("no other: %s %s", (measure, threshold) => {
    expect(problemsOf(measuring(measure, threshold))).toEqual([]);
  });

  test.each([
    ["> 100", ["never fires"]],
    ["< 0", ["never fires"]],
    ["< 100.5", ["fires whatever it is"]],
    ["> -1", ["fires whatever it is"]],
    ["> 99.9", []],
    ["< 100", []],
  ])("of an Atlas alert in percent: %s", (threshold, says) => {
    expect(problemsOf(changed(['threshold: "> 80"', `threshold: "${threshold}"`]))).toEqual(
      says.map(
        (what) =>
          `p.yaml:89:18: alarms.declared[2].threshold: "${threshold}" ${what}: NORMALIZED_SYSTEM_CPU_USER is from 0 to 100; write a threshold within`,
      ),
    );
  });

  test.each(["CONNECTIONS", "NORMALIZED_SYSTEM_CPU_STEAL"])("nothing is known of %s", (metric) => {
    const text = changed(['threshold: "> 80"', 'threshold: "> 1000"'], ["NORMALIZED_SYSTEM_CPU_USER", metric]);
    expect(problemsOf(text)).toEqual([]);
  });

  test("but one that data cannot cross may be meant for data that never comes", () => {
    const text = measuring(LAMBDA, "< 0");
    const last = text.lastIndexOf("missingData: notBreaching");
    expect(problemsOf(`${text.slice(0, last)}missingData: breaching\n`)).toEqual([]);
  });

  test("is what no value between the ends, and what every such value, crosses", () => {
    const holds = { ">": (v: number, t: number) => v > t, ">=": (v: number, t: number) => v >= t } as const;
    const values = Array.from({ length: 101 }, (_, index) => index / 100);
    fc.assert(
      fc.property(fc.constantFrom(">", ">=", "<", "<="), fc.integer({ min: -4, max: 105 }), (operator, hundredths) => {
        const threshold = hundredths / 100;
        const crossing = values.filter((value) =>
          operator.startsWith(">")
            ? holds[operator as ">"](value, threshold)
            : holds[operator.replace("<", ">") as ">"](threshold, value),
        );
        const said = problemsOf(measuring(API, `${operator} ${threshold}`)).join();
        expect(said.includes("never fires")).toBe(crossing.length === 0);
        expect(said.includes("fires whatever it is")).toBe(crossing.length === values.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a period that its metric does not have", () => {
  test.each([
    [one("AWS/Lambda", "Errors", "Sum"), "30s", "Errors has at most one datapoint in 1m; write 1m or more"],
    [
      one("AWS/S3", "BucketSizeBytes", "Average"),
      "23h",
      "BucketSizeBytes has at most one datapoint in 1d; write 1d or more",
    ],
    [
      "ratio: { part: { namespace: Own, metric: A }, whole: { namespace: AWS/ApiGateway, metric: Count } }",
      "10s",
      "Count has at most one datapoint in 1m; write 1m or more",
    ],
    [
      "expression: { formula: a, metrics: { a: { namespace: AWS/SQS, metric: NumberOfMessagesSent, statistic: Sum } } }",
      "20s",
      "NumberOfMessagesSent has at most one datapoint in 1m; write 1m or more",
    ],
  ])("%s in %s", (measure, period, words) => {
    expect(problemsOf(measuring(measure, "> 1", period))).toEqual([
      `p.yaml:98:15: alarms.declared[3].period: "${period}" is too short: ${words}`,
    ]);
  });

  test.each([
    [one("AWS/Lambda", "Errors", "Sum"), "1m"],
    [one("AWS/S3", "BucketSizeBytes", "Average"), "1d"],
    [one("LiTally", "Errors", "Sum"), "10s"],
    [one("AWS/Lambda", "SomethingNew", "Sum"), "10s"],
  ])("no other: %s in %s", (measure, period) => {
    expect(problemsOf(measuring(measure, "> 1", period))).toEqual([]);
  });
});

describe("a formula", () => {
  const METRICS =
    "{ errors: { namespace: N, metric: E, statistic: Sum }, total: { namespace: N, metric: T, statistic: Sum } }";
  const formula = (text: string) => `expression: { formula: "${text}", metrics: ${METRICS} }`;
  const AT = "p.yaml:96:30: alarms.declared[3].expression.formula:";

  test.each([
    [
      "100 * error / total",
      [`${AT} error is not under metrics; declare it there, or write one that is (did you mean "errors"?)`],
    ],
    [
      "x / y",
      [
        `${AT} x is not under metrics; declare it there, or write one that is`,
        `${AT} y is not under metrics; declare it there, or write one that is`,
      ],
    ],
    ["SUM(SEARCH('x', 'Sum'))", [`${AT} SEARCH() backs no alarm; name its metrics one by one`]],
    ["100 * (errors / total", [`${AT} "100 * (errors / total" is no metric math; write such as 100 * errors / total`]],
    ["errors %% total", [`${AT} "errors %% total" is no metric math; write such as 100 * errors / total`]],
  ])("%s is refused", (text, says) => {
    expect(problemsOf(measuring(formula(text)))).toEqual(says);
  });

  test.each([
    "100 * errors / total",
    "IF(total > 20 AND errors > 2, errors / total, 0)",
    "IF(total > 20 && errors > 2, errors / total, 0)",
    "FILL(errors, REPEAT) - FILL(total, LINEAR)",
    "SUM([errors, total]) ^ 2",
    "SUM(METRICS())",
    "RATE(errors)",
    "-errors + 1e3",
  ])("%s is not", (text) => {
    expect(problemsOf(measuring(formula(text)))).toEqual([]);
  });
});

describe("few samples", () => {
  const AT =
    "p.yaml:100:19: alarms.declared[3].lowSamples: is for percentiles alone, and there is none; remove it, or write a statistic such as p99";
  const RATIO = "ratio: { part: { namespace: N, metric: A }, whole: { namespace: N, metric: B } }";
  const TWO = (statistic: string) =>
    `expression: { formula: a / b, metrics: { a: { namespace: N, metric: A, statistic: Sum }, b: { namespace: N, metric: B, statistic: "${statistic}" } } }`;
  test.each([
    [one("N", "M", "Average"), [AT]],
    [RATIO, [AT]],
    [TWO("Maximum"), [AT]],
    [TWO("p99"), []],
    [one("N", "M", "p99"), []],
    [one("N", "M", "TM(10%:90%)"), []],
  ])("%s", (measure, says) => {
    expect(problemsOf(measuring(measure, "> 1", "5m", "lowSamples: ignore"))).toEqual(says);
  });
});

describe("who hears it", () => {
  const hearing = (notify: string) => measuring(METRIC, ">= 1", "5m", `notify: ${notify}`);
  const ARN = (name: string) => `"arn:aws:lambda:ap-south-1:123456789012:function:${name}"`;

  test.each([
    [
      "{ alarm: [litally-critcal] }",
      [
        'p.yaml:100:25: alarms.declared[3].notify.alarm[0]: "litally-critcal" is not under topics; declare it there, or write one that is (did you mean "litally-critical"?)',
      ],
    ],
    [
      "{ insufficientData: [nobody] }",
      [
        'p.yaml:100:36: alarms.declared[3].notify.insufficientData[0]: "nobody" is not under topics; declare it there, or write one that is',
      ],
    ],
    [
      `{ ok: [${["a", "b", "c", "d", "e", "f"].map(ARN).join(", ")}] }`,
      ["p.yaml:100:21: alarms.declared[3].notify.ok: CloudWatch tells at most 5 of one change; write those"],
    ],
    [
      "{ alarm: [arn:aws] }",
      [
        'p.yaml:100:25: alarms.declared[3].notify.alarm[0]: "arn:aws" is not the name of a topic; write one that is under topics, or an ARN',
      ],
    ],
    [`{ ok: [${["a", "b", "c", "d", "e", "e"].map(ARN).join(", ")}] }`, []],
    ["{ alarm: [litally-critical, litally-operations], ok: [], insufficientData: [] }", []],
    ["{ alarm: [] }", []],
  ])("%s", (notify, says) => {
    expect(problemsOf(hearing(notify))).toEqual(says);
  });

  test("need not be its severity's topic, where all of that severity say otherwise", () => {
    const nobody = (text: string) => text.replace("warning: [litally-operations]", "warning: []");
    expect(problemsOf(nobody(hearing("{ alarm: [litally-critical] }")))).toEqual([]);
    expect(problemsOf(nobody(hearing("{ ok: [litally-critical] }")))).toHaveLength(1);
    expect(problemsOf(nobody(hearing("{ alarm: 5 }")))).toHaveLength(1);
  });
});

describe("the key of a topic", () => {
  const keyed = (key: string) =>
    changed(["  - name: litally-critical\n", `  - name: litally-critical\n    encryption: ${key}\n`]);

  test.each(["alias/litally-alarms", "arn:aws:kms:ap-south-1:123456789012:key/1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a"])(
    "may be %s",
    (key) => {
      expect(load(keyed(key)).policy.topics[1]?.encryption).toBe(key);
    },
  );

  test("is not AWS's own where alarms are to be heard", () => {
    expect(problemsOf(keyed("alias/aws/sns"))).toEqual([
      `p.yaml:48:17: topics[1].encryption: "alias/aws/sns" is AWS's own key, with which no alarm is heard; write a key of this account`,
    ]);
    const unheard = keyed("alias/aws/sns").replace("critical: [litally-critical]", "critical: [litally-operations]");
    expect(problemsOf(unheard)).toEqual([]);
  });

  test("is an alias or an ARN", () => {
    expect(problemsOf(keyed("my-key"))).toEqual([
      'p.yaml:48:17: topics[1].encryption: "my-key" is not a key; write its alias as alias/litally-alarms, or its ARN',
    ]);
  });
});

test("a description has an end, and may have lines", () => {
  const describing = (text: string) => measuring(METRIC, ">= 1", "5m", `description: ${JSON.stringify(text)}`);
  expect(problemsOf(describing(`${"x".repeat(1023)}\n`))).toEqual([]);
  expect(problemsOf(describing("x".repeat(1025)))).toHaveLength(1);
  expect(problemsOf(describing(""))).toHaveLength(1);
});

test("a name that is too long once it is written out is refused, said once", () => {
  const value = (length: number) => "x".repeat(length - "litally-lambda-error-rate-".length);
  const each = (...values: readonly string[]) =>
    changed(["[auth, accounts, transactions, reports]", `[${values.join(", ")}]`]);
  expect(problemsOf(each(value(255), "auth"))).toEqual([]);
  expect(problemsOf(each(value(256), `${value(256)}y`))).toEqual([
    "p.yaml:71:13: alarms.declared[1].name: becomes a name of more than 255 characters, which CloudWatch refuses; write shorter values",
  ]);
});

test("an exception is of what nobody declares", () => {
  const excepting = (names: string) =>
    changed(["  declared:\n    # API Gateway", `  exceptions: [${names}]\n  declared:\n    # API Gateway`]);
  expect(load(excepting('litally-x, "o {y}"')).policy.alarms?.exceptions).toEqual(["litally-x", "o {y}"]);
  expect(problemsOf(excepting("litally-atlas-cpu"))).toEqual([]); // that one is Atlas's: CloudWatch may have another
  expect(problemsOf(excepting("litally-x, litally-lambda-error-rate-accounts"))).toEqual([
    'p.yaml:56:27: alarms.exceptions[1]: "litally-lambda-error-rate-accounts" is declared below; remove it here, or there',
  ]);
});
