import { describe, expect, test } from "vitest";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import { type DrillRecord, drillRecent, lastSuccess, outcomeOf, recordText } from "../../../src/rules/drill/record.ts";

const DAY = 86_400_000;
const NOW = new Date("2026-11-22T02:00:00Z");

function record(change: Partial<DrillRecord> = {}): DrillRecord {
  return {
    kind: "drill",
    schemaVersion: 1,
    environment: "production",
    projectId: "5a4db0c5a4db0c5a4db0c5a4",
    database: "core",
    cluster: "litally-core",
    target: "litally-drill",
    sandbox: null,
    outcome: "succeeded",
    point: { askedAt: "2026-11-22T01:50:00.000Z", snapshotId: "66f0c2a5b3d94e0012ab34cd", tier: null },
    jobId: "66f0c2a5b3d94e0012ab34ce",
    startedAt: "2026-11-22T01:00:00.000Z",
    endedAt: "2026-11-22T02:00:00.000Z",
    rtoMs: 3_600_000,
    rpoMs: 60_000,
    objectives: { rtoMs: 14_400_000, rpoMs: null },
    findings: [{ check: "drill/rto", status: "pass", message: "1 h | well" }],
    steps: [{ summary: "erase litally-drill", state: "done" }],
    afterwards: "pause",
    toolVersion: "0.1.0",
    ...change,
  };
}

const agedMs = (ms: number, change: Partial<DrillRecord> = {}) =>
  record({ endedAt: new Date(NOW.getTime() - ms).toISOString(), ...change });

function judged(records: readonly DrillRecord[]) {
  const history = { every: { value: 90, unit: "d" }, database: "core", folder: "drills/core", now: NOW } as const;
  const { status, message } = [drillRecent.judge({ ...history, records: known(records) })].flat()[0] ?? {};
  return `${status}: ${message}`;
}

describe("when one last succeeded", () => {
  test("is told of the newest that did, whatever order they are in, and by now", () => {
    const records = [agedMs(2 * DAY), agedMs(DAY), agedMs(3 * DAY), agedMs(0, { outcome: "failed" }), agedMs(-1)];
    expect(lastSuccess(records, NOW)).toBe(records[1]);
    expect(lastSuccess(records.toReversed(), NOW)).toBe(records[1]);
    expect(lastSuccess(records.slice(3), NOW)).toBeUndefined();
  });

  test.each<[string, readonly DrillRecord[], RegExp]>([
    ["at the limit", [agedMs(90 * DAY)], /^pass: the last successful drill was 90 d/],
    ["beyond it", [agedMs(90 * DAY + 1)], /^warn: .*every 90d/],
    ["never", [], /^warn: no successful drill is on record in drills\/core$/],
    ["only failed ones", [agedMs(DAY, { outcome: "failed" })], /^warn: no successful drill .* failed$/],
    ["one that nobody verified does not count", [agedMs(DAY, { outcome: "unverified" })], /^warn: no successful/],
    [
      "a success, and a failure since",
      [agedMs(2 * DAY), agedMs(DAY, { outcome: "failed" })],
      /^warn: .*48 h .*ago; .*failed$/,
    ],
    ["a failure, and a success since", [agedMs(DAY), agedMs(2 * DAY, { outcome: "failed" })], /^pass/],
    ["one that ends in the future does not count", [agedMs(-1)], /^warn: no successful .*; 1 dated after now/],
  ])("%s", (_, records, expected) => {
    expect(judged(records)).toMatch(expected);
  });

  test("records that cannot be read prove nothing", () => {
    const records = notKnown(new OpsError("config", "drills/core/drill-1.json is no record of a drill"));
    const verdict = drillRecent.judge({
      every: { value: 90, unit: "d" },
      database: "core",
      folder: "f",
      now: NOW,
      records,
    });
    expect(verdict).toMatchObject({ status: "unknown" });
  });
});

test("only a restore that is done and seen to be right is a success", () => {
  expect(outcomeOf("done", true, "pass")).toBe("succeeded");
  expect(outcomeOf("done", true, "warn")).toBe("succeeded");
  expect(outcomeOf("done", true, "unknown")).toBe("failed");
  expect(outcomeOf("done", true, "fail")).toBe("failed");
  expect(outcomeOf("done", false, "pass")).toBe("unverified");
  expect(outcomeOf("failed", true, "pass")).toBe("failed");
  expect(outcomeOf("interrupted", true, "pass")).toBe("stopped");
});

test("the text says what was measured beside the objectives, and marks a rehearsal", () => {
  const text = recordText(record());
  expect(text).toContain("# Restore drill of core: succeeded");
  expect(text).toContain("| RTO: request to verified | 1 h (objective: 4 h) |");
  expect(text).toContain("| RPO: instant asked for to newest data | 1 m 00 s (objective: none declared) |");
  expect(text).toContain("| drill/rto | pass | 1 h \\| well |");
  expect(text).toContain("| the cluster afterwards | to be paused, once this is written |");
  expect(text).not.toContain("sandbox");
  expect(recordText(record({ sandbox: "healthy" }))).toContain("proves nothing about the accounts");
});
