import { expect, test } from "vitest";
import { parseDuration } from "../../src/core/duration.ts";
import { heartbeatAlarmNames, silenceOf } from "../../src/core/heartbeat.ts";

const silence = (every: string, grace: string) =>
  silenceOf({ every: parseDuration(every, "every"), grace: parseDuration(grace, "grace") });

test.each([
  ["1h", "30m", { periodSeconds: 300, periods: 18 }],
  ["1m", "90s", { periodSeconds: 300, periods: 1 }],
  ["20h", "4h", { periodSeconds: 300, periods: 288 }],
  ["20h", "241m", { periodSeconds: 3600, periods: 25 }],
  ["1d", "3h", { periodSeconds: 3600, periods: 27 }],
  ["6d", "1d", { periodSeconds: 3600, periods: 168 }],
  ["6d", "86401s", undefined],
  ["1mo", "1d", undefined],
])("a run every %s with a grace of %s", (every, grace, expected) => {
  expect(silence(every, grace)).toEqual(expected);
});

test("the alarms of a schedule have its words in their names, after those that are owned", () => {
  expect(heartbeatAlarmNames("our-", "audit log verify")).toEqual({
    missed: "our-heartbeat-audit-log-verify-missed",
    failed: "our-heartbeat-audit-log-verify-failed",
  });
});
