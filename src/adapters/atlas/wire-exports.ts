/** Exports of snapshots as Atlas writes them: the buckets that they go to, jobs, and orders in its words. */
import * as z from "zod/mini";
import { mapObserved } from "../../core/observed.ts";
import { awsRegion } from "../../core/region.ts";
import { CLOUD_PROVIDERS } from "../../ports/atlas.ts";
import { EXPORT_STATES, type ExportBucket, type ExportJob, type ExportOrder } from "../../ports/atlas-exports.ts";
import { fieldsOf, subjectOf, type WireObject } from "../fields.ts";
import { count, instant, text } from "./wire.ts";
import { objectId } from "./wire-restores.ts";

const labels = z.pipe(
  z.array(z.object({ key: text, value: z.string() })),
  z.transform((all): Readonly<Record<string, string>> => Object.fromEntries(all.map(({ key, value }) => [key, value]))),
);
const NO_LABELS: Readonly<Record<string, string>> = {};
const progress = z.object({ exportedCollections: z.nullish(count), totalCollections: z.nullish(count) });
const reason = z.object({ errorCode: z.nullish(z.string()), message: z.nullish(z.string()) });

/** Its id alone is called `_id`. */
export function parseExportBucket(object: WireObject): ExportBucket {
  const { required, optional } = fieldsOf(subjectOf("export bucket", object, "_id"), object);
  return {
    id: required("_id", objectId),
    bucket: required("bucketName", text),
    provider: required("cloudProvider", z.enum(CLOUD_PROVIDERS)),
    region: mapObserved(optional("region", text), (name) => (name === null ? null : awsRegion(name))),
  };
}

export function parseExport(object: WireObject): ExportJob {
  const { required, optional } = fieldsOf(subjectOf("export", object), object);
  const status = optional("exportStatus", progress);
  return {
    id: required("id", objectId),
    snapshotId: required("snapshotId", text),
    exportBucketId: required("exportBucketId", text),
    state: required("state", z.enum(EXPORT_STATES)),
    stateReason: mapObserved(optional("stateReason", reason), (why) => spoken(why?.errorCode, why?.message)),
    prefix: required("prefix", text),
    createdAt: required("createdAt", instant),
    finishedAt: optional("finishedAt", instant),
    exportedCollections: mapObserved(status, (counts) => counts?.exportedCollections ?? null),
    totalCollections: mapObserved(status, (counts) => counts?.totalCollections ?? null),
    labels: mapObserved(optional("customData", labels), (all) => all ?? NO_LABELS),
  };
}

function spoken(...words: readonly (string | null | undefined)[]): string | null {
  return words.filter(Boolean).join(": ") || null;
}

export function exportBody({ snapshotId, exportBucketId, labels }: ExportOrder): WireObject {
  return { snapshotId, exportBucketId, customData: Object.entries(labels).map(([key, value]) => ({ key, value })) };
}
