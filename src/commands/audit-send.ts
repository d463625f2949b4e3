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

/** How far the chain of this machine stands in a bucket. */
export interface Sent {
  /** Its name, as that of a shelf. */
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

/** What this machine remembers to have sent; undefined: nothing, or it cannot be read. */
export async function lastSentFrom({ notes }: LocalShelf): Promise<Sent | undefined> {
  return parse(await notes.read(NOTE));
}

export async function send(sending: Sending): Promise<void> {
  const { from, to, sha256, newest, now, inTime } = sending;
  let sent = await caughtUp(sending, await lastSent(sending));
  for (const entry of await unsent(from, sent.seq, newest)) {
    const { text } = await entry.read();
    const record = unseal(text, sha256);
    if (record === undefined || record.stated !== record.actual) throw damaged(entry.place, from.name);
    for (let lost = 0; sent.seq < entry.seq; lost += 1) {
      inTime();
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
async function caughtUp({ from, to, log, sha256, isNew, inTime }: Sending, sent: Sent): Promise<Sent> {
  const since: ShelfEntry[] = [];
  for await (const entry of to.entries(1)) {
    if (entry.seq <= sent.at) break;
    since.push(entry);
    if (isNew) break;
    inTime();
  }
  const texts = await mapBounded(since, MAX_READS, async (entry) => {
    inTime();
    return (await entry.read()).text;
  });
  const ours = new Map<number, string>();
  for (const text of texts) {
    const record = unwrap(unseal(text, sha256)?.body ?? "")?.record;
    const found = record === undefined ? undefined : logOf(record);
    if (record !== undefined && found?.log === log) ours.set(found.seq, record);
  }
  await expectHere(ours, from, to);
  const [end] = since;
  return {
    ...sent,
    seq: Math.max(sent.seq, ...ours.keys()),
    ...(end === undefined ? {} : { at: end.seq, hash: linkTo(texts[0] ?? null, sha256) }),
  };
}

/**
 * Each is here too, to the letter. Where it is not, another machine goes on with a copy of this folder, or an older one was
 * put back: what it has under our numbers would pass for ours, and ours would never be sent.
 */
async function expectHere(ours: ReadonlyMap<number, string>, from: LocalShelf, to: Shelf): Promise<void> {
  const left = new Map(ours);
  if (left.size === 0) return;
  for await (const entry of from.entries(left.size)) {
    if (left.has(entry.seq) && left.get(entry.seq) === (await entry.read()).text) left.delete(entry.seq);
    if (left.size === 0) return;
  }
  const first = Math.min(...left.keys());
  throw new OpsError(
    "protocol",
    `${to.name} has another record ${first} of this chain than ${from.name}: nothing is sent`,
    {
      hint: `was the folder copied to another machine, or put back? let a new chain begin: mv ${from.name} ${from.name}.old`,
    },
  );
}

/** What is noted of another chain or bucket says nothing about this one. */
async function lastSent({ from, to, log, isRehearsal }: Sending): Promise<Sent> {
  const none = { to: to.name, log, seq: 0, at: 0, hash: linkTo(null, () => "") };
  const noted = isRehearsal ? undefined : await lastSentFrom(from);
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
