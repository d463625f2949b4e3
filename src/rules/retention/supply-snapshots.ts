/**
 * The restore points that Atlas has, and those that its schedule will make: snapshots, their copies in other regions, and
 * the continuous window. What cannot be read is told; what is merely uncertain is read twice, at its worst and at its best.
 */
import { DAY_MS, longestMs, MINUTE_MS } from "../../core/duration.ts";
import type { OpsError } from "../../core/error.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { Observed } from "../../core/observed.ts";
import type { Tri } from "../../core/tri.ts";
import type { Retention, ScheduleItem, Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster, ofSchedule } from "../backup/facts.ts";
import { isDated, type Point, restorePoints } from "../backup/points.ts";
import { eachFiring, type FiringItem, type FiringSchedule, keptUntilMs, type Together } from "./firings.ts";
import type { Place, RestorePoint, Supply } from "./model.ts";
import { type Making, once, PlannedPoint } from "./planned.ts";
import { copyRules, plannedCopies, seenCopies } from "./supply-copies.ts";
import { homeOf, inRegion, underKey } from "./supply-place.ts";
import { continuousWindows } from "./supply-window.ts";

export type Reading = "pessimistic" | "optimistic";

export interface Supplied {
  readonly supply: Supply;
  /** What would have had to be read: with any of these, nothing is proved. */
  readonly unreadable: readonly OpsError[];
}

export interface SnapshotSupply {
  readonly backup: BackupFacts;
  readonly projectId: string;
  readonly untilMs: number;
  readonly reading: Reading;
  /** How long a restore took when it was last rehearsed; null: it never was. */
  readonly firstByteMs: number | null;
}

export function snapshotSupply(facts: SnapshotSupply): Supplied {
  const read = reader();
  const { backup } = facts;
  const snapshots = read.listOf(backup.snapshots);
  read.of(ofCluster(backup, ({ state }) => state));
  const isOn = read.of(ofCluster(backup, ({ backupEnabled }) => backupEnabled)) === true && !isBeingDeleted(backup);
  const isPaused = read.of(ofCluster(backup, ({ paused }) => paused)) !== false;
  const items = isOn && !isPaused ? read.listOf(ofSchedule(backup, (schedule) => schedule.items)) : [];
  const reference = isOn ? (read.of(ofSchedule(backup, (schedule) => schedule.referenceTime)) ?? null) : null;
  const rules = isOn ? copyRules(backup, read) : [];
  const home = homeOf(facts, read);
  const seen = restorePoints(backup, snapshots)
    .map((point) => seenPoint(point, facts, { home, read }))
    .filter((point) => point !== undefined);
  const extra = isOn ? read.listOf(ofSchedule(backup, (schedule) => schedule.extraRetention)) : [];
  const schedule = { items: known(items, read), reference };
  const own = plannedSnapshots(schedule, extra, facts, home);
  const dated = restorePoints(backup, snapshots).filter(isDated);
  const newer = facts.reading === "optimistic" ? [] : dated.map(({ createdAt }) => createdAt.getTime());
  const following = rules.some(({ latest }) => latest !== null)
    ? [...newer, ...own.map(({ dataMs }) => dataMs)].sort((a, b) => a - b)
    : [];
  const copies = [
    ...seen.flatMap(({ point, life }) => seenCopies(point, life, facts, { read, rules, following })),
    ...plannedCopies(own, rules, facts.reading, (region) => inRegion(home, region)),
  ];
  const continuous = continuousWindows(facts, { read, home, rules, items });
  return {
    supply: { points: [...seen.map(({ life }) => life), ...own, ...copies], continuous },
    unreadable: read.failures(),
  };
}

/** Takes what is known, and keeps why the rest is not. */
export interface Reader {
  of<T>(observed: Observed<T>): T | undefined;
  /** Nothing of a list that is not known. */
  listOf<T>(observed: Observed<readonly T[]>): readonly T[];
  failures(): readonly OpsError[];
}

export function reader(): Reader {
  const failures: OpsError[] = [];
  return {
    of: (observed) => {
      if (observed.known) return observed.value;
      failures.push(observed.reason);
      return undefined;
    },
    listOf: (observed) => {
      if (observed.known) return observed.value;
      failures.push(observed.reason);
      return NOTHING;
    },
    failures: () => failures,
  };
}

const NOTHING: readonly never[] = [];

function counts(certainty: Tri, reading: Reading): boolean {
  return certainty === "yes" || (certainty === "maybe" && reading === "optimistic");
}

interface SeenPoint {
  readonly point: Point;
  readonly life: RestorePoint;
}

/** Completed, whole, not expired: the one meaning of good. */
function seenPoint(
  point: Point,
  facts: SnapshotSupply,
  { home, read }: { readonly home: Place; readonly read: Reader },
): SeenPoint | undefined {
  if (!isDated(point) || !counts(point.good, facts.reading)) return undefined;
  const { snapshot, name } = point;
  const { untilMs, removedBy } = endOf(snapshot, facts);
  const dataMs = point.createdAt.getTime();
  return {
    point,
    life: {
      id: `snapshot ${name}`,
      kind: "snapshot",
      tier: tierOf(snapshot),
      dataMs,
      fromMs: dataMs,
      untilMs,
      removedBy,
      place: underKey(home, read.of(snapshot.masterKeyId) ?? null),
      stages: [{ fromMs: dataMs, storageClass: "Atlas", firstByteMs: facts.firstByteMs }],
      isSeen: true,
    },
  };
}

