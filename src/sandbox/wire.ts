/** The world in Atlas's own words: records as bodies of the Admin API (the newest media types). */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { objectId } from "./ids.ts";
import {
  type ClusterRecord,
  type CopiedFrequency,
  type CopiesRecord,
  type FlexRecord,
  type ItemRecord,
  iso,
  type ShardRecord,
  type SnapshotRecord,
  type State,
} from "./model.ts";
import { connectionStrings } from "./monitoring.ts";
import { isBeingRestored } from "./restore-jobs.ts";
import { nextDueMs } from "./schedule.ts";

type Body = Readonly<Record<string, unknown>>;

const REGION = "AP_SOUTH_1";
/** Atlas needs time to carry a snapshot to another region. */
const COPIED_AFTER_MS = 30 * MINUTE_MS;

export function groupBody(state: State): Body {
  return {
    id: state.projectId,
    name: "litally-sandbox",
    orgId: organisationId(state),
    clusterCount: state.clusters.length + state.flexClusters.length,
    created:
      state.clusters
        .map((cluster) => cluster.createdAt)
        .toSorted()
        .at(0) ?? state.createdAt,
  };
}

export function organisationId({ projectId }: State): string {
  return objectId(0, projectId, "organisation");
}

export function clusterBody(cluster: ClusterRecord, state: State, nowMs: number): Body {
  return {
    id: cluster.id,
    name: cluster.name,
    groupId: state.projectId,
    clusterType: cluster.type,
    stateName: cluster.state === "IDLE" && isBeingRestored(state, cluster, nowMs) ? "UPDATING" : cluster.state,
    paused: cluster.paused,
    createDate: cluster.createdAt,
    backupEnabled: cluster.backupEnabled,
    pitEnabled: cluster.pitEnabled,
    encryptionAtRestProvider: cluster.masterKey === null ? "NONE" : "AWS",
    mongoDBMajorVersion: /^\d+\.\d+/.exec(cluster.mongodbVersion)?.[0],
    mongoDBVersion: cluster.mongodbVersion,
    ...(cluster.type === "REPLICASET" ? {} : { configServerType: "EMBEDDED" }),
    versionReleaseSystem: "LTS",
    terminationProtectionEnabled: false,
    connectionStrings: connectionStrings(cluster),
    replicationSpecs: cluster.shards.map((shard) => replicationSpec(shard, cluster)),
  };
}

function replicationSpec(shard: ShardRecord, { diskSizeGb: diskSizeGB }: ClusterRecord): Body {
  const electableSpecs = { instanceSize: "M30", nodeCount: 3, diskSizeGB, ebsVolumeType: "STANDARD" };
  const regionConfigs = [{ providerName: "AWS", regionName: REGION, priority: 7, electableSpecs }];
  return { id: shard.id, zoneId: shard.zoneId, zoneName: shard.zoneName, regionConfigs };
}

export function scheduleBody(cluster: ClusterRecord, nowMs: number): Body {
  const { schedule } = cluster;
  const nextMs = nextDueMs(schedule, nowMs);
  return {
    clusterId: cluster.id,
    clusterName: cluster.name,
    autoExportEnabled: false,
    autoCopySettingsEnabled: false,
    copyPolicyItemsEnabled: schedule.copiesByItems,
    copySettings: schedule.copySettings.map(({ zoneId, regionName, copies, oplogs }) => ({
      cloudProvider: "AWS",
      zoneId,
      regionName,
      ...copiesBody(copies),
      shouldCopyOplogs: oplogs,
    })),
    extraRetentionSettings: [],
    ...(nextMs === null ? {} : { nextSnapshot: iso(nextMs) }),
    policies: [{ id: schedule.policyId, policyItems: schedule.items.map(itemBody) }],
    referenceHourOfDay: schedule.referenceHour,
    referenceMinuteOfHour: schedule.referenceMinute,
    ...(schedule.restoreWindowDays === null ? {} : { restoreWindowDays: schedule.restoreWindowDays }),
    useOrgAndGroupNamesInExportPrefix: false,
  };
}

export function itemBody({ id, frequency, interval, retentionValue, retentionUnit }: ItemRecord): Body {
  return { id, frequencyType: frequency, frequencyInterval: interval, retentionValue, retentionUnit };
}

function copiesBody(copies: CopiesRecord): Body {
  if ("latest" in copies) return { lastNumberOfSnapshots: copies.latest };
  if ("items" in copies) {
    const items = copies.items.map(({ id, frequency, retention }) => ({ id, frequencyType: frequency, ...retention }));
    return { copyPolicyItems: items };
  }
  const named = (frequency: CopiedFrequency) => (frequency === "ondemand" ? "ON_DEMAND" : frequency.toUpperCase());
  return { frequencies: copies.frequencies.map(named) };
}

/** Every snapshot by replica set: one of a replica set, one per shard of a sharded cluster. */
export function memberBodies(cluster: ClusterRecord, nowMs: number): readonly Body[] {
  return cluster.snapshots.flatMap((snapshot) =>
    cluster.shards
      .filter((shard) => snapshot.shards.includes(shard.replicaSetName))
      .map((shard) => withheld(snapshot, memberBody(cluster, shard, snapshot, nowMs))),
  );
}

