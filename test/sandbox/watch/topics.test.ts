import { DescribeAlarmHistoryCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeKeyCommand, GetKeyPolicyCommand } from "@aws-sdk/client-kms";
import {
  CreateTopicCommand,
  GetSMSSandboxAccountStatusCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  paginateListSubscriptionsByTopic,
  SetTopicAttributesCommand,
  SubscribeCommand,
  type SubscribeCommandInput,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { plainTopic } from "../../../src/sandbox/watch.ts";
import { advance, call, post } from "../client.ts";
import { alarm, type Clients, clients, HOME, KEY_ID, refusal, subscription, TOPIC } from "./clients.ts";

const ABSENT = `${TOPIC}-not`;

async function subscribers({ sns }: Pick<Clients, "sns">, TopicArn = TOPIC) {
  const found = [];
  for await (const { Subscriptions } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn }))
    found.push(...(Subscriptions ?? []));
  return found;
}

async function attributes({ sns }: Pick<Clients, "sns">, TopicArn = TOPIC) {
  return (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {};
}

describe("topics", () => {
  it("are made once, and let their own account publish", async () => {
    const all = await clients();
    const made = await all.sns.send(new CreateTopicCommand({ Name: "other" }));
    expect(await all.sns.send(new CreateTopicCommand({ Name: "other" }))).toMatchObject({ TopicArn: made.TopicArn });
    const { Topics } = await all.sns.send(new ListTopicsCommand({}));
    expect(Topics?.map(({ TopicArn }) => TopicArn?.split(":").at(-1))).toEqual(["critical", "other", "quiet"]);
    const found = await attributes(all, made.TopicArn);
    expect(found).toMatchObject({ Owner: "111122223333", SubscriptionsPending: "0", SubscriptionsConfirmed: "0" });
    expect(JSON.parse(found["Policy"] ?? "").Statement[0].Condition.StringEquals).toEqual({
      "AWS:SourceOwner": "111122223333",
    });
    expect(found).not.toHaveProperty("KmsMasterKeyId");
  });

  it("take a policy and a key, and give the key up again", async () => {
    const all = await clients();
    const set = (AttributeName: string, AttributeValue: string) =>
      all.sns.send(new SetTopicAttributesCommand({ TopicArn: TOPIC, AttributeName, AttributeValue }));
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    await set("Policy", policy);
    await set("KmsMasterKeyId", "alias/alarms");
    expect(await attributes(all)).toMatchObject({ Policy: policy, KmsMasterKeyId: "alias/alarms" });
    await set("KmsMasterKeyId", "");
    expect(await attributes(all)).not.toHaveProperty("KmsMasterKeyId");
    expect(await refusal(set("Policy", "{"))).toEqual(["InvalidParameterException", 400]);
    expect(await refusal(set("DeliveryPolicy", "{}"))).toEqual(["InvalidParameterException", 400]);
  });

  it("bear tags", async () => {
    const { sns } = await clients();
    const Tags = [
      { Key: "a", Value: "1" },
      { Key: "litally-ops:x", Value: "2026-11-22T10:30:20Z" },
    ];
    await sns.send(new TagResourceCommand({ ResourceArn: TOPIC, Tags }));
    await sns.send(new UntagResourceCommand({ ResourceArn: TOPIC, TagKeys: ["a", "z"] }));
    const listed = await sns.send(new ListTagsForResourceCommand({ ResourceArn: TOPIC }));
    expect(listed.Tags).toEqual([Tags[1]]);
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: "" }));
    const tagged = sns.send(new TagResourceCommand({ ResourceArn: TOPIC, Tags: many }));
    expect(await refusal(tagged)).toEqual(["TagLimitExceededException", 400]);
    const strange = sns.send(new TagResourceCommand({ ResourceArn: TOPIC, Tags: [{ Key: "a#b", Value: "" }] }));
    expect(await refusal(strange)).toEqual(["InvalidParameterException", 400]);
  });

  it.each([
    ["GetTopicAttributes", new GetTopicAttributesCommand({ TopicArn: ABSENT }), "NotFoundException"],
    ["ListTagsForResource", new ListTagsForResourceCommand({ ResourceArn: ABSENT }), "ResourceNotFoundException"],
    ["Publish", new PublishCommand({ TopicArn: ABSENT, Message: "x" }), "NotFoundException"],
    ["Subscribe", new SubscribeCommand({ TopicArn: ABSENT, Protocol: "email", Endpoint: "a@b" }), "NotFoundException"],
  ])("that are not there: %s", async (_action, command, name) => {
    const { sns } = await clients();
    const sent: Promise<unknown> = sns.send(command as PublishCommand); // one of several alike
    expect(await refusal(sent)).toEqual([name, 404]);
  });

  it("are listed a hundred at a time", async () => {
    const names = Array.from({ length: 101 }, (_, index) => `t-${index}`);
    const { sns } = await clients({ topics: names.map((name) => plainTopic(name, HOME)) });
    const first = await sns.send(new ListTopicsCommand({}));
    const second = await sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
    expect([first.Topics?.length, second.Topics?.length, second.NextToken]).toEqual([100, 1, undefined]);
  });
});

