/** Restore points and tiers for tests, built from plain values and by chance. */
import fc from "fast-check";
import { DAY_MS, HOUR_MS, longestMs, MINUTE_MS } from "../../../src/core/duration.ts";
import { type Beat, firingsMs } from "../../../src/rules/retention/calendar.ts";
import type { Horizon } from "../../../src/rules/retention/demand.ts";
import type { Place, RestorePoint, Supply, Tier } from "../../../src/rules/retention/model.ts";
import { duration } from "../build.ts";

export const HOME: Place = { label: "ap-south-1", domains: [{ kind: "region", name: "ap-south-1" }] };
export const AWAY: Place = { label: "ap-southeast-1", domains: [{ kind: "region", name: "ap-southeast-1" }] };

export function at(text: string): number {
  return Date.parse(text);
}

/** Data of an instant that is there for so long from then on. */
export function point(data: string | number, lifeMs: number, given: Partial<RestorePoint> = {}): RestorePoint {
  const dataMs = typeof data === "string" ? at(data) : data;
  return {
    id: `planned daily ${new Date(dataMs).toISOString()}`,
    kind: "snapshot",
    tier: "daily",
    dataMs,
    fromMs: dataMs,
    untilMs: dataMs + lifeMs,
    removedBy: "policy item daily",
    place: HOME,
    stages: [],
    isSeen: false,
    ...given,
  };
}

export function tier(kind: Tier["period"]["kind"], retain: string, given: Partial<Tier> = {}): Tier {
  return {
    id: `snapshots ${kind} retain ${retain}`,
    source: null,
    by: { kind: "snapshot" },
    period: kind === "hours" ? { kind, hours: 6 } : { kind },
    retain: duration(retain),
    within: duration("2h"),
    sinceMs: null,
    atMost: null,
    ...given,
  };
}

export function supplyOf(...points: readonly RestorePoint[]): Supply {
  return { points, continuous: [] };
}

export function horizon(from: string, until: string, born = "2020-01-01T00:00:00Z"): Horizon {
  return { fromMs: at(from), untilMs: at(until), bornMs: at(born) };
}

/** A policy and what is made for it: nearly what it needs, so that it holds about as often as not. */
export interface World {
  readonly tiers: readonly Tier[];
  readonly points: readonly RestorePoint[];
  readonly horizon: Horizon;
}

const RETAIN = {
  hours: ["1d", "2d", "5d"],
  day: ["2d", "7d", "30d", "1mo"],
  week: ["7d", "3w", "2mo"],
  month: ["31d", "1mo", "3mo"],
  quarter: ["3mo", "7mo"],
  year: ["1y", "13mo"],
} as const;
const BEAT = {
  hours: ["hourly", 6],
  day: ["daily", 1],
  week: ["weekly", 6],
  month: ["monthly", 40],
  quarter: ["monthly", 40],
  year: ["yearly", 12],
} as const;
const LOOK_BACK_DAYS = { hours: 1, day: 2, week: 14, month: 62, quarter: 190, year: 740 } as const;
/** Near leap days, ends of years with 52 and 53 weeks, and anywhere. */
const STARTS = ["2024-02-20", "2026-12-20", "2028-02-27", "2027-12-25", "2025-01-31", "2026-06-15"] as const;

const startMs = fc
  .tuple(fc.constantFrom(...STARTS), fc.integer({ min: 0, max: 3 * 24 * 60 }))
  .map(([day, minutes]) => at(day) + minutes * MINUTE_MS);

const kinds = fc.constantFrom("hours", "day", "day", "week", "month", "quarter", "year");

interface Made {
  readonly slackMs: number;
  readonly delayMs: number;
  readonly dropped: readonly number[];
  readonly reference: Beat["reference"];
  readonly isSeen: boolean;
}

const made: fc.Arbitrary<Made> = fc.record({
  slackMs: fc.constantFrom(0, 0, DAY_MS, 5 * DAY_MS, -HOUR_MS, -DAY_MS, -3 * DAY_MS, -20 * DAY_MS),
  delayMs: fc.constantFrom(0, 10 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS),
  dropped: fc.oneof(fc.constant([]), fc.constant([]), fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 })),
  reference: fc.record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.constantFrom(0, 30, 59) }),
  isSeen: fc.boolean(),
});

