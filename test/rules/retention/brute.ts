/**
 * The same questions answered the slow way, sharing nothing with the sources but their types: periods by walking over
 * days and reading labels off them, retention by arithmetic on written dates, the proof by looking at every event.
 */
import type { Duration } from "../../../src/core/duration.ts";
import type { Horizon } from "../../../src/rules/retention/demand.ts";
import type { OwedSlot, Period, RestorePoint, Tier } from "../../../src/rules/retention/model.ts";

const HOUR = 3_600_000;

/** More than two periods: the first and the last that are walked over are not whole. */
const MARGIN_DAYS = { hours: 3, day: 5, week: 25, month: 95, quarter: 280, year: 1100 } as const;

export interface BruteSlot extends OwedSlot {
  readonly name: string;
}

/** The slots of a tier that are owed at some instant of the horizon. */
export function bruteSlots(tier: Tier, { fromMs, untilMs, bornMs }: Horizon): readonly BruteSlot[] {
  const stepMs = tier.period.kind === "hours" ? HOUR : 24 * HOUR;
  const marginMs = MARGIN_DAYS[tier.period.kind] * 24 * HOUR;
  const since = tier.sinceMs ?? bornMs;
  const spans: { name: string; startsMs: number; endsMs: number }[] = [];
  const walkFromMs = Math.floor((fromMs - later(0, tier.retain) - marginMs) / (24 * HOUR)) * 24 * HOUR;
  for (let ms = walkFromMs; ms < untilMs + marginMs; ms += stepMs) {
    const name = label(tier.period, ms);
    const last = spans.at(-1);
    if (last?.name === name) last.endsMs = ms + stepMs;
    else spans.push({ name, startsMs: ms, endsMs: ms + stepMs });
  }
  return spans.slice(1, -1).flatMap(({ name, startsMs, endsMs }) => {
    const month = new Date(endsMs - 1).toISOString().slice(0, 7);
    const isArchive = tier.by.kind === "archive";
    const isOwed = isArchive ? Date.parse(month) >= since : startsMs >= since;
    const owedFromMs = later(endsMs, tier.within);
    const owedUntilMs = later(isArchive ? endsMs : startsMs, tier.retain);
    const slot = { tier, name, startsMs, endsMs, owedFromMs, owedUntilMs, ...(isArchive ? { month } : {}) };
    const stretch = [Math.max(owedFromMs, fromMs), Math.min(owedUntilMs, untilMs)] as const;
    return isOwed && stretch[0] < stretch[1] ? [slot] : [];
  });
}

interface BruteBreach {
  readonly slot: BruteSlot;
  readonly atMs: number;
}

/** What is broken first, looking at each slot at every instant at which anything of it begins or ends. */
export function bruteProof(points: readonly RestorePoint[], tiers: readonly Tier[], horizon: Horizon) {
  const slots = tiers.flatMap((tier) => bruteSlots(tier, horizon));
  const breaches = bruteBreaches(points, slots, horizon);
  return {
    slots,
    broken: breaches.map(({ slot }) => slot),
    first: firstOf(breaches),
    firsts: tiers.map((tier) => firstOf(breaches.filter(({ slot }) => slot.tier === tier))),
  };
}

/** Where each slot breaks first within the horizon, of those that do. */
export function bruteBreaches(
  points: readonly RestorePoint[],
  slots: readonly BruteSlot[],
  horizon: Pick<Horizon, "fromMs" | "untilMs">,
) {
  return slots.flatMap((slot): BruteBreach[] => {
    const mine = points.filter((point) => fills(point, slot));
    const [fromMs, untilMs] = [Math.max(slot.owedFromMs, horizon.fromMs), Math.min(slot.owedUntilMs, horizon.untilMs)];
    const instants = [fromMs, ...mine.flatMap((point) => [point.fromMs, point.untilMs])]
      .filter((ms) => fromMs <= ms && ms < untilMs)
      .sort((a, b) => a - b);
    const atMs = instants.find((ms) => !mine.some((point) => point.fromMs <= ms && ms < point.untilMs));
    return atMs === undefined ? [] : [{ slot, atMs }];
  });
}

