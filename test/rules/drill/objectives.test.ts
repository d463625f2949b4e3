import { describe, expect, test } from "vitest";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown } from "../../../src/core/observed.ts";
import { type DrillFacts, judgeDrill, measuredRpoMs } from "../../../src/rules/drill/objectives.ts";

const MINUTE = 60_000;
const ASKED = new Date("2026-11-22T02:00:00Z");
const earlier = (ms: number) => known(new Date(ASKED.getTime() - ms));
const GONE = notKnown(new OpsError("unavailable", "no answer"));

const OBJECTIVES = { rto: { value: 4, unit: "h" }, rpo: { value: 10, unit: "m" } } as const;
type Given = Partial<Omit<DrillFacts, "objectives">> & { readonly objectives?: typeof OBJECTIVES | "none" };

function facts({ objectives = OBJECTIVES, ...change }: Given = {}): DrillFacts {
  return {
    ...(objectives === "none" ? {} : { objectives }),
    tookMs: 42 * MINUTE,
    isVerified: true,
    askedAt: ASKED,
    newestAt: earlier(MINUTE),
    latestAt: earlier(MINUTE),
    sourceNewestAt: GONE,
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
    ["at the limit", { newestAt: earlier(TEN) }, /^drill\/rpo pass: .*within 10 m/],
    ["a millisecond beyond it, the source unknown", { newestAt: earlier(TEN + 1) }, /unknown: .*quiet or data is lost/],
    [
      "beyond it, the source as quiet",
      { newestAt: earlier(60 * MINUTE), sourceNewestAt: earlier(50 * MINUTE) },
      /pass: nothing was written/,
    ],
    [
      "beyond it, the source a ms too new",
      { newestAt: earlier(60 * MINUTE), sourceNewestAt: earlier(50 * MINUTE - 1) },
      /fail: .*the source holds documents/,
    ],
    [
      "beyond it, the source tells nothing",
      { newestAt: earlier(60 * MINUTE), sourceNewestAt: known(null) },
      /unknown: .*does not tell either/,
    ],
    ["no document tells", { newestAt: known(null) }, /unknown: no document tells/],
    ["no document tells, and no objective", { newestAt: known(null), objectives: "none" }, /pass: no document tells/],
    ["cannot be read", { newestAt: GONE }, /unknown: could not find out: no answer/],
    ["cannot be read, and no objective", { newestAt: GONE, objectives: "none" }, /unknown/],
  ])("%s", (_, change, expected) => {
    expect(of("drill/rpo", facts(change))).toMatch(expected);
  });

  test.each<[string, DrillFacts["latestAt"], RegExp]>([
    ["none tells", known(null), /pass: nothing is/],
    ["within the tolerance of clocks", earlier(-2 * MINUTE), /pass: nothing is/],
    ["beyond it", earlier(-2 * MINUTE - 1), /warn: a document is of .* after it$/],
    ["cannot be read", GONE, /unknown/],
  ])("a document after the instant is told, and hides no loss: %s", (_, latestAt, expected) => {
    const given = facts({ latestAt, newestAt: earlier(60 * MINUTE), sourceNewestAt: earlier(0) });
    expect(of("drill/nothing-newer", given)).toMatch(expected);
    expect(of("drill/rpo", given)).toMatch(/fail: .*the source holds documents/);
    expect(measuredRpoMs(given)).toBe(60 * MINUTE);
  });

  test("is measured from the instant to the newest document", () => {
    expect(measuredRpoMs(facts({ newestAt: earlier(5) }))).toBe(5);
    expect(measuredRpoMs(facts({ newestAt: known(null) }))).toBeNull();
    expect(measuredRpoMs(facts({ newestAt: GONE }))).toBeNull();
  });
});
