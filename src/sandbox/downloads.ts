/** Downloads of snapshots: what Atlas refuses, where the files of one are, and how long they are there. */
import { HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import { type Answer, refuse } from "./answer.ts";
import { objectId } from "./ids.ts";
import { isOver, iso, type RestoreRecord, type SnapshotRecord, type State } from "./model.ts";

/** A snapshot is packed after a minute, and its addresses serve until an hour after the order. */
const PACKED_MS = MINUTE_MS;
const SERVED_MS = HOUR_MS;
/** Atlas has a limit for each project, and does not tell it. */
const ACTIVE_MAX = 5;

export const DOWNLOAD_PREFIX = "/download/";

/** One at a time of a snapshot: https://www.mongodb.com/docs/atlas/reference/api-errors/ */
export function refusedDownload({ restoreJobs }: State, snapshot: SnapshotRecord, nowMs: number): Answer | null {
  const active = restoreJobs.filter((job) => job.delivery === "download" && !isOver(job, nowMs));
  if (active.some(({ snapshotId }) => snapshotId === snapshot.id)) {
    const code = "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY";
    return refuse(400, code, `The snapshot ${snapshot.id} is being downloaded already.`, [snapshot.id]);
  }
  if (active.length < ACTIVE_MAX) return null;
  return refuse(400, "TOO_MANY_SNAPSHOT_DOWNLOADS", `${ACTIVE_MAX} downloads of this project are active.`);
}

/** When it ends is known beforehand; where restores do not go well, it ends before there is an address, or never. */
export function downloadCourse({ restoresEnd }: State, nowMs: number): Pick<RestoreRecord, "settlesAt" | "settlesAs"> {
  switch (restoresEnd) {
    case "finished":
    case "elsewhere":
      return { settlesAt: iso(nowMs + SERVED_MS), settlesAs: "expired" };
    case "unreadable":
      return { settlesAt: iso(nowMs + SERVED_MS), settlesAs: restoresEnd };
    case "failed":
    case "cancelled":
    case "expired":
      return { settlesAt: iso(nowMs + PACKED_MS / 2), settlesAs: restoresEnd };
    case "endless":
      return { settlesAt: null, settlesAs: restoresEnd };
  }
}

/** What a restore job says of its addresses; `origin` is where they are served. */
export function deliveryBody(
  job: RestoreRecord,
  snapshot: SnapshotRecord | undefined,
  { origin, nowMs }: { readonly origin: string; readonly nowMs: number },
): Readonly<Record<string, unknown>> {
  const isServed = job.delivery === "download" && isPacked(job, nowMs) && !isOver(job, nowMs);
  const shards = isServed && snapshot !== undefined ? snapshot.shards : [];
  const components = shards.map((replicaSetName) => ({
    replicaSetName,
    downloadUrl: `${origin}${DOWNLOAD_PREFIX}${job.id}/${tokenOf(job)}/${replicaSetName}.tar.gz`,
  }));
  return { deliveryUrl: components.map(({ downloadUrl }) => downloadUrl), components };
}

interface DownloadedFile {
  readonly snapshot: SnapshotRecord;
  readonly replicaSet: string;
}

const FILE_PATH = /^\/download\/([0-9a-f]{24})\/([^/]+)\/([^/]+)\.tar\.gz$/;

/** What stands at an address. Atlas does not tell how it refuses one: the status that fits is given. */
export function downloadedFile(path: string, state: State, nowMs: number): DownloadedFile | Answer {
  const [, id, token, replicaSet = ""] = FILE_PATH.exec(path) ?? [];
  const job = state.restoreJobs.find((one) => one.id === id && one.delivery === "download");
  const snapshot = state.clusters.flatMap(({ snapshots }) => snapshots).find((one) => one.id === job?.snapshotId);
  if (job === undefined || snapshot?.shards.includes(replicaSet) !== true || !isPacked(job, nowMs)) {
    return plain(404, "There is no such file.");
  }
  if (token !== tokenOf(job)) return plain(403, "This is not the address that was given.");
  if (!isOver(job, nowMs)) return { snapshot, replicaSet };
  return job.settlesAs === "expired"
    ? plain(403, "The address has expired.")
    : plain(410, "The download is cancelled.");
}

function isPacked({ createdAt, settlesAt }: RestoreRecord, nowMs: number): boolean {
  const packedMs = Date.parse(createdAt) + PACKED_MS;
  return packedMs <= nowMs && settlesAt !== null && settlesAt >= iso(packedMs);
}

function tokenOf({ id }: RestoreRecord): string {
  return `canary-${objectId(0, id, "download")}`;
}

function plain(status: number, body: string): Answer {
  return { status, body, headers: { "Content-Type": "text/plain" } };
}
