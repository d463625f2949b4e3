/**
 * The pipe alone, as a process whose time and memory can be measured from outside; says what came of it as JSON.
 * `node pipe.mjs <bundle> push <source> <s3> [part bytes]`, `node pipe.mjs <bundle> hash <s3> <object bytes>`
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

const PART_BYTES = 8 * 1024 * 1024;
const [, , bundle, operation, ...words] = process.argv;
const { connectTransfer } = createRequire(join(bundle, "/"))("./transfer.js");

setFlagsFromString("--semi-space-growth-factor=1"); // as for every run, see src/wiring/session.ts
const outcome = await (operation === "push" ? push(...words) : hash(...words));
console.log(JSON.stringify(outcome));

async function push(source, s3, partBytes = PART_BYTES) {
  const transfer = pipeTo(s3);
  const identity = await transfer.inspect({ url: source });
  const pushed = await transfer.push({
    source: { url: source },
    identity,
    upload: { bucket: "b", key: "k", uploadId: "u" },
    partSizeBytes: Number(partBytes),
    present: [],
    onProgress() {},
  });
  await transfer.close();
  return { ...pushed, parts: pushed.parts.length };
}

async function hash(s3, objectBytes) {
  const transfer = pipeTo(s3);
  const order = { from: { bucket: "b", key: "k" }, sizeBytes: Number(objectBytes), partSizeBytes: PART_BYTES };
  const { sha256 } = await transfer.hash({ ...order, onProgress() {} });
  await transfer.close();
  return { sha256 };
}

function pipeTo(endpoint) {
  const credentials = { accessKeyId: "AKIABENCH", secretAccessKey: "bench" };
  return connectTransfer({
    settings: async () => ({ region: "ap-south-1", endpoint, credentials }),
    accountId: "111122223333",
    env: {},
    clock: { now: () => new Date(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    signal: new AbortController().signal,
  });
}
