/** What must hold before a snapshot is taken by hand. */
import { type Check, runChecks } from "../../core/check.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Finding } from "../../core/report.ts";
import { all, type Tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster } from "../backup/facts.ts";
import { asTri, snapshotName } from "../backup/points.ts";

export function snapshotPreconditions(facts: BackupFacts, subject: string): readonly Finding[] {
  return runChecks(PRECONDITIONS, facts, subject);
}

const cluster: Check<BackupFacts> = {
  id: "snapshot/cluster",
  title: "the cluster is in a state in which a snapshot can be taken",
  remedy: ({ database }) => `look at the cluster: atlas clusters describe ${database.cluster}`,
  judge: ({ cluster: found, database }) => {
    if (!found.known) return unknown(found.reason);
    if (found.value === null) return fail(`Atlas knows no cluster "${database.cluster}" in this project`);
    const { offering, freeTier, paused, state, type } = found.value;
    if (offering === "flex") return fail("a flex cluster: snapshots of it cannot be taken by hand");
    if (freeTier) return fail("a free or shared cluster: Atlas takes no snapshots of it");
    if (!type.known) return unknown(type.reason);
    if (!paused.known) return unknown(paused.reason);
    if (paused.value) return fail("the cluster is paused: no snapshot can be taken of it");
    if (!state.known) return unknown(state.reason);
    if (state.value === "CREATING" || state.value === "DELETING")
      return fail(`the cluster is ${state.value.toLowerCase()}`);
    return state.value === "IDLE"
      ? pass("idle")
      : warn(`the cluster is ${state.value.toLowerCase()}: Atlas may ask to wait`);
  },
};

const backups: Check<BackupFacts> = {
  id: "snapshot/backups-on",
  title: "cloud backup is on",
  remedy: ({ database }) => `litally-ops backup apply ${database.name} --confirm ${database.cluster}`,
  judge: (facts) => {
    const enabled = ofCluster(facts, ({ backupEnabled }) => backupEnabled);
    if (!enabled.known) return unknown(enabled.reason);
    return enabled.value ? pass("on") : fail("cloud backup is off: Atlas takes no snapshots");
  },
};

/**
 * Atlas takes one snapshot by hand at a time; one of the schedule may be under way beside it.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/snapshot-management/
 */
const unfinished: Check<BackupFacts> = {
  id: "snapshot/none-unfinished",
  title: "no other snapshot by hand is under way",
  remedy: ({ database }) =>
    `wait for it: litally-ops backup list ${database.name} names it, litally-ops backup watch ${database.name} <id> waits`,
  judge: ({ snapshots, database }) => {
    if (!snapshots.known) return unknown(snapshots.reason);
    const inTheWay = snapshots.value.find((snapshot) => isUnfinished(snapshot) === "yes");
    if (inTheWay !== undefined) {
      const name = snapshotName(inTheWay);
      const since = inTheWay.createdAt.known ? `, taken ${formatInstant(inTheWay.createdAt.value)}` : "";
      const state = inTheWay.status.known ? inTheWay.status.value : "unfinished";
      return {
        ...fail(`snapshot ${name} is still ${state}${since}`, { snapshotId: name, actual: state }),
        remedy: `wait for it: litally-ops backup watch ${database.name} ${name}`,
      };
    }
    const unclear = snapshots.value.find((snapshot) => isUnfinished(snapshot) === "maybe");
    return unclear === undefined
      ? pass("none")
      : unknown(`whether snapshot ${snapshotName(unclear)} is under way cannot be read`);
  },
};

function isUnfinished({ kind, status }: Snapshot): Tri {
  return all(
    asTri(kind, (value) => value === "onDemand"),
    asTri(status, (value) => value === "queued" || value === "inProgress"),
  );
}

const PRECONDITIONS: readonly Check<BackupFacts>[] = [cluster, backups, unfinished];