describe("subscriptions", () => {
  const order = (Protocol: string, Endpoint: string, more: Partial<SubscribeCommandInput> = {}) =>
    new SubscribeCommand({ TopicArn: TOPIC, Protocol, Endpoint, ...more });

  it.each([
    ["email", "new@litally.example", false],
    ["https", "https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue", false],
    ["http", "http://hook.example/x", false],
    ["sms", "+15555550100", true],
    ["sqs", "arn:aws:sqs:ap-south-1:111122223333:alarms", true],
    ["sqs", "arn:aws:sqs:ap-south-1:444455556666:alarms", false],
    ["lambda", "arn:aws:lambda:ap-south-1:111122223333:function:f", true],
  ])("of %s to %s: confirmed at once is %s", async (protocol, endpoint, atOnce) => {
    const all = await clients();
    const { SubscriptionArn: arn } = await all.sns.send(order(protocol, endpoint));
    const listed = (await subscribers(all)).find(({ Endpoint }) => Endpoint === endpoint);
    expect(listed).toMatchObject({ Protocol: protocol, TopicArn: TOPIC });
    expect(arn === "pending confirmation").toBe(!atOnce);
    expect(listed?.SubscriptionArn).toBe(atOnce ? arn : "PendingConfirmation");
  });

  it("wait for a human, who has 48 hours", async () => {
    const all = await clients();
    await all.sns.send(order("email", "late@litally.example"));
    await all.sns.send(order("email", "soon@litally.example"));
    expect(await attributes(all)).toMatchObject({ SubscriptionsPending: "2", SubscriptionsConfirmed: "1" });
    const confirmed = await post(all.target, "/sandbox/confirm", { endpoint: "soon@litally.example" });
    expect(confirmed.json).toEqual({ confirmed: [{ topic: "critical", protocol: "email" }] });
    await advance(all.target, "47h");
    expect(await subscribers(all)).toHaveLength(3);
    await advance(all.target, "1h");
    expect((await subscribers(all)).map(({ Endpoint }) => Endpoint)).toEqual([
      "ops@litally.example",
      "soon@litally.example",
    ]);
    expect((await post(all.target, "/sandbox/confirm", { endpoint: "late@litally.example" })).status).toBe(404);
  });

  it("that are ordered again are the same, and the 48 hours begin anew", async () => {
    const all = await clients();
    const again = order("email", "late@litally.example", { ReturnSubscriptionArn: true });
    const first = await all.sns.send(again);
    await advance(all.target, "47h");
    expect(await all.sns.send(again)).toMatchObject({ SubscriptionArn: first.SubscriptionArn });
    await advance(all.target, "47h");
    expect(await subscribers(all)).toHaveLength(2);
    const settings = new GetSubscriptionAttributesCommand({ SubscriptionArn: first.SubscriptionArn });
    expect((await all.sns.send(settings)).Attributes).toMatchObject({ PendingConfirmation: "true" });
  });

  it("tell what they let through", async () => {
    const all = await clients();
    const FilterPolicy = '{"AlarmName":["a-1"]}';
    const { SubscriptionArn } = await all.sns.send(
      order("sms", "+15555550100", { Attributes: { FilterPolicy, FilterPolicyScope: "MessageBody" } }),
    );
    const settings = async (arn: string | undefined) =>
      (await all.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }))).Attributes;
    expect(await settings(SubscriptionArn)).toMatchObject({
      FilterPolicy,
      FilterPolicyScope: "MessageBody",
      PendingConfirmation: "false",
      RawMessageDelivery: "false",
    });
    const [plain] = await subscribers(all);
    expect(await settings(plain?.SubscriptionArn)).not.toHaveProperty("FilterPolicy");
    expect(await refusal(settings(`${TOPIC}:nobody`))).toEqual(["NotFoundException", 404]);
  });

  it("are ended, but for those that nobody has confirmed", async () => {
    const pending = subscription("late@litally.example", { isConfirmed: false, orderedAt: "2026-11-22T00:00:00.000Z" });
    const all = await clients({ subscriptions: [subscription("a@b"), pending] });
    const end = (id: string) => all.sns.send(new UnsubscribeCommand({ SubscriptionArn: `${TOPIC}:${id}` }));
    expect(await refusal(end(pending.id))).toEqual(["InvalidParameterException", 400]);
    const list = new UnsubscribeCommand({ SubscriptionArn: "PendingConfirmation" });
    expect(await refusal(all.sns.send(list))).toEqual(["InvalidParameterException", 400]);
    await end("0000-a@b");
    await end("nobody");
    expect(await subscribers(all)).toHaveLength(1);
  });

  it.each([
    ["a protocol that there is not", order("pigeon", "home")],
    ["an address that is none", order("email", "ops")],
    ["plain http as https", order("https", "http://hook.example")],
    ["an attribute that there is not", order("email", "a@b", { Attributes: { Colour: "red" } })],
  ])("are refused with %s", async (_what, command) => {
    const { sns } = await clients();
    expect(await refusal(sns.send(command))).toEqual(["InvalidParameterException", 400]);
  });

  it.each([99, 100, 101, 250])("%d of them in pages", async (count) => {
    const ends = Array.from({ length: count }, (_, index) => `p-${index}@litally.example`);
    const all = await clients({ subscriptions: ends.map((end) => subscription(end)) });
    expect((await subscribers(all)).map(({ Endpoint }) => Endpoint)).toEqual(ends);
  });
});

