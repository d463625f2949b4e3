/** What the orders of both roads to Atlas have in common: each is sent once, found again, and written down at once. */
import { SECOND_MS } from "../core/duration.ts";
import { mayHaveActed, toOpsError } from "../core/error.ts";
import type { Observed } from "../core/observed.ts";
import { TOUCH_EVERY_MS } from "../rules/archive/ledger.ts";
import { lookFor } from "./look-for.ts";
import type { Pushing } from "./push-run.ts";

export interface AtlasOrder<J> {
  /** As in "whether the download was ordered". */
  readonly what: "download" | "export";
  /** What an earlier run ordered, and is good still. */
  readonly find: () => Promise<J | undefined>;
  readonly send: () => Promise<J>;
  /** Told where there is such a one. */
  readonly found: (id: string) => string;
}

/** Claims the archive, and has the order that it is made of: its id, which stands in the ledger then. */
export async function orderedJob<J extends { readonly id: Observed<string> }>(
  pushing: Pushing,
  order: AtlasOrder<J>,
): Promise<string> {
  const { context, ledger } = pushing;
  await ledger.put(ledger.current());
  const earlier = await order.find();
  const job = earlier ?? (await sentOnce(pushing, order));
  if (!job.id.known) throw job.id.reason;
  const id = job.id.value;
  if (earlier !== undefined) context.progress.note(order.found(id));
  if (ledger.current().jobId !== id) await ledger.put({ ...ledger.current(), jobId: id });
  return id;
}

const LOOKS = 4;
const LONGEST_WAIT_MS = 10 * SECOND_MS;

/** After a failure that leaves it open what happened, the order is looked for, and never sent again. */
async function sentOnce<J>({ context }: Pushing, { what, find, send }: AtlasOrder<J>): Promise<J> {
  try {
    return await send();
  } catch (error) {
    const failure = toOpsError(error);
    if (failure.kind === "bug" || !mayHaveActed(failure.kind)) throw failure;
    context.progress.note(`${failure.message}; looking whether the ${what} was ordered all the same`);
    const listed = `the ${what}s could not be listed`;
    const looking = { context, what: listed, looks: LOOKS, longestMs: LONGEST_WAIT_MS, look: find };
    const found = await lookFor(looking);
    if (found !== undefined) return found;
    throw failure;
  }
}

/** Shows from time to time that somebody is at work, where nothing else does. */
export function touching({ context: { clock }, ledger }: Pick<Pushing, "context" | "ledger">): () => Promise<void> {
  let touchedMs = clock.now().getTime();
  return async () => {
    const nowMs = clock.now().getTime();
    if (nowMs - touchedMs < TOUCH_EVERY_MS) return;
    touchedMs = nowMs; // before the writing: of many that ask at once, one writes
    await ledger.put(ledger.current());
  };
}
