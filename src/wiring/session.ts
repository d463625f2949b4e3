/** The ports of one run: the real adapters, or the same adapters pointed at an embedded world. All of it made when first asked for. */

import { existsSync } from "node:fs";
import { baseUrlFromEnv, type Credentials, credentialsFromEnv } from "../adapters/atlas/credentials.ts";
import { systemClock } from "../adapters/clock.ts";
import { files } from "../adapters/files.ts";
import type { OpenRequest, Session } from "../cli/host.ts";
import type { Closing } from "../commands/context.ts";
import type { Clock } from "../core/clock.ts";
import { MINUTE_MS } from "../core/duration.ts";
import { once } from "../core/once.ts";
import { type Finding, rehearsalOf } from "../core/report.ts";
import type { PolicySource } from "../policy/load.ts";
import type { SandboxOptions, ServedSandbox } from "../ports/sandbox.ts";
import { connectAtlas } from "./atlas.ts";
import { awsPorts, type WorldAws } from "./aws.ts";
import { beatsFor } from "./beats.ts";
import { mongoByRole } from "./mongo.ts";
import { type MovableClock, movableClock } from "./movable-clock.ts";

export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodeVersion: string;
  readonly minimumNodeMajor: number;
  readonly toolVersion: string;
  readonly cacheDir: string;
  /** What outlives a run: the record of what was done. */
  readonly stateDir: string;
  /** LiTally's own policy, as it came with the package: what newcomers rehearse with. */
  readonly packagedPolicyFile: string;
  /** Monotonic milliseconds. */
  readonly elapsedMs: () => number;
  /** `anna@build-7` */
  readonly userAtMachine: () => string;
  /** A word that nobody has used before. */
  readonly uniqueWord: () => string;
  /** See TransferOptions. */
  readonly hashThread?: string;
}

/** For what must be done after a stop: a person waits for it, or a machine that is about to be taken away. */
const CLOSING_MS = 2 * MINUTE_MS;

const DEFAULT_POLICY_FILE = "config/litally-ops.yaml";

/** `system` is the clock that the run starts from; an embedded world, or one served elsewhere, moves it. */
export function openSession(machine: Machine, request: OpenRequest, system: Clock = systemClock()): Session {
  const { env } = machine;
  const { flags, signal, progress } = request;
  const policyFile = flags.config ?? nonEmpty(env["LITALLY_OPS_CONFIG"]) ?? DEFAULT_POLICY_FILE;
  const closers: (() => Promise<void>)[] = [];
  const time = movableClock(system);
  let world: string | undefined;
  const rehearse = (name: string) => {
    world = name;
    progress.note(`warning: ${rehearsalOf(name)}`);
  };
  const opening = { machine, request, policyFile, time, closers, rehearse };
  const place = once(() => findPlace(opening));
  const opened = (port: { close(): void | Promise<void> }) => closers.unshift(async () => port.close());
  const by = { version: machine.toolVersion, command: request.command };
  const debugged = flags.debug ? { log: request.log } : {};
  const connectUntil = (stop: AbortSignal) => ({
    atlas: once(async () => {
      const connected = await connectAtlas({
        ...request,
        machine,
        signal: stop,
        env: (await place()).env,
        clock: time.clock,
      });
      opened(connected);
      return connected;
    }),
    ...awsPorts({
      by,
      signal: stop,
      clock: time.clock,
      place,
      opened,
      hashThread: machine.hashThread,
      ...debugged,
    }),
  });
  let closing: Closing | undefined;
  const beginClosing = () => {
    const ending = AbortSignal.timeout(CLOSING_MS);
    return { ...connectUntil(ending), signal: ending };
  };
  const mongo = mongoByRole({
    env,
    signal,
    isRehearsal: async () => {
      await place();
      return world !== undefined;
    },
    opened,
  });
  const unrecorded: Finding[] = [];
  const session: Session = {
    context: {
      clock: time.clock,
      signal,
      progress,
      operator: request.operator,
      output: request.output,
      uniqueWord: machine.uniqueWord,
      policy: async (...sections) => (await place()).policy(...sections),
      closing: () => {
        closing ??= beginClosing();
        return closing;
      },
      beats: beatsFor({ place, opened, clock: time.clock, by, ...debugged }),
      world: async () => {
        await place();
        return world ?? null;
      },
      ...connectUntil(signal),
      mongo,
      github: async (repository) => {
        const { connectGithub } = await import("./github.ts");
        const { env: at } = await place();
        const connected = await connectGithub({ ...request, machine, env: at, clock: time.clock }, repository);
        opened(connected);
        return connected;
      },
      sandbox: async () => {
        const { sandboxControl, variables } = await import("./sandbox.ts");
        request.secrets.allow(Object.values(variables("")));
        return sandboxControl((options) => serve(opening, options));
      },
      audit: once(async () => {
        const { openAudit } = await import("./audit.ts");
        const found = await place();
        return openAudit({ machine, request, place: found, world, clock: time.clock, opened, unrecorded });
      }),
      files: { ...files, create: (path, text) => files.create(path, request.secrets.apply(text)) },
      sha256: async () => {
        const { createHash } = await import("node:crypto");
        return (bytes) => createHash("sha256").update(bytes).digest();
      },
      machine: {
        whoami: whoami(env, machine.userAtMachine),
        nodeVersion: machine.nodeVersion,
        minimumNodeMajor: machine.minimumNodeMajor,
        toolVersion: machine.toolVersion,
        policyFile,
        atlasCredentials: () =>
          flags.sandbox === undefined ? describe(credentialsFromEnv(env)) : "those of the sandbox",
        atlasBaseUrl: () =>
          flags.sandbox === undefined ? baseUrlFromEnv(env).origin : `the sandbox (${flags.sandbox})`,
      },
    },
    sandbox: () => world,
    unrecorded: () => unrecorded,
    close: async () => {
      for (const close of closers) await close();
    },
  };
  return session;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
function whoami(env: Machine["env"], userAtMachine: () => string): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const isRun = env["GITHUB_ACTIONS"] === "true" && server && repository && run;
  return isRun ? `${server}/${repository}/actions/runs/${run}` : userAtMachine();
}

