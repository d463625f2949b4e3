/** The plan for topics: it mends what can be mended, once, keeps what is there, and leaves to people what is theirs. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import { worst } from "../../../src/core/report.ts";
import type { KeyFacts, SubscriptionFacts, TopicFacts, WayFacts } from "../../../src/rules/notify/facts.ts";
import { type NotifyStep, planNotify } from "../../../src/rules/notify/plan.ts";
import type { NotifyFacts } from "../../../src/rules/notify/plan-facts.ts";
import { ways } from "../../../src/rules/notify/ways.ts";
import {
  aKey,
  anAlarm,
  aPending,
  aSubscription,
  aTopic,
  DEFAULT_POLICY,
  HOME,
  KEY_ARN,
  NOW,
  topicArn,
  topicsByArn,
  UNSEEN,
} from "./build.ts";
import { breakers, choice, topology } from "./topologies.ts";

const HOUR_MS = 3_600_000;
const EMAIL = { protocol: "email", endpoint: "ops@litally.example" } as const;
const SMS = { protocol: "sms", endpoint: "+15551234567" } as const;
const ALARM = anAlarm("litally-a", ["litally-critical"]);

function plan(facts: WayFacts, more: Partial<NotifyFacts> = {}) {
  return planNotify({
    ...facts,
    sourceOf: (topic, path) => `${topic}:${path}`,
    prune: false,
    ...more,
  });
}

const of = (...topics: readonly TopicFacts[]): WayFacts => ({
  observedAt: NOW,
  home: HOME,
  unseen: [],
  alarms: [ALARM],
  topics: topicsByArn(...topics),
});

const kinds = (steps: readonly NotifyStep[]) => steps.map(({ kind }) => kind);

/** The facts after a step, as SNS would have it. */
function after(facts: WayFacts, step: NotifyStep): WayFacts {
  const topic = facts.topics.get(step.topicArn);
  if (topic === undefined) throw new Error(`no topic ${step.topicArn}`);
  return { ...facts, topics: new Map([...facts.topics, [topic.arn, changed(topic, step)]]) };
}

function changed(topic: TopicFacts, step: NotifyStep): TopicFacts {
  const live = (change: object): TopicFacts =>
    topic.topic.known && topic.topic.value !== null
      ? { ...topic, topic: known({ ...topic.topic.value, ...change }) }
      : topic;
  const subscriptions = topic.subscriptions.known ? topic.subscriptions.value : [];
  switch (step.kind) {
    case "create-topic": {
      const policy = known(JSON.stringify(DEFAULT_POLICY(topic.arn)));
      const owned = { arn: topic.arn, ownerAccountId: known(HOME.accountId), policy, keyId: known(null) };
      return { ...topic, topic: known(owned), subscriptions: known([]), key: known(null) };
    }
    case "set-key":
      return { ...live({ keyId: known(step.keyId) }), key: known(aKey()) };
    case "set-policy":
      return live({ policy: known(step.policy) });
    case "subscribe":
      return { ...topic, subscriptions: known([...subscriptions, aPending(step.endpoint, NOW)]) };
    case "unsubscribe": {
      const stays = ({ arn }: SubscriptionFacts) => !arn.known || arn.value !== step.subscriptionArn;
      return { ...topic, subscriptions: known(subscriptions.filter(stays)) };
    }
  }
}

/** Everybody clicks on the link. */
function confirmed(facts: WayFacts): WayFacts {
  const topics = [...facts.topics.values()].map((topic) => ({
    ...topic,
    subscriptions: topic.subscriptions.known
      ? known(
          topic.subscriptions.value.map((each) =>
            each.arn.known && each.arn.value === null ? aSubscription(each) : each,
          ),
        )
      : topic.subscriptions,
  }));
  return { ...facts, topics: topicsByArn(...topics) };
}

const heardBy = (facts: WayFacts) =>
  worst(ways(facts).findings.filter(({ check }) => check !== "alarms/single-points"));

const MENDED = [
  "topic gone",
  "topic policy without CloudWatch",
  "topic policy for another service",
  "topic policy of another topic",
  "topic policy for another action",
  "topic policy for another account",
  "subscription gone",
  "subscription never confirmed",
];

