/**
 * What the metrics that alarms watch most can be at all: between which values each statistic lies, and how often they have
 * a datapoint. Only what AWS and Atlas document stands here; of any other metric nothing is said.
 */
import { DAY_MS, MINUTE_MS } from "../core/duration.ts";

/** Both ends belong to it; null: it has none. */
export interface Range {
  readonly least: number | null;
  readonly most: number | null;
}

export const PERCENT: Range = { least: 0, most: 100 };

interface MetricName {
  readonly namespace: string;
  readonly metric: string;
}

/** undefined: nothing is known of it. */
export function rangeOf({ namespace, metric }: MetricName, statistic: string): Range | undefined {
  if (COUNTS.test(statistic)) return NOT_NEGATIVE;
  if (SHARES.test(statistic)) return PERCENT;
  const kind = kindOf(namespace, metric);
  if (kind === undefined) return undefined;
  if (SUMS.test(statistic)) return NOT_NEGATIVE; // no value of any kind is below zero
  return statistic === "Average" && kind.average !== undefined ? kind.average : kind.values;
}

/** Of a metric of Atlas's alerts; undefined: nothing is known of it. */
export function atlasRangeOf(metric: string): Range | undefined {
  return ATLAS_PERCENTAGES.test(metric) ? PERCENT : undefined;
}

/** How long it is from one datapoint to the next; undefined: nobody knows. */
export function shortestPeriodMs({ namespace, metric }: MetricName): number | undefined {
  return kindOf(namespace, metric)?.everyMs;
}

const NOT_NEGATIVE: Range = { least: 0, most: null };
const FRACTION: Range = { least: 0, most: 1 };

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
/** How many samples, whatever they are. */
const COUNTS = /^(?:SampleCount|tc|TC)/;
/** How many samples of a hundred. */
const SHARES = /^PR/;
const SUMS = /^(?:Sum|ts|TS)/;

// https://www.mongodb.com/docs/atlas/reference/alert-conditions/
const ATLAS_PERCENTAGES =
  /^(?:MAX_)?(?:NORMALIZED_SYSTEM_CPU_USER|SYSTEM_MEMORY_PERCENT_USED|DISK_PARTITION_SPACE_USED_(?:DATA|INDEX|JOURNAL))$|^CONNECTIONS_PERCENT$/;

interface Kind {
  /** Of a single value, and so of an average, an extreme or a percentile of them. */
  readonly values: Range;
  readonly average?: Range;
  readonly everyMs: number;
}

const AMOUNT: Kind = { values: NOT_NEGATIVE, everyMs: MINUTE_MS };
/** A count whose average is its share of all requests. */
const RATE: Kind = { values: NOT_NEGATIVE, average: FRACTION, everyMs: MINUTE_MS };
/** 0 or 1. */
const FLAG: Kind = { values: FRACTION, everyMs: MINUTE_MS };
const PERCENTAGE: Kind = { values: PERCENT, everyMs: MINUTE_MS };
const DAILY: Kind = { values: NOT_NEGATIVE, everyMs: DAY_MS };

function kindOf(namespace: string, metric: string): Kind | undefined {
  return KINDS.get(namespace)?.get(metric);
}

type Kinds = ReadonlyMap<string, Kind>;

function kinds(...groups: readonly (readonly [kind: Kind, ...metrics: readonly string[]])[]): Kinds {
  return new Map(groups.flatMap(([kind, ...metrics]) => metrics.map((metric) => [metric, kind] as const)));
}

const KINDS: ReadonlyMap<string, Kinds> = new Map([
  [
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    "AWS/ApiGateway",
    kinds(
      [RATE, "4XXError", "5XXError"],
      [AMOUNT, "4xx", "5xx", "Count", "Latency", "IntegrationLatency", "CacheHitCount", "CacheMissCount"],
    ),
  ],
  [
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    "AWS/Lambda",
    kinds([
      AMOUNT,
      ...["Invocations", "Errors", "Throttles", "DeadLetterErrors", "DestinationDeliveryFailures"],
      ...["Duration", "IteratorAge", "AsyncEventAge", "AsyncEventsDropped"],
      ...["ConcurrentExecutions", "UnreservedConcurrentExecutions"],
    ]),
  ],
  [
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    "AWS/SQS",
    kinds([
      AMOUNT,
      ...["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesDelayed"],
      ...["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"],
      ...["NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted", "NumberOfEmptyReceives"],
    ]),
  ],
  [
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
    "AWS/S3",
    kinds(
      [DAILY, "BucketSizeBytes", "NumberOfObjects"],
      [FLAG, "4xxErrors", "5xxErrors"],
      [
        AMOUNT,
        "AllRequests",
        "GetRequests",
        "PutRequests",
        "DeleteRequests",
        "FirstByteLatency",
        "TotalRequestLatency",
      ],
    ),
  ],
  [
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
    "AWS/EC2",
    kinds(
      [PERCENTAGE, "CPUUtilization"],
      [FLAG, "StatusCheckFailed", "StatusCheckFailed_Instance", "StatusCheckFailed_System"],
    ),
  ],
  [
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
    "AWS/RDS",
    kinds([PERCENTAGE, "CPUUtilization"], [AMOUNT, "DatabaseConnections", "FreeStorageSpace", "FreeableMemory"]),
  ],
  [
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
    "AWS/CloudFront",
    kinds([PERCENTAGE, "4xxErrorRate", "5xxErrorRate", "TotalErrorRate"], [AMOUNT, "Requests"]),
  ],
]);
