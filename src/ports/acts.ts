import type { Change, Plan, PlannedStep } from "../core/change.ts";

/** The record of operators' acts. What is about to be changed is written down before the first step of it. */
export interface Acts {
  /** OpsError where it can be written down nowhere: then nothing must be begun. */
  begin(undertaken: Undertaken): Promise<OpenAct>;
  /** An undertaking that was refused or declined: nothing came of it. Never fails. */
  refuse(undertaken: Undertaken, change: Change): Promise<void>;
}

interface OpenAct {
  /** What came of it; never fails. */
  end(change: Change): Promise<void>;
}

export interface Undertaken {
  readonly plan: Plan<PlannedStep>;
  /** Names that were given or typed as consent. */
  readonly names: readonly string[];
}
