/**
 * `node pipe.mjs <bundle> push <source> <sink> <part bytes>`: the pipe alone, in a process whose memory the operating system measures. Prints what came of it.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [, , bundle, operation, source, s3, sizeText] = process.argv;
const { connectTransfer } = createRequire(join(bundle, "x.js"))("./transfer.js");
const transfer = connectTransfer({
  settings: async () => ({
    region: "ap-south-1",
    endpoint: s3,
    forcePathStyle: true,
    credentials: { accessKeyId: "AKIABENCH", secretAccessKey: "bench" },
  }),
  accountId: "111122223333",
  env: {},
  clock: { now: () => new Date(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  signal: new AbortController().signal,
  ...(process.env.LIMITS ? { limits: JSON.parse(process.env.LIMITS) } : {}),
});
const PART = 8 * 1024 * 1024;
const started = performance.now();
let result;
if (operation === "push") {
  const identity = await transfer.inspect({ url: source });
  const partSizeBytes = Number(sizeText ?? PART);
  const upload = { bucket: "b", key: "k", uploadId: "u" };
  result = await transfer.push({
    source: { url: source },
    identity,
    upload,
    partSizeBytes,
    present: [],
    onProgress() {},
  });
  result = { ...result, parts: result.parts.length, sizeBytes: identity.lengthBytes };
} else {
  const sizeBytes = Number(sizeText);
  result = await transfer.hash({ from: { bucket: "b", key: "k" }, sizeBytes, partSizeBytes: PART, onProgress() {} });
  result = { sha256: result.sha256, sizeBytes };
}
const ms = performance.now() - started;
await transfer.close();
const peakMiB = Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024);
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({
    ...result,
    ms,
    mbPerSecond: Math.round(result.sizeBytes / 1000 / ms),
    peakMiB,
    cpuS: (user + system) / 1e6,
  }),
);
