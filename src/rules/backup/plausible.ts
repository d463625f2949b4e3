/** Completed is a claim. Do size and shards bear it out? */
import type { Check } from "../../core/check.ts";
import { DAY_MS } from "../../core/duration.ts";
import type { Observed } from "../../core/observed.ts";
import { bySeverity, type Verdict } from "../../core/report.ts";
import { formatBytes } from "../../core/size.ts";
import { all, any, not, type Tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { completedPoints, whetherCompleted } from "./completed.ts";
import { type BackupFacts, ofCluster } from "./facts.ts";
import { nothingAtAll } from "./owed.ts";
import { asTri, type DatedPoint, isDated, type Point } from "./points.ts";
import { investigate } from "./remedies.ts";
import { hasConfigServer, shardCount } from "./units.ts";

/**
 * The newest snapshot is compared with the median of the days before it, a day's snapshots counting once: a loss stays in
 * sight for a week, however often snapshots are taken. Where there are too few days, with the last snapshots before it.
 */
const USUAL_DAYS = 14;
const JUDGED_DAYS = 7;
const USUAL_SNAPSHOTS = 10;
const MIN_TO_COMPARE = 3;
const DROP_FAILS_BELOW = 0.5;
const DROP_WARNS_BELOW = 0.75;
const JUMP_WARNS_ABOVE = 2;

export const snapshotSize: Check<BackupFacts> = {
  id: "backup/snapshot-size",
  title: "the snapshots' sizes are plausible",
  remedy: (facts) =>
    `${investigate(facts)}; if data was dropped on purpose, note it; if not, do not overwrite anything and restore from the last snapshot of normal size`,
  judge: (facts) => {
    if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
    if (facts.cluster.known && facts.cluster.value?.offering === "flex")
      return pass("Atlas does not report the size of flex snapshots");
    const { points, unclear } = completedPoints(facts, facts.snapshots.value);
    const empty = points.filter((point) => point.holdsData === "no");
    if (empty.length > 0) return judgeEmpty(facts, empty);
    const unreadable = points.find(({ snapshot }) => !snapshot.sizeBytes.known || snapshot.sizeBytes.value === null);
    if (unreadable !== undefined) return unknown(`the size of snapshot ${unreadable.name} cannot be read`);
    if (unclear !== undefined) return whetherCompleted(unclear);
    const unplaced = points.find((point) => !isDated(point) || !point.snapshot.frequency.known);
    if (unplaced !== undefined)
      return unknown(`where snapshot ${unplaced.name} belongs cannot be read: sizes cannot be compared`);
    const dated = points.filter(isDated);
    const [gravest] = newestOfEachLabel(dated)
      .map((newest) => judgeAgainstUsual(newest, dated))
      .sort(bySeverity);
    return gravest ?? nothingAtAll(facts, "completed snapshot");
  },
};

/** The size of one snapshot beside those before it, of whatever kind; not known while it cannot be read. */
export function sizeVerdict(facts: BackupFacts, snapshotId: string): Verdict {
  if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
  const { points } = completedPoints(facts, facts.snapshots.value);
  const own = points.filter(isDated).find(({ name }) => name === snapshotId);
  if (own === undefined) return unknown(`snapshot ${snapshotId} is not among the completed ones that can be read`);
  const { sizeBytes } = own.snapshot;
  if (!sizeBytes.known) return unknown(sizeBytes.reason);
  if (sizeBytes.value === null) return unknown(`Atlas does not tell the size of snapshot ${snapshotId}`);
  if (sizeBytes.value === 0) return fail("it holds 0 bytes", { expected: "more than 0 bytes", actual: 0 });
  const sized = points.filter(isDated).filter(({ snapshot }) => snapshot.sizeBytes.known && snapshot.sizeBytes.value);
  return judgeAgainstUsual(own, sized);
}

function judgeEmpty({ database }: BackupFacts, empty: readonly Point[]): Verdict {
  const names = empty.slice(0, MAX_NAMES_SHOWN).map((point) => point.name);
  return {
    ...fail(
      `${empty.length} completed ${empty.length === 1 ? "snapshot holds" : "snapshots hold"} 0 bytes: ${names.join(", ")}`,
      { expected: "more than 0 bytes", actual: 0 },
    ),
    remedy: `there is nothing to restore in it: take another, litally-ops backup snapshot ${database.name}, and open a case with MongoDB Support naming the snapshot id; this check passes again when it has expired or been deleted`,
  };
}

const MAX_NAMES_SHOWN = 3;

/**
 * The newest of all, and of the last days the newest of each frequency and on demand: one that shrank must not hide
 * behind a later hourly one.
 */
function newestOfEachLabel(points: readonly DatedPoint[]): readonly DatedPoint[] {
  const label = ({ snapshot }: DatedPoint) => (snapshot.frequency.known ? snapshot.frequency.value : null); // the caller has looked
  const newestMs = points.at(-1)?.createdAt.getTime() ?? 0;
  return [...new Map(points.map((point) => [label(point), point])).values()]
    .filter((point) => newestMs - point.createdAt.getTime() <= JUDGED_DAYS * DAY_MS)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
}

function judgeAgainstUsual(newest: DatedPoint, points: readonly DatedPoint[]): Verdict {
  const size = sizeOf(newest);
  const { sizes, what } = usualSizes(newest, points);
  if (sizes.length < MIN_TO_COMPARE)
    return pass(`newest ${formatBytes(size)}; too few snapshots before it to compare with`, { sizeBytes: size });
  const usual = median(sizes);
  const ratio = size / usual;
  const evidence = {
    expected: `about ${formatBytes(usual)}`,
    actual: formatBytes(size),
    sizeBytes: size,
    medianBytes: usual,
    snapshotId: newest.name,
  };
  const message = `newest snapshot is ${formatBytes(size)}, ${Math.round(ratio * 100)} % of the median of ${what} before it (${formatBytes(usual)})`;
  if (ratio < DROP_FAILS_BELOW) return fail(message, evidence);
  if (isUsual(ratio)) return pass(message, evidence);
  const grown = "make sure that so much data was meant to come, and that the disk has room for it";
  return ratio > 1 ? { ...warn(message, evidence), remedy: grown } : warn(message, evidence);
}

function usualSizes(
  newest: DatedPoint,
  points: readonly DatedPoint[],
): { readonly sizes: readonly number[]; readonly what: string } {
  const before = points.slice(0, points.indexOf(newest));
  const day = ({ createdAt }: DatedPoint) => createdAt.toISOString().slice(0, 10);
  const sinceMs = newest.createdAt.getTime() - USUAL_DAYS * DAY_MS;
  const earlier = before.filter((point) => day(point) < day(newest) && point.createdAt.getTime() >= sinceMs);
  const days = [...Map.groupBy(earlier, day).values()].map((ofDay) => median(ofDay.map(sizeOf)));
  if (days.length >= MIN_TO_COMPARE) return { sizes: days, what: `the ${days.length} days` };
  const last = before.slice(-USUAL_SNAPSHOTS).map(sizeOf);
  return { sizes: last, what: `the ${last.length} snapshots` };
}

function isUsual(ratio: number): boolean {
  return ratio >= DROP_WARNS_BELOW && ratio <= JUMP_WARNS_ABOVE;
}

function sizeOf(point: DatedPoint): number {
  const { sizeBytes } = point.snapshot;
  return sizeBytes.known && sizeBytes.value !== null ? sizeBytes.value : Number.NaN; // the caller has looked
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

export const shardsComplete: Check<BackupFacts> = {
  id: "backup/shards-complete",
  title: "each snapshot of a sharded cluster holds every shard",
  remedy: ({ database }) =>
    `take a whole one: litally-ops backup snapshot ${database.name}; if that lacks a shard too, open a case with MongoDB Support naming the snapshot id; this check passes again when those named here have expired or been deleted`,
  judge: (facts) => {
    const type = ofCluster(facts, (cluster) => cluster.type);
    const shards = ofCluster(facts, (cluster) => cluster.shards);
    if (!type.known) return unknown(type.reason);
    if (type.value === "REPLICASET")
      return shards.known && shards.value.length > 1
        ? unknown(`Atlas calls the cluster a replica set, and lists ${shards.value.length} shards of it`)
        : [];
    if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
    if (!shards.known) return unknown(shards.reason);
    const { points, unclear } = completedPoints(facts, facts.snapshots.value);
    const lacks = (point: Point) => all(any(not(point.whole), memberFailed(facts, point)), not(point.expired));
    const lacking = points.filter((point) => lacks(point) === "yes");
    const unreadable = points.find((point) => lacks(point) === "maybe");
    const evidence = {
      expected: shards.value.length,
      actual: points.map(({ name, snapshot }) => `${name}: ${shardCount(snapshot) ?? "not readable"}`).slice(-5),
    };
    if (lacking.length > 0)
      return fail(
        `${lacking.length} of ${points.length} snapshots ${lacking.length === 1 ? "does" : "do"} not match the cluster's ${shards.value.length} shards, newest ${lacking.at(-1)?.name}: the cluster cannot be restored from such a snapshot`,
        evidence,
      );
    if (unreadable !== undefined)
      return unknown(`whether snapshot ${unreadable.name} holds every shard cannot be read`, evidence);
    if (unclear !== undefined) return whetherCompleted(unclear);
    if (points.length === 0) return nothingAtAll(facts, "completed snapshot");
    const lost = lostConfigServer(points);
    if (lost === "yes")
      return warn("the newest snapshot lacks the config server that the one before it holds", evidence);
    if (lost === "maybe")
      return unknown("whether the newest snapshot holds the config server cannot be read", evidence);
    return pass(`all ${points.length} snapshots hold all of their shards (${shards.value.length} today)`, evidence);
  },
};

/** Where the members' own snapshots were asked for: whether one of them is not completed, though its unit is. */
function memberFailed({ memberSnapshots }: BackupFacts, { snapshot: { members } }: Point): Tri {
  if (memberSnapshots === null) return "no";
  if (!memberSnapshots.known || !members.known) return "maybe";
  const ids = new Set(members.value?.map(({ id }) => id));
  const belongs = (id: Observed<string>) => asTri(id, (own) => ids.has(own));
  return any(
    ...memberSnapshots.value.map(({ id, status }) =>
      all(
        belongs(id),
        asTri(status, (own) => own !== "completed"),
      ),
    ),
  );
}

/** Whether the newest unit lacks the config server that the one before it holds. */
function lostConfigServer(points: readonly Point[]): Tri {
  const [previous, newest] = points.filter((point) => point.expired !== "yes").slice(-2);
  if (previous === undefined || newest === undefined) return "no";
  const settled = previous.expired === "no" && newest.expired === "no" ? "yes" : "maybe";
  return all(settled, hasConfigServer(previous.snapshot), not(hasConfigServer(newest.snapshot)));
}
