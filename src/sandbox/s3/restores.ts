/**
 * Archived objects, and the readable copies that are asked of them. All follows from the world's clock:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Elements } from "../aws-wire.ts";
import type { Call, Reply } from "./call.ts";
import type { RestoreRecord, StorageClass, Tier, VersionRecord } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { findVersion } from "./versions.ts";
import { child, malformed, oneOf, wholeOf } from "./xml.ts";

const TIERS = ["Expedited", "Standard", "Bulk"] as const satisfies readonly Tier[];

/** How long it takes: the longest that AWS says. null: the tier is not for this class. */
const WAIT_MS: Readonly<Partial<Record<StorageClass, Readonly<Record<Tier, number | null>>>>> = {
  GLACIER: { Expedited: 5 * MINUTE_MS, Standard: 5 * HOUR_MS, Bulk: 12 * HOUR_MS },
  DEEP_ARCHIVE: { Expedited: null, Standard: 12 * HOUR_MS, Bulk: 48 * HOUR_MS },
};

/** Throws where the object is archived and has no readable copy now. */
export function requireReadable(version: VersionRecord, nowMs: number): void {
  const { storageClass } = version;
  if (!isArchived(version) || restoreAt(version, nowMs)?.isReady === true) return;
  throw new Refusal("InvalidObjectState", "The operation is not valid for the object's storage class", {
    details: { StorageClass: storageClass },
  });
}

function isArchived({ storageClass }: VersionRecord): boolean {
  return WAIT_MS[storageClass] !== undefined;
}

/** null: nobody asked for a copy, or it has gone. */
function restoreAt(
  { restore }: VersionRecord,
  nowMs: number,
): { readonly isReady: boolean; readonly record: RestoreRecord } | null {
  if (restore === null || Date.parse(restore.expiresAt) <= nowMs) return null;
  return { isReady: Date.parse(restore.readyAt) <= nowMs, record: restore };
}

export function restoreHeader(version: VersionRecord, nowMs: number): string | undefined {
  const restore = restoreAt(version, nowMs);
  if (restore === null) return undefined;
  if (!restore.isReady) return 'ongoing-request="true"';
  return `ongoing-request="false", expiry-date="${new Date(restore.record.expiresAt).toUTCString()}"`;
}

/** For lists that are asked for it. */
export function restoreStatus(version: VersionRecord, nowMs: number): Elements | undefined {
  const restore = restoreAt(version, nowMs);
  if (restore === null) return undefined;
  return restore.isReady
    ? { IsRestoreInProgress: false, RestoreExpiryDate: restore.record.expiresAt }
    : { IsRestoreInProgress: true };
}

export async function restoreObject(call: Call): Promise<Reply> {
  const body = await call.xml("RestoreRequest");
  const days = wholeOf(body, "Days", 1);
  const tier = oneOf(child(body, "GlacierJobParameters"), "Tier", TIERS) ?? oneOf(body, "Tier", TIERS) ?? "Standard";
  if (days === undefined || child(body, "SelectParameters") !== undefined) throw malformed();
  const { store } = call;
  const version = findVersion(call);
  const nowMs = store.nowMs();
  const waits = WAIT_MS[version.storageClass];
  if (waits === undefined)
    throw new Refusal("InvalidObjectState", "Restore is not allowed for the object's current storage class", {
      details: { StorageClass: version.storageClass },
    });
  const waitMs = waits[tier];
  if (waitMs === null)
    throw new Refusal("InvalidArgument", `The ${tier} tier is not available for ${version.storageClass}.`);
  const before = restoreAt(version, nowMs);
  const readyMs = before?.isReady === true ? Date.parse(before.record.readyAt) : nowMs + waitMs;
  if (before !== null && !before.isReady && readyMs >= Date.parse(before.record.readyAt))
    throw new Refusal("RestoreAlreadyInProgress", "Object restore is already in progress");
  const restore = {
    tier,
    days,
    readyAt: new Date(readyMs).toISOString(),
    expiresAt: nextMidnight(Math.max(readyMs, nowMs) + days * DAY_MS),
  };
  store.ledger.record({ kind: "version", version: { ...version, restore } });
  return { status: before?.isReady === true ? 200 : 202 };
}

/** S3 counts whole days, and rounds up to midnight UTC. */
function nextMidnight(ms: number): string {
  return new Date(Math.ceil(ms / DAY_MS) * DAY_MS).toISOString();
}
