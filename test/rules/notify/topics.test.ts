/** What is said of topics and of who hears them, case by case. */
import { describe, expect, test } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { Finding } from "../../../src/core/report.ts";
import type { AlarmOnItsWay, TopicFacts } from "../../../src/rules/notify/facts.ts";
import { ways } from "../../../src/rules/notify/ways.ts";
import {
  aKey,
  alarmArn,
  anAlarm,
  aPending,
  aSubscription,
  aTopic,
  HOME,
  KEY_ARN,
  NOW,
  seen,
  topicArn,
  topicsByArn,
  UNSEEN,
} from "./build.ts";

const EMAIL = { protocol: "email", endpoint: "ops@litally.example" };
const SMS = { protocol: "sms", endpoint: "+15551234567" };
const PAGER = {
  protocol: "https",
  endpoint: "https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue",
};
const SECOND_PAGER = { ...PAGER, endpoint: PAGER.endpoint.replace("0123", "9999") };
const ALARM = anAlarm("litally-a", ["litally-critical"]);

function judge(topic: TopicFacts, alarms: readonly AlarmOnItsWay[] = [ALARM]): readonly Finding[] {
  return ways({ observedAt: NOW, home: HOME, unseen: [], alarms, topics: topicsByArn(topic) }).findings;
}

function only(findings: readonly Finding[], check: string, scope?: string): Finding | undefined {
  const found = findings.filter(
    (finding) => finding.check === check && (scope === undefined || finding.scope === scope),
  );
  expect(found).toHaveLength(1);
  return found[0];
}

const critical = (...rest: [Parameters<typeof aTopic>[1], Parameters<typeof aTopic>[2]?]) =>
  aTopic("litally-critical", ...rest);

describe("a topic", () => {
  test("in another region is not in its place, and what is behind it is not looked at", () => {
    const arn = "arn:aws:sns:eu-west-1:123456789012:litally-critical";
    const alarm = { ...ALARM, settings: seen({ alarmActions: [arn] }) };
    const findings = judge({ ...critical([EMAIL]), arn }, [alarm]);
    expect(findings.map(({ check, status }) => [check, status])).toEqual([
      ["notify/topic", "fail"],
      ["alarms/heard", "fail"],
      ["alarms/single-points", "warn"],
    ]);
    expect(findings[0]?.evidence).toMatchObject({ silences: ["litally-a"], weakens: [], actual: arn });
  });

  test("that nobody declared is judged all the same", () => {
    const findings = judge(critical([EMAIL], { declared: null, topic: known(null) }));
    expect(only(findings, "notify/topic")).toMatchObject({
      status: "fail",
      remedy: expect.stringContaining("alarms apply"),
    });
  });

  test("without anybody says so", () => {
    expect(only(judge(critical([])), "notify/subscription")).toMatchObject({
      status: "fail",
      message: expect.stringMatching(/^nobody is subscribed\. Nobody hears 1 alarm because of it: litally-a$/),
      evidence: { silences: ["litally-a"] },
    });
  });

  test("whose policy refuses names the statement, and no command that cannot help", () => {
    const policy = known(
      JSON.stringify({
        Statement: [
          { Effect: "Allow", Principal: "*", Action: "sns:Publish", Resource: "*" },
          { Sid: "NoAlarms", Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource: "*" },
        ],
      }),
    );
    const found = only(judge(critical([EMAIL], { live: { policy } })), "notify/topic-policy");
    expect(found).toMatchObject({ status: "fail", remedy: expect.stringContaining("NoAlarms") });
    expect(found?.remedy).not.toContain("notify apply");
  });

  test("whose policy cannot be read as one is not known", () => {
    const found = only(judge(critical([EMAIL], { live: { policy: known("no JSON") } })), "notify/topic-policy");
    expect(found).toMatchObject({ status: "unknown" });
  });

  test("that nothing encrypts is wrong only where the policy names a key, and carries alarms all the same", () => {
    const bare = critical([EMAIL], { live: { keyId: known(null) } });
    expect(only(judge(bare), "notify/topic-key")?.status).toBe("pass");
    const findings = judge({ ...bare, declared: { name: "critical", encryption: "alias/ours", subscriptions: [] } });
    expect(only(findings, "notify/topic-key")).toMatchObject({ status: "fail", remedy: "litally-ops notify apply" });
    expect(findings.filter(({ check }) => check === "alarms/heard").map(({ status }) => status)).not.toContain("fail");
  });

  test.each([
    ["alias/ours", { ...aKey(), key: UNSEEN }, "pass"], // the same name
    [KEY_ARN, aKey(), "pass"],
    ["alias/another", aKey(), "pass"], // of the same key
    [KEY_ARN, aKey({ arn: `${KEY_ARN.slice(0, -1)}b` }), "fail"],
    [KEY_ARN, { ...aKey(), key: UNSEEN }, "unknown"],
  ] as const)(
    "encrypted with %s (%#), and the policy names alias/ours, is %s, and carries alarms",
    (keyId, wantedKey, status) => {
      const declared = { name: "critical", encryption: "alias/ours", subscriptions: [] };
      const findings = judge(
        critical([EMAIL], { key: known(aKey()), live: { keyId: known(keyId) }, declared, wantedKey }),
      );
      expect(only(findings, "notify/topic-key")?.status).toBe(status);
      expect(only(findings, "alarms/heard")?.status).toBe("pass");
    },
  );

  test.each([
    ["alias/aws/sns", aKey(), "fail"],
    ["arn:aws:kms:ap-south-1:123456789012:alias/aws/sns", aKey(), "fail"],
    ["alias/litally", aKey({ isManagedByAws: true }), "fail"],
    ["alias/litally", aKey({ isSymmetric: false }), "fail"],
    ["alias/litally", aKey({ state: "PendingDeletion" }), "fail"],
    ["alias/litally", aKey({ state: "Updating" }), "unknown"],
    ["alias/litally", { ...aKey(), policy: known("?") }, "unknown"],
    ["alias/litally", null, "unknown"], // it names one that was not looked at
    ["alias/litally", aKey(), "pass"],
  ] as const)("encrypted with %s (%#) is %s", (keyId, key, status) => {
    const topic = critical([EMAIL], { key: known(key), live: { keyId: known(keyId) } });
    expect(only(judge(topic), "notify/topic-key")?.status).toBe(status);
    expect(only(judge(topic), "alarms/heard")?.status).toBe(status);
  });

  test("that AWS's own key encrypts is silent though the key cannot be read", () => {
    const topic = critical([EMAIL], { key: UNSEEN, live: { keyId: known("alias/aws/sns") } });
    expect(only(judge(topic), "notify/topic-key")?.status).toBe("fail");
  });
});

