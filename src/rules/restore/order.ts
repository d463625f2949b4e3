/** The request as Atlas is told it: `latest` and its like have become one snapshot. */
import { known, mapObserved, type Observed } from "../../core/observed.ts";
import type { CollectionRestoreOrder, RestoreOrder, RestorePoint } from "../../ports/atlas-restores.ts";
import type { RestoreFacts } from "./facts.ts";
import { chosenPoint } from "./snapshot-choice.ts";

export type Ordered =
  | { readonly kind: "restore"; readonly order: RestoreOrder }
  | { readonly kind: "restore-collections"; readonly order: CollectionRestoreOrder };

/** What is sent; not known where no snapshot is chosen. */
export function orderOf(facts: RestoreFacts): Observed<Ordered> {
  const { targetProjectId, targetName, collections } = facts.request;
  return mapObserved(orderedPoint(facts), (point) => {
    const order = { point, targetProjectId, targetName };
    return collections === null
      ? { kind: "restore", order }
      : { kind: "restore-collections", order: { ...order, ...collections } };
  });
}

function orderedPoint(facts: RestoreFacts): Observed<RestorePoint> {
  const { point } = facts.request;
  if (point.kind === "instant") return known({ kind: "instant", at: point.at });
  return mapObserved(chosenPoint(facts), ({ name }) => ({ kind: "snapshot", snapshotId: name }));
}
