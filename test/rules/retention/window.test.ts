/** What is said of continuous backup, at home and in each region that the policy copies the oplog to. */
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { questionOf } from "../../../src/rules/retention/question.ts";
import { windowNow, windowThroughout } from "../../../src/rules/retention/window.ts";
import {
  aCluster,
  aCopySetting,
  ago,
  anItem,
  aSchedule,
  aSnapshot,
  dailies,
  duration,
  entry,
  facts,
  NOW,
  REGION,
} from "../build.ts";

function question(backup: BackupFacts, { nowMs = NOW.getTime(), untilMs = NOW.getTime() + 30 * DAY_MS } = {}) {
  return questionOf({
    facts: { backup, projectId: "p", archives: null, rehearsedMs: null },
    policy: { databases: [backup.database], archives: [] },
    lineOf: () => null,
    nowMs,
    untilMs,
    lost: [],
    skew: known({ skewMs: 0, uncertaintyMs: 0 }),
  });
}

const said = (backup: BackupFacts) =>
  [windowNow.judge(question(backup))].flat().map(({ status, scope }) => [scope, status]);

const PROMISED = {
  continuousBackup: { window: duration("7d") },
  snapshots: [entry("hourly", "30d"), entry("daily", "30d"), entry("weekly", "60d")],
};
const copied = (...frequencies: readonly ("daily" | "weekly")[]) => ({
  ...PROMISED,
  copies: [{ region: REGION, frequencies, oplogs: true }],
});

describe("the window", () => {
  const schedule = aSchedule({
    items: [anItem("hourly", 30), anItem("daily", 30), anItem("weekly", 60, { interval: 6 })],
    copySettings: [aCopySetting({ frequencies: ["daily", "weekly"] })],
  });
  const old = { expiresAt: new Date(NOW.getTime() + 30 * DAY_MS) };

  test("is judged where the policy wants the oplog, and nowhere else", () => {
    const snapshots = dailies(30, old);
    const database = copied("daily");
    expect(said(facts({ database, schedule, snapshots }))).toEqual([
      [undefined, "pass"],
      [REGION, "pass"],
    ]);
    const [copy] = database.copies;
    const without = { ...database, copies: copy === undefined ? [] : [{ ...copy, oplogs: false }] };
    expect(said(facts({ database: without, schedule, snapshots }))).toEqual([[undefined, "pass"]]);
  });

  test("is not known where it holds only with what may be good", () => {
    const snapshots = dailies(30, { ...old, sizeBytes: null });
    expect(said(facts({ database: copied("daily"), schedule, snapshots }))[0]).toEqual([undefined, "unknown"]);
  });

  test.each([
    [["daily", "weekly"], "fail"],
    [["weekly"], "warn"],
  ] as const)("where %j are copied lacks no more than one interval of the most frequent: %s", (frequencies, status) => {
    const snapshots = [3, 4, 20].map((days) =>
      aSnapshot("weekly", days * DAY_MS, days === 20 ? { ...old, copyRegions: [] } : old),
    );
    expect(said(facts({ database: copied(...frequencies), schedule, snapshots }))[1]).toEqual([REGION, status]);
  });

  test("begins elsewhere with the first copy of a young cluster, up to an interval of them after its birth", () => {
    const young = (copyDays: number) => {
      const snapshots = [9.9, 8, 6, 4, 2].map((days) => aSnapshot("daily", days * DAY_MS, { ...old, copyRegions: [] }));
      const copy = aSnapshot("weekly", copyDays * DAY_MS, old);
      const cluster = aCluster({ createdAt: ago(10 * DAY_MS) });
      return said(facts({ cluster, database: copied("weekly"), schedule, snapshots: [...snapshots, copy] }))[1];
    };
    expect(young(3.5)).toEqual([REGION, "pass"]);
    expect(young(2.5)).toEqual([REGION, "warn"]);
  });
});

