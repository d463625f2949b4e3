/** The worlds in which all is well but for what watches, or for the way from an alarm to a person: `alarms audit` must say it. */
import * as alarm from "./alarm-damages.ts";
import * as alert from "./alert-damages.ts";
import type { World } from "./worlds.ts";

type Damages = Pick<World, "alarms" | "alerts">;

const world = (
  name: string,
  summary: string,
  verdict: World["verdict"],
  check: string | null,
  damages: Damages,
): World => ({ name, summary, command: "alarms audit", verdict, check, ...damages });

const fail = (check: string, name: string, summary: string, damages: Damages) =>
  world(name, summary, "fail", check, damages);
const warn = (check: string, name: string, summary: string, damages: Damages) =>
  world(name, summary, "warn", check, damages);
const unknown = (check: string, name: string, summary: string, damages: Damages) =>
  world(name, summary, "unknown", check, damages);

export const ALARM_WORLDS: readonly World[] = [
  world("alarm-firing", "the first alarm is firing, and everybody was told", "pass", null, { alarms: alarm.firing }),
  fail("alarms/present", "alarm-missing", "the first alarm is not there", { alarms: alarm.missing }),
  fail("alarms/present", "alarm-composite", "a composite alarm has the name of the first alarm", {
    alarms: alarm.composite,
  }),
  fail("alarms/drift", "alarm-looser", "the threshold of the first alarm is five times as high", {
    alarms: alarm.looser,
  }),
  warn("alarms/drift", "alarm-stricter", "the threshold of the first alarm is half as high", {
    alarms: alarm.stricter,
  }),
  fail("alarms/drift", "alarm-other-metric", "the first alarm watches another thing than it should", {
    alarms: alarm.otherMetric,
  }),
  fail("alarms/actions-enabled", "alarm-actions-off", "the actions of the first alarm are turned off", {
    alarms: alarm.actionsOff,
  }),
  fail("alarms/heard", "alarm-no-action", "the first alarm tells nobody when it fires", { alarms: alarm.noAction }),
  fail("alarms/heard", "alarm-foreign-action", "the first alarm tells a topic of another account", {
    alarms: alarm.foreignAction,
  }),
  fail("alarms/undeclared", "alarm-undeclared", "somebody has made an alarm beside the policy", {
    alarms: alarm.undeclared,
  }),
  fail("alarms/undeclared", "alarm-duplicate", "somebody has made an alarm that watches the same as the first", {
    alarms: alarm.duplicate,
  }),
  fail("alarms/muted", "alarm-muted", "a rule mutes the first alarm", { alarms: alarm.muted }),
  warn("alarms/muted", "alarm-mute-coming", "a rule will mute the first alarm", { alarms: alarm.muteComing }),
  warn("alarms/muted", "alarm-suppressed", "what pages for the first alarm is suppressed by another one", {
    alarms: alarm.suppressed,
  }),
  fail("alarms/state", "alarm-no-data", "the first alarm has had no data for weeks, for its metrics are silent", {
    alarms: alarm.noData,
  }),
  fail("notify/topic", "topic-missing", "the topic of the first alarm is not there", { alarms: alarm.topicMissing }),
  fail("notify/topic-policy", "topic-policy-closed", "the topic of the first alarm admits users alone", {
    alarms: alarm.policyClosed,
  }),
  fail("notify/topic-policy", "topic-policy-one-alarm", "the topic of the first alarm admits one other alarm alone", {
    alarms: alarm.policyOfOneAlarm,
  }),
  fail("notify/topic-key", "topic-aws-key", "AWS's own key encrypts the topic of the first alarm", {
    alarms: alarm.awsKey,
  }),
  fail("notify/topic-key", "topic-key-closed", "the key of that topic does not admit CloudWatch", {
    alarms: alarm.keyClosed,
  }),
  fail("notify/topic-key", "topic-key-disabled", "the key of that topic is disabled", { alarms: alarm.keyDisabled }),
  warn("notify/subscription", "subscription-pending", "a subscription of that topic waits for its confirmation", {
    alarms: alarm.pending,
  }),
  fail(
    "notify/subscription",
    "subscription-pending-old",
    "nobody has confirmed a subscription of that topic for days",
    {
      alarms: alarm.pendingOld,
    },
  ),
  fail("notify/subscription", "subscription-gone", "a subscription of that topic is gone", { alarms: alarm.gone }),
  fail("notify/filter", "subscription-filtered", "a subscription of that topic lets no alarm through", {
    alarms: alarm.filtered,
  }),
  fail("notify/endpoint", "subscription-raw", "PagerDuty gets messages without the envelope that it reads", {
    alarms: alarm.raw,
  }),
  warn("notify/undeclared-subscription", "subscription-undeclared", "somebody hears that topic whom nobody declared", {
    alarms: alarm.subscriptionUndeclared,
  }),
  warn("notify/endpoint", "sms-sandbox", "SMS reach verified numbers alone", { alarms: alarm.smsSandbox }),
  fail("alerts/present", "alert-missing", "Atlas does not have the first alert", { alerts: alert.missing }),
  fail("alerts/enabled", "alert-off", "the first alert of Atlas is turned off", { alerts: alert.off }),
  fail("alerts/drift", "alert-looser", "the threshold of the first alert of Atlas is higher", {
    alerts: alert.looser,
  }),
  fail("alerts/drift", "alert-narrowed", "the first alert of Atlas looks at one replica set alone", {
    alerts: alert.narrowed,
  }),
  fail("alerts/drift", "alert-late", "the first alert of Atlas waits for an hour", { alerts: alert.lateBell }),
  warn("alerts/duplicate", "alert-duplicate", "Atlas has the first alert twice", { alerts: alert.twice }),
  fail("alerts/recipients", "alert-no-integration", "the project is no longer connected to PagerDuty", {
    alerts: alert.noIntegration,
  }),
  unknown("alarms/present", "alarms-unreadable", "these credentials may not list alarms", {
    alarms: alarm.denied("cloudwatch:DescribeAlarms"),
  }),
  unknown("notify/topic", "topics-unreadable", "these credentials may not read topics", {
    alarms: alarm.denied("sns:GetTopicAttributes"),
  }),
  unknown("notify/subscription", "subscriptions-unreadable", "these credentials may not list subscriptions", {
    alarms: alarm.denied("sns:ListSubscriptionsByTopic"),
  }),
  unknown("notify/topic-key", "keys-unreadable", "these credentials may not read keys", {
    alarms: alarm.denied("kms:DescribeKey", "kms:GetKeyPolicy"),
  }),
];
