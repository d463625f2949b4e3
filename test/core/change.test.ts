/** What the steps together make of a change: the exit code hangs on it. */
import { describe, expect, it } from "vitest";
import { type ChangeState, planned, type StepState, stateOf } from "../../src/core/change.ts";

const of = (...states: readonly StepState[]) => stateOf(states.map((state) => ({ state })));

describe("the state of a change", () => {
  it.each<[readonly StepState[], ChangeState]>([
    [[], "none"],
    [["done"], "done"],
    [["done", "done"], "done"],
    [["running"], "running"],
    [["done", "running"], "running"],
    [["refused"], "refused"],
    [["refused", "not-done"], "refused"],
    [["refused", "refused"], "refused"],
    [["not-done"], "interrupted"],
    [["not-done", "not-done"], "interrupted"],
    [["done", "not-done"], "interrupted"],
    [["running", "not-done"], "interrupted"],
    [["unwatched"], "interrupted"],
    [["done", "unwatched"], "interrupted"],
    [["running", "unwatched"], "interrupted"],
    [["failed"], "failed"],
    [["done", "failed"], "failed"],
    [["running", "failed"], "failed"],
    [["failed", "not-done"], "failed"],
    [["failed", "unwatched"], "failed"],
    [["unclear"], "failed"],
    [["done", "unclear", "not-done"], "failed"],
    [["done", "refused"], "failed"],
    [["unwatched", "refused"], "failed"],
    [["running", "refused"], "failed"],
  ])("of steps that are %j is %s", (states, whole) => {
    expect(of(...states)).toBe(whole);
    expect(of(...states.toReversed())).toBe(whole);
  });
});

describe("a plan as a change", () => {
  const differences = [{ setting: "s", source: null, wanted: "2", live: "1", effect: "tightens" }] as const;
  const plan = { preconditions: [], steps: [{ subject: "a", summary: "change a", confirm: "a", differences }] };
  const steps = [{ subject: "a", summary: "change a", differences, state: "planned" }];

  it("shows its steps with what they change, none begun", () => {
    expect(planned(plan, "planned")).toStrictEqual({ state: "planned", steps });
    expect(planned(plan, "declined", "why")).toStrictEqual({ state: "declined", reason: "why", steps });
  });
});
