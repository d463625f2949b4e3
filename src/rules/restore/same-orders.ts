/**
 * Which restores of the source bring the same as the request. Wherever they go: an order may have ended on another
 * cluster than it named, and is an order all the same.
 */
import { OpsError } from "../../core/error.ts";
import { mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import type { RestoreFacts } from "./facts.ts";
import { orderOf } from "./order.ts";
import { type Mismatch, readBackCollectionsContent, readBackContent } from "./outcome.ts";

interface SameOrder {
  /** null: it cannot be read. */
  readonly id: string | null;
  /** False: some of it cannot be read, and the rest is the same. */
  readonly isCertain: boolean;
}

/** Not known where the jobs, or what the request orders, cannot be found out. */
export function sameOrders(facts: RestoreFacts): Observed<readonly SameOrder[]> {
  const order = orderOf(facts);
  if (!order.known) return order;
  const ordered = order.value;
  switch (ordered.kind) {
    case "restore":
      return mapObserved(facts.sourceJobs, (jobs) =>
        jobs.flatMap((job) => same(job.id, readBackContent(job, ordered.order))),
      );
    case "restore-collections":
      if (facts.collections === null)
        return notKnown(new OpsError("protocol", "the source's restores of collections were not looked at"));
      return mapObserved(facts.collections.jobs, (jobs) =>
        jobs.flatMap((job) => same(job.id, readBackCollectionsContent(job, ordered.order))),
      );
  }
}

function same(id: Observed<string>, mismatches: readonly Mismatch[]): readonly SameOrder[] {
  if (mismatches.some(({ told }) => told.known)) return [];
  return [{ id: id.known ? id.value : null, isCertain: mismatches.length === 0 }];
}
