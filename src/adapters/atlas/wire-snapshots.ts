/** Snapshots as Atlas writes them: of replica sets, of sharded clusters, and the leaner ones of flex clusters. */
import * as z from "zod/mini";
import { FREQUENCIES } from "../../core/frequency.ts";
import { known, mapObserved } from "../../core/observed.ts";
import { awsRegion } from "../../core/region.ts";
import {
  CONFIG_SERVER_TYPES,
  SNAPSHOT_KINDS,
  SNAPSHOT_STATUSES,
  type Snapshot,
  type SnapshotStatus,
} from "../../ports/atlas.ts";
import { fieldsOf, subjectOf, type WireObject } from "../fields.ts";
import { count, instant, text } from "./wire.ts";

/** Schemas are made once: there may be thousands of snapshots, and to make one is dearer than to read by it. */

/** A schedule has an item "ondemand" too; a snapshot labelled so has no frequency. */
const label = z.enum([...FREQUENCIES, "ondemand"]);
const snapshotType = z.enum(["replicaSet", "shardedCluster"]);
const status = z.enum(SNAPSHOT_STATUSES);
const kind = z.enum(SNAPSHOT_KINDS);
const configServerType = z.enum(CONFIG_SERVER_TYPES);
const itemIds = z.array(text);
const words = z.string();
const regions = z.array(z.pipe(text, z.transform(awsRegion)));
/** An on-demand snapshot was taken for no schedule item; of a scheduled one the label says as much. */
const NO_ITEMS: readonly string[] = [];

const members = z.array(z.object({ id: text, replicaSetName: text }));

export function parseSnapshot(object: WireObject): Snapshot {
  return { ...commonFields(object), members: known(null) };
}

/** What taking a snapshot answers: of a sharded cluster, the unit over all shards. */
export function parseTakenSnapshot(object: WireObject): Snapshot {
  return object["type"] === "shardedCluster" ? parseShardedSnapshot(object) : parseSnapshot(object);
}

export function parseShardedSnapshot(object: WireObject): Snapshot {
  const { required } = fieldsOf(subjectOf("snapshot", object), object);
  return { ...commonFields(object), members: required("members", members) };
}

const FLEX_STATUSES = {
  COMPLETED: "completed",
  FAILED: "failed",
  RUNNING: "inProgress",
  PENDING: "queued",
  QUEUED: "queued",
} as const satisfies Record<string, SnapshotStatus>;
const flexStatus = z.enum(["COMPLETED", "FAILED", "RUNNING", "PENDING", "QUEUED"]);

/** Flex clusters have a daily schedule of Atlas's own and nothing to set; what they do not have is null. */
export function parseFlexSnapshot(object: WireObject): Snapshot {
  const { required, optional } = fieldsOf(subjectOf("snapshot", object), object);
  const startedAt = optional("startTime", instant);
  const waits = startedAt.known && startedAt.value === null;
  return {
    id: required("id", text),
    type: known("replicaSet"),
    status: mapObserved(required("status", flexStatus), (status) => FLEX_STATUSES[status]),
    kind: known("scheduled"),
    description: known(null),
    frequency: known("daily"),
    policyItemIds: known([]),
    createdAt: waits ? required("scheduledTime", instant) : required("startTime", instant),
    expiresAt: optional("expiration", instant),
    sizeBytes: known(null),
    copyRegions: known(null),
    masterKeyId: known(null),
    mongodVersion: optional("mongoDBVersion", text),
    configServerType: known(null),
    members: known(null),
  };
}

function commonFields(object: WireObject): Omit<Snapshot, "members"> {
  const { required, optional } = fieldsOf(subjectOf("snapshot", object), object);
  return {
    id: required("id", text),
    type: optional("type", snapshotType),
    status: required("status", status),
    kind: required("snapshotType", kind),
    description: mapObserved(optional("description", words), (said) => said || null),
    frequency: mapObserved(optional("frequencyType", label), (frequency) =>
      frequency === "ondemand" ? null : frequency,
    ),
    policyItemIds: mapObserved(optional("policyItems", itemIds), (ids) => ids ?? NO_ITEMS),
    createdAt: required("createdAt", instant),
    expiresAt: optional("expiresAt", instant),
    sizeBytes: optional("storageSizeBytes", count),
    copyRegions: optional("copyRegions", regions),
    masterKeyId: optional("masterKeyUUID", text),
    mongodVersion: optional("mongodVersion", text),
    configServerType: optional("configServerType", configServerType),
  };
}
