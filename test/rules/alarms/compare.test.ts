/** What is a difference between a live alarm and the declared one, what is none, and how each is classed. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { AlarmSettings, Measure, MetricQuery } from "../../../src/ports/cloudwatch.ts";
import { type Compared, compare } from "../../../src/rules/alarms/compare.ts";
import { crossesToo, driftOf, statisticDrift } from "../../../src/rules/alarms/drift.ts";
import { GONE } from "../build.ts";
import { only, TOPIC } from "./declared.ts";
import { anAlarm, driftBy, editsOf, seen } from "./edits.ts";
import { type ALimit, fires } from "./observer.ts";

const CLEAN: Compared = { differences: [], unreadable: [] };
const RATIO = only(`ratio:
    part: { namespace: AWS/ApiGateway, metric: 5XXError }
    whole: { namespace: AWS/ApiGateway, metric: Count }
    dimensions: { ApiName: litally-api, Stage: live }
    minimum: 20
  missingData: notBreaching
  threshold: "> 1"
  period: 5m
  datapoints: 1 of 1`);
const METRIC = only(`metric: { namespace: AWS/Lambda, metric: Duration, statistic: p99, dimensions: { F: f } }
  threshold: ">= 5"
  period: 1m
  datapoints: 2 of 3`);

describe("any declared alarm", () => {
  it("is as it was declared", () => {
    fc.assert(
      fc.property(anAlarm, (alarm) => {
        expect(compare(alarm, seen(alarm.settings))).toEqual(CLEAN);
      }),
    );
  });

  it("differs in exactly the one setting that somebody edited, classed as one who tries every case would", () => {
    fc.assert(
      fc.property(anAlarm, (alarm) => {
        for (const { what, key, drift, settings } of editsOf(alarm)) {
          const { differences, unreadable } = compare(alarm, seen(settings));
          expect({ what, unreadable, told: differences.map((one) => ({ key: one.key, drift: one.drift })) }).toEqual({
            what,
            unreadable: [],
            told: [{ key, drift }],
          });
          for (const { wanted, live } of differences) expect(wanted).not.toBe(live);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("differs in two settings where two were edited", () => {
    fc.assert(
      fc.property(anAlarm, fc.nat(), fc.nat(), (alarm, first, second) => {
        const edits = editsOf(alarm);
        const ofMeasure = edits.filter(({ settings }) => settings.measure !== alarm.settings.measure);
        const others = edits.filter((edit) => !ofMeasure.includes(edit));
        const [one, other] = [ofMeasure[first % ofMeasure.length], others[second % others.length]];
        if (one === undefined || other === undefined) throw new Error("there are always some");
        const settings = { ...other.settings, measure: one.settings.measure };
        expect(compare(alarm, seen(settings)).differences.map(({ key, drift }) => ({ key, drift }))).toEqual(
          [one, other].map(({ key, drift }) => ({ key, drift })),
        );
      }),
    );
  });

  it("cannot be compared in exactly the one setting that cannot be read", () => {
    const settingOf = (key: string) =>
      key
        .replace(/^(?:comparison|threshold)$/, "threshold")
        .replace(/^(?:datapointsToAlarm|evaluationPeriods)$/, "datapoints")
        .replace("alarmActions", "notify.alarm")
        .replace("okActions", "notify.ok")
        .replace("insufficientDataActions", "notify.insufficientData");
    fc.assert(
      fc.property(anAlarm, (alarm) => {
        for (const field of Object.keys(alarm.settings)) {
          const { differences, unreadable } = compare(alarm, { ...seen(alarm.settings), [field]: GONE });
          const kind =
            (["ratio", "metric", "expression"] as const).find((one) => alarm.policy[one] !== undefined) ?? "";
          const isAsked = field !== "description" || alarm.settings.description !== null;
          expect(differences).toEqual([]);
          expect(unreadable.map(({ key }) => key)).toEqual(
            isAsked ? [field === "measure" ? kind : settingOf(field)] : [],
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** With other ids, in another order, and written as another tool would. */
function rewritten(measure: Measure, nameOf: (id: string) => string): Measure {
  if (measure.kind !== "math") return measure;
  const queries = measure.queries.map((query): MetricQuery => {
    const { of } = query;
    const named = { ...query, id: nameOf(query.id), label: `label of ${query.id}` };
    if (of.kind === "stat") {
      const dimensions = Object.fromEntries(Object.entries(of.stat.dimensions).toReversed());
      return { ...named, of: { kind: "stat", stat: { ...of.stat, dimensions } } };
    }
    const renamed = of.expression.replaceAll(/\b[a-z]\w*\b/g, nameOf).replaceAll(/(?<![\w.])(\d+)\b/g, "$1.0e0");
    const expression = ` ( ${renamed.replaceAll(/([-+*/(),])/g, "  $1\n")} ) `;
    return { ...named, of: { kind: "expression", expression, periodSeconds: periodOf(measure.queries) } };
  });
  return { kind: "math", queries: queries.toReversed() };
}

