/**
 * What an archive is: the objects of one snapshot and the manifest that names them all. It is written last, and an archive
 * without it does not count. Its published form is config/archive-manifest.schema.json.
 */
import type { Lock, StorageClass } from "../../ports/s3.ts";

export const MANIFEST_VERSION = 1;

export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly database: string;
  readonly cluster: string;
  readonly clusterId: string;
  readonly projectId: string;
  /** The month whose end it closes: `2026-12`. */
  readonly period: string;
  /** All that it fills: `2026-12`, `2026-Q4`, `2026`. */
  readonly slots: readonly string[];
  readonly snapshot: ManifestSnapshot;
  readonly via: Road;
  readonly storageClass: StorageClass;
  readonly lock: Lock | null;
  readonly objects: readonly ManifestObject[];
  /** Over the roots of the objects, in their order. */
  readonly merkleRoot: string;
  readonly startedAt: Date;
  readonly completedAt: Date;
  /** Who pushed it: a run's address, or user and machine. */
  readonly pushedBy: string;
  readonly toolVersion: string;
}

export const ROADS = ["download", "export"] as const;
export type Road = (typeof ROADS)[number];

interface ManifestSnapshot {
  readonly id: string;
  readonly createdAt: Date;
  /** null where Atlas did not say. */
  readonly mongodVersion: string | null;
  readonly isSharded: boolean;
}

export interface ManifestObject {
  readonly key: string;
  /** null: the bucket kept no versions. */
  readonly versionId: string | null;
  readonly sizeBytes: number;
  /** All parts but the last are as long as this. */
  readonly partSizeBytes: number;
  /** SHA-256 of each part, in order, as 64 hexadecimal digits. */
  readonly partSha256s: readonly string[];
  /** Merkle root over the parts. */
  readonly root: string;
  /** Of the whole; null where no one run saw every byte. */
  readonly sha256: string | null;
  /** Whether gzip and tar were followed from the first byte to the last on the way. */
  readonly isStructureChecked: boolean;
}
