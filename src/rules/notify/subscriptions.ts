/** The links of each way from a topic to who hears it: the subscription, its filter, its endpoint. */
import { formatSpan, HOUR_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { notKnown, type Observed } from "../../core/observed.ts";
import { type Verdict, worst } from "../../core/report.ts";
import { all, not, type Tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Endpoint, SubscriptionSettings } from "../../ports/sns.ts";
import { type EndpointFlaw, endpointFlaws, endpointKey, isPagerDuty, shownEndpoint } from "./endpoint.ts";
import type { AlarmOnItsWay, Home, SubscriptionFacts, TopicFacts } from "./facts.ts";
import { passesFilter } from "./filter.ts";
import { always, counted, type Link, named, remembered, withRemedy } from "./link.ts";
import { alarmMessage, recovered, someMessage } from "./message.ts";
import { APPLY } from "./topics.ts";

/** The part of a way behind the topic. */
export interface Branch {
  /** `endpointKey` of who is at its end; null: nobody knows who. */
  readonly key: string | null;
  /** May be printed; of several that would look the same each is numbered. */
  readonly shown: string;
  readonly links: readonly Link[];
  /** Of a subscription that is there, and that the policy does not name. */
  readonly isUndeclared: boolean;
}

export interface Look {
  readonly home: Home;
  readonly observedAt: Date;
  /** The alarms that tell the topic, or are to. */
  readonly users: readonly AlarmOnItsWay[];
}

/** SNS forgets a subscription that nobody confirms: https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html */
export const CONFIRMATION_HOURS = 48;

/** One for everybody who hears the topic, or is to. Never none. */
export function branchesOf(topic: TopicFacts, look: Look): readonly Branch[] {
  const declared = topic.declared?.subscriptions;
  if (!topic.subscriptions.known)
    return [whoever([always("notify/subscription", "maybe", unknown(topic.subscriptions.reason))])];
  const live = withoutEchoes(topic.subscriptions.value).map((subscription) => ({
    endpoint: subscription,
    links: linksOf(subscription, topic, look),
  }));
  const keys = new Set(live.map(({ endpoint }) => endpointKey(endpoint)));
  const missing = (declared ?? NOBODY).filter((endpoint) => !keys.has(endpointKey(endpoint)));
  const branches = [...live, ...missing.map((endpoint) => ({ endpoint, links: [MISSING] }))];
  if (branches.length === 0) return [whoever([NONE])];
  const declaredKeys = new Set(declared?.map(endpointKey));
  return numbered(branches, (key) => declared !== undefined && !declaredKeys.has(key));
}

/** Of a topic that is not there: those who would hear it. */
export function lostBranches({ declared }: TopicFacts): readonly Branch[] {
  const lost = (declared?.subscriptions ?? NOBODY).map((endpoint) => ({ endpoint, links: [] }));
  return lost.length === 0 ? [whoever([])] : numbered(lost, () => false);
}

const NOBODY: readonly Endpoint[] = [];

function whoever(links: readonly Link[]): Branch {
  return { key: null, shown: "whoever is subscribed", links, isUndeclared: false };
}

const NONE = always("notify/subscription", "no", withRemedy(fail("nobody is subscribed"), APPLY));
const MISSING = always(
  "notify/subscription",
  "no",
  withRemedy(fail("it is not there"), `${APPLY}, and whoever it is must confirm it`),
);

/** Asked again, SNS lists an endpoint twice: what is confirmed counts, and of what is not, one. */
export function withoutEchoes(subscriptions: readonly SubscriptionFacts[]): readonly SubscriptionFacts[] {
  const isPending = ({ arn }: SubscriptionFacts) => arn.known && arn.value === null;
  const confirmed = new Set(subscriptions.filter((each) => !isPending(each)).map(endpointKey));
  const waiting = Map.groupBy(subscriptions.filter(isPending), endpointKey);
  const newest = [...waiting.entries()].flatMap(([key, echoes]) =>
    confirmed.has(key)
      ? []
      : echoes.toSorted((a, b) => (b.orderedAt?.getTime() ?? 0) - (a.orderedAt?.getTime() ?? 0)).slice(0, 1),
  );
  return [...subscriptions.filter((each) => !isPending(each)), ...newest];
}

function numbered(
  found: readonly { readonly endpoint: Endpoint; readonly links: readonly Link[] }[],
  isUndeclared: (key: string) => boolean,
): readonly Branch[] {
  const seen = new Map<string, number>();
  const keyed = found.map((each) => ({ ...each, key: endpointKey(each.endpoint) }));
  return keyed
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ endpoint, key, links }) => {
      const shown = shownEndpoint(endpoint);
      const count = (seen.get(shown) ?? 0) + 1;
      seen.set(shown, count);
      return { key, links, shown: count === 1 ? shown : `${shown} (${count})`, isUndeclared: isUndeclared(key) };
    });
}

