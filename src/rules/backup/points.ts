import { DAY_MS, HOUR_MS, shortestMs } from "../../core/duration.ts";
import { FREQUENCIES, type Frequency } from "../../core/frequency.ts";
import { known, mapObserved, type Observed } from "../../core/observed.ts";
import { all, any, not, type Tri, tri } from "../../core/tri.ts";
import type { ScheduleItem, Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster, ofSchedule, pastInstant } from "./facts.ts";
import { wholeUnit } from "./units.ts";

/** A snapshot as a restore point: how far it can be relied on, with `maybe` for what could not be read. */
export interface Point {
  readonly snapshot: Snapshot;
  readonly name: string;
  /** null: not readable, or dated in the future. */
  readonly createdAt: Date | null;
  /** Atlas claims that it is complete and consistent (not `fallback`). */
  readonly completed: Tri;
  /** It holds every shard. */
  readonly whole: Tri;
  readonly expired: Tri;
  /** Its size is more than 0 bytes; flex clusters do not tell it, and it counts as such there. */
  readonly holdsData: Tri;
  /** A restore point to rely on: completed, whole, holding data and not expired. The one meaning of "good". */
  readonly good: Tri;
  /** Taken by the schedule: on-demand and fallback snapshots are not. */
  readonly scheduled: Tri;
}

/** A point whose time is known. */
export type DatedPoint = Point & { readonly createdAt: Date };

/** The restore points among a database's snapshots, oldest first; undated ones last. Made once for each set of facts. */
export function restorePoints(facts: BackupFacts, snapshots: readonly Snapshot[]): readonly Point[] {
  const made = MADE.get(facts);
  if (made?.snapshots === snapshots) return made.points;
  const points = makePoints(facts, snapshots);
  MADE.set(facts, { snapshots, points });
  return points;
}

/** Every check asks for the same points of the same facts, which never change. */
const MADE = new WeakMap<BackupFacts, { readonly snapshots: readonly Snapshot[]; readonly points: readonly Point[] }>();

function makePoints(facts: BackupFacts, snapshots: readonly Snapshot[]): readonly Point[] {
  const shards = ofCluster(facts, (cluster) => cluster.shards);
  const type = ofCluster(facts, (cluster) => cluster.type);
  const whole = wholeUnit(snapshots, type, shards);
  const points = snapshots.map((snapshot) => toPoint(facts, snapshot, whole(snapshot)));
  const time = (point: Point) => point.createdAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return points.sort((a, b) => time(a) - time(b));
}

function toPoint(facts: BackupFacts, snapshot: Snapshot, whole: Tri): Point {
  const now = facts.observedAt;
  const name = snapshotName(snapshot);
  const createdAt = pastInstant(snapshot.createdAt, now, `snapshot ${name}: createdAt`);
  const completed = all(
    asTri(snapshot.status, (status) => status === "completed"),
    asTri(snapshot.kind, (kind) => kind !== "fallback"),
  );
  const flex = facts.cluster.known && facts.cluster.value?.offering === "flex";
  const { sizeBytes } = snapshot;
  const holdsData =
    sizeBytes.known && sizeBytes.value === null ? (flex ? "yes" : "maybe") : asTri(sizeBytes, (size) => size !== 0);
  const expired = asTri(snapshot.expiresAt, (expiresAt) => expiresAt !== null && expiresAt <= now);
  return {
    snapshot,
    name,
    createdAt: createdAt.known ? createdAt.value : null,
    completed,
    whole,
    holdsData,
    expired,
    good: all(completed, whole, holdsData, not(expired)),
    scheduled: asTri(snapshot.kind, (kind) => kind === "scheduled"),
  };
}

export function snapshotName(snapshot: Snapshot): string {
  return snapshot.id.known ? snapshot.id.value : "(id not readable)";
}

export function asTri<T>(observed: Observed<T>, test: (value: T) => boolean): Tri {
  return observed.known ? tri(test(observed.value)) : "maybe";
}

/**
 * Whether a point stands in the series of a frequency. Atlas takes one snapshot for all policy items that fall due
 * together and names them in `policyItems`, so a snapshot labelled `monthly` may be that day's daily; and any
 * scheduled snapshot of a rarer frequency is a restore point that is kept at least as long.
 */
export function serves(facts: BackupFacts, frequency: Frequency): (point: Point) => Tri {
  const rank = FREQUENCIES.indexOf(frequency);
  return takenFor(facts, frequency, (label) => FREQUENCIES.indexOf(label) >= rank);
}

/** Whether a point was taken as one of a frequency itself: labelled so, or for a schedule item of it. */
export function isOf(facts: BackupFacts, frequency: Frequency): (point: Point) => Tri {
  return takenFor(facts, frequency, (label) => label === frequency);
}

function takenFor(
  facts: BackupFacts,
  frequency: Frequency,
  label: (frequency: Frequency) => boolean,
): (point: Point) => Tri {
  const items = ofSchedule(facts, (schedule) => schedule.items);
  return ({ snapshot, scheduled }) => {
    const labelled = labelTri(snapshot, label);
    const listed = snapshot.policyItemIds.known ? mentions(snapshot.policyItemIds.value, items, frequency) : "maybe";
    return all(scheduled, any(labelled, listed));
  };
}

/** A scheduled snapshot without a label could be of any frequency; others are of none. */
function labelTri({ frequency, kind }: Snapshot, label: (frequency: Frequency) => boolean): Tri {
  if (frequency.known && frequency.value === null) return kind.known && kind.value !== "scheduled" ? "no" : "maybe";
  return asTri(frequency, (value) => value !== null && label(value));
}

/** Whether a snapshot lists a schedule item of `frequency`. */
function mentions(listed: readonly string[], items: Observed<readonly ScheduleItem[]>, frequency: Frequency): Tri {
  if (listed.length === 0) return "no";
  if (!items.known) return listed.length > 1 ? "maybe" : "no"; // one item: the snapshot's own label
  return any(
    ...items.value.map((item) =>
      all(
        asTri(item.frequency, (value) => value === frequency),
        asTri(item.id, (id) => listed.includes(id)),
      ),
    ),
  );
}

/** The longest time between two snapshots of a frequency, from the policy or, for hourly ones, the live schedule. */
export function intervalMs(facts: BackupFacts, frequency: Frequency): Observed<number> {
  switch (frequency) {
    case "hourly":
      return hourlyIntervalMs(facts);
    case "daily":
      return known(DAY_MS);
    case "weekly":
      return known(7 * DAY_MS);
    case "monthly":
      return known(31 * DAY_MS);
    case "yearly":
      return known(366 * DAY_MS);
  }
}

/** Atlas's default where neither the policy nor a schedule item says how often. */
const DEFAULT_HOURLY_INTERVAL_MS = 6 * HOUR_MS;

function hourlyIntervalMs(facts: BackupFacts): Observed<number> {
  const every = facts.database.snapshots.find((entry) => entry.frequency === "hourly")?.every;
  if (every !== undefined) return known(shortestMs(every));
  const items = ofSchedule(facts, (schedule) => schedule.items);
  if (!items.known) return items;
  const hourly = items.value.find((item) => item.frequency.known && item.frequency.value === "hourly");
  if (hourly !== undefined) return mapObserved(hourly.interval, (hours) => hours * HOUR_MS);
  const unreadable = items.value.find((item) => !item.frequency.known)?.frequency;
  return unreadable === undefined || unreadable.known ? known(DEFAULT_HOURLY_INTERVAL_MS) : unreadable;
}

export function isDated(point: Point): point is DatedPoint {
  return point.createdAt !== null;
}
