/** What cannot be read never makes a check pass: single cases of what knowledge.test.ts holds of whole worlds. */
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import { birth } from "../../../src/rules/backup/facts.ts";
import { wholeUnit } from "../../../src/rules/backup/units.ts";
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
  GONE,
  ITEM_IDS,
  members,
  REGION,
  said,
  ZONE,
} from "../build.ts";

describe("when the cluster was created", () => {
  const born = (...snapshots: readonly Snapshot[]) =>
    birth(facts({ cluster: aCluster({ createdAt: ago(DAY_MS) }), snapshots }));

  test("is no later than its oldest snapshot", () => {
    expect(born()).toEqual(known(ago(DAY_MS)));
    expect(born(aSnapshot("daily", HOUR_MS))).toEqual(known(ago(DAY_MS)));
    expect(born(aSnapshot("daily", 3 * DAY_MS), aSnapshot("daily", 2 * DAY_MS))).toEqual(known(ago(3 * DAY_MS)));
  });

  test("is not known with a snapshot without a date, nor of a cluster that is not there or cannot be read", () => {
    expect(born(aSnapshot("daily", HOUR_MS), aSnapshot("daily", 0, { createdAt: GONE }))).toMatchObject({
      known: false,
      reason: { message: "how old the cluster is cannot be read: a snapshot could be older" },
    });
    expect(birth(facts({ cluster: null }))).toMatchObject({ known: false, reason: { kind: "not-found" } });
    expect(birth(facts({ cluster: GONE })).known).toBe(false);
    expect(birth(facts({ cluster: aCluster({ createdAt: ago(-HOUR_MS) }) })).known).toBe(false);
    expect(birth(facts({ snapshots: GONE }))).toEqual(known(new Date("2025-01-01T00:00:00Z")));
  });
});

test("a snapshot taken for several items, of a schedule that cannot be read, may be the daily; for one, it is its own", () => {
  const hourly = (...policyItemIds: readonly string[]) =>
    said(facts({ schedule: GONE, snapshots: [aSnapshot("hourly", HOUR_MS, { policyItemIds })] }), "snapshot-age");
  expect(hourly(ITEM_IDS.hourly, ITEM_IDS.daily)).toMatch(/^unknown/);
  expect(hourly(ITEM_IDS.hourly)).toMatch(/^fail/);
});

test("one frequency whose copies cannot be read is enough not to know", () => {
  const copies = [{ region: REGION, frequencies: ["daily" as const, "weekly" as const], oplogs: false }];
  const copySettings = [aCopySetting(), aCopySetting({ frequencies: GONE })];
  expect(said(facts({ database: { copies }, schedule: aSchedule({ copySettings }) }), "copies-configured")).toBe(
    `unknown: the copy settings for ${REGION} cannot be read`,
  );
});

describe("a snapshot that expires early", () => {
  const early = dailies(7, { expiresAt: ago(-HOUR_MS), policyItemIds: ["extra"] });
  const of = (given: Parameters<typeof facts>[0]) => said(facts({ snapshots: early, ...given }), "snapshot-expiry");
  const extra = anItem("daily", 1, { id: "extra" });

  test("is surplus only where another item is known to keep enough", () => {
    expect(of({ schedule: aSchedule({ items: [anItem("daily", 7), extra] }) })).not.toMatch(/^fail/);
    expect(of({ schedule: aSchedule({ items: [anItem("weekly", 30), extra] }) })).toMatch(/^fail/);
    expect(of({ schedule: aSchedule({ items: [anItem("daily", 7), anItem("weekly", 1, { id: "extra" })] }) })).toMatch(
      /^fail/,
    );
  });

  test("may be surplus where the schedule, or what it was taken for, cannot be read", () => {
    expect(of({ schedule: GONE })).toMatch(/^unknown/);
    const unlisted = dailies(7, { expiresAt: ago(-HOUR_MS), policyItemIds: GONE });
    expect(said(facts({ snapshots: unlisted }), "snapshot-expiry")).toMatch(/^unknown/);
  });
});

