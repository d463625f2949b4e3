/** What is known of a schedule of the policy: what CloudWatch heard of its runs, and how its workflow stands at GitHub. */
import type { Duration } from "../../core/duration.ts";
import type { Observed } from "../../core/observed.ts";
import type { ScheduledRun, Workflow } from "../../ports/github.ts";

export interface ScheduleFacts {
  /** `backup verify` */
  readonly command: string;
  readonly every: Duration;
  readonly grace: Duration;
  readonly now: Date;
  readonly heard: Observed<Heard>;
  /** null: the policy names no workflow, so nobody owes one. */
  readonly workflow: WorkflowFacts | null;
}

export interface WorkflowFacts {
  /** `nightly.yml` */
  readonly file: string;
  /** null: nothing says which. */
  readonly repository: string | null;
  /** Known null: GitHub knows no workflow of this file. */
  readonly found: Observed<Workflow | null>;
  /** null: nobody needed to ask. */
  readonly lastRun: Observed<ScheduledRun | null> | null;
}

/** Instants are those at which the periods of CloudWatch begin: up to `precisionMs` before the true ones. */
export interface Heard {
  readonly lookedBackMs: number;
  readonly precisionMs: number;
  /** When the newest run began; null: none was heard of. */
  readonly startedAt: Date | null;
  /** Whether that one has not told of its end. */
  readonly isOpen: boolean;
  readonly ended: Ended | null;
  readonly succeeded: Succeeded | null;
}

/** The newest end, with all others of its period. */
export interface Ended {
  readonly at: Date;
  /** Whether any of them was good: which came last, nobody can tell. */
  readonly isGood: boolean;
  /** The highest of them; null: none was told. */
  readonly exitCode: number | null;
}

export interface Succeeded {
  readonly at: Date;
  /** null: it was not told. */
  readonly tookMs: number | null;
}