/** Only for a sandbox, and only where nobody named a file and the usual one is not there, the packaged one serves. */
function rehearsalPolicyFile({ machine, policyFile, request }: Opening): string {
  const { env, packagedPolicyFile } = machine;
  const isNamed = (request.flags.config ?? nonEmpty(env["LITALLY_OPS_CONFIG"])) !== undefined;
  if (isNamed || existsSync(policyFile)) return policyFile;
  request.progress.note(`there is no ${policyFile} here: rehearsing with the policy that came with litally-ops`);
  return packagedPolicyFile;
}

interface Opening {
  readonly machine: Machine;
  readonly request: OpenRequest;
  readonly policyFile: string;
  readonly time: MovableClock;
  readonly closers: (() => Promise<void>)[];
  /** Told once it is clear that a world is asked, and which. */
  readonly rehearse: (world: string) => void;
}

/** Where this run works: the environment it goes by, and the policy read with it. */
interface Place {
  readonly env: Machine["env"];
  readonly policy: PolicySource;
  readonly aws?: WorldAws;
  /** Takes the pings of a rehearsal. */
  readonly pings?: string;
}

async function findPlace(opening: Opening): Promise<Place> {
  const { machine, request, policyFile, time } = opening;
  const world = request.flags.sandbox;
  if (world !== undefined) return embeddedPlace(opening, world);
  const { env } = machine;
  const url = nonEmpty(env["LITALLY_OPS_SANDBOX"]);
  if (url === undefined) return { env, policy: policySource(request, policyFile, env) };
  const { githubOf, pingsOf, servedWorld, worldAws } = await import("./sandbox.ts");
  const served = await servedWorld(url, env, time.clock.now);
  time.moveBy(served.offsetMs);
  opening.rehearse(served.world);
  return {
    env: { ...env, ...githubOf(url) },
    policy: policySource(request, rehearsalPolicyFile(opening), env),
    aws: worldAws(url),
    pings: pingsOf(url),
  };
}

/** A world in this very process, behind a real port: the run goes by its address, its credentials and its clock. */
async function embeddedPlace(opening: Opening, world: string): Promise<Place> {
  const { machine, request, time, closers } = opening;
  const { githubOf, mongoStandIns, pingsOf, SANDBOX_VARIABLES, serveWorld, variables, worldAws } = await import(
    "./sandbox.ts"
  );
  const env = { ...SANDBOX_VARIABLES, ...machine.env };
  const loaded = await policySource(request, rehearsalPolicyFile(opening), env)(...(await allSections()));
  const startedMs = machine.elapsedMs();
  const sandbox = await serveWorld({
    world,
    mongo: mongoStandIns(machine.env),
    policy: loaded.policy,
    faults: request.flags.faults,
    startAt: time.clock.now(),
    elapsedMs: () => machine.elapsedMs() - startedMs,
    log: request.log,
  });
  closers.push(() => sandbox.close());
  time.follow(sandbox);
  opening.rehearse(world);
  const { url } = sandbox;
  return {
    env: { ...machine.env, ...variables(url), ...githubOf(url) },
    policy: async () => loaded,
    aws: worldAws(url),
    pings: pingsOf(url),
  };
}

/** `sandbox up`: the same world, but served for others. */
async function serve(opening: Opening, options: SandboxOptions): Promise<ServedSandbox> {
  const { machine, request, time } = opening;
  const { mongoStandIns, SANDBOX_VARIABLES, serveWorld, variables } = await import("./sandbox.ts");
  // the stand-ins win here: they are what `sandbox env` tells every other shell
  const env = { ...machine.env, ...SANDBOX_VARIABLES };
  const { policy } = await policySource(request, rehearsalPolicyFile(opening), env)(...(await allSections()));
  const startedMs = machine.elapsedMs();
  const sandbox = await serveWorld({
    ...options,
    mongo: mongoStandIns(machine.env),
    policy,
    startAt: time.clock.now(),
    elapsedMs: () => machine.elapsedMs() - startedMs,
    log: request.log,
  });
  return { url: sandbox.url, variables: variables(sandbox.url), close: () => sandbox.close() };
}

/** Without the urls of the heartbeat: a rehearsal pings none. */
async function allSections() {
  return (await import("../policy/load.ts")).SECTIONS;
}

/** The file is read once, so that all parts of a run go by the same. */
function policySource({ secrets }: OpenRequest, file: string, env: Machine["env"]): PolicySource {
  const text = once(async () => (await import("../policy/load.ts")).readPolicyText(file));
  return async (...sections) => {
    const { parsePolicy } = await import("../policy/load.ts");
    const loaded = parsePolicy(await text(), file, env, sections);
    secrets.add(loaded.secrets);
    return loaded;
  };
}

function describe(credentials: Credentials): string {
  return credentials.kind === "api-key" ? "an API key (digest)" : "a service account (OAuth)";
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
