/**
 * The settings that satisfy the policy and are nearest to the live ones. Without `loosen` nothing is kept shorter,
 * copied less or covered less than now, whatever the policy says: it asks for "at least". Items and copies that the
 * policy does not name stay.
 */
import { DAY_MS, HOUR_MS, longestMs, shortestMs } from "../../core/duration.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { CopyPolicy, DatabasePolicy, SnapshotPolicy } from "../../policy/schema.ts";
import type { Retention } from "../../ports/atlas.ts";
import type { CopyItem, CopySettingChange, PolicyItem } from "../../ports/atlas-changes.ts";
import type { LiveSettings } from "./live.ts";
import { atLeastItsPeriod, byLength, covers, inOrder, longest, toRetention } from "./retention.ts";

export interface Options {
  /** Bring down to the policy what goes beyond it. */
  readonly loosen: boolean;
}

/** Satisfies the policy as far as Atlas's API can be told to: what it cannot, `obstacles` says. */
export function wantedSettings(live: LiveSettings, database: DatabasePolicy, options: Options): LiveSettings {
  const pitEnabled = live.pitEnabled || database.continuousBackup !== undefined;
  const restoreWindowDays = wantedWindow(live, database, options);
  return {
    ...live,
    pitEnabled,
    restoreWindowDays,
    items: wantedItems(live, database, restoreWindowDays, options),
    copies: wantedCopies(live, database, options),
    referenceTime: database.referenceTime ?? live.referenceTime,
  };
}

function wantedWindow(live: LiveSettings, { continuousBackup }: DatabasePolicy, { loosen }: Options): number | null {
  if (continuousBackup === undefined) return live.restoreWindowDays;
  const days = Math.ceil(longestMs(continuousBackup.window) / DAY_MS);
  return loosen ? days : Math.max(days, live.restoreWindowDays ?? 0);
}

interface WantedItem {
  readonly frequency: Frequency;
  readonly retention: Retention;
  /** Hourly items: the most hours between two; absent: as it is. */
  readonly everyHours?: number;
}

function wantedItems(
  live: LiveSettings,
  database: DatabasePolicy,
  windowDays: number | null,
  { loosen }: Options,
): readonly PolicyItem[] {
  const named = database.snapshots.map(fromPolicy);
  const isOn = live.pitEnabled || database.continuousBackup !== undefined;
  const all = isOn && windowDays !== null ? withWindowItem(named, windowDays) : named;
  const isLoosened = ({ frequency }: WantedItem) => loosen && named.some((entry) => entry.frequency === frequency);
  let items = live.items;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = settled(items, all, live, isLoosened);
    if (next.every((item, index) => item === items[index]) && next.length === items.length) break;
    items = next;
  }
  return items;
}

/** What the order of retentions raised may be brought down further: two rounds settle it, more are a limit. */
const MAX_ROUNDS = 8;

function settled(
  live: readonly PolicyItem[],
  all: readonly WantedItem[],
  settings: LiveSettings,
  isLoosened: (wanted: WantedItem) => boolean,
): readonly PolicyItem[] {
  const moved = new Set<PolicyItem>();
  let items = live;
  for (const wanted of all) items = placed(items, wanted, { live: settings, loosen: isLoosened(wanted), moved });
  return inOrder(items, moved);
}

function fromPolicy({ frequency, retain, every }: SnapshotPolicy): WantedItem {
  const retention = atLeastItsPeriod(frequency, toRetention(retain));
  return { frequency, retention, ...(every === undefined ? {} : { everyHours: shortestMs(every) / HOUR_MS }) };
}

/**
 * Continuous backup needs an hourly item, kept at least as long as the window.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/
 */
function withWindowItem(named: readonly WantedItem[], windowDays: number): readonly WantedItem[] {
  const floor = { value: windowDays, unit: "days" } as const;
  const hourly = named.find(({ frequency }) => frequency === "hourly");
  if (hourly === undefined) return [{ frequency: "hourly", retention: floor }, ...named];
  return named.map((wanted) =>
    wanted === hourly ? { ...wanted, retention: longest(wanted.retention, floor) } : wanted,
  );
}

interface Placing {
  readonly live: LiveSettings;
  readonly loosen: boolean;
  /** Takes down what was added or altered. */
  readonly moved: Set<PolicyItem>;
}

/** The items with one that satisfies `wanted`: a live one where there is one, raised where it must be, else a new one. */
function placed(
  items: readonly PolicyItem[],
  wanted: WantedItem,
  { live, loosen, moved }: Placing,
): readonly PolicyItem[] {
  const own = items.filter(({ frequency }) => frequency === wanted.frequency).toSorted(byLength);
  const enough = own.find((item) => covers(item.retention, wanted.retention) && isOften(item, wanted));
  const item = loosen ? own.at(-1) : (enough ?? own.at(-1));
  if (item === undefined) {
    const added = { frequency: wanted.frequency, interval: usualInterval(wanted, live), retention: wanted.retention };
    moved.add(added);
    return [...items, added];
  }
  const retention = retentionOf(item, wanted, loosen);
  const interval = isOften(item, wanted) ? item.interval : (wanted.everyHours ?? item.interval);
  if (covers(retention, item.retention) && covers(item.retention, retention) && interval === item.interval)
    return items;
  const next = { ...item, interval, retention };
  moved.add(next);
  return items.map((candidate) => (candidate === item ? next : candidate));
}

