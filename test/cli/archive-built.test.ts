/** Fetching by the program as it is shipped: killed amid it and run again, and through a pipe that carries the bytes alone. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { worldAws } from "../../src/wiring/sandbox.ts";
import { countRequests, type Sent } from "../support/counter.ts";
import { aBody, PERIOD, policyIn, SHARD_0, SHARD_1, storeArchive } from "../support/stored-archives.ts";
import { inWorld, type WorldRun } from "../support/world.ts";
import { type Built, bareEnv, build, runFile, start } from "./built.ts";
import { lastLine } from "./host.ts";

const MIB = 1024 ** 2;
const LARGE = aBody("large", 20 * MIB);
const SMALL = aBody("small", 3000);

let built: Built;
beforeAll(() => {
  built = build();
});
afterAll(() => built.remove());

let folder = "";
let world: WorldRun;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "litally-ops-fetch-"));
  writeFileSync(join(folder, "policy.yaml"), policyIn());
  onTestFinished(() => rmSync(folder, { recursive: true }));
  world = await inWorld({ policy: policyIn() });
  const bodies = { [SHARD_0]: LARGE, [SHARD_1]: SMALL };
  await storeArchive(world.context, { bodies, storageClass: "GLACIER_IR", partBytes: MIB });
});

function envFor(s3Url = world.sandbox.s3Url): Record<string, string> {
  const { endpoint, credentials } = worldAws(world.sandbox.url);
  return bareEnv({
    LITALLY_OPS_CONFIG: join(folder, "policy.yaml"),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: s3Url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
}

const FETCH = ["archive", "fetch", "core", PERIOD, "--to"];
const isBodyRead = ({ method, path }: Sent) => method === "GET" && /rs-0\.tar\.gz\?(?!retention)/.test(path);

describe("kill -9 amid the fetch", () => {
  test.each([1, 3, 5])(
    "at the request %i for a body: the same command goes on, and ends with what was archived",
    async (turn) => {
      let reads = 0;
      let kill = async () => {};
      const counter = await countRequests(world.sandbox.s3Url, async (sent) => {
        if (!isBodyRead(sent)) return "passes";
        reads += 1;
        if (reads === turn) await kill();
        return reads >= turn && kill !== passed ? "lost" : "passes";
      });
      const passed = async () => {};
      onTestFinished(() => counter.close());
      const to = join(folder, "to");
      const running = start(built.bin, [...FETCH, to], envFor(counter.url));
      kill = async () => {
        running.signal("SIGKILL");
        await running.ended;
      };
      expect((await running.ended).exitCode).toBeNull();
      expect(existsSync(join(to, SHARD_0))).toBe(false);

      kill = passed;
      const again = await runFile(process.execPath, [built.bin, ...FETCH, to, "--json"], { env: envFor(counter.url) });
      expect(again.exitCode, again.stdout + again.stderr).toBe(0);
      expect(readFileSync(join(to, SHARD_0), "utf8") === LARGE).toBe(true);
      expect(readFileSync(join(to, SHARD_1), "utf8")).toBe(SMALL);
      const names = readdirSync(to, { recursive: true }).map(String);
      expect(names.filter((name) => name.endsWith(".partial"))).toEqual([]);
      expect(names).toContain("manifest.json");
    },
  );
});

describe("through stdout", () => {
  const node = process.execPath;
  const shell = (script: string) =>
    runFile("bash", ["-o", "pipefail", "-c", script], { env: { ...envFor(), NODE: node, BIN: built.bin, F: folder } });

  test("the pipe gets the bytes and nothing else; the report is on stderr", async () => {
    const { exitCode, stdout, stderr } = await shell(
      `"$NODE" "$BIN" archive fetch core ${PERIOD} --to - --object ${SHARD_0} > "$F/out" && cmp "$F/out" "$F/out" && wc -c < "$F/out"`,
    );
    expect(exitCode, stderr).toBe(0);
    expect(stdout.trim()).toBe(String(LARGE.length));
    expect(readFileSync(join(folder, "out"), "utf8") === LARGE).toBe(true);
    expect(lastLine(stderr)).toMatch(/^verdict: PASS - done and looked at again; \d+ passed \(exit 0\)$/);
    expect(stderr).toContain("PASS     archive/fetched: the object's Merkle root is");
  });

  test("a refusal leaves the pipe empty, in JSON too", async () => {
    const refused = await shell(`"$NODE" "$BIN" archive fetch core 2026-05 --to - --json`);
    expect([refused.exitCode, refused.stdout]).toEqual([3, ""]);
    expect(refused.stderr).toContain('"check": "archive/complete"');
    const unclear = await shell(`"$NODE" "$BIN" archive fetch core ${PERIOD} --to -`);
    expect([unclear.exitCode, unclear.stdout]).toEqual([64, ""]);
  });

  test("a reader that has had enough ends it", async () => {
    const script = `"$NODE" "$BIN" archive fetch core ${PERIOD} --to - --object ${SHARD_0} | head -c 100000 | wc -c; echo "\${PIPESTATUS[0]}"`;
    expect((await shell(script)).stdout.split("\n").slice(0, 2)).toEqual(["100000", "4"]);
  });
});
