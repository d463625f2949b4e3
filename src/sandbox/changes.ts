/** What can be changed on request: a snapshot by hand, the schedule, and whether a cluster is backed up at all. */
import { HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import { type Answer, ok, refuse } from "./answer.ts";
import { flag, integer, object, readBody, type Sent, text } from "./body.ts";
import { defaultSchedule } from "./default-schedule.ts";
import { isUnfinished, newestFirst, orderedSnapshot } from "./life.ts";
import { type ClusterRecord, iso, type State } from "./model.ts";
import { isBeingRestored } from "./restore-jobs.ts";
import { changedSchedule, SCHEDULE_CHANGE } from "./schedule-change.ts";
import { brokenCompliance, brokenRule } from "./schedule-rules.ts";
import * as wire from "./wire.ts";

/** A good answer, and the world as it then is. */
export interface Changed {
  readonly answer: Answer;
  readonly state: State;
}

/** What a change looks at: the world, the cluster it is about, and what was sent. */
export interface Order {
  readonly state: State;
  readonly cluster: ClusterRecord;
  readonly nowMs: number;
  readonly url: URL;
  readonly sent: Sent;
  /** Of the part of the cluster that the path names last; empty where it names none. */
  readonly id: string;
  /** Of the operation's media type. */
  readonly date: string;
}

const SNAPSHOT_ORDER = object({}, { description: text, retentionInDays: integer });
const DEFAULT_RETENTION_DAYS = 7;

export function takeSnapshot({ state, cluster, nowMs, sent, date }: Order): Changed | Answer {
  const body = readBody(sent, date, SNAPSHOT_ORDER);
  if ("status" in body) return body;
  const { description = "", retentionInDays: retentionDays = DEFAULT_RETENTION_DAYS } = body.value;
  if (retentionDays < 1) {
    return refuse(400, "INVALID_ATTRIBUTE", "A snapshot is kept for a day at least.", ["retentionInDays"]);
  }
  const refusal = unavailable(cluster, state, nowMs) ?? (cluster.backupEnabled ? null : noBackups(cluster, state));
  if (refusal !== null) return refusal;
  if (cluster.snapshots.some((snapshot) => snapshot.kind === "onDemand" && isUnfinished(snapshot))) {
    return refuse(400, "UNFINISHED_ON_DEMAND_SNAPSHOT", "Another snapshot by hand waits or runs.");
  }
  if (state.compliance !== null && retentionDays < state.compliance.onDemandDays) {
    const code = "SNAPSHOT_RETENTION_LESS_THAN_BACKUP_COMPLIANCE_POLICY_RETENTION";
    return refuse(400, code, `The Backup Compliance Policy demands ${state.compliance.onDemandDays} days.`);
  }
  const snapshot = orderedSnapshot(cluster, { description: description || null, retentionDays }, nowMs);
  const changed = { ...cluster, snapshots: newestFirst([snapshot, ...cluster.snapshots]) };
  return { answer: ok(wire.snapshotBody(changed, snapshot, nowMs)), state: withCluster(state, changed) };
}

export function changeSchedule({ state, cluster, nowMs, sent, date }: Order): Changed | Answer {
  const body = readBody(sent, date, SCHEDULE_CHANGE);
  if ("status" in body) return body;
  if (!cluster.backupEnabled) return noBackups(cluster, state);
  const changed = changedSchedule(cluster, body.value, nowMs);
  if ("status" in changed) return changed;
  const refusal = brokenRule(changed) ?? (state.compliance && brokenCompliance(changed, state.compliance));
  return refusal ?? { answer: ok(wire.scheduleBody(changed, nowMs)), state: withCluster(state, changed) };
}

const CLUSTER_CHANGE = object({}, { backupEnabled: flag, pitEnabled: flag, paused: flag });
/** How long a cluster says that it is still busy with a change. */
const UPDATE_MS = 2 * MINUTE_MS;

export function changeCluster({ state, cluster, nowMs, sent, date }: Order): Changed | Answer {
  const body = readBody(sent, date, CLUSTER_CHANGE);
  if ("status" in body) return body;
  const { paused } = body.value;
  if (paused !== undefined) {
    const alone = Object.keys(body.value).length === 1;
    return alone ? pausedOrResumed({ state, cluster, nowMs }, paused) : notAlone(cluster);
  }
  const { backupEnabled = cluster.backupEnabled, pitEnabled = cluster.pitEnabled } = body.value;
  const refusal = unavailable(cluster, state, nowMs) ?? forbiddenTurn(state, cluster, { backupEnabled, pitEnabled });
  if (refusal !== null) return refusal;
  const begins = backupEnabled && !cluster.backupEnabled;
  const schedule = begins ? defaultSchedule(cluster.id, nowMs) : cluster.schedule;
  const hourly = schedule.items.find((item) => item.frequency === "hourly");
  if (pitEnabled && (!backupEnabled || hourly === undefined)) {
    return refuse(400, "ATLAS_GENERAL_ERROR", "Continuous backup needs backups, and an hourly item in their schedule.");
  }
  const restoreWindowDays = schedule.restoreWindowDays ?? (pitEnabled ? DEFAULT_WINDOW_DAYS : null);
  const changed: ClusterRecord = {
    ...cluster,
    backupEnabled,
    pitEnabled,
    schedule: { ...schedule, restoreWindowDays },
    snapshots: backupEnabled ? cluster.snapshots : [],
    state: "UPDATING",
    updatedAt: iso(nowMs + UPDATE_MS),
  };
  return { answer: ok(wire.clusterBody(changed, state, nowMs)), state: withCluster(state, changed) };
}

/** A cluster that was set going again runs for so long before it may be paused. */
const RUNS_AFTER_RESUME_MS = HOUR_MS;

/** https://www.mongodb.com/docs/atlas/pause-terminate-cluster/ */
function pausedOrResumed({ state, cluster, nowMs }: Pick<Order, "state" | "cluster" | "nowMs">, paused: boolean) {
  const { name, resumedAt } = cluster;
  const busy = unavailable({ ...cluster, paused: false }, state, nowMs);
  if (busy !== null) return busy;
  if (paused && cluster.state === "UPDATING")
    return refuse(409, "CANNOT_PAUSE_CLUSTER_WITH_PENDING_CHANGES", `${name} is still being changed.`, [name]);
  if (paused && resumedAt !== null && nowMs - Date.parse(resumedAt) < RUNS_AFTER_RESUME_MS)
    return refuse(400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER", `${name} was resumed less than 60 minutes ago.`, [
      name,
    ]);
  const resumes = cluster.paused && !paused;
  const changed: ClusterRecord = {
    ...cluster,
    paused,
    resumedAt: resumes ? iso(nowMs) : resumedAt,
    ...(resumes ? { state: "UPDATING" as const, updatedAt: iso(nowMs + RESUME_MS) } : {}),
  };
  return { answer: ok(wire.clusterBody(changed, state, nowMs)), state: withCluster(state, changed) };
}

