import { describe, expect, it } from "vitest";
import { CHANGE_WORDS } from "../../src/cli/change-text.ts";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import { annotations } from "../../src/cli/github.ts";
import { junitReport } from "../../src/cli/render-junit.ts";
import { type ChangeState, type StepState, stateOf } from "../../src/core/change.ts";
import type { Report } from "../../src/core/report.ts";

const report = (state: ChangeState, steps: readonly StepState[]): Report => ({
  kind: "report",
  command: "backup apply",
  environment: "test",
  observedAt: new Date("2026-11-22T02:00:00Z"),
  findings: [{ check: "a/b", title: "t", subject: "s", status: "pass", message: "m" }],
  change: { state, steps: steps.map((one) => ({ subject: "s", summary: "step", differences: [], state: one })) },
});

/** What shows that all is not well, in the forms that know findings only. */
const alarms = (one: Report) => [
  /<(failure|error) /.test(junitReport(one, false)),
  annotations(one).some((line) => line.startsWith("::error ")),
];

describe("no form shows all green what ends with another exit code than 0 or 5", () => {
  const states = Object.keys(CHANGE_WORDS) as ChangeState[]; // the table has every state
  it.each(states)("a change that is %s, its steps not begun", (state) => {
    const one = report(state, ["planned"]);
    const isWell = [0, 5].includes(exitCodeOf(one, false));
    expect(alarms(one)).toEqual([!isWell, !isWell]);
  });

  it.each<readonly StepState[][]>([
    [["done", "not-done"]],
    [["done", "unclear"]],
    [["done", "refused"]],
    [["unwatched"]],
  ])("steps %j", (steps) => {
    const one = report(stateOf(steps.map((state) => ({ state }))), steps);
    expect(exitCodeOf(one, false)).toBe(4);
    expect(alarms(one)).toEqual([true, true]);
  });
});
