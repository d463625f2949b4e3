/** An order that must count once, whatever becomes of its answer. */
import type { Plan, PlannedStep, StepOutcome } from "../core/change.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import { worst } from "../core/report.ts";
import { told } from "./carry-out.ts";
import type { Context } from "./context.ts";

export interface OnceOnly<S extends PlannedStep> {
  readonly send: () => Promise<StepOutcome>;
  /** What is to be done by what is there now. */
  readonly replan: () => Promise<Plan<S>>;
  /** Whether a step is this very one. */
  readonly isSame: (other: S) => boolean;
}

/** Where the answer was lost, it is looked what came of it, and only what is certainly not there is sent once more. */
export async function sendOnce<S extends PlannedStep>(
  { send, replan, isSame }: OnceOnly<S>,
  { progress }: Pick<Context, "progress">,
): Promise<StepOutcome> {
  try {
    return await send();
  } catch (error) {
    const { kind } = toOpsError(error);
    if (kind === "bug" || !mayHaveActed(kind)) throw error;
    progress.note(`warning: ${told(error)}; looking what came of it`);
  }
  const { steps, preconditions } = await replan();
  if (worst(preconditions) === "unknown") throw new OpsError("protocol", "what came of it cannot be seen");
  return steps.some(isSame) ? send() : { state: "done", message: "the answer was lost, but it was taken" };
}