function firstOf(breaches: readonly BruteBreach[]): BruteBreach | null {
  return breaches.toSorted((a, b) => a.atMs - b.atMs)[0] ?? null;
}

export function fills(point: RestorePoint, slot: OwedSlot): boolean {
  const { by } = slot.tier;
  if (point.kind !== by.kind) return false;
  if (by.kind === "archive") return point.month === slot.month;
  if (by.kind === "copy" && !point.place.domains.some(({ name }) => name === by.region)) return false;
  return point.dataMs >= slot.startsMs && (point.dataLatestMs ?? point.dataMs) < slot.endsMs;
}

/** Every stretch of runs of every length, tried on all points at once: the fewest whose loss breaks something, null: none. */
export function bruteBudget(points: readonly RestorePoint[], tiers: readonly Tier[], madeBy: string, horizon: Horizon) {
  const slots = tiers.flatMap((tier) => bruteSlots(tier, horizon));
  const isRun = (point: RestorePoint) => !point.isSeen && point.tier === madeBy;
  const runs = [...new Set(points.filter(isRun).map(({ dataMs }) => dataMs))].sort((a, b) => a - b);
  const brokenMs = (missed: readonly number[]) => {
    const left = points.filter((point) => !(isRun(point) && missed.includes(point.dataMs)));
    return firstOf(bruteBreaches(left, slots, horizon))?.atMs ?? null;
  };
  if (brokenMs(runs) === null) return null;
  for (let count = 0; count <= runs.length; count += 1) {
    const starts = Array.from({ length: runs.length - count + 1 }, (_, start) => start);
    const broken = starts.flatMap((start) => brokenMs(runs.slice(start, start + count)) ?? []);
    if (broken.length > 0) return { count, earliest: Math.min(...broken) };
  }
  return null;
}

function label(period: Period, ms: number): string {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  const iso = date.toISOString();
  switch (period.kind) {
    case "hours":
      return `${iso.slice(0, 11)}${String(date.getUTCHours() - (date.getUTCHours() % period.hours)).padStart(2, "0")}`;
    case "day":
      return iso.slice(0, 10);
    case "week":
      return isoWeek(year, month, date.getUTCDate());
    case "month":
      return iso.slice(0, 7);
    case "quarter":
      return `${year}-Q${Math.ceil(month / 3)}`;
    case "year":
      return String(year);
  }
}

/** By the number of the day in the year and the weekday, with the weeks of the years before and after where it falls out. */
export function isoWeek(year: number, month: number, day: number): string {
  const ordinal = Array.from({ length: month - 1 }, (_, index) => monthDays(year, index + 1)).reduce(
    (a, b) => a + b,
    day,
  );
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
  const week = Math.floor((ordinal - weekday + 10) / 7);
  if (week < 1) return weekText(year - 1, weeksOf(year - 1));
  return week > weeksOf(year) ? weekText(year + 1, 1) : weekText(year, week);
}

function weekText(year: number, week: number): string {
  return `${year}-W${week < 10 ? "0" : ""}${week}`;
}

/** A year that begins or ends on a Thursday has 53. */
function weeksOf(year: number): number {
  const [first, last] = [new Date(Date.UTC(year, 0, 1)), new Date(Date.UTC(year, 11, 31))];
  return first.getUTCDay() === 4 || last.getUTCDay() === 4 ? 53 : 52;
}

function monthDays(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? Number.NaN;
}

const LENGTHS = { s: 1000, m: 60_000, h: HOUR, d: 24 * HOUR, w: 168 * HOUR } as const;

function later(ms: number, { value, unit }: Duration): number {
  if (unit !== "mo" && unit !== "y") return ms + value * LENGTHS[unit];
  const text = new Date(ms).toISOString();
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  const months = year * 12 + month - 1 + value * (unit === "y" ? 12 : 1);
  const [toYear, toMonth] = [Math.floor(months / 12), (months % 12) + 1];
  const toDay = Math.min(day, monthDays(toYear, toMonth));
  const date = [String(toYear).padStart(4, "0"), two(toMonth), two(toDay)].join("-");
  return Date.parse(`${date}${text.slice(10)}`);
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
