/** How each setting that is not as wanted is told: its name, its line of the policy, both sides, and what moving it does. */
import { describe, expect, it } from "vitest";
import type { Difference, Effect } from "../../../src/core/change.ts";
import type { DatabasePolicy } from "../../../src/policy/schema.ts";
import type { CopiedSnapshots, PolicyItem } from "../../../src/ports/atlas-changes.ts";
import { allOf, differences } from "../../../src/rules/schedule/differences.ts";
import type { LiveSettings } from "../../../src/rules/schedule/live.ts";
import { aDatabase, entry, REGION, ZONE } from "../build.ts";
import { aCopy, policyItem, settings } from "./settings.ts";

const POLICY: Partial<DatabasePolicy> = {
  snapshots: [entry("hourly", "7d"), entry("daily", "7d")],
  copies: [
    { region: "eu-west-1", frequencies: ["daily"], oplogs: false },
    { region: REGION, frequencies: ["daily"], oplogs: true },
  ],
};

function open(
  live: Partial<LiveSettings>,
  wanted: Partial<LiveSettings>,
  policy: Partial<DatabasePolicy> = POLICY,
): readonly Difference[] {
  return allOf(differences(settings(live), settings(wanted), aDatabase(policy), (path) => `at ${path}`));
}

it("none where nothing differs", () => {
  expect(open({}, {})).toEqual([]);
});

it("by the part of Atlas that takes them, in one order", () => {
  const live = settings({ pitEnabled: false, items: [], restoreWindowDays: 1, copies: [], referenceTime: null });
  const parts = differences(live, settings(), aDatabase(POLICY), () => null);
  const names = (part: readonly Difference[]) => part.map(({ setting }) => setting);
  expect(names(parts.cluster)).toEqual(["continuous backup"]);
  expect(names(parts.items)).toEqual(["hourly snapshots", "daily snapshots"]);
  expect(names(parts.rest)).toEqual(["continuous backup window", `copies to ${REGION}`, "reference time"]);
  expect(allOf(parts)).toEqual([...parts.cluster, ...parts.items, ...parts.rest]);
});

it("continuous backup that is off", () => {
  expect(open({ pitEnabled: false }, {})).toEqual([
    { setting: "continuous backup", source: "at continuousBackup", wanted: "on", live: "off", effect: "adds" },
  ]);
});

describe("the window of continuous backup", () => {
  it.each<[number | null, number | null, string, string, Effect]>([
    [6, 7, "6d", "7d", "tightens"],
    [null, 7, "none", "7d", "tightens"],
    [7, 6, "7d", "6d", "loosens"],
    [7, null, "7d", "none", "loosens"],
  ])("from %j to %j days", (liveDays, wantedDays, live, wanted, effect) => {
    expect(open({ restoreWindowDays: liveDays }, { restoreWindowDays: wantedDays })).toEqual([
      { setting: "continuous backup window", source: "at continuousBackup.window", wanted, live, effect },
    ]);
  });
});

