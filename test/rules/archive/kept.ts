/** Archives as they stand in their bucket: all is well, unless told otherwise. */

import { HOUR_MS } from "../../../src/core/duration.ts";
import { known, type Observed } from "../../../src/core/observed.ts";
import type { Finding } from "../../../src/core/report.ts";
import type { KeyState } from "../../../src/ports/keys.ts";
import type { LifecycleRule, ObjectAttributes, ObjectHead, ObjectPart, ObjectVersion } from "../../../src/ports/s3.ts";
import type { Manifest, ManifestObject } from "../../../src/rules/archive/manifest.ts";
import { compositeOf } from "../../../src/rules/archive/merkle.ts";
import { owedPeriods, type Period, retainUntil } from "../../../src/rules/archive/slots.ts";
import { verifyArchives } from "../../../src/rules/archive/verify.ts";
import type { StoredObject, VerifyFacts } from "../../../src/rules/archive/verify-facts.ts";
import { aDatabase } from "../build.ts";
import { aManifest, anArchive, anObject, SNAPSHOT_ID, sha256 } from "./build.ts";

/** January to October are owed and due; November is owed, and not due yet. */
export const NOW = new Date("2026-12-03T02:00:00Z");

/** One archive of a period, with everything that S3 says of it; a test changes what it needs. */
export interface Standing {
  manifest: Manifest;
  versions: ObjectVersion[];
  objects: Map<string, StoredObject>;
}

export function manifestKey(month: string): string {
  return `atlas/core/${month}/manifest.json`;
}

export function bodyKey(month: string, shard = 0): string {
  return `atlas/core/${month}/${SNAPSHOT_ID}/atlas-x1-shard-${shard}.tar.gz`;
}

export function aStanding(archive: VerifyFacts["archive"], period: Period, given: Partial<Manifest> = {}): Standing {
  const { month, endsAt, slots } = period;
  const at = (hours: number) => new Date(endsAt.getTime() + hours * HOUR_MS);
  const until = retainUntil(archive, period);
  const lock = archive.objectLock === "none" ? null : { mode: archive.objectLock, retainUntil: until };
  const manifest = aManifest({
    period: month,
    slots: slots.map(({ name }) => name),
    snapshot: { ...aManifest().snapshot, createdAt: at(18) },
    storageClass: archive.storageClass,
    lock,
    objects: [anObject({ key: bodyKey(month), versionId: `body-${month}` })],
    startedAt: at(24),
    completedAt: at(25),
    ...given,
  });
  const versions = [
    aVersion(manifestKey(month), {
      versionId: `manifest-${month}`,
      lastModifiedAt: at(25),
      storageClass: "STANDARD",
      sizeBytes: 4000,
    }),
    aVersion(`atlas/core/${month}/push.json`, { lastModifiedAt: at(24), storageClass: "STANDARD" }),
    ...manifest.objects.map(({ key, versionId, sizeBytes }) =>
      aVersion(key, {
        versionId: versionId ?? "null",
        sizeBytes,
        lastModifiedAt: at(24.5),
        storageClass: archive.storageClass,
      }),
    ),
  ];
  const headOf = (version: ObjectVersion, storageClass: ObjectHead["storageClass"]): ObjectHead => ({
    versionId: version.versionId,
    sizeBytes: version.sizeBytes ?? 0,
    etag: '"e"',
    lastModifiedAt: version.lastModifiedAt,
    storageClass,
    lock: known(lock),
    thaw: known(null),
    kmsKeyArn: known(null),
    metadata: {},
  });
  const objects = new Map<string, StoredObject>(
    versions.flatMap((version): [string, StoredObject][] => {
      const object = manifest.objects.find(({ key }) => key === version.key);
      if (object !== undefined)
        return [
          [
            version.key,
            { head: known(headOf(version, known(archive.storageClass))), attributes: known(attributesOf(object)) },
          ],
        ];
      return version.key === manifestKey(month)
        ? [[version.key, { head: known(headOf(version, known("STANDARD"))), attributes: null }]]
        : [];
    }),
  );
  return { manifest, versions, objects };
}

