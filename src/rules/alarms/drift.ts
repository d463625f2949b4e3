/** Which of two settings tells more: the live one of an alarm, or the one that the policy wants. */
import type { AlarmSettings, Comparison, MissingData } from "../../ports/cloudwatch.ts";

/** `looser`: the live alarm fires, or tells, in fewer cases than the policy wants. `stricter`: in more. */
export type Drift = "looser" | "stricter" | "different";

/** Of two that are not the same. */
export function driftOf(liveImpliesWanted: boolean, wantedImpliesLive: boolean): Drift {
  if (liveImpliesWanted === wantedImpliesLive) return "different";
  return liveImpliesWanted ? "looser" : "stricter";
}

export interface Limit {
  readonly comparison: Exclude<Comparison, "other">;
  readonly threshold: number;
}

/** undefined: a band, which is no limit. */
export function limitOf({ comparison, threshold }: Pick<AlarmSettings, "comparison" | "threshold">): Limit | undefined {
  return comparison === "other" || threshold === null ? undefined : { comparison, threshold };
}

const DIRECTIONS = {
  GreaterThanThreshold: { isRising: true, isIncluded: false },
  GreaterThanOrEqualToThreshold: { isRising: true, isIncluded: true },
  LessThanThreshold: { isRising: false, isIncluded: false },
  LessThanOrEqualToThreshold: { isRising: false, isIncluded: true },
} as const satisfies Record<Limit["comparison"], unknown>;

/** Whether every value that crosses the one limit crosses the other. */
export function crossesToo(one: Limit, other: Limit): boolean {
  const [a, b] = [DIRECTIONS[one.comparison], DIRECTIONS[other.comparison]];
  if (a.isRising !== b.isRising) return false;
  const beyond = a.isRising ? one.threshold - other.threshold : other.threshold - one.threshold;
  return beyond > 0 || (beyond === 0 && (b.isIncluded || !a.isIncluded));
}

export function crosses(value: number, limit: Limit): boolean {
  const { isRising, isIncluded } = DIRECTIONS[limit.comparison];
  if (value === limit.threshold) return isIncluded;
  return isRising ? value > limit.threshold : value < limit.threshold;
}

/** m of the last n datapoints. */
export interface Window {
  readonly m: number;
  readonly n: number;
}

/** Whether the one is never so without the other: of m datapoints in a window, those may be missing that lie before the shorter one. */
export function windowImplies(one: Window, other: Window): boolean {
  if (one.m > one.n) return true; // it never is
  return other.m <= one.m - Math.max(0, one.n - other.n);
}

export function missingDataDrift(wanted: MissingData, live: MissingData): Drift {
  return driftOf(wanted === "breaching", live === "breaching");
}

/** By how the value of the one stands to that of the other over any period, and which values fire. */
export function statisticDrift(wanted: string, live: string, { comparison }: Limit): Drift {
  const isHigher = isNeverBelow(live, wanted);
  const isLower = isNeverBelow(wanted, live);
  return DIRECTIONS[comparison].isRising ? driftOf(isLower, isHigher) : driftOf(isHigher, isLower);
}

function isNeverBelow(high: string, low: string): boolean {
  const [above, below] = [rankOf(high), rankOf(low)];
  if (above !== undefined && below !== undefined) return above >= below;
  if (high === "Average") return below === 0;
  return low === "Average" && above === 100;
}

/** As a percentile, of those that are one; the minimum is below and the maximum above them all. */
function rankOf(statistic: string): number | undefined {
  if (statistic === "Minimum") return 0;
  if (statistic === "Maximum") return 100;
  return /^p\d/.test(statistic) ? Number(statistic.slice(1)) : undefined;
}

/** p99 and p99.0 are one statistic. */
export function plainStatistic(statistic: string): string {
  return statistic.replace(/\d+(?:\.\d+)?$/, (number) => String(Number(number)));
}
