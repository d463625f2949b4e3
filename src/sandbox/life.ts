/** What time does to a world: snapshots fall due, complete and expire. The world moves in steps of whole minutes; only alarms and topics go by the millisecond. */
import {
  addDuration,
  DAY_MS,
  type Duration,
  type DurationUnit,
  MINUTE_MS,
  subtractDuration,
} from "../core/duration.ts";
import { evaluated } from "./cloudwatch/set-state.ts";
import { jitter, objectId } from "./ids.ts";
import {
  type ClusterRecord,
  type CopiedFrequency,
  type CopiesRecord,
  FREQUENCIES,
  type ItemRecord,
  iso,
  type RetentionRecord,
  type RetentionUnit,
  type SnapshotRecord,
  type State,
} from "./model.ts";
import { dueInstantsMs, isDueAt } from "./schedule.ts";
import { withoutForgotten } from "./sns/subscriptions.ts";

/** The same state when nothing has happened since it last lived. */
export function liveUntil(state: State, nowMs: number): State {
  const untilMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const livedMs = Date.parse(state.livedUntilAt);
  const aws = evaluated(withoutForgotten(state.aws, nowMs), nowMs);
  if (untilMs <= livedMs) return aws === state.aws ? state : { ...state, aws };
  const clusters = state.clusters.map((cluster) => grow(cluster, livedMs, untilMs));
  return { ...state, livedUntilAt: iso(untilMs), clusters, aws };
}

/** One cluster carried on from `fromMs` to `untilMs`; the same when nothing has happened to it. */
export function grow(cluster: ClusterRecord, fromMs: number, untilMs: number): ClusterRecord {
  const until = iso(untilMs);
  const taken = takesSnapshots(cluster) ? taking(cluster, fromMs, untilMs) : [];
  const isUpdated = cluster.updatedAt !== null && cluster.updatedAt <= until;
  const lived = cluster.snapshots.map((snapshot) => ran(snapshot, until));
  const changed =
    isUpdated ||
    taken.length > 0 ||
    lived.some((snapshot, index) => snapshot !== cluster.snapshots[index] || isOver(snapshot, until));
  if (!changed) return cluster;
  const snapshots = [...lived, ...taken.map((snapshot) => ran(snapshot, until))];
  return {
    ...cluster,
    ...(isUpdated ? { state: "IDLE", updatedAt: null } : {}),
    snapshots: newestFirst(snapshots.filter((snapshot) => !isOver(snapshot, until))),
  };
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
  const rarest = rarestOf(items);
  const id = objectId(createdMs, cluster.id, rarest.id, iso(createdMs));
  const frequencies = items.map((item) => item.frequency);
  return {
    ...begun(cluster, id, frequencies, createdMs),
    itemIds: items.map((item) => item.id),
    frequency: rarest.frequency,
    kind: "scheduled",
    status: "inProgress",
    description: null,
    settlesAt: iso(createdMs + (SHORTEST_RUN_MINUTES + Math.floor(jitter(id) * RUN_SPREAD_MINUTES)) * MINUTE_MS),
    settlesAs: "completed",
    expiresAt: expiry(rarest, createdMs),
  };
}

/** A snapshot by hand as it is ordered: it waits for its turn, and then runs. */
export function orderedSnapshot(
  cluster: ClusterRecord,
  order: { readonly description: string | null; readonly retentionDays: number },
  createdMs: number,
): SnapshotRecord {
  const id = objectId(createdMs, cluster.id, "on demand", String(cluster.snapshots.length));
  return {
    ...begun(cluster, id, ["ondemand"], createdMs),
    itemIds: [],
    frequency: null,
    kind: "onDemand",
    status: "queued",
    description: order.description,
    settlesAt: cluster.onDemand === "endless" ? null : iso(createdMs + ON_DEMAND_MS),
    settlesAs: cluster.onDemand === "failed" ? "failed" : "completed",
    expiresAt: iso(createdMs + order.retentionDays * DAY_MS),
  };
}

export function isUnfinished(snapshot: SnapshotRecord): boolean {
  return snapshot.status === "queued" || snapshot.status === "inProgress";
}

export function rarestOf(items: readonly [ItemRecord, ...ItemRecord[]]): ItemRecord {
  return items.reduce((a, b) => (FREQUENCIES.indexOf(b.frequency) > FREQUENCIES.indexOf(a.frequency) ? b : a));
}

/** When a snapshot that is kept as `item` says is over. */
export function expiry(item: RetentionRecord, createdMs: number): string {
  return iso(addDuration(new Date(createdMs), retention(item)).getTime());
}

/** What every snapshot has when it begins. */
function begun(cluster: ClusterRecord, id: string, frequencies: readonly CopiedFrequency[], createdMs: number) {
  const copied = cluster.schedule.copySettings.filter(({ copies }) => frequencies.some((one) => copiesOf(copies, one)));
  return {
    id,
    createdAt: iso(createdMs),
    sizeBytes: sizeBytesAt(cluster, id, createdMs),
    shards: cluster.shards.map((shard) => shard.replicaSetName),
    copies: copied.map(({ zoneId, regionName }) => ({ zoneId, regionName })),
    masterKey: cluster.masterKey,
    withheld: [],
  };
}

function copiesOf(copies: CopiesRecord, frequency: CopiedFrequency): boolean {
  if ("latest" in copies) return true; // copies are never taken away again here
  if ("items" in copies) return copies.items.some((item) => item.frequency === frequency);
  return copies.frequencies.includes(frequency);
}

/** How long a snapshot by hand waits for its turn, and how long all of it takes. */
const QUEUED_MS = MINUTE_MS;
const ON_DEMAND_MS = 4 * MINUTE_MS;

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
  return cluster.backupEnabled && !cluster.paused && cluster.state !== "DELETING" && cluster.scheduler === "running";
}

function isOver(snapshot: SnapshotRecord, now: string): boolean {
  return snapshot.expiresAt <= now;
}

/** How far a snapshot has come by `now`. */
function ran(snapshot: SnapshotRecord, now: string): SnapshotRecord {
  const { settlesAt, settlesAs, status, createdAt } = snapshot;
  if (!isUnfinished(snapshot)) return snapshot;
  if (settlesAt !== null && settlesAt <= now) return { ...snapshot, status: settlesAs };
  const runs = status === "queued" && iso(Date.parse(createdAt) + QUEUED_MS) <= now;
  return runs ? { ...snapshot, status: "inProgress" } : snapshot;
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

export function retention(item: RetentionRecord): Duration {
  return { value: item.retentionValue, unit: UNITS[item.retentionUnit] };
}
