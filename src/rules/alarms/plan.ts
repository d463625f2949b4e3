/**
 * The plan that makes alarms and alerts what the policy declares: what must hold before, and a step for each that is not so.
 * What nobody declared is deleted only where that was asked for, each with its own name as consent.
 */
import type { Difference, Plan, PlannedStep } from "../../core/change.ts";
import { runChecks } from "../../core/check.ts";
import type { AlertOrder } from "../../ports/atlas-alerts.ts";
import type { AlarmOrder } from "../../ports/cloudwatch.ts";
import { type MatchedAlert, matchAlerts } from "./alerts.ts";
import { alertSubject } from "./check-alerts.ts";
import { undeclaredAlarms } from "./check-set.ts";
import { compare } from "./compare.ts";
import type { AlarmFacts, DeclaredAlarm, StrayAlarm } from "./facts.ts";
import { alarmSubject } from "./one.ts";
import { asDifference, openAlertDifferences, replacement, withConnections } from "./orders.ts";
import { type AlarmPlanFacts, PLAN_CHECKS } from "./plan-checks.ts";
import { alarmWords, alertWords } from "./words.ts";

export type AlarmStep = PlannedStep &
  (
    | { readonly kind: "put-alarm"; readonly order: AlarmOrder }
    | { readonly kind: "delete-alarm"; readonly name: string }
    | { readonly kind: "create-alert"; readonly order: AlertOrder }
    | { readonly kind: "replace-alert"; readonly id: string; readonly order: AlertOrder }
  );

export function planAlarms(facts: AlarmPlanFacts): Plan<AlarmStep> {
  const { alarms, alerts, environment, prune } = facts;
  const steps = [
    ...alarms.declared.flatMap((declared) => alarmSteps(declared, alarms, environment)),
    ...matchAlerts(alerts).flatMap((one) => alertSteps(one, environment)),
    ...(prune ? pruneSteps(alarms) : []),
  ];
  return { preconditions: runChecks(PLAN_CHECKS, facts, "alarms"), steps };
}

/** An alarm that is only half known is not replaced: what it is would be lost unseen. */
function alarmSteps(declared: DeclaredAlarm, { live }: AlarmFacts, environment: string): readonly AlarmStep[] {
  if (!live.known) return [];
  const { name, settings } = declared;
  const now = live.value.get(name);
  const base = { kind: "put-alarm", subject: alarmSubject(name) } as const;
  if (now === undefined) {
    const order = { name, settings, beyond: {} };
    const words = { summary: `create alarm ${name}`, done: `created alarm ${name}` };
    return [{ ...base, ...words, order, confirm: null, differences: newAlarm(declared) }];
  }
  const { differences, unreadable } = compare(declared, now.settings);
  const order = replacement(declared, now);
  if (differences.length === 0 || unreadable.length > 0 || !order.known) return [];
  const words = { summary: `change alarm ${name}`, done: `changed alarm ${name}` };
  const moves = differences.map((difference) => asDifference(declared, difference));
  return [{ ...base, ...words, order: order.value, confirm: environment, differences: moves }];
}

function newAlarm({ settings, sourceOf }: DeclaredAlarm): readonly Difference[] {
  const { alarmActions } = settings;
  const rest = { live: "none", effect: "adds" } as const;
  return [
    { ...rest, setting: "alarm", source: sourceOf("name"), wanted: alarmWords(settings) },
    ...(alarmActions.length === 0
      ? []
      : [{ ...rest, setting: "notify.alarm", source: sourceOf("notify.alarm"), wanted: alarmActions.join(", ") }]),
  ];
}

function alertSteps(one: MatchedAlert, environment: string): readonly AlarmStep[] {
  const { declared, config, facts } = one;
  const { name, order, sourceOf } = declared;
  const subject = alertSubject(name);
  if (!config.known) return [];
  if (config.value === null) {
    const words = { summary: `create alert ${name} in Atlas`, done: `created alert ${name} in Atlas` };
    const wanted = alertWords(order);
    const added = { setting: "alert", source: sourceOf("name"), wanted, live: "none", effect: "adds" } as const;
    const whole = withConnections(order, facts, []);
    return [{ kind: "create-alert", subject, ...words, order: whole, confirm: null, differences: [added] }];
  }
  const open = openAlertDifferences(declared, config.value, facts);
  if (!open.known || open.value.length === 0) return [];
  const { id, notifications } = config.value;
  const whole = withConnections(order, facts, notifications.known ? notifications.value : []);
  const words = { summary: `change alert ${name} in Atlas`, done: `changed alert ${name} in Atlas` };
  return [
    { kind: "replace-alert", subject, ...words, id, order: whole, confirm: environment, differences: open.value },
  ];
}

/** Composite alarms go first: they rest on others. */
function pruneSteps(facts: AlarmFacts): readonly AlarmStep[] {
  if (!facts.strays.known) return [];
  const strays = undeclaredAlarms(facts, facts.strays.value);
  const isComposite = ({ kind }: StrayAlarm) => kind === "composite";
  return [...strays.filter(isComposite), ...strays.filter((stray) => !isComposite(stray))].map(deleteStep);
}

function deleteStep({ name, kind }: StrayAlarm): AlarmStep {
  const because = "neither declared nor under alarms.exceptions";
  return {
    kind: "delete-alarm",
    name,
    subject: alarmSubject(name),
    summary: `delete alarm ${name}`,
    done: `deleted alarm ${name}`,
    confirm: name,
    differences: [
      { setting: "alarm", source: null, wanted: "none", live: `${kind} alarm`, effect: "loosens", because },
    ],
  };
}
