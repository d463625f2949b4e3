import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { runChecks } from "../../../src/core/check.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/duration.ts";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import type { Datapoint } from "../../../src/ports/cloudwatch.ts";
import type { ScheduleFacts } from "../../../src/rules/schedules/facts.ts";
import { heardFrom, type Reach, reachOf, windowOf } from "../../../src/rules/schedules/heard.ts";
import { ran } from "../../../src/rules/schedules/ran.ts";
import { answersAbout, duration, earlier, facts, HOURLY, MINUTELY, NOW, type Run, run, workflow } from "./build.ts";

function judge(runs: readonly Run[], changes: Partial<ScheduleFacts> = {}, reach: Reach = MINUTELY) {
  const heard = heardFrom(answersAbout(runs, reach.periodMs), reach, NOW);
  const [finding] = runChecks([ran], facts(heard, changes), "schedule/backup verify");
  if (finding === undefined) throw new Error("no finding");
  return finding;
}

describe("a schedule that runs each day, with three hours of grace", () => {
  test.each<readonly [string, readonly Run[], string, RegExp]>([
    ["succeeded four hours ago", [run(4 * HOUR_MS, 0)], "pass", /^succeeded 3 h 58 m ago, in 2 m 00 s$/],
    [
      "succeeded, and runs again now",
      [run(25 * HOUR_MS, 0), run(3 * MINUTE_MS)],
      "pass",
      /^succeeded 24 h 58 m ago.*; it is running now$/,
    ],
    ["never ran", [], "fail", /^nothing was heard of it in the last 14 d: it never ran, or/],
    ["began, and that is all", [run(4 * HOUR_MS)], "fail", /^its newest run began 4 h ago and has not told of its end/],
    ["began a minute ago for the first time", [run(MINUTE_MS)], "fail", /^no run has ended well in the last 14 d$/],
    ["died after a good run", [run(20 * HOUR_MS, 0), run(4 * HOUR_MS)], "fail", /it died half-way, or could not tell$/],
    ["died, and then a good run", [run(20 * HOUR_MS), run(4 * HOUR_MS, 0)], "pass", /^succeeded/],
    [
      "found something",
      [run(20 * HOUR_MS, 0), run(4 * HOUR_MS, 1)],
      "fail",
      /^its newest run ended with exit code 1, 3 h 58 m ago$/,
    ],
    ["could not look", [run(4 * HOUR_MS, 2)], "fail", /^its newest run ended with exit code 2/],
    ["found something, and then no more", [run(9 * HOUR_MS, 1), run(4 * HOUR_MS, 0)], "pass", /^succeeded/],
    [
      "fell silent",
      [run(3 * DAY_MS, 0)],
      "fail",
      /^last succeeded 71 h 58 m ago; the policy allows 1d, and 3h of grace$/,
    ],
    [
      "found something, then fell silent",
      [run(9 * DAY_MS, 1)],
      "fail",
      /^its newest run ended with exit code 1, 8 d 23 h ago$/,
    ],
  ])("%s", (_title, runs, status, message) => {
    const finding = judge(runs);
    expect([finding.status, finding.message]).toEqual([status, expect.stringMatching(message)]);
    if (status !== "pass") expect(finding.remedy).toBeTruthy();
  });

  it("is late by its interval, its grace, a period of CloudWatch and the time that metrics take, and not before", () => {
    const allowedMs = 27 * HOUR_MS + MINUTE_MS + 5 * MINUTE_MS;
    const ended = (agoMs: number) =>
      judge([{ startedAt: earlier(agoMs + MINUTE_MS), end: { at: earlier(agoMs), exitCode: 0 } }]);
    expect(ended(allowedMs).status).toBe("pass");
    expect(ended(allowedMs + MINUTE_MS).status).toBe("fail");
  });

  it("is under way until its grace is over, and no longer", () => {
    const last = run(25 * HOUR_MS, 0);
    expect(judge([last, run(3 * HOUR_MS + MINUTE_MS)], { every: duration("2d") }).status).toBe("pass");
    expect(judge([last, run(3 * HOUR_MS + 2 * MINUTE_MS)], { every: duration("2d") }).status).toBe("fail");
  });

  it("may be mended: while a newer run is under way, an end that was bad warns", () => {
    const [well, bad] = [run(26 * HOUR_MS, 0), run(20 * HOUR_MS, 1)];
    expect(judge([well, bad, run(2 * HOUR_MS)])).toMatchObject({
      status: "warn",
      message:
        "its newest run ended with exit code 1, 19 h 58 m ago; another began 2 h ago, and has not told of its end yet",
    });
    expect(judge([bad, run(2 * HOUR_MS)]).status).toBe("fail"); // it was never well
  });

  it("has the minutes that CloudWatch takes to show its end where it is overdue, for one round", () => {
    const overdue = (agoMs: number, beganMs: number) =>
      judge([run(agoMs, 0), run(24 * HOUR_MS, 1), run(beganMs)]).status;
    expect(overdue(48 * HOUR_MS, MINUTE_MS)).toBe("warn");
    expect(overdue(48 * HOUR_MS, 10 * MINUTE_MS)).toBe("fail");
    expect(overdue(72 * HOUR_MS, MINUTE_MS)).toBe("fail");
    expect(judge([run(48 * HOUR_MS, 0), run(MINUTE_MS)]).status).toBe("warn");
  });

  it("is no excuse for doctor, which is under way while it looks", () => {
    expect(judge([run(48 * HOUR_MS, 0), run(MINUTE_MS)], { command: "doctor" }).status).toBe("fail");
  });

  it("has some minutes to tell of its end, however little grace it has", () => {
    const changes = { every: duration("1h"), grace: duration("1m") };
    expect(judge([run(HOUR_MS, 0), run(4 * MINUTE_MS)], changes).status).toBe("pass");
  });

  it("says what it goes by", () => {
    expect(judge([run(30 * HOUR_MS, 0), run(4 * HOUR_MS, 64)]).evidence).toEqual({
      expected: "success every 1d, and 3h of grace",
      lastStartedAt: "2026-11-22T02:00:00.000Z",
      lastEndedAt: "2026-11-22T02:02:00.000Z",
      lastSucceededAt: "2026-11-21T00:02:00.000Z",
      exitCode: 64,
      durationSeconds: 120,
    });
  });

  it("is a warning where only ends are told of", () => {
    const [, ...rest] = answersAbout([run(4 * HOUR_MS, 0)]);
    const [finding] = runChecks([ran], facts(heardFrom([known([]), ...rest], MINUTELY, NOW)), "x");
    expect(finding).toMatchObject({ status: "warn", message: expect.stringContaining("half-way would not be seen") });
  });
});

