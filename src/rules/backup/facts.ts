import { MINUTE_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import type { DatabasePolicy } from "../../policy/schema.ts";
import type { Cluster, FlexCluster, Schedule, Snapshot } from "../../ports/atlas.ts";

/** What one gather saw of one database. Everything that a backup check may look at is here. */
export interface BackupFacts {
  readonly observedAt: Date;
  readonly database: DatabasePolicy;
  /** Judge the series from here only (`--since`); null: over the whole retention. */
  readonly since: Date | null;
  /** null: Atlas says that there is no such cluster. */
  readonly cluster: Observed<ClusterFacts | null>;
  readonly schedule: Observed<Schedule>;
  readonly snapshots: Observed<readonly Snapshot[]>;
  /** Sharded clusters only: the shards' own snapshots, which are what tells about copies; null elsewhere. */
  readonly memberSnapshots: Observed<readonly Snapshot[]> | null;
  /** Names of the project's clusters, for the one that is not there. */
  readonly clusterNames: readonly string[];
}

export type ClusterFacts = Cluster & { readonly offering: "dedicated" | "flex" };

/** How far an instant may lie ahead of our clock before we call it unreadable: what two sane clocks may differ by. */
const FUTURE_TOLERANCE_MS = 5 * MINUTE_MS;

/** An instant that lies in the future cannot have been observed: it is not known, and why. */
export function pastInstant<T extends Date | null>(at: Observed<T>, now: Date, what: string): Observed<T> {
  if (!at.known || at.value === null || at.value.getTime() <= now.getTime() + FUTURE_TOLERANCE_MS) return at;
  return notKnown(new OpsError("protocol", `${what} is dated in the future (${at.value.toISOString()})`));
}

export function absentCluster(): OpsError {
  return new OpsError("not-found", "the cluster does not exist", { hint: "see backup/cluster-exists" });
}

/** When the cluster was created, if Atlas says so credibly; no later than its oldest snapshot was taken. */
export function birth(facts: BackupFacts): Observed<Date> {
  if (!facts.cluster.known) return facts.cluster;
  const cluster = facts.cluster.value;
  if (cluster === null) return notKnown(absentCluster());
  const created = pastInstant(cluster.createdAt, facts.observedAt, `cluster ${cluster.name}: createDate`);
  const snapshots = facts.snapshots.known ? facts.snapshots.value : [];
  if (snapshots.some(({ createdAt }) => !createdAt.known)) {
    return notKnown(new OpsError("protocol", "how old the cluster is cannot be read: a snapshot could be older"));
  }
  const taken = snapshots.flatMap(({ createdAt }) => (createdAt.known ? [createdAt.value.getTime()] : []));
  return mapObserved(created, (at) => new Date(Math.min(at.getTime(), ...taken)));
}

/** One field of the cluster; not known when the cluster itself is not. */
export function ofCluster<T>(facts: BackupFacts, field: (cluster: ClusterFacts) => Observed<T>): Observed<T> {
  if (!facts.cluster.known) return facts.cluster;
  if (facts.cluster.value === null) return notKnown(absentCluster());
  return field(facts.cluster.value);
}

/** One field of the schedule; not known when the schedule itself is not. */
export function ofSchedule<T>(facts: BackupFacts, field: (schedule: Schedule) => Observed<T>): Observed<T> {
  return facts.schedule.known ? field(facts.schedule.value) : facts.schedule;
}

/**
 * A flex cluster in the words of a dedicated one, so that every check can judge it: one zone, never paused, no
 * continuous backup, no copies, no customer keys.
 */
export function flexAsCluster(flex: FlexCluster): ClusterFacts {
  return {
    offering: "flex",
    name: flex.name,
    id: flex.id,
    type: known("REPLICASET"),
    state: flex.state,
    paused: known(false),
    createdAt: flex.createdAt,
    backupEnabled: flex.backupEnabled,
    pitEnabled: known(false),
    encryptionAtRestProvider: known("NONE"),
    freeTier: false,
    nvme: known(false),
    mongodbVersion: known(null),
    diskSizeGb: known(null),
    configServerType: known(null),
    hosts: notKnown(new OpsError("protocol", "the hosts of a flex cluster are not looked at")),
    regions: notKnown(new OpsError("protocol", "the region of a flex cluster is not looked at")),
    shards: mapObserved(flex.id, (id) => [{ zoneId: id }]),
  };
}

export const FLEX_KEPT_DAYS = 8;

/**
 * The schedule that every flex cluster has and nobody can change: daily, the last eight kept.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/flex-cluster-backup/
 */
export const FLEX_SCHEDULE: Schedule = {
  policyId: known("flex"),
  items: known([
    {
      id: known("flex-daily"),
      frequency: known("daily"),
      interval: known(1),
      retention: known({ value: FLEX_KEPT_DAYS, unit: "days" }),
    },
  ]),
  restoreWindowDays: known(null),
  copySettings: known([]),
  nextSnapshotAt: known(null),
  referenceTime: known(null),
  copiesAutomatically: known(null),
  copiesByItems: known(null),
  extraRetention: known([]),
};
