import { describe, expect, it } from "vitest";
import { runChecks } from "../../../src/core/check.ts";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import type { WorkflowState } from "../../../src/ports/github.ts";
import { enabled } from "../../../src/rules/schedules/enabled.ts";
import type { WorkflowFacts } from "../../../src/rules/schedules/facts.ts";
import { facts, workflow } from "./build.ts";

const unheard = notKnown(new OpsError("auth", "not asked"));
const judge = (of: WorkflowFacts | null) =>
  runChecks([enabled], facts(unheard, { workflow: of }), "schedule/backup verify");
const inState = (state: WorkflowState) => judge(workflow({ found: known({ id: 7, path: "p", state: known(state) }) }));

describe("the workflow of a schedule", () => {
  it("is owed only where the policy names it", () => expect(judge(null)).toEqual([]));

  it.each<readonly [WorkflowState, string, RegExp]>([
    ["active", "pass", /^nightly\.yml is active$/],
    ["disabled_inactivity", "fail", /^nightly\.yml is disabled: nothing was pushed/],
    ["disabled_manually", "fail", /^nightly\.yml is disabled: somebody/],
    ["disabled_fork", "fail", /^nightly\.yml is disabled: the repository is a fork/],
    ["deleted", "fail", /^GitHub knows no workflow/],
  ])("that is %s", (state, status, message) => {
    expect(inState(state)).toMatchObject([{ status, message: expect.stringMatching(message) }]);
    expect(inState(state)).toMatchObject([{ evidence: { repository: "litally/ops" } }]);
  });

  it("is enabled by a command that names all that is known", () => {
    const [finding] = inState("disabled_inactivity");
    expect(finding?.remedy).toBe("gh workflow enable nightly.yml --repo litally/ops");
  });

  it("that GitHub does not know is not on the default branch", () => {
    const [finding] = judge(workflow({ found: known(null) }));
    expect(finding).toMatchObject({ status: "fail", remedy: expect.stringContaining("default branch") });
  });

  it.each([
    ["the list", workflow({ found: notKnown(new OpsError("auth", "no token", { hint: "set it" })) })],
    [
      "its state",
      workflow({
        found: known({ id: 7, path: "p", state: notKnown(new OpsError("protocol", "new", { hint: "set it" })) }),
      }),
    ],
  ])("is unknown where %s is, with what to do", (_title, of) => {
    expect(judge(of)).toMatchObject([{ status: "unknown", remedy: "set it" }]);
  });
});