function periodOf(queries: readonly MetricQuery[]): number | null {
  return queries.flatMap(({ of }) => (of.kind === "stat" ? [of.stat.periodSeconds] : []))[0] ?? null;
}

describe("it is no difference", () => {
  it("how formulas are written and called, in which order things stand, and what is left to the default", () => {
    const turned = (settings: AlarmSettings): AlarmSettings => ({
      ...settings,
      alarmActions: settings.alarmActions.toReversed().map((arn) => arn.replace("arn:aws:sns", "arn:aws:SNS")),
      okActions: [...settings.okActions, ...settings.okActions],
      datapointsToAlarm: settings.datapointsToAlarm === settings.evaluationPeriods ? null : settings.datapointsToAlarm,
      lowSamples: settings.lowSamples ?? "evaluate",
      description: settings.description ?? "said by hand",
      measure: rewritten(settings.measure, (id) => `x${id.length}${id}`),
    });
    fc.assert(
      fc.property(anAlarm, (alarm) => {
        expect(compare(alarm, seen(turned(alarm.settings)))).toEqual(CLEAN);
      }),
    );
  });

  const stat = (metric: string) => ({
    namespace: "AWS/ApiGateway",
    metric,
    dimensions: { Stage: "live", ApiName: "litally-api" },
    statistic: "Sum",
    periodSeconds: 300,
    unit: null,
  });
  const term = (id: string, metric: string): MetricQuery => ({
    id,
    label: null,
    returnsData: false,
    accountId: null,
    of: { kind: "stat", stat: stat(metric) },
  });
  const expression = (id: string, text: string, returnsData = false): MetricQuery => ({
    id,
    label: null,
    returnsData,
    accountId: null,
    of: { kind: "expression", expression: text, periodSeconds: null },
  });
  const judged = (...queries: readonly MetricQuery[]) =>
    compare(RATIO, { ...seen(RATIO.settings), measure: { known: true, value: { kind: "math", queries } } });

  it("that a formula is cut into several", () => {
    expect(
      judged(
        expression("e2", "IF(m2 >= 20, e1, 0)", true),
        term("m1", "5XXError"),
        expression("e1", "100 * m1 / m2"),
        term("m2", "Count"),
      ),
    ).toEqual(CLEAN);
  });

  it("that one metric is queried twice", () => {
    expect(
      judged(
        term("m1", "5XXError"),
        term("m2", "Count"),
        term("m3", "Count"),
        expression("e", "IF(m3 >= 20, 100 * m1 / m2, 0)", true),
      ),
    ).toEqual(CLEAN);
  });

  it("nor is it, where the policy queries it once and names it again before others", () => {
    const of = (metric: string) => `{ namespace: N, metric: ${metric}, statistic: Sum }`;
    const alarm = only(`expression: { formula: a / a + b, metrics: { a: ${of("A")}, b: ${of("B")} } }
  threshold: "> 1"
  period: 5m
  datapoints: 1 of 1`);
    const { measure } = alarm.settings;
    if (measure.kind !== "math") throw new Error("an expression is math");
    const queries = measure.queries.flatMap((query): readonly MetricQuery[] => {
      if (query.of.kind === "expression") return [{ ...query, of: { ...query.of, expression: "a / c + b" } }];
      return query.id === "a" ? [query, { ...query, id: "c" }] : [query];
    });
    expect(
      compare(alarm, { ...seen(alarm.settings), measure: { known: true, value: { kind: "math", queries } } }),
    ).toEqual(CLEAN);
  });

  it("but it is one what a formula that makes no sense looks at", () => {
    const told = (...queries: readonly MetricQuery[]) =>
      judged(...queries).differences.map(({ key, live, drift }) => `${key} ${live} ${drift}`);
    const none = ["ratio queries without one result different"];
    expect(told(term("m1", "Count"), expression("e", "m1 / m2", true))).toEqual(none);
    expect(told(expression("e", "f", true), expression("f", "e"))).toEqual(none);
    expect(told(expression("e", "e + 1", true))).toEqual(none);
    expect(told(term("m1", "Count"))).toEqual(none);
    expect(told({ ...term("m1", "Count"), returnsData: true }, { ...term("m2", "Count"), returnsData: true })).toEqual(
      none,
    );
    expect(told()).toEqual(none);
  });

  it("but it is one what nobody needs", () => {
    const [part, whole] = [term("part", "5XXError"), term("whole", "Count")];
    const percent = expression("percent", "IF(whole >= 20, 100 * part / whole, 0)", true);
    const told = (...queries: readonly MetricQuery[]) => judged(part, whole, percent, ...queries).differences;
    const rest = { key: "ratio", wanted: "none", drift: "different" };
    expect(told(term("m1", "Latency"))).toEqual([
      { ...rest, live: "Sum of AWS/ApiGateway Latency (ApiName litally-api, Stage live)" },
    ]);
    expect(told(expression("e1", "part + 1"))).toEqual([{ ...rest, live: "part + 1" }]);
  });

  it("but it is one what could not be read as a formula and is not the same text", () => {
    const [part, whole] = [term("part", "5XXError"), term("whole", "Count")];
    const alarm = {
      ...RATIO,
      settings: {
        ...RATIO.settings,
        measure: { kind: "math" as const, queries: [part, whole, expression("e", "SUM(METRICS('a b')) $", true)] },
      },
    };
    const told = (text: string, first = part) =>
      compare(alarm, {
        ...seen(alarm.settings),
        measure: { known: true, value: { kind: "math", queries: [first, whole, expression("e", text, true)] } },
      }).differences.map(({ key }) => key);
    expect(told(" SUM( METRICS('a b') )  $ ")).toEqual([]);
    expect(told("SUM(METRICS('ab')) $")).toEqual(["ratio"]);
    expect(told("SUM(METRICS('a  b')) $")).toEqual(["ratio"]);
    expect(told("SUM(METRICS('a b')) $", term("part", "Other"))).toEqual(["ratio.part.metric"]);
  });

  it("but it is one what METRICS() stands for besides", () => {
    const sum = (...queries: readonly MetricQuery[]) => ({
      measure: { kind: "math" as const, queries: [...queries, expression("e", "SUM(METRICS())", true)] },
    });
    const alarm = { ...RATIO, settings: { ...RATIO.settings, ...sum(term("part", "5XXError")) } };
    const told = (...queries: readonly MetricQuery[]) =>
      compare(alarm, seen({ ...alarm.settings, ...sum(...queries) })).differences.map(({ key }) => key);
    expect(told(term("part", "5XXError"))).toEqual([]);
    expect(told(term("part", "5XXError"), term("whole", "Count"))).toEqual(["ratio"]);
    expect(told(term("m1", "5XXError"))).toEqual(["ratio"]); // which of them it takes may go by their ids
  });

  it("and a formula that grows beyond measure ends", () => {
    const steps = Array.from({ length: 60 }, (_, index) =>
      expression(`e${index + 1}`, `e${index} + e${index}`, index === 59),
    );
    expect(judged(expression("e0", "part + 1"), term("part", "5XXError"), ...steps).differences[0]?.key).toBe("ratio");
  });
});

