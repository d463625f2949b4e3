/** What a finding gives a person to act on: both sides as evidence, and the way out in words that can be typed. */
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import { type BackupFacts, flexAsCluster } from "../../../src/rules/backup/facts.ts";
import {
  aCluster,
  ago,
  anItem,
  aSchedule,
  aSnapshot,
  dailies,
  duration,
  entry,
  facts,
  findings,
  GONE,
  KEY,
  members,
  REGION,
  said,
  ZONE,
} from "../build.ts";

const GB = 1_000_000_000;
type Given = NonNullable<Parameters<typeof facts>[0]>;
const only = (of: BackupFacts, id: string) => findings(of, id)[0];
const continuous = (given: Given = {}, window = "2d") =>
  facts({ ...given, database: { continuousBackup: { window: duration(window) }, ...given.database } });
const hourlies = (...agesHours: readonly number[]) => agesHours.map((age) => aSnapshot("hourly", age * HOUR_MS));

describe("the cluster", () => {
  test("that is not there, that is in trouble, whose backups are off", () => {
    expect(only(facts({ cluster: null }), "cluster-exists")?.remedy).toBe(
      "correct databases[name=core].cluster in the policy, or look for it: atlas clusters list; if it was deleted, restore it from a retained backup or an archive",
    );
    expect(only(facts({ cluster: aCluster({ state: "REPAIRING" }) }), "cluster-state")).toMatchObject({
      evidence: { expected: "IDLE or UPDATING", actual: "REPAIRING" },
      remedy: "look at the cluster: atlas clusters describe litally-core",
    });
    expect(only(facts({ cluster: aCluster({ backupEnabled: false }) }), "enabled")).toMatchObject({
      evidence: { expected: true, actual: false },
      remedy: `turn it on: echo '{"backupEnabled":true}' > f.json && atlas api clusters updateCluster --clusterName litally-core --file f.json`,
    });
  });

  test("that is flex: what it cannot do, and what would", () => {
    const flex = (database: Given["database"] = {}, cluster: Parameters<typeof aCluster>[0] = {}) =>
      only(facts({ database, cluster: aCluster({ offering: "flex", ...cluster }) }), "cluster-state");
    const upgrade = "upgrade it to a dedicated cluster: atlas clusters upgrade litally-core --tier M10";
    expect(flex()).toMatchObject({ status: "warn", evidence: { actual: "flex" }, remedy: upgrade });
    const encryption = { masterKeys: [KEY] };
    expect(flex({ encryption, snapshots: [entry("daily", "7d"), entry("weekly", "4w")] })).toMatchObject({
      message:
        "a flex cluster cannot do what the policy asks for: encryption with customer keys, other snapshots than the last eight dailies",
      evidence: { expected: "dedicated", actual: "flex" },
      remedy: upgrade,
    });
    expect(flex({}, { state: "CREATING" })?.message).toBe("still being created");
  });

  test("that is flex, in the words of a dedicated one: not free, no NVMe disks, one zone", () => {
    const given = {
      name: "f",
      id: known("f1ec"),
      state: GONE,
      createdAt: GONE,
      backupEnabled: known(true),
    } as const;
    expect(flexAsCluster(given)).toMatchObject({
      freeTier: false,
      paused: known(false),
      pitEnabled: known(false),
      nvme: known(false),
      shards: known([{ zoneId: "f1ec" }]),
    });
  });
});

