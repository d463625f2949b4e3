import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/duration.ts";
import { known } from "../../src/core/observed.ts";
import type { Finding } from "../../src/core/report.ts";
import { agreed, clockDoubt, clockSkew, possibleNows } from "../../src/rules/clock-skew.ts";
import { GONE, NOW } from "./build.ts";

const judge = (skewMs: number, uncertaintyMs = 0) => clockSkew.judge({ skew: known({ skewMs, uncertaintyMs }) });

test.each([
  [0, 0, "pass", "within a minute"],
  [MINUTE_MS, 0, "pass", "within a minute"],
  [MINUTE_MS + 1, 0, "warn", "Atlas's clock is 1 m 00 s ahead of ours: everything is judged by both"],
  [-MINUTE_MS - SECOND_MS, 0, "warn", "Atlas's clock is 1 m 01 s behind ours: everything is judged by both"],
  [MINUTE_MS + 1, 1, "pass", "within a minute"],
  [5 * MINUTE_MS, 0, "warn", "Atlas's clock is 5 m 00 s ahead of ours: everything is judged by both"],
  [
    5 * MINUTE_MS + 1,
    0,
    "unknown",
    "Atlas's clock is 5 m 00 s ahead of ours: everything is judged by both, and one of them is wrong",
  ],
  [
    -5 * MINUTE_MS - 1,
    0,
    "unknown",
    "Atlas's clock is 5 m 00 s behind ours: everything is judged by both, and one of them is wrong",
  ],
  [-5 * MINUTE_MS - 1, 1, "warn", "Atlas's clock is 5 m 00 s behind ours: everything is judged by both"],
  [SECOND_MS, MINUTE_MS, "pass", "within a minute"],
])("%d ms off, give or take %d: %s", (skewMs, uncertaintyMs, status, message) => {
  expect(judge(skewMs, uncertaintyMs)).toMatchObject({ status, message });
});

test("not measured is unknown", () => {
  expect(clockSkew.judge({ skew: GONE })).toMatchObject({ status: "unknown" });
});

test("says how far off it is as evidence", () => {
  expect(judge(-90_000)).toMatchObject({ evidence: { expected: "within 1 m 00 s", skewSeconds: -90 } });
});

test("not measured has a remedy of its own: our clock may be right", () => {
  expect(clockSkew.remedy({ skew: GONE })).toContain("Date header");
  expect(clockSkew.remedy({ skew: known({ skewMs: HOUR_MS, uncertaintyMs: 0 }) })).toContain("NTP");
});

test.each([
  [MINUTE_MS, 0, [0]],
  [MINUTE_MS + 1, 0, [MINUTE_MS + 1, 0]],
  [-2 * MINUTE_MS, 0, [-2 * MINUTE_MS, 0]],
  [2 * MINUTE_MS, MINUTE_MS, [0]],
])("%d ms off, give or take %d: it may be now at %j", (skewMs, uncertaintyMs, expected) => {
  const nows = possibleNows(NOW, known({ skewMs, uncertaintyMs }));
  expect(nows.map((at) => at.getTime() - NOW.getTime())).toEqual(expected);
});

test("of a skew that was not measured our clock is all there is", () => {
  expect(possibleNows(NOW, GONE)).toEqual([NOW]);
});

test("what both clocks say stands, what one says is unknown", () => {
  const finding = (check: string, scope: string, status: Finding["status"]): Finding => ({
    check,
    scope,
    status,
    title: "",
    subject: "cluster/x",
    message: `is ${status}`,
  });
  const theirs = [finding("a", "daily", "pass"), finding("a", "weekly", "fail"), finding("b", "daily", "fail")];
  const ours = [finding("a", "daily", "pass"), finding("a", "weekly", "pass"), finding("b", "daily", "fail")];
  expect(agreed(theirs, ours)).toEqual([
    theirs[0],
    {
      ...theirs[1],
      status: "unknown",
      message: "by one clock fail (is fail), by the other pass",
      remedy: "see backup/clock-skew",
    },
    theirs[2],
  ]);
});

test.each([
  [5 * MINUTE_MS, 0, undefined],
  [-5 * MINUTE_MS - 1, 1, undefined],
  [5 * MINUTE_MS + 1, 0, "what time it is: Atlas's clock is 5 m 00 s ahead of ours"],
])("%d ms off, give or take %d: what nobody can say is %s", (skewMs, uncertaintyMs, message) => {
  expect(clockDoubt(known({ skewMs, uncertaintyMs }))?.message).toBe(message);
});

test("where it was not measured nobody can say what time it is", () => {
  expect(clockDoubt(GONE)).toBe(GONE.known ? null : GONE.reason);
});
