// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
/** What lives is adopted as a policy would declare it; what was adopted is in no way different from what lives. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import { parsePolicy } from "../../../src/policy/load.ts";
import { alarmRefusal } from "../../../src/policy/refusal.ts";
import type { AlarmSettings, LiveMetricAlarm, MetricQuery, Seen } from "../../../src/ports/cloudwatch.ts";
import { type AdoptContext, adoptAlarms } from "../../../src/rules/alarms/adopt.ts";
import { compare } from "../../../src/rules/alarms/compare.ts";
import { compile } from "../../../src/rules/alarms/compile.ts";
import type { DeclaredAlarm } from "../../../src/rules/alarms/facts.ts";
import { HOME, only, TOPIC } from "./declared.ts";

const TOPICS = ["critical", "warning", "other"].map((name) => ({
  name,
  subscriptions: [{ protocol: "email" as const, endpoint: "a@b.example" }],
}));
const CONTEXT: AdoptContext = {
  home: HOME,
  notify: { critical: ["critical"], warning: ["warning"] },
  topics: [...TOPICS, { name: "silent", subscriptions: [] }],
  refusalOf: alarmRefusal,
};

function compiled(entries: readonly unknown[]): readonly DeclaredAlarm[] {
  const text = stringify({
    version: 1,
    environment: "test",
    atlas: { projectId: "65e1f0aabbccddeeff001122" },
    aws: { accountId: HOME.accountId, region: HOME.region },
    topics: TOPICS,
    alarms: { owned: "o-", notify: { critical: ["critical"], warning: ["warning"] }, declared: entries },
  });
  return compile(parsePolicy(text, "p.yaml", {}).policy, HOME, () => null).alarms;
}

function live(name: string, settings: AlarmSettings): LiveMetricAlarm {
  const unknown = notKnown(new OpsError("protocol", "not asked"));
  return {
    kind: "metric",
    name,
    arn: unknown,
    settings: seen(settings),
    beyond: {},
    state: unknown,
    stateSince: unknown,
    stateReason: unknown,
  };
}

function seen(settings: AlarmSettings): Seen<AlarmSettings> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, known(value)])) as Seen<AlarmSettings>;
}

const METRIC =
  'metric: { namespace: N, metric: M, statistic: Sum }\n  threshold: "> 1"\n  period: 5m\n  datapoints: 1 of 1';
const RATIO = `ratio:
    part: { namespace: AWS/Lambda, metric: Errors }
    whole: { namespace: AWS/Lambda, metric: Invocations }
    dimensions: { FunctionName: auth }
    minimum: 20
  threshold: "> 2"
  period: 5m
  datapoints: 1 of 1
  missingData: notBreaching`;
const RATIO_ENTRY = {
  name: "o-a",
  severity: "critical",
  ratio: {
    part: { namespace: "AWS/Lambda", metric: "Errors" },
    whole: { namespace: "AWS/Lambda", metric: "Invocations" },
    dimensions: { FunctionName: "auth" },
    minimum: 20,
  },
  threshold: "> 2",
  period: "5m",
  datapoints: "1 of 1",
  missingData: "notBreaching",
};

function adopted(settings: AlarmSettings, context = CONTEXT) {
  return adoptAlarms([live("o-a", settings)], context);
}

describe("a policy, compiled and adopted, is the same policy", () => {
  test("whatever it declares", () => {
    fc.assert(
      fc.property(fc.uniqueArray(entry(), { maxLength: 6, selector: ({ name }) => name }), (entries) => {
        const before = compiled(entries);
        const { declared, exceptions } = adoptAlarms(
          before.map(({ name, settings }) => live(name, settings)),
          CONTEXT,
        );
        expect(exceptions).toEqual([]);
        const after = compiled(declared.map((one) => one.entry));
        expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
        for (const [index, one] of before.entries()) {
          const other = after[index];
          if (other === undefined) throw new Error("nothing was adopted of it");
          const none = { differences: [], unreadable: [] };
          expect(compare(other, seen(one.settings))).toEqual(none);
          expect(compare(one, seen(other.settings))).toEqual(none);
          expect(other.policy.ratio === undefined).toBe(one.policy.ratio === undefined);
          expect(other.settings.description).toBe(one.settings.description);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("and a ratio is told as one", () => {
    expect(adopted(only(RATIO).settings)).toEqual({ declared: [{ entry: RATIO_ENTRY, notes: [] }], exceptions: [] });
  });
});

describe("what others made", () => {
  const { settings } = only(RATIO);
  const queries = settings.measure.kind === "math" ? settings.measure.queries : [];
  const [part, whole] = queries;
  const math = (...all: readonly (MetricQuery | undefined)[]): AlarmSettings => ({
    ...settings,
    measure: { kind: "math", queries: all.filter((one) => one !== undefined) },
  });
  const named = (id: string, query: MetricQuery | undefined) => query && { ...query, id, label: `the ${id}` };
  const formula = (id: string, expression: string, returnsData = false): MetricQuery => ({
    id,
    label: null,
    accountId: null,
    returnsData,
    of: { kind: "expression", expression, periodSeconds: null },
  });

  test("is a ratio by what it says, whatever its queries are called and however many they are", () => {
    const other = math(
      formula("alarm", "IF( m2>=2e1 , rate, 0.0)", true),
      named("m2", whole),
      formula("rate", "((100.0 * m1) / m2)"),
      named("m1", part),
    );
    expect(adopted({ ...other, datapointsToAlarm: null }).declared).toEqual([{ entry: RATIO_ENTRY, notes: [] }]);
  });

  test.each([
    ["IF(m2 >= 20, 100 * m1 / m2, 100)", "a fallback that fires"],
    ["IF(m2 > 20, 100 * m1 / m2, 0)", "another comparison"],
    ["IF(m1 >= 20, 100 * m1 / m2, 0)", "a minimum of the part"],
    ["IF(m2 >= 20.5, 100 * m1 / m2, 0)", "half a request"],
    ["IF(m2 >= 20, 10 * m1 / m2, 0)", "no percent"],
    ["100 * (m1 / m2)", "another order"],
  ])("is free math where it is %s: %s", (text) => {
    const { declared } = adopted(math(formula("e1", text, true), named("m1", part), named("m2", whole)));
    expect(declared[0]?.entry).toMatchObject({
      expression: { formula: text, metrics: { m1: { metric: "Errors" }, m2: { metric: "Invocations" } } },
    });
  });

  test("has its expressions put into one", () => {
    const { declared } = adopted(
      math(formula("e2", "e1 - 1", true), formula("e1", "m1 + m2"), named("m1", part), named("m2", whole)),
    );
    expect(declared[0]?.entry).toMatchObject({ expression: { formula: "m1 + m2 - 1" } });
  });

  test("is one metric where its formula is no more than that", () => {
    const { declared } = adopted(
      math(named("m1", part) && ({ ...named("m1", part), returnsData: true } as MetricQuery)),
    );
    expect(declared[0]?.entry).toMatchObject({ metric: { metric: "Errors", statistic: "Sum" } });
  });

  const slow =
    part?.of.kind === "stat"
      ? { ...part, id: "m1", of: { ...part.of, stat: { ...part.of.stat, periodSeconds: 60 } } }
      : undefined;
  test.each<readonly [string, AlarmSettings]>([
    ["its queries give no single result", math(named("m1", part))],
    ["its formula cannot be read", math(formula("q", "SELECT AVG(x) FROM y", true))],
    [
      "it looks at metrics of another account",
      math(formula("e", "m1", true), part && { ...part, id: "m1", accountId: "1" }),
    ],
    [
      "it has expressions that its result does not need",
      math(formula("e", "m1", true), formula("f", "m1 * 2"), named("m1", part)),
    ],
    ["its metrics have different periods", math(formula("e", "m1 / m2", true), slow, named("m2", whole))],
    ["PromQL: up", { ...settings, measure: { kind: "other", words: "PromQL: up" } }],
    [
      'threshold: "> 0.0000000001" is not a threshold; write an operator and a number in quotes, such as "> 1"',
      { ...settings, threshold: 1e-10 },
    ],
    [
      'threshold: "> 100" never fires: a part of a whole, in percent, is from 0 to 100; write a threshold within',
      { ...settings, threshold: 100 },
    ],
  ])("is an exception where no policy can say it: %s", (reason, alarm) => {
    const { declared, exceptions } = adopted(alarm);
    expect(declared).toEqual([]);
    expect(exceptions).toEqual([
      { name: "o-a", reason: expect.stringContaining(reason.replace("0.0000000001", "1e-10")) },
    ]);
  });

  test("is an exception where it is not a metric's alarm, or could not be read", () => {
    const unread = live("o-${a}", settings);
    const reason = notKnown(new OpsError("protocol", "Threshold is a text"));
    const { exceptions } = adoptAlarms(
      [
        { ...unread, settings: { ...unread.settings, threshold: reason } },
        { kind: "log", name: "o-log" },
        {
          kind: "composite",
          name: "o-both",
          arn: reason,
          rule: reason,
          actionsEnabled: reason,
          alarmActions: reason,
          suppressor: reason,
          state: reason,
        },
      ],
      CONTEXT,
    );
    expect(exceptions).toEqual([
      { name: "o-$${a}", reason: "could not be read: Threshold is a text" },
      { name: "o-log", reason: "an alarm over a query of logs" },
      { name: "o-both", reason: "a composite alarm" },
    ]);
  });

  test("is adopted as it should be, and said so, where its actions are off or more is set than a policy says", () => {
    const off = live("o-a", { ...settings, actionsEnabled: false, description: "a\u0007bell" });
    expect(adoptAlarms([{ ...off, beyond: { EvaluationInterval: 60 } }], CONTEXT).declared).toEqual([
      {
        entry: RATIO_ENTRY,
        notes: [
          "its actions are off; the next apply turns them on",
          "EvaluationInterval stays as it is",
          "its description cannot be said here; it stays",
        ],
      },
    ]);
  });
});

describe("who hears it", () => {
  const { settings } = only(METRIC);
  const OTHER = "arn:aws:sns:ap-south-1:123456789012:other";
  const SILENT = "arn:aws:sns:ap-south-1:123456789012:silent";
  const FAR = "arn:aws:sns:eu-west-1:123456789012:critical";
  const { critical, warning } = TOPIC;

  test.each([
    [[critical], [critical], [], "critical", undefined],
    [[warning], [warning], [], "warning", undefined],
    [[warning], [], [], "warning", { ok: [] }],
    [[critical, warning], [critical], [], "critical", { alarm: ["critical", "warning"] }],
    [[OTHER], [OTHER], [OTHER], "critical", { alarm: ["other"], ok: ["other"], insufficientData: ["other"] }],
    [[FAR], [critical], [], "critical", { alarm: [FAR] }],
    [[SILENT], [critical], [], "critical", { alarm: [SILENT] }],
    [[], [], [], "critical", { alarm: [], ok: [] }],
  ])("%j, %j, %j: %s, %j", (alarmActions, okActions, insufficientDataActions, severity, notify) => {
    const entry = adopted({ ...settings, alarmActions, okActions, insufficientDataActions }).declared[0]?.entry;
    expect([entry?.["severity"], entry?.["notify"]]).toEqual([severity, notify]);
  });

  test("is written out where nobody hears the severity", () => {
    const nobody = { ...CONTEXT, notify: { critical: [], warning: [] } };
    expect(adopted({ ...settings, alarmActions: [], okActions: [] }, nobody).declared[0]?.entry).toMatchObject({
      severity: "critical",
      notify: { alarm: [] },
    });
  });
});

/** Any alarm that a policy may declare, with names and texts that are hard to write down. */
function entry() {
  const text = fc.constantFrom(
    "auth",
    "a b",
    "ü",
    "${HOME}",
    "$${x}",
    "yes",
    "1.0",
    "#1",
    "x: y",
    '"',
    "'",
    "\\",
    "null",
  );
  const dimensions = fc.dictionary(fc.constantFrom("FunctionName", "Stage", "a.b", "x y"), text, { maxKeys: 3 });
  const names = { namespace: fc.constantFrom("Own", "Own/Two", "${N}"), metric: text };
  const statistic = fc.constantFrom(
    "Sum",
    "Average",
    "Minimum",
    "p99",
    "p99.9",
    "IQM",
    "tm90",
    "TM(10%:90%)",
    "SampleCount",
  );
  const metric = fc.record(
    { ...names, statistic, dimensions, unit: fc.constantFrom("Count", "Bytes/Second") },
    { requiredKeys: ["namespace", "metric", "statistic"] },
  );
  const sum = fc.record(names);
  const measure = fc.oneof(
    fc.record({ metric }),
    fc.record({
      ratio: fc.record(
        { part: sum, whole: sum, dimensions, minimum: fc.integer({ min: 1, max: 1e6 }) },
        { requiredKeys: ["part", "whole"] },
      ),
    }),
    fc.record({
      expression: fc.record({
        formula: fc.constantFrom(
          "a",
          "a / b",
          "IF(a >= 20, b, 0)",
          "-(a+b) * 1e3",
          "FILL(a, 0) - SUM([a, b])",
          "100*a/b",
        ),
        metrics: fc.record({ a: metric, b: metric, result: metric }, { requiredKeys: ["a", "b"] }),
      }),
    }),
  );
  const action = fc.constantFrom("critical", "warning", "other", "arn:aws:lambda:eu-west-1:111111111111:function:heal");
  const actions = fc.uniqueArray(action, { maxLength: 4 });
  const judged = fc.record(
    {
      severity: fc.constantFrom("critical", "warning"),
      threshold: fc
        .tuple(fc.constantFrom(">", ">=", "<", "<="), fc.constantFrom("1", "0.5", "99.999999999", "7.25"))
        .map((both) => both.join(" ")),
      period: fc.constantFrom("10s", "1m", "5m", "90m", "1h", "1d"),
      datapoints: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3)).map(([m, more]) => `${m} of ${m + more}`),
      missingData: fc.constantFrom("missing", "notBreaching", "breaching", "ignore"),
      description: fc.constantFrom("plain", "two\nlines", "${HOME} at 100%: 'x' \"y\" #z", "\ttab ", "1", "ü"),
      notify: fc.record({ alarm: actions, ok: actions, insufficientData: actions }, { requiredKeys: [] }),
    },
    { requiredKeys: ["severity", "threshold", "period", "datapoints"] },
  );
  const name = fc
    .tuple(fc.constantFrom("o-a", "o-b c", "o-1:2", "o-#x", "o-${y}"), fc.nat(20))
    .map((both) => both.join(""));
  return fc
    .tuple(name, measure, judged)
    .map(([called, measures, judges]) => escapedAll({ name: called, ...measures, ...judges }));
}

/** As a policy has to write it. */
function escapedAll<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll("${", () => "$${")) as T;
}