/** What is kept long enough stays as it is written. */
function retentionOf(item: PolicyItem, wanted: WantedItem, loosen: boolean): Retention {
  if (!covers(item.retention, wanted.retention))
    return loosen ? wanted.retention : longest(wanted.retention, item.retention);
  return loosen ? wanted.retention : item.retention;
}

function isOften(item: PolicyItem, { everyHours }: WantedItem): boolean {
  return everyHours === undefined || item.interval <= everyHours;
}

/** As in Atlas's own default policy: every 6 hours (12 on NVMe), Saturdays, the last day of the month, 1 December. */
function usualInterval({ frequency, everyHours }: WantedItem, { nvme }: LiveSettings): number {
  const hourly = nvme ? NVME_HOURS : USUAL_INTERVALS.hourly;
  return frequency === "hourly" ? (everyHours ?? hourly) : USUAL_INTERVALS[frequency];
}

export const NVME_HOURS = 12;
const USUAL_INTERVALS = { hourly: 6, daily: 1, weekly: 6, monthly: 40, yearly: 12 } as const satisfies Record<
  Frequency,
  number
>;

function wantedCopies(live: LiveSettings, database: DatabasePolicy, { loosen }: Options): readonly CopySettingChange[] {
  const places = live.zoneIds.flatMap((zoneId) => database.copies.map((copy) => ({ zoneId, copy })));
  let settings = live.copies;
  for (const { zoneId, copy } of places) settings = withCopy(settings, zoneId, copy, { live, database, loosen });
  const isNamed = ({ region, zoneId }: CopySettingChange) =>
    places.some((place) => place.zoneId === zoneId && place.copy.region === region);
  return loosen ? settings.filter(isNamed) : settings;
}

interface Copying extends Options {
  readonly live: LiveSettings;
  readonly database: DatabasePolicy;
}

function withCopy(
  settings: readonly CopySettingChange[],
  zoneId: string,
  copy: CopyPolicy,
  copying: Copying,
): readonly CopySettingChange[] {
  const isHere = (setting: CopySettingChange) => setting.region === copy.region && setting.zoneId === zoneId;
  if (!settings.some(isHere)) return [...settings, newCopy(zoneId, copy, copying)];
  return settings.map((setting) => (isHere(setting) ? alteredCopy(setting, copy, copying) : setting));
}

function newCopy(zoneId: string, copy: CopyPolicy, { live, database }: Copying): CopySettingChange {
  const { region, oplogs, frequencies } = copy;
  const copies = live.copiesByItems
    ? ({ by: "items", items: frequencies.map((frequency) => newCopyItem(frequency, database)) } as const)
    : ({ by: "frequencies", frequencies } as const);
  return { region, provider: "AWS", zoneId, copies, oplogs };
}

function newCopyItem(frequency: Frequency, database: DatabasePolicy): CopyItem {
  return { frequency, retention: copyRetention(frequency, database) };
}

/** A copy is kept as long as the policy keeps its snapshot; the policy copies only what it schedules. */
function copyRetention(frequency: Frequency, { snapshots }: DatabasePolicy): Retention {
  const entry = snapshots.find((candidate) => candidate.frequency === frequency);
  const retention = entry === undefined ? ({ value: 1, unit: "days" } as const) : toRetention(entry.retain);
  return atLeastItsPeriod(frequency, retention);
}

function alteredCopy(setting: CopySettingChange, copy: CopyPolicy, copying: Copying): CopySettingChange {
  const oplogs = copying.loosen ? copy.oplogs : setting.oplogs || copy.oplogs;
  const { copies } = setting;
  switch (copies.by) {
    case "count":
      return { ...setting, oplogs }; // an obstacle where it does not reach far enough: it cannot be both
    case "frequencies": {
      const kept = copying.loosen
        ? copies.frequencies.filter((frequency) => copy.frequencies.some((wanted) => wanted === frequency))
        : copies.frequencies;
      const added = copy.frequencies.filter((frequency) => !kept.includes(frequency));
      return { ...setting, oplogs, copies: { by: "frequencies", frequencies: [...kept, ...added] } };
    }
    case "items":
      return { ...setting, oplogs, copies: { by: "items", items: copyItems(copies.items, copy, copying) } };
  }
}

function copyItems(items: readonly CopyItem[], copy: CopyPolicy, { database, loosen }: Copying): readonly CopyItem[] {
  const isNamed = ({ frequency }: CopyItem) => copy.frequencies.some((wanted) => wanted === frequency);
  const kept = loosen ? items.filter(isNamed) : items;
  const raisedItems = kept.map((item) => {
    if (item.frequency === "onDemand" || item.retention === null || !isNamed(item)) return item;
    const floor = copyRetention(item.frequency, database);
    if (loosen) return { ...item, retention: floor };
    return covers(item.retention, floor) ? item : { ...item, retention: longest(floor, item.retention) };
  });
  const added = copy.frequencies.filter((frequency) => !items.some((item) => item.frequency === frequency));
  return [...raisedItems, ...added.map((frequency) => newCopyItem(frequency, database))];
}
