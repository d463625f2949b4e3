/** Completed is a claim. Do size, shards and encryption bear it out? */
import type { Check } from "../../core/check.ts";
import { DAY_MS } from "../../core/duration.ts";
import type { Observed } from "../../core/observed.ts";
import { bySeverity, type Verdict } from "../../core/report.ts";
import { formatBytes } from "../../core/size.ts";
import { all, any, not, type Tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster } from "./facts.ts";
import { asTri, type DatedPoint, isDated, type Point, restorePoints } from "./points.ts";
import { investigate, takeSnapshot } from "./remedies.ts";
import { hasConfigServer, shardCount } from "./units.ts";

interface Completed {
  /** Completed and consistent snapshots, oldest first, whether or not all shards are in. */
  readonly points: readonly Point[];
  /** One that may be completed or not: with it, good news about the others is no news about all. */
  readonly unclear: Point | undefined;
}

function completedPoints(facts: BackupFacts, snapshots: readonly Snapshot[]): Completed {
  const points = restorePoints(facts, snapshots);
  return {
    points: points.filter((point) => point.completed === "yes"),
    unclear: points.find((point) => point.completed === "maybe"),
  };
}

function whetherCompleted(point: Point): Verdict {
  return unknown(`whether snapshot ${point.name} is completed cannot be read`);
}

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
    const empty = points.filter(({ snapshot }) => snapshot.sizeBytes.known && snapshot.sizeBytes.value === 0);
    if (empty.length > 0)
      return fail(
        `${empty.length} completed ${empty.length === 1 ? "snapshot holds" : "snapshots hold"} 0 bytes: ${empty
          .slice(0, 3)
          .map((point) => point.name)
          .join(", ")}`,
        { expected: "more than 0 bytes", actual: 0 },
      );
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
    return gravest ?? warn("there is no completed snapshot whose size could be judged");
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
  remedy: takeSnapshot,
  judge: (facts) => {
    const type = ofCluster(facts, (cluster) => cluster.type);
    const shards = ofCluster(facts, (cluster) => cluster.shards);
    if (!type.known) return unknown(type.reason);
    if (type.value === "REPLICASET") return [];
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
        `${lacking.length} of ${points.length} snapshots do not hold the cluster's ${shards.value.length} shards, newest ${lacking.at(-1)?.name}: such a unit cannot be restored to it`,
        evidence,
      );
    if (unreadable !== undefined)
      return unknown(`whether snapshot ${unreadable.name} holds every shard cannot be read`, evidence);
    if (unclear !== undefined) return whetherCompleted(unclear);
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

export const encryptionKey: Check<BackupFacts> = {
  id: "backup/encryption-key",
  title: "the encryption key is unchanged, or the policy explains it",
  remedy: ({ database }) =>
    `make sure that no key named here is disabled or scheduled for deletion: without it its snapshots are lost; then name the keys in databases[name=${database.name}].encryption.masterKeys`,
  judge: (facts) => {
    if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
    const { points, unclear } = completedPoints(facts, facts.snapshots.value);
    const provider = ofCluster(facts, (cluster) => cluster.encryptionAtRestProvider);
    const keys = points.flatMap(({ snapshot }) => (snapshot.masterKeyId.known ? [snapshot.masterKeyId.value] : []));
    const verdict = judgeKeys(facts, keys, provider.known && provider.value !== null && provider.value !== "NONE");
    if (verdict.status === "fail") return verdict;
    const unreadable = points.find(({ snapshot }) => !snapshot.masterKeyId.known);
    if (unreadable !== undefined) return unknown(`the encryption key of snapshot ${unreadable.name} cannot be read`);
    if (unclear !== undefined) return whetherCompleted(unclear);
    return provider.known ? verdict : unknown(provider.reason, verdict.evidence);
  },
};

/** `keys`: the key of each completed snapshot, oldest first; null: none of the customer's. */
function judgeKeys(facts: BackupFacts, keys: readonly (string | null)[], encrypted: boolean): Verdict {
  const explained = facts.database.encryption?.masterKeys.map((key) => key.toLowerCase());
  const distinct = [...new Set(keys.map((key) => key?.toLowerCase() ?? null))];
  const evidence = {
    actual: distinct.map((key) => key ?? "none"),
    ...(explained === undefined ? {} : { expected: explained }),
  };
  const bare = keys.filter((key) => key === null).length;
  if ((encrypted || explained !== undefined) && bare > 0) {
    return fail(
      `${bare} of ${keys.length} snapshots are not encrypted with a customer key, though they should be`,
      evidence,
    );
  }
  const strange = distinct.filter((key) => key !== null && explained !== undefined && !explained.includes(key));
  if (strange.length > 0)
    return fail(`snapshots are encrypted with a key that the policy does not name: ${strange.join(", ")}`, evidence);
  const [only = null, ...others] = distinct;
  if (others.length === 0) return pass(only === null ? "no customer key in use" : `one key, ${only}`, evidence);
  if (explained !== undefined) return pass(`${distinct.length} keys, all named in the policy`, evidence);
  if (keys.at(-1) === null)
    return fail("the newest snapshots are not encrypted with a customer key any more, older ones are", evidence);
  return fail(
    `the encryption key changed among the snapshots (${distinct.length} keys) and the policy does not explain it`,
    evidence,
  );
}
