/**
 * Facts for the rules, built from plain values. The defaults are healthy, so that a test states only what is wrong.
 * Any field may be given as `GONE`: it could not be read.
 */
import { runChecks } from "../../src/core/check.ts";
import { DAY_MS, HOUR_MS, tryParseDuration } from "../../src/core/duration.ts";
import { OpsError } from "../../src/core/error.ts";
import type { Frequency } from "../../src/core/frequency.ts";
import { known, type NotKnown, notKnown, type Observed } from "../../src/core/observed.ts";
import type { Finding } from "../../src/core/report.ts";
import type { DatabasePolicy } from "../../src/policy/schema.ts";
import type { CopySetting, Schedule, ScheduleItem, Snapshot } from "../../src/ports/atlas.ts";
import { BACKUP_CHECKS } from "../../src/rules/backup/checks.ts";
import type { BackupFacts, ClusterFacts } from "../../src/rules/backup/facts.ts";

export const NOW = new Date("2026-11-22T02:00:00Z");
export const GONE: NotKnown = notKnown(new OpsError("protocol", "this field is gone"));
export const ZONE = "zone-1";
export const REGION = "ap-southeast-1";
export const KEY = "1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a";

/** The ids of the schedule's items, by frequency. */
export const ITEM_IDS = {
  hourly: "item-hourly",
  daily: "item-daily",
  weekly: "item-weekly",
  monthly: "item-monthly",
  yearly: "item-yearly",
} as const satisfies Record<Frequency, string>;

type Given<T> = { readonly [K in keyof T]?: T[K] extends Observed<infer V> ? V | NotKnown : T[K] };

export function ago(ms: number): Date {
  return new Date(NOW.getTime() - ms);
}

export function duration(text: string) {
  const parsed = tryParseDuration(text);
  if (parsed === undefined) throw new Error(`${text} is not a duration`);
  return parsed;
}

export function entry(frequency: Frequency, retain: string, every?: string): DatabasePolicy["snapshots"][number] {
  return { frequency, retain: duration(retain), ...(every === undefined ? {} : { every: duration(every) }) };
}

export function aDatabase(given: Partial<DatabasePolicy> = {}): DatabasePolicy {
  return {
    name: "core",
    cluster: "litally-core",
    protected: false,
    snapshots: [entry("daily", "7d")],
    grace: duration("2h"),
    copies: [],
    ...given,
  };
}

export function aCluster(given: Given<ClusterFacts> = {}): ClusterFacts {
  return observedFields<ClusterFacts>(
    {
      offering: "dedicated",
      name: "litally-core",
      id: known("0123456789abcdef01234567"),
      type: known("REPLICASET"),
      state: known("IDLE"),
      paused: known(false),
      createdAt: known(new Date("2025-01-01T00:00:00Z")),
      backupEnabled: known(true),
      pitEnabled: known(true),
      encryptionAtRestProvider: known("NONE"),
      freeTier: false,
      hosts: known(["litally-core.sandbox.invalid"]),
      nvme: known(false),
      mongodbVersion: known("8.0.16"),
      diskSizeGb: known(80),
      configServerType: known(null),
      regions: known([["ap-south-1"]]),
      shards: known([{ zoneId: ZONE }]),
    },
    given,
  );
}

export function anItem(frequency: Frequency, value: number, given: Given<ScheduleItem> = {}): ScheduleItem {
  return observedFields<ScheduleItem>(
    {
      id: known(ITEM_IDS[frequency]),
      frequency: known(frequency),
      interval: known(frequency === "hourly" ? 6 : 1),
      retention: known({ value, unit: "days" }),
    },
    given,
  );
}

export function aCopySetting(given: Given<CopySetting> = {}): CopySetting {
  return observedFields<CopySetting>(
    {
      region: known(REGION),
      provider: known("AWS"),
      zoneId: known(ZONE),
      copies: known({ by: "frequencies", frequencies: ["daily"] }),
      frequencies: known(["daily"]),
      retentions: known([]),
      copiesOplogs: known(true),
      lastNumberOfSnapshots: known(null),
    },
    given,
  );
}

