/** What is known of the ways on which alarms reach people: the alarms as they are live, and every topic that they point at. */
import type { Observed } from "../core/observed.ts";
import type { AlarmSettings, LiveMetricAlarm, Seen } from "../ports/cloudwatch.ts";
import type { DeclaredAlarm } from "../rules/alarms/facts.ts";
import { liveAlarm } from "../rules/alarms/one.ts";
import { seen } from "../rules/alarms/seen.ts";
import type { AlarmOnItsWay, Home, UnseenAlarm, WayFacts } from "../rules/notify/facts.ts";
import { topicsOf } from "../rules/notify/graph.ts";
import type { LoadedAlarms } from "./alarm-policy.ts";
import type { Context } from "./context.ts";
import { gatherTopics } from "./gather-topics.ts";

/** Of the declared alarms: those that exist on their way, the others with the reason why they have none. */
export async function gatherWays(
  context: Context,
  home: Home,
  { policy, declared }: LoadedAlarms,
  live: Observed<ReadonlyMap<string, LiveMetricAlarm>>,
): Promise<WayFacts> {
  const alarms: AlarmOnItsWay[] = [];
  const unseen: UnseenAlarm[] = [];
  for (const alarm of declared.alarms) {
    const found = liveAlarm({ declared: alarm, facts: { live } });
    if (found.known) alarms.push(onItsWay(home, alarm, found.value.settings));
    else unseen.push({ name: alarm.name, severity: alarm.severity, reason: found.reason });
  }
  return {
    observedAt: context.clock.now(),
    home,
    alarms,
    unseen,
    topics: await gatherTopics(context, home, policy.topics, alarms.flatMap(toldBy)),
  };
}

/** As if every alarm were as it is declared. */
export async function gatherDeclaredWays(
  context: Context,
  home: Home,
  { policy, declared }: LoadedAlarms,
): Promise<WayFacts> {
  return {
    observedAt: context.clock.now(),
    home,
    alarms: declared.alarms.map((alarm) => onItsWay(home, alarm, seen(alarm.settings))),
    unseen: [],
    topics: await gatherTopics(context, home, policy.topics, []),
  };
}

/** Whom the policy wants to hear it: what it compiles to says so. */
function onItsWay(home: Home, declared: DeclaredAlarm, settings: Seen<AlarmSettings>): AlarmOnItsWay {
  const { partition, region, accountId } = home;
  const { name, severity } = declared;
  const arn = `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`;
  return { name, arn, severity, wanted: topicsOf(declared.settings.alarmActions), settings };
}

function toldBy({ settings: { alarmActions } }: AlarmOnItsWay): readonly string[] {
  return alarmActions.known ? topicsOf(alarmActions.value) : [];
}
