/** What metrics have reported, asked for many of them at once: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
import { GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import * as z from "zod/mini";
import { DAY_MS, formatSpan, MINUTE_MS, SECOND_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { Datapoint, MetricOf, MetricStat, Window } from "../../ports/cloudwatch.ts";
import type { CloudWatchLink } from "./alarms.ts";
import { dated, jsonOf } from "./alarms-client.ts";
import { statInput } from "./alarms-input.ts";
import { nextToken } from "./alarms-wire.ts";
import { type Page, pagesOf } from "./link.ts";
import { text, unreadable } from "./s3-wire.ts";

const CALL = "cloudwatch:GetMetricData";
/** The most that one call takes. */
const QUERIES_MAX = 500;

/** By whole days, so that a metric has a handful of points at most: also what was reported earlier on the first day counts. */
export async function reportedSince(
  link: CloudWatchLink,
  metrics: readonly MetricOf[],
  { since, until }: Window,
): Promise<readonly boolean[]> {
  const daily = { statistic: "SampleCount", periodSeconds: DAY_MS / SECOND_MS, unit: null };
  const stats = metrics.map((metric) => ({ ...metric, ...daily }));
  const window = {
    since: new Date(Math.floor(since.getTime() / DAY_MS) * DAY_MS),
    until: new Date(Math.ceil(until.getTime() / DAY_MS) * DAY_MS),
  };
  const series = await seriesOf(link, stats, window);
  return series.map(({ points, isComplete }, index) => {
    if (points.length > 0) return true;
    if (isComplete) return false;
    throw new OpsError("protocol", `${CALL}: CloudWatch does not say whether ${metrics[index]?.metric} has reported`);
  });
}

/** See the port. `now` is our clock. */
export async function datapoints(
  link: CloudWatchLink,
  stats: readonly MetricStat[],
  window: Window,
  now: () => Date,
): Promise<readonly Observed<readonly Datapoint[]>[]> {
  const series = await seriesOf(link, stats, window, (date) => expectClocksAgree(date, now()));
  return series.map(({ points, isComplete }, index) => {
    if (isComplete) return known(points.toSorted((a, b) => a.at.getTime() - b.at.getTime()));
    return notKnown(new OpsError("protocol", `${CALL}: CloudWatch gives ${stats[index]?.metric} in part alone`));
  });
}

interface Series {
  readonly points: readonly Datapoint[];
  readonly isComplete: boolean;
}

/** One for each that was asked for, in their order. What CloudWatch does not mention is not complete. */
async function seriesOf(
  link: CloudWatchLink,
  stats: readonly MetricStat[],
  window: Window,
  onDate?: OnDate,
): Promise<readonly Series[]> {
  const all: Series[] = [];
  for (let start = 0; start < stats.length; start += QUERIES_MAX) {
    all.push(...(await askedAtOnce(link, stats.slice(start, start + QUERIES_MAX), window, onDate)));
  }
  return all;
}

async function askedAtOnce(
  link: CloudWatchLink,
  stats: readonly MetricStat[],
  { since: StartTime, until: EndTime }: Window,
  onDate: OnDate | undefined,
): Promise<readonly Series[]> {
  const MetricDataQueries = stats.map((stat, index) => ({ Id: idOf(index), MetricStat: statInput(stat) }));
  const seen = new Map<string, Series>();
  for await (const page of pagesOf(CALL, async (NextToken) => {
    const command = new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries, NextToken });
    const answer = await link.read({ name: CALL }, { command }, dated(jsonOf(ResultsPage)));
    onDate?.(answer.date);
    return answer.value;
  })) {
    for (const { id, points, isComplete } of page) {
      const before = seen.get(id);
      seen.set(id, { points: before === undefined ? points : [...before.points, ...points], isComplete });
    }
  }
  return stats.map((_, index) => seen.get(idOf(index)) ?? { points: [], isComplete: false });
}

type OnDate = (date: string | null) => void;

/** As far as AWS takes what is signed by another clock; beyond, its SDK sets its own right without a word. */
const SKEW_MAX_MS = 5 * MINUTE_MS;

/** Ages are only as true as our clock. */
function expectClocksAgree(date: string | null, now: Date): void {
  const theirsMs = date?.endsWith(" GMT") ? Date.parse(date) : Number.NaN;
  if (Math.abs(theirsMs - now.getTime()) <= SKEW_MAX_MS) return;
  const problem = Number.isNaN(theirsMs)
    ? "AWS does not say what time it is"
    : `AWS's clock is ${formatSpan(Math.abs(theirsMs - now.getTime()))} ${theirsMs > now.getTime() ? "ahead of" : "behind"} ours`;
  throw new OpsError("protocol", `${CALL}: ${problem}, so that no age is confirmed`, {
    hint: "set this machine's clock (NTP), then run again",
  });
}

/** An id begins with a small letter. */
function idOf(index: number): string {
  return `m${index}`;
}

interface Result extends Series {
  readonly id: string;
}

const result = z.pipe(
  z.object({
    Id: text,
    /** Seconds of the epoch. */
    Timestamps: z.array(z.number()),
    Values: z.array(z.number()),
    StatusCode: text,
  }),
  z.transform((wire, context): Result => {
    const { Timestamps: instants, Values: values } = wire;
    if (instants.length !== values.length) return unreadable(context);
    const points = instants.flatMap((seconds, index) => {
      const [at, value] = [new Date(seconds * SECOND_MS), values[index]];
      return value === undefined || Number.isNaN(at.getTime()) ? [] : [{ at, value }];
    });
    if (points.length < values.length) return unreadable(context);
    return { id: wire.Id, points, isComplete: wire.StatusCode === "Complete" };
  }),
);

const ResultsPage = z.pipe(
  z.object({ MetricDataResults: z.array(result), NextToken: nextToken }),
  z.transform((wire): Page<Result> => ({ items: wire.MetricDataResults, next: wire.NextToken })),
);
