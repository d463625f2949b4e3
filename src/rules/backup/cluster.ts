/** Does the cluster exist, can it be backed up, and are its backups on. */
import type { Check } from "../../core/check.ts";
import { DAY_MS, longestMs } from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { didYouMean } from "../../core/suggest.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { ClusterState } from "../../ports/atlas.ts";
import { absentCluster, type BackupFacts, type ClusterFacts, FLEX_KEPT_DAYS, ofCluster } from "./facts.ts";
import { atlasApi } from "./remedies.ts";

export const clusterExists: Check<BackupFacts> = {
  id: "backup/cluster-exists",
  title: "the cluster exists",
  remedy: ({ database }) =>
    `correct databases[name=${database.name}].cluster in the policy, or look for it: atlas clusters list; if it was deleted, restore it from a retained backup or an archive`,
  judge: ({ cluster, database, clusterNames }) => {
    if (!cluster.known) return unknown(cluster.reason);
    if (cluster.value === null)
      return fail(
        `Atlas knows no cluster "${database.cluster}" in this project${didYouMean(database.cluster, clusterNames)}`,
        { expected: database.cluster, actual: clusterNames },
      );
    return pass(`${cluster.value.offering} cluster`);
  },
};

export const clusterState: Check<BackupFacts> = {
  id: "backup/cluster-state",
  title: "the cluster is in a state in which backups are taken",
  remedy: ({ database }) => `look at the cluster: atlas clusters describe ${database.cluster}`,
  judge: (facts) => {
    if (!facts.cluster.known) return unknown(facts.cluster.reason);
    if (facts.cluster.value === null) return unknown(absentCluster());
    return judgeState(facts, facts.cluster.value);
  },
};

function judgeState(facts: BackupFacts, cluster: ClusterFacts): Verdict {
  const name = facts.database.cluster;
  if (cluster.freeTier) {
    return {
      ...fail("a free or shared cluster: Atlas takes no backups of it", { expected: "dedicated", actual: "free" }),
      remedy: `upgrade it to a dedicated cluster: atlas clusters upgrade ${name} --tier M10`,
    };
  }
  if (cluster.paused.known && cluster.paused.value) {
    return {
      ...fail("the cluster is paused: no snapshots are taken, and those it has go on expiring", {
        expected: "running",
        actual: "paused",
      }),
      remedy: `resume it: atlas clusters start ${name}; or take the database out of the policy`,
    };
  }
  if (!cluster.state.known) return unknown(cluster.state.reason);
  if (!cluster.paused.known) return unknown(cluster.paused.reason);
  const byState = STATE_VERDICTS[cluster.state.value];
  if (cluster.offering === "flex" && byState.status === "pass") return judgeFlex(facts);
  return { ...byState, evidence: { expected: "IDLE or UPDATING", actual: cluster.state.value } };
}

/** A flex cluster has eight daily snapshots that nobody can configure, and nothing else. */
function judgeFlex({ database }: BackupFacts): Verdict {
  const beyond = [
    database.continuousBackup === undefined ? "" : "continuous backup",
    database.copies.length === 0 ? "" : "copies to another region",
    database.encryption === undefined ? "" : "encryption with customer keys",
    database.snapshots.some(
      ({ frequency, retain }) => frequency !== "daily" || longestMs(retain) > FLEX_KEPT_DAYS * DAY_MS,
    )
      ? "other snapshots than the last eight dailies"
      : "",
  ].filter((what) => what !== "");
  const verdict =
    beyond.length > 0
      ? fail(`a flex cluster cannot do what the policy asks for: ${beyond.join(", ")}`, {
          expected: "dedicated",
          actual: "flex",
        })
      : warn("a flex cluster: its eight daily snapshots cannot be configured", { actual: "flex" });
  return {
    ...verdict,
    remedy: `upgrade it to a dedicated cluster: atlas clusters upgrade ${database.cluster} --tier M10`,
  };
}

const STATE_VERDICTS = {
  IDLE: pass("idle"),
  UPDATING: pass("being updated; snapshots go on"),
  REPAIRING: warn("being repaired: Atlas replaces nodes, snapshots may be late"),
  CREATING: warn("still being created"),
  DELETING: fail("being deleted: its snapshots go with it unless backups were retained"),
} as const satisfies Record<ClusterState, Verdict>;

export const backupEnabled: Check<BackupFacts> = {
  id: "backup/enabled",
  title: "cloud backup is on",
  remedy: (facts) => `turn it on: ${atlasApi(facts, "clusters updateCluster", { backupEnabled: true })}`,
  judge: (facts) => {
    const enabled = ofCluster(facts, (cluster) => cluster.backupEnabled);
    if (!enabled.known) return unknown(enabled.reason);
    return enabled.value
      ? pass("on")
      : fail("cloud backup is off: no snapshots are taken", { expected: true, actual: false });
  },
};
