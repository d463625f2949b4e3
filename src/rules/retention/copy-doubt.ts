/**
 * Of two items that are kept equally long Atlas does not say as which of them it copies a snapshot of both: where a copy hangs on
 * that, it is told, and what ends the doubt.
 */
import { FREQUENCIES, type Frequency } from "../../core/frequency.ts";
import { ofSchedule } from "../backup/facts.ts";
import { atLeast, toDuration } from "../backup/retention.ts";
import type { RetentionFacts } from "./facts.ts";
import { copyRules } from "./supply-copies.ts";
import { reader } from "./supply-snapshots.ts";

export interface CopyDoubt {
  readonly words: string;
  readonly remedy: string;
}

/** null: of no two items that fire together one is copied to the region, and the other not. */
export function copyDoubt({ backup }: Pick<RetentionFacts, "backup">, region: string): CopyDoubt | null {
  const read = reader(); // what cannot be read, the supply has told
  const items = read.listOf(ofSchedule(backup, (schedule) => schedule.items)).flatMap((item) => {
    const [frequency, retention] = [read.of(item.frequency), read.of(item.retention)];
    if (frequency === undefined || frequency === "ondemand" || retention === undefined) return [];
    return [{ frequency, retention: toDuration(retention) }];
  });
  const rules = copyRules(backup, read).filter((rule) => rule.region === region);
  if (rules.some(({ latest }) => latest !== null)) return null;
  const isCopied = (frequency: Frequency) => rules.some((rule) => rule.frequency === frequency);
  const pairs = items
    .filter(({ frequency }) => isCopied(frequency))
    .flatMap((copied) => items.map((other) => ({ copied, other })))
    .filter(({ copied, other }) => !isCopied(other.frequency) && isOneAsLong(copied.retention, other.retention));
  const [first] = pairs.toSorted((a, b) => rank(a.copied.frequency) - rank(b.copied.frequency));
  return first === undefined ? null : doubtOf(first.copied.frequency, first.other.frequency);
}

function isOneAsLong(a: ReturnType<typeof toDuration>, b: ReturnType<typeof toDuration>): boolean {
  return atLeast(a, b) !== "no" && atLeast(b, a) !== "no";
}

function rank(frequency: Frequency): number {
  return FREQUENCIES.indexOf(frequency);
}

function doubtOf(copied: Frequency, other: Frequency): CopyDoubt {
  return {
    words: `a snapshot of both ${copied} and ${other}, which are kept equally long, may be copied as ${other}, which is not copied there: Atlas does not say`,
    remedy: `keep ${copied} a day longer than ${other}, or copy ${other} too: write so in the policy, then litally-ops backup apply`,
  };
}
