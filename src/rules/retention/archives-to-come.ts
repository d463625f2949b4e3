/** Archives that are still to be pushed: of which months, when, from which snapshot, or what keeps a push from them. */
import { HOUR_MS, longestMs } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Observed } from "../../core/observed.ts";
import type { ArchivePolicy } from "../../policy/schema.ts";
import type { KeptObject } from "../archive/kept.ts";
import { keysToBe } from "../archive/keys.ts";
import type { KeptVersion } from "../archive/lifecycle.ts";
import { endOf, type Period, periodOf, retainUntil } from "../archive/slots.ts";
import { placeOf as folderOf, type SeriesFacts, standing } from "../archive/verify-facts.ts";
import { archiveLife, type Living } from "./archive-life.ts";
import type { Hurdle } from "./hurdle.ts";
import type { Place, RestorePoint } from "./model.ts";
import { firstFrom } from "./shelves.ts";

interface Months {
  readonly archive: ArchivePolicy;
  readonly series: Pick<SeriesFacts, "archive" | "database" | "versions">;
  readonly nowMs: number;
  readonly untilMs: number;
}

/** Those whose time has not run out, of whatever month; a push makes none where a manifest was ever written, hidden or not. */
export function monthsToCome({ archive, series, nowMs, untilMs }: Months): readonly Period[] {
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

/** When it comes at best: half a day after its month. */
export function earliestMs({ endsAt, dueAt }: Period, nowMs: number): number {
  return Math.max(nowMs, Math.min(endsAt.getTime() + PUSHED_AFTER_MS, dueAt.getTime()));
}

export interface Coming extends Living, Months {
  readonly hurdle: Hurdle;
  /** Snapshots that are there or to come, in the order of their data. */
  readonly sources: readonly RestorePoint[];
  readonly place: Place;
}

/**
 * At worst it comes when it is due, at best half a day after its month, and no earlier than a snapshot to make it from is ready.
 * Rules count from when it came: at worst that was early, and they remove it early.
 */
export function plannedArchive(coming: Coming, period: Period): RestorePoint {
  const { hurdle, place, reading, nowMs } = coming;
  const isBest = reading === "optimistic";
  const early = earliestMs(period, nowMs);
  const late = Math.max(early, period.dueAt.getTime());
  const source = sourceOf(coming.sources, period, isBest ? early : late);
  if (source === undefined) return neverMade(coming, period, noSource(period));
  const writtenMs = isBest ? Math.max(late, source.fromMs) : early;
  const refused = refusal(hurdle(period, new Date(writtenMs)), isBest);
  if (refused !== null) return neverMade(coming, period, refused);
  const { dataMs, dataLatestMs = dataMs } = source;
  return archiveLife(coming, {
    month: period.month,
    place,
    fromMs: Math.max(isBest ? early : late, source.fromMs),
    dataMs,
    dataLatestMs,
    kept: objectsToCome(coming, period, new Date(writtenMs)),
    isSeen: false,
  });
}

/** The first that a push takes: of the time up to which it is due, and still there when it is archived. */
function sourceOf(sources: readonly RestorePoint[], { endsAt, dueAt }: Period, pushedMs: number) {
  for (let index = firstFrom(sources, endsAt.getTime()); ; index += 1) {
    const source = sources[index];
    if (source === undefined || (source.dataLatestMs ?? source.dataMs) > dueAt.getTime()) return undefined;
    if (source.untilMs > Math.max(pushedMs, source.fromMs)) return source;
  }
}

function noSource({ endsAt, dueAt }: Period): string {
  return `there is no snapshot from ${formatInstant(endsAt)} to ${formatInstant(dueAt)} to make it from`;
}

/** Where nobody knows whether a push is refused, at worst it is. */
function refusal(hurdle: Observed<string | null>, isBest: boolean): string | null {
  if (hurdle.known) return hurdle.value === null ? null : `a push refuses it: ${hurdle.value}`;
  return isBest ? null : `a push may refuse it: ${hurdle.reason.message}`;
}

/** It is never there, and says why. */
function neverMade({ archive, madeFrom, place }: Coming, { month, endsAt, dueAt }: Period, why: string): RestorePoint {
  const atMs = dueAt.getTime();
  return {
    id: `planned archive ${month}`,
    kind: "archive",
    tier: `archive ${archive.name}`,
    dataMs: endsAt.getTime(),
    fromMs: atMs,
    untilMs: atMs,
    removedBy: why,
    place,
    stages: [],
    isSeen: false,
    month,
    madeFrom,
  };
}

function objectsToCome({ archive, series, rules }: Coming, period: Period, createdAt: Date): readonly KeptObject[] {
  const lockedUntil = archive.objectLock === "none" ? null : retainUntil(archive, period);
  const object = (role: KeptObject["role"], key: string, storageClass: string): KeptObject => ({
    role,
    version: { ...UNWRITTEN, key, storageClass, createdAt, lockedUntil },
  });
  const prefixes = rules.map(({ prefix }) => prefix);
  const { manifestKey, dataKeys } = keysToBe(folderOf(series), period.month, prefixes);
  return [
    ...dataKeys.map((key) => object("data", key, archive.storageClass)),
    object("manifest", manifestKey, "STANDARD"),
  ];
}

const UNWRITTEN: Pick<KeptVersion, "sizeBytes" | "tags" | "isNullVersion" | "noncurrentSince" | "newerNoncurrent"> = {
  sizeBytes: null,
  tags: null,
  isNullVersion: false,
  noncurrentSince: null,
  newerNoncurrent: 0,
};
