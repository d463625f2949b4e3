/** Random declared alarms, and single edits of a live one with what an observer who knows no rule of ours makes of each. */
import fc from "fast-check";
import { known } from "../../../src/core/observed.ts";
import type { AlarmSettings, MetricQuery, MetricStat, Seen } from "../../../src/ports/cloudwatch.ts";
import type { DeclaredAlarm } from "../../../src/rules/alarms/facts.ts";
import { declared } from "./declared.ts";
import { firesWhere, windowsWhere } from "./observer.ts";

export function seen(settings: AlarmSettings): Seen<AlarmSettings> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, known(value)])) as Seen<AlarmSettings>; // field by field
}

const operator = fc.constantFrom(">", ">=", "<", "<=");
const window = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .map(([a, b]) => `${Math.min(a, b)} of ${Math.max(a, b)}`);
const statistic = fc.constantFrom("Sum", "Average", "Minimum", "Maximum", "p50", "p90", "p99.9", "SampleCount");
const dimensions = fc.constantFrom({}, { F: "f" }, { F: "f", G: "g" });
const metric = fc
  .record({ namespace: fc.constant("N"), metric: fc.constantFrom("A", "B"), statistic, dimensions })
  .chain((one) => fc.constantFrom(one, { ...one, unit: "Count" }));
const measure = fc.oneof(
  fc.record({ metric }),
  fc.tuple(dimensions, fc.constantFrom(undefined, 1, 20)).map(([of, minimum]) => ({
    ratio: {
      part: { namespace: "N", metric: "A" },
      whole: { namespace: "N", metric: "B" },
      dimensions: of,
      ...(minimum !== undefined && { minimum }),
    },
  })),
  fc
    .tuple(metric, metric, fc.constantFrom("a + b", "100 * a / b", "IF(a >= 5, b, 0)", "MAX([a, b]) - a"))
    .map(([a, b, formula]) => ({
      expression: { formula, metrics: { a: { ...a, metric: "A" }, b: { ...b, metric: "B" } } },
    })),
);

/** Compiled from a policy, as they come from a file. */
export const anAlarm: fc.Arbitrary<DeclaredAlarm> = fc
  .record({
    measure,
    operator,
    value: fc.constantFrom(0.5, 1, 50),
    period: fc.constantFrom("1m", "5m", "1h"),
    datapoints: window,
    missingData: fc.constantFrom("missing", "notBreaching", "breaching", "ignore"),
    description: fc.constantFrom(undefined, "what it means"),
    severity: fc.constantFrom("critical", "warning"),
    insufficientData: fc.constantFrom([], ["critical"]),
  })
  .map(({ measure, operator, value, description, insufficientData, ...rest }) => {
    const notify = { alarm: ["critical", "warning"], insufficientData };
    const more = description === undefined ? {} : { description };
    const alarm = { name: "o-a", ...rest, ...measure, ...more, notify, threshold: `${operator} ${value}` };
    const [one] = declared(`- ${JSON.stringify(alarm)}`).alarms;
    if (one === undefined) throw new Error("no alarm");
    return one;
  });

export interface Edit {
  readonly what: string;
  readonly settings: AlarmSettings;
  readonly key: string;
  readonly drift: "looser" | "stricter" | "different";
}

/** `a` is in all that `b` is in, and the other way round. */
export function driftBy(live: ReadonlySet<string>, wanted: ReadonlySet<string>): Edit["drift"] {
  const isLess = [...live].every((one) => wanted.has(one));
  const isMore = [...wanted].every((one) => live.has(one));
  if (isLess === isMore) return "different";
  return isLess ? "looser" : "stricter";
}

