/** What the settings alone would make from now on, if nothing ever went wrong and nothing were there yet, and what is owed of it. */
import type { Horizon } from "./demand.ts";
import { assumeLost } from "./losses.ts";
import type { Supply, Tier } from "./model.ts";
import { type Question, steadyMs } from "./question.ts";
import { supplyOf } from "./supply.ts";
import type { Reading } from "./supply-snapshots.ts";

export interface Ideal {
  /** Until every tier owes its whole span. */
  readonly horizon: Horizon;
  /** What is owed from now on alone. */
  readonly tiers: readonly Tier[];
  readonly supplies: Readonly<Record<Reading, Supply>>;
}

/** The same for the same question: several checks ask, and of long spans there is much to make. */
export function idealOf(question: Question): Ideal {
  const known = MADE.get(question) ?? made(question);
  MADE.set(question, known);
  return known;
}

const MADE = new WeakMap<Question, Ideal>();

function made({ tiers, facts, lost, nowMs }: Question): Ideal {
  const untilMs = steadyMs(tiers, nowMs);
  const ideal = (reading: Reading): Supply => {
    const { supply } = supplyOf(facts, untilMs, reading);
    const points = supply.points.filter(({ isSeen }) => !isSeen);
    return assumeLost({ points, continuous: supply.continuous }, lost, nowMs);
  };
  return {
    horizon: { fromMs: nowMs, untilMs, bornMs: nowMs },
    tiers: tiers.map((tier) => ({ ...tier, sinceMs: Math.max(tier.sinceMs ?? nowMs, nowMs) })),
    supplies: { pessimistic: ideal("pessimistic"), optimistic: ideal("optimistic") },
  };
}
