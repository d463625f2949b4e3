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
  const said = (one: ScheduleFacts) =>
    plan(one).preconditions.map(({ check, status, message }) => `${status} ${check}: ${message}`);
  const remedy = (one: ScheduleFacts, id: string) =>
    plan(one).preconditions.find(({ check }) => check === `schedule/${id}`)?.remedy;

  it("hold where all is well", () => {
    expect(said(facts())).toEqual([
      "pass schedule/cluster: idle",
      "pass schedule/readable: 2 schedule items, 1 copy settings",
      "pass schedule/possible: nothing stands against it",
      "pass schedule/compliance: none is in force",
      `pass schedule/unnamed: copies to ${REGION}: not in the policy, and they stay`,
    ]);
    expect(plan(facts()).preconditions.map(({ subject }) => subject)).toEqual(Array(5).fill("cluster/litally-core"));
  });

  it("tell what the policy does not name and what stays, or nothing", () => {
    const items = [anItem("hourly", 7), anItem("daily", 7), anItem("weekly", 28)];
    const more = facts({
      schedule: known(aSchedule({ items })),
      database: aDatabase({ snapshots: [entry("daily", "7d")] }),
    });
    expect(said(more).at(-1)).toBe(
      `pass schedule/unnamed: hourly snapshots every 6h, kept 7d; weekly snapshots kept 28d; copies to ${REGION}: not in the policy, and they stay`,
    );
    const all = facts({
      database: aDatabase({ ...CONTINUOUS, copies: [{ region: REGION, frequencies: ["daily"], oplogs: true }] }),
    });
    expect(said(all).filter((line) => line.includes("unnamed"))).toEqual([]);
  });

  it("hold where backups are off and there is no schedule yet, under a Backup Compliance Policy too", () => {
    const off = { cluster: known(aCluster({ backupEnabled: false })), schedule: GONE };
    expect(said(facts(off, { compliance: known(COMPLIANCE) }))).toEqual([
      "pass schedule/cluster: idle",
      "pass schedule/readable: cloud backup is off: there is no schedule yet",
      "pass schedule/possible: nothing stands against it",
      "pass schedule/compliance: backups are turned on",
    ]);
  });

  it("are not known where the schedule cannot be read, with what to do about it", () => {
    const one = facts({ schedule: GONE }, { compliance: known(COMPLIANCE) });
    const gone = "could not find out: this field is gone";
    expect(said(one)).toEqual([
      "pass schedule/cluster: idle",
      `unknown schedule/readable: ${gone}`,
      `unknown schedule/possible: ${gone}`,
      `unknown schedule/compliance: ${gone}`,
    ]);
    expect(remedy(one, "readable")).toBe(
      "a schedule is sent whole: what cannot be read would be lost. Mend the access, or update litally-ops",
    );
    expect(remedy(one, "possible")).toBe("change the policy (database core) or the cluster");
    expect(remedy(one, "compliance")).toBe(
      "ask those who answer for the Backup Compliance Policy; litally-ops never changes one",
    );
  });

  it.each([
    ["cluster", { cluster: GONE }],
    ["pause", { cluster: known(aCluster({ paused: GONE })) }],
    ["state", { cluster: known(aCluster({ state: GONE })) }],
  ])("are not known where the cluster's %s cannot be read", (_, given) => {
    expect(bad(plan(facts(given)).preconditions)[0]).toBe(
      "unknown schedule/cluster: could not find out: this field is gone",
    );
    expect(remedy(facts(given), "cluster")).toBe("look at the cluster: atlas clusters describe litally-core");
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
    ["creating", { cluster: known(aCluster({ state: "CREATING" })) }, "fail schedule/cluster: the cluster is creating"],
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
    const elsewhere = { region: "eu-west-1", frequencies: ["daily" as const], oplogs: false };
    const two = facts({
      database: { ...database, copies: [...database.copies, elsewhere] },
      schedule: known(
        aSchedule({
          copySettings: [
            aCopySetting({ copies: { by: "count", lastNumberOfSnapshots: 5 }, lastNumberOfSnapshots: 5 }),
            aCopySetting({ region: "eu-west-1" }),
          ],
        }),
      ),
    });
    expect(bad(plan(two).preconditions), "the copies to another region are no excuse").toHaveLength(1);
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
    const [nameless] = plan(
      facts({ schedule: known(aSchedule({ copySettings: [aCopySetting({ provider: null })] })) }),
    ).preconditions.filter(({ status }) => status === "unknown");
    expect(nameless?.message).toBe(`could not find out: copy setting for ${REGION}: cloudProvider is missing`);
    for (const cluster of [aCluster({ pitEnabled: GONE }), aCluster({ nvme: GONE }), aCluster({ shards: GONE })])
      expect(plan(facts({ cluster: known(cluster) }))).toMatchObject({
        preconditions: [{}, { check: "schedule/readable", status: "unknown" }, {}, {}],
        steps: [],
      });
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
    const tighter = plan(
      facts({ database: aDatabase({ snapshots: [entry("daily", "30d")] }) }, { compliance: forbidden }),
    );
    expect(tighter.steps).toHaveLength(1);
    expect(bad(tighter.preconditions)[0]).toMatch(/^warn schedule\/compliance/);
    expect(tighter.preconditions.find(({ check }) => check === "schedule/compliance")?.remedy).toBe(
      'give the key "Project Owner" to know beforehand',
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
  it("are told in words, each with what it changes", () => {
    const off = known(aCluster({ pitEnabled: false }));
    const without = known(aSchedule({ items: [anItem("daily", 7)], restoreWindowDays: null }));
    const told = (one: ScheduleFacts) =>
      plan(one).steps.map(({ subject, summary, differences }) => [
        subject,
        summary,
        differences.map(({ setting }) => setting),
      ]);
    expect(told(facts({ cluster: off, schedule: without }))).toEqual([
      ["cluster/litally-core", "set the backup schedule of litally-core", ["hourly snapshots"]],
      ["cluster/litally-core", "turn continuous backup of litally-core on", ["continuous backup"]],
      ["cluster/litally-core", "set the backup schedule of litally-core", ["continuous backup window"]],
    ]);
    expect(told(facts({ cluster: known(aCluster({ backupEnabled: false })) }))).toEqual([
      [
        "cluster/litally-core",
        "turn cloud backup on, then bring the schedule that Atlas makes to the policy",
        ["cloud backup"],
      ],
    ]);
  });

  it("are one where continuous backup is on already", () => {
    const without = known(aSchedule({ items: [anItem("daily", 7)], restoreWindowDays: 1 }));
    expect(plan(facts({ schedule: without })).steps).toMatchObject([
      {
        kind: "set-schedule",
        part: "all",
        differences: [{ setting: "hourly snapshots" }, { setting: "continuous backup window" }],
      },
    ]);
  });

  it("write new copies in the schedule's own form", () => {
    const database = aDatabase({
      ...CONTINUOUS,
      copies: [{ region: "eu-west-1", frequencies: ["daily"], oplogs: false }],
    });
    const written = (copiesByItems: boolean | null) =>
      plan(facts({ database, schedule: known(aSchedule({ copiesByItems })) })).steps[0]?.differences.at(-1)?.wanted;
    expect([written(true), written(false), written(null)]).toEqual(["daily kept 7d", "daily", "daily"]);
  });

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
