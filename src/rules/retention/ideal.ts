/** What the settings alone would make from an instant on, if nothing ever went wrong and nothing were there yet. */
import type { Horizon } from "./demand.ts";
import { assumeLost } from "./losses.ts";
import type { Supply, Tier } from "./model.ts";
import type { Question } from "./question.ts";
import { supplyOf } from "./supply.ts";
import type { Reading } from "./supply-snapshots.ts";

/** What is owed from then on alone. */
export function newTiers(tiers: readonly Tier[], { fromMs }: Horizon): readonly Tier[] {
  return tiers.map((tier) => ({ ...tier, sinceMs: Math.max(tier.sinceMs ?? fromMs, fromMs) }));
}

export function idealSupply({ facts, lost }: Question, { fromMs, untilMs }: Horizon, reading: Reading): Supply {
  const { supply } = supplyOf(facts, untilMs, reading);
  const points = supply.points.filter(({ isSeen }) => !isSeen);
  return assumeLost({ points, continuous: supply.continuous }, lost, fromMs);
}
