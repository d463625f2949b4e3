import { DAY_MS, longestMs } from "../core/duration.ts";
import { idsOf, type MathNode, parseMath } from "../core/metric-math.ts";
import { asGuess, suggest } from "../core/suggest.ts";
import { atlasRangeOf, PERCENT, type Range, rangeOf, shortestPeriodMs } from "./known-metrics.ts";
import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";
import type { AlarmPolicy, Draft } from "./schema.ts";
import type { Threshold } from "./schema-alarms.ts";

type Alarm = Draft<AlarmPolicy>;
export type AtlasAlarm = Extract<Alarm, { readonly engine?: "atlas" | undefined }>;
export type CloudWatchAlarm = Exclude<Alarm, AtlasAlarm>;

/** What an alarm measures, where it can never fire, always fires, or CloudWatch cannot make sense of it. Only what is certain. */
export function measureProblems(judged: Judged, alarm: CloudWatchAlarm, path: Path): readonly Problem[] {
  const measured = measuredBy(judged, alarm, path);
  // what never came may still set it off, where it counts as breaching
  const mayLack = alarm.missingData === undefined || alarm.missingData === "breaching";
  return [
    ...(measured === undefined ? [] : thresholdProblems(judged, alarm.threshold, { ...measured, mayLack }, path)),
    ...formulaProblems(judged, alarm, path),
    ...lowSamplesProblems(alarm, path),
  ];
}

/** The same for what Atlas measures. */
export function atlasMeasureProblems(
  judged: Judged,
  { metric, threshold }: AtlasAlarm,
  path: Path,
): readonly Problem[] {
  const range = metric?.metric === undefined ? undefined : atlasRangeOf(metric.metric);
  const words = judged.written([...path, "metric", "metric"]) ?? "";
  return range === undefined ? [] : thresholdProblems(judged, threshold, { words, range, mayLack: false }, path);
}

interface Measured {
  readonly words: string;
  readonly range: Range;
}

/** A threshold that its values never cross, or always do. */
function thresholdProblems(
  judged: Judged,
  threshold: Threshold | undefined,
  { words, range, mayLack }: Measured & { readonly mayLack: boolean },
  path: Path,
): readonly Problem[] {
  if (threshold === undefined) return [];
  const where = [...path, "threshold"];
  const may = `${words} is ${rangeWords(range)}; write a threshold within`;
  if (isAlways(threshold, range)) {
    return [{ path: where, text: `${judged.quote(where)} fires whatever it is: ${may}` }];
  }
  if (mayLack || !isNever(threshold, range)) return [];
  return [{ path: where, text: `${judged.quote(where)} never fires: ${may}` }];
}

function measuredBy(judged: Judged, { ratio, metric }: CloudWatchAlarm, path: Path): Measured | undefined {
  if (ratio !== undefined) return { words: "a part of a whole, in percent,", range: PERCENT };
  if (metric?.namespace === undefined || metric.metric === undefined || metric.statistic === undefined)
    return undefined;
  const range = rangeOf({ namespace: metric.namespace, metric: metric.metric }, metric.statistic);
  const written = (key: string) => judged.written([...path, "metric", key]) ?? "";
  const words = `the ${written("statistic")} of ${written("metric")}`;
  return range === undefined ? undefined : { words, range };
}

function isNever({ operator, value }: Threshold, { least, most }: Range): boolean {
  switch (operator) {
    case ">":
      return most !== null && value >= most;
    case ">=":
      return most !== null && value > most;
    case "<":
      return least !== null && value <= least;
    case "<=":
      return least !== null && value < least;
  }
}

const OPPOSITE = { ">": "<=", ">=": "<", "<": ">=", "<=": ">" } as const satisfies Record<
  Threshold["operator"],
  Threshold["operator"]
>;

function isAlways({ operator, value }: Threshold, range: Range): boolean {
  return isNever({ operator: OPPOSITE[operator], value }, range);
}

function rangeWords({ least, most }: Range): string {
  if (most === null) return `${least} or more`;
  return most === 1 ? "a fraction from 0 to 1 (0.01 for 1 %)" : `from ${least} to ${most}`;
}