describe("of random topologies", () => {
  test("a whole one needs nothing", () => {
    fc.assert(
      fc.property(topology, ({ facts }) => {
        expect(plan(facts).steps).toEqual([]);
      }),
    );
  });

  test.each(MENDED)("%s: mended at one go, and then there is nothing more to do", (name) => {
    fc.assert(
      fc.property(topology, choice, (whole, { topic, branch, alarm }) => {
        const chosen = { topic: topic % whole.plain.topics.length, branch, alarm: alarm % whole.plain.alarms.length };
        const broken = breakers[name]?.(whole, chosen) ?? null;
        fc.pre(broken !== null);
        const { preconditions, steps } = plan(broken.facts);
        expect(["pass", "warn"]).toContain(worst(preconditions));
        expect(steps.length).toBeGreaterThan(0);
        const applied = steps.reduce(after, broken.facts);
        expect(plan(applied).steps).toEqual([]); // also while people have yet to confirm
        expect(heardBy(confirmed(applied))).toBe("pass");
      }),
      { numRuns: 60 },
    );
  });
});

describe("a topic that is not there", () => {
  test("is made, encrypted and subscribed to without being asked", () => {
    const declared = { name: "litally-critical", encryption: "alias/litally", subscriptions: [EMAIL, SMS] };
    const topic = { ...aTopic("litally-critical", [EMAIL, SMS]), declared, wantedKey: aKey(), topic: known(null) };
    const { preconditions, steps } = plan(of(topic));
    expect(worst(preconditions)).toBe("pass");
    expect(kinds(steps)).toEqual(["create-topic", "set-key", "subscribe", "subscribe"]);
    expect(steps.every(({ confirm }) => confirm === null)).toBe(true);
    expect(steps[2]?.differences[0]).toMatchObject({
      setting: "subscription of ops@litally.example",
      source: "litally-critical:subscriptions[0]",
    });
    expect(steps.map(({ details }) => details?.length ?? 0)).toEqual([0, 0, 1, 0]); // SMS need no confirmation
    expect(JSON.stringify(steps.map(({ summary, differences }) => ({ summary, differences })))).not.toContain(
      "5551234",
    );
  });
});

describe("the policy of a topic", () => {
  const SHUT = {
    Sid: "Own",
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::123456789012:root" },
    Action: "sns:*",
    Resource: "*",
  };
  const withPolicy = (...Statement: readonly object[]) =>
    aTopic("litally-critical", [EMAIL], {
      live: { policy: known(JSON.stringify({ Version: "2012-10-17", Id: "x", Statement })) },
    });

  test("gets one statement more, and keeps the others; the topic's name must be given", () => {
    const { steps } = plan(of(withPolicy(SHUT)));
    const [step] = steps;
    if (step?.kind !== "set-policy") throw new Error("no step");
    expect(step.confirm).toBe("litally-critical");
    expect(JSON.parse(step.policy)).toEqual({
      Version: "2012-10-17",
      Id: "x",
      Statement: [
        SHUT,
        {
          Sid: "LitallyOpsCloudWatch",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: topicArn("litally-critical"),
          Condition: {
            StringEquals: { "aws:SourceAccount": HOME.accountId },
            ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:ap-south-1:123456789012:alarm:*" },
          },
        },
      ],
    });
  });

  test("has our statement once, also where somebody bent it", () => {
    const [step] = plan(of(withPolicy(SHUT, { ...SHUT, Sid: "LitallyOpsCloudWatch" }))).steps;
    if (step?.kind !== "set-policy") throw new Error("no step");
    expect(JSON.parse(step.policy).Statement).toHaveLength(2);
  });

  test("that refuses is for a person: nothing is planned for it", () => {
    const { preconditions, steps } = plan(
      of(withPolicy(SHUT, { Sid: "No", Effect: "Deny", Principal: "*", Action: "*", Resource: "*" })),
    );
    expect(steps).toEqual([]);
    expect(preconditions.find(({ check }) => check === "notify/policy-free")).toMatchObject({
      status: "fail",
      evidence: { actual: ["No"] },
    });
  });

  test("that cannot be read as one is not written over", () => {
    const { preconditions, steps } = plan(of(aTopic("litally-critical", [EMAIL], { live: { policy: known("?") } })));
    expect(steps).toEqual([]);
    expect(worst(preconditions)).toBe("unknown");
  });
});

const unread = (reason: OpsError): KeyFacts => ({ key: notKnown(reason), policy: notKnown(reason) });

