/** The sandbox in the terms of the rest: its world is made for the policy in force, so that anybody can rehearse their own. */
import { DAY_MS, type Duration, HOUR_MS, longestMs, shortestMs } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import type { SandboxControl } from "../ports/sandbox.ts";
import { PINGS_PREFIX } from "../sandbox/pings.ts";
import {
  AWS_CREDENTIALS,
  type AwsWorld,
  archiveBucket,
  GITHUB_SANDBOX,
  githubUrlOf,
  listWorlds,
  SANDBOX_CREDENTIALS,
  type Sandbox,
  type SandboxSeed,
  type SeedDatabase,
  type SeedSchedules,
  s3UrlOf,
  startSandbox,
} from "../sandbox/sandbox.ts";
import type { ExtraAlarms } from "../sandbox/watch.ts";
import { seedAlerts, seedWatch } from "./sandbox-alarms.ts";
import { seedArchives } from "./sandbox-archives.ts";

const SANDBOX_ACCOUNT = "111122223333";

/** Stand-ins for what LiTally's policy takes from the environment; what is really set there wins. */
export const SANDBOX_VARIABLES: Readonly<Record<string, string>> = {
  ATLAS_PROJECT_ID: "5a4db0c5a4db0c5a4db0c5a4",
  AWS_ACCOUNT_ID: SANDBOX_ACCOUNT,
  ONCALL_PHONE: "+15555550100",
  PAGERDUTY_INTEGRATION_KEY: "0123456789abcdef0123456789abcdef",
};

/** Variable that points a run at the clock of a sandbox served elsewhere on this machine. */
const SANDBOX_URL_VARIABLE = "LITALLY_OPS_SANDBOX";

export interface WorldRequest {
  readonly world: string;
  readonly policy: Policy;
  /** MongoDBs that stand in for clusters; absent: none does. */
  readonly mongo?: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
  /** So many more alarms, whose names begin so and that nobody declared: for tests of scale. */
  readonly extraAlarms?: Pick<ExtraAlarms, "count" | "prefix">;
  /** Nothing has been archived yet; absent: all that is owed has. */
  readonly hasNoArchives?: boolean;
  /** Of each file of a download; absent: as the sandbox has it. */
  readonly downloadSizeBytes?: number;
  readonly port?: number;
  readonly stateFile?: string;
  readonly startAt: Date;
  readonly elapsedMs: () => number;
  readonly log: (line: string) => void;
}

export function serveWorld(world: WorldRequest): Promise<Sandbox> {
  const { policy, mongo = {}, hasNoArchives, extraAlarms, ...request } = world;
  const stored = () => ({ objects: seedArchives(policy, request.startAt), uploads: [] });
  const aws = { ...awsOf(policy, request.startAt, extraAlarms), ...(hasNoArchives === true ? {} : { stored }) };
  const schedules = schedulesOf(policy);
  const seed = { ...seedOf(policy), ...seedAlerts(policy, request.startAt), mongo };
  return startSandbox({ ...request, seed, aws, schedules });
}

/** The `sandbox` commands' view; `serve` is given what only the run knows. */
export function sandboxControl(serve: SandboxControl["serve"]): SandboxControl {
  return { worlds: listWorlds, variables, serve };
}

export function variables(url: string): Readonly<Record<string, string>> {
  return {
    MONGODB_ATLAS_BASE_URL: url,
    MONGODB_ATLAS_PUBLIC_API_KEY: SANDBOX_CREDENTIALS.publicKey,
    MONGODB_ATLAS_PRIVATE_API_KEY: SANDBOX_CREDENTIALS.privateKey,
    MONGODB_ATLAS_CLIENT_ID: "", // empty counts as not set: a service account would win over the key
    MONGODB_ATLAS_CLIENT_SECRET: "",
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_S3: s3UrlOf(url),
    AWS_ACCESS_KEY_ID: AWS_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: AWS_CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: "",
    AWS_PROFILE: "", // a profile would outrank the keys
    ...SANDBOX_VARIABLES,
    [SANDBOX_URL_VARIABLE]: url,
  };
}

/** Where the AWS of a world is, and who is known there. */
export function worldAws(url: string): {
  readonly endpoint: string;
  readonly s3Endpoint: string;
  readonly credentials: typeof AWS_CREDENTIALS;
} {
  return { endpoint: url, s3Endpoint: s3UrlOf(url), credentials: AWS_CREDENTIALS };
}

/** Where a world takes pings. */
export function pingsOf(url: string): string {
  return `${url}${PINGS_PREFIX}`;
}

/** The GitHub of a world, whatever else is configured: a job's own GITHUB_API_URL and token lead to the real one. */
export function githubOf(url: string): Readonly<Record<string, string>> {
  return {
    GITHUB_API_URL: githubUrlOf(url),
    GITHUB_TOKEN: GITHUB_SANDBOX.token,
    GITHUB_REPOSITORY: GITHUB_SANDBOX.repository,
  };
}

interface ServedWorld {
  readonly world: string;
  /** How far its clock is ahead of ours. */
  readonly offsetMs: number;
}

/**
 * The sandbox that the environment names, asked for its world and its clock. Its clock must judge nothing but itself, and what is
 * asked of AWS must be asked of it too: OpsError `config` when the variables disagree.
 */
