import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import {
  aCluster,
  aCopySetting,
  ago,
  anItem,
  aSchedule,
  aSnapshot,
  dailies,
  entry,
  facts,
  findings,
  GONE,
  members,
  REGION,
  said,
  ZONE,
} from "../build.ts";

const COPIES = [{ region: REGION, frequencies: ["daily" as const], oplogs: true }];
const ZONES = aCluster({ type: "SHARDED", shards: [{ zoneId: "a" }, { zoneId: "b" }, { zoneId: "b" }] });
const copied = (given: Parameters<typeof facts>[0] = {}) =>
  facts({ ...given, database: { copies: COPIES, ...given.database } });
const set = (...copySettings: ReturnType<typeof aCopySetting>[]) => copied({ schedule: aSchedule({ copySettings }) });

test.each(["copies-configured", "copies-present", "copies-oplogs"])("%s judges only where the policy asks", (id) => {
  expect(findings(facts(), id)).toEqual([]);
  expect(findings(copied(), id)).toMatchObject([{ status: "pass" }]);
});

describe("copies configured", () => {
  const id = "copies-configured";

  test.each([
    ["as wanted", [aCopySetting()], `pass: daily copied to ${REGION}`],
    ["not at all", [], `fail: no sufficient copy to ${REGION} is configured for: daily`],
    [
      "to another region",
      [aCopySetting({ region: "eu-west-1" })],
      `fail: no sufficient copy to ${REGION} is configured for: daily`,
    ],
    [
      "of another zone",
      [aCopySetting({ zoneId: "elsewhere" })],
      `fail: no sufficient copy to ${REGION} is configured for: daily`,
    ],
    [
      "of another frequency",
      [aCopySetting({ frequencies: ["weekly", "onDemand"] })],
      `fail: no sufficient copy to ${REGION} is configured for: daily`,
    ],
    ["unreadably", [aCopySetting({ frequencies: GONE })], `unknown: the copy settings for ${REGION} cannot be read`],
    [
      "unreadably, and once more as wanted",
      [aCopySetting({ region: GONE }), aCopySetting()],
      `pass: daily copied to ${REGION}`,
    ],
  ])("%s", (_, settings, expected) => {
    expect(said(set(...settings), id)).toBe(expected);
  });

  test.each([
    [28, "pass"], // one every six hours for seven days
    [27, "fail"],
    [GONE, "unknown"],
  ])("for the latest %j snapshots: %s", (lastNumberOfSnapshots, status) => {
    expect(said(set(aCopySetting({ frequencies: [], lastNumberOfSnapshots })), id)).toMatch(new RegExp(`^${status}`));
  });

  test.each([
    ["none of their own", [], "pass"],
    ["as long as the policy's", [{ frequency: "daily", retention: { value: 7, unit: "days" } }], "pass"],
    ["longer", [{ frequency: "daily", retention: { value: 2, unit: "weeks" } }], "pass"],
    ["shorter", [{ frequency: "daily", retention: { value: 6, unit: "days" } }], "fail"],
    ["shorter, of another frequency", [{ frequency: "hourly", retention: { value: 1, unit: "days" } }], "pass"],
    ["not readable", GONE, "unknown"],
  ] as const)("kept for a retention: %s", (_, retentions, status) => {
    expect(said(set(aCopySetting({ retentions })), id)).toMatch(new RegExp(`^${status}`));
  });

  test("kept too short by one setting are made good by another", () => {
    const short = aCopySetting({ retentions: [{ frequency: "daily", retention: { value: 6, unit: "days" } }] });
    expect(said(set(short, aCopySetting()), id)).toMatch(/^pass/);
  });

  test("for a count of snapshots cannot be judged without the schedule's frequencies", () => {
    const copySettings = [aCopySetting({ frequencies: [], lastNumberOfSnapshots: 500 })];
    const items = [anItem("daily", 7), anItem("hourly", 7, { frequency: GONE })];
    expect(said(copied({ schedule: aSchedule({ copySettings, items }) }), id)).toMatch(/^unknown/);
  });

  test("is needed for every zone and frequency", () => {
    const both = { ...COPIES[0], region: REGION, oplogs: false, frequencies: ["daily" as const, "weekly" as const] };
    const given = (...copySettings: ReturnType<typeof aCopySetting>[]) =>
      copied({
        cluster: ZONES,
        schedule: aSchedule({ copySettings }),
        database: { copies: [both], snapshots: [entry("daily", "7d"), entry("weekly", "4w")] },
      });
    const whole = ["daily", "weekly"] as const;
    expect(
      said(
        given(aCopySetting({ zoneId: "a", frequencies: whole }), aCopySetting({ zoneId: "b", frequencies: whole })),
        id,
      ),
    ).toBe(`pass: daily, weekly copied to ${REGION} from all 2 zones`);
    expect(said(given(aCopySetting({ zoneId: "a", frequencies: whole }), aCopySetting({ zoneId: "b" })), id)).toBe(
      `fail: no sufficient copy to ${REGION} is configured for: weekly in zone b`,
    );
  });

  test.each([
    ["the schedule", copied({ schedule: GONE })],
    ["the settings", copied({ schedule: aSchedule({ copySettings: GONE }) })],
    ["the zones", copied({ cluster: aCluster({ shards: GONE }) })],
  ])("is unknown without %s", (_, given) => {
    expect(said(given, id)).toMatch(/^unknown/);
    expect(said(given, "copies-oplogs")).toMatch(/^unknown/);
  });
});

