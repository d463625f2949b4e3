/** The sentences of a policy as tiers, and over which time each of their periods is owed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatDuration } from "../../../src/core/duration.ts";
import { parsePolicy } from "../../../src/policy/load.ts";
import { isOwed, owedSlots, slotAt, slotName, tiersOf, wholeFromMs } from "../../../src/rules/retention/demand.ts";
import type { Tier } from "../../../src/rules/retention/model.ts";
import { aDatabase, duration, entry } from "../build.ts";
import { at, horizon, tier } from "./build.ts";

const LITALLY = join(import.meta.dirname, "../../../config/litally-ops.yaml");
const instants = (...ms: readonly number[]) => ms.map((one) => new Date(one).toISOString().slice(0, 16));

function stretches(one: Tier, from: string, until: string, born?: string): Record<string, readonly string[]> {
  const slots = [...owedSlots(one, horizon(from, until, born))];
  return Object.fromEntries(slots.map((slot) => [slotName(slot), instants(slot.owedFromMs, slot.owedUntilMs)]));
}

describe("tiers", () => {
  test("LiTally's policy, sentence by sentence, each with its line", () => {
    const text = readFileSync(LITALLY, "utf8");
    const { policy, lineOf } = parsePolicy(text, "policy.yaml", {}, ["databases", "archives"]);
    const [database] = policy.databases;
    if (database === undefined) throw new Error("LiTally has a database");
    const lines = text.split("\n");
    const tiers = tiersOf(policy, database, lineOf, 6).map(({ id, source, within, sinceMs, by }) => {
      const line = lines[Number(source?.split(":")[1]) - 1]?.split("#")[0]?.trim();
      return [id, by.kind, formatDuration(within), sinceMs === null ? null : instants(sinceMs)[0], line];
    });
    const since = "2026-01-01T00:00";
    expect(tiers).toEqual([
      ["snapshots daily retain 30d", "snapshot", "2h", null, "- { frequency: daily, retain: 30d }"],
      [
        "copies ap-southeast-1 daily",
        "copy",
        "2h",
        null,
        "- { region: ap-southeast-1, frequencies: [daily], oplogs: true }",
      ],
      ["archive financial monthly retain 5y", "archive", "5d", since, "- { frequency: monthly, retain: 5y }"],
      ["archive financial quarterly retain 5y", "archive", "5d", since, "- { frequency: quarterly, retain: 5y }"],
      ["archive financial yearly retain 5y", "archive", "5d", since, "- { frequency: yearly, retain: 5y }"],
    ]);
  });

  test("an hourly tier has the policy's interval, or else that of the live schedule", () => {
    const hourly = (every?: string) => {
      const database = aDatabase({ snapshots: [entry("hourly", "7d", every)] });
      return tiersOf({ databases: [database], archives: [] }, database, () => null, 8)[0]?.period;
    };
    expect(hourly()).toEqual({ kind: "hours", hours: 8 });
    expect(hourly("4h")).toEqual({ kind: "hours", hours: 4 });
  });

  test("what may be kept at most goes with the sentence that says so", () => {
    const [strict, loose] = [{ ...entry("daily", "7d"), atMost: duration("10d") }, entry("monthly", "1y")];
    const database = aDatabase({ snapshots: [strict, loose] });
    const tiers = tiersOf({ databases: [database], archives: [] }, database, () => null, 6);
    expect(tiers.map(({ atMost }) => atMost)).toEqual([duration("10d"), null]);
  });

  test("a copy is owed as long as the snapshots of its frequency, and for no other", () => {
    const database = aDatabase({
      snapshots: [entry("daily", "7d"), entry("monthly", "1y")],
      copies: [{ region: "eu-west-1", frequencies: ["monthly"], oplogs: false }],
    });
    const tiers = tiersOf({ databases: [database], archives: [] }, database, () => null, 6);
    expect(tiers.slice(2)).toMatchObject([
      { id: "copies eu-west-1 monthly", retain: duration("1y"), period: { kind: "month" } },
    ]);
  });
});

describe("slots", () => {
  test("a day is owed from its end and the grace on, until its retention is over", () => {
    expect(stretches(tier("day", "2d"), "2026-11-23T02:00Z", "2026-11-23T02:00:00.001Z")).toEqual({
      "2026-11-22": ["2026-11-23T02:00", "2026-11-24T00:00"],
    });
    expect(Object.keys(stretches(tier("day", "2d"), "2026-11-23T00:00Z", "2026-11-23T02:00Z"))).toEqual([]);
    expect(Object.keys(stretches(tier("day", "3d"), "2026-11-23T23:59Z", "2026-11-24T02:00Z"))).toEqual([
      "2026-11-21",
      "2026-11-22",
    ]);
  });

  test("a stretch that is over before it begins owes nothing", () => {
    expect(stretches(tier("day", "1d"), "2026-11-01", "2026-12-01")).toEqual({});
    expect(isOwed(slotAt(tier("day", "1d"), at("2026-11-01")), at("2020-01-01"))).toBe(false);
    expect(stretches(tier("month", "31d", { within: duration("2d") }), "2026-01-01", "2027-01-01")).toEqual({
      "2026-02": ["2026-03-03T00:00", "2026-03-04T00:00"],
    });
  });

  test.each([
    ["day 31 in a leap year", "2024-01-31", "1mo", "2024-02-29T00:00"],
    ["day 31 in another year", "2025-01-31", "1mo", "2025-02-28T00:00"],
    ["a leap day", "2024-02-29", "1y", "2025-02-28T00:00"],
    ["a leap day to the next", "2024-02-29", "4y", "2028-02-29T00:00"],
    ["over the end of the year", "2026-12-31", "2mo", "2027-02-28T00:00"],
    ["days, over a leap day", "2024-02-28", "2d", "2024-03-01T00:00"],
  ])("retention goes by the calendar: %s", (_, day, retain, until) => {
    expect(instants(slotAt(tier("day", retain), at(day)).owedUntilMs)).toEqual([until]);
  });

  test("nothing is owed for what began before the birth of the cluster", () => {
    const owed = (born: string) => Object.keys(stretches(tier("day", "5d"), "2026-11-23", "2026-11-24", born));
    expect(owed("2026-11-20T00:00:00.001Z")).toEqual(["2026-11-21", "2026-11-22"]);
    expect(owed("2026-11-20")).toEqual(["2026-11-20", "2026-11-21", "2026-11-22"]);
    expect(instants(wholeFromMs(tier("day", "5d"), at("2026-11-20")))).toEqual(["2026-11-25T00:00"]);
  });

  test("an archive fills what its month closes: from its due time on, for as long after the end as it is retained", () => {
    const archive = (kind: "month" | "quarter" | "year") =>
      tier(kind, "1y", { by: { kind: "archive" }, within: duration("5d"), sinceMs: at("2026-03-01") });
    expect(stretches(archive("quarter"), "2026-01-01", "2026-08-01")).toEqual({
      "2026-Q1": ["2026-04-06T00:00", "2027-04-01T00:00"],
      "2026-Q2": ["2026-07-06T00:00", "2027-07-01T00:00"],
    });
    expect(Object.keys(stretches(archive("month"), "2026-01-01", "2026-05-10"))).toEqual(["2026-03", "2026-04"]);
    expect([...owedSlots(archive("year"), horizon("2027-01-01", "2028-02-01"))].map(({ month }) => month)).toEqual([
      "2026-12",
      "2027-12",
    ]);
  });

  test("hours are counted from midnight", () => {
    expect(Object.keys(stretches(tier("hours", "1d"), "2026-11-23T01:00Z", "2026-11-23T02:00Z"))).toEqual([
      "2026-11-22T06",
      "2026-11-22T12",
    ]);
  });
});
