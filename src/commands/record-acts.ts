/**
 * Writes down what is done to the world, by whom, and what came of it: on this machine, and in the bucket that the policy
 * names. One of the two is enough to go on; where neither takes it, nothing is begun.
 */
import type { Change } from "../core/change.ts";
import type { Clock } from "../core/clock.ts";
import { SECOND_MS } from "../core/duration.ts";
import { OpsError, toOpsError } from "../core/error.ts";
import type { Finding } from "../core/report.ts";
import type { Acts, Undertaken } from "../ports/acts.ts";
import type { LocalShelf, Shelf } from "../ports/shelf.ts";
import type { Sha256 } from "../rules/audit/chain.ts";
import { bodyOf, type Entry, type Run } from "../rules/audit/record.ts";
import { addTo, type ChainEnd, NOTHING_YET, newestEntry } from "./audit-chain.ts";
import { logOf } from "./audit-record.ts";
import { send } from "./audit-send.ts";
import { memoryShelf } from "./memory-shelf.ts";

export interface Recording {
  readonly clock: Clock;
  readonly uniqueWord: () => string;
  readonly redact: (text: string) => string;
  readonly sha256: Sha256;
  /** Asked once, when the first act is about to begin. */
  readonly run: () => Promise<Run>;
  readonly local: LocalShelf;
  /** null: the policy names no bucket. */
  readonly remote: () => Promise<Shelf | null>;
  /** It need not be kept: a rehearsal does not stop for its record. */
  readonly isRehearsal: boolean;
  /** What is wrong with the keeping. */
  readonly tell: (finding: Finding) => void;
}

/** A bucket that does not answer keeps nobody waiting for longer, at the beginning and again at the end. */
const SEND_MS = 20 * SECOND_MS;
/** The newest record as this machine last saw it: by it a record that is cut off at the end is missed. */
export const HEAD_NOTE = "head";

/** The record of one run. */
export function recordActs(recording: Recording): Acts {
  const keep = keeper(recording);
  const { clock, uniqueWord, tell } = recording;
  const entry = (kind: Entry["kind"], act: string): Entry => ({ kind, act, at: clock.now() });
  const orTell = async (write: () => Promise<void>) => {
    try {
      await write();
    } catch (error) {
      tell(notKept("what came of it stands nowhere", error));
    }
  };
  return {
    begin: async (undertaken: Undertaken) => {
      const act = uniqueWord();
      await keep({ ...entry("begun", act), undertaken });
      return { end: (change: Change) => orTell(() => keep({ ...entry("ended", act), change })) };
    },
    refuse: (undertaken, change) => orTell(() => keep({ ...entry("refused", uniqueWord()), undertaken, change })),
  };
}

interface Kept extends ChainEnd {
  readonly log: string;
  readonly isNew: boolean;
}

/** Throws where a record can be kept nowhere. */
function keeper(recording: Recording): (entry: Entry) => Promise<void> {
  const { local, isRehearsal, tell } = recording;
  let shelf = local;
  let lost: unknown;
  return async (entry) => {
    let kept: Kept;
    try {
      kept = await keepOn(shelf, entry, recording);
    } catch (error) {
      if (shelf !== local) throw error;
      lost = error;
      shelf = memoryShelf(); // for the bucket alone, as a chain of its own
      kept = await keepOn(shelf, entry, recording);
    }
    try {
      if (await sendAll(shelf, kept, recording)) {
        if (lost !== undefined) tell(notKept("it is in the bucket alone, not on this machine", lost));
      } else if (!isRehearsal) {
        if (lost !== undefined) throw toOpsError(lost);
        if ((await recording.run()).who.github !== undefined) tell(notKept(ON_THIS_RUNNER, NO_BUCKET));
      }
    } catch (error) {
      if (lost !== undefined && !isRehearsal) throw nowhere(lost, error);
      if (lost === undefined) tell(notKept("it is on this machine alone, not in the bucket", error));
    }
  };
}

async function keepOn(shelf: LocalShelf, entry: Entry, recording: Recording): Promise<Kept> {
  const { sha256, uniqueWord } = recording;
  const run = await recording.run();
  const own = uniqueWord();
  let log = own;
  const added = await addTo({
    shelf,
    at: entry.at,
    sha256,
    end: () => endOf(shelf),
    bodyAfter: (link, end) => {
      log = logOf(end.text ?? "")?.log ?? own;
      return bodyOf(run, entry, { log, ...link }, recording);
    },
  });
  await noteEnd(shelf, added);
  return { ...added, log, isNew: log === own };
}

/** Each is a record that somebody else has added meanwhile, who notes it too. */
const MAX_NOTES = 50;

/** Another act may have added and noted a newer record since: whoever notes looks again, or the slower would take it back. */
async function noteEnd(shelf: LocalShelf, added: ChainEnd & { text: string }): Promise<void> {
  let noted = added;
  for (let notes = 1; notes <= MAX_NOTES; notes += 1) {
    await shelf.notes.write(HEAD_NOTE, noted.text);
    const newest = await newestEntry(shelf);
    if (newest === undefined || newest.seq <= noted.seq) return;
    noted = { seq: newest.seq, text: (await newest.read()).text };
  }
}

/** As this machine last saw it: what has been cut off or changed since is a break from now on, and not forgotten. */
async function endOf(shelf: LocalShelf): Promise<ChainEnd> {
  const newest = await newestEntry(shelf);
  const remembered = await shelf.notes.read(HEAD_NOTE);
  const seq = remembered === null ? 0 : (logOf(remembered)?.seq ?? 0);
  if (seq > 0 && seq >= (newest?.seq ?? 0)) return { seq, text: remembered };
  return newest === undefined ? NOTHING_YET : { seq: newest.seq, text: (await newest.read()).text };
}

/** false: the policy names no bucket. */
async function sendAll(from: LocalShelf, { seq, log, isNew }: Kept, recording: Recording): Promise<boolean> {
  const { clock, sha256, isRehearsal } = recording;
  const to = await recording.remote();
  if (to === null) return false;
  const startedMs = clock.now().getTime();
  const inTime = () => {
    if (clock.now().getTime() - startedMs > SEND_MS)
      throw new OpsError("timeout", `not all is sent within ${SEND_MS / SECOND_MS} s: the next change goes on with it`);
  };
  await send({ from, to, sha256, log, newest: seq, isNew, isRehearsal, now: clock.now, inTime });
  return true;
}

function nowhere(local: unknown, remote: unknown): OpsError {
  const here = toOpsError(local);
  const there = toOpsError(remote);
  const both = here === there ? here.message : `${here.message}; ${there.message}`;
  return new OpsError("config", `it cannot be recorded: ${both}`, {
    hint: "make the folder writable, or name another: XDG_STATE_HOME; or name a bucket in the policy: auditLog",
  });
}

const ON_THIS_RUNNER = "it is on this runner alone, and goes away with it";
const NO_BUCKET = new OpsError("config", "the policy names no bucket", {
  hint: "name one that outlives the runner: auditLog.bucket in the policy",
});

function notKept(what: string, error: unknown): Finding {
  const { message, hint } = toOpsError(error);
  return {
    check: "audit/recorded",
    title: "what was done is on record",
    subject: "audit-log",
    status: "warn",
    message: `${what}: ${message}`,
    remedy: hint ?? "the next change sends what is missing; see what is on record: litally-ops audit log verify",
  };
}
