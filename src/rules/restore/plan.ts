/**
 * The plan of a restore: what must hold, what a person is told before consenting, and the steps in their order. The
 * steps carry the very orders that are sent.
 */
import type { Detail, Plan, PlannedStep } from "../../core/change.ts";
import type { Observed } from "../../core/observed.ts";
import { describePoint, describeRestore, mayHaveBlackout } from "./description.ts";
import { isAbsent, ofTarget, type RestoreFacts } from "./facts.ts";
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

/** Also of a plan that is refused one wants to see what it would do: steps are there wherever point and target are known. */
export function planRestore(facts: RestoreFacts, subject: string): RestorePlan {
  const preconditions = restorePreconditions(facts, subject);
  const ordered = orderOf(facts);
  return {
    preconditions,
    steps: ordered.known && !isAbsent(facts.target.cluster) ? stepsOf(facts, ordered.value, subject) : [],
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
    done: `took a snapshot of ${targetName} as it was`,
  } as const;
  const closing = {
    ...snapshot,
    kind: "closing-snapshot",
    ...closingWords(facts),
  } as const;
  const paused = ofTarget(facts, (cluster) => cluster.paused);
  const resumes = request.drill !== undefined && paused.known && paused.value;
  const resume = {
    ...snapshot,
    kind: "resume-target",
    summary: `set ${targetName} going, which stands still`,
    done: `set ${targetName} going, which stood still`,
  } as const;
  return [
    ...(resumes ? [resume] : []),
    ...(takesUndo(facts) ? [undo] : []),
    { ...base, ...ordered, ...orderWords(facts, ordered), confirm: targetName },
    ...(request.closing && ordered.kind === "restore" ? [closing] : []),
  ];
}

type Words = Pick<PlannedStep, "summary" | "done">;

function closingWords(facts: RestoreFacts): Words {
  const what = `a snapshot of ${facts.request.targetName} as restored`;
  return mayHaveBlackout(facts)
    ? { summary: `take ${what}, which ends its blackout`, done: `took ${what}, which ended its blackout` }
    : { summary: `take ${what}`, done: `took ${what}` };
}

function orderWords(facts: RestoreFacts, ordered: Ordered): Words {
  const { cluster } = facts.source.database;
  const { targetName } = facts.request;
  const point = describePoint(facts);
  switch (ordered.kind) {
    case "restore":
      return {
        summary: `erase ${targetName} and restore ${cluster} to it, ${point}`,
        done: `erased ${targetName} and restored ${cluster} to it, ${point}`,
      };
    case "restore-collections": {
      const what = `${ordered.order.namespaces.join(", ")} of ${cluster} to ${targetName}, ${point}`;
      return { summary: `restore ${what}`, done: `restored ${what}` };
    }
  }
}
