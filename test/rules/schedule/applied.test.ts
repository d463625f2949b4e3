/** After a change: what Atlas did not take is named, one finding for each setting, and applying again is no remedy. */
import { expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { judgeApplied } from "../../../src/rules/schedule/applied.ts";
import { aCluster, aCopySetting, anItem, aSchedule, duration, entry, facts, GONE, REGION } from "../build.ts";

const POLICY = {
  snapshots: [entry("daily", "7d")],
  continuousBackup: { window: duration("7d") },
  copies: [{ region: REGION, frequencies: ["daily" as const], oplogs: true }],
};

function applied(given: Omit<NonNullable<Parameters<typeof facts>[0]>, "database"> = {}) {
  const backup: BackupFacts = facts({ ...given, database: POLICY });
  const of = { backup, compliance: known(null), options: { loosen: false }, sourceOf: () => null };
  return judgeApplied(of, "cluster/litally-core");
}

it("all is as the policy wants it, by the settings' own checks too", () => {
  const findings = applied();
  expect(findings[0]).toMatchObject({
    check: "schedule/applied",
    subject: "cluster/litally-core",
    status: "pass",
    message: "the live settings are as the policy wants them",
  });
  expect(findings.map(({ check, status, remedy }) => [check, status, remedy])).toEqual(
    [
      "schedule/applied",
      "backup/enabled",
      "backup/schedule-item",
      "backup/continuous-enabled",
      "backup/continuous-hourly-item",
      "backup/continuous-window",
      "backup/copies-configured",
      "backup/copies-oplogs",
    ].map((check) => [check, "pass", undefined]),
  );
});

it("each setting that was not taken fails under its own name, with both sides", () => {
  const items = [anItem("hourly", 7), anItem("daily", 5)];
  const copySettings = [aCopySetting({ copiesOplogs: false })];
  const findings = applied({ schedule: aSchedule({ items, copySettings }) });
  const taken = findings.filter(({ check }) => check === "schedule/applied");
  expect(taken.map(({ status, scope, message, evidence }) => [status, scope, message, evidence])).toEqual([
    [
      "fail",
      "daily snapshots",
      "Atlas did not take it: daily snapshots should be kept 7d, and is kept 5d",
      { expected: "kept 7d", actual: "kept 5d" },
    ],
    [
      "fail",
      `copies to ${REGION}`,
      `Atlas did not take it: copies to ${REGION} should be daily, oplogs, and is daily`,
      { expected: "daily, oplogs", actual: "daily" },
    ],
  ]);
  expect(taken[0]?.remedy).toBe(
    "look at the cluster in Atlas (litally-core, Backup); litally-ops backup plan core shows what is open",
  );
  const others = findings.filter(({ check, status }) => check !== "schedule/applied" && status !== "pass");
  expect(others.map(({ check, remedy }) => [check, remedy])).toEqual([
    ["backup/schedule-item", "see schedule/applied"],
    ["backup/copies-oplogs", "see schedule/applied"],
  ]);
});

it("what cannot be read back was not shown to be taken", () => {
  for (const given of [{ schedule: GONE }, { cluster: aCluster({ pitEnabled: GONE }) }, { cluster: GONE }])
    expect(applied(given)[0]).toMatchObject({
      status: "unknown",
      message: "could not find out: this field is gone",
    });
});
