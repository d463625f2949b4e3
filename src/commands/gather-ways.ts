/** What is known of the ways on which alarms reach people: the alarms as they are live, and every topic that they point at. */
import type { Observed } from "../core/observed.ts";
import type { AlarmSettings, LiveMetricAlarm, Seen } from "../ports/cloudwatch.ts";
import type { DeclaredAlarm } from "../rules/alarms/facts.ts";
import { seen } from "../rules/alarms/seen.ts";
import type { AlarmOnItsWay, Home, WayFacts } from "../rules/notify/facts.ts";
import type { LoadedAlarms } from "./alarm-policy.ts";
import type { Context } from "./context.ts";
import { gatherTopics } from "./gather-topics.ts";

/** Of the declared alarms that exist. */
export async function gatherWays(
  context: Context,
  home: Home,
  { policy, declared }: LoadedAlarms,
  live: Observed<ReadonlyMap<string, LiveMetricAlarm>>,
): Promise<WayFacts> {
  const found = live.known ? live.value : new Map<string, LiveMetricAlarm>();
  const onTheWay = declared.alarms.flatMap((alarm) => {
    const one = found.get(alarm.name);
    return one === undefined ? [] : [onItsWay(home, alarm, one.settings)];
  });
  return {
    observedAt: context.clock.now(),
    home,
    alarms: onTheWay,
    topics: await gatherTopics(context, home, policy.topics, onTheWay.flatMap(topicsOf)),
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
    topics: await gatherTopics(context, home, policy.topics, []),
  };
}

/** Whom the policy wants to hear it: what it compiles to says so. */
function onItsWay(home: Home, declared: DeclaredAlarm, settings: Seen<AlarmSettings>): AlarmOnItsWay {
  const { partition, region, accountId } = home;
  const { name, severity } = declared;
  const arn = `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`;
  return { name, arn, severity, wanted: topicArns(declared.settings.alarmActions), settings };
}

function topicsOf({ settings: { alarmActions } }: AlarmOnItsWay): readonly string[] {
  return alarmActions.known ? topicArns(alarmActions.value) : [];
}

function topicArns(actions: readonly string[]): readonly string[] {
  return actions.filter((action) => action.split(":")[2] === "sns");
}