function linksOf(subscription: SubscriptionFacts, topic: TopicFacts, look: Look): readonly Link[] {
  const confirmed = confirmedLink(subscription, look);
  const endpoint = endpointLink(subscription, topic);
  const isWaiting = confirmed.verdict.status !== "pass" && subscription.arn.known && subscription.arn.value === null;
  return isWaiting ? [confirmed, endpoint] : [confirmed, filterLink(subscription, look), endpoint];
}

function confirmedLink(subscription: SubscriptionFacts, { observedAt }: Look): Link {
  const check = "notify/subscription";
  const { arn } = subscription;
  if (!arn.known) return always(check, "maybe", unknown(arn.reason));
  const isPending = ofSettings(subscription, (settings) => settings.isPending);
  if (arn.value === null || (isPending.known && isPending.value))
    return always(check, "no", waiting(subscription, observedAt));
  if (!isPending.known) return always(check, "maybe", unknown(isPending.reason));
  return always(check, "yes", pass("confirmed"));
}

function waiting({ orderedAt }: SubscriptionFacts, observedAt: Date): Verdict {
  const confirm = "open the message that SNS sent there and confirm it: only who hears it can";
  if (orderedAt === null)
    return withRemedy(
      warn(`nobody has confirmed it; SNS forgets it ${CONFIRMATION_HOURS} h after it was ordered`),
      confirm,
    );
  const ageMs = observedAt.getTime() - orderedAt.getTime();
  if (ageMs < -HOUR_MS) return unknown("nobody has confirmed it, and it is said to have been ordered in the future");
  const age = formatSpan(Math.max(ageMs, 0));
  const evidence = { orderedAt: orderedAt.toISOString() };
  if (!isOverdue(orderedAt, observedAt))
    return withRemedy(warn(`nobody has confirmed it yet, ${age} after it was ordered`, evidence), confirm);
  return withRemedy(
    fail(`nobody has confirmed it in ${age}`, evidence),
    `let SNS ask again: ${APPLY}; then ${confirm}`,
  );
}

/** Whether nobody can confirm any more what was ordered then. */
export function isOverdue(orderedAt: Date, observedAt: Date): boolean {
  return observedAt.getTime() - orderedAt.getTime() >= CONFIRMATION_HOURS * HOUR_MS;
}

function filterLink(subscription: SubscriptionFacts, { home, users }: Look): Link {
  const check = "notify/filter";
  const policy = ofSettings(subscription, (settings) => settings.filterPolicy);
  const scope = ofSettings(subscription, (settings) => settings.filterScope);
  if (!policy.known) return always(check, "maybe", unknown(policy.reason));
  const text = policy.value;
  if (text === null) return always(check, "yes", pass("everything passes"));
  if (!scope.known) return always(check, "maybe", unknown(scope.reason));
  const passes = (alarm: AlarmOnItsWay) => passesFilter(text, scope.value, () => alarmMessage(alarm, home));
  const holds = remembered(passes);
  const wellPasses = (alarm: AlarmOnItsWay) =>
    passesFilter(text, scope.value, () => recovered(alarmMessage(alarm, home)));
  const ofSome = () => passesFilter(text, scope.value, () => someMessage(home));
  const verdict = users.length === 0 ? unusedFilter(ofSome()) : filterVerdict(users, holds, wellPasses);
  return {
    check,
    holds,
    verdict: withRemedy(verdict, `take the filter off: ${setting(subscription, "FilterPolicy", "'{}'")}`),
  };
}

/** Of a topic that no alarm tells. */
function unusedFilter(passes: Tri): Verdict {
  return passes === "no" ? fail("its filter holds back every alarm") : pass("its filter lets alarms through");
}

