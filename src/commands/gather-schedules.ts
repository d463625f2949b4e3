/**
 * What is known of the schedules of a policy. CloudWatch is asked for all of them at once (twice where some are so rare that
 * only whole hours are kept so long), GitHub for all workflows at once, and beyond that only about schedules that are not well.
 */
import { OpsError } from "../core/error.ts";
import { mapObserved, notKnown, type Observed, observe } from "../core/observed.ts";
import { once } from "../core/once.ts";
import type { HeartbeatPolicy, Policy, SchedulePolicy } from "../policy/schema.ts";
import type { Datapoint } from "../ports/cloudwatch.ts";
import type { ScheduledRun, Workflow } from "../ports/github.ts";
import { isMeasured } from "../rules/alarms/heartbeat.ts";
import type { Heard, ScheduleFacts, WorkflowFacts } from "../rules/schedules/facts.ts";
import { heardFrom, QUESTIONS_COUNT, questionsAbout, type Reach, reachOf, windowOf } from "../rules/schedules/heard.ts";
import { ran } from "../rules/schedules/ran.ts";
import { ourHome } from "./aws-home.ts";
import type { Context } from "./context.ts";

export type SchedulesPolicy = Pick<Policy, "environment" | "aws"> & { readonly heartbeat: HeartbeatPolicy };

export async function gatherSchedules(context: Context, policy: SchedulesPolicy): Promise<readonly ScheduleFacts[]> {
  const { schedules } = policy.heartbeat;
  const now = context.clock.now();
  const [heard, workflows] = await Promise.all([hear(context, policy, now), lookAtWorkflows(context, policy)]);
  const facts = schedules.map((schedule): ScheduleFacts => {
    const { command, every, grace } = schedule;
    return { command, every, grace, now, heard: heard(schedule), workflow: workflows.of(schedule) };
  });
  return Promise.all(facts.map((one) => withLastRun(one, workflows.lastRunOf)));
}

type HeardOf = (schedule: SchedulePolicy) => Observed<Heard>;

async function hear(context: Context, policy: SchedulesPolicy, now: Date): Promise<HeardOf> {
  if (!isMeasured(policy)) return () => notKnown(noMetric());
  const home = await observe(() => ourHome(context, policy));
  if (!home.known) return () => home;
  const byReach = Map.groupBy(policy.heartbeat.schedules, reachOf);
  const all = await Promise.all([...byReach].map(([reach, some]) => hearAll(context, { policy, now, reach }, some)));
  const heard = new Map(all.flat());
  return ({ command }) => heard.get(command) ?? notKnown(new OpsError("bug", `${command} was not asked about`));
}

interface Hearing {
  readonly policy: SchedulesPolicy;
  readonly now: Date;
  readonly reach: Reach;
}

async function hearAll(
  context: Context,
  { policy, now, reach }: Hearing,
  schedules: readonly SchedulePolicy[],
): Promise<readonly (readonly [string, Observed<Heard>])[]> {
  const cloudwatch = await context.cloudwatch();
  const questions = schedules.flatMap(({ command }) => questionsAbout(command, policy.environment, reach));
  const answers = await observe(() => cloudwatch.datapoints(questions, windowOf(reach, now)));
  const answersTo = (index: number): Observed<readonly Observed<readonly Datapoint[]>[]> =>
    mapObserved(answers, (all) => all.slice(index * QUESTIONS_COUNT, (index + 1) * QUESTIONS_COUNT));
  return schedules.map(({ command }, index) => {
    const own = answersTo(index);
    return [command, own.known ? heardFrom(own.value, reach, now) : own] as const;
  });
}

function noMetric(): OpsError {
  return new OpsError("config", "the policy has no metric sent, so that nothing but its url is told of its runs", {
    hint: "look there when it last ran; or declare aws, without heartbeat.cloudwatch: false",
  });
}

interface Workflows {
  of(schedule: SchedulePolicy): WorkflowFacts | null;
  /** Asked once of each workflow, whichever schedules it runs. */
  lastRunOf(workflow: Workflow): Promise<Observed<ScheduledRun | null>>;
}

async function lookAtWorkflows(context: Context, { heartbeat }: SchedulesPolicy): Promise<Workflows> {
  if (heartbeat.schedules.every(({ workflow }) => workflow === undefined)) {
    return { of: () => null, lastRunOf: async () => notKnown(new OpsError("bug", "no workflow is named")) };
  }
  const github = once(() => context.github(heartbeat.repository));
  const asked = await observe(github);
  const listed = asked.known ? await observe(() => asked.value.listWorkflows()) : asked;
  const lastRuns = new Map<number, Promise<Observed<ScheduledRun | null>>>();
  return {
    lastRunOf: ({ id }) => {
      const run = lastRuns.get(id) ?? observe(async () => (await github()).lastScheduledRun(id));
      lastRuns.set(id, run);
      return run;
    },
    of: ({ workflow: file }) => {
      if (file === undefined) return null;
      const found = mapObserved(listed, (all) => {
        const ofFile = all.filter(({ path }) => path === `.github/workflows/${file}`);
        return ofFile.find(({ state }) => !state.known || state.value !== "deleted") ?? ofFile[0] ?? null;
      });
      const repository = asked.known ? asked.value.repository : (heartbeat.repository ?? null);
      return { file, repository, found, lastRun: null };
    },
  };
}

/** Where all is well, GitHub's own view of it adds nothing. */
async function withLastRun(facts: ScheduleFacts, lastRunOf: Workflows["lastRunOf"]): Promise<ScheduleFacts> {
  const { workflow } = facts;
  if (workflow === null || !workflow.found.known || workflow.found.value === null) return facts;
  if ([ran.judge(facts)].flat().every(({ status }) => status === "pass")) return facts;
  return { ...facts, workflow: { ...workflow, lastRun: await lastRunOf(workflow.found.value) } };
}
