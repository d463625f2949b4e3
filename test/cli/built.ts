/** The program as it is shipped: built into a folder of its own, so that no stale `dist` is ever tested. */
import { execFile, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");
/** Far more than any run takes; a run that hangs is to fail, not to wait. */
const RUN_MAX_MS = 20_000;

export interface Built {
  readonly folder: string;
  readonly bin: string;
  remove(): void;
}

export function build(): Built {
  const folder = mkdtempSync(join(tmpdir(), "litally-ops-built-"));
  const rolldown = join(ROOT, "node_modules/.bin/rolldown");
  execFileSync(rolldown, ["-c", "rolldown.config.ts", "-d", join(folder, "dist")], { cwd: ROOT, stdio: "pipe" });
  for (const name of ["bin", "config", "package.json"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  execFileSync(process.execPath, [join(ROOT, "scripts/precompile.mjs")], { cwd: folder, stdio: "pipe" });
  return {
    folder,
    bin: join(folder, "bin/litally-ops.js"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What they ask of sandboxes is written down, like all that the tests ask. */
const HEARING: Readonly<Record<string, string>> =
  process.env["LITALLY_OPS_TEST_CALLS"] === undefined
    ? {}
    : {
        LITALLY_OPS_TEST_CALLS: process.env["LITALLY_OPS_TEST_CALLS"],
        NODE_OPTIONS: `--require=${join(ROOT, "test/support/hear-calls.cjs")}`,
      };

/** Variables of a user who has none of ours set. */
export function bareEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: tmpdir(),
    XDG_CACHE_HOME: join(tmpdir(), "litally-ops-cache"),
    ...HEARING,
    XDG_STATE_HOME: join(tmpdir(), "litally-ops-state"),
    ...more,
  };
}

export function runFile(file: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  const settings = { cwd: ROOT, env: bareEnv(), timeout: RUN_MAX_MS, ...options };
  return new Promise((resolve) => {
    execFile(file, args, settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      resolve({ exitCode: code, stdout: String(stdout), stderr: String(stderr) });
    });
  });
}

export interface Running {
  /** Resolves with all it said by then; rejects when the process ended before. */
  said(pattern: RegExp): Promise<string>;
  type(keys: string): void;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export function start(bin: string, args: readonly string[], env = bareEnv(), cwd = ROOT): Running {
  return startFile(process.execPath, [bin, ...args], env, cwd);
}

export function startFile(file: string, args: readonly string[], env: Record<string, string>, cwd = ROOT): Running {
  const child = spawn(file, args, { cwd, env, timeout: RUN_MAX_MS });
  const out = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    out.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    out.stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => child.on("close", (exitCode) => resolve({ exitCode, ...out })));
  const said = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const all = out.stdout + out.stderr;
        if (pattern.test(all)) resolve(all);
      };
      for (const stream of [child.stdout, child.stderr]) stream.on("data", look);
      child.on("close", () => reject(new Error(`ended without saying ${pattern}: ${out.stderr}`)));
      look();
    });
  return { said, type: (keys) => void child.stdin.write(keys), signal: (name) => void child.kill(name), ended };
}
