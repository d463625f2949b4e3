/** `node pusher.mjs <bundle> <job>`: one push in a process of its own, which may be killed. */
import { createRequire, enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(process.argv[2], "cache")); // it starts often
const [, , bundle, job] = process.argv;
const { s3Url, order, limits } = JSON.parse(job);
const { connectTransfer } = createRequire(join(bundle, "/"))("./transfer.js");
const transfer = connectTransfer({
  settings: async () => ({
    region: "ap-south-1",
    endpoint: s3Url,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
  }),
  accountId: "111122223333",
  env: {},
  clock: { now: () => new Date(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  signal: new AbortController().signal,
  limits,
});
const pushed = await transfer.push({ ...order, onProgress() {} });
await transfer.close();
process.stdout.write(JSON.stringify(pushed));
