/** A part of a whole in percent, recognised wherever an alarm measures just what a policy calls a ratio. */
import type { MathNode } from "../../core/metric-math.ts";
import type { AlarmSettings, Comparison, MetricStat } from "../../ports/cloudwatch.ts";
import type { Formula } from "./math.ts";

export interface Ratio {
  readonly part: MetricStat;
  readonly whole: MetricStat;
  /** null: none. */
  readonly minimum: number | null;
}

/** undefined: it is none, or not one that a policy can say. */
export function ratioOf(formula: Formula, { comparison }: Pick<AlarmSettings, "comparison">): Ratio | undefined {
  const { tree, terms, spare } = formula;
  const matched = tree === null || comparison === "other" ? undefined : sharesOf(tree, comparison);
  if (matched === undefined || terms.length !== 2 || spare.length > 0) return undefined;
  const sumOf = (id: string) => terms.find((term) => term.id === id && isSum(term.stat))?.stat;
  const [part, whole] = [sumOf(matched.part), sumOf(matched.whole)];
  if (part === undefined || whole === undefined || part === whole) return undefined;
  if (!isSameKeys(part.dimensions, whole.dimensions) || part.periodSeconds !== whole.periodSeconds) return undefined;
  return { part, whole, minimum: matched.minimum };
}

interface Matched {
  readonly part: string;
  readonly whole: string;
  readonly minimum: number | null;
}

/** What counts below the minimum: a value that does not fire, whatever the threshold within 0 to 100. */
export function fallbackOf(comparison: Exclude<Comparison, "other">): number {
  return comparison.startsWith("Greater") ? 0 : 100;
}

/** `IF(whole >= minimum, 100 * part / whole, fallback)`, or the share alone. */
function sharesOf(tree: MathNode, comparison: Exclude<Comparison, "other">): Matched | undefined {
  if (tree.kind !== "call") return shareOf(tree);
  const [condition, share, fallback] = tree.args;
  if (tree.name !== "IF" || tree.args.length !== 3 || condition?.kind !== "binary") return undefined;
  const { operator, left, right } = condition;
  const matched = share === undefined ? undefined : shareOf(share);
  if (operator !== ">=" || left.kind !== "id" || left.name !== matched?.whole || right.kind !== "number")
    return undefined;
  if (!Number.isSafeInteger(right.value) || right.value < 1) return undefined;
  if (fallback?.kind !== "number" || fallback.value !== fallbackOf(comparison)) return undefined;
  return { ...matched, minimum: right.value };
}

function shareOf(tree: MathNode): Matched | undefined {
  if (tree.kind !== "binary" || tree.operator !== "/" || tree.right.kind !== "id") return undefined;
  const { left, right } = tree;
  if (left.kind !== "binary" || left.operator !== "*" || left.right.kind !== "id") return undefined;
  if (left.left.kind !== "number" || left.left.value !== 100) return undefined;
  return { part: left.right.name, whole: right.name, minimum: null };
}

function isSum({ statistic, unit }: MetricStat): boolean {
  return statistic === "Sum" && unit === null;
}

function isSameKeys(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
