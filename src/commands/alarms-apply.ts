/** `alarms plan` and `alarms apply`: what must change so that alarms are as the policy says, and the change itself, read back. */
import * as z from "zod/mini";
import type { StepOutcome } from "../core/change.ts";
import { MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import { type Finding, type Report, worst } from "../core/report.ts";
import { judgeAlarmsApplied } from "../rules/alarms/applied.ts";
import { type AlarmStep, planAlarms } from "../rules/alarms/plan.ts";
import { type LoadedAlarms, loadAlarms } from "./alarm-policy.ts";
import { ourHome } from "./aws-home.ts";
import { carryOut, lookedAgain } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { gatherAlarms } from "./gather-alarms.ts";
import { gatherAlerts } from "./gather-alerts.ts";
import { reporter } from "./reporting.ts";
import { sendOnce } from "./send-once.ts";

export const input = z.strictObject({
  prune: z.prefault(z.boolean(), false),
  confirm: z.prefault(z.array(z.string()), []),
  dryRun: z.prefault(z.boolean(), false),
});

/** CloudWatch takes three changes a second: more at once would only wait. */
const MAX_CHANGES = 3;

export async function run({ prune, confirm, dryRun }: z.output<typeof input>, context: Context): Promise<Report> {
  const { plan, loaded, reportOf } = await planAll("alarms apply", { prune }, context);
  const done: AlarmStep[] = [];
  const change = await carryOut(
    {
      plan,
      consent: { names: confirm, dryRun },
      preview: (before) => reportOf(plan.preconditions, before),
      parallel: MAX_CHANGES,
      apply: async (step) => {
        const outcome = await applyStep(step, loaded, context);
        if (outcome.state === "done") done.push(step);
        return outcome;
      },
    },
    context,
  );
  const judged = await judgeAgain(done, loaded, context);
  return reportOf([...plan.preconditions, ...judged], change);
}

/** What `plan` shows and `apply` begins with. */
export async function planAll(command: string, { prune }: { readonly prune: boolean }, context: Context) {
  const loaded = await loadAlarms(context);
  await ourHome(context, loaded.policy);
  context.progress.phase("reading alarms");
  const facts = await look(loaded, context);
  const plan = planAlarms({ ...facts, prune, environment: loaded.policy.environment });
  return { plan, loaded, reportOf: reporter(command, loaded.policy.environment, context) };
}

async function look(loaded: LoadedAlarms, context: Context) {
  const { owned, exceptions } = loaded.alarms;
  const [alarms, alerts] = await Promise.all([
    gatherAlarms(context, { owned, exceptions, declared: loaded.declared.alarms }),
    gatherAlerts(context, loaded),
  ]);
  return { alarms, alerts };
}

async function applyStep(step: AlarmStep, loaded: LoadedAlarms, context: Context): Promise<StepOutcome> {
  context.progress.phase(step.summary);
  const { environment } = loaded.policy;
  const order = {
    send: () => send(step, loaded, context),
    replan: async () =>
      planAlarms({ ...(await look(loaded, context)), prune: step.kind === "delete-alarm", environment }),
    isSame: ({ kind, subject }: AlarmStep) => kind === step.kind && subject === step.subject,
  };
  return sendOnce(order, context);
}

async function send(step: AlarmStep, { policy }: LoadedAlarms, context: Context): Promise<StepOutcome> {
  switch (step.kind) {
    case "put-alarm":
      await (await context.cloudwatch()).putAlarm(step.order);
      return { state: "done" };
    case "delete-alarm":
      await (await context.cloudwatch()).deleteAlarm(step.name);
      return { state: "done" };
    case "create-alert": {
      const { id } = await (await context.atlas()).createAlertConfig(policy.atlas.projectId, step.order);
      return { state: "done", result: { alertConfigId: id } };
    }
    case "replace-alert": {
      const { id } = await (await context.atlas()).replaceAlertConfig(policy.atlas.projectId, step.id, step.order);
      return { state: "done", result: { alertConfigId: id } };
    }
  }
}

/** What was written is shown at once, or a moment later. */
const JUDGE_LIMITS = { firstMs: 2 * SECOND_MS, longestMs: 8 * SECOND_MS, limitMs: MINUTE_MS / 2 };

async function judgeAgain(
  done: readonly AlarmStep[],
  loaded: LoadedAlarms,
  context: Context,
): Promise<readonly Finding[]> {
  if (done.length === 0) return [];
  context.progress.phase("looking again");
  return lookedAgain("alarms", "litally-ops alarms plan", async () => {
    let findings: readonly Finding[] = [];
    const judge = async () => judgeAlarmsApplied(done, await look(loaded, context));
    try {
      await poll({
        clock: context.clock,
        signal: context.signal,
        limits: JUDGE_LIMITS,
        what: "the alarms were not as they should be",
        ask: async () => {
          findings = await judge();
          const status = worst(findings);
          return status === "pass" || status === "warn" ? { done: true, value: null } : { done: false };
        },
      });
    } catch (error) {
      if (!(error instanceof OpsError) || error.kind === "bug" || findings.length === 0) throw error;
    }
    return findings;
  });
}
