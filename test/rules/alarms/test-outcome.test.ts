import { describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../../src/ports/cloudwatch.ts";
import { isSettled, judgeTest, testOutcome } from "../../../src/rules/alarms/test-outcome.ts";

const MARK = "litally-ops test 0a1b2c3d4e5f";
const AT = new Date("2026-11-22T02:00:00Z");
const TOPIC = "arn:aws:sns:ap-south-1:111122223333:litally-critical";
const OTHER = `${TOPIC}-2`;

const update = (from: string, to: string, reason: string, atMs = 0, before = "fine"): AlarmEvent => ({
  at: new Date(AT.getTime() + atMs),
  kind: "StateUpdate",
  summary: `Alarm updated from ${from} to ${to}`,
  data: JSON.stringify({ oldState: { stateReason: before }, newState: { stateValue: to, stateReason: reason } }),
});
const action = (resource: string, given: object = {}, atMs = 0): AlarmEvent => ({
  at: new Date(AT.getTime() + atMs),
  kind: "Action",
  summary: `Successfully executed action ${resource}`,
  data: JSON.stringify({
    actionState: "Succeeded",
    stateUpdateTimestamp: AT.getTime() + atMs,
    notificationResource: resource,
    ...given,
  }),
});
const set = update("OK", "ALARM", `${MARK} by anna`);

describe("what the history says of a test", () => {
  it("is taken by the mark and the moment", () => {
    const outcome = testOutcome([action(TOPIC), set], MARK, [TOPIC]);
    expect(outcome).toEqual({ isSeen: true, actions: [{ action: TOPIC, outcome: "succeeded", words: null }] });
    expect(isSettled(outcome)).toBe(true);
  });

  it("is not taken from another change of state, nor from another topic whose name begins alike", () => {
    const hourAgo = -3_600_000;
    const others = [action(TOPIC, {}, hourAgo), update("OK", "ALARM", "the real thing", hourAgo)];
    expect(testOutcome([set, ...others], MARK, [TOPIC]).actions[0]?.outcome).toBe("waiting");
    expect(testOutcome(others, MARK, [TOPIC])).toMatchObject({ isSeen: false });
    expect(testOutcome([action(OTHER), set], MARK, [TOPIC]).actions[0]?.outcome).toBe("waiting");
  });

  it("is that of our change also where CloudWatch has taken the state back meanwhile", () => {
    const back = update("ALARM", "OK", "Threshold Crossed", 60_000, `${MARK} by anna`);
    const told = action(TOPIC, {}, 60_000);
    expect(
      testOutcome([told, back, action(TOPIC, { actionState: "Failed", error: "no" }), set], MARK, [TOPIC]),
    ).toEqual({
      isSeen: true,
      actions: [{ action: TOPIC, outcome: "failed", words: "no" }],
    });
  });

  it("is a failure in CloudWatch's words, and nothing while nothing is written", () => {
    const failed = action(TOPIC, { actionState: "Failed", error: "not authorized" });
    expect(testOutcome([failed, set], MARK, [TOPIC, OTHER]).actions).toEqual([
      { action: TOPIC, outcome: "failed", words: "not authorized" },
      { action: OTHER, outcome: "waiting", words: null },
    ]);
    expect(isSettled(testOutcome([failed, set], MARK, [TOPIC, OTHER]))).toBe(false);
  });

  it.each(["", "{", "[]", "null", '{"actionState":1}'])("is nothing where the data are %s", (data) => {
    const event = { ...action(TOPIC), data, summary: "?" };
    expect(testOutcome([event, set], MARK, [TOPIC]).actions[0]?.outcome).toBe("waiting");
  });

  it("becomes findings: one for the change, one for each action, and none green without having been seen", () => {
    const statuses = (events: readonly AlarmEvent[]) =>
      judgeTest({ ...testOutcome(events, MARK, [TOPIC, OTHER]), waited: "2 m" }, "alarm/a").map(({ status }) => status);
    expect(statuses([action(TOPIC), action(OTHER), set])).toEqual(["pass", "pass", "pass"]);
    expect(statuses([action(TOPIC), set])).toEqual(["pass", "pass", "unknown"]);
    expect(statuses([action(TOPIC, { actionState: "Failed", error: "x" }), action(OTHER), set])).toEqual([
      "pass",
      "fail",
      "pass",
    ]);
    expect(statuses([action(TOPIC), action(OTHER)])).toEqual(["unknown"]);
  });
});
