/** What Atlas cannot be told, and what a Backup Compliance Policy refuses, each at its boundary. */
import { describe, expect, it } from "vitest";
import { OpsError } from "../../../src/core/error.ts";
import { known } from "../../../src/core/observed.ts";
import type { Verdict } from "../../../src/core/report.ts";
import type { CompliancePolicy } from "../../../src/ports/atlas-changes.ts";
import { complianceProblems } from "../../../src/rules/schedule/compliance.ts";
import type { LiveSettings } from "../../../src/rules/schedule/live.ts";
import { obstacles } from "../../../src/rules/schedule/obstacles.ts";
import { aDatabase, entry, REGION } from "../build.ts";
import { aCopy, policyItem, settings } from "./settings.ts";

const COPIES = { copies: [{ region: REGION, frequencies: ["daily" as const], oplogs: true }] };

describe("an obstacle", () => {
  const against = (live: Partial<LiveSettings>, database = aDatabase(COPIES), wanted: Partial<LiveSettings> = live) =>
    obstacles(settings(live), settings(wanted), database, () => false);

  it("there is none where all is well", () => {
    expect(against({})).toEqual([]);
  });

  it.each([
    ["11h", true, 1],
    ["12h", true, 0],
    ["24h", true, 0],
    ["6h", false, 0],
  ])("hourly snapshots every %s, NVMe disks %j: %d", (every, nvme, count) => {
    const database = aDatabase({ snapshots: [entry("daily", "7d"), entry("hourly", "7d", every)] });
    expect(against({ nvme }, database)).toHaveLength(count);
  });

  it("of NVMe disks tells both intervals, and is none where the policy names none", () => {
    const every = aDatabase({ snapshots: [entry("hourly", "7d", "6h")] });
    expect(against({ nvme: true }, every)[0]).toMatchObject({ status: "fail", evidence: { expected: 6, actual: 12 } });
    expect(against({ nvme: true }, aDatabase({ snapshots: [entry("hourly", "7d")] }))).toEqual([]);
    expect(against({ nvme: true }, aDatabase({ snapshots: [] }))).toEqual([]);
  });

  it("Atlas's own copies stand in the way of a change of copies alone, with the way out", () => {
    const automatic = { copiesAutomatically: true };
    expect(against(automatic)).toEqual([]);
    const [found] = against(automatic, aDatabase(COPIES), { copies: [aCopy({ oplogs: false })] });
    expect(found).toMatchObject({
      status: "fail",
      remedy: "turn automatic copies off in Atlas (Backup, Edit Policy), then plan again",
    });
    expect(against({}, aDatabase(COPIES), { copies: [] })).toEqual([]);
  });

  it("copies by number stand in the way of a region of the policy, in a zone of the cluster", () => {
    const copies = { by: "count", lastNumberOfSnapshots: 5 } as const;
    expect(against({ copies: [aCopy({ copies })] })).toEqual([
      {
        status: "fail",
        message: `the copies to ${REGION} go by a number of snapshots, the policy by frequencies`,
        scope: REGION,
        remedy: `decide which: change that setting in Atlas to frequencies, or take ${REGION} out of the policy`,
      },
    ]);
    const two = settings({ copies: [aCopy({ copies }), aCopy({ copies, region: "eu-west-1" })] });
    const both = aDatabase({
      copies: [...COPIES.copies, { region: "eu-west-1", frequencies: ["daily"], oplogs: true }],
    });
    const open = obstacles(two, two, both, (region) => region === REGION);
    expect(
      open.map(({ scope }) => scope),
      "unless they suffice as they are",
    ).toEqual(["eu-west-1"]);
    expect(against({ copies: [aCopy({ copies, zoneId: "gone" })] })).toEqual([]);
    expect(against({ copies: [aCopy({ copies, region: "eu-west-1" })] })).toEqual([]);
  });

  it.each([
    [6, 0],
    [7, 1],
  ])("a region with %d items of copies: %d", (count, found) => {
    const items = Array.from({ length: count }, () => ({ frequency: "onDemand", retention: null }) as const);
    const copies = [aCopy({ copies: { by: "items", items } })];
    const verdicts = against({ copies: [] }, aDatabase(COPIES), { copies });
    expect(verdicts).toHaveLength(found);
    expect(against({ copies }), "nothing of it is changed").toEqual([]);
    if (found > 0)
      expect(verdicts[0]).toMatchObject({
        status: "fail",
        scope: REGION,
        message: `the copies to ${REGION} would be 7 items, some of one kind, and Atlas takes 6 at most`,
      });
  });

  it("copies at another provider stand in the way of a region of the policy", () => {
    const provider = "GCP" as const;
    expect(against({ copies: [aCopy({ provider })] })).toEqual([
      {
        status: "fail",
        message: `the copies to ${REGION} are at GCP, the policy speaks of AWS`,
        scope: REGION,
      },
    ]);
    expect(against({ copies: [aCopy({ provider, region: "europe-west1" })] })).toEqual([]);
    const more = aDatabase({
      copies: [...COPIES.copies, { region: "eu-west-1", frequencies: ["daily"], oplogs: true }],
    });
    expect(against({ copies: [aCopy({ provider })] }, more)).toHaveLength(1);
  });
});

