/**
 * What is known of the schedules of a policy. CloudWatch is asked for all of them at once (twice where some are so rare that
 * only whole hours are kept so long), GitHub for all workflows at once, and beyond that only about schedules that are not well.
 */
import { OpsError } from "../core/error.ts";
import { mapObserved, notKnown, type Observed, observe } from "../core/observed.ts";
import type { HeartbeatPolicy, Policy, SchedulePolicy } from "../policy/schema.ts";
import type { Datapoint } from "../ports/cloudwatch.ts";
import type { Github } from "../ports/github.ts";
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
  return Promise.all(facts.map((one) => withLastRun(one, workflows.github)));
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
  readonly github: Observed<Github>;
  of(schedule: SchedulePolicy): WorkflowFacts | null;
}

async function lookAtWorkflows(context: Context, { heartbeat }: SchedulesPolicy): Promise<Workflows> {
  if (heartbeat.schedules.every(({ workflow }) => workflow === undefined)) {
    return { github: notKnown(new OpsError("bug", "GitHub was not asked")), of: () => null };
  }
  const github = await observe(() => context.github(heartbeat.repository));
  const listed = github.known ? await observe(() => github.value.listWorkflows()) : github;
  return {
    github,
    of: ({ workflow: file }) => {
      if (file === undefined) return null;
      const found = mapObserved(listed, (all) => {
        const ofFile = all.filter(({ path }) => path === `.github/workflows/${file}`);
        return ofFile.find(({ state }) => !state.known || state.value !== "deleted") ?? ofFile[0] ?? null;
      });
      const repository = github.known ? github.value.repository : (heartbeat.repository ?? null);
      return { file, repository, found, lastRun: null };
    },
  };
}

/** Where all is well, GitHub's own view of it adds nothing. */
async function withLastRun(facts: ScheduleFacts, github: Observed<Github>): Promise<ScheduleFacts> {
  const { workflow } = facts;
  if (workflow === null || !workflow.found.known || workflow.found.value === null || !github.known) return facts;
  if ([ran.judge(facts)].flat().every(({ status }) => status === "pass")) return facts;
  const { id } = workflow.found.value;
  return { ...facts, workflow: { ...workflow, lastRun: await observe(() => github.value.lastScheduledRun(id)) } };
}
