/** CloudWatch's requests read with care: they come from outside. */
import type { AwsState, MetricRecord, Words } from "../watch.ts";

export function isRecord(value: unknown): value is Words {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value.length <= maxLength;
}

/** 1 or more. */
export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** The most things that CloudWatch gives at once. */
export const MAX_PAGE = 100;

export function isPageSize(size: unknown): size is number {
  return Number.isInteger(size) && Number(size) >= 1 && Number(size) <= MAX_PAGE;
}

/** What is absent is empty; null: it is no list. */
export function listOf(value: unknown): readonly unknown[] | null {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : null;
}

export function textsOf(value: unknown): readonly string[] {
  return (listOf(value) ?? []).map(String);
}

export function alarmArn(name: string, { region, accountId }: Pick<AwsState, "region" | "accountId">): string {
  return `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;
}

/** Instants of requests: seconds since 1970. */
export function instantMs(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value * 1000 : null;
}

export function seconds(instant: string): number {
  return Date.parse(instant) / 1000;
}

export function metricOf(words: Words): MetricRecord | null {
  const { Namespace: namespace, MetricName: name } = words;
  if (typeof namespace !== "string" || typeof name !== "string") return null;
  return { namespace, name, dimensions: dimensionsOf(words["Dimensions"]) };
}

export function dimensionsOf(list: unknown): MetricRecord["dimensions"] {
  const entries = (listOf(list) ?? []).filter(isRecord).map((one) => [String(one["Name"]), String(one["Value"])]);
  return Object.fromEntries(entries);
}

/** Those that an alarm looks at. */
export function metricsOf(words: Words): readonly MetricRecord[] {
  const queries = (listOf(words["Metrics"]) ?? []).filter(isRecord);
  const stats = queries.map((query) => query["MetricStat"]).filter(isRecord);
  return [words, ...stats.map((stat) => stat["Metric"]).filter(isRecord)].flatMap((one) => metricOf(one) ?? []);
}

export function isSameMetric(a: MetricRecord, b: MetricRecord): boolean {
  const names = Object.keys(a.dimensions);
  return (
    a.namespace === b.namespace &&
    a.name === b.name &&
    names.length === Object.keys(b.dimensions).length &&
    names.every((name) => a.dimensions[name] === b.dimensions[name])
  );
}