describe("in words", () => {
  const told = (alarm: typeof RATIO, change: Partial<AlarmSettings>) =>
    compare(alarm, seen({ ...alarm.settings, ...change })).differences.map(
      ({ key, wanted, live, drift }) => `${key}: ${wanted} | ${live} | ${drift}`,
    );
  const stats = (change: object, ids: readonly string[]): Measure => {
    const { measure } = RATIO.settings;
    if (measure.kind !== "math") throw new Error("a ratio is math");
    const queries = measure.queries.map((query) =>
      query.of.kind === "stat" && ids.includes(query.id)
        ? { ...query, of: { ...query.of, stat: { ...query.of.stat, ...change } } }
        : query,
    );
    return { kind: "math", queries };
  };

  it("what the policy says once is told once, and of which metric where it is not of all", () => {
    expect(told(RATIO, { measure: stats({ periodSeconds: 90 }, ["part", "whole"]) })).toEqual([
      "period: 5m | 90s | different",
    ]);
    expect(told(RATIO, { measure: stats({ periodSeconds: 3600 }, ["part"]) })).toEqual([
      "period: 5m | 1h (part) | different",
    ]);
    expect(
      told(RATIO, { measure: stats({ dimensions: { ApiName: "other", Stage: "live" } }, ["part", "whole"]) }),
    ).toEqual(["ratio.dimensions.ApiName: litally-api | other | different"]);
    expect(told(RATIO, { measure: stats({ dimensions: { ApiId: "7", Stage: "live" } }, ["whole"]) })).toEqual([
      "ratio.dimensions.ApiName: ApiName litally-api | ApiId 7 (whole) | different",
    ]);
  });

  it("a formula is told in the policy's names", () => {
    const other = rewritten(RATIO.settings.measure, (id) => `m${id.length}`);
    if (other.kind !== "math") throw new Error("a ratio is math");
    const queries = other.queries.map((query) =>
      query.of.kind === "stat" ? query : { ...query, of: { ...query.of, expression: "m4 / m5" } },
    );
    expect(told(RATIO, { measure: { kind: "math", queries } })).toEqual([
      "ratio: IF(whole >= 20, 100 * part / whole, 0) | part / whole | different",
    ]);
    expect(told(METRIC, { measure: { kind: "math", queries } })).toEqual([
      "metric: p99 of AWS/Lambda Duration (F f) | m4 / m5 | different",
      "period: 1m | 5m (formula) | different",
    ]);
  });

  it("what no policy can say is told as it is", () => {
    expect(told(METRIC, { measure: { kind: "other", words: "a PromQL query" } })).toEqual([
      "metric: p99 of AWS/Lambda Duration (F f) | a PromQL query | different",
    ]);
    expect(told(METRIC, { comparison: "other", threshold: null })).toEqual([
      "threshold: >= 5 | outside a band | different",
    ]);
  });

  it("who hears it", () => {
    expect(told(METRIC, { okActions: [] })).toEqual([`notify.ok: ${TOPIC.critical} | none | looser`]);
    expect(told(METRIC, { actionsEnabled: false })).toEqual(["actionsEnabled: on | off | looser"]);
  });
});

