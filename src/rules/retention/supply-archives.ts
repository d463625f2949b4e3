/**
 * The restore points that stand in S3, and those that are to come: each archive lives until a lifecycle rule hides or
 * deletes one of its objects, and moves down through the classes as the rules say.
 */
import type { Observed } from "../../core/observed.ts";
import type { ArchivePolicy } from "../../policy/schema.ts";
import type { KeyState } from "../../ports/keys.ts";
import type { BucketSettings } from "../../ports/s3.ts";
import { cameAt, headOf, keysOfObjects, ofMonth, type SeriesFacts, standing } from "../archive/verify-facts.ts";
import { keptObjects } from "../archive/verify-keeping.ts";
import { archiveLife, type Living } from "./archive-life.ts";
import type { ArchivedMonth } from "./archived-month.ts";
import { monthsToCome, plannedArchive } from "./archives-to-come.ts";
import type { Hurdle } from "./hurdle.ts";
import type { Domain, Place, RestorePoint } from "./model.ts";
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
  readonly hurdle: Hurdle;
  /** Snapshots that are there or to come, in the order of their data. */
  readonly sources: readonly RestorePoint[];
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
  const living: Seeing = { ...facts, rules, versioning, read };
  const seen = [...facts.months]
    .map(([month, of]) => seenArchive(living, month, of))
    .filter((point) => point !== undefined);
  const place = archivePlace(facts, keysToCome(facts, encryption?.kmsKeyId ?? null, seen));
  const coming = { ...living, place };
  const planned = monthsToCome(facts).map((period) => plannedArchive(coming, period));
  return { supply: { points: [...seen, ...planned], continuous: [] }, unreadable: read.failures() };
}

interface Seeing extends Living, ArchiveSupply {
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
function seenArchive(living: Seeing, month: string, facts: ArchivedMonth): RestorePoint | undefined {
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
