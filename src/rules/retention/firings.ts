/** The snapshots that an item of the live schedule will take, each with the end of its life. */
import { addDuration, shortestMs } from "../../core/duration.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { Retention } from "../../ports/atlas.ts";
import type { TimeOfDay } from "../../ports/atlas-changes.ts";
import { toDuration } from "../backup/retention.ts";
import { firingsMs } from "./calendar.ts";

export interface Firing {
  readonly frequency: Frequency;
  readonly atMs: number;
  readonly untilMs: number;
  readonly retention: Retention;
}

export interface FiringItem {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly retention: Retention;
  /** null: Atlas names none. */
  readonly reference: TimeOfDay | null;
}

/** Of schedules that name no time: https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/ */
const USUAL_TIME: TimeOfDay = { hour: 18, minute: 0 };

export function firingsOf(item: FiringItem, fromMs: number, untilMs: number): readonly Firing[] {
  const { frequency, interval, retention, reference } = item;
  const ends = endOf(retention);
  return firingsMs({ frequency, interval, reference: reference ?? USUAL_TIME }, fromMs, untilMs).map((atMs) => ({
    frequency,
    atMs,
    untilMs: ends(atMs),
    retention,
  }));
}

/** Months and years go by the calendar, as those of a policy do. */
function endOf(retention: Retention): (fromMs: number) => number {
  const duration = toDuration(retention);
  if (duration.unit === "mo" || duration.unit === "y")
    return (fromMs) => addDuration(new Date(fromMs), duration).getTime();
  const lengthMs = shortestMs(duration);
  return (fromMs) => fromMs + lengthMs;
}