describe("a minimum below which nothing is said", () => {
  const told = (text: string) => {
    const { measure } = RATIO.settings;
    if (measure.kind !== "math") throw new Error("a ratio is math");
    const queries = measure.queries.map((query) =>
      query.of.kind === "stat" ? query : { ...query, of: { ...query.of, expression: text } },
    );
    return compare(RATIO, seen({ ...RATIO.settings, measure: { kind: "math", queries } })).differences.map(
      ({ key, drift }) => `${key} ${drift}`,
    );
  };

  it("is told by what it silences", () => {
    const RANGE = [0, 1, 10, 15, 19, 19.75, 20, 21, 30, 60].map(String);
    const silent = (minimum: number) => new Set(RANGE.filter((whole) => Number(whole) < minimum));
    for (const minimum of [1, 15, 19.5, 21, 50]) {
      const drift = driftBy(
        new Set([...RANGE].filter((one) => !silent(minimum).has(one))),
        new Set([...RANGE].filter((one) => !silent(20).has(one))),
      );
      expect(told(`IF(whole >= ${minimum}, 100 * part / whole, 0)`)).toEqual([`ratio.minimum ${drift}`]);
    }
  });

  it("is another formula where it goes by a metric that the policy does not name", () => {
    const share = only(`ratio: { part: { namespace: N, metric: A }, whole: { namespace: N, metric: B } }
  threshold: "> 1"
  period: 5m
  datapoints: 1 of 1`);
    const { measure } = share.settings;
    if (measure.kind !== "math") throw new Error("a ratio is math");
    const other = measure.queries.flatMap((query) => {
      if (query.of.kind === "expression")
        return [{ ...query, of: { ...query.of, expression: "IF(other >= 20, 100 * part / whole, 0)" } }];
      return query.id === "part"
        ? [query, { ...query, id: "other", of: { ...query.of, stat: { ...query.of.stat, metric: "C" } } }]
        : [query];
    });
    const { differences } = compare(share, seen({ ...share.settings, measure: { kind: "math", queries: other } }));
    expect(differences.map(({ key, drift }) => `${key} ${drift}`)).toEqual(["ratio different"]);
  });

  it("is another formula where what it gives instead would fire, or where it is of another metric", () => {
    expect(told("IF(whole >= 20, 100 * part / whole, 100)")).toEqual(["ratio different"]);
    expect(told("IF(whole >= 10, 100 * part / whole, 0.5)")).toEqual(["ratio different"]);
    expect(told("IF(part >= 20, 100 * part / whole, 0)")).toEqual(["ratio different"]);
    expect(told("IF(whole > 20, 100 * part / whole, 0)")).toEqual(["ratio different"]);
  });
});

