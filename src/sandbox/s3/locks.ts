/**
 * Object Lock: what is locked is deleted by nobody before its time. COMPLIANCE can only be extended; GOVERNANCE gives way to
 * the header by which a person says so: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
import { DAY_MS } from "../../core/duration.ts";
import { parseIso } from "../../core/instant.ts";
import type { Call, Headers, Reply } from "./call.ts";
import type { BucketRecord, Lock, LockMode, VersionRecord } from "./model.ts";
import { Refusal } from "./refusal.ts";
import type { Request } from "./request.ts";
import { findVersion, versionHeader } from "./versions.ts";
import { oneOf, textOf } from "./xml.ts";

export const LOCK_MODES = ["COMPLIANCE", "GOVERNANCE"] as const satisfies readonly LockMode[];
const MAX_RETENTION_DAYS = 36_500;

/** The lock of what is about to be stored: that of its headers, else what the bucket gives by default. */
export function lockOf(request: Request, bucket: BucketRecord, nowMs: number): Lock | null {
  const mode = request.header("x-amz-object-lock-mode");
  const until = request.header("x-amz-object-lock-retain-until-date");
  if (mode === undefined && until === undefined) return defaultLock(bucket, nowMs);
  requireLockBucket(bucket);
  if (mode === undefined || until === undefined)
    throw new Refusal(
      "InvalidArgument",
      "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
    );
  const known = LOCK_MODES.find((candidate) => candidate === mode);
  if (known === undefined) throw new Refusal("InvalidArgument", "Unknown wormMode directive.");
  return { mode: known, until: retainUntil(until, nowMs) };
}

/** What the bucket gives to each object that does not bring a lock of its own. */
export function defaultLock({ objectLock }: BucketRecord, nowMs: number): Lock | null {
  const retention = objectLock?.defaultRetention;
  if (retention === undefined || retention === null) return null;
  const until = new Date(nowMs);
  if (retention.unit === "Days") until.setUTCDate(until.getUTCDate() + retention.value);
  else until.setUTCFullYear(until.getUTCFullYear() + retention.value);
  return { mode: retention.mode, until: until.toISOString() };
}

/** What is to be locked must be what was sent. */
export function requireDigestFor(lock: Lock | null, hasDigest: boolean): void {
  if (lock !== null && !hasDigest)
    throw new Refusal(
      "InvalidRequest",
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
    );
}

function requireLockBucket({ objectLock }: BucketRecord): void {
  if (objectLock === null) throw new Refusal("InvalidRequest", "Bucket is missing Object Lock Configuration");
}

function retainUntil(text: string, nowMs: number): string {
  const until = parseIso(text);
  if (until === undefined || !/T.*(Z|[+-]\d{2}:?\d{2})$/.test(text))
    throw new Refusal("InvalidArgument", "The retain until date must be provided in ISO 8601 format");
  if (until.getTime() <= nowMs) throw new Refusal("InvalidArgument", "The retain until date must be in the future!");
  if (until.getTime() > nowMs + MAX_RETENTION_DAYS * DAY_MS)
    throw new Refusal("InvalidArgument", "The retain until date must be within 100 years.");
  return until.toISOString();
}

export function lockHeaders(lock: Lock | null): Headers {
  return {
    "x-amz-object-lock-mode": lock?.mode,
    "x-amz-object-lock-retain-until-date": lock?.until,
  };
}

/** A lock whose time has not come. */
export function isLocked(lock: Lock | null, nowMs: number): lock is Lock {
  return lock !== null && Date.parse(lock.until) > nowMs;
}

/** Throws where the version is locked, and nobody may, or has said that he means it. */
export function requireUnlocked({ request, store }: Call, { lock }: VersionRecord): void {
  if (!isLocked(lock, store.nowMs()) || (lock.mode === "GOVERNANCE" && bypasses(request))) return;
  throw new Refusal("AccessDenied", "Access Denied because object protected by object lock.");
}

/** Whether the request claims the right to pass over GOVERNANCE. */
export function bypasses(request: Request): boolean {
  return request.header("x-amz-bypass-governance-retention")?.toLowerCase() === "true";
}

export function getRetention(call: Call): Reply {
  requireLockBucket(call.bucket);
  const { lock } = findVersion(call);
  if (lock === null)
    throw new Refusal("NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration");
  return { xml: { Retention: { Mode: lock.mode, RetainUntilDate: lock.until } } };
}

export async function putRetention(call: Call): Promise<Reply> {
  requireLockBucket(call.bucket);
  const body = await call.xml("Retention");
  const { store, bucket } = call;
  const version = findVersion(call);
  const mode = oneOf(body, "Mode", LOCK_MODES);
  const until = textOf(body, "RetainUntilDate");
  if ((mode === undefined) !== (until === undefined))
    throw new Refusal("MalformedXML", "Mode and RetainUntilDate come together.");
  const lock = mode === undefined || until === undefined ? null : { mode, until: retainUntil(until, store.nowMs()) };
  if (!isLonger(version.lock, lock)) requireUnlocked(call, version);
  store.ledger.record({ kind: "version", version: { ...version, lock } });
  return { headers: versionHeader(bucket, version) };
}

/** The same lock, for as long or longer: that is always allowed. */
function isLonger(before: Lock | null, after: Lock | null): boolean {
  return before !== null && after !== null && before.mode === after.mode && after.until >= before.until;
}
