/** npm run bench: counts of API calls and memory, and start-up as a ratio to bare node, all in one run. Times of different machines do not compare; ratios and counts do. */
import { installed, interleave, measure, policyWith, serve, succeed, TOOL, untilFirstByte } from "./tool.mjs";

const ROUNDS = 25;
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

console.log(`\nstart-up, ${ROUNDS} interleaved rounds; the server is a process of its own\n`);
const policy = policyWith(1);
const { env, stop } = await serve(policy);
const node = (...args) => succeed(process.execPath, args, env);
const verify = ["backup", "verify", "--config", policy];
const peers = [
  ["aws", "--version"],
  ["rclone", "version"],
  ["s3cmd", "--version"],
];
const commands = [
  { name: "node -e 0", run: () => node("-e", "0") },
  { name: "litally-ops --version", run: () => node(TOOL, "--version") },
  { name: "litally-ops --help", run: () => node(TOOL, "--help") },
  { name: "litally-ops config check", run: () => node(TOOL, "config", "check", "--config", policy) },
  { name: "backup verify, to its first request", run: () => untilFirstByte(verify, env) },
  { name: "backup verify, whole", run: () => node(TOOL, ...verify) },
  { name: "backup verify --sandbox, whole", run: () => node(TOOL, ...verify, "--sandbox") },
  ...peers
    .filter(([command]) => installed(command))
    .map(([command, arg]) => ({ name: `${command} ${arg}`, run: () => succeed(command, [arg], process.env) })),
];
const times = await interleave(commands, ROUNDS);
await stop();
const bare = times.get("node -e 0");
console.log(`${"".padEnd(38)}median ms  least ms  CPU ms  median x  least x  CPU x`);
for (const [name, { median, least, cpuMs }] of times) {
  const cells = [
    median.toFixed(0).padStart(9),
    least.toFixed(0).padStart(8),
    cpuMs.toFixed(0).padStart(6),
    (median / bare.median).toFixed(2).padStart(8),
    (least / bare.least).toFixed(2).padStart(7),
    (cpuMs / bare.cpuMs).toFixed(2).padStart(5),
  ];
  console.log(`${name.padEnd(38)}${cells.join("  ")}`);
}
const missing = peers.filter(([command]) => !installed(command)).map(([command]) => command);
if (missing.length > 0) console.log(`\nnot installed here, so not measured: ${missing.join(", ")}`);
