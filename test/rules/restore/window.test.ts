import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/duration.ts";
import {
  COMPLETION_MARGIN_MS,
  judgeInstant,
  OPLOG_MARGIN_MS,
  restorableWindow,
} from "../../../src/rules/restore/window.ts";
import { ago, aSchedule, GONE } from "../build.ts";
import { AT, aJob, aRestorable, CORE, cluster, type GivenRestore, restore, SNAPSHOTS } from "./build.ts";

const judge = (at: Date, given: GivenRestore = {}) => {
  const { status, message } = judgeInstant(restore(given), at);
  return `${status}: ${message}`;
};
const at = (hours: number, ms = 0) => new Date(ago(hours * HOUR_MS).getTime() + ms);

describe("the edges", () => {
  test.each([
    ["now and a second", at(0, SECOND_MS), /^fail: it lies 1 s in the future/],
    ["now", at(0), /^unknown: it is 0 s old/],
    ["a second too young", at(0, SECOND_MS - OPLOG_MARGIN_MS), /^unknown: it is 59 s old: Atlas does not tell/],
    ["the latest", at(0, -OPLOG_MARGIN_MS), /^pass: inside the window: 25 h 59 m after its start, 0 s before its end/],
    ["the earliest, soon gone", at(26), /^warn: inside the window, which it leaves in 0 s/],
    ["an hour less a second after it", at(25, -SECOND_MS), /^warn: inside the window, which it leaves in 59 m 59 s/],
    ["an hour after it", at(25), /^pass/],
    [
      "a second too old",
      at(26, -SECOND_MS),
      /^fail: it lies 1 s before the window: the window reaches from 2026-11-21 00:00:00 UTC/,
    ],
    ["half a second", at(1, 500), /^fail: Atlas restores to whole seconds/],
    ["no instant", new Date("x"), /^fail: this is not an instant/],
  ])("%s", (_, instant, expected) => expect(judge(instant)).toMatch(expected));

  test("the window of the schedule, where snapshots reach back further", () => {
    const source = {
      snapshots: [aRestorable(2), ...[1, 2, 3].map((day) => aRestorable(day * 24))],
      schedule: aSchedule({ restoreWindowDays: 2 }),
    };
    expect(judge(at(48), { source })).toMatch(/^warn: inside the window/);
    expect(judge(at(48, -SECOND_MS), { source })).toMatch(/^fail: it lies 1 s before the window/);
  });

  test("what is too young says when to ask again, and what could be named now", () => {
    const { remedy } = judgeInstant(restore(), at(0, -10 * SECOND_MS));
    expect(remedy).toBe("ask again in 51 s, or name 2026-11-22 01:59:00 UTC or earlier");
  });

  test("the snapshot that it begins with is the newest at or before it", () => {
    const base = (instant: Date) => judgeInstant(restore(), instant).evidence?.["snapshotId"];
    expect(base(at(8))).toBe("hourly-8h");
    expect(base(at(8, -SECOND_MS))).toBe("hourly-14h");
  });

  test.each([
    [26, "pass"],
    [26.01, "warn"],
  ])("%d hours of oplog: %s", (hours, status) => {
    expect(judge(at(2), { source: { snapshots: [aRestorable(2 + hours), aRestorable(90)] } })).toMatch(
      new RegExp(`^${status}`),
    );
  });
});

test.each<[string, GivenRestore, RegExp]>([
  ["continuous backup off", { sourceCluster: cluster({ pitEnabled: false }) }, /^fail: continuous backup is off/],
  ["whether it is on unreadable", { sourceCluster: cluster({ pitEnabled: GONE }) }, /^unknown/],
  [
    "no length",
    { source: { schedule: aSchedule({ restoreWindowDays: null }) } },
    /^unknown: could not find out: Atlas does not say how long/,
  ],
  ["length unreadable", { source: { schedule: aSchedule({ restoreWindowDays: GONE }) } }, /^unknown/],
  ["schedule unreadable", { source: { schedule: GONE } }, /^unknown/],
  ["snapshots unreadable", { source: { snapshots: GONE } }, /^unknown/],
  ["jobs of the source unreadable", { sourceJobs: GONE }, /^unknown/],
  ["jobs of the target unreadable", { targetJobs: GONE }, /^unknown/],
  [
    "no snapshots",
    { source: { snapshots: [] } },
    /^fail: there is no good snapshot at or before 2026-11-22 01:48:00 UTC/,
  ],
  [
    "only a bad one",
    { source: { snapshots: [aRestorable(8, { status: "failed" })] } },
    /^fail: there is no good snapshot/,
  ],
  [
    "only one of 0 bytes",
    { source: { snapshots: [aRestorable(8, { sizeBytes: 0 })] } },
    /^fail: there is no good snapshot/,
  ],
  [
    "only an unreadable one",
    { source: { snapshots: [aRestorable(8, { status: GONE })] } },
    /^unknown: whether snapshot hourly-8h/,
  ],
  ["one without a date", { source: { snapshots: [...SNAPSHOTS, aRestorable(40, { createdAt: GONE })] } }, /^unknown/],
  [
    "one without a date that is bad",
    { source: { snapshots: [...SNAPSHOTS, aRestorable(40, { createdAt: GONE, status: "failed" })] } },
    /^pass/,
  ],
  ["the source is gone", { source: { cluster: null } }, /^unknown/],
])("twelve minutes ago, %s", (_, given, expected) => expect(judge(AT, given)).toMatch(expected));

