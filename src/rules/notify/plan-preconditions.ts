/** What must hold before topics are changed, and what is to be known of those who have yet to confirm. */
import { type Check, runChecks } from "../../core/check.ts";
import { known } from "../../core/observed.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { parsePolicy } from "./admits.ts";
import { shownEndpoint } from "./endpoint.ts";
import type { AlarmOnItsWay } from "./facts.ts";
import { type KeyUse, useOfKey } from "./key.ts";
import { counted, named, withRemedy } from "./link.ts";
import type { TopicToBe } from "./plan-facts.ts";
import { admissions, admitsAll, withOurs } from "./statement.ts";
import { withoutEchoes } from "./subscriptions.ts";
import { keyLink, ofTopic, placeLink } from "./topics.ts";

export function notifyPreconditions(toBe: TopicToBe): readonly Finding[] {
  return runChecks(PRECONDITIONS, toBe, `topic/${toBe.topic.name}`);
}

const keyUsable: Check<TopicToBe> = {
  id: "notify/key-usable",
  title: "CloudWatch may use the key that the policy names",
  remedy: () => "create the key, or name another one in the policy",
  judge: ({ topic, declared, users, facts: { home } }) => {
    if (declared.encryption === undefined) return [];
    const { wantedKey } = topic;
    if (wantedKey?.key.known === false && wantedKey.key.reason.kind === "not-found")
      return fail(`there is no key ${declared.encryption}`);
    const use = useOfKey(declared.encryption, known(wantedKey), topic.arn, home);
    return withRemedy(keyVerdict(use, users, declared.encryption), use.remedy);
  },
};

function keyVerdict({ obstacle, admits }: KeyUse, users: readonly AlarmOnItsWay[], name: string): Verdict {
  if (obstacle !== null) return obstacle.holds === "no" ? fail(obstacle.message) : unknown(obstacle.message);
  const answers = users.length === 0 ? [admits(null)] : users.map(({ arn }) => admits(arn));
  if (answers.includes("no")) return fail(`the policy of ${name} does not admit CloudWatch`);
  if (answers.includes("maybe") && users.length > 0)
    return unknown(`whether the policy of ${name} admits CloudWatch cannot be told`);
  return pass(`${name} is enabled and admits CloudWatch`);
}

/** A key that the policy does not name is nothing that is changed here: whoever chose it must. */
const keyFree: Check<TopicToBe> = {
  id: "notify/key-free",
  title: "the key that encrypts the topic lets CloudWatch through",
  remedy: () => "name a key that admits CloudWatch as encryption of the topic in the policy",
  judge: ({ topic, declared, users, facts: { home } }) => {
    if (declared.encryption !== undefined || (topic.topic.known && topic.topic.value === null)) return [];
    return keyLink(topic, users, home).verdict;
  },
};

const readable: Check<TopicToBe> = {
  id: "notify/readable",
  title: "the topic can be read whole, and is ours",
  remedy: () => "allow sns:GetTopicAttributes and sns:ListSubscriptionsByTopic on the topic",
  judge: ({ topic, facts: { home } }) => {
    if (topic.topic.known && topic.topic.value === null) return pass("there is no such topic yet");
    const place = placeLink(topic, home).verdict;
    if (place.status !== "pass") return place;
    const [policy, keyId] = [ofTopic(topic, (live) => live.policy), ofTopic(topic, (live) => live.keyId)];
    if (!policy.known) return unknown(policy.reason);
    if (!keyId.known) return unknown(keyId.reason);
    if (!topic.subscriptions.known) return unknown(topic.subscriptions.reason);
    const unclear = topic.subscriptions.value.find(({ arn }) => !arn.known)?.arn;
    return unclear === undefined || unclear.known ? pass("it can be read") : unknown(unclear.reason);
  },
};

/** Ours can only allow: what another statement refuses stays refused. */
const policyFree: Check<TopicToBe> = {
  id: "notify/policy-free",
  title: "no statement of the topic's policy refuses CloudWatch",
  remedy: () => "a person must take that statement out: litally-ops adds to a topic's policy, and takes nothing away",
  judge: ({ topic, users, facts: { home } }): Verdict | readonly Verdict[] => {
    const text = ofTopic(topic, ({ policy }) => policy);
    if (!text.known) return [];
    const document = parsePolicy(text.value);
    if (document === null)
      return withRemedy(unknown("the topic's policy cannot be understood"), "look at it: nothing is added blindly");
    const judged = admissions(withOurs(document, topic.arn, home), topic.arn, users, home);
    const refusing = [...new Set(judged.flatMap(({ refusedBy }) => refusedBy))];
    switch (admitsAll(judged)) {
      case "yes":
        return pass("no statement refuses CloudWatch");
      case "no":
        return fail(`refused by ${named(refusing)}`, { actual: refusing });
      case "maybe":
        return users.length === 0
          ? pass("no statement refuses it for sure, and no alarm tells the topic")
          : warn(`perhaps refused by ${named(refusing)}: that hangs on what only the moment tells`);
    }
  },
};

const waiting: Check<TopicToBe> = {
  id: "notify/waiting",
  title: "everybody has confirmed",
  remedy: () => "open the message that SNS sent there and confirm it: only who hears it can",
  judge: ({ topic }) => {
    if (!topic.subscriptions.known) return [];
    const open = withoutEchoes(topic.subscriptions.value).filter(({ arn }) => arn.known && arn.value === null);
    if (open.length === 0) return pass("nobody is waited for");
    const shown = open.map(shownEndpoint);
    return warn(`waiting for a human: ${counted(open.length, "subscription")} unconfirmed, ${named(shown)}`, {
      actual: shown,
    });
  },
};

/** In the order in which they are judged. */
export const PRECONDITIONS: readonly Check<TopicToBe>[] = [keyUsable, keyFree, readable, policyFree, waiting];
