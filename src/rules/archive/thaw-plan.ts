/** What a thaw of an archive asks of S3, and what it takes: only for the objects that would not be readable long enough. */
import type { Detail } from "../../core/change.ts";
import type { Check } from "../../core/check.ts";
import { DAY_MS, formatSpan } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import { formatBytes } from "../../core/size.ts";
import { fail, pass } from "../../core/verdict.ts";
import type { StorageClass, ThawTier } from "../../ports/s3.ts";
import type { HeldObject, OneArchive } from "./one.ts";
import { type Readiness, readinessOf, statesTold } from "./readable.ts";
import {
  formatUsd,
  judgeCost,
  type Market,
  type ThawCost,
  type ThawForecast,
  type ThawOrder,
  thawForecast,
} from "./thaw.ts";

/** From the slowest to the fastest. */
export const THAW_TIERS = ["bulk", "standard", "expedited"] as const satisfies readonly ThawTier[];

interface ThawAsked {
  readonly tier: ThawTier;
  /** How long the readable copies stay. */
  readonly days: number;
  /** null: no limit was set. */
  readonly maxUsd: number | null;
  readonly market: Market;
}

export interface ThawFacts extends OneArchive {
  readonly asked: ThawAsked;
}

/** The objects that S3 is to be asked for. */
export function toThaw({ objects, observedAt, asked }: ThawFacts): readonly HeldObject[] {
  return objects.filter((held) => lacks(readinessOf(held, observedAt), asked, observedAt));
}

/** A copy that is there is only asked for again where it would go too soon: asking anew may also shorten its stay. */
function lacks(readiness: Readiness, { tier, days }: ThawAsked, now: Date): boolean {
  switch (readiness.state) {
    case "frozen":
      return true;
    case "thawing":
      return tier !== "bulk"; // nothing is slower: only another tier could hasten it
    case "readable":
      return readiness.until.getTime() < now.getTime() + days * DAY_MS;
    case "at-hand":
    case "missing":
    case "unknown":
      return false;
  }
}

const offered: Check<ThawFacts> = {
  id: "archive/thaw-tier",
  title: "S3 thaws the class in the tier",
  remedy: () => "take --tier standard or --tier bulk",
  judge: (facts) => {
    const { manifest, asked } = facts;
    if (!manifest.known || manifest.value === null) return [];
    const { forecast } = forecastOf(facts);
    if (forecast.kind === "refused") return fail(forecast.message);
    const words = { "at-hand": "there is nothing to be asked for", thaws: `the tier ${asked.tier}` } as const;
    return pass(words[forecast.kind]);
  },
};

const affordable: Check<ThawFacts> = {
  id: "archive/thaw-cost",
  title: "the cost is known, and within --max-cost",
  remedy: () => "raise --max-cost, or take a slower tier or fewer days",
  judge: (facts) => {
    const { forecast, order } = forecastOf(facts);
    if (forecast.kind !== "thaws") return [];
    const { maxUsd } = facts.asked;
    const verdict = judgeCost(order, forecast.cost, maxUsd);
    if (forecast.cost !== null) return verdict;
    return { ...verdict, remedy: maxUsd === null ? "look it up first" : "look it up, and leave --max-cost out" };
  },
};

/** What must hold before S3 is asked, beyond that the archive is there. */
export const THAW_CHECKS: readonly Check<ThawFacts>[] = [statesTold, offered, affordable];

/** What a person is to know before it is asked for, and after. */
export function thawDetails(facts: ThawFacts): readonly Detail[] {
  const { asked, observedAt } = facts;
  const { forecast, order } = forecastOf(facts);
  if (forecast.kind !== "thaws") return [];
  const { leastMs, mostMs, cost } = forecast;
  const after = (ms: number) => formatInstant(new Date(observedAt.getTime() + ms));
  const staysMs = asked.days * DAY_MS;
  return [
    { label: "objects", value: `${order.objects} of ${facts.objects.length}: ${classesOf(toThaw(facts))}` },
    {
      label: "readable",
      lasts: true,
      value:
        leastMs === 0
          ? `within ${formatSpan(mostMs)}: by ${after(mostMs)}`
          : `in ${formatSpan(leastMs)} to ${formatSpan(mostMs)}: ${after(leastMs)} to ${after(mostMs)}`,
    },
    {
      label: "copies",
      lasts: true,
      value: `each stays ${asked.days} days once it is there; none goes before ${after(leastMs + staysMs)}`,
    },
    { label: "cost", lasts: true, value: cost === null ? "not known" : costText(cost) },
  ];
}

function costText({ totalUsd, retrievalUsd, requestsUsd, copiesUsd, asOf }: ThawCost): string {
  return `at most ${formatUsd(totalUsd)} by the prices of ${asOf}: retrieval ${formatUsd(retrievalUsd)}, requests ${formatUsd(requestsUsd)}, copies ${formatUsd(copiesUsd)}`;
}

function classesOf(objects: readonly HeldObject[]): string {
  return [...byClass(objects)].map(([name, those]) => `${formatBytes(sizeOf(those))} of ${name}`).join(", ");
}

/** Over all classes that are among the objects: lifecycle rules may have moved some of them. */
function forecastOf(facts: ThawFacts): { readonly forecast: ThawForecast; readonly order: ThawOrder } {
  const objects = toThaw(facts);
  const { tier, days, market } = facts.asked;
  const orders = [...byClass(objects)].map(
    ([storageClass, those]): ThawOrder => ({
      storageClass,
      tier,
      days,
      market,
      objects: those.length,
      sizeBytes: sizeOf(those),
    }),
  );
  const [first] = orders;
  const none: ThawOrder = { storageClass: "STANDARD", tier, days, market, objects: 0, sizeBytes: 0 };
  const order = { ...(first ?? none), objects: objects.length, sizeBytes: sizeOf(objects) };
  return { forecast: orders.map(thawForecast).reduce(together, { kind: "at-hand" }), order };
}

function together(one: ThawForecast, other: ThawForecast): ThawForecast {
  if (one.kind === "refused" || other.kind === "at-hand") return one;
  if (other.kind === "refused" || one.kind === "at-hand") return other;
  return {
    kind: "thaws",
    leastMs: Math.min(one.leastMs, other.leastMs),
    mostMs: Math.max(one.mostMs, other.mostMs),
    cost: one.cost === null || other.cost === null ? null : sum(one.cost, other.cost),
  };
}

function sum(one: ThawCost, other: ThawCost): ThawCost {
  return {
    retrievalUsd: one.retrievalUsd + other.retrievalUsd,
    requestsUsd: one.requestsUsd + other.requestsUsd,
    copiesUsd: one.copiesUsd + other.copiesUsd,
    totalUsd: one.totalUsd + other.totalUsd,
    asOf: one.asOf < other.asOf ? one.asOf : other.asOf,
  };
}

function byClass(objects: readonly HeldObject[]): ReadonlyMap<StorageClass, readonly HeldObject[]> {
  const classed = objects.flatMap((held) =>
    held.head.known && held.head.value?.storageClass.known === true
      ? [{ held, storageClass: held.head.value.storageClass.value }]
      : [],
  );
  const groups = Map.groupBy(classed, ({ storageClass }) => storageClass);
  return new Map([...groups].map(([name, those]) => [name, those.map(({ held }) => held)]));
}

function sizeOf(objects: readonly HeldObject[]): number {
  return objects.reduce((total, { object }) => total + object.sizeBytes, 0);
}
