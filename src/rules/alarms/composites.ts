/** Composite alarms: which of ours are parts of one, and what may keep it silent. */

import { OpsError } from "../../core/error.ts";
import { notKnown, type Observed } from "../../core/observed.ts";
import type { AlarmState, LiveCompositeAlarm } from "../../ports/cloudwatch.ts";
import type { CompositeFacts } from "./facts.ts";

/**
 * The names in a rule, whether quoted, bare or as an ARN:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
function namesInRule(rule: string): readonly string[] {
  const inRule = [...rule.matchAll(/\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|([^"()]*?))\s*\)/g)];
  return [...new Set(inRule.map(([, quoted, bare]) => alarmName(quoted ?? bare ?? "")))];
}

/** The name of an alarm that is given by name or by ARN. */
function alarmName(nameOrArn: string): string {
  return /^arn:[\w-]+:cloudwatch:[\w-]*:\d{12}:alarm:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}

/** What counts of one for ours; undefined: it has nothing to do with them. */
export function compositeFacts(
  alarm: LiveCompositeAlarm,
  ours: ReadonlySet<string>,
  stateOf: (name: string) => Observed<AlarmState>,
): CompositeFacts | undefined {
  const children = alarm.rule.known ? namesInRule(alarm.rule.value).filter((name) => ours.has(name)) : [];
  const suppressor = suppressorOf(alarm);
  const isOursSuppressing = suppressor !== null && ours.has(suppressor);
  if (alarm.rule.known && children.length === 0 && !isOursSuppressing) return undefined;
  const tells = alarm.actionsEnabled.known && alarm.alarmActions.known;
  return {
    name: alarm.name,
    children,
    suppressor,
    isSuppressorInAlarm:
      suppressor === null
        ? notKnown(new OpsError("not-found", `${alarm.name} has no suppressor`))
        : inAlarm(stateOf(suppressor)),
    hasActions: !tells || (alarm.actionsEnabled.value && alarm.alarmActions.value.length > 0),
  };
}

/** null: nothing mutes it, or it cannot be told. */
export function suppressorOf({ suppressor }: LiveCompositeAlarm): string | null {
  return suppressor.known && suppressor.value !== null ? alarmName(suppressor.value) : null;
}

function inAlarm(state: Observed<AlarmState>): Observed<boolean> {
  return state.known ? { known: true, value: state.value === "ALARM" } : state;
}
