/** One metric of a live alarm beside the one that the policy wants in its place. */
import type { MetricStat } from "../../ports/cloudwatch.ts";
import type { AlarmDifference } from "./compare.ts";
import { type Drift, plainStatistic } from "./drift.ts";
import type { Term } from "./math.ts";

export type MeasureKind = "ratio" | "metric" | "expression";

export interface TermPair {
  readonly wanted: Term;
  readonly live: Term;
}

/** `isShared`: the policy says it once for all metrics. */
interface TermDifference extends AlarmDifference {
  readonly isShared: boolean;
}

/** Of all metrics; what is the same of each of them is told once. */
export function pairDifferences(
  kind: MeasureKind,
  pairs: readonly TermPair[],
  statisticDrift: (wanted: string, live: string) => Drift,
): readonly AlarmDifference[] {
  const all = pairs.map((pair) => ({ id: pair.wanted.id, differences: termDifferences(kind, pair, statisticDrift) }));
  const told = new Set<string>();
  return all.flatMap(({ id, differences }) =>
    differences.flatMap(({ isShared, ...difference }) => {
      const isSame = (other: AlarmDifference) => other.key === difference.key && other.live === difference.live;
      const count = all.filter((one) => one.differences.some(isSame)).length;
      if (!isShared) return [difference];
      if (count < pairs.length) return [{ ...difference, live: `${difference.live} (${id})` }];
      const name = `${difference.key} ${difference.live}`;
      if (told.has(name)) return [];
      told.add(name);
      return [difference];
    }),
  );
}

/** `Sum of AWS/Lambda Errors (FunctionName litally-auth)` */
export function termWords({ stat }: Term): string {
  const dimensions = Object.entries(stat.dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const words = dimensions.map(([name, value]) => `${name} ${value}`).join(", ");
  return `${stat.statistic} of ${stat.namespace} ${stat.metric}${words === "" ? "" : ` (${words})`}`;
}

/** The same text for metrics that are the same in everything. */
export function termKey({ stat, accountId }: Term): string {
  const dimensions = Object.entries(stat.dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { namespace, metric, statistic, periodSeconds, unit } = stat;
  return JSON.stringify([namespace, metric, dimensions, plainStatistic(statistic), periodSeconds, unit, accountId]);
}

/** `5m`, as a policy writes it. */
export function periodWords(seconds: number): string {
  const [length, unit] = UNITS.find(([one]) => seconds > 0 && seconds % one === 0) ?? [1, "s"];
  return `${seconds / length}${unit}`;
}

const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
] as const;

function termDifferences(
  kind: MeasureKind,
  { wanted, live }: TermPair,
  statisticDrift: (wanted: string, live: string) => Drift,
): readonly TermDifference[] {
  const at = prefixOf(kind, wanted.id);
  const [want, have] = [wanted.stat, live.stat];
  const statistics = { wanted: plainStatistic(want.statistic), live: plainStatistic(have.statistic) };
  const alone = (key: string, texts: Texts, drift: Drift = "different") => ({
    ...texts,
    key: `${at}.${key}`,
    drift,
    isShared: false,
  });
  const differences: readonly TermDifference[] = [
    alone("namespace", { wanted: want.namespace, live: have.namespace }),
    alone("metric", { wanted: want.metric, live: have.metric }),
    alone("statistic", statistics, statisticDrift(statistics.wanted, statistics.live)),
    alone("unit", { wanted: want.unit ?? "any", live: have.unit ?? "any" }),
    alone("account", { wanted: wanted.accountId ?? "its own", live: live.accountId ?? "its own" }),
    ...dimensionDifferences(kind === "ratio" ? kind : at, kind === "ratio", want, have),
    {
      key: "period",
      wanted: periodWords(want.periodSeconds),
      live: periodWords(have.periodSeconds),
      drift: "different",
      isShared: true,
    },
  ];
  return differences.filter((difference) => difference.wanted !== difference.live);
}

type Texts = Pick<AlarmDifference, "wanted" | "live">;

/** Where the policy says what the metric of that id is. */
function prefixOf(kind: MeasureKind, id: string): string {
  switch (kind) {
    case "metric":
      return "metric";
    case "ratio":
      return `ratio.${id}`;
    case "expression":
      return `expression.metrics.${id}`;
  }
}

/** A dimension under another name is one difference, not one that lacks and one too many. */
function dimensionDifferences(
  at: string,
  isShared: boolean,
  { dimensions: wanted }: MetricStat,
  { dimensions: live }: MetricStat,
): readonly TermDifference[] {
  const rest = { drift: "different", isShared } as const;
  const names = Object.keys(wanted).toSorted();
  const strangers = Object.keys(live)
    .toSorted()
    .filter((name) => !Object.hasOwn(wanted, name));
  const strange = strangers.map((name) => ({ name, words: `${name} ${live[name]}` }));
  const lacking = names.filter((name) => !Object.hasOwn(live, name));
  return [
    ...names
      .filter((name) => Object.hasOwn(live, name))
      .map((name) => ({ ...rest, key: `${at}.dimensions.${name}`, wanted: `${wanted[name]}`, live: `${live[name]}` })),
    ...lacking.map((name, index) => ({
      ...rest,
      key: `${at}.dimensions.${name}`,
      wanted: `${name} ${wanted[name]}`,
      live: strange[index]?.words ?? "none",
    })),
    ...strange.slice(lacking.length).map(({ name, words }) => ({
      ...rest,
      key: `${at}.dimensions.${name}`,
      wanted: "none",
      live: words,
    })),
  ];
}
