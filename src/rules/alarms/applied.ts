/** After a change: is it so? Each step is held against what is there now. */
import { type Check, runChecks } from "../../core/check.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { AlarmOrder } from "../../ports/cloudwatch.ts";
import { matchAlerts } from "./alerts.ts";
import { alertSubject } from "./check-alerts.ts";
import { compare } from "./compare.ts";
import type { AlarmFacts, AlertFacts } from "./facts.ts";
import { openAlertDifferences } from "./orders.ts";
import type { AlarmStep } from "./plan.ts";

export interface AlarmsNow {
  readonly alarms: AlarmFacts;
  readonly alerts: AlertFacts;
}

/** `steps`: those that were done. */
export function judgeAlarmsApplied(steps: readonly AlarmStep[], now: AlarmsNow): readonly Finding[] {
  return steps.flatMap((step) => runChecks([taken], { step, now }, step.subject));
}

interface Applied {
  readonly step: AlarmStep;
  readonly now: AlarmsNow;
}

const taken: Check<Applied> = {
  id: "alarms/applied",
  title: "every change was taken",
  remedy: () => "look again: litally-ops alarms plan shows what is open",
  judge: ({ step, now }) => {
    switch (step.kind) {
      case "put-alarm":
        return judgePut(step.order, now.alarms);
      case "delete-alarm":
        return judgeDeleted(step.name, now.alarms);
      case "create-alert":
      case "replace-alert":
        return judgeAlert(step.subject, now.alerts);
    }
  },
};

function judgePut(
  { name, settings, beyond }: AlarmOrder,
  { live, declared }: AlarmFacts,
): Verdict | readonly Verdict[] {
  if (!live.known) return unknown(live.reason);
  const alarm = live.value.get(name);
  const policy = declared.find((one) => one.name === name);
  if (alarm === undefined || policy === undefined) return fail("CloudWatch has no such alarm");
  const { differences, unreadable } = compare({ ...policy, settings }, alarm.settings);
  const lost = Object.keys(beyond).filter((key) => JSON.stringify(beyond[key]) !== JSON.stringify(alarm.beyond[key]));
  const verdicts = [
    ...differences.map(({ key, wanted, live: now }) => notTaken("CloudWatch", key, wanted, now)),
    ...unreadable.map(({ key, reason }) => ({ ...unknown(reason), scope: key })),
    ...lost.map((key) => ({ ...fail(`${key}, which the policy cannot say, did not stay as it was`), scope: key })),
  ];
  return verdicts.length > 0 ? verdicts : pass("CloudWatch took every setting");
}

function notTaken(service: string, scope: string, expected: string, actual: string): Verdict {
  return {
    ...fail(`${service} did not take it: ${scope} should be ${expected}, and is ${actual}`, { expected, actual }),
    scope,
  };
}

function judgeDeleted(name: string, { strays }: AlarmFacts): Verdict {
  if (!strays.known) return unknown(strays.reason);
  return strays.value.some((stray) => stray.name === name) ? fail("it is still there") : pass("it is gone");
}

function judgeAlert(subject: string, alerts: AlertFacts): Verdict | readonly Verdict[] {
  const one = matchAlerts(alerts).find(({ declared }) => alertSubject(declared.name) === subject);
  if (one === undefined) return fail("the policy does not declare it any more");
  if (!one.config.known) return unknown(one.config.reason);
  if (one.config.value === null) return fail("Atlas has no such alert");
  const open = openAlertDifferences(one.declared, one.config.value, one.facts);
  if (!open.known) return unknown(open.reason);
  const verdicts = open.value.map(({ setting, wanted, live }) => notTaken("Atlas", setting, wanted, live));
  return verdicts.length > 0 ? verdicts : pass("Atlas took every setting");
}
