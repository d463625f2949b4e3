/** Is the newest restore point of each frequency recent enough. */
import type { Check } from "../../core/check.ts";
import { formatSpan, shortestMs } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Evidence, Verdict } from "../../core/report.ts";
import { any } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { SnapshotPolicy } from "../../policy/schema.ts";
import { type BackupFacts, birth } from "./facts.ts";
import { pointVerdict } from "./point-verdict.ts";
import { intervalMs, type Point, restorePoints } from "./points.ts";
import { awaitFirst, mendSchedule } from "./remedies.ts";
import { seriesOf, unsure } from "./series.ts";

export const snapshotAge: Check<BackupFacts> = {
  id: "backup/snapshot-age",
  title: "the newest good snapshot is recent",
  remedy: mendSchedule,
  judge: (facts) => facts.database.snapshots.map((entry) => ({ ...judgeAge(facts, entry), scope: entry.frequency })),
};

function judgeAge(facts: BackupFacts, entry: SnapshotPolicy): Verdict {
  const series = seriesOf(facts, entry);
  const interval = intervalMs(facts, entry.frequency);
  if (!series.known) return unknown(series.reason);
  if (!interval.known) return unknown(interval.reason);
  const limitMs = interval.value + shortestMs(facts.database.grace);
  const newest = series.value.certain.at(-1);
  const ageMs = newest === undefined ? null : facts.observedAt.getTime() - newest.createdAt.getTime();
  const evidence = {
    expected: `at most ${formatSpan(limitMs)}`,
    actual: ageMs === null ? "none" : formatSpan(ageMs),
    ...(newest === undefined ? {} : { snapshotId: newest.name, createdAt: newest.createdAt.toISOString() }),
  };
  if (newest !== undefined && ageMs !== null && ageMs <= limitMs)
    return pass(`newest good ${entry.frequency} snapshot is ${formatSpan(ageMs)} old${standIn(newest, entry)}`, {
      ...evidence,
      ...inSeconds(ageMs),
    });
  const mightBeFresh = series.value.possible.some(
    (point) => facts.observedAt.getTime() - point.createdAt.getTime() <= limitMs,
  );
  if (mightBeFresh || series.value.undated.length > 0)
    return unknown(
      `whether a recent ${entry.frequency} snapshot is good cannot be read: ${unsure(series.value)}`,
      evidence,
    );
  if (ageMs !== null)
    return fail(
      `newest good ${entry.frequency} snapshot is ${formatSpan(ageMs)} old, the policy allows ${formatSpan(limitMs)}`,
      { ...evidence, ...inSeconds(ageMs) },
    );
  return judgeNone(facts, entry, limitMs, evidence);
}

/** For monitoring (core/run-measures.ts): only where no newer snapshot may be good. */
function inSeconds(ageMs: number): Evidence {
  return { ageSeconds: Math.round(ageMs / 1000) };
}

/** No snapshot of this frequency at all: right only while the cluster is too young to owe one. */
function judgeNone(facts: BackupFacts, entry: SnapshotPolicy, limitMs: number, evidence: Evidence): Verdict {
  const born = birth(facts);
  if (!born.known) return unknown(born.reason, evidence);
  const points = facts.snapshots.known ? restorePoints(facts, facts.snapshots.value) : [];
  const dueAt = new Date(born.value.getTime() + limitMs);
  if (dueAt < facts.observedAt)
    return fail(`there is no good ${entry.frequency} snapshot${whatThereIs(points)}`, evidence);
  const age = formatSpan(facts.observedAt.getTime() - born.value.getTime());
  const message = `no ${entry.frequency} snapshot yet: the cluster is ${age} old, the first is due by ${formatInstant(dueAt)}`;
  const anyGood = any(...points.map((point) => point.good));
  if (anyGood === "maybe") return unknown(`${message}; whether another snapshot is good cannot be read`, evidence);
  return anyGood === "yes" ? pass(message, evidence) : { ...warn(message, evidence), remedy: awaitFirst(facts) };
}

/** What the snapshots are instead: ` among 51: 40 failed; 11 on demand`. */
function whatThereIs(points: readonly Point[]): string {
  if (points.length === 0) return ", nor any other";
  const kinds = [...Map.groupBy(points, describe)].map(([what, ofThem]) => `${ofThem.length} ${what}`);
  return ` among ${points.length}: ${kinds.join("; ")}`;
}

function describe(point: Point): string {
  const { status, reason } = pointVerdict(point);
  if (status !== "good") return reason;
  const { frequency } = point.snapshot;
  return point.scheduled === "no"
    ? "on demand"
    : frequency.known && frequency.value !== null
      ? frequency.value
      : "of unreadable frequency";
}

function standIn(point: Point, entry: SnapshotPolicy): string {
  const label = point.snapshot.frequency;
  return label.known && label.value !== null && label.value !== entry.frequency ? ` (one labelled ${label.value})` : "";
}
