import { describe, expect, test } from "vitest";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import { type DrillFacts, judgeDrill, measuredRpoMs } from "../../../src/rules/drill/objectives.ts";

const MINUTE = 60_000;
const ASKED = new Date("2026-11-22T02:00:00Z");
const at = (ms: number) => new Date(ASKED.getTime() - ms);
const GONE = notKnown(new OpsError("unavailable", "no answer"));

/** The newest of one collection or of several, so long before the instant; null: no document tells. */
type Ago = number | null | Readonly<Record<string, number | null>>;
const each = (ago: Ago): readonly (readonly [string, Date | null])[] =>
  Object.entries(ago !== null && typeof ago === "object" ? ago : { "ledger.entries": ago }).map(([name, ms]) => [
    name,
    ms === null ? null : at(ms),
  ]);
const restored = (ago: Ago, latest: number | null = null): Pick<DrillFacts, "restored"> => ({
  restored: known(
    new Map(
      each(ago).map(([name, newestAt]) => [name, { newestAt, latestAt: latest === null ? newestAt : at(latest) }]),
    ),
  ),
});
const atSource = (ago: Ago): Pick<DrillFacts, "atSource"> => ({ atSource: known(new Map(each(ago))) });

const OBJECTIVES = { rto: { value: 4, unit: "h" }, rpo: { value: 10, unit: "m" } } as const;
type Given = Partial<Omit<DrillFacts, "objectives">> & { readonly objectives?: typeof OBJECTIVES | "none" };

function facts({ objectives = OBJECTIVES, ...change }: Given = {}): DrillFacts {
  return {
    ...(objectives === "none" ? {} : { objectives }),
    tookMs: 42 * MINUTE,
    isVerified: true,
    askedAt: ASKED,
    ...restored(MINUTE),
    atSource: GONE,
    ...change,
  };
}

const said = (given: DrillFacts) =>
  judgeDrill(given, "cluster/x").map(({ check, status, message }) => `${check} ${status}: ${message}`);
const of = (check: string, given: DrillFacts) => said(given).find((line) => line.startsWith(check)) ?? "";

describe("the time it took", () => {
  test.each([
    [4 * 60 * MINUTE, "pass"],
    [4 * 60 * MINUTE + 1, "fail"],
  ])("%d ms against 4 h is %s", (tookMs, status) => {
    expect(of("drill/rto", facts({ tookMs }))).toContain(`drill/rto ${status}:`);
  });

  test("without an objective it is told, and no more", () => {
    expect(of("drill/rto", facts({ objectives: "none", tookMs: 99 * 60 * MINUTE }))).toMatch(
      /pass: .*names no objective/,
    );
  });

  test("of data that nobody looked at it ends with the restore", () => {
    expect(of("drill/rto", facts({ isVerified: false }))).toContain("to the end of the restore");
    expect(said(facts({ isVerified: false })).map((line) => line.split(":")[0])).toEqual([
      "drill/verified warn",
      "drill/rto pass",
    ]);
  });
});

describe("how near the data reaches", () => {
  const TEN = 10 * MINUTE;
  test.each<[string, Given, RegExp]>([
    ["at the limit", restored(TEN), /^drill\/rpo pass: .*within 10 m/],
    ["a millisecond beyond it, the source unknown", restored(TEN + 1), /unknown: .*quiet or data is lost/],
    [
      "beyond it, the source as quiet",
      { ...restored(60 * MINUTE), ...atSource(50 * MINUTE) },
      /pass: nothing was written/,
    ],
    [
      "beyond it, the source a ms too new",
      { ...restored(60 * MINUTE), ...atSource(50 * MINUTE - 1) },
      /fail: ledger\.entries holds nothing after .*; the source holds documents/,
    ],
    [
      "beyond it, the source tells nothing",
      { ...restored(60 * MINUTE), ...atSource(null) },
      /unknown: .*not tell either/,
    ],
    ["no document tells", restored(null), /unknown: no document tells/],
    ["no collection is there", restored({}), /unknown: no document tells/],
    ["no document tells, nor at the source", { ...restored(null), ...atSource(null) }, /unknown: no document tells/],
    ["no document tells, and the source does", { ...restored(null), ...atSource(0) }, /fail: .*no document that tells/],
    ["no document tells, and no objective", { ...restored(null), objectives: "none" }, /pass: no document tells/],
    ["cannot be read", { restored: GONE }, /unknown: could not find out: no answer/],
    ["cannot be read, and no objective", { restored: GONE, objectives: "none" }, /unknown/],
  ])("%s", (_, change, expected) => {
    expect(of("drill/rpo", facts(change))).toMatch(expected);
  });

  const LIVELY = { "a.lively": MINUTE, "b.stale": 60 * MINUTE, "c.worse": 90 * MINUTE };
  test.each<[string, Given, RegExp, number | null]>([
    ["has lost most", atSource({ ...LIVELY, "b.stale": 0, "c.worse": 0 }), /fail: c\.worse holds/, 90 * MINUTE],
    ["has lost as much as is allowed", atSource({ ...LIVELY, "b.stale": 50 * MINUTE }), /pass/, 10 * MINUTE],
    ["has lost a ms more", atSource({ ...LIVELY, "b.stale": 50 * MINUTE - 1 }), /fail: b\.stale/, 10 * MINUTE + 1],
    ["was quiet", atSource(LIVELY), /pass: the newest document/, MINUTE],
    ["is newer than the source's, of which some were deleted", atSource({ "a.lively": 5 * MINUTE }), /pass/, MINUTE],
    ["is missing", atSource({ ...LIVELY, "d.gone": 99 * MINUTE }), /fail: d\.gone holds no document/, null],
    ["does not tell at the source", atSource({ ...LIVELY, "d.gone": null }), /pass/, MINUTE],
  ])("one collection %s, and the worst decides", (_, change, expected, rpoMs) => {
    const given = facts({ ...restored(LIVELY), ...change });
    expect(of("drill/rpo", given)).toMatch(expected);
    expect(measuredRpoMs(given)).toBe(rpoMs);
  });

  test.each<[string, number | null, RegExp]>([
    ["none tells", null, /pass: nothing is/],
    ["within the tolerance of clocks", -2 * MINUTE, /pass: nothing is/],
    ["beyond it", -2 * MINUTE - 1, /warn: a document is of .* after it$/],
  ])("a document after the instant is told, and hides no loss: %s", (_, latest, expected) => {
    const given = facts({ ...restored(60 * MINUTE, latest), ...atSource(0) });
    expect(of("drill/nothing-newer", given)).toMatch(expected);
    expect(of("drill/rpo", given)).toMatch(/fail: .*the source holds documents/);
    expect(measuredRpoMs(given)).toBe(60 * MINUTE);
  });

  test("what cannot be read is not known to be no younger", () => {
    expect(of("drill/nothing-newer", facts({ restored: GONE }))).toMatch(/unknown/);
  });

  test("is measured from the instant to the newest document", () => {
    expect(measuredRpoMs(facts(restored(5)))).toBe(5);
    expect(measuredRpoMs(facts(restored(null)))).toBeNull();
    expect(measuredRpoMs(facts({ restored: GONE }))).toBeNull();
  });
});
