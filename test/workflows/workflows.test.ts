/**
 * Each of our workflows, job by job and step by step, as GitHub's runner would carry it out, against the sandbox: what is
 * not well is red, what comes after it runs all the same, and no secret comes out.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, request as send } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ObjectId } from "bson";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { folderOf } from "../../scripts/action/folder.mts";
import { parsePolicy } from "../../src/policy/load.ts";
import { COLLECTIONS } from "../../src/sandbox/collection-restores.ts";
import { AWS_CREDENTIALS, SANDBOX_CREDENTIALS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { SANDBOX_VARIABLES, serveWorld, variables } from "../../src/wiring/sandbox.ts";
import { codedForms } from "../cli/canary.ts";
import {
  type JobRun,
  NOT_RUN,
  readWorkflow,
  runJob,
  STAND_INS,
  type Workflow,
  type World,
  workspaceOf,
} from "../support/jobs.ts";
import { serveMongo } from "../support/mongo-server.ts";
import { isOrder } from "../support/restores.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const WORKFLOWS = readdirSync(join(ROOT, ".github/workflows"));

interface Given {
  readonly world?: string;
  readonly isTrusted?: boolean;
  readonly isFork?: boolean;
}

/** A job's world: the sandbox, a workspace with the policy, and the program where the action would have installed it. */
async function aWorld({ world = "healthy", isTrusted = true, isFork = false }: Given = {}): Promise<World> {
  const folder = emptyFolder();
  const text = readFileSync(join(ROOT, "config/litally-ops.yaml"), "utf8");
  const { policy } = parsePolicy(text, "litally-ops.yaml", SANDBOX_VARIABLES);
  const startedMs = performance.now();
  const sandbox = await serveWorld({
    world,
    policy,
    faults: [],
    startAt: new Date("2026-11-22T02:00:00Z"),
    elapsedMs: () => performance.now() - startedMs,
    log: () => {},
  });
  onTestFinished(() => sandbox.close());
  return { ...givenTo(sandbox.url, folder), isFork, aws: isTrusted ? KEYS : null };
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "litally-ops-jobs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["workspace", "temp", "artifacts", "home"]) mkdirSync(join(folder, name));
  cpSync(join(ROOT, "config"), join(folder, "workspace/config"), { recursive: true });
  const installed = join(folderOf(join(folder, "temp"), ROOT, null), "node_modules");
  mkdirSync(installed, { recursive: true });
  symlinkSync(ROOT, join(installed, "litally-ops"));
  return folder;
}

const KEYS = {
  AWS_ACCESS_KEY_ID: AWS_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: AWS_CREDENTIALS.secretAccessKey,
  AWS_SESSION_TOKEN: "canary-of-the-session",
  AWS_REGION: "ap-south-1",
};

/** The workflow alone brings credentials and the policy's variables. */
function givenTo(url: string, folder: string): Omit<World, "aws"> {
  const places = Object.entries(variables(url)).filter(([name]) => /URL|LITALLY_OPS_SANDBOX/.test(name));
  const {
    ATLAS_PROJECT_ID = "",
    AWS_ACCOUNT_ID = "",
    ONCALL_PHONE = "",
    PAGERDUTY_INTEGRATION_KEY = "",
  } = SANDBOX_VARIABLES;
  const secrets = {
    MONGODB_ATLAS_CLIENT_ID: SANDBOX_CREDENTIALS.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: SANDBOX_CREDENTIALS.clientSecret,
    ONCALL_PHONE,
    PAGERDUTY_INTEGRATION_KEY,
    LITALLY_OPS_VERIFY_URI: "mongodb://reader:canary-of-the-target@127.0.0.1:9/",
    LITALLY_OPS_SOURCE_URI: "mongodb://reader:canary-of-the-source@127.0.0.1:9/",
  };
  const role = (name: string) => `arn:aws:iam::${AWS_ACCOUNT_ID}:role/${name}`;
  return {
    env: { ...Object.fromEntries(places), XDG_CACHE_HOME: join(folder, "home/.cache") },
    vars: {
      ATLAS_PROJECT_ID,
      AWS_ACCOUNT_ID,
      AWS_REGION: "ap-south-1",
      AWS_ROLE_LOOK: role("look"),
      AWS_ROLE_ARCHIVE: role("archive"),
      AWS_ROLE_DRILL: role("drill"),
    },
    secrets,
    inputs: { database: null },
    folder,
  };
}

const outcomes = ({ steps }: JobRun) =>
  Object.fromEntries(steps.map(({ name, outcome, exitCode }) => [name, exitCode ?? outcome]));
