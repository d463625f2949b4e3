/** What must hold before a schedule is changed, and in which order the steps go. */
import { describe, expect, it } from "vitest";
import { OpsError } from "../../../src/core/error.ts";
import { known, type Observed } from "../../../src/core/observed.ts";
import type { Finding } from "../../../src/core/report.ts";
import type { CompliancePolicy } from "../../../src/ports/atlas-changes.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { planSchedule, type ScheduleFacts } from "../../../src/rules/schedule/plan.ts";
import { aCluster, aCopySetting, aDatabase, anItem, aSchedule, duration, entry, GONE, NOW, REGION } from "../build.ts";

const CONTINUOUS = { continuousBackup: { window: duration("7d") } };

function facts(given: Partial<BackupFacts> = {}, more: Partial<ScheduleFacts> = {}): ScheduleFacts {
  const backup: BackupFacts = {
    observedAt: NOW,
    database: aDatabase(CONTINUOUS),
    since: null,
    cluster: known(aCluster()),
    schedule: known(aSchedule()),
    snapshots: GONE,
    memberSnapshots: null,
    clusterNames: [],
    ...given,
  };
  return { backup, compliance: known(null), options: { loosen: false }, sourceOf: () => null, ...more };
}

const plan = (one: ScheduleFacts) => planSchedule(one, "cluster/litally-core");
const bad = (findings: readonly Finding[]) =>
  findings
    .filter(({ status }) => status !== "pass")
    .map(({ check, status, message }) => `${status} ${check}: ${message}`);

describe("preconditions", () => {
  it("hold where all is well", () => {
    expect(bad(plan(facts()).preconditions)).toEqual([]);
  });

  it.each<[string, Partial<BackupFacts>, string]>([
    [
      "no cluster",
      { cluster: known(null) },
      'fail schedule/cluster: Atlas knows no cluster "litally-core" in this project',
    ],
    [
      "flex",
      { cluster: known({ ...aCluster(), offering: "flex" }) },
      "fail schedule/cluster: a flex cluster: nothing about its backups can be set",
    ],
    [
      "free",
      { cluster: known({ ...aCluster(), freeTier: true }) },
      "fail schedule/cluster: a free or shared cluster: Atlas takes no backups of it",
    ],
    [
      "paused",
      { cluster: known(aCluster({ paused: true })) },
      "fail schedule/cluster: the cluster is paused: Atlas takes no changes",
    ],
    ["deleting", { cluster: known(aCluster({ state: "DELETING" })) }, "fail schedule/cluster: the cluster is deleting"],
    [
      "updating",
      { cluster: known(aCluster({ state: "UPDATING" })) },
      "warn schedule/cluster: the cluster is updating: Atlas may ask to wait",
    ],
  ])("%s", (_, given, message) => {
    expect(bad(plan(facts(given)).preconditions)).toContain(message);
  });

  it("of a cluster with NVMe disks: hourly snapshots every 12 hours only", () => {
    const database = aDatabase({ ...CONTINUOUS, snapshots: [entry("hourly", "7d", "6h")] });
    const one = facts({ database, cluster: known(aCluster({ nvme: true })) });
    expect(bad(plan(one).preconditions)).toEqual([
      "fail schedule/possible: the cluster has NVMe disks: Atlas takes hourly snapshots of it every 12 hours only",
    ]);
  });

  it("of copies that go by a number, or that Atlas writes itself", () => {
    const database = aDatabase({ ...CONTINUOUS, copies: [{ region: REGION, frequencies: ["daily"], oplogs: true }] });
    const counted = aSchedule({
      copySettings: [aCopySetting({ copies: { by: "count", lastNumberOfSnapshots: 5 }, lastNumberOfSnapshots: 5 })],
    });
    expect(bad(plan(facts({ database, schedule: known(counted) })).preconditions)).toEqual([
      `fail schedule/possible: the copies to ${REGION} go by a number of snapshots, the policy by frequencies`,
    ]);
    const enough = aSchedule({
      copySettings: [aCopySetting({ copies: { by: "count", lastNumberOfSnapshots: 400 }, lastNumberOfSnapshots: 400 })],
    });
    expect(bad(plan(facts({ database, schedule: known(enough) })).preconditions)).toEqual([]);
    const automatic = aSchedule({ copySettings: [], copiesAutomatically: true });
    expect(bad(plan(facts({ database, schedule: known(automatic) })).preconditions)).toEqual([
      "fail schedule/possible: Atlas keeps the copy settings in step with the cluster's regions by itself, and would undo ours",
    ]);
  });

  it("are not known as soon as any part that would be sent along cannot be read, and then nothing is planned", () => {
    const unreadable = [
      aSchedule({ policyId: GONE }),
      aSchedule({ items: GONE }),
      aSchedule({ items: [anItem("hourly", 7), anItem("daily", 3, { id: GONE })] }),
      aSchedule({ items: [anItem("hourly", 7), anItem("daily", 3, { frequency: GONE })] }),
      aSchedule({ items: [anItem("hourly", 7), anItem("daily", 3, { interval: GONE })] }),
      aSchedule({ items: [anItem("hourly", 7), anItem("daily", 3, { retention: GONE })] }),
      aSchedule({ restoreWindowDays: GONE }),
      aSchedule({ copySettings: GONE }),
      aSchedule({ copySettings: [aCopySetting({ region: GONE })] }),
      aSchedule({ copySettings: [aCopySetting({ provider: GONE })] }),
      aSchedule({ copySettings: [aCopySetting({ provider: null })] }),
      aSchedule({ copySettings: [aCopySetting({ zoneId: GONE })] }),
      aSchedule({ copySettings: [aCopySetting({ copies: GONE })] }),
      aSchedule({ copySettings: [aCopySetting({ copiesOplogs: GONE })] }),
      aSchedule({ referenceTime: GONE }),
      aSchedule({ copiesAutomatically: GONE }),
      aSchedule({ copiesByItems: GONE }),
    ];
    for (const schedule of unreadable) {
      const { preconditions, steps } = plan(facts({ schedule: known(schedule) }));
      expect(preconditions.find(({ check }) => check === "schedule/readable")?.status).toBe("unknown");
      expect(steps).toEqual([]);
    }
    for (const cluster of [aCluster({ pitEnabled: GONE }), aCluster({ nvme: GONE }), aCluster({ shards: GONE })])
      expect(plan(facts({ cluster: known(cluster) })).steps).toEqual([]);
  });
});

