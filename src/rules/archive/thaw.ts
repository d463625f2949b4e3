/**
 * How long a thaw takes and what it costs, said before anything is asked for. Times are those that S3 calls typical:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, warn } from "../../core/verdict.ts";
import type { Policy } from "../../policy/schema.ts";
import type { StorageClass, ThawTier } from "../../ports/s3.ts";

export interface ThawOrder {
  readonly storageClass: StorageClass;
  readonly tier: ThawTier;
  /** How long the readable copies stay. */
  readonly days: number;
  readonly objects: number;
  /** Of all objects together. */
  readonly sizeBytes: number;
  readonly market: Market;
}

/** Where a thaw is paid for. */
export interface Market {
  /** Of the bucket. */
  readonly region: string;
  /** The policy's own price list; absent: the one of litally-ops counts, where it has one. */
  readonly thawPrices?: NonNullable<Policy["aws"]>["thawPrices"];
}

/** `at-hand`: such objects are readable as they are. `refused`: S3 has no such tier for the class. */
export type ThawForecast =
  | { readonly kind: "at-hand" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "thaws"; readonly leastMs: number; readonly mostMs: number; readonly cost: ThawCost | null };

/** In US dollars, without taxes, discounts and what it costs to take data out of the region. */
export interface ThawCost {
  readonly retrievalUsd: number;
  readonly requestsUsd: number;
  /** The readable copies, for as long as they stay. */
  readonly copiesUsd: number;
  readonly totalUsd: number;
  /** The day of the price list. */
  readonly asOf: string;
}

export function thawForecast(order: ThawOrder): ThawForecast {
  const { storageClass, tier } = order;
  switch (storageClass) {
    case "STANDARD":
    case "STANDARD_IA":
    case "GLACIER_IR":
      return { kind: "at-hand" };
    case "DEEP_ARCHIVE":
      if (tier === "expedited")
        return {
          kind: "refused",
          message: "S3 thaws nothing of DEEP_ARCHIVE in the tier expedited: take standard or bulk",
        };
      return { kind: "thaws", leastMs: 0, mostMs: DEEP_MS[tier], cost: thawCost(order) };
    case "GLACIER": {
      const [leastMs, mostMs] = FLEXIBLE_MS[tier];
      return { kind: "thaws", leastMs, mostMs, cost: thawCost(order) };
    }
  }
}

/** Against `--max-cost`; null: nobody set one. A cost that is not known is within no limit, and refused like one beyond it. */
export function judgeCost(order: ThawOrder, cost: ThawCost | null, maxUsd: number | null): Verdict {
  if (cost === null) {
    const words = `the cost is not known: there are no prices here for ${order.market.region}: write them under aws.thawPrices in the policy, from https://aws.amazon.com/s3/pricing/`;
    return maxUsd === null ? warn(words) : fail(words, { expectedUsd: maxUsd });
  }
  const words = `${formatUsd(cost.totalUsd)} by the prices of ${cost.asOf}`;
  if (maxUsd === null) return pass(words, { actualUsd: cost.totalUsd });
  const evidence = { expectedUsd: maxUsd, actualUsd: cost.totalUsd };
  return cost.totalUsd <= maxUsd ? pass(words, evidence) : fail(`${words}, more than ${formatUsd(maxUsd)}`, evidence);
}

/** Up to the next cent. */
export function formatUsd(usd: number): string {
  return `$${(Math.ceil(usd * 100 - ROUNDING) / 100).toFixed(2)}`;
}

/** What sums of decimal fractions are wrong by at most, in cents. */
const ROUNDING = 1e-9;

const FLEXIBLE_MS = {
  expedited: [MINUTE_MS, 5 * MINUTE_MS],
  standard: [3 * HOUR_MS, 5 * HOUR_MS],
  bulk: [5 * HOUR_MS, 12 * HOUR_MS],
} as const satisfies Record<ThawTier, readonly [number, number]>;

const DEEP_MS = { standard: 12 * HOUR_MS, bulk: 48 * HOUR_MS } as const satisfies Record<
  Exclude<ThawTier, "expedited">,
  number
>;

/** Up to the first byte of a class, in the cheapest tier, at the longest; 0: it is at hand; null: nobody here knows the class. */
export function slowestThawMs(storageClass: string): number | null {
  if (storageClass === "GLACIER") return FLEXIBLE_MS.bulk[1];
  if (storageClass === "DEEP_ARCHIVE") return DEEP_MS.bulk;
  return AT_HAND.has(storageClass) ? 0 : null;
}

const AT_HAND: ReadonlySet<string> = new Set(["STANDARD", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"]);

/** As AWS counts them: powers of 1024. */
const GB_BYTES = 1024 ** 3;
const MONTH_MS = 30 * DAY_MS;

function thawCost({ storageClass, tier, days, objects, sizeBytes, market }: ThawOrder): ThawCost | null {
  const list = market.thawPrices === undefined ? PRICES[market.region] : listOf(market.thawPrices);
  const price = list?.retrieval[`${storageClass} ${tier}`];
  if (list === undefined || price === undefined) return null;
  const gb = sizeBytes / GB_BYTES;
  const retrievalUsd = gb * price.perGb;
  const requestsUsd = (objects / 1000) * price.per1000;
  const copiesUsd = (gb * list.copyPerGbMonth * days * DAY_MS) / MONTH_MS;
  return { retrievalUsd, requestsUsd, copiesUsd, totalUsd: retrievalUsd + requestsUsd + copiesUsd, asOf: list.asOf };
}

function listOf({ asOf, copyPerGbMonth, retrieval }: NonNullable<Market["thawPrices"]>): PriceList {
  const priced = retrieval.map(({ storageClass, tier, perGb, per1000 }) => [
    `${storageClass} ${tier}`,
    { perGb, per1000 },
  ]);
  return { asOf, copyPerGbMonth, retrieval: Object.fromEntries(priced) };
}

interface PriceList {
  readonly asOf: string;
  readonly copyPerGbMonth: number;
  readonly retrieval: Readonly<Record<string, { readonly perGb: number; readonly per1000: number }>>;
}

/**
 * In US dollars, by region, each list with its day. A region stands here only where its prices could be looked up: a guess
 * would be worse than none.
 *
 * https://aws.amazon.com/s3/pricing/
 * https://repost.aws/knowledge-center/s3-manage-data-retrieval
 */
const PRICES: Readonly<Record<string, PriceList>> = {
  "us-east-1": {
    asOf: "2026-11-23",
    copyPerGbMonth: 0.023,
    retrieval: {
      "GLACIER expedited": { perGb: 0.03, per1000: 10 },
      "GLACIER standard": { perGb: 0.01, per1000: 0.05 },
      "GLACIER bulk": { perGb: 0, per1000: 0 },
      "DEEP_ARCHIVE standard": { perGb: 0.02, per1000: 0.1 },
      "DEEP_ARCHIVE bulk": { perGb: 0.0025, per1000: 0.025 },
    },
  },
};