const said = ({ steps }: JobRun) => steps.map((step) => step.said).join("");
const step = (job: JobRun, name: string) => job.steps.find((one) => one.name === name);

/** Whatever a job leaves behind: what it said, what it handed on, and what it kept. */
function expectNoSecret(world: World, ...jobs: readonly JobRun[]): void {
  const files = readdirSync(join(world.folder, "artifacts"), { recursive: true, withFileTypes: true });
  const kept = files
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
  const told = jobs.flatMap(({ steps, outputs }) => [steps, outputs].map((part) => JSON.stringify(part)));
  const all = [...kept, ...told].join("\n");
  const secrets = [
    ...["canary-of-the-session", "canary-of-the-target", "canary-of-the-source", AWS_CREDENTIALS.secretAccessKey],
    ...[world.secrets["MONGODB_ATLAS_CLIENT_SECRET"], world.secrets["PAGERDUTY_INTEGRATION_KEY"], "ghs_token"],
  ].flatMap((secret) => (secret ? codedForms(secret) : []));
  expect(all.length).toBeGreaterThan(1000);
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
}

describe("every workflow", () => {
  test("has all that its steps stand for carried out here, but for these", () => {
    const steps = WORKFLOWS.flatMap((name) => Object.values(readWorkflow(name).jobs)).flatMap((job) => job.steps);
    const foreign = steps.flatMap(({ uses }) => (uses === undefined || uses === "./" ? [] : [uses.split("@")[0]]));
    expect([...new Set([...foreign, "actions/cache"])].sort()).toEqual(Object.keys(STAND_INS).sort());
    const scripts = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    expect(scripts.filter((run) => NOT_RUN.includes(run))).toEqual(NOT_RUN);
    for (const name of ["test", "check"]) expect(Object.keys(packageJson.scripts)).toContain(name);
  });

  test("opens no database but in an environment: secrets of the repository are those of every branch", () => {
    const jobs = WORKFLOWS.flatMap((name) => Object.entries(readWorkflow(name).jobs));
    const opening = jobs.filter(([, { steps }]) => steps.some(({ env = {} }) => "LITALLY_OPS_SOURCE_URI" in env));
    expect(opening.map(([name, { environment }]) => [name, environment])).toEqual([
      ["plan", "drill-plan"],
      ["apply", "drill"],
    ]);
  });

  test("that runs by itself can be run by hand, and does not run in a fork", async () => {
    const scheduled = WORKFLOWS.filter((name) => "schedule" in readWorkflow(name).on);
    expect(scheduled.sort()).toEqual(["alarms.yml", "archive.yml", "drill.yml", "nightly.yml"]);
    for (const name of scheduled) {
      const workflow = readWorkflow(name);
      expect(workflow.on).toHaveProperty("workflow_dispatch");
      const [first = ""] = Object.keys(workflow.jobs);
      const folder = emptyFolder();
      const world = { ...givenTo("http://127.0.0.1:9", folder), aws: KEYS, isFork: true };
      expect(await runJob(workflow, first, world)).toMatchObject({ result: "skipped" });
    }
  });
});

