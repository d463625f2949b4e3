/** Waits for a snapshot by its id: bounded, through passing failures, with the time it has taken and an estimate. */
import { DAY_MS, formatSpan, HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { observe } from "../core/observed.ts";
import { poll } from "../core/poll.ts";
import type { Atlas, Snapshot, SnapshotStatus } from "../ports/atlas.ts";
import { type Estimate, estimate } from "../rules/snapshot/estimate.ts";
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
const LIMITS = { firstMs: 5 * SECOND_MS, longestMs: MINUTE_MS, limitMs: 12 * HOUR_MS };
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
  const startedMs = context.clock.now().getTime();
  let lastSeen: SnapshotStatus | null = null;
  const waiting = poll<Waited>({
    clock: context.clock,
    signal: context.signal,
    limits: LIMITS,
    what: `snapshot ${snapshotId} was not done`,
    ask: async () => {
      const isYoung = isNew && context.clock.now().getTime() - startedMs < NEW_FOR_MS;
      const snapshot = await read(() => atlas.getSnapshot(projectId, clusterName, snapshotId, sharded), isYoung);
      if (snapshot === undefined) return { done: false };
      lastSeen = snapshot.status.known ? snapshot.status.value : null;
      return lastSeen === "queued" || lastSeen === "inProgress" ? { done: false } : { done: true, value: { snapshot } };
    },
    waiting: (elapsedMs, failure) => {
      const trouble = failure === undefined ? "" : `; asking again, for ${failure.message}`;
      const state = lastSeen === null ? "is not seen yet" : WORDS[lastSeen];
      tell(`${clusterName}: snapshot ${snapshotId} ${state}${toGo(elapsedMs, usual())}${trouble}`, elapsedMs);
    },
  });
  try {
    return await waiting;
  } catch (error) {
    if (error instanceof OpsError && (error.kind === "timeout" || error.kind === "aborted"))
      return { left: error, lastSeen };
    throw error;
  }
}

const WORDS = {
  queued: "is queued",
  inProgress: "is in progress",
  completed: "is completed",
  failed: "failed",
} as const satisfies Record<SnapshotStatus, string>;

/** undefined: not there, which is no news of one that was ordered a moment ago. */
async function read(get: () => Promise<Snapshot>, isYoung: boolean): Promise<Snapshot | undefined> {
  try {
    return await get();
  } catch (error) {
    if (isYoung && error instanceof OpsError && error.kind === "not-found") return undefined;
    throw error;
  }
}

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