describe("what is owed", () => {
  const hourly = aSchedule({ items: [anItem("hourly", 8)] });
  const database = { ...PROMISED, snapshots: [entry("hourly", "8d")], copies: [] };
  const everySixHours = (ageHours: (hour: number) => boolean) =>
    Array.from({ length: 32 }, (_, index) => index * 6 + 1)
      .filter(ageHours)
      .map((hours) => {
        const expiresAt = new Date(NOW.getTime() + 8 * DAY_MS - hours * HOUR_MS);
        return aSnapshot("hourly", hours * HOUR_MS, { expiresAt });
      });

  test.each([
    ["all are there", () => true, "pass"],
    ["a day is missing in the middle, which the window will reach back to", (h: number) => h < 60 || h > 90, "fail"],
    ["none was taken for days", (hours: number) => hours > 60, "fail"],
  ])("is told now, until all of it was taken from now on: %s", (_, isThere, status) => {
    const backup = facts({ database, schedule: hourly, snapshots: everySixHours(isThere) });
    expect(said(backup)).toEqual([[undefined, status]]);
  });

  test.each([
    ["3h", "unknown"],
    ["1h", "fail"],
  ])("may be under way since two hours ago, with a grace of %s: %s", (grace, status) => {
    const snapshots = Array.from({ length: 27 }, (_, index) => index * 6 + 8).map((hours) => {
      const expiresAt = new Date(NOW.getTime() + 7 * DAY_MS - hours * HOUR_MS);
      return aSnapshot("hourly", hours * HOUR_MS, { expiresAt });
    });
    const schedule = aSchedule({ items: [anItem("hourly", 7)] });
    const backup = facts({ database: { ...database, grace: duration(grace) }, schedule, snapshots });
    expect(said(backup)).toEqual([[undefined, status]]);
  });

  const born = (hoursAgo: number) => aCluster({ createdAt: ago(hoursAgo * HOUR_MS) });
  const throughout = (backup: BackupFacts, untilMs?: number) =>
    [windowThroughout.judge(question(backup, untilMs === undefined ? {} : { untilMs }))].flat()[0];

  test("of a cluster of today is nothing before its first snapshot can be restored, and nothing is proved until then", () => {
    const backup = facts({ database, schedule: hourly, cluster: born(2), snapshots: [] });
    expect(throughout(backup)?.status).toBe("pass");
    const soon = throughout(backup, NOW.getTime() + HOUR_MS);
    expect(soon).toMatchObject({ status: "unknown", message: expect.stringContaining("nothing is proved") });
    expect(throughout(facts({ database, schedule: hourly, cluster: born(50), snapshots: [] }))?.status).toBe("fail");
  });

  test("of a young cluster is nothing before the first of its snapshots that outlives the window", () => {
    const short = aSchedule({ items: [anItem("hourly", 7), anItem("daily", 30)] });
    const taken = (hours: number, days: number, frequency: "hourly" | "daily") =>
      aSnapshot(frequency, hours * HOUR_MS, { expiresAt: new Date(NOW.getTime() + days * DAY_MS - hours * HOUR_MS) });
    const of = (dailyAt: number) => {
      const hours = [71, 65, 59, 53, 47, 41, 35, 29, 23, 17, 11, 5].filter((hour) => hour !== dailyAt);
      const snapshots = [...hours.map((hour) => taken(hour, 7, "hourly")), taken(dailyAt, 30, "daily")];
      return throughout(facts({ database, schedule: short, cluster: born(72), snapshots }));
    };
    expect(of(65)?.status).toBe("pass");
    expect(of(47)?.status).not.toBe("pass");
  });
});

test("nothing is asked for an instant before it was looked at", () => {
  const asked = (ms: number) => question(facts(), { nowMs: NOW.getTime() + ms }).nowMs - NOW.getTime();
  expect([asked(-MINUTE_MS), asked(0), asked(DAY_MS)]).toEqual([0, 0, DAY_MS]);
});
