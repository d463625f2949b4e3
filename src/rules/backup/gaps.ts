/** Has the series of snapshots a hole. */
import type { Check } from "../../core/check.ts";
import { formatSpan, shortestMs } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Evidence, Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { SnapshotPolicy } from "../../policy/schema.ts";
import { type BackupFacts, birth } from "./facts.ts";
import { nothingOf } from "./owed.ts";
import { type DatedPoint, intervalMs } from "./points.ts";
import { explainGap, whyNone } from "./remedies.ts";
import { type Hole, holesIn, type Series, seriesOf, seriesStart, uncertain, unsure } from "./series.ts";

export const snapshotSeries: Check<BackupFacts> = {
  id: "backup/snapshot-series",
  title: "the series of snapshots has no hole over its retention",
  remedy: whyNone,
  judge: (facts) => facts.database.snapshots.map((entry) => ({ ...judgeSeries(facts, entry), scope: entry.frequency })),
};

function judgeSeries(facts: BackupFacts, entry: SnapshotPolicy): Verdict {
  const series = seriesOf(facts, entry);
  const interval = intervalMs(facts, entry.frequency);
  if (!series.known) return unknown(series.reason);
  if (!interval.known) return unknown(interval.reason);
  const start = judgedFrom(facts, entry);
  const limitMs = interval.value + shortestMs(facts.database.grace);
  const holes = seriesHoles(series.value.certain, start.at, facts.observedAt, limitMs);
  const within = series.value.certain.filter((point) => point.createdAt >= start.at);
  const last = within.at(-1);
  const evidence = {
    expected: `no gap over ${formatSpan(limitMs)}`,
    snapshots: within.length,
    since: start.at.toISOString(),
    ...(last === undefined ? {} : { until: last.createdAt.toISOString() }),
  };
  if (holes.length === 0 && !mayGoOn(facts, series.value, start.at, limitMs)) {
    if (last === undefined) return nothingWithin(facts, entry, start.at, evidence);
    return pass(
      `${within.length} good ${entry.frequency} snapshots without a hole up to ${formatInstant(last.createdAt)}, looked at ${start.because}`,
      evidence,
    );
  }
  const described = { ...evidence, actual: holes.slice(0, MAX_HOLES_SHOWN).map(describeHole), holes: holes.length };
  const atBest = holesAtBest(facts, series.value, start.at, limitMs);
  if (atBest.length === 0 || series.value.undated.length > 0)
    return unknown(
      `whether the ${entry.frequency} series has a hole cannot be read: ${unsure(series.value) ?? "when the cluster was created"}`,
      described,
    );
  const verdict = failed(entry, holes, start.because, described);
  return last === undefined ? verdict : { ...verdict, remedy: explainGap(holes) };
}

/** `--since` is for holes only: what is kept and copied is owed all the same. */
function judgedFrom(facts: BackupFacts, entry: SnapshotPolicy): ReturnType<typeof seriesStart> {
  const whole = seriesStart(facts, entry);
  const { since } = facts;
  return since !== null && since > whole.at ? { at: since, because: `since ${formatInstant(since)}` } : whole;
}

function failed(entry: SnapshotPolicy, holes: readonly Hole[], because: string, evidence: Evidence): Verdict {
  const longest = holes.reduce((a, b) =>
    b.to.getTime() - b.from.getTime() > a.to.getTime() - a.from.getTime() ? b : a,
  );
  return fail(
    `${holes.length === 1 ? "a hole" : `${holes.length} holes`} in the ${entry.frequency} series ${because}; the longest is ${describeHole(longest)}`,
    evidence,
  );
}

function nothingWithin(facts: BackupFacts, entry: SnapshotPolicy, start: Date, evidence: Evidence): Verdict {
  if (start !== facts.since) return nothingOf(facts, entry, `good ${entry.frequency} snapshot`, evidence);
  const verdict = nothingOf(facts, entry, `good ${entry.frequency} snapshot since ${formatInstant(start)}`, evidence);
  return verdict.status === "pass" ? verdict : { ...verdict, remedy: "name an earlier instant for --since" };
}

/** Whether an unreadable snapshot may belong to the series so long after the newest certain one that a hole lies between. */
function mayGoOn(facts: BackupFacts, series: Series, start: Date, limitMs: number): boolean {
  const last = series.certain.at(-1)?.createdAt ?? start;
  const from = last > start ? last : start;
  return uncertain(series, from).length > 0 && facts.observedAt.getTime() - from.getTime() > limitMs;
}

/**
 * The holes of the reading that has the fewest: uncertain points fill gaps and open none at the end, and a cluster
 * whose birth cannot be read is as young as its oldest snapshot.
 */
function holesAtBest(facts: BackupFacts, { certain, possible }: Series, start: Date, limitMs: number): readonly Hole[] {
  const oldest = possible[0]?.createdAt ?? facts.observedAt;
  const from = birth(facts).known || oldest < start ? start : oldest;
  const owed = possible.filter((point) => point.createdAt >= from);
  const last = certain.at(-1);
  const least = last === undefined ? 0 : owed.indexOf(last);
  return seriesHoles(owed.slice(0, Math.max(least, 0) + 1), from, facts.observedAt, limitMs);
}

const MAX_HOLES_SHOWN = 10;

/** What follows the newest point is its age, judged elsewhere; without any point the whole span may be one hole. */
function seriesHoles(points: readonly DatedPoint[], start: Date, now: Date, limitMs: number): readonly Hole[] {
  const instants = points.map((point) => point.createdAt).filter((at) => at >= start);
  return holesIn(instants.length === 0 ? [now] : instants, start, limitMs);
}

function describeHole(hole: Hole): string {
  return `${formatInstant(hole.from)} to ${formatInstant(hole.to)} (${formatSpan(hole.to.getTime() - hole.from.getTime())})`;
}
