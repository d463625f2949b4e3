/** Restores of single collections, and what a snapshot holds: the same collections in every cluster of the sandbox. */
import { MINUTE_MS } from "../core/duration.ts";
import { type Answer, refuse } from "./answer.ts";
import { list, number, object, oneOf, readBody, text } from "./body.ts";
import type { Changed, Order } from "./changes.ts";
import { objectId } from "./ids.ts";
import { type ClusterRecord, type CollectionRestoreRecord, isOver, iso, type State } from "./model.ts";
import { snapshotFor, targetOf } from "./restore-rules.ts";
import { pointOf } from "./restores.ts";

type Body = Readonly<Record<string, unknown>>;

export const COLLECTIONS: Readonly<Record<string, readonly string[]>> = {
  customers: ["profiles", "verifications"],
  ledger: ["accounts", "balances", "entries"],
  payments: ["transfers", "webhooks.pending"],
};
const NAMESPACES = Object.entries(COLLECTIONS).flatMap(([database, names]) =>
  names.map((name) => `${database}.${name}`),
);
const DOCUMENTS_EACH = 1_200_000;

const namespace = object({ sourceNamespace: text }, { targetNamespace: text });
const ORDER = object(
  {
    targetGroupId: text,
    targetClusterName: text,
    writeStrategy: oneOf(["CREATE_NEW", "OVERWRITE_EXISTING"]),
    indexStrategy: oneOf(["ALL", "NONE", "ALL_EXCEPT_TTL"]),
    collections: list(namespace),
  },
  { snapshotId: text, pointInTimeUtcSeconds: number, collectionSuffix: text },
);

/** It waits for a minute, and then takes three for each collection and one to end. */
const COLLECTION_MS = 3 * MINUTE_MS;

export function startCollectionRestore({ state, cluster: source, nowMs, sent, date }: Order): Changed | Answer {
  const body = readBody(sent, date, ORDER);
  if ("status" in body) return body;
  const { snapshotId, pointInTimeUtcSeconds: seconds, collections, collectionSuffix } = body.value;
  const point = pointOf(seconds === undefined ? "snapshotId" : "pointInTimeUtcSeconds", snapshotId, seconds);
  if ("status" in point) return point;
  const snapshot = snapshotFor(point, source, state, nowMs);
  if (!("sizeBytes" in snapshot)) return snapshot;
  const target = targetOf(body.value, state, nowMs);
  if (!("shards" in target)) return target;
  const namespaces = collections.map(({ sourceNamespace }) => sourceNamespace);
  const refusal = badNamespaces(namespaces) ?? fallback(snapshot.kind) ?? busy(state, target, nowMs);
  if (refusal !== null) return refusal;
  const { writeStrategy, indexStrategy } = body.value;
  const suffix = collectionSuffix || null;
  const isTaken = writeStrategy === "CREATE_NEW" && suffix === null && target.name === source.name;
  const elsewhere = state.clusters.find(({ name }) => name !== target.name) ?? target;
  const job: CollectionRestoreRecord = {
    id: objectId(nowMs, source.id, "collections", String(state.collectionRestores.length)),
    source: source.name,
    target: state.restoresEnd === "elsewhere" ? elsewhere.name : target.name,
    snapshotId: "seconds" in point ? null : snapshot.id,
    pointInTimeSeconds: "seconds" in point ? point.seconds : null,
    namespaces,
    suffix,
    writeStrategy,
    indexStrategy,
    createdAt: iso(nowMs),
    settlesAt: state.restoresEnd === "endless" ? null : iso(nowMs + 2 * MINUTE_MS + namespaces.length * COLLECTION_MS),
    settlesAs: isTaken ? "failed" : state.restoresEnd,
    errorMessage: isTaken ? `${namespaces[0]} exists already` : "the restore did not come to its end",
  };
  const changed = { ...state, collectionRestores: [job, ...state.collectionRestores] };
  return { answer: { status: 201, body: collectionRestoreBody(job, state, nowMs) }, state: changed };
}

