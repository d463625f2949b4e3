/** What an alarm looks at as one formula over metrics: expressions that other expressions name are put in their place. */
import { bare, formatMath, idsOf, type MathNode, parseMath, substituteIds } from "../../core/metric-math.ts";
import type { Measure, MetricQuery, MetricStat } from "../../ports/cloudwatch.ts";

/** A metric of a formula. */
export interface Term {
  readonly id: string;
  readonly stat: MetricStat;
  /** null: the alarm's own account. */
  readonly accountId: string | null;
}

export interface Formula {
  /** Over the ids of terms alone; null: not to be read as metric math, or it depends on more than its own text. */
  readonly tree: MathNode | null;
  /** The same for the same words with the same ids. */
  readonly text: string;
  /** All metrics of the alarm, those that the formula does not name too. */
  readonly terms: readonly Term[];
  /** Expressions that nothing rests on. */
  readonly spare: readonly string[];
  /** Of the expressions that say one. */
  readonly periods: readonly number[];
}

/** undefined: no policy can say it, or it makes no sense: nothing or too much is returned, or a name has no metric. */
export function formulaOf(measure: Measure): Formula | undefined {
  switch (measure.kind) {
    case "metric": {
      const id = "m1";
      const term = { id, stat: measure.stat, accountId: null };
      return { tree: { kind: "id", name: id }, text: id, terms: [term], spare: [], periods: [] };
    }
    case "math":
      return ofQueries(measure.queries);
    case "other":
      return undefined;
  }
}

function ofQueries(queries: readonly MetricQuery[]): Formula | undefined {
  const [root, ...others] = queries.filter(({ returnsData }) => returnsData);
  if (root === undefined || others.length > 0) return undefined;
  const terms = queries.flatMap(({ id, of, accountId }) =>
    of.kind === "stat" ? [{ id, stat: of.stat, accountId }] : [],
  );
  const expressions = queries.flatMap(({ id, of }) => (of.kind === "expression" ? [{ id, ...of }] : []));
  const periods = expressions.flatMap(({ periodSeconds }) => (periodSeconds === null ? [] : [periodSeconds]));
  const rest = { terms, periods };
  const trees = new Map<string, MathNode>();
  for (const { id, expression } of expressions) {
    const tree = parseMath(expression);
    if (tree === undefined || namesAll(tree)) return { ...rest, tree: null, text: textOf(root.id, queries), spare: [] };
    trees.set(id, tree);
  }
  const used = new Set<string>();
  const tree = inline(root.id, { trees, terms: new Set(terms.map(({ id }) => id)), used, done: new Map() });
  if (tree === undefined) return undefined;
  if (isHuge(tree)) return { ...rest, tree: null, text: textOf(root.id, queries), spare: [] };
  const spare = expressions.filter(({ id }) => !used.has(id)).map(({ expression }) => expression);
  return { ...rest, tree, text: formatMath(tree), spare };
}

interface Inlining {
  readonly trees: ReadonlyMap<string, MathNode>;
  readonly terms: ReadonlySet<string>;
  readonly used: Set<string>;
  /** null: being made, so that what names itself is seen. */
  readonly done: Map<string, MathNode | null>;
}

/** undefined: it names what is not there, or itself. */
function inline(id: string, inlining: Inlining): MathNode | undefined {
  const { trees, terms, used, done } = inlining;
  if (terms.has(id)) return { kind: "id", name: id };
  const made = done.get(id);
  if (made !== undefined) return made ?? undefined;
  const tree = trees.get(id);
  if (tree === undefined) return undefined;
  used.add(id);
  done.set(id, null);
  const parts = new Map(idsOf(tree).map((name) => [name, inline(name, inlining)]));
  if ([...parts.values()].includes(undefined)) return undefined;
  const whole = bare(substituteIds(tree, (name) => (terms.has(name) ? undefined : parts.get(name))));
  done.set(id, whole);
  return whole;
}

/** METRICS() stands for metrics that it does not name: it depends on their ids and labels. */
function namesAll(tree: MathNode): boolean {
  return formatMath(tree).includes("METRICS(");
}

/** Expressions that name each other over and over grow beyond measure; the parts are shared until somebody walks them. */
const MAX_NODES = 2_000;

function isHuge(tree: MathNode): boolean {
  let left = MAX_NODES;
  const walk = (node: MathNode): boolean => {
    left -= 1;
    return left > 0 && childrenOf(node).every(walk);
  };
  return !walk(tree);
}

function childrenOf(node: MathNode): readonly MathNode[] {
  switch (node.kind) {
    case "number":
    case "string":
    case "id":
    case "word":
      return [];
    case "call":
      return node.args;
    case "list":
      return node.items;
    case "minus":
      return [node.operand];
    case "binary":
      return [node.left, node.right];
    case "group":
      return [node.inner];
  }
}

/** What cannot be read as a tree is the same only where its words, ids and labels are. */
function textOf(root: string, queries: readonly MetricQuery[]): string {
  const lines = queries.map(({ id, label, of }) =>
    of.kind === "stat" ? `${id}: ${label ?? ""}` : `${id} = ${withoutSpaces(of.expression)}`,
  );
  return [root, ...lines.toSorted()].join("; ");
}

/** Spaces in quotes count, and so do those between two words, though not how many there are. */
function withoutSpaces(text: string): string {
  const parts = text.split(/("[^"]*"|'[^']*')/);
  const clean = (part: string) => part.replaceAll(/\s+/g, " ").replaceAll(/ ?([^\w ]) ?/g, "$1");
  return parts
    .map((part, index) => (index % 2 === 1 ? part : clean(part)))
    .join("")
    .trim();
}