describe("a subscription", () => {
  const HOUR_MS = 3_600_000;
  const ordered = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS);
  test.each([
    [ordered(0), "warn"],
    [new Date(ordered(48).getTime() + 1), "warn"],
    [ordered(48), "fail"],
    [ordered(500), "fail"],
    [null, "warn"],
    [ordered(-2), "unknown"],
  ])("unconfirmed since %s: %s, and nobody hears", (orderedAt, status) => {
    const findings = judge(critical([EMAIL], { subscriptions: known([aPending(EMAIL, orderedAt)]) }));
    expect(only(findings, "notify/subscription", EMAIL.endpoint)?.status).toBe(status);
    expect(only(findings, "alarms/heard")?.status).toBe("fail");
  });

  test("asked for again is one, and the later order counts", () => {
    const subscriptions = known([aPending(EMAIL, ordered(70)), aPending(EMAIL, ordered(1))]);
    expect(only(judge(critical([EMAIL], { subscriptions })), "notify/subscription")?.status).toBe("warn");
  });

  test("confirmed once is confirmed, whatever was asked for again", () => {
    const subscriptions = known([aPending(EMAIL, ordered(70)), aSubscription(EMAIL)]);
    expect(only(judge(critical([EMAIL], { subscriptions })), "notify/subscription")?.status).toBe("pass");
  });

  test("is not confirmed while SNS itself says so", () => {
    const subscriptions = known([aSubscription(EMAIL, { isPending: known(true) })]);
    expect(only(judge(critical([EMAIL], { subscriptions })), "notify/subscription")?.status).toBe("warn");
  });

  test("that the policy does not name is told, and heard", () => {
    const subscriptions = known([aSubscription(EMAIL), aSubscription(SMS)]);
    const findings = judge(critical([EMAIL], { subscriptions, smsSandbox: known(false) }));
    expect(only(findings, "notify/undeclared-subscription")).toMatchObject({ status: "warn", scope: "+*******4567" });
    expect(only(findings, "alarms/heard")?.message).toContain("+*******4567");
  });

  test("of a topic that nobody declared is nobody's business", () => {
    const findings = judge(critical([EMAIL], { declared: null }));
    expect(findings.some(({ check }) => check === "notify/undeclared-subscription")).toBe(false);
  });

  test("two that look the same are told apart, and no key is printed", () => {
    const findings = judge(critical([PAGER, SECOND_PAGER]));
    const shown = "https://events.pagerduty.com/integration/****/enqueue";
    expect(findings.filter(({ check }) => check === "notify/endpoint").map(({ scope }) => scope)).toEqual([
      shown,
      `${shown} (2)`,
    ]);
    expect(JSON.stringify(findings)).not.toMatch(/0123456789abcdef|99994567/);
  });

  test.each([
    ["an SMS in the sandbox", SMS, known(true), "warn", "pass"],
    ["an SMS, the sandbox unknown", SMS, UNSEEN, "unknown", "pass"],
    ["an SMS, the sandbox not looked at", SMS, null, "unknown", "pass"],
    ["plain http", { protocol: "http", endpoint: "http://litally.example/sns" }, null, "warn", "pass"],
    ["an e-mail to PagerDuty", { protocol: "email", endpoint: "x@acme.pagerduty.com" }, null, "warn", "pass"],
    [
      "PagerDuty at another address",
      { ...PAGER, endpoint: "https://events.pagerduty.com/v2/enqueue" },
      null,
      "fail",
      "fail",
    ],
    ["a protocol that nobody knows", { protocol: "pigeon", endpoint: "coop" }, null, "unknown", "unknown"],
  ] as const)("%s", (_, endpoint, smsSandbox, status, heard) => {
    const findings = judge(critical([endpoint], { smsSandbox }));
    expect(only(findings, "notify/endpoint")?.status).toBe(status);
    expect(only(findings, "alarms/heard")?.status).toBe(heard);
  });

  test("whose filter lets alarms through, and not their end", () => {
    const subscriptions = known([
      aSubscription(PAGER, { filterPolicy: known('{"NewStateValue":["ALARM"]}'), filterScope: known("MessageBody") }),
    ]);
    const findings = judge(critical([PAGER], { subscriptions }));
    expect(only(findings, "notify/filter")).toMatchObject({
      status: "warn",
      remedy: expect.stringContaining("set-subscription-attributes --subscription-arn arn:aws:sns:"),
    });
    expect(only(findings, "alarms/heard")?.status).toBe("pass");
  });

  test("whose filter asks for what only the moment tells is not known to be heard", () => {
    const subscriptions = known([
      aSubscription(EMAIL, { filterPolicy: known('{"OldStateValue":["OK"]}'), filterScope: known("MessageBody") }),
    ]);
    const findings = judge(critical([EMAIL], { subscriptions }));
    expect(only(findings, "notify/filter")?.status).toBe("unknown");
    expect(only(findings, "alarms/heard")?.status).toBe("unknown");
  });
});

