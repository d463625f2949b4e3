/** What is said of continuous backup, at home and in each region that the policy copies the oplog to. */
import { describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { questionOf } from "../../../src/rules/retention/question.ts";
import { windowNow } from "../../../src/rules/retention/window.ts";
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

function question(backup: BackupFacts, nowMs = NOW.getTime()) {
  return questionOf({
    facts: { backup, projectId: "p", archives: null, rehearsedMs: null },
    policy: { databases: [backup.database], archives: [] },
    lineOf: () => null,
    nowMs,
    untilMs: NOW.getTime() + 30 * DAY_MS,
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

test("nothing is asked for an instant before it was looked at", () => {
  const asked = (ms: number) => question(facts(), NOW.getTime() + ms).nowMs - NOW.getTime();
  expect([asked(-MINUTE_MS), asked(0), asked(DAY_MS)]).toEqual([0, 0, DAY_MS]);
});
