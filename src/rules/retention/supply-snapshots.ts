/**
 * The restore points that Atlas has, and those that its schedule will make: snapshots, their copies in other regions, and
 * the continuous window. What cannot be read is told; what is merely uncertain is read twice, at its worst and at its best.
 */
import { addDuration, DAY_MS, longestMs, MINUTE_MS } from "../../core/duration.ts";
import type { OpsError } from "../../core/error.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { Observed } from "../../core/observed.ts";
import type { Tri } from "../../core/tri.ts";
import type { Retention, ScheduleItem, Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster, ofSchedule } from "../backup/facts.ts";
import { isDated, type Point, restorePoints } from "../backup/points.ts";
import { toDuration } from "../backup/retention.ts";
import { type Firing, firingsOf } from "./firings.ts";
import type { ContinuousWindow, Domain, Place, RestorePoint, Supply } from "./model.ts";
import { type CopyLife, type CopyRule, copyLives, copyRules } from "./supply-copies.ts";

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
  const nowMs = backup.observedAt.getTime();
  const region = read.of(ofCluster(backup, ({ regions }) => regions))?.[0];
  const snapshots = read.listOf(backup.snapshots);
  const isOn = read.of(ofCluster(backup, ({ backupEnabled }) => backupEnabled)) === true;
  const isPaused = read.of(ofCluster(backup, ({ paused }) => paused)) !== false;
  const items = isOn && !isPaused ? read.listOf(ofSchedule(backup, (schedule) => schedule.items)) : [];
  const reference = isOn ? (read.of(ofSchedule(backup, (schedule) => schedule.referenceTime)) ?? null) : null;
  const rules = isOn ? copyRules(backup, read) : [];
  const home = placeOf(facts, region ?? "its own region", null);
  const seen = restorePoints(backup, snapshots)
    .map((point) => seenPoint(point, facts, home))
    .filter((point) => point !== undefined);
  const extra = isOn ? read.listOf(ofSchedule(backup, (schedule) => schedule.extraRetention)) : [];
  const planned = items
    .flatMap((item) => plannedOf(item, reference, { nowMs, untilMs: facts.untilMs, read }))
    .map((firing) => lengthened(firing, extra, facts.reading))
    .toSorted((a, b) => a.atMs - b.atMs);
  const own = planned.map((firing) => plannedPoint(firing, facts, home));
  const copies = [
    ...seen.flatMap(({ point, life }) => seenCopies(point, life, facts, rules)),
    ...copyLives(planned, rules).map((life) => plannedCopy(life, facts)),
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

function placeOf({ backup, projectId }: SnapshotSupply, region: string, keyId: string | null): Place {
  const key: readonly Domain[] = keyId === null ? [] : [{ kind: "key", name: keyId }];
  return {
    label: region,
    domains: [
      { kind: "region", name: region },
      { kind: "cluster", name: backup.database.cluster },
      { kind: "account", name: `atlas:${projectId}` },
      ...key,
    ],
  };
}

interface SeenPoint {
  readonly point: Point;
  readonly life: RestorePoint;
}

/** Completed, whole, not expired: the one meaning of good. */
function seenPoint(point: Point, facts: SnapshotSupply, home: Place): SeenPoint | undefined {
  if (!isDated(point) || !counts(point.good, facts.reading)) return undefined;
  const { snapshot, name } = point;
  const expiry = expiryOf(snapshot, facts.reading);
  const keyId = snapshot.masterKeyId.known ? snapshot.masterKeyId.value : null;
  const dataMs = point.createdAt.getTime();
  return {
    point,
    life: {
      id: `snapshot ${name}`,
      kind: "snapshot",
      tier: tierOf(snapshot),
      dataMs,
      fromMs: dataMs,
      untilMs: expiry,
      removedBy: expiry === Number.POSITIVE_INFINITY ? null : "its own expiry date",
      place: keyId === null ? home : placeOf(facts, home.label, keyId),
      stages: [{ fromMs: dataMs, storageClass: "Atlas", firstByteMs: facts.firstByteMs }],
      isSeen: true,
    },
  };
}

/** Without a date it is kept until somebody deletes it; a date that cannot be read may be any. */
function expiryOf({ expiresAt }: Snapshot, reading: Reading): number {
  if (expiresAt.known) return expiresAt.value?.getTime() ?? Number.POSITIVE_INFINITY;
  return reading === "optimistic" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

function tierOf({ frequency, kind }: Snapshot): string {
  if (frequency.known && frequency.value !== null) return frequency.value;
  return kind.known && kind.value === "onDemand" ? "on demand" : "unlabelled";
}

/** In every region that the snapshot itself names. */
function seenCopies(
  point: Point,
  life: RestorePoint,
  facts: SnapshotSupply,
  rules: readonly CopyRule[],
): readonly RestorePoint[] {
  return copyRegionsOf(point.snapshot, facts).map((region) => {
    const own = rules.find((rule) => rule.region === region && rule.frequency === life.tier)?.retention ?? null;
    const ends = own === null ? life.untilMs : addDuration(new Date(life.dataMs), toDuration(own)).getTime();
    const untilMs = Math.min(ends, life.untilMs); // deleting a snapshot deletes its copies
    const removedBy = untilMs < life.untilMs ? `copies of ${life.tier} to ${region}` : life.removedBy;
    const keyId = life.place.domains.find(({ kind }) => kind === "key")?.name ?? null;
    const place = placeOf(facts, region, keyId);
    return { ...life, kind: "copy", id: `copy in ${region} of ${life.id}`, untilMs, removedBy, place };
  });
}

/** Of a sharded cluster, the regions that hold a copy of every part. */
function copyRegionsOf({ copyRegions, members }: Snapshot, { backup }: SnapshotSupply): readonly string[] {
  if (copyRegions.known && copyRegions.value !== null) return copyRegions.value;
  const parts = backup.memberSnapshots?.known === true ? backup.memberSnapshots.value : [];
  if (!members.known || members.value === null) return [];
  const [first = NOTHING, ...rest] = members.value.map(({ id }) => {
    const part = parts.find((one) => one.id.known && one.id.value === id);
    return part?.copyRegions.known === true && part.copyRegions.value !== null ? part.copyRegions.value : NOTHING;
  });
  return first.filter((region) => rest.every((regions: readonly string[]) => regions.includes(region)));
}

interface Planning {
  readonly nowMs: number;
  readonly untilMs: number;
  readonly read: Reader;
}

function plannedOf(
  item: ScheduleItem,
  reference: Parameters<typeof firingsOf>[0]["reference"],
  { nowMs, untilMs, read }: Planning,
): readonly Firing[] {
  const [frequency, interval, retention] = [read.of(item.frequency), read.of(item.interval), read.of(item.retention)];
  if (frequency === undefined || interval === undefined || retention === undefined) return [];
  if (frequency === "ondemand") return [];
  return firingsOf({ frequency, interval, retention, reference }, nowMs, untilMs);
}

/** How Atlas counts the days of extra retention it does not say: they are relied on at best only. */
function lengthened(
  firing: Firing,
  extra: readonly { readonly frequency: Frequency; readonly days: number }[],
  reading: Reading,
): Firing {
  const found = extra.find(({ frequency }) => frequency === firing.frequency);
  if (found === undefined || reading === "pessimistic") return firing;
  return { ...firing, untilMs: firing.untilMs + found.days * DAY_MS };
}

function firingName({ frequency, atMs }: Firing): string {
  return `planned ${frequency} ${new Date(atMs).toISOString().slice(0, 16)}Z`;
}

/** At worst it is ready when the policy's grace is over, at best at once. */
function plannedPoint(firing: Firing, facts: SnapshotSupply, place: Place): RestorePoint {
  const { atMs, frequency, untilMs, retention } = firing;
  const fromMs = readyMs(atMs, facts);
  return {
    // of very many points few are ever named
    get id() {
      return firingName(firing);
    },
    kind: "snapshot",
    tier: frequency,
    dataMs: atMs,
    fromMs,
    untilMs,
    get removedBy() {
      return `policy item ${frequency}, ${retentionWords(retention)}`;
    },
    place,
    stages: [{ fromMs, storageClass: "Atlas", firstByteMs: facts.firstByteMs }],
    isSeen: false,
  };
}

function plannedCopy({ firing, rule, untilMs, removedBy }: CopyLife, facts: SnapshotSupply): RestorePoint {
  const fromMs = readyMs(firing.atMs, facts);
  return {
    get id() {
      return `copy in ${rule.region} of ${firingName(firing)}`;
    },
    kind: "copy",
    tier: firing.frequency,
    dataMs: firing.atMs,
    fromMs,
    untilMs,
    removedBy,
    place: placeOf(facts, rule.region, null),
    stages: [{ fromMs, storageClass: "Atlas", firstByteMs: facts.firstByteMs }],
    isSeen: false,
  };
}

function readyMs(atMs: number, { backup, reading }: SnapshotSupply): number {
  return reading === "optimistic" ? atMs : atMs + longestMs(backup.database.grace);
}

function retentionWords({ value, unit }: Retention): string {
  return `${value} ${value === 1 ? unit.slice(0, -1) : unit}`;
}

interface Windowing {
  readonly read: Reader;
  readonly home: Place;
  readonly rules: readonly CopyRule[];
  readonly items: readonly ScheduleItem[];
}

/** What may be missing at the near end: Atlas collects the oplog all the time. */
const LAG_MS = MINUTE_MS;

/** It reaches no further back than snapshots that it can start from. */
function continuousWindows(
  facts: SnapshotSupply,
  { read, home, rules, items }: Windowing,
): readonly ContinuousWindow[] {
  const { backup } = facts;
  if (read.of(ofCluster(backup, ({ pitEnabled }) => pitEnabled)) !== true) return [];
  const days = read.of(ofSchedule(backup, ({ restoreWindowDays }) => restoreWindowDays)) ?? 0;
  const hourly = items.find(({ frequency }) => frequency.known && frequency.value === "hourly");
  const kept = hourly === undefined ? undefined : read.of(hourly.retention);
  const keptMs = kept === undefined ? 0 : addDuration(new Date(0), toDuration(kept)).getTime();
  const windowMs = Math.min(days * DAY_MS, keptMs);
  const since = oldestMs(facts);
  if (since === undefined || windowMs === 0) return [];
  const window: ContinuousWindow = {
    fromMs: since,
    untilMs: Number.POSITIVE_INFINITY,
    windowMs,
    lagMs: LAG_MS,
    place: home,
    firstByteMs: facts.firstByteMs,
    limitedBy: keptMs < days * DAY_MS ? "the retention of hourly snapshots" : `the window of ${days} days`,
  };
  const elsewhere = [...new Set(rules.flatMap(({ region, withOplogs }) => (withOplogs ? [region] : [])))];
  return [window, ...elsewhere.map((region) => ({ ...window, place: placeOf(facts, region, null) }))];
}

/** The oldest snapshot that the oplog can be applied to. */
function oldestMs({ backup, reading }: SnapshotSupply): number | undefined {
  if (!backup.snapshots.known) return undefined;
  const dated = restorePoints(backup, backup.snapshots.value).filter(isDated);
  return dated.find((point) => counts(point.good, reading))?.createdAt.getTime();
}
