/** What our workflows run in: a sandbox, a workspace with the policy, and the program where the action would have installed it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ObjectId } from "bson";
import { onTestFinished } from "vitest";
import { folderOf } from "../../scripts/action/folder.mts";
import { parsePolicy } from "../../src/policy/load.ts";
import { COLLECTIONS } from "../../src/sandbox/collection-restores.ts";
import { AWS_CREDENTIALS, SANDBOX_CREDENTIALS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { githubOf, pingsOf, SANDBOX_VARIABLES, serveWorld, variables } from "../../src/wiring/sandbox.ts";
import { type JobRun, type World, workspaceOf } from "./jobs.ts";
import { serveMongo } from "./mongo-server.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const OURS = readFileSync(join(ROOT, "config/litally-ops.yaml"), "utf8");

export interface Served {
  readonly world?: string;
  /** Absent: LiTally's own. */
  readonly policy?: string;
  readonly startAt?: Date;
  readonly hasNoArchives?: boolean;
  /** MongoDBs that stand in for clusters. */
  readonly mongo?: Readonly<Record<string, string>>;
  /** Its time stands still, but for who puts it forward; absent: it goes on. */
  readonly isStill?: boolean;
}

/** Ends with the test. */
export async function serveFor({ world = "healthy", policy: text = OURS, ...served }: Served = {}): Promise<Sandbox> {
  const { startAt = new Date("2026-11-22T02:00:00Z"), isStill = false, ...more } = served;
  const startedMs = performance.now();
  const sandbox = await serveWorld({
    ...more,
    ...{ world, startAt, faults: [], log: () => {} },
    policy: parsePolicy(text, "litally-ops.yaml", { ...SANDBOX_VARIABLES, HEARTBEAT_URL: "https://ping.example" })
      .policy,
    elapsedMs: () => (isStill ? 0 : performance.now() - startedMs),
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

interface Given extends Served {
  readonly isTrusted?: boolean;
  readonly isFork?: boolean;
}

/** A job's world, in which the program knows that it rehearses. */
export async function aWorld({ isTrusted = true, isFork = false, ...served }: Given = {}): Promise<World> {
  const sandbox = await serveFor(served);
  return { ...givenTo(sandbox.url, emptyFolder(served.policy)), isFork, aws: isTrusted ? KEYS : null };
}

/** One that the program takes for the accounts: it goes by its own clock, and pings the url that it is given. */
export async function accounts(served: Served = {}): Promise<World & { readonly sandbox: Sandbox }> {
  const sandbox = await serveFor({ ...served, startAt: new Date() });
  const { env, secrets, ...given } = givenTo(sandbox.url, emptyFolder(served.policy));
  const { LITALLY_OPS_SANDBOX: _, ...places } = env;
  const { GITHUB_TOKEN: __, ...github } = githubOf(sandbox.url); // the job has one of its own
  return {
    ...given,
    ...{ sandbox, aws: { ...KEYS, AWS_SESSION_TOKEN: "" }, env: { ...places, ...github } }, // its S3 knows no session
    secrets: { ...secrets, HEARTBEAT_URL: pingsOf(sandbox.url) },
  };
}

/** With what a job starts out, and the policy in it. */
export function emptyFolder(policy?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "litally-ops-jobs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["workspace", "temp", "artifacts", "home"]) mkdirSync(join(folder, name));
  cpSync(join(ROOT, "config"), join(workspaceOf({ folder }), "config"), { recursive: true });
  if (policy !== undefined) writeFileSync(join(workspaceOf({ folder }), "config/litally-ops.yaml"), policy);
  const installed = join(folderOf(join(folder, "temp"), ROOT, null), "node_modules");
  mkdirSync(installed, { recursive: true });
  symlinkSync(ROOT, join(installed, "litally-ops"));
  return folder;
}

export const KEYS = {
  AWS_ACCESS_KEY_ID: AWS_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: AWS_CREDENTIALS.secretAccessKey,
  AWS_SESSION_TOKEN: "canary-of-the-session",
  AWS_REGION: "ap-south-1",
};

/** The workflow alone brings credentials and the policy's variables. */
export function givenTo(url: string, folder: string): Omit<World, "aws"> {
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
    HEARTBEAT_URL: "", // as where nobody has set it
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

/** Two databases that a drill can look at: by cluster, and as the secrets of the workflow name them. */
export async function drilledDatabases(startAt: Date) {
  const names = Object.entries(COLLECTIONS).flatMap(([database, all]) => all.map((name) => `${database}.${name}`));
  const newest = ObjectId.createFromTime(Math.floor(startAt.getTime() / 1000) - 6 * 60);
  const collections = Object.fromEntries(names.map((name) => [name, [{ _id: newest }]]));
  const [target, source] = await Promise.all([serveMongo({ collections }), serveMongo({ collections })]);
  return {
    mongo: { "litally-drill": `127.0.0.1:${target.port}`, "litally-core": `127.0.0.1:${source.port}` },
    uris: { LITALLY_OPS_VERIFY_URI: target.uri, LITALLY_OPS_SOURCE_URI: source.uri },
  };
}

/** What the switch of a world was told, in order: `backup-verify start`. */
export async function heard({ url }: Sandbox): Promise<readonly string[]> {
  const { pings } = (await (await fetch(pingsOf(url))).json()) as { pings: readonly { name: string; says: string }[] }; // the sandbox's own
  return pings.map(({ name, says }) => `${name} ${says}`);
}

export const outcomes = ({ steps }: JobRun) =>
  Object.fromEntries(steps.map(({ name, outcome, exitCode }) => [name, exitCode ?? outcome]));
export const said = ({ steps }: JobRun) => steps.map((step) => step.said).join("");
export const step = (job: JobRun, name: string) => job.steps.find((one) => one.name === name);