describe("an alarm", () => {
  const topic = critical([EMAIL, SMS]);
  const heard = (settings: AlarmOnItsWay["settings"]) => only(judge(topic, [{ ...ALARM, settings }]), "alarms/heard");
  const settings = seen({ alarmActions: [topic.arn] });

  test.each([
    ["whose actions cannot be read", { ...settings, alarmActions: UNSEEN }, "unknown"],
    ["of which nobody knows whether it acts", { ...settings, actionsEnabled: UNSEEN }, "unknown"],
    [
      "that acts not, whatever its actions",
      { ...settings, actionsEnabled: known(false), alarmActions: UNSEEN },
      "fail",
    ],
    ["that tells a topic that was not looked at", seen({ alarmActions: [topicArn("other")] }), "unknown"],
    ["that tells no topic", seen({ alarmActions: [] }), "fail"],
  ])("%s: %s", (_, changed, status) => expect(heard(changed)?.status).toBe(status));

  test("that tells nobody, as the policy wants it, is not mended by applying the policy", () => {
    const mute = anAlarm("litally-b", []);
    const asWanted = only(judge(topic, [mute]), "alarms/heard");
    expect(asWanted).toMatchObject({ status: "fail", remedy: expect.stringContaining("notify.alarm") });
    expect(heard(mute.settings)?.remedy).toBe("litally-ops alarms apply");
  });

  test("that tells another topic than it should is heard, but not by all", () => {
    const other = aTopic("litally-other", [SMS]);
    const alarm = { ...ALARM, settings: seen({ alarmActions: [other.arn] }) };
    const { findings } = ways({
      observedAt: NOW,
      home: HOME,
      unseen: [],
      alarms: [alarm],
      topics: topicsByArn(topic, other),
    });
    expect(only(findings, "alarms/heard")).toMatchObject({ status: "warn", evidence: { missing: [EMAIL.endpoint] } });
  });

  test("names who hears it", () => {
    const facts = {
      observedAt: NOW,
      home: HOME,
      unseen: [],
      alarms: [ALARM],
      topics: topicsByArn(critical([EMAIL, PAGER])),
    };
    expect(ways(facts).hearersOf(ALARM)).toEqual([
      { topic: "litally-critical", shown: EMAIL.endpoint, hears: "yes" },
      { topic: "litally-critical", shown: "https://events.pagerduty.com/integration/****/enqueue", hears: "yes" },
    ]);
  });
});

