/** The export road: Atlas writes the snapshot into its bucket, S3 copies it into the archive; nothing flows through here. */
import { mapBounded } from "../core/bounded.ts";
import { formatSpan, HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import type { ExportJob } from "../ports/atlas-exports.ts";
import type { ObjectVersion } from "../ports/s3.ts";
import { judgeMarker, markerKey, type WrittenExport } from "../rules/archive/export.ts";
import { formatKey } from "../rules/archive/keys.ts";
import type { ManifestObject } from "../rules/archive/manifest.ts";
import { copyInto } from "./copy-object.ts";
import { howKept, manifestStep } from "./push-manifest.ts";
import { orderedJob, touching } from "./push-order.ts";
import type { Pushing, PushStep, StepBase } from "./push-run.ts";

export function exportSteps(pushing: Pushing, base: StepBase, size: string): readonly PushStep[] {
  const { archived, point } = pushing;
  const { database } = archived;
  const kept = howKept(pushing);
  const state: { written?: WrittenExport; objects?: readonly ManifestObject[] } = {};
  return [
    {
      ...base,
      summary: `have Atlas export snapshot ${point.name} of ${database.cluster} (${size}) into its bucket`,
      done: `Atlas exported snapshot ${point.name} of ${database.cluster} (${size}) into its bucket`,
      apply: async () => {
        const { id, written } = await exported(pushing);
        if (written === null) return { state: "running", result: { exportId: id } };
        state.written = written;
        return { state: "done", result: { exportId: id, objects: written.objects.length } };
      },
    },
    {
      ...base,
      summary: `have S3 copy it into ${kept}`,
      done: `S3 copied it into ${kept}`,
      apply: async () => {
        if (state.written === undefined) throw new OpsError("bug", "nothing is exported");
        state.objects = await copyAll(pushing, state.written);
        return { state: "done", result: { objects: state.objects.length } };
      },
    },
    manifestStep(pushing, base, () => state.objects),
  ];
}

/** Exports wait in a queue and take as long as they take; whoever is cut off pushes again and finds the job. */
const EXPORT_LIMITS = { firstMs: 10 * SECOND_MS, longestMs: MINUTE_MS, limitMs: 72 * HOUR_MS };

/** `written` is null where Atlas is at it still, and is not waited for. */
async function exported(pushing: Pushing): Promise<{ readonly id: string; readonly written: WrittenExport | null }> {
  const { atlas, context, archived, policy, point, choice, wait } = pushing;
  if (choice.road !== "export") throw new OpsError("bug", "another road was chosen");
  const order = { snapshotId: point.name, exportBucketId: choice.exportBucketId, labels: labelsOf(pushing) };
  const id = await orderedJob(pushing, {
    what: "export",
    find: () => ownExport(pushing),
    send: () => atlas.startExport(policy.atlas.projectId, archived.database.cluster, order),
    found: () => "the export was ordered before: it is gone on with",
  });
  const touched = touching(pushing);
  const ended = await poll<ExportJob | null>({
    clock: context.clock,
    signal: context.signal,
    limits: EXPORT_LIMITS,
    what: `export ${id} was not done`,
    ask: async () => {
      await touched();
      const seen = await atlas.getExport(policy.atlas.projectId, archived.database.cluster, id);
      if (isOver(seen, id)) return { done: true, value: seen };
      return wait ? { done: false } : { done: true, value: null };
    },
    waiting: (elapsedMs) => context.progress.waiting(`export ${id}: ${formatSpan(elapsedMs)} so far`, elapsedMs),
  });
  return { id, written: ended === null ? null : await written(pushing, ended) };
}

/** OpsError `rejected` where it ended otherwise than well: what Atlas has written then is no export. */
function isOver({ state, stateReason }: ExportJob, id: string): boolean {
  if (!state.known) throw state.reason;
  switch (state.value) {
    case "Queued":
    case "InProgress":
      return false;
    case "Successful":
      return true;
    case "Failed":
    case "Cancelled": {
      const why = stateReason.known && stateReason.value !== null ? `: ${stateReason.value}` : "";
      throw new OpsError("rejected", `export ${id} ${state.value.toLowerCase()}${why}`, {
        hint: "push again, which orders another one; Atlas does not repeat it by itself",
      });
    }
  }
}

/** The same for each push of a period: so that one that was ordered is found again. */
function labelsOf({ archived, period, point }: Pushing): Readonly<Record<string, string>> {
  return { "litally-ops": `${archived.database.name}/${period.month}/${point.name}` };
}

async function ownExport(pushing: Pushing): Promise<ExportJob | undefined> {
  const { atlas, archived, policy, point } = pushing;
  const wanted = labelsOf(pushing)["litally-ops"];
  const jobs = await atlas.listExports(policy.atlas.projectId, archived.database.cluster);
  return jobs.find(({ labels, snapshotId, state }) => {
    const isOurs = labels.known && labels.value["litally-ops"] === wanted;
    const isOfIt = snapshotId.known && snapshotId.value === point.name;
    return isOurs && isOfIt && state.known && state.value !== "Failed" && state.value !== "Cancelled";
  });
}

const MAX_MARKER_BYTES = 1024 * 1024;

/** What stands under the job's own prefix, whole by Atlas's own count. */
async function written(pushing: Pushing, job: ExportJob): Promise<WrittenExport> {
  const { s3, exportBucket: bucket } = pushing;
  if (bucket === null) throw new OpsError("bug", "another road was chosen");
  if (!job.prefix.known) throw job.prefix.reason;
  const prefix = job.prefix.value.replace(/^\/|\/$/g, "");
  const listed = await s3.listVersions(bucket, `${prefix}/`);
  const objects = listed.filter(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker);
  const key = markerKey(prefix);
  const isMarked = objects.some((object) => object.key === key);
  const text = isMarked ? (await s3.getText({ bucket, key }, MAX_MARKER_BYTES)).text : null;
  const wrong = judgeMarker(text, objects, { prefix });
  if (wrong === undefined) return { bucket, prefix, objects };
  throw new OpsError("rejected", `the export is not whole: ${wrong}`, {
    hint: "push again once it is, or ask MongoDB",
  });
}

const MAX_COPIES = 8;

async function copyAll(
  pushing: Pushing,
  { bucket, prefix, objects }: WrittenExport,
): Promise<readonly ManifestObject[]> {
  const { s3, archived, period, point, context } = pushing;
  const { bucket: own } = archived.archive;
  const folder = formatKey(archived.place, {
    kind: "export",
    month: period.month,
    snapshotId: point.name,
    relative: "x",
  });
  const there = new Set((await s3.listVersions(own, folder.slice(0, -1))).map(({ key }) => key));
  const startedMs = context.clock.now().getTime();
  const touched = touching(pushing);
  let done = 0;
  return mapBounded(objects, MAX_COPIES, async (object: ObjectVersion) => {
    await touched();
    const key = formatKey(archived.place, {
      kind: "export",
      month: period.month,
      snapshotId: point.name,
      relative: object.key.slice(prefix.length + 1),
    });
    const copied = await copyInto(pushing, { bucket, object, key, isThere: there.has(key) });
    done += 1;
    const elapsedMs = context.clock.now().getTime() - startedMs;
    context.progress.waiting(`${done} of ${objects.length} objects are copied`, elapsedMs);
    return copied;
  });
}
