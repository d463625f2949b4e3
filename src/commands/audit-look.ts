/** Looks at one place that keeps the record: from the newest record to the oldest, some at a time, and nothing is kept of them. */
import { mapBounded } from "../core/bounded.ts";
import { addDuration, type Duration, MINUTE_MS } from "../core/duration.ts";
import { toOpsError } from "../core/error.ts";
import { stopReason } from "../core/stop.ts";
import type { Lock } from "../ports/s3.ts";
import type { Shelf, ShelfEntry } from "../ports/shelf.ts";
import { type Sha256, unseal, unwrap } from "../rules/audit/chain.ts";
import { actWords } from "../rules/audit/checks.ts";
import type { Found, LockOf, ShelfSight } from "../rules/audit/facts.ts";
import type { MachineRecord } from "../rules/audit/machines.ts";
import { walkMachines } from "../rules/audit/machines.ts";
import { type Flaw, type Link, type Met, type Unseen, walkChain } from "../rules/audit/walk.ts";
import { type ActRecord, parseRecord } from "./audit-record.ts";

export interface Looking {
  readonly shelf: Shelf;
  /** Whose records stand there. */
  readonly environment: string;
  readonly sha256: Sha256;
  readonly signal: AbortSignal;
  /** null: of a rehearsal, whose clock goes its own way. */
  readonly now: Date | null;
  /** The newest that this machine has seen there. */
  readonly remembered: { readonly seq: number; readonly hash: string } | null;
  /** It holds the chain that all machines share, each record locked so; null: the chain of one machine. */
  readonly shared: { readonly mode: Lock["mode"]; readonly retain: Duration } | null;
  /** Told of every record of a machine that is sound. */
  readonly onRecord?: (record: MachineRecord) => void;
}

/** Records that are read at a time. */
const MAX_READS = 16;
const BATCH = 64;
const ABOUT_ALL = 1_000;
/** Clocks differ. */
const SKEW_MS = 5 * MINUTE_MS;

export async function lookAt(looking: Looking): Promise<ShelfSight> {
  const { shelf, shared, remembered } = looking;
  const chain = walkChain(remembered);
  const machines = walkMachines();
  const notes = noteTaker(looking);
  for await (const batch of inBatches(shelf.entries(ABOUT_ALL))) {
    if (looking.signal.aborted) throw stopReason(looking.signal, `reading ${shelf.name}`);
    for (const read of await mapBounded(batch, MAX_READS, (entry) => readOne(entry, looking))) {
      chain.see(read.met);
      notes.see(read);
      const { sound } = read;
      if (sound === null) continue;
      if (shared !== null) machines.see(sound);
      looking.onRecord?.(sound);
    }
  }
  return { chain: chain.end(), machines: shared === null ? null : machines.end(), ...notes.end() };
}