describe("a message", () => {
  it("is taken and counted", async () => {
    const all = await clients();
    const sent = await all.sns.send(new PublishCommand({ TopicArn: TOPIC, Subject: "A test", Message: "Hello" }));
    expect(sent.MessageId).toMatch(/^[0-9a-f-]{36}$/);
    const { json } = await call(`${all.target.url}/sandbox/topics`);
    expect(json.topics).toEqual([
      { name: "critical", published: 1, pending: [] },
      { name: "quiet", published: 0, pending: [] },
    ]);
  });

  it.each([
    ["is empty", { Message: "" }],
    ["is too long", { Message: "x".repeat(256 * 1024 + 1) }],
    ["has a subject of 101 letters", { Subject: "x".repeat(101) }],
    ["has a subject of two lines", { Subject: "a\nb" }],
  ])("is refused where it %s", async (_what, change) => {
    const { sns } = await clients();
    const sent = sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "x", ...change }));
    expect(await refusal(sent)).toEqual(["InvalidParameterException", 400]);
  });

  it.each([
    ["Disabled", "KMSDisabledException"],
    ["PendingDeletion", "KMSInvalidStateException"],
  ] as const)("is refused where the key is %s", async (state, name) => {
    const topics = [{ ...plainTopic("critical", HOME), keyId: KEY_ID }];
    const { sns } = await clients({ topics }, { keys: [{ id: KEY_ID, state }] });
    expect(await refusal(sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "x" })))).toEqual([name, 400]);
  });

  it("is refused where the policy denies it", async () => {
    const policy = JSON.stringify({ Statement: [{ Effect: "Deny", Principal: "*", Action: "SNS:*", Resource: "*" }] });
    const { sns } = await clients({ topics: [{ ...plainTopic("critical", HOME), policy }] });
    const sent = sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "x" }));
    expect(await refusal(sent)).toEqual(["AuthorizationErrorException", 403]);
  });
});

