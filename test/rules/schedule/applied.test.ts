/** After a change: what Atlas did not take is named, one finding for each setting, and applying again is no remedy. */
import { expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import { judgeApplied } from "../../../src/rules/schedule/applied.ts";
import type { ScheduleFacts } from "../../../src/rules/schedule/plan.ts";
import { aCluster, aCopySetting, anItem, aSchedule, duration, entry, facts, GONE, REGION } from "../build.ts";

const POLICY = {
  snapshots: [entry("daily", "7d")],
  continuousBackup: { window: duration("7d") },
  copies: [{ region: REGION, frequencies: ["daily" as const], oplogs: true }],
};

type Given = Omit<NonNullable<Parameters<typeof facts>[0]>, "database">;

function seen(given: Given): ScheduleFacts {
  const backup = facts({ ...given, database: POLICY });
  return { backup, compliance: known(null), options: { loosen: false }, sourceOf: () => null };
}

function applied(given: Given = {}, before: Given = given) {
  return judgeApplied({ before: seen(before), now: seen(given) }, "cluster/litally-core");
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

it("what the policy does not name and was to stay is missed, and only if it is less than before", () => {
  const items = [anItem("hourly", 7), anItem("daily", 7)];
  const rare = (years: number) => anItem("yearly", years, { retention: { value: years, unit: "years" } });
  const taken = (before: number, now: number | null) =>
    applied(
      { schedule: aSchedule({ items: now === null ? items : [...items, rare(now)] }) },
      { schedule: aSchedule({ items: [...items, rare(before)] }) },
    )
      .filter(({ check }) => check === "schedule/applied")
      .map(({ status, message }) => `${status}: ${message}`);
  const wrong = (live: string) => [`fail: Atlas did not take it: yearly snapshots should be kept 5y, and is ${live}`];
  expect(taken(5, 5)).toEqual(["pass: the live settings are as the policy wants them"]);
  expect(taken(5, 6)).toEqual(["pass: the live settings are as the policy wants them"]);
  expect(taken(5, 4)).toEqual(wrong("kept 4y"));
  expect(taken(5, null)).toEqual(wrong("none"));
});

it("what was not taken and what was lost are told side by side, each once", () => {
  const yearly = anItem("yearly", 5, { retention: { value: 5, unit: "years" } });
  const before = aSchedule({ items: [anItem("hourly", 7), anItem("daily", 7), yearly] });
  const now = aSchedule({ items: [anItem("hourly", 7), anItem("daily", 5)] });
  const wrong = applied({ schedule: now }, { schedule: before }).filter(({ check }) => check === "schedule/applied");
  expect(wrong.map(({ scope }) => scope)).toEqual(["daily snapshots", "yearly snapshots"]);
});

it("where there was no schedule before, nothing can have been lost", () => {
  const off = { cluster: aCluster({ backupEnabled: false }), schedule: GONE };
  expect(applied({}, off)[0]?.status).toBe("pass");
});

it("what was to be new is no loss: its name may differ from what Atlas made of it", () => {
  const none = aSchedule({ items: [anItem("hourly", 7)] });
  expect(applied({}, { schedule: none })[0]?.status).toBe("pass");
});
