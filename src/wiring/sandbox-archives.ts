/** The archives that a policy owes when a world begins, all of them complete: made by the same rules as those of a push. */
import { createHash } from "node:crypto";
import { serialiseManifest } from "../commands/archive-manifest.ts";
import { HOUR_MS, SECOND_MS, shortestMs } from "../core/duration.ts";
import type { ArchivePolicy, DatabasePolicy, Policy } from "../policy/schema.ts";
import { formatKey } from "../rules/archive/keys.ts";
import type { Manifest, ManifestObject } from "../rules/archive/manifest.ts";
import { merkleRoot } from "../rules/archive/merkle.ts";
import { partSizeBytesFor } from "../rules/archive/parts.ts";
import { owedPeriods, type Period, retainUntil } from "../rules/archive/slots.ts";
import { objectId, type SeedObject, tarball } from "../sandbox/sandbox.ts";

/** What a push of a healthy month takes, at most. */
const PUSHED_AFTER_MS = 12 * HOUR_MS;
const BODY_BYTES = 16 * 1024;
/** So that the next push is not told that the line is slow. */
const PUSH_BYTES_PER_SECOND = 80_000_000;

export function seedArchives({ atlas, databases, archives }: Policy, now: Date): readonly SeedObject[] {
  return databases.flatMap((database) => {
    const archive = archives.find(({ name }) => name === database.archive);
    if (archive === undefined) return [];
    return owedPeriods(archive, now).flatMap((period) => {
      const pushedAt = pushedAtOf(archive, period);
      return pushedAt > now ? [] : seedArchive({ projectId: atlas.projectId, database, archive, period, pushedAt });
    });
  });
}

/** Within half a day, and in any case in time. */
function pushedAtOf({ dueWithin }: ArchivePolicy, { endsAt }: Period): Date {
  return new Date(endsAt.getTime() + Math.min(PUSHED_AFTER_MS, shortestMs(dueWithin) / 2));
}

interface Seeding {
  readonly projectId: string;
  readonly database: DatabasePolicy;
  readonly archive: ArchivePolicy;
  readonly period: Period;
  readonly pushedAt: Date;
}

function seedArchive(seeding: Seeding): readonly SeedObject[] {
  const { archive, period, database, pushedAt } = seeding;
  const lock =
    archive.objectLock === "none" ? null : { mode: archive.objectLock, retainUntil: retainUntil(archive, period) };
  const { object, body } = seedBody(seeding);
  const manifest = manifestOf(seeding, lock, object);
  const key = formatKey({ prefix: archive.prefix, database: database.name }, { kind: "manifest", month: period.month });
  const common = {
    bucket: archive.bucket,
    lock: lock === null ? null : { mode: lock.mode, until: lock.retainUntil.toISOString() },
    modifiedAt: pushedAt.toISOString(),
  };
  return [
    {
      ...common,
      key: object.key,
      versionId: versionOf(object.key),
      body,
      storageClass: archive.storageClass,
      isUpload: true,
    },
    {
      ...common,
      key,
      versionId: versionOf(key),
      body: Buffer.from(serialiseManifest(manifest)),
      storageClass: "STANDARD",
      isUpload: false,
    },
  ];
}

function snapshotOf({ projectId, database, period, pushedAt }: Seeding): Manifest["snapshot"] {
  const createdAt = new Date((period.endsAt.getTime() + pushedAt.getTime()) / 2);
  const id = objectId(createdAt.getTime(), projectId, database.cluster, "archived");
  return { id, createdAt, mongodVersion: "8.0.15", isSharded: false };
}

function seedBody(seeding: Seeding): { readonly object: ManifestObject; readonly body: Buffer } {
  const { archive, database, period } = seeding;
  const { lengthBytes, chunks } = tarball(`${database.cluster} ${period.month}`, BODY_BYTES);
  const body = Buffer.concat([...chunks(0, lengthBytes)]);
  const sha256 = hexOf(body);
  const key = formatKey(
    { prefix: archive.prefix, database: database.name },
    { kind: "body", month: period.month, snapshotId: snapshotOf(seeding).id, replicaSet: "atlas-5a4db0-shard-0" },
  );
  const object = {
    key,
    versionId: versionOf(key),
    sizeBytes: lengthBytes,
    partSizeBytes: partSizeBytesFor(lengthBytes),
    partSha256s: [sha256],
    root: merkleRoot([sha256], hash),
    sha256,
    isStructureChecked: true,
  };
  return { object, body };
}

function manifestOf(seeding: Seeding, lock: Manifest["lock"], object: ManifestObject): Manifest {
  const { projectId, database, archive, period, pushedAt } = seeding;
  return {
    version: 1,
    database: database.name,
    cluster: database.cluster,
    clusterId: objectId(0, projectId, database.cluster),
    projectId,
    period: period.month,
    slots: period.slots.map(({ name }) => name),
    snapshot: snapshotOf(seeding),
    via: "download",
    storageClass: archive.storageClass,
    lock,
    objects: [object],
    merkleRoot: merkleRoot([object.root], hash),
    startedAt: new Date(pushedAt.getTime() - Math.ceil((object.sizeBytes * SECOND_MS) / PUSH_BYTES_PER_SECOND)),
    completedAt: pushedAt,
    pushedBy: "sandbox",
    toolVersion: "1.0.0",
  };
}

function versionOf(key: string): string {
  return hexOf(Buffer.from(key)).slice(0, 32);
}

function hash(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function hexOf(bytes: Buffer): string {
  return Buffer.from(hash(bytes)).toString("hex");
}
