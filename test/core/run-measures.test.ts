import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Evidence, Finding, Report, Status } from "../../src/core/report.ts";
import { measuresOf } from "../../src/core/run-measures.ts";

const startedAt = new Date("2026-11-22T02:00:00Z");
const endedAt = new Date("2026-11-22T02:00:01.5Z");

const createdAt = "2026-11-22T01:00:00Z";

/** Of a snapshot of that age; where none is given, without evidence. */
function aged(subject: string, status: Status, ageSeconds?: number): Finding {
  return finding(subject, status, ageSeconds === undefined ? undefined : { createdAt, ageSeconds });
}

function finding(subject: string, status: Status, evidence?: Evidence, check = "backup/snapshot-age"): Finding {
  return { check, title: "a title", subject, status, message: "a message", ...(evidence && { evidence }) };
}

function measured(...findings: readonly Finding[]) {
  const outcome: Report = {
    kind: "report",
    command: "backup verify",
    environment: "test",
    observedAt: endedAt,
    findings,
  };
  return measuresOf({ outcome, exitCode: 1, startedAt, endedAt });
}

describe("the numbers of a run", () => {
  test("count its findings, and say how and when it ended", () => {
    const measures = measured(
      finding("a", "fail"),
      finding("a", "pass"),
      finding("b", "pass"),
      finding("b", "unknown"),
    );
    expect(measures).toEqual({
      exitCode: 1,
      endedAt,
      durationSeconds: 1.5,
      findings: { pass: 2, waived: 0, warn: 0, fail: 1, unknown: 1 },
      newestBackups: [],
    });
  });

  test("of one that ended with an error hold no counts, which would read as none found", () => {
    expect(measuresOf({ exitCode: 64, startedAt, endedAt })).toEqual({
      exitCode: 64,
      endedAt,
      durationSeconds: 1.5,
      newestBackups: [],
    });
  });

  test("never hold a negative time, whatever was done to the clock", () => {
    expect(measuresOf({ exitCode: 0, startedAt: endedAt, endedAt: startedAt }).durationSeconds).toBe(0);
  });
});

describe("the age of the newest good backup", () => {
  test("is the least of its subject's, failed ones included, and the greatest of all subjects", () => {
    const { newestBackups, newestBackupAgeSeconds } = measured(
      aged("a", "pass", 700),
      aged("a", "fail", 90),
      aged("b", "fail", 800),
      finding("b", "unknown"),
    );
    expect(newestBackups).toEqual([
      { subject: "a", createdAt: new Date(createdAt), ageSeconds: 90 },
      { subject: "b", createdAt: new Date(createdAt), ageSeconds: 800 },
    ]);
    expect(newestBackupAgeSeconds).toBe(800);
  });

  test("of what was not found out is absent, and so is the greatest, which it may be", () => {
    for (const doubtful of [aged("b", "unknown", 5), finding("b", "fail", { actual: "none", createdAt })]) {
      const measures = measured(aged("a", "pass", 90), doubtful);
      expect(measures.newestBackups).toEqual([{ subject: "a", createdAt: new Date(createdAt), ageSeconds: 90 }]);
      expect(measures).not.toHaveProperty("newestBackupAgeSeconds");
    }
  });

  test("is that of no other check", () => {
    expect(measured(finding("a", "pass", { createdAt, ageSeconds: 5 }, "archive/age")).newestBackups).toEqual([]);
  });

  test("is never made up", () => {
    const age = fc.option(fc.nat(), { nil: undefined });
    const status = fc.constantFrom<Status>("pass", "warn", "fail", "unknown");
    const findings = fc.array(fc.tuple(fc.constantFrom("a", "b"), status, age));
    fc.assert(
      fc.property(findings, (all) => {
        const { newestBackups } = measured(...all.map((one) => aged(...one)));
        for (const { subject, ageSeconds } of newestBackups)
          expect(all.some(([of, its, seen]) => of === subject && its !== "unknown" && seen === ageSeconds)).toBe(true);
      }),
    );
  });
});
