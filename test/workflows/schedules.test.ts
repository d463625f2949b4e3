/** Each schedule of the policy against the workflow that it names: it runs often enough, and the outside hears of it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { readInputs } from "../../scripts/action/inputs.mts";
import { parse } from "../../src/cli/parse.ts";
import { DAY_MS, longestMs, MINUTE_MS, SECOND_MS } from "../../src/core/duration.ts";
import { slugOf } from "../../src/core/heartbeat.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { ALSO_BEATS_AS } from "../../src/rules/permissions/commands.ts";
import { SANDBOX_VARIABLES } from "../../src/wiring/sandbox.ts";
import { longestGapMs } from "../support/cron.ts";
import { accounts, drilledDatabases, heard, outcomes, said } from "../support/job-worlds.ts";
import { type JobRun, readWorkflow, runJob, type Workflow, type World } from "../support/jobs.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const OURS = readFileSync(join(ROOT, "config/litally-ops.yaml"), "utf8");
const { policy } = parsePolicy(OURS, "litally-ops.yaml", SANDBOX_VARIABLES);
const SCHEDULES = policy.heartbeat?.schedules ?? [];
const BY_WORKFLOW = Map.groupBy(SCHEDULES, ({ workflow = "none" }) => workflow);

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

/** Ours, which tells a dead man's switch beside. */
const WITH_URL = OURS.replace(/^heartbeat:.*\n/m, `$&  url: \${HEARTBEAT_URL}\n`);
/** Owes no archive: on the first of a month one is owed that is not there yet. */
const OWES_NONE = WITH_URL.replace("since: 2026-01", "since: 2999-01");

/** What a workflow's own schedule begins; a drill waits for an approval, and that of another plan is declined. */
async function begun(file: string, world: World): Promise<readonly JobRun[]> {
  const workflow = readWorkflow(file);
  const [first = "", second = ""] = Object.keys(workflow.jobs);
  const job = await runJob(workflow, first, world);
  if (file !== "drill.yml") return [job];
  const plan = join(world.folder, "artifacts/plan/plan.json");
  writeFileSync(plan, readFileSync(plan, "utf8").replace("litally-drill", "litally-core"));
  return [job, await runJob(workflow, second, world, { plan: job })];
}

test.each([...BY_WORKFLOW])("%s tells the switch of each schedule that it runs", async (file, schedules) => {
  const { mongo, uris } = await drilledDatabases(new Date());
  const world = await accounts({ policy: file === "archive.yml" ? OWES_NONE : WITH_URL, mongo });
  const jobs = await begun(file, { ...world, secrets: { ...world.secrets, ...uris } });
  const end = file === "drill.yml" ? "3" : "0";
  const owed = schedules.flatMap(({ command }) => ["start", end].map((says) => `${slugOf(command)} ${says}`));
  const told = jobs.map((job) => `${JSON.stringify(outcomes(job))}\n${said(job)}`).join("\n");
  expect((await heard(world.sandbox)).toSorted(), told).toEqual(owed.toSorted());
});

test("the end of whatever tells of it is told while its role lasts, and within its job", () => {
  const beating = [...BY_WORKFLOW.keys()].flatMap((file) => {
    const jobs = Object.values(readWorkflow(file).jobs);
    return jobs.flatMap(({ steps, "timeout-minutes": minutes }) => {
      const role = steps.find(({ uses = "" }) => uses.startsWith("aws-actions/configure-aws-credentials"))?.with;
      const roleMs = Number(role?.["role-duration-seconds"] ?? 3600) * SECOND_MS; // an hour is what that action asks for
      const runs = steps.filter(({ uses }) => uses === "./").map(({ with: given }) => invoked(given));
      return runs
        .filter(({ flags }) => flags.heartbeat)
        .map(({ command, flags }) => {
          const lastsMs = flags.timeoutMs ?? minutes * MINUTE_MS;
          return [ALSO[command.name] ?? command.name, lastsMs <= roleMs && lastsMs <= minutes * MINUTE_MS];
        });
    });
  });
  expect(Object.fromEntries(beating)).toEqual(Object.fromEntries(SCHEDULES.map(({ command }) => [command, true])));
});

const ALSO: Readonly<Record<string, string>> = ALSO_BEATS_AS;

/** What the action's own reader and the program's own parser make of a step. */
function invoked(given: Readonly<Record<string, unknown>> | undefined) {
  return parse(
    readInputs({ INPUT_COMMAND: String(given?.["command"]), INPUT_ARGS: String(given?.["args"] ?? "") }).words,
  );
}
