/** An archive that is still to be written, as far as it is known before, under the rules of its bucket. */
import type { Verdict } from "../../core/report.ts";
import { unknown } from "../../core/verdict.ts";
import { type BucketFacts, ofBucket } from "./bucket.ts";
import { judgeKept, type KeptObject } from "./kept.ts";
import { keysToBe, type Place } from "./keys.ts";
import type { KeptVersion } from "./lifecycle.ts";
import { type Period, retainUntil } from "./slots.ts";

export interface ArchiveToBe {
  readonly place: Place;
  readonly period: Period;
  /** When it is written. */
  readonly createdAt: Date;
  /** What any of its data may have; null: any size. */
  readonly sizesBytes: readonly (number | null)[];
}

/** Whether the rules leave it alone for as long as it must be kept. A push writes no others where they do not. */
export function judgeToBe(facts: BucketFacts, toBe: ArchiveToBe): Verdict {
  const rules = ofBucket(facts, (settings) => settings.lifecycle);
  const versioning = ofBucket(facts, (settings) => settings.versioning);
  if (!rules.known) return unknown(rules.reason);
  if (!versioning.known) return unknown(versioning.reason);
  const prefixes = rules.value.map(({ prefix }) => prefix);
  const until = retainUntil(facts.archive, toBe.period);
  return judgeKept(objectsToBe(facts, toBe, prefixes), rules.value, versioning.value, until);
}

/** The manifest, and data of each of the sizes. */
function objectsToBe(
  { archive }: BucketFacts,
  { place, period, createdAt, sizesBytes }: ArchiveToBe,
  prefixes: readonly string[],
): readonly KeptObject[] {
  const { manifestKey, dataKeys } = keysToBe(place, period.month, prefixes);
  const version = (key: string, storageClass: string, sizeBytes: number | null): KeptVersion => ({
    key,
    sizeBytes,
    storageClass,
    tags: {},
    createdAt,
    isNullVersion: false,
    noncurrentSince: null,
    newerNoncurrent: 0,
    lockedUntil: archive.objectLock === "none" ? null : retainUntil(archive, period),
  });
  return [
    { role: "manifest", version: version(manifestKey, "STANDARD", null) },
    ...dataKeys.flatMap((key) =>
      sizesBytes.map((size) => ({ role: "data" as const, version: version(key, archive.storageClass, size) })),
    ),
  ];
}
