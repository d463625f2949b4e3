/** What went wrong or hangs: failed snapshots since the newest success, and jobs in progress for too long. */
import type { Check } from "../../core/check.ts";
import { DAY_MS, formatSpan, shortestMs } from "../../core/duration.ts";
import { all, any, not, type Tri, tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { BackupFacts } from "./facts.ts";
import { nothingAtAll } from "./owed.ts";
import { isOf, type Point, restorePoints, serves } from "./points.ts";
import { investigate, mendSchedule } from "./remedies.ts";

export const snapshotFailed: Check<BackupFacts> = {
  id: "backup/snapshot-failed",
  title: "no snapshot has failed since the newest success",
  remedy: mendSchedule,
  judge: (facts) => {
    if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
    const points = restorePoints(facts, facts.snapshots.value);
    const failed = points.filter((point) => is(point, "failed"));
    const unreadable = points.filter((point) => !point.snapshot.status.known);
    const owed = failed.map((point) => openForPolicy(facts, point, points));
    const loose = failed.map((point) => openOutside(facts, point, points));
    const of = (answers: readonly Tri[], answer: Tri) => failed.filter((_, index) => answers[index] === answer);
    const evidence = { expected: "none", actual: failed.map(describe) };
    const counted = of(owed, "yes");
    if (counted.length > 0)
      return fail(`${plural(counted.length)} failed since the newest success: ${names(counted)}`, evidence);
    if (unreadable.length > 0) return unknown(`the status of ${names(unreadable)} cannot be read`);
    const unsure = [...of(owed, "maybe"), ...of(loose, "maybe")];
    if (unsure.length > 0)
      return unknown(`whether a success followed ${names(unsure.slice(0, 1))} cannot be read`, evidence);
    const others = of(loose, "yes");
    if (others.length > 0)
      return warn(
        `${plural(others.length)} outside the policy's schedule failed since the newest success: ${names(others)}`,
        evidence,
      );
    if (!points.some((point) => point.good === "yes")) return nothingAtAll(facts, "good snapshot");
    if (failed.length === 0) return pass("no snapshot failed");
    const recent = failed.filter(({ createdAt }) => createdAt !== null && isRecent(facts, createdAt));
    if (recent.length >= OFTEN)
      return warn(
        `${plural(recent.length)} failed in the last ${RECENT_DAYS} days, though a success followed: it keeps failing`,
        evidence,
      );
    return pass(
      `${failed.length} failed and ${failed.length === 1 ? "was" : "were"} followed by a success: ${names(failed)}`,
    );
  },
};

/** So many failures in so many days are no accident, even where each was made good. */
const OFTEN = 3;
const RECENT_DAYS = 7;

function isRecent(facts: BackupFacts, at: Date): boolean {
  return facts.observedAt.getTime() - at.getTime() <= RECENT_DAYS * DAY_MS;
}

/** Whether `failure` was taken for a frequency that the policy declares, and no success of that frequency followed. */
function openForPolicy(facts: BackupFacts, failure: Point, points: readonly Point[]): Tri {
  return any(
    ...facts.database.snapshots.map(({ frequency }) =>
      all(isOf(facts, frequency)(failure), open(failure, points, serves(facts, frequency))),
    ),
  );
}

/** Whether `failure` is of no frequency that the policy declares, and no success of its own frequency (or any) followed. */
function openOutside(facts: BackupFacts, failure: Point, points: readonly Point[]): Tri {
  const { frequency } = failure.snapshot;
  const whatever = () => (frequency.known ? "yes" : "maybe");
  const answers = frequency.known && frequency.value !== null ? isOf(facts, frequency.value) : whatever;
  const declared = facts.database.snapshots.map((entry) => isOf(facts, entry.frequency)(failure));
  return all(not(any(...declared)), open(failure, points, answers));
}

/** Whether no good snapshot that `answers` was taken after `failure`. */
function open(failure: Point, points: readonly Point[], answers: (point: Point) => Tri): Tri {
  return not(any(...points.map((point) => all(point.good, answers(point), later(point, failure)))));
}

function later(point: Point, than: Point): Tri {
  return point.createdAt === null || than.createdAt === null ? "maybe" : tri(point.createdAt > than.createdAt);
}

function describe({ name, snapshot, createdAt }: Point): string {
  const { kind, frequency } = snapshot;
  const label =
    frequency.known && frequency.value !== null ? frequency.value : kind.known ? kind.value : "kind not readable";
  return `${name} (${label}, ${createdAt === null ? "time not readable" : createdAt.toISOString()})`;
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
      actual: running.map(
        (point) =>
          `${point.name}: ${point.createdAt === null ? "since when cannot be read" : formatSpan(ageMs(point) ?? 0)}`,
      ),
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
