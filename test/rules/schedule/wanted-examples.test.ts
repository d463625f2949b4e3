/** What is wanted in single cases: which item or copy is altered, into what, and what is left as it is. */
import { describe, expect, it } from "vitest";
import type { DatabasePolicy } from "../../../src/policy/schema.ts";
import type { CopiedSnapshots, CopyItem } from "../../../src/ports/atlas-changes.ts";
import type { LiveSettings } from "../../../src/rules/schedule/live.ts";
import { wantedSettings } from "../../../src/rules/schedule/wanted.ts";
import { aDatabase, duration, entry, REGION, ZONE } from "../build.ts";
import { aCopy, policyItem, settings } from "./settings.ts";

const FIRM = { loosen: false };
const EXACT = { loosen: true };

function wanted(live: Partial<LiveSettings>, policy: Partial<DatabasePolicy>, options = FIRM): LiveSettings {
  return wantedSettings(settings(live), aDatabase(policy), options);
}

const window = (text: string) => ({ continuousBackup: { window: duration(text) } });

describe("the hourly item of continuous backup", () => {
  const daily = [policyItem("daily", 7)];

  it("is added where there is a window, with the usual interval", () => {
    expect(wanted({ items: daily }, window("2d")).items).toEqual([
      ...daily,
      { frequency: "hourly", interval: 6, retention: { value: 7, unit: "days" } },
    ]);
    expect(wanted({ items: daily, pitEnabled: false, restoreWindowDays: null }, window("2d")).items.at(-1)).toEqual({
      frequency: "hourly",
      interval: 6,
      retention: { value: 2, unit: "days" },
    });
  });

  it("is not needed without continuous backup, nor without a window", () => {
    expect(wanted({ items: daily, pitEnabled: false }, {}).items).toEqual(daily);
    expect(wanted({ items: daily, restoreWindowDays: null }, {}).items).toEqual(daily);
  });

  it("is kept as long as the window, be that longer than the policy's", () => {
    const policy = { ...window("7d"), snapshots: [entry("daily", "20d"), entry("hourly", "7d")] };
    const items = [policyItem("hourly", 7), policyItem("daily", 20)];
    expect(wanted({ items, restoreWindowDays: 14 }, policy).items).toEqual([policyItem("hourly", 14), items[1]]);
    expect(wanted({ items, restoreWindowDays: 14 }, policy, EXACT).items).toEqual(items);
  });

  it("that the policy does not name is not brought down", () => {
    const items = [policyItem("hourly", 30), policyItem("daily", 30)];
    expect(wanted({ items }, { ...window("7d"), snapshots: [entry("daily", "30d")] }, EXACT).items).toEqual(items);
  });
});

describe("the window", () => {
  it.each([
    ["7d", 7, FIRM, 7],
    ["36h", null, FIRM, 2],
    ["2d", 7, FIRM, 7],
    ["2d", 7, EXACT, 2],
  ] as const)("of %s, live %j days, %j: %d", (text, restoreWindowDays, options, expected) => {
    expect(wanted({ restoreWindowDays }, window(text), options).restoreWindowDays).toBe(expected);
  });

  it("stays where the policy has none", () => {
    expect(wanted({ restoreWindowDays: 3 }, {}, EXACT)).toMatchObject({ restoreWindowDays: 3, pitEnabled: true });
  });
});

describe("how often hourly snapshots are taken", () => {
  const hourly = (every: string | undefined, live: number, given = "7d") =>
    wanted(
      { items: [policyItem("hourly", 1, "weeks", { interval: live })] },
      { snapshots: [entry("hourly", given, every)] },
    ).items;

  it.each([
    ["6h", 6, 6],
    ["6h", 8, 6],
    ["6h", 4, 4],
    ["4h", 6, 4],
    [undefined, 12, 12],
  ])("every %s at least, live every %d hours: every %d", (every, live, interval) => {
    expect(hourly(every, live)).toEqual([policyItem("hourly", 1, "weeks", { interval })]);
  });
});

