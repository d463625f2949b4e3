/**
 * What S3 still holds of archives that nobody can restore as they stand: versions under a delete marker, versions that others
 * replaced, objects without their manifest. No slot is filled by them; a promise to delete is broken by them all the same.
 */
import type { ObjectVersion } from "../../ports/s3.ts";
import { parseKey } from "../archive/keys.ts";
import { type KeptVersion, lifecycleOf } from "../archive/lifecycle.ts";
import { endOf, periodOf, retainUntil } from "../archive/slots.ts";
import { placeOf as folderOf, versionsOf } from "../archive/verify-facts.ts";
import type { ArchiveRetentionFacts } from "./facts.ts";
import type { RestorePoint } from "./model.ts";
import { archivePlace } from "./supply-archives.ts";
import type { Reading } from "./supply-snapshots.ts";

/** One for each month of which something is held besides `points`, with the longest life that the reading allows. */
export function heldBesides(
  facts: ArchiveRetentionFacts,
  points: readonly RestorePoint[],
  reading: Reading,
): readonly RestorePoint[] {
  const { archive, series, bucket } = facts;
  if (!series.versions.known || !bucket.known || bucket.value === null) return [];
  const { lifecycle: rules, versioning } = bucket.value;
  if (!rules.known || !versioning.known) return [];
  const whole = new Set(points.flatMap(({ month, isSeen }) => (month !== undefined && isSeen ? [month] : [])));
  const all = series.versions.value;
  const besides = all.filter(({ key, isLatest, isDeleteMarker }) => {
    const month = monthOf(facts, key);
    return month !== undefined && !isDeleteMarker && !(isLatest && whole.has(month));
  });
  const byMonth = Map.groupBy(besides, ({ key }) => monthOf(facts, key) ?? "");
  return [...byMonth].map(([month, versions]) => {
    const ends = versions.map((version) => {
      const events = lifecycleOf(keptVersion(facts, version, month, reading), rules.value, versioning.value);
      const end = events.find(({ kind, isCertain }) => kind === "deletes" && (isCertain || reading === "pessimistic"));
      return end?.earliestAt.getTime() ?? Number.POSITIVE_INFINITY;
    });
    const untilMs = Math.max(...ends);
    return {
      id: `leftovers of archive ${month}`,
      kind: "archive",
      tier: `archive ${archive.name}, not restorable`,
      dataMs: endOf(month).getTime(),
      fromMs: Math.min(...versions.map(({ lastModifiedAt }) => lastModifiedAt.getTime())),
      untilMs,
      removedBy: untilMs === Number.POSITIVE_INFINITY ? null : "the rules of its bucket",
      place: archivePlace(facts, []),
      stages: [],
      isSeen: true,
      month,
    };
  });
}

/** Of what holds data alone. */
function monthOf({ series }: ArchiveRetentionFacts, key: string): string | undefined {
  const parsed = parseKey(folderOf(series), key);
  return parsed?.kind === "body" || parsed?.kind === "export" ? parsed.month : undefined;
}

/** Nobody asks S3 for the lock of a version that is not current: it may be the one that the policy wants. */
function keptVersion(
  { archive, series: { versions } }: ArchiveRetentionFacts,
  version: ObjectVersion,
  month: string,
  reading: Reading,
): KeptVersion {
  const ofKey = versions.known ? versionsOf(versions.value, version.key) : [];
  const newer = ofKey.slice(0, ofKey.indexOf(version));
  const period = periodOf(archive, month);
  const mayBeLocked = archive.objectLock !== "none" && period !== undefined && reading === "optimistic";
  return {
    key: version.key,
    sizeBytes: version.sizeBytes,
    storageClass: version.storageClass ?? "STANDARD",
    tags: null,
    createdAt: version.lastModifiedAt,
    isNullVersion: version.versionId === "null",
    noncurrentSince: newer.at(-1)?.lastModifiedAt ?? null,
    newerNoncurrent: newer.filter(({ isLatest, isDeleteMarker }) => !isLatest && !isDeleteMarker).length,
    lockedUntil: mayBeLocked ? retainUntil(archive, period) : null,
  };
}
