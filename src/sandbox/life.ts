/** What time does to a world: snapshots fall due, complete and expire. The world moves in steps of whole minutes. */
import {
  addDuration,
  DAY_MS,
  type Duration,
  type DurationUnit,
  MINUTE_MS,
  subtractDuration,
} from "../core/duration.ts";
import { jitter, objectId } from "./ids.ts";
import {
  type ClusterRecord,
  FREQUENCIES,
  type ItemRecord,
  iso,
  type RetentionUnit,
  type SnapshotRecord,
  type State,
} from "./model.ts";
import { dueInstantsMs, isDueAt } from "./schedule.ts";

/** The same state when nothing has happened since it last lived. */
export function liveUntil(state: State, nowMs: number): State {
  const untilMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const livedMs = Date.parse(state.livedUntilAt);
  if (untilMs <= livedMs) return state;
  const clusters = state.clusters.map((cluster) => grow(cluster, livedMs, untilMs));
  return { ...state, livedUntilAt: iso(untilMs), clusters };
}

/** One cluster's snapshots carried on from `fromMs` to `untilMs`. */
export function grow(cluster: ClusterRecord, fromMs: number, untilMs: number): ClusterRecord {
  const until = iso(untilMs);
  const taken = takesSnapshots(cluster) ? taking(cluster, fromMs, untilMs) : [];
  const changed =
    taken.length > 0 || cluster.snapshots.some((snapshot) => isOver(snapshot, until) || settles(snapshot, until));
  if (!changed) return cluster;
  const snapshots = [...cluster.snapshots, ...taken]
    .filter((snapshot) => !isOver(snapshot, until))
    .map((snapshot) => (settles(snapshot, until) ? { ...snapshot, status: "completed", settlesAt: null } : snapshot));
  return { ...cluster, snapshots: newestFirst(snapshots) };
}

export function newestFirst(snapshots: readonly SnapshotRecord[]): readonly SnapshotRecord[] {
  return snapshots.toSorted((a, b) =>
    a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? 1 : -1,
  );
}

/** A snapshot of `cluster` for items that fell due together, running until Atlas would be done with it. */
export function snapshotAt(
  cluster: ClusterRecord,
  items: readonly [ItemRecord, ...ItemRecord[]],
  createdMs: number,
): SnapshotRecord {
  const rarest = items.reduce((a, b) => (FREQUENCIES.indexOf(b.frequency) > FREQUENCIES.indexOf(a.frequency) ? b : a));
  const id = objectId(createdMs, cluster.id, rarest.id, iso(createdMs));
  const copied = cluster.schedule.copySettings.filter(({ frequencies }) =>
    items.some((item) => frequencies.includes(item.frequency)),
  );
  return {
    id,
    itemIds: items.map((item) => item.id),
    frequency: rarest.frequency,
    kind: "scheduled",
    status: "inProgress",
    createdAt: iso(createdMs),
    settlesAt: iso(createdMs + (SHORTEST_RUN_MINUTES + Math.floor(jitter(id) * RUN_SPREAD_MINUTES)) * MINUTE_MS),
    expiresAt: iso(addDuration(new Date(createdMs), retention(rarest)).getTime()),
    sizeBytes: sizeBytesAt(cluster, id, createdMs),
    shards: cluster.shards.map((shard) => shard.replicaSetName),
    copies: copied.map(({ zoneId, regionName }) => ({ zoneId, regionName })),
    masterKey: cluster.masterKey,
    withheld: [],
  };
}

/** Atlas begins a few minutes after the due time and is done a few minutes later. */
const LONGEST_DELAY_MINUTES = 6;
const SHORTEST_DELAY_MINUTES = 2;
const SHORTEST_RUN_MINUTES = 4;
const RUN_SPREAD_MINUTES = 6;

/** About 48 GB at the age of 400 days, which is that of the clusters of a new world. */
const SIZE_AT_BIRTH_BYTES = 32.2e9;
const DAILY_GROWTH = 1.001;
const SIZE_NOISE = 0.005;

function takesSnapshots(cluster: ClusterRecord): boolean {
  return cluster.backupEnabled && !cluster.paused && cluster.state === "IDLE" && cluster.scheduler === "running";
}

function isOver(snapshot: SnapshotRecord, now: string): boolean {
  return snapshot.expiresAt <= now;
}

function settles(snapshot: SnapshotRecord, now: string): boolean {
  return snapshot.settlesAt !== null && snapshot.settlesAt <= now;
}

/** What the schedule took in `fromMs < t <= untilMs` and still keeps: one snapshot for all items that fall due together. */
function taking(cluster: ClusterRecord, fromMs: number, untilMs: number): SnapshotRecord[] {
  const { schedule } = cluster;
  const dueMs = new Set(schedule.items.flatMap((item) => keptInstantsMs(cluster, item, fromMs, untilMs)));
  return [...dueMs].flatMap((instantMs) => {
    const createdMs = instantMs + delayMs(cluster, instantMs);
    const [first, ...others] = schedule.items.filter((item) => isDueAt(schedule, item, instantMs));
    const isNow = createdMs > fromMs && createdMs <= untilMs;
    return first === undefined || !isNow ? [] : [snapshotAt(cluster, [first, ...others], createdMs)];
  });
}

/** When `item` fell due for snapshots that may have come in `fromMs < t <= untilMs` and may still be there. */
function keptInstantsMs(cluster: ClusterRecord, item: ItemRecord, fromMs: number, untilMs: number): number[] {
  const keptMs = subtractDuration(new Date(untilMs), retention(item)).getTime() - DAY_MS; // a day more: months differ
  const afterMs = Math.max(fromMs, keptMs) - LONGEST_DELAY_MINUTES * MINUTE_MS;
  return dueInstantsMs(cluster.schedule, item, afterMs, untilMs);
}

function delayMs(cluster: ClusterRecord, dueMs: number): number {
  const spreadMinutes = LONGEST_DELAY_MINUTES - SHORTEST_DELAY_MINUTES;
  return (SHORTEST_DELAY_MINUTES + Math.round(jitter(objectId(dueMs, cluster.id)) * spreadMinutes)) * MINUTE_MS;
}

function sizeBytesAt(cluster: ClusterRecord, id: string, atMs: number): number {
  const ageDays = (atMs - Date.parse(cluster.createdAt)) / DAY_MS;
  return Math.round(SIZE_AT_BIRTH_BYTES * DAILY_GROWTH ** ageDays * (1 + SIZE_NOISE * (2 * jitter(id) - 1)));
}

const UNITS = { days: "d", weeks: "w", months: "mo", years: "y" } as const satisfies Record<
  RetentionUnit,
  DurationUnit
>;

export function retention(item: { readonly retentionValue: number; readonly retentionUnit: RetentionUnit }): Duration {
  return { value: item.retentionValue, unit: UNITS[item.retentionUnit] };
}
