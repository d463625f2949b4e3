/**
 * Runs the jobs of our workflows as GitHub's runner does: the same shell, the same variables and files, steps one after
 * another, each `run` carried out. What is not ours is stood in for, by the two tables below and nothing else.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { GITHUB_SANDBOX } from "../../src/sandbox/sandbox.ts";
import { type Contexts, holds, interpolate, type Scope, type Value } from "./expressions.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Actions of others, and what stands in for each. */
export const STAND_INS = {
  "actions/checkout": "the workspace stands there already",
  "actions/setup-node": "the Node that runs the tests",
  "actions/cache": "finds nothing",
  "aws-actions/configure-aws-credentials":
    "the keys of the sandbox, against the right to ask for a token and the name of a role",
  "actions/upload-artifact": "a folder of the test",
  "actions/download-artifact": "the same folder",
} as const;

/** Scripts that are not carried out: they would run these very tests. */
export const NOT_RUN: readonly string[] = ["npm ci --ignore-scripts", "npm test", "npm run check"];

export interface World {
  /** Points the program at the sandbox; the workflow itself knows of none. */
  readonly env: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** What a role gives; null: AWS trusts this job with none. */
  readonly aws: Readonly<Record<string, string>> | null;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly isFork?: boolean;
  /**
   * Somebody cancels the run in this step, once that has happened. What does not stop in time is killed with all that it began
   * (https://docs.github.com/en/actions/reference/workflow-cancellation-reference): here, at once.
   */
  readonly cancels?: { readonly during: string; readonly once: Promise<unknown> };
  /** Where our action stands; absent: in this repository. */
  readonly action?: string;
  /** Holds the workspace, the artifacts and the temporary folder. */
  readonly folder: string;
}

