/** `doctor permissions --print`: for one command, a noun, or all; as text, as JSON, and as an IAM policy alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { policyText } from "../support/verify.ts";
import { lastLine, POLICY_VARIABLES, run } from "./host.ts";

const PRINT = ["doctor", "permissions", "--print"];
const namesIn = (stdout: string) =>
  JSON.parse(stdout).content.commands.map(({ name }: { readonly name: string }) => name) as readonly string[];

test.each([
  [["backup", "verify"], ["backup verify"]],
  [["backup verify"], ["backup verify"]],
  [["backup verify, alarms test"], ["backup verify", "alarms test"]],
  [["doctor"], ["doctor"]],
  [["doctor", "permissions"], ["doctor permissions"]],
  [
    ["notify", "backup", "plan"],
    ["backup plan", "notify audit", "notify plan", "notify apply", "notify test"],
  ],
])("%j are %j", async (words, names) => {
  const { stdout, exitCode } = await run([...PRINT, ...words, "--json"], { env: POLICY_VARIABLES });
  expect([namesIn(stdout), exitCode]).toEqual([names, 0]);
});

test("without a name, all are meant", async () => {
  const { stdout } = await run([...PRINT, "--json"], { env: POLICY_VARIABLES });
  expect(namesIn(stdout)).toEqual(expect.arrayContaining(["backup verify", "alarms apply", "completion"]));
});

test.each([
  [["backup", "verfy"], 'unknown command "backup verfy" (did you mean "backup verify"?)'],
  [["backup verify", "all"], 'unknown command "all"'],
])("%j are refused", async (words, says) => {
  const ran = await run([...PRINT, ...words]);
  expect(ran.stderr).toContain(`error: --print: ${says}`);
  expect(ran).toMatchObject({ exitCode: 64, stdout: "" });
});

test("only variables of the sections that matter are demanded", async () => {
  expect((await run([...PRINT, "backup list"])).exitCode).toBe(0);
  for (const needy of ["archive list", "backup verify"]) // by its schedule
    expect((await run([...PRINT, needy])).stderr).toContain("AWS_ACCOUNT_ID");
  expect((await run([...PRINT, "archive"], { env: { AWS_ACCOUNT_ID: "111122223333" } })).exitCode).toBe(0);
});

test("the IAM policy can be had alone", async () => {
  const { stdout, exitCode } = await run([...PRINT, "archive push", "--iam", "--export-bucket", "exports"], {
    env: POLICY_VARIABLES,
  });
  const { Version, Statement } = JSON.parse(stdout);
  expect([Version, exitCode]).toEqual(["2012-10-17", 0]);
  expect(Statement.flatMap(({ Resource }: { readonly Resource: readonly string[] }) => Resource)).toEqual(
    expect.arrayContaining(["arn:aws:s3:::exports/*", "arn:aws:s3:::litally-archive/atlas/*"]),
  );
  const none = await run([...PRINT, "backup list", "--iam"], { env: POLICY_VARIABLES });
  expect(none.stderr).toContain("error: these commands need nothing in AWS");
});

test("the text ends with the policy, whole", async () => {
  const { stdout } = await run([...PRINT, "notify apply"], { env: POLICY_VARIABLES });
  expect(JSON.parse(stdout.slice(stdout.indexOf("\n{\n")))).toMatchObject({ Version: "2012-10-17" });
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("a policy without an account is told whose calls get nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "permissions-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "policy.yaml");
  writeFileSync(file, policyText("snapshots: [{ frequency: daily, retain: 30d }]"));
  const { stdout, exitCode } = await run([...PRINT, "archive list", "backup list", "--config", file]);
  expect(stdout).toContain("not granted\n      what these would work on, the policy does not name: archive list\n");
  expect(exitCode).toBe(0);
});

test("to print must be said: there is nothing else that it does", async () => {
  const ran = await run(["doctor", "permissions"]);
  expect(ran.stderr).toContain("--print");
  expect([ran.exitCode, lastLine(ran.stderr)]).toEqual([64, "verdict: ERROR - wrong flags or policy (exit 64)"]);
});

test("doctor itself is still a command", async () => {
  expect((await run(["doctor", "--sandbox"])).stdout).toContain("doctor/node");
  expect((await run(["doctor", "permisions"])).stderr).toMatch(/unknown command|too many|permisions/);
});

test("who may run the schedule of a drill may tell its heartbeat", async () => {
  const { stdout } = await run([...PRINT, "restore apply", "--iam"], { env: POLICY_VARIABLES });
  const statements: readonly { readonly Action: readonly string[] }[] = JSON.parse(stdout).Statement;
  expect(statements.flatMap(({ Action }) => Action)).toContain("cloudwatch:PutMetricData");
});