describe("a minimum in a formula of the policy's own", () => {
  const METRICS = "a: { namespace: N, metric: A, statistic: Sum }, b: { namespace: N, metric: B, statistic: Sum }";
  const told = (formula: string, live: string, threshold: string) => {
    const alarm = only(`expression: { formula: "${formula}", metrics: { ${METRICS} } }
  threshold: "${threshold}"
  period: 5m
  datapoints: 1 of 1`);
    const { measure } = alarm.settings;
    if (measure.kind !== "math") throw new Error("an expression is math");
    const queries = measure.queries.map((query) =>
      query.of.kind === "stat" ? query : { ...query, of: { ...query.of, expression: live } },
    );
    const settings = { ...alarm.settings, measure: { kind: "math" as const, queries } };
    return compare(alarm, seen(settings)).differences.map(({ key, drift }) => `${key} ${drift}`);
  };

  it.each([
    ["> 1", "looser"],
    [">= 1", "different"],
    ["< 1", "looser"],
    ["<= 1", "different"],
    ["< 2", "different"],
    ["> 0.5", "different"],
  ])("is classed where what it gives below never crosses: 1 at %s is %s", (threshold, drift) => {
    expect(told("IF(a >= 5, b, 1)", "IF(a >= 6, b, 1)", threshold)).toEqual([`expression.formula ${drift}`]);
  });

  it("may come to it, of a metric that it names, and of no other", () => {
    expect(told("a / b", "IF(b >= 6, a / b, 0)", "> 1")).toEqual(["expression.formula looser"]);
    expect(told("a + 1", "IF(b >= 6, a + 1, 0)", "> 1")).toEqual(["expression.formula different"]);
  });
});

test("a limit is crossed wherever another is, as every value shows", () => {
  const COMPARISONS = [
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
  ] as const;
  const limits = COMPARISONS.flatMap((comparison) => [1, 2].map((threshold): ALimit => ({ comparison, threshold })));
  const values = [0, 1, 1.5, 2, 3];
  for (const one of limits)
    for (const other of limits) {
      const shown = values.every((value) => !fires(value, one) || fires(value, other));
      expect([one, other, crossesToo(one, other)]).toEqual([one, other, shown]);
    }
});

describe("statistics of the same datapoints", () => {
  const NAMES = [
    "Minimum",
    "p0",
    "p10",
    "p50",
    "p50.0",
    "p90",
    "p99",
    "p100",
    "Maximum",
    "Average",
    "Sum",
    "SampleCount",
    "tm90",
    "IQM",
  ];
  const COMPARISONS = ["GreaterThanThreshold", "LessThanThreshold"] as const;
  const value = (name: string, points: readonly number[]): number => {
    const sorted = points.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    const sum = points.reduce((total, point) => total + point, 0);
    if (name === "Minimum") return at(0);
    if (name === "Maximum") return at(1);
    if (name === "Average") return sum / points.length;
    if (name === "Sum") return sum;
    if (name === "SampleCount") return points.length;
    if (name.startsWith("p")) return at(Number(name.slice(1)) / 100);
    const kept = sorted.slice(
      name === "IQM" ? Math.floor(points.length / 4) : 0,
      name === "IQM" ? Math.ceil((points.length * 3) / 4) : Math.max(1, Math.floor(points.length * 0.9)),
    );
    return kept.reduce((total, point) => total + point, 0) / kept.length;
  };
  const ROWS = [
    ...[1, 2, 10, 100, 200].flatMap((length) => [
      Array.from({ length }, (_, index) => index),
      Array.from({ length }, (_, index) => (index === 0 ? -1000 : 1)),
      Array.from({ length }, (_, index) => (index === 0 ? 1000 : 1)),
      Array.from({ length }, (_, index) => (index % 20 === 0 ? 50 : -5)),
      Array.from({ length }, (_, index) => (index % 3 === 0 ? -50 : 5)),
    ]),
  ];

  it("are classed as they fall out, wherever the two can be told apart", () => {
    for (const comparison of COMPARISONS)
      for (const wanted of NAMES)
        for (const live of NAMES) {
          const limits: readonly ALimit[] = [-1001, -50, -5, -0.5, 0, 0.5, 1, 3, 9.5, 40, 80, 150, 999].map(
            (threshold) => ({ comparison, threshold }),
          );
          const cases = limits.flatMap((limit) =>
            ROWS.map((row) => ({ live: fires(value(live, row), limit), wanted: fires(value(wanted, row), limit) })),
          );
          const isLess = cases.every((one) => !one.live || one.wanted);
          const isMore = cases.every((one) => !one.wanted || one.live);
          if (isLess && isMore) continue;
          const said = statisticDrift(wanted, live, { comparison, threshold: 0 });
          const context = `${comparison}: ${wanted} wanted, ${live} live`;
          expect(`${context}: ${said}`).toBe(
            `${context}: ${isTrimmed(wanted, live) ? "different" : driftOf(isLess, isMore)}`,
          );
        }
  });

  /** Of these we claim nothing, though something could be said. */
  function isTrimmed(...names: readonly string[]): boolean {
    return names.some((name) => name === "tm90" || name === "IQM");
  }
});