/** A period so short that most have no datapoint. */
export function resolutionProblems(judged: Judged, alarm: CloudWatchAlarm, path: Path): readonly Problem[] {
  if (alarm.period === undefined) return [];
  const periodMs = longestMs(alarm.period);
  const where = [...path, "period"];
  const tooShort = metricsOf(alarm).flatMap(({ namespace, metric, at }) => {
    if (namespace === undefined || metric === undefined) return [];
    const everyMs = shortestPeriodMs({ namespace, metric });
    if (everyMs === undefined || periodMs >= everyMs) return [];
    const every = everyMs === DAY_MS ? "1d" : "1m";
    const name = judged.written([...path, ...at, "metric"]) ?? "";
    return [
      `${judged.quote(where)} is too short: ${name} has at most one datapoint in ${every}; write ${every} or more`,
    ];
  });
  return tooShort.slice(0, 1).map((text) => ({ path: where, text }));
}

interface MetricAt {
  readonly namespace?: string | undefined;
  readonly metric?: string | undefined;
  /** undefined: it could not be read. */
  readonly statistic?: string | undefined;
  readonly at: Path;
}

function metricsOf({ ratio, metric, expression }: CloudWatchAlarm): readonly MetricAt[] {
  return [
    ...(ratio?.part === undefined ? [] : [{ ...ratio.part, statistic: "Sum", at: ["ratio", "part"] }]),
    ...(ratio?.whole === undefined ? [] : [{ ...ratio.whole, statistic: "Sum", at: ["ratio", "whole"] }]),
    ...(metric === undefined ? [] : [{ ...metric, at: ["metric"] }]),
    ...Object.entries(expression?.metrics ?? {}).flatMap(([id, one]) =>
      one === undefined ? [] : [{ ...one, at: ["expression", "metrics", id] }],
    ),
  ];
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
function formulaProblems(judged: Judged, alarm: CloudWatchAlarm, path: Path): readonly Problem[] {
  const { formula, metrics } = alarm.expression ?? {};
  if (formula === undefined) return [];
  const where = [...path, "expression", "formula"];
  const tree = parseMath(formula);
  if (tree === undefined) {
    return [{ path: where, text: `${judged.quote(where)} is no metric math; write such as 100 * errors / total` }];
  }
  if (callsSearch(tree)) {
    return [{ path: where, text: "SEARCH() backs no alarm; name its metrics one by one" }];
  }
  const names = Object.keys(metrics ?? {});
  if (names.length === 0) return []; // said elsewhere
  const written = judged.written(where) ?? "";
  return idsOf(tree)
    .filter((id) => !names.includes(id))
    .map((id) => {
      const shown = written.includes(id) ? id : "a name of it"; // what came from the environment is not shown
      const text = `${shown} is not under metrics; declare it there, or write one that is${asGuess(suggest(id, names))}`;
      return { path: where, text };
    });
}

function callsSearch(node: MathNode): boolean {
  switch (node.kind) {
    case "number":
    case "string":
    case "id":
    case "word":
      return false;
    case "call":
      return node.name === "SEARCH" || node.args.some(callsSearch);
    case "list":
      return node.items.some(callsSearch);
    case "minus":
      return callsSearch(node.operand);
    case "binary":
      return callsSearch(node.left) || callsSearch(node.right);
    case "group":
      return callsSearch(node.inner);
  }
}

const PLAIN_STATISTICS = ["Sum", "Average", "Minimum", "Maximum", "SampleCount"];

function lowSamplesProblems(alarm: CloudWatchAlarm, path: Path): readonly Problem[] {
  const metrics = metricsOf(alarm);
  const arePlain = metrics.every(({ statistic }) => statistic !== undefined && PLAIN_STATISTICS.includes(statistic));
  if (alarm.lowSamples === undefined || metrics.length === 0 || !arePlain) return [];
  const text = "is for percentiles alone, and there is none; remove it, or write a statistic such as p99";
  return [{ path: [...path, "lowSamples"], text }];
}
