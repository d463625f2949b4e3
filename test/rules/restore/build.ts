/** Facts of a restore that may be carried out, so that a test states only what stands against it. */
import { HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { known, type NotKnown, type Observed } from "../../../src/core/observed.ts";
import type { Finding } from "../../../src/core/report.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import type {
  ClusterActivity,
  CollectionRestore,
  CollectionRestoreOrder,
  RestoreJob,
} from "../../../src/ports/atlas-restores.ts";
import type { BackupFacts, ClusterFacts } from "../../../src/rules/backup/facts.ts";
import type { RestoreFacts, RestoreRequest } from "../../../src/rules/restore/facts.ts";
import { restorePreconditions } from "../../../src/rules/restore/preconditions.ts";
import { aCluster, aDatabase, ago, aSnapshot, facts } from "../build.ts";

export const PROJECT = "5f0000000000000000000001";
export const CORE = "litally-core";
export const DRILL = "litally-drill";

type Given<T> = { readonly [K in keyof T]?: T[K] extends Observed<infer V> ? V | NotKnown : T[K] };

/** The instant that is asked for. */
export const AT = ago(12 * MINUTE_MS);
/** Those of the source: every six hours. */
export const SNAPSHOTS = [2, 8, 14, 20, 26].map((age) => aRestorable(age));

export function aRestorable(ageHours: number, given: Given<Snapshot> = {}): Snapshot {
  const extra = withFields<Pick<Snapshot, "configServerType">>({ configServerType: known(null) }, given);
  return { ...aSnapshot("hourly", ageHours * HOUR_MS, given), ...extra };
}

export function cluster(given: Given<ClusterFacts> = {}): ClusterFacts {
  const extra = withFields<Pick<ClusterFacts, "mongodbVersion" | "diskSizeGb" | "configServerType">>(
    { mongodbVersion: known("8.0.16"), diskSizeGb: known(100), configServerType: known(null) },
    given,
  );
  return { ...aCluster(given), ...extra };
}

export function drill(given: Given<ClusterFacts> = {}): ClusterFacts {
  return cluster({ name: DRILL, id: "dddddddddddddddddddddddd", ...given });
}

export function aJob(given: Given<RestoreJob> = {}): RestoreJob {
  return withFields<RestoreJob>(
    {
      id: known("job-1"),
      delivery: known("pointInTime"),
      targetProjectId: known(PROJECT),
      targetName: known(DRILL),
      snapshotId: known(null),
      pointInTimeAt: known(AT),
      cancelled: known(false),
      failed: known(false),
      expired: known(false),
      finishedAt: known(ago(4 * HOUR_MS)),
      createdAt: known(ago(5 * HOUR_MS)),
    },
    given,
  );
}

export const COLLECTION_ORDER: CollectionRestoreOrder = {
  point: { kind: "instant", at: AT },
  targetProjectId: PROJECT,
  targetName: DRILL,
  namespaces: ["app.accounts"],
  suffix: "_restored",
  overwrites: false,
};

export function aCollectionJob(given: Given<CollectionRestore> = {}): CollectionRestore {
  return withFields<CollectionRestore>(
    {
      id: known("collections-1"),
      state: known("SUCCESSFUL"),
      targetProjectId: known(PROJECT),
      targetName: known(DRILL),
      snapshotId: known(null),
      pointInTimeAt: known(AT),
      namespaces: known(["app.accounts"]),
      suffix: known("_restored"),
      overwrites: known(false),
      restoredDocuments: known(10),
      totalDocuments: known(10),
      errorMessage: known(null),
      createdAt: known(ago(5 * HOUR_MS)),
      finishedAt: known(ago(4 * HOUR_MS)),
    },
    given,
  );
}

export const QUIET: ClusterActivity = { writesPerSecond: known(0), connections: known(12) };

type Source = Parameters<typeof facts>[0];

export interface GivenRestore {
  readonly request?: Partial<RestoreRequest>;
  readonly source?: Source;
  readonly sourceCluster?: ClusterFacts;
  readonly databases?: RestoreFacts["databases"];
  readonly target?: ClusterFacts | null | NotKnown;
  readonly targetSnapshots?: readonly Snapshot[] | NotKnown;
  readonly activity?: ClusterActivity | NotKnown;
  readonly sourceJobs?: readonly RestoreJob[] | NotKnown;
  readonly targetJobs?: readonly RestoreJob[] | NotKnown;
  readonly collections?: RestoreFacts["collections"];
}

/** An instant twelve minutes ago, to the drill cluster, with everything as it should be. */
export function restore(given: GivenRestore = {}): RestoreFacts {
  const source: BackupFacts = facts({
    snapshots: SNAPSHOTS,
    cluster: given.sourceCluster ?? cluster(),
    ...given.source,
  });
  return {
    request: {
      point: { kind: "instant", at: AT, asked: "12m ago" },
      targetProjectId: PROJECT,
      targetName: DRILL,
      inPlace: false,
      allowBusy: false,
      undo: true,
      closing: true,
      collections: null,
      ...given.request,
    },
    source,
    sourceProjectId: PROJECT,
    databases: given.databases ?? [aDatabase({ protected: true })],
    target: {
      cluster: observed(given.target === undefined ? drill() : given.target),
      snapshots: observed(given.targetSnapshots ?? []),
      activity: observed(given.activity ?? QUIET),
    },
    sourceJobs: observed(given.sourceJobs ?? []),
    targetJobs: observed(given.targetJobs ?? []),
    collections: given.collections ?? null,
  };
}

/** The same, of the source over itself. */
export function inPlace(given: GivenRestore = {}): RestoreFacts {
  const { request, ...rest } = given;
  return restore({ target: cluster(), ...rest, request: { targetName: CORE, inPlace: true, ...request } });
}

export const COLLECTIONS = { namespaces: ["app.accounts"], suffix: "_restored", overwrites: false } as const;
export const COLLECTION_FACTS = { jobs: known([]), namespaces: known(["app.accounts", "app.ledger"]) } as const;

export function ofCollections(given: GivenRestore = {}): RestoreFacts {
  const { request, ...rest } = given;
  return restore({ collections: COLLECTION_FACTS, ...rest, request: { collections: COLLECTIONS, ...request } });
}

export const SUBJECT = `cluster/${DRILL}`;

/** Status and message of one precondition, as one line; `-`: it has nothing to say. */
export function said(of: RestoreFacts, id: string): string {
  const [only] = found(of, id);
  return only === undefined ? "-" : `${only.status}: ${only.message}`;
}

export function found(of: RestoreFacts, id: string): readonly Finding[] {
  return restorePreconditions(of, SUBJECT).filter(({ check }) => check === `restore/${id}`);
}

function observed<T extends object | null>(value: T | NotKnown): Observed<T> {
  return isNotKnown(value) ? value : known(value);
}

function isNotKnown<T>(value: T | NotKnown): value is NotKnown {
  return typeof value === "object" && value !== null && "known" in value && value.known === false;
}

function withFields<T extends object>(defaults: T, given: { readonly [key: string]: unknown } | object): T {
  const fields = Object.entries(given)
    .filter(([key]) => key in defaults)
    .map(([key, value]) => [key, isNotKnown(value) ? value : known(value)]);
  return { ...defaults, ...Object.fromEntries(fields) };
}
