/**
 * The only road to a change of the world: refuse, show, ask, carry out step by step, each recorded. What becomes of it
 * is judged by the caller, who looks again.
 */
import { mapBounded } from "../core/bounded.ts";
import {
  asStep,
  type Change,
  type Plan,
  type PlannedStep,
  planned,
  type Step,
  type StepOutcome,
  type StepState,
  stateOf,
} from "../core/change.ts";
import { mayHaveActed, toOpsError } from "../core/error.ts";
import { observe } from "../core/observed.ts";
import { type Finding, type Report, worst } from "../core/report.ts";
import { stopReason } from "../core/stop.ts";
import type { Undertaken } from "../ports/acts.ts";
import type { Context } from "./context.ts";

export interface Consent {
  /** Names given as `--confirm`. */
  readonly names: readonly string[];
  /** Show only. */
  readonly dryRun: boolean;
}

export interface Undertaking<S extends PlannedStep> {
  readonly plan: Plan<S>;
  readonly consent: Consent;
  /** The report that shows the plan to the person who is asked. */
  readonly preview: (change: Change) => Report;
  /** Subjects that are changed side by side at most. */
  readonly parallel: number;
  /** A step that is left to go on by itself does not keep the next of its subject from being begun; absent: it does. */
  readonly goesOnAfterRunning?: true;
  /**
   * Does one step. What it throws says by its kind whether anything may have happened: the step is `refused` (stopped
   * before it was begun: `not-done`), or `unclear`. Whatever is not well ends the subject's steps, and no further
   * subject is begun.
   */
  readonly apply: (step: S) => Promise<StepOutcome>;
}

type Asking = Pick<Context, "signal" | "operator" | "audit">;

/** OpsError `aborted` only where nothing has begun. */
export async function carryOut<S extends PlannedStep>(undertaking: Undertaking<S>, context: Asking): Promise<Change> {
  const { plan, consent, preview } = undertaking;
  const before = stateBefore(plan);
  const undertaken = { plan, names: consent.names };
  if (before !== undefined && (before.state === "none" || consent.dryRun)) return before;
  if (before !== undefined) return recordRefusal(undertaken, before, context);
  if (consent.dryRun) return planned(plan, "planned");
  const refusal = await consented(plan, consent, preview, context);
  if (refusal !== undefined)
    return recordRefusal(undertaken, planned(plan, "declined", `nothing was changed: ${refusal}`), context);
  if (context.signal.aborted) throw stopReason(context.signal, "about to begin");
  return recorded({ plan, names: targetsOf(plan) }, context, async () => {
    const steps = await applyAll(undertaking, context);
    const state = stateOf(steps);
    return { state, ...(state === "refused" ? { reason: "nothing was changed: it was refused" } : {}), steps };
  });
}

/** Somebody tried: that is on record too. */
export async function recordRefusal(
  undertaken: Undertaken,
  change: Change,
  { audit }: Pick<Context, "audit">,
): Promise<Change> {
  const { acts } = await audit();
  await acts.refuse(undertaken, change);
  return change;
}

/** What is about to be done is on record before the first step of it, or there is no first step. */
async function recorded(undertaken: Undertaken, context: Asking, carry: () => Promise<Change>): Promise<Change> {
  const begun = await observe(async () => (await context.audit()).acts.begin(undertaken));
  if (!begun.known) return planned(undertaken.plan, "refused", `nothing was changed: ${told(begun.reason)}`);
  const change = await carry();
  await begun.value.end(change);
  if (change.steps.every(({ state }) => state === "not-done")) throw stopReason(context.signal, "about to begin");
  return change;
}

/** What a plan comes to before anybody is asked: nothing to do, or not to be done; undefined: it can be carried out. */
export function stateBefore(plan: Plan<PlannedStep>): Change | undefined {
  const verdict = worst(plan.preconditions);
  if (verdict === "fail") return planned(plan, "refused", "nothing was changed: a precondition does not hold");
  if (verdict === "unknown")
    return planned(plan, "undecided", "nothing was changed: whether it may be done could not be found out");
  return plan.steps.length === 0 ? planned(plan, "none") : undefined;
}

