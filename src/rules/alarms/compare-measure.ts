/** What a live alarm looks at, beside what the policy wants it to: formula by formula, metric by metric. */
import { bare, formatMath, idsOf, type MathNode, substituteIds } from "../../core/metric-math.ts";
import type { AlarmSettings, Measure } from "../../ports/cloudwatch.ts";
import type { AlarmDifference } from "./compare.ts";
import { type MeasureKind, pairDifferences, periodWords, type TermPair, termKey, termWords } from "./compare-terms.ts";
import { crosses, driftOf, type Limit, limitOf, statisticDrift } from "./drift.ts";
import type { CloudWatchPolicy } from "./facts.ts";
import { type Formula, formulaOf, type Term } from "./math.ts";

export function compareMeasure(kind: MeasureKind, wanted: AlarmSettings, measure: Measure): readonly AlarmDifference[] {
  const [want, have] = [formulaOf(wanted.measure), formulaOf(measure)];
  if (want === undefined || have === undefined) {
    const words = measure.kind === "other" ? measure.words : "queries without one result";
    return [
      { key: kind, wanted: want === undefined ? "unclear" : formulaWords(want), live: words, drift: "different" },
    ];
  }
  const limit = limitOf(wanted);
  const match = matchFormulas(want, have, limit);
  const both: Both = { kind, wanted: want, live: have, limit };
  const same = match === undefined ? undefined : sameFormula(both, match);
  if (same !== undefined && same.length <= 1) return same;
  const another = anotherFormula(both);
  // two metrics that changed places are one edit of the formula
  return same !== undefined && same.length <= another.length ? same : another;
}

interface Both {
  readonly kind: MeasureKind;
  readonly wanted: Formula;
  readonly live: Formula;
  readonly limit: Limit | undefined;
}

function sameFormula(both: Both, match: Match): readonly AlarmDifference[] {
  const pairs = pairsBy(match.names, both.wanted, both.live);
  return [...guardDifferences(both.kind, match), ...ofPairs(both, pairs), ...spareDifferences(both, pairs)];
}

function anotherFormula(both: Both): readonly AlarmDifference[] {
  const pairs = pairUp(both.wanted.terms, both.live.terms);
  return [formulaDifference(both, pairs), ...ofPairs(both, pairs)];
}

function ofPairs({ kind, wanted, live, limit }: Both, pairs: readonly TermPair[]): readonly AlarmDifference[] {
  const isOne = wanted.tree?.kind === "id" && live.tree?.kind === "id";
  const drift = (one: string, other: string) =>
    isOne && limit !== undefined ? statisticDrift(one, other, limit) : "different";
  return [...pairDifferences(kind, pairs, drift), ...periodDifferences(wanted, live)];
}

/** What the policy says under that key. */
export function kindOf(policy: CloudWatchPolicy): MeasureKind {
  if (policy.ratio !== undefined) return "ratio";
  return policy.metric === undefined ? "expression" : "metric";
}

/** `IF(subject >= minimum, inner, fallback)`, where the fallback never fires: below the minimum nothing is said. */
interface Guarded {
  readonly inner: MathNode;
  readonly minimum: number | null;
  readonly subject: MathNode | null;
  readonly fallback: number | null;
}

function guarded(tree: MathNode, limit: Limit | undefined): Guarded {
  const none = { inner: tree, minimum: null, subject: null, fallback: null };
  if (limit === undefined || tree.kind !== "call" || tree.name !== "IF" || tree.args.length !== 3) return none;
  const [condition, inner, fallback] = tree.args;
  if (condition?.kind !== "binary" || condition.operator !== ">=" || condition.right.kind !== "number") return none;
  if (inner === undefined || fallback?.kind !== "number" || crosses(fallback.value, limit)) return none;
  return { inner, minimum: condition.right.value, subject: condition.left, fallback: fallback.value };
}

/** The same formula but for the names of metrics and the minimum. */
interface Match {
  /** The live id of each of the policy's. */
  readonly names: ReadonlyMap<string, string>;
  readonly wantedMinimum: number | null;
  readonly liveMinimum: number | null;
}

function matchFormulas(wanted: Formula, live: Formula, limit: Limit | undefined): Match | undefined {
  if (wanted.tree === null || live.tree === null) {
    const names = new Map(wanted.terms.map(({ id }) => [id, id]));
    return wanted.text === live.text ? { names, wantedMinimum: null, liveMinimum: null } : undefined;
  }
  const [want, have] = [guarded(wanted.tree, limit), guarded(live.tree, limit)];
  const minimums = { wantedMinimum: want.minimum, liveMinimum: have.minimum };
  // first by id; then two queries of one metric are one, as they may be in an alarm that others made
  for (const nameOf of [({ id }: Term) => id, termKey]) {
    const [a, b] = [numbered(want, wanted, nameOf), numbered(have, live, nameOf)];
    if (a.inner !== b.inner || (a.guard !== null && b.guard !== null && a.guard !== b.guard)) continue;
    if (a.ids.length !== b.ids.length) continue;
    return { names: new Map(a.ids.map((id, index) => [id, b.ids[index] ?? id])), ...minimums };
  }
  return undefined;
}

interface Numbered {
  readonly inner: string;
  readonly guard: string | null;
  /** Of metrics, in the order of their numbers. */
  readonly ids: readonly string[];
}

