/** Runs commands in this process against a sandbox world, with the real adapter over real HTTP; waiting puts the world's clock forward. */

import { basename, join } from "node:path";
import { afterEach, expect } from "vitest";
import { connectAtlas } from "../../src/adapters/atlas/atlas.ts";
import { files } from "../../src/adapters/files.ts";
import { HTTP_LIMITS } from "../../src/adapters/http/exchange.ts";
import type { CommandSpec } from "../../src/cli/command-spec.ts";
import { COMMANDS } from "../../src/cli/grammar.ts";
import { createRedactor } from "../../src/cli/redact.ts";
import type { Audit, Context } from "../../src/commands/context.ts";
import { OpsError } from "../../src/core/error.ts";
import type { Report } from "../../src/core/report.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { SANDBOX_CREDENTIALS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { awsPorts } from "../../src/wiring/aws.ts";
import { connectGithub } from "../../src/wiring/github.ts";
import { githubOf, serveWorld, worldAws } from "../../src/wiring/sandbox.ts";
import { watchActs } from "./acts.ts";
import { NOBODY } from "./agent.ts";
import { aContext } from "./context.ts";
import { countRequests, type OnSent, type Sent } from "./counter.ts";

/** A thread runs what is built: it could not read what tests read. */
const HASH_THREAD = join(import.meta.dirname, "../../dist/hash-thread.js");

const STARTED_AT = new Date("2026-11-22T02:00:00Z");

export const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
databases:
  - name: core
    cluster: litally-core
    continuousBackup: { window: 7d }
    snapshots:
      - { frequency: daily, retain: 30d }
    copies:
      - { region: ap-southeast-1, frequencies: [daily], oplogs: true }
