/**
 * Restores by the program as it is shipped: with `--verify`, against MongoDBs that stand in for the clusters of the
 * sandbox, and ended by force in the midst of an order.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Document } from "bson";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parsePolicy } from "../../src/policy/load.ts";
import { serveWorld, variables } from "../../src/wiring/sandbox.ts";
import { countRequests } from "../support/counter.ts";
import { serveMongo } from "../support/mongo-server.ts";
import { isOrder, orders } from "../support/restores.ts";
import { type Built, bareEnv, build, runFile, start } from "./built.ts";
import { lastLine } from "./host.ts";

const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
databases:
  - name: core
    cluster: litally-core
    continuousBackup: { window: 7d }
    snapshots: [{ frequency: daily, retain: 30d }]
    invariants:
      - name: no-debt
        namespace: ledger.accounts
        pipeline: [{ $match: { balance: { $lt: 0 } } }]
        expect: { exactly: 0 }
`;
const RESTORE = ["restore", "snapshot", "core", "--snapshot", "latest", "--to", "litally-drill"];

let built: Built;
beforeAll(() => {
  built = build();
});
afterAll(() => built.remove());

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "litally-ops-restore-"));
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

describe("restore --verify", () => {
  /** What every snapshot of the sandbox holds, by name; with so much on each account. */
  function holding(balance: number): Readonly<Record<string, readonly Document[]>> {
    const names = ["customers.profiles", "customers.verifications", "ledger.balances", "ledger.entries"];
    const accounts = Array.from({ length: 40 }, (_, index) => ({ _id: index, balance }));
    return {
      ...Object.fromEntries([...names, "payments.transfers", "payments.webhooks.pending"].map((name) => [name, [{}]])),
      "ledger.accounts": accounts,
    };
  }

  async function verified(balance: number, more: Readonly<Record<string, string>> = {}) {
    const [target, source] = await Promise.all([
      serveMongo({ collections: holding(balance) }),
      serveMongo({ collections: holding(1) }),
    ]);
    const env = bareEnv({
      LITALLY_OPS_CONFIG: join(folder, "policy.yaml"),
      LITALLY_OPS_SANDBOX_MONGO: `litally-drill=127.0.0.1:${target.port},litally-core=127.0.0.1:${source.port}`,
      LITALLY_OPS_VERIFY_URI: target.uri,
      LITALLY_OPS_SOURCE_URI: source.uri,
      ...more,
    });
    const args = [...RESTORE, "--confirm", "litally-drill", "--verify", "--sandbox"];
    return { ...(await runFile(process.execPath, [built.bin, ...args], { env })), target };
  }

  test("passes where the restored data is as the source's, and as the policy says", async () => {
    const { exitCode, stdout, stderr, target } = await verified(1);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stdout).toContain(`PASS     restore/right-target: 127.0.0.1:${target.port} is the target`);
    expect(stdout).toContain("PASS     restore/invariant (no-debt): 0 documents, exactly 0 expected");
    expect(lastLine(stdout)).toMatch(
      /^verdict: PASS in the sandbox - done and looked at again; \d+ passed \(exit 0\)$/,
    );
  });

  test("is exit 4 where an invariant does not hold: the restore is done, and a person must look", async () => {
    const { exitCode, stdout } = await verified(-1);
    expect(exitCode, stdout).toBe(4);
    expect(stdout).toMatch(/FAIL {5}restore\/invariant \(no-debt\)\n +40 documents, exactly 0 expected/);
    expect(stdout).toMatch(/DONE {5}erased litally-drill and restored/);
  });

  test("asks nothing of a MongoDB that does not stand in for the target", async () => {
    const { exitCode, stdout, target } = await verified(1, { LITALLY_OPS_SANDBOX_MONGO: "" });
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/FAIL {5}restore\/right-target/);
    expect(target.commands).toEqual([]);
  });

  test.each(["litally-drill=db.example.net:27017", "litally-drill", "litally-dirll=127.0.0.1:27017"])(
    "does not begin with %s in its place",
    async (standIn) => {
      const { exitCode, stdout, stderr } = await verified(1, { LITALLY_OPS_SANDBOX_MONGO: standIn });
      expect([exitCode, stdout]).toEqual([64, ""]);
      expect(stderr).toMatch(/error: (LITALLY_OPS_SANDBOX_MONGO cannot be read|a MongoDB stands in for litally-dirll)/);
    },
  );
});

describe("kill -9 amid the order", () => {
  test.each<[string, readonly string[]]>([
    ["which Atlas took", []],
    ["which never arrived", ["reset-before-write=1"]],
  ])("%s: the plan orders nothing more", async (_, faults) => {
    const startedMs = performance.now();
    const { policy } = parsePolicy(POLICY, "policy.yaml", {});
    const elapsedMs = () => performance.now() - startedMs;
    const world = { world: "healthy", policy, faults, startAt: new Date(), elapsedMs, log: () => {} };
    const sandbox = await serveWorld(world);
    let kill = async () => {};
    const counter = await countRequests(sandbox.url, async ({ method, path }) => {
      if (method === "POST" && isOrder(path)) await kill();
    });
    onTestFinished(async () => {
      await counter.close();
      await sandbox.close();
    });
    const env = bareEnv({ ...variables(counter.url), LITALLY_OPS_CONFIG: join(folder, "policy.yaml") });
    const file = join(folder, "plan.json");
    const saved = await runFile(process.execPath, [built.bin, ...RESTORE, "--no-undo", "--plan-file", file], { env });
    const [, hash = ""] = /--confirm\s+([0-9a-f]{64})/.exec(saved.stdout) ?? [];
    expect([saved.exitCode, existsSync(`${file}.used`)], saved.stdout + saved.stderr).toEqual([5, false]);

    const apply = ["restore", "apply", file, "--confirm", hash];
    const running = start(built.bin, apply, env);
    kill = async () => {
      running.signal("SIGKILL");
      await running.ended;
    };
    expect((await running.ended).exitCode).toBeNull();
    expect(orders(counter.sent)).toHaveLength(1);

    const again = await runFile(process.execPath, [built.bin, ...apply], { env });
    expect(again.exitCode, again.stdout + again.stderr).toBe(3);
    expect(again.stdout).toMatch(/FAIL {5}restore\/plan-unused/);
    expect(orders(counter.sent)).toHaveLength(1);
  });
});