describe("the oplog", () => {
  const id = "copies-oplogs";

  test.each([
    [[aCopySetting()], `pass: oplog copied to ${REGION}`],
    [[aCopySetting({ copiesOplogs: false })], `fail: the oplog is not copied to ${REGION}`],
    [[aCopySetting({ copiesOplogs: false }), aCopySetting()], `pass: oplog copied to ${REGION}`],
    [[], `fail: the oplog is not copied to ${REGION}`],
    [[aCopySetting({ copiesOplogs: GONE })], `unknown: whether the oplog is copied to ${REGION} cannot be read`],
  ])("of case %#", (settings, expected) => {
    expect(said(set(...settings), id)).toBe(expected);
  });

  test("is needed from every zone, and only where the policy asks", () => {
    const copySettings = [aCopySetting({ zoneId: "a" })];
    expect(said(copied({ cluster: ZONES, schedule: aSchedule({ copySettings }) }), id)).toMatch(/^fail/);
    expect(
      findings(copied({ database: { copies: [{ region: REGION, frequencies: ["daily"], oplogs: false }] } }), id),
    ).toEqual([]);
  });
});

describe("copies present", () => {
  const id = "copies-present";
  const third = (given: Parameters<typeof aSnapshot>[2]) =>
    copied({ snapshots: dailies(7).with(3, aSnapshot("daily", 80 * HOUR_MS, given)) });

  test("on every snapshot pass", () => {
    expect(said(copied(), id)).toBe(`pass: all 7 daily snapshots have a copy in ${REGION}`);
  });

  test("missing on one, or only elsewhere, fail and name the newest", () => {
    expect(said(third({ copyRegions: [] }), id)).toBe(
      `fail: 1 of 7 daily snapshots have no copy in ${REGION}, newest daily-80h`,
    );
    expect(said(third({ copyRegions: ["eu-west-1"] }), id)).toMatch(/^fail: 1 of 7/);
    expect(said(copied({ snapshots: dailies(7, { copyRegions: [] }) }), id)).toMatch(
      /^fail: 7 of 7 .* newest daily-8h$/,
    );
  });

  test.each([
    [2 * HOUR_MS, "pass"],
    [2 * HOUR_MS + 1, "fail"],
  ])("are not owed yet %d ms after the snapshot: %s", (ageMs, status) => {
    const fresh = aSnapshot("daily", ageMs, { copyRegions: [] });
    expect(said(copied({ snapshots: [fresh, ...dailies(7).slice(1)] }), id)).toMatch(new RegExp(`^${status}`));
  });

  test("of which none is owed pass only for a young cluster, or where the one before is gone by then", () => {
    const fresh = aSnapshot("daily", HOUR_MS, { copyRegions: [] });
    const only = (given: Parameters<typeof facts>[0]) => said(copied({ snapshots: [fresh], ...given }), id);
    const born = (ageMs: number) => ({ cluster: aCluster({ createdAt: ago(ageMs) }) });
    expect(only({})).toBe(
      "unknown: there is no good daily snapshot old enough to have a copy (2 h): nothing is proved",
    );
    expect(only(born(28 * HOUR_MS))).toBe(
      "pass: no good daily snapshot old enough to have a copy (2 h), and none is owed yet: the cluster is 28 h old",
    );
    expect(only(born(28 * HOUR_MS + 1))).toMatch(/^unknown/);
    const short = { database: { snapshots: [entry("daily", "1d")] } };
    expect(only(short)).toBe("pass: no good daily snapshot old enough to have a copy (2 h)");
    expect(said(copied({ ...short, snapshots: [] }), id)).toMatch(/^unknown/);
  });

  test("are owed for the frequency's own snapshots only", () => {
    expect(
      said(copied({ snapshots: [...dailies(7), aSnapshot("weekly", 9 * HOUR_MS, { copyRegions: [] })] }), id),
    ).toMatch(/^pass: all 7/);
    expect(
      said(copied({ snapshots: [...dailies(7), aSnapshot("hourly", 9 * HOUR_MS, { copyRegions: [] })] }), id),
    ).toMatch(/^pass: all 7/);
  });

  test.each([
    ["regions", { copyRegions: GONE }],
    ["missing regions", { copyRegions: null }],
    ["status", { status: GONE, copyRegions: [] }],
    ["time", { createdAt: GONE, copyRegions: [] }],
    ["kind", { kind: GONE, copyRegions: [] }],
  ])("are unknown without the %s of one", (_, given) => {
    expect(said(third(given), id)).toMatch(/^unknown: whether 1 of 7 daily snapshots/);
  });

  test("are unknown without the snapshots, and cannot be on a flex cluster", () => {
    expect(said(copied({ snapshots: GONE }), id)).toMatch(/^unknown/);
    expect(said(copied({ cluster: aCluster({ offering: "flex" }) }), id)).toMatch(/^fail: 7 of 7/);
  });

  describe("of sharded units stand on their members' own snapshots", () => {
    const cluster = aCluster({ type: "SHARDED", shards: [{ zoneId: ZONE }, { zoneId: ZONE }] });
    const unit = aSnapshot("daily", 8 * HOUR_MS, { members: members(1, 2), copyRegions: null });
    const member = (id: string, given: Parameters<typeof aSnapshot>[2] = {}) =>
      aSnapshot("daily", 8 * HOUR_MS, { id, ...given });
    const sharded = (...of: ReturnType<typeof member>[]) =>
      copied({ cluster, snapshots: [unit], memberSnapshots: known(of) });

    test.each([
      ["both have one", sharded(member("member-1"), member("member-2")), "pass"],
      ["one has none", sharded(member("member-1"), member("member-2", { copyRegions: [] })), "fail"],
      ["one cannot be found", sharded(member("member-1")), "unknown"],
      ["one cannot be read", sharded(member("member-1"), member("member-2", { copyRegions: GONE })), "unknown"],
      ["one cannot be named", sharded(member("member-1"), member("member-2", { id: GONE })), "unknown"],
      ["they cannot be listed", copied({ cluster, snapshots: [unit], memberSnapshots: GONE }), "unknown"],
      ["they were not listed", copied({ cluster, snapshots: [unit] }), "unknown"],
    ])("%s", (_, given, status) => {
      expect(said(given, id)).toMatch(new RegExp(`^${status}`));
    });
  });
});
