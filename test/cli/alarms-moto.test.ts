/** `alarms audit` and `alarms list` against somebody else's AWS, with thousands of alarms that other tools have made: moto, where Python has it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Finding } from "../../src/core/report.ts";
import { awsEnvironment } from "../adapters/aws/harness.ts";
import { hasMoto, MOTO_HOME, type Moto, startMoto } from "../adapters/aws/moto.ts";
import { type Ran, run } from "./host.ts";

const ALARMS = 2_000;
const TOPIC = `arn:aws:sns:${MOTO_HOME.region}:${MOTO_HOME.accountId}:pagers`;
const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "${MOTO_HOME.accountId}", region: ${MOTO_HOME.region} }
topics:
  - name: pagers
    subscriptions:
      - { protocol: email, endpoint: ops@litally.example }
      - { protocol: sms, endpoint: "+15555550100" }
alarms:
  owned: older-
  notify: { critical: [pagers], warning: [pagers] }
  declared:
    - name: older-{index}
      each: { index: ["17", "18", "none"] }
      severity: critical
      metric: { namespace: AWS/Lambda, metric: Errors, statistic: Sum, dimensions: { FunctionName: "f{index}" } }
      threshold: "> 1.7"
      period: 1m
      datapoints: 5 of 5
      missingData: missing
`;

const folder = mkdtempSync(join(tmpdir(), "litally-ops-moto-"));
const file = join(folder, "policy.yaml");
let moto: Moto | undefined;
beforeAll(async () => {
  writeFileSync(file, POLICY);
  if (!hasMoto) return;
  moto = await startMoto();
  await fill(moto);
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await moto?.stop();
});

async function fill({ told }: Moto): Promise<void> {
  await told("sns", "2010-03-31", { Action: "CreateTopic", Name: "pagers" });
  for (const [Protocol, Endpoint] of [
    ["email", "ops@litally.example"],
    ["email", "stranger@litally.example"],
  ] as const)
    await told("sns", "2010-03-31", { Action: "Subscribe", TopicArn: TOPIC, Protocol, Endpoint });
  const indexes = Array.from({ length: ALARMS }, (_, index) => index).values();
  const put = async () => {
    for (const index of indexes) await told("monitoring", "2010-08-01", alarm(index));
  };
  await Promise.all([put(), put(), put(), put()]);
}

const alarm = (index: number) => ({
  Action: "PutMetricAlarm",
  AlarmName: `older-${index}`,
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  "Dimensions.member.1.Name": "FunctionName",
  "Dimensions.member.1.Value": `f${index}`,
  Statistic: "Sum",
  Period: "60",
  EvaluationPeriods: "5",
  Threshold: String(index / 10),
  ComparisonOperator: "GreaterThanThreshold",
  "AlarmActions.member.1": TOPIC,
  "OKActions.member.1": TOPIC,
});

function told(argv: string): Promise<Ran> {
  const env = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "secret", AWS_ENDPOINT_URL: moto?.url ?? "" };
  awsEnvironment(env);
  return run([...argv.split(" "), "--config", file], { env });
}

if (hasMoto) {
  it("what is wrong is found among thousands", async () => {
    const { stdout, exitCode } = await told("alarms audit --json");
    const findings: readonly Finding[] = JSON.parse(stdout).findings;
    const wrong = findings.filter(({ status }) => status === "fail" || status === "warn");
    expect(wrong.map(({ check, subject, scope }) => [check, scope ?? subject])).toEqual([
      ["alarms/drift", "alarm/older-18"],
      ["alarms/present", "alarm/older-none"],
      ["alarms/undeclared", "alarms"],
      ["notify/undeclared-subscription", "stranger@litally.example"], // moto confirms everybody at once
      ["notify/subscription", "+*******0100"],
      ["alarms/heard", "alarm/older-17"], // by the one, and not by the other
      ["alarms/heard", "alarm/older-18"],
    ]);
    expect(wrong.find(({ check }) => check === "alarms/undeclared")?.evidence).toMatchObject({ count: ALARMS - 2 });
    expect(exitCode).toBe(1);
  });

  it("what moto does not tell is not known", async () => {
    const { stdout, exitCode } = await told("alarms audit --only muted --json");
    const findings: readonly Finding[] = JSON.parse(stdout).findings;
    expect(findings.map(({ status }) => status)).toEqual(["unknown", "unknown", "unknown"]);
    expect(exitCode).toBe(2);
  });

  it("all of them are listed, each once", async () => {
    const { stdout, exitCode } = await told("alarms list --json");
    const items: readonly { readonly name: string; readonly state: string }[] = JSON.parse(stdout).items;
    expect(new Set(items.map(({ name }) => name)).size).toBe(ALARMS + 1);
    expect(items).toHaveLength(ALARMS + 1);
    expect(items.filter(({ state }) => state === "MISSING").map(({ name }) => name)).toEqual(["older-none"]);
    expect(exitCode).toBe(0);
  });
} else {
  it("is not at hand", () => expect(hasMoto).toBe(false));
}
