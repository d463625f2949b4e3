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
});
