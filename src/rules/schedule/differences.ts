/** What is not as wanted, setting by setting, in a stable order: what people read, and what a change is checked against. */
import type { Difference, Effect } from "../../core/change.ts";
import { FREQUENCIES, type Frequency } from "../../core/frequency.ts";
import type { DatabasePolicy } from "../../policy/schema.ts";

import type { CopiedSnapshots, CopySettingChange, PolicyItem, TimeOfDay } from "../../ports/atlas-changes.ts";
import { describeRetention } from "../backup/retention.ts";
import type { LiveSettings } from "./live.ts";
import { covers } from "./retention.ts";

/** Gives the place in the policy file of a path below the database (`snapshots[0].retain`); null where nothing is written. */
export type SourceOf = (path: string) => string | null;

/** By the part of Atlas that takes them: the cluster itself, the schedule's items, and the rest of the schedule. */
export interface Differences {
  readonly cluster: readonly Difference[];
  readonly items: readonly Difference[];
  readonly rest: readonly Difference[];
}

export function differences(
  live: LiveSettings,
  wanted: LiveSettings,
  database: DatabasePolicy,
  sourceOf: SourceOf,
): Differences {
  return {
    cluster: continuousDifferences(live, wanted, sourceOf),
    items: itemDifferences(live, wanted, database, sourceOf),
    rest: [
      ...windowDifferences(live, wanted, sourceOf),
      ...copyDifferences(live, wanted, database, sourceOf),
      ...timeDifferences(live, wanted, sourceOf),
    ],
  };
}

export function allOf({ cluster, items, rest }: Differences): readonly Difference[] {
  return [...cluster, ...items, ...rest];
}

function continuousDifferences(live: LiveSettings, wanted: LiveSettings, sourceOf: SourceOf): readonly Difference[] {
  if (live.pitEnabled === wanted.pitEnabled) return [];
  const source = sourceOf("continuousBackup");
  return [{ setting: "continuous backup", source, wanted: "on", live: "off", effect: "adds" }];
}

function windowDifferences(live: LiveSettings, wanted: LiveSettings, sourceOf: SourceOf): readonly Difference[] {
  if (live.restoreWindowDays === wanted.restoreWindowDays) return [];
  return [
    {
      setting: "continuous backup window",
      source: sourceOf("continuousBackup.window"),
      wanted: days(wanted.restoreWindowDays),
      live: days(live.restoreWindowDays),
      effect: (wanted.restoreWindowDays ?? 0) > (live.restoreWindowDays ?? 0) ? "tightens" : "loosens",
    },
  ];
}

function days(count: number | null): string {
  return count === null ? "none" : `${count}d`;
}

function itemDifferences(
  live: LiveSettings,
  wanted: LiveSettings,
  database: DatabasePolicy,
  sourceOf: SourceOf,
): readonly Difference[] {
  const ordered = wanted.items.toSorted((a, b) => rank(a.frequency) - rank(b.frequency));
  return ordered.flatMap((item) => {
    const before = item.id === undefined ? undefined : live.items.find(({ id }) => id === item.id);
    if (before !== undefined && sameItem(before, item)) return [];
    const index = database.snapshots.findIndex(({ frequency }) => frequency === item.frequency);
    const source = index === -1 ? null : sourceOf(`snapshots[${index}].retain`);
    return [
      {
        setting: itemName(item, live),
        source,
        wanted: describeItem(item),
        live: before === undefined ? "none" : describeItem(before),
        effect: itemEffect(before, item),
        ...(index === -1 ? { because: becauseOf(item, wanted) } : {}),
      },
    ];
  });
}

/** One of several of its frequency is named with its id. */
function itemName({ id, frequency }: PolicyItem, live: LiveSettings): string {
  const alike = live.items.filter((other) => other.frequency === frequency);
  return alike.length > 1 && id !== undefined ? `${frequency} snapshots (item ${id})` : `${frequency} snapshots`;
}

function becauseOf({ frequency }: PolicyItem, { pitEnabled }: LiveSettings): string {
  return frequency === "hourly" && pitEnabled
    ? "continuous backup needs an hourly item, kept as long as its window"
    : "Atlas keeps no item shorter than one of a more frequent kind";
}