const COMPLIANCE: CompliancePolicy = {
  state: known("ACTIVE"),
  copyProtection: known(true),
  pitEnabled: known(true),
  restoreWindowDays: known(5),
  items: known([{ frequency: "daily", interval: 1, retention: { value: 5, unit: "days" } }]),
  onDemandRetention: known(null),
};

describe("a Backup Compliance Policy", () => {
  const under = (given: Partial<CompliancePolicy>, loosen = false) =>
    bad(
      plan(
        facts(
          {
            database: aDatabase({
              snapshots: [entry("hourly", "3d"), entry("daily", "3d")],
              continuousBackup: { window: duration("3d") },
            }),
          },
          {
            compliance: known({ ...COMPLIANCE, ...given }),
            options: { loosen },
          },
        ),
      ).preconditions,
    );

  it("that is satisfied stands against nothing", () => {
    expect(under({})).toEqual([]);
  });

  it("that would refuse it is a reason not to send it", () => {
    expect(under({}, true)).toEqual([
      "fail schedule/compliance: the Backup Compliance Policy demands daily, kept 5d or longer",
      "fail schedule/compliance: the Backup Compliance Policy demands a restore window of 5 days",
      `fail schedule/compliance: the Backup Compliance Policy protects the copies to ${REGION}`,
    ]);
  });

  it("that demands what there is not is named", () => {
    const yearly = known([{ frequency: "yearly", interval: 1, retention: { value: 1, unit: "years" } }] as const);
    expect(under({ items: yearly })).toEqual([
      "fail schedule/compliance: the Backup Compliance Policy demands yearly, kept 1y or longer",
    ]);
  });

  it("that demands hourly ones more often than there are is named", () => {
    const often = (interval: number) =>
      under({ items: known([{ frequency: "hourly", interval, retention: { value: 5, unit: "days" } }] as const) });
    expect(often(1)).toEqual([
      "fail schedule/compliance: the Backup Compliance Policy demands hourly, every 1h, kept 5d or longer",
    ]);
    expect(often(12)).toEqual([]);
  });

  it("in a state of change takes nothing", () => {
    expect(under({ state: known("UPDATING") })).toEqual([
      "fail schedule/compliance: the Backup Compliance Policy is updating: Atlas takes no changes until that is over",
    ]);
  });

  it.each(["state", "copyProtection", "pitEnabled", "restoreWindowDays", "items"] as const)(
    "whose %s cannot be read is not known",
    (field) => {
      expect(under({ [field]: GONE })[0]).toMatch(/^unknown schedule\/compliance/);
    },
  );

  const forbidden: Observed<never> = { known: false, reason: new OpsError("auth", "403") };
  it("that may not be read is a warning where nothing is loosened, and not known where something is", () => {
    const firm = plan(facts({}, { compliance: forbidden })).preconditions;
    expect(bad(firm)[0]).toMatch(
      /^warn schedule\/compliance: whether a Backup Compliance Policy is in force cannot be read: 403/,
    );
    const looser = facts(
      { database: aDatabase({ snapshots: [entry("daily", "3d")] }) },
      { compliance: forbidden, options: { loosen: true } },
    );
    expect(bad(plan(looser).preconditions)[0]).toMatch(/^unknown schedule\/compliance/);
  });
});

