/** Every check has an id and a title of its own: people read the one, scripts rely on the other. */
import { expect, test } from "vitest";
import type { Check } from "../../src/core/check.ts";
import { known } from "../../src/core/observed.ts";
import type { Finding } from "../../src/core/report.ts";
import { ALARM_CHECKS } from "../../src/rules/alarms/checks.ts";
import { planAlarms } from "../../src/rules/alarms/plan.ts";
import { nobodyAtWork } from "../../src/rules/archive/abort.ts";
import { FETCH_CHECKS } from "../../src/rules/archive/fetch.ts";
import { ONE_ARCHIVE_CHECKS } from "../../src/rules/archive/one.ts";
import { pushPreconditions } from "../../src/rules/archive/preconditions.ts";
import { readable } from "../../src/rules/archive/readable.ts";
import { THAW_CHECKS } from "../../src/rules/archive/thaw-plan.ts";
import { verifyArchives } from "../../src/rules/archive/verify.ts";
import { BACKUP_CHECKS } from "../../src/rules/backup/checks.ts";
import { AWS_CHECKS, DOCTOR_CHECKS } from "../../src/rules/doctor.ts";
import { HEARTBEAT_CHECKS } from "../../src/rules/heartbeat.ts";
import { planNotify } from "../../src/rules/notify/plan.ts";
import { ways } from "../../src/rules/notify/ways.ts";
import { judgeApplied } from "../../src/rules/schedule/applied.ts";
import { planSchedule } from "../../src/rules/schedule/plan.ts";
import { SCHEDULE_CHECKS } from "../../src/rules/schedules/checks.ts";
import { snapshotOutcome } from "../../src/rules/snapshot/outcome.ts";
import { snapshotPreconditions } from "../../src/rules/snapshot/preconditions.ts";
import { ALL, alarmFacts, alertFacts } from "./alarms/live.ts";
import { standingFacts } from "./archive/kept.ts";
import { aPush } from "./archive/push.ts";
import { facts, GONE } from "./build.ts";
import { everyCheck } from "./notify/build.ts";

const nothing = facts({ cluster: GONE, schedule: GONE, snapshots: GONE });
const schedule = { backup: nothing, compliance: known(null), options: { loosen: false }, sourceOf: () => null };

const alarms = {
  alarms: alarmFacts(ALL),
  alerts: alertFacts(ALL, { configs: known([]) }),
  environment: "e",
  prune: true,
};

const ARCHIVE_READING = [...ONE_ARCHIVE_CHECKS, ...THAW_CHECKS, readable, ...FETCH_CHECKS, nobodyAtWork];

const named = ({ check, title }: Finding) => ({ id: check, title });
const ofCheck = ({ id, title }: Pick<Check<never>, "id" | "title">) => ({ id, title });

/** Of several archives each check is made again. */
function uniquely(checks: readonly ReturnType<typeof named>[]) {
  return checks.filter(
    ({ id, title }, index) => index === checks.findIndex((other) => other.id === id && other.title === title),
  );
}

test.each([
  ["of backup verify", BACKUP_CHECKS.map(ofCheck)],
  ["of doctor", [...DOCTOR_CHECKS.map(ofCheck), ...AWS_CHECKS.map(ofCheck)]],
  ["of doctor --schedules", SCHEDULE_CHECKS.map(ofCheck)],
  ["before a snapshot", snapshotPreconditions(nothing, "s").map(named)],
  ["after a snapshot", snapshotOutcome({ backup: nothing, snapshotId: "1", retentionDays: 1 }, "s").map(named)],
  ["before a push", pushPreconditions(aPush({ bucket: GONE }), "s").map(named)],
  ["of alarms audit", ALARM_CHECKS.map(ofCheck)],
  ["before a change of alarms", planAlarms(alarms).preconditions.map(named)],
  ["of archive verify", uniquely(verifyArchives(standingFacts()).map(named))],
  ["of thaw, fetch and abort", ARCHIVE_READING.map(ofCheck)],
  ["of the heartbeat", HEARTBEAT_CHECKS.map(ofCheck)],
  ["of the ways to people", ways(everyCheck()).findings.map(named)],
  ["before a change of topics", planNotify(everyCheck()).preconditions.map(named)],
  ["before a change of the schedule", planSchedule(schedule, "s").preconditions.map(named)],
  [
    "after a change of the schedule",
    judgeApplied({ before: schedule, now: schedule }, "s")
      .filter(({ check }) => check.startsWith("schedule/"))
      .map(named),
  ],
])("%s", (_, checks) => {
  expect(checks.length).toBeGreaterThan(0);
  for (const { id, title } of checks)
    expect([id, title]).toEqual([expect.stringMatching(/^[a-z]+\/[a-z-]+$/), expect.stringMatching(/^[a-z].{8,}/i)]);
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  expect(new Set(checks.map(({ title }) => title)).size).toBe(checks.length);
});
