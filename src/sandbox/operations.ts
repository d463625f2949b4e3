/** The operations of the Admin API that the sandbox serves: path, media-type dates, and what they answer. */
import { type AlertAsk, alertBody, createAlert, integrationBody, noAlert, replaceAlert } from "./alerts.ts";
import { type Answer, ok, refuse } from "./answer.ts";
import type { Sent } from "./body.ts";
import { type Changed, changeCluster, changeSchedule, noBackups, type Order, takeSnapshot } from "./changes.ts";
import { COLLECTIONS, collectionRestoreBody, startCollectionRestore } from "./collection-restores.ts";
import { complianceBody } from "./compliance.ts";
import { eventBodies } from "./events.ts";
import { exportBody, exportBucketBody, noExport, noExportBucket, startExport } from "./exports.ts";
import type { ClusterRecord, FlexRecord, State } from "./model.ts";
import { measurements, processBodies } from "./monitoring.ts";
import { paged, whole } from "./pages.ts";
import { restoreJobBody } from "./restore-jobs.ts";
import { snapshotFor } from "./restore-rules.ts";
import { cancelRestore, noRestore, startRestore } from "./restores.ts";
import * as wire from "./wire.ts";

export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the project, `{name}` in place of what is named. */
  readonly template: string;
  /** Matches the whole path; the groups are the path's parameters. */
  readonly path: RegExp;
  /** The media-type date that is served. */
  readonly date: string;
  /** Earlier dates, whose shapes the sandbox does not have: answered as gone. */
  readonly goneDates: readonly string[];
  /** Of what only reads, the answer; a change also gives the world that it leads to. */
  readonly answer: (ask: Ask) => Answer | Changed;
}

interface Ask {
  readonly state: State;
  readonly nowMs: number;
  readonly url: URL;
  readonly parameters: Readonly<Record<string, string>>;
  readonly sent: Sent;
}

