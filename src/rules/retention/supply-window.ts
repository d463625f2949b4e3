/** How far back continuous backup reaches, at home and where its oplog is copied to. */
import { DAY_MS, MINUTE_MS } from "../../core/duration.ts";
import type { ScheduleItem } from "../../ports/atlas.ts";
import { ofCluster, ofSchedule } from "../backup/facts.ts";
import { keptUntilMs } from "./firings.ts";
import type { ContinuousWindow, Place } from "./model.ts";
import type { CopyRule } from "./supply-copies.ts";
import { inRegion } from "./supply-place.ts";
import type { Reader, SnapshotSupply } from "./supply-snapshots.ts";

interface Windowing {
  readonly read: Reader;
  readonly home: Place;
  readonly rules: readonly CopyRule[];
  readonly items: readonly ScheduleItem[];
}

/** What may be missing at the near end: Atlas collects the oplog all the time. */
const LAG_MS = MINUTE_MS;

/** Atlas keeps the oplog for no longer than hourly snapshots. */
export function continuousWindows(
  facts: SnapshotSupply,
  { read, home, rules, items }: Windowing,
): readonly ContinuousWindow[] {
  const { backup } = facts;
  if (read.of(ofCluster(backup, ({ pitEnabled }) => pitEnabled)) !== true) return [];
  const days = read.of(ofSchedule(backup, ({ restoreWindowDays }) => restoreWindowDays)) ?? 0;
  const hourly = items.find(({ frequency }) => frequency.known && frequency.value === "hourly");
  const kept = hourly === undefined ? undefined : read.of(hourly.retention);
  const keptMs = kept === undefined ? 0 : keptUntilMs(0, kept);
  const windowMs = Math.min(days * DAY_MS, keptMs);
  if (windowMs === 0) return [];
  const window: ContinuousWindow = {
    untilMs: Number.POSITIVE_INFINITY,
    windowMs,
    lagMs: LAG_MS,
    place: home,
    madeFrom: home,
    firstByteMs: facts.firstByteMs,
    limitedBy: keptMs < days * DAY_MS ? "the retention of hourly snapshots" : `the window of ${days} days`,
  };
  const elsewhere = [...new Set(rules.flatMap(({ region, withOplogs }) => (withOplogs ? [region] : [])))];
  return [window, ...elsewhere.map((region) => ({ ...window, place: inRegion(home, region), copiedTo: region }))];
}
