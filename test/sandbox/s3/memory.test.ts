/** A body goes to disk as it comes: the memory of the program as it is shipped, told by the operating system. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { bareEnv, ROOT, start } from "../../cli/built.ts";
import { temporaryFolder } from "./harness.ts";

const MIB = 1024 * 1024;
const BODY_MIB = 200;
/** The program without any body takes about a third of it; one that held this body would take more than its size. */
const MAX_PEAK_MIB = 220;

test(`a body of ${BODY_MIB} MiB in and out again takes no more than ${MAX_PEAK_MIB} MiB`, async () => {
  const folder = temporaryFolder();
  const peakFile = join(folder, "peak");
  const env = bareEnv({ NODE_OPTIONS: `--require=${join(ROOT, "bench/peak-memory.cjs")}`, PEAK_MEMORY_FILE: peakFile });
  const args = ["sandbox", "up", "--port", "0", "--state", join(folder, "state.json")];
  const served = start(join(ROOT, "bin/litally-ops.js"), args, env, ROOT);
  const endpoint = /AWS_ENDPOINT_URL_S3='(.*)'/.exec(await served.said(/then: litally-ops/))?.[1] ?? "";
  const client = new S3Client({ endpoint, region: "ap-south-1", credentials: AWS_CREDENTIALS, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  const at = { Bucket: "litally-archive", Key: "big" };
  const chunk = randomBytes(MIB);
  const sent = createHash("sha256");
  const body = Readable.from(
    (function* () {
      for (let left = BODY_MIB; left > 0; left--) {
        sent.update(chunk);
        yield chunk;
      }
    })(),
  );
  await client.send(new PutObjectCommand({ ...at, Body: body, ContentLength: BODY_MIB * MIB }));
  const got = await client.send(new GetObjectCommand(at));
  const received = createHash("sha256");
  for await (const piece of got.Body as Readable) received.update(piece); // in Node it is one
  served.signal("SIGINT");
  await served.ended;
  expect(received.digest("hex")).toBe(sent.digest("hex"));
  expect(Number(readFileSync(peakFile, "utf8")) / 1024).toBeLessThan(MAX_PEAK_MIB);
});
