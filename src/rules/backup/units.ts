import type { Tri } from "../../core/tri.ts";
import type { Observed } from "../../core/observed.ts";
import type { ClusterType, Shard, Snapshot, SnapshotMember } from "../../ports/atlas.ts";

/**
 * Whether a snapshot of a sharded cluster holds every shard. The newest unit must match the shards of today; an older
 * one may hold fewer, if the cluster had fewer then, but never fewer than the most that any unit before it held.
 * A dedicated config server is a member too and counts as none of the shards.
 */
export function wholeUnit(
  snapshots: readonly Snapshot[],
  type: Observed<ClusterType>,
  shards: Observed<readonly Shard[]>,
): (snapshot: Snapshot) => Tri {
  if (type.known && type.value === "REPLICASET") return () => "yes";
  if (!type.known || !shards.known) return () => "maybe";
  const wanted = wantedShards(snapshots, shards.value.length);
  return (snapshot) => {
    const held = shardCount(snapshot);
    const due = wanted.get(snapshot);
    if (held === null || due === undefined) return "maybe";
    return held >= due ? "yes" : "no";
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

/** For each unit the number of shards it must hold, oldest first. */
function wantedShards(snapshots: readonly Snapshot[], today: number): ReadonlyMap<Snapshot, number> {
  const dated = snapshots
    .flatMap((snapshot) => (snapshot.createdAt.known ? [{ snapshot, at: snapshot.createdAt.value.getTime() }] : []))
    .sort((a, b) => a.at - b.at);
  const wanted = new Map<Snapshot, number>();
  let most = 0;
  for (const { snapshot } of dated) {
    most = Math.max(most, shardCount(snapshot) ?? 0);
    wanted.set(snapshot, Math.min(most, today));
  }
  const newest = dated.findLast(({ snapshot }) => snapshot.status.known && snapshot.status.value === "completed");
  if (newest !== undefined) wanted.set(newest.snapshot, today);
  return wanted;
}