`;

export interface WorldOptions {
  readonly world?: string;
  readonly policy?: string;
  /** What the policy takes from the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The policy that the world was made for, where it is another. */
  readonly seed?: string;
  readonly faults?: readonly string[];
  /** A world that another run has opened, and closes. */
  readonly at?: Sandbox;
  /** Answers of the person at the terminal, one by one; absent: nobody is there. */
  readonly answers?: string[];
  /** Aborts once so much of the world's time has been waited. */
  readonly abortAfterMs?: number;
  readonly signal?: AbortSignal;
  /** How long the world's time goes on before each answer of the person. */
  readonly thinksMs?: number;
  /** Told of each request before the sandbox is. */
  readonly onSent?: OnSent;
  /** The same of S3. */
  readonly onS3?: OnSent;
  /** The same of the rest of AWS. */
  readonly onAws?: OnSent;
  /** What the policy owes has been archived; absent: nothing has yet. */
  readonly hasArchives?: boolean;
  /** Of each file of a download; absent: as the sandbox has it. */
  readonly downloadSizeBytes?: number;
  /** Variables that GitHub is asked by, in place of the sandbox's. */
  readonly github?: Readonly<Record<string, string>>;
  /** The databases themselves; absent: nobody is to ask for them. */
  readonly mongo?: Context["mongo"];
  /** Keeps the record; absent: it is kept nowhere. */
  readonly audit?: Audit;
  /** How long an answer is waited for, in real time. */
  readonly headersMs?: number;
}

interface WorldCommand {
  readonly input: { parse(value: unknown): unknown };
  readonly run: (input: never, context: Context) => Promise<Report>;
}

export interface WorldRun {
  readonly sandbox: Sandbox;
  /** `POST /api/...` and its like, in order; authentication left out. */
  readonly requests: readonly string[];
  /** Every request that reached the sandbox, answered or not. */
  readonly sent: readonly Sent[];
  /** The same of S3. */
  readonly s3: readonly Sent[];
  /** The same of the rest of AWS. */
  readonly aws: readonly Sent[];
  readonly notes: readonly string[];
  /** What commands are given, for a look at the world itself. */
  readonly context: Context;
  /** The same, for which whatever is asked counts as asked by a command of this name. */
  as(command: string): Context;
  run(command: WorldCommand, input: unknown): Promise<Report>;
  close(): Promise<void>;
}

const OPEN: WorldRun[] = [];
afterEach(async () => {
  for (const world of OPEN.splice(0)) await world.close();
});

/** Ends with the test. */
export async function inWorld(options: WorldOptions = {}): Promise<WorldRun> {
  const world = await openWorld(options);
  OPEN.push(world);
  return world;
}

export async function openWorld(options: WorldOptions = {}): Promise<WorldRun> {
  const { world = "healthy", policy = POLICY, faults = [], answers } = options;
  const requests: string[] = [];
  const notes: string[] = [];
  const loaded = parsePolicy(policy, "policy.yaml", options.env ?? {});
  const opened = async () =>
    serveWorld({
      world,
      policy: parsePolicy(options.seed ?? policy, "policy.yaml", options.env ?? {}).policy,
      faults,
      startAt: STARTED_AT,
      elapsedMs: () => 0,
      hasNoArchives: options.hasArchives !== true,
      ...(options.downloadSizeBytes === undefined ? {} : { downloadSizeBytes: options.downloadSizeBytes }),
      log: (line) => void requests.push(line),
    });
  const sandbox = options.at ?? (await opened());
  const watched = watchActs(options.audit);
  const counter = await countRequests(sandbox.url, watched.hear(options.onSent));
  const s3Counter = await countRequests(sandbox.s3Url, watched.hear(options.onS3));
  const awsCounter = await countRequests(sandbox.url, watched.hear(options.onAws));
  const closers: (() => void | Promise<void>)[] = [];
  const aborting = new AbortController();
  const signal = options.signal === undefined ? aborting.signal : AbortSignal.any([aborting.signal, options.signal]);
  let waitedMs = 0;
  const clock = {
    now: sandbox.now,
    sleep: async (ms: number) => {
      waitedMs += ms;
      sandbox.advance(ms);
      if (options.abortAfterMs !== undefined && waitedMs >= options.abortAfterMs) aborting.abort();
      if (signal.aborted) throw new OpsError("aborted", "stopped while waiting");
    },
  };
  const connect = (asking: AbortSignal, by: typeof NOBODY) => {
    const connected = connectAtlas({
      baseUrl: new URL(counter.url),
      limits: { ...HTTP_LIMITS, headersMs: options.headersMs ?? HTTP_LIMITS.headersMs },
      credentials: { kind: "api-key", ...SANDBOX_CREDENTIALS },
      env: {},
      clock,
      signal: asking,
      budgetMs: 60_000,
      log: () => {},
      tokenCacheDir: "/nonexistent",
      userAgent: `litally-ops/${by.version} (${by.command})`,
      secrets: { add: () => {}, apply: (text) => text },
    });
    closers.push(() => connected.close());
    return connected;
  };
  const ending = new AbortController().signal;
  const awsUntil = (stop: AbortSignal, by: typeof NOBODY) =>
    awsPorts({
      by,
      signal: stop,
      clock,
      place: async () => ({
        env: {},
        policy: async () => loaded,
        aws: { ...worldAws(sandbox.url), endpoint: awsCounter.url, s3Endpoint: s3Counter.url },
      }),
      opened: (port) => closers.push(() => port.close()),
      hashThread: HASH_THREAD,
    });
  const words = Array.from({ length: 99 }, (_, index) => `word${index}`);
  const portsFor = (command: string) => {
    const by = { ...NOBODY, command };
    const [atlas, closing] = [connect(signal, by), connect(ending, by)];
    return {
      atlas: async () => atlas,
      github: async (repository: string | undefined) => {
        const env = { ...githubOf(counter.url), ...options.github };
        const opening = { env, clock, signal, command, log: () => {}, secrets: createRedactor() };
        const github = await connectGithub({ ...opening, machine: { toolVersion: by.version } }, repository);
        closers.push(() => github.close());
        return github;
      },
      closing: () => ({ ...awsUntil(ending, by), atlas: async () => closing, signal: ending }),
      ...awsUntil(signal, by),
    };
  };
  const portsOf = new Map<string, ReturnType<typeof portsFor>>();
  const context = aContext(sandbox.url, {
    clock,
    signal,
    progress: { phase: () => {}, waiting: (text) => void notes.push(text), note: (text) => void notes.push(text) },
    operator: {
      ask: async () => {
        sandbox.advance(options.thinksMs ?? 0);
        return answers?.shift() ?? null;
      },
    },
    uniqueWord: () => words.shift() ?? "word",
    policy: async () => loaded,
    ...portsFor(NOBODY.command),
    files,
    audit: watched.audit,
    ...(options.mongo === undefined ? {} : { mongo: options.mongo }),
  });
  const as = (command: string): Context => {
    const ports = portsOf.get(command) ?? portsFor(command);
    portsOf.set(command, ports);
    return { ...context, ...ports };
  };
  return {
    sandbox,
    requests,
    sent: counter.sent,
    s3: s3Counter.sent,
    aws: awsCounter.sent,
    context,
    notes,
    as,
    run: async (command, input) => {
      const own = as(await nameOf(command));
      const parsed = command.input.parse(input) as never; // the module's own schema has just made its own input type
      return watched.during(() => command.run(parsed, own));
    },
    close: async () => {
      for (const close of closers) await close();
      await counter.close();
      await s3Counter.close();
      await awsCounter.close();
      if (options.at === undefined) await sandbox.close();
      expect(watched.unrecorded, "requests that change something, and no act on record").toEqual([]);
    },
  };
}

/** The command whose module this is: it goes by that name. Those that the file of the test is called after are looked at first. */
async function nameOf(command: WorldCommand): Promise<string> {
  const file = basename(expect.getState().testPath ?? "");
  const nounOf = ({ name }: CommandSpec) => name.split(" ")[0] ?? "";
  const likely = COMMANDS.toSorted((a, b) => Number(file.startsWith(nounOf(b))) - Number(file.startsWith(nounOf(a))));
  for (const spec of likely) if ((await spec.load()).input === command.input) return spec.name;
  return NOBODY.command;
}
