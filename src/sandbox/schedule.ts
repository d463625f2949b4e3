/** When the items of a backup schedule fall due. All in UTC, as Atlas has it. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../core/duration.ts";
import type { ItemRecord, ScheduleRecord } from "./model.ts";

/** How far ahead the next due instant is looked for: a yearly item comes round in this time. */
const LOOK_AHEAD_DAYS = 366;
/** How Atlas writes "the last day" of a month. */
const LAST_DAY_OF_MONTH = 40;

/** The instants in `afterMs < t <= untilMs` at which `item` falls due, in order. */
export function dueInstantsMs(schedule: ScheduleRecord, item: ItemRecord, afterMs: number, untilMs: number): number[] {
  const due: number[] = [];
  for (let dayMs = startOfDayMs(afterMs); dayMs <= untilMs; dayMs += DAY_MS) {
    if (!isDueDay(item, dayMs)) continue;
    for (const offsetMs of offsetsMs(schedule, item)) {
      if (dayMs + offsetMs > afterMs && dayMs + offsetMs <= untilMs) due.push(dayMs + offsetMs);
    }
  }
  return due;
}

export function isDueAt(schedule: ScheduleRecord, item: ItemRecord, ms: number): boolean {
  const dayMs = startOfDayMs(ms);
  return isDueDay(item, dayMs) && offsetsMs(schedule, item).includes(ms - dayMs);
}

/** The next instant at which any item falls due; null when nothing is scheduled. */
export function nextDueMs(schedule: ScheduleRecord, afterMs: number): number | null {
  const firstMs = startOfDayMs(afterMs);
  for (let day = 0; day <= LOOK_AHEAD_DAYS; day += 1) {
    const dayMs = firstMs + day * DAY_MS;
    const due = schedule.items.flatMap((item) =>
      dueInstantsMs(schedule, item, Math.max(afterMs, dayMs - 1), dayMs + DAY_MS - 1),
    );
    if (due.length > 0) return Math.min(...due);
  }
  return null;
}

function startOfDayMs(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** Times of day at which an item falls due on one of its days. */
function offsetsMs(schedule: ScheduleRecord, item: ItemRecord): readonly number[] {
  const minuteMs = schedule.referenceMinute * MINUTE_MS;
  if (item.frequency !== "hourly") return [schedule.referenceHour * HOUR_MS + minuteMs];
  const firstHour = schedule.referenceHour % item.interval;
  return Array.from({ length: 24 / item.interval }, (_, n) => (firstHour + n * item.interval) * HOUR_MS + minuteMs);
}

function isDueDay(item: ItemRecord, dayMs: number): boolean {
  const date = new Date(dayMs);
  switch (item.frequency) {
    case "hourly":
    case "daily":
      return true;
    case "weekly":
      return (date.getUTCDay() || 7) === item.interval;
    case "monthly":
      return item.interval === LAST_DAY_OF_MONTH
        ? new Date(dayMs + DAY_MS).getUTCDate() === 1
        : date.getUTCDate() === item.interval;
    case "yearly":
      return date.getUTCDate() === 1 && date.getUTCMonth() + 1 === item.interval;
  }
}
