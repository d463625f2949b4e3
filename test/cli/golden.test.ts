/**
 * What users see, word by word: a file in golden/ for each run, with its command, stdout, stderr and exit code.
 * After an intended change: UPDATE_GOLDEN=1 vitest run test/cli/golden.test.ts, then read the difference.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import "../../src/adapters/atlas/wire-events.ts"; // loaded at once by what is built, after a while by vitest: what comes first is seen
import { POLICY_VARIABLES, type RunOptions, run } from "./host.ts";

const FOLDER = join(import.meta.dirname, "golden");
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";
const POLICIES = "test/cli/policies";

interface Case extends Pick<RunOptions, "env" | "columns" | "answers"> {
  readonly name: string;
  readonly command: string;
}

const CASES: readonly Case[] = [
  { name: "version", command: "--version" },
  { name: "help", command: "--help" },
  { name: "help-nothing", command: "" },
  { name: "help-group", command: "backup --help" },
  { name: "help-command", command: "backup verify --help" },
  { name: "help-exit-codes", command: "help exit-codes" },
  { name: "verify-healthy", command: "backup verify --sandbox" },
  { name: "verify-stale", command: "backup verify core --sandbox stale" },
  { name: "verify-stale-markdown", command: "backup verify --sandbox stale --format markdown" },
  { name: "verify-stale-junit", command: "backup verify --sandbox stale --format junit" },
  { name: "verify-stale-json", command: "backup verify --sandbox stale --only snapshot-age --json" },
  { name: "verify-stale-colour", command: "backup verify --sandbox stale --only snapshot-age", columns: 80 },
  { name: "verify-unknown-status", command: "backup verify --sandbox unknown-status" },
  { name: "verify-forbidden", command: "backup verify --sandbox forbidden-snapshots" },
  { name: "verify-warning-strict", command: "backup verify --sandbox size-jump --only snapshot-size --strict" },
  {
    name: "verify-several",
    command: `backup verify --sandbox hole --config ${POLICIES}/several.yaml`,
  },
  { name: "verify-waived", command: `backup verify --sandbox stale --config ${POLICIES}/waived.yaml` },
  {
    name: "verify-waived-markdown",
    command: `backup verify --sandbox stale --config ${POLICIES}/waived.yaml --only snapshot-age --format markdown`,
  },
  { name: "config-check-waivers", command: `config check --config ${POLICIES}/waived.yaml` },
  { name: "list", command: "backup list --sandbox stuck", columns: 80 },
  { name: "list-limit", command: "backup list --limit 1 --sandbox hole --config test/cli/policies/several.yaml" },
  { name: "list-forbidden-json", command: "backup list --sandbox forbidden-snapshots --json" },
  { name: "list-forbidden", command: "backup list --sandbox forbidden-snapshots" },
  { name: "snapshot", command: "backup snapshot core --sandbox --retain 30d" },
  { name: "snapshot-no-wait-json", command: "backup snapshot core --sandbox --no-wait --json" },
  { name: "snapshot-failed", command: "backup snapshot core --sandbox snapshot-fails" },
  { name: "snapshot-refused", command: "backup snapshot core --sandbox snapshot-in-the-way" },
  { name: "snapshot-help", command: "backup snapshot --help" },
  { name: "watch-unknown", command: "backup watch core 0123456789abcdef01234567 --sandbox" },
  { name: "retention-check", command: "retention check --sandbox" },
  { name: "retention-check-default", command: "retention check --sandbox atlas-default --only schedule,window,budget" },
  { name: "retention-simulate-json", command: "retention simulate --sandbox archive-lifecycle --only holds --json" },
  { name: "retention-simulate", command: "retention simulate --sandbox copies-off" },
  { name: "retention-map", command: "retention map core --sandbox" },
  {
    name: "retention-map-lost",
    command: "retention map core --sandbox --assume-lost region=ap-south-1 --ascii --until 1y",
  },
  { name: "audit-help-group", command: "audit --help" },
  { name: "alarms-audit", command: "alarms audit --sandbox" },
  { name: "alarms-audit-aws-key", command: "alarms audit --sandbox topic-aws-key" },
  { name: "alarms-audit-looser", command: "alarms audit --sandbox alarm-looser --only drift" },
  {
    name: "alarms-audit-pending",
    command: "alarms audit --sandbox subscription-pending --only notify/subscription,heard",
  },
  {
    name: "alarms-audit-json",
    command: "alarms audit --sandbox topic-policy-one-alarm --only notify/topic-policy --json",
  },
  { name: "alarms-list", command: "alarms list --sandbox alarm-undeclared", columns: 140 },
  { name: "alarms-show", command: "alarms show litally-api-5xx-rate litally-atlas-cpu --sandbox" },
  { name: "alarms-show-compiled", command: "alarms show litally-api-5xx-rate litally-atlas-cpu --compiled --sandbox" },
  { name: "alarms-plan", command: "alarms plan --prune --sandbox alarm-duplicate" },
  { name: "alarms-apply-declined", command: "alarms apply --sandbox alarm-looser" },
  { name: "alarms-apply", command: "alarms apply --sandbox alert-looser --confirm production" },
  { name: "alarms-adopt", command: "alarms adopt --sandbox alarm-undeclared" },
  { name: "alarms-test", command: "alarms test litally-api-5xx-rate --sandbox" },
  { name: "alarms-test-failed", command: "alarms test litally-api-5xx-rate --sandbox topic-key-closed" },
  { name: "alarms-test-help", command: "alarms test --help" },
  { name: "notify-plan-aws-key", command: "notify plan --sandbox topic-aws-key" },
  { name: "notify-apply", command: "notify apply --sandbox topic-missing" },
  { name: "notify-test", command: "notify test litally-critical --sandbox" },
  { name: "plan", command: "backup plan --sandbox atlas-default" },
  { name: "plan-none", command: "backup plan --sandbox" },
  { name: "plan-json", command: "backup plan --sandbox copies-off --json" },
  { name: "plan-markdown", command: "backup plan --sandbox atlas-default --format markdown" },
  { name: "plan-junit", command: "backup plan --sandbox copies-off --format junit" },
  { name: "apply-declined", command: "backup apply core --sandbox copies-off" },
  { name: "apply-asked", command: "backup apply core --sandbox copies-off", answers: ["litally-core"] },
  { name: "apply-not-taken", command: "backup apply --sandbox oplogs-ignored --confirm litally-core" },
  {
    name: "restore-plan",
    command: "restore pitr core --at 2026-11-22T07:17:56+05:30 --to litally-drill --sandbox --dry-run",
  },
  {
    name: "restore-refused",
    command: "restore pitr core --at 2026-11-22T01:47:56Z --to litally-core --sandbox --confirm litally-core",
  },
  {
    name: "restore-done",
    command: "restore snapshot core --snapshot latest --to litally-drill --sandbox",
    answers: ["litally-drill"],
  },
  {
    name: "restore-wrong-target",
    command:
      "restore snapshot core --snapshot latest --to litally-drill --sandbox restore-wrong-target --confirm litally-drill",
  },
  {
    name: "restore-collections",
    command:
      "restore collections core --namespace ledger.entries --snapshot latest --to litally-drill --sandbox --json --confirm litally-drill",
  },
  { name: "restore-list", command: "restore list --sandbox" },
  { name: "restore-help", command: "restore pitr --help" },
  { name: "archive-push", command: "archive push core --sandbox archive-missing" },
  { name: "archive-push-plan", command: "archive push core --sandbox archive-missing --via export --dry-run" },
  { name: "archive-push-nothing", command: "archive push --sandbox" },
  { name: "archive-push-help", command: "archive push --help" },
  { name: "archive-verify", command: "archive verify --sandbox" },
  { name: "archive-verify-unlocked", command: "archive verify core --sandbox archive-unlocked" },
  { name: "archive-verify-deep", command: "archive verify --sandbox --deep 2/4 --only deep-turn,deep-cost" },
  { name: "archive-verify-help", command: "archive verify --help" },
  { name: "archive-list", command: "archive list --sandbox archive-missing", columns: 100 },
  { name: "archive-list-unknown", command: "archive list --sandbox archive-manifest-damaged" },
  { name: "archive-thaw", command: "archive thaw core 2026-06 --sandbox" },
  { name: "archive-thaw-max-cost", command: "archive thaw core 2026-Q2 --tier standard --max-cost 25 --sandbox" },
  { name: "archive-thaw-help", command: "archive thaw --help" },
  { name: "archive-status", command: "archive status core 2026-06 --sandbox" },
  { name: "archive-status-json", command: "archive status core 2026-06 --sandbox --json" },
  { name: "archive-status-truncated", command: "archive status core 2026-10 --sandbox archive-truncated" },
  { name: "archive-fetch-frozen", command: "archive fetch core 2026-06 --to - --sandbox" },
  { name: "archive-fetch-stdout", command: "archive fetch core 2026-10 --to - --sandbox archive-wrong-class" },
  { name: "archive-abort", command: "archive abort core --sandbox archive-orphaned-upload" },
  { name: "doctor-schedules", command: `doctor --schedules --sandbox --config ${POLICIES}/schedules.yaml` },
  {
    name: "doctor-schedule-disabled",
    command: `doctor --schedules --sandbox schedule-disabled --config ${POLICIES}/schedules.yaml`,
  },
  {
    name: "doctor-schedule-died",
    command: `doctor --schedules --sandbox schedule-died --config ${POLICIES}/schedules.yaml`,
  },
  {
    name: "doctor-workflows-unreadable",
    command: `doctor --schedules --sandbox workflows-unreadable --config ${POLICIES}/schedules.yaml`,
  },
  { name: "doctor-schedules-none", command: `doctor --schedules --sandbox --config ${POLICIES}/several.yaml` },
  { name: "worlds", command: "sandbox worlds" },
  { name: "sandbox-env", command: "sandbox env --port 4401" },
  { name: "sandbox-env-unset", command: "sandbox env --unset" },
  { name: "doctor-sandbox", command: "doctor --sandbox" },
  { name: "doctor-nothing-set", command: "doctor" },
  { name: "config-check", command: "config check", env: POLICY_VARIABLES },
  { name: "config-check-bad", command: `config check --config ${POLICIES}/bad.yaml` },
  { name: "config-check-bad-json", command: `config check --config ${POLICIES}/bad.yaml --json` },
  { name: "config-show", command: "config show", env: POLICY_VARIABLES },
  {
    name: "permissions",
    command: "doctor permissions --print restore drill, notify apply",
    env: POLICY_VARIABLES,
  },
  { name: "permissions-unknown", command: "doctor permissions --print backup verfy", env: POLICY_VARIABLES },
  { name: "error-no-policy", command: "backup verify --config nowhere.yaml" },
  { name: "error-no-credentials", command: "backup verify", env: POLICY_VARIABLES },
  { name: "error-command", command: "backup verfy" },
  { name: "error-half-command", command: "backup" },
  { name: "error-flag", command: "backup verify --jsno" },
  { name: "error-database", command: "backup verify croe --sandbox" },
  { name: "error-check", command: "backup verify --sandbox --only snapshot-agee" },
  { name: "error-world", command: "backup verify --sandbox stael" },
  { name: "error-format", command: "backup verify --sandbox --format junti" },
  { name: "error-format-list", command: "backup list --sandbox --format junit" },
  { name: "error-limit", command: "backup list --sandbox --limit many" },
  { name: "error-instant", command: "backup verify --sandbox --since 2026-11-20" },
];

describe("what users see", () => {
  test.each(CASES)("$name", async ({ name, command, ...options }) => {
    const ran = await run(command.split(" ").filter(Boolean), options);
    const seen = [
      `$ litally-ops ${command}`.trimEnd(),
      "--- stdout",
      visible(ran.stdout),
      "--- stderr",
      visible(ran.stderr),
      `--- exit ${ran.exitCode}\n`,
    ].join("\n");
    const file = join(FOLDER, `${name}.txt`);
    if (UPDATE) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, seen);
    }
    expect(existsSync(file), `${file} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
    expect(seen).toBe(readFileSync(file, "utf8"));
  });

  test("no file is left over", () => {
    expect(readdirSync(FOLDER).sort()).toEqual(CASES.map(({ name }) => `${name}.txt`).sort());
  });
});

/** Escapes of colour become words, so that the files stay text. */
function visible(text: string): string {
  return text.replaceAll("\u001B", "<ESC>").trimEnd();
}