/**
 * Snapshots go with their cluster, unless who deletes it keeps them, which nobody can see:
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/#configure-the-restore-window
 */
function endOf(snapshot: Snapshot, { backup, reading }: SnapshotSupply): Pick<RestorePoint, "untilMs" | "removedBy"> {
  const expiryMs = expiryOf(snapshot, backup, reading);
  if (reading === "pessimistic" && isBeingDeleted(backup)) {
    const untilMs = Math.min(expiryMs, backup.observedAt.getTime());
    return { untilMs, removedBy: "its cluster is being deleted, and with it what nobody keeps" };
  }
  const { expiresAt } = snapshot;
  const ofItsOwn =
    expiresAt.known && expiresAt.value !== null ? "its own expiry date" : "an end that Atlas does not name";
  return { untilMs: expiryMs, removedBy: expiryMs === Number.POSITIVE_INFINITY ? null : ofItsOwn };
}

/** Nothing more is made of it, whatever its settings say. */
export function isBeingDeleted({ cluster }: BackupFacts): boolean {
  return cluster.known && cluster.value?.state.known === true && cluster.value.state.value === "DELETING";
}

/** Atlas dates the end of every snapshot: one that is not named, or cannot be read, may be any from when it was listed. */
function expiryOf({ expiresAt }: Snapshot, { observedAt }: BackupFacts, reading: Reading): number {
  if (expiresAt.known && expiresAt.value !== null) return expiresAt.value.getTime();
  return reading === "optimistic" ? Number.POSITIVE_INFINITY : observedAt.getTime();
}

function tierOf({ frequency, kind }: Snapshot): string {
  if (frequency.known && frequency.value !== null) return frequency.value;
  return kind.known && kind.value === "onDemand" ? "on demand" : "unlabelled";
}

/** What cannot be read of an item leaves nothing proved. */
function known(items: readonly ScheduleItem[], read: Reader): readonly FiringItem[] {
  return items.flatMap((item) => {
    const [frequency, interval, retention] = [read.of(item.frequency), read.of(item.interval), read.of(item.retention)];
    if (frequency === undefined || interval === undefined || retention === undefined) return [];
    return frequency === "ondemand" ? [] : [{ frequency, interval, retention }];
  });
}

/** How Atlas counts the days of extra retention it does not say: they are relied on at best only. */
function plannedSnapshots(
  schedule: FiringSchedule,
  extra: readonly { readonly frequency: Frequency; readonly days: number }[],
  facts: SnapshotSupply,
  home: Place,
): readonly PlannedPoint[] {
  const { backup, reading } = facts;
  const isBest = reading === "optimistic";
  const extraMs = new Map(isBest ? extra.map(({ frequency, days }) => [frequency, days * DAY_MS]) : []);
  const untilMs = (atMs: number, { frequency, retention }: FiringItem) =>
    keptUntilMs(atMs, retention, extraMs.get(frequency));
  const makingOf = once((of: Together) => snapshotMaking(of, facts, home));
  const bound = isBest ? Math.max : Math.min;
  const points: PlannedPoint[] = [];
  // what fired within the grace may be under way: at best it will be whole
  const fromMs = backup.observedAt.getTime() - (isBest ? longestMs(backup.database.grace) : 0);
  eachFiring(schedule, { fromMs, untilMs: facts.untilMs }, (atMs, of) => {
    const endMs = of.keepers.reduce(
      (ms, item) => bound(ms, untilMs(atMs, item)),
      isBest ? 0 : Number.POSITIVE_INFINITY,
    );
    points.push(new PlannedPoint(makingOf(of), atMs, endMs));
  });
  return points;
}

/** Atlas takes a snapshot some minutes after its item fires, and names no bound: at worst that is after midnight. */
const STARTS_WITHIN_MS = 15 * MINUTE_MS;

/** At worst it is ready when the policy's grace is over, at best at once. */
function snapshotMaking(of: Together, { backup, reading, firstByteMs }: SnapshotSupply, home: Place): Making {
  const isBest = reading === "optimistic";
  const items = of.keepers.map(({ frequency, retention }) => `${frequency}, ${retentionWords(retention)}`);
  const tier = of.keepers[0].frequency;
  return {
    of,
    kind: "snapshot",
    tier,
    name: `planned ${tier}`,
    removedBy: `policy item ${items.join(", or ")}`,
    place: home,
    madeFrom: home,
    stages: [{ fromMs: Number.NEGATIVE_INFINITY, storageClass: "Atlas", firstByteMs }],
    readyAfterMs: isBest ? 0 : longestMs(backup.database.grace),
    lateByMs: isBest ? 0 : STARTS_WITHIN_MS,
  };
}

function retentionWords({ value, unit }: Retention): string {
  return `${value} ${value === 1 ? unit.slice(0, -1) : unit}`;
}
