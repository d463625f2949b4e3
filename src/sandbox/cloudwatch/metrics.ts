/** Metrics and their datapoints: a plain course of the day, or silence. */
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../core/duration.ts";
import { type AwsAsk, type Done, pageAfter, refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import type { AwsState, MetricRecord, PointRecord, Words } from "../watch.ts";
import { dimensionsProblem, invalid, statisticProblem } from "./metric-rules.ts";
import { pointsOf, statisticOf } from "./put-data.ts";
import { dimensionsOf, instantMs, isRecord, isSameMetric, isText, isWhole, listOf, metricOf } from "./words.ts";

/** Whether datapoints of it come. Those of the many extra alarms all do. */
export function reports(aws: AwsState, metric: MetricRecord): boolean {
  const { metrics, extras } = aws;
  const ofExtra = extras !== null && metric.dimensions["InstanceId"]?.startsWith(`i-${extras.prefix}`) === true;
  return ofExtra || [...metrics, ...aws.points].some((one) => isSameMetric(one, metric));
}

const METRICS_PAGE = 500;

export function listMetrics({ aws, input }: AwsAsk): Done | Refusal {
  const { Namespace: namespace, MetricName: name, RecentlyActive: recent } = input;
  if (recent !== undefined && recent !== "PT3H") return invalid("RecentlyActive must be PT3H.");
  const wanted = (listOf(input["Dimensions"]) ?? []).filter(isRecord);
  const sent = aws.points.filter((point, at) => aws.points.findIndex((one) => isSameMetric(one, point)) === at);
  const found = [...aws.metrics, ...sent].filter(
    (metric) =>
      (namespace === undefined || metric.namespace === namespace) &&
      (name === undefined || metric.name === name) &&
      wanted.every(({ Name, Value }) => {
        const value = metric.dimensions[String(Name)];
        return value !== undefined && (Value === undefined || Value === value);
      }),
  );
  const paged = pageAfter(found, input["NextToken"], METRICS_PAGE);
  if (paged === null) return invalid("The NextToken is none of this sandbox.");
  const metrics = paged.page.map(({ namespace: Namespace, name: MetricName, dimensions }) => ({
    Namespace,
    MetricName,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  }));
  return { result: { Metrics: metrics, NextToken: paged.next } };
}

const MAX_QUERIES = 500;
const MAX_DATAPOINTS = 100_800;

/** A page holds as many whole series as fit; metric math is not reckoned. */
export function getMetricData({ aws, nowMs, input }: AwsAsk): Done | Refusal {
  const { MaxDatapoints: max = MAX_DATAPOINTS, ScanBy: order = "TimestampDescending" } = input;
  const [startMs, endMs] = [instantMs(input["StartTime"]), instantMs(input["EndTime"])];
  const queries = listOf(input["MetricDataQueries"]) ?? [];
  if (startMs === null || endMs === null || startMs >= endMs) return invalid("StartTime must be before EndTime.");
  if (queries.length === 0 || queries.length > MAX_QUERIES)
    return invalid(`There must be 1 to ${MAX_QUERIES} queries.`);
  if (!isWhole(max) || max > MAX_DATAPOINTS) return invalid(`MaxDatapoints must be 1 to ${MAX_DATAPOINTS}.`);
  const asked: Series[] = [];
  for (const query of queries) {
    const series = seriesOf(query, startMs, nowMs);
    if ("code" in series) return series;
    asked.push(series);
  }
  if (new Set(asked.map(({ id }) => id)).size < asked.length) return invalid("Each Id must be there once.");
  const mostPoints = Math.max(...asked.map((series) => mostPointsOf(aws, series, endMs - startMs)), 1);
  const paged = pageAfter(asked, input["NextToken"], Math.max(1, Math.floor(max / mostPoints)));
  if (paged === null) return refusal("InvalidNextToken", "The NextToken is none of this sandbox.");
  const results = paged.page.map((series) => {
    const points = pointsIn(aws, series, startMs, { endMs, nowMs });
    const inOrder = order === "TimestampAscending" ? points : points.toReversed();
    return {
      Id: series.id,
      Label: series.metric.name,
      Timestamps: inOrder.map(([ms]) => ms / SECOND_MS),
      Values: inOrder.map(([, value]) => value),
      StatusCode: "Complete",
    };
  });
  return { result: { MetricDataResults: results, Messages: [], NextToken: paged.next } };
}

/** Of what was sent there are no more than that, however many periods there are. */
function mostPointsOf(aws: AwsState, { metric, periodMs }: Series, spanMs: number): number {
  const sent = pointsOf(aws, metric).length;
  return sent > 0 ? sent : Math.ceil(spanMs / periodMs);
}

interface Series {
  readonly id: string;
  readonly metric: MetricRecord;
  readonly periodMs: number;
  readonly statistic: unknown;
}

function seriesOf(query: unknown, startMs: number, nowMs: number): Series | Refusal {
  if (!isRecord(query) || !isText(query["Id"], 255) || !/^[a-z]\w*$/.test(query["Id"]))
    return invalid("Each query has an Id that begins with a small letter.");
  const stat = query["MetricStat"];
  if (!isRecord(stat)) return invalid("The sandbox reckons no metric math: each query needs a MetricStat.");
  const words: Words = isRecord(stat["Metric"]) ? stat["Metric"] : {};
  const metric = metricOf(words);
  if (metric === null) return invalid("Namespace and MetricName must be there.");
  const { Period: period, Stat: statistic } = stat;
  const problem =
    dimensionsProblem(words["Dimensions"]) ?? statisticProblem(statistic) ?? ageProblem(period, startMs, nowMs);
  return (
    problem ?? {
      id: query["Id"],
      metric: { ...metric, dimensions: dimensionsOf(words["Dimensions"]) },
      periodMs: Number(period) * SECOND_MS,
      statistic,
    }
  );
}

/** Older datapoints are kept in longer periods. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const GRAINS = [
  { olderThanMs: 63 * DAY_MS, seconds: 3600 },
  { olderThanMs: 15 * DAY_MS, seconds: 300 },
  { olderThanMs: 3 * HOUR_MS, seconds: 60 },
];

function ageProblem(period: unknown, startMs: number, nowMs: number): Refusal | null {
  const grain = GRAINS.find(({ olderThanMs }) => nowMs - startMs > olderThanMs)?.seconds ?? 1;
  return isWhole(period) && period % grain === 0 ? null : invalid(`Period must be a multiple of ${grain}.`);
}

type Point = readonly [ms: number, value: number];

/** What was sent, or else a made-up course; oldest first. */
function pointsIn(
  aws: AwsState,
  series: Series,
  startMs: number,
  { endMs, nowMs }: { readonly endMs: number; readonly nowMs: number },
): readonly Point[] {
  const sent = pointsOf(aws, series.metric);
  if (sent.length > 0) return sentIn(series, sent, startMs, endMs);
  if (!reports(aws, series.metric)) return [];
  return periodsIn(series, startMs, Math.min(endMs, nowMs)).map((ms) => [ms, valueAt(series.metric, ms)]);
}

function sentIn({ periodMs, statistic }: Series, sent: readonly PointRecord[], fromMs: number, untilMs: number) {
  const periods = Map.groupBy(sent, ({ at }) => Math.floor(Date.parse(at) / periodMs) * periodMs);
  return [...periods]
    .filter(([ms]) => ms >= fromMs && ms < untilMs)
    .map(
      ([ms, points]): Point => [
        ms,
        statisticOf(
          statistic,
          points.map(({ value }) => value),
        ),
      ],
    );
}

function periodsIn({ periodMs }: Series, startMs: number, untilMs: number): readonly number[] {
  const firstMs = Math.ceil(startMs / periodMs) * periodMs;
  return Array.from(
    { length: Math.max(0, Math.ceil((untilMs - firstMs) / periodMs)) },
    (_, at) => firstMs + at * periodMs,
  );
}

/** Nothing goes wrong, and there is most to do at noon. */
function valueAt({ name }: MetricRecord, ms: number): number {
  if (/error|throttle|fault|[45]xx/i.test(name)) return 0;
  return Math.round(100 - 80 * Math.cos(((ms % DAY_MS) / DAY_MS) * 2 * Math.PI));
}