/** Every edit of one setting that a person could make of this alarm. */
export function editsOf({ settings, policy }: DeclaredAlarm): readonly Edit[] {
  const edit = (what: string, key: string, drift: Edit["drift"], change: Partial<AlarmSettings>): Edit => ({
    what,
    key,
    drift,
    settings: { ...settings, ...change },
  });
  const { comparison, threshold, evaluationPeriods: n, datapointsToAlarm, missingData } = settings;
  if (comparison === "other" || threshold === null) throw new Error("a policy has a threshold");
  const m = datapointsToAlarm ?? n;
  const limits = (
    [
      "GreaterThanThreshold",
      "GreaterThanOrEqualToThreshold",
      "LessThanThreshold",
      "LessThanOrEqualToThreshold",
    ] as const
  ).flatMap((other) =>
    [threshold - 0.25, threshold, threshold + 0.25].map((value) => ({ comparison: other, threshold: value })),
  );
  const windows = [1, 2, 3, 4, 5].flatMap((count) =>
    Array.from({ length: count }, (_, index) => ({ m: index + 1, n: count })),
  );
  const missing = (value: string) => new Set(value === "breaching" ? ["fires"] : []);
  const others = (["missing", "notBreaching", "breaching", "ignore"] as const).filter((other) => other !== missingData);
  const actions = (field: "alarmActions" | "okActions" | "insufficientDataActions", key: string) => {
    const now = settings[field];
    const sets = [
      [],
      now.slice(1),
      [...now, "arn:aws:sns:ap-south-1:123456789012:new"],
      ["arn:aws:sns:ap-south-1:999999999999:critical"],
    ];
    return sets
      .filter((set) => set.length !== now.length || set.some((arn) => !now.includes(arn)))
      .map((set) => edit(`${field} ${set}`, key, driftBy(new Set(set), new Set(now)), { [field]: set }));
  };
  const grid = (limit: (typeof limits)[number]) =>
    firesWhere(
      [threshold - 1, threshold - 0.25, threshold - 0.1, threshold, threshold + 0.1, threshold + 0.25, threshold + 1],
      limit,
    );
  return [
    ...limits
      .filter((limit) => limit.comparison !== comparison || limit.threshold !== threshold)
      .map((limit) =>
        edit(
          `${limit.comparison} ${limit.threshold}`,
          "threshold",
          driftBy(grid(limit), grid({ comparison, threshold })),
          limit,
        ),
      ),
    ...windows
      .filter((window) => window.m !== m || window.n !== n)
      .map((window) =>
        edit(`${window.m} of ${window.n}`, "datapoints", driftBy(windowsWhere(window), windowsWhere({ m, n })), {
          datapointsToAlarm: window.m,
          evaluationPeriods: window.n,
        }),
      ),
    ...others.map((other) =>
      edit(other, "missingData", driftBy(missing(other), missing(missingData)), { missingData: other }),
    ),
    edit("low samples", "lowSamples", "different", { lowSamples: "ignore" }),
    edit("actions off", "actionsEnabled", "looser", { actionsEnabled: false }),
    ...actions("alarmActions", "notify.alarm"),
    ...actions("okActions", "notify.ok"),
    ...actions("insufficientDataActions", "notify.insufficientData"),
    ...(settings.description === null
      ? []
      : [
          edit("description", "description", "different", { description: "else" }),
          edit("no description", "description", "different", { description: null }),
        ]),
    ...measureEdits(settings, policy.ratio !== undefined).map(({ what, key, measure, drift }) =>
      edit(what, key, drift ?? "different", { measure }),
    ),
  ];
}

interface MeasureEdit {
  readonly what: string;
  readonly key: string;
  readonly measure: AlarmSettings["measure"];
  readonly drift?: Edit["drift"];
}