function pointsFor(one: Tier, how: Made, { fromMs, untilMs }: Horizon): readonly RestorePoint[] {
  const lifeMs = longestMs(one.retain) + how.slackMs;
  const [frequency, interval] = BEAT[one.period.kind];
  const beat = {
    frequency,
    interval: one.period.kind === "hours" ? one.period.hours : interval,
    reference: how.reference,
  };
  return firingsMs(beat, fromMs - lifeMs - LOOK_BACK_DAYS[one.period.kind] * DAY_MS, untilMs)
    .filter((_, index) => !how.dropped.includes(index))
    .map((dataMs, index) => {
      const { by } = one;
      const base = { ...how, fromMs: dataMs + how.delayMs, id: `${one.id} ${index}`, tier: one.period.kind };
      if (by.kind === "snapshot") return point(dataMs, lifeMs, base);
      if (by.kind === "copy") return point(dataMs, lifeMs, { ...base, kind: "copy", place: AWAY });
      const month = new Date(dataMs).toISOString().slice(0, 7);
      return point(dataMs, lifeMs, { ...base, kind: "archive", month, fromMs: dataMs + DAY_MS + how.delayMs });
    });
}

function anyTier(startsMs: number): fc.Arbitrary<Tier> {
  return kinds.chain((kind) =>
    fc
      .record({
        retain: fc.constantFrom(...RETAIN[kind]),
        within: fc.constantFrom("10m", "2h", "26h"),
        isCopy: fc.boolean(),
        isArchive: fc.boolean(),
        hours: fc.constantFrom(1, 2, 4, 6, 8, 12),
        sinceDays: fc.integer({ min: -400, max: 30 }),
      })
      .map(({ retain, within, isCopy, isArchive, hours, sinceDays }) => {
        const common = { retain: duration(retain), within: duration(within) };
        const since = new Date(startsMs + sinceDays * DAY_MS).toISOString().slice(0, 7);
        if (isArchive && (kind === "month" || kind === "quarter" || kind === "year"))
          return tier(kind, retain, { ...common, by: { kind: "archive" }, within: duration("5d"), sinceMs: at(since) });
        if (isCopy) return tier(kind, retain, { ...common, by: { kind: "copy", region: AWAY.label } });
        return tier(kind, retain, { ...common, ...(kind === "hours" ? { period: { kind, hours } } : {}) });
      }),
  );
}

/** Some more points, of any kind anywhere. */
function strays(startsMs: number): fc.Arbitrary<readonly RestorePoint[]> {
  const stray = fc
    .record({
      dataMs: fc.integer({ min: -60 * 24, max: 30 * 24 }).map((hours) => startsMs + hours * HOUR_MS),
      lifeMs: fc.oneof(fc.integer({ min: 0, max: 60 * DAY_MS }), fc.constant(Number.POSITIVE_INFINITY)),
      kind: fc.constantFrom("snapshot", "copy", "archive"),
      place: fc.constantFrom(HOME, AWAY),
      isSeen: fc.boolean(),
    })
    .map(({ dataMs, lifeMs, ...given }) =>
      point(dataMs, lifeMs, {
        ...given,
        tier: "stray",
        id: `stray ${dataMs}`,
        month: new Date(dataMs).toISOString().slice(0, 7),
      }),
    );
  return fc.array(stray, { maxLength: 6 });
}

export const anyWorld: fc.Arbitrary<World> = startMs.chain((fromMs) =>
  fc
    .record({
      tiers: fc.array(fc.tuple(anyTier(fromMs), made), { minLength: 1, maxLength: 3 }),
      days: fc.integer({ min: 1, max: 40 }),
      bornDays: fc.constantFrom(-10_000, -100, -10, -1, 5),
      extra: strays(fromMs),
    })
    .map(({ tiers, days, bornDays, extra }) => {
      const over = { fromMs, untilMs: fromMs + days * DAY_MS, bornMs: fromMs + bornDays * DAY_MS + HOUR_MS };
      return {
        tiers: tiers.map(([one]) => one),
        points: [...tiers.flatMap(([one, how]) => pointsFor(one, how, over)), ...extra],
        horizon: over,
      };
    }),
);