describe("an item", () => {
  const moved = (before: PolicyItem | null, after: PolicyItem, policy?: Partial<DatabasePolicy>) =>
    open({ items: before === null ? [] : [before] }, { items: [after] }, policy)[0];

  it.each<[string, PolicyItem | null, PolicyItem, string, string, Effect]>([
    ["that is new", null, policyItem("daily", 7, "days", {}), "none", "kept 7d", "adds"],
    ["kept longer", policyItem("daily", 7), policyItem("daily", 8), "kept 7d", "kept 8d", "tightens"],
    ["kept shorter", policyItem("daily", 8), policyItem("daily", 7), "kept 8d", "kept 7d", "loosens"],
    [
      "kept as long in another unit",
      policyItem("daily", 7),
      policyItem("daily", 1, "weeks"),
      "kept 7d",
      "kept 1w",
      "changes",
    ],
    [
      "kept as many of another unit",
      policyItem("daily", 1, "months"),
      policyItem("daily", 1, "years"),
      "kept 1mo",
      "kept 1y",
      "tightens",
    ],
    [
      "kept as long in another unit, as often",
      policyItem("hourly", 7),
      policyItem("hourly", 1, "weeks"),
      "every 6h, kept 7d",
      "every 6h, kept 1w",
      "changes",
    ],
    [
      "taken oftener",
      policyItem("hourly", 7),
      policyItem("hourly", 7, "days", { interval: 4 }),
      "every 6h, kept 7d",
      "every 4h, kept 7d",
      "tightens",
    ],
    [
      "taken more seldom, though kept longer",
      policyItem("hourly", 7),
      policyItem("hourly", 9, "days", { interval: 8 }),
      "every 6h, kept 7d",
      "every 8h, kept 9d",
      "loosens",
    ],
    [
      "taken oftener and kept shorter",
      policyItem("hourly", 7),
      policyItem("hourly", 5, "days", { interval: 4 }),
      "every 6h, kept 7d",
      "every 4h, kept 5d",
      "loosens",
    ],
    [
      "of another day of the week",
      policyItem("weekly", 4, "weeks"),
      policyItem("weekly", 4, "weeks", { interval: 6 }),
      "kept 4w",
      "kept 4w",
      "changes",
    ],
    [
      "of an earlier day of the month",
      policyItem("monthly", 12, "months", { interval: 40 }),
      policyItem("monthly", 12, "months", { interval: 15 }),
      "kept 12mo",
      "kept 12mo",
      "changes",
    ],
  ])("%s", (_, before, after, live, wanted, effect) => {
    expect(moved(before, after)).toMatchObject({ setting: `${after.frequency} snapshots`, live, wanted, effect });
  });

  it("is told with the line that asks for it", () => {
    expect(moved(null, policyItem("daily", 7))).toStrictEqual({
      setting: "daily snapshots",
      source: "at snapshots[1].retain",
      wanted: "kept 7d",
      live: "none",
      effect: "adds",
    });
  });

  it("that the policy does not name is told with the reason", () => {
    const none = { ...POLICY, snapshots: [] };
    expect(moved(null, policyItem("hourly", 7), none)).toMatchObject({
      source: null,
      because: "continuous backup needs an hourly item, kept as long as its window",
    });
    const order = "Atlas keeps no item shorter than one of a more frequent kind";
    expect(moved(null, policyItem("weekly", 5, "weeks"), none)).toMatchObject({ source: null, because: order });
    const [, hourly] = open(
      { pitEnabled: true, items: [] },
      { pitEnabled: false, items: [policyItem("hourly", 7)] },
      none,
    );
    expect(hourly?.because).toBe(order);
  });

  it("that is one of several of its frequency is named by its id, which a new one does not have", () => {
    const live = [policyItem("weekly", 4, "weeks"), policyItem("weekly", 5, "weeks", { id: "weekly-2" })];
    const wanted = [
      policyItem("weekly", 4, "weeks"),
      policyItem("weekly", 6, "weeks", { id: "weekly-2" }),
      { frequency: "weekly", interval: 6, retention: { value: 7, unit: "weeks" } } as const,
    ];
    expect(open({ items: live }, { items: wanted }).map((one) => [one.setting, one.live, one.wanted])).toEqual([
      ["weekly snapshots (item weekly-2)", "kept 5w", "kept 6w"],
      ["weekly snapshots", "none", "kept 7w"],
    ]);
  });

  it("stands in the order of frequency, the one by hand last", () => {
    const order = ["ondemand", "yearly", "weekly", "monthly", "hourly", "daily"] as const;
    const told = open({ items: [] }, { items: order.map((frequency) => policyItem(frequency, 400)) });
    expect(told.map(({ setting }) => setting)).toEqual(
      ["hourly", "daily", "weekly", "monthly", "yearly", "ondemand"].map((frequency) => `${frequency} snapshots`),
    );
  });
});

