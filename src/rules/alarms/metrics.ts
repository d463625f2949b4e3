/** The metrics that an alarm rests on. */
import type { Observed } from "../../core/observed.ts";
import type { Measure, MetricOf } from "../../ports/cloudwatch.ts";

/** None where it is not known, or not made of metrics by name. */
export function metricsOf(measure: Observed<Measure>): readonly MetricOf[] {
  if (!measure.known) return [];
  switch (measure.value.kind) {
    case "metric":
      return [measure.value.stat];
    case "math":
      return measure.value.queries.flatMap(({ of, accountId }) =>
        of.kind === "stat" && accountId === null ? [of.stat] : [],
      );
    case "other":
      return [];
  }
}
