/** Facts before a push: all is well, unless told otherwise. */
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { known, type NotKnown, type Observed } from "../../../src/core/observed.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import type { ExportBucket } from "../../../src/ports/atlas-exports.ts";
import type { BucketSettings, ObjectVersion } from "../../../src/ports/s3.ts";
import { type PushFacts, pushPreconditions } from "../../../src/rules/archive/preconditions.ts";
import { type Period, periodOf } from "../../../src/rules/archive/slots.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { aSnapshot, facts as backups } from "../build.ts";
import { anArchive, aRule, SNAPSHOT_ID } from "./build.ts";

export const MONTH = "2026-10";
export const END = new Date("2026-11-01T00:00:00Z");
/** Two days after the end; five are allowed. */
export const PUSH_AT = new Date("2026-11-03T02:00:00Z");
const ACCOUNT = { accountId: "123456789012", region: "ap-south-1" } as const;

export function aPeriod(archive = anArchive(), month = MONTH): Period {
  const period = periodOf(archive, month);
  if (period === undefined) throw new Error(`${month} closes nothing`);
  return period;
}

/** A good snapshot so long after the end of the period, kept for a month. */
export function taken(afterMs: number, given: Parameters<typeof aSnapshot>[2] = {}): Snapshot {
  const createdAt = new Date(END.getTime() + afterMs);
  return aSnapshot("daily", 0, {
    id: `${SNAPSHOT_ID.slice(0, 16)}${String(afterMs / HOUR_MS).padStart(8, "0")}`,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + 30 * DAY_MS),
    ...given,
  });
}

export function sourceOf(snapshots: readonly Snapshot[] | NotKnown, given: Partial<BackupFacts> = {}): BackupFacts {
  return { ...backups({ snapshots }), observedAt: PUSH_AT, ...given };
}

export function aBucket(given: Partial<BucketSettings> = {}): BucketSettings {
  return {
    region: known("ap-south-1"),
    versioning: known("enabled"),
    objectLock: known({ defaultRetention: null }),
    encryption: known({ algorithm: "AES256", kmsKeyId: null }),
    publicAccessBlocked: known(true),
    lifecycle: known([aRule({ id: "cleaning", abortUploadsAfterDays: 7 })]),
    ...given,
  };
}

export function anExportBucket(id: string, region: Observed<string | null> = known("ap-south-1")): ExportBucket {
  return { id: known(id), bucket: known(`${id}-bucket`), provider: known("AWS"), region };
}

export function aStored(key: string, given: Partial<ObjectVersion> = {}): ObjectVersion {
  return {
    key,
    versionId: "v-1",
    isLatest: true,
    isDeleteMarker: false,
    lastModifiedAt: new Date("2026-11-02T01:20:00Z"),
    sizeBytes: 40_000_000,
    storageClass: "DEEP_ARCHIVE",
    etag: '"e"',
    ...given,
  };
}

export function aPush(given: Partial<PushFacts> = {}, settings: Partial<BucketSettings> = {}): PushFacts {
  return {
    archive: anArchive(),
    aws: ACCOUNT,
    identity: known({ accountId: ACCOUNT.accountId, arn: "arn:aws:iam::123456789012:user/ops" }),
    bucket: known(aBucket(settings)),
    key: known(null),
    source: sourceOf([taken(-8 * HOUR_MS), taken(16 * HOUR_MS), taken(40 * HOUR_MS)]),
    period: aPeriod(given.archive),
    road: { via: "auto", past: [], exportBuckets: known([]), exportBucketId: null },
    versions: known([]),
    uploads: known([]),
    ...given,
  };
}

/** Status and message of one check. */
export function said(facts: PushFacts, id: string): string {
  const [only, ...more] = pushPreconditions(facts, "s").filter(({ check }) => check === `archive/${id}`);
  if (more.length > 0) throw new Error(`${id} gave several verdicts`);
  return only === undefined ? "nothing" : `${only.status}: ${only.message}`;
}
