/**
 * The restore points that stand in S3, and those that are to come: each archive lives until a lifecycle rule hides or
 * deletes one of its objects, and moves down through the classes as the rules say.
 */
import { HOUR_MS, longestMs } from "../../core/duration.ts";
import type { Observed } from "../../core/observed.ts";
import type { ArchivePolicy } from "../../policy/schema.ts";
import type { KeyState } from "../../ports/keys.ts";
import type { BucketSettings } from "../../ports/s3.ts";
import type { KeptObject } from "../archive/kept.ts";
import { keysToBe } from "../archive/keys.ts";
import { type KeptVersion, type LifecycleEvent, lifecycleOf } from "../archive/lifecycle.ts";
import { endOf, type Period, periodOf, retainUntil } from "../archive/slots.ts";
import { slowestThawMs } from "../archive/thaw.ts";
import {
  cameAt,
  placeOf as folderOf,
  headOf,
  keysOfObjects,
  ofMonth,
  type SeriesFacts,
  standing,
} from "../archive/verify-facts.ts";
import { keptObjects } from "../archive/verify-keeping.ts";
import type { ArchivedMonth } from "./archived-month.ts";
import type { Domain, Place, RestorePoint, Stage } from "./model.ts";
import { type Reader, type Reading, reader, type Supplied } from "./supply-snapshots.ts";

export interface ArchiveSupply {
  readonly archive: ArchivePolicy;
  readonly series: Pick<SeriesFacts, "archive" | "database" | "versions">;
  /** The cluster that is archived. */
  readonly madeFrom: Place;
  /** One for each month that has a manifest. */
  readonly months: ReadonlyMap<string, ArchivedMonth>;
  readonly bucket: Observed<BucketSettings>;
  /** That of the bucket; null: S3's own, or none. */
  readonly key: Observed<Pick<KeyState, "arn"> | null>;
  /** Why none can be made from now on; null: nothing keeps a push from it. */
  readonly hurdle: Observed<string | null>;
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: number;
  readonly untilMs: number;
  readonly reading: Reading;
}

export function archiveSupply(facts: ArchiveSupply): Supplied {
  const read = reader();
  const bucket = read.of(facts.bucket);
  const rules = bucket === undefined ? undefined : read.of(bucket.lifecycle);
  const versioning = bucket === undefined ? undefined : read.of(bucket.versioning);
  const encryption = bucket === undefined ? undefined : read.of(bucket.encryption);
  if (rules === undefined || versioning === undefined || encryption === undefined)
    return { supply: { points: [], continuous: [] }, unreadable: read.failures() };
  const living: Living = { ...facts, rules, versioning, read };
  const seen = [...facts.months]
    .map(([month, of]) => seenArchive(living, month, of))
    .filter((point) => point !== undefined);
  const place = archivePlace(facts, keysToCome(facts, encryption?.kmsKeyId ?? null, seen));
  const hurdle = read.of(facts.hurdle);
  const toCome = typeof hurdle === "string" ? [] : monthsToCome(facts);
  const planned = toCome.map((period) => plannedArchive(living, place, period));
  return { supply: { points: [...seen, ...planned], continuous: [] }, unreadable: read.failures() };
}

interface Living extends ArchiveSupply {
  readonly rules: Parameters<typeof lifecycleOf>[1];
  readonly versioning: Parameters<typeof lifecycleOf>[2];
  readonly read: Reader;
}

/**
 * What is to come is encrypted with the key of the bucket. A bucket may name it by an alias; where KMS does not tell whose, at
 * worst it is any of those that archives are under already.
 */
function keysToCome(
  { key, reading }: ArchiveSupply,
  byDefault: string | null,
  seen: readonly RestorePoint[],
): readonly string[] {
  if (byDefault === null) return [];
  if (key.known && key.value !== null) return [key.value.arn];
  const others = seen.flatMap(({ place }) => place.domains.flatMap(({ kind, name }) => (kind === "key" ? [name] : [])));
  return reading === "optimistic" ? [byDefault] : [...new Set([byDefault, ...others])];
}

