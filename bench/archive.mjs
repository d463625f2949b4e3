/**
 * npm run bench, or alone `node bench/archive.mjs [MiB] [rounds]`: a gzipped tar of incompressible bytes from an HTTP source
 * into an S3 that throws it away, side by side with the programs that people use for it. The pipe hashes every byte twice
 * (its part's SHA-256, which S3 verifies, and that of the whole) and follows gzip and tar; the others do what they do.
 * Rates of different machines do not compare; ratios of one run do.
 */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { installed, scratch } from "./tool.mjs";

const [sizeMiB = 2048, rounds = 3] = process.argv.slice(2).map(Number);
const HERE = import.meta.dirname;
const KEYS = { AWS_ACCESS_KEY_ID: "AKIABENCH", AWS_SECRET_ACCESS_KEY: "bench", AWS_DEFAULT_REGION: "ap-south-1" };

if (!installed("/usr/bin/time") || !installed("curl")) throw new Error("this needs curl and /usr/bin/time");
await build({
  cwd: join(HERE, ".."),
  input: { transfer: "src/adapters/transfer/transfer.ts", "hash-thread": "src/adapters/transfer/hash-thread.ts" },
  platform: "node",
  resolve: { mainFields: ["module", "main"] },
  output: { dir: join(scratch, "pipe"), format: "cjs", dynamicImportInCjs: false, chunkFileNames: "[name].js" },
  logLevel: "silent",
});
const servers = [];
process.on("exit", () => servers.forEach((server) => void server.kill()));

const source = await serve("source.mjs", sizeMiB);
const sink = await serve("sink.mjs");
const ours = (...words) => [process.execPath, join(HERE, "pipe.mjs"), join(scratch, "pipe"), ...words];
const library = (how) => [process.execPath, join(HERE, "lib-storage.mjs"), source.url, sink.url, how];
const aws = ["aws", "s3", "cp", "-", "s3://b/k", "--endpoint-url", sink.url];
const remote = `:s3,provider=Other,env_auth=true,region=ap-south-1,endpoint='${sink.url}':b/k`;
const rclone = ["rclone", "rcat", "--s3-no-check-bucket", "--s3-no-head", remote];
const curl = [
  "curl",
  "-sf",
  "-T",
  "-",
  "-H",
  `Content-Length: ${source.sizeBytes}`,
  "-H",
  "Transfer-Encoding:",
  "-H",
  "Expect:",
];
const FLOOR = "curl | curl: no hash";
const OURS = "litally-ops: SHA-256 twice, gzip, tar";

const runs = [
  { name: FLOOR, command: [...curl, `${sink.url}/b/k?partNumber=1&uploadId=u`], isFed: true },
  { name: OURS, command: ours("push", source.url, sink.url) },
  { name: "lib-storage, as shipped", command: library("as-shipped") },
  { name: "lib-storage, 16 MiB x 4", command: library("tuned") },
  { name: "curl | aws s3 cp -", command: aws, isFed: true },
  { name: "curl | rclone rcat", command: rclone, isFed: true },
  { name: "litally-ops: reading, SHA-256 twice", command: ours("hash", source.origin, source.sizeBytes) },
].filter(({ command: [program] }) => installed(program));

console.log(`${sizeMiB} MiB, ${rounds} interleaved rounds\n`);
const results = new Map(runs.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const { name, command, isFed = false } of runs) results.get(name).push(measure(command, isFed));
}
const floorMs = median(results.get(FLOOR).map(({ ms }) => ms));
console.log(`${"".padEnd(40)}median MB/s   best  of the floor  peak MiB  CPU s`);
for (const [name, samples] of results) {
  const ms = median(samples.map((sample) => sample.ms));
  const cells = [
    (source.sizeBytes / 1000 / ms).toFixed(0).padStart(11),
    (source.sizeBytes / 1000 / Math.min(...samples.map((sample) => sample.ms))).toFixed(0).padStart(5),
    (floorMs / ms).toFixed(2).padStart(12),
    String(Math.max(...samples.map((sample) => sample.peakMiB))).padStart(8),
    median(samples.map((sample) => sample.cpuS))
      .toFixed(1)
      .padStart(5),
  ];
  console.log(`${name.padEnd(40)}${cells.join("  ")}`);
}

console.log(
  "\nMemory by the length of the body, the size of its parts and their number (1 TiB has 10,000 of 105 MiB)\n",
);
for (const [mib, partBytes] of [
  [256, 8 * 2 ** 20],
  [1024, 8 * 2 ** 20],
  [4096, 105 * 2 ** 20],
  [4096, 2 ** 30],
  [1024, Math.ceil((1025 * 2 ** 20) / 10_000)],
]) {
  const body = await serve("source.mjs", mib);
  const { peakMiB } = measure(ours("push", body.url, sink.url, partBytes), false);
  const parts = Math.ceil(body.sizeBytes / partBytes);
  console.log(
    `${String(mib).padStart(5)} MiB in ${String(parts).padStart(5)} parts of ${partBytes} bytes: ${peakMiB} MiB`,
  );
}
servers.forEach((server) => void server.kill());

/** Runs to its end, with the source on its input where it is fed; `time` asks the operating system for the peak of its memory. */
function measure(command, isFed) {
  const report = join(scratch, "time");
  const timed = ["/usr/bin/time", "-o", report, "-f", "%M %U %S", ...command];
  const from = performance.now();
  const script = isFed ? 'curl -sf "$0" | "$@"' : '"$@"';
  const { AWS_CA_BUNDLE: _, ...rest } = process.env; // nothing here is secured, and rclone stumbles over it
  const env = { ...rest, ...KEYS };
  const { status, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", script, source.url, ...timed], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    env,
  });
  const ms = performance.now() - from;
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}\n${stderr}`);
  const [peakKiB, user, system] = readFileSync(report, "utf8").trim().split(/\s+/).map(Number);
  return { ms, peakMiB: Math.round(peakKiB / 1024), cpuS: user + system };
}

async function serve(script, ...words) {
  const server = spawn(process.execPath, [join(HERE, script), ...words.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  servers.push(server);
  const said = JSON.parse(await new Promise((resolve) => server.stdout.once("data", resolve)));
  const origin = `http://127.0.0.1:${said.port}`;
  return { ...said, origin, url: script === "source.mjs" ? `${origin}/archive.tar.gz` : origin };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
