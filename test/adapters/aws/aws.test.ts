import { describe, expect, it } from "vitest";
import type { AwsPermission } from "../../../src/ports/aws.ts";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { NO_WATCH } from "../../../src/sandbox/watch.ts";
import { always, connect, failure, PERMISSIONS, sandboxed, serve, TOPIC_ARN, WORLD } from "./harness.ts";

const HTML = "<html><body><h1>Sign in</h1></body></html>";
const REQUEST_ID = { "x-amzn-requestid": "r-1", "x-amz-request-id": "r-1" };

describe("against the sandbox", () => {
  it("says whom the credentials belong to", async () => {
    const aws = connect(await serve(sandboxed()));
    expect(await aws.identity()).toEqual({ accountId: "111122223333", arn: "arn:aws:iam::111122223333:user/sandbox" });
  });

  it.each(PERMISSIONS)("allows and denies $kind", async (permission) => {
    const server = await serve(sandboxed());
    expect(await connect(server).probe(permission)).toBe("allowed");
    expect(server.seen).toHaveLength(1);
    const others = PERMISSIONS.map(({ kind }) => kind).filter((kind) => kind !== permission.kind);
    expect(await connect(await serve(sandboxed({ ...WORLD, denied: others }))).probe(permission)).toBe("allowed");
    expect(await connect(await serve(sandboxed({ ...WORLD, denied: [permission.kind] }))).probe(permission)).toBe(
      "denied",
    );
  });

  const things = PERMISSIONS.filter(({ kind }) => kind !== "cloudwatch:DescribeAlarms");
  it.each(things)("says that what $kind is about is absent", async (permission) => {
    const aws = connect(await serve(sandboxed({ ...WORLD, buckets: [], watch: NO_WATCH })));
    expect(await aws.probe(permission)).toBe("absent");
  });

  it("asks with reads only, signed for the region, and for one item where it can", async () => {
    const server = await serve(sandboxed());
    const aws = connect(server);
    await Promise.all([aws.identity(), ...PERMISSIONS.map((permission) => aws.probe(permission))]);
    const scopes = server.seen.map(({ headers }) => headers.authorization?.match(/\/(ap-south-1\/\w+)\//)?.[1]);
    expect(new Set(scopes)).toEqual(new Set(["sts", "monitoring", "sns", "s3"].map((name) => `ap-south-1/${name}`)));
    const asked = server.seen.map(({ method, url, headers, body }) =>
      method === "GET" ? url : `${headers["x-amz-target"] ?? ""}${body}`,
    );
    expect(asked.toSorted()).toEqual([
      "/litally-archive/?lifecycle=",
      "/litally-archive/?list-type=2&max-keys=1",
      "/litally-archive/?object-lock=",
      "/litally-archive/?versioning=",
      "Action=GetCallerIdentity&Version=2011-06-15",
      `Action=GetTopicAttributes&Version=2010-03-31&TopicArn=${encodeURIComponent(TOPIC_ARN)}`,
      `Action=ListSubscriptionsByTopic&Version=2010-03-31&TopicArn=${encodeURIComponent(TOPIC_ARN)}`,
      'GraniteServiceVersion20100801.DescribeAlarms{"MaxRecords":1}',
    ]);
  });

  it("fails with auth where the key is not known, everywhere", async () => {
    const credentials = { ...AWS_CREDENTIALS, accessKeyId: "AKIANOBODY0000000000" };
    const aws = connect(await serve(sandboxed()), { credentials });
    const reads = [aws.identity(), ...PERMISSIONS.map((permission) => aws.probe(permission))];
    for (const error of await Promise.all(reads.map(failure))) {
      expect(error).toMatchObject({ kind: "auth", hint: expect.stringContaining("access key") });
    }
  });
});

/** How each service words a refusal. */
const query = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`;
const json = (code: string) => JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message: "m" });
const rest = (code: string) => `<Error><Code>${code}</Code><Message>m</Message></Error>`;
const ALARMS: AwsPermission = { kind: "cloudwatch:DescribeAlarms" };
const TOPIC: AwsPermission = { kind: "sns:GetTopicAttributes", topicArn: TOPIC_ARN };
const BUCKET: AwsPermission = { kind: "s3:ListBucket", bucket: "litally-archive" };
const LIFECYCLE: AwsPermission = { kind: "s3:GetLifecycleConfiguration", bucket: "litally-archive" };

describe("refusals", () => {
  it.each([
    [ALARMS, 400, json("AccessDeniedException"), "denied"],
    [ALARMS, 403, json("AccessDenied"), "denied"],
    [TOPIC, 403, query("AuthorizationError"), "denied"],
    [TOPIC, 403, query("AccessDenied"), "denied"],
    [TOPIC, 404, query("NotFound"), "absent"],
    [BUCKET, 403, rest("AccessDenied"), "denied"],
    [BUCKET, 404, rest("NoSuchBucket"), "absent"],
  ])("%o %d %s: %s", async (permission, status, body, access) => {
    expect(await connect(await serve(always(status, body, REQUEST_ID))).probe(permission)).toBe(access);
  });

  it.each([
    ["s3:GetLifecycleConfiguration", "NoSuchLifecycleConfiguration"],
    ["s3:GetBucketObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"],
  ] as const)("%s is allowed where there is nothing to read", async (kind, code) => {
    const aws = connect(await serve(always(404, rest(code), REQUEST_ID)));
    expect(await aws.probe({ kind, bucket: "litally-archive" })).toBe("allowed");
  });

  it.each([
    [ALARMS, 400, json("ExpiredTokenException"), "auth", "expired"],
    [TOPIC, 403, query("ExpiredToken"), "auth", "expired"],
    [BUCKET, 400, rest("ExpiredToken"), "auth", "expired"],
    [ALARMS, 400, json("UnrecognizedClientException"), "auth", "access key"],
    [TOPIC, 403, query("InvalidClientTokenId"), "auth", "access key"],
    [BUCKET, 403, rest("SignatureDoesNotMatch"), "auth", "access key"],
    [BUCKET, 403, rest("RequestTimeTooSkewed"), "auth", "clock"],
    [BUCKET, 403, rest("AllAccessDisabled"), "auth", "account"],
    [ALARMS, 400, json("ThrottlingException"), "throttled", ""],
    [TOPIC, 400, query("Throttling"), "throttled", ""],
    [TOPIC, 429, query("Throttled"), "throttled", ""],
    [BUCKET, 503, rest("SlowDown"), "throttled", ""],
    [BUCKET, 301, rest("PermanentRedirect"), "rejected", "aws.region"],
    [BUCKET, 400, rest("AuthorizationHeaderMalformed"), "rejected", "aws.region"],
    [TOPIC, 400, query("InvalidParameter"), "rejected", ""],
    [BUCKET, 500, rest("InternalError"), "unavailable", ""],
    [TOPIC, 404, query("SomethingElse"), "rejected", ""],
  ])("%o %d %s is %s", async (permission, status, body, kind, hint) => {
    const error = await failure(connect(await serve(always(status, body, REQUEST_ID))).probe(permission));
    expect(error.kind).toBe(kind);
    expect(error.hint ?? "").toContain(hint);
    expect(error.message).toContain(permission.kind);
  });

  it("identity has no permission that could be missing: a refusal is auth", async () => {
    const aws = connect(await serve(always(403, query("AccessDenied"), REQUEST_ID)));
    expect(await failure(aws.identity())).toMatchObject({ kind: "auth" });
  });
});

describe("what is not AWS", () => {
  const somebodyElse = [200, 302, 403, 404].flatMap((status) =>
    PERMISSIONS.map((permission) => ({ status, permission })),
  );
  it.each(somebodyElse)(
    "a page of HTML with $status says nothing about $permission.kind",
    async ({ status, permission }) => {
      const aws = connect(await serve(always(status, HTML, { "content-type": "text/html" })));
      expect(await failure(aws.probe(permission))).toMatchObject({ kind: "protocol" });
    },
  );

  it("a refusal in AWS's words that bears no request id is nobody's", async () => {
    for (const [permission, status, body] of [
      [ALARMS, 400, json("AccessDeniedException")],
      [TOPIC, 403, query("AuthorizationError")],
      [BUCKET, 403, rest("AccessDenied")],
      [LIFECYCLE, 404, rest("NoSuchLifecycleConfiguration")],
    ] as const) {
      expect((await failure(connect(await serve(always(status, body))).probe(permission))).kind).toBe("protocol");
    }
  });

  it("a page of HTML says nothing even with a request id", async () => {
    const aws = connect(await serve(always(403, HTML, REQUEST_ID)));
    for (const permission of PERMISSIONS) expect((await failure(aws.probe(permission))).kind).toBe("protocol");
  });

  it.each([200, 403, 404])("an empty answer with %d says nothing", async (status) => {
    const aws = connect(await serve(always(status, "")));
    for (const permission of PERMISSIONS) expect((await failure(aws.probe(permission))).kind).toBe("protocol");
    expect((await failure(aws.identity())).kind).toBe("protocol");
  });

  it.each([
    [502, "unavailable"],
    [503, "unavailable"],
    [429, "throttled"],
  ])("a page of HTML with %d is %s", async (status, kind) => {
    const aws = connect(await serve(always(status, HTML)));
    for (const permission of PERMISSIONS) expect((await failure(aws.probe(permission))).kind).toBe(kind);
  });

  it.each(["", "<", "<GetCallerIdentityResponse/>", '{"Account":"111122223333"}'])(
    "identity cannot be read from %j",
    async (body) => {
      expect(await failure(connect(await serve(always(200, body, REQUEST_ID))).identity())).toMatchObject({
        kind: "protocol",
      });
    },
  );

  it.each([
    ["", "arn:aws:iam::111122223333:user/u"],
    ["111122223333", ""],
    ["11112222333", "arn:aws:iam::11112222333:user/u"],
    ["111122223333", "arn:aws:iam::444455556666:user/u"],
    ["111122223333", "user/u"],
  ])("an identity of account %j and ARN %j is none", async (account, arn) => {
    const result = `<GetCallerIdentityResult><Arn>${arn}</Arn><Account>${account}</Account></GetCallerIdentityResult>`;
    const body = `<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`;
    expect(await failure(connect(await serve(always(200, body, REQUEST_ID))).identity())).toMatchObject({
      kind: "protocol",
    });
  });
});
