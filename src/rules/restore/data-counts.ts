/** Do the collections hold about as many documents as the source's do now. */
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { DataFacts } from "./data.ts";
import { shown } from "./data-namespaces.ts";

/** Of the source's count. The source has moved on since the instant that was restored, so it is no equality. */
const FAIL_BELOW_RATIO = 0.5;
const WARN_BELOW_RATIO = 0.75;
/** More than the source: what was deleted there since, which may be the very reason of the restore. */
const WARN_ABOVE_RATIO = 2;
/** A difference that says nothing, whatever the ratio. */
const SLACK_DOCUMENTS = 20;

export function judgeCounts({ target, source }: DataFacts): Verdict {
  if (!target.namespaces.known) return unknown(target.namespaces.reason);
  if (!source.live.namespaces.known) return unknown(source.live.namespaces.reason);
  const there = new Map(target.namespaces.value.map(({ name, documents }) => [name, documents]));
  const compared = source.live.namespaces.value.flatMap(({ name, documents: before }) => {
    const after = there.get(name);
    if (before === null || after === undefined || after === null) return [];
    return [{ name, size: before.known && after.known ? compare(after.value, before.value) : ("unknown" as const) }];
  });
  const named = (...sizes: readonly Size[]) =>
    compared.filter(({ size }) => sizes.includes(size)).map(({ name }) => name);
  const evidence = {
    expected: `at least ${FAIL_BELOW_RATIO * 100} % of the source's`,
    compared: compared.length,
    tooFew: named("lost"),
    odd: named("fewer", "more"),
    notKnown: named("unknown"),
  };
  if (evidence.tooFew.length > 0)
    return fail(`less than half of the source's documents: ${shown(evidence.tooFew)}`, evidence);
  if (evidence.notKnown.length > 0) return unknown(`cannot be compared: ${shown(evidence.notKnown)}`, evidence);
  if (compared.length === 0) return unknown("no collection is on both sides: nothing is proved", evidence);
  if (evidence.odd.length > 0) return warn(`far from the source's count: ${shown(evidence.odd)}`, evidence);
  return pass(`${compared.length} compared, all plausible`, evidence);
}

type Size = "lost" | "fewer" | "like" | "more" | "unknown";

function compare(after: number, before: number): Size {
  if (Math.abs(after - before) <= SLACK_DOCUMENTS) return "like";
  const ratio = after / before; // of 0 documents everything is more
  if (ratio < FAIL_BELOW_RATIO) return "lost";
  if (ratio < WARN_BELOW_RATIO) return "fewer";
  return ratio > WARN_ABOVE_RATIO ? "more" : "like";
}
