import type { Observed } from "../../core/observed.ts";
import { type Tri, tri } from "../../core/tri.ts";
import type { ClusterType, Shard, Snapshot, SnapshotMember } from "../../ports/atlas.ts";

/**
 * Whether a snapshot of a sharded cluster holds every shard. The newest unit must match the shards of today exactly,
 * for it can be restored to no other topology. An older one may hold fewer, if the cluster had fewer then, but never
 * fewer than the most that any unit before it held (the oldest: than the one after it). A dedicated config server is a
 * member too and counts as none of the shards.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/restore-overview/
 */
export function wholeUnit(
  snapshots: readonly Snapshot[],
  type: Observed<ClusterType>,
  shards: Observed<readonly Shard[]>,
): (snapshot: Snapshot) => Tri {
  if (type.known && type.value === "REPLICASET") return () => "yes";
  if (!type.known || !shards.known) return () => "maybe";
  const { wanted, newest } = wantedShards(snapshots, shards.value.length);
  return (snapshot) => {
    const held = shardCount(snapshot);
    const due = wanted.get(snapshot);
    if (held === null || due === undefined) return "maybe";
    return tri(snapshot === newest ? held === due : held >= due);
  };
}

/** How many shards a unit holds; null when that cannot be read. */
export function shardCount(snapshot: Snapshot): number | null {
  if (!snapshot.members.known || snapshot.members.value === null) return null;
  return new Set(snapshot.members.value.filter(isShard).map((member) => member.replicaSetName)).size;
}

function isShard(member: SnapshotMember): boolean {
  return !/(^|-)config(-|$)/.test(member.replicaSetName);
}

interface Wanted {
  /** For each dated unit the number of shards it must hold. */
  readonly wanted: ReadonlyMap<Snapshot, number>;
  readonly newest: Snapshot | undefined;
}

function wantedShards(snapshots: readonly Snapshot[], today: number): Wanted {
  const dated = snapshots
    .flatMap((snapshot) => (snapshot.createdAt.known ? [{ snapshot, at: snapshot.createdAt.value.getTime() }] : []))
    .sort((a, b) => a.at - b.at)
    .map(({ snapshot }) => snapshot);
  const newest = dated.findLast(({ status }) => status.known && status.value === "completed");
  const wanted = new Map<Snapshot, number>();
  let most = dated[1] === undefined ? 1 : (shardCount(dated[1]) ?? 1);
  for (const snapshot of dated) {
    most = Math.max(most, shardCount(snapshot) ?? 0);
    wanted.set(snapshot, Math.min(most, today));
  }
  if (newest !== undefined) wanted.set(newest, today);
  return { wanted, newest };
}
