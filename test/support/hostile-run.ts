/** Runs commands in this process against a hostile Atlas, with the real adapter over real HTTP; waiting takes no time. */
import { connectAtlas } from "../../src/adapters/atlas/atlas.ts";
import { createRedactor } from "../../src/cli/redact.ts";
import type { Context } from "../../src/commands/context.ts";
import type { Report } from "../../src/core/report.ts";
import { stopReason } from "../../src/core/stop.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { aContext } from "./context.ts";
import { type HostileAtlas, hostileAtlas } from "./hostile-atlas.ts";

interface Command {
  readonly input: { parse(value: unknown): unknown };
  readonly run: (input: never, context: Context) => Promise<Report>;
}

export interface HostileRun {
  readonly atlas: HostileAtlas;
  readonly notes: readonly string[];
  readonly waits: readonly number[];
  /** Done at each wait, with the time that has passed since the start: Atlas goes on meanwhile. */
  meanwhile: (elapsedMs: number) => void;
  run(command: Command, input: unknown, options: HostileOptions): Promise<Report>;
}

interface HostileOptions {
  readonly policy: string;
  readonly signal?: AbortSignal;
  readonly answer?: string;
}

const STARTED_MS = Date.parse("2026-11-22T02:00:00Z");

export async function hostileRun(): Promise<HostileRun> {
  let nowMs = STARTED_MS;
  const notes: string[] = [];
  const waits: number[] = [];
  const now = () => new Date(nowMs);
  const atlas = await hostileAtlas(now);
  const words = Array.from({ length: 9 }, (_, index) => `word${index}`);
  const run = async (
    command: Command,
    input: unknown,
    { policy, signal = new AbortController().signal, answer }: HostileOptions,
  ) => {
    const clock = {
      now,
      sleep: async (ms: number) => {
        if (signal.aborted) throw stopReason(signal, "waiting");
        nowMs += ms;
        waits.push(ms);
        it.meanwhile(nowMs - STARTED_MS);
        if (signal.aborted) throw stopReason(signal, "waiting");
      },
    };
    const connected = connectAtlas({
      baseUrl: atlas.baseUrl,
      credentials: { kind: "api-key", publicKey: "pubkey", privateKey: "private" },
      env: {},
      clock,
      signal,
      log: () => {},
      tokenCacheDir: "/nonexistent",
      userAgent: "test",
      secrets: createRedactor(),
    });
    const context = aContext(atlas.baseUrl.href, {
      clock,
      signal,
      progress: { phase: () => {}, waiting: (text) => void notes.push(text), note: (text) => void notes.push(text) },
      operator: { ask: async () => answer ?? null },
      uniqueWord: () => words.shift() ?? "word",
      policy: async () => parsePolicy(policy, "policy.yaml", {}),
      atlas: async () => connected,
    });
    try {
      return await command.run(command.input.parse(input) as never, context); // the module's own schema has just made its own input type
    } finally {
      await connected.close();
    }
  };
  const it: HostileRun = { atlas, notes, waits, meanwhile: () => {}, run };
  return it;
}
