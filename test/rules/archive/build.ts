/** Policies, places and manifests of archives for tests: healthy unless told otherwise. */
import { createHash } from "node:crypto";
import type { ArchivePolicy } from "../../../src/policy/schema.ts";
import type { LifecycleRule } from "../../../src/ports/s3.ts";
import type { Manifest, ManifestObject } from "../../../src/rules/archive/manifest.ts";
import { merkleRoot } from "../../../src/rules/archive/merkle.ts";
import { duration } from "../build.ts";

export const PLACE = { prefix: "atlas/", database: "core" } as const;
export const SNAPSHOT_ID = "5f0e1d2c3b4a59687786950a";

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function slot(frequency: ArchivePolicy["slots"][number]["frequency"], retain = "5y") {
  return { frequency, retain: duration(retain) };
}

export function anArchive(given: Partial<ArchivePolicy> = {}): ArchivePolicy {
  return {
    name: "financial",
    bucket: "litally-archive",
    prefix: "atlas/",
    storageClass: "DEEP_ARCHIVE",
    objectLock: "COMPLIANCE",
    slots: [slot("monthly"), slot("quarterly"), slot("yearly")],
    since: "2026-01",
    dueWithin: duration("5d"),
    ...given,
  };
}

export function anObject(given: Partial<ManifestObject> = {}): ManifestObject {
  const partSha256s = given.partSha256s ?? [digest("one"), digest("two"), digest("three")];
  return {
    key: `atlas/core/2026-10/${SNAPSHOT_ID}/atlas-x1-shard-0.tar.gz`,
    versionId: "v-body",
    sizeBytes: 40_000_000,
    partSizeBytes: 16_000_000,
    partSha256s,
    root: merkleRoot(partSha256s, sha256),
    sha256: digest("whole"),
    isStructureChecked: true,
    ...given,
  };
}

export function aManifest(given: Partial<Manifest> = {}): Manifest {
  const objects = given.objects ?? [anObject()];
  return {
    version: 1,
    database: "core",
    cluster: "litally-core",
    clusterId: "0123456789abcdef01234567",
    projectId: "a0a0a0a0a0a0a0a0a0a0a0a0",
    period: "2026-10",
    slots: ["2026-10"],
    snapshot: {
      id: SNAPSHOT_ID,
      createdAt: new Date("2026-11-01T18:04:00Z"),
      mongodVersion: "8.0.16",
      isSharded: false,
    },
    via: "download",
    storageClass: "DEEP_ARCHIVE",
    lock: { mode: "COMPLIANCE", retainUntil: new Date("2031-11-01T00:00:00Z") },
    objects,
    merkleRoot: merkleRoot(
      objects.map(({ root }) => root),
      sha256,
    ),
    startedAt: new Date("2026-11-02T01:00:00Z"),
    completedAt: new Date("2026-11-02T01:20:00Z"),
    pushedBy: "ops@runner-7",
    toolVersion: "0.1.0",
    ...given,
  };
}

export function aRule(given: Partial<LifecycleRule> = {}): LifecycleRule {
  return {
    id: "rule-1",
    enabled: true,
    prefix: "",
    tags: {},
    largerThanBytes: null,
    smallerThanBytes: null,
    expiration: null,
    expiresDeleteMarkers: false,
    noncurrentExpiration: null,
    transitions: [],
    noncurrentTransitions: [],
    abortUploadsAfterDays: null,
    ...given,
  };
}
