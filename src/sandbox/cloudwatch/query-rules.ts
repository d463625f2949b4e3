/** What CloudWatch demands of metric math behind an alarm. */
import type { Refusal } from "../aws-wire.ts";
import { dimensionsProblem, invalid, periodProblem, statisticProblem } from "./metric-rules.ts";
import { isRecord, isText, isWhole, listOf } from "./words.ts";

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html */
const MAX_METRICS = 10;
const MAX_QUERIES = 20;

export function queryProblem(metrics: unknown): Refusal | null {
  const queries = listOf(metrics);
  if (queries === null || !queries.every(isRecord) || queries.length === 0) return invalid("Metrics must be a list.");
  if (queries.length > MAX_QUERIES) return invalid(`Metrics must be at most ${MAX_QUERIES}.`);
  const ids = queries.map((query) => query["Id"]);
  const strange = ids.find((id) => !isText(id, 255) || !/^[a-z][A-Za-z0-9_]*$/.test(id));
  if (strange !== undefined) return invalid(`The Id ${strange} must begin with a small letter.`);
  if (new Set(ids).size < ids.length) return invalid("Each Id must be there once.");
  if (queries.filter((query) => query["ReturnData"] !== false).length !== 1)
    return invalid("Exactly one element of Metrics must return data.");
  if (queries.filter((query) => query["MetricStat"] !== undefined).length > MAX_METRICS)
    return invalid(`Metrics must name at most ${MAX_METRICS} metrics.`);
  for (const query of queries) {
    const problem = elementProblem(query, ids);
    if (problem !== null) return problem;
  }
  return null;
}

function elementProblem(query: Readonly<Record<string, unknown>>, ids: readonly unknown[]): Refusal | null {
  const { MetricStat: stat, Expression: expression, Period: period } = query;
  if ((stat === undefined) === (expression === undefined))
    return invalid("An element of Metrics has one of MetricStat and Expression.");
  if (period !== undefined && !isWhole(period)) return invalid("Period must be a whole number of seconds.");
  if (stat === undefined) return expressionProblem(expression, ids);
  const metric = isRecord(stat) ? stat["Metric"] : undefined;
  if (!isRecord(stat) || !isRecord(metric)) return invalid("MetricStat must hold a Metric.");
  if (!isText(metric["Namespace"], 255) || !isText(metric["MetricName"], 255))
    return invalid("Namespace and MetricName must be there.");
  return dimensionsProblem(metric["Dimensions"]) ?? periodProblem(stat["Period"]) ?? statisticProblem(stat["Stat"]);
}

/** Names in small letters are ids; functions are in capitals. */
function expressionProblem(expression: unknown, ids: readonly unknown[]): Refusal | null {
  if (!isText(expression, 2048) || expression === "") return invalid("Expression must be a text.");
  if (/\bSEARCH\s*\(/i.test(expression)) return invalid("An alarm cannot stand on SEARCH.");
  const names = expression.replaceAll(/"[^"]*"|'[^']*'/g, "").match(/\b[a-z][A-Za-z0-9_]*\b/g) ?? [];
  const unknown = names.find((name) => !ids.includes(name));
  return unknown === undefined ? null : invalid(`There is no element ${unknown} that the expression could mean.`);
}
