/** Whether the target may be overwritten: it is there, it is meant, nobody protects it, and nobody works on it. */
import type { Check } from "../../core/check.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Verdict } from "../../core/report.ts";
import { didYouMean } from "../../core/suggest.ts";
import { all, tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { ClusterState } from "../../ports/atlas.ts";
import type { RestoreJob } from "../../ports/atlas-restores.ts";
import type { BackupFacts } from "../backup/facts.ts";
import { shown } from "./data-namespaces.ts";
import { adds, isOnto, isSource, ofTarget, type RestoreFacts, sameName, theTarget } from "./facts.ts";
import { targetFingerprint } from "./fingerprint.ts";
import { restoreState } from "./outcome.ts";

/** Connections that Atlas's own agents and an idle driver or two hold: above it somebody is at work. */
export const QUIET_CONNECTIONS = 100;
/** Writes per second that an idle cluster does for itself at most. */
export const QUIET_WRITES_PER_SECOND = 1;

const describeTarget = ({ request }: RestoreFacts) =>
  `look at the cluster: atlas clusters describe ${request.targetName}`;
const nameAnother = () => "name another target with --to";

function sayInPlace({ request }: RestoreFacts): string {
  return adds(request)
    ? "name another target with --to; or, if they are to stand beside the collections of the source, say --in-place"
    : "name another target with --to; or, if the source itself is meant, say --in-place";
}

/** Its fingerprint must be readable too: a target that cannot be told from another one is not to be overwritten. */
export const targetExists: Check<RestoreFacts> = {
  id: "restore/target-exists",
  title: "the target exists",
  remedy: describeTarget,
  judge: (facts) => {
    const { cluster } = facts.target;
    if (!cluster.known) return unknown(cluster.reason);
    if (cluster.value === null)
      return {
        ...absent(facts.request.targetName, facts.source),
        remedy: "correct the name given with --to: atlas clusters list",
      };
    const found = targetFingerprint(facts);
    if (!found.known) return unknown(found.reason);
    const { id, createdAt } = found.value;
    return cluster.value.name === facts.request.targetName
      ? pass(`cluster ${id}, created ${createdAt.slice(0, 10)}`, { clusterId: id, createdAt })
      : fail(`Atlas answers with another cluster, "${cluster.value.name}"`, {
          expected: facts.request.targetName,
          actual: cluster.value.name,
        });
  },
};

export const sourceExists: Check<RestoreFacts> = {
  id: "restore/source-exists",
  title: "the source exists",
  remedy: ({ source: { database } }) =>
    `correct databases[name=${database.name}].cluster in the policy: atlas clusters list; if it was deleted, see docs/runbooks/lost-cluster.md`,
  judge: ({ source }) => {
    const { cluster, database } = source;
    if (!cluster.known) return unknown(cluster.reason);
    return cluster.value === null ? absent(database.cluster, source) : pass(`${cluster.value.offering} cluster`);
  },
};

/** What there is instead. */
function absent(name: string, { clusterNames }: BackupFacts): Verdict {
  const there = clusterNames.length === 0 ? "" : `; there are ${shown(clusterNames)}`;
  return fail(`Atlas knows no cluster "${name}" in this project${didYouMean(name, clusterNames)}${there}`, {
    expected: name,
    actual: clusterNames,
  });
}

/** Also where nothing is overwritten: the source takes in nothing by a slip of the name. */
export const sourceIsTarget: Check<RestoreFacts> = {
  id: "restore/source-is-target",
  title: "the source is not the target by accident",
  remedy: (facts) => (isSource(facts) ? sayInPlace(facts) : "leave --in-place out"),
  judge: (facts) => {
    const { inPlace, targetName } = facts.request;
    if (!isSource(facts))
      return inPlace
        ? fail(`--in-place is given, but ${targetName} is not the source`)
        : pass("the target is not the source");
    if (inPlace) return pass("the source itself, as --in-place says");
    return fail(
      adds(facts.request)
        ? `${targetName} is the source itself: the collections would be added to it`
        : `${targetName} is the source itself`,
    );
  },
};

/** Protected by any database of the policy; --in-place lifts it for the database that is restored, and for no other. */
export const targetProtected: Check<RestoreFacts> = {
  id: "restore/target-protected",
  title: "the policy does not protect the target",
  remedy: nameAnother,
  judge: (facts) => {
    const { databases, request, source, sourceProjectId } = facts;
    const names = [request.targetName, ...(isSource(facts) ? [source.database.cluster] : [])];
    const here = request.targetProjectId === sourceProjectId || isSource(facts);
    const owners = here ? databases.filter(({ cluster }) => names.some((name) => sameName(name, cluster))) : [];
    const others = owners.filter(({ name }) => name !== source.database.name);
    const guarded = owners.filter(
      ({ name, protected: isProtected }) =>
        isProtected && !(name === source.database.name && request.inPlace && isSource(facts)),
    );
    const listed = (of: typeof owners) => of.map(({ name }) => name).join(", ");
    if (guarded.length > 0) {
      const verdict = fail(`${request.targetName} is protected: it is the cluster of database ${listed(guarded)}`);
      return others.some(({ protected: isProtected }) => isProtected)
        ? verdict
        : { ...verdict, remedy: sayInPlace(facts) };
    }
    if (others.length > 0)
      return warn(
        `${request.targetName} is the cluster of database ${listed(others)}, which the policy does not protect`,
      );
    return pass(owners.length > 0 ? "the database's own cluster" : "it is no cluster of a database in the policy");
  },
};

export const targetState: Check<RestoreFacts> = {
  id: "restore/target-state",
  title: "the target is in a state in which it can be restored to",
  remedy: describeTarget,
  judge: (facts) => {
    const found = theTarget(facts);
    if (!found.known) return unknown(found.reason);
    const { offering, freeTier, paused, state } = found.value;
    if (offering === "flex") return fail("a flex cluster: snapshots of dedicated clusters cannot be restored to it");
    if (freeTier) return fail("a free or shared cluster: snapshots of dedicated clusters cannot be restored to it");
    if (!paused.known) return unknown(paused.reason);
    if (paused.value && facts.request.drill !== undefined) return pass("it stands still, and is set going first");
    if (paused.value)
      return {
        ...fail("the cluster is paused: Atlas restores nothing to it"),
        remedy: `resume it: atlas clusters start ${found.value.name}`,
      };
    if (!state.known) return unknown(state.reason);
    const running = judgeRunning(facts);
    if (running.status !== "pass") return running;
    return STATE_VERDICTS[state.value];
  },
};

const STATE_VERDICTS = {
  IDLE: pass("idle, and no restore is under way onto it"),
  UPDATING: fail("it is being changed, or restored to: wait until it is idle"),
  REPAIRING: fail("it is being repaired: wait until it is idle"),
  CREATING: fail("it is still being created: wait until it is idle"),
  DELETING: fail("it is being deleted"),
} as const satisfies Record<ClusterState, Verdict>;

function judgeRunning({ sourceJobs, targetJobs, collections, request, source }: RestoreFacts): Verdict {
  if (!sourceJobs.known) return unknown(sourceJobs.reason);
  if (!targetJobs.known) return unknown(targetJobs.reason);
  const now = source.observedAt;
  const open = [...sourceJobs.value, ...targetJobs.value].flatMap((job) => {
    const state = restoreState(job, now);
    const isOpen = state === "unknown" ? "maybe" : tri(state === "running");
    return [{ job, under: all(isOnto(job, request.targetProjectId, request.targetName), isOpen) }];
  });
  const running = open.find(({ under }) => under === "yes");
  if (running !== undefined) return underWay(running.job, source.database.name);
  const unclear = open.find(({ under }) => under === "maybe");
  if (unclear !== undefined) return unknown(`whether restore ${idOf(unclear.job)} is under way onto it cannot be read`);
  return collections === null || collections.jobs.known ? pass("none") : unknown(collections.jobs.reason);
}

function underWay(job: RestoreJob, database: string): Verdict {
  const id = idOf(job);
  const since = job.createdAt.known ? ` since ${formatInstant(job.createdAt.value)}` : "";
  return {
    ...fail(`restore ${id} is under way onto it${since}`, { jobId: id }),
    remedy: `wait for it: litally-ops restore watch ${database} ${id}`,
  };
}

function idOf({ id }: RestoreJob): string {
  return id.known ? id.value : "(id not readable)";
}

/** Over a source that is meant to be overwritten writes only warn: it is what is being repaired. */
export const targetQuiet: Check<RestoreFacts> = {
  id: "restore/target-quiet",
  title: "nobody works on the target",
  remedy: (facts) => {
    const { inPlace, allowBusy, targetName } = facts.request;
    if (isSource(facts) && inPlace)
      return `stop the applications that write to ${targetName} first: what they write until it is erased is lost`;
    if (isSource(facts)) return sayInPlace(facts);
    return allowBusy
      ? "stop what works there: it loses what it writes"
      : "stop what works there, or name another target; or, if it may be overwritten all the same, say --allow-busy";
  },
  judge: (facts) => {
    const { request, target } = facts;
    if (adds(request)) return pass("new collections are added: what works there goes on");
    const paused = ofTarget(facts, (cluster) => cluster.paused);
    if (request.drill !== undefined && paused.known && paused.value) return pass("it stands still");
    const judged = judgeActivity(target);
    if (judged.status === "pass" || judged.status === "warn") return judged;
    const isInPlace = isSource(facts) && request.inPlace;
    const isMeant = request.allowBusy || (judged.status === "fail" && isInPlace);
    if (isMeant) return { ...judged, status: "warn" };
    return isInPlace ? { ...judged, remedy: LOOK_THEN_SAY_SO } : judged;
  },
};

const LOOK_THEN_SAY_SO =
  "find out what writes there and stop it; if it may be erased whatever works there, say --allow-busy";

function judgeActivity({ activity }: RestoreFacts["target"]): Verdict {
  if (!activity.known) return unknown(activity.reason);
  const { writesPerSecond, connections } = activity.value;
  if (!writesPerSecond.known) return unknown(writesPerSecond.reason);
  const evidence = {
    expected: `at most ${QUIET_WRITES_PER_SECOND} writes per second, ${QUIET_CONNECTIONS} connections`,
    writesPerSecond: writesPerSecond.value,
    ...(connections.known ? { connections: connections.value } : {}),
  };
  const writes = `${writesPerSecond.value} writes per second`;
  if (!(writesPerSecond.value <= QUIET_WRITES_PER_SECOND))
    return fail(`it takes ${writes}: they would be lost`, evidence);
  if (!connections.known) return unknown(connections.reason, evidence);
  const held = `${connections.value} connections`;
  return connections.value <= QUIET_CONNECTIONS
    ? pass(`${writes}, ${held}`, evidence)
    : warn(`${held} are open: somebody may be at work there`, evidence);
}
