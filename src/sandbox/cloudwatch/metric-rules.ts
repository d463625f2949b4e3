/** What CloudWatch demands of a metric, its statistic and its period, wherever they stand. */
import { refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { isRecord, isText, isWhole, listOf } from "./words.ts";

export function invalid(message: string): Refusal {
  return refusal("ValidationError", message);
}

const STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
const EXTENDED = /^(p|tm|tc|ts|wm)(\d{1,2}(\.\d{1,10})?|100)$|^(TM|TC|TS|WM|PR)\([^)]*\)$|^IQM$/;

export function statisticProblem(stat: unknown): Refusal | null {
  return STATISTICS.some((one) => one === stat) || isPercentile(stat) ? null : invalid(`No statistic ${stat}.`);
}

export function isPercentile(stat: unknown): boolean {
  return EXTENDED.test(String(stat));
}

const MAX_DIMENSIONS = 30;

export function dimensionsProblem(dimensions: unknown): Refusal | null {
  const list = listOf(dimensions);
  const isWell = list?.every((one) => isRecord(one) && isText(one["Name"], 255) && isText(one["Value"], 1024));
  if (list === null || isWell !== true) return invalid("Dimensions must be a list of Name and Value.");
  return list.length > MAX_DIMENSIONS ? invalid(`Dimensions must be at most ${MAX_DIMENSIONS}.`) : null;
}

const SHORT_PERIODS_SECONDS = [10, 20, 30];
const MINUTE_SECONDS = 60;

export function periodProblem(period: unknown): Refusal | null {
  if (isWhole(period) && (SHORT_PERIODS_SECONDS.includes(period) || period % MINUTE_SECONDS === 0)) return null;
  return invalid("Period must be 10, 20, 30 or a multiple of 60.");
}
