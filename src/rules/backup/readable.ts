/** Names every field that a verdict rests on and that could not be read: nothing is silently left out. */
import type { Check } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import { notKnown, type Observed } from "../../core/observed.ts";
import { pass, unknown } from "../../core/verdict.ts";
import type { Schedule, Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, type ClusterFacts, pastInstant } from "./facts.ts";
import { snapshotName } from "./points.ts";

const MAX_SHOWN = 5;

export const readable: Check<BackupFacts> = {
  id: "backup/readable",
  title: "everything that Atlas answered could be read",
  remedy,
  judge: (facts) => {
    const reasons = unreadableFields(facts).map((field) => (field.known ? "" : field.reason.message));
    const gone = reasons.filter((reason) => reason !== "");
    if (gone.length === 0) return pass("all fields were readable");
    const shown = gone.slice(0, MAX_SHOWN);
    const more = gone.length > MAX_SHOWN ? ` and ${gone.length - MAX_SHOWN} more` : "";
    const verdict = unknown(`could not read: ${shown.join("; ")}${more}`, { unreadable: gone.length, first: shown });
    return { ...verdict, remedy: remedy(facts) };
  },
};

function remedy({ database }: BackupFacts): string {
  return `see what Atlas itself shows: atlas backups snapshots list ${database.cluster}; mend access where it was refused; if Atlas has new values, upgrade litally-ops`;
}

function unreadableFields(facts: BackupFacts): readonly Observed<unknown>[] {
  const { cluster, schedule, snapshots, memberSnapshots } = facts;
  return [
    cluster,
    ...(cluster.known && cluster.value !== null ? clusterFields(facts, cluster.value) : []),
    ...(cluster.known && cluster.value === null ? [] : [snapshots]),
    ...(hasSchedule(facts) ? [schedule] : []),
    ...(schedule.known ? scheduleFields(facts, schedule.value) : []),
    ...(snapshots.known ? snapshots.value.flatMap((snapshot) => snapshotFields(facts, snapshot)) : []),
    ...(memberSnapshots === null ? [] : [memberSnapshots]),
  ].filter((field) => !field.known);
}

/** An absent cluster has no schedule, nor has one whose backups are off: their own checks say so. */
function hasSchedule({ cluster }: BackupFacts): boolean {
  if (!cluster.known) return true;
  return cluster.value !== null && !(cluster.value.backupEnabled.known && !cluster.value.backupEnabled.value);
}

function clusterFields(facts: BackupFacts, cluster: ClusterFacts): readonly Observed<unknown>[] {
  const { database } = facts;
  const sharded = !(cluster.type.known && cluster.type.value === "REPLICASET");
  return [
    cluster.type,
    cluster.state,
    cluster.paused,
    cluster.backupEnabled,
    cluster.encryptionAtRestProvider,
    pastInstant(cluster.createdAt, facts.observedAt, `cluster ${cluster.name}: createDate`),
    ...(database.continuousBackup === undefined ? [] : [cluster.pitEnabled]),
    ...(database.copies.length > 0 || sharded ? [cluster.shards] : []),
  ];
}

function scheduleFields(facts: BackupFacts, schedule: Schedule): readonly Observed<unknown>[] {
  const { database } = facts;
  const items = schedule.items.known
    ? schedule.items.value.flatMap((item) => [item.id, item.frequency, item.interval, item.retention])
    : [];
  const settings = schedule.copySettings.known
    ? schedule.copySettings.value.flatMap((setting) => [
        setting.region,
        setting.zoneId,
        setting.frequencies,
        setting.retentions,
        setting.copiesOplogs,
        setting.lastNumberOfSnapshots,
      ])
    : [];
  return [
    schedule.items,
    ...items,
    ...(database.continuousBackup === undefined ? [] : [schedule.restoreWindowDays]),
    ...(database.copies.length === 0 ? [] : [schedule.copySettings, ...settings]),
  ];
}

function snapshotFields(facts: BackupFacts, snapshot: Snapshot): readonly Observed<unknown>[] {
  const what = `snapshot ${snapshotName(snapshot)}`;
  const flex = facts.cluster.known && facts.cluster.value?.offering === "flex";
  const scheduled = snapshot.kind.known && snapshot.kind.value === "scheduled";
  const completed = snapshot.status.known && snapshot.status.value === "completed";
  return [
    snapshot.id,
    snapshot.type,
    snapshot.status,
    snapshot.kind,
    scheduled ? given(snapshot.frequency, `${what}: frequencyType`) : snapshot.frequency,
    snapshot.policyItemIds,
    pastInstant(snapshot.createdAt, facts.observedAt, `${what}: createdAt`),
    completed ? given(snapshot.expiresAt, `${what}: expiresAt`) : snapshot.expiresAt,
    completed && !flex ? given(snapshot.sizeBytes, `${what}: storageSizeBytes`) : snapshot.sizeBytes,
    snapshot.masterKeyId,
    snapshot.members,
    ...(facts.database.copies.length === 0 ? [] : [snapshot.copyRegions]),
  ];
}

/** A field that Atlas may leave out in general, but not here. */
function given<T>(field: Observed<T>, what: string): Observed<T> {
  return field.known && field.value === null ? notKnown(new OpsError("protocol", `${what} is missing`)) : field;
}