function itemEffect(before: PolicyItem | undefined, after: PolicyItem): Effect {
  if (before === undefined) return "adds";
  const oftener = after.frequency === "hourly" && after.interval < before.interval;
  const seldomer = after.frequency === "hourly" && after.interval > before.interval;
  if (!covers(after.retention, before.retention) || seldomer) return "loosens";
  return oftener || !covers(before.retention, after.retention) ? "tightens" : "changes";
}

function sameItem(a: PolicyItem, b: PolicyItem): boolean {
  return a.interval === b.interval && a.retention.value === b.retention.value && a.retention.unit === b.retention.unit;
}

/** `every 6h, kept 7d`; only hourly items have an interval that a person would call one. */
export function describeItem({ frequency, interval, retention }: PolicyItem): string {
  const kept = `kept ${describeRetention(retention)}`;
  return frequency === "hourly" ? `every ${interval}h, ${kept}` : kept;
}

function rank(frequency: Frequency | "ondemand"): number {
  return frequency === "ondemand" ? FREQUENCIES.length : FREQUENCIES.indexOf(frequency);
}

function copyDifferences(
  live: LiveSettings,
  wanted: LiveSettings,
  database: DatabasePolicy,
  sourceOf: SourceOf,
): readonly Difference[] {
  const key = ({ region, zoneId, provider }: CopySettingChange) => `${provider} ${region} ${zoneId}`;
  const keys = [...new Set([...live.copies, ...wanted.copies].map(key))].sort();
  return keys.flatMap((name) => {
    const before = live.copies.find((setting) => key(setting) === name);
    const after = wanted.copies.find((setting) => key(setting) === name);
    const some = after ?? before;
    if (some === undefined) return [];
    const index = database.copies.findIndex(({ region }) => region === some.region);
    const texts = { wanted: describeCopy(after), live: describeCopy(before) };
    if (texts.wanted === texts.live) return [];
    const zone = live.zoneIds.length > 1 ? ` from zone ${some.zoneId}` : "";
    return [
      {
        setting: `copies to ${some.region}${zone}`,
        source: index === -1 ? null : sourceOf(`copies[${index}]`),
        ...texts,
        effect: copyEffect(before, after),
        ...(index === -1 ? { because: "the policy names no copies to this region" } : {}),
      },
    ];
  });
}

function describeCopy(setting: CopySettingChange | undefined): string {
  if (setting === undefined) return "none";
  return `${describeCopied(setting.copies)}${setting.oplogs ? ", oplogs" : ""}`;
}

function describeCopied(copies: CopiedSnapshots): string {
  switch (copies.by) {
    case "count":
      return `the last ${copies.lastNumberOfSnapshots} snapshots`;
    case "frequencies":
      return copies.frequencies.length === 0 ? "no snapshots" : copies.frequencies.join(", ");
    case "items":
      return copies.items
        .map(({ frequency, retention }) =>
          retention === null ? frequency : `${frequency} kept ${describeRetention(retention)}`,
        )
        .join(", ");
  }
}

function copyEffect(before: CopySettingChange | undefined, after: CopySettingChange | undefined): Effect {
  if (before === undefined) return "adds";
  if (after === undefined || (before.oplogs && !after.oplogs)) return "loosens";
  return copiesLess(before.copies, after.copies) ? "loosens" : "tightens";
}

function copiesLess(before: CopiedSnapshots, after: CopiedSnapshots): boolean {
  if (before.by === "frequencies" && after.by === "frequencies")
    return before.frequencies.some((frequency) => !after.frequencies.includes(frequency));
  if (before.by === "items" && after.by === "items")
    return before.items.some((item) => {
      const kept = after.items.find(({ frequency }) => frequency === item.frequency);
      if (kept === undefined) return true;
      return item.retention !== null && kept.retention !== null && !covers(kept.retention, item.retention);
    });
  if (before.by === "count" && after.by === "count") return after.lastNumberOfSnapshots < before.lastNumberOfSnapshots;
  return true;
}

function timeDifferences(live: LiveSettings, wanted: LiveSettings, sourceOf: SourceOf): readonly Difference[] {
  if (formatTime(live.referenceTime) === formatTime(wanted.referenceTime)) return [];
  return [
    {
      setting: "reference time",
      source: sourceOf("referenceTime"),
      wanted: formatTime(wanted.referenceTime),
      live: formatTime(live.referenceTime),
      effect: "changes",
    },
  ];
}

function formatTime(time: TimeOfDay | null): string {
  if (time === null) return "none";
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(time.hour)}:${two(time.minute)} UTC`;
}
