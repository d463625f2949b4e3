/** The exit code, for each command and outcome, and for every world that the sandbox can be. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { folderShelf } from "../../src/adapters/folder-shelf.ts";
import { exitCodeOf, exitCodeOfError } from "../../src/cli/exit-code.ts";
import { COMMANDS } from "../../src/cli/grammar.ts";
import { helpFor } from "../../src/cli/help.ts";
import { ERROR_KINDS } from "../../src/core/error.ts";
import type { Status } from "../../src/core/report.ts";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { recorder } from "../support/audit.ts";
import { lastLine, POLICY_VARIABLES, type RunOptions, run } from "./host.ts";

const BY_STATUS: Readonly<Record<Status, number>> = { pass: 0, waived: 0, warn: 0, fail: 1, unknown: 2 };
const VERDICT_LINE =
  /^verdict: (PASS|WAIVED|WARN|FAIL|UNKNOWN|DONE|ERROR|INTERRUPTED|CHANGES|REFUSED|DECLINED|RUNNING|FAILED)\b.*\(exit (\d+)\)$/;
const BAD = "--config test/cli/policies/bad.yaml";
const SCHEDULES = "test/cli/policies/schedules.yaml";
/** A key that no sandbox knows, at an address where nothing listens. */
const NOBODY = {
  ...POLICY_VARIABLES,
  MONGODB_ATLAS_BASE_URL: "http://127.0.0.1:1",
  AWS_ENDPOINT_URL: "http://127.0.0.1:1",
  AWS_ACCESS_KEY_ID: "access-key",
  AWS_SECRET_ACCESS_KEY: "secret-key",
  MONGODB_ATLAS_PUBLIC_API_KEY: "public-key",
  MONGODB_ATLAS_PRIVATE_API_KEY: "private-key",
};
/** As nobody, but with the variables of no other section of the policy than `atlas` and `databases`. */
const ATLAS_ALONE = Object.fromEntries(
  Object.entries(NOBODY).filter(([name]) => name === "ATLAS_PROJECT_ID" || !Object.hasOwn(POLICY_VARIABLES, name)),
);
const ENDED = { interrupted: AbortSignal.abort() };
const TOO_LATE = { after: () => AbortSignal.abort() };

const SCRATCH = mkdtempSync(join(tmpdir(), "litally-ops-exits-"));
afterAll(() => rmSync(SCRATCH, { recursive: true }));
/** A record of acts that is whole, and none. */
const [WHOLE, EMPTY] = [join(SCRATCH, "whole"), join(SCRATCH, "empty")];
await recorder(folderShelf(join(WHOLE, "audit/production")), { environment: "production" }).act();
/** One that somebody has changed, and one that cannot be read. */
const [DAMAGED, IN_THE_WAY] = [join(SCRATCH, "damaged"), join(SCRATCH, "in-the-way")];
mkdirSync(join(DAMAGED, "audit/production"), { recursive: true });
writeFileSync(join(DAMAGED, "audit/production/0000000001.json"), "{}\n");
mkdirSync(join(IN_THE_WAY, "audit"), { recursive: true });
writeFileSync(join(IN_THE_WAY, "audit/production"), "");

interface Row extends Pick<RunOptions, "env" | "interrupted" | "after" | "stateDir"> {
  readonly command: string;
  readonly exitCode: number;
}

