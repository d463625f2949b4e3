/** Which snapshots the schedule copies to which regions, and how long the copies live. */
import { addDuration } from "../../core/duration.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { CopySetting, Retention } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster, ofSchedule } from "../backup/facts.ts";
import { toDuration } from "../backup/retention.ts";
import type { Firing } from "./firings.ts";
import type { Reader } from "./supply-snapshots.ts";

/** Snapshots of a frequency are copied to a region from every zone. */
export interface CopyRule {
  readonly region: string;
  /** null: of whatever frequency, the latest so many. */
  readonly frequency: Frequency | null;
  /** null: as long as their snapshots. */
  readonly retention: Retention | null;
  readonly latest: number | null;
  readonly withOplogs: boolean;
}

/** A region is copied to only where every zone of the cluster is: half a cluster restores nothing. */
export function copyRules(backup: BackupFacts, read: Reader): readonly CopyRule[] {
  const shards = read.listOf(ofCluster(backup, (cluster) => cluster.shards));
  const zones = [...new Set(shards.map(({ zoneId }) => zoneId))];
  const settings = read.listOf(ofSchedule(backup, ({ copySettings }) => copySettings));
  const rules = settings.flatMap((setting) => {
    const zone = read.of(setting.zoneId);
    return zone === undefined ? [] : rulesOf(setting, read).map((rule) => ({ zone, rule }));
  });
  const [first, ...others] = zones;
  return rules
    .filter(({ zone }) => zone === first)
    .flatMap(({ rule }) => {
      const twins = others.map((other) => rules.find((one) => one.zone === other && isAlike(one.rule, rule))?.rule);
      const found = twins.filter((twin) => twin !== undefined);
      if (found.length < others.length) return [];
      const all = [rule, ...found];
      return [{ ...rule, retention: shortest(all), withOplogs: all.every(({ withOplogs }) => withOplogs) }];
    });
}

function isAlike(a: CopyRule, b: CopyRule): boolean {
  return a.region === b.region && a.frequency === b.frequency && a.latest === b.latest;
}

/** null stands for the snapshot's own, which none outlives. */
function shortest(rules: readonly CopyRule[]): Retention | null {
  const own = rules.flatMap(({ retention }) => (retention === null ? [] : [retention]));
  return own.toSorted((a, b) => spanOf(a) - spanOf(b))[0] ?? null;
}

function spanOf(retention: Retention): number {
  return addDuration(new Date(0), toDuration(retention)).getTime();
}

function rulesOf(setting: CopySetting, read: Reader): readonly CopyRule[] {
  const region = read.of(setting.region);
  const latest = read.of(setting.lastNumberOfSnapshots);
  const withOplogs = read.of(setting.copiesOplogs);
  if (region === undefined || latest === undefined || withOplogs === undefined) return [];
  if (latest !== null) return [{ region, frequency: null, retention: null, latest, withOplogs }];
  const frequencies = read.listOf(setting.frequencies);
  const retentions = read.listOf(setting.retentions);
  return frequencies.flatMap((frequency) => {
    if (frequency === "onDemand") return [];
    const own = retentions.find((one) => one.frequency === frequency)?.retention ?? null;
    return [{ region, frequency, retention: own, latest: null, withOplogs }];
  });
}

export interface CopyLife {
  readonly firing: Firing;
  readonly rule: CopyRule;
  readonly untilMs: number;
  readonly removedBy: string;
}

/** Of snapshots to come, in the order of time. None outlives its snapshot. */
export function copyLives(planned: readonly Firing[], rules: readonly CopyRule[]): readonly CopyLife[] {
  return rules.flatMap((rule) =>
    planned.flatMap((firing, index): readonly CopyLife[] => {
      if (rule.frequency !== null && rule.frequency !== firing.frequency) return [];
      const snapshotsOwn = `policy item ${firing.frequency}`;
      const end = endOf(rule, planned, index);
      if (end === undefined || end >= firing.untilMs)
        return [{ firing, rule, untilMs: firing.untilMs, removedBy: snapshotsOwn }];
      return [{ firing, rule, untilMs: end, removedBy: `copies to ${rule.region}` }];
    }),
  );
}

/** undefined: it lives as long as its snapshot. */
function endOf({ latest, retention }: CopyRule, planned: readonly Firing[], index: number): number | undefined {
  if (latest !== null) return planned[index + latest]?.atMs;
  const firing = planned[index];
  if (retention === null || firing === undefined) return undefined;
  return addDuration(new Date(firing.atMs), toDuration(retention)).getTime();
}
