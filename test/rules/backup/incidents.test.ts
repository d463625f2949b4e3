import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import { aSnapshot, dailies, entry, facts, findings, GONE, ITEM_IDS, said } from "../build.ts";

describe("a failed snapshot", () => {
  const id = "snapshot-failed";
  const among = (...snapshots: readonly Snapshot[]) => facts({ snapshots });
  const failed = (frequency: "hourly" | "daily" | "weekly", ageMs: number) =>
    aSnapshot(frequency, ageMs, { status: "failed" });
  const onDemand = { kind: "onDemand", frequency: null, policyItemIds: [] } as const;

  test("that there is none of passes", () => {
    expect(said(facts(), id)).toBe("pass: no snapshot failed");
    expect(said(among(...dailies(1)), id)).toBe("pass: no snapshot failed");
  });

  test("after the newest success fails, and is named", () => {
    const [finding] = findings(among(failed("daily", HOUR_MS), ...dailies(7)), id);
    expect(finding).toMatchObject({
      status: "fail",
      message: "1 snapshot failed since the newest success: daily-1h",
      evidence: { expected: "none", actual: ["daily-1h (daily, 2026-11-22T01:00:00.000Z)"] },
    });
  });

  test("of which there are many: three are named", () => {
    const many = [1, 2, 3, 4].map((hours) => failed("daily", hours * HOUR_MS));
    expect(said(among(...many), id)).toBe(
      "fail: 4 snapshots failed since the newest success: daily-4h, daily-3h, daily-2h and 1 more",
    );
  });

  test("before the newest success is named, and passes", () => {
    expect(said(among(failed("daily", 9 * HOUR_MS), ...dailies(7)), id)).toBe(
      "pass: 1 failed and was followed by a success: daily-9h",
    );
    expect(said(among(failed("daily", 8 * HOUR_MS), ...dailies(7)), id), "at the same instant").toMatch(/^fail/);
  });

  test("is answered by a later one that serves as the same: rarer, or taken for its item", () => {
    expect(said(among(failed("daily", 9 * HOUR_MS), aSnapshot("weekly", 8 * HOUR_MS)), id)).toMatch(/^pass/);
    const coalesced = aSnapshot("hourly", 8 * HOUR_MS, { policyItemIds: [ITEM_IDS.hourly, ITEM_IDS.daily] });
    expect(said(among(failed("daily", 9 * HOUR_MS), coalesced), id)).toMatch(/^pass/);
  });

  test.each([
    ["a later hourly one", aSnapshot("hourly", 8 * HOUR_MS)],
    ["a later one on demand", aSnapshot("daily", 8 * HOUR_MS, onDemand)],
    ["a later fallback", aSnapshot("daily", 8 * HOUR_MS, { kind: "fallback" })],
    ["a later one in progress", aSnapshot("daily", 8 * HOUR_MS, { status: "inProgress" })],
  ])("is not answered by %s", (_, later) => {
    expect(said(among(failed("daily", 9 * HOUR_MS), later), id)).toMatch(/^fail/);
  });

  test("taken for several items is owed for each: its label does not hide the daily", () => {
    const monthly = aSnapshot("monthly", 9 * HOUR_MS, {
      status: "failed",
      policyItemIds: [ITEM_IDS.daily, ITEM_IDS.monthly],
    });
    expect(said(among(monthly), id)).toMatch(/^fail/);
    expect(said(among(monthly, aSnapshot("daily", 8 * HOUR_MS)), id)).toMatch(/^pass/);
    const both = facts({
      database: { snapshots: [entry("daily", "7d"), entry("monthly", "12mo")] },
      snapshots: [monthly, aSnapshot("daily", 8 * HOUR_MS)],
    });
    expect(said(both, id)).toMatch(/^fail/);
  });

  test("that the policy does not count on is a warning until a success of its own frequency follows", () => {
    expect(said(among(failed("hourly", HOUR_MS), ...dailies(7)), id)).toBe(
      "warn: 1 snapshot outside the policy's schedule failed since the newest success: hourly-1h",
    );
    const byHand = aSnapshot("daily", HOUR_MS, { ...onDemand, status: "failed" });
    expect(said(among(byHand, ...dailies(7)), id)).toMatch(/^warn/);
    expect(findings(among(byHand), id)[0]?.evidence?.["actual"]).toEqual([
      "daily-1h (onDemand, 2026-11-22T01:00:00.000Z)",
    ]);
    expect(said(among(failed("hourly", 9 * HOUR_MS), ...dailies(7)), id), "dailies are no answer").toMatch(/^warn/);
    expect(said(among(failed("hourly", 9 * HOUR_MS), aSnapshot("hourly", 8 * HOUR_MS)), id)).toMatch(/^pass/);
    const coalesced = aSnapshot("daily", 8 * HOUR_MS, { policyItemIds: [ITEM_IDS.hourly, ITEM_IDS.daily] });
    expect(said(among(failed("hourly", 9 * HOUR_MS), coalesced), id), "taken for its item").toMatch(/^pass/);
    const older = aSnapshot("daily", 9 * HOUR_MS, { ...onDemand, status: "failed" });
    expect(said(among(older, ...dailies(7)), id), "on demand: by any").toMatch(/^pass/);
  });

  test.each([
    ["the failure's time", [aSnapshot("daily", 9 * HOUR_MS, { status: "failed", createdAt: GONE }), ...dailies(7)]],
    [
      "the failure's label",
      [aSnapshot("daily", 4 * HOUR_MS, { status: "failed", frequency: GONE, policyItemIds: [] }), ...dailies(7)],
    ],
    ["the success's status", [failed("daily", 9 * HOUR_MS), aSnapshot("daily", 8 * HOUR_MS, { status: GONE })]],
    ["the success's time", [failed("daily", 9 * HOUR_MS), aSnapshot("daily", 8 * HOUR_MS, { createdAt: GONE })]],
    ["some other status", [aSnapshot("daily", 30 * HOUR_MS, { status: GONE }), ...dailies(7)]],
  ])("is unknown where what cannot be read is %s", (_, snapshots) => {
    expect(said(among(...snapshots), id)).toMatch(/^unknown/);
  });

  test("that is plain is not hidden by what cannot be read", () => {
    expect(said(among(failed("daily", HOUR_MS), aSnapshot("daily", 30 * HOUR_MS, { status: GONE })), id)).toMatch(
      /^fail/,
    );
    expect(said(facts({ snapshots: GONE }), id)).toMatch(/^unknown/);
  });
});