export function aSchedule(given: Given<Schedule> = {}): Schedule {
  return observedFields<Schedule>(
    {
      policyId: known("policy"),
      items: known([anItem("hourly", 7), anItem("daily", 7)]),
      restoreWindowDays: known(7),
      copySettings: known([aCopySetting()]),
      nextSnapshotAt: known(null),
      referenceTime: known({ hour: 18, minute: 0 }),
      copiesAutomatically: known(false),
      copiesByItems: known(false),
      extraRetention: known([]),
    },
    given,
  );
}

/** A completed snapshot of `frequency`, taken `ageMs` ago and kept seven days, unless told otherwise. */
export function aSnapshot(frequency: Frequency, ageMs: number, given: Given<Snapshot> = {}): Snapshot {
  const { createdAt } = given;
  const at = createdAt instanceof Date ? createdAt : ago(ageMs);
  return observedFields<Snapshot>(
    {
      id: known(`${frequency}-${ageMs / HOUR_MS}h`),
      type: known("replicaSet"),
      status: known("completed"),
      kind: known("scheduled"),
      description: known(null),
      frequency: known(frequency),
      policyItemIds: known([ITEM_IDS[frequency]]),
      createdAt: known(at),
      expiresAt: known(new Date(at.getTime() + 7 * DAY_MS)),
      sizeBytes: known(48_000_000_000),
      copyRegions: known([REGION]),
      masterKeyId: known(null),
      mongodVersion: known("8.0.16"),
      configServerType: known(null),
      members: known(null),
    },
    given,
  );
}

/** One daily snapshot a day, the newest eight hours old. */
export function dailies(count: number, given: Given<Snapshot> = {}): readonly Snapshot[] {
  return Array.from({ length: count }, (_, day) => aSnapshot("daily", day * DAY_MS + 8 * HOUR_MS, given));
}

export function members(...shards: readonly number[]) {
  return shards.map((shard) => ({ id: `member-${shard}`, replicaSetName: `litally-core-shard-${shard}` }));
}

export function facts(
  given: Given<Pick<BackupFacts, "schedule" | "snapshots" | "cluster">> &
    Partial<Pick<BackupFacts, "memberSnapshots" | "since">> & { readonly database?: Partial<DatabasePolicy> } = {},
): BackupFacts {
  const { database, memberSnapshots = null, since = null, ...observed } = given;
  return observedFields<BackupFacts>(
    {
      observedAt: NOW,
      database: aDatabase(database),
      since,
      cluster: known(aCluster()),
      schedule: known(aSchedule()),
      snapshots: known(dailies(7)),
      memberSnapshots,
      clusterNames: ["litally-core", "litally-drill"],
    },
    observed,
  );
}

/** The findings of one check, most often one. */
export function findings(of: BackupFacts, id: string): readonly Finding[] {
  const checks = BACKUP_CHECKS.filter((check) => check.id === `backup/${id}`);
  if (checks.length === 0) throw new Error(`there is no check ${id}`);
  return runChecks(checks, of, "cluster/litally-core");
}

/** Status and message of a check that gives one verdict, as one line. */
export function said(of: BackupFacts, id: string, scope?: string): string {
  const all = findings(of, id).filter((finding) => scope === undefined || finding.scope === scope);
  const [only, ...more] = all;
  if (only === undefined || more.length > 0) throw new Error(`${id} gave ${all.length} verdicts`);
  return `${only.status}: ${only.message}`;
}

function observedFields<T extends object>(defaults: T, given: Given<T>): T {
  const isField = (key: string): boolean => {
    const standing: unknown = Reflect.get(defaults, key);
    return typeof standing === "object" && standing !== null && "known" in standing;
  };
  const fields = Object.entries(given).map(([key, value]) => [
    key,
    isField(key) && !isNotKnown(value) ? known(value) : value,
  ]);
  return { ...defaults, ...Object.fromEntries(fields) };
}

function isNotKnown(value: unknown): boolean {
  return typeof value === "object" && value !== null && "known" in value && value.known === false;
}
