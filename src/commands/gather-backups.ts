/**
 * Gathers what the backup checks judge, with the fewest calls: the project's clusters once, then per database its
 * schedule and its snapshots, side by side. Flex clusters are asked for only when a name is not among the dedicated ones.
 */

import { OpsError } from "../core/error.ts";
import { known, mapObserved, notKnown, type Observed, observe } from "../core/observed.ts";
import { once } from "../core/once.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas, Schedule, Snapshot } from "../ports/atlas.ts";
import {
  absentCluster,
  type BackupFacts,
  type ClusterFacts,
  FLEX_SCHEDULE,
  flexAsCluster,
} from "../rules/backup/facts.ts";

/** Databases gathered at a time: as many as there are connections, for more would only wait in memory. */
export const MAX_GATHERS = 4;

export interface BackupGatherer {
  /** null: Atlas says that there is no such cluster. */
  findCluster(name: string): Promise<Observed<ClusterFacts | null>>;
  /** Cluster and schedule alone. */
  gatherSettings(database: DatabasePolicy): Promise<BackupSettings>;
  gather(database: DatabasePolicy, observedAt: () => Date, since: Date | null): Promise<BackupFacts>;
}

type BackupSettings = Pick<BackupFacts, "database" | "cluster" | "schedule" | "clusterNames">;

/** A gatherer that reads what databases share only once, when it is first needed. */
export function backupGatherer(atlas: Atlas, projectId: string): BackupGatherer {
  const clusters = once(() => observe(() => atlas.listClusters(projectId)));
  const flexClusters = once(() => observe(() => atlas.listFlexClusters(projectId)));

  async function findClusters(name: string): Promise<Observed<readonly ClusterFacts[]>> {
    const dedicated = await clusters();
    if (!dedicated.known) return dedicated;
    const found = dedicated.value.filter((cluster) => cluster.name === name);
    if (found.length > 0) return known(found.map((cluster) => ({ ...cluster, offering: "dedicated" as const })));
    return mapObserved(await flexClusters(), (flex) =>
      flex.filter((cluster) => cluster.name === name).map(flexAsCluster),
    );
  }

  async function findCluster(name: string): Promise<Observed<ClusterFacts | null>> {
    const found = await findClusters(name);
    if (found.known && found.value.length > 1) return notKnown(ambiguous(name, found.value.length));
    return mapObserved(found, ([only = null]) => only);
  }

  /** Of a name that two clusters bear nothing is read: nobody could say of which of them it tells. */
  async function ifOne<T>(name: string, cluster: Observed<ClusterFacts | null>, read: () => Promise<Observed<T>>) {
    const found = await findClusters(name);
    return !cluster.known && found.known ? cluster : read();
  }

  async function gatherSettings(database: DatabasePolicy): Promise<BackupSettings> {
    const name = database.cluster;
    const cluster = await findCluster(name);
    const schedule = await ifOne(name, cluster, () => readSchedule(atlas, projectId, name, cluster));
    const all = await clusters();
    return { database, cluster, schedule, clusterNames: all.known ? all.value.map((one) => one.name) : [] };
  }

  return {
    findCluster,
    gatherSettings,
    async gather(database, observedAt, since) {
      const name = database.cluster;
      const cluster = await findCluster(name);
      const [settings, snapshots] = await Promise.all([
        gatherSettings(database),
        ifOne(name, cluster, () => readSnapshots(atlas, projectId, name, cluster)),
      ]);
      const wantsMembers = database.copies.length > 0 && isSharded(cluster);
      const memberSnapshots = wantsMembers ? await observe(() => atlas.listSnapshots(projectId, name)) : null;
      return { ...settings, observedAt: observedAt(), since, snapshots, memberSnapshots };
    },
  };
}

function ambiguous(name: string, count: number): OpsError {
  return new OpsError("protocol", `Atlas lists ${count} clusters named "${name}": nothing says which is meant`, {
    hint: "look at the project's clusters: atlas clusters list",
  });
}

function readSchedule(
  atlas: Atlas,
  projectId: string,
  name: string,
  cluster: Observed<ClusterFacts | null>,
): Promise<Observed<Schedule>> {
  if (cluster.known && cluster.value === null) return Promise.resolve(notKnown(absentCluster()));
  if (cluster.known && cluster.value?.offering === "flex") return Promise.resolve(known(FLEX_SCHEDULE));
  if (cluster.known && isOff(cluster.value?.backupEnabled)) return Promise.resolve(notKnown(noSchedule()));
  return observe(() => atlas.getSchedule(projectId, name));
}

/** In the way of the cluster's own kind: flex, sharded, or a replica set. */
export function readSnapshots(
  atlas: Atlas,
  projectId: string,
  name: string,
  cluster: Observed<ClusterFacts | null>,
): Promise<Observed<readonly Snapshot[]>> {
  if (cluster.known && cluster.value === null) return Promise.resolve(notKnown(absentCluster()));
  if (cluster.known && cluster.value?.offering === "flex")
    return observe(() => atlas.listFlexSnapshots(projectId, name));
  if (isSharded(cluster)) return observe(() => atlas.listShardedSnapshots(projectId, name));
  return observe(() => atlas.listSnapshots(projectId, name));
}

/** Atlas has no schedule for a cluster without backups, so it is not asked for one. */
function isOff(backupEnabled: Observed<boolean> | undefined): boolean {
  return backupEnabled?.known === true && !backupEnabled.value;
}

function noSchedule(): OpsError {
  return new OpsError("not-found", "cloud backup is off, so there is no schedule", { hint: "see backup/enabled" });
}

/** Only where its type is known: a cluster that cannot be read is asked as a replica set. */
export function isSharded(cluster: Observed<ClusterFacts | null>): boolean {
  const type = cluster.known ? cluster.value?.type : undefined;
  return type?.known === true && type.value !== "REPLICASET";
}
