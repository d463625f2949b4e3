/** Clusters as Atlas writes them. */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { mapObserved } from "../../core/observed.ts";
import { awsRegion, regionOf } from "../../core/region.ts";
import {
  CLOUD_PROVIDERS,
  CLUSTER_STATES,
  CLUSTER_TYPES,
  type Cluster,
  CONFIG_SERVER_TYPES,
  ENCRYPTION_PROVIDERS,
  type FlexCluster,
} from "../../ports/atlas.ts";
import { fieldsOf, subjectOf, type WireObject } from "../fields.ts";
import { count, flag, instant, text } from "./wire.ts";

/** The sizes of the nodes that can be elected, of all shards and regions. */
const instanceSizes = z.pipe(
  z.array(
    z.object({ regionConfigs: z.array(z.object({ electableSpecs: z.nullish(z.object({ instanceSize: text })) })) }),
  ),
  z.transform((specs) =>
    specs.flatMap(({ regionConfigs }) =>
      regionConfigs.flatMap(({ electableSpecs }) => (electableSpecs ? [electableSpecs.instanceSize] : [])),
    ),
  ),
);
/**
 * Of each shard by priority, the highest first: its snapshots lie in the region of the highest.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/dedicated-cluster-backup/
 */
const regionConfig = z.object({ regionName: text, providerName: z.enum(CLOUD_PROVIDERS), priority: z.nullish(count) });
/** Which of several is the first nobody knows where one names no priority. */
const regionConfigs = z
  .array(regionConfig)
  .check(z.refine((all) => all.length === 1 || all.every(({ priority }) => typeof priority === "number")));
const regionNames = z.pipe(
  z.array(z.object({ regionConfigs })).check(z.minLength(1)),
  z.transform((specs) =>
    specs.map((spec) =>
      spec.regionConfigs
        .toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0))
        .map(({ regionName, providerName }) => regionOf(providerName, awsRegion(regionName))),
    ),
  ),
);
const shards = z.array(z.object({ zoneId: text })).check(z.minLength(1));
/** https://www.mongodb.com/docs/manual/reference/versioning/; a release that is not final yet has a word behind it. */
const version = z.string().check(z.regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/));
const dataBearing = z.nullish(
  z.object({ nodeCount: z.nullish(count), diskSizeGB: z.nullish(z.number().check(z.gt(0))) }),
);
/** Of all nodes that hold data, in GB; empty where nothing is said about any. */
const diskSizes = z.pipe(
  z.array(
    z.object({
      regionConfigs: z.array(
        z.object({ electableSpecs: dataBearing, readOnlySpecs: dataBearing, analyticsSpecs: dataBearing }),
      ),
    }),
  ),
  z.transform((specs) =>
    specs
      .flatMap(({ regionConfigs }) => regionConfigs.flatMap((region) => Object.values(region)))
      .flatMap((nodes) => (typeof nodes?.diskSizeGB === "number" && nodes.nodeCount !== 0 ? [nodes.diskSizeGB] : [])),
  ),
);
/** `mongodb://a:27017,b:27017/?...` and `mongodb+srv://name`: all that follows the hosts is left out. */
const hostsOf = (uri: string) =>
  (/^mongodb(?:\+srv)?:\/\/([^/?@]+)/.exec(uri)?.[1] ?? "")
    .toLowerCase()
    .split(",")
    .filter((host) => host !== "");
const anyConnectionHosts = z.pipe(
  z.object({
    standard: z.nullish(text),
    standardSrv: z.nullish(text),
    private: z.nullish(text),
    privateSrv: z.nullish(text),
  }),
  z.transform((strings) => [...new Set(Object.values(strings).flatMap((uri) => (uri ? hostsOf(uri) : [])))]),
);
const connectionHosts = z.pipe(anyConnectionHosts, z.array(z.string()).check(z.minLength(1)));
const backupSettings = z.object({ enabled: flag });

/** Throws OpsError `protocol` without a name: such an element could be any cluster. */
export function parseCluster(object: WireObject): Cluster {
  const { required, optional } = fieldsOf(subjectOf("cluster", object, "name"), object);
  return {
    name: nameOf(object),
    id: required("id", text),
    type: required("clusterType", z.enum(CLUSTER_TYPES)),
    state: required("stateName", z.enum(CLUSTER_STATES)),
    paused: required("paused", flag),
    createdAt: required("createDate", instant),
    hosts: required("connectionStrings", connectionHosts),
    backupEnabled: required("backupEnabled", flag),
    pitEnabled: required("pitEnabled", flag),
    encryptionAtRestProvider: optional("encryptionAtRestProvider", z.enum(ENCRYPTION_PROVIDERS)),
    // since API version 2024-08-05 there is one replication spec per shard
    regions: required("replicationSpecs", regionNames),
    shards: required("replicationSpecs", shards),
    freeTier: isTenant(object["replicationSpecs"]),
    nvme: mapObserved(required("replicationSpecs", instanceSizes.check(z.minLength(1))), (sizes) =>
      sizes.some((size) => size.endsWith("_NVME")),
    ),
    mongodbVersion: optional("mongoDBVersion", version),
    diskSizeGb: mapObserved(required("replicationSpecs", diskSizes), (sizes) =>
      sizes.length === 0 ? null : Math.min(...sizes),
    ),
    configServerType: optional("configServerType", z.enum(CONFIG_SERVER_TYPES)),
  };
}

export function parseFlexCluster(object: WireObject): FlexCluster {
  const { required } = fieldsOf(subjectOf("flex cluster", object, "name"), object);
  return {
    name: nameOf(object),
    id: required("id", text),
    state: required("stateName", z.enum(CLUSTER_STATES)),
    createdAt: required("createDate", instant),
    backupEnabled: mapObserved(required("backupSettings", backupSettings), ({ enabled }) => enabled),
  };
}

const tenantSpecs = z.array(z.object({ regionConfigs: z.array(z.object({ providerName: z.literal("TENANT") })) }));

/** Free and shared clusters live with the provider "TENANT". */
function isTenant(replicationSpecs: unknown): boolean {
  return z.safeParse(tenantSpecs.check(z.minLength(1)), replicationSpecs).success;
}

function nameOf(object: WireObject): string {
  const name = z.safeParse(text, object["name"]);
  if (!name.success) throw new OpsError("protocol", "Atlas lists a cluster without a name");
  return name.data;
}
