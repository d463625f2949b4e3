/** Walks a chain from its newest record to its oldest and finds where it does not hold, in memory that does not grow. */
import type { OpsError } from "../../core/error.ts";
import { GENESIS } from "./chain.ts";

/** One record as it was found where it stands. */
export interface Met {
  /** By its place. */
  readonly seq: number;
  readonly place: string;
  readonly link: Link | Flaw | Unseen;
}

/** What it says itself. */
export interface Link {
  readonly kind: "link";
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

/** It is not what was written. */
export interface Flaw {
  readonly kind: "flaw";
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
}

/** It could not be read. */
export interface Unseen {
  readonly kind: "unseen";
  readonly reason: OpsError;
}

export interface Break {
  readonly seq: number;
  readonly place: string;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
}

export interface ChainSight {
  readonly count: number;
  /** null: there is no record. */
  readonly newest: number | null;
  readonly breaks: number;
  /** The oldest of them: what stands before it holds. */
  readonly firstBreak: Break | null;
  readonly unseen: number;
  readonly unseenReason: OpsError | null;
  /** The newest record ever seen is known: none can be cut off at the end unnoticed. */
  readonly isEndRemembered: boolean;
}

export interface ChainWalk {
  see(met: Met): void;
  end(): ChainSight;
}

/** `remembered`: the newest record that this machine has ever seen there. */
export function walkChain(remembered: { readonly seq: number; readonly hash: string } | null): ChainWalk {
  let count = 0;
  let newest: number | null = null;
  let breaks = 0;
  let firstBreak: Break | null = null;
  let unseen = 0;
  let unseenReason: OpsError | null = null;
  /** The one after the next to be met; `prev` null: nobody knows what it names. */
  let after: { readonly seq: number; readonly prev: string | null; readonly place: string } | null = null;
  const broken = (found: Break) => {
    breaks += 1;
    firstBreak = found; // the walk goes back in time: the last one found is the first that broke
  };
  const lacks = (from: number, to: number, place: string) =>
    broken({
      seq: from,
      place,
      message: from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`,
      expected: `${to - from + 1} more`,
      actual: "nothing",
    });
  const compare = (met: Met, link: Link) => {
    const at = { seq: met.seq, place: met.place };
    if (link.seq !== met.seq)
      return broken({ ...at, message: "it stands in the wrong place", expected: `${met.seq}`, actual: `${link.seq}` });
    const names = [
      ...(after?.seq === met.seq + 1 && after.prev !== null ? [after.prev] : []),
      ...(remembered?.seq === met.seq ? [remembered.hash] : []),
    ];
    const other = names.find((name) => name !== link.hash);
    if (other !== undefined)
      broken({ ...at, message: "it is not the record that the next one names", expected: other, actual: link.hash });
  };
  return {
    see: (met) => {
      count += 1;
      if (newest === null && remembered !== null && remembered.seq > met.seq)
        lacks(met.seq + 1, remembered.seq, `the end, after ${met.place}`);
      newest ??= met.seq;
      if (after !== null && after.seq > met.seq + 1) lacks(met.seq + 1, after.seq - 1, `before ${after.place}`);
      if (after !== null && after.seq <= met.seq)
        broken({ ...met, message: "its number is taken", expected: `below ${after.seq}`, actual: `${met.seq}` });
      const { link } = met;
      if (link.kind === "flaw") broken({ seq: met.seq, place: met.place, ...link });
      else if (link.kind === "link") compare(met, link);
      else {
        unseen += 1;
        unseenReason = link.reason;
      }
      const isInPlace = link.kind === "link" && link.seq === met.seq;
      after = { seq: met.seq, prev: isInPlace ? link.prev : null, place: met.place };
    },
    end: () => {
      if (after === null && remembered !== null) lacks(1, remembered.seq, "the end");
      if (after !== null && after.seq > 1) lacks(1, after.seq - 1, `before ${after.place}`);
      if (after?.seq === 1 && after.prev !== null && after.prev !== GENESIS)
        broken({
          seq: 1,
          place: after.place,
          message: "it names a record before it, and is the first",
          expected: GENESIS,
          actual: after.prev,
        });
      return { count, newest, breaks, firstBreak, unseen, unseenReason, isEndRemembered: remembered !== null };
    },
  };
}
