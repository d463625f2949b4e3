/** The same text for two alarms that watch the same: one of them is one too many. */
import { bare, formatMath, substituteIds } from "../../core/metric-math.ts";
import type { LiveMetricAlarm, Measure } from "../../ports/cloudwatch.ts";
import { termKey } from "./compare-terms.ts";
import { formulaOf } from "./math.ts";

/** null: it cannot be read. Whom it tells does not count, nor what it says of itself. */
export function printOf({ name, settings }: Pick<LiveMetricAlarm, "name" | "settings">): string | null {
  const { measure, comparison, threshold, evaluationPeriods, datapointsToAlarm } = settings;
  if (!measure.known || !comparison.known || !threshold.known) return null;
  if (!evaluationPeriods.known || !datapointsToAlarm.known) return null;
  const window = [datapointsToAlarm.value ?? evaluationPeriods.value, evaluationPeriods.value];
  return JSON.stringify([measurePrint(measure.value) ?? { name }, comparison.value, threshold.value, window]);
}

/** undefined: it is like no other, as far as we can tell. */
function measurePrint(measure: Measure): string | undefined {
  const formula = formulaOf(measure);
  if (formula === undefined || formula.tree === null) return undefined;
  const keys = new Map(formula.terms.map((term) => [term.id, termKey(term)]));
  return formatMath(bare(substituteIds(formula.tree, (id) => ({ kind: "word", name: keys.get(id) ?? id }))));
}