export function archivePlace(
  { archive, region, accountId }: Pick<ArchiveSupply, "archive" | "region" | "accountId">,
  keys: readonly string[],
): Place {
  return {
    label: `s3://${archive.bucket} (${region})`,
    domains: [
      { kind: "bucket", name: archive.bucket },
      { kind: "region", name: region },
      { kind: "account", name: `aws:${accountId}` },
      ...keys.map((name): Domain => ({ kind: "key", name })),
    ],
  };
}

/** What is flawed is no restore point: retention/archive says why. */
function seenArchive(living: Living, month: string, facts: ArchivedMonth): RestorePoint | undefined {
  const { read } = living;
  const one = ofMonth(facts, month);
  const state = read.of(standing(facts, month));
  const came = read.of(cameAt(facts, month));
  const manifest = read.of(one.manifest);
  if (state !== "complete" || came === undefined || came === null || manifest === undefined) return undefined;
  if (read.of(facts.flaw) !== null) return undefined;
  const kept = keptObjects(one);
  if (!Array.isArray(kept)) {
    read.of({ known: false, reason: kept });
    return undefined;
  }
  const keys = keysOfObjects(kept.map(({ version }) => headOf(facts, version.key))).map((arn) => read.of(arn));
  return archiveLife(living, {
    month,
    place: archivePlace(
      living,
      keys.filter((key) => key !== undefined),
    ),
    fromMs: came.getTime(),
    dataMs: manifest.snapshot.createdAt.getTime(),
    kept,
    isSeen: true,
  });
}

/** Those whose time has not run out, of whatever month; a push makes none where a manifest was ever written, hidden or not. */
function monthsToCome({ archive, series, nowMs, untilMs }: ArchiveSupply): readonly Period[] {
  const periods: Period[] = [];
  const oldest = new Date(nowMs - longestMs(archive.dueWithin));
  for (let year = oldest.getUTCFullYear(), index = oldest.getUTCMonth() - 1; ; index += 1) {
    const month = new Date(Date.UTC(year, index, 1)).toISOString().slice(0, 7);
    if (endOf(month).getTime() > untilMs) return periods;
    const period = month < archive.since ? undefined : periodOf(archive, month);
    const stands = standing(series, month);
    const isFree = !stands.known || stands.value === "absent";
    if (period !== undefined && isFree && period.dueAt.getTime() > nowMs) periods.push(period);
  }
}

/** What a push of a healthy month takes, at best. */
const PUSHED_AFTER_MS = 12 * HOUR_MS;

/**
 * At worst it comes when it is due, at best half a day after its month. Rules count from when it came: at worst that was
 * early, and they remove it early.
 */
function plannedArchive(living: Living, place: Place, period: Period): RestorePoint {
  const { archive, series, rules, reading, nowMs } = living;
  const { month, endsAt, dueAt } = period;
  const early = Math.max(nowMs, Math.min(endsAt.getTime() + PUSHED_AFTER_MS, dueAt.getTime()));
  const lateMs = Math.max(early, dueAt.getTime());
  const [fromMs, writtenMs] = reading === "optimistic" ? [early, lateMs] : [lateMs, early];
  const lockedUntil = archive.objectLock === "none" ? null : retainUntil(archive, period);
  const object = (role: KeptObject["role"], key: string, storageClass: string): KeptObject => ({
    role,
    version: { ...UNWRITTEN, key, storageClass, createdAt: new Date(writtenMs), lockedUntil },
  });
  const prefixes = rules.map(({ prefix }) => prefix);
  const { manifestKey, dataKeys } = keysToBe(folderOf(series), month, prefixes);
  const kept = [
    ...dataKeys.map((key) => object("data", key, archive.storageClass)),
    object("manifest", manifestKey, "STANDARD"),
  ];
  return archiveLife(living, { month, place, fromMs, dataMs: endsAt.getTime(), kept, isSeen: false });
}

