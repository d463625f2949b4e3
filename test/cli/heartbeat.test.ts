/** `--heartbeat` on the command line: what it refuses, what it adds to a report, and whom a rehearsal tells. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import { OpsError } from "../../src/core/error.ts";
import type { Report, Status } from "../../src/core/report.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { deliveryFindings } from "../../src/rules/heartbeat.ts";
import { SANDBOX_CREDENTIALS } from "../../src/sandbox/sandbox.ts";
import { serveWorld } from "../../src/wiring/sandbox.ts";
import { serve } from "../adapters/atlas/harness.ts";
import { NOW, type Ran, type RunOptions, run } from "./host.ts";

const HEAD = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
databases:
  - { name: core, cluster: litally-core, snapshots: [{ frequency: daily, retain: 30d }] }
`;
const WITH_AWS = `aws: { accountId: "111122223333", region: ap-south-1 }
topics: [{ name: ops, subscriptions: [{ protocol: email, endpoint: a@b.example }] }]
alarms: { owned: our-, notify: { critical: [ops], warning: [] } }
`;
const BEAT = 'heartbeat: { url: "${PING}", schedules: [{ command: backup verify, every: 1d, grace: 3h }] }\n';

const folder = mkdtempSync(join(tmpdir(), "litally-ops-heartbeat-"));
afterAll(() => rmSync(folder, { recursive: true }));
function policyFile(text: string): string {
  const file = join(folder, `${text.length}.yaml`);
  writeFileSync(file, text);
  return file;
}

const inWorld = (text: string, command: string, world = "healthy"): Promise<Ran> =>
  run([...command.split(" "), "--heartbeat", "--sandbox", world, "--config", policyFile(text)]);

test("a rehearsal tells its own world, and needs no url", async () => {
  const ran = await inWorld(HEAD + WITH_AWS + BEAT, "backup verify --verbose");
  expect(ran.stdout).toContain("heartbeat/delivered: told: CloudWatch, the dead man's switch");
  expect(ran.exitCode).toBe(0);
});

test("a rehearsal never asks the url that it knows", async () => {
  const { baseUrl, seen } = await serve((_, response) => void response.writeHead(200).end("OK"));
  const argv = ["backup", "verify", "--heartbeat", "--sandbox", "--config", policyFile(HEAD + BEAT)];
  const ran = await run(argv, { env: { PING: `${baseUrl.origin}/key` } });
  expect([ran.exitCode, seen]).toEqual([0, []]);
});

test.each([
  ["the policy has no heartbeat", HEAD, "backup verify", "error: --heartbeat: the policy has no heartbeat"],
  ["a command judges nothing", HEAD + BEAT, "config show", "error: --heartbeat: config show judges nothing"],
])("is refused where %s", async (_, text, command, says) => {
  const ran = await inWorld(text, command);
  expect([ran.exitCode, ran.stderr]).toEqual([64, expect.stringContaining(says)]);
});

test.each([
  ["backup verify core", "with [databases...] this is no whole run of backup verify"],
  ["backup verify --only snapshot-age --since 1d", "with --since, --only this is no whole run of backup verify"],
  ["retention check --assume-lost region=ap-south-1", "with --assume-lost this is no whole run of retention check"],
  ["restore drill core --no-verify", "with --no-verify this is no whole run of restore drill"],
  ["archive push --slot 2026-10", "with --slot this is no whole run of archive push"],
  ["doctor", "the schedule of doctor is that of doctor --schedules"],
])("is refused where less runs than the schedule: %s", async (command, says) => {
  const ran = await inWorld(HEAD + WITH_AWS + BEAT, command);
  expect([ran.exitCode, ran.stderr]).toEqual([64, expect.stringContaining(`error: --heartbeat: ${says}`)]);
});

test("what is only ordered has begun, and tells no success", async () => {
  const policy = HEAD + WITH_AWS + BEAT.replace("backup verify", "backup snapshot");
  const ran = await inWorld(policy, "backup snapshot core --no-wait --verbose");
  expect(ran.stdout.replaceAll(/\s+/g, " ")).toContain(
    "told that it began: CloudWatch, the dead man's switch; its work goes on, and the run that sees it done tells the end",
  );
  expect([ran.exitCode, ran.stdout]).toEqual([0, expect.stringContaining("RUNNING")]);
});

test("a command without a schedule beats under its own name, with a warning", async () => {
  const ran = await inWorld(HEAD + WITH_AWS + BEAT, "backup list --json");
  const warning = {
    check: "heartbeat/delivered",
    status: "warn",
    remedy: expect.stringContaining("backup list under"),
  };
  expect(JSON.parse(ran.stdout).findings).toEqual([expect.objectContaining(warning)]);
  expect(ran.exitCode).toBe(0);
});

/** A plan of a plain restore, as `--plan-file` saves it. */
async function savedPlan(): Promise<string> {
  const file = join(folder, "restore.json");
  const argv = ["restore", "snapshot", "core", "--snapshot", "latest", "--to", "litally-drill", "--plan-file", file];
  const ran = await run([...argv, "--sandbox", "--config", policyFile(HEAD)]);
  expect(ran.exitCode, ran.stdout).toBe(5);
  return file;
}

/** A drill is scheduled; what was told of `restore apply` with this plan. */
async function applied(plan: string): Promise<readonly [exitCode: number, told: string]> {
  const policy = policyFile(HEAD + WITH_AWS + BEAT.replace("backup verify", "restore drill"));
  const argv = ["restore", "apply", plan, "--confirm", "0", "--heartbeat", "--sandbox", "--config", policy];
  const { exitCode, stdout, stderr } = await run(argv);
  return [exitCode, (stdout + stderr).replaceAll(/\s+/g, " ")];
}

