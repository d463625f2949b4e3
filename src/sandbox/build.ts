/** A world made from the seed: first as the policy wants it, then damaged as the world's name says. */
import { DAY_MS, longestMs, MINUTE_MS, shortestMs } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { atlasRegion } from "../core/region.ts";
import type { Alerting } from "./alert-damages.ts";
import { DEFAULT_TIME, defaultItem } from "./default-schedule.ts";
import { objectId } from "./ids.ts";
import { grow, retention } from "./life.ts";
import type {
  ClusterRecord,
  ComplianceRecord,
  CopySettingRecord,
  ItemRecord,
  SandboxSeed,
  SeedDatabase,
  ShardRecord,
  State,
} from "./model.ts";
import * as model from "./model.ts";
import { pastRestores } from "./restore-jobs.ts";
import type { AwsState } from "./watch.ts";
import type { World } from "./worlds.ts";

export function buildState(world: World, seed: SandboxSeed, now: Date, aws: AwsState): State {
  const nowMs = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
  const [first, ...rest] = seed.databases;
  if (first === undefined && world.name !== "healthy") {
    throw new OpsError(
      "config",
      `the world ${world.name} shows something wrong with the first database, and the policy has none`,
    );
  }
  const damaged = first === undefined ? [] : [damagedCluster(world, seed.projectId, first, nowMs)];
  const sound = rest.map((database) => newCluster(seed.projectId, database, nowMs, USUAL));
  const isDedicated = world.stands === undefined;
  const databases = [...(isDedicated ? damaged : []), ...sound];
  const targets = newTargets(world, seed, nowMs);
  return {
    version: model.STATE_VERSION,
    world: world.name,
    projectId: seed.projectId,
    createdAt: model.iso(nowMs),
    advancedMs: 0,
    livedUntilAt: model.iso(nowMs),
    dateSkewMs: world.dateSkewMs ?? 0,
    mayWrite: world.mayWrite ?? true,
    compliance: world.hasCompliancePolicy === true ? complianceOf(damaged) : null,
    clusters: withMongo([...databases, ...targets], seed.mongo ?? {}),
    flexClusters: world.stands === "flex" ? damaged.map(({ id, name, createdAt }) => ({ id, name, createdAt })) : [],
    restoresEnd: world.restoresEnd ?? "finished",
    restoreJobs: world.hasHistory === false ? [] : history(databases, seed, nowMs),
    collectionRestores: [],
    exportBuckets: world.hasExportBucket === false ? [] : [exportBucket(seed.projectId, aws.region)],
    exportsEnd: world.exportsEnd ?? "successful",
    exports: [],
    pings: [],
    aws,
    ...alertingOf(world, seed),
  };
}

function alertingOf({ alerts: damage }: World, { alerts = [], integrations = [] }: SandboxSeed): Alerting {
  const sound = { alerts, integrations };
  return damage?.(sound) ?? sound;
}

/** What a world may want otherwise before the first snapshot is taken. */
export interface Shape {
  readonly ageMs: number;
  readonly layout: ClusterRecord["type"];
}
const USUAL: Shape = { ageMs: 400 * DAY_MS, layout: "REPLICASET" };

/** In the account of the policy, which need not know of it. */
const EXPORT_BUCKET = "litally-atlas-exports";

function exportBucket(projectId: string, region: string): model.ExportBucketRecord {
  return { id: objectId(0, projectId, "export bucket"), bucket: EXPORT_BUCKET, region: atlasRegion(region) };
}

const ON_DEMAND_DAYS = 3;

/** What the first cluster has is the least that any may have from now on. */
function complianceOf([cluster]: readonly ClusterRecord[]): ComplianceRecord | null {
  if (cluster === undefined) return null;
  const { pitEnabled, schedule } = cluster;
  const { restoreWindowDays, items } = schedule;
  return { pitEnabled, restoreWindowDays, items, onDemandDays: ON_DEMAND_DAYS };
}

/** Where restore drills go unless the policy names another cluster. */
const DRILL_CLUSTER = "litally-drill";

const SHARDS = 3;

function damagedCluster(world: World, projectId: string, database: SeedDatabase, nowMs: number): ClusterRecord {
  const cluster = newCluster(projectId, database, nowMs, { ...USUAL, ...world.shape });
  return world.damage === undefined ? cluster : world.damage(cluster, { database, nowMs });
}

function newCluster(projectId: string, database: SeedDatabase, nowMs: number, shape: Shape): ClusterRecord {
  const bornMs = nowMs - shape.ageMs;
  const name = database.cluster;
  const shards = newShards(projectId, name, shape.layout, bornMs);
  const newborn: ClusterRecord = {
    id: objectId(bornMs, projectId, name),
    name,
    createdAt: model.iso(bornMs),
    type: shape.layout,
    state: "IDLE",
    updatedAt: null,
    paused: false,
    resumedAt: null,
    backupEnabled: true,
    pitEnabled: database.continuousWindowDays !== null,
    masterKey: database.masterKeys.at(-1) ?? null,
    mongodbVersion: "8.0.15",
    diskSizeGb: 80,
    writesPerSecond: 240,
    connections: 180,
    shards,
    schedule: {
      policyId: objectId(bornMs, projectId, name, "policy"),
      ...DEFAULT_TIME,
      restoreWindowDays: database.continuousWindowDays,
      items: newItems(projectId, database, bornMs),
      copiesByItems: false,
      copySettings: newCopySettings(database, shards),
    },
    scheduler: "running",
    onDemand: "completed",
    ignoresOplogs: false,
    snapshots: [],
    forbidden: [],
  };
  return grow(newborn, bornMs, nowMs);
}

