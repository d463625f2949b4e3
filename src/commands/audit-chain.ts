/** Adds to a chain, and reads its end. Whoever else adds at the same time comes before or after: nobody waits for anybody. */
import { OpsError } from "../core/error.ts";
import type { Shelf, ShelfEntry } from "../ports/shelf.ts";
import { linkTo, type Sha256, seal } from "../rules/audit/chain.ts";

/** The newest record of a chain; `seq` 0: there is none yet. */
export interface ChainEnd {
  readonly seq: number;
  /** null: there is none yet. */
  readonly text: string | null;
}

export const NOTHING_YET: ChainEnd = { seq: 0, text: null };

export async function newestEntry(shelf: Shelf): Promise<ShelfEntry | undefined> {
  for await (const entry of shelf.entries(1)) return entry;
  return undefined;
}

/** Each lost race is a record that somebody else has added: so many in a row are no race any more. */
const MAX_TRIES = 50;

interface Addition {
  readonly shelf: Shelf;
  readonly at: Date;
  readonly sha256: Sha256;
  /** The end as it is now: asked again after each race that was lost. */
  readonly end: () => Promise<ChainEnd>;
  /** The members of the record that comes after `end`. */
  readonly bodyAfter: (link: { readonly seq: number; readonly prev: string }, end: ChainEnd) => string;
}

/** Gives the record that was added. */
export async function addTo({ shelf, at, sha256, end, bodyAfter }: Addition): Promise<ChainEnd & { text: string }> {
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const last = await end();
    const link = { seq: last.seq + 1, prev: linkTo(last.text, sha256) };
    const text = seal(bodyAfter(link, last), sha256);
    if ((await shelf.create({ seq: link.seq, text, at })) === "created") return { seq: link.seq, text };
  }
  throw new OpsError("unavailable", `${shelf.name}: others were first ${MAX_TRIES} times in a row`);
}
