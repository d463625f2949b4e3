/** Which restore points the live settings make, and how long each lives. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDuration, DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { firingsMs } from "../../../src/rules/retention/calendar.ts";
import { slotAt } from "../../../src/rules/retention/demand.ts";
import { eachFiring } from "../../../src/rules/retention/firings.ts";
import { assumeLost } from "../../../src/rules/retention/losses.ts";
import type { Place } from "../../../src/rules/retention/model.ts";
import { satisfies } from "../../../src/rules/retention/shelves.ts";
import { type Reading, snapshotSupply } from "../../../src/rules/retention/supply-snapshots.ts";
import { absence } from "../../../src/rules/retention/today.ts";
import { aCluster, aCopySetting, anItem, aSchedule, aSnapshot, dailies, facts, NOW } from "../build.ts";
import { tier } from "./build.ts";

const NOW_MS = NOW.getTime();
const GONE = notKnown(new OpsError("protocol", "it cannot be read"));

function supplied(backup: BackupFacts, { days = 30, reading = "pessimistic" as Reading } = {}) {
  return snapshotSupply({ backup, projectId: "p", untilMs: NOW_MS + days * DAY_MS, reading, firstByteMs: null });
}
const pointsOf = (backup: BackupFacts, options?: { days?: number; reading?: Reading }) =>
  supplied(backup, options).supply.points;
const planned = (backup: BackupFacts, tier: string, options?: { days?: number; reading?: Reading }) =>
  pointsOf(backup, options).filter((point) => !point.isSeen && point.tier === tier);

describe("snapshots that are there", () => {
  it("live until their own date, in their own region", () => {
    const [point] = pointsOf(facts({ snapshots: dailies(1) })).filter(
      ({ isSeen, kind }) => isSeen && kind === "snapshot",
    );
    expect(point).toMatchObject({ kind: "snapshot", tier: "daily", untilMs: NOW_MS - 8 * HOUR_MS + 7 * DAY_MS });
    expect(point?.place.label).toBe("ap-south-1");
  });

  it.each([
    ["that failed", { status: "failed" as const }],
    ["that are under way", { status: "inProgress" as const }],
    ["that may be inconsistent", { kind: "fallback" as const }],
    ["of no bytes", { sizeBytes: 0 }],
    ["that have expired", { expiresAt: new Date(NOW_MS - 1) }],
  ])("%s are no restore points, at worst or at best", (_what, given) => {
    for (const reading of ["pessimistic", "optimistic"] as const)
      expect(
        pointsOf(facts({ snapshots: [aSnapshot("daily", HOUR_MS, given)] }), { reading }).filter(
          ({ isSeen }) => isSeen,
        ),
      ).toEqual([]);
  });

  it.each([
    ["status", { status: GONE }],
    ["size", { sizeBytes: GONE }],
  ])("whose %s cannot be read count at best only", (_what, given) => {
    const seen = (reading: Reading) =>
      pointsOf(facts({ snapshots: [aSnapshot("daily", HOUR_MS, given)] }), { reading }).filter(
        ({ kind, isSeen }) => isSeen && kind === "snapshot",
      ).length;
    expect([seen("pessimistic"), seen("optimistic")]).toEqual([0, 1]);
  });

  it.each([
    ["names no end", { expiresAt: null }],
    ["tells no end that can be read", { expiresAt: GONE }],
  ])("of which Atlas %s are there at best only", (_what, given) => {
    const seen = (reading: Reading) =>
      pointsOf(facts({ snapshots: [aSnapshot("daily", HOUR_MS, given)] }), { reading }).filter(
        ({ kind, isSeen, untilMs }) => isSeen && kind === "snapshot" && untilMs > NOW_MS,
      ).length;
    expect([seen("pessimistic"), seen("optimistic")]).toEqual([0, 1]);
  });

  it("of which Atlas names no end may go as soon as they were listed, and it is said", () => {
    const [point] = pointsOf(facts({ snapshots: [aSnapshot("daily", HOUR_MS, { expiresAt: null })] }));
    if (point === undefined) throw new Error("it is there");
    expect(absence(point, NOW_MS, NOW_MS)).toMatch(/ was there until .*: an end that Atlas does not name$/);
  });

  it("of a replica set of several shards count at best only: Atlas contradicts itself", () => {
    const shards = ["zone-1", "zone-2"].map((zoneId) => ({ zoneId }));
    const seen = (reading: Reading) =>
      pointsOf(facts({ cluster: aCluster({ shards }), snapshots: dailies(1) }), { reading }).filter(
        ({ kind, isSeen }) => isSeen && kind === "snapshot",
      ).length;
    expect([seen("pessimistic"), seen("optimistic")]).toEqual([0, 1]);
  });

  it("lie with the key that encrypts them", () => {
    const [point] = pointsOf(facts({ snapshots: [aSnapshot("daily", HOUR_MS, { masterKeyId: "key-1" })] })).filter(
      ({ isSeen }) => isSeen,
    );
    expect(point?.place.domains).toContainEqual({ kind: "key", name: "key-1" });
  });

  it("of which one's key cannot be read leave nothing proved", () => {
    expect(supplied(facts({ snapshots: dailies(2, { masterKeyId: GONE }) })).unreadable.length).toBeGreaterThan(0);
  });

  it("whose copies cannot be read leave nothing proved, where copies are promised", () => {
    expect(
      supplied(
        facts({
          database: { copies: [{ region: "ap-southeast-1", frequencies: ["daily"], oplogs: false }] },
          snapshots: dailies(1, { copyRegions: GONE }),
        }),
      ).unreadable.length,
    ).toBe(1);
  });

  it("have copies where they say so, and none that outlives them", () => {
    const copy = pointsOf(facts({ snapshots: dailies(1) })).find(({ isSeen, kind }) => isSeen && kind === "copy");
    expect(copy?.place.domains).toContainEqual({ kind: "region", name: "ap-southeast-1" });
    expect(copy?.untilMs).toBe(NOW_MS - 8 * HOUR_MS + 7 * DAY_MS);
    const short = aCopySetting({ retentions: [{ frequency: "daily", retention: { value: 2, unit: "days" } }] });
    const shorter = pointsOf(facts({ snapshots: dailies(1), schedule: aSchedule({ copySettings: [short] }) }));
    expect(shorter.find(({ isSeen, kind }) => isSeen && kind === "copy")?.untilMs).toBe(
      NOW_MS - 8 * HOUR_MS + 2 * DAY_MS,
    );
  });
});

describe("of shards in several regions", () => {
  it("each snapshot, seen or to come, and the window lie in the first region of every one, and copies in their own alone", () => {
    const regions = [["ap-south-1", "eu-north-1"], ["eu-west-1"], ["ap-south-1"]];
    const schedule = aSchedule({ items: [anItem("hourly", 7), anItem("daily", 8)] });
    const backup = facts({ cluster: aCluster({ regions }), schedule, snapshots: dailies(2) });
    const { points, continuous } = supplied(backup).supply;
    const regionsOf = (place: Place | undefined) =>
      place?.domains.flatMap(({ kind, name }) => (kind === "region" ? [name] : []));
    const [home, away] = [["ap-south-1", "eu-west-1"], ["ap-southeast-1"]];
    expect(points.filter(({ kind }) => kind === "copy").length).toBeGreaterThan(2);
    for (const { kind, place, madeFrom } of points) {
      expect(regionsOf(place)).toEqual(kind === "copy" ? away : home);
      if (madeFrom !== undefined) expect(regionsOf(madeFrom)).toEqual(home);
    }
    expect(continuous.map(({ place }) => regionsOf(place))).toEqual([home, away]);
    const left = assumeLost({ points, continuous }, [{ kind: "region", name: "eu-west-1" }], NOW_MS);
    expect(new Set(left.points.map(({ kind }) => kind))).toEqual(new Set(["copy"]));
  });

  it("what cannot be read is no region to lose", () => {
    const { points } = supplied(facts({ cluster: aCluster({ regions: GONE }), snapshots: dailies(2) })).supply;
    const [own] = points.filter(({ kind }) => kind === "snapshot");
    expect(own?.place.domains.map(({ kind }) => kind)).toEqual(["cluster", "account"]);
  });
});

describe("under a customer's key", () => {
  const key = (name: string) => ({ kind: "key", name });
  const underKeys = (...keys: readonly (string | null)[]) =>
    facts({
      cluster: aCluster({ encryptionAtRestProvider: "AWS" }),
      snapshots: keys.map((masterKeyId, index) => aSnapshot("daily", (index + 1) * DAY_MS, { masterKeyId })),
    });

  it("lies what is to come, and all seconds, with that of the newest snapshot", () => {
    const { supply, unreadable } = supplied(underKeys("new", "old"));
    expect(unreadable).toEqual([]);
    const toCome = [...supply.points.filter(({ isSeen }) => !isSeen), ...supply.continuous];
    expect(new Set(toCome.map(({ place }) => place.label))).toEqual(new Set(["ap-south-1", "ap-southeast-1"]));
    for (const { place, madeFrom } of toCome)
      for (const domains of [place.domains, madeFrom?.domains])
        expect(domains?.filter(({ kind }) => kind === "key")).toEqual([key("new")]);
    const seen = supply.points.filter(({ isSeen }) => isSeen);
    expect(seen.filter(({ place }) => place.domains.some(({ name }) => name === "old")).length).toBe(2);
  });

  it.each([
    ["a snapshot that failed", { status: "failed" as const }],
    ["one that is too old", { createdAt: new Date(NOW_MS - 40 * DAY_MS) }],
  ])("%s does not tell which is in use", (_what, given) => {
    const backup = underKeys("new", "old");
    const snapshots = [
      ...(backup.snapshots.known ? backup.snapshots.value : []),
      aSnapshot("daily", HOUR_MS, { ...given, masterKeyId: "other" }),
    ];
    const { supply } = supplied({ ...backup, snapshots: known(snapshots) });
    expect(supply.continuous[0]?.place.domains).toContainEqual(key("new"));
  });

  it.each([
    ["is bare", underKeys(null, "old")],
    ["there is none", underKeys()],
  ])("nobody knows which it will be, where the newest snapshot %s", (_when, backup) => {
    expect(supplied(backup).unreadable.map(({ message }) => message)).toEqual([expect.stringContaining("keys")]);
  });

  it("lies nothing to come where the cluster has none any more", () => {
    const { supply, unreadable } = supplied(facts({ snapshots: dailies(2, { masterKeyId: "old" }) }));
    const toCome = [...supply.points.filter(({ isSeen }) => !isSeen), ...supply.continuous];
    expect(toCome.flatMap(({ place }) => place.domains).filter(({ kind }) => kind === "key")).toEqual([]);
    expect(unreadable).toEqual([]);
  });
});

describe("of a cluster that is being deleted", () => {
  const going = facts({ cluster: aCluster({ state: "DELETING" }), snapshots: dailies(3) });

  it("snapshots and copies are gone at worst, and at best live as long as they would have", () => {
    const ends = (reading: Reading) => pointsOf(going, { reading }).map(({ untilMs }) => untilMs);
    expect(new Set(ends("pessimistic"))).toEqual(new Set([NOW_MS]));
    expect(ends("optimistic")).toEqual(
      pointsOf(facts({ snapshots: dailies(3) })).flatMap(({ isSeen, untilMs }) => (isSeen ? [untilMs] : [])),
    );
    expect(pointsOf(going)[0]?.removedBy).toContain("is being deleted");
  });

  it("no second can be restored any more", () => {
    for (const reading of ["pessimistic", "optimistic"] as const)
      expect(supplied(going, { reading }).supply.continuous).toEqual([]);
  });
});

describe("copies that are there", () => {
  const lives = (latest: number, reading: Reading) => {
    const schedule = aSchedule({
      items: [anItem("daily", 7)],
      copySettings: [aCopySetting({ lastNumberOfSnapshots: latest, frequencies: [] })],
    });
    return pointsOf(facts({ snapshots: dailies(3), schedule }), { reading })
      .filter(({ isSeen, kind }) => isSeen && kind === "copy")
      .map(({ dataMs, untilMs }) => (untilMs - dataMs) / DAY_MS);
  };

  it("live only until so many newer ones are there, where only the latest are kept", () => {
    expect(lives(2, "pessimistic").every((days) => days <= 2.5)).toBe(true);
    expect(Math.max(...lives(2, "optimistic"))).toBeLessThan(7);
    expect(new Set(lives(100, "pessimistic"))).toEqual(new Set([7]));
  });
});

describe("snapshots to come", () => {
  it("are as many as the items fire, each with the retention of its item", () => {
    const points = planned(facts(), "daily", { days: 365 }).filter(({ kind }) => kind === "snapshot");
    expect(points.length).toBe(365);
    for (const { dataMs, untilMs } of points) expect(untilMs - dataMs).toBe(7 * DAY_MS);
    expect(planned(facts(), "hourly", { days: 10 }).filter(({ kind }) => kind === "snapshot").length).toBe(30);
  });

  const ITEMS = { hourly: anItem("hourly", 7), daily: anItem("daily", 30), weekly: anItem("weekly", 60) };

  it("are one where items fire together, of the one that keeps it longest", () => {
    const backup = facts({ schedule: aSchedule({ items: Object.values(ITEMS) }) });
    const own = pointsOf(backup, { days: 70 }).filter(({ isSeen, kind }) => !isSeen && kind === "snapshot");
    expect(new Set(own.map(({ dataMs }) => dataMs)).size).toBe(own.length);
    const [daily, weekly] = ["daily", "weekly"].map((tier) => own.filter((point) => point.tier === tier));
    expect([own.length, daily?.length, weekly?.length]).toEqual([280, 60, 10]);
    for (const { dataMs, untilMs, makers } of weekly ?? []) {
      expect((untilMs - dataMs) / DAY_MS).toBe(60);
      expect(makers).toEqual(["hourly", "daily", "weekly"]);
    }
  });

  it("are kept for the shorter at worst where it is not sure which of two keeps longer", () => {
    const items = [anItem("daily", 30), anItem("weekly", 1, { retention: { value: 1, unit: "months" } })];
    const lives = (reading: Reading) => {
      const own = pointsOf(facts({ schedule: aSchedule({ items }) }), { days: 400, reading });
      const both = own.filter(({ isSeen, kind, makers }) => !isSeen && kind === "snapshot" && makers?.length === 2);
      return [...new Set(both.map(({ dataMs, untilMs }) => (untilMs - dataMs) / DAY_MS))].sort();
    };
    expect([lives("pessimistic"), lives("optimistic")]).toEqual([
      [28, 30],
      [30, 31],
    ]);
  });

  it("fire as looking at every hour says", () => {
    const frequency = fc.constantFrom("hourly", "daily", "weekly", "monthly", "yearly");
    const item = frequency.chain((one) =>
      fc.integer({ min: 1, max: 3 }).map((interval) => ({
        frequency: one,
        interval: one === "hourly" ? interval * 4 : interval,
        retention: { value: 1, unit: "years" as const },
      })),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), fc.nat(23), (items, hour) => {
        const span = { fromMs: NOW_MS, untilMs: NOW_MS + 60 * DAY_MS };
        const reference = { hour, minute: 0 };
        const told: (readonly [number, string])[] = [];
        eachFiring({ items, reference }, span, (atMs, { frequencies }) =>
          told.push([atMs, [...frequencies].sort().join()]),
        );
        const expected: (readonly [number, string])[] = [];
        for (let ms = span.fromMs; ms < span.untilMs; ms += HOUR_MS) {
          const due = items.filter((one) => firingsMs({ ...one, reference }, ms, ms + 1).length > 0);
          const names = [...new Set(due.map((one) => one.frequency))].sort().join();
          if (due.length > 0) expected.push([ms, names]);
        }
        expect(told).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it("come at once at best, and when the grace is over at worst", () => {
    const at = (reading: Reading) => planned(facts(), "daily", { reading })[0];
    expect((at("optimistic")?.fromMs ?? 0) - (at("optimistic")?.dataMs ?? 0)).toBe(0);
    expect((at("pessimistic")?.fromMs ?? 0) - (at("pessimistic")?.dataMs ?? 0)).toBe(2 * HOUR_MS);
  });

  it.each([
    [{ hour: 23, minute: 45 }, [0, 30]],
    [{ hour: 23, minute: 44 }, [30, 30]],
  ])("of %j have data of that day surely only where a late start is of it too", (referenceTime, expected) => {
    const backup = facts({ schedule: aSchedule({ referenceTime, items: [anItem("daily", 7)] }) });
    const day = tier("day", "2d");
    const filled = (reading: Reading) =>
      planned(backup, "daily", { reading }).filter(
        (point) => point.kind === "snapshot" && satisfies(point, slotAt(day, point.dataMs)),
      ).length;
    expect([filled("pessimistic"), filled("optimistic")]).toEqual(expected);
  });

  it("keep months and years by the calendar", () => {
    const item = anItem("monthly", 12, { interval: 40, retention: { value: 12, unit: "months" } });
    const points = planned(facts({ schedule: aSchedule({ items: [item] }) }), "monthly", { days: 900 });
    expect(points.length).toBeGreaterThan(20);
    for (const { dataMs, untilMs } of points)
      expect(untilMs).toBe(addDuration(new Date(dataMs), { value: 12, unit: "mo" }).getTime());
  });

  it.each([
    ["while backups are off", { cluster: aCluster({ backupEnabled: false }) }],
    ["while nobody knows whether backups are on", { cluster: aCluster({ backupEnabled: GONE }) }],
    ["while the cluster is being deleted", { cluster: aCluster({ state: "DELETING" }) }],
    ["while the cluster is paused", { cluster: aCluster({ paused: true }) }],
    ["without items", { schedule: aSchedule({ items: [] }) }],
  ])("do not come %s", (_when, given) => {
    expect(pointsOf(facts(given)).filter(({ isSeen }) => !isSeen)).toEqual([]);
  });

  it.each([
    ["the schedule", { schedule: GONE }],
    ["its items", { schedule: aSchedule({ items: GONE }) }],
    ["a retention", { schedule: aSchedule({ items: [anItem("daily", 7, { retention: GONE })] }) }],
    ["its time", { schedule: aSchedule({ referenceTime: GONE }) }],
    ["the copies", { schedule: aSchedule({ copySettings: GONE }) }],
    ["the snapshots", { snapshots: GONE }],
    ["the cluster", { cluster: GONE }],
    ["its regions", { cluster: aCluster({ regions: GONE }) }],
    ["its state", { cluster: aCluster({ state: GONE }) }],
    ["whether it has a key", { cluster: aCluster({ encryptionAtRestProvider: GONE }) }],
    ["where they lie", { cluster: aCluster({ regions: [] }) }],
    ["where those of one shard lie", { cluster: aCluster({ regions: [["ap-south-1"], []] }) }],
    ["the window", { schedule: aSchedule({ restoreWindowDays: GONE }) }],
    ["extra retention", { schedule: aSchedule({ extraRetention: GONE }) }],
  ])("are not relied on where %s cannot be read", (_what, given) => {
    expect(supplied(facts(given)).unreadable.length).toBeGreaterThan(0);
  });

  it("are kept longer by extra retention at best only", () => {
    const schedule = aSchedule({ extraRetention: [{ frequency: "daily", days: 30 }] });
    const life = (reading: Reading) => {
      const [point] = planned(facts({ schedule }), "daily", { reading });
      return ((point?.untilMs ?? 0) - (point?.dataMs ?? 0)) / DAY_MS;
    };
    expect([life("pessimistic"), life("optimistic")]).toEqual([7, 37]);
  });
});

describe("copies to come", () => {
  const copies = (given: Parameters<typeof aCopySetting>[0]) =>
    pointsOf(facts({ schedule: aSchedule({ items, copySettings: [aCopySetting(given)] }) })).filter(
      ({ isSeen, kind }) => !isSeen && kind === "copy",
    );
  const items = [anItem("hourly", 7), anItem("daily", 8)];

  it("are of the frequencies that are copied", () => {
    expect(new Set(copies({}).map(({ tier }) => tier))).toEqual(new Set(["daily"]));
    expect(new Set(copies({ frequencies: ["hourly", "daily"] }).map(({ tier }) => tier))).toEqual(
      new Set(["hourly", "daily"]),
    );
    expect(copies({ frequencies: ["onDemand"] })).toEqual([]);
  });

  it("are of a snapshot as what it is kept as: of that of a Saturday as a weekly one", () => {
    const schedule = (...frequencies: readonly ("daily" | "weekly")[]) =>
      aSchedule({
        items: [anItem("daily", 8), anItem("weekly", 28, { interval: 6 })],
        copySettings: [aCopySetting({ frequencies })],
      });
    const days = (given: ReturnType<typeof schedule>) =>
      pointsOf(facts({ schedule: given }), { days: 28, reading: "optimistic" })
        .filter(({ isSeen, kind }) => !isSeen && kind === "copy")
        .map(({ dataMs }) => new Date(dataMs).getUTCDay());
    expect(days(schedule("daily")).length).toBe(24);
    expect(days(schedule("daily"))).not.toContain(6);
    expect(days(schedule("daily", "weekly")).length).toBe(28);
  });

  it("are relied on at best only where nobody knows as which of two it is kept", () => {
    const schedule = aSchedule({ items: [anItem("hourly", 7), anItem("daily", 7)] });
    const count = (reading: Reading) =>
      pointsOf(facts({ schedule }), { reading }).filter(({ isSeen, kind }) => !isSeen && kind === "copy").length;
    expect([count("pessimistic"), count("optimistic")]).toEqual([0, 30]);
  });

  it.each([
    ["AZURE" as const, { kind: "region", name: "ap-southeast-1 of AZURE" }],
    ["AWS" as const, { kind: "region", name: "ap-southeast-1" }],
  ])("at %s lie in a region of its own, those that are there too", (provider, region) => {
    const schedule = aSchedule({ items, copySettings: [aCopySetting({ provider })] });
    const all = pointsOf(facts({ snapshots: dailies(2), schedule })).filter(({ kind }) => kind === "copy");
    expect(new Set(all.map(({ isSeen }) => isSeen))).toEqual(new Set([true, false]));
    for (const { place } of all) expect(place.domains).toContainEqual(region);
  });

  it("are not relied on where it is not said whose region it is", () => {
    const schedule = aSchedule({ items, copySettings: [aCopySetting({ provider: null })] });
    expect(supplied(facts({ schedule })).unreadable.length).toBeGreaterThan(0);
  });

  it("are never more than the latest so many", () => {
    const schedule = aSchedule({ copySettings: [aCopySetting({ lastNumberOfSnapshots: 5, frequencies: [] })] });
    const latest = pointsOf(facts({ schedule }), { reading: "optimistic" }).filter(
      ({ isSeen, kind }) => !isSeen && kind === "copy",
    );
    const there = (atMs: number) => latest.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs).length;
    expect(new Set(latest.map(({ tier }) => tier))).toEqual(new Set(["hourly", "daily"]));
    for (const { dataMs } of latest) expect(there(dataMs)).toBeLessThanOrEqual(5);
    expect(there(latest.at(-1)?.dataMs ?? 0)).toBe(5);
  });

  it("are none where a zone of the cluster is not copied", () => {
    const cluster = aCluster({ type: "GEOSHARDED", shards: [{ zoneId: "zone-a" }, { zoneId: "zone-b" }] });
    const only = aSchedule({ items, copySettings: [aCopySetting({ zoneId: "zone-a" })] });
    const both = aSchedule({
      items,
      copySettings: [aCopySetting({ zoneId: "zone-a" }), aCopySetting({ zoneId: "zone-b" })],
    });
    const count = (schedule: typeof only) =>
      pointsOf(facts({ cluster, schedule })).filter(({ isSeen, kind }) => !isSeen && kind === "copy").length;
    expect(count(only)).toBe(0);
    expect(count(both)).toBe(30);
  });

  describe("of several zones", () => {
    const cluster = aCluster({ type: "GEOSHARDED", shards: [{ zoneId: "zone-a" }, { zoneId: "zone-b" }] });
    const zones = (...given: readonly Parameters<typeof aCopySetting>[0][]) =>
      ["zone-a", "zone-b"].map((zoneId, index) => aCopySetting({ zoneId, ...given[index] }));
    const kept = (days: number | null) => ({
      retentions:
        days === null ? [] : [{ frequency: "daily" as const, retention: { value: days, unit: "days" as const } }],
    });

    it.each([
      [2, 5, 2],
      [5, 2, 2],
      [null, 5, 5],
      [5, null, 5],
      [null, null, 8],
    ])(
      "that keep them %s and %s days (null: as their snapshots) live %i days: a part restores nothing",
      (a, b, days) => {
        const schedule = aSchedule({ items, copySettings: zones(kept(a), kept(b)) });
        const copied = pointsOf(facts({ cluster, schedule })).filter(({ isSeen, kind }) => !isSeen && kind === "copy");
        expect(copied.length).toBe(30);
        expect(new Set(copied.map(({ dataMs, untilMs }) => (untilMs - dataMs) / DAY_MS))).toEqual(new Set([days]));
      },
    );

    it.each([
      [true, true, 2],
      [true, false, 1],
      [false, true, 1],
    ])("have a window where every one copies its oplog: %s and %s", (a, b, windows) => {
      const schedule = aSchedule({ items, copySettings: zones({ copiesOplogs: a }, { copiesOplogs: b }) });
      expect(supplied(facts({ cluster, schedule })).supply.continuous.length).toBe(windows);
    });
  });
});

describe("what is kept beyond every calendar", () => {
  const VALUES = [99_999_999, Number.MAX_SAFE_INTEGER];
  const UNITS = ["days", "weeks", "months", "years"] as const;
  it.each(UNITS.flatMap((unit) => VALUES.map((value) => ({ value, unit }))))("%j never ends", (retention) => {
    const schedule = aSchedule({ items: [anItem("hourly", 1, { retention })], restoreWindowDays: 7 });
    const { points, continuous } = supplied(facts({ schedule })).supply;
    const own = points.filter(({ kind, isSeen }) => kind === "snapshot" && !isSeen);
    expect(new Set(own.map(({ untilMs }) => untilMs))).toEqual(new Set([Number.POSITIVE_INFINITY]));
    expect(continuous[0]?.windowMs).toBe(7 * DAY_MS);
  });

  it("nor what extra retention lengthens so far", () => {
    const extraRetention = [{ frequency: "daily" as const, days: Number.MAX_SAFE_INTEGER }];
    const backup = facts({ schedule: aSchedule({ items: [anItem("daily", 7)], extraRetention }) });
    const [first] = planned(backup, "daily", { reading: "optimistic" });
    expect(first?.untilMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the continuous window", () => {
  const windows = (given: Parameters<typeof aSchedule>[0]) =>
    supplied(facts({ schedule: aSchedule(given) })).supply.continuous;

  it("reaches as far as the shorter of the window and the hourly snapshots, also where the oplog is copied to", () => {
    expect(windows({}).map(({ windowMs, place, copiedTo }) => [windowMs / DAY_MS, place.label, copiedTo])).toEqual([
      [7, "ap-south-1", undefined],
      [7, "ap-southeast-1", "ap-southeast-1"],
    ]);
    const short = windows({ items: [anItem("hourly", 2), anItem("daily", 7)] });
    expect(short[0]).toMatchObject({ windowMs: 2 * DAY_MS, limitedBy: "the retention of hourly snapshots" });
  });

  it("is none without hourly snapshots, without oplogs, or where it is off", () => {
    expect(windows({ items: [anItem("daily", 7)] })).toEqual([]);
    expect(windows({ copySettings: [aCopySetting({ copiesOplogs: false })] }).length).toBe(1);
    const off = facts({ cluster: aCluster({ pitEnabled: false }) });
    expect(supplied(off).supply.continuous).toEqual([]);
  });
});

it("is never more at worst than at best", () => {
  const part = fc.constantFrom({}, { status: GONE }, { expiresAt: GONE }, { sizeBytes: GONE }, { kind: GONE });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const backup = facts({ snapshots: parts.map((given, day) => aSnapshot("daily", day * DAY_MS + HOUR_MS, given)) });
      const best = new Map(pointsOf(backup, { reading: "optimistic" }).map((point) => [point.id, point]));
      for (const { id, fromMs, untilMs } of pointsOf(backup)) {
        const other = best.get(id);
        expect(other).toBeDefined();
        expect(other?.fromMs).toBeLessThanOrEqual(fromMs);
        expect(other?.untilMs).toBeGreaterThanOrEqual(untilMs);
      }
    }),
  );
});