it.each([
  ["hourly", undefined, false, 6],
  ["hourly", "4h", false, 4],
  ["hourly", undefined, true, 12],
  ["hourly", "24h", true, 24],
  ["daily", undefined, true, 1],
  ["weekly", undefined, false, 6],
  ["monthly", undefined, false, 40],
  ["yearly", undefined, false, 12],
] as const)("a new %s item, every %s, NVMe disks %j: interval %d", (frequency, every, nvme, interval) => {
  const live = { items: [], pitEnabled: false, nvme };
  expect(wanted(live, { snapshots: [entry(frequency, "1y", every)] }).items).toEqual([
    { frequency, interval, retention: { value: 1, unit: "years" } },
  ]);
});

describe("of several items of a frequency", () => {
  const pair = (first: readonly [number, "weeks" | "days" | "months"], second: typeof first) => [
    policyItem("weekly", first[0], first[1]),
    policyItem("weekly", second[0], second[1], { id: "weekly-2" }),
  ];
  const of = (items: LiveSettings["items"], retain: string, options = FIRM) =>
    wanted({ items, pitEnabled: false }, { snapshots: [entry("weekly", retain)] }, options).items;

  it("one that suffices is enough, be it longer or shorter than another", () => {
    for (const items of [pair([4, "weeks"], [20, "weeks"]), pair([20, "weeks"], [4, "weeks"])])
      expect(of(items, "10w")).toEqual(items);
    const odd = pair([1, "months"], [30, "days"]); // never shorter than 28 days, and than 30
    expect(of(odd, "1mo")).toEqual(odd);
  });

  it("the longest is raised where none suffices, and brought down with leave", () => {
    const items = pair([4, "weeks"], [20, "weeks"]);
    expect(of(items, "30w")).toEqual(pair([4, "weeks"], [30, "weeks"]));
    expect(of(items, "10w", EXACT)).toEqual(pair([4, "weeks"], [10, "weeks"]));
  });
});

it("what is kept long enough stays as it is written, and what Atlas has accepted is not put in order", () => {
  const items = [policyItem("daily", 30), policyItem("weekly", 8)];
  expect(wanted({ items, pitEnabled: false }, {}).items).toEqual(items);
  const week = [policyItem("daily", 1, "weeks")];
  for (const options of [FIRM, EXACT])
    expect(wanted({ items: week, pitEnabled: false }, { snapshots: [entry("daily", "7d")] }, options).items).toEqual(
      week,
    );
});

it("no item is kept shorter than its own period", () => {
  const weekly = wanted({ items: [], pitEnabled: false }, { snapshots: [entry("weekly", "3d")] }).items;
  expect(weekly.map(({ retention }) => retention)).toEqual([{ value: 7, unit: "days" }]);
});

it("the reference time is the policy's where it names one", () => {
  expect(wanted({}, { referenceTime: { hour: 3, minute: 30 } }).referenceTime).toEqual({ hour: 3, minute: 30 });
  expect(wanted({}, {}).referenceTime).toEqual({ hour: 18, minute: 0 });
});

