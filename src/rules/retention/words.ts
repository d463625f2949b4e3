/** Breaches in words, for findings. */
import type { Evidence } from "../../core/report.ts";
import { slotName } from "./demand.ts";
import type { Breach, Supply } from "./model.ts";
import { counterexample } from "./replay.ts";
import { absence, instant } from "./today.ts";

/** `nowMs`: when it is said. */
export function breachWords({ slot, atMs, others }: Breach, nowMs: number): string {
  const { tier } = slot;
  const owed = `${slotName(slot)} is owed until ${instant(slot.owedUntilMs)}`;
  const [last] = others.toSorted((a, b) => b.untilMs - a.untilMs);
  const why = last === undefined ? `nothing ever makes ${NOUNS[tier.by.kind]} of it` : absence(last, atMs, nowMs);
  return `it breaks on ${instant(atMs)}: ${owed}, and ${why}`;
}

const NOUNS = { snapshot: "a snapshot", copy: "a copy", archive: "an archive" } as const;

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
