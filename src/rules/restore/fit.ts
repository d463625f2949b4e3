/**
 * Whether what is restored fits the target. Atlas refuses some misfits itself; of others its documentation says nothing.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/restore-overview/
 */
import type { Check } from "../../core/check.ts";
import { mapObserved, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { formatBytes } from "../../core/size.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import { ofCluster } from "../backup/facts.ts";
import { shardCount } from "../backup/units.ts";
import { ofTarget, type RestoreFacts } from "./facts.ts";
import { chosenPoint } from "./snapshot-choice.ts";

const GB = 1e9; // bytes, as Atlas counts disks

/** Judges the snapshot that a restore of the whole cluster begins with; collections go in by themselves. */
function ofWhole(judge: (facts: RestoreFacts, snapshot: Snapshot) => Verdict): Check<RestoreFacts>["judge"] {
  return (facts) => (facts.request.collections === null ? ofChosen(judge)(facts) : []);
}

function ofChosen(judge: (facts: RestoreFacts, snapshot: Snapshot) => Verdict): Check<RestoreFacts>["judge"] {
  return (facts) => {
    const point = chosenPoint(facts);
    return point.known ? judge(facts, point.value.snapshot) : unknown(point.reason);
  };
}

const anotherTarget = ({ request }: RestoreFacts) =>
  `name a target that fits with --to, or change ${request.targetName}`;

/** Same type, same number of shards, same kind of config server; never a sharded cluster to a replica set. */
export const topology: Check<RestoreFacts> = {
  id: "restore/topology",
  title: "the target has the shape of what is restored",
  remedy: anotherTarget,
  judge: ofWhole((facts, snapshot) => {
    const sourceType = ofCluster(facts.source, ({ type }) => type);
    const targetType = ofTarget(facts, ({ type }) => type);
    if (!snapshot.type.known) return unknown(snapshot.type.reason);
    if (!sourceType.known) return unknown(sourceType.reason);
    if (!targetType.known) return unknown(targetType.reason);
    const held = snapshot.type.value ?? (sourceType.value === "REPLICASET" ? "replicaSet" : "shardedCluster");
    const wanted = targetType.value === "REPLICASET" ? "replicaSet" : "shardedCluster";
    if (held !== wanted)
      return fail(`the snapshot is of a ${WORDS[held]}, the target is a ${WORDS[wanted]}`, {
        expected: held,
        actual: wanted,
      });
    return held === "replicaSet" ? pass("both are replica sets") : judgeShards(facts, snapshot);
  }),
};

const WORDS = { replicaSet: "replica set", shardedCluster: "sharded cluster" } as const;

function judgeShards(facts: RestoreFacts, snapshot: Snapshot): Verdict {
  const shards = ofTarget(facts, (cluster) => cluster.shards);
  const server = ofTarget(facts, ({ configServerType }) => configServerType);
  const held = shardCount(snapshot);
  if (!shards.known) return unknown(shards.reason);
  if (held === null) return unknown("which shards the snapshot holds cannot be read");
  if (held !== shards.value.length)
    return fail(`the snapshot holds ${held} shards, the target has ${shards.value.length}`, {
      expected: held,
      actual: shards.value.length,
    });
  if (!server.known) return unknown(server.reason);
  if (!snapshot.configServerType.known) return unknown(snapshot.configServerType.reason);
  const [wanted, actual] = [snapshot.configServerType.value, server.value];
  if (wanted === null || actual === null)
    return unknown("Atlas does not say whether the config servers are of one kind");
  return wanted === actual
    ? pass(`${held} shards, ${actual.toLowerCase()} config servers`)
    : fail(`the snapshot's config servers are ${wanted.toLowerCase()}, the target's ${actual.toLowerCase()}`, {
        expected: wanted,
        actual,
      });
}

/** Data files are read by their own major version and by the next; Atlas does not say so of cloud backups. */
export const version: Check<RestoreFacts> = {
  id: "restore/version",
  title: "the target's MongoDB can read what is restored",
  remedy: anotherTarget,
  judge: ofChosen((facts, snapshot) => {
    const from = takenWith(facts, snapshot);
    const to = ofTarget(facts, ({ mongodbVersion }) => mongodbVersion);
    if (!from.known) return unknown(from.reason);
    if (!to.known) return unknown(to.reason);
    const [taken, target] = [release(from.value), release(to.value)];
    if (taken === undefined || target === undefined)
      return unknown(`which versions they are cannot be read: ${from.value ?? "none"} and ${to.value ?? "none"}`);
    const evidence = { expected: from.value, actual: to.value };
    const words = `taken with ${from.value}, the target has ${to.value}`;
    if (target.major < taken.major || (target.major === taken.major && target.minor < taken.minor))
      return fail(`${words}, which is older`, evidence);
    return target.major > taken.major + 1
      ? fail(`${words}, more than one major version ahead`, evidence)
      : pass(words, evidence);
  }),
};

/** Where a snapshot names no version, that of its cluster, which was never newer then. */
function takenWith({ source }: RestoreFacts, { mongodVersion }: Snapshot): Observed<string | null> {
  if (mongodVersion.known && mongodVersion.value === null)
    return ofCluster(source, ({ mongodbVersion }) => mongodbVersion);
  return mongodVersion;
}

function release(version: string | null): { readonly major: number; readonly minor: number } | undefined {
  const match = /^(\d+)\.(\d+)(?:\.|$)/.exec(version ?? "");
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Atlas documents advice only: the same capacity. What cannot hold the data by its numbers is refused here. */
export const disk: Check<RestoreFacts> = {
  id: "restore/disk",
  title: "the target's disk holds what is restored",
  remedy: ({ request }) => `enlarge the disk of ${request.targetName}, or name another target with --to`,
  judge: ofWhole((facts, { sizeBytes }) => {
    const own = ofTarget(facts, ({ diskSizeGb }) => diskSizeGb);
    const shards = ofTarget(facts, (cluster) => mapObserved(cluster.shards, ({ length }) => length));
    const sources = ofCluster(facts.source, ({ diskSizeGb }) => diskSizeGb);
    if (!own.known) return unknown(own.reason);
    if (!shards.known) return unknown(shards.reason);
    if (!sizeBytes.known) return unknown(sizeBytes.reason);
    if (own.value === null || sizeBytes.value === null)
      return warn("Atlas does not say how large the disk and the data are");
    const capacityBytes = own.value * GB * Math.max(shards.value, 1);
    const evidence = { expectedBytes: sizeBytes.value, actualBytes: capacityBytes };
    const words = `${formatBytes(sizeBytes.value)} onto ${formatBytes(capacityBytes)}`;
    if (capacityBytes < sizeBytes.value) return fail(`${words}: it does not fit`, evidence);
    if (!sources.known || sources.value === null) return warn(`${words}; the source's disk is not told`, evidence);
    return own.value < sources.value
      ? warn(
          `${words}; the target's disk (${own.value} GB) is smaller than the source's (${sources.value} GB)`,
          evidence,
        )
      : pass(words, evidence);
  }),
};

/** Atlas refuses a target that is not encrypted as the snapshot is (INVALID_SNAPSHOT_RESTORE_ENCRYPTION). */
export const encryption: Check<RestoreFacts> = {
  id: "restore/encryption",
  title: "the target is encrypted as the snapshot is",
  remedy: anotherTarget,
  judge: ofWhole((facts, { masterKeyId }) => {
    const provider = ofTarget(facts, ({ encryptionAtRestProvider }) => encryptionAtRestProvider);
    if (!masterKeyId.known) return unknown(masterKeyId.reason);
    if (!provider.known) return unknown(provider.reason);
    if (provider.value === null) return warn("Atlas does not say whether the target is encrypted with a customer key");
    const [snapshotHas, targetHas] = [masterKeyId.value !== null, provider.value !== "NONE"];
    const words = (has: boolean) => (has ? "a customer key" : "no customer key");
    return snapshotHas === targetHas
      ? pass(`both with ${words(targetHas)}`)
      : fail(`the snapshot has ${words(snapshotHas)}, the target ${words(targetHas)}`, {
          expected: words(snapshotHas),
          actual: words(targetHas),
        });
  }),
};
