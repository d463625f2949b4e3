/**
 * What S3's lifecycle rules do to a version of an object, and when. Rules run some time after they apply, so each instant
 * here is the earliest at which it can happen; what hangs on something that S3 does not tell is not certain.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
import { DAY_MS } from "../../core/duration.ts";
import { all, type Tri, tri } from "../../core/tri.ts";
import type { LifecycleRule, Transition } from "../../ports/s3.ts";

/** One version of an object, or one that is still to be written. */
export interface KeptVersion {
  readonly key: string;
  /** null: not known. */
  readonly sizeBytes: number | null;
  readonly storageClass: string;
  /** null: not known. */
  readonly tags: Readonly<Record<string, string>> | null;
  readonly createdAt: Date;
  /** Written while the bucket kept no versions. */
  readonly isNullVersion: boolean;
  /** When a newer version or a delete marker took its place; null: it is the current one. */
  readonly noncurrentSince: Date | null;
  /** How many noncurrent versions of its key are newer. */
  readonly newerNoncurrent: number;
  /** No rule deletes it before; null: it is not locked. */
  readonly lockedUntil: Date | null;
}

/**
 * `moves`: to another class. `hides`: a delete marker takes its place, and the data stay as a noncurrent version.
 * `deletes`: the data are gone.
 */
export interface LifecycleEvent {
  readonly kind: "moves" | "hides" | "deletes";
  readonly earliestAt: Date;
  readonly ruleId: string;
  /** Where it moves to; null: it does not. */
  readonly storageClass: string | null;
  /** It will happen, if nobody changes the rules. */
  readonly isCertain: boolean;
}

/** All that the rules do to a version, in order, up to its deletion. */
export function lifecycleOf(
  version: KeptVersion,
  rules: readonly LifecycleRule[],
  versioning: "enabled" | "suspended" | "off",
): readonly LifecycleEvent[] {
  const matching = rules.flatMap((rule) => {
    const matches = concerns(rule, version);
    return matches === "no" ? [] : [{ rule, isCertain: matches === "yes" }];
  });
  const since = version.noncurrentSince;
  if (since !== null) return inOrder(noncurrentLife(version, matching, { earliestAt: since, isCertain: true }));
  const ends = untilCertain(expiries(version, matching, versioning));
  const endsAt = ends.find(({ isCertain }) => isCertain)?.earliestAt;
  const moves = movesOf(version, matching, ({ transitions }) => transitions, version.createdAt).filter(
    ({ earliestAt }) => endsAt === undefined || earliestAt <= endsAt,
  );
  const last = moves.findLast(({ isCertain }) => isCertain)?.storageClass ?? version.storageClass;
  const hidden = ends.filter(({ kind }) => kind === "hides");
  const afterwards = hidden.flatMap((end) => noncurrentLife({ ...version, storageClass: last }, matching, end));
  return inOrder([...moves, ...ends, ...afterwards]);
}

/** Whether a rule is for an object: it is on, and prefix, tags and size fit. */
function concerns(rule: LifecycleRule, { key, tags, sizeBytes }: KeptVersion): Tri {
  const wanted = Object.entries(rule.tags);
  const { largerThanBytes, smallerThanBytes } = rule;
  return all(
    tri(rule.enabled),
    tri(key.startsWith(rule.prefix)),
    ...wanted.map(([name, value]) => (tags === null ? "maybe" : tri(tags[name] === value))),
    ...(largerThanBytes === null ? [] : [sizeBytes === null ? "maybe" : tri(sizeBytes > largerThanBytes)]),
    ...(smallerThanBytes === null ? [] : [sizeBytes === null ? "maybe" : tri(sizeBytes < smallerThanBytes)]),
  );
}

interface Matching {
  readonly rule: LifecycleRule;
  readonly isCertain: boolean;
}

type Since = Pick<LifecycleEvent, "earliestAt" | "isCertain">;

/** An expiry hides the current version, or deletes it where the bucket keeps no version of it. */
function expiries(
  version: KeptVersion,
  matching: readonly Matching[],
  versioning: "enabled" | "suspended" | "off",
): readonly LifecycleEvent[] {
  const isDeleted = versioning === "off" || (versioning === "suspended" && version.isNullVersion);
  return matching.flatMap(({ rule, isCertain }) => {
    if (rule.expiration === null) return [];
    const at = dueAt(rule.expiration, version.createdAt);
    return isDeleted
      ? [deletes(version, at, rule, isCertain)]
      : [{ kind: "hides" as const, earliestAt: at, ruleId: rule.id, storageClass: null, isCertain }];
  });
}

