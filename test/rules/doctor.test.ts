import { describe, expect, test } from "vitest";
import { runChecks } from "../../src/core/check.ts";
import { OpsError } from "../../src/core/error.ts";
import { known, notKnown } from "../../src/core/observed.ts";
import type { Finding } from "../../src/core/report.ts";
import type { AwsAccess } from "../../src/ports/aws.ts";
import { AWS_CHECKS, type AwsFacts, type AwsNeed, DOCTOR_CHECKS, type DoctorFacts } from "../../src/rules/doctor.ts";

const ACCOUNT = "123456789012";
const ARN = `arn:aws:iam::${ACCOUNT}:role/ops`;

function doctorFacts(given: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    nodeVersion: "v24.21.0",
    minimumNodeMajor: 24,
    toolVersion: "0.1.0",
    policy: known({ file: "config/litally-ops.yaml", databases: 2 }),
    atlasCredentials: known("API key abcdefgh"),
    atlasBaseUrl: "https://cloud.mongodb.com",
    atlasAccess: { project: known(true), backupManager: known(true), owner: known(true) },
    aws: null,
    ...given,
  };
}

function finding(given: Partial<DoctorFacts>, id: string): Finding | undefined {
  return runChecks(DOCTOR_CHECKS, doctorFacts(given), "here").find(({ check }) => check === `doctor/${id}`);
}

function failed(kind: OpsError["kind"], hint?: string) {
  return notKnown(new OpsError(kind, "it does not work", hint === undefined ? {} : { hint }));
}

test("where all is there, all passes", () => {
  expect(runChecks(DOCTOR_CHECKS, doctorFacts(), "here").filter(({ status }) => status !== "pass")).toEqual([]);
});

test("says what is there, in words", () => {
  expect(runChecks(DOCTOR_CHECKS, doctorFacts(), "here").map(({ check, message }) => [check, message])).toEqual([
    ["doctor/node", "Node v24.21.0, litally-ops 0.1.0"],
    ["doctor/policy", "config/litally-ops.yaml, 2 databases"],
    ["doctor/atlas-credentials", "API key abcdefgh"],
    ["doctor/atlas-access", "https://cloud.mongodb.com answers"],
    ["doctor/atlas-role-backup-manager", "restore jobs can be listed"],
    ["doctor/atlas-role-owner", "the Backup Compliance Policy can be read"],
  ]);
});

test("says what is missing, and what to do about it", () => {
  const denied = known(false);
  const bad = { nodeVersion: "v22.1.0", atlasAccess: { project: denied, backupManager: denied, owner: denied } };
  const told = runChecks(DOCTOR_CHECKS, doctorFacts(bad), "here").filter(({ status }) => status !== "pass");
  expect(told.map(({ message, remedy }) => `${message}. ${remedy}`)).toEqual([
    "Node v22.1.0 is too old. install Node 24 or newer",
    "the project cannot be read: backup verify and backup list will end with exit code 2. grant the credentials the role Project Read Only, and list this machine's public address in their access list",
    "restore jobs cannot be listed: Project Backup Manager is missing. grant it for: changing schedules and listing restore jobs; backup verify and backup list do without",
    "the Backup Compliance Policy cannot be read: Project Owner is missing. grant it only if you want a Backup Compliance Policy taken into account; backup verify and backup list do without",
  ]);
  expect(told[0]?.evidence).toEqual({ expected: "24 or newer", actual: "v22.1.0" });
});

test.each([
  ["v24.0.0", "pass"],
  ["v25.1.0", "pass"],
  ["v23.99.0", "fail"],
  ["v9.0.0", "fail"],
  ["unheard of", "fail"],
])("Node %s: %s", (nodeVersion, status) => {
  expect(finding({ nodeVersion }, "node")?.status).toBe(status);
});

test("databases are counted in words", () => {
  const counted = (databases: number) => finding({ policy: known({ file: "p.yaml", databases }) }, "policy")?.message;
  expect([counted(0), counted(1), counted(2)]).toEqual([
    "p.yaml, 0 databases",
    "p.yaml, 1 database",
    "p.yaml, 2 databases",
  ]);
});

describe.each(["policy", "atlasCredentials"] as const)("%s that is not known", (field) => {
  const id = field === "policy" ? "policy" : "atlas-credentials";

  test.each([
    ["config", "fail"],
    ["auth", "fail"],
    ["usage", "fail"],
    ["unavailable", "unknown"],
    ["throttled", "unknown"],
    ["timeout", "unknown"],
    ["protocol", "unknown"],
  ] as const)("because of %s: %s, with the hint as remedy", (kind, status) => {
    expect(finding({ [field]: failed(kind, "do this") }, id)).toMatchObject({ status, remedy: "do this" });
    expect(finding({ [field]: failed(kind) }, id)?.remedy).toBeTruthy();
  });
});

