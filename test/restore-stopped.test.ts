/** What docs/restore.md says of a restore that is stopped on the way: what is left in Atlas then, and how to go on. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MINUTE_MS } from "../src/core/duration.ts";
import { parsePolicy, readPolicyText } from "../src/policy/load.ts";
import type { Sandbox } from "../src/sandbox/sandbox.ts";
import { SANDBOX_VARIABLES, serveWorld, variables } from "../src/wiring/sandbox.ts";
import { NOW, run } from "./cli/host.ts";

const POLICY_FILE = join(import.meta.dirname, "../config/litally-ops.yaml");
const JOBS_BEFORE = 4;
const RESTORE = [
  ...["restore", "pitr", "core", "--at", "2026-11-22T01:40:00Z", "--to", "litally-drill"],
  ...["--closing-snapshot", "--confirm", "litally-drill", "--json"],
];

let sandbox: Sandbox;
beforeEach(async () => {
  const { policy } = parsePolicy(readPolicyText(POLICY_FILE), POLICY_FILE, SANDBOX_VARIABLES);
  const world = { world: "healthy", faults: [], startAt: NOW, elapsedMs: () => 0, log: () => {} };
  sandbox = await serveWorld({ ...world, policy });
});
afterEach(() => sandbox.close());

/** Runs until it ends, or is interrupted at the first wait after so many minutes of the world. */
function inWorld(argv: readonly string[], stopAfterMinutes = Number.POSITIVE_INFINITY) {
  const stop = new AbortController();
  const startedMs = sandbox.now().getTime();
  const clock = {
    now: sandbox.now,
    sleep: async (ms: number) => {
      sandbox.advance(ms);
      if (sandbox.now().getTime() - startedMs >= stopAfterMinutes * MINUTE_MS) stop.abort();
    },
  };
  const env = { ...variables(sandbox.url), LITALLY_OPS_CONFIG: POLICY_FILE };
  if (stopAfterMinutes === 0) stop.abort();
  return run(argv, { env, clock, interrupted: stop.signal });
}

interface Step {
  readonly state: string;
  readonly next?: string;
}

function stepsIn(stdout: string): readonly Step[] {
  return (JSON.parse(stdout) as { readonly change: { readonly steps: readonly Step[] } }).change.steps; // our own document
}

async function jobs(): Promise<number> {
  const listed = await inWorld(["restore", "list", "core", "--json"]);
  return (JSON.parse(listed.stdout) as { readonly items: readonly unknown[] }).items.length; // our own document
}

describe("a restore that is interrupted", () => {
  test("while looking: nothing was begun", async () => {
    expect((await inWorld(RESTORE, 0)).exitCode).toBe(130);
    expect(await jobs()).toBe(JOBS_BEFORE);
  });

  test("during the undo snapshot: nothing is restored; the same command is refused until it is over, then goes on", async () => {
    const ran = await inWorld(RESTORE, 0.01);
    expect(ran.exitCode).toBe(4);
    expect(stepsIn(ran.stdout).map(({ state }) => state)).toEqual(["unwatched", "not-done", "not-done"]);
    expect(await jobs()).toBe(JOBS_BEFORE);
    expect((await inWorld(RESTORE)).exitCode).toBe(3);
    expect(await jobs()).toBe(JOBS_BEFORE);
    sandbox.advance(10 * MINUTE_MS);
    expect((await inWorld(RESTORE)).exitCode).toBe(0);
    expect(await jobs()).toBe(JOBS_BEFORE + 1);
  });

  test("during the restore: it goes on, and the next command sees its end", async () => {
    const ran = await inWorld(RESTORE, 8);
    expect(ran.exitCode).toBe(4);
    const [undo, restore, closing] = stepsIn(ran.stdout);
    expect([undo?.state, restore?.state, closing?.state]).toEqual(["done", "unwatched", "not-done"]);
    const [, ...next] = restore?.next?.split(" ") ?? [];
    expect((await inWorld(next)).exitCode).toBe(0);
    expect(await jobs()).toBe(JOBS_BEFORE + 1);
  });

  test("during the closing snapshot: the restore is done", async () => {
    const whole = 18; // minutes: five of the first snapshot, eleven or so of the restore
    const ran = await inWorld(RESTORE, whole);
    expect(ran.exitCode).toBe(4);
    expect(stepsIn(ran.stdout).map(({ state }) => state)).toEqual(["done", "done", "unwatched"]);
    expect(await jobs()).toBe(JOBS_BEFORE + 1);
  });
});
