/**
 * What a target is, in a form that two looks at it, hours apart, can be held side by side: a plan is carried out only
 * onto the target that it was made for.
 */
import { OpsError } from "../../core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import type { ClusterFacts } from "../backup/facts.ts";
import { type RestoreFacts, type TargetFacts, theTarget } from "./facts.ts";

const FIELDS = [
  "projectId",
  "name",
  "id",
  "createdAt",
  "type",
  "shards",
  "diskSizeGb",
  "version",
  "state",
  "newestSnapshotId",
] as const;
type FingerprintField = (typeof FIELDS)[number];

/** Each field as text; `none` for what Atlas does not name. */
export type Fingerprint = { readonly [field in FingerprintField]: string };

export interface FingerprintDifference {
  readonly field: FingerprintField;
  readonly planned: string;
  readonly now: string;
}

const NONE = "none";

/** The target as it is now; not known where any part of it cannot be read. */
export function targetFingerprint(facts: RestoreFacts): Observed<Fingerprint> {
  const cluster = theTarget(facts);
  if (!cluster.known) return cluster;
  const own = clusterFields(cluster.value);
  const newest = newestSnapshotId(facts.target, cluster.value);
  if (!own.known) return own;
  return mapObserved(newest, (newestSnapshotId) => ({
    projectId: facts.request.targetProjectId,
    ...own.value,
    newestSnapshotId,
  }));
}

/** What a cluster tells of itself. */
export function clusterFields(cluster: ClusterFacts): Observed<Omit<Fingerprint, "projectId" | "newestSnapshotId">> {
  const { name, id, createdAt, type, shards, diskSizeGb, mongodbVersion, state } = cluster;
  if (!id.known) return id;
  if (!createdAt.known) return createdAt;
  if (!type.known) return type;
  if (!shards.known) return shards;
  if (!diskSizeGb.known) return diskSizeGb;
  if (!mongodbVersion.known) return mongodbVersion;
  if (!state.known) return state;
  return known({
    name,
    id: id.value,
    createdAt: createdAt.value.toISOString(),
    type: type.value,
    shards: String(shards.value.length),
    diskSizeGb: diskSizeGb.value === null ? NONE : String(diskSizeGb.value),
    version: mongodbVersion.value ?? NONE,
    state: state.value,
  });
}

/** What has changed between two looks, in a fixed order. */
export function fingerprintDifferences(planned: Fingerprint, now: Fingerprint): readonly FingerprintDifference[] {
  return FIELDS.flatMap((field) =>
    planned[field] === now[field] ? [] : [{ field, planned: planned[field], now: now[field] }],
  );
}

/** A snapshot that cannot be read could be the newest; a cluster without backups has none to read. */
function newestSnapshotId({ snapshots }: TargetFacts, { backupEnabled }: ClusterFacts): Observed<string> {
  if (!snapshots.known) return backupEnabled.known && !backupEnabled.value ? known(NONE) : snapshots;
  let newest: { readonly id: string; readonly at: Date } | undefined;
  for (const snapshot of snapshots.value) {
    const { id, createdAt } = snapshot;
    if (!id.known || !createdAt.known) return unreadable(snapshot);
    const at = createdAt.value;
    if (newest === undefined || at > newest.at || (at.getTime() === newest.at.getTime() && id.value > newest.id))
      newest = { id: id.value, at };
  }
  return known(newest?.id ?? NONE);
}

function unreadable({ id }: Snapshot): Observed<string> {
  const name = id.known ? id.value : "without a readable id";
  return notKnown(new OpsError("protocol", `which snapshot of the target is the newest cannot be read: see ${name}`));
}
