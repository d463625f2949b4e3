/** `notify plan` and `notify apply`: what must change so that topics are as the policy says, and the change itself, looked at again. */
import * as z from "zod/mini";
import type { Change, StepOutcome } from "../core/change.ts";
import type { Finding, Report } from "../core/report.ts";
import { orderedTag } from "../rules/notify/ordered.ts";
import { type NotifyStep, planNotify } from "../rules/notify/plan.ts";
import type { NotifyFacts } from "../rules/notify/plan-facts.ts";
import { ways } from "../rules/notify/ways.ts";
import { type LoadedAlarms, loadAlarms } from "./alarm-policy.ts";
import { ourHome } from "./aws-home.ts";
import { carryOut, lookedAgain, told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { gatherDeclaredWays } from "./gather-ways.ts";
import { reporter } from "./reporting.ts";
import { sendOnce } from "./send-once.ts";

export const input = z.strictObject({
  prune: z.prefault(z.boolean(), false),
  confirm: z.prefault(z.array(z.string()), []),
  dryRun: z.prefault(z.boolean(), false),
});

/** Topics that are changed side by side. */
const MAX_TOPICS = 4;

export async function run({ prune, confirm, dryRun }: z.output<typeof input>, context: Context): Promise<Report> {
  const { plan, look, reportOf } = await planAll("notify apply", { prune }, context);
  const change = await carryOut(
    {
      plan,
      consent: { names: confirm, dryRun },
      preview: (before) => reportOf(plan.preconditions, before),
      parallel: MAX_TOPICS,
      goesOnAfterRunning: true,
      apply: (step) => applyStep(step, look, context),
    },
    context,
  );
  const judged = await judgeAgain(change, look, context);
  return reportOf([...plan.preconditions, ...judged], change);
}

type Look = () => Promise<NotifyFacts>;

/** What `plan` shows and `apply` begins with. */
export async function planAll(command: string, { prune }: { readonly prune: boolean }, context: Context) {
  const loaded = await loadAlarms(context);
  const home = await ourHome(context, loaded.policy);
  context.progress.phase("reading topics and subscriptions");
  const look: Look = async () => ({
    ...(await gatherDeclaredWays(context, home, loaded)),
    sourceOf: sourceIn(loaded),
    prune,
  });
  return { plan: planNotify(await look()), look, reportOf: reporter(command, loaded.policy.environment, context) };
}

function sourceIn({ policy, lineOf }: LoadedAlarms): NotifyFacts["sourceOf"] {
  return (topicName, path) => lineOf(`topics[${policy.topics.findIndex(({ name }) => name === topicName)}].${path}`);
}

async function applyStep(step: NotifyStep, look: Look, context: Context): Promise<StepOutcome> {
  context.progress.phase(step.summary);
  const order = {
    send: () => send(step, context),
    replan: async () => planNotify(await look()),
    isSame: ({ summary }: NotifyStep) => summary === step.summary,
  };
  return sendOnce(order, context);
}

async function send(step: NotifyStep, context: Context): Promise<StepOutcome> {
  const sns = await context.sns();
  switch (step.kind) {
    case "create-topic":
      return { state: "done", result: { topicArn: await sns.createTopic(step.name) } };
    case "set-key":
      await sns.setTopicKey(step.topicArn, step.keyId);
      return { state: "done" };
    case "set-policy":
      await sns.setTopicPolicy(step.topicArn, step.policy);
      return { state: "done" };
    case "subscribe":
      return subscribe(step, context);
    case "unsubscribe":
      await sns.unsubscribe(step.subscriptionArn);
      return { state: "done" };
  }
}

/** Whoever must confirm it is waited for by nobody here: it is written down when it was ordered, for the audits to come. */
async function subscribe(
  { topicArn, endpoint }: Extract<NotifyStep, { kind: "subscribe" }>,
  context: Context,
): Promise<StepOutcome> {
  const sns = await context.sns();
  const arn = await sns.subscribe(topicArn, endpoint);
  if (arn !== null) return { state: "done", result: { subscriptionArn: arn } };
  const tag = orderedTag(endpoint, await context.sha256());
  try {
    await sns.tagTopic(topicArn, { [tag]: context.clock.now().toISOString() });
  } catch (error) {
    context.progress.note(`warning: when it was ordered could not be written down at the topic: ${told(error)}`);
  }
  return { state: "running", message: "waiting for a human: who hears it must confirm it", next: AUDIT };
}

const AUDIT = "litally-ops notify audit";

/** Of the topics that were changed. */
async function judgeAgain({ steps }: Change, look: Look, context: Context): Promise<readonly Finding[]> {
  const changed = new Set(
    steps.filter(({ state }) => state === "done" || state === "running").map(({ subject }) => subject),
  );
  if (changed.size === 0) return [];
  context.progress.phase("looking again");
  return lookedAgain("topics", AUDIT, async () =>
    ways(await look()).findings.filter(({ subject }) => changed.has(subject)),
  );
}
