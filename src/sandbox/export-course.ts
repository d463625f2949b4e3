/**
 * The course of an export: all of it follows from when it was ordered. Collections are written one after the other, and
 * what tells that it is complete comes last (https://www.mongodb.com/docs/atlas/backup/cloud-backup/export/).
 */
import { gzipSync } from "node:zlib";
import { MINUTE_MS } from "../core/duration.ts";
import { COLLECTIONS } from "./collection-restores.ts";
import { objectId, uuid } from "./ids.ts";
import { type ExportRecord, type ExportsEnd, isOver, iso } from "./model.ts";

/** An export waits for its turn, and takes so long for each collection. */
const QUEUED_MS = MINUTE_MS;
const COLLECTION_MS = MINUTE_MS;

const NAMESPACES = Object.entries(COLLECTIONS).flatMap(([database, names]) =>
  names.map((collection) => ({ database, collection })),
);
/** Collections after which one that fails does so, in the middle of the next. */
const FAILS_AFTER = Math.floor(NAMESPACES.length / 2);

export function exportSettlesAt(settlesAs: ExportsEnd, createdMs: number): string | null {
  if (settlesAs === "endless") return null;
  const collections = settlesAs === "failed" ? FAILS_AFTER : NAMESPACES.length;
  return iso(createdMs + QUEUED_MS + (collections + 1) * COLLECTION_MS);
}

export interface ExportProgress {
  readonly state: "Queued" | "InProgress" | "Successful" | "Failed";
  readonly exported: number;
  readonly total: number;
}

export function exportProgress(job: ExportRecord, nowMs: number): ExportProgress {
  const runsMs = nowMs - Date.parse(job.createdAt) - QUEUED_MS;
  if (runsMs < 0) return { state: "Queued", exported: 0, total: 0 };
  const most = job.settlesAs === "failed" || job.settlesAs === "endless" ? FAILS_AFTER : NAMESPACES.length;
  const exported = Math.min(most, Math.floor(runsMs / COLLECTION_MS));
  const ended = job.settlesAs === "failed" ? "Failed" : "Successful";
  return { state: isOver(job, nowMs) ? ended : "InProgress", exported, total: NAMESPACES.length };
}

/** An object that Atlas writes, and when. */
export interface ExportObject {
  readonly key: string;
  readonly dueMs: number;
  readonly body: () => Buffer;
}

/** What `.complete` says besides the number of files. */
export type ExportSummary = Readonly<Record<string, unknown>>;

/** In the order in which they are written. */
export function exportObjects(job: ExportRecord, summary: ExportSummary): readonly ExportObject[] {
  const startsMs = Date.parse(job.createdAt) + QUEUED_MS;
  const check = { key: "exported_snapshots/.permissioncheck", dueMs: Date.parse(job.createdAt), body: nothing };
  const data = NAMESPACES.flatMap((namespace, index) => {
    const dueMs = startsMs + (index + 1) * COLLECTION_MS;
    return chunks(job, namespace).map(({ key, body }) => ({ key, dueMs, body }));
  });
  if (job.settlesAs === "failed" || job.settlesAs === "endless") {
    const isDone = ({ dueMs }: ExportObject) => dueMs <= startsMs + FAILS_AFTER * COLLECTION_MS;
    const [next] = data.filter((object) => !isDone(object)); // half of what was under way
    return [check, ...data.filter(isDone), ...(next === undefined ? [] : [next])];
  }
  const endsMs = startsMs + (NAMESPACES.length + 1) * COLLECTION_MS;
  const metadata = NAMESPACES.map((namespace) => ({
    key: `${job.prefix}/${namespace.database}/${namespace.collection}/metadata.json`,
    dueMs: endsMs,
    body: () => json(metadataOf(job, namespace)),
  }));
  const files = [...data, ...metadata];
  if (job.settlesAs === "unmarked") return [check, ...files];
  const totalFiles = files.length + (job.settlesAs === "miscounted" ? 1 : 0);
  const mark = { key: `${job.prefix}/.complete`, dueMs: endsMs, body: () => json({ ...summary, totalFiles }) };
  return [check, ...files, mark];
}

interface Namespace {
  readonly database: string;
  readonly collection: string;
}

/** Chunks of each shard; the larger collections have two. */
function chunks(job: ExportRecord, { database, collection }: Namespace): readonly Omit<ExportObject, "dueMs">[] {
  const count = LARGE.has(collection) ? 2 : 1;
  return job.shards.flatMap((shard) =>
    Array.from({ length: count }, (_, index) => {
      const key = `${job.prefix}/${database}/${collection}/${shard}.${index}.json.gz`;
      return { key, body: () => gzipSync(documents([job.snapshotId, database, collection, shard, String(index)])) };
    }),
  );
}

const LARGE: ReadonlySet<string> = new Set(["entries", "transfers"]);
const DOCUMENTS = 200;

/** Extended JSON, a document a line. */
function documents(names: readonly string[]): string {
  return Array.from({ length: DOCUMENTS }, (_, index) => {
    const $oid = objectId(0, ...names, String(index));
    return `${JSON.stringify({ _id: { $oid }, reference: uuid($oid), amount: { $numberLong: String(index * 100) } })}\n`;
  }).join("");
}

function metadataOf({ snapshotId }: ExportRecord, { database, collection }: Namespace): object {
  const indexes = [{ v: { $numberInt: "2" }, key: { _id: { $numberInt: "1" } }, name: "_id_" }];
  const id = uuid(snapshotId, database, collection).replaceAll("-", "");
  return { options: {}, indexes, uuid: id, collectionName: collection, type: "collection" };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function nothing(): Buffer {
  return Buffer.alloc(0);
}
