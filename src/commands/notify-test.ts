/** `notify test`: publishes a marked message to a topic, and says what SNS accepted and for whom. */
import * as z from "zod/mini";
import type { PlannedStep, StepOutcome } from "../core/change.ts";
import { type Check, runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import type { Report } from "../core/report.ts";
import { didYouMean } from "../core/suggest.ts";
import { fail, pass, unknown } from "../core/verdict.ts";
import { actionArn } from "../rules/alarms/compile.ts";
import { shownEndpoint } from "../rules/notify/endpoint.ts";
import type { TopicFacts } from "../rules/notify/facts.ts";
import { loadAlarms } from "./alarm-policy.ts";
import { ourHome } from "./aws-home.ts";
import { carryOut } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { gatherTopics } from "./gather-topics.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({ topic: z.string(), dryRun: z.prefault(z.boolean(), false) });

const NOT_PROVED =
  "that CloudWatch may publish to it (alarms test does), that the message got through to anybody, that a person read it";

export async function run({ topic: name, dryRun }: z.output<typeof input>, context: Context): Promise<Report> {
  const { policy } = await loadAlarms(context);
  const declared = policy.topics.find((topic) => topic.name === name);
  if (declared === undefined) throw noTopic(name, policy.topics);
  const home = await ourHome(context, policy);
  const arn = actionArn(home, name);
  context.progress.phase(`looking at ${name}`);
  const topic = (await gatherTopics(context, home, [declared], [])).get(arn);
  if (topic === undefined) throw new OpsError("bug", `${arn} was not gathered`);
  const subject = `topic/${name}`;
  const preconditions = runChecks([SOMEBODY], topic, subject);
  const reportOf = reporter("notify test", policy.environment, context);
  const mark = `litally-ops test ${context.uniqueWord()}`;
  const change = await carryOut(
    {
      plan: { preconditions, steps: [stepOf(topic, subject)] },
      consent: { names: [], dryRun },
      preview: (shown) => reportOf(preconditions, shown),
      parallel: 1,
      apply: () => publish(context, arn, mark),
    },
    context,
  );
  return reportOf(preconditions, { ...change, isAside: true });
}

function noTopic(name: string, topics: readonly { readonly name: string }[]): OpsError {
  const names = topics.map((topic) => topic.name);
  const hint = names.length === 0 ? "the policy declares none" : `topics: ${names.join(", ")}`;
  return new OpsError("usage", `the policy has no topic "${name}"${didYouMean(name, names)}`, { hint });
}

/** A message to nobody proves nothing. */
const SOMEBODY: Check<TopicFacts> = {
  id: "notify/test-somebody",
  title: "somebody is subscribed",
  remedy: () => "see what is missing: litally-ops notify audit; subscribe who is declared: litally-ops notify apply",
  judge: (facts) => {
    const { topic, subscriptions } = facts;
    if (!topic.known) return unknown(topic.reason);
    if (topic.value === null) return fail("the topic does not exist");
    if (!subscriptions.known) return unknown(subscriptions.reason);
    const { length } = confirmedOf(facts);
    return length === 0 ? fail("nobody has confirmed a subscription") : pass(`${length} confirmed`);
  },
};

/** In words that may be printed. */
function confirmedOf({ subscriptions }: TopicFacts): readonly string[] {
  if (!subscriptions.known) return [];
  return subscriptions.value.flatMap((one) =>
    one.arn.known && one.arn.value !== null ? [`${one.protocol} ${shownEndpoint(one)}`] : [],
  );
}

function stepOf(facts: TopicFacts, subject: string): PlannedStep {
  return {
    subject,
    summary: `publish a test message to ${facts.name}`,
    done: `SNS accepted a test message for ${facts.name}`,
    confirm: null,
    differences: [],
    details: [
      { label: "for", value: confirmedOf(facts).join(", ") || "nobody", lasts: true },
      { label: "does not prove", value: NOT_PROVED, lasts: true },
    ],
  };
}

async function publish(context: Context, arn: string, mark: string): Promise<StepOutcome> {
  const sns = await context.sns();
  const messageId = await sns.publish(arn, {
    subject: mark,
    body: `${mark}\nSent by ${context.machine.whoami}. Nothing is wrong: this shows that messages of the topic arrive.\n`,
  });
  return { state: "done", result: { messageId, mark } };
}
