/**
 * An Atlas written for distrust: it takes a change only where the body is as the official description says and keeps to
 * every documented rule, keeps what it was sent in its own words, and may be told to fail at any moment. It knows nothing
 * of the sandbox. Its rules: https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/
 */
import type { ServerResponse } from "node:http";
import { digest, type Handler, sendJson, serve } from "../adapters/atlas/harness.ts";
import { breaches, type HostileSchedule, type WireItem, windowBreaches } from "./hostile-rules.ts";
import { specComparison } from "./spec.ts";

export const CLUSTER = "litally-core";
const PROJECT = "5a4db0c5a4db0c5a4db0c5a4";

export interface HostileSnapshot {
  readonly id: string;
  readonly description: unknown;
  readonly status: unknown;
  readonly snapshotType: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly storageSizeBytes: number;
}

/** A cluster and all that a test may turn. */
export interface HostileCluster {
  readonly name: string;
  stateName: string;
  paused: boolean;
  backupEnabled: boolean;
  pitEnabled: boolean;
  zoneIds: readonly string[];
  schedule: HostileSchedule;
  snapshots: HostileSnapshot[];
}

export type Moment = "list clusters" | "read schedule" | "list snapshots" | "read snapshot" | "take" | "set" | "turn";

/** How a request ends. `act` carries it out and gives the answer that Atlas would give. */
export type Trick = (act: () => WireAnswer, response: ServerResponse) => WireAnswer | undefined;
interface WireAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

export interface HostileAtlas {
  readonly baseUrl: URL;
  readonly clusters: HostileCluster[];
  /** Every write that came in with credentials, whatever became of it. */
  readonly writes: readonly { readonly moment: Moment; readonly cluster: string; readonly body: unknown }[];
  /** What was wrong with bodies, all told. */
  readonly faults: string[];
  /** Elements on a page of a list, at most. */
  pageItems: number;
  /** The window that Atlas sets by itself when continuous backup is turned on and there is none; null: it sets none. */
  ownWindowDays: number | null;
  /** Tricks by moment, each for one request, in order; the last that is there for `always` stays. */
  trick(moment: Moment, ...tricks: readonly Trick[]): void;
  always(moment: Moment, trick: Trick): void;
  readonly now: () => Date;
}

export const reset: Trick = (_act, response) => void response.socket?.resetAndDestroy();
export const resetAfter: Trick = (act, response) => {
  act();
  response.socket?.resetAndDestroy();
  return undefined;
};
export const status =
  (code: number, errorCode = "NO", headers: Record<string, string> = {}): Trick =>
  () => ({ status: code, body: { error: code, errorCode }, headers });
export const statusAfter =
  (code: number): Trick =>
  (act) => {
    act();
    return { status: code, body: { error: code, errorCode: "UNEXPECTED_ERROR" } };
  };
export const html: Trick = (_act, response) =>
  void response.writeHead(200, { "content-type": "text/html" }).end("<html>sign in</html>");
export const truncated: Trick = (act, response) => {
  const text = JSON.stringify(act().body);
  response.writeHead(200, { "content-type": "application/json" }).end(text.slice(0, text.length / 2));
  return undefined;
};
const honest: Trick = (act) => act();

const compare = specComparison();
const READ_ONLY = ["clusterId", "clusterName", "links", "nextSnapshot"];
const DESTRUCTIVE = ["deleteSnapshots", "deleteCopySnapshots", "deleteCopiedBackups", "updateCopySnapshots"];

