/**
 * `alarms test`: sets an alarm off for a moment, follows it through its history to what became of each action, and puts its
 * state back, in every ending.
 */
import * as z from "zod/mini";
import type { PlannedStep } from "../core/change.ts";
import { type Check, runChecks } from "../core/check.ts";
import { formatSpan } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { known } from "../core/observed.ts";
import type { Finding, Report } from "../core/report.ts";
import { didYouMean } from "../core/suggest.ts";
import { fail, pass, unknown } from "../core/verdict.ts";
import type { CloudWatch, LiveMetricAlarm } from "../ports/cloudwatch.ts";
import { judgeTest } from "../rules/alarms/test-outcome.ts";
import { ways } from "../rules/notify/ways.ts";
import { loadAlarms } from "./alarm-policy.ts";
import { ourHome } from "./aws-home.ts";
import { carryOut } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { gatherWays } from "./gather-ways.ts";
import { reporter } from "./reporting.ts";
import { setBack, testAlarm } from "./test-alarm.ts";

export const input = z.strictObject({ alarm: z.string(), dryRun: z.prefault(z.boolean(), false) });

const NOT_PROVED =
  "that the metric would really cross its threshold, that the message got through to anybody behind SNS, that a person read it";

/** Every reason that a test of ours gives begins so. */
const MARK = "litally-ops test";

export async function run({ alarm: name, dryRun }: z.output<typeof input>, context: Context): Promise<Report> {
  const loaded = await loadAlarms(context);
  const { policy, declared } = loaded;
  const home = await ourHome(context, policy);
  const cloudwatch = await context.cloudwatch();
  context.progress.phase(`looking at ${name}`);
  const names = declared.alarms.map((one) => one.name);
  const live = await testedAlarm(cloudwatch, name, names);
  const subject = `alarm/${name}`;
  const preconditions = runChecks(PRECONDITIONS, live, subject);
  const facts = await gatherWays(context, home, loaded, known(new Map([[name, live]])));
  const hearers = facts.alarms.flatMap(ways(facts).hearersOf).map(({ shown }) => shown);
  const pages = names.includes(name) ? hearers.join(", ") || "nobody that is known here" : strangers(live);
  const reportOf = reporter("alarms test", policy.environment, context);
  const id = context.uniqueWord();
  let judged: readonly Finding[] = [];
  const change = await carryOut(
    {
      plan: { preconditions, steps: [stepOf(live, subject, pages)] },
      consent: { names: [], dryRun },
      preview: (shown) => reportOf(preconditions, shown),
      parallel: 1,
      apply: async () => {
        const ended = await testAlarm({ context, cloudwatch, live, mark: `${MARK} ${id}` });
        judged = judgeTest({ ...ended.outcome, waited: formatSpan(ended.waitedMs) }, subject);
        return ended.step;
      },
    },
    context,
  );
  return reportOf([...preconditions, ...judged], { ...change, isAside: true });
}

async function testedAlarm(
  cloudwatch: CloudWatch,
  name: string,
  declared: readonly string[],
): Promise<LiveMetricAlarm> {
  const [alarm] = await cloudwatch.alarmsByName([name]);
  if (alarm === undefined)
    throw new OpsError("not-found", `there is no alarm ${name} in CloudWatch${didYouMean(name, declared)}`, {
      hint: "litally-ops alarms list shows them; Atlas's alerts can only be tested in Atlas",
    });
  if (alarm.kind === "metric") return alarm;
  throw new OpsError("usage", `${name} is a ${alarm.kind} alarm: only metric alarms are tested here`);
}

/** The ways of what nobody declared are not looked at. */
function strangers({ settings: { alarmActions } }: LiveMetricAlarm): string {
  const actions = alarmActions.known ? alarmActions.value.map((arn) => arn.split(":").at(-1) ?? arn) : ["its actions"];
  return actions.length === 0 ? "nobody: it has no action" : `whoever is behind ${actions.join(", ")}`;
}

/** Nothing is set off that fires for real, nor where nobody could be told. */
const PRECONDITIONS: readonly Check<LiveMetricAlarm>[] = [
  {
    id: "alarms/test-quiet",
    title: "the alarm is not firing",
    remedy: ({ name, stateReason }) =>
      stateReason.known && stateReason.value?.startsWith(MARK) === true
        ? `a test left it so: CloudWatch looks at it anew by itself; or put it back: ${setBack(name, "OK", "a test was cut off")}`
        : "look at what it says: it is no time for a test",
    judge: ({ state, stateReason }) => {
      if (!state.known) return unknown(state.reason);
      if (state.value !== "ALARM") return pass(`its state is ${state.value}`);
      return fail(`it is firing: ${(stateReason.known && stateReason.value) || "CloudWatch gives no reason"}`);
    },
  },
  {
    id: "alarms/test-audible",
    title: "the alarm tells somebody",
    remedy: () => "see what is wrong with it: litally-ops alarms audit; then mend it: litally-ops alarms apply",
    judge: ({ settings: { actionsEnabled, alarmActions } }) => {
      if (!actionsEnabled.known) return unknown(actionsEnabled.reason);
      if (!alarmActions.known) return unknown(alarmActions.reason);
      if (!actionsEnabled.value) return fail("its actions are disabled: there is nothing to test");
      const { length } = alarmActions.value;
      return length === 0 ? fail("it has no action: there is nothing to test") : pass(`it has ${length} to take`);
    },
  },
];

function stepOf({ name, state, settings }: LiveMetricAlarm, subject: string, hearers: string): PlannedStep {
  const former = state.known ? state.value : "what it was";
  const okCount = settings.okActions.known ? settings.okActions.value.length : 0;
  return {
    subject,
    summary: `set ${name} to ALARM for a moment, then back to ${former}`,
    done: `${name} was in ALARM for a moment`,
    confirm: null,
    differences: [],
    details: [
      { label: "pages", value: hearers, lasts: true },
      ...(okCount > 0 && former === "OK" ? [{ label: "going back", value: "tells them that all is well again" }] : []),
      { label: "does not prove", value: NOT_PROVED, lasts: true },
    ],
  };
}