describe("a snapshot in progress", () => {
  const id = "snapshot-in-progress";
  const running = (ageMs: number, given: Parameters<typeof aSnapshot>[2] = {}) =>
    aSnapshot("daily", ageMs, { status: "inProgress", ...given });

  test("that there is none of passes", () => {
    expect(said(facts(), id)).toBe("pass: no snapshot is in progress");
  });

  test.each(["queued", "inProgress"] as const)("(%s) may take the grace, and not a millisecond more", (status) => {
    const taking = (ageMs: number) => facts({ snapshots: [running(ageMs, { status, id: "s" }), ...dailies(7)] });
    expect(said(taking(2 * HOUR_MS), id)).toBe("pass: 1 snapshot in progress within the grace: late is not lost");
    expect(said(taking(2 * HOUR_MS + 1), id)).toBe("fail: 1 snapshot in progress for longer than the grace of 2 h: s");
  });

  test("is counted on demand too, and shown with its age", () => {
    const [finding] = findings(facts({ snapshots: [running(3 * DAY_MS, { kind: "onDemand" }), running(HOUR_MS)] }), id);
    expect(finding).toMatchObject({
      status: "fail",
      message: "1 snapshot in progress for longer than the grace of 2 h: daily-72h",
      evidence: { expected: "at most 2 h", actual: ["daily-72h: 3 d", "daily-1h: 1 h"] },
    });
  });

  test("since when cannot be read is unknown, and shown as such", () => {
    const [finding] = findings(facts({ snapshots: [running(HOUR_MS, { createdAt: GONE })] }), id);
    expect(finding).toMatchObject({
      status: "unknown",
      message: "since when daily-1h is in progress cannot be read",
      evidence: { actual: ["daily-1h: since when cannot be read"] },
    });
    expect(said(facts({ snapshots: [running(-DAY_MS)] }), id), "dated in the future").toMatch(/^unknown/);
    expect(said(facts({ snapshots: [running(HOUR_MS, { status: GONE })] }), id)).toBe(
      "unknown: the status of daily-1h cannot be read",
    );
    expect(said(facts({ snapshots: GONE }), id)).toMatch(/^unknown/);
  });
});
