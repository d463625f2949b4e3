/** Does a declared alarm see what it watches, and is it let to speak. */
import type { Check } from "../../core/check.ts";
import { formatSpan, longestMs } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { LiveMetricAlarm, MuteRule } from "../../ports/cloudwatch.ts";
import type { CompositeFacts } from "./facts.ts";
import { liveAlarm, type OneAlarm } from "./one.ts";

const state: Check<OneAlarm> = {
  id: "alarms/state",
  title: "the alarm sees what it watches",
  remedy: ({ declared: { name } }) =>
    `compare the names of its metrics and dimensions with those that exist: litally-ops alarms show ${name}, aws cloudwatch list-metrics; where the metric is silent for good reason, say so with missingData`,
  judge: (one) => {
    const live = liveAlarm(one);
    if (!live.known) return unknown(live.reason);
    const { state: now } = live.value;
    if (!now.known) return unknown(now.reason);
    switch (now.value) {
      case "OK":
        return pass("OK");
      case "ALARM":
        return pass(`it is firing${sinceWords(live.value)}`);
      case "INSUFFICIENT_DATA":
        return judgeSilence(one, live.value);
    }
  },
};

function sinceWords({ stateSince }: LiveMetricAlarm): string {
  return stateSince.known ? ` since ${formatInstant(stateSince.value)}` : "";
}

/** A new alarm has no data yet: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
function judgeSilence(one: OneAlarm, live: LiveMetricAlarm): Verdict {
  const lasting = lastingMs(one, live);
  if (!lasting.known) return unknown(lasting.reason);
  const { policy } = one.declared;
  const windowMs = longestMs(policy.period) * policy.datapoints.n;
  const evidence = { expected: formatSpan(windowMs), actual: formatSpan(lasting.value) };
  if (lasting.value <= windowMs) return pass(`no data yet${sinceWords(live)}: its window is not over`, evidence);
  const reported = hasReported(one);
  const words = `no data${sinceWords(live)}, longer than its window of ${formatSpan(windowMs)}`;
  if (!reported.known) return unknown(`${words}; could not find out why: ${reported.reason.message}`, evidence);
  return reported.value
    ? warn(`${words}; its metric has reported in the last two weeks`, evidence)
    : fail(`${words}, and its metric has not reported in two weeks: it watches nothing`, evidence);
}

function lastingMs({ facts }: OneAlarm, { stateSince }: LiveMetricAlarm): Observed<number> {
  if (!stateSince.known) return stateSince;
  const ms = facts.observedAt.getTime() - stateSince.value.getTime();
  return ms >= -TOLERANCE_MS ? known(ms) : notKnown(new OpsError("protocol", "its state is dated in the future"));
}

/** By what two sane clocks may differ. */
const TOLERANCE_MS = 300_000;

function hasReported({ declared, facts }: OneAlarm): Observed<boolean> {
  if (!facts.reported.known) return facts.reported;
  const value = facts.reported.value.get(declared.name);
  return value === undefined ? notKnown(new OpsError("bug", "its metrics were not asked for")) : known(value);
}

const muted: Check<OneAlarm> = {
  id: "alarms/muted",
  title: "nothing mutes the alarm, now or soon",
  remedy: () =>
    "look at the rules: aws cloudwatch list-alarm-mute-rules; end those that are not meant, or wait until they end",
  judge: (one) => {
    const live = liveAlarm(one);
    if (!live.known) return unknown(live.reason);
    const verdicts = [...byRules(one), ...byComposites(one, live.value)];
    return verdicts.length === 0 ? pass("nothing mutes it") : verdicts;
  },
};

function byRules({ declared, facts }: OneAlarm): readonly Verdict[] {
  if (!facts.muteRules.known) return [{ ...unknown(facts.muteRules.reason), scope: "mute rules" }];
  return facts.muteRules.value.flatMap((rule) => {
    if (rule.alarmNames.known && !rule.alarmNames.value.includes(declared.name)) return [];
    return [{ ...judgeRule(rule), scope: `mute rule ${rule.name}` }];
  });
}

function judgeRule({ name, alarmNames, isActive, schedule }: MuteRule): Verdict {
  if (!alarmNames.known) return unknown(alarmNames.reason);
  if (!isActive.known) return unknown(isActive.reason);
  const when = schedule.known && schedule.value !== null ? { schedule: schedule.value } : undefined;
  return isActive.value
    ? fail(`mute rule ${name} mutes it now: it fires and nobody is told`, when)
    : warn(`mute rule ${name} will mute it`, when);
}

function byComposites(one: OneAlarm, live: LiveMetricAlarm): readonly Verdict[] {
  const { composites } = one.facts;
  if (!composites.known) return [{ ...unknown(composites.reason), scope: "composite alarms" }];
  return composites.value.flatMap((composite) => {
    const verdict = isMutedBy(one, composite) ? judgeChild(one, composite) : judgeSuppressor(one, composite, live);
    return verdict === undefined || verdict.status === "pass" ? [] : [{ ...verdict, scope: composite.name }];
  });
}

/** The composite alarm would page for it, and another alarm can keep it from doing so. */
function isMutedBy({ declared }: OneAlarm, { children, suppressor, hasActions }: CompositeFacts): boolean {
  return hasActions && suppressor !== null && children.includes(declared.name);
}

/** Its own actions go on: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html */
function judgeChild({ declared }: OneAlarm, { name, suppressor, isSuppressorInAlarm }: CompositeFacts): Verdict {
  if (!isSuppressorInAlarm.known) return unknown(isSuppressorInAlarm.reason);
  if (!isSuppressorInAlarm.value) return pass(`${suppressor} does not mute ${name} now`);
  const words = `composite alarm ${name}, which pages for it, is muted by ${suppressor} now`;
  return declared.settings.alarmActions.length === 0 ? fail(`${words}: nobody is told`) : warn(words);
}

function judgeSuppressor(
  { declared }: OneAlarm,
  { name, suppressor, hasActions }: CompositeFacts,
  live: LiveMetricAlarm,
): Verdict | undefined {
  const isOurs = suppressor === declared.name || suppressor?.endsWith(`:alarm:${declared.name}`) === true;
  if (!isOurs || !hasActions) return undefined;
  if (!live.state.known) return unknown(live.state.reason);
  return live.state.value === "ALARM" ? warn(`it is firing, and so mutes composite alarm ${name}`) : undefined;
}

export const STATE_CHECKS: readonly Check<OneAlarm>[] = [state, muted];
