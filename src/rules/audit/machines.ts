/** Walks the chains of machines inside the one that they share, from the newest record to the oldest. */
import { GENESIS } from "./chain.ts";
import type { Break } from "./walk.ts";

/** A record of one machine, as the shared chain holds it. */
export interface MachineRecord {
  readonly log: string;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  /** Its number in the chain that was walked. */
  readonly at: number;
  readonly place: string;
}

export interface MachinesSight {
  readonly breaks: number;
  readonly firstBreak: Break | null;
}

export interface MachinesWalk {
  see(record: MachineRecord): void;
  end(): MachinesSight;
}

/** It keeps in mind only machines whose first record is still to come. */
export function walkMachines(): MachinesWalk {
  const after = new Map<string, MachineRecord>();
  let breaks = 0;
  let firstBreak: Break | null = null;
  const broken = ({ at, place, log }: MachineRecord, what: string, expected: string, actual: string) => {
    breaks += 1;
    firstBreak = { seq: at, place, message: `chain ${log}: ${what}`, expected, actual };
  };
  const compare = (record: MachineRecord, next: MachineRecord) => {
    if (record.seq !== next.seq - 1)
      broken(next, `record ${next.seq} follows record ${record.seq}`, `${next.seq - 1}`, `${record.seq}`);
    else if (record.hash !== next.prev)
      broken(record, `record ${record.seq} is not the one that the next names`, next.prev, record.hash);
  };
  return {
    see: (record) => {
      const next = after.get(record.log);
      if (next !== undefined) compare(record, next);
      if (record.seq === 1 && record.prev === GENESIS) after.delete(record.log);
      else after.set(record.log, record);
    },
    end: () => {
      for (const first of [...after.values()].sort((a, b) => b.at - a.at))
        broken(first, `its first records are missing: it begins with ${first.seq}`, "1", `${first.seq}`);
      return { breaks, firstBreak };
    },
  };
}
