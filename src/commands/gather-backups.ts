/**
 * Gathers what the backup checks judge, with the fewest calls: the project's clusters once, then per database its
 * schedule and its snapshots, side by side. Flex clusters are asked for only when a name is not among the dedicated ones.
 */

import { OpsError } from "../core/error.ts";
import { known, notKnown, type Observed, observe } from "../core/observed.ts";
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

export type BackupSettings = Pick<BackupFacts, "database" | "cluster" | "schedule" | "clusterNames">;

/** A gatherer that reads what databases share only once, when it is first needed. */
export function backupGatherer(atlas: Atlas, projectId: string): BackupGatherer {
  const clusters = once(() => observe(() => atlas.listClusters(projectId)));
  const flexClusters = once(() => observe(() => atlas.listFlexClusters(projectId)));

  async function findCluster(name: string): Promise<Observed<ClusterFacts | null>> {
    const dedicated = await clusters();
    if (!dedicated.known) return dedicated;
    const found = dedicated.value.find((cluster) => cluster.name === name);
    if (found !== undefined) return known({ ...found, offering: "dedicated" as const });
    const flex = await flexClusters();
    if (!flex.known) return flex;
    const foundFlex = flex.value.find((cluster) => cluster.name === name);
    return known(foundFlex === undefined ? null : flexAsCluster(foundFlex));
  }

  async function gatherSettings(database: DatabasePolicy): Promise<BackupSettings> {
    const cluster = await findCluster(database.cluster);
    const schedule = await readSchedule(atlas, projectId, database.cluster, cluster);
    const all = await clusters();
    return { database, cluster, schedule, clusterNames: all.known ? all.value.map(({ name }) => name) : [] };
  }

  return {
    findCluster,
    gatherSettings,
    async gather(database, observedAt, since) {
      const cluster = await findCluster(database.cluster);
      const [settings, snapshots] = await Promise.all([
        gatherSettings(database),
        readSnapshots(atlas, projectId, database.cluster, cluster),
      ]);
      const wantsMembers = database.copies.length > 0 && isSharded(cluster);
      const memberSnapshots = wantsMembers
        ? await observe(() => atlas.listSnapshots(projectId, database.cluster))
        : null;
      return { ...settings, observedAt: observedAt(), since, snapshots, memberSnapshots };
    },
  };
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

function readSnapshots(
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

function isSharded(cluster: Observed<ClusterFacts | null>): boolean {
  const type = cluster.known ? cluster.value?.type : undefined;
  return type?.known === true && type.value !== "REPLICASET";
}
