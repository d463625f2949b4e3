/**
 * Each of our workflows, job by job and step by step, as GitHub's runner would carry it out, against the sandbox: what is
 * not well is red, what comes after it runs all the same, and no secret comes out.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as send } from "node:http";
import { dirname, join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { HOUR_MS } from "../../src/core/duration.ts";
import { AWS_CREDENTIALS, GITHUB_SANDBOX, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { codedForms } from "../cli/canary.ts";
import {
  accounts,
  aWorld,
  drilledDatabases,
  emptyFolder,
  givenTo,
  heard,
  KEYS,
  outcomes,
  said,
  serveFor,
  step,
} from "../support/job-worlds.ts";
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
import { isOrder } from "../support/restores.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const WORKFLOWS = readdirSync(join(ROOT, ".github/workflows"));

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
    ...[world.secrets["MONGODB_ATLAS_CLIENT_SECRET"], world.secrets["PAGERDUTY_INTEGRATION_KEY"], GITHUB_SANDBOX.token],
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

  test("orders what Atlas takes long for and ends, and a later run finds it by its id and archives it", async () => {
    const policy = readFileSync(join(ROOT, "config/litally-ops.yaml"), "utf8").replace(
      "since: 2026-01",
      "since: 2026-11",
    );
    const startAt = new Date("2026-12-01T05:41:00Z");
    const sandbox = await serveFor({ world: "size-jump", policy, startAt, hasNoArchives: true, isStill: true });
    /** On a runner of its own, which knows nothing of the one before. */
    const begin = async () => {
      const job = await runJob(archive, "push", { ...givenTo(sandbox.url, emptyFolder(policy)), aws: KEYS });
      const { report = "", status } = step(job, "archive push")?.outputs ?? {};
      const [order] = JSON.parse(readFileSync(report, "utf8")).change.steps;
      expect([job.result, outcomes(job)], said(job)).toMatchObject(["success", { "archive verify": 0 }]);
      return [status, order?.result?.exportId];
    };
    const [first, id] = await begin();
    expect([first, id]).toEqual(["running", expect.stringMatching(/^[0-9a-f]{24}$/)]);
    sandbox.advance(4 * HOUR_MS);
    expect(await begin()).toEqual(["pass", id]);
    expect(await begin()).toEqual(["pass", undefined]); // it is there
  });
});

describe("drill", () => {
  const workflow = readWorkflow("drill.yml");

  /** A world whose hours pass as soon as somebody asks how far it is, and two databases that can be looked at. */
  async function drillWorld() {
    const startAt = new Date();
    const { mongo, uris } = await drilledDatabases(startAt);
    const sandbox = await serveFor({ startAt, mongo, isStill: true });
    const front = await hurried(sandbox);
    const folder = emptyFolder();
    const given = givenTo(front.url, folder);
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
    const watched = Promise.withResolvers<void>();
    const server = createServer((incoming, outgoing) => {
      const { method = "", url: path = "", headers } = incoming;
      if (method === "POST" && isOrder(path)) ordered += 1;
      if (method === "GET" && /\/restoreJobs\/[0-9a-f]{24}$/.test(path)) {
        sandbox.advance(30 * 60_000);
        watched.resolve();
      }
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
      onceWatched: watched.promise,
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

  test("that is cancelled half-way leaves no cluster running that nobody needs", async () => {
    const { world, onceWatched, hurry } = await drillWorld();
    const plan = await runJob(workflow, "plan", world);
    hurry();
    const cancelled = { ...world, cancels: { during: "drill", once: onceWatched } };
    const apply = await runJob(workflow, "apply", cancelled, { plan });
    expect([apply.result, outcomes(apply)["restore drill"]], said(apply)).toEqual(["cancelled", 0]);
    expect(step(apply, "restore drill")?.said).toMatch(/^ {2}DONE {5}paused litally-drill.*\n(?! +it stood still)/m);
  });

  test("is not carried out where it could not be planned", async () => {
    const { world } = await drillWorld();
    const plan = await runJob(workflow, "plan", { ...world, inputs: { database: "cores" } });
    expect([plan.result, outcomes(plan)["restore drill"], plan.outputs["hash"]]).toEqual(["failure", 64, ""]);
    expect(await runJob(workflow, "apply", world, { plan })).toMatchObject({ result: "skipped" });
  });
});

describe("the README's own", () => {
  const WITHOUT_AWS = `version: 1
environment: production
atlas: { projectId: "\${ATLAS_PROJECT_ID}" }
databases:
  - { name: core, cluster: litally-core, snapshots: [{ frequency: daily, retain: 30d }] }
`;

  test("verifies with the variables that it sets, and no others", async () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const [text = "", line = ""] = [...readme.matchAll(/```yaml\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
    const workflow: Workflow = parse(text.replace(/litally\/litally-ops@<commit>/, "./"));
    const world = await accounts({ policy: `${WITHOUT_AWS}${line}` });
    const without = (name: string) =>
      runJob(workflow, "verify", { ...world, secrets: { ...world.secrets, [name]: "" } });

    const unheard = await without("HEARTBEAT_URL");
    expect([unheard.result, outcomes(unheard), await heard(world.sandbox)]).toMatchObject([
      "failure",
      { "backup verify": 64 },
      [],
    ]);
    const job = await runJob(workflow, "verify", world);
    expect([job.result, outcomes(job)], said(job)).toMatchObject(["success", { "backup verify": 0 }]);
    expect(await heard(world.sandbox)).toEqual(["backup-verify start", "backup-verify 0"]);
    const blind = await without("MONGODB_ATLAS_CLIENT_ID");
    expect([blind.result, (await heard(world.sandbox)).slice(2)]).toEqual([
      "failure",
      ["backup-verify start", "backup-verify 2"],
    ]);
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

  test("installs from what was downloaded for the very same dependencies, and no others", async () => {
    const folder = emptyFolder();
    const action = join(folder, "action");
    cpSync(join(ROOT, "scripts/action"), join(action, "scripts/action"), { recursive: true });
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/npm"), "#!/bin/sh\nexit 1\n", { mode: 0o755 }); // what comes after does not matter here
    const world = { ...givenTo("", folder), env: { PATH: `${folder}/bin:${dirname(process.execPath)}:/usr/bin:/bin` } };
    const keyWith = async (lock: string) => {
      writeFileSync(join(action, "package-lock.json"), lock);
      const job = await runJob(readWorkflow("test.yml"), "action", { ...world, aws: null, action });
      const [, key] = /^Cache not found for input keys: (\S+)$/m.exec(step(job, "healthy")?.said ?? "") ?? [];
      return key;
    };
    const [key, other, again] = [await keyWith("1"), await keyWith("2"), await keyWith("1")];
    expect([typeof key, again]).toEqual(["string", key]);
    expect(other).not.toBe(key);
  });

  test("runs the tests on each Node that is supported", async () => {
    const folder = emptyFolder();
    const world = { ...givenTo("", folder), env: {}, aws: null };
    const workflow = readWorkflow("test.yml");
    const job = await runJob(workflow, "test", world, {}, { node: 26 });
    expect(job.result).toBe("success");
  });
});