/** How long a cluster takes until it is idle again. */
const RESUME_MS = 5 * MINUTE_MS;

function notAlone({ name }: ClusterRecord): Answer {
  return refuse(409, "CANNOT_UPDATE_AND_PAUSE_CLUSTER", `${name} cannot be changed and paused in one request.`, [name]);
}

const DEFAULT_WINDOW_DAYS = 7;

/** A Backup Compliance Policy lets nothing be turned off. */
function forbiddenTurn(
  { compliance }: State,
  cluster: ClusterRecord,
  to: Pick<ClusterRecord, "backupEnabled" | "pitEnabled">,
): Answer | null {
  if (compliance === null) return null;
  if (cluster.backupEnabled && !to.backupEnabled) {
    return refuse(400, "CANNOT_DISABLE_BACKUP_WITH_BACKUP_COMPLIANCE_POLICY", "Backups cannot be turned off.");
  }
  if (cluster.pitEnabled && !to.pitEnabled) {
    return refuse(400, "CANNOT_DISABLE_PIT_WITH_BACKUP_COMPLIANCE_POLICY", "Continuous backup cannot be turned off.");
  }
  return null;
}

function unavailable(cluster: ClusterRecord, world: State, nowMs: number): Answer | null {
  const { name, paused, state } = cluster;
  if (paused) return refuse(409, "CANNOT_UPDATE_PAUSED_CLUSTER", `${name} is paused.`, [name]);
  if (state === "DELETING")
    return refuse(409, "CLUSTER_ALREADY_REQUESTED_DELETION", `${name} is being deleted.`, [name]);
  if (isBeingRestored(world, cluster, nowMs))
    return refuse(400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", `${name} is being restored.`, [name]);
  return null;
}

export function noBackups({ name }: ClusterRecord, { projectId }: State): Answer {
  return refuse(404, "BACKUP_CONFIG_NOT_FOUND", `Backups of ${name} are off.`, [name, projectId]);
}

function withCluster(state: State, changed: ClusterRecord): State {
  return { ...state, clusters: state.clusters.map((cluster) => (cluster.id === changed.id ? changed : cluster)) };
}
