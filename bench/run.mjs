/** npm run bench: counts of API calls and memory, and start-up as a ratio to bare node, all in one run. Times of different machines do not compare; ratios and counts do. */
import { spawnSync } from "node:child_process";
import { installed, interleave, measure, policyWith, serve, TOOL } from "./tool.mjs";

const ROUNDS = 21;
const SIZES = [1, 10, 100, 200];

console.log("backup verify against a sandbox in another process\n");
console.log("databases  requests  of these 401  per database  peak MiB      ms");
for (const databases of SIZES) {
  const policy = policyWith(databases);
  const { env, stop } = await serve(policy);
  measure(["backup", "verify", "--config", policy], env); // warms the compile cache
  const { status, requests, challenges, peakMiB, ms } = measure(["backup", "verify", "--config", policy], env);
  await stop();
  if (status !== 0) throw new Error(`verify of ${databases} databases ended with ${status}`);
  const row = [
    databases,
    requests,
    challenges,
    ((requests - challenges) / databases).toFixed(2),
    peakMiB,
    ms.toFixed(0),
  ];
  console.log(row.map((cell, index) => String(cell).padStart([9, 8, 12, 12, 8, 6][index])).join("  "));
}

console.log(`\nstart-up, ${ROUNDS} interleaved rounds\n`);
const policy = policyWith(1);
const { env, stop } = await serve(policy);
const node =
  (...args) =>
  () =>
    spawnSync(process.execPath, args, { env, stdio: "ignore" }).status;
const peers = [
  ["aws --version", "aws", ["--version"]],
  ["rclone version", "rclone", ["version"]],
  ["s3cmd --version", "s3cmd", ["--version"]],
];
const commands = [
  { name: "node -e 0", run: node("-e", "0") },
  { name: "litally-ops --version", run: node(TOOL, "--version") },
  { name: "litally-ops --help", run: node(TOOL, "--help") },
  { name: "litally-ops config check", run: node(TOOL, "config", "check", "--config", policy) },
  { name: "litally-ops backup verify (loopback)", run: node(TOOL, "backup", "verify", "--config", policy) },
  { name: "litally-ops backup verify --sandbox", run: node(TOOL, "backup", "verify", "--sandbox", "--config", policy) },
  ...peers
    .filter(([, command]) => installed(command))
    .map(([name, command, args]) => ({ name, run: () => spawnSync(command, args, { stdio: "ignore" }).status })),
];
const times = interleave(commands, ROUNDS);
await stop();
const bare = times.get("node -e 0");
console.log(`${"".padEnd(38)}median ms  least ms  ratio of medians  ratio of least`);
for (const [name, { median, least }] of times) {
  const cells = [
    median.toFixed(0).padStart(9),
    least.toFixed(0).padStart(8),
    (median / bare.median).toFixed(2).padStart(16),
    (least / bare.least).toFixed(2).padStart(14),
  ];
  console.log(`${name.padEnd(38)}${cells.join("  ")}`);
}
const missing = peers.filter(([, command]) => !installed(command)).map(([, command]) => command);
if (missing.length > 0) console.log(`\nnot installed here, so not measured: ${missing.join(", ")}`);
