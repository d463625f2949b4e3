/** The built command as benchmarks run it: against a sandbox of its own process, with counts taken from outside. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Commands run in turn, `rounds` times; per command the median and the least of its milliseconds. */
export function interleave(commands, rounds) {
  const times = new Map(commands.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of commands) {
      const from = process.hrtime.bigint();
      const status = run();
      if (status !== 0) throw new Error(`${name} ended with ${status}`);
      times.get(name).push(Number(process.hrtime.bigint() - from) / 1e6);
    }
  }
  return new Map([...times].map(([name, all]) => [name, summary(all)]));
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], least: sorted[0] };
}

export function installed(command) {
  return spawnSync("which", [command]).status === 0;
}