/** A plan as it is shown: refused where it would be refused. */
export function shownPlan(plan: Plan<PlannedStep>, reason?: string): Change {
  return stateBefore(plan) ?? planned(plan, "planned", reason);
}

/** Why there is no consent; undefined: there is. Each name must be given, and none that is not a target. */
async function consented<S extends PlannedStep>(
  plan: Plan<S>,
  { names }: Consent,
  preview: (change: Change) => Report,
  context: Asking,
): Promise<string | undefined> {
  const targets = targetsOf(plan);
  const strange = names.find((name) => !targets.includes(name));
  if (strange !== undefined && targets.length > 0)
    return `--confirm names ${strange}, the ${targets.length === 1 ? "target is" : "targets are"} ${targets.join(", ")}`;
  const open = targets.filter((target) => !names.includes(target));
  for (const [index, target] of open.entries()) {
    const typed = await context.operator.ask(
      index === 0 ? preview(planned(plan, "planned")) : null,
      `type ${target} to go on, anything else to stop: `,
    );
    if (typed === null)
      return `there is nobody to ask for the name of the target; give it as --confirm ${open.join(",")}`;
    if (typed.trim() !== target) return `"${typed.trim()}" is not ${target}`;
  }
  return undefined;
}

/** The names that must be given for it, each once. */
function targetsOf({ steps }: Plan<PlannedStep>): readonly string[] {
  return [...new Set(steps.flatMap(({ confirm }) => (confirm === null ? [] : [confirm])))];
}

async function applyAll<S extends PlannedStep>(
  { plan, parallel, apply, goesOnAfterRunning }: Undertaking<S>,
  { signal }: Asking,
): Promise<readonly Step[]> {
  const lanes = [...Map.groupBy(plan.steps, ({ subject }) => subject).values()];
  let stopped = false;
  const done = await mapBounded(lanes, parallel, async (lane) => {
    const steps: Step[] = [];
    let ended = false;
    for (const step of lane) {
      const outcome = ended || stopped || signal.aborted ? NOT_DONE : await attempt(() => apply(step));
      if (ENDS_ALL[outcome.state]) stopped = true;
      const isWell = outcome.state === "done" || (outcome.state === "running" && goesOnAfterRunning === true);
      if (!isWell) ended = true;
      steps.push(asStep(step, outcome));
    }
    return steps;
  });
  return done.flat();
}

const ENDS_ALL = {
  planned: false,
  refused: true,
  done: false,
  running: false,
  unwatched: false,
  failed: true,
  unclear: true,
  "not-done": false,
} as const satisfies Record<StepState, boolean>;

const NOT_DONE = { state: "not-done" } as const;

/** A failure of the step is a state of the step, and so is a bug of ours: what was begun must still be told. */
async function attempt(apply: () => Promise<StepOutcome>): Promise<StepOutcome> {
  try {
    return await apply();
  } catch (error) {
    const { kind } = toOpsError(error);
    if (kind === "aborted") return NOT_DONE;
    return { state: mayHaveActed(kind) ? "unclear" : "refused", message: told(error) };
  }
}

/** A failure as a step tells it. */
export function told(error: unknown): string {
  const { kind, message, hint } = toOpsError(error);
  return `${kind === "bug" ? "bug in litally-ops: " : ""}${message}${hint === undefined ? "" : `; ${hint}`}`;
}

/** Looks again after a change. Whatever keeps it from that, a stop or a bug, the change itself must still be told. */
export async function lookedAgain(
  subject: string,
  remedy: string,
  judge: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await judge();
  } catch (error) {
    const message = `what came of the change could not be looked at: ${told(error)}`;
    return [{ ...LOOKED_AGAIN, subject, status: "unknown", message, remedy }];
  }
}

const LOOKED_AGAIN = { check: "change/looked-again", title: "what came of the change was looked at" } as const;