function memberBody(cluster: ClusterRecord, shard: ShardRecord, snapshot: SnapshotRecord, nowMs: number): Body {
  const isCopied = snapshot.status === "completed" && Date.parse(snapshot.createdAt) + COPIED_AFTER_MS <= nowMs;
  const copies = isCopied ? snapshot.copies.filter((copy) => copy.zoneId === shard.zoneId) : [];
  return {
    ...commonBody(cluster, snapshot),
    id: memberId(cluster, shard, snapshot),
    type: "replicaSet",
    cloudProvider: "AWS",
    replicaSetName: shard.replicaSetName,
    copyRegions: copies.map((copy) => copy.regionName),
    storageSizeBytes: sizeBytes(snapshot),
  };
}

/** One snapshot as the list that it stands in has it: of a sharded cluster, the unit. */
export function snapshotBody(cluster: ClusterRecord, snapshot: SnapshotRecord, nowMs: number): Body {
  const alone = { ...cluster, snapshots: [snapshot] };
  const [body] = cluster.type === "REPLICASET" ? memberBodies(alone, nowMs) : unitBodies(alone);
  if (body === undefined) throw new OpsError("bug", `a snapshot of ${cluster.name} holds no shard`);
  return body;
}

/** The snapshots of a sharded cluster as units over all shards. */
export function unitBodies(cluster: ClusterRecord): readonly Body[] {
  return cluster.snapshots.map((snapshot) => {
    const held = cluster.shards.filter((shard) => snapshot.shards.includes(shard.replicaSetName));
    const members = held.map((shard) => ({
      id: memberId(cluster, shard, snapshot),
      cloudProvider: "AWS",
      replicaSetName: shard.replicaSetName,
    }));
    return withheld(snapshot, {
      ...commonBody(cluster, snapshot),
      id: snapshot.id,
      type: "shardedCluster",
      configServerType: "EMBEDDED",
      members,
      snapshotIds: members.map((member) => member.id),
      storageSizeBytes: sizeBytes(snapshot) * members.length,
    });
  });
}

function commonBody({ mongodbVersion }: ClusterRecord, snapshot: SnapshotRecord): Body {
  return {
    status: snapshot.status,
    snapshotType: snapshot.kind,
    ...(snapshot.description === null ? {} : { description: snapshot.description }),
    ...(snapshot.frequency === null ? {} : { frequencyType: snapshot.frequency }),
    policyItems: snapshot.itemIds,
    createdAt: snapshot.createdAt,
    expiresAt: snapshot.expiresAt,
    mongodVersion: mongodbVersion,
    ...(snapshot.masterKey === null ? {} : { masterKeyUUID: snapshot.masterKey }),
  };
}

function memberId(cluster: ClusterRecord, shard: ShardRecord, snapshot: SnapshotRecord): string {
  return cluster.type === "REPLICASET" ? snapshot.id : objectId(Date.parse(snapshot.createdAt), snapshot.id, shard.id);
}

/** Nothing is stored of a snapshot that is not complete. */
function sizeBytes(snapshot: SnapshotRecord): number {
  return ["queued", "inProgress", "failed"].includes(snapshot.status) ? 0 : snapshot.sizeBytes;
}

function withheld(snapshot: SnapshotRecord, body: Body): Body {
  return snapshot.withheld.length === 0
    ? body
    : Object.fromEntries(Object.entries(body).filter(([name]) => !snapshot.withheld.includes(name)));
}

const FLEX_VERSION = "8.0.15";

export function flexBody(flex: FlexRecord, state: State): Body {
  return {
    id: flex.id,
    name: flex.name,
    groupId: state.projectId,
    clusterType: "REPLICASET",
    stateName: "IDLE",
    createDate: flex.createdAt,
    backupSettings: { enabled: true },
    mongoDBVersion: FLEX_VERSION,
    providerSettings: { backingProviderName: "AWS", diskSizeGB: 5, providerName: "FLEX", regionName: REGION },
    terminationProtectionEnabled: false,
    versionReleaseSystem: "LTS",
  };
}

const FLEX_HOUR_MS = 18 * HOUR_MS;
const FLEX_RUN_MS = 5 * MINUTE_MS;
/** https://www.mongodb.com/docs/atlas/backup/cloud-backup/flex-cluster-backup/ */
const FLEX_SNAPSHOTS_KEPT = 8;

/** A flex cluster's daily snapshots, newest first: they follow from the time of day alone. */
export function flexSnapshotBodies(flex: FlexRecord, nowMs: number): readonly Body[] {
  const newestMs = Math.floor((nowMs - FLEX_HOUR_MS - FLEX_RUN_MS) / DAY_MS) * DAY_MS + FLEX_HOUR_MS;
  return Array.from({ length: FLEX_SNAPSHOTS_KEPT }, (_, age) => newestMs - age * DAY_MS)
    .filter((startMs) => iso(startMs) > flex.createdAt)
    .map((startMs) => ({
      id: objectId(startMs, flex.id),
      status: "COMPLETED",
      scheduledTime: iso(startMs),
      startTime: iso(startMs),
      finishTime: iso(startMs + FLEX_RUN_MS),
      expiration: iso(startMs + FLEX_SNAPSHOTS_KEPT * DAY_MS),
      mongoDBVersion: FLEX_VERSION,
    }));
}
