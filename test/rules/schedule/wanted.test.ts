import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, longestMs } from "../../../src/core/duration.ts";
import { FREQUENCIES } from "../../../src/core/frequency.ts";
import type { DatabasePolicy } from "../../../src/policy/schema.ts";

import type { CopySettingChange, PolicyItem } from "../../../src/ports/atlas-changes.ts";
import { atLeast, toDuration } from "../../../src/rules/backup/retention.ts";
import { allOf, differences } from "../../../src/rules/schedule/differences.ts";
import type { LiveSettings } from "../../../src/rules/schedule/live.ts";
import { covers, toRetention } from "../../../src/rules/schedule/retention.ts";
import { wantedSettings } from "../../../src/rules/schedule/wanted.ts";
import { databasePolicy, liveSettings } from "./arbitrary.ts";

const FIRM = { loosen: false };
const EXACT = { loosen: true };
const RUNS = { numRuns: 500 };
const open = (live: LiveSettings, policy: DatabasePolicy, options = FIRM) =>
  allOf(differences(live, wantedSettings(live, policy, options), policy, () => null));
const both = fc.constantFrom(FIRM, EXACT);

describe("what is wanted of any live settings under any policy", () => {
  test("once it is so, nothing more is wanted", () => {
    fc.assert(
      fc.property(liveSettings, databasePolicy, both, (live, policy, options) => {
        const after = taken(wantedSettings(live, policy, options));
        expect(open(after, policy, options)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("nothing is ever kept shorter, copied less or covered less without leave", () => {
    fc.assert(
      fc.property(liveSettings, databasePolicy, (live, policy) => {
        const wanted = wantedSettings(live, policy, FIRM);
        for (const item of live.items) {
          const after = wanted.items.find(({ id }) => id === item.id);
          expect(after?.frequency).toBe(item.frequency);
          expect(after !== undefined && covers(after.retention, item.retention)).toBe(true);
          if (item.frequency === "hourly") expect(after?.interval).toBeLessThanOrEqual(item.interval);
          else expect(after?.interval).toBe(item.interval);
        }
        expect(wanted.restoreWindowDays ?? 0).toBeGreaterThanOrEqual(live.restoreWindowDays ?? 0);
        expect(wanted.pitEnabled || !live.pitEnabled).toBe(true);
        for (const setting of live.copies) expectCopiedAsMuch(wanted.copies, setting);
        expect(open(live, policy).filter(({ effect }) => effect === "loosens")).toEqual([]);
      }),
      RUNS,
    );
  });

  test("ids survive, of items and of copy items, with leave too", () => {
    fc.assert(
      fc.property(liveSettings, databasePolicy, both, (live, policy, options) => {
        const wanted = wantedSettings(live, policy, options);
        const ids = (items: readonly PolicyItem[]) => items.flatMap(({ id }) => (id === undefined ? [] : [id]));
        expect(ids(wanted.items)).toEqual(ids(live.items));
        expect(wanted.policyId).toBe(live.policyId);
      }),
      RUNS,
    );
  });

  test("the policy is satisfied", () => {
    fc.assert(
      fc.property(liveSettings, databasePolicy, both, (live, policy, options) => {
        const wanted = wantedSettings(live, policy, options);
        for (const { frequency, retain } of policy.snapshots) {
          const own = wanted.items.filter((item) => item.frequency === frequency);
          expect(own.some((item) => atLeast(toDuration(item.retention), retain) === "yes")).toBe(true);
        }
        if (policy.continuousBackup !== undefined) {
          const days = Math.ceil(longestMs(policy.continuousBackup.window) / DAY_MS);
          expect(wanted.pitEnabled).toBe(true);
          expect(wanted.restoreWindowDays).toBeGreaterThanOrEqual(days);
        }
        for (const copy of policy.copies)
          for (const zoneId of live.zoneIds) {
            const setting = wanted.copies.find((one) => one.region === copy.region && one.zoneId === zoneId);
            expect(setting?.oplogs || !copy.oplogs).toBe(true);
            for (const frequency of copy.frequencies) expect(frequenciesOf(setting)).toContain(frequency);
          }
      }),
      RUNS,
    );
  });

  test("Atlas's own rules hold: one hourly and one daily item, the order of retentions, the window within the hourly item", () => {
    fc.assert(
      fc.property(liveSettings.filter(isAccepted), databasePolicy, both, (live, policy, options) => {
        expect(violations(wantedSettings(live, policy, options))).toEqual([]);
      }),
      RUNS,
    );
  });

  test("with leave, what the policy names is kept no longer than it says, unless Atlas demands it", () => {
    fc.assert(
      fc.property(liveSettings, databasePolicy, (live, policy) => {
        const wanted = wantedSettings(live, policy, EXACT);
        if (policy.continuousBackup !== undefined)
          expect(wanted.restoreWindowDays).toBe(Math.ceil(longestMs(policy.continuousBackup.window) / DAY_MS));
        for (const setting of wanted.copies)
          expect(policy.copies.some(({ region }) => region === setting.region)).toBe(true);
      }),
      RUNS,
    );
  });
});

function expectCopiedAsMuch(wanted: readonly CopySettingChange[], before: CopySettingChange): void {
  const after = wanted.find(({ region, zoneId }) => region === before.region && zoneId === before.zoneId);
  expect(after?.oplogs || !before.oplogs).toBe(true);
  expect(frequenciesOf(after)).toEqual(expect.arrayContaining([...frequenciesOf(before)]));
  if (before.copies.by !== "items" || after?.copies.by !== "items") return;
  for (const item of before.copies.items) {
    const kept = after.copies.items.find(({ id }) => id === item.id);
    expect(kept?.frequency).toBe(item.frequency);
    if (item.retention !== null && kept?.retention) expect(covers(kept.retention, item.retention)).toBe(true);
  }
}

function frequenciesOf(setting: CopySettingChange | undefined): readonly string[] {
  if (setting === undefined || setting.copies.by === "count") return [];
  return setting.copies.by === "items"
    ? setting.copies.items.map(({ frequency }) => frequency)
    : setting.copies.frequencies;
}

/** As Atlas would have it after taking them: new items have ids. */
function taken(wanted: LiveSettings): LiveSettings {
  return {
    ...wanted,
    items: wanted.items.map((item, index) => ({
      id: `66f0000000000000000ff${String(index).padStart(3, "0")}`,
      ...item,
    })),
  };
}

function isAccepted(live: LiveSettings): boolean {
  return violations(live).length === 0;
}

function violations({ items, pitEnabled, restoreWindowDays }: LiveSettings): readonly string[] {
  const count = (frequency: string) => items.filter((item) => item.frequency === frequency).length;
  const rank = ({ frequency }: PolicyItem) => (frequency === "ondemand" ? -1 : FREQUENCIES.indexOf(frequency));
  const pairs = items.flatMap((a) => items.map((b) => [a, b] as const));
  const scheduled = (item: PolicyItem) => item.frequency !== "ondemand";
  const hourly = items.find(({ frequency }) => frequency === "hourly");
  return [
    ...(count("hourly") > 1 ? ["two hourly items"] : []),
    ...(count("daily") > 1 ? ["two daily items"] : []),
    ...pairs
      .filter(([a, b]) => scheduled(a) && scheduled(b) && rank(a) < rank(b) && !covers(b.retention, a.retention))
      .map(([a, b]) => `${b.frequency} kept shorter than ${a.frequency}`),
    ...(pitEnabled && hourly === undefined ? ["continuous backup without an hourly item"] : []),
    ...(pitEnabled && hourly !== undefined && restoreWindowDays !== null
      ? covers(hourly.retention, { value: restoreWindowDays, unit: "days" })
        ? []
        : ["the window is longer than the hourly item keeps"]
      : []),
  ];
}

describe("what is wanted of Atlas's own default schedule", () => {
  const item = (
    frequency: (typeof FREQUENCIES)[number],
    interval: number,
    value: number,
    unit: "days" | "weeks" | "months" | "years",
  ) => ({
    id: `66f00000000000000000000${FREQUENCIES.indexOf(frequency)}`,
    frequency,
    interval,
    retention: { value, unit },
  });
  const byDefault: LiveSettings = {
    policyId: "66f0000000000000000000ff",
    pitEnabled: true,
    items: [
      item("hourly", 6, 7, "days"),
      item("daily", 1, 7, "days"),
      item("weekly", 6, 4, "weeks"),
      item("monthly", 40, 12, "months"),
      item("yearly", 12, 1, "years"),
    ],
    restoreWindowDays: 7,
    copies: [],
    copiesByItems: false,
    copiesAutomatically: false,
    referenceTime: { hour: 18, minute: 0 },
    zoneIds: ["66f0000000000000000000a1"],
    nvme: false,
  };
  const policy: DatabasePolicy = {
    name: "core",
    cluster: "litally-core",
    protected: true,
    snapshots: [{ frequency: "daily", retain: { value: 30, unit: "d" } }],
    continuousBackup: { window: { value: 7, unit: "d" } },
    grace: { value: 2, unit: "h" },
    copies: [{ region: "ap-southeast-1", frequencies: ["daily"], oplogs: true }],
  };

  test("the daily item is raised, the weekly one follows because Atlas demands it, the others stay", () => {
    expect(open(byDefault, policy)).toEqual([
      { setting: "daily snapshots", source: null, wanted: "kept 30d", live: "kept 7d", effect: "tightens" },
      {
        setting: "weekly snapshots",
        source: null,
        wanted: "kept 5w",
        live: "kept 4w",
        effect: "tightens",
        because: "Atlas keeps no item shorter than one of a more frequent kind",
      },
      { setting: "copies to ap-southeast-1", source: null, wanted: "daily, oplogs", live: "none", effect: "adds" },
    ]);
  });

  test("a month is not certainly 30 days: it is raised to what covers both, not shortened", () => {
    const monthly = { ...byDefault, items: [item("hourly", 6, 7, "days"), { ...item("daily", 1, 1, "months") }] };
    expect(wantedSettings(monthly, policy, FIRM).items.at(-1)?.retention).toEqual({ value: 31, unit: "days" });
  });

  test("without leave the longer stays; with it, it comes down as far as Atlas lets it", () => {
    const longer = {
      ...byDefault,
      items: [item("hourly", 6, 7, "days"), item("daily", 1, 90, "days"), item("weekly", 6, 20, "weeks")],
    };
    expect(open({ ...longer, copies: wantedSettings(longer, policy, FIRM).copies }, policy)).toEqual([]);
    expect(wantedSettings(longer, policy, EXACT).items).toEqual([
      item("hourly", 6, 7, "days"),
      item("daily", 1, 30, "days"),
      item("weekly", 6, 20, "weeks"),
    ]);
  });

  test("the item by hand is sent along, or Atlas would delete it", () => {
    const byHand = {
      id: "66f000000000000000000009",
      frequency: "ondemand",
      interval: 1,
      retention: { value: 3, unit: "days" },
    } as const;
    expect(wantedSettings({ ...byDefault, items: [...byDefault.items, byHand] }, policy, EXACT).items).toContainEqual(
      byHand,
    );
  });

  test("hours become whole days", () => {
    expect(toRetention({ value: 25, unit: "h" })).toEqual({ value: 2, unit: "days" });
  });
});