/** With numbers in place of names, by where they stand first: what is within a guard comes before it. */
function numbered({ inner, subject, fallback }: Guarded, { terms }: Formula, nameOf: (term: Term) => string): Numbered {
  const names = new Map(terms.map((term) => [term.id, nameOf(term)]));
  const all = [...idsOf(inner), ...(subject === null ? [] : idsOf(subject))];
  const isSame = (one: string, other: string) => names.get(one) === names.get(other);
  const ids = all.filter((id, index) => all.findIndex((other) => isSame(id, other)) === index);
  const number = (id: string): MathNode => ({ kind: "id", name: `$${ids.findIndex((other) => isSame(id, other))}` });
  const text = (node: MathNode) => formatMath(bare(substituteIds(node, number)));
  return {
    inner: text(inner),
    guard: subject === null ? null : `${text(subject)} ${fallback}`,
    ids,
  };
}

/** A higher minimum silences more. */
function guardDifferences(kind: MeasureKind, { wantedMinimum, liveMinimum }: Match): readonly AlarmDifference[] {
  if (wantedMinimum === liveMinimum) return [];
  const [want, have] = [wantedMinimum, liveMinimum].map((minimum) => minimum ?? Number.NEGATIVE_INFINITY);
  const drift = driftOf(Number(have) > Number(want), Number(have) < Number(want));
  const texts = { wanted: `${wantedMinimum ?? "none"}`, live: `${liveMinimum ?? "none"}` };
  return [{ key: kind === "ratio" ? "ratio.minimum" : formulaKey(kind), ...texts, drift }];
}

function formulaKey(kind: MeasureKind): string {
  return kind === "expression" ? "expression.formula" : kind;
}

/** In the policy's names, as far as it can be told which metric is which. */
function formulaDifference({ kind, wanted, live }: Both, pairs: readonly TermPair[]): AlarmDifference {
  const names = new Map(pairs.map((pair) => [pair.live.id, pair.wanted.id]));
  return { key: formulaKey(kind), wanted: formulaWords(wanted), live: formulaWords(live, names), drift: "different" };
}

function formulaWords({ tree, text, terms }: Formula, names?: ReadonlyMap<string, string>): string {
  const alone = tree?.kind === "id" ? terms.find(({ id }) => id === tree.name) : undefined;
  if (alone !== undefined) return termWords(alone);
  if (tree === null || names === undefined) return text;
  return formatMath(bare(substituteIds(tree, (id) => ({ kind: "id", name: names.get(id) ?? id }))));
}

function pairsBy(names: ReadonlyMap<string, string>, wanted: Formula, live: Formula): readonly TermPair[] {
  const named = wanted.terms.flatMap((term) => {
    const other = live.terms.find(({ id }) => id === names.get(term.id));
    return other === undefined ? [] : [{ wanted: term, live: other }];
  });
  const rest = {
    wanted: wanted.terms.filter(({ id }) => !names.has(id)),
    live: live.terms.filter(({ id }) => !isNamed(live, id)),
  };
  return live.tree === null ? named : [...named, ...pairUp(rest.wanted, rest.live)];
}

/** The same metrics first, then those of one name. */
function pairUp(wanted: readonly Term[], live: readonly Term[]): readonly TermPair[] {
  let pairs: readonly TermPair[] = [];
  for (const isPair of [
    (one: Term, other: Term) => termKey(one) === termKey(other),
    (one: Term, other: Term) => one.id === other.id,
  ]) {
    for (const term of wanted.filter((one) => !pairs.some((pair) => pair.wanted === one))) {
      const other = live.find((one) => isPair(term, one) && !pairs.some((pair) => pair.live === one));
      if (other !== undefined) pairs = [...pairs, { wanted: term, live: other }];
    }
  }
  return pairs;
}

function isNamed({ tree }: Formula, id: string): boolean {
  return tree !== null && idsOf(tree).includes(id);
}

/** An expression may say a period of its own; one that says none takes that of its metrics. */
function periodDifferences(wanted: Formula, live: Formula): readonly AlarmDifference[] {
  const seconds = wanted.terms[0]?.stat.periodSeconds;
  if (seconds === undefined) return [];
  const others = [...new Set(live.periods)].filter((period) => period !== seconds);
  return others.map((period) => ({
    key: "period",
    wanted: periodWords(seconds),
    live: `${periodWords(period)} (formula)`,
    drift: "different",
  }));
}

/** Metrics and expressions that one of the two has and the formula does not need. */
function spareDifferences({ kind, wanted, live }: Both, pairs: readonly TermPair[]): readonly AlarmDifference[] {
  const key = kind === "expression" ? "expression.metrics" : kind;
  const lacking = wanted.terms.filter((term) => !pairs.some((pair) => pair.wanted === term));
  const strange = live.terms.filter((term) => !isNamed(live, term.id) && !pairs.some((pair) => pair.live === term));
  const surplus = [...strange.map(termWords), ...live.spare];
  return [
    ...lacking.map((term) => ({ key, wanted: termWords(term), live: "none", drift: "different" as const })),
    ...surplus.map((words) => ({ key, wanted: "none", live: words, drift: "different" as const })),
  ];
}
