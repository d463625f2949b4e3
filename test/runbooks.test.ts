/**
 * The runbooks are right: every command they show is run in a sandbox, in order, and ends with the exit code that stands
 * behind it. A block names its world; the blocks of one world in one runbook are one night.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { MINUTE_MS, parseDuration, shortestMs } from "../src/core/duration.ts";
import { parsePolicy, readPolicyText } from "../src/policy/load.ts";
import { SANDBOX_VARIABLES, serveWorld, variables } from "../src/wiring/sandbox.ts";
import { NOW, run } from "./cli/host.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDER = join(ROOT, "docs/runbooks");
const POLICY_FILE = join(ROOT, "config/litally-ops.yaml");
const COMMAND = /^litally-ops (.+?) {2}# exit (\d+)$/;
const LATER = /^# (\w+) later$/;

const scratch = mkdtempSync(join(tmpdir(), "litally-ops-runbooks-"));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Night {
  readonly runbook: string;
  readonly world: string;
  readonly lines: readonly string[];
}

const nights = readdirSync(FOLDER).flatMap((runbook): readonly Night[] => {
  const text = readFileSync(join(FOLDER, runbook), "utf8");
  const blocks = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = "", body = ""]) => ({
    world: /^sh world=([a-z-]+)$/.exec(info)?.[1] ?? `a block without a world: ${info}`,
    lines: body.trimEnd().split("\n"),
  }));
  const worlds = Map.groupBy(blocks, ({ world }) => world);
  return [...worlds].map(([world, those]) => ({ runbook, world, lines: those.flatMap(({ lines }) => lines) }));
});

test("there is one for each of the five nights", () => {
  const runbooks = new Set(nights.map(({ runbook }) => runbook));
  const nightly = ["bad-deploy.md", "dropped-collection.md", "lost-cluster.md", "lost-region.md", "old-ledger.md"];
  expect([...runbooks].sort()).toEqual(nightly);
});

describe.each(nights)("$runbook in the world $world", ({ runbook, world, lines }) => {
  test("its commands end as they say", async () => {
    const { policy } = parsePolicy(readPolicyText(POLICY_FILE), POLICY_FILE, SANDBOX_VARIABLES);
    const sandbox = await serveWorld({ world, policy, faults: [], startAt: NOW, elapsedMs: () => 0, log: () => {} });
    const clock = { now: sandbox.now, sleep: async (ms: number) => sandbox.advance(ms) };
    const noted = new Map([["AT", new Date(NOW.getTime() - 12 * MINUTE_MS).toISOString()]]);
    for (const line of lines) {
      const [, later] = LATER.exec(line) ?? [];
      if (later !== undefined) sandbox.advance(shortestMs(parseDuration(later, line)));
      if (later !== undefined) continue;
      const [, command = "", exit] = COMMAND.exec(line) ?? [];
      const argv = words(command, noted).map((word) => (WRITTEN.has(word) ? join(scratch, runbook, word) : word));
      const env = { ...variables(sandbox.url), LITALLY_OPS_CONFIG: POLICY_FILE };
      const ran = await run(argv, { env, clock, answers: argv.filter((_, index) => argv[index - 1] === "--to") });
      expect(`${line}\n${ran.stdout}${ran.stderr}`).toContain(`(exit ${exit})`);
      expect(String(ran.exitCode)).toBe(exit);
      note(ran.stdout, noted);
    }
    await sandbox.close();
  });
});

/** What commands write: not into this folder. */
const WRITTEN = new Set(["plan.json", "ledger-2026-06"]);

/** The words of a command, with the variables that the reader was told to set. */
function words(command: string, noted: ReadonlyMap<string, string>): readonly string[] {
  const split = command.match(/"[^"]*"|[^\s"]+/g) ?? [];
  return split.map((word) =>
    word
      .replaceAll('"', "")
      .replaceAll(/\$(\w+)/g, (_, name: string) => noted.get(name) ?? `(${name} was not told by any command before)`),
  );
}

/** What a reader is told to note of what a command says: under these names the runbooks use it. */
function note(said: string, noted: Map<string, string>): void {
  const seen = {
    JOB: /\bjobId: ([0-9a-f]{24})\b/.exec(said)?.[1],
    UNDO: /\bsnapshotId: ([0-9a-f]{24})\b/.exec(said)?.[1],
    HASH: /--confirm\s+([0-9a-f]{64})\b/.exec(said)?.[1],
  };
  for (const [name, value] of Object.entries(seen)) if (value !== undefined) noted.set(name, value);
}
