/**
 * The ledger of a push: who makes the archive of a period, of what, and how far it has come. It stands beside the archive
 * (`push.json`), so that another machine can go on; its every version is written only over the one that was read.
 */
import { formatSpan, MINUTE_MS } from "../../core/duration.ts";
import type { Road } from "./manifest.ts";

export interface Ledger {
  readonly version: 1;
  readonly database: string;
  readonly period: string;
  readonly snapshotId: string;
  readonly via: Road;
  /** A run's address, or user and machine. */
  readonly owner: string;
  /** A word of this one run. */
  readonly run: string;
  /** Of the first run that began it. */
  readonly startedAt: Date;
  /** Of Atlas: the download, or the export; null before it is ordered. */
  readonly jobId: string | null;
  readonly objects: readonly LedgerObject[];
}

/** An object that is being uploaded, or was. */
export interface LedgerObject {
  readonly key: string;
  readonly uploadId: string;
  readonly lengthBytes: number;
  /** Of the source; null where it gives none. */
  readonly etag: string | null;
  readonly partSizeBytes: number;
  /** Of the whole, once one run has seen every byte. */
  readonly sha256: string | null;
  readonly isStructureChecked: boolean;
}

/** A push that has shown no sign for so long may be taken up by another. */
const QUIET_MS = 10 * MINUTE_MS;

/** Where a push touches its ledger while it waits for Atlas, so that it is seen to be at work. */
export const TOUCH_EVERY_MS = 3 * MINUTE_MS;

/** Why another push is taken to be at work still; undefined: it has shown no sign for long enough. */
export function stillAtWork(ledger: Pick<Ledger, "owner">, lastSignAt: Date, now: Date): string | undefined {
  const quietMs = now.getTime() - lastSignAt.getTime();
  if (quietMs >= QUIET_MS) return undefined;
  const left = formatSpan(QUIET_MS - quietMs);
  return `${ledger.owner} is at work on it, and showed a sign ${formatSpan(Math.max(0, quietMs))} ago; it can be taken up in ${left}`;
}

/** The last that was seen of a push: its ledger's last version, or a part of one of its uploads. */
export function lastSign(ledgerAt: Date, partsAt: readonly Date[]): Date {
  return new Date(Math.max(ledgerAt.getTime(), ...partsAt.map((at) => at.getTime())));
}

/** The ledger with one object put in, or put in its place. */
export function withObject(ledger: Ledger, object: LedgerObject): Ledger {
  return { ...ledger, objects: [...withoutObject(ledger, object.key).objects, object] };
}

/** The ledger with one object forgotten: it is begun anew. */
export function withoutObject(ledger: Ledger, key: string): Ledger {
  return { ...ledger, objects: ledger.objects.filter((object) => object.key !== key) };
}