const TABLE: readonly Row[] = [
  { command: "retention check --sandbox", exitCode: 0 },
  { command: "retention check --sandbox atlas-default", exitCode: 1 },
  { command: "retention check --sandbox forbidden-snapshots", exitCode: 2 },
  { command: "retention check --only slots --sandbox", exitCode: 64 },
  { command: "retention check nobody --sandbox", exitCode: 64 },
  { command: "retention check --sandbox", ...ENDED, exitCode: 130 },
  { command: "retention simulate --sandbox", exitCode: 0 },
  { command: "retention simulate --sandbox copies-off", exitCode: 1 },
  { command: "retention simulate --sandbox archive-forbidden", exitCode: 2 },
  { command: "retention simulate --until soon --sandbox", exitCode: 64 },
  { command: "retention map core --sandbox", exitCode: 0 },
  { command: "retention map core --sandbox forbidden-snapshots", exitCode: 2 },
  { command: "retention map core --assume-lost region=mars --sandbox", exitCode: 64 },
  { command: "alarms audit --sandbox", exitCode: 0 },
  { command: "alarms audit --sandbox alarm-stricter", exitCode: 0 },
  { command: "alarms audit --sandbox alarm-stricter --strict", exitCode: 1 },
  { command: "alarms audit --sandbox alarm-looser", exitCode: 1 },
  { command: "alarms audit --sandbox topics-unreadable", exitCode: 2 },
  { command: "alarms audit --only drif --sandbox", exitCode: 64 },
  { command: "alarms audit --sandbox", ...ENDED, exitCode: 130 },
  { command: "alarms audit", env: NOBODY, exitCode: 2 },
  { command: "alarms audit", env: ATLAS_ALONE, exitCode: 64 },
  { command: "alarms list --sandbox", exitCode: 0 },
  { command: "alarms list --sandbox alarms-unreadable", exitCode: 2 },
  { command: "alarms list", env: NOBODY, exitCode: 2 },
  { command: "alarms show --sandbox", exitCode: 0 },
  { command: "alarms show litally-nothing --sandbox", exitCode: 64 },
  { command: "alarms plan --sandbox", exitCode: 0 },
  { command: "alarms plan --sandbox alarm-looser", exitCode: 5 },
  { command: "alarms plan --sandbox alarms-unreadable", exitCode: 2 },
  { command: "alarms plan --sandbox", ...ENDED, exitCode: 130 },
  { command: "alarms apply --sandbox", exitCode: 0 },
  { command: "alarms apply --sandbox alarm-missing", exitCode: 0 },
  { command: "alarms apply --sandbox alarm-looser", exitCode: 3 },
  { command: "alarms apply --sandbox alarm-looser --confirm staging", exitCode: 3 },
  { command: "alarms apply --sandbox alarm-looser --confirm production", exitCode: 0 },
  { command: "alarms apply --sandbox alarm-looser --dry-run", exitCode: 5 },
  { command: "alarms apply --sandbox alarms-unreadable --confirm production", exitCode: 2 },
  { command: "alarms apply --sandbox", ...ENDED, exitCode: 130 },
  { command: "alarms adopt --sandbox", exitCode: 0 },
  { command: "alarms adopt litally-nothing --sandbox", exitCode: 2 },
  { command: "alarms test litally-api-5xx-rate --sandbox", exitCode: 0 },
  { command: "alarms test litally-api-5xx-rate --sandbox topic-policy-closed", exitCode: 1 },
  { command: "alarms test litally-api-5xx-rate --sandbox alarm-actions-off", exitCode: 3 },
  { command: "alarms test litally-api-5xx-rate --sandbox --dry-run", exitCode: 5 },
  { command: "alarms test litally-nothing --sandbox", exitCode: 2 },
  { command: "alarms test litally-api-5xx-rate --sandbox", ...ENDED, exitCode: 130 },
  { command: "notify audit --sandbox", exitCode: 0 },
  { command: "notify audit --sandbox topic-missing", exitCode: 1 },
  { command: "notify audit --sandbox subscriptions-unreadable", exitCode: 2 },
  { command: "notify plan --sandbox", exitCode: 0 },
  { command: "notify plan --sandbox topic-missing", exitCode: 5 },
  { command: "notify plan --sandbox topic-aws-key", exitCode: 3 },
  { command: "notify apply --sandbox topic-missing", exitCode: 0 },
  { command: "notify apply --sandbox topic-policy-closed", exitCode: 3 },
  { command: "notify apply --sandbox topic-policy-closed --confirm litally-critical", exitCode: 0 },
  { command: "notify apply --sandbox topics-unreadable", exitCode: 2 },
  { command: "notify test litally-critical --sandbox", exitCode: 0 },
  { command: "notify test litally-critical --sandbox topic-missing", exitCode: 3 },
  { command: "notify test litally-nothing --sandbox", exitCode: 64 },
  { command: "backup verify --sandbox", exitCode: 0 },
  { command: "backup verify --sandbox --strict", exitCode: 0 },
  { command: "backup verify --sandbox size-jump", exitCode: 0 },
  { command: "backup verify --sandbox size-jump --strict", exitCode: 1 },
  { command: "backup verify --sandbox stale", exitCode: 1 },
  { command: "backup verify --sandbox unknown-status --strict", exitCode: 2 },
  { command: "backup verify", env: NOBODY, exitCode: 2 },
  { command: "backup verify", env: POLICY_VARIABLES, exitCode: 2 },
  { command: "backup verify --sandbox --fault 500", exitCode: 2 },
  { command: "backup verify --sandbox --fault html", exitCode: 2 },
  { command: "backup verify --sandbox --fault 429=2", exitCode: 0 },
  { command: "backup verify --sandbox --fault nonsense=1", exitCode: 64 },
  { command: "backup verify", exitCode: 64 },
  { command: `backup verify ${BAD}`, exitCode: 64 },
  { command: "backup verify nobody --sandbox", exitCode: 64 },
  { command: "backup verify --sandbox --only nothing", exitCode: 64 },
  { command: "backup verify --sandbox", ...ENDED, exitCode: 130 },
  { command: "backup verify --sandbox", ...TOO_LATE, exitCode: 2 },
  { command: "backup verify --timeout 25d --sandbox", exitCode: 64 },
  { command: "backup verify --timeout 5y --sandbox", exitCode: 64 },
  { command: "backup verify --timeout soon --sandbox", exitCode: 64 },
  { command: "backup verify --json --format text --sandbox", exitCode: 64 },
  { command: "backup snapshot core --sandbox", exitCode: 0 },
  { command: "backup snapshot core --sandbox --no-wait", exitCode: 0 },
  { command: "backup snapshot core --sandbox snapshot-fails", exitCode: 4 },
  { command: "backup snapshot core --sandbox snapshot-hangs", exitCode: 4 },
  { command: "backup snapshot core --sandbox snapshot-in-the-way", exitCode: 3 },
  { command: "backup snapshot core --sandbox read-only", exitCode: 3 },
  { command: "backup snapshot core --sandbox forbidden-snapshots", exitCode: 2 },
  { command: "backup snapshot core --sandbox --dry-run", exitCode: 5 },
  { command: "backup snapshot --sandbox", exitCode: 64 },
  { command: "backup snapshot core --retain soon --sandbox", exitCode: 64 },
  { command: "backup snapshot core --sandbox", ...ENDED, exitCode: 130 },
  { command: "backup snapshot core", env: NOBODY, exitCode: 2 },
  ...[
    "backup verify",
    "backup list",
    "backup snapshot core",
    "backup watch core 0123456789abcdef01234567",
    "backup plan",
    "backup apply",
    "restore pitr core --at 2026-11-22T01:00:00Z --to litally-drill",
    "restore snapshot core --snapshot latest --to litally-drill",
    "restore list",
    "restore status core 0123456789abcdef01234567",
    "restore watch core 0123456789abcdef01234567",
    "restore cancel core 0123456789abcdef01234567",
  ].map((command) => ({ command, env: ATLAS_ALONE, exitCode: 2 })),
  { command: "backup watch core 0123456789abcdef01234567 --sandbox", exitCode: 2 },
  { command: "backup watch core latest --sandbox", exitCode: 64 },
  { command: "backup watch core --sandbox", exitCode: 64 },
  { command: "backup watch core 0123456789abcdef01234567 --sandbox", ...ENDED, exitCode: 130 },
  { command: "backup plan --sandbox", exitCode: 0 },
  { command: "backup plan --sandbox atlas-default", exitCode: 5 },
  { command: "backup plan --sandbox paused", exitCode: 3 },
  { command: "backup plan --sandbox forbidden-schedule", exitCode: 2 },
  { command: "backup plan --sandbox read-only --strict", exitCode: 0 },
  { command: "backup plan", env: NOBODY, exitCode: 2 },
  { command: "backup apply --sandbox", exitCode: 0 },
  { command: "backup apply --sandbox atlas-default", exitCode: 3 },
  { command: "backup apply --sandbox atlas-default --confirm litally-core", exitCode: 0 },
  { command: "backup apply --sandbox atlas-default --confirm litally", exitCode: 3 },
  { command: "backup apply --sandbox atlas-default --confirm litally-core --dry-run", exitCode: 5 },
  { command: "backup apply --sandbox oplogs-ignored --confirm litally-core", exitCode: 4 },
  { command: "backup apply --sandbox paused --confirm litally-core", exitCode: 3 },
  { command: "backup apply --allow-loosening --update-existing --sandbox", exitCode: 64 },
  { command: "backup apply --sandbox atlas-default --confirm litally-core", ...ENDED, exitCode: 130 },
  { command: "restore pitr core --at 2026-11-22T01:00:00Z --to litally-drill --sandbox --dry-run", exitCode: 5 },
  { command: "restore pitr core --at 2026-11-22T01:00:00Z --to litally-drill --sandbox", exitCode: 3 },
  {
    command: "restore pitr core --at 2026-11-22T01:00:00Z --to litally-drill --sandbox --confirm litally-drill",
    exitCode: 0,
  },
  {
    command: "restore pitr core --at 2026-11-22T01:00:00Z --to litally-core --sandbox --confirm litally-core",
    exitCode: 3,
  },
  { command: "restore pitr core --at 2026-11-22T01:00:00 --to litally-drill --sandbox", exitCode: 64 },
  {
    command: "restore pitr core --at 2026-11-23T01:00:00Z --to litally-drill --sandbox --confirm litally-drill",
    exitCode: 3,
  },
  { command: "restore pitr core --to litally-drill --sandbox", exitCode: 64 },
  { command: "restore pitr core --at 2026-11-22T01:00:00Z --to litally-drill", env: NOBODY, exitCode: 2 },
  { command: "restore pitr core --at 2026-11-22T01:00:00Z --to litally-drill --sandbox", ...ENDED, exitCode: 130 },
  {
    command: "restore snapshot core --snapshot latest --to litally-drill --sandbox --confirm litally-drill",
    exitCode: 0,
  },
  {
    command:
      "restore snapshot core --snapshot latest --to litally-drill --sandbox restore-fails --confirm litally-drill",
    exitCode: 4,
  },
  { command: "restore snapshot core --snapshot newest --to litally-drill --sandbox", exitCode: 64 },
  {
    command:
      "restore collections core --namespace ledger.entries --snapshot latest --to litally-drill --sandbox --confirm litally-drill",
    exitCode: 0,
  },
  {
    command:
      "restore collections core --namespace ledger.entries --snapshot latest --to litally-core --sandbox --confirm litally-core",
    exitCode: 3,
  },
  {
    command:
      "restore collections core --namespace ledger.entries --snapshot latest --to litally-core --sandbox --in-place --confirm litally-core",
    exitCode: 0,
  },
  {
    command: "restore snapshot core --snapshot latest --to litally-drill --sandbox no-cluster --confirm litally-drill",
    exitCode: 3,
  },
  { command: "backup snapshot core --sandbox no-cluster", exitCode: 3 },
  {
    command: "restore collections core --namespace ledger --snapshot latest --to litally-drill --sandbox",
    exitCode: 64,
  },
  {
    command:
      "restore collections core --namespace ledger.entries --snapshot latest --to litally-drill --sandbox --closing-snapshot",
    exitCode: 64,
  },
  {
    command: "restore snapshot core --snapshot latest --to litally-drill --sandbox --plan-file p.json --dry-run",
    exitCode: 64,
  },
  { command: "restore apply nowhere.json --confirm 0 --sandbox", exitCode: 64 },
  { command: "archive push core --sandbox", exitCode: 0 },
  { command: "archive push core --sandbox archive-missing --dry-run", exitCode: 5 },
  { command: "archive push core --sandbox archive-hidden", exitCode: 3 },
  { command: "archive push core --slot October --sandbox", exitCode: 64 },
  { command: "archive push core --sandbox archive-forbidden", exitCode: 2 },
  { command: "archive push core", env: NOBODY, exitCode: 2 },
  { command: "archive push core --sandbox", ...ENDED, exitCode: 130 },
  { command: "archive verify --sandbox", exitCode: 0 },
  { command: "archive verify --sandbox --only slot,archive/lock", exitCode: 0 },
  { command: "archive verify --sandbox archive-late", exitCode: 0 },
  { command: "archive verify --sandbox archive-late --strict", exitCode: 1 },
  { command: "archive verify --sandbox --within 1mo", exitCode: 1 },
  { command: "archive verify --sandbox --only snapshot-age", exitCode: 64 },
  { command: "archive verify --sandbox --only deep-read", exitCode: 2 },
  { command: "archive verify --sandbox --deep 1/1", exitCode: 0 },
  { command: "archive verify --sandbox --deep 1/1 --dry-run", exitCode: 5 },
  { command: "archive verify --sandbox archive-missing --deep 1/1", exitCode: 1 },
  { command: "archive verify --sandbox archive-missing --deep 1/1 --dry-run", exitCode: 1 },
  { command: "archive verify --sandbox --deep 1/1 --max-cost much", exitCode: 64 },
  { command: "archive verify --sandbox --deep 13/12", exitCode: 64 },
  { command: "archive verify --sandbox --dry-run", exitCode: 64 },
  { command: "archive verify nobody --sandbox", exitCode: 64 },
  { command: "archive verify", env: NOBODY, exitCode: 2 },
  { command: "archive verify --sandbox", ...ENDED, exitCode: 130 },
  { command: "archive verify --sandbox", ...TOO_LATE, exitCode: 2 },
  { command: "archive list --sandbox", exitCode: 0 },
  { command: "archive list --sandbox archive-missing", exitCode: 0 },
  { command: "archive list --sandbox archive-manifest-damaged", exitCode: 2 },
  { command: "archive list --sandbox archive-forbidden", exitCode: 2 },
  { command: "archive thaw core 2026-06 --sandbox", exitCode: 0 },
  { command: "archive thaw core 2026-06 --sandbox --dry-run", exitCode: 5 },
  { command: "archive thaw core 2026-06 --sandbox --max-cost 100", exitCode: 3 },
  { command: "archive thaw core 2026-06 --sandbox --tier expedited", exitCode: 3 },
  { command: "archive thaw core 2026-10 --sandbox archive-missing", exitCode: 3 },
  { command: "archive thaw core 2026-10 --sandbox archive-manifest-damaged", exitCode: 2 },
  { command: "archive thaw core 2026-10 --sandbox archive-wrong-class", exitCode: 0 },
  { command: "archive thaw core June --sandbox", exitCode: 64 },
  { command: "archive thaw core 2026-06 --tier slow --sandbox", exitCode: 64 },
  { command: "archive thaw core --sandbox", exitCode: 64 },
  { command: "archive thaw core 2026-06 --sandbox", ...ENDED, exitCode: 130 },
  { command: "archive thaw core 2026-06", env: NOBODY, exitCode: 2 },
  { command: "archive status core 2026-06 --sandbox", exitCode: 0 },
  { command: "archive status core 2026-10 --sandbox archive-truncated", exitCode: 1 },
  { command: "archive status core 2026-10 --sandbox archive-missing", exitCode: 2 },
  { command: "archive status core 2026-10 --sandbox archive-manifest-damaged", exitCode: 2 },
  { command: "archive status core June --sandbox", exitCode: 64 },
  { command: "archive status core 2026-06 --sandbox", ...ENDED, exitCode: 130 },
  { command: "archive status core 2026-06", env: NOBODY, exitCode: 2 },
  { command: "archive fetch core 2026-06 --to nowhere --sandbox", exitCode: 3 },
  { command: "archive fetch core 2026-10 --to nowhere --dry-run --sandbox archive-wrong-class", exitCode: 5 },
  { command: "archive fetch core 2026-10 --to - --sandbox archive-wrong-class", exitCode: 0 },
  { command: "archive fetch core 2026-10 --to nowhere --sandbox archive-manifest-damaged", exitCode: 2 },
  { command: "archive fetch core 2026-06 --sandbox", exitCode: 64 },
  { command: "archive fetch core 2026-06 --to nowhere --object x --sandbox", exitCode: 64 },
  { command: "archive fetch core 2026-10 --to - --sandbox archive-wrong-class", ...ENDED, exitCode: 130 },
  { command: "archive fetch core 2026-06 --to nowhere", env: NOBODY, exitCode: 2 },
  { command: "archive abort core --sandbox", exitCode: 0 },
  { command: "archive abort core --sandbox archive-orphaned-upload", exitCode: 3 },
  { command: "archive abort core --sandbox archive-orphaned-upload --dry-run", exitCode: 5 },
  { command: "archive abort core 2026-01 --sandbox archive-orphaned-upload --confirm core/2026-01", exitCode: 0 },
  { command: "archive abort core June --sandbox", exitCode: 64 },
  { command: "archive abort core --sandbox", ...ENDED, exitCode: 130 },
  { command: "archive abort core", env: NOBODY, exitCode: 2 },
  { command: "archive list nobody --sandbox", exitCode: 64 },
  { command: "archive list", env: NOBODY, exitCode: 2 },
  { command: "archive list --sandbox", ...ENDED, exitCode: 130 },
  { command: "restore drill core --sandbox --dry-run --no-verify", exitCode: 5 },
  { command: "restore drill core --sandbox --no-verify", exitCode: 3 },
  { command: "restore drill core --sandbox --confirm litally-drill", exitCode: 3 },
  { command: "restore drill core --sandbox --last", exitCode: 0 },
  { command: "restore drill core --sandbox --last --strict", exitCode: 1 },
  { command: "restore drill core --sandbox --clean-up", exitCode: 0 },
  { command: "restore drill core --sandbox --tier dayly", exitCode: 64 },
  { command: "restore drill core --sandbox --tier yearly", exitCode: 2 },
  { command: "restore drill core --no-verify", env: ATLAS_ALONE, exitCode: 2 },
  { command: "restore list --sandbox", exitCode: 0 },
  { command: "restore list", env: NOBODY, exitCode: 2 },
  { command: "restore status core 0123456789abcdef01234567 --sandbox", exitCode: 2 },
  { command: "restore status core latest --sandbox", exitCode: 64 },
  { command: "restore watch core 0123456789abcdef01234567 --sandbox", exitCode: 2 },
  { command: "restore watch core latest --sandbox", exitCode: 64 },
  { command: "restore cancel core 0123456789abcdef01234567 --sandbox", exitCode: 2 },
  { command: "backup list --sandbox", exitCode: 0 },
  { command: "backup list --sandbox stale", exitCode: 0 },
  { command: "backup list --sandbox forbidden-snapshots", exitCode: 2 },
  { command: "backup list --sandbox no-cluster", exitCode: 1 },
  { command: "backup list nobody --sandbox", exitCode: 64 },
  { command: "backup list --format junit --sandbox", exitCode: 64 },
  { command: "backup list --format openmetrics --sandbox", exitCode: 64 },
  { command: "backup verify --format openmetrics --sandbox stale", exitCode: 1 },
  { command: "backup verify --report report.pdf --sandbox", exitCode: 64 },
  { command: "backup list --report report.prom --sandbox", exitCode: 64 },
  { command: "backup list --report report.md --sandbox", exitCode: 0 },
  { command: "backup list --limit 0 --sandbox", exitCode: 64 },
  { command: "config show --format junit", env: POLICY_VARIABLES, exitCode: 64 },
  { command: "backup list --sandbox", ...ENDED, exitCode: 130 },
  { command: "backup list", env: POLICY_VARIABLES, exitCode: 2 },
  { command: "config check", env: POLICY_VARIABLES, exitCode: 0 },
  { command: "config check", exitCode: 64 },
  { command: `config check ${BAD}`, exitCode: 64 },
  { command: "config check --config nowhere.yaml", exitCode: 64 },
  { command: "config show", env: POLICY_VARIABLES, exitCode: 0 },
  { command: `config show ${BAD}`, exitCode: 64 },
  { command: "config schema", exitCode: 0 },
  { command: "config init package.json", exitCode: 64 },
  { command: "doctor --sandbox", exitCode: 0 },
  { command: "doctor", exitCode: 1 },
  { command: "doctor", env: NOBODY, exitCode: 2 },
  { command: "doctor --sandbox", ...ENDED, exitCode: 130 },
  { command: `doctor --schedules --sandbox --config ${SCHEDULES}`, exitCode: 0 },
  { command: `doctor --schedules --sandbox schedule-failed --config ${SCHEDULES}`, exitCode: 1 },
  { command: `doctor --schedules --sandbox schedules-unheard --config ${SCHEDULES}`, exitCode: 2 },
  { command: "doctor permissions --print backup", env: POLICY_VARIABLES, exitCode: 0 },
  { command: "doctor permissions --print bakup", exitCode: 64 },
  { command: "doctor permissions", exitCode: 64 },
  { command: "sandbox worlds", exitCode: 0 },
  { command: "sandbox env", exitCode: 0 },
  { command: "sandbox env --port many", exitCode: 64 },
  { command: "sandbox up --port 0", ...ENDED, exitCode: 0 },
  { command: "sandbox up --port 70000", exitCode: 64 },
  { command: "sandbox up --world nowhere --port 0", exitCode: 64 },
  { command: "audit log verify --from local", env: POLICY_VARIABLES, stateDir: WHOLE, exitCode: 0 },
  { command: "audit log verify --from local", env: POLICY_VARIABLES, stateDir: EMPTY, exitCode: 2 },
  { command: "audit log verify --from local", env: POLICY_VARIABLES, stateDir: DAMAGED, exitCode: 1 },
  { command: "audit log verify --from local", env: POLICY_VARIABLES, stateDir: IN_THE_WAY, exitCode: 2 },
  { command: "audit log verify --from local", env: POLICY_VARIABLES, stateDir: DAMAGED, ...ENDED, exitCode: 130 },
  { command: "audit log verify --from nowhere", env: POLICY_VARIABLES, exitCode: 64 },
  { command: `audit log verify --from s3 --config ${SCHEDULES}`, exitCode: 64 },
  { command: "audit log verify --config nowhere.yaml", exitCode: 64 },
  { command: "audit log list --from local", env: POLICY_VARIABLES, exitCode: 0 },
  { command: "audit log list --from local", env: POLICY_VARIABLES, stateDir: DAMAGED, exitCode: 2 },
  { command: "audit log list --from local", env: POLICY_VARIABLES, stateDir: IN_THE_WAY, exitCode: 2 },
  { command: "audit log list --from local", env: POLICY_VARIABLES, stateDir: DAMAGED, ...ENDED, exitCode: 130 },
  { command: "audit log list --limit 0", env: POLICY_VARIABLES, exitCode: 64 },
  { command: "audit log", exitCode: 64 },
  { command: "audit log verfy", exitCode: 64 },
  { command: "audit log verify extra", exitCode: 64 },
  { command: "help audit", exitCode: 0 },
  { command: "help audit log list", exitCode: 0 },
  { command: "completion bash", exitCode: 0 },
  { command: "completion tcsh", exitCode: 64 },
  { command: "completion", exitCode: 64 },
  { command: "--sandbox backup verify", exitCode: 0 },
  { command: "--sandbox=stale backup verify", exitCode: 1 },
  { command: "--config nowhere.yaml backup verify --help", exitCode: 0 },
  { command: "help backup", exitCode: 0 },
  { command: "help nothing", exitCode: 64 },
  { command: "--json", exitCode: 64 },
  { command: "", exitCode: 64 },
  { command: "backup verify core extra --sandbox", exitCode: 64 },
];