describe("single points of silence", () => {
  const points = (topics: readonly TopicFacts[], alarms: readonly AlarmOnItsWay[]) =>
    ways({ observedAt: NOW, home: HOME, unseen: [], alarms, topics: topicsByArn(...topics) }).findings.find(
      ({ check }) => check === "alarms/single-points",
    );

  test("are the topic, its policy and its key where two hear it over one topic", () => {
    const topic = critical([EMAIL, SMS], { key: known(aKey()), live: { keyId: known(KEY_ARN) } });
    expect(points([topic], [ALARM, anAlarm("litally-b", ["litally-critical"])])).toMatchObject({
      status: "pass",
      evidence: {
        points: [
          "key of topic/litally-critical: 2 alarms",
          "policy of topic/litally-critical: 2 alarms",
          "topic/litally-critical: 2 alarms",
        ],
      },
    });
  });

  test("are none where two topics have others behind them", () => {
    const both = anAlarm("litally-a", ["litally-critical", "litally-other"]);
    expect(points([critical([EMAIL]), aTopic("litally-other", [SMS])], [both])).toMatchObject({
      status: "pass",
      evidence: { points: [] },
    });
  });

  test("are one endpoint behind two topics", () => {
    const both = anAlarm("litally-a", ["litally-critical", "litally-other"]);
    expect(points([critical([EMAIL]), aTopic("litally-other", [EMAIL])], [both])).toMatchObject({
      status: "warn",
      evidence: { points: ["endpoint ops@litally.example: 1 alarm"], alarms: ["litally-a"] },
    });
  });

  test("are nobody's business where no alarm is critical", () => {
    expect(points([critical([EMAIL])], [{ ...ALARM, severity: "warning" }])).toBeUndefined();
  });

  test("cannot be told where somebody may hear it too", () => {
    const subscriptions = known([aSubscription(EMAIL), aSubscription(SMS, {}, { settings: UNSEEN })]);
    expect(points([critical([EMAIL, SMS], { subscriptions })], [ALARM])?.status).toBe("unknown");
  });
});

test("a topic that no alarm tells is judged by its policy, where that does not hang on the alarm", () => {
  const scoped = (name: string) => ({
    policy: known(
      JSON.stringify({
        Statement: {
          Effect: "Allow",
          Principal: "*",
          Action: "*",
          Resource: "*",
          Condition: { ArnLike: { "aws:SourceArn": alarmArn(name) } },
        },
      }),
    ),
  });
  expect(only(judge(critical([EMAIL], { live: scoped("other-*") }), []), "notify/topic-policy")?.status).toBe("pass");
  const none = { policy: known(JSON.stringify({ Statement: { Effect: "Deny" } })) };
  expect(only(judge(critical([EMAIL], { live: none }), []), "notify/topic-policy")?.status).toBe("fail");
});
