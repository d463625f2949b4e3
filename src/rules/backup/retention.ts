/** Retention as Atlas and the policy write it, compared; and the checks that hold the two together. */
import type { Check } from "../../core/check.ts";
import {
  addDuration,
  DAY_MS,
  type Duration,
  formatDuration,
  formatSpan,
  HOUR_MS,
  longestMs,
  shortestMs,
} from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { all, any, not, type Tri, tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { SnapshotPolicy } from "../../policy/schema.ts";
import type { Retention, RetentionUnit, ScheduleItem } from "../../ports/atlas.ts";
import { type BackupFacts, ofSchedule } from "./facts.ts";
import { nothingOf } from "./owed.ts";
import { asTri, type DatedPoint } from "./points.ts";
import { applyPolicy, atlasApi, mendSchedule } from "./remedies.ts";
import { seriesOf, seriesStart, unsure } from "./series.ts";

const UNITS = { days: "d", weeks: "w", months: "mo", years: "y" } as const satisfies Record<RetentionUnit, string>;

export function toDuration(retention: Retention): Duration {
  return { value: retention.value, unit: UNITS[retention.unit] };
}

export function describeRetention(retention: Retention): string {
  return formatDuration(toDuration(retention));
}

/** Whether `live` is never shorter than `wanted`; `maybe` where that hangs on the calendar (1mo against 30d). */
export function atLeast(live: Duration, wanted: Duration): Tri {
  const [liveMonths, wantedMonths] = [months(live), months(wanted)];
  if (liveMonths !== null && wantedMonths !== null) return tri(liveMonths >= wantedMonths);
  if (shortestMs(live) >= longestMs(wanted)) return "yes";
  return longestMs(live) < shortestMs(wanted) ? "no" : "maybe";
}

function months(duration: Duration): number | null {
  if (duration.unit === "mo") return duration.value;
  return duration.unit === "y" ? duration.value * 12 : null;
}

export const scheduleItem: Check<BackupFacts> = {
  id: "backup/schedule-item",
  title: "the schedule has an item that keeps snapshots long enough",
  remedy: applyPolicy,
  judge: (facts) => facts.database.snapshots.map((entry) => ({ ...judgeItem(facts, entry), scope: entry.frequency })),
};

function judgeItem(facts: BackupFacts, entry: SnapshotPolicy): Verdict {
  const items = ofSchedule(facts, (schedule) => schedule.items);
  if (!items.known) return unknown(items.reason);
  const matching = items.value.filter((item) => !item.frequency.known || item.frequency.value === entry.frequency);
  const enough = any(...matching.map((item) => satisfies(item, entry)));
  const shown = matching.flatMap(({ frequency, retention }) =>
    frequency.known && retention.known ? [describeRetention(retention.value)] : [],
  );
  const evidence = { expected: `${entry.frequency}, kept ${formatDuration(entry.retain)} or longer`, actual: shown };
  if (enough === "yes") return pass(`${entry.frequency}, kept ${shown.join(", ")}`, evidence);
  if (matching.some((item) => !item.frequency.known || !item.retention.known || !item.interval.known))
    return unknown("a schedule item cannot be read", evidence);
  if (matching.length === 0) return fail(`the schedule has no ${entry.frequency} item`, evidence);
  if (enough === "maybe")
    return warn(
      `${entry.frequency} snapshots are kept ${shown.join(", ")}, which can be shorter than ${formatDuration(entry.retain)} in some months`,
      evidence,
    );
  if (matching.every((item) => tooSeldom(item, entry)))
    return fail(
      `hourly snapshots are taken less often than every ${entry.every === undefined ? "" : formatDuration(entry.every)}`,
      evidence,
    );
  return fail(
    `${entry.frequency} snapshots are kept ${shown.join(", ")}, the policy wants ${formatDuration(entry.retain)}`,
    evidence,
  );
}

function satisfies(item: ScheduleItem, entry: SnapshotPolicy): Tri {
  if (!item.frequency.known || !item.retention.known || !item.interval.known) return "maybe";
  return tooSeldom(item, entry) ? "no" : atLeast(toDuration(item.retention.value), entry.retain);
}

function tooSeldom(item: ScheduleItem, entry: SnapshotPolicy): boolean {
  if (entry.every === undefined || !item.interval.known) return false;
  return item.interval.value * HOUR_MS > shortestMs(entry.every);
}

/** How much earlier than to the second a snapshot may expire: Atlas counts from its own start of the job. */
export const EXPIRY_TOLERANCE_MS = HOUR_MS;

export const snapshotExpiry: Check<BackupFacts> = {
  id: "backup/snapshot-expiry",
  title: "each snapshot is kept as long as the policy says",
  remedy: mendSchedule,
  judge: (facts) => facts.database.snapshots.map((entry) => ({ ...judgeExpiry(facts, entry), scope: entry.frequency })),
};

function judgeExpiry(facts: BackupFacts, entry: SnapshotPolicy): Verdict {
  const series = seriesOf(facts, entry);
  if (!series.known) return unknown(series.reason);
  const from = seriesStart(facts, entry).at;
  const owed = series.value.certain.filter((point) => point.createdAt >= from);
  const early = owed
    .flatMap((point) => shortBy(point, entry))
    .map((found) => ({ ...found, surplus: isSurplus(facts, entry, found.point) }));
  const short = early.filter(({ surplus }) => surplus === "no");
  const excused = early.filter(({ surplus }) => surplus === "yes");
  const judged = owed.length - excused.length;
  const expected = `kept ${formatDuration(entry.retain)}`;
  if (short.length > 0) return expireEarly(facts, entry, short, judged);
  const unsettled = unsure(series.value, from) ?? early.find(({ surplus }) => surplus === "maybe")?.point.name;
  if (unsettled !== undefined)
    return unknown(`whether all ${entry.frequency} snapshots are kept cannot be read: ${unsettled}`, { expected });
  const unlimited = owed.filter((point) => point.snapshot.expiresAt.known && point.snapshot.expiresAt.value === null);
  if (unlimited.length > 0)
    return unknown(`Atlas names no expiry for ${unlimited[0]?.name}`, { expected, withoutExpiry: unlimited.length });
  if (judged === 0) return nothingOf(facts, entry, `good ${entry.frequency} snapshot`, { expected });
  return pass(`${judged} ${entry.frequency} snapshots kept ${formatDuration(entry.retain)} or longer`, {
    expected,
    snapshots: judged,
  });
}

const MAX_EARLY_IN_MESSAGE = 3;
const MAX_EARLY_IN_EVIDENCE = 10;

function expireEarly(facts: BackupFacts, entry: SnapshotPolicy, short: readonly Short[], due: number): Verdict {
  const retain = formatDuration(entry.retain);
  const shown = short.slice(-MAX_EARLY_IN_MESSAGE).reverse().map(describeShort).join("; ");
  const more = short.length > MAX_EARLY_IN_MESSAGE ? ` and ${short.length - MAX_EARLY_IN_MESSAGE} more` : "";
  const verdict = fail(
    `${short.length} of ${due} ${entry.frequency} snapshots ${short.length === 1 ? "expires" : "expire"} before ${retain} are over: ${shown}${more}`,
    {
      expected: `kept ${retain}`,
      actual: short.slice(-MAX_EARLY_IN_EVIDENCE).reverse().map(describeShort),
      snapshots: due,
    },
  );
  return { ...verdict, remedy: lengthen(facts, entry, short) };
}

function describeShort({ point, expiresAt, shortMs }: Short): string {
  const day = (at: Date) => at.toISOString().slice(0, 10);
  return `${point.name} of ${day(point.createdAt)} expires on ${day(expiresAt)}, ${formatSpan(shortMs)} too early`;
}

/** The one that expires next comes first: it is the one that is lost first. */
function lengthen(facts: BackupFacts, entry: SnapshotPolicy, short: readonly Short[]): string {
  const [next, ...others] = short.toSorted((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime());
  if (next === undefined) return applyPolicy(facts);
  const days = Math.ceil(
    (addDuration(next.point.createdAt, entry.retain).getTime() - next.point.createdAt.getTime()) / DAY_MS,
  );
  const call = atlasApi(facts, `cloudBackups updateSnapshotRetention --snapshotId ${next.point.name}`, {
    retentionUnit: "DAYS",
    retentionValue: days,
  });
  const rest = others.length === 0 ? "" : `, and so for the other ${others.length}, by id`;
  return `lengthen what is too short, that which expires next first: ${call}${rest}; for those to come see backup/schedule-item`;
}

/**
 * Whether a point was taken only for items of the frequency that keep less than the policy asks for, while another item
 * keeps enough: such items are extra, and their snapshots no shortfall.
 */
function isSurplus(facts: BackupFacts, entry: SnapshotPolicy, { snapshot: { policyItemIds } }: DatedPoint): Tri {
  if (policyItemIds.known && policyItemIds.value.length === 0) return "no";
  const items = ofSchedule(facts, (schedule) => schedule.items);
  if (!items.known || !policyItemIds.known) return "maybe";
  const ofFrequency = (item: ScheduleItem) => asTri(item.frequency, (frequency) => frequency === entry.frequency);
  const enough = any(...items.value.map((item) => all(ofFrequency(item), satisfies(item, entry))));
  const extra = (id: string) =>
    any(
      ...items.value.map((item) =>
        all(
          ofFrequency(item),
          asTri(item.id, (own) => own === id),
          not(satisfies(item, entry)),
        ),
      ),
    );
  return all(enough, ...policyItemIds.value.map(extra));
}

interface Short {
  readonly point: DatedPoint;
  readonly expiresAt: Date;
  readonly shortMs: number;
}

function shortBy(point: DatedPoint, entry: SnapshotPolicy): readonly Short[] {
  const { expiresAt } = point.snapshot;
  if (!expiresAt.known || expiresAt.value === null) return [];
  const shortMs = addDuration(point.createdAt, entry.retain).getTime() - expiresAt.value.getTime();
  return shortMs > EXPIRY_TOLERANCE_MS ? [{ point, expiresAt: expiresAt.value, shortMs }] : [];
}
