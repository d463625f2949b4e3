/** Each schedule of the policy against the workflow that it names: it runs often enough. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { DAY_MS, longestMs } from "../../src/core/duration.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { SANDBOX_VARIABLES } from "../../src/wiring/sandbox.ts";
import { longestGapMs } from "../support/cron.ts";
import { readWorkflow, type Workflow } from "../support/jobs.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const OURS = readFileSync(join(ROOT, "config/litally-ops.yaml"), "utf8");
const { policy } = parsePolicy(OURS, "litally-ops.yaml", SANDBOX_VARIABLES);
const SCHEDULES = policy.heartbeat?.schedules ?? [];

const cronsOf = ({ on }: Workflow) =>
  (on as { schedule: readonly { cron: string }[] }).schedule.map(({ cron }) => cron); // our own

test("the gaps of a cron are read as they are", () => {
  const days = (cron: string, ...more: readonly string[]) => longestGapMs([cron, ...more]) / DAY_MS;
  expect(days("37 5 * * *")).toBe(1);
  expect(days("23 * * * *")).toBe(1 / 24);
  expect(days("37 5 * * 1")).toBe(7);
  expect(days("37 5 * * 1", "37 5 * * 3,5")).toBe(3);
  expect(days("0 0 31 * *")).toBe(61); // over a month that has none
  expect(days("0 0 29 2 *")).toBe(4 * 365 + 1);
  expect(days("41 1-23/4 1-6 * *")).toBe(25 + 4 / 24);
  expect(days("0 0 1 * 1")).toBe(7); // the first, or a Monday
  expect(longestGapMs(["0 0 30 2 *"])).toBe(Number.POSITIVE_INFINITY);
  for (const cron of ["@daily", "60 * * * *", "* * * *", "0 0 * JAN *", "0/0 * * * *"])
    expect(() => longestGapMs([cron]), cron).toThrow();
});

test.each(SCHEDULES)(
  "$command is begun as often as the policy says, by $workflow",
  ({ workflow = "none", ...owed }) => {
    const gapMs = longestGapMs(cronsOf(readWorkflow(workflow)));
    expect(gapMs).toBeLessThanOrEqual(longestMs(owed.every) + longestMs(owed.grace));
  },
);