test.each([
  ["atlas-access", "project", "fail"],
  ["atlas-role-backup-manager", "backupManager", "warn"],
  ["atlas-role-owner", "owner", "warn"],
] as const)("%s: denied is %s, not known unknown", (id, probe, denied) => {
  const access = doctorFacts().atlasAccess;
  expect(finding({ atlasAccess: { ...access, [probe]: known(false) } }, id)?.status).toBe(denied);
  expect(finding({ atlasAccess: { ...access, [probe]: failed("auth") } }, id)?.status).toBe(denied);
  expect(finding({ atlasAccess: { ...access, [probe]: failed("timeout") } }, id)?.status).toBe("unknown");
});

describe("AWS", () => {
  const need = (access: AwsNeed["access"], topic = "critical"): AwsNeed => ({
    commands: "notify",
    permission: { kind: "sns:GetTopicAttributes", topicArn: `arn:aws:sns:ap-south-1:${ACCOUNT}:${topic}` },
    access,
  });
  const alarms = (access: AwsAccess): AwsNeed => ({
    commands: "alarms",
    permission: { kind: "cloudwatch:DescribeAlarms" },
    access: known(access),
  });
  const said = (given: Partial<AwsFacts>) =>
    runChecks(
      AWS_CHECKS,
      { accountId: ACCOUNT, identity: known({ accountId: ACCOUNT, arn: ARN }), needs: [], ...given },
      "aws",
    ).map(({ check, scope, status, message }) => [check, scope, status, message].filter(Boolean).join(" "));

  test("with the right account and every permission passes, once per family of commands", () => {
    const needs = [need(known("allowed")), need(known("allowed"), "operations"), alarms("allowed")];
    expect(said({ needs })).toEqual([
      `doctor/aws-credentials pass ${ARN}`,
      `doctor/aws-account pass account ${ACCOUNT}`,
      "doctor/aws-permissions notify pass sns:GetTopicAttributes",
      "doctor/aws-permissions alarms pass cloudwatch:DescribeAlarms",
    ]);
  });

  test("another account fails; no credentials are a warning, and nothing is said of the account", () => {
    expect(said({ identity: known({ accountId: "210987654321", arn: ARN }) })[1]).toBe(
      `doctor/aws-account fail these credentials belong to account 210987654321, the policy names ${ACCOUNT}`,
    );
    expect(said({ identity: failed("auth") })).toEqual(["doctor/aws-credentials warn it does not work"]);
    expect(said({ identity: failed("timeout") })).toEqual([
      "doctor/aws-credentials unknown could not find out: it does not work",
    ]);
  });

  test("what is denied or absent is named; what is not known does not pass", () => {
    const of = (...needs: readonly AwsNeed[]) => said({ needs }).at(-1);
    const arn = `arn:aws:sns:ap-south-1:${ACCOUNT}:critical`;
    expect(of(need(known("denied")))).toBe(
      `doctor/aws-permissions notify warn sns:GetTopicAttributes is missing on ${arn}`,
    );
    expect(of(need(known("absent")))).toBe(`doctor/aws-permissions notify warn there is nothing like ${arn}`);
    expect(of(alarms("denied"))).toBe("doctor/aws-permissions alarms warn cloudwatch:DescribeAlarms is missing");
    expect(of(need(known("allowed")), need(failed("timeout")))).toMatch(/unknown/);
    expect(of(need(failed("timeout")), need(known("denied")))).toMatch(/warn/);
  });

  test("says what to do about each, and names all that is lacking", () => {
    const bucket: AwsNeed = {
      commands: "archive",
      permission: { kind: "s3:ListBucket", bucket: "litally-archive" },
      access: known("denied"),
    };
    const other = { accountId: "210987654321", arn: ARN };
    const facts = {
      accountId: ACCOUNT,
      identity: known(other),
      needs: [bucket, { ...bucket, access: known("absent" as const) }],
    };
    const [, account, permissions] = runChecks(AWS_CHECKS, facts, "aws");
    expect(account).toMatchObject({
      evidence: { expected: ACCOUNT, actual: "210987654321" },
      remedy: `use credentials of account ${ACCOUNT}, or correct aws.accountId in the policy`,
    });
    expect(permissions).toMatchObject({
      message: "s3:ListBucket is missing on bucket litally-archive; there is nothing like bucket litally-archive",
      evidence: { actual: ["s3:ListBucket", "s3:ListBucket"] },
      remedy: "grant what is missing in IAM, or create what does not exist",
    });
    const [credentials] = runChecks(AWS_CHECKS, { ...facts, identity: failed("auth") }, "aws");
    expect(credentials?.remedy).toBe(
      "give the AWS SDK credentials its usual way (role, profile or environment); backup commands do without",
    );
  });
});
