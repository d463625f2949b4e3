import { describe, expect, it, onTestFinished } from "vitest";
import { connectKeys } from "../../../src/adapters/aws/kms.ts";
import { KEY_STATES } from "../../../src/ports/keys.ts";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { always, connectionWith, failure, type Handler, LIMITS, serve } from "./harness.ts";

const ARN = "arn:aws:kms:ap-south-1:111122223333:key/1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a";
const DELETION = 1_798_761_600;

const described = (key: object): Handler =>
  json(200, { KeyMetadata: { Arn: ARN, KeyState: "Enabled", KeyManager: "CUSTOMER", ...SYMMETRIC, ...key } });
const SYMMETRIC = { KeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "ENCRYPT_DECRYPT" };
const json = (status: number, body: object): Handler =>
  always(status, JSON.stringify(body), { "x-amzn-requestid": "r-1", "content-type": "application/x-amz-json-1.1" });

async function keysFrom(handler: Handler, attempts = 1) {
  const server = await serve(handler);
  const limits = { ...LIMITS, attempts };
  const keys = connectKeys(connectionWith({ credentials: AWS_CREDENTIALS, endpoint: server.url, limits }));
  onTestFinished(() => keys.close());
  return { keys, server };
}

describe("a key", () => {
  it.each(KEY_STATES)("may be %s", async (state) => {
    const { keys, server } = await keysFrom(described({ KeyState: state }));
    expect(await keys.getKey("alias/archive")).toEqual({
      arn: ARN,
      state,
      isManagedByAws: false,
      isSymmetric: true,
      deletionAt: null,
    });
    expect(server.seen[0]).toMatchObject({
      body: '{"KeyId":"alias/archive"}',
      headers: { "x-amz-target": "TrentService.DescribeKey" },
    });
  });

  it("says when it goes for good", async () => {
    const { keys } = await keysFrom(described({ KeyState: "PendingDeletion", DeletionDate: DELETION }));
    expect(await keys.getKey(ARN)).toMatchObject({ deletionAt: new Date(DELETION * 1000) });
  });

  it.each([{ KeySpec: "RSA_2048" }, { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" }])(
    "of another kind is not symmetric: %o",
    async (kind) => {
      const { keys } = await keysFrom(described(kind));
      expect(await keys.getKey(ARN)).toMatchObject({ isSymmetric: false });
    },
  );

  it.each([
    ["state that nobody knows", { KeyState: "Resting" }],
    ["state", { KeyState: undefined }],
    ["kind", { KeySpec: undefined }],
    ["use", { KeyUsage: undefined }],
    ["ARN", { Arn: undefined }],
    ["ARN of a key", { Arn: "arn:aws:kms:ap-south-1:111122223333:alias/archive" }],
    ["date that is one", { DeletionDate: "soon" }],
  ])("without a %s is not read", async (_what, key) => {
    expect(await failure((await keysFrom(described(key))).keys.getKey(ARN))).toMatchObject({ kind: "protocol" });
  });

  it.each([
    [400, "NotFoundException", "not-found", ""],
    [400, "AccessDeniedException", "auth", `grant kms:DescribeKey on ${ARN} to this identity`],
    [400, "InvalidArnException", "rejected", ""],
    [400, "ThrottlingException", "throttled", ""],
    [500, "KMSInternalException", "unavailable", ""],
  ])("%d %s is %s", async (status, code, kind, hint) => {
    const { keys } = await keysFrom(json(status, { __type: code, message: "secret words of AWS" }));
    const error = await failure(keys.getKey(ARN));
    expect(error).toMatchObject({ kind });
    expect(error.hint ?? "").toContain(hint);
    expect(`${error.message}${error.hint}`).not.toContain("secret words");
  });

  it("is not what anybody else answers", async () => {
    const { keys } = await keysFrom(always(200, "<html></html>", { "content-type": "text/html" }));
    expect(await failure(keys.getKey(ARN))).toMatchObject({ kind: "protocol" });
  });

  it("is asked for again, for nothing changes by it", async () => {
    const { keys, server } = await keysFrom(
      (request, response) => (server.seen.length === 1 ? always(503, "") : described({}))(request, response),
      2,
    );
    expect(await keys.getKey(ARN)).toMatchObject({ state: "Enabled" });
    expect(server.seen).toHaveLength(2);
  });
});
