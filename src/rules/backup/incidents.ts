/** What went wrong or hangs: failed snapshots since the newest success, and jobs in progress for too long. */
import type { Check } from "../../core/check.ts";
import { formatSpan, shortestMs } from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Frequency } from "../../ports/atlas.ts";
import type { BackupFacts } from "./facts.ts";
import { type Point, restorePoints } from "./points.ts";
import { investigate, takeSnapshot } from "./remedies.ts";

export const snapshotFailed: Check<BackupFacts> = {
  id: "backup/snapshot-failed",
  title: "no snapshot has failed since the newest success",
  remedy: takeSnapshot,
  judge: (facts) => {
    if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
    const points = restorePoints(facts, facts.snapshots.value);
    const failed = points.filter((point) => is(point, "failed"));
    const unreadable = points.filter((point) => !point.snapshot.status.known);
    const open = failed.filter((point) => !followedBySuccess(point, points));
    if (open.length > 0) return judgeOpen(facts, open);
    if (unreadable.length > 0) return unknown(`the status of ${names(unreadable)} cannot be read`);
    if (failed.length === 0) return pass("no snapshot failed");
    return pass(
      `${failed.length} failed and ${failed.length === 1 ? "was" : "were"} followed by a success: ${names(failed)}`,
    );
  },
};

/** A failure is answered by a later success of the same kind and frequency. */
function followedBySuccess(failure: Point, points: readonly Point[]): boolean {
  const { createdAt } = failure;
  if (createdAt === null) return false;
  return points.some(
    (point) =>
      point.good === "yes" &&
      point.createdAt !== null &&
      point.createdAt > createdAt &&
      series(point) === series(failure),
  );
}

function series(point: Point): string {
  const { kind, frequency } = point.snapshot;
  if (kind.known && kind.value === "onDemand") return "onDemand";
  return frequency.known && frequency.value !== null ? frequency.value : "unknown";
}

/** Fails where the policy counts on the frequency; a failed on-demand or undeclared one is a warning. */
function judgeOpen(facts: BackupFacts, open: readonly Point[]): Verdict {
  const declared = new Set<string>(facts.database.snapshots.map((entry) => entry.frequency satisfies Frequency));
  const counted = open.filter((point) => declared.has(series(point)) || series(point) === "unknown");
  const evidence = { expected: "none", actual: open.map(describe) };
  if (counted.length > 0)
    return fail(`${plural(counted.length)} failed since the newest success: ${names(counted)}`, evidence);
  return warn(
    `${plural(open.length)} outside the policy's schedule failed since the newest success: ${names(open)}`,
    evidence,
  );
}

function describe(point: Point): string {
  return `${point.name} (${series(point)}, ${point.createdAt === null ? "time not readable" : point.createdAt.toISOString()})`;
}

export const snapshotInProgress: Check<BackupFacts> = {
  id: "backup/snapshot-in-progress",
  title: "no snapshot is in progress longer than the grace",
  remedy: (facts) => `${investigate(facts)}; if it stays so, open a case with MongoDB Support naming the snapshot id`,
  judge: (facts) => {
    if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
    const points = restorePoints(facts, facts.snapshots.value);
    const running = points.filter((point) => is(point, "queued") || is(point, "inProgress"));
    const graceMs = shortestMs(facts.database.grace);
    const ageMs = (point: Point) =>
      point.createdAt === null ? null : facts.observedAt.getTime() - point.createdAt.getTime();
    const stuck = running.filter((point) => (ageMs(point) ?? 0) > graceMs);
    const evidence = {
      expected: `at most ${formatSpan(graceMs)}`,
      actual: running.map((point) => `${point.name}: ${formatSpan(ageMs(point) ?? 0)}`),
    };
    if (stuck.length > 0)
      return fail(
        `${plural(stuck.length)} in progress for longer than the grace of ${formatSpan(graceMs)}: ${names(stuck)}`,
        evidence,
      );
    const undated = running.filter((point) => point.createdAt === null);
    const unreadable = points.filter((point) => !point.snapshot.status.known);
    if (undated.length > 0) return unknown(`since when ${names(undated)} is in progress cannot be read`, evidence);
    if (unreadable.length > 0) return unknown(`the status of ${names(unreadable)} cannot be read`);
    if (running.length === 0) return pass("no snapshot is in progress");
    return pass(`${plural(running.length)} in progress within the grace: late is not lost`, evidence);
  },
};

function is(point: Point, status: "failed" | "queued" | "inProgress"): boolean {
  return point.snapshot.status.known && point.snapshot.status.value === status;
}

function plural(count: number): string {
  return count === 1 ? "1 snapshot" : `${count} snapshots`;
}

const MAX_NAMES_SHOWN = 3;

function names(points: readonly Point[]): string {
  const shown = points
    .slice(0, MAX_NAMES_SHOWN)
    .map((point) => point.name)
    .join(", ");
  return points.length > MAX_NAMES_SHOWN ? `${shown} and ${points.length - MAX_NAMES_SHOWN} more` : shown;
}