async function* inBatches(entries: AsyncIterable<ShelfEntry>): AsyncGenerator<readonly ShelfEntry[]> {
  let batch: ShelfEntry[] = [];
  for await (const entry of entries) {
    batch.push(entry);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

interface Read {
  readonly entry: ShelfEntry;
  readonly met: Met;
  /** null: it is not as it was written, or could not be read. */
  readonly sound: MachineRecord | null;
  /** null: the same, or this version cannot read it. */
  readonly act: ActRecord | null;
  readonly lock: LockOf;
}

async function readOne(entry: ShelfEntry, { sha256, shared, environment }: Looking): Promise<Read> {
  const { seq, place } = entry;
  const nothing = (link: Flaw | Unseen): Read => ({
    entry,
    met: { seq, place, link },
    sound: null,
    act: null,
    lock: undefined,
  });
  let stored: Awaited<ReturnType<ShelfEntry["read"]>>;
  try {
    stored = await entry.read();
  } catch (error) {
    const reason = toOpsError(error);
    if (reason.kind === "aborted" || reason.kind === "bug") throw error;
    return nothing(
      reason.kind === "not-found" ? flaw("it is gone", "a record", "nothing") : { kind: "unseen", reason },
    );
  }
  const outer = sealed(stored.text, sha256);
  if ("kind" in outer) return nothing(outer);
  const wrapped = shared === null ? undefined : unwrap(outer.body);
  if (shared !== null && wrapped === undefined) return nothing(flaw("it is no record", "a record", "something else"));
  const inner = wrapped === undefined ? outer : sealed(wrapped.record, sha256);
  if ("kind" in inner) return nothing({ ...inner, message: `the record of a machine in it: ${inner.message}` });
  const place_ = linkIn(inner.body);
  if (place_ === undefined) return nothing(flaw("it is no record", "a record", "something else"));
  const act = parseRecord(inner.body) ?? null;
  if (act !== null && act.environment !== environment)
    return nothing(flaw("it is a record of another environment", environment, act.environment));
  const link: Link = { kind: "link", hash: outer.stated, seq: (wrapped ?? place_).seq, prev: (wrapped ?? place_).prev };
  const sound = { ...place_, hash: inner.stated, at: seq, place };
  return { entry, met: { seq, place, link }, sound, act, lock: stored.lock };
}

function sealed(text: string, sha256: Sha256): { readonly body: string; readonly stated: string } | Flaw {
  const found = unseal(text, sha256);
  if (found === undefined) return flaw("it is no record", "a record", text === "" ? "nothing" : "something else");
  return found.stated === found.actual ? found : flaw("it was changed", found.stated, found.actual);
}

function flaw(message: string, expected: string, actual: string): Flaw {
  return { kind: "flaw", message, expected, actual };
}

/** Where a record of a machine stands in its chain, by its own words, in whatever version. */
function linkIn(body: string): Pick<MachineRecord, "log" | "seq" | "prev"> | undefined {
  const found = LINK.exec(body);
  const [log, seq, prev] = [found?.[1], found?.[2], found?.[3]];
  return log === undefined || prev === undefined ? undefined : { log, seq: Number(seq), prev };
}

const LINK = /^\{"version":\d+,"log":"([^"\\]+)","seq":([1-9]\d{0,14}),"prev":"([0-9a-f]{64})"[,}]/;

/** So many of a kind are named; of the rest the number tells. */
const MAX_SHOWN = 5;

function noteTaker({ now, shared }: Looking) {
  const [open, future, tampered, foreign, weak, unseen] = [list(), list(), list(), list(), list(), list()];
  const ended = new Set<string>();
  return {
    see: ({ entry, sound, act, lock }: Read) => {
      const { place, tampering } = entry;
      if (tampering !== null) tampered.add(`${place}: ${tampering.message}`, tampering.remedy);
      if (sound !== null && act === null) foreign.add(place);
      if (act === null) return;
      if (now !== null && act.at.getTime() > now.getTime() + SKEW_MS)
        future.add(`${place} is of ${act.at.toISOString()}`);
      if (act.kind === "ended") ended.add(act.act);
      // the walk goes back in time: an end is met before its beginning
      if (act.kind === "begun" && !ended.delete(act.act))
        open.add(`${actWords({ command: act.command, at: act.at, by: byWhom(act) })} never ended: ${place}`);
      if (shared === null) return;
      if (lock === undefined || !lock.known) unseen.add(`${place}: ${lock?.reason.message ?? "no lock is told"}`);
      else if (!isKept(lock.value, addDuration(act.at, shared.retain), shared.mode))
        weak.add(
          `${place}: ${lockWords(lock.value)}, not ${shared.mode} until ${addDuration(act.at, shared.retain).toISOString()}`,
        );
    },
    end: () => ({
      open: open.found(),
      future: future.found(),
      tampered: tampered.found(),
      foreign: foreign.found(),
      locks: shared === null ? null : { weak: weak.found(), unseen: unseen.found() },
    }),
  };
}

function list(): { add(text: string, remedy?: string): void; found(): Found } {
  const shown: string[] = [];
  let count = 0;
  let first: string | undefined;
  return {
    add: (text, remedy) => {
      count += 1;
      first ??= remedy;
      if (shown.length < MAX_SHOWN) shown.push(text);
    },
    found: () => ({ count, shown, ...(first === undefined ? {} : { remedy: first }) }),
  };
}

/** COMPLIANCE keeps whatever GOVERNANCE keeps, and from more hands. */
function isKept(lock: Lock | null, until: Date, mode: Lock["mode"]): boolean {
  return lock !== null && lock.retainUntil >= until && (lock.mode === mode || lock.mode === "COMPLIANCE");
}

function lockWords(lock: Lock | null): string {
  return lock === null
    ? "it is not locked"
    : `it is locked in ${lock.mode} mode until ${lock.retainUntil.toISOString()}`;
}

/** The person, as far as a machine knows one. */
export function byWhom({ who }: ActRecord): string {
  return who.github === undefined ? who.os : `${who.github.triggeredBy} (${who.github.run})`;
}
