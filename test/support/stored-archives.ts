/** Archives as a push leaves them, put straight into a world's S3. */
import { createHash } from "node:crypto";
import { serialiseManifest } from "../../src/commands/archive-manifest.ts";
import type { Context } from "../../src/commands/context.ts";
import type { StorageClass } from "../../src/ports/s3.ts";
import type { Manifest, ManifestObject } from "../../src/rules/archive/manifest.ts";
import { merkleRoot } from "../../src/rules/archive/merkle.ts";

export const BUCKET = "litally-archive";
export const PERIOD = "2026-06";
const SNAPSHOT_ID = "66f0c2a5b3d94e0012ab34cd";
const FOLDER = `atlas/core/${PERIOD}/`;
const PART_BYTES = 1000;

const bytes = (data: Uint8Array) => createHash("sha256").update(data).digest();
const hex = (text: string) => bytes(Buffer.from(text)).toString("hex");

/** Owes nothing yet, so that the world begins without any archive. */
export function policyIn(region = "ap-south-1"): string {
  return `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "111122223333", region: ${region} }
databases:
  - name: core
    cluster: litally-core
    snapshots: [{ frequency: daily, retain: 30d }]
    archive: financial
  - name: reports
    cluster: litally-reports
    snapshots: [{ frequency: daily, retain: 30d }]
archives:
  - name: financial
    bucket: ${BUCKET}
    prefix: atlas/
    storageClass: DEEP_ARCHIVE
    objectLock: none
    slots: [{ frequency: monthly, retain: 5y }, { frequency: quarterly, retain: 7y }]
    since: 2026-11
    dueWithin: 5d
`;
}

export interface ArchiveGiven {
  /** By their names in the archive: what is stored. Absent: two of a sharded cluster. */
  readonly bodies?: Readonly<Record<string, string>>;
  readonly storageClass?: StorageClass;
  readonly partBytes?: number;
  /** What the manifest says beyond what is true. */
  readonly lie?: (manifest: Manifest) => Manifest;
}

/** A text of many parts, another for each seed. */
export function aBody(seed: string, length = 4500): string {
  return hex(seed)
    .repeat(Math.ceil(length / 64))
    .slice(0, length);
}

export const SHARD_0 = `${SNAPSHOT_ID}/rs-0.tar.gz`;
export const SHARD_1 = `${SNAPSHOT_ID}/rs-1.tar.gz`;
export const BODIES = { [SHARD_0]: aBody("one"), [SHARD_1]: aBody("another", 2000) };

export async function storeArchive(context: Pick<Context, "s3">, given: ArchiveGiven = {}): Promise<Manifest> {
  const { bodies = BODIES, storageClass = "DEEP_ARCHIVE", lie = (manifest) => manifest } = given;
  const s3 = await context.s3();
  const put = (name: string, text: string, kept: StorageClass) =>
    s3.putText({
      ...{ bucket: BUCKET, key: `${FOLDER}${name}`, text, contentType: "application/octet-stream" },
      ...{ storageClass: kept, lock: null, condition: "absent" },
    });
  const objects: ManifestObject[] = [];
  for (const [name, text] of Object.entries(bodies)) {
    const stored = await put(name, text, storageClass);
    const { versionId } = stored === "taken" ? { versionId: null } : stored;
    objects.push(describe(`${FOLDER}${name}`, text, versionId, given.partBytes));
  }
  const manifest = lie({
    ...{ version: 1, database: "core", cluster: "litally-core", clusterId: "c", projectId: "5a4db0c5a4db0c5a4db0c5a4" },
    ...{ period: PERIOD, slots: [PERIOD, "2026-Q2"], via: "download", storageClass, lock: null, objects },
    snapshot: { id: SNAPSHOT_ID, createdAt: new Date("2026-07-01T02:00:00Z"), mongodVersion: "8.0.4", isSharded: true },
    merkleRoot: rootOver(objects),
    startedAt: new Date("2026-07-01T03:00:00Z"),
    completedAt: new Date("2026-07-01T04:00:00Z"),
    ...{ pushedBy: "anna@build-7", toolVersion: "1.0.0" },
  });
  await put("manifest.json", serialiseManifest(manifest), "STANDARD");
  return manifest;
}

export function rootOver(objects: readonly ManifestObject[]): string {
  return merkleRoot(
    objects.map(({ root }) => root),
    bytes,
  );
}

export function describe(key: string, text: string, versionId: string | null, partBytes = PART_BYTES): ManifestObject {
  const parts = Array.from({ length: Math.ceil(text.length / partBytes) }, (_, index) =>
    hex(text.slice(index * partBytes, (index + 1) * partBytes)),
  );
  return {
    ...{ key, versionId, sizeBytes: text.length, partSizeBytes: partBytes, partSha256s: parts },
    ...{ root: merkleRoot(parts, bytes), sha256: hex(text), isStructureChecked: true },
  };
}