describe("what the policy does not name", () => {
  const told = (one: ScheduleFacts) =>
    plan(one).preconditions.flatMap(({ check, status, message }) =>
      check === "schedule/unnamed" ? [`${status} ${message}`] : [],
    );

  it("stays, and is told", () => {
    const schedule = aSchedule({ items: [anItem("hourly", 7), anItem("daily", 7), anItem("weekly", 28)] });
    const settings = { schedule: known(schedule), database: aDatabase({ ...CONTINUOUS, copies: [] }) };
    expect(told(facts(settings))).toEqual([
      expect.stringMatching(/^pass weekly snapshots kept 28d.*: not in the policy, and they stay$/),
    ]);
  });
});

describe("steps", () => {
  const summaries = (one: ScheduleFacts) =>
    plan(one).steps.map(({ kind, summary, confirm, ...rest }) => [kind, "part" in rest ? rest.part : "", confirm]);

  it("are none where all is as the policy says", () => {
    expect(plan(facts()).steps).toEqual([]);
  });

  it("turn backups on first, for the schedule is made by that", () => {
    expect(summaries(facts({ cluster: known(aCluster({ backupEnabled: false })), schedule: GONE }))).toEqual([
      ["enable-backups", "", "litally-core"],
    ]);
  });

  it("give continuous backup its hourly item, turn it on, and then set what Atlas takes only while it is on", () => {
    const off = known(aCluster({ pitEnabled: false }));
    const without = known(aSchedule({ items: [anItem("daily", 7)], restoreWindowDays: null }));
    expect(summaries(facts({ cluster: off, schedule: without }))).toEqual([
      ["set-schedule", "items", "litally-core"],
      ["enable-continuous", "", "litally-core"],
      ["set-schedule", "all", "litally-core"],
    ]);
    const ready = known(aSchedule());
    expect(summaries(facts({ cluster: off, schedule: ready }))).toEqual([["enable-continuous", "", "litally-core"]]);
  });

  it("set the reference time where the policy names one", () => {
    const database = aDatabase({ ...CONTINUOUS, referenceTime: { hour: 3, minute: 30 } });
    expect(plan(facts({ database })).steps[0]?.differences).toEqual([
      { setting: "reference time", source: null, wanted: "03:30 UTC", live: "18:00 UTC", effect: "changes" },
    ]);
  });
});