function measureEdits({ measure, comparison }: AlarmSettings, isRatio: boolean): readonly MeasureEdit[] {
  if (measure.kind === "metric")
    return statEdits(measure.stat, "metric", false).map(({ stat, ...rest }) => ({
      ...rest,
      measure: { kind: "metric", stat },
    }));
  if (measure.kind === "other") return [];
  return measure.queries.flatMap((query, index): readonly MeasureEdit[] => {
    const put = (changed: MetricQuery) => ({ kind: "math" as const, queries: measure.queries.with(index, changed) });
    const prefix = isRatio ? `ratio.${query.id}` : `expression.metrics.${query.id}`;
    const { of } = query;
    if (of.kind === "stat") {
      const edits = statEdits(of.stat, prefix, isRatio).map(({ stat, ...rest }) => ({
        ...rest,
        measure: put({ ...query, of: { ...of, stat } }),
      }));
      return [
        ...edits,
        { what: "account", key: `${prefix}.account`, measure: put({ ...query, accountId: "999999999999" }) },
      ];
    }
    const formula = (expression: string) => put({ ...query, of: { ...of, expression } });
    const [before, minimum, after] = of.expression.split(/(?<=>= )(\d+)/);
    const key = isRatio ? "ratio" : "expression.formula";
    return [
      { what: "another formula", key, measure: formula(`${of.expression} + 1`) },
      {
        what: "a period of the formula",
        key: "period",
        measure: put({ ...query, of: { ...of, periodSeconds: 7200 } }),
      },
      ...(isRatio && minimum !== undefined
        ? [
            {
              what: "a higher minimum",
              key: "ratio.minimum",
              drift: "looser" as const,
              measure: formula(`${before}${Number(minimum) + 1}${after}`),
            },
            {
              what: "a lower minimum",
              key: "ratio.minimum",
              drift: "stricter" as const,
              measure: formula(`${before}${Number(minimum) - 1}${after}`),
            },
            {
              what: "no minimum",
              key: "ratio.minimum",
              drift: "stricter" as const,
              measure: formula("100 * part / whole"),
            },
          ]
        : []),
      ...(isRatio && minimum === undefined
        ? [
            {
              what: "a minimum",
              key: "ratio.minimum",
              drift: "looser" as const,
              measure: formula(`IF(whole >= 7, 100 * part / whole, ${comparison.startsWith("Less") ? 100 : 0})`),
            },
          ]
        : []),
      ...(isRatio
        ? [{ what: "turned round", key, measure: formula(of.expression.replace("part / whole", "whole / part")) }]
        : []),
    ];
  });
}

/** `isShared`: its dimensions are those of the ratio. */
function statEdits(
  stat: MetricStat,
  at: string,
  isShared: boolean,
): readonly { readonly what: string; readonly key: string; readonly stat: MetricStat }[] {
  const place = isShared ? "ratio.dimensions" : `${at}.dimensions`;
  const names = Object.keys(stat.dimensions);
  const without = (name: string) => Object.fromEntries(Object.entries(stat.dimensions).filter(([one]) => one !== name));
  return [
    { what: "namespace", key: `${at}.namespace`, stat: { ...stat, namespace: "Z" } },
    { what: "metric", key: `${at}.metric`, stat: { ...stat, metric: "Z" } },
    { what: "the other metric", key: `${at}.metric`, stat: { ...stat, metric: stat.metric === "A" ? "B" : "A" } },
    {
      what: "statistic",
      key: `${at}.statistic`,
      stat: { ...stat, statistic: stat.statistic === "tm99" ? "Sum" : "tm99" },
    },
    { what: "unit", key: `${at}.unit`, stat: { ...stat, unit: stat.unit === null ? "Bytes" : null } },
    { what: "period", key: "period", stat: { ...stat, periodSeconds: stat.periodSeconds * 2 } },
    { what: "another dimension", key: `${place}.Z`, stat: { ...stat, dimensions: { ...stat.dimensions, Z: "z" } } },
    ...names.flatMap((name) => [
      { what: "a value", key: `${place}.${name}`, stat: { ...stat, dimensions: { ...stat.dimensions, [name]: "z" } } },
      { what: "no dimension", key: `${place}.${name}`, stat: { ...stat, dimensions: without(name) } },
      {
        what: "another name",
        key: `${place}.${name}`,
        stat: { ...stat, dimensions: { ...without(name), Y: stat.dimensions[name] ?? "" } },
      },
    ]),
  ];
}
