import type { Observed } from "../../core/observed.ts";
import { all, any, not, type Tri, tri } from "../../core/tri.ts";
import type { ClusterType, Shard, Snapshot, SnapshotMember } from "../../ports/atlas.ts";

/**
 * Whether a snapshot of a sharded cluster holds every shard. The newest unit must match the shards of today exactly,
 * for it can be restored to no other topology. An older one may hold fewer, if the cluster had fewer then, but never
 * fewer than the most that any unit before it held (the oldest: than the one after it). A dedicated config server is a
 * member too and counts as none of the shards. A replica set is one shard: where Atlas lists several, nobody knows which.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/restore-overview/
 */
export function wholeUnit(
  snapshots: readonly Snapshot[],
  type: Observed<ClusterType>,
  shards: Observed<readonly Shard[]>,
): (snapshot: Snapshot) => Tri {
  if (type.known && type.value === "REPLICASET") {
    const contradicts = shards.known && shards.value.length > 1;
    return () => (contradicts ? "maybe" : "yes");
  }
  if (!type.known || !shards.known) return () => "maybe";
  const units = new Map(standings(snapshots, shards.value.length).map((unit) => [unit.snapshot, unit]));
  return (snapshot) => {
    const held = shardCount(snapshot);
    const unit = units.get(snapshot);
    if (held === null || unit === undefined) return "maybe";
    const asNewest = tri(held === shards.value.length);
    const asOlder = held >= shards.value.length ? "yes" : unit.blurred ? "maybe" : tri(held >= unit.atLeast);
    if (unit.newest === "maybe") return asNewest === asOlder ? asNewest : "maybe";
    return unit.newest === "yes" ? asNewest : asOlder;
  };
}

/** How many shards a unit holds; null when that cannot be read. */
export function shardCount(snapshot: Snapshot): number | null {
  if (!snapshot.members.known || snapshot.members.value === null) return null;
  return new Set(snapshot.members.value.filter(isShard).map((member) => member.replicaSetName)).size;
}

/** Whether a unit holds a dedicated config server. */
export function hasConfigServer({ members }: Snapshot): Tri {
  return members.known ? tri(members.value?.some((member) => !isShard(member)) === true) : "maybe";
}

function isShard(member: SnapshotMember): boolean {
  return !/(^|-)config(-|$)/.test(member.replicaSetName);
}

/** Where a dated unit stands among the others. */
interface Standing {
  readonly snapshot: Snapshot;
  readonly newest: Tri;
  /** The shards that an older unit must hold, unless this is blurred: a unit that tells about it cannot be read. */
  readonly atLeast: number;
  readonly blurred: boolean;
}

function standings(snapshots: readonly Snapshot[], today: number): readonly Standing[] {
  const dated = snapshots
    .flatMap((snapshot) => (snapshot.createdAt.known ? [{ snapshot, at: snapshot.createdAt.value.getTime() }] : []))
    .sort((a, b) => a.at - b.at)
    .map(({ snapshot }) => snapshot);
  const undated = snapshots.filter(({ createdAt }) => !createdAt.known);
  const after = dated[1];
  let most = after === undefined ? 1 : (shardCount(after) ?? 1);
  let blurred = undated.length > 0 || (after !== undefined && shardCount(after) === null);
  const completed = dated.map(isCompleted);
  const [lastCompleted, lastUnclear] = [completed.lastIndexOf("yes"), completed.lastIndexOf("maybe")];
  const anywhere = undated.some((snapshot) => isCompleted(snapshot) !== "no") ? "maybe" : "no";
  return dated.map((snapshot, index) => {
    const held = shardCount(snapshot);
    blurred ||= held === null;
    most = Math.max(most, held ?? 0);
    const followed = any(tri(index < lastCompleted), index < lastUnclear ? "maybe" : "no", anywhere);
    const newest = all(completed[index] ?? "maybe", not(followed));
    return { snapshot, newest, atLeast: Math.min(most, today), blurred };
  });
}

function isCompleted({ status }: Snapshot): Tri {
  return status.known ? tri(status.value === "completed") : "maybe";
}
