/**
 * What is known of the alarms of a policy: pages of live ones, of which only what is declared is kept whole, composite
 * alarms and mute rules. Nothing is asked for one alarm alone.
 */

import { DAY_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { known, mapObserved, type Observed, observe } from "../core/observed.ts";
import type {
  AlarmState,
  CloudWatch,
  LiveAlarm,
  LiveCompositeAlarm,
  LiveMetricAlarm,
  MetricOf,
} from "../ports/cloudwatch.ts";
import { compositeFacts, suppressorOf } from "../rules/alarms/composites.ts";
import type { AlarmFacts, CompositeFacts, DeclaredAlarm, StrayAlarm } from "../rules/alarms/facts.ts";
import { metricsOf } from "../rules/alarms/metrics.ts";
import { printOf } from "../rules/alarms/print.ts";
import type { Context } from "./context.ts";

/** How far back one looks whether a metric has ever reported. */
const REPORTING_MS = 14 * DAY_MS;

export interface AlarmsWanted extends Pick<AlarmFacts, "owned" | "exceptions" | "declared"> {
  /** Told of every live alarm with the owned prefix, as it comes by. */
  readonly onLive?: (alarm: LiveAlarm) => void;
}

export async function gatherAlarms(context: Context, wanted: AlarmsWanted): Promise<AlarmFacts> {
  const { owned, exceptions, declared } = wanted;
  const cloudwatch = await context.cloudwatch();
  const [owning, composite, muteRules] = await Promise.all([
    observe(() => gatherOwned(cloudwatch, wanted)),
    observe(() => gatherComposites(cloudwatch, declared)),
    observe(() => cloudwatch.listMuteRules()),
  ]);
  const live = mapObserved(owning, (seen) => seen.live);
  const observedAt = context.clock.now();
  return {
    observedAt,
    owned,
    exceptions,
    declared,
    live,
    strays: mapObserved(owning, (seen) => seen.strays),
    composites: composite,
    muteRules,
    reported: live.known ? await gatherReports(cloudwatch, live.value, observedAt) : live,
  };
}

interface Owned {
  readonly live: ReadonlyMap<string, LiveMetricAlarm>;
  readonly strays: readonly StrayAlarm[];
}

async function gatherOwned(cloudwatch: CloudWatch, { owned, declared, onLive }: AlarmsWanted): Promise<Owned> {
  const names = new Set(declared.map(({ name }) => name));
  const live = new Map<string, LiveMetricAlarm>();
  const strays: StrayAlarm[] = [];
  for await (const page of cloudwatch.alarmPages(owned, "all")) {
    for (const alarm of page) {
      onLive?.(alarm);
      if (alarm.kind === "metric" && names.has(alarm.name)) live.set(alarm.name, alarm);
      else strays.push(stray(alarm));
    }
  }
  return { live, strays };
}

function stray(alarm: LiveAlarm): StrayAlarm {
  return { name: alarm.name, kind: alarm.kind, print: alarm.kind === "metric" ? printOf(alarm) : null };
}

/** Of the whole account: whoever made them, they may speak for ours, or be muted by them. */
async function gatherComposites(
  cloudwatch: CloudWatch,
  declared: readonly DeclaredAlarm[],
): Promise<readonly CompositeFacts[]> {
  const ours = new Set(declared.map(({ name }) => name));
  const found: LiveCompositeAlarm[] = [];
  for await (const page of cloudwatch.alarmPages("", "composite")) {
    for (const alarm of page) {
      if (alarm.kind !== "composite") continue;
      // one that cannot be read might be about any of ours
      if (!alarm.rule.known) throw alarm.rule.reason;
      if (!alarm.suppressor.known) throw alarm.suppressor.reason;
      if (compositeFacts(alarm, ours, UNASKED) !== undefined) found.push(alarm);
    }
  }
  const states = await suppressorStates(cloudwatch, found);
  return found.map((alarm) => compositeFacts(alarm, ours, states)).filter((facts) => facts !== undefined);
}

const UNASKED = () => ({ known: false, reason: new OpsError("not-found", "not asked yet") }) as const;

/** Of all that mute any of them, in one question. */
async function suppressorStates(cloudwatch: CloudWatch, composites: readonly LiveCompositeAlarm[]) {
  const names = [...new Set(composites.map(suppressorOf).filter((name) => name !== null))];
  const asked = names.length === 0 ? known([]) : await observe(() => cloudwatch.alarmsByName(names));
  return (name: string): Observed<AlarmState> => {
    if (!asked.known) return asked;
    const alarm = asked.value.find((one) => one.name === name);
    if (alarm !== undefined && alarm.kind !== "log") return alarm.state;
    return { known: false, reason: new OpsError("not-found", `the state of ${name} was not found`) };
  };
}

/** Whether the metrics of alarms without sufficient data have reported at all of late. */
async function gatherReports(
  cloudwatch: CloudWatch,
  live: ReadonlyMap<string, LiveMetricAlarm>,
  now: Date,
): Promise<AlarmFacts["reported"]> {
  const dark = [...live.values()].filter(({ state }) => state.known && state.value === "INSUFFICIENT_DATA");
  const asked = dark.flatMap(({ name, settings }) => metricsOf(settings.measure).map((metric) => ({ name, metric })));
  if (asked.length === 0) return known(new Map());
  const metrics: readonly MetricOf[] = asked.map(({ metric }) => metric);
  const reported = await observe(() => cloudwatch.reportedSince(metrics, new Date(now.getTime() - REPORTING_MS)));
  return mapObserved(reported, (answers) => {
    const byName = new Map<string, boolean>();
    for (const [index, { name }] of asked.entries())
      byName.set(name, (byName.get(name) ?? false) || answers[index] === true);
    return byName;
  });
}
