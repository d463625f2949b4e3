import type { Observed } from "../core/observed.ts";

/** What we ask of GitHub Actions about one repository, in our own words. Failures are OpsError. */
export interface Github {
  /** `owner/name` */
  readonly repository: string;
  /** All workflows that GitHub knows: whole, or it throws. */
  listWorkflows(): Promise<readonly Workflow[]>;
  /** The newest run that the schedule of a workflow began; null: it never has. */
  lastScheduledRun(workflowId: number): Promise<ScheduledRun | null>;
  /** Ends open connections. */
  close(): Promise<void>;
}

/** https://docs.github.com/en/rest/actions/workflows */
export const WORKFLOW_STATES = [
  "active",
  "deleted",
  "disabled_fork",
  "disabled_inactivity",
  "disabled_manually",
] as const;
export type WorkflowState = (typeof WORKFLOW_STATES)[number];

export interface Workflow {
  readonly id: number;
  /** `.github/workflows/nightly.yml` */
  readonly path: string;
  readonly state: Observed<WorkflowState>;
}

/** https://docs.github.com/en/rest/actions/workflow-runs */
export interface ScheduledRun {
  readonly at: Date;
  /** In GitHub's own words: `success`, `failure`, `cancelled`; null: it has not ended. */
  readonly conclusion: string | null;
  /** For people. */
  readonly url: string;
}