describe("a Backup Compliance Policy", () => {
  const POLICY: CompliancePolicy = {
    state: known("ACTIVE"),
    copyProtection: known(true),
    pitEnabled: known(true),
    restoreWindowDays: known(7),
    items: known([{ frequency: "daily", interval: 1, retention: { value: 7, unit: "days" } }]),
    onDemandRetention: known(null),
  };
  const under = (
    given: Partial<CompliancePolicy>,
    wanted: Partial<LiveSettings> = {},
    live: Partial<LiveSettings> = {},
  ) => complianceProblems({ ...POLICY, ...given }, settings(live), settings(wanted));
  const said = (verdicts: Verdict | readonly Verdict[]) =>
    [verdicts].flat().map(({ status, message }) => `${status}: ${message}`);
  const FINE = ["pass: in force, and satisfied"];

  it("is satisfied by just as much as it demands", () => {
    expect(said(under({}))).toEqual(FINE);
  });

  it.each(["ENABLING", "UPDATING", "DISABLING"] as const)("takes nothing while it is %s", (state) => {
    expect(said(under({ state: known(state) }))).toEqual([
      `fail: the Backup Compliance Policy is ${state.toLowerCase()}: Atlas takes no changes until that is over`,
    ]);
  });

  it("refuses items that are kept shorter, and tells what there is of that frequency", () => {
    const items = [policyItem("hourly", 6), policyItem("daily", 6), policyItem("weekly", 4, "weeks")];
    expect(under({}, { items })).toEqual([
      {
        status: "fail",
        message: "the Backup Compliance Policy demands daily, kept 7d or longer",
        scope: "daily",
        evidence: { expected: "daily, kept 7d or longer", actual: ["kept 6d"] },
      },
    ]);
  });

  it.each([
    ["hourly", 6, FINE],
    ["hourly", 4, ["fail: the Backup Compliance Policy demands hourly, every 4h, kept 7d or longer"]],
    ["daily", 0, FINE],
  ] as const)("refuses hourly items that are taken more seldom: %s, interval %d", (frequency, interval, expected) => {
    const items = known([{ frequency, interval, retention: { value: 7, unit: "days" } }] as const);
    expect(said(under({ items }))).toEqual(expected);
  });

  it("is satisfied by one of several items", () => {
    const items = [policyItem("daily", 6), policyItem("daily", 8, "days", { id: "daily-2" })];
    expect(said(under({}, { items }))).toEqual(FINE);
  });

  it.each<[string, Partial<CompliancePolicy>, Partial<LiveSettings>, readonly string[]]>([
    ["off", {}, { pitEnabled: false }, ["fail: the Backup Compliance Policy demands continuous backup"]],
    ["off, where it is not demanded", { pitEnabled: known(false) }, { pitEnabled: false, restoreWindowDays: 1 }, FINE],
    ["of no window that is demanded", { restoreWindowDays: known(null) }, { restoreWindowDays: null }, FINE],
    [
      "shorter by a day",
      {},
      { restoreWindowDays: 6 },
      ["fail: the Backup Compliance Policy demands a restore window of 7 days"],
    ],
    [
      "of no window at all",
      {},
      { restoreWindowDays: null },
      ["fail: the Backup Compliance Policy demands a restore window of 7 days"],
    ],
    ["longer by a day", {}, { restoreWindowDays: 8 }, FINE],
  ])("of continuous backup that is %s", (_, given, wanted, expected) => {
    expect(said(under(given, wanted))).toEqual(expected);
  });

  it("tells both windows", () => {
    expect(under({}, { restoreWindowDays: 6 })).toMatchObject([{ evidence: { expected: 7, actual: 6 } }]);
  });

  it("protects each copy that there is, by region and zone, unless it protects none", () => {
    const two = { copies: [aCopy(), aCopy({ zoneId: "zone-2" }), aCopy({ region: "eu-west-1" })] };
    const gone = under({}, { copies: [aCopy({ copies: { by: "count", lastNumberOfSnapshots: 1 } })] }, two);
    expect(gone).toMatchObject([
      { status: "fail", message: `the Backup Compliance Policy protects the copies to ${REGION}`, scope: REGION },
      { status: "fail", message: "the Backup Compliance Policy protects the copies to eu-west-1", scope: "eu-west-1" },
    ]);
    expect(said(under({ copyProtection: known(false) }, { copies: [] }, two))).toEqual(FINE);
    expect(said(under({}, two))).toEqual(FINE);
  });

  it("of which any part cannot be read is not known, whatever else it refuses", () => {
    const gone = { known: false, reason: new OpsError("protocol", "gone") } as const;
    for (const field of ["state", "items", "pitEnabled", "restoreWindowDays", "copyProtection"] as const)
      expect(said(under({ [field]: gone }, { items: [] }))).toEqual(["unknown: could not find out: gone"]);
    expect(said(under({ onDemandRetention: gone }))).toEqual(FINE);
  });
});