function filterVerdict(
  users: readonly AlarmOnItsWay[],
  passes: (alarm: AlarmOnItsWay) => Tri,
  wellPasses: (alarm: AlarmOnItsWay) => Tri,
): Verdict {
  const of = (judge: (alarm: AlarmOnItsWay) => Tri, answer: Tri) =>
    users.filter((alarm) => judge(alarm) === answer).map(({ name }) => name);
  const forWhom = (names: readonly string[]) => `${counted(names.length, "alarm")}: ${named(names)}`;
  const stopped = of(passes, "no");
  if (stopped.length > 0) return fail(`its filter holds back ${forWhom(stopped)}`);
  const doubtful = of(passes, "maybe");
  if (doubtful.length > 0)
    return unknown(`whether its filter lets them through cannot be told beforehand of ${forWhom(doubtful)}`);
  const endless = of(wellPasses, "no");
  if (endless.length > 0)
    return warn(`its filter holds back the news that all is well again, so nothing resolves, of ${forWhom(endless)}`);
  return pass("its filter lets the alarms through");
}

function endpointLink(subscription: SubscriptionFacts, topic: TopicFacts): Link {
  const flaws: readonly Judged[] = [
    ...endpointFlaws(subscription).map(judged),
    ...rawFlaws(subscription),
    ...smsFlaws(subscription, topic),
  ];
  const status = worst(flaws.map(({ verdict }) => verdict));
  const found = flaws.find(({ verdict }) => verdict.status === status);
  const holds = all(...flaws.map(({ isDeaf }) => not(isDeaf)));
  return always("notify/endpoint", holds, found?.verdict ?? pass("it fits its protocol"));
}

interface Judged {
  readonly isDeaf: Tri;
  readonly verdict: Verdict;
}

const SAID = { yes: fail, maybe: unknown, no: warn } as const satisfies Record<Tri, (message: string) => Verdict>;

function judged({ isDeaf, message, remedy }: EndpointFlaw): Judged {
  return { isDeaf, verdict: withRemedy(SAID[isDeaf](message), remedy) };
}

/** PagerDuty reads the envelope of SNS, which raw delivery takes off. */
function rawFlaws(subscription: SubscriptionFacts): readonly Judged[] {
  if (!isPagerDuty(subscription) || (subscription.arn.known && subscription.arn.value === null)) return [];
  const isRaw = ofSettings(subscription, (settings) => settings.isRaw);
  if (!isRaw.known) return [{ isDeaf: "maybe", verdict: unknown(isRaw.reason) }];
  if (!isRaw.value) return [];
  const message = "raw delivery is on, and PagerDuty cannot read what comes so";
  return [
    judged({ isDeaf: "yes", message, remedy: `turn it off: ${setting(subscription, "RawMessageDelivery", "false")}` }),
  ];
}

/** In the sandbox SMS reach verified numbers, of which this may be one: https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox.html */
function smsFlaws({ protocol }: SubscriptionFacts, { smsSandbox }: TopicFacts): readonly Judged[] {
  if (protocol !== "sms") return [];
  if (smsSandbox === null) return [{ isDeaf: "no", verdict: unknown("whether SMS are restricted was not looked at") }];
  if (!smsSandbox.known) return [{ isDeaf: "no", verdict: unknown(smsSandbox.reason) }];
  if (!smsSandbox.value) return [];
  const message = "the account is in the SMS sandbox: SMS reach verified numbers only";
  return [
    judged({
      isDeaf: "no",
      message,
      remedy: "ask AWS to lift it, or verify the number: aws sns list-sms-sandbox-phone-numbers",
    }),
  ];
}

function ofSettings<T>(
  { settings }: SubscriptionFacts,
  read: (settings: SubscriptionSettings) => Observed<T>,
): Observed<T> {
  if (!settings.known) return settings;
  return settings.value === null ? UNSEEN : read(settings.value);
}

const UNSEEN = notKnown(new OpsError("not-found", "the settings of the subscription were not looked at"));

function setting({ arn }: SubscriptionFacts, attribute: string, value: string): string {
  const which = arn.known && arn.value !== null ? arn.value : "ARN";
  return `aws sns set-subscription-attributes --subscription-arn ${which} --attribute-name ${attribute} --attribute-value ${value}`;
}
