/** What is looked at before a restore, and after it: the request, the source, and the target that would be overwritten. */
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import { all, type Tri } from "../../core/tri.ts";
import type { DatabasePolicy } from "../../policy/schema.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import type { ClusterActivity, CollectionRestore, RestoreJob } from "../../ports/atlas-restores.ts";
import type { BackupFacts, ClusterFacts } from "../backup/facts.ts";
import { asTri } from "../backup/points.ts";

export interface RestoreFacts {
  readonly request: RestoreRequest;
  /** Its `observedAt` is the instant by which everything here is judged. */
  readonly source: BackupFacts;
  readonly sourceProjectId: string;
  /** All databases of the policy: a cluster of theirs may be protected. */
  readonly databases: readonly DatabasePolicy[];
  readonly target: TargetFacts;
  readonly sourceJobs: Observed<readonly RestoreJob[]>;
  /** Jobs whose source is the target; empty where the source is the target. */
  readonly targetJobs: Observed<readonly RestoreJob[]>;
  /** Where collections are asked for; null elsewhere. */
  readonly collections: CollectionFacts | null;
}

export interface TargetFacts {
  /** null: Atlas says that there is no such cluster. */
  readonly cluster: Observed<ClusterFacts | null>;
  readonly snapshots: Observed<readonly Snapshot[]>;
  readonly activity: Observed<ClusterActivity>;
}

interface CollectionFacts {
  /** Collection restores of the source. */
  readonly jobs: Observed<readonly CollectionRestore[]>;
  /** What the snapshot holds that the restore begins with. */
  readonly namespaces: Observed<readonly string[]>;
}

export interface RestoreRequest {
  readonly point: AskedPoint;
  readonly targetProjectId: string;
  readonly targetName: string;
  /** The source itself is meant to be overwritten. */
  readonly inPlace: boolean;
  /** The target may have writes and connections. */
  readonly allowBusy: boolean;
  /** Take a snapshot of a target that holds data first. */
  readonly undo: boolean;
  /** Take a snapshot of the target afterwards, which ends its blackout. */
  readonly closing: boolean;
  /** null: the whole cluster. */
  readonly collections: CollectionRequest | null;
  /** A rehearsal, onto a cluster that is there for it: it may stand still, and is to be erased. What becomes of it then. */
  readonly drill?: "pause" | "keep";
}

export interface CollectionRequest {
  /** `db.collection`. */
  readonly namespaces: readonly string[];
  readonly suffix: string | null;
  readonly overwrites: boolean;
}

/** `asked`: as the person wrote it, offset and all. */
export type AskedPoint =
  | { readonly kind: "instant"; readonly at: Date; readonly asked: string }
  | { readonly kind: "snapshot"; readonly selector: SnapshotSelector };

export type SnapshotSelector =
  | { readonly by: "id"; readonly id: string }
  | { readonly by: "latest" }
  | { readonly by: "before"; readonly at: Date; readonly asked: string };

/** One field of the target cluster; not known when the cluster itself is not. */
export function ofTarget<T>(facts: RestoreFacts, field: (cluster: ClusterFacts) => Observed<T>): Observed<T> {
  const cluster = theTarget(facts);
  return cluster.known ? field(cluster.value) : cluster;
}

/** The target cluster; not known when there is none. */
export function theTarget({ target }: Pick<RestoreFacts, "target">): Observed<ClusterFacts> {
  if (!target.cluster.known) return target.cluster;
  return target.cluster.value === null
    ? notKnown(new OpsError("not-found", "the target does not exist", { hint: "see restore/target-exists" }))
    : known(target.cluster.value);
}

/** Whether the target is the source: by its name, or by its id where a name could deceive. */
export function isSource({ request, source, sourceProjectId, target }: RestoreFacts): boolean {
  const found = target.cluster.known ? target.cluster.value?.id : undefined;
  const own = source.cluster.known ? source.cluster.value?.id : undefined;
  if (found?.known === true && own?.known === true && found.value === own.value) return true;
  return request.targetProjectId === sourceProjectId && sameName(request.targetName, source.database.cluster);
}

/** Whether collections are made anew, and nothing that is there is touched. */
export function adds({ collections }: RestoreRequest): boolean {
  return collections !== null && !collections.overwrites;
}

/** Whether Atlas says that there is no such cluster: then one check says so, and the others have nothing to look at. */
export function isAbsent(cluster: Observed<ClusterFacts | null>): boolean {
  return cluster.known && cluster.value === null;
}

/** The names of clusters are host names too, where letters have no case. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether a job overwrites a cluster: a download overwrites none. */
export function isOnto(job: RestoreJob, projectId: string, clusterName: string): Tri {
  return all(
    asTri(job.delivery, (delivery) => delivery !== "download"),
    areOnto(job, projectId, clusterName),
  );
}

/** Whether it goes to a cluster, as every restore of collections does. */
export function areOnto(
  { targetName, targetProjectId }: Pick<RestoreJob | CollectionRestore, "targetName" | "targetProjectId">,
  projectId: string,
  clusterName: string,
): Tri {
  return all(
    asTri<string | null>(targetName, (name) => name !== null && sameName(name, clusterName)),
    asTri<string | null>(targetProjectId, (id) => id === projectId),
  );
}
