/** The only file that touches the process. */
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { systemClock } from "./adapters/clock.ts";
import type { Sink } from "./cli/host.ts";
import { runCli } from "./cli/run.ts";

const MINIMUM_NODE_MAJOR = 24;
/** 48 bits: no two orders of one cluster ever share them. */
const UNIQUE_CHARS = 12;

function sink(stream: NodeJS.WriteStream): Sink {
  const isTerminal = stream.isTTY === true;
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    columns: isTerminal && stream.columns > 0 ? stream.columns : null, // one that nobody sized says 0
  };
}

function writeBytes(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * The first signal stops what is under way and lets it say so; a second one ends the process as signals do. Until then
 * the listener stays: where it were gone, that of the spinner would find itself alone and end the process at once
 * (https://github.com/tapjs/signal-exit).
 */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const stop = () => {
      if (!controller.signal.aborted) return controller.abort();
      process.off(name, stop);
      process.kill(process.pid, name);
    };
    process.on(name, stop);
  }
  return controller.signal;
}

/**
 * `| head` closes our output: that is the reader's right and no failure of ours. A result that could not be written for
 * another reason must not pass for a verdict. Gives whether all of it is out.
 */
function watchOutput(): () => Promise<boolean> {
  let isLost = false;
  process.stderr.on("error", () => {});
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    isLost = true;
    process.stderr.write(`error: the result could not be written (${code})\nverdict: UNKNOWN - not told (exit 2)\n`);
    process.once("exit", () => {
      process.exitCode = 2;
    });
  });
  // empty text goes out after all before it; the event comes after what is called here
  return () => new Promise((resolve) => process.stdout.write("", () => setImmediate(() => resolve(!isLost))));
}

/** The terminal's own line editing, so that Ctrl-C stays the signal that it is. */
async function ask(question: string, signal: AbortSignal): Promise<string | null> {
  const { createInterface } = await import("node:readline");
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await new Promise((resolve) => {
      lines.once("close", () => resolve(null));
      signal.addEventListener("abort", () => resolve(null), { once: true });
      lines.question(question, resolve);
    });
  } finally {
    lines.close();
  }
}

/** Containers run under numbers that their machine has no name for. */
function user(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

/** Such a user, with no HOME, has none: also for what the AWS SDK looks for there. */
function home(): string {
  try {
    return homedir();
  } catch {
    process.env["HOME"] = "/nonexistent";
    return homedir();
  }
}

function isAttended(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && process.env["CI"] === undefined;
}

async function main(): Promise<void> {
  const isOut = watchOutput();
  const { env } = process;
  process.exitCode = await runCli({
    argv: process.argv.slice(2),
    env,
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    writeBytes,
    isOut,
    version: packageJson.version,
    interrupted: interruption(),
    now: systemClock().now,
    after: (ms) => AbortSignal.timeout(ms),
    ask: isAttended() ? ask : null,
    reportFile: async (path) => (await import("./adapters/report-file.ts")).reportFile(path, env["LITALLY_OPS_CONFIG"]),
    append: async (path, text) => (await import("./adapters/files.ts")).appendFile(path, text),
    open: async (request) => {
      const { openSession } = await import("./wiring/session.ts");
      const machine = {
        env,
        nodeVersion: process.version,
        minimumNodeMajor: MINIMUM_NODE_MAJOR,
        toolVersion: packageJson.version,
        packagedPolicyFile: join(import.meta.dirname, "../config/litally-ops.yaml"),
        cacheDir: join(env["XDG_CACHE_HOME"] || join(home(), ".cache"), "litally-ops"),
        stateDir: join(env["XDG_STATE_HOME"] || join(home(), ".local/state"), "litally-ops"),
        userAtMachine: () => `${user()}@${hostname()}`,
        elapsedMs: () => performance.now(),
        uniqueWord: () => crypto.randomUUID().replaceAll("-", "").slice(0, UNIQUE_CHARS),
      };
      return openSession(machine, request);
    },
  });
}

void main();
