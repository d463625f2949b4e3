/** When a workflow begins by itself: `cron` in five fields, of numbers, `*`, ranges, steps and lists. In UTC, as at GitHub. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/duration.ts";

const FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

/** From leap day to leap day, wherever one begins. */
const LOOKED_AT_DAYS = 9 * 366;

/** The longest time between two beginnings of any of these; Infinity where there are not two. */
export function longestGapMs(crons: readonly string[]): number {
  const startedMs = Date.UTC(2026, 0, 1);
  const days = Array.from({ length: LOOKED_AT_DAYS }, (_, index) => startedMs + index * DAY_MS);
  const all = crons.map(fieldsOf);
  const begins = days.flatMap((dayMs) =>
    [...new Set(all.flatMap((fields) => onDay(fields, dayMs)))].sort((a, b) => a - b),
  );
  if (begins.length < 2) return Number.POSITIVE_INFINITY;
  const gaps = begins.slice(1).map((ms, index) => ms - (begins[index] ?? ms));
  return gaps.reduce((longest, ms) => Math.max(longest, ms), 0);
}

interface Fields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly isOn: (day: Date) => boolean;
}

function fieldsOf(cron: string): Fields {
  const words = cron.trim().split(/\s+/);
  if (words.length !== FIELDS.length) throw new Error(`no cron of five fields: ${cron}`);
  const [minutes, hours, days, months, weekdays] = words.map((word, index) => {
    const [least, most] = FIELDS[index] ?? [0, 0];
    return new Set(word.split(",").flatMap((part) => numbersIn(part, least, most)));
  });
  if (!minutes || !hours || !days || !months || !weekdays) throw new Error(`no cron of five fields: ${cron}`);
  // where both are narrowed, either will do: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html
  const isEither = words[2] !== "*" && words[4] !== "*";
  const isOn = (day: Date) => {
    const [byDate, byWeekday] = [days.has(day.getUTCDate()), weekdays.has(day.getUTCDay())];
    return months.has(day.getUTCMonth() + 1) && (isEither ? byDate || byWeekday : byDate && byWeekday);
  };
  return { minutes, hours, isOn };
}

function numbersIn(part: string, least: number, most: number): readonly number[] {
  const [, all, from, to, by] = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
  if (all === undefined && from === undefined) throw new Error(`not known here: ${part}`);
  const first = all === undefined ? Number(from) : least;
  const last = to !== undefined ? Number(to) : all !== undefined || by !== undefined ? most : first;
  const each = Number(by ?? 1);
  if (first < least || last > most || each < 1) throw new Error(`out of range: ${part}`);
  return Array.from({ length: most + 1 }, (_, number) => number).filter(
    (number) => number >= first && number <= last && (number - first) % each === 0,
  );
}

function onDay({ minutes, hours, isOn }: Fields, dayMs: number): readonly number[] {
  if (!isOn(new Date(dayMs))) return [];
  return [...hours].flatMap((hour) => [...minutes].map((minute) => dayMs + hour * HOUR_MS + minute * MINUTE_MS));
}
