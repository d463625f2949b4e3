/** What came out of a snapshot taken by hand: judged as `backup verify` judges, but this one alone. */
import { type Check, runChecks } from "../../core/check.ts";
import { DAY_MS, formatSpan } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster, ofSchedule } from "../backup/facts.ts";
import { sizeVerdict } from "../backup/plausible.ts";
import { snapshotName } from "../backup/points.ts";
import { EXPIRY_TOLERANCE_MS } from "../backup/retention.ts";
import { shardCount } from "../backup/units.ts";

export interface OutcomeFacts {
  readonly backup: BackupFacts;
  readonly snapshotId: string;
  /** How long it was asked to be kept; null: somebody else asked. */
  readonly retentionDays: number | null;
}

export function snapshotOutcome(facts: OutcomeFacts, subject: string): readonly Finding[] {
  return runChecks(CHECKS, facts, subject).map((finding) => ({ ...finding, scope: facts.snapshotId }));
}

function ownSnapshot({ backup, snapshotId }: OutcomeFacts): Observed<Snapshot> {
  if (!backup.snapshots.known) return backup.snapshots;
  const own = backup.snapshots.value.find((snapshot) => snapshotName(snapshot) === snapshotId);
  return own === undefined
    ? notKnown(new OpsError("not-found", `snapshot ${snapshotId} is not among the cluster's snapshots`))
    : known(own);
}

/** Judges the snapshot itself, where it can be read and is completed: of what is not, there is nothing to say. */
function ofCompleted(judge: (snapshot: Snapshot, facts: OutcomeFacts) => Verdict | readonly Verdict[]) {
  return (facts: OutcomeFacts) => {
    const own = ownSnapshot(facts);
    if (!own.known) return unknown(own.reason);
    return own.value.status.known && own.value.status.value !== "completed" ? [] : judge(own.value, facts);
  };
}

const lookAgain = ({ backup: { database }, snapshotId }: OutcomeFacts) =>
  `look at it again: litally-ops backup watch ${database.name} ${snapshotId}`;

const completed: Check<OutcomeFacts> = {
  id: "snapshot/completed",
  title: "the snapshot is completed",
  remedy: lookAgain,
  judge: (facts) => {
    const own = ownSnapshot(facts);
    if (!own.known) return unknown(own.reason);
    const { status, kind } = own.value;
    if (!status.known) return unknown(status.reason);
    switch (status.value) {
      case "completed":
        if (!kind.known) return unknown(kind.reason);
        if (kind.value === "fallback")
          return fail("completed, but as a fallback, which may be inconsistent: it is no backup to rely on");
        return pass(
          `completed${own.value.createdAt.known ? `, taken ${formatInstant(own.value.createdAt.value)}` : ""}`,
        );
      case "failed":
        return {
          ...fail("Atlas says that it failed"),
          remedy: `find out why: atlas events projects list; then take another: litally-ops backup snapshot ${facts.backup.database.name}`,
        };
      case "queued":
      case "inProgress":
        return unknown(`it is still ${status.value}`);
    }
  },
};

const size: Check<OutcomeFacts> = {
  id: "snapshot/size",
  title: "its size is plausible",
  remedy: () => "if data was dropped on purpose, note it; if not, do not rely on this snapshot",
  judge: ofCompleted((_snapshot, { backup, snapshotId }) => sizeVerdict(backup, snapshotId)),
};

const shards: Check<OutcomeFacts> = {
  id: "snapshot/shards",
  title: "it holds every shard",
  remedy: () => "take another: this one cannot be restored to the cluster as it is",
  judge: ofCompleted((snapshot, { backup }) => {
    const type = ofCluster(backup, (cluster) => cluster.type);
    const today = ofCluster(backup, (cluster) => cluster.shards);
    if (!type.known) return unknown(type.reason);
    if (type.value === "REPLICASET") return [];
    if (!today.known) return unknown(today.reason);
    const held = shardCount(snapshot);
    if (held === null) return unknown("which shards it holds cannot be read");
    const evidence = { expected: today.value.length, actual: held };
    return held === today.value.length
      ? pass(`all ${held} shards`, evidence)
      : fail(`it holds ${held} of ${today.value.length} shards`, evidence);
  }),
};

