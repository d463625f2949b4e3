/**
 * Orders one snapshot, exactly once. Atlas has no key that makes an order unrepeatable, so each carries a marker in its
 * description: after a failure that leaves it open what happened, the marker is looked for before anything else.
 */
import { SECOND_MS } from "../core/duration.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import type { Atlas, Snapshot } from "../ports/atlas.ts";
import type { SnapshotOrder } from "../ports/atlas-changes.ts";
import type { Context } from "./context.ts";
import { lookFor } from "./look-for.ts";

export interface Ordering {
  readonly atlas: Atlas;
  readonly context: Pick<Context, "clock" | "signal" | "progress" | "uniqueWord">;
  readonly projectId: string;
  readonly clusterName: string;
  readonly sharded: boolean;
  readonly order: SnapshotOrder;
}

/** Orders sent for one request at most; each but the first only after it was seen that Atlas did not take the one before. */
const MAX_ORDERS = 3;

/**
 * The id of the snapshot that Atlas took down. OpsError of a kind that `mayHaveActed` where it stays open whether there
 * is one, with the marker in its message; of any other kind where there is none.
 */
export async function takeOnce(ordering: Ordering): Promise<string> {
  const { atlas, projectId, clusterName, context } = ordering;
  const marker = `litally-ops ${context.uniqueWord()}`;
  const order = { ...ordering.order, description: `${ordering.order.description} [${marker}]` };
  for (let sent = 1; ; sent += 1) {
    const failure = await attempt(() => atlas.takeSnapshot(projectId, clusterName, order));
    if (typeof failure === "string") return failure;
    if (sent === 1 && !mayHaveActed(failure.kind)) throw failure;
    context.progress.note(`${clusterName}: ${failure.message}; looking whether the snapshot was taken all the same`);
    const found = await lookForMarker(marker, ordering, failure);
    if (found !== undefined) return found;
    if (!mayHaveActed(failure.kind)) throw unclear(marker, failure, NOT_SEEN);
    if (sent === MAX_ORDERS) throw notTaken(failure, sent);
    context.progress.note(`${clusterName}: it was not; ordering it again`);
  }
}

/** The id of the new snapshot, or why there may be none. */
async function attempt(take: () => Promise<Snapshot>): Promise<string | OpsError> {
  try {
    const { id } = await take();
    return id.known ? id.value : id.reason;
  } catch (error) {
    return toOpsError(error);
  }
}

/** An order that Atlas took shows in the list within seconds; one still under way to it, not much later. */
const LOOKS = 4;
const LONGEST_WAIT_MS = 8 * SECOND_MS;

/** The id of the snapshot with the marker; undefined: it was looked for several times and is not there. */
async function lookForMarker(marker: string, ordering: Ordering, failure: OpsError): Promise<string | undefined> {
  const { atlas, projectId, clusterName, sharded, context } = ordering;
  const list = () =>
    sharded ? atlas.listShardedSnapshots(projectId, clusterName) : atlas.listSnapshots(projectId, clusterName);
  try {
    return await lookFor({
      context,
      what: "the snapshots could not be listed",
      looks: LOOKS,
      longestMs: LONGEST_WAIT_MS,
      look: async () => marked(await list(), marker),
    });
  } catch (error) {
    throw unclear(marker, failure, toOpsError(error).message);
  }
}

/** OpsError `protocol` where the snapshot may be among some that cannot be read: then nothing may be ordered again. */
function marked(snapshots: readonly Snapshot[], marker: string): string | undefined {
  const own = snapshots.find(({ description }) => description.known && description.value?.includes(marker));
  if (own?.id.known) return own.id.value;
  const unreadable = own?.id ?? snapshots.find(({ description }) => !description.known)?.description;
  if (unreadable === undefined || unreadable.known) return undefined;
  throw unreadable.reason;
}

/** Of an order that Atlas refuses after one that stayed open: the one in its way may be our own. */
const NOT_SEEN = "none is seen yet, and what was ordered before may be in the way";

function unclear(marker: string, failure: OpsError, why: string): OpsError {
  return new OpsError("unavailable", `${failure.message}; whether a snapshot was taken is not known: ${why}`, {
    hint: `look for the description "${marker}" among the snapshots before taking another`,
    cause: failure,
  });
}

function notTaken(failure: OpsError, sent: number): OpsError {
  return new OpsError("rejected", `no snapshot was taken after ${sent} orders: ${failure.message}`, {
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    cause: failure,
  });
}