describe("the blackout after a restore onto the source", () => {
  const onto = (given: Parameters<typeof aJob>[0] = {}) =>
    aJob({ targetName: CORE, createdAt: at(12), finishedAt: at(11), ...given });
  const given = (...jobs: readonly ReturnType<typeof aJob>[]): GivenRestore => ({ sourceJobs: jobs });

  test.each([
    ["a second before", at(12, -SECOND_MS), /^pass/],
    [
      "its start",
      at(12),
      /^fail: it lies in the blackout after a restore onto the source: 2026-11-21 14:00:00 UTC to 2026-11-21 18:00:00 UTC, when the next snapshot was taken \(restore job-1\)/,
    ],
    ["a second before the next snapshot", at(8, -SECOND_MS), /^fail/],
    ["the next snapshot, which may not be completed", at(8), /^unknown: whether it lies in a blackout/],
    ["a second before it certainly is", at(8, COMPLETION_MARGIN_MS - SECOND_MS), /^unknown/],
    ["when it certainly is", at(8, COMPLETION_MARGIN_MS), /^pass/],
  ])("%s", (_, instant, expected) => expect(judge(instant, given(onto()))).toMatch(expected));

  test.each<[string, GivenRestore, RegExp]>([
    ["onto another cluster", given(onto({ targetName: "other" })), /^pass/],
    ["in another project", given(onto({ targetProjectId: "other" })), /^pass/],
    ["a download", given(onto({ delivery: "download" })), /^pass/],
    ["of letters in another case", given(onto({ targetName: "LiTally-Core" })), /^fail/],
    ["from another cluster", { targetJobs: [onto()] }, /^fail/],
    ["that failed", given(onto({ failed: true })), /^fail/],
    ["that was cancelled", given(onto({ cancelled: true })), /^fail/],
    [
      "that still runs, whatever was taken since",
      given(onto({ finishedAt: null })),
      /^fail.*until a snapshot is taken/,
    ],
    ["whose target is unreadable", given(onto({ targetName: GONE })), /^unknown/],
    ["whose delivery is unreadable", given(onto({ delivery: GONE })), /^unknown/],
    ["whose start is unreadable", given(onto({ createdAt: GONE })), /^unknown/],
    ["whose end is unreadable", given(onto({ finishedAt: GONE })), /^unknown/],
    ["so long ago that the window begins after it", given(onto({ createdAt: at(60), finishedAt: at(59) })), /^pass/],
  ])("nine hours ago, by a restore %s", (_, facts, expected) => expect(judge(at(9), facts)).toMatch(expected));

  test("whose next snapshot may not be good goes on, perhaps", () => {
    const snapshots = SNAPSHOTS.map((one, index) => (index === 1 ? aRestorable(8, { status: GONE }) : one));
    expect(judge(at(5), { ...given(onto()), source: { snapshots } })).toMatch(/^unknown/);
    expect(judge(at(10), { ...given(onto()), source: { snapshots } })).toMatch(/^unknown/);
  });

  test("is named among the ranges", () => {
    const window = restorableWindow(restore(given(onto())));
    expect(window.known && window.value?.blackouts).toEqual([
      { jobId: "job-1", from: at(12), to: at(8), certain: true },
    ]);
  });
});

test("no instant is inside that lies before the schedule's window, before the oldest good snapshot, in a blackout or ahead", () => {
  const hours = fc.integer({ min: 0, max: 10 * 24 * 60 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ age: hours, good: fc.boolean() }), { maxLength: 8 }),
      fc.option(fc.record({ age: hours, took: fc.integer({ min: 1, max: 600 }) }), { nil: undefined }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: -60, max: 11 * 24 * 60 }),
      (snapshots, job, days, age) => {
        const taken = snapshots.map(({ age: minutes, good }, index) =>
          aRestorable(minutes / 60, { id: `s${index}`, status: good ? "completed" : "failed", expiresAt: null }),
        );
        const restored =
          job === undefined
            ? []
            : [
                aJob({
                  targetName: CORE,
                  createdAt: ago((job.age + job.took) * MINUTE_MS),
                  finishedAt: ago(job.age * MINUTE_MS),
                }),
              ];
        const instant = ago(age * MINUTE_MS);
        const given = {
          source: { snapshots: taken, schedule: aSchedule({ restoreWindowDays: days }) },
          sourceJobs: restored,
        };
        const { status } = judgeInstant(restore(given), instant);
        const good = snapshots.filter((one) => one.good);
        const isBehind = age * MINUTE_MS >= OPLOG_MARGIN_MS && age * MINUTE_MS <= days * DAY_MS;
        const isCarried = good.some((one) => one.age >= age);
        const isDark =
          job !== undefined &&
          age <= job.age + job.took &&
          !good.some((one) => one.age < job.age && (one.age - age) * MINUTE_MS >= COMPLETION_MARGIN_MS);
        expect(status === "pass" || status === "warn").toBe(isBehind && isCarried && !isDark);
      },
    ),
    { numRuns: 500 },
  );
});
