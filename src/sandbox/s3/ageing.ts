/**
 * What lifecycle rules do by themselves. It is caught up with when a bucket is asked for: each action takes effect at the
 * first midnight UTC after its days, at once where S3 may take its time, and never on what is locked:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
import { DAY_MS } from "../../core/duration.ts";
import type { Store } from "./call.ts";
import { DOWNWARDS } from "./lifecycle-rules.ts";
import { isLocked } from "./locks.ts";
import type { After, BucketRecord, Lifecycle, LifecycleRule, StorageClass, VersionRecord } from "./model.ts";
import { addMarker } from "./versions.ts";

/** Brings the bucket to where its rules have brought it by now. */
export function age(store: Store, bucket: BucketRecord): void {
  const { lifecycle } = bucket;
  if (lifecycle === null) return;
  const rules = lifecycle.rules.filter(({ enabled, tags }) => enabled && tags.length === 0); // nothing here bears tags
  for (const rule of rules) abortUploads(store, bucket, rule);
  const rulesOfVersions = rules.filter(actsOnVersions);
  if (rulesOfVersions.length === 0) return;
  for (const key of store.ledger.keys(bucket.name))
    for (const rule of rulesOfVersions)
      if (key.startsWith(rule.prefix ?? "")) ageKey(store, bucket, lifecycle, rule, key);
}

function actsOnVersions(rule: LifecycleRule): boolean {
  const { expiration, expiresDeleteMarkers, noncurrentExpiration, transitions, noncurrentTransitions } = rule;
  const expires = expiration !== null || expiresDeleteMarkers || noncurrentExpiration !== null;
  return expires || transitions.length + noncurrentTransitions.length > 0;
}

function abortUploads({ ledger, nowMs }: Store, { name }: BucketRecord, rule: LifecycleRule): void {
  const days = rule.abortUploadsAfterDays;
  if (days === null) return;
  for (const { key, uploadId, initiatedAt } of ledger.uploads(name))
    if (key.startsWith(rule.prefix ?? "") && dueMs(initiatedAt, { days }) <= nowMs())
      ledger.record({ kind: "upload-gone", uploadId });
}

function ageKey(store: Store, bucket: BucketRecord, lifecycle: Lifecycle, rule: LifecycleRule, key: string): void {
  const nowMs = store.nowMs();
  const versions = () => store.ledger.versions(bucket.name, key);
  const [current] = versions();
  if (current !== undefined && !current.isDeleteMarker && matches(rule, current))
    ageCurrent(store, bucket, lifecycle, rule, current);
  versions().forEach((version, index, all) => {
    const successor = all[index - 1];
    if (successor === undefined || !matches(rule, version)) return;
    const isDue = ({ days, newerVersions }: { readonly days: number; readonly newerVersions: number | null }) =>
      dueMs(successor.modifiedAt, { days }) <= nowMs && index > (newerVersions ?? 0);
    if (rule.noncurrentExpiration !== null && isDue(rule.noncurrentExpiration)) remove(store, version);
    else move(store, lifecycle, rule, version, rule.noncurrentTransitions.filter(isDue));
  });
  const [only, ...others] = versions();
  const clears = rule.expiresDeleteMarkers || (rule.expiration !== null && "days" in rule.expiration);
  if (only?.isDeleteMarker === true && others.length === 0 && clears) remove(store, only);
}

function ageCurrent(
  store: Store,
  bucket: BucketRecord,
  lifecycle: Lifecycle,
  rule: LifecycleRule,
  current: VersionRecord,
): void {
  const { expiration } = rule;
  const isDue = (after: After) => dueMs(current.modifiedAt, after) <= store.nowMs();
  if (expiration === null || !isDue(expiration)) {
    const due = rule.transitions.filter(({ after }) => isDue(after));
    move(store, lifecycle, rule, current, due);
  } else if (bucket.versioning === null) remove(store, current);
  else addMarker(store, bucket, current.key, new Date(dueMs(current.modifiedAt, expiration)).toISOString());
}

/** By size alone: the prefix has been looked at. */
function matches({ largerThanBytes, smallerThanBytes }: LifecycleRule, { sizeBytes }: VersionRecord): boolean {
  return sizeBytes > (largerThanBytes ?? -1) && sizeBytes < (smallerThanBytes ?? Number.POSITIVE_INFINITY);
}

/** Days count from the moment, and up to the next midnight. */
function dueMs(fromAt: string, after: After): number {
  return "date" in after
    ? Date.parse(after.date)
    : Math.ceil((Date.parse(fromAt) + after.days * DAY_MS) / DAY_MS) * DAY_MS;
}

function remove({ ledger, nowMs }: Store, { bucket, key, versionId, lock }: VersionRecord): void {
  if (!isLocked(lock, nowMs())) ledger.record({ kind: "version-gone", bucket, key, versionId });
}

const SMALL_BYTES = 128 * 1024;

/** To the lowest of the classes that are due; small objects stay, unless the rule itself speaks of sizes. */
function move(
  { ledger }: Store,
  { minimumTransitionSize }: Lifecycle,
  { largerThanBytes, smallerThanBytes }: LifecycleRule,
  version: VersionRecord,
  due: readonly { readonly storageClass: StorageClass }[],
): void {
  const isSmall = version.sizeBytes < SMALL_BYTES && largerThanBytes === null && smallerThanBytes === null;
  const goesAnyway = (to: StorageClass) =>
    minimumTransitionSize === "varies_by_storage_class" && (to === "GLACIER" || to === "DEEP_ARCHIVE");
  const lowest = due
    .map(({ storageClass }) => storageClass)
    .filter((to) => (!isSmall || goesAnyway(to)) && DOWNWARDS.indexOf(to) > DOWNWARDS.indexOf(version.storageClass))
    .toSorted((a, b) => DOWNWARDS.indexOf(b) - DOWNWARDS.indexOf(a))[0];
  if (lowest !== undefined && !version.isDeleteMarker)
    ledger.record({ kind: "version", version: { ...version, storageClass: lowest } });
}
