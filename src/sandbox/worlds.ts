/**
 * The catalogue of worlds: a healthy one, and one for each way in which the backup of the first database can be wrong, or
 * its archives, what watches all of it, or what runs regularly. Each says what must be made of it; damages.ts and its kin hold how it comes about.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import type { AlarmDamage } from "./alarm-damages.ts";
import { ALARM_WORLDS } from "./alarm-worlds.ts";
import type { AlertDamage } from "./alert-damages.ts";
import type { ArchiveDamage } from "./archive-damages.ts";
import { ARCHIVE_WORLDS } from "./archive-worlds.ts";
import type { Shape } from "./build.ts";
import type { Damage } from "./damages.ts";
import * as damage from "./damages.ts";
import type { ClusterRecord, ExportsEnd, RestoresEnd } from "./model.ts";
import { SCHEDULE_WORLDS } from "./schedule-worlds.ts";
import type { ScheduleDamage } from "./schedules.ts";

export interface WorldInfo {
  readonly name: string;
  readonly summary: string;
  /** Whose verdict it is about. */
  readonly command: "backup verify" | "archive verify" | "alarms audit" | "doctor --schedules";
  /** What that command must say. */
  readonly verdict: "pass" | "warn" | "fail" | "unknown";
  /** The check that must say it; null where every check passes. */
  readonly check: string | null;
}

export interface World extends WorldInfo {
  /** What is otherwise from the first cluster's birth on. */
  readonly shape?: Partial<Shape>;
  /** What has happened to the first cluster since. */
  readonly damage?: Damage;
  /** Where the first cluster stands if not among the dedicated ones. */
  readonly stands?: "nowhere" | "flex";
  readonly dateSkewMs?: number;
  /** Whether the credentials may change anything; absent: they may. */
  readonly mayWrite?: boolean;
  /** A Backup Compliance Policy demands what the first cluster has. */
  readonly hasCompliancePolicy?: boolean;
  /** What becomes of restores; absent: they go well. */
  readonly restoresEnd?: RestoresEnd;
  /** What becomes of exports; absent: they go well. */
  readonly exportsEnd?: ExportsEnd;
  /** Whether snapshots can be exported at all; absent: they can. */
  readonly hasExportBucket?: boolean;
  /** Whether anything was ever restored; absent: it was. */
  readonly hasHistory?: boolean;
  /** What has happened to the archives, which are all sound otherwise. */
  readonly archives?: ArchiveDamage;
  /** What has happened to alarms and topics, and to Atlas's alerts, which are all sound otherwise. */
  readonly alarms?: AlarmDamage;
  readonly alerts?: AlertDamage;
  /** What has happened to the first command that runs regularly, which all do well otherwise. */
  readonly schedules?: ScheduleDamage;
  /** Whether the token may read GitHub's workflows; absent: it may. */
  readonly canReadWorkflows?: boolean;
  /** What is otherwise about the clusters to restore to. */
  readonly target?: Partial<ClusterRecord>;
  readonly targetShape?: Partial<Shape>;
}

export function listWorlds(): readonly WorldInfo[] {
  return WORLDS.map(({ name, summary, command, verdict, check }) => ({ name, summary, command, verdict, check }));
}

const fail = (check: string, name: string, summary: string, rest: Partial<World>): World => ({
  name,
  summary,
  command: "backup verify",
  verdict: "fail",
  check,
  ...rest,
});
const unknown = (check: string, name: string, summary: string, rest: Partial<World>): World => ({
  name,
  summary,
  command: "backup verify",
  verdict: "unknown",
  check,
  ...rest,
});
const warn = (check: string, name: string, summary: string, rest: Partial<World>): World => ({
  name,
  summary,
  command: "backup verify",
  verdict: "warn",
  check,
  ...rest,
});
const pass = (name: string, summary: string, rest: Partial<World> = {}): World => ({
  name,
  summary,
  command: "backup verify",
  verdict: "pass",
  check: null,
  ...rest,
});

