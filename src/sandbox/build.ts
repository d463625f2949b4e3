/** A world made from the seed: first as the policy wants it, then damaged as the world's name says. */
import { DAY_MS, longestMs, MINUTE_MS, shortestMs } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { atlasRegion } from "../core/region.ts";
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
import type { World } from "./worlds.ts";

export function buildState(world: World, seed: SandboxSeed, now: Date): State {
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
  const names = new Set(seed.databases.map((database) => database.cluster));
  const drill = names.has(DRILL_CLUSTER) ? [] : [drillCluster(seed.projectId, nowMs)];
  const isDedicated = world.stands === undefined;
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
    clusters: [...(isDedicated ? damaged : []), ...sound, ...drill],
    flexClusters: world.stands === "flex" ? damaged.map(({ id, name, createdAt }) => ({ id, name, createdAt })) : [],
  };
}

/** What a world may want otherwise before the first snapshot is taken. */
export interface Shape {
  readonly ageMs: number;
  readonly layout: ClusterRecord["type"];
}
const USUAL: Shape = { ageMs: 400 * DAY_MS, layout: "REPLICASET" };

const ON_DEMAND_DAYS = 3;

/** What the first cluster has is the least that any may have from now on. */
function complianceOf([cluster]: readonly ClusterRecord[]): ComplianceRecord | null {
  if (cluster === undefined) return null;
  const { pitEnabled, schedule } = cluster;
  const { restoreWindowDays, items } = schedule;
  return { pitEnabled, restoreWindowDays, items, onDemandDays: ON_DEMAND_DAYS };
}

/** A cluster that no policy speaks of: where restore drills go. It has no backups of its own. */
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
    backupEnabled: true,
    pitEnabled: database.continuousWindowDays !== null,
    masterKey: database.masterKeys.at(-1) ?? null,
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

function drillCluster(projectId: string, nowMs: number): ClusterRecord {
  const database = { cluster: DRILL_CLUSTER, continuousWindowDays: null, snapshots: [], copies: [], masterKeys: [] };
  return { ...newCluster(projectId, database, nowMs, USUAL), backupEnabled: false, snapshots: [] };
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