test("a saved restore is no run of the drill's schedule", async () => {
  const unscheduled = expect.stringContaining("the policy has no schedule of restore apply");
  expect(await applied(await savedPlan())).toEqual([3, unscheduled]);
});

test("a plan that cannot be read is one: it may be the drill's", async () => {
  expect(await applied(join(folder, "none.json"))).toEqual([64, expect.not.stringContaining("has no schedule")]);
});

test("one whom nobody at all hears fails", async () => {
  const own = 'heartbeat: { schedules: [{ command: backup verify, every: 1d, grace: 3h, url: "${PING}" }] }\n';
  const ran = await inWorld(HEAD + own, "backup list");
  expect(ran.stdout.replaceAll(/\s+/g, " ")).toContain(
    "nobody was told: the policy has neither a url nor a metric for backup list",
  );
  expect(ran.exitCode).toBe(1);
});

interface Around extends Pick<RunOptions, "isOut" | "reportFile"> {
  readonly env?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
}

/** Told to a switch that answers so, of an Atlas that is a sandbox. */
async function told(pings: (path: string) => number, { env: more, words = [], ...around }: Around = {}) {
  const { policy } = parsePolicy(HEAD, "p.yaml", {});
  const world = { world: "healthy", policy, faults: [], startAt: NOW, elapsedMs: () => 0, log: () => {} };
  const sandbox = await serveWorld({ ...world, hasNoArchives: true });
  onTestFinished(() => sandbox.close());
  const { baseUrl, seen } = await serve(({ url }, response) => void response.writeHead(pings(url)).end());
  const env = {
    MONGODB_ATLAS_BASE_URL: sandbox.url,
    MONGODB_ATLAS_PUBLIC_API_KEY: SANDBOX_CREDENTIALS.publicKey,
    MONGODB_ATLAS_PRIVATE_API_KEY: SANDBOX_CREDENTIALS.privateKey,
    PING: `${baseUrl.origin}/canary-of-the-switch`,
    ...more,
  };
  const argv = ["backup", "verify", "--heartbeat", "--config", policyFile(HEAD + BEAT), "--debug", ...words];
  const ran = await run(argv, { env, ...around });
  expect(ran.stdout + ran.stderr).not.toContain("canary-of-the-switch");
  return { ran, seen };
}

const RUN_ID = "rid=00000000-0000-4000-8000-0a1b2c3d4e5f";

test("the switch hears the start, and then the verdict", async () => {
  const { ran, seen } = await told(() => 200);
  const base = "/canary-of-the-switch/backup-verify";
  expect(seen.map(({ url }) => url)).toEqual([`${base}/start?${RUN_ID}`, `${base}/0?${RUN_ID}`]);
  expect(seen.map(({ body }) => body)).toEqual(["", expect.stringMatching(/^verdict: PASS - \d+ passed \(exit 0\)$/)]);
  expect(ran.exitCode).toBe(0);
});

test("a lost start warns", async () => {
  const { ran } = await told((path) => (path.includes("/start") ? 404 : 200));
  expect(ran.stdout).toMatch(/WARN +heartbeat\/delivered/);
  expect(ran.exitCode).toBe(0);
});

test("a lost end fails", async () => {
  const { ran } = await told((path) => (path.includes("/start") ? 200 : 404));
  expect(ran.stdout).toMatch(/FAIL +heartbeat\/delivered/);
  expect(ran.exitCode).toBe(1);
});

test("of a run that ended with an error, what was lost stands on stderr, and the error decides", async () => {
  const { ran, seen } = await told(() => 404, { env: { MONGODB_ATLAS_BASE_URL: "ftp://nowhere" } });
  expect(seen.at(-1)?.url).toContain("/64?");
  expect(ran.stderr).toContain(
    "fail: heartbeat/delivered: the end of this run was not told: the dead man's switch refused it (404)",
  );
  expect(ran.exitCode).toBe(64);
});

const full = () => Promise.reject(new OpsError("unavailable", "no space left"));

test.each<[string, Around]>([
  ["stdout", { isOut: false }],
  ["a report", { words: ["--report", "a.json"], reportFile: async (path) => ({ at: path, write: full }) }],
])("where %s could not be written, all was well and nobody knows: the switch hears that too", async (_, around) => {
  const { seen } = await told(() => 200, around);
  expect(seen.map(({ url }) => url.replace(/\?.*/, "").split("/").at(-1))).toEqual(["start", "0", "2"]);
  expect(seen.at(-1)?.body).toBe("verdict: UNKNOWN - not told (exit 2)");
});

const LOST = deliveryFindings({
  command: "c",
  isScheduled: true,
  start: [],
  end: [
    { way: "CloudWatch", failure: null },
    { way: "url", failure: new OpsError("unavailable", "no connection") },
  ],
});

function report(status: Status, state?: NonNullable<Report["change"]>["state"]): Report {
  const one = { check: "a/b", title: "t", subject: "s", status, message: "m" };
  const change = state === undefined ? {} : { change: { state, steps: [] } };
  return { kind: "report", command: "c", environment: "e", observedAt: NOW, findings: [one, ...LOST], ...change };
}

test.each([
  ["what was well", report("pass"), 1],
  ["what was unknown", report("unknown"), 1],
  ["what was done well", report("pass", "done"), 1],
  ["what was done and does not hold", report("fail", "done"), 4],
  ["what goes on by itself", report("pass", "running"), 1],
  ["what goes on beside what does not hold", report("fail", "running"), 4],
  ["what a plan found", report("pass", "planned"), 5],
] as const)("one lost way of two makes a failure of %s", (_, outcome, exitCode) => {
  expect(exitCodeOf(outcome, false)).toBe(exitCode);
});
