/** What `archive verify` looks at: the archives of one database as they stand in their bucket. */
import type { Duration } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { ArchivePolicy, DatabasePolicy } from "../../policy/schema.ts";
import type { KeyState } from "../../ports/keys.ts";
import type { BucketSettings, ObjectAttributes, ObjectHead, ObjectVersion, Upload } from "../../ports/s3.ts";
import { pastInstant } from "../backup/facts.ts";
import type { DeepState } from "./deep.ts";
import { formatKey, type Place } from "./keys.ts";
import type { Manifest, ManifestObject } from "./manifest.ts";
import type { Sha256 } from "./merkle.ts";
import { type Period, periodOf } from "./slots.ts";

/** What the archives of a database are judged by as a series: small, however many parts they have. */
export interface SeriesFacts {
  readonly observedAt: Date;
  readonly archive: ArchivePolicy;
  readonly database: DatabasePolicy;
  /** All versions and delete markers under the folder of the database, by key, the newest of a key first. */
  readonly versions: Observed<readonly ObjectVersion[]>;
  readonly uploads: Observed<readonly Upload[]>;
  /** By month, where a manifest is the newest version of its key. */
  readonly manifests: ReadonlyMap<string, Observed<Outline>>;
}

/** What is remembered of a manifest when its archive has been judged. */
export interface Outline extends Pick<Manifest, "slots" | "snapshot" | "completedAt"> {
  readonly objects: readonly Pick<ManifestObject, "key">[];
}

/** What is judged of single archives besides: of all of them, or of as many as fit into memory at a time. */
export interface VerifyFacts extends SeriesFacts {
  readonly projectId: string;
  readonly bucket: Observed<Pick<BucketSettings, "lifecycle" | "versioning">>;
  readonly manifests: ReadonlyMap<string, Observed<Manifest>>;
  /** By key: the manifests, and in the version that their manifest names, the objects. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** By ARN, those that the objects are under. */
  readonly keys: ReadonlyMap<string, Observed<KeyState>>;
  readonly sha256: Sha256;
  /** null: it was not looked at. */
  readonly deep: DeepFacts | null;
}

export interface DeepFacts {
  /** Every archive is read back at least so often; null: nobody promised it. */
  readonly within: Duration | null;
  /** By month; a null value: it was never read back. */
  readonly states: ReadonlyMap<string, Observed<DeepState | null>>;
}

export interface StoredObject {
  readonly head: Observed<ObjectHead>;
  /** null: not asked for (of a manifest). */
  readonly attributes: Observed<ObjectAttributes> | null;
}

/** One archive: a month that has a manifest. */
export interface ArchiveFacts extends VerifyFacts {
  readonly month: string;
  /** undefined: the policy declares no slot that this month closes. */
  readonly period: Period | undefined;
  readonly manifest: Observed<Manifest>;
  readonly manifestKey: string;
}

export function placeOf({ archive, database }: Pick<SeriesFacts, "archive" | "database">): Place {
  return { prefix: archive.prefix, database: database.name };
}

const NONE: readonly ObjectVersion[] = [];

/** All versions of a key, the newest first. */
export function versionsOf(versions: readonly ObjectVersion[], key: string): readonly ObjectVersion[] {
  const byKey = INDEX.get(versions) ?? Map.groupBy(versions, (version) => version.key);
  INDEX.set(versions, byKey);
  return byKey.get(key) ?? NONE;
}

/** Every check asks for the versions of many keys, among very many of them. */
const INDEX = new WeakMap<readonly ObjectVersion[], ReadonlyMap<string, readonly ObjectVersion[]>>();

/** How the archive of a month stands in the bucket, by its manifest. */
export function standing(
  facts: Pick<SeriesFacts, "archive" | "database" | "versions">,
  month: string,
): Observed<"complete" | "hidden" | "absent"> {
  const { versions } = facts;
  if (!versions.known) return versions;
  const found = versionsOf(versions.value, formatKey(placeOf(facts), { kind: "manifest", month }));
  const latest = found.find(({ isLatest }) => isLatest);
  if (latest !== undefined && !latest.isDeleteMarker) return { known: true, value: "complete" };
  return { known: true, value: found.some(({ isDeleteMarker }) => !isDeleteMarker) ? "hidden" : "absent" };
}

/** The facts of one month that has a manifest. */
export function ofMonth(facts: VerifyFacts, month: string): ArchiveFacts {
  const manifestKey = formatKey(placeOf(facts), { kind: "manifest", month });
  const manifest = facts.manifests.get(month) ?? notRead(manifestKey);
  return { ...facts, month, period: periodOf(facts.archive, month), manifest, manifestKey };
}

/** What S3 says of an object; what nobody asked for is not known. */
export function headOf({ objects }: VerifyFacts, key: string): Observed<ObjectHead> {
  return objects.get(key)?.head ?? notRead(key);
}

/** The keys that objects are under, as S3 names them, each once: they may be others than that of the bucket by now. */
export function keysOfObjects(heads: readonly Observed<ObjectHead>[]): readonly Observed<string>[] {
  const found = heads.flatMap((head): readonly Observed<string>[] => {
    const arn = head.known ? head.value.kmsKeyArn : head;
    if (!arn.known) return [arn];
    return arn.value === null ? [] : [known(arn.value)];
  });
  return [...new Map(found.map((arn) => [arn.known ? arn.value : arn.reason, arn])).values()];
}

export function attributesOf({ objects }: VerifyFacts, key: string): Observed<ObjectAttributes> {
  return objects.get(key)?.attributes ?? notRead(key);
}

/** When the archive came, by the clock of S3; null: that cannot be read. */
export function cameAt(facts: SeriesFacts, month: string): Observed<Date | null> {
  const { versions, observedAt } = facts;
  if (!versions.known) return versions;
  const manifestKey = formatKey(placeOf(facts), { kind: "manifest", month });
  const oldest = versionsOf(versions.value, manifestKey).findLast(({ isDeleteMarker }) => !isDeleteMarker);
  return pastInstant(known(oldest?.lastModifiedAt ?? null), observedAt, manifestKey);
}

function notRead(key: string) {
  return notKnown(new OpsError("unavailable", `${key} was not looked at`));
}

/** What is wrong with one object, or why that cannot be said; null: nothing is. */
export type Trouble = { readonly key: string; readonly wrong: string | OpsError } | null;

/** So many of a kind are named, the rest is counted. */
export const MAX_SHOWN = 5;

export function several(words: readonly string[], between = ", "): string {
  const more = words.length > MAX_SHOWN ? ` and ${words.length - MAX_SHOWN} more` : "";
  return `${words.slice(0, MAX_SHOWN).join(between)}${more}`;
}

/** One verdict over many objects: what is wrong outranks what is not known. */
export function overAll(troubles: readonly Trouble[], allIsWell: string): Verdict {
  if (troubles.length === 0) return unknown("there is no object to look at");
  const found = troubles.filter((trouble) => trouble !== null);
  const wrong = found.flatMap(({ key, wrong: what }) => (typeof what === "string" ? [`${key}: ${what}`] : []));
  if (wrong.length > 0)
    return fail(several(wrong, "; "), {
      objects: troubles.length,
      wrong: wrong.length,
      actual: wrong.slice(0, MAX_SHOWN),
    });
  const [first] = found;
  if (first === undefined || typeof first.wrong === "string") return pass(allIsWell, { objects: troubles.length });
  return unknown(first.wrong, { objects: troubles.length, unknown: found.length });
}
