/**
 * The plan of a restore: what must hold, what a person is told before consenting, and the steps in their order. The
 * steps carry the very orders that are sent.
 */
import type { Detail, Plan, PlannedStep } from "../../core/change.ts";
import type { Observed } from "../../core/observed.ts";
import { describePoint, describeRestore } from "./description.ts";
import { ofTarget, type RestoreFacts } from "./facts.ts";
import { type Fingerprint, targetFingerprint } from "./fingerprint.ts";
import { type Ordered, orderOf } from "./order.ts";
import { restorePreconditions, takesUndo } from "./preconditions.ts";

export type RestoreStep = PlannedStep &
  (
    | Ordered
    | {
        readonly kind: "resume-target" | "take-undo-snapshot" | "closing-snapshot";
        readonly projectId: string;
        readonly clusterName: string;
      }
  );

export interface RestorePlan extends Plan<RestoreStep> {
  /** What a person must know before consenting, in this order. */
  readonly details: readonly Detail[];
  /** The target as it was when this was planned. */
  readonly fingerprint: Observed<Fingerprint>;
}

/** Also of a plan that is refused one wants to see what it would do: steps are there wherever the point is known. */
export function planRestore(facts: RestoreFacts, subject: string): RestorePlan {
  const preconditions = restorePreconditions(facts, subject);
  const ordered = orderOf(facts);
  return {
    preconditions,
    steps: ordered.known ? stepsOf(facts, ordered.value, subject) : [],
    details: describeRestore(facts),
    fingerprint: targetFingerprint(facts),
  };
}

function stepsOf(facts: RestoreFacts, ordered: Ordered, subject: string): readonly RestoreStep[] {
  const { request } = facts;
  const { targetProjectId, targetName } = request;
  const base = { subject, differences: [] };
  const snapshot = { ...base, confirm: null, projectId: targetProjectId, clusterName: targetName };
  const undo = {
    ...snapshot,
    kind: "take-undo-snapshot",
    summary: `take a snapshot of ${targetName} as it is now`,
  } as const;
  const closing = {
    ...snapshot,
    kind: "closing-snapshot",
    summary: `take a snapshot of ${targetName} as restored, which ends its blackout`,
  } as const;
  const paused = ofTarget(facts, (cluster) => cluster.paused);
  const resumes = request.drill !== undefined && paused.known && paused.value;
  const resume = {
    ...snapshot,
    kind: "resume-target",
    summary: `set ${targetName} going, which stands still`,
  } as const;
  return [
    ...(resumes ? [resume] : []),
    ...(takesUndo(facts) ? [undo] : []),
    { ...base, ...ordered, summary: summaryOf(facts, ordered), confirm: targetName },
    ...(request.closing && ordered.kind === "restore" ? [closing] : []),
  ];
}

function summaryOf(facts: RestoreFacts, ordered: Ordered): string {
  const { cluster } = facts.source.database;
  const { targetName } = facts.request;
  switch (ordered.kind) {
    case "restore":
      return `erase ${targetName} and restore ${cluster} to it, ${describePoint(facts)}`;
    case "restore-collections":
      return `restore ${ordered.order.namespaces.join(", ")} of ${cluster} to ${targetName}, ${describePoint(facts)}`;
  }
}