/** The age of a noncurrent version counts from the moment that its successor came. */
function noncurrentLife(version: KeptVersion, matching: readonly Matching[], since: Since): readonly LifecycleEvent[] {
  const deletions = matching.flatMap(({ rule, isCertain }) => {
    const { noncurrentExpiration: expiry } = rule;
    if (expiry === null || version.newerNoncurrent < (expiry.newerVersions ?? 0)) return [];
    return [deletes(version, dueAt(expiry, since.earliestAt), rule, isCertain && since.isCertain)];
  });
  const moves = movesOf(version, matching, ({ noncurrentTransitions }) => noncurrentTransitions, since.earliestAt);
  return [
    ...untilCertain(deletions),
    ...moves.map((move) => ({ ...move, isCertain: move.isCertain && since.isCertain })),
  ];
}

function deletes(version: KeptVersion, at: Date, rule: LifecycleRule, isCertain: boolean): LifecycleEvent {
  const earliestAt = version.lockedUntil !== null && version.lockedUntil > at ? version.lockedUntil : at;
  return { kind: "deletes", earliestAt, ruleId: rule.id, storageClass: null, isCertain };
}

/** Moves go down only; of several on one day, that to the cheapest class is made. */
function movesOf(
  version: KeptVersion,
  matching: readonly Matching[],
  ofRule: (rule: LifecycleRule) => readonly Transition[],
  since: Date,
): readonly LifecycleEvent[] {
  const candidates = matching
    .flatMap(({ rule, isCertain }) =>
      ofRule(rule).map(({ after, storageClass }) => {
        const fits = all(isCertain ? "yes" : "maybe", isLargeEnough(rule, version, storageClass));
        return { fits, rule, storageClass, earliestAt: dueAt(after, since) };
      }),
    )
    .filter(({ fits }) => fits !== "no")
    .sort((a, b) => a.earliestAt.getTime() - b.earliestAt.getTime() || depth(b.storageClass) - depth(a.storageClass));
  let from = version.storageClass;
  const moves: LifecycleEvent[] = [];
  for (const { fits, rule, storageClass, earliestAt } of candidates) {
    if (isKnown(from) && depth(storageClass) <= depth(from)) continue;
    const isCertain = fits === "yes" && isKnown(from) && isKnown(storageClass);
    moves.push({ kind: "moves", earliestAt, ruleId: rule.id, storageClass, isCertain });
    if (isCertain) from = storageClass;
  }
  return moves;
}

/**
 * Below this, objects do not move, unless the rule has a limit of size of its own; or they do move to the archive classes,
 * in buckets whose rules are older than that. Which of the two a bucket has is not in the rules.
 */
const SMALL_BYTES = 128 * 1024;

function isLargeEnough(rule: LifecycleRule, { sizeBytes }: KeptVersion, storageClass: string): Tri {
  if (rule.largerThanBytes !== null || rule.smallerThanBytes !== null) return "yes";
  if (sizeBytes === null) return "maybe";
  if (sizeBytes >= SMALL_BYTES) return "yes";
  return storageClass === "GLACIER" || storageClass === "DEEP_ARCHIVE" || !isKnown(storageClass) ? "maybe" : "no";
}

/** From the highest to the deepest; objects fall and never rise. */
const CLASSES: readonly string[] = [
  "STANDARD",
  "STANDARD_IA",
  "INTELLIGENT_TIERING",
  "ONEZONE_IA",
  "GLACIER_IR",
  "GLACIER",
  "DEEP_ARCHIVE",
];

function isKnown(storageClass: string): boolean {
  return CLASSES.includes(storageClass);
}

/** A class that is not known may stand anywhere; as the end of a move it is taken to be the deepest. */
function depth(storageClass: string): number {
  return isKnown(storageClass) ? CLASSES.indexOf(storageClass) : CLASSES.length;
}

/** So many days later, and then the next midnight in UTC; or a day of the calendar, which may have gone by. */
function dueAt(after: { readonly days: number } | { readonly date: Date }, since: Date): Date {
  if ("days" in after) return new Date(Math.ceil((since.getTime() + after.days * DAY_MS) / DAY_MS) * DAY_MS);
  return after.date > since ? after.date : since;
}

/** The earliest that is certain, and what may come before it. */
function untilCertain(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const ordered = events.toSorted((a, b) => a.earliestAt.getTime() - b.earliestAt.getTime());
  const certain = ordered.findIndex(({ isCertain }) => isCertain);
  return certain === -1 ? ordered : ordered.slice(0, certain + 1);
}

/** What S3 does first where several fall on one day. */
const PRECEDENCE = { deletes: 0, moves: 1, hides: 2 } as const satisfies Record<LifecycleEvent["kind"], number>;

function inOrder(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const ordered = events.toSorted(
    (a, b) => a.earliestAt.getTime() - b.earliestAt.getTime() || PRECEDENCE[a.kind] - PRECEDENCE[b.kind],
  );
  const gone = ordered.findIndex(({ kind, isCertain }) => kind === "deletes" && isCertain);
  return gone === -1 ? ordered : ordered.slice(0, gone + 1);
}