describe("an alarm's action", () => {
  const service = { Service: "cloudwatch.amazonaws.com" };
  const allow = { Effect: "Allow", Principal: service, Action: "SNS:Publish", Resource: TOPIC };
  const fromA = { ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:*:111122223333:alarm:a-?" } };
  const document = (...Statement: readonly object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

  /** What the history says of the action: null where it went well. */
  async function outcome(topic: object, account: object = {}, target = TOPIC): Promise<string | null> {
    const alarms = [alarm("a-1", { words: { AlarmActions: [target], Period: 60 } })];
    const topics = [{ ...plainTopic("critical", HOME), ...topic }];
    const { cloudwatch } = await clients({ alarms, topics }, account);
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: "a-1", StateValue: "ALARM", StateReason: "x" }));
    const ask = new DescribeAlarmHistoryCommand({ AlarmName: "a-1", HistoryItemType: "Action" });
    const { AlarmHistoryItems: items } = await cloudwatch.send(ask);
    return JSON.parse(items?.[0]?.HistoryData ?? "").error;
  }

  it.each([
    ["as it is made", {}],
    ["the service by name", { policy: document(allow) }],
    ["any action", { policy: document({ ...allow, Action: ["SNS:Get*", "sns:*"] }) }],
    ["alarms of that name", { policy: document({ ...allow, Condition: fromA }) }],
    [
      "the account",
      { policy: document({ ...allow, Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } } }) },
    ],
    [
      "a condition that is not there",
      { policy: document({ ...allow, Condition: { StringEqualsIfExists: { "aws:PrincipalOrgID": "o" } } }) },
    ],
    [
      "others denied",
      {
        policy: document(allow, {
          Effect: "Deny",
          Principal: "*",
          Action: "SNS:Publish",
          Resource: TOPIC,
          Condition: { ArnNotLike: fromA.ArnLike },
        }),
      },
    ],
    ["all but some", { policy: document({ ...allow, Action: undefined, NotAction: "SNS:DeleteTopic" }) }],
  ])("reaches a topic whose policy is %s", async (_what, topic) => {
    expect(await outcome(topic)).toBeNull();
  });

  it.each([
    ["nobody", { policy: document() }],
    ["another service", { policy: document({ ...allow, Principal: { Service: "events.amazonaws.com" } }) }],
    [
      "the account's users alone",
      { policy: document({ ...allow, Principal: { AWS: "arn:aws:iam::111122223333:root" } }) },
    ],
    ["another action", { policy: document({ ...allow, Action: "SNS:Subscribe" }) }],
    ["another topic", { policy: document({ ...allow, Resource: ABSENT }) }],
    [
      "another alarm",
      {
        policy: document({
          ...allow,
          Condition: { ArnEquals: { "AWS:SourceArn": "arn:aws:cloudwatch:ap-south-1:111122223333:alarm:b-1" } },
        }),
      },
    ],
    [
      "another account",
      { policy: document({ ...allow, Condition: { StringEquals: { "aws:SourceAccount": ["444455556666"] } } }) },
    ],
    [
      "a condition that nobody knows",
      { policy: document({ ...allow, Condition: { NumericLessThan: { "aws:x": "1" } } }) },
    ],
    ["this alarm denied", { policy: document(allow, { ...allow, Effect: "Deny", Condition: fromA }) }],
  ])("does not reach a topic whose policy admits %s", async (_what, topic) => {
    expect(await outcome(topic)).toMatch(/is not authorized to perform: SNS:Publish on resource/);
  });

  it("does not reach a topic that is not there, or somewhere else", async () => {
    expect(await outcome({}, {}, ABSENT)).toBe("Topic does not exist");
    expect(await outcome({}, {}, TOPIC.replace("111122223333", "444455556666"))).toMatch(/not authorized/);
  });

  const admitting = {
    Effect: "Allow",
    Principal: service,
    Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
    Resource: "*",
  };
  const via = { StringEquals: { "kms:ViaService": "sns.ap-south-1.amazonaws.com" } };
  it.each([
    ["admits alarms", { policy: document(admitting) }, KEY_ID, true],
    ["admits alarms by way of SNS", { policy: document({ ...admitting, Condition: via }) }, KEY_ID, true],
    ["lets them decrypt alone", { policy: document({ ...admitting, Action: "kms:Decrypt" }) }, KEY_ID, false],
    ["is as it is made", {}, KEY_ID, false],
    ["is disabled", { policy: document(admitting), state: "Disabled" }, KEY_ID, false],
    ["is AWS's own", {}, "alias/aws/sns", false],
    ["is not there", { policy: document(admitting) }, "alias/other", false],
  ])("with a key that %s", async (_what, key, keyId, isReached) => {
    const error = await outcome({ keyId }, { keys: [{ id: KEY_ID, state: "Enabled", ...key }] });
    if (isReached) expect(error).toBeNull();
    else expect(error).toMatch(/does not have authorization to access the SNS topic encryption key/);
  });
});