describe("nightly", () => {
  const nightly = readWorkflow("nightly.yml");

  test("is green where all is well, and keeps each report", async () => {
    const world = await aWorld();
    const job = await runJob(nightly, "look", world);
    expect(outcomes(job), said(job)).toMatchObject({ "backup verify": 0, "retention check": 0, doctor: 0 });
    expect(job.result).toBe("success");
    expect(step(job, "backup verify")).toMatchObject({ outputs: { status: "pass", "exit-code": "0" } });
    for (const name of ["backup verify", "retention check", "doctor"])
      expect(step(job, name)?.summary.match(/^## /gm), name).toHaveLength(1);
    const kept = readdirSync(join(world.folder, "artifacts/reports-1"), { recursive: true }).map(String);
    expect(kept.filter((name) => /\.(json|md)$/.test(name))).toHaveLength(6);
    expectNoSecret(world, job);
  });

  test("is red with a finding, or without a role, and looks at the rest all the same", async () => {
    const world = await aWorld({ world: "stale", isTrusted: false });
    const job = await runJob(nightly, "look", world);
    expect([job.result, outcomes(job)["aws-actions/configure-aws-credentials"]]).toEqual(["failure", "failure"]);
    expect(outcomes(job)).toMatchObject({ "backup verify": 1, doctor: 1 }); // which has heard of the run before it
    expect(step(job, "retention check")?.exitCode).not.toBeNull();
    expect(step(job, "backup verify")).toMatchObject({
      outputs: { status: "fail", "exit-code": "1" },
      said: expect.stringMatching(/^::error title=backup\/snapshot-age/m),
      summary: expect.stringContaining("newest good daily snapshot is"),
    });
  });
});

describe("alarms", () => {
  test.each([
    ["healthy", "success", 0],
    ["topic-aws-key", "failure", 1],
  ])("in the world %s is a %s", async (name, result, exitCode) => {
    const world = await aWorld({ world: name });
    const job = await runJob(readWorkflow("alarms.yml"), "audit", world);
    expect([job.result, outcomes(job)], said(job)).toMatchObject([result, { "alarms audit": exitCode }]);
    expectNoSecret(world, job);
  });
});

describe("archive", () => {
  const archive = readWorkflow("archive.yml");

  test("finds the month archived, and looks whether it is right", async () => {
    const world = await aWorld();
    const job = await runJob(archive, "push", world);
    expect([job.result, outcomes(job)], said(job)).toMatchObject([
      "success",
      { "archive push": 0, "archive verify": 0 },
    ]);
    expectNoSecret(world, job);
  });
});

describe("drill", () => {
  const workflow = readWorkflow("drill.yml");

  /** A world whose hours pass as soon as somebody asks how far it is, and two databases that can be looked at. */
  async function drillWorld() {
    const folder = emptyFolder();
    const names = Object.entries(COLLECTIONS).flatMap(([database, all]) => all.map((name) => `${database}.${name}`));
    const startAt = new Date();
    const newest = ObjectId.createFromTime(Math.floor(startAt.getTime() / 1000) - 6 * 60);
    const collections = Object.fromEntries(names.map((name) => [name, [{ _id: newest }]]));
    const [target, source] = await Promise.all([serveMongo({ collections }), serveMongo({ collections })]);
    const text = readFileSync(join(ROOT, "config/litally-ops.yaml"), "utf8");
    const { policy } = parsePolicy(text, "litally-ops.yaml", SANDBOX_VARIABLES);
    const mongo = { "litally-drill": `127.0.0.1:${target.port}`, "litally-core": `127.0.0.1:${source.port}` };
    const elapsedMs = () => 0;
    const sandbox = await serveWorld({
      world: "healthy",
      policy,
      mongo,
      faults: [],
      startAt,
      elapsedMs,
      log: () => {},
    });
    onTestFinished(() => sandbox.close());
    const front = await hurried(sandbox);
    const given = givenTo(front.url, folder);
    const uris = { LITALLY_OPS_VERIFY_URI: target.uri, LITALLY_OPS_SOURCE_URI: source.uri };
    const world = { ...given, secrets: { ...given.secrets, ...uris }, aws: KEYS };
    return { world, ...front, plan: join(folder, "artifacts/plan/plan.json") };
  }

  /**
   * In front of a sandbox. Once it hurries, whoever asks for the time is told an hour more, and before a restore is looked
   * at, half of that passes: nobody has to wait for it, and it was over before by the clock of whoever ordered it.
   */
  async function hurried(sandbox: Sandbox) {
    let ordered = 0;
    let aheadMs = 0;
    const server = createServer((incoming, outgoing) => {
      const { method = "", url: path = "", headers } = incoming;
      if (method === "POST" && isOrder(path)) ordered += 1;
      if (method === "GET" && /\/restoreJobs\/[0-9a-f]{24}$/.test(path)) sandbox.advance(30 * 60_000);
      if (path === "/sandbox/clock") {
        const now = new Date(sandbox.now().getTime() + aheadMs);
        return void outgoing.end(JSON.stringify({ now, world: "healthy" }));
      }
      const forward = send(new URL(path, sandbox.url), { method, headers, agent: false }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(outgoing);
      });
      incoming.pipe(forward);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("it listens on no port");
    return {
      url: `http://127.0.0.1:${address.port}`,
      ordered: () => ordered,
      hurry: () => {
        aheadMs = 60 * 60_000;
      },
    };
  }

  /** A clone of a repository of its own. */
  function withGit({ folder }: World): string {
    const git = (...args: readonly string[]) =>
      execFileSync("git", args, { cwd: workspaceOf({ folder }), stdio: "pipe" });
    const bare = join(folder, "origin.git");
    execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
    git("init", "--quiet", "--initial-branch=main");
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "--message", "first");
    git("remote", "add", "origin", bare);
    git("push", "--quiet", "--set-upstream", "origin", "main");
    return bare;
  }

  test("is planned, approved, carried out as planned, and its record stands beside the policy", async () => {
    const { world, ordered, hurry } = await drillWorld();
    const plan = await runJob(workflow, "plan", world);
    expect([plan.result, outcomes(plan)["restore drill"], ordered()], said(plan)).toEqual(["success", 0, 0]);
    expect(step(plan, "restore drill")?.said).toMatch(
      /^::warning title=litally-ops::restore drill ended with 5 \(planned\)/m,
    );
    expect(plan.outputs["hash"]).toMatch(/^[0-9a-f]{64}$/);
    expect(step(plan, "hash")?.summary).toContain(plan.outputs["hash"]);

    hurry();
    const apply = await runJob(workflow, "apply", world, { plan });
    expect([apply.result, ordered()], said(apply)).toEqual(["success", 1]);
    expect(outcomes(apply)).toMatchObject({ drill: 0, "restore drill": "skipped" });
    expect(step(apply, "drill")?.said).toMatch(/^schedule\/restore drill: PASS$/m);

    const bare = withGit(world);
    rmSync(join(workspaceOf(world), "drills"), { recursive: true });
    const record = await runJob(workflow, "record", world, { apply });
    expect(record.result, said(record)).toBe("success");
    const tree = execFileSync("git", ["ls-tree", "-r", "--name-only", "main"], { cwd: bare, encoding: "utf8" });
    expect(tree).toMatch(/^drills\/core\/drill-.*\.json$/m);
    expectNoSecret(world, plan, apply, record);
  });

  test("is recorded on the branch as it stands by then: without a ref it would be that of the plan, hours before", () => {
    const [checkout] = workflow.jobs["record"]?.steps ?? [];
    expect(checkout?.with?.["ref"]).toMatch(/^\$\{\{ github\.ref \}\}$/);
  });

  test("does nothing with a plan that was altered on the way, and is red", async () => {
    const { world, ordered, plan: file } = await drillWorld();
    const plan = await runJob(workflow, "plan", world);
    writeFileSync(file, readFileSync(file, "utf8").replace("litally-drill", "litally-core"));
    const apply = await runJob(workflow, "apply", world, { plan });
    expect([apply.result, outcomes(apply)], said(apply)).toMatchObject([
      "failure",
      { drill: 3, "restore drill": "skipped" },
    ]);
    expect(ordered()).toBe(0);
    expect(await runJob(workflow, "record", world, { apply })).toMatchObject({ result: "skipped" });
  });

  test("is not carried out where it could not be planned", async () => {
    const { world } = await drillWorld();
    const plan = await runJob(workflow, "plan", { ...world, inputs: { database: "cores" } });
    expect([plan.result, outcomes(plan)["restore drill"], plan.outputs["hash"]]).toEqual(["failure", 64, ""]);
    expect(await runJob(workflow, "apply", world, { plan })).toMatchObject({ result: "skipped" });
  });
});

describe("the README's own", () => {
  test("verifies with the variables that it sets, and no others", async () => {
    const [, text = ""] = /```yaml\n([\s\S]*?)^```/m.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
    const workflow: Workflow = parse(text.replace(/litally\/litally-ops@<commit>/, "./"));
    const world = await aWorld();
    const job = await runJob(workflow, "verify", world);
    expect([job.result, outcomes(job)], said(job)).toMatchObject(["success", { "backup verify": 0 }]);
    const blind = await runJob(workflow, "verify", {
      ...world,
      secrets: { ...world.secrets, MONGODB_ATLAS_CLIENT_ID: "" },
    });
    expect(blind.result).toBe("failure");
  });
});

describe("test", () => {
  test("rehearses the action as a user has it", async () => {
    const folder = emptyFolder();
    const world = { ...givenTo("", folder), env: {}, aws: null };
    const job = await runJob(readWorkflow("test.yml"), "action", world);
    expect([job.result, outcomes(job)], said(job)).toMatchObject(["success", { healthy: 0, stale: 0 }]);
    expect(step(job, "stale")?.said).toMatch(/^::warning title=litally-ops::backup verify ended with 1 \(fail\)/m);
  });

  test("runs the tests on each Node that is supported", async () => {
    const folder = emptyFolder();
    const world = { ...givenTo("", folder), env: {}, aws: null };
    const workflow = readWorkflow("test.yml");
    const job = await runJob(workflow, "test", world, {}, { node: 26 });
    expect(job.result).toBe("success");
  });
});
