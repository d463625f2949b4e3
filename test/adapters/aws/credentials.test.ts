import { hash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { OpsError } from "../../../src/core/error.ts";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import {
  always,
  awsEnvironment,
  connectWith,
  failure,
  LIMITS,
  PERMISSIONS,
  refusingProxy,
  sandboxed,
  serve,
} from "./harness.ts";

const CANARIES = { AWS_SECRET_ACCESS_KEY: "canary-secret-key", AWS_SESSION_TOKEN: "canary-session-token" };
const NONE = { kind: "auth", message: "no AWS credentials found", hint: expect.stringContaining("AWS_PROFILE") };

function file(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "litally-ops-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "config");
  writeFileSync(path, text);
  return path;
}

describe("the SDK's own chain", () => {
  it("finds keys and the endpoint in the environment", async () => {
    const server = await serve(sandboxed());
    const { accessKeyId, secretAccessKey } = AWS_CREDENTIALS;
    awsEnvironment({
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL: server.url,
    });
    const aws = connectWith({});
    expect(await aws.identity()).toMatchObject({ accountId: "111122223333" });
    for (const permission of PERMISSIONS) expect(await aws.probe(permission)).toBe("allowed");
    expect(server.seen).toHaveLength(1 + PERMISSIONS.length);
  });

  it("is searched once for all services", async () => {
    const server = await serve(sandboxed());
    const log = join(file("").replace(/config$/, ""), "log");
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = AWS_CREDENTIALS;
    const answer = JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey });
    const config = file(`[default]\ncredential_process = sh -c "echo asked >> ${log}; cat ${file(answer)}"\n`);
    awsEnvironment({ AWS_CONFIG_FILE: config, AWS_ENDPOINT_URL: server.url });
    const aws = connectWith({});
    await Promise.all([aws.identity(), ...PERMISSIONS.map((permission) => aws.probe(permission))]);
    expect(readFileSync(log, "utf8")).toBe("asked\n");
  });

  it("says so when it finds nothing", async () => {
    awsEnvironment({});
    const aws = connectWith({});
    expect(await failure(aws.identity())).toMatchObject(NONE);
    for (const permission of PERMISSIONS) expect(await failure(aws.probe(permission))).toMatchObject(NONE);
  });

  it("a profile that is not there is none", async () => {
    awsEnvironment({ AWS_PROFILE: "nobody" });
    expect(await failure(connectWith({}).identity())).toMatchObject({ kind: "auth" });
  });

  it("a metadata service that never answers is waited for by the limit", async () => {
    const server = await serve(() => {});
    awsEnvironment({ AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url });
    const started = process.hrtime.bigint();
    expect(await failure(connectWith({ limits: { ...LIMITS, credentialsMs: 300 } }).identity())).toMatchObject({
      kind: "auth",
      message: "no AWS credentials found within 0.3 s",
    });
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(5_000);
  });

  it("a machine without a metadata service has none", async () => {
    awsEnvironment({ AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:9" });
    expect(await failure(connectWith({}).identity())).toMatchObject(NONE);
  });

  const SSO =
    "sso_start_url = https://x.invalid\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = r\n";

  it("a session of IAM Identity Center that is over says how to sign in", async () => {
    awsEnvironment({ AWS_CONFIG_FILE: file(`[default]\n${SSO}`) });
    expect(await failure(connectWith({}).identity())).toMatchObject({
      kind: "auth",
      hint: "sign in again: aws sso login",
    });
  });

  it("a session of IAM Identity Center is used through the proxy, in its own region", async () => {
    const config = file(`[default]\n${SSO}`);
    const home = dirname(config);
    const cache = join(home, ".aws", "sso", "cache");
    mkdirSync(cache, { recursive: true });
    const session = { accessToken: "canary-token", expiresAt: "2999-01-01T00:00:00Z" };
    writeFileSync(join(cache, `${hash("sha1", "https://x.invalid")}.json`), JSON.stringify(session));
    awsEnvironment({ AWS_CONFIG_FILE: config, HOME: home });
    const proxy = await refusingProxy();
    expect((await failure(connectWith({ env: { HTTPS_PROXY: proxy.url } }).identity())).message).not.toContain(
      "canary",
    );
    expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT portal.sso.eu-west-1.amazonaws.com:443 HTTP/1.1"]));
  });

  it("a role that may not be taken is no denial of what was asked", async () => {
    const refusal = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>m</Message></Error></ErrorResponse>";
    const server = await serve(always(403, refusal, { "x-amzn-requestid": "r-1" }));
    const profiles =
      "[default]\nrole_arn = arn:aws:iam::111122223333:role/ops\nsource_profile = base\n[profile base]\n";
    const keys = "aws_access_key_id = AKIAX\naws_secret_access_key = canary-secret-key\n";
    awsEnvironment({ AWS_CONFIG_FILE: file(profiles + keys), AWS_ENDPOINT_URL: server.url });
    const error = await failure(connectWith({}).probe({ kind: "s3:ListBucket", bucket: "litally-archive" }));
    expect(error.kind).toBe("auth");
    expect(server.seen.map(({ body }) => body.slice(0, 17))).toEqual(["Action=AssumeRole"]);
    expect(server.seen[0]?.headers.authorization).toContain("/ap-south-1/sts/");
  });

  it.each(["not a url", "127.0.0.1:9", "ftp://127.0.0.1"])("the endpoint %s is a wrong setting", async (endpoint) => {
    awsEnvironment({ AWS_ENDPOINT_URL_S3: endpoint, AWS_ACCESS_KEY_ID: "AKIAX", AWS_SECRET_ACCESS_KEY: "s" });
    const read = connectWith({}).probe({ kind: "s3:ListBucket", bucket: "litally-archive" });
    expect(await failure(read)).toMatchObject({ kind: "config", hint: expect.stringContaining("AWS_ENDPOINT_URL") });
  });
});

describe("secrets", () => {
  const reveals = (error: OpsError) => {
    const cause = error.cause === undefined ? "" : `${error.cause} ${JSON.stringify(error.cause)}`;
    return /canary/.test(`${error.message} ${error.hint} ${error.stack} ${JSON.stringify(error)} ${cause}`);
  };

  it.each([400, 403, 404, 500, 200])("stand in no error, even when AWS repeats them with %d", async (status) => {
    const repeated = Object.values(CANARIES).join(" ");
    const bodies = ["SignatureDoesNotMatch", "ExpiredToken", "Whatever", repeated].flatMap((code) => [
      `<ErrorResponse><Error><Code>${code}</Code><Message>x-amz-security-token:${repeated}</Message></Error></ErrorResponse>`,
      `<Error><Code>${code}</Code><Message>${repeated}</Message><StringToSign>${repeated}</StringToSign></Error>`,
      JSON.stringify({ __type: code, message: repeated }),
      repeated,
    ]);
    for (const body of bodies) {
      const server = await serve(always(status, body, { "x-amzn-requestid": "r-1" }));
      awsEnvironment({ AWS_ACCESS_KEY_ID: "AKIAX", ...CANARIES, AWS_ENDPOINT_URL: server.url });
      const aws = connectWith({});
      const outcomes = [aws.identity(), ...PERMISSIONS.map((permission) => aws.probe(permission))];
      for (const outcome of await Promise.allSettled(outcomes)) {
        if (outcome.status === "rejected") expect(reveals(outcome.reason)).toBe(false);
      }
    }
  });

  it("of a credential process that fails do not reach the error", async () => {
    awsEnvironment({
      AWS_CONFIG_FILE: file('[default]\ncredential_process = sh -c "echo canary-1 >&2; exit 1 # canary-2"\n'),
    });
    const error = await failure(connectWith({}).identity());
    expect(error.kind).toBe("auth");
    expect(reveals(error)).toBe(false);
  });
});
