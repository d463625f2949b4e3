import { describe, expect, it, onTestFinished } from "vitest";
import { connectSns } from "../../../src/adapters/aws/topics.ts";
import { known } from "../../../src/core/observed.ts";
import type { Sns } from "../../../src/ports/sns.ts";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { fakeClock } from "../atlas/harness.ts";
import { always, connectionWith, failure, type Handler, LIMITS, serve, TOPIC_ARN } from "./harness.ts";

const HEADERS = { "x-amzn-requestid": "r-1", "content-type": "text/xml" };
const SECRET = "https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue";
const ENDED = `${TOPIC_ARN}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55`;

const xml = (status: number, body: string): Handler => always(status, body, HEADERS);
const answer = (action: string, result: string) =>
  xml(200, `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
const refused = (status: number, code: string) =>
  xml(
    status,
    `<ErrorResponse><Error><Code>${code}</Code><Message>secret words: ${SECRET}</Message></Error></ErrorResponse>`,
  );
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const attributes = (action: string, all: Readonly<Record<string, string | undefined>>) => {
  const entries = Object.entries(all).flatMap(([key, value]) =>
    value === undefined ? [] : [`<entry><key>${key}</key><value>${escaped(value)}</value></entry>`],
  );
  return answer(action, `<Attributes>${entries.join("")}</Attributes>`);
};
const member = (one: Readonly<Record<string, string | undefined>>) =>
  `<member>${Object.entries(one)
    .flatMap(([name, value]) => (value === undefined ? [] : [`<${name}>${escaped(value)}</${name}>`]))
    .join("")}</member>`;

async function snsFrom(handler: Handler, attempts = 1) {
  const server = await serve(handler);
  const clock = fakeClock();
  const limits = { ...LIMITS, attempts };
  const connection = connectionWith({ credentials: AWS_CREDENTIALS, endpoint: server.url, limits });
  const sns = connectSns(connection, clock);
  onTestFinished(() => sns.close());
  const sent = () => server.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  return { sns, server, sent, clock };
}

const POLICY = '{"Statement":[{"Effect":"Allow"}]}';
const TOPIC = { TopicArn: TOPIC_ARN, Owner: "111122223333", Policy: POLICY, KmsMasterKeyId: "alias/topics" };

describe("a topic", () => {
  const topicFrom = async (all: Readonly<Record<string, string | undefined>>) =>
    (await snsFrom(attributes("GetTopicAttributes", all))).sns.getTopic(TOPIC_ARN);

  it("is read whole", async () => {
    expect(await topicFrom(TOPIC)).toEqual({
      arn: TOPIC_ARN,
      ownerAccountId: known("111122223333"),
      policy: known(POLICY),
      keyId: known("alias/topics"),
    });
  });

  it.each([undefined, ""])("without a key (%j) is not encrypted", async (KmsMasterKeyId) => {
    expect(await topicFrom({ ...TOPIC, KmsMasterKeyId })).toMatchObject({ keyId: known(null) });
  });

  it.each([
    ["Owner", "ownerAccountId", ["", "somebody"]],
    ["Policy", "policy", [""]],
  ] as const)("%s leaves %s not known, and nothing else", async (attribute, name, wrong) => {
    for (const value of [undefined, ...wrong]) {
      const seen = await topicFrom({ ...TOPIC, [attribute]: value });
      expect(Object.entries(seen).flatMap(([key, part]) => (part.known === false ? [key] : []))).toEqual([name]);
    }
  });

  it.each([
    ["another topic", attributes("GetTopicAttributes", { ...TOPIC, TopicArn: `${TOPIC_ARN}2` })],
    ["no attributes", answer("GetTopicAttributes", "")],
    ["another answer", answer("ListTopics", "")],
    ["a page of HTML", xml(200, "<html><body>sign in</body></html>")],
    ["nothing", xml(200, "")],
    ["half an answer", xml(200, "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>")],
    ["somebody else", always(200, "<html></html>", { "content-type": "text/html" })],
  ])("is not what comes from %s", async (_what, handler) => {
    const { sns } = await snsFrom(handler);
    expect(await failure(sns.getTopic(TOPIC_ARN))).toMatchObject({ kind: "protocol" });
  });

  it.each([
    [404, "NotFound", "not-found"],
    [403, "AuthorizationError", "auth"],
    [400, "InvalidParameter", "rejected"],
    [400, "Throttling", "throttled"],
    [500, "InternalError", "unavailable"],
  ])("%d %s is %s", async (status, code, kind) => {
    const { sns } = await snsFrom(refused(status, code));
    const error = await failure(sns.getTopic(TOPIC_ARN));
    expect(error).toMatchObject({ kind });
    expect(`${error.message}${error.hint}`).not.toContain("secret words");
  });

  it("has tags", async () => {
    const listed = [
      { Key: "a", Value: "b" },
      { Key: "c", Value: "" },
    ]
      .map(member)
      .join("");
    const { sns } = await snsFrom(answer("ListTagsForResource", `<Tags>${listed}</Tags>`));
    expect(await sns.topicTags(TOPIC_ARN)).toEqual({ a: "b", c: "" });
  });
});

describe("subscriptions", () => {
  const HTTPS = { TopicArn: TOPIC_ARN, Protocol: "https", Endpoint: SECRET, SubscriptionArn: ENDED, Owner: "1" };
  const pageOf = (all: readonly Readonly<Record<string, string | undefined>>[], more = "") =>
    answer("ListSubscriptionsByTopic", `<Subscriptions>${all.map(member).join("")}</Subscriptions>${more}`);

  it("are read to the last page; those that were ended are none", async () => {
    const { sns, sent } = await snsFrom((request, response) => {
      const token = new URLSearchParams(request.body).get("NextToken");
      const page =
        token === null
          ? pageOf([HTTPS, { ...HTTPS, SubscriptionArn: "Deleted" }], "<NextToken>two</NextToken>")
          : pageOf([{ ...HTTPS, Protocol: "email", Endpoint: "a@b.example", SubscriptionArn: "PendingConfirmation" }]);
      page(request, response);
    });
    expect(await sns.listSubscriptions(TOPIC_ARN)).toEqual([
      { protocol: "https", endpoint: SECRET, arn: known(ENDED) },
      { protocol: "email", endpoint: "a@b.example", arn: known(null) },
    ]);
    expect(sent().map(({ NextToken }) => NextToken)).toEqual([undefined, "two"]);
  });

  it("cut short anywhere are no shorter list", async () => {
    const whole = `<R><ListSubscriptionsByTopicResult><Subscriptions>${member(HTTPS)}${member(HTTPS)}</Subscriptions></ListSubscriptionsByTopicResult></R>`;
    let length = whole.length;
    const { sns } = await snsFrom((request, response) => xml(200, whole.slice(0, length))(request, response));
    expect(await sns.listSubscriptions(TOPIC_ARN)).toHaveLength(2);
    while (length > 0) {
      length -= 5;
      expect(await failure(sns.listSubscriptions(TOPIC_ARN))).toMatchObject({ kind: "protocol" });
    }
  });

  it("may be none", async () => {
    const { sns } = await snsFrom(answer("ListSubscriptionsByTopic", "<Subscriptions/>"));
    expect(await sns.listSubscriptions(TOPIC_ARN)).toEqual([]);
  });

  it.each([undefined, "", "somewhere"])("whose ARN is %j have none that is known", async (SubscriptionArn) => {
    const { sns } = await snsFrom(pageOf([{ ...HTTPS, SubscriptionArn }]));
    const [one] = await sns.listSubscriptions(TOPIC_ARN);
    expect(one).toMatchObject({ protocol: "https", arn: { known: false } });
  });

  it.each([
    ["without an endpoint", pageOf([{ ...HTTPS, Endpoint: undefined }])],
    ["without a protocol", pageOf([{ ...HTTPS, Protocol: undefined }])],
    ["of another topic", pageOf([{ ...HTTPS, TopicArn: `${TOPIC_ARN}2` }])],
    ["in no list", answer("ListSubscriptionsByTopic", "")],
    ["on a page that leads to itself", pageOf([HTTPS], "<NextToken>again</NextToken>")],
    ["on a page of HTML", xml(200, "<html></html>")],
  ])("%s cannot be read, and no endpoint is told", async (_what, handler) => {
    const { sns } = await snsFrom(handler);
    const error = await failure(sns.listSubscriptions(TOPIC_ARN));
    expect(error).toMatchObject({ kind: "protocol" });
    expect(error.message).not.toContain("pagerduty");
  });
});

describe("a subscription", () => {
  const SET = {
    SubscriptionArn: ENDED,
    Endpoint: SECRET,
    PendingConfirmation: "false",
    FilterPolicy: '{"severity":["critical"]}',
    FilterPolicyScope: "MessageBody",
    RawMessageDelivery: "true",
    RedrivePolicy: '{"deadLetterTargetArn":"x"}',
  };
  const readFrom = async (all: Readonly<Record<string, string | undefined>>) =>
    (await snsFrom(attributes("GetSubscriptionAttributes", all))).sns.getSubscription(ENDED);

  it("is read whole, but for its endpoint", async () => {
    expect(await readFrom(SET)).toEqual({
      isPending: known(false),
      filterPolicy: known(SET.FilterPolicy),
      filterScope: known("MessageBody"),
      isRaw: known(true),
      redrivePolicy: known(SET.RedrivePolicy),
    });
  });

  it("lets everything through where nothing else was said", async () => {
    const { FilterPolicy: _1, FilterPolicyScope: _2, RedrivePolicy: _3, ...bare } = SET;
    expect(await readFrom(bare)).toMatchObject({
      filterPolicy: known(null),
      filterScope: known("MessageAttributes"),
      redrivePolicy: known(null),
    });
  });

  it.each([
    ["PendingConfirmation", "isPending", [undefined, "", "no"]],
    ["RawMessageDelivery", "isRaw", [undefined, "", "TRUE"]],
    ["FilterPolicyScope", "filterScope", ["", "Everything"]],
  ] as const)("%s leaves %s not known, and nothing else", async (attribute, name, wrong) => {
    for (const value of wrong) {
      const seen = await readFrom({ ...SET, [attribute]: value });
      expect(Object.entries(seen).flatMap(([key, part]) => (part.known ? [] : [key]))).toEqual([name]);
    }
  });

  it("is not another one", async () => {
    const { sns } = await snsFrom(attributes("GetSubscriptionAttributes", { ...SET, SubscriptionArn: `${ENDED}0` }));
    expect(await failure(sns.getSubscription(ENDED))).toMatchObject({ kind: "protocol" });
  });
});

describe("the sandbox of SMS", () => {
  it.each([
    ["true", true],
    ["false", false],
  ])("%s", async (text, is) => {
    const { sns } = await snsFrom(answer("GetSMSSandboxAccountStatus", `<IsInSandbox>${text}</IsInSandbox>`));
    expect(await sns.isInSmsSandbox()).toBe(is);
  });

  it.each(["", "<IsInSandbox>maybe</IsInSandbox>", "<IsInSandbox/>"])("%j is no answer", async (body) => {
    const { sns } = await snsFrom(answer("GetSMSSandboxAccountStatus", body));
    expect(await failure(sns.isInSmsSandbox())).toMatchObject({ kind: "protocol" });
  });
});

describe("a write", () => {
  const ENDPOINT = { protocol: "https", endpoint: SECRET };

  it.each([
    [
      "a topic",
      answer("CreateTopic", `<TopicArn>${TOPIC_ARN}</TopicArn>`),
      (sns: Sns) => sns.createTopic("litally-critical"),
      TOPIC_ARN,
      { Action: "CreateTopic", Name: "litally-critical" },
    ],
    [
      "its policy",
      answer("SetTopicAttributes", ""),
      (sns: Sns) => sns.setTopicPolicy(TOPIC_ARN, POLICY),
      undefined,
      { AttributeName: "Policy", AttributeValue: POLICY },
    ],
    [
      "no key",
      answer("SetTopicAttributes", ""),
      (sns: Sns) => sns.setTopicKey(TOPIC_ARN, null),
      undefined,
      { AttributeName: "KmsMasterKeyId", AttributeValue: "" },
    ],
    [
      "a tag",
      answer("TagResource", ""),
      (sns: Sns) => sns.tagTopic(TOPIC_ARN, { a: "b" }),
      undefined,
      { "Tags.member.1.Key": "a", "Tags.member.1.Value": "b" },
    ],
    [
      "a subscription that waits for a person",
      answer("Subscribe", "<SubscriptionArn>pending confirmation</SubscriptionArn>"),
      (sns: Sns) => sns.subscribe(TOPIC_ARN, ENDPOINT),
      null,
      { Protocol: "https", Endpoint: SECRET },
    ],
    [
      "a subscription",
      answer("Subscribe", `<SubscriptionArn>${ENDED}</SubscriptionArn>`),
      (sns: Sns) => sns.subscribe(TOPIC_ARN, ENDPOINT),
      ENDED,
      { Action: "Subscribe" },
    ],
    ["its end", answer("Unsubscribe", ""), (sns: Sns) => sns.unsubscribe(ENDED), undefined, { SubscriptionArn: ENDED }],
    [
      "a message",
      answer("Publish", "<MessageId>m-1</MessageId>"),
      (sns: Sns) => sns.publish(TOPIC_ARN, { subject: "a test", body: "nothing to do" }),
      "m-1",
      { Subject: "a test", Message: "nothing to do" },
    ],
  ])("says %s", async (_what, handler, write, gives, says) => {
    const { sns, sent } = await snsFrom(handler);
    expect(await write(sns)).toEqual(gives);
    expect(sent()).toEqual([expect.objectContaining(says)]);
  });

  it.each([
    [
      "another topic",
      answer("CreateTopic", `<TopicArn>${TOPIC_ARN}2</TopicArn>`),
      (s: Sns) => s.createTopic("litally-critical"),
    ],
    ["no word of a subscription", answer("Subscribe", ""), (s: Sns) => s.subscribe(TOPIC_ARN, ENDPOINT)],
    ["no id of a message", answer("Publish", ""), (s: Sns) => s.publish(TOPIC_ARN, { subject: "", body: "" })],
  ])("that gives %s cannot be read", async (_what, handler, write) => {
    const { sns } = await snsFrom(handler);
    expect(await failure(write(sns))).toMatchObject({ kind: "protocol" });
  });

  it.each([
    ["a 500", refused(500, "InternalError"), "unavailable"],
    ["a reset", ((_q, response) => void response.socket?.resetAndDestroy()) satisfies Handler, "unavailable"],
    ["silence", (() => {}) satisfies Handler, "timeout"],
    ["a refusal", refused(400, "InvalidParameter"), "rejected"],
  ])("is sent once, whatever comes of it, and no endpoint is told: %s", async (_what, handler, kind) => {
    const { sns, server } = await snsFrom(handler, 3);
    const error = await failure(sns.subscribe(TOPIC_ARN, ENDPOINT));
    expect(error).toMatchObject({ kind });
    expect(`${error.message}${error.hint}${JSON.stringify(error.cause ?? null)}`).not.toContain("0123456789abcdef");
    expect(server.seen).toHaveLength(1);
  });

  it("that AWS has no time for is sent again later", async () => {
    const { sns, server, clock } = await snsFrom((request, response) =>
      (server.seen.length < 2 ? refused(400, "Throttling") : answer("Publish", "<MessageId>m-1</MessageId>"))(
        request,
        response,
      ),
    );
    expect(await sns.publish(TOPIC_ARN, { subject: "a", body: "b" })).toBe("m-1");
    expect(clock.slept).toEqual([1_000]);
  });
});
