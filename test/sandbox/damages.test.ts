import { describe, expect, it } from "vitest";
import { listWorlds, type Sandbox, type SandboxSeed } from "../../src/sandbox/sandbox.ts";
import { get, PROJECT, type Reply, SEED, START, sandbox, snapshots } from "./client.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Seen {
  readonly cluster: Reply["json"];
  readonly schedule: Reply["json"];
  readonly items: Reply["json"][];
  /** The daily series, newest first. */
  readonly daily: Reply["json"][];
  readonly all: Reply["json"][];
}

async function look(target: Sandbox): Promise<Seen> {
  const cluster = (await get(target, "/clusters/litally-core")).json;
  const schedule = (await get(target, "/clusters/litally-core/backup/schedule")).json;
  const all = await snapshots(target);
  const items = schedule.policies?.[0].policyItems ?? [];
  return { cluster, schedule, items, all, daily: all.filter((one) => one.frequencyType === "daily") };
}

const ageMs = (snapshot: Reply["json"]): number => START.getTime() - Date.parse(snapshot.createdAt);
const item = (seen: Seen, frequency: string): Reply["json"] =>
  seen.items.find((one) => one.frequencyType === frequency);

describe("the healthy world", () => {
  it("has the whole series that the policy asks for, recent and completed", async () => {
    const { cluster, daily, all, items, schedule } = await look(await sandbox());
    expect(cluster).toMatchObject({
      stateName: "IDLE",
      paused: false,
      backupEnabled: true,
      pitEnabled: true,
      clusterType: "REPLICASET",
    });
    expect(
      items.map((one) => [one.frequencyType, one.frequencyInterval, one.retentionValue, one.retentionUnit]),
    ).toEqual([
      ["hourly", 6, 7, "days"],
      ["daily", 1, 30, "days"],
    ]);
    expect(schedule).toMatchObject({ restoreWindowDays: 7, nextSnapshot: "2026-11-22T12:00:00Z" });
    expect(daily).toHaveLength(30);
    expect(all.filter((one) => one.frequencyType === "hourly")).toHaveLength(21);
    const ids = items.map((one) => one.id);
    expect(new Set(daily.map((one) => one.policyItems.join()))).toEqual(new Set([ids.join()]));
    expect(new Set(all.map((one) => one.status))).toEqual(new Set(["completed"]));
    expect(ageMs(daily[0])).toBeLessThan(DAY_MS);
    for (const one of all) {
      expect(one.storageSizeBytes).toBeGreaterThan(45e9);
      expect(one.storageSizeBytes).toBeLessThan(50e9);
      expect(one.copyRegions).toEqual(one.frequencyType === "daily" ? ["AP_SOUTHEAST_1"] : []);
    }
    expect(daily.every((one) => Date.parse(one.expiresAt) - Date.parse(one.createdAt) === 30 * DAY_MS)).toBe(true);
  });

  it("keeps rarer frequencies by the calendar, from the cluster's birth at most", async () => {
    const target = await sandbox();
    const ledger = await snapshots(target, "litally-ledger");
    const schedule = (await get(target, "/clusters/litally-ledger/backup/schedule")).json;
    const of = (frequency: string) => {
      const { id } = schedule.policies[0].policyItems.find((one: Reply["json"]) => one.frequencyType === frequency);
      return ledger.filter((one) => one.policyItems.includes(id)).map((one) => one.createdAt.slice(0, 10));
    };
    expect(ledger.find((one) => one.createdAt.startsWith("2026-10-31T18")).frequencyType).toBe("monthly");
    expect(of("weekly").slice(0, 5)).toEqual(["2026-11-21", "2026-11-14", "2026-11-07", "2026-10-31", "2026-10-24"]);
    expect(of("monthly").slice(0, 3)).toEqual(["2026-10-31", "2026-09-30", "2026-08-31"]);
    expect(of("monthly")).toHaveLength(12);
    expect(of("yearly")).toEqual(["2025-12-01"]);
    expect(ledger.every((one) => one.masterKeyUUID === SEED.databases[1]?.masterKeys[0])).toBe(true);
  });

  it("has one more cluster, for drills, with backups of its own that nobody uses", async () => {
    const target = await sandbox();
    const { json } = await get(target, "/clusters");
    expect(json.results.map((one: Reply["json"]) => [one.name, one.backupEnabled])).toEqual([
      ["litally-core", true],
      ["litally-ledger", true],
      ["litally-drill", true],
    ]);
    expect((await snapshots(target, "litally-drill")).length).toBeGreaterThan(20);
  });
});

