/**
 * Restore jobs as Atlas writes them, and the orders for them in its words. The two kinds of job spell the instant
 * differently: `pointInTimeUTCSeconds` for clusters, `pointInTimeUtcSeconds` for collections.
 */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import {
  COLLECTION_RESTORE_STATES,
  type CollectionRestore,
  type CollectionRestoreOrder,
  DELIVERIES,
  type Delivery,
  type RestoreJob,
  type RestoreOrder,
  type RestorePoint,
} from "../../ports/atlas-restores.ts";
import { type Fields, fieldsOf, subjectOf, type WireObject } from "../fields.ts";
import { DATABASE_NAME, OBJECT_ID } from "./params.ts";
import { count, flag, instant, positive, text } from "./wire.ts";

export const objectId = z.string().check(z.regex(OBJECT_ID));
const epochSeconds = z.pipe(
  positive,
  z.transform((seconds) => new Date(seconds * 1000)),
);
/** The first eight digits of an ObjectId count seconds: https://www.mongodb.com/docs/manual/reference/bson-types/#objectid */
export const birthOfId = z.pipe(
  objectId,
  z.transform((id) => new Date(Number.parseInt(id.slice(0, 8), 16) * 1000)),
);
const bsonTimestamp = z.pipe(
  z.object({ date: instant }),
  z.transform(({ date }) => date),
);
const namespaces = z.pipe(
  z.array(z.object({ sourceNamespace: text })),
  z.transform((all): readonly string[] => all.map(({ sourceNamespace }) => sourceNamespace)),
);

/** The addresses of downloads carry a credential, so they are never read into a job. */
export function parseRestoreJob(object: WireObject): RestoreJob {
  const fields = fieldsOf(subjectOf("restore job", object), object);
  const { required, optional } = fields;
  const delivery = required("deliveryType", z.enum(DELIVERIES));
  return {
    id: required("id", objectId),
    delivery,
    targetProjectId: optional("targetGroupId", text),
    targetName: optional("targetClusterName", text),
    snapshotId: optional("snapshotId", text),
    pointInTimeAt: askedInstant(fields, delivery),
    cancelled: required("cancelled", flag),
    failed: required("failed", flag),
    expired: required("expired", flag),
    finishedAt: optional("finishedAt", instant),
    createdAt: required("id", birthOfId),
  };
}

/** In seconds, as an oplog time, or as the timestamp that Atlas made of it, which other jobs have for other reasons. */
function askedInstant({ required, optional }: Fields, delivery: Observed<Delivery>): Observed<Date | null> {
  for (const name of ["pointInTimeUTCSeconds", "oplogTs"]) {
    const at = optional(name, epochSeconds);
    if (!at.known || at.value !== null) return at;
  }
  if (!delivery.known) return delivery;
  return delivery.value === "pointInTime" ? required("desiredTimestamp", bsonTimestamp) : known(null);
}

export function parseCollectionRestore(object: WireObject): CollectionRestore {
  const fields = fieldsOf(subjectOf("collection restore", object), object);
  const { required, optional } = fields;
  return {
    id: required("id", objectId),
    state: required("state", z.enum(COLLECTION_RESTORE_STATES)),
    targetProjectId: required("targetGroupId", text),
    targetName: required("targetClusterName", text),
    snapshotId: optional("snapshotId", text),
    pointInTimeAt: collectionInstant(fields),
    namespaces: restoredNamespaces(fields),
    suffix: mapObserved(optional("collectionSuffix", z.string()), (suffix) => suffix || null),
    overwrites: mapObserved(required("writeStrategy", z.enum(["CREATE_NEW", "OVERWRITE_EXISTING"])), isOverwriting),
    restoredDocuments: optional("restoredDocuments", count),
    totalDocuments: optional("totalDocuments", count),
    errorMessage: mapObserved(optional("errorMessage", z.string()), (words) => words || null),
    createdAt: required("createdAt", instant),
    finishedAt: optional("finishedAt", instant),
  };
}

function collectionInstant({ optional }: Fields): Observed<Date | null> {
  const at = optional("pointInTimeUtcSeconds", epochSeconds);
  return at.known && at.value === null ? optional("oplogTs", epochSeconds) : at;
}

/** Of a job that restores whole databases, the collections that it names are not all. */
function restoredNamespaces({ required, optional }: Fields): Observed<readonly string[]> {
  const databases = optional("databases", namespaces);
  if (!databases.known) return databases;
  if (databases.value === null || databases.value.length === 0) return required("collections", namespaces);
  const whole = databases.value.length === 1 ? "a whole database" : `${databases.value.length} whole databases`;
  return notKnown(new OpsError("protocol", `the collection restore is one of ${whole}`));
}

function isOverwriting(strategy: "CREATE_NEW" | "OVERWRITE_EXISTING"): boolean {
  return strategy === "OVERWRITE_EXISTING";
}

const named = z.object({ name: text });
const namedDatabase = z.object({ name: z.string().check(z.regex(DATABASE_NAME)) });

/** Throws OpsError `protocol` for what has no name that a database may have. */
export function parseDatabaseName(object: WireObject): string {
  const parsed = z.safeParse(namedDatabase, object);
  if (!parsed.success) throw new OpsError("protocol", "Atlas lists a database in a snapshot without a usable name");
  return parsed.data.name;
}

/** Throws OpsError `protocol` for what has no name. */
export function parseCollectionName(object: WireObject): string {
  const parsed = z.safeParse(named, object);
  if (!parsed.success) throw new OpsError("protocol", "Atlas lists a collection in a snapshot without a name");
  return parsed.data.name;
}

export function restoreBody({ point, targetProjectId, targetName }: RestoreOrder): WireObject {
  return {
    ...(point.kind === "snapshot"
      ? { deliveryType: "automated", snapshotId: point.snapshotId }
      : { deliveryType: "pointInTime", pointInTimeUTCSeconds: wholeSeconds(point) }),
    targetGroupId: targetProjectId,
    targetClusterName: targetName,
  };
}

export function collectionRestoreBody(order: CollectionRestoreOrder): WireObject {
  const { point, targetProjectId, targetName, namespaces, suffix, overwrites } = order;
  if (namespaces.length === 0) throw new OpsError("bug", "a collection restore must name a collection");
  return {
    ...(point.kind === "snapshot" ? { snapshotId: point.snapshotId } : { pointInTimeUtcSeconds: wholeSeconds(point) }),
    targetGroupId: targetProjectId,
    targetClusterName: targetName,
    collections: namespaces.map((sourceNamespace) => ({ sourceNamespace })),
    writeStrategy: overwrites ? "OVERWRITE_EXISTING" : "CREATE_NEW",
    indexStrategy: "ALL",
    ...(suffix !== null && { collectionSuffix: suffix }),
  };
}

/** Atlas takes whole seconds (FRACTIONAL_TIMESTAMP else); which second a fraction means, whoever plans must say. */
function wholeSeconds({ at }: Extract<RestorePoint, { readonly kind: "instant" }>): number {
  const seconds = at.getTime() / 1000;
  if (!Number.isInteger(seconds)) throw new OpsError("bug", "an instant to restore to must be a whole second");
  return seconds;
}
