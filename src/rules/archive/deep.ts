/**
 * Reading archives back. Turn by turn, each run takes its share of them, always the same one for the same turn, so that
 * after all turns every archive has been read; when each was read last stands in the bucket, beside the archive.
 */
import type { Check } from "../../core/check.ts";
import { addDuration, formatDuration } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { known } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { pastInstant } from "../backup/facts.ts";
import type { Manifest } from "./manifest.ts";
import { type ArchiveFacts, cameAt, several } from "./verify-facts.ts";

/** `deep/<YYYY-MM>.json`: how far the reading of one archive has come. */
export interface DeepState {
  readonly version: 1;
  readonly database: string;
  /** The archive's month. */
  readonly period: string;
  /** When it was asked to be thawed for a reading that has not come yet; null: it was not. */
  readonly thawAskedAt: Date | null;
  readonly lastRead: DeepRead | null;
}

interface DeepRead {
  readonly at: Date;
  /** Over everything that was read: the manifest's own, or the archive is damaged. */
  readonly merkleRoot: string;
  /** What was not as archived: `<key>: part 3`. */
  readonly wrong: readonly string[];
}

/** The `turn`-th of `turns`, from 1. */
export interface Turn {
  readonly turn: number;
  readonly turns: number;
}

/** More turns than that, and an archive would not be read back within its life. */
const MAX_TURNS = 1000;

/** `3/12`; OpsError `usage` for what is none. */
export function parseTurn(text: string): Turn {
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const [turn, turns] = [Number(match?.[1]), Number(match?.[2])];
  if (!(turn >= 1 && turn <= turns && turns <= MAX_TURNS))
    // what is no number is none of these
    throw new OpsError("usage", `"${text}" is no turn`, { hint: "write 3/12 for the third of twelve turns" });
  return { turn, turns };
}

/** Whether an archive is read back in a turn. Of all the turns, exactly one is its own. */
export function isOfTurn(database: string, month: string, { turn, turns }: Turn): boolean {
  return (stableHash(`${database}/${month}`) % turns) + 1 === turn;
}

/** FNV-1a with its bits mixed once more (Murmur's finaliser): names that look alike fall far apart, on any machine. */
function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** An archive that was just made has as long as any other until it must have been read. */
export const deepRead: Check<ArchiveFacts> = {
  id: "archive/deep-read",
  title: "it was read back in full within the promised time",
  remedy: ({ database }) =>
    `read it back: litally-ops archive verify ${database.name} --deep 1/1 reads all of them, and thaws them first`,
  judge: (facts) => {
    const { deep, manifest, month, observedAt } = facts;
    if (deep === null) return [];
    if (!manifest.known) return unknown(manifest.reason);
    const state = deep.states.get(month);
    if (state === undefined) return unknown(`when ${month} was last read back was not looked at`);
    if (!state.known) return unknown(state.reason);
    const read = state.value?.lastRead ?? null;
    const damage = read === null ? undefined : damageOf(read, manifest.value);
    if (damage !== undefined) return damage;
    if (deep.within === null) return [];
    const at = read === null ? cameAt(facts, month) : pastInstant(known(read.at), observedAt, "the last reading");
    if (!at.known) return unknown(at.reason);
    if (at.value === null) return unknown("when the archive came cannot be read");
    const dueAt = addDuration(at.value, deep.within);
    const evidence = { expected: `every ${formatDuration(deep.within)}`, actual: read?.at.toISOString() ?? null };
    const last = read === null ? "never read back" : `last read back on ${formatInstant(read.at)}`;
    return observedAt > dueAt
      ? fail(`${last}; it was due by ${formatInstant(dueAt)}`, evidence)
      : pass(`${last}; due by ${formatInstant(dueAt)}`, evidence);
  },
};

/** Found once, it stays found, whether or not anybody promised to look. */
function damageOf({ at, merkleRoot, wrong }: DeepRead, manifest: Manifest): Verdict | undefined {
  if (merkleRoot === manifest.merkleRoot && wrong.length === 0) return undefined;
  const what = wrong.length === 0 ? `Merkle root ${merkleRoot}` : several(wrong);
  return {
    ...fail(`what was read on ${formatInstant(at)} is not what was archived: ${what}`, {
      expected: manifest.merkleRoot,
      actual: merkleRoot,
      wrong,
    }),
    remedy:
      "do not rely on it, and keep it as evidence; archive the period anew from a snapshot of that time, if one is left",
  };
}