const WRONG: Readonly<Record<string, (seen: Seen) => void>> = {
  sharded: ({ cluster }) => expect(cluster.replicationSpecs).toHaveLength(3),
  newborn: ({ daily }) => expect(daily).toHaveLength(3),
  late: ({ all, daily }) => {
    expect(all[0]).toMatchObject({ status: "inProgress", frequencyType: "daily", storageSizeBytes: 0 });
    expect(ageMs(all[0])).toBeCloseTo(40 * 60_000, -5);
    expect(ageMs(daily[1])).toBeLessThan(26 * HOUR_MS);
  },
  "failed-named": ({ all }) => {
    const failed = all.findIndex((one) => one.status === "failed");
    expect(all.slice(0, failed).some((one) => one.status === "completed" && one.frequencyType === "daily")).toBe(true);
  },
  "just-created": ({ all, cluster }) => {
    expect(all).toEqual([]);
    expect(ageMs({ createdAt: cluster.createDate })).toBeLessThan(3 * HOUR_MS);
  },
  "size-jump": ({ daily }) => expect(daily[0].storageSizeBytes / daily[1].storageSizeBytes).toBeCloseTo(12, 0),
  "several-weekly": ({ items }) =>
    expect(
      items.flatMap((one) =>
        one.frequencyType === "weekly" ? [[one.frequencyInterval, one.retentionValue, one.retentionUnit]] : [],
      ),
    ).toEqual([
      [6, 30, "days"],
      [3, 30, "days"],
    ]),
  "copies-by-item": ({ schedule }) => {
    expect(schedule.copyPolicyItemsEnabled).toBe(true);
    expect(schedule.copySettings[0]).toMatchObject({
      copyPolicyItems: [{ frequencyType: "daily", retentionValue: 30, retentionUnit: "days" }],
    });
    expect("frequencies" in schedule.copySettings[0]).toBe(false);
  },
  "snapshot-in-the-way": ({ all }) => {
    expect(all[0]).toMatchObject({ status: "inProgress", snapshotType: "onDemand" });
    expect(all[0].description).toMatch(/somebody else/);
  },
  "atlas-default": ({ items, cluster, schedule, daily }) => {
    expect(items.map((one) => [one.frequencyType, one.retentionValue, one.retentionUnit])).toEqual([
      ["hourly", 7, "days"],
      ["daily", 7, "days"],
      ["weekly", 4, "weeks"],
      ["monthly", 12, "months"],
      ["yearly", 1, "years"],
    ]);
    expect([cluster.pitEnabled, schedule.copySettings, schedule.restoreWindowDays]).toEqual([false, [], undefined]);
    expect(daily.length).toBeLessThan(8);
  },
  "oplogs-ignored": ({ schedule }) => expect(schedule.copySettings[0].shouldCopyOplogs).toBe(false),
  paused: ({ cluster }) => expect(cluster.paused).toBe(true),
  deleting: ({ cluster }) => expect(cluster.stateName).toBe("DELETING"),
  "backups-off": ({ cluster, schedule, all }) => {
    expect([cluster.backupEnabled, schedule.errorCode, all]).toEqual([false, "BACKUP_CONFIG_NOT_FOUND", []]);
  },
  "continuous-off": ({ cluster }) => expect(cluster.pitEnabled).toBe(false),
  "window-short": ({ schedule }) => expect(schedule.restoreWindowDays).toBe(2),
  "hourly-item-missing": (seen) => expect([item(seen, "hourly"), seen.cluster.pitEnabled]).toEqual([undefined, true]),
  "hourly-retention-short": (seen) =>
    expect(item(seen, "hourly")).toMatchObject({ retentionValue: 2, retentionUnit: "days" }),
  "window-not-covered": ({ all }) => expect(Math.max(...all.map(ageMs))).toBeLessThan(3.5 * DAY_MS),
  "no-daily-item": (seen) => expect([item(seen, "daily"), seen.daily.length]).toEqual([undefined, 30]),
  "retention-short": (seen) => expect(item(seen, "daily").retentionValue).toBe(7),
  stale: ({ all }) => expect(ageMs(all[0])).toBeGreaterThan(3 * DAY_MS),
  hole: ({ daily }) => {
    const gaps = daily.slice(1).map((one, index) => Date.parse(daily[index].createdAt) - Date.parse(one.createdAt));
    expect(gaps.filter((gap) => gap > 26 * HOUR_MS).map((gap) => Math.round(gap / DAY_MS))).toEqual([4]);
  },
  "failed-last": ({ all, daily }) => {
    expect(all[0]).toMatchObject({ status: "failed", frequencyType: "daily" });
    expect(ageMs(daily[1])).toBeLessThan(26 * HOUR_MS);
  },
  stuck: ({ all }) => expect([all[0].status, Math.round(ageMs(all[0]) / HOUR_MS)]).toEqual(["inProgress", 9]),
  "fallback-only": ({ all }) => expect(new Set(all.map((one) => one.snapshotType))).toEqual(new Set(["fallback"])),
  "on-demand-only": ({ all, daily }) => {
    expect(new Set(all.map((one) => one.snapshotType))).toEqual(new Set(["onDemand"]));
    expect(daily).toEqual([]);
  },
  "expiry-short": ({ daily }) =>
    expect(Date.parse(daily[0].expiresAt) - Date.parse(daily[0].createdAt)).toBe(7.5 * DAY_MS),
  "zero-size": ({ daily }) => expect(daily[0]).toMatchObject({ storageSizeBytes: 0, status: "completed" }),
  "size-drop": ({ daily }) => expect(daily[0].storageSizeBytes / daily[1].storageSizeBytes).toBeCloseTo(0.2, 2),
  "shard-missing": ({ daily }) => {
    const newest = daily.filter((one) => one.createdAt === daily[0].createdAt);
    expect(newest.map((one) => one.replicaSetName.slice(-1)).toSorted()).toEqual(["0", "1"]);
  },
  "copies-off": ({ schedule }) => expect(schedule.copySettings).toEqual([]),
  "copies-missing": ({ schedule, daily }) => {
    expect(schedule.copySettings).toHaveLength(1);
    expect(daily.flatMap((one) => one.copyRegions)).toEqual([]);
  },
  "copies-oplog-off": ({ schedule }) => expect(schedule.copySettings[0].shouldCopyOplogs).toBe(false),
  "copies-one-zone": ({ cluster, schedule }) => {
    const zones = new Set(cluster.replicationSpecs.map((spec: Reply["json"]) => spec.zoneId));
    expect([zones.size, schedule.copySettings.length, cluster.clusterType]).toEqual([2, 1, "GEOSHARDED"]);
  },
  "key-changed": ({ daily, cluster }) => {
    expect(cluster.encryptionAtRestProvider).toBe("AWS");
    expect(new Set(daily.map((one) => one.masterKeyUUID)).size).toBe(2);
    expect(daily.every((one) => one.masterKeyUUID !== undefined)).toBe(true);
    expect(daily[1].masterKeyUUID).toBe(daily.at(-1).masterKeyUUID);
  },
  "future-dated": ({ daily }) => expect(ageMs(daily[0])).toBeLessThan(0),
  "unknown-status": ({ daily }) =>
    expect(daily.slice(0, 3).map((one) => one.status)).toEqual(["quarantined", "quarantined", "completed"]),
  "missing-field": ({ daily }) =>
    expect(daily.slice(0, 3).map((one) => "createdAt" in one)).toEqual([false, false, true]),
  "forbidden-schedule": ({ schedule }) =>
    expect(schedule).toMatchObject({ error: 403, errorCode: "USER_UNAUTHORIZED" }),
};

