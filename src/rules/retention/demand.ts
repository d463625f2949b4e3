/** What a policy owes: its sentences as tiers, and for each period of a tier the time over which a restore point must be there. */
import {
  addDuration,
  DAY_MS,
  type Duration,
  formatDuration,
  HOUR_MS,
  longestMs,
  shortestMs,
} from "../../core/duration.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { ArchivePolicy, DatabasePolicy, Policy, SnapshotPolicy } from "../../policy/schema.ts";
import { monthName, type Periods, periodsOf } from "./calendar.ts";
import type { OwedSlot, Period, Tier } from "./model.ts";

/** The stretch of time that is looked at, and since when there is anything to owe. */
export interface Horizon {
  readonly fromMs: number;
  readonly untilMs: number;
  /** The birth of the cluster. */
  readonly bornMs: number;
}

/**
 * The tiers of a database, snapshots first. `lineOf` tells where in the file a path such as `databases[0].grace` stands;
 * `liveHours` is the interval of the live schedule's hourly snapshots, for a policy that names none.
 */
export function tiersOf(
  policy: Pick<Policy, "databases" | "archives">,
  database: DatabasePolicy,
  lineOf: (path: string) => string | null,
  liveHours: number,
): readonly Tier[] {
  const path = `databases[${policy.databases.indexOf(database)}]`;
  const archives = policy.archives.flatMap((archive, index) =>
    archive.name === database.archive
      ? archiveTiers(archive, (slot) => lineOf(`archives[${index}].slots[${slot}]`))
      : [],
  );
  return [
    ...database.snapshots.map((entry, index) =>
      snapshotTier(database, entry, lineOf(`${path}.snapshots[${index}]`), liveHours),
    ),
    ...database.copies.flatMap(({ region, frequencies }, index) =>
      // a policy that copies what it does not schedule is refused when it is read
      database.snapshots
        .filter(({ frequency }) => frequencies.includes(frequency))
        .map((entry) => ({
          ...snapshotTier(database, entry, lineOf(`${path}.copies[${index}]`), liveHours),
          id: `copies ${region} ${entry.frequency}`,
          by: { kind: "copy", region } as const,
        })),
    ),
    ...archives,
  ];
}

/** The slots of a tier that are owed at some instant of the horizon, in the order of their periods. */
export function* owedSlots(tier: Tier, { fromMs, untilMs, bornMs }: Horizon): Generator<OwedSlot, void> {
  const periods = periodsOf(tier.period);
  const since = tier.sinceMs ?? bornMs;
  const earliestMs = Math.max(since, fromMs - longestMs(tier.retain));
  for (let index = periods.at(earliestMs); ; index += 1) {
    const slot = slotOf(tier, periods, index);
    if (slot.owedFromMs >= untilMs) return;
    if (isSince(slot, since) && slot.owedUntilMs > Math.max(fromMs, slot.owedFromMs)) yield slot;
  }
}

/** The slot that data of an instant can fill, whether or not anybody owes it. Archives are told by their month. */
export function slotAt(tier: Tier, dataMs: number): OwedSlot {
  const periods = periodsOf(tier.period);
  return slotOf(tier, periods, periods.at(dataMs));
}

/** Whether it is owed at all, at any time. */
export function isOwed(slot: OwedSlot, bornMs: number): boolean {
  return isSince(slot, slot.tier.sinceMs ?? bornMs) && slot.owedUntilMs > slot.owedFromMs;
}

/** `2026-11-22`, `2026-W47`, `2026-10`, `2026-Q3`, `2026`; hours: `2026-11-22T06`. */
export function slotName({ tier, startsMs }: OwedSlot): string {
  return periodsOf(tier.period).name(startsMs);
}

/** From then on a tier owes its whole span; before it, its first periods are not as old as the span yet. */
export function wholeFromMs(tier: Tier, bornMs: number): number {
  return plusMs(tier.sinceMs ?? bornMs, tier.retain);
}

function snapshotTier(
  { grace }: DatabasePolicy,
  { frequency, retain, atMost, every }: SnapshotPolicy,
  source: string | null,
  liveHours: number,
): Tier {
  const hours = every === undefined ? liveHours : shortestMs(every) / HOUR_MS;
  return {
    id: `snapshots ${frequency} retain ${formatDuration(retain)}`,
    source,
    by: { kind: "snapshot" },
    period: frequency === "hourly" ? { kind: "hours", hours } : PERIODS[frequency],
    retain,
    within: grace,
    sinceMs: null,
    atMost: atMost ?? null,
  };
}

function archiveTiers(archive: ArchivePolicy, sourceOf: (slot: number) => string | null): readonly Tier[] {
  return archive.slots.map(({ frequency, retain, atMost }, index) => ({
    id: `archive ${archive.name} ${frequency} retain ${formatDuration(retain)}`,
    source: sourceOf(index),
    by: { kind: "archive" },
    period: PERIODS[frequency],
    retain,
    within: archive.dueWithin,
    sinceMs: Date.parse(`${archive.since}-01T00:00:00Z`),
    atMost: atMost ?? null,
  }));
}

const PERIODS = {
  daily: { kind: "day" },
  weekly: { kind: "week" },
  monthly: { kind: "month" },
  quarterly: { kind: "quarter" },
  yearly: { kind: "year" },
} as const satisfies Record<Exclude<Frequency, "hourly"> | "quarterly", Period>;

/** A snapshot must be kept so long after its period began, which the first of a period outlives; an archive after it ended. */
function slotOf(tier: Tier, periods: Periods, index: number): OwedSlot {
  const startsMs = periods.startMs(index);
  const endsMs = periods.startMs(index + 1);
  const isArchive = tier.by.kind === "archive";
  return {
    tier,
    startsMs,
    endsMs,
    owedFromMs: plusMs(endsMs, tier.within),
    owedUntilMs: plusMs(isArchive ? endsMs : startsMs, tier.retain),
    ...(isArchive ? { month: monthName(endsMs - DAY_MS) } : {}),
  };
}

/** An archive fills what its month closes, also when that began before anything was owed. */
function isSince({ tier, startsMs, endsMs }: OwedSlot, sinceMs: number): boolean {
  return tier.by.kind === "archive" ? endsMs > sinceMs : startsMs >= sinceMs;
}

/** By the calendar for months and years, without a `Date` for the rest. */
function plusMs(ms: number, duration: Duration): number {
  const isCalendar = duration.unit === "mo" || duration.unit === "y";
  return isCalendar ? addDuration(new Date(ms), duration).getTime() : ms + shortestMs(duration);
}
