/** The links that every way through a topic has: the topic itself, its policy, its key. */
import { OpsError } from "../../core/error.ts";
import { mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import type { Tri } from "../../core/tri.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { Topic } from "../../ports/sns.ts";
import { actionArn } from "../alarms/compile.ts";
import { admits, parsePolicy } from "./admits.ts";
import type { AlarmOnItsWay, Home, TopicFacts } from "./facts.ts";
import { isKey, useOfKey } from "./key.ts";
import { always, counted, type Link, type LinkCheck, named, remembered, withRemedy } from "./link.ts";
import { publishRequest } from "./request.ts";

/** In the order in which an alarm goes. Of a topic that is not there, or not in its place, that link alone. */
export function topicLinks(topic: TopicFacts, users: readonly AlarmOnItsWay[], home: Home): readonly Link[] {
  const place = placeLink(topic, home);
  if (place.verdict.status === "fail") return [place];
  return [place, policyLink(topic, users, home), keyLink(topic, users, home)];
}

/** Whether the topic is there, and where it belongs. */
export function placeLink({ arn, name, declared, topic }: TopicFacts, home: Home): Link {
  const right = actionArn(home, name);
  const elsewhere = (verdict: Verdict) => always("notify/topic", "no", withRemedy(verdict, tellOneAtHome(home)));
  if (arn !== right) {
    const message = "it is in another account or region, and alarms are to tell those at home only";
    return elsewhere({ ...fail(message, { expected: right, actual: arn }), scope: arn }); // one at home may have its name
  }
  if (!topic.known) return always("notify/topic", "maybe", unknown(topic.reason));
  if (topic.value === null) {
    const remedy = declared === null ? "let the alarms tell a topic that exists: litally-ops alarms apply" : APPLY;
    return always("notify/topic", "no", withRemedy(fail("the topic does not exist"), remedy));
  }
  const { ownerAccountId: owner } = topic.value;
  if (!owner.known) return always("notify/topic", "maybe", unknown(owner.reason));
  if (owner.value !== home.accountId)
    return elsewhere(fail("it belongs to another account", { expected: home.accountId, actual: owner.value }));
  return always("notify/topic", "yes", pass(declared === null ? "it exists, and is not declared" : "it exists"));
}

function tellOneAtHome({ accountId, region }: Home): string {
  return `let the alarms tell a topic in account ${accountId}, region ${region}: litally-ops alarms apply`;
}

export const APPLY = "litally-ops notify apply";

function policyLink(topic: TopicFacts, users: readonly AlarmOnItsWay[], home: Home): Link {
  const check = "notify/topic-policy";
  const text = ofTopic(topic, ({ policy }) => policy);
  if (!text.known) return always(check, "maybe", unknown(text.reason));
  const document = parsePolicy(text.value);
  if (document === null)
    return always(check, "maybe", withRemedy(unknown("the topic's policy cannot be understood"), "look at the policy"));
  const judge = (alarmArn: string | null) => admits(document, publishRequest(topic.arn, alarmArn, home));
  return perAlarm({
    check,
    judge: (alarmArn) => judge(alarmArn).isAdmitted,
    users,
    mindsAlarm: /sourcearn/i.test(text.value),
    words: { good: "it admits CloudWatch", bad: "it does not admit CloudWatch", doubt: "whether it admits CloudWatch" },
    remedy: () => {
      const refusing = [...new Set(users.flatMap(({ arn }) => judge(arn).refusedBy))];
      if (refusing.length === 0) return APPLY;
      return `the topic's policy refuses it (${named(refusing)}): a person must take that out, aws sns set-topic-attributes --topic-arn ${topic.arn} --attribute-name Policy --attribute-value file://topic-policy.json`;
    },
  });
}

export function keyLink(topic: TopicFacts, users: readonly AlarmOnItsWay[], home: Home): Link {
  const check = "notify/topic-key";
  const keyId = ofTopic(topic, (live) => live.keyId);
  if (!keyId.known) return always(check, "maybe", unknown(keyId.reason));
  if (keyId.value === null) return always(check, "yes", unencrypted(topic.declared?.encryption));
  const use = useOfKey(keyId.value, topic.key, topic.arn, home);
  if (use.obstacle !== null) {
    const { holds, message } = use.obstacle;
    const verdict = holds === "no" ? fail(message, { key: keyId.value }) : unknown(message, { key: keyId.value });
    return always(check, holds, withRemedy(verdict, use.remedy));
  }
  const link = perAlarm({
    check,
    judge: use.admits,
    users,
    mindsAlarm: use.mindsAlarm,
    words: {
      good: "the key admits CloudWatch",
      bad: "the key's policy does not admit CloudWatch, and SNS drops what it cannot encrypt",
      doubt: "whether the key's policy admits CloudWatch",
    },
    remedy: () => use.remedy,
  });
  return link.verdict.status === "pass" ? { ...link, verdict: asWanted(topic, keyId.value, link.verdict) } : link;
}

/** Alarms pass; but it is to be the key that the policy names. */
function asWanted({ declared, key, wantedKey }: TopicFacts, keyId: string, admitting: Verdict): Verdict {
  const wanted = declared?.encryption;
  if (wanted === undefined) return admitting;
  const evidence = { expected: wanted, actual: keyId };
  switch (isKey(keyId, key, wanted, wantedKey)) {
    case "yes":
      return admitting;
    case "no":
      return withRemedy(fail("another key encrypts it than the policy's", evidence), APPLY);
    case "maybe":
      return withRemedy(unknown(`whether it is the policy's key, ${wanted}, cannot be told`, evidence), ALLOW_KEY);
  }
}

const ALLOW_KEY = "allow kms:DescribeKey on the key that the policy names, or name the topic's key as it is";

/** Alarms pass; but what they say is to lie encrypted where the policy names a key. */
function unencrypted(wanted: string | undefined): Verdict {
  if (wanted === undefined) return pass("no key encrypts it");
  return withRemedy(fail("no key encrypts it", { expected: wanted, actual: "none" }), APPLY);
}

interface PerAlarm {
  readonly check: LinkCheck;
  /** `alarmArn` null: of some alarm. */
  readonly judge: (alarmArn: string | null) => Tri;
  readonly users: readonly AlarmOnItsWay[];
  /** Whether which alarm it is counts; where it does not, one answer is for all. */
  readonly mindsAlarm: boolean;
  readonly words: { readonly good: string; readonly bad: string; readonly doubt: string };
  readonly remedy: () => string;
}

function perAlarm({ check, judge, users, mindsAlarm, words, remedy }: PerAlarm): Link {
  const ofSome = judge(null);
  const holds = mindsAlarm ? remembered(({ arn }) => judge(arn)) : () => ofSome;
  return { check, holds, verdict: mended(verdictOf()) };

  function mended(verdict: Verdict): Verdict {
    return verdict.status === "pass" ? verdict : withRemedy(verdict, remedy());
  }

  function verdictOf(): Verdict {
    if (users.length === 0 && mindsAlarm && ofSome === "maybe")
      return pass(`${words.good} for some alarms; none tells the topic`);
    const answers = users.length === 0 ? [ofSome] : users.map(holds);
    const of = (answer: Tri) => users.filter((_, index) => answers[index] === answer).map(({ name }) => name);
    const forWhom = (names: readonly string[]) =>
      names.length === users.length ? "" : ` for ${counted(names.length, "alarm")}: ${named(names)}`;
    if (answers.includes("no")) return fail(`${words.bad}${forWhom(of("no"))}`);
    if (answers.includes("maybe")) return unknown(`${words.doubt}${forWhom(of("maybe"))} cannot be told`);
    return pass(words.good);
  }
}

/** Of a topic that exists. */
export function ofTopic<T>(topic: TopicFacts, read: (live: Topic) => Observed<T>): Observed<T> {
  const live = mapObserved(topic.topic, (value) =>
    value === null ? notKnown(new OpsError("not-found", "the topic does not exist")) : read(value),
  );
  return live.known ? live.value : live;
}