describe("copies", () => {
  const copied = (
    live: Partial<LiveSettings>,
    copy: Partial<DatabasePolicy["copies"][number]> = {},
    options = FIRM,
  ): LiveSettings["copies"] =>
    wanted(
      live,
      {
        snapshots: [entry("hourly", "7d"), entry("daily", "30d"), entry("weekly", "4w")],
        copies: [{ region: REGION, frequencies: ["daily", "weekly"], oplogs: true, ...copy }],
      },
      options,
    ).copies;
  const by = (copies: CopiedSnapshots) => ({ copies: [aCopy({ copies })] });
  const item = (frequency: CopyItem["frequency"], days: number | null): CopyItem => ({
    id: `copy-${frequency}`,
    frequency,
    retention: days === null ? null : { value: days, unit: "days" },
  });

  it("are made new for every zone that lacks them, in the schedule's own form", () => {
    expect(copied({ zoneIds: [ZONE, "zone-2"] })).toEqual([
      aCopy({ copies: { by: "frequencies", frequencies: ["daily", "weekly"] } }),
      {
        region: REGION,
        provider: "AWS",
        zoneId: "zone-2",
        copies: { by: "frequencies", frequencies: ["daily", "weekly"] },
        oplogs: true,
      },
    ]);
    expect(copied({ copies: [], copiesByItems: true }, { oplogs: false })).toEqual([
      aCopy({
        oplogs: false,
        copies: {
          by: "items",
          items: [
            { frequency: "daily", retention: { value: 30, unit: "days" } },
            { frequency: "weekly", retention: { value: 4, unit: "weeks" } },
          ],
        },
      }),
    ]);
  });

  it("of a frequency that the policy does not schedule are kept for its period", () => {
    const [setting] = copied({ copies: [], copiesByItems: true }, { frequencies: ["monthly"] });
    expect(setting?.copies).toEqual({
      by: "items",
      items: [{ frequency: "monthly", retention: { value: 31, unit: "days" } }],
    });
  });

  it.each([
    [false, false, FIRM, false],
    [false, true, FIRM, true],
    [true, false, FIRM, true],
    [true, false, EXACT, false],
    [false, true, EXACT, true],
  ])("with oplogs %j, the policy %j, %j: %j", (live, oplogs, options, expected) => {
    expect(copied({ copies: [aCopy({ oplogs: live })] }, { oplogs }, options)[0]?.oplogs).toBe(expected);
    const counted = { by: "count", lastNumberOfSnapshots: 5 } as const;
    expect(copied({ copies: [aCopy({ oplogs: live, copies: counted })] }, { oplogs }, options)).toEqual([
      aCopy({ oplogs: expected, copies: counted }),
    ]);
  });

  it("by frequency are added to, and cut down with leave", () => {
    const live = by({ by: "frequencies", frequencies: ["hourly", "daily", "onDemand"] });
    expect(copied(live)[0]?.copies).toEqual({
      by: "frequencies",
      frequencies: ["hourly", "daily", "onDemand", "weekly"],
    });
    expect(copied(live, {}, EXACT)[0]?.copies).toEqual({ by: "frequencies", frequencies: ["daily", "weekly"] });
    const swapped = by({ by: "frequencies", frequencies: ["weekly", "daily"] });
    expect(copied(swapped, {}, EXACT), "in the order they have").toEqual(swapped.copies);
  });

  it("by item keep what they have, are raised where they must be, and are added to", () => {
    const items = [item("hourly", 3), item("daily", 20), item("onDemand", null), item("weekly", 60)];
    expect(copied(by({ by: "items", items }))[0]?.copies).toEqual({
      by: "items",
      items: [item("hourly", 3), item("daily", 30), item("onDemand", null), item("weekly", 60)],
    });
    expect(copied(by({ by: "items", items: [item("daily", 30)] }))[0]?.copies).toEqual({
      by: "items",
      items: [item("daily", 30), { frequency: "weekly", retention: { value: 4, unit: "weeks" } }],
    });
  });

  it("by item come down to the policy with leave, under the ids they have", () => {
    const items = [item("hourly", 3), item("daily", 40), item("onDemand", null), item("weekly", null)];
    expect(copied(by({ by: "items", items }), {}, EXACT)[0]?.copies).toEqual({
      by: "items",
      items: [item("daily", 30), item("weekly", null)],
    });
  });

  it("to other regions, or from zones that are no more, stay, and go with leave", () => {
    const own = aCopy({ copies: { by: "frequencies", frequencies: ["daily", "weekly"] } });
    const others = [aCopy({ region: "eu-west-1" }), aCopy({ zoneId: "gone" })];
    expect(copied({ copies: [...others, own] })).toEqual([...others, own]);
    expect(copied({ copies: [...others, own] }, {}, EXACT)).toEqual([own]);
  });
});