export const WORLDS: readonly World[] = [
  pass("healthy", "everything is as the policy asks"),
  pass("sharded", "the cluster has three shards, and every snapshot holds them all", { shape: { layout: "SHARDED" } }),
  pass("newborn", "the cluster is three days old, and all is well since its birth", { shape: { ageMs: 3 * DAY_MS } }),
  pass("late", "a snapshot has been running for 40 minutes, the one before is recent enough", {
    damage: damage.unfinished("inProgress", 40 * MINUTE_MS, 20 * MINUTE_MS),
  }),
  pass("failed-named", "a snapshot failed some days ago, and the next attempt went well", {
    damage: damage.failedBeforeSuccess,
  }),
  pass("several-weekly", "the schedule has two weekly items, of which the policy asks for one at most", {
    damage: damage.twoWeeklyItems,
  }),
  pass("copies-by-item", "the copy settings name items with a retention of their own", { damage: damage.copiesByItem }),
  pass("compliance", "a Backup Compliance Policy is in force, and demands what there is", {
    hasCompliancePolicy: true,
  }),
  pass("read-only", "these credentials may read everything and change nothing", { mayWrite: false }),
  pass("snapshot-fails", "snapshots taken by hand fail", { damage: damage.set({ onDemand: "failed" }) }),
  pass("snapshot-hangs", "snapshots taken by hand run without end", { damage: damage.set({ onDemand: "endless" }) }),
  pass("snapshot-in-the-way", "a snapshot taken by hand is still running, and no other is taken meanwhile", {
    damage: damage.unfinishedByHand(5 * MINUTE_MS, 30 * MINUTE_MS),
  }),
  pass("restore-fails", "restores fail", { restoresEnd: "failed" }),
  pass("restore-hangs", "restores run without end", { restoresEnd: "endless" }),
  pass("restore-cancelled-by-atlas", "Atlas cancels restores", { restoresEnd: "cancelled" }),
  pass("restore-expires", "restores expire", { restoresEnd: "expired" }),
  pass("restore-wrong-target", "restores go to another cluster than was asked for", { restoresEnd: "elsewhere" }),
  pass("restore-unknown-state", "nothing that can be read says how restores stand", { restoresEnd: "unreadable" }),
  pass("no-export-bucket", "there is no bucket to export snapshots to", { hasExportBucket: false }),
  pass("export-fails", "exports fail half-way, and what they have written stays", { exportsEnd: "failed" }),
  pass("export-hangs", "exports run without end", { exportsEnd: "endless" }),
  pass("export-unmarked", "exports succeed, but nothing in the bucket marks them as complete", {
    exportsEnd: "unmarked",
  }),
  pass("export-miscounted", "exports succeed, and are marked as having one file more than there is", {
    exportsEnd: "miscounted",
  }),
  pass("no-history", "nothing was ever restored", { hasHistory: false }),
  pass("target-busy", "the cluster to restore to is in use", { target: { writesPerSecond: 120, connections: 85 } }),
  pass("target-paused", "the cluster to restore to is paused", { target: { paused: true } }),
  pass("target-older-version", "the cluster to restore to has an older MongoDB", {
    target: { mongodbVersion: "7.0.16" },
  }),
  pass("target-small-disk", "the cluster to restore to has too small a disk", { target: { diskSizeGb: 20 } }),
  pass("target-other-topology", "the cluster to restore to is sharded, the source is not", {
    targetShape: { layout: "SHARDED" },
  }),
  warn("backup/snapshot-age", "just-created", "the cluster is two hours old and has no snapshot yet", {
    shape: { ageMs: 2 * HOUR_MS },
    damage: damage.noSnapshots,
  }),
  warn("backup/snapshot-size", "size-jump", "the newest snapshot is twelve times as big as those before", {
    damage: damage.resize(12),
  }),

  fail("backup/cluster-exists", "no-cluster", "there is no cluster of this name", { stands: "nowhere" }),
  fail("backup/cluster-state", "paused", "the cluster is paused, nothing is backed up", {
    damage: damage.set({ paused: true }),
  }),
  fail("backup/cluster-state", "deleting", "the cluster is being deleted, its snapshots go with it", {
    damage: damage.set({ state: "DELETING" }),
  }),
  fail("backup/continuous-enabled", "flex", "the cluster is a flex cluster, which has no continuous backup", {
    stands: "flex",
  }),
  fail("backup/enabled", "backups-off", "backups are turned off, the snapshots are gone", {
    damage: damage.set({ backupEnabled: false, pitEnabled: false, snapshots: [] }),
  }),
  fail("backup/continuous-enabled", "continuous-off", "continuous backup is turned off", {
    damage: damage.set({ pitEnabled: false }),
  }),
  fail("backup/schedule-item", "atlas-default", "the schedule is the one that Atlas gives a new cluster", {
    damage: damage.atlasDefault,
  }),
  fail("backup/continuous-window", "window-short", "continuous backup reaches back two days only", {
    damage: damage.shortWindow,
  }),
  fail("backup/continuous-hourly-item", "hourly-item-missing", "no hourly item carries the continuous window", {
    damage: damage.noHourlyItem,
  }),
  fail(
    "backup/continuous-hourly-item",
    "hourly-retention-short",
    "the hourly item keeps less than the continuous window",
    {
      damage: damage.shortHourlyItem,
    },
  ),
  fail("backup/continuous-coverage", "window-not-covered", "the older half of the continuous window has no snapshot", {
    damage: damage.uncoveredWindow,
  }),
  fail("backup/schedule-item", "no-daily-item", "the schedule has no daily item any more", {
    damage: damage.noMainItem,
  }),
  fail("backup/schedule-item", "retention-short", "the daily item keeps seven days only", {
    damage: damage.shortMainItem,
  }),
  fail("backup/snapshot-age", "stale", "the newest snapshot is three days old", { damage: damage.stale }),
  fail("backup/snapshot-series", "hole", "three days in the middle of the series have no snapshot", {
    damage: damage.hole,
  }),
  fail("backup/snapshot-failed", "failed-last", "the newest snapshot failed", {
    damage: damage.unfinished("failed", HOUR_MS),
  }),
  fail("backup/snapshot-in-progress", "stuck", "a snapshot has been running for nine hours", {
    damage: damage.unfinished("inProgress", 9 * HOUR_MS),
  }),
  fail("backup/snapshot-age", "fallback-only", "all snapshots are fallback ones, which may be inconsistent", {
    damage: damage.every({ kind: "fallback" }),
  }),
  fail("backup/snapshot-age", "on-demand-only", "all snapshots were taken by hand, none by the schedule", {
    damage: damage.every({ kind: "onDemand", frequency: null, itemIds: [] }),
  }),
  fail("backup/snapshot-expiry", "expiry-short", "the newest snapshot expires long before the policy allows", {
    damage: damage.shortExpiry,
  }),
  fail("backup/snapshot-size", "zero-size", "the newest snapshot is empty", { damage: damage.resize(0) }),
  fail("backup/snapshot-size", "size-drop", "the newest snapshot has a fifth of the size of those before", {
    damage: damage.resize(0.2),
  }),
  fail("backup/shards-complete", "shard-missing", "the newest snapshot lacks one of three shards", {
    shape: { layout: "SHARDED" },
    damage: damage.missingShard,
  }),
  fail("backup/copies-configured", "copies-off", "snapshots are no longer copied to another region", {
    damage: damage.noCopySettings,
  }),
  fail("backup/copies-present", "copies-missing", "copies are configured, but no snapshot has one", {
    damage: damage.every({ copies: [] }),
  }),
  fail("backup/copies-oplogs", "copies-oplog-off", "snapshots are copied, the oplog is not", {
    damage: damage.noOplogCopies,
  }),
  fail("backup/copies-configured", "copies-one-zone", "one of two zones is not copied", {
    shape: { layout: "GEOSHARDED" },
    damage: damage.uncopiedZone,
  }),
  fail(
    "backup/copies-oplogs",
    "oplogs-ignored",
    "the oplog is not copied, and a change of that is silently not taken",
    {
      damage: damage.ignoredOplogs,
    },
  ),
  fail(
    "backup/encryption-key",
    "key-changed",
    "the newest snapshots are encrypted with a key that the policy does not know",
    {
      damage: damage.changedKey,
    },
  ),

  unknown("backup/snapshot-age", "future-dated", "the newest snapshots are dated tomorrow", {
    damage: damage.futureDated,
  }),
  unknown("backup/snapshot-age", "unknown-status", "the newest snapshots have a status that nobody knows", {
    damage: damage.newest({ status: "quarantined" }),
  }),
  unknown("backup/snapshot-age", "missing-field", "the newest snapshots do not say when they were taken", {
    damage: damage.newest({ withheld: ["createdAt"] }),
  }),
  unknown("backup/clock-skew", "clock-skew", "Atlas's clock is 20 minutes ahead of ours", {
    dateSkewMs: 20 * MINUTE_MS,
  }),
  unknown("backup/readable", "forbidden-snapshots", "these credentials may not read the snapshots", {
    damage: damage.set({ forbidden: ["snapshots"] }),
  }),
  unknown("backup/readable", "forbidden-schedule", "these credentials may not read the schedule", {
    damage: damage.set({ forbidden: ["schedule"] }),
  }),
  ...ARCHIVE_WORLDS,
  ...ALARM_WORLDS,
  ...SCHEDULE_WORLDS,
];
