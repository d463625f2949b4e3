/** Runs the command line in this process, with everything around it made by hand: streams, variables, clock. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Host, Session } from "../../src/cli/host.ts";
import { runCli } from "../../src/cli/run.ts";
import type { Clock } from "../../src/core/clock.ts";
import { openSession } from "../../src/wiring/session.ts";

export const NOW = new Date("2026-11-22T02:00:00Z");
const VERSION = "1.2.3";
/** A thread runs what is built: it could not read what tests read. */
const HASH_THREAD = join(import.meta.dirname, "../../dist/hash-thread.js");

const STATE = mkdtempSync(join(tmpdir(), "litally-ops-state-"));
afterAll(() => rmSync(STATE, { recursive: true, force: true }));

/** What the policy takes from the environment. */
export const POLICY_VARIABLES = {
  ATLAS_PROJECT_ID: "5a4db0c5a4db0c5a4db0c5a4",
  AWS_ACCOUNT_ID: "111122223333",
  ONCALL_PHONE: "+15555550100",
  PAGERDUTY_INTEGRATION_KEY: "0123456789abcdef0123456789abcdef",
};

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
  /** In place of one that stands at `now` and never waits. */
  readonly clock?: Clock;
  readonly interrupted?: AbortSignal;
  readonly after?: (ms: number) => AbortSignal;
  readonly append?: Host["append"];
  /** In place of one that writes into `Ran.reports`. */
  readonly reportFile?: Host["reportFile"];
  /** Whether what was written to stdout got anywhere; absent: it did. */
  readonly isOut?: boolean;
  /** Columns of a terminal that stdout is; absent: stdout is no terminal. */
  readonly columns?: number;
  readonly open?: (open: Session) => Session;
  /** Where the record of acts is kept; absent: in a folder of these tests. */
  readonly stateDir?: string;
  /** What the person at the terminal types, line by line; absent: nobody is there. */
  readonly answers?: readonly string[];
}

export interface Ran {
  readonly stdout: string;
  /** What was sent to stdout as bytes, apart from any text. */
  readonly bytes: Buffer;
  readonly stderr: string;
  readonly exitCode: number;
  /** What was appended to files, by path. */
  readonly appended: ReadonlyMap<string, string>;
  /** What was written into files of `--report`, by path. */
  readonly reports: ReadonlyMap<string, string>;
}

export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { env = {}, now = () => NOW, columns = null, open = (session) => session } = options;
  const answers = [...(options.answers ?? [])];
  const written = { stdout: "", stderr: "" };
  const bytes: Buffer[] = [];
  const appended = new Map<string, string>();
  const reports = new Map<string, string>();
  const machine = {
    env,
    nodeVersion: "v24.0.0",
    userAtMachine: () => "anna@build-7",
    minimumNodeMajor: 24,
    toolVersion: VERSION,
    cacheDir: "/nonexistent",
    stateDir: options.stateDir ?? STATE,
    packagedPolicyFile: "/nonexistent/litally-ops.yaml",
    elapsedMs: () => 0,
    uniqueWord: () => "0a1b2c3d4e5f",
    hashThread: HASH_THREAD,
  };
  const { clock = { now, sleep: () => Promise.resolve() } } = options;
  const exitCode = await runCli({
    argv,
    env,
    stdout: {
      write: (text) => {
        written.stdout += text;
      },
      isTerminal: columns !== null,
      columns,
    },
    stderr: {
      write: (text) => {
        written.stderr += text;
      },
      isTerminal: false,
      columns: null,
    },
    writeBytes: async (chunk) => void bytes.push(Buffer.from(chunk)),
    isOut: async () => options.isOut ?? true,
    version: VERSION,
    interrupted: options.interrupted ?? new AbortController().signal,
    now,
    reportFile:
      options.reportFile ?? (async (path) => ({ at: path, write: async (text) => void reports.set(path, text) })),
    after: options.after ?? (() => new AbortController().signal),
    ask:
      options.answers === undefined
        ? null
        : async (question) => {
            written.stderr += question;
            return answers.shift() ?? null;
          },
    append:
      options.append ??
      (async (path, text) => {
        appended.set(path, (appended.get(path) ?? "") + text);
      }),
    open: async (request) => open(openSession(machine, request, clock)),
  });
  return { ...written, bytes: Buffer.concat(bytes), exitCode, appended, reports };
}

/** The last line that a run said, wherever the verdict of such a run belongs. */
export function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
