/** Looks at everything a restore depends on, side by side: the source, the target that would be overwritten, and the jobs. */
import { known, notKnown, observe } from "../core/observed.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import { absentCluster } from "../rules/backup/facts.ts";
import {
  isAbsent,
  type RestoreFacts,
  type RestoreRequest,
  sameName,
  type TargetFacts,
} from "../rules/restore/facts.ts";
import { chosenPoint } from "../rules/restore/snapshot-choice.ts";
import { backupGatherer, readSnapshots } from "./gather-backups.ts";

export interface RestoreLooking {
  readonly atlas: Atlas;
  readonly projectId: string;
  readonly database: DatabasePolicy;
  readonly databases: readonly DatabasePolicy[];
  readonly request: RestoreRequest;
  readonly now: () => Date;
}

export async function gatherRestore(looking: RestoreLooking): Promise<RestoreFacts> {
  const { atlas, projectId, database, databases, request, now } = looking;
  const gatherer = backupGatherer(atlas, projectId);
  const { targetName } = request;
  const jobsOf = (name: string) => observe(() => atlas.listRestoreJobs(projectId, name));
  const targetCluster = () => gatherer.findCluster(targetName);
  /** One that is not there is the source of nothing. */
  const ofTargetJobs = async () =>
    sameName(targetName, database.cluster) || isAbsent(await targetCluster()) ? known([]) : jobsOf(targetName);
  const ofTarget = async (): Promise<TargetFacts> => {
    const cluster = await targetCluster();
    if (!cluster.known) return { cluster, snapshots: cluster, activity: cluster };
    const gone = notKnown(absentCluster());
    if (cluster.value === null) return { cluster, snapshots: gone, activity: gone };
    const [snapshots, activity] = await Promise.all([
      readSnapshots(atlas, projectId, targetName, cluster),
      observe(() => atlas.getActivity(projectId, targetName)),
    ]);
    return { cluster, snapshots, activity };
  };
  const [source, target, sourceJobs, targetJobs] = await Promise.all([
    gatherer.gather(database, now, null),
    ofTarget(),
    jobsOf(database.cluster),
    ofTargetJobs(),
  ]);
  const facts = { request, source, sourceProjectId: projectId, databases, target, sourceJobs, targetJobs };
  if (request.collections === null) return { ...facts, collections: null };
  const point = chosenPoint({ ...facts, collections: null });
  const [jobs, namespaces] = await Promise.all([
    observe(() => atlas.listCollectionRestores(projectId, database.cluster)),
    point.known ? observe(() => atlas.listSnapshotNamespaces(projectId, database.cluster, point.value.name)) : point,
  ]);
  return { ...facts, collections: { jobs, namespaces } };
}
