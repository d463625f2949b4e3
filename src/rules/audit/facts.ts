import type { Observed } from "../../core/observed.ts";
import type { Lock } from "../../ports/s3.ts";
import type { MachinesSight } from "./machines.ts";
import type { ChainSight } from "./walk.ts";

/** What was seen of one place that keeps the record. */
export interface ShelfFacts {
  /** `local` or `s3`. */
  readonly from: "local" | "s3";
  readonly name: string;
  /** Not known: it could not be listed. */
  readonly sight: Observed<ShelfSight>;
  /** The other place was looked at too, and holds records. */
  readonly isKeptElsewhere: boolean;
  /** Of a bucket: another place that this machine has sent its records to; null: none that is known. */
  readonly sentElsewhere: string | null;
}

export interface ShelfSight {
  readonly chain: ChainSight;
  /** null: it holds the chain of one machine alone. */
  readonly machines: MachinesSight | null;
  /** The newest of what each found, and how many. */
  readonly open: Found;
  readonly future: Found;
  readonly tampered: Found;
  readonly locks: Locks | null;
  /** Records that this version cannot read, although they are whole. */
  readonly foreign: Found;
}

/** Some of what was found, in words, and how many there are. */
export interface Found {
  readonly count: number;
  readonly shown: readonly string[];
  readonly remedy?: string;
}

interface Locks {
  readonly weak: Found;
  readonly unseen: Found;
}

/** How what this machine keeps and what the bucket keeps of this machine compare. */
export interface Agreement {
  readonly log: string | null;
  readonly newestHere: number;
  /** The newest of ours that is there; 0: none is. */
  readonly newestThere: number;
  /** The newest of ours that is known to have been there. */
  readonly newestSent: number;
  readonly differing: Found;
}

export type LockOf = Observed<Lock | null> | undefined;
