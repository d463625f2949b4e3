/** Datapoints that somebody sends, and what they make of the alarms that watch them. */
import { DAY_MS, HOUR_MS } from "../../core/duration.ts";
import type { AwsAsk, Done } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { type AwsState, at, type MetricRecord, type PointRecord } from "../watch.ts";
import { dimensionsProblem, invalid } from "./metric-rules.ts";
import { dimensionsOf, instantMs, isRecord, isSameMetric, isText, listOf, metricsOf } from "./words.ts";

const MAX_DATUMS = 1000;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const MAX_AGE_MS = 14 * DAY_MS;
const MAX_AHEAD_MS = 2 * HOUR_MS;

/** Where a datum tells no time, it is of now. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
export function putMetricData({ aws, nowMs, input }: AwsAsk): Done | Refusal {
  const { Namespace: namespace, MetricData: data } = input;
  if (!isText(namespace, 255) || namespace === "" || namespace.startsWith("AWS/"))
    return invalid("Namespace must be a name that does not begin with AWS/.");
  const datums = listOf(data) ?? [];
  if (datums.length === 0 || datums.length > MAX_DATUMS)
    return invalid(`MetricData must be 1 to ${MAX_DATUMS} datums.`);
  const points: PointRecord[] = [];
  for (const datum of datums) {
    const point = pointOf(datum, namespace, nowMs);
    if ("code" in point) return point;
    points.push(point);
  }
  const after = { ...aws, points: [...aws.points, ...points] };
  return { result: {}, aws: { ...after, alarms: after.alarms.map((alarm) => stirred(alarm, points, nowMs)) } };
}

function pointOf(datum: unknown, namespace: string, nowMs: number): PointRecord | Refusal {
  if (!isRecord(datum)) return invalid("MetricData must be a list of datums.");
  const { MetricName: name, Dimensions: dimensions, Timestamp: time, Value: value } = datum;
  if (!isText(name, 255) || name === "") return invalid("Each datum has a MetricName.");
  if (typeof value !== "number" || !Number.isFinite(value)) return invalid("The sandbox takes single values only.");
  const problem = dimensionsProblem(dimensions);
  if (problem !== null) return problem;
  const atMs = time === undefined ? nowMs : instantMs(time);
  if (atMs === null || atMs < nowMs - MAX_AGE_MS || atMs > nowMs + MAX_AHEAD_MS)
    return invalid("Timestamp must be of the last two weeks, or the next two hours.");
  return { namespace, name, dimensions: dimensionsOf(dimensions), at: at(atMs), value };
}

/** It is evaluated at once. */
function stirred(alarm: AwsState["alarms"][number], points: readonly PointRecord[], nowMs: number) {
  const isWatched = metricsOf(alarm.words).some((metric) => points.some((point) => isSameMetric(point, metric)));
  return isWatched ? { ...alarm, settlesAt: at(nowMs) } : alarm;
}

/** Of one metric, oldest first. */
export function pointsOf({ points }: AwsState, metric: MetricRecord): readonly PointRecord[] {
  return points.filter((point) => isSameMetric(point, metric)).toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** What CloudWatch makes of the values of one period. */
export function statisticOf(statistic: unknown, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case "Sum":
      return sum;
    case "SampleCount":
      return values.length;
    case "Minimum":
      return Math.min(...values);
    case "Maximum":
      return Math.max(...values);
    default: // percentiles and their like: never of more than a few values here
      return sum / values.length;
  }
}