describe("the key of a topic", () => {
  const declared = { name: "litally-critical", encryption: "alias/litally", subscriptions: [EMAIL] };
  const encrypted = (keyId: string | null, key = keyId === null ? null : aKey()) => ({
    ...aTopic("litally-critical", [EMAIL], { live: { keyId: known(keyId) }, key: known(key) }),
    declared,
  });
  const planned = (topic: TopicFacts, wantedKey: KeyFacts) => plan(of({ ...topic, wantedKey }));

  test("is set where another is, or none, with the topic's name", () => {
    const other = aKey({ arn: `${KEY_ARN.slice(0, -1)}b` });
    expect(planned(encrypted(null), aKey()).steps).toMatchObject([{ kind: "set-key", confirm: "litally-critical" }]);
    expect(kinds(planned(encrypted("alias/aws/sns", other), aKey()).steps)).toEqual(["set-key"]);
  });

  test.each(["alias/litally", KEY_ARN, KEY_ARN.slice(KEY_ARN.indexOf("/") + 1), "alias/of-the-same-key"])(
    "stays where %s is it",
    (keyId) => expect(planned(encrypted(keyId), aKey()).steps).toEqual([]),
  );

  test("stays where the policy names none", () => {
    const topic = aTopic("litally-critical", [EMAIL], { live: { keyId: known(KEY_ARN) }, key: known(aKey()) });
    expect(plan(of(topic)).steps).toEqual([]);
  });

  test.each([
    ["is not there", unread(new OpsError("not-found", "no such key")), "fail"],
    ["cannot be looked at", unread(UNSEEN.reason), "unknown"],
    ["is disabled", aKey({ state: "Disabled" }), "fail"],
    ["is AWS's own", aKey({ isManagedByAws: true }), "fail"],
    [
      "does not admit CloudWatch",
      aKey({}, { Statement: [{ Effect: "Allow", Principal: { AWS: "1" }, Action: "*", Resource: "*" }] }),
      "fail",
    ],
  ] as const)("is refused where it %s", (_, key, status) => {
    const { preconditions } = planned(encrypted(null), key);
    expect(preconditions[0]).toMatchObject({ check: "notify/key-usable", status });
  });
});

describe("subscriptions", () => {
  const ordered = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS);
  const withLive = (...live: readonly SubscriptionFacts[]) =>
    aTopic("litally-critical", [EMAIL], { subscriptions: known(live) });

  test("that wait for a human are told, and not ordered again", () => {
    const { preconditions, steps } = plan(of(withLive(aPending(EMAIL, ordered(3)))));
    expect(steps).toEqual([]);
    expect(preconditions.find(({ check }) => check === "notify/waiting")).toMatchObject({
      status: "warn",
      message: expect.stringContaining("waiting for a human"),
      evidence: { actual: [EMAIL.endpoint] },
    });
  });

  test("that nobody can confirm any more are ordered again", () => {
    expect(kinds(plan(of(withLive(aPending(EMAIL, ordered(48))))).steps)).toEqual(["subscribe"]);
    expect(kinds(plan(of(withLive(aPending(EMAIL, null)))).steps)).toEqual([]);
  });

  test("that the policy does not name go only where that is asked for, with the topic's name", () => {
    const topic = withLive(
      aSubscription(EMAIL),
      aSubscription(SMS),
      aPending({ ...EMAIL, endpoint: "x@y.example" }, null),
    );
    expect(plan(of(topic)).steps).toEqual([]);
    expect(plan(of(topic), { prune: true }).steps).toMatchObject([
      { kind: "unsubscribe", confirm: "litally-critical", summary: "take +*******4567 out of topic litally-critical" },
    ]);
  });

  test.each([
    ["the list", aTopic("litally-critical", [EMAIL], { subscriptions: UNSEEN })],
    ["one of them", withLive(aSubscription(EMAIL, {}, { arn: UNSEEN }))],
    ["the topic", aTopic("litally-critical", [EMAIL], { topic: UNSEEN })],
    ["the key", aTopic("litally-critical", [EMAIL], { live: { keyId: UNSEEN } })],
    ["the policy", aTopic("litally-critical", [EMAIL], { live: { policy: UNSEEN } })],
  ])("are not touched while %s cannot be read", (_, topic) => {
    const { preconditions, steps } = plan(of(topic));
    expect(worst(preconditions)).toBe("unknown");
    expect(steps.filter(({ kind }) => kind !== "unsubscribe")).toEqual([]);
  });

  test("of a topic that belongs to somebody else are not ours to change", () => {
    const topic = aTopic("litally-critical", [EMAIL], { live: { ownerAccountId: known("210987654321") } });
    expect(worst(plan(of(topic)).preconditions)).toBe("fail");
  });

  test("of a topic that nobody declared are not planned for", () => {
    expect(plan(of(aTopic("litally-critical", [EMAIL], { declared: null, topic: known(null) })))).toEqual({
      preconditions: [],
      steps: [],
    });
  });
});
