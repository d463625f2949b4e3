/** Whether GitHub would run a schedule at all: it disables workflows without a word to whoever relies on them. */
import type { Check } from "../../core/check.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { WorkflowState } from "../../ports/github.ts";
import type { ScheduleFacts, WorkflowFacts } from "./facts.ts";

export const enabled: Check<ScheduleFacts> = {
  id: "schedules/enabled",
  title: "GitHub has not disabled its workflow",
  remedy: ({ workflow }) =>
    workflow === null
      ? "name its workflow in the policy"
      : `gh workflow enable ${workflow.file}${inRepository(workflow)}`,
  judge: ({ workflow }) => (workflow === null ? [] : judgeWorkflow(workflow)),
};

function judgeWorkflow(workflow: WorkflowFacts): Verdict {
  const { file, repository, found } = workflow;
  if (!found.known) return unknown(found.reason);
  if (found.value === null) return isMissing(file);
  const { state } = found.value;
  if (!state.known) return unknown(state.reason);
  const evidence = { expected: "active", actual: state.value, repository };
  if (state.value === "deleted") return { ...isMissing(file), evidence };
  const words = WORDS[state.value];
  return words === null ? pass(`${file} is active`, evidence) : fail(`${file} is disabled: ${words}`, evidence);
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule */
function isMissing(file: string): Verdict {
  return {
    ...fail(`GitHub knows no workflow .github/workflows/${file}: it is not on the default branch`),
    remedy: "push that file to the default branch, where alone schedules run; or correct workflow in the policy",
  };
}

/** Why it does not run; null: it does. https://docs.github.com/en/actions/how-tos/manage-workflow-runs/disable-and-enable-workflows */
const WORDS = {
  active: null,
  disabled_inactivity: "nothing was pushed to this public repository for 60 days",
  disabled_manually: "somebody has turned it off",
  disabled_fork: "the repository is a fork, where no schedule runs unless it is enabled",
} as const satisfies Record<Exclude<WorkflowState, "deleted">, string | null>;

function inRepository({ repository }: WorkflowFacts): string {
  return repository === null ? "" : ` --repo ${repository}`;
}