interface StepRun {
  readonly name: string;
  readonly outcome: "success" | "failure" | "skipped";
  /** Of the last script in it; null: none ran. */
  readonly exitCode: number | null;
  readonly said: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface JobRun {
  readonly result: "success" | "failure" | "cancelled" | "skipped";
  readonly steps: readonly StepRun[];
  readonly outputs: Readonly<Record<string, string>>;
}

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, Value>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly "timeout-minutes": number;
  readonly env?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** As GitHub's own linter has found them to be: npm run workflows. */
export function readWorkflow(name: string): Workflow {
  return parse(readFileSync(join(ROOT, ".github/workflows", name), "utf8"));
}

export function readAction(): Action {
  return parse(readFileSync(join(ROOT, "action.yml"), "utf8"));
}

interface Running {
  readonly world: World;
  readonly scope: Scope;
  readonly env: Readonly<Record<string, string>>;
  readonly shell: string | undefined;
  readonly permissions: Readonly<Record<string, string>>;
  /** Then the script that runs is killed. */
  readonly cancelled?: Promise<unknown>;
}

/** One job; `needs` are those that it waits for, as they have ended. */
export async function runJob(
  workflow: Workflow,
  name: string,
  world: World,
  needs: Readonly<Record<string, JobRun>> = {},
  matrix: Contexts = {},
): Promise<JobRun> {
  const job = workflow.jobs[name];
  if (job === undefined) throw new Error(`there is no job ${name}`);
  const failed = Object.values(needs).some(({ result }) => result !== "success");
  const cancelled = Object.values(needs).some(({ result }) => result === "cancelled");
  const contexts = { ...contextsOf(world), matrix, needs: needsOf(needs) };
  const scope = { contexts, state: { failed, cancelled } };
  if (!holds(job.if, scope)) return { result: "skipped", steps: [], outputs: {} };
  const env = filled({ ...workflow.env }, scope);
  const all = { ...env, ...filled({ ...job.env }, { ...scope, contexts: { ...contexts, env } }) };
  const { steps, outputs, state } = await runSteps(job.steps, {
    world,
    scope: { contexts: { ...contexts, env: all }, state: WELL_SO_FAR },
    env: { ...baseEnv(world), ...all },
    shell: workflow.defaults?.run?.shell,
    permissions: job.permissions ?? workflow.permissions,
  });
  const said = filled({ ...job.outputs }, { contexts: { ...contexts, steps: outputs }, state });
  return { result: state.cancelled ? "cancelled" : state.failed ? "failure" : "success", steps, outputs: said };
}

const WELL_SO_FAR: Scope["state"] = { failed: false, cancelled: false };

/** Outputs of steps by their ids; those of a step that was skipped are known to be nothing. */
type Outputs = Readonly<Record<string, { readonly outputs: Contexts }>>;

async function runSteps(
  steps: readonly Step[],
  running: Running,
): Promise<{ readonly steps: readonly StepRun[]; readonly outputs: Outputs; readonly state: Scope["state"] }> {
  const done: StepRun[] = [];
  const outputs: Record<string, { readonly outputs: Contexts }> = {};
  let env = running.env;
  let state = WELL_SO_FAR;
  const { cancels } = running.world;
  for (const step of steps) {
    const isCancelled = cancels !== undefined && cancels.during === nameOf(step);
    const scope = { contexts: { ...running.scope.contexts, steps: outputs }, state };
    const run: StepRun = holds(step.if, scope)
      ? await runStep(step, { ...running, scope, env, ...(isCancelled ? { cancelled: cancels.once } : {}) })
      : { name: nameOf(step), outcome: "skipped", exitCode: null, said: "", summary: "", outputs: {} };
    done.push(run);
    state = { failed: state.failed || run.outcome === "failure", cancelled: state.cancelled || isCancelled };
    if (step.uses?.startsWith("aws-actions/") === true && run.outcome === "success")
      env = { ...env, ...running.world.aws };
    if (step.id !== undefined) outputs[step.id] = { outputs: { ...nothingFrom(step), ...run.outputs } };
  }
  return { steps: done, outputs, state };
}

function nameOf({ id, uses, run, with: given }: Step): string {
  return id ?? (uses === "./" ? String(given?.["command"]) : (uses?.split("@")[0] ?? run ?? ""));
}

/** What a step may say and has not: an empty text, as with GitHub. What it never says is not known. */
function nothingFrom({ uses, run = "" }: Step): Contexts {
  if (uses === undefined)
    return Object.fromEntries([...run.matchAll(/echo "([\w-]+)=/g)].map(([, name = ""]) => [name, ""]));
  if (uses === "./") return Object.fromEntries(Object.keys(readAction().outputs).map((name) => [name, ""]));
  return uses.startsWith("actions/upload-artifact") ? { "artifact-id": "" } : {};
}

async function runStep(step: Step, running: Running): Promise<StepRun> {
  const env = { ...running.env, ...filled({ ...step.env }, running.scope) };
  const given = filled({ ...step.with }, running.scope);
  if (step.run !== undefined) return runScript(step, step.run, { ...running, env });
  if (step.uses === "./") return runAction(step, given, { ...running, env });
  const [action = ""] = (step.uses ?? "").split("@");
  const told = standIn(action, given, running);
  const { said, outputs } = told;
  return {
    name: nameOf(step),
    outcome: told.isWell ? "success" : "failure",
    exitCode: null,
    said,
    summary: "",
    outputs,
  };
}

async function runAction(step: Step, given: Readonly<Record<string, string>>, running: Running): Promise<StepRun> {
  const { inputs, outputs, runs } = readAction();
  const defaults = Object.entries(inputs).map(([name, input]) => [name, input.default ?? ""]);
  const own = { ...Object.fromEntries(defaults), ...given };
  const { github, runner } = running.scope.contexts;
  if (typeof github !== "object" || github === null || runner === undefined) throw new Error("no job");
  const contexts = { inputs: own, runner, github: { ...github, action_path: running.world.action ?? ROOT } };
  const state = WELL_SO_FAR;
  const done = await runSteps(runs.steps, { ...running, scope: { contexts, state }, shell: undefined });
  const values = Object.entries(outputs).map(([name, { value }]) => [name, value]);
  const unsaid = Object.fromEntries(Object.keys(outputs).map((name) => [name, ""]));
  const scope = {
    contexts: { ...contexts, steps: { run: { outputs: { ...unsaid, ...done.outputs["run"]?.outputs } } } },
    state,
  };
  return {
    name: nameOf(step),
    outcome: done.state.failed ? "failure" : "success",
    exitCode: done.steps.findLast(({ exitCode }) => exitCode !== null)?.exitCode ?? null,
    said: done.steps.map(({ said }) => said).join(""),
    summary: done.steps.map(({ summary }) => summary).join(""),
    outputs: filled(Object.fromEntries(values), scope),
  };
}

async function runScript(step: Step, script: string, running: Running): Promise<StepRun> {
  const { world, shell, env } = running;
  if (NOT_RUN.includes(script.trim()))
    return { name: nameOf(step), outcome: "success", exitCode: null, said: "", summary: "", outputs: {} };
  if ((step.shell ?? shell) !== "bash") throw new Error(`not by bash: ${script}`);
  const own = mkdtempSync(join(tempOf(world), "step-"));
  const place = (name: string) => join(own, name);
  for (const name of ["output", "summary"]) writeFileSync(place(name), "");
  writeFileSync(place("script.sh"), script);
  const files = { GITHUB_OUTPUT: place("output"), GITHUB_STEP_SUMMARY: place("summary") };
  const bash = ["--noprofile", "--norc", "-eo", "pipefail", place("script.sh")];
  const { exitCode, said } = await spawned(bash, { ...env, ...files }, workspaceOf(world), running.cancelled);
  return {
    name: nameOf(step),
    outcome: exitCode === 0 ? "success" : "failure",
    exitCode,
    said,
    summary: readFileSync(place("summary"), "utf8"),
    outputs: outputsIn(readFileSync(place("output"), "utf8")),
  };
}

function spawned(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
  cancelled?: Promise<unknown>,
) {
  return new Promise<{ readonly exitCode: number; readonly said: string }>((done) => {
    const child = spawn("bash", args, { env, cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000, detached: true });
    void cancelled?.then(() => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
      });
    child.on("close", (code) => done({ exitCode: code ?? 128, said }));
  });
}

function outputsIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no output: ${line}`);
      return [name, value];
    }),
  );
}

interface StoodIn {
  readonly isWell: boolean;
  readonly said: string;
  readonly outputs: Readonly<Record<string, string>>;
}

function standIn(action: string, given: Readonly<Record<string, string>>, { world, permissions }: Running): StoodIn {
  if (!Object.hasOwn(STAND_INS, action)) throw new Error(`nothing stands in for ${action}`);
  if (action === "aws-actions/configure-aws-credentials") {
    const isAllowed = permissions["id-token"] === "write" && Boolean(given["role-to-assume"] && given["aws-region"]);
    return world.aws !== null && isAllowed
      ? WELL
      : { isWell: false, said: "Error: Could not assume role with OIDC\n", outputs: {} };
  }
  if (action === "actions/cache") return { ...WELL, said: `Cache not found for input keys: ${given["key"]}\n` };
  if (action === "actions/upload-artifact") return upload(given, world);
  if (action === "actions/download-artifact") {
    const from = join(world.folder, "artifacts", given["name"] ?? "");
    if (!existsSync(from)) return { isWell: false, said: "Error: Artifact not found\n", outputs: {} };
    cpSync(from, resolve(workspaceOf(world), given["path"] ?? "."), { recursive: true });
  }
  return WELL;
}

const WELL: StoodIn = { isWell: true, said: "", outputs: {} };

function upload(given: Readonly<Record<string, string>>, world: World): StoodIn {
  const paths = globSync(resolve(workspaceOf(world), given["path"] ?? ""));
  if (paths.length === 0)
    return { isWell: given["if-no-files-found"] !== "error", said: "No files were found\n", outputs: {} };
  const to = join(world.folder, "artifacts", given["name"] ?? "");
  mkdirSync(to, { recursive: true });
  const isFolder = (given["path"] ?? "").endsWith("/");
  for (const path of paths)
    cpSync(path, isFolder && paths.length === 1 ? to : join(to, basename(path)), { recursive: true });
  return { isWell: true, said: "", outputs: { "artifact-id": "1" } };
}

function filled(values: Readonly<Record<string, Value>>, scope: Scope): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, interpolate(String(value), scope)]));
}

function contextsOf({ vars, secrets, inputs, isFork = false, ...world }: World): Contexts {
  return {
    vars,
    secrets,
    inputs,
    runner: { os: "Linux", arch: "X64", temp: tempOf(world) },
    github: {
      event: { repository: { fork: isFork } },
      token: GITHUB_SANDBOX.token,
      run_attempt: 1,
      ref: "refs/heads/main",
    },
  };
}

function needsOf(needs: Readonly<Record<string, JobRun>>): Contexts {
  return Object.fromEntries(Object.entries(needs).map(([name, { result, outputs }]) => [name, { result, outputs }]));
}

/** What the runner gives to every step, as far as anything of ours asks for it. */
function baseEnv(world: World): Readonly<Record<string, string>> {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: join(world.folder, "home"),
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTOR: "anna",
    GITHUB_WORKSPACE: workspaceOf(world),
    RUNNER_TEMP: tempOf(world),
    NODE_COMPILE_CACHE: join(tmpdir(), "litally-ops-compiled"), // to strip types takes longer than all the rest
    ...world.env,
  };
}

export function workspaceOf({ folder }: Pick<World, "folder">): string {
  return join(folder, "workspace");
}

function tempOf({ folder }: Pick<World, "folder">): string {
  return join(folder, "temp");
}
