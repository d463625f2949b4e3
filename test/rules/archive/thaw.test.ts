/** What a thaw takes and costs, by class, tier, size and days; what is not known is not guessed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { formatUsd, judgeCost, type ThawOrder, thawForecast } from "../../../src/rules/archive/thaw.ts";

const GB = 1024 ** 3;

function anOrder(given: Partial<ThawOrder> = {}): ThawOrder {
  return {
    storageClass: "DEEP_ARCHIVE",
    tier: "bulk",
    days: 7,
    objects: 1,
    sizeBytes: 100 * GB,
    market: { region: "us-east-1" },
    ...given,
  };
}

function cost(given: Partial<ThawOrder> = {}) {
  const forecast = thawForecast(anOrder(given));
  return forecast.kind === "thaws" ? forecast.cost : null;
}

test.each([
  ["GLACIER", "expedited", MINUTE_MS, 5 * MINUTE_MS],
  ["GLACIER", "standard", 3 * HOUR_MS, 5 * HOUR_MS],
  ["GLACIER", "bulk", 5 * HOUR_MS, 12 * HOUR_MS],
  ["DEEP_ARCHIVE", "standard", 0, 12 * HOUR_MS],
  ["DEEP_ARCHIVE", "bulk", 0, 48 * HOUR_MS],
] as const)("%s in the tier %s takes %i to %i ms", (storageClass, tier, leastMs, mostMs) =>
  expect(thawForecast(anOrder({ storageClass, tier }))).toMatchObject({ kind: "thaws", leastMs, mostMs }),
);

test("nothing of DEEP_ARCHIVE is expedited", () =>
  expect(thawForecast(anOrder({ tier: "expedited" }))).toEqual({
    kind: "refused",
    message: "S3 thaws nothing of DEEP_ARCHIVE in the tier expedited: take standard or bulk",
  }));

test.each(["STANDARD", "STANDARD_IA", "GLACIER_IR"] as const)("%s is at hand", (storageClass) =>
  expect(thawForecast(anOrder({ storageClass }))).toEqual({ kind: "at-hand" }),
);

describe("the cost", () => {
  test.each([
    ["DEEP_ARCHIVE", "bulk", 0.25, 0.000025],
    ["DEEP_ARCHIVE", "standard", 2, 0.0001],
    ["GLACIER", "bulk", 0, 0],
    ["GLACIER", "standard", 1, 0.00005],
    ["GLACIER", "expedited", 3, 0.01],
  ] as const)("of 100 GB in one object of %s, %s", (storageClass, tier, retrievalUsd, requestsUsd) => {
    const found = cost({ storageClass, tier, days: 30 });
    expect(found?.retrievalUsd).toBeCloseTo(retrievalUsd, 10);
    expect(found?.requestsUsd).toBeCloseTo(requestsUsd, 10);
    expect(found?.copiesUsd).toBeCloseTo(2.3, 10);
    expect(found?.totalUsd).toBeCloseTo(retrievalUsd + requestsUsd + 2.3, 10);
    expect(found?.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test("is what AWS itself reckons for 100 TB in 15 million objects", () => {
    const found = cost({ storageClass: "GLACIER", tier: "standard", objects: 15_000_000, sizeBytes: 102_400 * GB });
    expect([found?.requestsUsd, found?.retrievalUsd]).toEqual([expect.closeTo(750, 6), expect.closeTo(1024, 6)]);
  });

  test("is not known elsewhere", () => {
    expect(cost({ market: { region: "ap-south-1" } })).toBeNull();
    expect(cost({ market: { region: "" } })).toBeNull();
  });

  test("goes by the policy's own list where there is one, and by that alone", () => {
    const own = (tier: "bulk" | "standard") => ({
      asOf: "2026-11-01",
      copyPerGbMonth: 0.03,
      retrieval: [{ storageClass: "DEEP_ARCHIVE" as const, tier, perGb: 0.5, per1000: 2 }],
    });
    const given = { days: 30, objects: 1000, sizeBytes: 10 * GB };
    for (const region of ["ap-south-1", "us-east-1"])
      expect(cost({ ...given, market: { region, thawPrices: own("bulk") } })).toEqual({
        retrievalUsd: 5,
        requestsUsd: 2,
        copiesUsd: expect.closeTo(0.3, 9),
        totalUsd: expect.closeTo(7.3, 9),
        asOf: "2026-11-01",
      });
    expect(cost({ ...given, market: { region: "us-east-1", thawPrices: own("standard") } })).toBeNull();
  });

  test("grows with size, days and objects, and is never negative", () => {
    const sizes = fc.nat(1e13);
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 365 }), fc.nat(1e5), (sizeBytes, days, objects) => {
        const total = (given: Partial<ThawOrder>) =>
          cost({ sizeBytes, days, objects, ...given })?.totalUsd ?? Number.NaN;
        expect(total({})).toBeGreaterThanOrEqual(0);
        expect(total({ sizeBytes: sizeBytes + GB })).toBeGreaterThan(total({}));
        expect(total({ days: days + 1 })).toBeGreaterThanOrEqual(total({}));
        expect(total({ objects: objects + 1000 })).toBeGreaterThan(total({}));
      }),
    );
  });
});

describe("against --max-cost", () => {
  const judged = (maxUsd: number | null, given: Partial<ThawOrder> = {}) => {
    const { status, message } = judgeCost(anOrder(given), cost(given), maxUsd);
    return `${status}: ${message}`;
  };
  const total = cost()?.totalUsd ?? 0;

  test("it is within it or not, to the last fraction", () => {
    expect(judged(null)).toMatch(/^pass: \$0\.79 by the prices of /);
    expect(judged(total)).toMatch(/^pass/);
    expect(judged(total - 1e-6)).toMatch(/^fail: \$0\.79 by the prices of .*, more than \$0\.79$/);
    expect(judged(0.5)).toMatch(/, more than \$0\.50$/);
  });

  test("it is within none where it is not known", () => {
    expect(judged(1000, { market: { region: "ap-south-1" } })).toMatch(
      /^fail: the cost is not known: there are no prices here for ap-south-1/,
    );
    expect(judged(null, { market: { region: "ap-south-1" } })).toMatch(/^warn: the cost is not known/);
  });
});

test.each([
  [0, "$0.00"],
  [0.001, "$0.01"],
  [0.1 + 0.2, "$0.30"],
  [12.3401, "$12.35"],
  [1774, "$1774.00"],
])("%f is shown as %s", (usd, text) => expect(formatUsd(usd)).toBe(text));