describe("a world shows what its name says", () => {
  it.each(Object.keys(WRONG))("%s", async (world) => {
    WRONG[world]?.(await look(await sandbox({ world })));
  });

  it("no-cluster", async () => {
    const reply = await get(await sandbox({ world: "no-cluster" }), "/clusters/litally-core");
    expect([reply.status, reply.json.errorCode]).toEqual([404, "CLUSTER_NOT_FOUND"]);
  });

  it("flex: listed, described and backed up among the flex clusters only", async () => {
    const target = await sandbox({ world: "flex" });
    const refused = await get(target, "/clusters/litally-core");
    expect([refused.status, refused.json.errorCode]).toEqual([400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"]);
    expect((await get(target, "/flexClusters")).json.results.map((one: Reply["json"]) => one.name)).toEqual([
      "litally-core",
    ]);
    const taken = (await get(target, "/flexClusters/litally-core/backup/snapshots")).json.results;
    expect(taken.map((one: Reply["json"]) => one.status)).toEqual(Array(8).fill("COMPLETED"));
    expect(taken[0].startTime).toBe("2026-11-21T18:00:00Z");
  });

  it("clock-skew: the Date header is off, the world's own clock is not", async () => {
    const target = await sandbox({ world: "clock-skew" });
    const reply = await get(target, "");
    expect(Date.parse(reply.headers.get("date") ?? "") - target.now().getTime()).toBeCloseTo(20 * 60_000, -4);
    expect(target.now()).toEqual(START);
  });

  it("forbidden-snapshots", async () => {
    const reply = await get(await sandbox({ world: "forbidden-snapshots" }), "/clusters/litally-core/backup/snapshots");
    expect([reply.status, reply.json.errorCode]).toEqual([403, "USER_UNAUTHORIZED"]);
  });

  it("and there is no world that this file does not look at", () => {
    const elsewhere = ["compliance", "read-only", "snapshot-fails", "snapshot-hangs"]; // changes.test.ts
    // restores.test.ts, exports.test.ts, archive-verify.test.ts; those of alarms in watch/
    const those = /^(restore|target|export)-|^no-(history|export-bucket)$/;
    const jobs = listWorlds().flatMap(({ name, command }) =>
      command !== "backup verify" || those.test(name) ? [name] : [],
    );
    const here = ["healthy", "no-cluster", "flex", "clock-skew", "forbidden-snapshots"];
    const looked = [...Object.keys(WRONG), ...here, ...elsewhere, ...jobs];
    expect(looked.toSorted()).toEqual(
      listWorlds()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it("at every hour of the day: late and failed-last leave a recent enough snapshot, stale does not", async () => {
    for (let hour = 0; hour < 24; hour += 1) {
      const startAt = new Date(Date.UTC(2026, 10, 22, hour, 7));
      const age = async (world: string) => {
        const good = (await snapshots(await sandbox({ world, startAt }))).filter(
          (one) => one.frequencyType === "daily" && one.status === "completed",
        );
        return startAt.getTime() - Date.parse(good[0].createdAt);
      };
      expect(await age("late"), `late at ${hour}`).toBeLessThan(26 * HOUR_MS);
      expect(await age("failed-last"), `failed-last at ${hour}`).toBeLessThan(26 * HOUR_MS);
      expect(await age("stale"), `stale at ${hour}`).toBeGreaterThan(72 * HOUR_MS);
    }
  });
});

describe("other policies", () => {
  const [core] = SEED.databases;
  const seed = (database: object): SandboxSeed => ({
    projectId: PROJECT,
    databases: core === undefined ? [] : [{ ...core, ...database }],
  });

  it.each([
    { snapshots: [] },
    { snapshots: [{ frequency: "hourly", retentionValue: 2, retentionUnit: "days", everyHours: 1 }] },
    { snapshots: [{ frequency: "yearly", retentionValue: 1, retentionUnit: "years" }] },
    {
      snapshots: [{ frequency: "daily", retentionValue: 1, retentionUnit: "days" }],
      continuousWindowDays: null,
      copies: [],
    },
  ])("every world can be made from $snapshots", async (database) => {
    for (const { name } of listWorlds()) {
      const target = await sandbox({ world: name, seed: seed(database) });
      expect((await get(target, "/clusters")).status, name).toBe(200);
      await target.close();
    }
  });

  it("gives the hourly item at least the continuous window", async () => {
    const hourly = { frequency: "hourly", retentionValue: 2, retentionUnit: "days", everyHours: 4 } as const;
    const target = await sandbox({ seed: seed({ snapshots: [hourly] }) });
    const found = item(await look(target), "hourly");
    expect(found).toMatchObject({ frequencyInterval: 4, retentionValue: 7, retentionUnit: "days" });
  });

  it("refuses a damaged world without a database to damage", async () => {
    const empty = { projectId: PROJECT, databases: [] };
    await expect(sandbox({ world: "stale", seed: empty })).rejects.toMatchObject({ kind: "config" });
    expect((await get(await sandbox({ seed: empty }), "/clusters")).json.totalCount).toBe(1);
  });

  it("builds three hundred databases quickly", async () => {
    const databases = Array.from({ length: 300 }, (_, n) => ({
      ...core,
      cluster: `c${n}`,
    })) as SandboxSeed["databases"]; // core is there
    const startedMs = performance.now();
    const target = await sandbox({ seed: { projectId: PROJECT, databases } });
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(await snapshots(target, "c299")).toHaveLength(51);
  });
});