describe("keys", () => {
  it("are described, AWS's own for SNS among them", async () => {
    const { kms } = await clients();
    const metadata = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
    expect(await metadata("alias/alarms")).toMatchObject({
      KeyId: KEY_ID,
      KeyManager: "CUSTOMER",
      KeyState: "Enabled",
    });
    const own = await metadata("alias/aws/sns");
    expect(own).toMatchObject({ KeyManager: "AWS", KeyState: "Enabled" });
    expect(await metadata(own?.Arn ?? "")).toEqual(own);
  });

  it("tell whom they admit, by id or ARN but not by alias", async () => {
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    const { kms } = await clients({}, { keys: [{ id: KEY_ID, alias: "alarms", state: "Enabled", policy }] });
    const ask = (KeyId: string) => kms.send(new GetKeyPolicyCommand({ KeyId }));
    expect(await ask(KEY_ID)).toMatchObject({ Policy: policy, PolicyName: "default" });
    expect(await ask(`arn:aws:kms:ap-south-1:111122223333:key/${KEY_ID}`)).toMatchObject({ Policy: policy });
    expect(await refusal(ask("alias/alarms"))).toEqual(["NotFoundException", 400]);
    expect(await refusal(ask("nobody"))).toEqual(["NotFoundException", 400]);
  });
});

it("an account's SMS may be in their own sandbox", async () => {
  const ask = async (isInSmsSandbox: boolean) =>
    (await (await clients({ isInSmsSandbox })).sns.send(new GetSMSSandboxAccountStatusCommand({}))).IsInSandbox;
  expect([await ask(false), await ask(true)]).toEqual([false, true]);
});

it.each([
  ["sns:GetTopicAttributes", (all: Clients) => attributes(all)],
  ["sns:ListSubscriptionsByTopic", (all: Clients) => subscribers(all)],
  ["sns:Publish", ({ sns }: Clients) => sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "x" }))],
  ["sns:CreateTopic", ({ sns }: Clients) => sns.send(new CreateTopicCommand({ Name: "x" }))],
  ["kms:GetKeyPolicy", ({ kms }: Clients) => kms.send(new GetKeyPolicyCommand({ KeyId: KEY_ID }))],
])("%s can be denied", async (action, ask) => {
  const [name] = await refusal(ask(await clients({}, { denied: [action] })));
  expect(name).toMatch(/^(AuthorizationErrorException|AccessDeniedException)$/);
});