export async function servedWorld(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  now: () => Date,
): Promise<ServedWorld> {
  const port = /^http:\/\/127\.0\.0\.1:(\d+)$/.exec(url)?.[1];
  if (port === undefined) {
    throw new OpsError("config", `${SANDBOX_URL_VARIABLE} is not the address of a sandbox`, { hint: PRACTISE_OR_NOT });
  }
  const places = { MONGODB_ATLAS_BASE_URL: url, AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_S3: s3UrlOf(url) };
  for (const [name, place] of Object.entries(places)) {
    if (originOf(env[name]) === place) continue;
    const stated = env[name] ? `is ${env[name]}` : "is not set";
    throw new OpsError("config", `${SANDBOX_URL_VARIABLE} is ${url}, but ${name} ${stated}`, { hint: PRACTISE_OR_NOT });
  }
  try {
    const response = await fetch(`${url}/sandbox/clock`, { signal: AbortSignal.timeout(SANDBOX_CLOCK_TIMEOUT_MS) });
    // our own sandbox, or whatever else listens there; looked at below
    const { now: at, world } = (await response.json()) as { readonly now?: unknown; readonly world?: unknown };
    const atMs = Date.parse(String(at));
    if (!response.ok || Number.isNaN(atMs)) throw new Error("no clock in the answer");
    if (typeof world !== "string" || !/^[a-z0-9-]+$/.test(world)) throw new Error("no world in the answer");
    return { world, offsetMs: atMs - now().getTime() };
  } catch (cause) {
    throw new OpsError("unavailable", `no sandbox answers at ${url}`, {
      cause,
      hint: `start it: litally-ops sandbox up --port ${port}; or leave it: ${LEAVE}`,
    });
  }
}

const LEAVE = 'eval "$(litally-ops sandbox env --unset)"';
const PRACTISE_OR_NOT = `to practise: eval "$(litally-ops sandbox env)"; to work on your accounts: ${LEAVE}`;

function originOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}

const SANDBOX_CLOCK_TIMEOUT_MS = 2000;

/** Variable that names a MongoDB of this machine for clusters of the sandbox, so that restored data can be looked at. */
const MONGO_VARIABLE = "LITALLY_OPS_SANDBOX_MONGO";

/**
 * What it says, `litally-drill=127.0.0.1:27018,litally-core=127.0.0.1:27017`, by cluster. OpsError `config` where it
 * cannot be read, or names another machine than this one.
 */
export function mongoStandIns(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const text = env[MONGO_VARIABLE] ?? "";
  if (text === "") return {};
  const entries = text.split(",").map((part) => /^([A-Za-z0-9-]+)=(127\.0\.0\.1:\d{1,5})$/.exec(part));
  return Object.fromEntries(
    entries.map((entry) => {
      const [, cluster, host] = entry ?? [];
      if (cluster !== undefined && host !== undefined) return [cluster, host];
      throw new OpsError("config", `${MONGO_VARIABLE} cannot be read, or names another machine than this one`, {
        hint: "write cluster=127.0.0.1:27018, and commas between several",
      });
    }),
  );
}

function seedOf(policy: Policy): SandboxSeed {
  return { projectId: policy.atlas.projectId, databases: policy.databases.map(seedDatabase) };
}

/** In the repository of the policy, or else in one of the sandbox's own. */
function schedulesOf({ environment, heartbeat }: Policy): SeedSchedules {
  const all = (heartbeat?.schedules ?? []).map(({ command, every, grace, workflow = null }) => {
    return { command, everyMs: shortestMs(every), graceMs: longestMs(grace), workflow };
  });
  return { environment, repository: heartbeat?.repository ?? GITHUB_SANDBOX.repository, all };
}

/** The account of the policy, with everything that the policy names, and nothing refused. */
function awsOf(policy: Policy, now: Date, extraAlarms: WorldRequest["extraAlarms"]): AwsWorld {
  const { aws, archives, auditLog } = policy;
  const accountId = aws?.accountId ?? SANDBOX_ACCOUNT;
  const region = aws?.region ?? "ap-south-1";
  const buckets = new Set([...archives, ...(auditLog === undefined ? [] : [auditLog])].map(({ bucket }) => bucket));
  return {
    accountId,
    region,
    buckets: [...buckets].map((bucket) => archiveBucket(bucket, region)),
    ...seedWatch({ policy, home: { partition: "aws", accountId, region }, now, extraAlarms }),
    denied: [],
  };
}

function seedDatabase({
  cluster,
  continuousBackup,
  snapshots,
  copies,
  encryption,
  drill,
}: DatabasePolicy): SeedDatabase {
  return {
    cluster,
    continuousWindowDays:
      continuousBackup === undefined ? null : Math.ceil(longestMs(continuousBackup.window) / DAY_MS),
    snapshots: snapshots.map(({ frequency, retain, every }) => ({
      frequency,
      ...seedRetention(retain),
      ...(every === undefined ? {} : { everyHours: shortestMs(every) / HOUR_MS }),
    })),
    copies: copies.map(({ region, frequencies, oplogs }) => ({ region, frequencies, oplogs })),
    masterKeys: encryption?.masterKeys ?? [],
    ...(drill === undefined ? {} : { drillTarget: drill.target }),
  };
}

function seedRetention(retain: Duration): {
  readonly retentionValue: number;
  readonly retentionUnit: "days" | "weeks" | "months" | "years";
} {
  const units = { w: "weeks", mo: "months", y: "years" } as const;
  if (retain.unit === "w" || retain.unit === "mo" || retain.unit === "y")
    return { retentionValue: retain.value, retentionUnit: units[retain.unit] };
  return { retentionValue: Math.ceil(longestMs(retain) / DAY_MS), retentionUnit: "days" };
}