describe("schedules rarer than an alarm can see", () => {
  const quarterly = { command: "restore drill", every: duration("90d"), grace: duration("7d") };

  test.each<readonly [string, readonly Run[], string]>([
    ["ran 80 days ago", [run(80 * DAY_MS, 0)], "pass"],
    ["ran 97 days ago, to the hour", [run(97 * DAY_MS, 0)], "pass"],
    ["ran 98 days ago", [run(98 * DAY_MS, 0)], "fail"],
    ["never ran", [], "fail"],
    ["died 80 days ago", [run(80 * DAY_MS)], "fail"],
    [
      "failed 80 days ago, was run again within the hour",
      [run(80 * DAY_MS, 1), run(80 * DAY_MS - 10 * MINUTE_MS, 0)],
      "pass",
    ],
    ["failed 80 days ago", [run(170 * DAY_MS, 0), run(80 * DAY_MS, 1)], "fail"],
  ])("%s", (_title, runs, status) => {
    expect(judge(runs, quarterly, HOURLY).status).toBe(status);
  });

  it("are looked for by the hour, as far back as CloudWatch keeps any", () => {
    expect(reachOf(quarterly)).toEqual(HOURLY);
    expect(reachOf(facts(known({} as never)))).toEqual(MINUTELY);
    expect(reachOf({ every: duration("6d"), grace: duration("1d") })).toEqual(MINUTELY);
    expect(reachOf({ every: duration("7d"), grace: duration("1h") })).toEqual(HOURLY);
  });

  it("are unknown where CloudWatch keeps less than they may be late", () => {
    const biennial = { every: duration("2y"), grace: duration("1mo") };
    expect(judge([], biennial, HOURLY)).toMatchObject({
      status: "unknown",
      message: expect.stringContaining("keeps no more"),
    });
    expect(judge([run(2 * MINUTE_MS)], biennial, HOURLY).status).toBe("unknown");
    expect(judge([run(400 * DAY_MS, 0)], biennial, HOURLY).status).toBe("pass");
  });

  it.each([MINUTELY, HOURLY])("windows are whole periods, within what CloudWatch keeps: %j", (reach) => {
    const now = new Date(NOW.getTime() + 17 * MINUTE_MS + 31 * SECOND_MS);
    const { since, until } = windowOf(reach, now);
    expect([since.getTime() % reach.periodMs, until.getTime() % reach.periodMs]).toEqual([0, 0]);
    expect(now.getTime() - since.getTime()).toBeLessThan(reach.periodMs === MINUTE_MS ? 15 * DAY_MS : 455 * DAY_MS);
    expect(until.getTime() - now.getTime()).toBeGreaterThan(2 * HOUR_MS);
  });
});