describe("continuous backup", () => {
  test("that is off is turned on by applying, the cluster's backups first", () => {
    const off = (backupEnabled: boolean | typeof GONE) =>
      only(continuous({ cluster: aCluster({ pitEnabled: false, backupEnabled }) }), "continuous-enabled");
    const apply = "litally-ops backup apply core; the window starts anew from then";
    expect(off(true)).toMatchObject({ evidence: { expected: true, actual: false }, remedy: apply });
    expect(off(false)?.remedy).toBe(`see backup/enabled; then: ${apply}`);
    expect(off(GONE)?.remedy).toBe(apply);
  });

  test("both windows, and how long the hourly item keeps", () => {
    const window = (restoreWindowDays: number | null) =>
      only(continuous({ schedule: aSchedule({ restoreWindowDays }) }), "continuous-window")?.evidence;
    expect([window(1), window(3), window(null)]).toEqual([
      { expected: "2d", actual: "1d" },
      { expected: "2d", actual: "3d" },
      { expected: "2d", actual: null },
    ]);
    const items = [anItem("hourly", 1), anItem("daily", 30)];
    expect(only(continuous({ schedule: aSchedule({ items }) }), "continuous-hourly-item")).toMatchObject({
      status: "fail",
      evidence: { expected: "kept 2d or longer", actual: ["1d"] },
      remedy: "litally-ops backup apply core",
    });
  });

  test("a hole that is over is explained, one that is open is mended", () => {
    const over = only(continuous({ snapshots: hourlies(6, 36, 54) }), "continuous-coverage");
    expect(over?.remedy).toBe(
      "a missed snapshot cannot be made up for: note the gap for the auditor, and see what happened then: atlas events projects list --minDate 2026-11-20T14:00:00Z --maxDate 2026-11-21T20:00:00Z",
    );
    expect(over?.evidence).toEqual({
      expected: "since 2026-11-20T02:00:00.000Z",
      actual: "since 2026-11-19T20:00:00.000Z",
    });
    const open = only(continuous({ snapshots: hourlies(30, 54) }), "continuous-coverage");
    expect(open?.remedy).toMatch(/^see backup\/|^make the data safe now: litally-ops backup snapshot core/);
  });

  test("a window that is not filled yet: by a little, by much, by nothing", () => {
    const of = (...ages: readonly number[]) =>
      only(continuous({ snapshots: hourlies(...ages) }), "continuous-coverage");
    expect(of(6, 24, 41)?.remedy).toBe(
      "keep hourly snapshots a day longer than the window: write so under databases[name=core].snapshots, then litally-ops backup apply core",
    );
    expect(of(6, 24, 30)?.remedy).toMatch(/^nothing brings back the older part/);
    expect(of()?.evidence).toEqual({ expected: "since 2026-11-20T02:00:00.000Z", actual: "no good snapshot" });
    expect(of()?.remedy).toMatch(/^see backup\//);
    const young = continuous({ snapshots: [], cluster: aCluster({ createdAt: ago(HOUR_MS) }) });
    expect(only(young, "continuous-coverage")?.remedy).toBe(
      "wait for the first snapshot of the schedule, or take one now: litally-ops backup snapshot core",
    );
  });

  test("the newest of the schedule, how old it is and may be; not known where one has no date", () => {
    const old = hourlies(10, 30, 54);
    expect(only(continuous({ snapshots: old }), "continuous-coverage")?.evidence).toEqual({
      expected: "at most 8 h",
      actual: "10 h",
    });
    const undated = (given: Parameters<typeof aSnapshot>[2]) =>
      only(
        continuous({ snapshots: [...old, aSnapshot("hourly", HOUR_MS, { createdAt: GONE, ...given })] }),
        "continuous-coverage",
      )?.status;
    expect(undated({})).toBe("unknown");
    expect(undated({ status: "failed" })).toBe("warn");
  });
});

describe("snapshots that failed", () => {
  const failed = (ageMs: number) => aSnapshot("daily", ageMs, { status: "failed" });
  const of = (...snapshots: readonly Snapshot[]) => facts({ snapshots: [...dailies(7), ...snapshots] });

  test("and were made good keep failing from the third in a week on", () => {
    const [two, third] = [[20 * HOUR_MS, 44 * HOUR_MS].map(failed), failed(7 * DAY_MS)];
    expect(said(of(...two), "snapshot-failed")).toBe(
      "pass: 2 failed and were followed by a success: daily-44h, daily-20h",
    );
    const often = only(of(...two, third), "snapshot-failed");
    expect(often).toMatchObject({
      status: "warn",
      message: "3 snapshots failed in the last 7 days, though a success followed: it keeps failing",
    });
    expect(often?.evidence?.["actual"]).toHaveLength(3);
    expect(said(of(...two, failed(7 * DAY_MS + 1)), "snapshot-failed")).toMatch(/^pass: 3 failed and were/);
  });

  test("three are named without a remainder", () => {
    const three = [1, 2, 3].map((hours) => failed(hours * HOUR_MS));
    expect(said(facts({ snapshots: three }), "snapshot-failed")).toBe(
      "fail: 3 snapshots failed since the newest success: daily-3h, daily-2h, daily-1h",
    );
  });

  test("or hang are looked for in Atlas", () => {
    expect(only(of(aSnapshot("daily", 5 * HOUR_MS, { status: "inProgress" })), "snapshot-in-progress")).toMatchObject({
      evidence: { expected: "at most 2 h", actual: ["daily-5h: 5 h"] },
      remedy:
        "look at the cluster's snapshots and at the project's events: atlas backups snapshots list litally-core, atlas events projects list; if it stays so, open a case with MongoDB Support naming the snapshot id",
    });
  });
});

describe("sizes", () => {
  const sized = (...newestFirst: readonly number[]) =>
    facts({
      snapshots: newestFirst.map((sizeBytes, day) => aSnapshot("daily", day * DAY_MS + 8 * HOUR_MS, { sizeBytes })),
    });

  test("that shrank or grew: both numbers, and what each means", () => {
    const shrunk = only(sized(40 * GB, 100 * GB, 100 * GB, 100 * GB), "snapshot-size");
    expect(shrunk).toMatchObject({
      status: "fail",
      evidence: {
        expected: "about 100 GB",
        actual: "40.0 GB",
        sizeBytes: 40 * GB,
        medianBytes: 100 * GB,
        snapshotId: "daily-8h",
      },
      remedy: expect.stringContaining("; if data was dropped on purpose, note it; if not, do not overwrite anything"),
    });
    const less = only(sized(60 * GB, 100 * GB, 100 * GB, 100 * GB), "snapshot-size");
    expect([less?.status, less?.remedy]).toEqual(["warn", shrunk?.remedy]);
    expect(only(sized(300 * GB, 100 * GB, 100 * GB, 100 * GB), "snapshot-size")).toMatchObject({
      status: "warn",
      remedy: "make sure that so much data was meant to come, and that the disk has room for it",
    });
  });

  test("of nothing: three are named, and there is nothing to restore", () => {
    expect(only(sized(0, 0, 0, 0), "snapshot-size")).toMatchObject({
      message: "4 completed snapshots hold 0 bytes: daily-80h, daily-56h, daily-32h",
      evidence: { expected: "more than 0 bytes", actual: 0 },
      remedy: expect.stringContaining("take another, litally-ops backup snapshot core"),
    });
    expect(only(sized(GB), "snapshot-size")?.evidence).toEqual({ sizeBytes: GB });
  });
});

describe("sharded snapshots", () => {
  const cluster = aCluster({ type: "SHARDED", shards: [{ zoneId: ZONE }, { zoneId: ZONE }] });
  const unit = (
    ageHours: number,
    of: ReturnType<typeof members> | typeof GONE,
    given: Parameters<typeof aSnapshot>[2] = {},
  ) => aSnapshot("daily", ageHours * HOUR_MS, { members: of, ...given });
  const config = { id: "c", replicaSetName: "litally-core-config-0" };
  const judged = (...snapshots: readonly Snapshot[]) => only(facts({ cluster, snapshots }), "shards-complete");

  test("that lack a shard: how many each holds", () => {
    const units = [8, 32, 56, 80, 104, 128].map((age) => unit(age, members(1, 2)));
    expect(judged(...units)?.evidence).toEqual({
      expected: 2,
      actual: ["daily-104h: 2", "daily-80h: 2", "daily-56h: 2", "daily-32h: 2", "daily-8h: 2"],
    });
    expect(judged(unit(8, members(1)), unit(32, GONE))).toMatchObject({
      status: "fail",
      evidence: { expected: 2, actual: ["daily-32h: not readable", "daily-8h: 1"] },
      remedy: expect.stringMatching(/^take a whole one: litally-ops backup snapshot core; /),
    });
  });

  test("of which the newest lost the config server: only beside one that has not expired", () => {
    const earlier = (given: Parameters<typeof aSnapshot>[2] = {}) => unit(32, [...members(1, 2), config], given);
    const lost = "the newest snapshot lacks the config server that the one before it holds";
    expect(judged(unit(8, members(1, 2)), earlier())).toMatchObject({ status: "warn", message: lost });
    expect(judged(unit(8, members(1, 2)), earlier({ expiresAt: ago(0) }))?.status).toBe("pass");
    expect(judged(unit(8, members(1, 2)), earlier({ expiresAt: GONE }))?.status).toBe("unknown");
    expect(judged(unit(8, members(1, 2), { expiresAt: GONE }), earlier())?.status).toBe("unknown");
    expect(judged(unit(8, [...members(1, 2), config]), unit(32, members(1, 2)))?.status).toBe("pass");
  });

  test("an older one may hold fewer where the cluster had fewer, but none that stands beside one without a date", () => {
    const growing = [unit(8, members(1, 2)), unit(32, members(1)), unit(56, members(1))];
    expect(judged(...growing)?.status).toBe("pass");
    expect(judged(...growing, unit(70, members(1, 2), { createdAt: GONE }))?.status).toBe("unknown");
    expect(judged(unit(8, members(1, 2)), unit(32, members(1)), unit(56, members(1, 2)))?.status).toBe("fail");
  });
});

describe("what could not be read", () => {
  test("is counted, and looked for in Atlas", () => {
    const [two, five] = [dailies(2, { status: GONE }), dailies(5, { status: GONE })];
    expect(only(facts({ snapshots: two }), "readable")).toMatchObject({
      evidence: { unreadable: 2, first: ["this field is gone", "this field is gone"] },
      remedy:
        "see what Atlas itself shows: atlas backups snapshots list litally-core; mend access where it was refused; if Atlas has new values, upgrade litally-ops",
    });
    expect(said(facts({ snapshots: five }), "readable")).not.toContain("more");
  });

  test("of continuous backup matters where the policy declares it", () => {
    for (const given of [
      { cluster: aCluster({ pitEnabled: GONE }) },
      { schedule: aSchedule({ restoreWindowDays: GONE }) },
    ]) {
      expect(said(facts(given), "readable")).toMatch(/^pass/);
      expect(said(continuous(given), "readable")).toMatch(/^unknown/);
    }
  });

  test("of the schedule matters where there is one", () => {
    const off = aCluster({ backupEnabled: false });
    expect(said(facts({ cluster: off, schedule: GONE }), "readable")).toMatch(/^pass/);
    expect(said(facts({ cluster: GONE, schedule: GONE }), "readable")).toBe(
      "unknown: could not read: this field is gone; this field is gone",
    );
    for (const field of ["id", "frequency", "interval", "retention"] as const)
      expect(
        said(facts({ schedule: aSchedule({ items: [anItem("daily", 7, { [field]: GONE })] }) }), "readable"),
      ).toMatch(/^unknown/);
  });

  test("of a cluster dated in the future is named", () => {
    expect(said(facts({ cluster: aCluster({ createdAt: ago(-HOUR_MS) }) }), "readable")).toBe(
      "unknown: could not read: cluster litally-core: createDate is dated in the future (2026-11-22T03:00:00.000Z)",
    );
  });
});

describe("retentions and copies", () => {
  test("both sides of an item, and of a snapshot's expiry", () => {
    const items = [anItem("daily", 5), anItem("hourly", 9)];
    expect(only(facts({ schedule: aSchedule({ items }) }), "schedule-item")).toMatchObject({
      evidence: { expected: "daily, kept 7d or longer", actual: ["5d"] },
      remedy: "litally-ops backup apply core",
    });
    expect(only(facts(), "snapshot-expiry")?.evidence).toEqual({ expected: "kept 7d", snapshots: 7 });
    expect(only(facts({ snapshots: dailies(7, { expiresAt: null }) }), "snapshot-expiry")).toMatchObject({
      status: "unknown",
      evidence: { expected: "kept 7d", withoutExpiry: 7 },
    });
  });

  test("what is copied, from how many zones, and that the oplog is not", () => {
    const copies = [{ region: REGION, frequencies: ["daily" as const], oplogs: true }];
    const bare = facts({ database: { copies }, schedule: aSchedule({ copySettings: [] }) });
    expect(only(bare, "copies-configured")).toMatchObject({
      evidence: { expected: ["daily"], zones: 1 },
      remedy: "litally-ops backup apply core",
    });
    expect(only(bare, "copies-oplogs")?.evidence).toEqual({ expected: true, actual: false });
  });
});