const UNWRITTEN: Pick<KeptVersion, "sizeBytes" | "tags" | "isNullVersion" | "noncurrentSince" | "newerNoncurrent"> = {
  sizeBytes: null,
  tags: null,
  isNullVersion: false,
  noncurrentSince: null,
  newerNoncurrent: 0,
};

interface OneLife extends Pick<RestorePoint, "fromMs" | "dataMs" | "isSeen" | "place"> {
  readonly month: string;
  readonly kept: readonly KeptObject[];
}

/** It ends with the first of its objects; what a rule only may do, it does at worst. */
function archiveLife({ archive, rules, versioning, madeFrom, reading }: Living, life: OneLife): RestorePoint {
  const { month, place, fromMs, dataMs, kept, isSeen } = life;
  const events = kept.flatMap((object) =>
    lifecycleOf(object.version, rules, versioning)
      .filter(({ isCertain }) => isCertain || reading === "pessimistic")
      .map((event) => ({ event, object })),
  );
  const ends = events
    .filter(({ event }) => event.kind !== "moves")
    .toSorted((a, b) => a.event.earliestAt.getTime() - b.event.earliestAt.getTime());
  const end = ends[0]?.event;
  return {
    id: isSeen ? `archive ${month}` : `planned archive ${month}`,
    kind: "archive",
    tier: `archive ${archive.name}`,
    dataMs,
    fromMs,
    untilMs: end?.earliestAt.getTime() ?? Number.POSITIVE_INFINITY,
    heldUntilMs: Math.max(...kept.map((object) => heldUntilMs(events, object))),
    removedBy: end === undefined ? null : removal(end),
    place,
    stages: stagesOf(life, events),
    isSeen,
    month,
    ...(isSeen ? {} : { madeFrom }),
  };
}

interface ObjectEvent {
  readonly event: LifecycleEvent;
  readonly object: KeptObject;
}

function heldUntilMs(events: readonly ObjectEvent[], object: KeptObject): number {
  const end = events.find((one) => one.object === object && one.event.kind === "deletes");
  return end?.event.earliestAt.getTime() ?? Number.POSITIVE_INFINITY;
}

function removal({ kind, ruleId }: LifecycleEvent): string {
  return kind === "hides" ? `lifecycle rule ${ruleId} (a delete marker hides it)` : `lifecycle rule ${ruleId}`;
}

/** At each instant as slow as the slowest of its objects; the manifest is one, for nothing is restored without it. */
function stagesOf({ fromMs, kept }: OneLife, events: readonly ObjectEvent[]): readonly Stage[] {
  const moves = events.filter(({ event }) => event.kind === "moves");
  const changes = moves.map(({ event }) => Math.max(fromMs, event.earliestAt.getTime()));
  const instants = [...new Set([fromMs, ...changes])].sort((a, b) => a - b);
  const dataFirst = kept.toSorted((a, b) => Number(a.role === "manifest") - Number(b.role === "manifest"));
  return instants
    .map((atMs) => ({ fromMs: atMs, ...slowestOf(dataFirst.map((object) => classAt(object, moves, atMs))) }))
    .filter(({ storageClass }, index, all) => storageClass !== all[index - 1]?.storageClass);
}

function classAt(object: KeptObject, moves: readonly ObjectEvent[], atMs: number): string {
  const last = moves.findLast(({ object: moved, event }) => moved === object && event.earliestAt.getTime() <= atMs);
  return last?.event.storageClass ?? object.version.storageClass;
}

/** Of several that are equally slow, the first; of what nobody knows how slow it is, that. */
function slowestOf(classes: readonly string[]): Omit<Stage, "fromMs"> {
  const all = classes.map((storageClass) => ({ storageClass, firstByteMs: slowestThawMs(storageClass) }));
  const slowness = ({ firstByteMs }: Omit<Stage, "fromMs">) => firstByteMs ?? Number.POSITIVE_INFINITY;
  return all.reduce((a, b) => (slowness(b) > slowness(a) ? b : a));
}
