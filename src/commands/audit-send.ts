/**
 * Sends the records of this machine into the chain that all machines share, in order, each once, without a lock. What is
 * known to be there already is a fact that stays true however old it is: among the first `at` records of that chain, the
 * last of ours is `seq`. All that came after is looked at before anything is put behind it.
 */
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import type { LocalShelf, Shelf, ShelfEntry } from "../ports/shelf.ts";
import { linkTo, type Sha256, unseal, unwrap, wrap } from "../rules/audit/chain.ts";
import { logOf } from "./audit-record.ts";

interface Sending {
  readonly from: LocalShelf;
  readonly to: Shelf;
  readonly sha256: Sha256;
  /** The chain of this machine, and its newest record. */
  readonly log: string;
  readonly newest: number;
  /** Its first record was made by this run: nothing of it can be there yet. */
  readonly isNew: boolean;
  /** Worlds come and go, and their buckets with them: what is noted of one says nothing about the next. */
  readonly isRehearsal: boolean;
  readonly now: () => Date;
  /** Throws where it has taken too long. */
  readonly inTime: () => void;
}

interface Sent {
  readonly to: string;
  readonly log: string;
  readonly seq: number;
  readonly at: number;
  /** Of the record `at`. */
  readonly hash: string;
}

const NOTE = "sent";
const MAX_READS = 16;
/** Each is a record that somebody else has put there meanwhile. */
const MAX_LOST_RACES = 50;

export async function send(sending: Sending): Promise<void> {
  const { from, to, sha256, newest, now, inTime } = sending;
  let sent = await caughtUp(sending, await lastSent(sending));
  for (const entry of await unsent(from, sent.seq, newest)) {
    inTime();
    const { text } = await entry.read();
    const record = unseal(text, sha256);
    if (record === undefined || record.stated !== record.actual) throw damaged(entry.place, from.name);
    for (let lost = 0; sent.seq < entry.seq; lost += 1) {
      if (lost > MAX_LOST_RACES)
        throw new OpsError("unavailable", `${to.name}: others were first ${lost} times in a row`);
      const link = { seq: sent.at + 1, prev: sent.hash };
      const wrapped = wrap(link, text, sha256);
      const put = await to.create({ seq: link.seq, text: wrapped, at: now() });
      sent =
        put === "created"
          ? { ...sent, seq: entry.seq, at: link.seq, hash: linkTo(wrapped, sha256) }
          : await caughtUp({ ...sending, isNew: false }, sent);
    }
    await from.notes.write(NOTE, JSON.stringify(sent));
  }
}

/** Goes through what has been put there since, for records of ours and for the end of the chain. */
async function caughtUp({ to, log, sha256, isNew }: Sending, sent: Sent): Promise<Sent> {
  const since: ShelfEntry[] = [];
  for await (const entry of to.entries(1)) {
    if (entry.seq <= sent.at) break;
    since.push(entry);
    if (isNew) break;
  }
  const texts = await mapBounded(since, MAX_READS, async (entry) => (await entry.read()).text);
  const ours = texts.flatMap((text) => {
    const record = unwrap(unseal(text, sha256)?.body ?? "")?.record;
    const found = record === undefined ? undefined : logOf(record);
    return found?.log === log ? [found.seq] : [];
  });
  const [end] = since;
  return {
    ...sent,
    seq: Math.max(sent.seq, ...ours),
    ...(end === undefined ? {} : { at: end.seq, hash: linkTo(texts[0] ?? null, sha256) }),
  };
}

/** What is noted of another chain or bucket says nothing about this one. */
async function lastSent({ from, to, log, isRehearsal }: Sending): Promise<Sent> {
  const none = { to: to.name, log, seq: 0, at: 0, hash: linkTo(null, () => "") };
  const noted = isRehearsal ? undefined : parse(await from.notes.read(NOTE));
  return noted?.to === to.name && noted.log === log ? noted : none;
}

function parse(text: string | null): Sent | undefined {
  try {
    const { to, log, seq, at, hash } = JSON.parse(text ?? "") as Partial<Sent>; // looked at below
    const isNote = typeof to === "string" && typeof log === "string" && typeof hash === "string";
    return isNote && Number.isSafeInteger(seq) && Number.isSafeInteger(at)
      ? ({ to, log, seq, at, hash } as Sent)
      : undefined; // seen above
  } catch {
    return undefined;
  }
}

async function unsent(from: Shelf, sentSeq: number, newest: number): Promise<readonly ShelfEntry[]> {
  const found: ShelfEntry[] = [];
  for await (const entry of from.entries(newest - sentSeq)) {
    if (entry.seq <= sentSeq) break;
    if (entry.seq <= newest) found.push(entry);
  }
  return found.reverse();
}

function damaged(place: string, folder: string): OpsError {
  return new OpsError("protocol", `${place} is damaged: nothing from it on is sent`, {
    hint: `keep the folder as evidence and let a new chain begin: mv ${folder} ${folder}.damaged`,
  });
}
