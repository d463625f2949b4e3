/**
 * Pushes that are killed (SIGKILL) when S3 has received some random number of bytes, and pushed again by another process that
 * knows nothing but what S3 has: however often, the parts are those of the body, and none is ever taken twice.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "rolldown";
import { afterAll, beforeAll, expect, it } from "vitest";
import { archive, leaves, orderOf, PART_BYTES, SMALL, serveS3, serveSource, sha256, type TestS3 } from "./harness.ts";

/** Ask for more with KILLS=200. */
const KILLS = Number(process.env["KILLS"] ?? 40);
const LANES = 2;
const BODY = archive(60 * PART_BYTES);
const bundle = mkdtempSync(join(tmpdir(), "litally-ops-killed-"));

beforeAll(async () => {
  const at = (file: string) => join(import.meta.dirname, "../../../src/adapters/transfer", file);
  await build({
    input: { transfer: at("transfer.ts"), "hash-thread": at("hash-thread.ts") },
    platform: "node",
    resolve: { mainFields: ["module", "main"] },
    output: { dir: bundle, format: "cjs", dynamicImportInCjs: false },
    logLevel: "silent",
  });
});
afterAll(() => rmSync(bundle, { recursive: true, force: true }));

/** What the process says, or null where it was killed when S3 had received `killAtBytes`. */
async function pushOnce(s3: TestS3, sourceUrl: string, killAtBytes: number): Promise<string | null> {
  const order = orderOf(sourceUrl, { lengthBytes: BODY.length, etag: '"v1"' }, s3.uploaded());
  const job = JSON.stringify({ s3Url: s3.url, order, limits: SMALL });
  const child = spawn(process.execPath, [join(import.meta.dirname, "pusher.mjs"), bundle, job], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let receivedBytes = 0;
  s3.partTrick = ({ response }) => {
    response.req.on("data", (data: Buffer) => {
      receivedBytes += data.length;
      if (receivedBytes >= killAtBytes) child.kill("SIGKILL");
    });
    return undefined;
  };
  let said = "";
  let complained = "";
  child.stdout.on("data", (data) => (said += data));
  child.stderr.on("data", (data) => (complained += data));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once("close", (...end) => resolve(end)),
  );
  await s3.isAlone();
  if (signal === "SIGKILL") return null;
  expect({ code, complained }).toEqual({ code: 0, complained: "" });
  return said;
}

it(`survives ${KILLS} deaths`, { timeout: 280_000 }, async () => {
  let kills = 0;
  let wholes = 0;
  const lane = async () => {
    while (kills < KILLS) {
      const [source, s3] = await Promise.all([serveSource(BODY), serveS3()]);
      for (let said: string | null = null; said === null; ) {
        const leftBytes = BODY.length - s3.whole().length;
        said = await pushOnce(s3, source.url, Math.ceil(Math.random() * Math.min(leftBytes * 1.1, 8 * PART_BYTES)));
        if (said === null) kills += 1;
        else expect(JSON.parse(said).parts.map((part: { sha256: string }) => part.sha256)).toEqual(leaves(BODY));
      }
      expect(sha256(s3.whole())).toBe(sha256(BODY));
      expect(new Set(s3.taken.values())).toEqual(new Set([1]));
      wholes += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(wholes).toBeGreaterThan(1);
});
