/**
 * What is to be changed, and what became of it. A plan is made by rules from facts; only commands/carry-out.ts carries
 * one out; the change that comes of it is part of the report that the exit code looks at.
 */
import type { Evidence, Finding } from "./report.ts";

/** Preconditions and steps, as data. Nothing is sent while a precondition does not hold. */
export interface Plan<S extends PlannedStep> {
  readonly preconditions: readonly Finding[];
  readonly steps: readonly S[];
}

export interface PlannedStep {
  /** What is changed, as in findings: `cluster/litally-core`. Steps of one subject go one after another. */
  readonly subject: string;
  readonly summary: string;
  /** The summary of it once it is done; absent: the same. */
  readonly done?: string;
  /** The name that must be given for it to be done; null: it only adds, and needs no consent. */
  readonly confirm: string | null;
  readonly differences: readonly Difference[];
  /** What else is to be known of it before it is done: what is lost, how long it takes. */
  readonly details?: readonly Detail[];
}

export interface Detail {
  readonly label: string;
  readonly value: string;
  /** Also to be known of a step that was begun; of the rest the plan has told. */
  readonly lasts?: true;
}

/** How a setting moves. `loosens`: less is kept, copied or covered than now. */
export type Effect = "adds" | "tightens" | "loosens" | "changes";

/** A setting of the world that is not as the policy wants it. */
export interface Difference {
  /** Stable, and in the words of the policy: `snapshots daily retain`. */
  readonly setting: string;
  /** Where the policy says so: `config/litally-ops.yaml:27`; null: it follows from other settings. */
  readonly source: string | null;
  readonly wanted: string;
  readonly live: string;
  readonly effect: Effect;
  /** Why, where the policy does not say it itself. */
  readonly because?: string;
}

/**
 * `refused`: it was told no before anything happened. `running`: begun, and left to go on as asked. `unwatched`: begun, and nobody waits for its end any more. `unclear`:
 * sent, and nobody knows what became of it. `not-done`: not begun, because an earlier one did not end well, or a stop
 * came first.
 */
export type StepState = "planned" | "refused" | "done" | "running" | "unwatched" | "failed" | "unclear" | "not-done";

export interface Step extends Pick<PlannedStep, "subject" | "summary" | "differences" | "details"> {
  readonly state: StepState;
  /** What came of it, by name: ids above all. */
  readonly result?: Evidence;
  /** Why it did not end well, or what else is to be known. */
  readonly message?: string;
  /** The command to go on with. */
  readonly next?: string;
}

/**
 * `none`: there is nothing to change. `planned`: shown, not begun. `refused`: a precondition does not hold.
 * `undecided`: whether it may be done could not be found out. `declined`: nobody consented. `running`: begun, and left
 * to go on as asked. `interrupted`: begun, and nobody waits for its end any more.
 */
export type ChangeState =
  | "none"
  | "planned"
  | "refused"
  | "undecided"
  | "declined"
  | "done"
  | "running"
  | "interrupted"
  | "failed";

/** What comes of carrying out one step. */
export type StepOutcome = Pick<Step, "state" | "result" | "message" | "next">;

export interface Change {
  readonly state: ChangeState;
  /** One sentence where the state alone does not say enough. */
  readonly reason?: string;
  /** It only serves the looking: once it is done, the findings say how the run ended, as if nothing had been changed. */
  readonly isAside?: true;
  readonly steps: readonly Step[];
}

/** A plan as a change that has not begun. */
export function planned(plan: Plan<PlannedStep>, state: ChangeState, reason?: string): Change {
  const steps = plan.steps.map((step) => asStep(step, { state: "planned" }));
  return { state, ...(reason === undefined ? {} : { reason }), steps };
}

/** A step and what became of it. */
export function asStep({ subject, summary, done, differences, details }: PlannedStep, outcome: StepOutcome): Step {
  return {
    subject,
    summary: outcome.state === "done" ? (done ?? summary) : summary,
    differences,
    ...(details === undefined ? {} : { details }),
    ...outcome,
  };
}

/** What the steps together make of the change. */
export function stateOf(steps: readonly Pick<Step, "state">[]): ChangeState {
  const states = new Set(steps.map(({ state }) => state));
  if (states.size === 0) return "none";
  if ([...states].every((state) => state === "refused" || state === "not-done"))
    return states.has("refused") ? "refused" : "interrupted";
  if (states.has("refused") || states.has("failed") || states.has("unclear")) return "failed";
  if (states.has("unwatched") || states.has("not-done")) return "interrupted";
  return states.has("running") ? "running" : "done";
}
