/** The ways in which a cluster's backup goes wrong, as functions from a sound cluster to a damaged one. */
import { DAY_MS, longestMs, MINUTE_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { defaultItem, defaultSchedule } from "./default-schedule.ts";
import { objectId, uuid } from "./ids.ts";
import { grow, newestFirst, orderedSnapshot, retention, snapshotAt } from "./life.ts";
import {
  type ClusterRecord,
  type CopySettingRecord,
  type Frequency,
  type ItemRecord,
  iso,
  type SeedDatabase,
  type SnapshotRecord,
} from "./model.ts";

export type Damage = (cluster: ClusterRecord, context: DamageContext) => ClusterRecord;
interface DamageContext {
  readonly database: SeedDatabase;
  readonly nowMs: number;
}

/** Sets fields of the cluster itself. */
export function set(fields: Partial<ClusterRecord>): Damage {
  return (cluster) => ({ ...cluster, ...fields });
}

/** Sets fields of every snapshot. The scheduler stops: what it took would be sound. */
export function every(fields: Partial<SnapshotRecord>): Damage {
  return (cluster) => ({
    ...cluster,
    scheduler: "stopped",
    snapshots: cluster.snapshots.map((snapshot) => ({ ...snapshot, ...fields })),
  });
}

/** Sets fields of the last two of the main series and of all that was taken since: the one before alone is too old. */
export function newest(fields: Partial<SnapshotRecord>): Damage {
  return (cluster, { database }) => {
    const since = mainSeries(cluster, database).at(1)?.createdAt ?? "";
    return eachSnapshot(cluster, (snapshot) => (snapshot.createdAt >= since ? { ...snapshot, ...fields } : snapshot));
  };
}

export const futureDated: Damage = (cluster, context) =>
  newest({ createdAt: iso(context.nowMs + DAY_MS) })(cluster, context);

export const noSnapshots: Damage = set({ snapshots: [] });

const SHORT_WINDOW_DAYS = 2;
export const shortWindow: Damage = (cluster) => withSchedule(cluster, { restoreWindowDays: SHORT_WINDOW_DAYS });

export const noHourlyItem: Damage = (cluster) =>
  withSchedule(cluster, { items: cluster.schedule.items.filter((item) => item.frequency !== "hourly") });

export const shortHourlyItem: Damage = (cluster) => withRetentionDays(cluster, "hourly", SHORT_WINDOW_DAYS);

export const uncoveredWindow: Damage = (cluster, { database, nowMs }) => {
  const since = iso(nowMs - ((database.continuousWindowDays ?? 0) * DAY_MS) / 2);
  return { ...cluster, snapshots: cluster.snapshots.filter((snapshot) => snapshot.createdAt >= since) };
};

export const noMainItem: Damage = (cluster, { database }) =>
  withSchedule(cluster, { items: cluster.schedule.items.filter((item) => item.frequency !== mainFrequency(database)) });

const SHORT_RETENTION_DAYS = 7;
export const shortMainItem: Damage = (cluster, { database }) => {
  const halfDays = Math.floor(longestMs(retention(mainItem(cluster, database))) / DAY_MS / 2);
  return withRetentionDays(cluster, mainFrequency(database), Math.max(1, Math.min(SHORT_RETENTION_DAYS, halfDays)));
};

/** Nothing for three intervals of the main series, and nothing to come. */
export const stale: Damage = (cluster, { database, nowMs }) => {
  const until = iso(nowMs - 3 * INTERVAL_DAYS[mainFrequency(database)] * DAY_MS);
  return {
    ...cluster,
    scheduler: "stopped",
    snapshots: cluster.snapshots.filter((snapshot) => snapshot.createdAt < until),
  };
};

const HOLE_SNAPSHOTS = 3;
/** Takes three of the main series from its middle, with all that was taken in that time. */
export const hole: Damage = (cluster, { database }) => {
  const series = mainSeries(cluster, database);
  const start = Math.max(1, Math.floor((series.length - HOLE_SNAPSHOTS) / 2));
  const lost = series.slice(start, start + HOLE_SNAPSHOTS);
  const from = lost.at(-1)?.createdAt ?? "";
  const to = lost.at(0)?.createdAt ?? "";
  return { ...cluster, snapshots: cluster.snapshots.filter(({ createdAt }) => createdAt < from || createdAt > to) };
};

/** Puts a snapshot of the main series on top that began `ageMs` ago; it completes in `settlesInMs`, or never (null). */
export function unfinished(status: "inProgress" | "failed", ageMs: number, settlesInMs: number | null = null): Damage {
  return (cluster, { database, nowMs }) => {
    const snapshot = snapshotAt(cluster, [mainItem(cluster, database)], nowMs - ageMs);
    const settlesAt = settlesInMs === null ? null : iso(nowMs + settlesInMs);
    const others = cluster.snapshots.filter((other) => other.createdAt <= snapshot.createdAt);
    return { ...cluster, snapshots: newestFirst([{ ...snapshot, status, settlesAt }, ...others]) };
  };
}

const RETRIED_AFTER_MS = 20 * MINUTE_MS;
export const failedBeforeSuccess: Damage = (cluster, { database }) => {
  const success = mainSeries(cluster, database).at(3);
  if (success === undefined) return cluster;
  const snapshot = snapshotAt(cluster, [mainItem(cluster, database)], Date.parse(success.createdAt) - RETRIED_AFTER_MS);
  return {
    ...cluster,
    snapshots: newestFirst([{ ...snapshot, status: "failed", settlesAt: null }, ...cluster.snapshots]),
  };
};

/** The newest of the main series lives for a quarter of its time. */
export const shortExpiry: Damage = onNewest((snapshot) => {
  const createdMs = Date.parse(snapshot.createdAt);
  return { ...snapshot, expiresAt: iso(createdMs + (Date.parse(snapshot.expiresAt) - createdMs) / 4) };
});

/** Resizes the newest of the main series and the newest of all, whichever a reader takes for the newest. */
export function resize(factor: number): Damage {
  return (cluster, { database }) => {
    const newestOfAll = cluster.snapshots.find((snapshot) => snapshot.status === "completed");
    const ids = [mainSeries(cluster, database).at(0)?.id, newestOfAll?.id];
    return eachSnapshot(cluster, (snapshot) =>
      ids.includes(snapshot.id) ? { ...snapshot, sizeBytes: Math.round(snapshot.sizeBytes * factor) } : snapshot,
    );
  };
}

/** Puts a snapshot by hand on top that began `ageMs` ago and completes in `settlesInMs`. */
export function unfinishedByHand(ageMs: number, settlesInMs: number): Damage {
  return (cluster, { nowMs }) => {
    const order = { description: "taken by somebody else", retentionDays: 7 };
    const snapshot = orderedSnapshot(cluster, order, nowMs - ageMs);
    const running = { ...snapshot, status: "inProgress", settlesAt: iso(nowMs + settlesInMs) };
    return { ...cluster, snapshots: newestFirst([running, ...cluster.snapshots]) };
  };
}

/** As if nobody had ever set a schedule: no continuous backup, no copies, and snapshots accordingly. */
export const atlasDefault: Damage = (cluster, { nowMs }) => {
  const bornMs = Date.parse(cluster.createdAt);
  const schedule = defaultSchedule(cluster.id, bornMs);
  return grow({ ...cluster, schedule, pitEnabled: false, snapshots: [] }, bornMs, nowMs);
};

const WEDNESDAY = 3;
/** A weekly item on Wednesday besides the one that there is, or besides one that keeps no less than the daily item. */
export const twoWeeklyItems: Damage = (cluster) => {
  const { items } = cluster.schedule;
  const usual: ItemRecord = { id: objectId(0, cluster.id, "weekly"), ...defaultItem("weekly") };
  const kept = items
    .filter(({ frequency }) => frequency === "hourly" || frequency === "daily")
    .reduce((a, b) => (longestMs(retention(b)) > longestMs(retention(a)) ? b : a), usual);
  const { retentionValue, retentionUnit } = kept;
  const weekly = items.find(({ frequency }) => frequency === "weekly") ?? { ...usual, retentionValue, retentionUnit };
  const another = { ...weekly, id: objectId(0, cluster.id, "another weekly"), interval: WEDNESDAY };
  return withSchedule(cluster, { items: [...items.filter(({ id }) => id !== weekly.id), weekly, another] });
};

/** The same copies as before, each kept as long as the snapshot that it is of. */
export const copiesByItem: Damage = (cluster) => {
  const { items, copySettings } = cluster.schedule;
  const itemised = copySettings.map((setting): CopySettingRecord => {
    const copied = items.filter(
      ({ frequency }) => "frequencies" in setting.copies && setting.copies.frequencies.includes(frequency),
    );
    return {
      ...setting,
      copies: {
        items: copied.map(({ id, frequency, retentionValue, retentionUnit }) => ({
          id: objectId(0, setting.zoneId, setting.regionName, id),
          frequency,
          retention: { retentionValue, retentionUnit },
        })),
      },
    };
  });
  return withSchedule(cluster, { copiesByItems: true, copySettings: itemised });
};

export const missingShard: Damage = onNewest((snapshot) => ({ ...snapshot, shards: snapshot.shards.slice(0, -1) }));

export const noCopySettings: Damage = (cluster) => withSchedule(cluster, { copySettings: [] });

export const noOplogCopies: Damage = (cluster) =>
  withSchedule(cluster, {
    copySettings: cluster.schedule.copySettings.map((setting) => ({ ...setting, oplogs: false })),
  });

export const ignoredOplogs: Damage = (cluster, context) => ({
  ...noOplogCopies(cluster, context),
  ignoresOplogs: true,
});

export const uncopiedZone: Damage = (cluster) => {
  const zoneId = cluster.shards.at(-1)?.zoneId;
  const elsewhere = (copy: { readonly zoneId: string }) => copy.zoneId !== zoneId;
  const copied = withSchedule(cluster, { copySettings: cluster.schedule.copySettings.filter(elsewhere) });
  return eachSnapshot(copied, (snapshot) => ({ ...snapshot, copies: snapshot.copies.filter(elsewhere) }));
};

/** The cluster always had a key of the customer's, and now has another. */
export const changedKey: Damage = (cluster, { database }) => {
  const before = cluster.masterKey ?? uuid(cluster.id, "first key");
  const masterKey = uuid(cluster.id, "another key");
  const since = mainSeries(cluster, database).at(0)?.createdAt ?? "";
  const rekeyed = eachSnapshot(cluster, (snapshot) => ({
    ...snapshot,
    masterKey: snapshot.createdAt >= since ? masterKey : before,
  }));
  return { ...rekeyed, masterKey };
};

const INTERVAL_DAYS = { hourly: 1, daily: 1, weekly: 7, monthly: 31, yearly: 366 } as const satisfies Record<
  Frequency,
  number
>;

/** The series that a world damages: the daily one, or else the first that the policy names, or else the hourly one. */
function mainFrequency(database: SeedDatabase): Frequency {
  const named = database.snapshots.map((entry) => entry.frequency);
  return named.includes("daily") ? "daily" : (named[0] ?? "hourly");
}

function mainItem(cluster: ClusterRecord, database: SeedDatabase): ItemRecord {
  const frequency = mainFrequency(database);
  const item = cluster.schedule.items.find((entry) => entry.frequency === frequency);
  if (item === undefined) throw new OpsError("bug", `the schedule of ${cluster.name} has no ${frequency} item`);
  return item;
}

/** Completed snapshots of the main series, newest first. */
function mainSeries(cluster: ClusterRecord, database: SeedDatabase): readonly SnapshotRecord[] {
  const { id } = mainItem(cluster, database);
  return cluster.snapshots.filter((snapshot) => snapshot.itemIds.includes(id) && snapshot.status === "completed");
}

function onNewest(change: (snapshot: SnapshotRecord) => SnapshotRecord): Damage {
  return (cluster, { database }) => {
    const id = mainSeries(cluster, database).at(0)?.id;
    return eachSnapshot(cluster, (snapshot) => (snapshot.id === id ? change(snapshot) : snapshot));
  };
}

function eachSnapshot(cluster: ClusterRecord, change: (snapshot: SnapshotRecord) => SnapshotRecord): ClusterRecord {
  return { ...cluster, snapshots: cluster.snapshots.map(change) };
}

function withSchedule(cluster: ClusterRecord, fields: Partial<ClusterRecord["schedule"]>): ClusterRecord {
  return { ...cluster, schedule: { ...cluster.schedule, ...fields } };
}

function withRetentionDays(cluster: ClusterRecord, frequency: Frequency, days: number): ClusterRecord {
  const items = cluster.schedule.items.map(
    (item): ItemRecord =>
      item.frequency === frequency ? { ...item, retentionValue: days, retentionUnit: "days" } : item,
  );
  return withSchedule(cluster, { items });
}