describe("the schedule of doctor itself", () => {
  const own = { command: "doctor" };

  it.each<readonly [string, readonly Run[], string]>([
    ["ended with findings, and runs again", [run(24 * HOUR_MS, 1), run(MINUTE_MS)], "pass"],
    ["ended long ago", [run(40 * HOUR_MS, 0), run(MINUTE_MS)], "fail"],
    ["died half-way", [run(24 * HOUR_MS, 0), run(5 * HOUR_MS)], "fail"],
    ["runs for the first time", [run(MINUTE_MS)], "fail"],
  ])("needs to end, not to succeed: or it would fail for having failed. %s", (_title, runs, status) => {
    expect(judge(runs, own).status).toBe(status);
  });
});

describe("what cannot be known", () => {
  const refused = notKnown(new OpsError("auth", "not allowed", { hint: "grant it" }));
  const sound = answersAbout([run(4 * HOUR_MS, 0)]);
  const point = (at: Date, value: number): readonly Datapoint[] => [{ at, value }];
  const end = earlier(4 * HOUR_MS - 2 * MINUTE_MS);

  it("is unknown, with what to do", () => {
    const [finding] = runChecks([ran], facts(refused), "x");
    expect(finding).toMatchObject({ status: "unknown", remedy: "grant it" });
  });

  it.each([0, 1, 2, 3, 4])("answer %i that is not known leaves all of it not known", (index) => {
    expect(heardFrom(sound.with(index, refused), MINUTELY, NOW)).toBe(refused);
  });

  it.each<readonly [string, number, readonly Datapoint[]]>([
    ["a start that counts for nothing", 0, point(end, 0)],
    ["half a start", 0, point(end, 0.5)],
    ["an end that is no number", 1, point(end, Number.NaN)],
    ["more successes than ends", 2, point(end, 2)],
    ["less than no success", 2, point(end, -1)],
    ["successes at another time than ends", 2, point(earlier(5 * HOUR_MS), 1)],
    ["ends without successes or failures", 2, []],
    ["an exit code beyond a byte", 3, point(end, 256)],
    ["an exit code below zero", 3, point(end, -1)],
    ["a duration below zero", 4, point(end, -1)],
    ["a start of tomorrow", 0, point(earlier(-6 * MINUTE_MS), 1)],
    ["a duration of tomorrow", 4, point(earlier(-6 * MINUTE_MS), 1)],
  ])("%s", (_title, index, points) => {
    expect(heardFrom(sound.with(index, known(points)), MINUTELY, NOW)).toMatchObject({
      known: false,
      reason: { kind: "protocol", message: expect.stringMatching(/^its heartbeats cannot be read: /) },
    });
  });

  it("a clock that is a little ahead does no harm", () => {
    expect(heardFrom(answersAbout([run(-MINUTE_MS, 0)]), MINUTELY, NOW).known).toBe(true);
  });
});

describe("GitHub's own view", () => {
  const at = earlier(HOUR_MS);
  const url = "https://github.com/litally/ops/actions/runs/99";

  it.each([
    [{ at, conclusion: "failure", url }, `; GitHub last began it by schedule 1 h ago: failure, ${url}`],
    [{ at, conclusion: null, url }, `; GitHub last began it by schedule 1 h ago: has not ended, ${url}`],
    [null, "; GitHub has never begun it by schedule"],
  ])("is told beside what is wrong: %j", (last, words) => {
    const changes = { workflow: workflow({ lastRun: known(last) }) };
    expect(judge([], changes).message.endsWith(words)).toBe(true);
    expect(judge([run(4 * HOUR_MS, 0)], changes).message).not.toContain("GitHub");
  });

  it("says how it is begun by hand, as far as that is known", () => {
    expect(judge([], { workflow: workflow() }).remedy).toMatch(/: gh workflow run nightly\.yml --repo litally\/ops$/);
    expect(judge([], { workflow: workflow({ repository: null }) }).remedy).toMatch(/: gh workflow run nightly\.yml$/);
    expect(judge([]).remedy).toMatch(/: litally-ops backup verify --heartbeat$/);
    expect(judge([], { command: "doctor" }).remedy).toMatch(/: litally-ops doctor --schedules --heartbeat$/);
  });
});

test("whoever has not succeeded within the time allowed never passes", () => {
  const runs = fc.array(
    fc.record({
      agoMs: fc.integer({ min: 0, max: 13 * DAY_MS }),
      exitCode: fc.option(fc.integer({ min: 0, max: 130 })),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(runs, (drawn) => {
      const all = drawn.map(({ agoMs, exitCode }) => run(agoMs + 2 * MINUTE_MS, exitCode ?? undefined));
      const { status } = judge(all);
      const ended = all.flatMap(({ end }) => end ?? []);
      const newest = ended.toSorted((a, b) => a.at.getTime() - b.at.getTime()).at(-1);
      const isFresh = ended.some(
        ({ at, exitCode }) => exitCode === 0 && NOW.getTime() - at.getTime() <= 27 * HOUR_MS + 8 * MINUTE_MS,
      );
      if (!isFresh) expect(status).not.toBe("pass");
      if (newest === undefined) expect(status).toBe("fail");
    }),
  );
});
