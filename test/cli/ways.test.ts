/**
 * Commands in worlds that no other test takes them to: whatever they ask for there must be in the table of their calls too
 * (src/rules/permissions/commands.ts), which is held against all that sandboxes are asked.
 */
import { expect, test } from "vitest";
import { run } from "./host.ts";

const ID = "0123456789abcdef01234567";
const TO = ["--to", "litally-drill", "--dry-run"];
const PITR = ["restore", "pitr", "core", "--at", "12m ago", ...TO];
const SNAPSHOT = ["restore", "snapshot", "core", "--snapshot", "latest", ...TO];
const COLLECTIONS = ["restore", "collections", "core", "--snapshot", "latest", "--namespace", "a.b", ...TO];
const LOOKS_AT_BACKUPS = [
  SNAPSHOT,
  PITR,
  COLLECTIONS,
  ["restore", "drill", "core", "--dry-run"],
  ["archive", "push", "core", "--dry-run"],
  ["retention", "check"],
  ["retention", "simulate"],
  ["retention", "map"],
];
const LOOKS_AT_SETTINGS = [
  ["backup", "watch", "core", ID],
  ["backup", "plan"],
  ["backup", "apply", "--dry-run"],
];

const WAYS: readonly (readonly [world: string, argv: readonly string[]])[] = [
  ...[...LOOKS_AT_BACKUPS, ...LOOKS_AT_SETTINGS].map((argv) => ["flex", argv] as const),
  ...LOOKS_AT_BACKUPS.map((argv) => ["sharded", argv] as const),
  ["archive-key-pending-deletion", ["archive", "push", "core", "--dry-run"]],
  ["archive-key-pending-deletion", ["retention", "check"]],
  ["archive-key-pending-deletion", ["retention", "simulate"]],
  ["archive-key-pending-deletion", ["retention", "map"]],
  ["archive-unlocked", ["archive", "status", "core", "2026-10"]],
  ["archive-unlocked", ["retention", "simulate"]],
  ["archive-unlocked", ["retention", "map"]],
  ["alarm-muted", ["alarms", "list"]],
  ["alarm-muted", ["alarms", "plan"]],
  ["alarm-muted", ["alarms", "apply", "--dry-run"]],
  ["alarm-no-data", ["alarms", "list"]],
  ["alarm-no-data", ["alarms", "plan"]],
  ["healthy", ["alarms", "adopt", "--atlas"]],
  ["subscription-pending", ["alarms", "list"]],
  ["subscription-pending", ["alarms", "test", "litally-api-5xx-rate", "--dry-run"]],
  ["subscription-pending", ["notify", "audit"]],
  ["subscription-pending", ["notify", "plan"]],
  ["subscription-pending", ["notify", "test", "litally-critical", "--dry-run"]],
];

test.each(WAYS)("%s: %j", async (world, argv) => {
  const { exitCode, stderr } = await run([...argv, "--sandbox", world]);
  expect([0, 1, 2, 3, 5], stderr).toContain(exitCode);
});
