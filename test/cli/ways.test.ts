/**
 * Commands in worlds that no other test takes them to: whatever they ask for there must be in the table of their calls too
 * (src/rules/permissions/commands.ts), which is held against all that sandboxes are asked.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { parsePolicy } from "../../src/policy/load.ts";
import { SANDBOX_VARIABLES, serveWorld, variables } from "../../src/wiring/sandbox.ts";
import { NOW, run } from "./host.ts";

const ID = "0123456789abcdef01234567";
const TO = "--to litally-drill --dry-run";
const RETENTION = ["retention check", "retention simulate --until 1mo", "retention map"];
const LOOKS_AT_BACKUPS = [
  `restore pitr core --at 2026-11-22T01:48:00Z ${TO}`,
  `restore snapshot core --snapshot latest ${TO}`,
  `restore collections core --snapshot latest --namespace a.b ${TO}`,
  "restore drill core --dry-run",
  "archive push core --dry-run",
  ...RETENTION,
];

const WAYS: Readonly<Record<string, readonly string[]>> = {
  flex: [...LOOKS_AT_BACKUPS, `backup watch core ${ID}`, "backup plan", "backup apply --dry-run"],
  sharded: LOOKS_AT_BACKUPS,
  "archive-key-pending-deletion": ["archive push core --dry-run", ...RETENTION],
  "archive-unlocked": ["archive status core 2026-10", ...RETENTION],
  "alarm-muted": ["alarms list", "alarms plan", "alarms apply --dry-run"],
  "alarm-no-data": ["alarms list", "alarms plan", "alarms adopt --atlas"],
  "subscription-pending": [
    "alarms list",
    "alarms test litally-api-5xx-rate --dry-run",
    "notify audit",
    "notify plan",
    "notify test litally-critical --dry-run",
  ],
};

/** LiTally's policy, but with the archives of one month. */
const POLICY = readFileSync("config/litally-ops.yaml", "utf8").replace("since: 2026-01", "since: 2026-10");
const folder = mkdtempSync(join(tmpdir(), "ways-"));
const file = join(folder, "policy.yaml");
writeFileSync(file, POLICY);
afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.entries(WAYS))("in the world %s", async (world, commands) => {
  const { policy } = parsePolicy(POLICY, file, SANDBOX_VARIABLES);
  const sandbox = await serveWorld({ world, policy, faults: [], startAt: NOW, elapsedMs: () => 0, log: () => {} });
  onTestFinished(() => sandbox.close());
  const env = { ...variables(sandbox.url), LITALLY_OPS_CONFIG: file };
  for (const command of commands) {
    const { exitCode, stderr } = await run(command.split(" "), { env });
    expect([0, 1, 2, 3, 5], `${command}: ${stderr}`).toContain(exitCode);
  }
});