interface Found {
  readonly operation: Operation;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The operation of this path and method, or the refusal. */
export function findOperation(method: string, path: string): Found | Answer {
  const candidates = OPERATIONS.flatMap((operation): readonly Found[] => {
    const match = operation.path.exec(path);
    return match === null ? [] : [{ operation, parameters: match.groups ?? {} }];
  });
  const found = candidates.find(({ operation }) => operation.method === method);
  if (found !== undefined) return found;
  if (candidates.length > 0) return refuse(405, "METHOD_NOT_ALLOWED", `The sandbox serves no ${method} here.`);
  return refuse(404, "RESOURCE_NOT_FOUND", `There is no resource ${path}.`, [path]);
}

const OPERATIONS: readonly Operation[] = [
  get("", "2023-01-01", [], ({ state }) => ok(wire.groupBody(state))),
  get("/clusters", "2024-08-05", ["2023-01-01", "2023-02-01"], ({ state, url, nowMs }) =>
    paged(
      state.clusters.map((cluster) => wire.clusterBody(cluster, state, nowMs)),
      url,
    ),
  ),
  get("/clusters/{name}", "2024-08-05", ["2023-01-01", "2023-02-01"], (ask) =>
    withCluster(ask, (cluster) => ok(wire.clusterBody(cluster, ask.state, ask.nowMs))),
  ),
  get("/flexClusters", "2024-11-13", [], ({ state, url }) =>
    paged(
      state.flexClusters.map((flex) => wire.flexBody(flex, state)),
      url,
    ),
  ),
  get("/flexClusters/{name}", "2024-11-13", [], (ask) => withFlex(ask, (flex) => ok(wire.flexBody(flex, ask.state)))),
  get("/flexClusters/{name}/backup/snapshots", "2024-11-13", [], (ask) =>
    withFlex(ask, (flex) => paged(wire.flexSnapshotBodies(flex, ask.nowMs), ask.url)),
  ),
  get("/clusters/{name}/backup/schedule", "2024-08-05", ["2023-01-01"], (ask) =>
    withCluster(ask, (cluster) => schedule(cluster, ask), "schedule"),
  ),
  get("/clusters/{name}/backup/snapshots", "2023-01-01", [], (ask) =>
    withCluster(ask, (cluster) => paged(wire.memberBodies(cluster, ask.nowMs), ask.url), "snapshots"),
  ),
  get("/clusters/{name}/backup/snapshots/shardedClusters", "2023-01-01", [], (ask) =>
    withCluster(ask, (cluster) => whole(units(cluster), ask.url), "snapshots"),
  ),
  get("/clusters/{name}/backup/snapshots/{id}", "2023-01-01", [], (ask) =>
    withCluster(ask, (cluster) => one(wire.memberBodies(cluster, ask.nowMs), ask), "snapshots"),
  ),
  get("/clusters/{name}/backup/snapshots/shardedCluster/{id}", "2023-01-01", [], (ask) =>
    withCluster(ask, (cluster) => one(units(cluster), ask), "snapshots"),
  ),
  get("/clusters/{name}/backup/restoreJobs", "2023-01-01", [], (ask) =>
    withCluster(ask, (cluster) => paged(restoreJobs(cluster, ask), ask.url)),
  ),
  get("/clusters/{name}/backup/restoreJobs/{id}", "2023-01-01", [], (ask) =>
    withCluster(ask, (cluster) => one(restoreJobs(cluster, ask), ask, noRestore)),
  ),
  get("/clusters/{name}/collectionRestoreJobs", "2025-03-12", [], (ask) =>
    withCluster(ask, (cluster) => paged(collectionRestores(cluster, ask), ask.url)),
  ),
  get("/clusters/{name}/collectionRestoreJobs/{id}", "2025-03-12", [], (ask) =>
    withCluster(ask, (cluster) => one(collectionRestores(cluster, ask), ask, noRestore)),
  ),
  get("/clusters/{name}/backup/snapshots/{id}/databases", "2025-03-12", [], (ask) =>
    withCluster(ask, (cluster) => held(cluster, ask, Object.keys(COLLECTIONS)), "snapshots"),
  ),
  get("/clusters/{name}/backup/snapshots/{id}/databases/{database}/collections", "2025-03-12", [], (ask) =>
    withCluster(ask, (cluster) => held(cluster, ask, COLLECTIONS[ask.parameters["database"] ?? ""] ?? []), "snapshots"),
  ),
  get("/clusters/{name}/backup/exports", "2023-01-01", [], (ask) =>
    withCluster(ask, (cluster) => paged(exports(cluster, ask), ask.url)),
  ),
  get("/clusters/{name}/backup/exports/{id}", "2023-01-01", [], (ask) =>
    withCluster(ask, (cluster) => one(exports(cluster, ask), ask, noExport)),
  ),
  get("/backup/exportBuckets", "2024-05-30", ["2023-01-01"], ({ state, url }) =>
    paged(state.exportBuckets.map(exportBucketBody), url),
  ),
  get("/backup/exportBuckets/{id}", "2024-05-30", ["2023-01-01"], ({ state, parameters }) => {
    const bucket = state.exportBuckets.find(({ id }) => id === parameters["id"]);
    return bucket === undefined ? noExportBucket(parameters["id"] ?? "") : ok(exportBucketBody(bucket));
  }),
  get("/processes", "2023-01-01", [], ({ state, nowMs, url }) => paged(processBodies(state, nowMs), url)),
  get("/processes/{id}/measurements", "2023-01-01", [], ({ state, nowMs, url, parameters }) =>
    measurements(state, parameters["id"] ?? "", url.searchParams, nowMs),
  ),
  get("/backupCompliancePolicy", "2023-10-01", ["2023-01-01"], ({ state }) => ok(complianceBody(state))),
  get("/events", "2023-01-01", [], ({ state, url }) => paged(eventBodies(state, url.searchParams), url)),
  get("/alertConfigs", "2023-01-01", [], ({ state, url }) =>
    paged(
      state.alerts.map((alert) => alertBody(alert, state)),
      url,
    ),
  ),
  get("/alertConfigs/{id}", "2023-01-01", [], ({ state, parameters }) => {
    const alert = state.alerts.find(({ id }) => id === parameters["id"]);
    return alert === undefined ? noAlert(parameters["id"] ?? "") : ok(alertBody(alert, state));
  }),
  get("/integrations", "2023-01-01", [], ({ state, url }) => paged(state.integrations.map(integrationBody), url)),
  changeAlerts("POST", "/alertConfigs", "2023-01-01", createAlert),
  changeAlerts("PUT", "/alertConfigs/{id}", "2023-01-01", replaceAlert),
  change("POST", "/clusters/{name}/backup/snapshots", "2023-01-01", [], takeSnapshot, "snapshots"),
  change("POST", "/clusters/{name}/backup/restoreJobs", "2023-01-01", [], startRestore),
  change("DELETE", "/clusters/{name}/backup/restoreJobs/{id}", "2023-01-01", [], cancelRestore),
  change("POST", "/clusters/{name}/collectionRestoreJobs", "2025-03-12", [], startCollectionRestore),
  change("POST", "/clusters/{name}/backup/exports", "2023-01-01", [], startExport),
  change("PATCH", "/clusters/{name}/backup/schedule", "2024-08-05", ["2023-01-01"], changeSchedule, "schedule"),
  change("PATCH", "/clusters/{name}", "2024-10-23", ["2023-01-01", "2023-02-01", "2024-08-05"], changeCluster),
];

type Answering<T> = (ask: Ask) => T;

/** An operation below a project; `{name}` in the template is a named group of the expression. */
function get(template: string, date: string, goneDates: readonly string[], answer: Answering<Answer>): Operation {
  return { method: "GET", template, path: pathOf(template), date, goneDates, answer: (ask) => withGroup(ask, answer) };
}

function change(
  method: "POST" | "PATCH" | "DELETE",
  template: string,
  date: string,
  goneDates: readonly string[],
  carryOut: (order: Order) => Changed | Answer,
  part?: "schedule" | "snapshots",
): Operation {
  const answer: Answering<Changed | Answer> = (ask) =>
    withCluster(ask, (cluster) => carryOut({ ...ask, cluster, date, id: ask.parameters["id"] ?? "" }), part);
  return { method, template, path: pathOf(template), date, goneDates, answer: (ask) => withGroup(ask, answer) };
}

function changeAlerts(
  method: "POST" | "PUT",
  template: string,
  date: string,
  carryOut: (ask: AlertAsk) => Changed | Answer,
): Operation {
  const answer: Answering<Changed | Answer> = (ask) => carryOut({ ...ask, date, id: ask.parameters["id"] ?? "" });
  return { method, template, path: pathOf(template), date, goneDates: [], answer: (ask) => withGroup(ask, answer) };
}

function pathOf(template: string): RegExp {
  const pattern = `/groups/{group}${template}`.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^/api/atlas/v2${pattern}$`);
}

function withGroup<T>(ask: Ask, answer: Answering<T>): T | Answer {
  const group = ask.parameters["group"] ?? "";
  if (!/^[a-f0-9]{24}$/.test(group)) return refuse(400, "INVALID_GROUP_ID", `${group} is not a project id.`, [group]);
  if (group !== ask.state.projectId) return refuse(404, "GROUP_NOT_FOUND", `There is no project ${group}.`, [group]);
  return answer(ask);
}

function withCluster<T>(ask: Ask, answer: (cluster: ClusterRecord) => T, part?: "schedule" | "snapshots"): T | Answer {
  const name = ask.parameters["name"] ?? "";
  const cluster = ask.state.clusters.find((candidate) => candidate.name === name);
  if (cluster === undefined) return noCluster(ask.state, name);
  if (part !== undefined && cluster.forbidden.includes(part)) {
    return refuse(403, "USER_UNAUTHORIZED", `These credentials may not read the ${part} of ${name}.`, [name]);
  }
  return answer(cluster);
}

function noCluster(state: State, name: string): Answer {
  if (state.flexClusters.some((flex) => flex.name === name)) {
    return refuse(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", `${name} is a flex cluster: use the flex endpoints.`, [
      name,
    ]);
  }
  return refuse(404, "CLUSTER_NOT_FOUND", `There is no cluster ${name} in project ${state.projectId}.`, [
    name,
    state.projectId,
  ]);
}

function withFlex(ask: Ask, answer: (flex: FlexRecord) => Answer): Answer {
  const name = ask.parameters["name"] ?? "";
  const flex = ask.state.flexClusters.find((candidate) => candidate.name === name);
  if (flex !== undefined) return answer(flex);
  return refuse(404, "CLUSTER_NOT_FOUND", `There is no flex cluster ${name} in project ${ask.state.projectId}.`, [
    name,
    ask.state.projectId,
  ]);
}

function schedule(cluster: ClusterRecord, ask: Ask): Answer {
  if (cluster.backupEnabled) return ok(wire.scheduleBody(cluster, ask.nowMs));
  return noBackups(cluster, ask.state);
}

function units(cluster: ClusterRecord): ReturnType<typeof wire.unitBodies> {
  return cluster.type === "REPLICASET" ? [] : wire.unitBodies(cluster);
}

function one(bodies: ReturnType<typeof wire.unitBodies>, ask: Ask, none = noSnapshot): Answer {
  const id = ask.parameters["id"] ?? "";
  const body = bodies.find((candidate) => candidate["id"] === id);
  return body === undefined ? none(id) : ok(body);
}

function noSnapshot(id: string): Answer {
  return refuse(404, "RESOURCE_NOT_FOUND", `There is no snapshot ${id}.`, [id]);
}

/** Restores are found under the cluster that they come from. */
function restoreJobs({ name }: ClusterRecord, { state, nowMs, url }: Ask): ReturnType<typeof wire.unitBodies> {
  const ours = state.restoreJobs.filter(({ source }) => source === name);
  return ours.map((job) => restoreJobBody(job, state, nowMs, url.origin));
}

function collectionRestores({ name }: ClusterRecord, { state, nowMs }: Ask): ReturnType<typeof wire.unitBodies> {
  const ours = state.collectionRestores.filter(({ source }) => source === name);
  return ours.map((job) => collectionRestoreBody(job, state, nowMs));
}

function exports({ name }: ClusterRecord, { state, nowMs }: Ask): ReturnType<typeof wire.unitBodies> {
  return state.exports.filter(({ source }) => source === name).map((job) => exportBody(job, nowMs));
}

/** Names of what a completed snapshot holds. */
function held(cluster: ClusterRecord, ask: Ask, names: readonly string[]): Answer {
  const snapshot = snapshotFor({ snapshotId: ask.parameters["id"] ?? "" }, cluster, ask.state, ask.nowMs);
  if (!("sizeBytes" in snapshot)) return snapshot;
  return paged(
    names.map((name) => ({ name })),
    ask.url,
  );
}
