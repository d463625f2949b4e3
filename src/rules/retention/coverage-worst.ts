/** Coverage made smaller: the worst over many days, and no more spans than a reader takes in. Nothing is told better than it is. */
import { type AgeSpan, appendSpan, compareWays, coverageOver, type Extent, joined } from "./coverage.ts";
import type { Supply } from "./model.ts";

/**
 * For each step of age between two neighbours of `stopsMs`, the worst of all ages in it at any of the instants; steps that are
 * alike as one. The last stop is the horizon.
 */
export function worstCoverage(
  supply: Supply,
  instants: Iterable<number>,
  stopsMs: readonly number[],
  bornMs: Extent["bornMs"],
): readonly AgeSpan[] {
  const worst: AgeSpan[] = [];
  for (const { atMs, spans } of coverageOver(supply, instants, { horizonMs: stopsMs.at(-1) ?? 0, bornMs })) {
    for (const [step, span] of inSteps(spans, stopsMs).entries()) {
      const known = worst[step];
      if (known === undefined || compareWays(span.way, known.way) > 0) worst[step] = { ...span, atMs };
    }
  }
  return worst.reduce<AgeSpan[]>((spans, step) => {
    appendSpan(spans, step);
    return spans;
  }, []);
}

/** The worst way of each step between neighbouring stops. */
export function inSteps(spans: readonly AgeSpan[], stopsMs: readonly number[]): readonly AgeSpan[] {
  let first = 0;
  return stopsMs.slice(1).map((untilAgeMs, index) => {
    const fromAgeMs = stopsMs[index] ?? 0;
    while ((spans[first]?.untilAgeMs ?? untilAgeMs) <= fromAgeMs) first += 1;
    let worst = spans[first]?.way ?? UNBORN;
    for (let at = first + 1; (spans[at]?.fromAgeMs ?? untilAgeMs) < untilAgeMs; at += 1) {
      const way = spans[at]?.way ?? UNBORN;
      if (compareWays(way, worst) > 0) worst = way;
    }
    return { fromAgeMs, untilAgeMs, way: worst };
  });
}

const UNBORN = { kind: "unborn" } as const;

/** At most `count` spans (at least one). Of two that become one, the better is told as the worse: the least of it first. */
export function simplified(spans: readonly AgeSpan[], count: number): readonly AgeSpan[] {
  let left = spans;
  while (left.length > Math.max(1, count)) left = withoutLeast(left);
  return left;
}

function withoutLeast(spans: readonly AgeSpan[]): readonly AgeSpan[] {
  const costs = spans.slice(1).map((older, index) => costOf(spans[index] ?? older, older));
  const first = costs.indexOf(Math.min(...costs));
  const left: AgeSpan[] = [];
  for (const [index, span] of spans.entries()) {
    const before = index === first + 1 ? left.pop() : undefined;
    appendSpan(left, before === undefined ? span : joined(before, span));
  }
  return left;
}

/** How much would be told worse than it is, to a reader, to whom an hour is much of a day and nothing of a year. */
function costOf(newer: AgeSpan, older: AgeSpan): number {
  const better = compareWays(newer.way, older.way) > 0 ? older : newer;
  return better.untilAgeMs / better.fromAgeMs;
}
