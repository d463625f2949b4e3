/** What a live alarm looks at, as CloudWatch writes it: one metric, metric math, or what no policy of ours can say. */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { Measure, MetricQuery, MetricStat } from "../../ports/cloudwatch.ts";
import type { WireObject } from "../fields.ts";
import { orNull, positive, text, unreadable } from "./s3-wire.ts";

/** All others are percentiles and trimmed figures, which an alarm on one metric names elsewhere. */
export const PLAIN_STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"] as const;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html */
export function parseMeasure(subject: string, alarm: WireObject): Observed<Measure> {
  const given = SOURCES.filter((name) => alarm[name] !== undefined && !isEmptyList(alarm[name]));
  const [source] = given;
  if (source === undefined || given.length > 1) return unclear(subject, "what it looks at is not clear");
  if (source === "EvaluationCriteria") return known(criteria(alarm));
  const parsed = z.safeParse(source === "Metrics" ? MetricMath : Single, alarm);
  return parsed.success ? known(parsed.data) : unclear(subject, "what it looks at is written in another way");
}

const SOURCES = ["MetricName", "Metrics", "EvaluationCriteria"] as const;

function unclear(subject: string, problem: string): Observed<never> {
  return notKnown(new OpsError("protocol", `${subject}: ${problem} than this version knows`));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** For people alone, so whatever cannot be read of it is left out. */
function criteria(alarm: WireObject): Measure {
  const read = z.safeParse(Criteria, alarm["EvaluationCriteria"]);
  return { kind: "other", words: read.success ? `PromQL: ${read.data.PromQLCriteria.Query}` : "criteria of its own" };
}

const Criteria = z.object({ PromQLCriteria: z.object({ Query: text }) });

const dimensions = z.pipe(
  z.array(z.object({ Name: text, Value: text })),
  z.transform((all, context): Readonly<Record<string, string>> => {
    const byName = Object.fromEntries(all.map(({ Name, Value }) => [Name, Value]));
    return Object.keys(byName).length === all.length ? byName : unreadable(context);
  }),
);

const Single = z.pipe(
  z.object({
    Namespace: text,
    MetricName: text,
    Dimensions: dimensions,
    Statistic: orNull(z.enum(PLAIN_STATISTICS)),
    ExtendedStatistic: orNull(text),
    Period: positive,
    Unit: orNull(text),
  }),
  z.transform((wire, context): Measure => {
    const { Statistic: plain, ExtendedStatistic: extended } = wire;
    const statistic = plain ?? extended;
    if (statistic === null || (plain !== null && extended !== null)) return unreadable(context);
    const { Namespace: namespace, MetricName: metric, Period: periodSeconds, Unit: unit } = wire;
    return { kind: "metric", stat: { namespace, metric, dimensions: wire.Dimensions, statistic, periodSeconds, unit } };
  }),
);

/** Strict: a member that this version does not know may change what is measured, and then nobody can say what is. */
const Metric = z.strictObject({ Namespace: text, MetricName: text, Dimensions: z._default(dimensions, {}) });

const Stat = z.pipe(
  z.strictObject({ Metric, Stat: text, Period: positive, Unit: orNull(text) }),
  z.transform(
    ({ Metric: of, Stat: statistic, Period: periodSeconds, Unit: unit }): MetricStat => ({
      namespace: of.Namespace,
      metric: of.MetricName,
      dimensions: of.Dimensions,
      statistic,
      periodSeconds,
      unit,
    }),
  ),
);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html */
const Query = z.pipe(
  z.strictObject({
    Id: text,
    Label: orNull(z.string()),
    ReturnData: orNull(z.boolean()),
    AccountId: orNull(text),
    MetricStat: orNull(Stat),
    Expression: orNull(text),
    Period: orNull(positive),
  }),
  z.transform((wire, context): MetricQuery => {
    const { MetricStat: stat, Expression: expression, Period: periodSeconds } = wire;
    const common = {
      id: wire.Id,
      label: wire.Label,
      returnsData: wire.ReturnData ?? true, // CloudWatch's own default
      accountId: wire.AccountId,
    };
    if (stat !== null && expression === null && periodSeconds === null)
      return { ...common, of: { kind: "stat", stat } };
    if (stat !== null || expression === null) return unreadable(context);
    return { ...common, of: { kind: "expression", expression, periodSeconds } };
  }),
);

const MetricMath = z.pipe(
  z.object({ Metrics: z.array(Query), ThresholdMetricId: orNull(text) }),
  z.transform(
    ({ Metrics: queries, ThresholdMetricId: band }): Measure =>
      band === null ? { kind: "math", queries } : { kind: "other", words: "a band of anomaly detection" },
  ),
);
