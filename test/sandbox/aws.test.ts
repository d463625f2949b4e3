import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/sandbox/answer.ts";
import { AWS_CREDENTIALS, type AwsNow, type AwsRequest, awsAnswer } from "../../src/sandbox/aws.ts";
import { NO_WATCH, plainTopic } from "../../src/sandbox/watch.ts";

const HOME = { accountId: "111122223333", region: "ap-south-1" };
const AWS: AwsNow["aws"] = {
  ...NO_WATCH,
  ...HOME,
  topics: [plainTopic("litally-critical", HOME)],
  keys: [
    { id: "1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a", alias: "archive", state: "Enabled" },
    { id: "2f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a", state: "PendingDeletion", deletionAt: "2026-12-01T00:00:00Z" },
  ],
};
const NOW: AwsNow = { aws: AWS, nowMs: 0, rights: { denied: [], mayWrite: true } };

function signed(service: string, accessKeyId = AWS_CREDENTIALS.accessKeyId): Record<string, string> {
  const scope = `${accessKeyId}/20261122/ap-south-1/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`, "x-amz-date": "x" };
}

function ask(method: string, path: string, rest: Partial<AwsRequest> = {}): Answer | null {
  const url = new URL(path, "http://127.0.0.1");
  return awsAnswer({ method, url, headers: {}, body: "", ...rest }, NOW)?.answer ?? null;
}

const form = (fields: Record<string, string>, headers = signed("sns")) =>
  ask("POST", "/", { headers, body: new URLSearchParams(fields).toString() });
const json = (target: string, headers = signed("monitoring"), body = "{}") =>
  ask("POST", "/", { headers: { ...headers, "x-amz-target": target }, body });
const SNS = { Version: "2010-03-31" };
const STS = { Version: "2011-06-15" };
const ALARMS = "GraniteServiceVersion20100801.DescribeAlarms";
const DESCRIBE_KEY = "TrentService.DescribeKey";

describe("which requests are AWS's", () => {
  it.each([
    ["a request of Atlas's", "GET", "/api/atlas/v2/groups/x", { authorization: "Digest username=x" }],
    ["one for a token", "POST", "/api/oauth/token", { authorization: "Basic eA==" }],
    ["one to the sandbox itself", "POST", "/sandbox/clock", {}],
    ["one without any mark", "GET", "/litally-archive/?versioning=", {}],
  ])("%s is not", (_what, method, path, headers) => {
    expect(ask(method, path, { headers })).toBeNull();
  });
});

describe("credentials", () => {
  const MARK = { "amz-sdk-request": "attempt=1" };
  const stranger = (service: string) => signed(service, "AKIANOBODY0000000000");
  it.each([
    ["STS", 403, "MissingAuthenticationToken", form(STS, MARK)],
    ["CloudWatch", 400, "MissingAuthenticationTokenException", json(ALARMS, MARK)],
    ["KMS", 400, "MissingAuthenticationTokenException", json(DESCRIBE_KEY, MARK)],
    ["STS", 403, "InvalidClientTokenId", form(STS, stranger("sts"))],
    ["CloudWatch", 400, "UnrecognizedClientException", json(ALARMS, stranger("monitoring"))],
    ["KMS", 400, "UnrecognizedClientException", json(DESCRIBE_KEY, stranger("kms"))],
  ])("%s refuses with %d %s", (_service, status, code, answer) => {
    expect(answer).toMatchObject({ status, body: expect.stringContaining(code) });
  });

  it("a header that only looks like a signature is none", () => {
    const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${AWS_CREDENTIALS.accessKeyId}`, "x-amz-date": "x" };
    expect(form(STS, headers)).toMatchObject({ status: 403 });
  });
});

describe("answers", () => {
  it("every one bears a request id, and no two the same", () => {
    const answers = [form({ ...STS, Action: "GetCallerIdentity" }), json(ALARMS), form({ ...SNS, Action: "Nothing" })];
    const ids = answers.map((answer) => answer?.headers?.["x-amzn-RequestId"]);
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain(undefined);
  });

  it.each([
    ["another action of STS", 400, "InvalidAction", form({ ...STS, Action: "AssumeRole" })],
    ["another action of SNS", 400, "InvalidAction", form({ ...SNS, Action: "DeleteTopic" })],
    ["a name that every object has", 400, "InvalidAction", form({ ...SNS, Action: "constructor" })],
    ["another operation of CloudWatch", 400, "UnknownOperationException", json("GraniteServiceVersion20100801.X")],
    ["another operation of KMS", 400, "UnknownOperationException", json("TrentService.Encrypt")],
    ["a key without a name", 400, "ValidationException", json(DESCRIBE_KEY)],
  ])("%s is refused", (_what, status, code, answer) => {
    expect(answer).toMatchObject({ status, body: expect.stringContaining(code) });
  });

  it.each([
    ["arn:aws:sns:ap-south-1:111122223333:litally-critical", 200],
    ["arn:aws:sns:ap-south-1:111122223333:other", 404],
    ["arn:aws:sns:eu-west-1:111122223333:litally-critical", 400],
    ["arn:aws:sns:ap-south-1:444455556666:litally-critical", 400],
    ["litally-critical", 400],
  ])("the topic %s is answered with %d", (TopicArn, status) => {
    expect(form({ ...SNS, Action: "GetTopicAttributes", TopicArn })?.status).toBe(status);
  });

  const KEYS = "arn:aws:kms:ap-south-1:111122223333:";
  it.each([
    ["1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a", "Enabled"],
    [`${KEYS}key/1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a`, "Enabled"],
    ["alias/archive", "Enabled"],
    [`${KEYS}alias/archive`, "Enabled"],
    ["2f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a", "PendingDeletion"],
  ])("the key %s is %s", (KeyId, KeyState) => {
    const answer = json(DESCRIBE_KEY, signed("kms"), JSON.stringify({ KeyId }));
    expect(JSON.parse(String(answer?.body)).KeyMetadata).toMatchObject({ KeyState, Enabled: KeyState === "Enabled" });
  });

  it.each(["archive", "alias/other", "arn:aws:kms:eu-west-1:111122223333:alias/archive"])(
    "there is no key %s",
    (KeyId) => {
      const answer = json(DESCRIBE_KEY, signed("kms"), JSON.stringify({ KeyId }));
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("NotFoundException") });
    },
  );

  it("text of a request cannot break out of the XML", () => {
    const body = form({ ...SNS, Action: "<&>" })?.body;
    expect(body).toContain("&lt;&amp;&gt;");
  });
});
