/** Waits for a snapshot by its id: bounded, through passing failures, with the time it has taken and an estimate. */
import { DAY_MS, formatSpan, HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import type { OpsError } from "../core/error.ts";
import { observe } from "../core/observed.ts";
import type { Atlas, Snapshot, SnapshotStatus } from "../ports/atlas.ts";
import { type Estimate, estimate } from "../rules/snapshot/estimate.ts";
import { awaitJob } from "./await-job.ts";
import type { Context } from "./context.ts";

export interface Awaited {
  readonly atlas: Atlas;
  readonly context: Pick<Context, "clock" | "signal">;
  readonly projectId: string;
  readonly clusterName: string;
  readonly snapshotId: string;
  readonly sharded: boolean;
  /** Just ordered: Atlas may need a moment until it can be asked for. */
  readonly isNew: boolean;
  readonly tell: (text: string, elapsedMs: number) => void;
}

/** No documented time; large clusters take hours. `--timeout` ends it sooner. */
const LIMIT_MS = 12 * HOUR_MS;
const NEW_FOR_MS = MINUTE_MS;
const PAST_DAYS = 14;

/** How the waiting ended: with the snapshot's own end, or without it, and then the state that it was last seen in. */
export type Waited =
  | { readonly snapshot: Snapshot }
  | { readonly left: OpsError; readonly lastSeen: SnapshotStatus | null };

/**
 * The snapshot once it is completed or failed, or in a state that we do not know; `left` when the time is over or a
 * signal came: it goes on in Atlas. OpsError `not-found` when Atlas knows no such snapshot, `auth` when it may not be seen.
 */
export async function awaitSnapshot(awaited: Awaited): Promise<Waited> {
  const { atlas, context, projectId, clusterName, snapshotId, sharded, isNew, tell } = awaited;
  const usual = usualTime(awaited);
  let lastSeen: SnapshotStatus | null = null;
  const ended = await awaitJob({
    context,
    name: `snapshot ${snapshotId}`,
    limitMs: LIMIT_MS,
    newForMs: isNew ? NEW_FOR_MS : 0,
    get: () => atlas.getSnapshot(projectId, clusterName, snapshotId, sharded),
    isOver: ({ status }) => {
      lastSeen = status.known ? status.value : null;
      return lastSeen !== "queued" && lastSeen !== "inProgress";
    },
    waiting: (elapsedMs, failure) => {
      const trouble = failure === undefined ? "" : `; asking again, for ${failure.message}`;
      const state = lastSeen === null ? "is not seen yet" : WORDS[lastSeen];
      tell(`${clusterName}: snapshot ${snapshotId} ${state}${toGo(elapsedMs, usual())}${trouble}`, elapsedMs);
    },
  });
  return "over" in ended ? { snapshot: ended.over } : { ...ended, lastSeen };
}

const WORDS = {
  queued: "is queued",
  inProgress: "is in progress",
  completed: "is completed",
  failed: "failed",
} as const satisfies Record<SnapshotStatus, string>;

function toGo(elapsedMs: number, usual: Estimate | null): string {
  const elapsed = `, ${formatSpan(elapsedMs)} so far`;
  if (usual === null) return elapsed;
  const leftMs = usual.medianMs - elapsedMs;
  const basis = `(estimate: ${formatSpan(usual.medianMs)} is usual, from the last ${usual.count})`;
  return leftMs > 0
    ? `${elapsed}, about ${formatSpan(leftMs)} to go ${basis}`
    : `${elapsed}, longer than usual ${basis}`;
}

/** Read beside the waiting: an estimate that cannot be had is none, and says nothing about the snapshot. */
function usualTime({ atlas, context, projectId, clusterName }: Awaited): () => Estimate | null {
  let usual: Estimate | null = null;
  const since = new Date(context.clock.now().getTime() - PAST_DAYS * DAY_MS);
  void observe(() => atlas.listSnapshotEvents(projectId, clusterName, since))
    .then((events) => {
      usual = events.known ? estimate(events.value) : null;
    })
    .catch(() => undefined); // aborted: the waiting itself says so
  return () => usual;
}