/** Serves until the test ends; `now` is the time that new snapshots bear. */
export async function hostileAtlas(now: () => Date): Promise<HostileAtlas> {
  const clusters: HostileCluster[] = [];
  const writes: { moment: Moment; cluster: string; body: unknown }[] = [];
  const faults: string[] = [];
  const queues = new Map<Moment, Trick[]>();
  const standing = new Map<Moment, Trick>();
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `77f0${ids.toString(16).padStart(20, "0")}`;
  };

  const handler: Handler = (request, response) => {
    const url = new URL(request.url, "http://atlas");
    const path = url.pathname.replace(`/api/atlas/v2/groups/${PROJECT}`, "");
    if (path === "/backupCompliancePolicy") return sendJson(response, 200, {});
    if (path === "/events" || path === "/flexClusters") return sendJson(response, 200, paged([], url, 500));
    const [, , name = "", ...rest] = path.split("/");
    const cluster = clusters.find((one) => one.name === name);
    const place = `${request.method} ${rest.slice(0, 2).join("/")}${rest.length > 2 ? "/id" : ""}`;
    const found = name === "" ? "list clusters" : MOMENTS[place];
    if (found === undefined || (name !== "" && cluster === undefined))
      return sendJson(response, 404, { errorCode: "NO" });
    const body = request.body === "" ? undefined : JSON.parse(request.body);
    if (request.method !== "GET") writes.push({ moment: found, cluster: name, body });
    const act = () =>
      cluster === undefined
        ? { status: 200, body: paged(clusters.map(clusterBody), url, 500) }
        : acted(found, cluster, url, body);
    const trick = queues.get(found)?.shift() ?? standing.get(found) ?? honest;
    const answer = trick(act, response);
    if (answer !== undefined) sendJson(response, answer.status, answer.body, answer.headers ?? {});
  };

  function acted(moment: Moment, cluster: HostileCluster, url: URL, body: unknown): WireAnswer {
    switch (moment) {
      case "list clusters":
        return { status: 200, body: paged(clusters.map(clusterBody), url, 500) };
      case "read schedule":
        return { status: 200, body: scheduleBody(cluster) };
      case "list snapshots":
        return { status: 200, body: paged(cluster.snapshots, url, atlas.pageItems) };
      case "read snapshot": {
        const own = cluster.snapshots.find(({ id }) => url.pathname.endsWith(id));
        return own === undefined ? refusal(404, "SNAPSHOT_NOT_FOUND") : { status: 200, body: own };
      }
      case "take":
        return take(cluster, body);
      case "set":
        return set(cluster, body);
      case "turn":
        return turn(cluster, body);
    }
  }

  function take(cluster: HostileCluster, body: unknown): WireAnswer {
    const sent = body as { description: string; retentionInDays: number }; // the comparison says whether it is
    const wrong = [
      ...(compare?.("DiskBackupOnDemandSnapshotRequest", body) ?? []),
      ...unknownKeys(body, ["description", "retentionInDays"]),
    ];
    if (wrong.length > 0) return fault(wrong);
    const unfinished = cluster.snapshots.some((one) => one.status === "queued" && one.snapshotType === "onDemand");
    if (unfinished) return refusal(400, "UNFINISHED_ON_DEMAND_SNAPSHOT");
    const at = now();
    const snapshot: HostileSnapshot = {
      id: newId(),
      description: sent.description,
      status: "queued",
      snapshotType: "onDemand",
      createdAt: at.toISOString(),
      expiresAt: new Date(at.getTime() + sent.retentionInDays * 86_400_000).toISOString(),
      storageSizeBytes: 0,
    };
    cluster.snapshots.unshift(snapshot);
    return { status: 200, body: snapshot };
  }

  function set(cluster: HostileCluster, body: unknown): WireAnswer {
    const sent = body as Partial<HostileSchedule> & { updateSnapshots?: boolean }; // as above
    const wrong = [
      ...(compare?.("DiskBackupSnapshotSchedule20240805", body) ?? []),
      ...[...READ_ONLY, ...DESTRUCTIVE].filter((key) => Object.hasOwn(sent, key)).map((key) => `${key} was sent`),
      ...unknownKeys(body, SETTABLE),
      ...breaches(cluster, sent),
    ];
    if (wrong.length > 0) return fault(wrong);
    const [policy] = sent.policies ?? [];
    const items = (policy?.policyItems ?? []).map((item): WireItem => ({ ...item, id: item.id ?? newId() }));
    const { updateSnapshots: _, policies: __, ...rest } = sent;
    cluster.schedule = { ...cluster.schedule, ...rest, policies: [{ id: policy?.id ?? "", policyItems: items }] };
    for (const setting of cluster.schedule.copySettings)
      for (const item of setting.copyPolicyItems ?? []) item.id ??= newId();
    return { status: 200, body: scheduleBody(cluster) };
  }

  function turn(cluster: HostileCluster, body: unknown): WireAnswer {
    const sent = body as { backupEnabled?: boolean; pitEnabled?: boolean }; // as above
    const wrong = [
      ...(compare?.("ClusterDescription20240805", body) ?? []),
      ...unknownKeys(body, ["backupEnabled", "pitEnabled"]),
      ...(sent.backupEnabled === false || sent.pitEnabled === false ? ["something was turned off"] : []),
    ];
    if (wrong.length > 0) return fault(wrong);
    const hourly = cluster.schedule.policies[0]?.policyItems.some((item) => item.frequencyType === "hourly");
    if (sent.pitEnabled === true && hourly !== true) return refusal(400, "HOURLY_ITEM_NEEDED");
    if (sent.backupEnabled === true) cluster.backupEnabled = true;
    if (sent.pitEnabled === true) {
      cluster.pitEnabled = true;
      const own = { restoreWindowDays: atlas.ownWindowDays ?? 0 };
      const isKept = own.restoreWindowDays > 0 && windowBreaches(cluster, { ...cluster.schedule, ...own }).length === 0;
      cluster.schedule = { ...(isKept ? own : {}), ...cluster.schedule };
    }
    return { status: 200, body: clusterBody(cluster) };
  }

  function fault(wrong: readonly string[]): WireAnswer {
    faults.push(...wrong);
    return refusal(400, "INVALID_ATTRIBUTE");
  }

  const server = await serve(digest(handler, { privateKey: "private" }));
  const atlas: HostileAtlas = {
    baseUrl: server.baseUrl,
    clusters,
    writes,
    faults,
    pageItems: 500,
    ownWindowDays: null,
    trick: (moment, ...tricks) => void queues.set(moment, [...(queues.get(moment) ?? []), ...tricks]),
    always: (moment, trick) => void standing.set(moment, trick),
    now,
  };
  return atlas;
}