/** Its key, as S3 names it. */
export function underKey(stored: StoredObject, arn: string): StoredObject {
  const { head } = stored;
  if (!head.known) throw new Error("there is no head");
  return { ...stored, head: known({ ...head.value, kmsKeyArn: known(arn) }) };
}

export function aKey(arn: string, given: Partial<KeyState> = {}): KeyState {
  return { arn, state: "Enabled", deletionAt: null, isManagedByAws: false, isSymmetric: true, ...given };
}

export function attributesOf({
  sizeBytes,
  partSizeBytes,
  partSha256s,
}: ManifestObject): ObjectAttributes & { readonly parts: readonly ObjectPart[] } {
  return {
    sizeBytes,
    checksum: { sha256: compositeOf(partSha256s, sha256), kind: "composite", parts: partSha256s.length },
    parts: partSha256s.map((partSha256, index) => ({
      number: index + 1,
      sizeBytes: Math.min(partSizeBytes, sizeBytes - index * partSizeBytes),
      sha256: partSha256,
    })),
  };
}

export function aVersion(key: string, given: Partial<ObjectVersion> = {}): ObjectVersion {
  return {
    key,
    versionId: "v-1",
    isLatest: true,
    isDeleteMarker: false,
    lastModifiedAt: new Date("2026-11-02T01:00:00Z"),
    sizeBytes: 1000,
    storageClass: "DEEP_ARCHIVE",
    etag: '"e"',
    ...given,
  };
}

export function marker(key: string): ObjectVersion {
  return aVersion(key, { versionId: "gone", isDeleteMarker: true, sizeBytes: null, storageClass: null, etag: null });
}

interface Given extends Partial<Omit<VerifyFacts, "bucket">> {
  readonly rules?: readonly LifecycleRule[];
  /** Changes what stands of a month before the facts are made; null: nothing stands. */
  readonly change?: (standing: Standing, month: string) => Standing | null;
}

/** All archives that are owed and due. */
export function standingFacts({ rules = [], change = (standing) => standing, ...given }: Given = {}): VerifyFacts {
  const archive = given.archive ?? anArchive();
  const observedAt = given.observedAt ?? NOW;
  const made = owedPeriods(archive, observedAt)
    .filter(({ dueAt }) => dueAt < observedAt)
    .flatMap((period) => {
      const standing = change(aStanding(archive, period), period.month);
      return standing === null ? [] : [{ month: period.month, standing }];
    });
  const complete = (standing: Standing, month: string) =>
    standing.versions.some(
      ({ key, isLatest, isDeleteMarker }) => key === manifestKey(month) && isLatest && !isDeleteMarker,
    );
  return {
    observedAt,
    archive,
    database: aDatabase(),
    projectId: "a0a0a0a0a0a0a0a0a0a0a0a0",
    bucket: known({ lifecycle: known(rules), versioning: known("enabled") }),
    versions: known(made.flatMap(({ standing }) => standing.versions)),
    uploads: known([]),
    manifests: new Map(
      made.flatMap(({ month, standing }): [string, Observed<Manifest>][] =>
        complete(standing, month) ? [[month, known(standing.manifest)]] : [],
      ),
    ),
    objects: new Map(made.flatMap(({ standing }) => [...standing.objects])),
    keys: new Map(),
    sha256,
    deep: null,
    ...given,
  };
}

/** Changes what stands of October alone. */
export function october(change: (standing: Standing) => Standing | null) {
  return (standing: Standing, month: string) => (month === "2026-10" ? change(standing) : standing);
}

/** What is not well, as `fail archive/lock 2026-10: ...`. */
export function troubles(facts: VerifyFacts): readonly string[] {
  return verifyArchives(facts)
    .filter(({ status }) => status !== "pass")
    .map(
      ({ status, check, subject, message }) =>
        `${status} ${check} ${subject.replace(/^archive\/financial\/core\/?/, "") || "all"}: ${message}`,
    );
}

export function of(facts: VerifyFacts, check: string, slot: string): Finding | undefined {
  return verifyArchives(facts).find(
    (finding) => finding.check === `archive/${check}` && finding.subject.endsWith(`/core/${slot}`),
  );
}
