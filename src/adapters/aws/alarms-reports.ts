/** Whether metrics have reported at all, asked for many of them at once: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
import { GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import * as z from "zod/mini";
import { DAY_MS, SECOND_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import type { MetricOf } from "../../ports/cloudwatch.ts";
import type { CloudWatchLink } from "./alarms.ts";
import { jsonOf } from "./alarms-client.ts";
import { metricInput } from "./alarms-input.ts";
import { nextToken } from "./alarms-wire.ts";
import { type Page, pagesOf } from "./link.ts";
import { text } from "./s3-wire.ts";

/** The most that one call takes. */
const QUERIES_MAX = 500;

interface Window {
  readonly since: Date;
  readonly until: Date;
}

/** By whole days, so that a metric has a handful of points at most: also what was reported earlier on the first day counts. */
export async function reportedSince(
  link: CloudWatchLink,
  metrics: readonly MetricOf[],
  { since, until }: Window,
): Promise<readonly boolean[]> {
  const reported: boolean[] = [];
  const window = {
    StartTime: new Date(Math.floor(since.getTime() / DAY_MS) * DAY_MS),
    EndTime: new Date(Math.ceil(until.getTime() / DAY_MS) * DAY_MS),
  };
  for (let start = 0; start < metrics.length; start += QUERIES_MAX) {
    reported.push(...(await askedAtOnce(link, metrics.slice(start, start + QUERIES_MAX), window)));
  }
  return reported;
}

async function askedAtOnce(
  link: CloudWatchLink,
  metrics: readonly MetricOf[],
  window: { readonly StartTime: Date; readonly EndTime: Date },
): Promise<readonly boolean[]> {
  const call = "cloudwatch:GetMetricData";
  const MetricDataQueries = metrics.map((metric, index) => ({
    Id: idOf(index),
    MetricStat: { Metric: metricInput(metric), Stat: "SampleCount", Period: DAY_MS / SECOND_MS },
  }));
  const seen = new Map<string, Pick<Result, "hasPoints" | "isComplete">>();
  for await (const page of pagesOf(call, (NextToken) => {
    const command = new GetMetricDataCommand({ ...window, MetricDataQueries, NextToken });
    return link.read({ name: call }, { command }, jsonOf(ResultsPage));
  })) {
    for (const { id, hasPoints, isComplete } of page) {
      seen.set(id, { hasPoints: hasPoints || seen.get(id)?.hasPoints === true, isComplete });
    }
  }
  return metrics.map((metric, index) => {
    const result = seen.get(idOf(index));
    if (result?.hasPoints) return true;
    if (result?.isComplete) return false;
    throw new OpsError("protocol", `${call}: CloudWatch does not say whether ${metric.metric} has reported`);
  });
}

/** An id begins with a small letter. */
function idOf(index: number): string {
  return `m${index}`;
}

interface Result {
  readonly id: string;
  readonly hasPoints: boolean;
  readonly isComplete: boolean;
}

const ResultsPage = z.pipe(
  z.object({
    MetricDataResults: z.array(z.object({ Id: text, Values: z.array(z.number()), StatusCode: text })),
    NextToken: nextToken,
  }),
  z.transform(
    (wire): Page<Result> => ({
      items: wire.MetricDataResults.map(({ Id: id, Values: values, StatusCode: status }) => ({
        id,
        hasPoints: values.length > 0,
        isComplete: status === "Complete",
      })),
      next: wire.NextToken,
    }),
  ),
);
