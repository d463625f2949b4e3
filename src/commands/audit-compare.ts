/** Compares what this machine keeps with what the bucket keeps of the same chain, 32 bytes a record. */
import type { Agreement } from "../rules/audit/facts.ts";
import type { MachineRecord } from "../rules/audit/machines.ts";

import type { Sent } from "./audit-send.ts";

export interface Comparison {
  /** What this machine keeps comes first, the newest before the others. */
  here(record: MachineRecord): void;
  there(record: MachineRecord): void;
  /** The newest record seen here, where the bucket has a newer one: it may have been made since. */
  behind(): number | null;
  /** What has been put here since, the newest first. */
  since(record: MachineRecord): void;
  /** `sent`: what this machine remembers to have put there. */
  end(sent: Sent | undefined): Agreement;
}

export function compareOurs(): Comparison {
  let hashes = Buffer.alloc(0); // as bytes: a text that was cut out of another would keep the whole of that one
  let log: string | null = null;
  let newestHere = 0;
  let count = 0;
  let newestThere = 0;
  /** Leads from the newest there, record by record of this machine, to the newest that was seen here. */
  let next = { seq: 0, hash: "" };
  const differing: string[] = [];
  const hashHere = (index: number) => hashes.toString("hex", index * HASH_BYTES, (index + 1) * HASH_BYTES);
  return {
    here: (record) => {
      if (log === null) {
        log = record.log;
        newestHere = record.seq; // the newest comes first
      }
      const index = newestHere - record.seq;
      if (record.log !== log || index !== count) return; // that there is a gap is told of the chain
      if (index * HASH_BYTES === hashes.length)
        hashes = Buffer.concat([hashes, Buffer.alloc(hashes.length || GROWTH_BYTES)]);
      hashes.write(record.hash, index * HASH_BYTES, "hex");
      count += 1;
    },
    there: (record) => {
      if (record.log !== log) return;
      if (record.seq > newestThere) {
        newestThere = record.seq;
        next = { seq: record.seq, hash: record.hash };
      }
      const index = newestHere - record.seq;
      if (index < 0 || index >= count) return;
      if (hashHere(index) !== record.hash)
        differing.push(`${record.place} holds another record ${record.seq} than this machine`);
    },
    behind: () => (log !== null && newestThere > newestHere ? newestHere : null),
    since: (record) => {
      if (record.seq === next.seq && record.hash === next.hash) next = { seq: record.seq - 1, hash: record.prev };
    },
    end: (sent) => ({
      log,
      newestHere: next.seq === newestHere && next.hash === hashHere(0) ? Math.max(newestHere, newestThere) : newestHere,
      newestThere,
      newestSent: sent?.log === log ? sent.seq : 0,
      differing: { count: differing.length, shown: differing.slice(0, MAX_SHOWN) },
    }),
  };
}

const MAX_SHOWN = 5;
const HASH_BYTES = 32;
const GROWTH_BYTES = 1_024 * HASH_BYTES;