/** Monitoring alone holds a few connections. */
const QUIET: Partial<ClusterRecord> = { writesPerSecond: 0, connections: 6 };

/** Clusters to restore to: of the layout and the encryption of the first database that is rehearsed there, and quiet. */
function newTargets(world: World, { projectId, databases }: SandboxSeed, nowMs: number): readonly ClusterRecord[] {
  const taken = new Set(databases.map(({ cluster }) => cluster));
  const wanted = [DRILL_CLUSTER, ...databases.flatMap(({ drillTarget }) => drillTarget ?? [])];
  return [...new Set(wanted)]
    .filter((name) => !taken.has(name))
    .map((name) => {
      const source = databases.find(({ drillTarget }) => drillTarget === name) ?? databases[0];
      const layout = source === databases[0] ? world.shape?.layout : undefined;
      const shape = { ...USUAL, ...(layout === undefined ? {} : { layout }), ...world.targetShape };
      const masterKeys = source?.masterKeys ?? [];
      const seed = { cluster: name, continuousWindowDays: null, snapshots: [], copies: [], masterKeys };
      return { ...newCluster(projectId, seed, nowMs, shape), ...QUIET, ...world.target };
    });
}

function withMongo(
  clusters: readonly ClusterRecord[],
  mongo: NonNullable<SandboxSeed["mongo"]>,
): readonly ClusterRecord[] {
  const names = clusters.map(({ name }) => name);
  const strange = Object.keys(mongo).find((name) => !names.includes(name));
  if (strange !== undefined)
    throw new OpsError("config", `a MongoDB stands in for ${strange}, which is no cluster of the sandbox`, {
      hint: `its clusters are ${names.join(", ")}`,
    });
  return clusters.map((cluster) => {
    const host = mongo[cluster.name];
    return host === undefined ? cluster : { ...cluster, mongo: host };
  });
}

function history(sources: readonly ClusterRecord[], { databases }: SandboxSeed, nowMs: number): State["restoreJobs"] {
  return sources
    .flatMap((source) => {
      const target = databases.find(({ cluster }) => cluster === source.name)?.drillTarget ?? DRILL_CLUSTER;
      return target === source.name ? [] : pastRestores(source, target, nowMs);
    })
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

function newShards(projectId: string, name: string, layout: Shape["layout"], bornMs: number): readonly ShardRecord[] {
  const suffix = objectId(bornMs, projectId, name).slice(-6);
  return Array.from({ length: layout === "REPLICASET" ? 1 : SHARDS }, (_, index) => {
    const zone = layout === "GEOSHARDED" && index > 0 ? 2 : 1;
    return {
      id: objectId(bornMs, projectId, name, "shard", String(index)),
      replicaSetName: `atlas-${suffix}-shard-${index}`,
      zoneId: objectId(bornMs, projectId, name, "zone", String(zone)),
      zoneName: `Zone ${zone}`,
    };
  });
}

function newItems(projectId: string, database: SeedDatabase, bornMs: number): readonly ItemRecord[] {
  const id = (frequency: string) => objectId(bornMs, projectId, database.cluster, "item", frequency);
  const rarer = model.FREQUENCIES.flatMap((frequency) => {
    const seed = database.snapshots.find((entry) => entry.frequency === frequency);
    if (seed === undefined || frequency === "hourly") return [];
    const { retentionValue, retentionUnit } = seed;
    return [{ id: id(frequency), ...defaultItem(frequency), retentionValue, retentionUnit }];
  });
  return [{ id: id("hourly"), frequency: "hourly", ...hourly(database, rarer) }, ...rarer];
}

/** Continuous backup needs an hourly item that keeps at least its window, and no item may keep longer than a rarer one. */
function hourly(
  database: SeedDatabase,
  rarer: readonly ItemRecord[],
): Pick<ItemRecord, "interval" | "retentionValue" | "retentionUnit"> {
  const seed = database.snapshots.find((entry) => entry.frequency === "hourly");
  const usual = defaultItem("hourly");
  const interval = seed?.everyHours ?? usual.interval;
  const windowDays = database.continuousWindowDays ?? 0;
  if (seed !== undefined && shortestMs(retention(seed)) >= windowDays * DAY_MS) {
    return { interval, retentionValue: seed.retentionValue, retentionUnit: seed.retentionUnit };
  }
  const capDays = Math.min(
    usual.retentionValue,
    ...rarer.map((item) => Math.floor(longestMs(retention(item)) / DAY_MS)),
  );
  return { interval, retentionValue: windowDays || capDays, retentionUnit: "days" };
}

function newCopySettings(database: SeedDatabase, shards: readonly ShardRecord[]): readonly CopySettingRecord[] {
  const zoneIds = [...new Set(shards.map((shard) => shard.zoneId))];
  return zoneIds.flatMap((zoneId) =>
    database.copies.map(({ region, frequencies, oplogs }) => ({
      zoneId,
      regionName: atlasRegion(region),
      copies: { frequencies },
      oplogs,
    })),
  );
}
