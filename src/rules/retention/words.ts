/** Breaches in words, for findings. */
import type { Evidence } from "../../core/report.ts";
import { type CopyDoubt, copyDoubt } from "./copy-doubt.ts";
import { slotName } from "./demand.ts";
import type { Breach, OwedSlot, Supply } from "./model.ts";
import type { Question } from "./question.ts";
import { counterexample } from "./replay.ts";
import { absence, instant } from "./today.ts";

/** About what, and when it is said. */
type Said = Pick<Question, "facts" | "nowMs">;

/** `doubt`: what the copy of a slot hangs on; null: on nothing. */
export function breachWords({ slot, atMs, others }: Breach, { facts, nowMs }: Said, doubt: CopyDoubt | null): string {
  const { tier } = slot;
  const owed = `${slotName(slot)} is owed until ${instant(slot.owedUntilMs)}`;
  const [last] = others.toSorted((a, b) => b.untilMs - a.untilMs);
  const never = flawWords(facts, slot) ?? doubt?.words ?? `nothing ever makes ${NOUNS[tier.by.kind]} of it`;
  const why = last === undefined ? never : absence(last, atMs, nowMs);
  return `it breaks on ${instant(atMs)}: ${owed}, and ${why}`;
}

const NOUNS = { snapshot: "a snapshot", copy: "a copy", archive: "an archive" } as const;

/** Of what breaks at worst alone. */
export function doubtOf({ slot, others }: Breach, { facts }: Pick<Said, "facts">): CopyDoubt | null {
  const { by } = slot.tier;
  return by.kind === "copy" && others.length === 0 ? copyDoubt(facts, by.region) : null;
}

/** Of a slot that nothing fills although there is an archive of its month; null: there is none. */
export function flawWords({ archives }: Said["facts"], { month }: OwedSlot): string | null {
  const flaw = month === undefined ? undefined : archives?.months.get(month)?.flaw;
  if (flaw === undefined) return null;
  if (!flaw.known) return `whether archive ${month} fills it is not known: see retention/archive`;
  return flaw.value === null ? null : `archive ${month} fills no slot as it is: see retention/archive`;
}

export function breachEvidence({ slot, day, atMs }: Breach): Evidence {
  return {
    day,
    at: new Date(atMs).toISOString(),
    tier: slot.tier.id,
    slot: slotName(slot),
    owedFrom: new Date(slot.owedFromMs).toISOString(),
    owedUntil: new Date(slot.owedUntilMs).toISOString(),
    ...(slot.tier.source === null ? {} : { policy: slot.tier.source }),
  };
}

/** What exists that day, what is missing, which rule removed it: enough for anybody to replay it. */
export function replayEvidence(supply: Supply, breach: Breach, nowMs: number): Evidence {
  const { missing, nearest, because } = counterexample(supply, breach, nowMs);
  return {
    ...breachEvidence(breach),
    missing,
    there: nearest.map(({ id, place, untilMs }) => `${id} in ${place.label}, until ${instant(untilMs)}`),
    because: because.slice(0, MAX_REASONS),
  };
}

const MAX_REASONS = 5;
