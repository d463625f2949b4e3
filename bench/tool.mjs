/** The built command as benchmarks run it: against a sandbox of its own process, with counts taken from outside. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const TOOL = join(ROOT, "bin/litally-ops.js");
export const scratch = mkdtempSync(join(tmpdir(), "litally-ops-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** A policy with so many databases, each as LiTally's own. */
export function policyWith(databases) {
  const file = join(scratch, `policy-${databases}.yaml`);
  const entries = Array.from(
    { length: databases },
    (_, index) => `  - name: db${index}
    cluster: cluster-${index}
    continuousBackup: { window: 7d }
    snapshots: [{ frequency: daily, retain: 30d }]
    copies: [{ region: ap-southeast-1, frequencies: [daily], oplogs: true }]
`,
  );
  writeFileSync(
    file,
    `version: 1\nenvironment: bench\natlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }\ndatabases:\n${entries.join("")}`,
  );
  return file;
}

/** Serves a healthy world for a policy; gives the environment that points at it, and `stop`. */
export async function serve(policy) {
  const child = spawn(process.execPath, [TOOL, "sandbox", "up", "--port", "0", "--config", policy], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  await new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`the sandbox ended: ${said}`)));
    child.stderr.on("data", (data) => {
      said += data;
      if (said.includes("then: ")) resolve(undefined);
    });
  });
  const env = { ...process.env, XDG_CACHE_HOME: scratch };
  for (const [, name, value] of said.matchAll(/^export (\w+)='([^']*)'$/gm)) env[name] = value;
  delete env.LITALLY_OPS_SANDBOX; // its clock is ours: nothing was advanced
  const stop = () => new Promise((resolve) => child.once("exit", resolve) && child.kill("SIGINT"));
  return { env, stop };
}

/** One measured run: exit code, requests by what the debug log says, peak memory in MiB, milliseconds. */
export function measure(args, env) {
  const file = join(scratch, "peak");
  const from = process.hrtime.bigint();
  const result = spawnSync(
    process.execPath,
    ["--require", join(ROOT, "bench/peak-memory.cjs"), TOOL, ...args, "--debug"],
    {
      cwd: ROOT,
      env: { ...env, PEAK_MEMORY_FILE: file },
      encoding: "utf8",
      maxBuffer: 1 << 28,
    },
  );
  const ms = Number(process.hrtime.bigint() - from) / 1e6;
  const requests = result.stderr.match(/^debug: (GET|POST) .*$/gm)?.length ?? 0;
  const challenges = result.stderr.match(/^debug: GET .* 401 /gm)?.length ?? 0;
  return {
    status: result.status,
    requests,
    challenges,
    peakMiB: Math.round(Number(readFileSync(file, "utf8")) / 1024),
    ms,
  };
}

/** Commands run in turn, `rounds` times; per command the median and the least of its milliseconds, and its mean CPU. */
export async function interleave(commands, rounds) {
  const samples = new Map(commands.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of commands) samples.get(name).push(await timed(run));
  }
  return new Map([...samples].map(([name, all]) => [name, summary(all)]));
}

/** `run` may say how long it took; else it is as long as it lasts. */
async function timed(run) {
  const cpuBefore = childrenCpuMs();
  const from = performance.now();
  const ms = (await run()) ?? performance.now() - from;
  return { ms, cpuMs: childrenCpuMs() - cpuBefore };
}

function summary(samples) {
  const sorted = samples.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const cpuMs = samples.reduce((sum, sample) => sum + sample.cpuMs, 0) / samples.length;
  return { median: sorted[Math.floor(sorted.length / 2)], least: sorted[0], cpuMs };
}

/** User and system time of all children that have ended, in steps of 10 ms (man 5 proc_pid_stat); Linux only. */
function childrenCpuMs() {
  if (process.platform !== "linux") return Number.NaN;
  const [, fields] = readFileSync("/proc/self/stat", "utf8").split(") ");
  const [user, system] = fields.split(" ").slice(13, 15);
  return (Number(user) + Number(system)) * 10;
}

/** Runs a program to its end; it must go well. */
export function succeed(command, args, env) {
  const { status } = spawnSync(command, args, { env, stdio: "ignore" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
}

/** Milliseconds from the start of the tool until a server of ours gets its first byte. */
export async function untilFirstByte(args, env) {
  const { promise: firstByteAt, resolve } = Promise.withResolvers();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      resolve(performance.now());
      socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const from = performance.now();
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const child = spawn(process.execPath, [TOOL, ...args], {
    env: { ...env, MONGODB_ATLAS_BASE_URL: baseUrl },
    stdio: "ignore",
  });
  const ended = new Promise((exited) => child.once("exit", exited));
  const ms = (await firstByteAt) - from;
  await ended;
  server.close();
  return ms;
}

export function installed(command) {
  return spawnSync("which", [command]).status === 0;
}