describe("a sharded snapshot", () => {
  const cluster = aCluster({ type: "SHARDED", shards: [{ zoneId: ZONE }, { zoneId: ZONE }] });
  const unit = (ageHours: number, shards: number | typeof GONE, given: Parameters<typeof aSnapshot>[2] = {}) =>
    aSnapshot("daily", ageHours * HOUR_MS, {
      members: shards === GONE ? GONE : members(...Array.from({ length: Number(shards) }, (_, n) => n)),
      ...given,
    });
  const complete = (
    snapshots: readonly Snapshot[],
    memberSnapshots: ReturnType<typeof known<readonly Snapshot[]>> | typeof GONE | null = null,
  ) => said(facts({ cluster, snapshots, memberSnapshots }), "shards-complete");
  const member = (id: string, status: "completed" | "failed" | typeof GONE) =>
    aSnapshot("daily", 8 * HOUR_MS, { id, status });

  test("that may not be completed leaves it open", () => {
    expect(complete([unit(8, 2), unit(32, 2)])).toMatch(/^pass/);
    expect(complete([unit(8, 2), unit(32, 2, { status: GONE })])).toMatch(/^unknown/);
    expect(said(facts({ cluster: aCluster({ type: GONE }), snapshots: [unit(8, 2)] }), "shards-complete")).toMatch(
      /^unknown/,
    );
  });

  test("is as good as its members, and nobody else's", () => {
    const units = [unit(8, 2)];
    expect(complete(units, known([member("member-0", "completed"), member("other", "failed")]))).toMatch(/^pass/);
    expect(complete(units, known([member("member-0", "completed"), member("member-1", "failed")]))).toMatch(/^fail/);
    expect(complete(units, known([member("member-0", GONE)]))).toMatch(/^unknown/);
    expect(complete(units, GONE)).toMatch(/^unknown/);
    expect(complete([unit(8, GONE)], known([]))).toMatch(/^unknown/);
  });

  test.each([
    ["the newest, of all shards", [unit(8, 2)], ["yes"]],
    ["the newest, of too few", [unit(8, 1)], ["no"]],
    ["the newest, of too many", [unit(8, 3)], ["no"]],
    ["an older one, of as many as there were", [unit(8, 2), unit(32, 1), unit(56, 1)], ["yes", "yes", "yes"]],
    ["an older one, of more than today", [unit(8, 2), unit(32, 3)], ["yes", "yes"]],
    ["an older one, of fewer than before", [unit(8, 2), unit(32, 1), unit(56, 2)], ["yes", "no", "yes"]],
    ["the oldest, of fewer than the next", [unit(8, 2), unit(32, 2), unit(56, 1)], ["yes", "yes", "no"]],
    ["the newest but for one that failed", [unit(8, 2, { status: "failed" }), unit(32, 1)], ["yes", "no"]],
    ["maybe the newest, of all shards", [unit(8, 2, { status: GONE }), unit(32, 2)], ["yes", "yes"]],
    ["maybe the newest, of more than today", [unit(8, 2, { status: GONE }), unit(32, 3)], ["yes", "maybe"]],
    [
      "beside one without a date",
      [unit(8, 2), unit(32, 1), unit(0, 2, { createdAt: GONE })],
      ["yes", "maybe", "maybe"],
    ],
    ["beside one that cannot be counted", [unit(8, 2), unit(32, 1), unit(56, GONE)], ["yes", "maybe", "maybe"]],
  ] as const)("is whole: %s", (_, snapshots, expected) => {
    const whole = wholeUnit(snapshots, known("SHARDED"), known([{ zoneId: ZONE }, { zoneId: ZONE }]));
    expect(snapshots.map(whole)).toEqual(expected);
  });

  test("is whole in a replica set, and maybe where the cluster cannot be read", () => {
    const [snapshot] = [unit(8, 2)];
    expect(wholeUnit([snapshot], known("REPLICASET"), GONE)(snapshot)).toBe("yes");
    expect(wholeUnit([snapshot], GONE, known([{ zoneId: ZONE }]))(snapshot)).toBe("maybe");
    expect(wholeUnit([snapshot], known("SHARDED"), GONE)(snapshot)).toBe("maybe");
    expect(wholeUnit([], known("SHARDED"), known([{ zoneId: ZONE }]))(snapshot)).toBe("maybe");
  });
});

test("copies by number are judged by the densest item and the frequency's own retention", () => {
  const of = (lastNumberOfSnapshots: number) =>
    said(
      facts({
        database: {
          snapshots: [entry("hourly", "1d"), entry("daily", "7d")],
          copies: [{ region: REGION, frequencies: ["daily"], oplogs: false }],
        },
        schedule: aSchedule({ copySettings: [aCopySetting({ frequencies: [], lastNumberOfSnapshots })] }),
      }),
      "copies-configured",
    );
  expect(of(28)).toMatch(/^pass/);
  expect(of(27)).toMatch(/^fail/);
});