/** Up to a hundred at once, each of them there: https://www.mongodb.com/docs/atlas/backup/cloud-backup/restore-from-db-coll/ */
const NAMESPACES_MAX = 100;

function badNamespaces(namespaces: readonly string[]): Answer | null {
  if (namespaces.length === 0 || namespaces.length > NAMESPACES_MAX) {
    return refuse(400, "INVALID_ATTRIBUTE", `Name 1 to ${NAMESPACES_MAX} collections.`, ["collections"]);
  }
  const lost = namespaces.find((name) => !NAMESPACES.includes(name));
  if (lost === undefined) return null;
  return refuse(400, "ATLAS_GENERAL_ERROR", `The snapshot does not hold ${lost}.`, [lost]);
}

function fallback(kind: string): Answer | null {
  if (kind !== "fallback") return null;
  return refuse(400, "ATLAS_GENERAL_ERROR", "Collections are not restored from a fallback snapshot.");
}

function busy({ collectionRestores }: State, { name }: ClusterRecord, nowMs: number): Answer | null {
  if (collectionRestores.every((job) => job.target !== name || isOver(job, nowMs))) return null;
  return refuse(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", `Collections are being restored to ${name}.`, [name]);
}

export function collectionRestoreBody(job: CollectionRestoreRecord, { projectId }: State, nowMs: number): Body {
  const { id, snapshotId, pointInTimeSeconds, target, namespaces, suffix, createdAt, settlesAt } = job;
  const state = stateOf(job, nowMs);
  const total = namespaces.length * DOCUMENTS_EACH;
  return {
    id,
    state,
    createdAt,
    targetGroupId: projectId,
    targetClusterName: target,
    collections: namespaces.map((sourceNamespace) => ({ sourceNamespace })),
    databases: [],
    writeStrategy: job.writeStrategy,
    indexStrategy: job.indexStrategy,
    ...(suffix === null ? {} : { collectionSuffix: suffix }),
    ...(snapshotId === null ? {} : { snapshotId }),
    ...(pointInTimeSeconds === null ? {} : { pointInTimeUtcSeconds: pointInTimeSeconds }),
    restoredDocuments: restored(job, state, total, nowMs),
    totalDocuments: total,
    ...(isOver(job, nowMs) && state !== "INITIALIZING" ? { finishedAt: settlesAt } : {}),
    ...(state === "FAILED" && job.errorMessage !== null ? { errorMessage: job.errorMessage } : {}),
  };
}

const ENDS = {
  finished: "SUCCESSFUL",
  elsewhere: "SUCCESSFUL",
  failed: "FAILED",
  expired: "FAILED",
  cancelled: "CANCELED",
  endless: "IN_PROGRESS",
  unreadable: "UNHEARD_OF",
} as const satisfies Record<CollectionRestoreRecord["settlesAs"], string>;

function stateOf({ createdAt, settlesAt, settlesAs }: CollectionRestoreRecord, nowMs: number): string {
  if (settlesAs === "unreadable") return ENDS.unreadable;
  if (nowMs < Date.parse(createdAt) + MINUTE_MS) return "INITIALIZING";
  const leftMs = settlesAt === null ? Number.POSITIVE_INFINITY : Date.parse(settlesAt) - nowMs;
  if (leftMs <= 0) return ENDS[settlesAs];
  return leftMs <= MINUTE_MS ? "FINALIZING" : "IN_PROGRESS";
}

function restored(job: CollectionRestoreRecord, state: string, total: number, nowMs: number): number {
  if (state === "SUCCESSFUL" || state === "FINALIZING") return total;
  if (state !== "IN_PROGRESS") return 0;
  const ranMs = nowMs - Date.parse(job.createdAt) - MINUTE_MS;
  return Math.min(total, Math.floor((ranMs / COLLECTION_MS) * DOCUMENTS_EACH));
}
