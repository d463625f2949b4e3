/** The download road: Atlas gives out an address for an hour, and what stands there streams straight into S3. */
import { formatSpan, HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import type { DownloadFile, DownloadJob } from "../ports/atlas-exports.ts";
import { formatKey } from "../rules/archive/keys.ts";
import type { ManifestObject } from "../rules/archive/manifest.ts";
import { shardCount } from "../rules/backup/units.ts";
import { howKept, manifestStep } from "./push-manifest.ts";
import { completeBody, type SentBody, sendBody } from "./push-object.ts";
import { orderedJob, touching } from "./push-order.ts";
import type { Pushing, PushStep, StepBase } from "./push-run.ts";

export function downloadSteps(pushing: Pushing, base: StepBase, size: string): readonly PushStep[] {
  const { archived, point } = pushing;
  const { database } = archived;
  const kept = howKept(pushing);
  const state: { job?: ReadyDownload; objects?: readonly ManifestObject[] } = {};
  return [
    {
      ...base,
      summary: `have Atlas make snapshot ${point.name} of ${database.cluster} (${size}) ready for download`,
      done: `Atlas made snapshot ${point.name} of ${database.cluster} (${size}) ready for download`,
      apply: async () => {
        state.job = await readyDownload(pushing);
        return { state: "done", result: { jobId: state.job.id } };
      },
    },
    {
      ...base,
      summary: `stream it into ${kept}`,
      done: `streamed into ${kept}`,
      apply: async () => {
        if (state.job === undefined) throw new OpsError("bug", "nothing is ready for download");
        state.objects = await streamAll(pushing, state.job);
        return { state: "done", result: { objects: state.objects.map(({ key }) => key) } };
      },
    },
    manifestStep(pushing, base, () => state.objects),
  ];
}

interface ReadyDownload {
  readonly id: string;
  readonly files: readonly DownloadFile[];
}

/** With less left of its life than that, an address is not begun with. */
const LEAST_LIFE_MS = 5 * MINUTE_MS;
/** Nothing is documented; Atlas makes large snapshots ready within the hour. */
const READY_LIMITS = { firstMs: 5 * SECOND_MS, longestMs: 30 * SECOND_MS, limitMs: 6 * HOUR_MS };

/** Takes over a download of the snapshot that is alive: Atlas gives out no second one beside it. */
async function readyDownload(pushing: Pushing): Promise<ReadyDownload> {
  const { atlas, context, archived, policy, point } = pushing;
  const id = await orderedJob(pushing, {
    what: "download",
    find: () => aliveDownload(pushing),
    send: () => atlas.startDownload(policy.atlas.projectId, archived.database.cluster, point.name),
    found: (alive) => `download ${alive} of the snapshot is alive: it is gone on with`,
  });
  const touched = touching(pushing);
  const least = shardCount(point.snapshot) ?? 1;
  return poll({
    clock: context.clock,
    signal: context.signal,
    limits: READY_LIMITS,
    what: `download ${id} was not ready`,
    ask: async () => {
      await touched();
      const seen = await atlas.getDownload(policy.atlas.projectId, archived.database.cluster, id);
      const files = readyFiles(seen, { id, least, now: context.clock.now() });
      return files === null ? { done: false } : { done: true, value: { id, files } };
    },
    waiting: (elapsedMs) =>
      context.progress.waiting(`download ${id}: Atlas makes it ready, ${formatSpan(elapsedMs)} so far`, elapsedMs),
  });
}

async function aliveDownload({ atlas, context, archived, policy, point }: Pushing): Promise<DownloadJob | undefined> {
  const jobs = await atlas.listDownloads(policy.atlas.projectId, archived.database.cluster);
  return jobs.find((job) => {
    const isOfIt = job.snapshotId.known && job.snapshotId.value === point.name;
    return isOfIt && isOpen(job) && hasLife(job, context.clock.now());
  });
}

function isOpen({ failed, cancelled, expired }: DownloadJob): boolean {
  return [failed, cancelled, expired].every((mark) => mark.known && !mark.value);
}

interface Awaited {
  readonly id: string;
  /** A file for each shard: an archive of fewer is none. */
  readonly least: number;
  readonly now: Date;
}

/** null: not yet, or not of all shards yet. OpsError `rejected` once it never will be. */
function readyFiles(job: DownloadJob, { id, least, now }: Awaited): readonly DownloadFile[] | null {
  for (const mark of ["failed", "cancelled", "expired"] as const) {
    const seen = job[mark];
    if (!seen.known) throw seen.reason;
    if (seen.value) throw new OpsError("rejected", `Atlas says that download ${id} is ${mark}`, { hint: "push again" });
  }
  if (!job.files.known) throw job.files.reason;
  if (job.files.value.length < least) return null;
  if (hasLife(job, now)) return job.files.value;
  throw new OpsError("rejected", `the addresses of download ${id} are about to die`, { hint: "push again" });
}

function hasLife({ expiresAt }: DownloadJob, now: Date): boolean {
  if (!expiresAt.known || expiresAt.value === null) return expiresAt.known;
  return expiresAt.value.getTime() - now.getTime() >= LEAST_LIFE_MS;
}

/** Objects come to be only once all bodies are there: a push that is cut off leaves uploads, which cost nothing for long. */
async function streamAll(pushing: Pushing, { id, files }: ReadyDownload): Promise<readonly ManifestObject[]> {
  const { archived, period, point } = pushing;
  const sent: SentBody[] = [];
  for (const [index, { replicaSet, url }] of files.entries()) {
    const name = `${replicaSet ?? `shard-${index}`}-${id}`;
    const key = formatKey(archived.place, {
      kind: "body",
      month: period.month,
      snapshotId: point.name,
      replicaSet: name,
    });
    sent.push(await sendBody(pushing, { key, url, what: `${index + 1} of ${files.length}` }));
  }
  const objects: ManifestObject[] = [];
  for (const body of sent) objects.push(await completeBody(pushing, body));
  return objects;
}