describe("copies", () => {
  const by = (copies: CopiedSnapshots, oplogs = false) => aCopy({ copies, oplogs });
  const frequencies = (...of: ("hourly" | "daily" | "onDemand")[]) => by({ by: "frequencies", frequencies: of });
  const count = (lastNumberOfSnapshots: number) => by({ by: "count", lastNumberOfSnapshots });
  const items = (...of: (readonly ["daily" | "hourly" | "onDemand", number | null])[]) =>
    by({
      by: "items",
      items: of.map(([frequency, days]) => ({
        frequency,
        retention: days === null ? null : { value: days, unit: "days" },
      })),
    });

  it.each<[string, ReturnType<typeof aCopy> | null, ReturnType<typeof aCopy> | null, string, string, Effect]>([
    ["that are new", null, by({ by: "frequencies", frequencies: ["daily"] }, true), "none", "daily, oplogs", "adds"],
    ["that end", frequencies("daily"), null, "daily", "none", "loosens"],
    ["with oplogs now", frequencies("daily"), aCopy(), "daily", "daily, oplogs", "tightens"],
    ["without oplogs now", aCopy(), frequencies("daily"), "daily, oplogs", "daily", "loosens"],
    ["of more", frequencies("daily"), frequencies("daily", "hourly"), "daily", "daily, hourly", "tightens"],
    ["of fewer", frequencies("daily", "hourly"), frequencies("daily"), "daily, hourly", "daily", "loosens"],
    ["of others", frequencies("hourly"), frequencies("daily"), "hourly", "daily", "loosens"],
    ["of some where there were none", frequencies(), frequencies("daily"), "no snapshots", "daily", "tightens"],
    ["of a larger number", count(5), count(6), "the last 5 snapshots", "the last 6 snapshots", "tightens"],
    ["of a smaller number", count(6), count(5), "the last 6 snapshots", "the last 5 snapshots", "loosens"],
    ["by frequency, no longer by number", count(6), frequencies("daily"), "the last 6 snapshots", "daily", "loosens"],
    ["by number, no longer by frequency", frequencies("daily"), count(6), "daily", "the last 6 snapshots", "loosens"],
    ["by item, no longer by frequency", frequencies("daily"), items(["daily", 7]), "daily", "daily kept 7d", "loosens"],
    ["by frequency, no longer by item", items(["daily", 7]), frequencies("daily"), "daily kept 7d", "daily", "loosens"],
    ["by number, no longer by item", items(["daily", 7]), count(6), "daily kept 7d", "the last 6 snapshots", "loosens"],
    ["by item, no longer by number", count(6), items(["daily", 7]), "the last 6 snapshots", "daily kept 7d", "loosens"],
    ["kept longer", items(["daily", 7]), items(["daily", 8]), "daily kept 7d", "daily kept 8d", "tightens"],
    ["kept shorter", items(["daily", 8]), items(["daily", 7]), "daily kept 8d", "daily kept 7d", "loosens"],
    [
      "of one more item",
      items(["daily", 7]),
      items(["daily", 7], ["onDemand", null]),
      "daily kept 7d",
      "daily kept 7d, onDemand",
      "tightens",
    ],
    [
      "of one item fewer",
      items(["daily", 7], ["hourly", 7]),
      items(["hourly", 7]),
      "daily kept 7d, hourly kept 7d",
      "hourly kept 7d",
      "loosens",
    ],
    [
      "kept for a time of their own",
      items(["onDemand", null]),
      items(["onDemand", 3]),
      "onDemand",
      "onDemand kept 3d",
      "tightens",
    ],
  ])("%s", (_, before, after, live, wanted, effect) => {
    const list = (copy: typeof before) => (copy === null ? [] : [copy]);
    expect(open({ copies: list(before) }, { copies: list(after) })).toStrictEqual([
      { setting: `copies to ${REGION}`, source: "at copies[1]", wanted, live, effect },
    ]);
  });

  it("are told apart by region, zone and provider, in a stable order", () => {
    const other = aCopy({ region: "eu-west-1" });
    const zones = { zoneIds: [ZONE, "zone-2"] };
    const wanted = [aCopy({ zoneId: "zone-2" }), other, aCopy()];
    expect(open({ ...zones, copies: [] }, { ...zones, copies: wanted }).map(({ setting }) => setting)).toEqual([
      `copies to ${REGION} from zone ${ZONE}`,
      `copies to ${REGION} from zone zone-2`,
      `copies to eu-west-1 from zone ${ZONE}`,
    ]);
    expect(open({ copies: [aCopy({ provider: "GCP" })] }, {}).map(({ effect }) => effect)).toEqual(["adds", "loosens"]);
  });

  it("to a region that the policy does not name say so", () => {
    expect(open({}, { copies: [] }, { ...POLICY, copies: [] })).toEqual([
      {
        setting: `copies to ${REGION}`,
        source: null,
        wanted: "none",
        live: "daily, oplogs",
        effect: "loosens",
        because: "the policy names no copies to this region",
      },
    ]);
  });
});

describe("the reference time", () => {
  it.each([
    [null, { hour: 3, minute: 5 }, "none", "03:05 UTC"],
    [{ hour: 18, minute: 0 }, { hour: 18, minute: 30 }, "18:00 UTC", "18:30 UTC"],
    [{ hour: 18, minute: 0 }, { hour: 19, minute: 0 }, "18:00 UTC", "19:00 UTC"],
  ])("from %j to %j", (before, after, live, wanted) => {
    expect(open({ referenceTime: before }, { referenceTime: after })).toEqual([
      { setting: "reference time", source: "at referenceTime", wanted, live, effect: "changes" },
    ]);
  });
});