describe("each command and outcome", () => {
  test.each(TABLE)("$command: $exitCode", async ({ command, exitCode, ...options }) => {
    const ran = await run(command.split(" ").filter(Boolean), options);
    expect(ran.exitCode, ran.stderr).toBe(exitCode);
    const [, , said] = VERDICT_LINE.exec(lastLine(ran.stdout)) ?? VERDICT_LINE.exec(lastLine(ran.stderr)) ?? [];
    if (exitCode !== 0) expect(said, `${ran.stdout}${ran.stderr}`).toBe(String(exitCode));
  });

  test.each(COMMANDS.map(({ name }) => name))("the help of %s names them all", (name) => {
    const [, named = ""] = /\nExit codes: ([^;]*);/.exec(helpFor(name.split(" ")) ?? "") ?? [];
    const codes = named.split(",").map((part) => Number.parseInt(part, 10));
    const own = TABLE.filter(({ command }) => command.startsWith(`${name} `) && !command.endsWith("--help"));
    expect(codes).toEqual(expect.arrayContaining(own.map(({ exitCode }) => exitCode)));
  });

  test("no command is forgotten", () => {
    const untested = COMMANDS.filter(({ name }) => !TABLE.some(({ command }) => command.startsWith(name)));
    expect(untested.map(({ name }) => name)).toEqual([]);
  });

  test("a bug of ours: 70, and the stack only on request", async () => {
    const broken = (text: string): RunOptions => ({
      open: (session) => ({
        ...session,
        context: { ...session.context, policy: () => Promise.reject(new TypeError(text)) },
      }),
    });
    const ran = await run(["config", "check"], broken("x is not a function"));
    expect(ran).toMatchObject({ exitCode: 70, stdout: "" });
    expect(ran.stderr).toMatch(/^bug in litally-ops: x is not a function\nverdict: ERROR - a bug of ours.*\n$/);
    expect((await run(["config", "check", "--debug"], broken("x"))).stderr).toContain("    at ");
    const wordless = await run(["config", "check", "--json"], broken(""));
    expect(wordless.exitCode).toBe(70);
    expect(JSON.parse(wordless.stdout)).toMatchObject({ kind: "error", error: { kind: "bug" } });
  });
});

