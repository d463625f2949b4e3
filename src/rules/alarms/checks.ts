/** Everything that must hold of the alarms that the policy declares, in the order in which a person would ask. */
import { type Check, runChecks } from "../../core/check.ts";
import type { Finding } from "../../core/report.ts";
import { matchAlerts } from "./alerts.ts";
import { ALERT_CHECKS, alertSubject } from "./check-alerts.ts";
import { SET_CHECKS } from "./check-set.ts";
import { SETTINGS_CHECKS } from "./check-settings.ts";
import { STATE_CHECKS } from "./check-state.ts";
import type { AlarmFacts, AlertFacts } from "./facts.ts";
import { alarmSubject, type OneAlarm } from "./one.ts";

const ONE_CHECKS: readonly Check<OneAlarm>[] = [...SETTINGS_CHECKS, ...STATE_CHECKS];

/** For `--only` and for documents. */
export const ALARM_CHECKS: readonly Pick<Check<never>, "id" | "title">[] = [
  ...ONE_CHECKS,
  ...SET_CHECKS,
  ...ALERT_CHECKS,
];

/** The alarms of CloudWatch, one by one and as a whole. */
export function judgeAlarms(facts: AlarmFacts): readonly Finding[] {
  return [
    ...facts.declared.flatMap((declared) =>
      runChecks(ONE_CHECKS, { declared, facts }, alarmSubject(declared.name), FIND_OUT),
    ),
    ...runChecks(SET_CHECKS, facts, "alarms", FIND_OUT),
  ];
}

/** The alerts of Atlas. */
export function judgeAlerts(facts: AlertFacts): readonly Finding[] {
  return matchAlerts(facts).flatMap((one) => runChecks(ALERT_CHECKS, one, alertSubject(one.declared.name), FIND_OUT));
}

const FIND_OUT =
  "mend what kept it from being read (litally-ops doctor shows what we may see), then run again: until then nothing is proved";