const MOMENTS: Readonly<Record<string, Moment>> = {
  "GET backup/schedule": "read schedule",
  "GET backup/snapshots": "list snapshots",
  "GET backup/snapshots/id": "read snapshot",
  "POST backup/snapshots": "take",
  "PATCH backup/schedule": "set",
  "PATCH ": "turn",
};
const SETTABLE = [
  "policies",
  "restoreWindowDays",
  "referenceHourOfDay",
  "referenceMinuteOfHour",
  "copySettings",
  "copyPolicyItemsEnabled",
  "updateSnapshots",
  ...READ_ONLY,
  ...DESTRUCTIVE,
];

function unknownKeys(body: unknown, known: readonly string[]): readonly string[] {
  return Object.keys(body as object) // what was sent is JSON that begins with a brace
    .filter((key) => !known.includes(key))
    .map((key) => `${key} is none of Atlas's`);
}

function refusal(code: number, errorCode: string): WireAnswer {
  return { status: code, body: { error: code, errorCode, detail: "no" } };
}

function clusterBody(cluster: HostileCluster) {
  const { name, stateName, paused, backupEnabled, pitEnabled, zoneIds } = cluster;
  return {
    id: "66f0000000000000000000c1",
    name,
    clusterType: zoneIds.length > 1 ? "GEOSHARDED" : "REPLICASET",
    stateName,
    paused,
    backupEnabled,
    pitEnabled,
    createDate: "2024-01-01T00:00:00Z",
    encryptionAtRestProvider: "NONE",
    replicationSpecs: zoneIds.map((zoneId) => ({
      id: zoneId,
      zoneId,
      regionConfigs: [
        { providerName: "AWS", regionName: "EU_WEST_1", electableSpecs: { instanceSize: "M30", nodeCount: 3 } },
      ],
    })),
  };
}

function scheduleBody({ name, schedule }: HostileCluster) {
  return {
    clusterId: "66f0000000000000000000c1",
    clusterName: name,
    nextSnapshot: "2026-11-22T18:00:00Z",
    ...schedule,
  };
}

function paged(all: readonly unknown[], url: URL, most: number) {
  const size = Math.min(most, Number(url.searchParams.get("itemsPerPage") ?? 100));
  const number = Number(url.searchParams.get("pageNum") ?? 1);
  const results = all.slice((number - 1) * size, number * size);
  const links = number * size < all.length ? [{ rel: "next", href: "" }] : [];
  return { links, results, totalCount: all.length };
}