const expiry: Check<OutcomeFacts> = {
  id: "snapshot/expiry",
  title: "it is kept as long as was asked",
  remedy: ({ backup: { database }, snapshotId }) =>
    `lengthen it in Atlas: cluster ${database.cluster}, Backup, snapshot ${snapshotId}, Change Retention`,
  judge: ofCompleted(({ expiresAt, createdAt }, { backup, retentionDays }) => {
    if (!expiresAt.known) return unknown(expiresAt.reason);
    if (expiresAt.value === null) return unknown("Atlas names no expiry");
    if (!createdAt.known) return unknown(createdAt.reason);
    const until = `kept until ${formatInstant(expiresAt.value)}`;
    if (expiresAt.value <= backup.observedAt) return fail(`it expired ${formatInstant(expiresAt.value)}`);
    if (retentionDays === null) return pass(until);
    const keptMs = expiresAt.value.getTime() - createdAt.value.getTime();
    const evidence = { expected: `${retentionDays}d`, actual: formatSpan(keptMs) };
    return keptMs + EXPIRY_TOLERANCE_MS >= retentionDays * DAY_MS
      ? pass(until, evidence)
      : fail(`it expires after ${formatSpan(keptMs)}, ${retentionDays} days were asked for`, evidence);
  }),
};

const encryption: Check<OutcomeFacts> = {
  id: "snapshot/encryption",
  title: "it is encrypted as the policy says",
  remedy: ({ backup: { database } }) =>
    `see encryption at rest of the project, and databases[name=${database.name}].encryption.masterKeys`,
  judge: ofCompleted(({ masterKeyId }, { backup }) => {
    const wanted = backup.database.encryption?.masterKeys.map((key) => key.toLowerCase());
    if (wanted === undefined) return [];
    if (!masterKeyId.known) return unknown(masterKeyId.reason);
    const key = masterKeyId.value?.toLowerCase() ?? null;
    const evidence = { expected: wanted, actual: key };
    if (key === null) return fail("it is not encrypted with a customer key", evidence);
    return wanted.includes(key)
      ? pass(`with key ${key}`, evidence)
      : fail(`with key ${key}, which the policy does not name`, evidence);
  }),
};

/** Only where the live schedule copies snapshots by hand: the policy speaks of scheduled ones. */
const copies: Check<OutcomeFacts> = {
  id: "snapshot/copies",
  title: "it is copied to the regions that the schedule names",
  remedy: lookAgain,
  judge: ofCompleted(({ copyRegions }, { backup }) => {
    const settings = ofSchedule(backup, (schedule) => schedule.copySettings);
    if (!settings.known) return unknown(settings.reason);
    const regions = settings.value.flatMap(({ region, frequencies, lastNumberOfSnapshots }) => {
      const byCount = lastNumberOfSnapshots.known && lastNumberOfSnapshots.value !== null;
      const byHand = frequencies.known && frequencies.value.includes("onDemand");
      return region.known && (byCount || byHand) ? [region.value] : [];
    });
    if (regions.length === 0) return [];
    if (!copyRegions.known) return unknown(copyRegions.reason);
    if (copyRegions.value === null) return unknown("Atlas does not tell of its copies");
    const held = copyRegions.value;
    const missing = [...new Set(regions)].filter((region) => !held.includes(region));
    return missing.length === 0
      ? pass(`copied to ${held.join(", ")}`)
      : warn(`not copied to ${missing.join(", ")} yet: copies come after the snapshot itself`, {
          expected: regions,
          actual: held,
        });
  }),
};

const CHECKS: readonly Check<OutcomeFacts>[] = [completed, size, shards, expiry, encryption, copies];
