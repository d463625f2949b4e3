/** Which snapshots are copied to which regions, those that are there and those to come, and how long the copies live. */
import { OpsError } from "../../core/error.ts";
import type { Frequency } from "../../core/frequency.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import { regionOf } from "../../core/region.ts";
import type { CopySetting, Retention, Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster, ofSchedule } from "../backup/facts.ts";
import type { Point } from "../backup/points.ts";
import { keptUntilMs, type Together } from "./firings.ts";
import type { Place, RestorePoint } from "./model.ts";
import { type Making, once, PlannedPoint } from "./planned.ts";
import { inRegion } from "./supply-place.ts";
import type { Reader, Reading, SnapshotSupply } from "./supply-snapshots.ts";

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
  return keptUntilMs(0, retention);
}

function rulesOf(setting: CopySetting, read: Reader): readonly CopyRule[] {
  const region = read.of(regionOfCopies(setting));
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

function regionOfCopies({ region, provider }: CopySetting): Observed<string> {
  if (!region.known) return region;
  if (!provider.known) return provider;
  if (provider.value === null)
    return notKnown(
      new OpsError("protocol", `whose region ${region.value} is that snapshots are copied to is not said`),
    );
  return known(regionOf(provider.value, region.value));
}

interface Copying {
  readonly read: Reader;
  readonly rules: readonly CopyRule[];
  /** When the snapshots were or will be taken that may take the place of older ones, in order. */
  readonly following: readonly number[];
}

/** In every region that the snapshot itself names. */
export function seenCopies(
  point: Point,
  life: RestorePoint,
  facts: SnapshotSupply,
  { read, rules, following }: Copying,
): readonly RestorePoint[] {
  return copyRegionsOf(point.snapshot, facts, read).map((named) => {
    const region = ownerOf(named, facts.backup);
    const untilMs = copyUntilMs(life, region, rules, following);
    const removedBy = untilMs < life.untilMs ? `copies of ${life.tier} to ${region}` : life.removedBy;
    const place = inRegion(life.place, region);
    return { ...life, kind: "copy", id: `copy in ${region} of ${life.id}`, untilMs, removedBy, place };
  });
}

/** A snapshot names regions alone: they are of the provider that its schedule copies to. */
function ownerOf(region: string, backup: BackupFacts): string {
  const settings = ofSchedule(backup, ({ copySettings }) => copySettings);
  if (!settings.known) return region;
  const same = settings.value.filter((setting) => setting.region.known && setting.region.value === region);
  const names = same.flatMap((setting) => {
    const name = regionOfCopies(setting);
    return name.known ? [name.value] : [];
  });
  return names.includes(region) ? region : (names[0] ?? region);
}

/** Deleting a snapshot deletes its copies. Where only the latest are kept, each that follows may take the place of one. */
function copyUntilMs(
  life: RestorePoint,
  region: string,
  rules: readonly CopyRule[],
  following: readonly number[],
): number {
  const ends = rules.flatMap((rule): readonly number[] => {
    if (rule.region !== region) return [];
    if (rule.latest !== null) return following.filter((ms) => ms > life.dataMs).slice(rule.latest - 1, rule.latest);
    if (rule.frequency !== life.tier || rule.retention === null) return [];
    return [keptUntilMs(life.dataMs, rule.retention)];
  });
  return Math.min(life.untilMs, ...ends);
}

/** Of a sharded cluster, the regions that hold a copy of every part. */
function copyRegionsOf(
  { copyRegions, members }: Snapshot,
  { backup }: SnapshotSupply,
  read: Reader,
): readonly string[] {
  if (backup.database.copies.length > 0) read.of(copyRegions);
  if (!copyRegions.known) return NONE;
  if (copyRegions.value !== null) return copyRegions.value;
  const parts = backup.memberSnapshots === null ? NONE : read.listOf(backup.memberSnapshots);
  const [first = NONE, ...rest] = (read.of(members) ?? NONE).map(({ id }) => {
    const part = parts.find((one) => one.id.known && one.id.value === id);
    return part === undefined ? NONE : (read.of(part.copyRegions) ?? NONE);
  });
  return first.filter((region) => rest.every((regions: readonly string[]) => regions.includes(region)));
}

const NONE: readonly never[] = [];

/** Of snapshots to come. None outlives its snapshot. */
export function plannedCopies(
  own: readonly PlannedPoint[],
  rules: readonly CopyRule[],
  reading: Reading,
  placeIn: (region: string) => Place,
): readonly PlannedPoint[] {
  const regions = [...new Set(rules.map(({ region }) => region))];
  return regions.flatMap((region) =>
    copiesTo(
      placeIn(region),
      rules.filter((rule) => rule.region === region),
      own,
      reading,
    ),
  );
}

function copiesTo(
  place: Place,
  rules: readonly CopyRule[],
  own: readonly PlannedPoint[],
  reading: Reading,
): readonly PlannedPoint[] {
  const rulesFor = once(({ of }: Making) => applying(rules, of, reading));
  const whole = once((making: Making) => ({
    ...making,
    kind: "copy" as const,
    place,
    name: `copy in ${place.label} of ${making.name}`,
  }));
  const cut = once((making: Making) => ({ ...whole(making), removedBy: `copies to ${place.label}` }));
  const isBest = reading === "optimistic";
  const bound = isBest ? Math.max : Math.min;
  const copies: PlannedPoint[] = [];
  for (const [index, { making, dataMs, untilMs }] of own.entries()) {
    const found = rulesFor(making);
    if (found.length === 0) continue;
    const endMs = found.reduce(
      (ms, rule) => bound(ms, copyEndMs(rule, own, index)),
      isBest ? 0 : Number.POSITIVE_INFINITY,
    );
    const copy = endMs < untilMs ? cut(making) : whole(making);
    copies.push(new PlannedPoint(copy, dataMs, Math.min(endMs, untilMs)));
  }
  return copies;
}

/** At worst only those of a snapshot that is copied whichever item it is of. */
function applying(rules: readonly CopyRule[], { keepers }: Together, reading: Reading): readonly CopyRule[] {
  const byKeeper = keepers.map((keeper) =>
    rules.filter(({ latest, frequency }) => latest !== null || frequency === keeper.frequency),
  );
  const isCopied = reading === "optimistic" || byKeeper.every((found) => found.length > 0);
  return isCopied ? byKeeper.flat() : NONE;
}

function copyEndMs({ latest, retention }: CopyRule, own: readonly PlannedPoint[], index: number): number {
  if (latest !== null) return own[index + latest]?.dataMs ?? Number.POSITIVE_INFINITY;
  const dataMs = own[index]?.dataMs;
  return retention === null || dataMs === undefined ? Number.POSITIVE_INFINITY : keptUntilMs(dataMs, retention);
}