describe("every world, through the real client", () => {
  const verifying = ["backup verify", "archive verify", "alarms audit", "doctor --schedules"];
  const verified = listWorlds().filter(({ command }) => verifying.includes(command));
  test.each(verified)("$name: $verdict", async (world) => {
    const { name, command, verdict, check } = world;
    const ran = await run([...command.split(" "), "--sandbox", name, "--json"]);
    const document = JSON.parse(ran.stdout) as { status: Status; findings: { check: string; status: Status }[] };
    // a world may shake other checks too; then its own verdict is at least among them
    expect(document.findings.filter((finding) => finding.check === check).map(({ status }) => status)).toEqual(
      check === null ? [] : expect.arrayContaining([verdict]),
    );
    expect(document.status).toBe(verdict);
    expect(ran.exitCode).toBe(BY_STATUS[document.status]);
    expect(lastLine(ran.stderr)).toMatch(VERDICT_LINE);
  });

  test.each(verified.filter(({ verdict }) => verdict === "warn"))("$name fails under --strict", async (world) => {
    expect((await run([...world.command.split(" "), "--sandbox", world.name, "--strict"])).exitCode).toBe(1);
  });

  const ofData = verified.filter(({ command }) => command.endsWith(" verify"));
  test.each(ofData)("what is wrong in $name is the matter of $command alone", async ({ name, command }) => {
    for (const other of ["backup verify", "archive verify"].filter((one) => one !== command))
      expect((await run([...other.split(" "), "--sandbox", name])).exitCode, other).toBe(0);
  });
});

describe("the exit code by itself", () => {
  const report = (...statuses: readonly Status[]) => ({
    kind: "report" as const,
    command: "x",
    environment: "x",
    observedAt: new Date(0),
    findings: statuses.map((status) => ({ check: "x/y", title: "x", subject: "x", status, message: "x" })),
  });

  test.each<[readonly Status[], number, number]>([
    [[], 2, 2],
    [["pass"], 0, 0],
    [["pass", "warn"], 0, 1],
    [["warn", "unknown"], 2, 2],
    [["unknown", "fail"], 1, 1],
    [["fail", "unknown", "pass"], 1, 1],
  ])("%j: %i, strict %i", (statuses, exitCode, strict) => {
    expect(exitCodeOf(report(...statuses), false)).toBe(exitCode);
    expect(exitCodeOf(report(...statuses), true)).toBe(strict);
  });

  test("no kind of error is a success, and none is told as a verdict", () => {
    for (const kind of ERROR_KINDS) expect([2, 64, 70, 130]).toContain(exitCodeOfError(kind));
  });
});
