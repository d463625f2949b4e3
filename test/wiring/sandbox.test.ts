/** A rehearsal is told as one everywhere, and a sandbox's clock judges nothing but that sandbox. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePolicy } from "../../src/policy/load.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { SANDBOX_VARIABLES, serveWorld, variables } from "../../src/wiring/sandbox.ts";
import { lastLine, NOW, run } from "../cli/host.ts";
import { policyText } from "../support/verify.ts";

const VERIFY = ["backup", "verify", "--only", "snapshot-age"];
const MARK = "SANDBOX (world stale): a rehearsal, not your accounts";

let served: Sandbox;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  const { policy } = parsePolicy(policyText("snapshots: [{ frequency: daily, retain: 30d }]"), "policy.yaml", {});
  const startAt = new Date("2026-12-24T02:00:00Z"); // a month ahead of the run's own clock
  served = await serveWorld({ world: "stale", policy, faults: [], startAt, elapsedMs: () => 0, log: () => {} });
  env = variables(served.url);
});
afterAll(() => served.close());

describe("a sandbox served elsewhere", () => {
  test("is worked in by its clock", async () => {
    const ran = await run([...VERIFY, "--json"], { env });
    expect(JSON.parse(ran.stdout)).toMatchObject({ observedAt: "2026-12-24T02:00:00.000Z", sandbox: "stale" });
    expect(ran.exitCode).toBe(1);
  });

  test.each([
    ["MONGODB_ATLAS_BASE_URL", "https://cloud.mongodb.com", "is https://cloud.mongodb.com"],
    ["MONGODB_ATLAS_BASE_URL", "", "is not set"],
    ["MONGODB_ATLAS_BASE_URL", "http://127.0.0.1:1", "is http://127.0.0.1:1"],
    ["AWS_ENDPOINT_URL", "", "is not set"],
    ["AWS_ENDPOINT_URL", "https://sns.ap-south-1.amazonaws.com", "is https://sns.ap-south-1.amazonaws.com"],
    ["AWS_ENDPOINT_URL_S3", "", "is not set"],
    ["AWS_ENDPOINT_URL_S3", "https://s3.ap-south-1.amazonaws.com", "is https://s3.ap-south-1.amazonaws.com"],
    ["AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1", "is http://127.0.0.1:1"],
  ])("moves no clock where %s is %j", async (name, value, says) => {
    const ran = await run(VERIFY, { env: { ...env, [name]: value } });
    expect(ran.stderr).toContain(`error: LITALLY_OPS_SANDBOX is ${served.url}, but ${name} ${says}\n`);
    expect(ran.stderr).toContain("sandbox env --unset");
    expect(ran).toMatchObject({ exitCode: 64, stdout: "" });
  });

  test("may be written with a slash at the end", async () => {
    expect((await run(VERIFY, { env: { ...env, MONGODB_ATLAS_BASE_URL: `${served.url}/` } })).exitCode).toBe(1);
  });

  test("keeps what is asked of AWS to itself, though the SDK of this process knows nothing of it", async () => {
    const ran = await run(["doctor"], { env });
    expect(ran.stdout).toContain("doctor/aws-account: account 111122223333");
  });

  test("that is gone is told with the command that starts it", async () => {
    const gone = "http://127.0.0.1:1";
    const ran = await run(VERIFY, { env: variables(gone) });
    expect(ran.stderr).toContain(`error: no sandbox answers at ${gone}\n`);
    expect(ran.stderr).toContain("hint: start it: litally-ops sandbox up --port 1; or leave it: ");
    expect(ran.exitCode).toBe(2);
  });

  test("is not whatever else answers there", async () => {
    const other = createServer((_request, response) => response.end(JSON.stringify({ now: NOW, world: "\u001B[2J" })));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`; // a listening TCP server has one
    const ran = await run(VERIFY, { env: variables(url) });
    await new Promise((resolve) => other.close(resolve));
    expect(ran.stderr).toContain(`error: no sandbox answers at ${url}\n`);
  });

  test.each(["https://cloud.mongodb.com", "http://10.0.0.1:4400", "4400"])("is not %s", async (address) => {
    const ran = await run(VERIFY, { env: { ...env, LITALLY_OPS_SANDBOX: address } });
    expect(ran.stderr).toContain("error: LITALLY_OPS_SANDBOX is not the address of a sandbox\n");
  });
});

describe("a rehearsal is told as one", () => {
  const embedded = ["--sandbox", "stale"];
  const formats = ["text", "json", "markdown", "junit", "openmetrics"] as const;

  test.each(formats)("on stderr, whatever the format: %s", async (format) => {
    for (const [argv, options] of [[embedded, {}] as const, [[], { env }] as const]) {
      const { stderr } = await run([...VERIFY, ...argv, "--format", format], options);
      expect(stderr.split("\n")[0]).toBe(`warning: ${MARK}`);
    }
  });

  test("in the text, before and after all", async () => {
    for (const [argv, options] of [[embedded, {}] as const, [[], { env }] as const]) {
      const { stdout } = await run([...VERIFY, ...argv], options);
      expect(stdout.split("\n")[0]).toBe(MARK);
      expect(lastLine(stdout)).toBe("verdict: FAIL in the sandbox - 1 failed (exit 1)");
    }
    const listed = await run(["backup", "list", ...embedded]);
    expect(listed.stdout.split("\n")[0]).toBe(MARK);
    expect(lastLine(listed.stdout)).toBe("verdict: DONE in the sandbox (exit 0)");
  });

  test("in each document", async () => {
    for (const command of ["backup verify", "backup list", "doctor", "config check"]) {
      const { stdout } = await run([...command.split(" "), ...embedded, "--json"]);
      expect(JSON.parse(stdout), command).toMatchObject({ sandbox: "stale" });
    }
  });

  test("in markdown and the step's summary", async () => {
    const github = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "summary.md" };
    const ran = await run([...VERIFY, ...embedded, "--format", "markdown"], { env: github });
    expect(ran.stdout).toMatch(/^## backup verify: FAIL in the sandbox\n/);
    expect(ran.stdout).toContain("**SANDBOX (world stale): a rehearsal, not your accounts**");
    expect(ran.appended.get("summary.md")).toBe(ran.stdout);
    expect(ran.stderr).toContain("::error title=backup/snapshot-age (daily) cluster/litally-core in the sandbox::");
  });

  test("in every name of junit", async () => {
    const { stdout } = await run([...VERIFY, ...embedded, "--format", "junit"]);
    const named = [...stdout.matchAll(/<(?:testsuites|testsuite|testcase) (?:class)?name="([^"]*)"/g)];
    expect(named.length).toBeGreaterThan(2);
    for (const [, name] of named) expect(name).toMatch(/ \(sandbox: stale\)$/);
  });

  test("in the name of every metric", async () => {
    const { stdout } = await run([...VERIFY, ...embedded, "--format", "openmetrics"]);
    const samples = stdout.split("\n").filter((line) => line.startsWith("litally_ops"));
    expect(samples.length).toBeGreaterThan(5);
    for (const line of samples) expect(line).toMatch(/^litally_ops_rehearsal_\w+\{.*sandbox="stale"/);
  });

  test("and only a rehearsal is", async () => {
    const { stdout, stderr } = await run(["config", "check"], { env: SANDBOX_VARIABLES });
    expect(stdout + stderr).not.toMatch(/sandbox/i);
  });
});

describe("sandbox env --unset", () => {
  test("undoes every variable that sandbox env sets", async () => {
    const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);
    const set = names((await run(["sandbox", "env"])).stdout, /^export (\w+)=/gm);
    const unset = names((await run(["sandbox", "env", "--unset"])).stdout, /^unset (\w+)$/gm);
    expect(set.length).toBeGreaterThan(10);
    expect(unset).toEqual(set);
  });
});
