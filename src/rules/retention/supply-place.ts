/** Where snapshots and their copies lie, and what they are lost with: regions, the cluster, its project, the key that they are under. */
import { OpsError } from "../../core/error.ts";
import { notKnown, type Observed } from "../../core/observed.ts";
import { type BackupFacts, ofCluster } from "../backup/facts.ts";
import { isDated, restorePoints } from "../backup/points.ts";
import type { Domain, Place } from "./model.ts";
import type { Reader, SnapshotSupply } from "./supply-snapshots.ts";

/** Where what is made from now on lies, and what it is made from: https://www.mongodb.com/docs/atlas/backup/cloud-backup/overview/ */
export function homeOf({ backup, projectId }: SnapshotSupply, read: Reader): Place {
  const home = {
    label: "a region that could not be read",
    domains: [
      { kind: "cluster", name: backup.database.cluster },
      { kind: "account", name: `atlas:${projectId}` },
    ],
  } as const;
  const regions = homeRegions(backup, read);
  return underKey(regions.length === 0 ? home : inRegions(home, regions), currentKey(backup, read));
}

/** That of every shard: who loses one of them loses a part of each snapshot. */
function homeRegions(backup: BackupFacts, read: Reader): readonly string[] {
  const byShard = read.of(ofCluster(backup, (cluster) => cluster.regions));
  if (byShard === undefined) return [];
  const first = byShard.map(([highest]) => highest).filter((region) => region !== undefined);
  if (first.length < byShard.length || first.length === 0)
    read.of(missing("the cluster names no region that its snapshots lie in"));
  return [...new Set(first)].sort();
}

export function inRegion(place: Place, region: string): Place {
  return inRegions(place, [region]);
}

function inRegions({ domains }: Place, regions: readonly string[]): Place {
  const named = regions.map((name): Domain => ({ kind: "region", name }));
  return { label: regions.join(" and "), domains: [...named, ...domains.filter(({ kind }) => kind !== "region")] };
}

export function underKey({ label, domains }: Place, keyId: string | null): Place {
  const key: readonly Domain[] = keyId === null ? [] : [{ kind: "key", name: keyId }];
  return { label, domains: [...domains.filter(({ kind }) => kind !== "key"), ...key] };
}

/** That of the newest snapshot: Atlas tells a customer's key with each, and of the cluster only that there is one. */
function currentKey(backup: BackupFacts, read: Reader): string | null {
  const provider = read.of(ofCluster(backup, ({ encryptionAtRestProvider }) => encryptionAtRestProvider));
  if (provider === "NONE" || !backup.snapshots.known) return null;
  const newest = restorePoints(backup, backup.snapshots.value).findLast(
    (point) => isDated(point) && point.good !== "no",
  );
  const keyId = newest === undefined ? null : (read.of(newest.snapshot.masterKeyId) ?? null);
  if (keyId === null && provider !== null)
    read.of(missing("which of the customer's keys the next snapshots will be under, no snapshot tells"));
  return keyId;
}

function missing(words: string): Observed<never> {
  return notKnown(new OpsError("protocol", words));
}
