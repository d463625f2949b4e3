/**
 * The vocabulary of retention: restore points with the time of their lives, and the slots that a policy is owed. All instants are
 * milliseconds since 1970 in UTC here, and spans half open, [from, until): five years hold very many.
 */
import type { Duration } from "../../core/duration.ts";

/** Something that can be lost at once, and everything in it: `region/ap-south-1`, `key/arn:aws:kms:...`. */
export interface Domain {
  readonly kind: "region" | "bucket" | "key" | "cluster" | "account";
  readonly name: string;
}

/** Where a restore point lies: it is lost with any of its domains. */
export interface Place {
  /** For people: `ap-south-1`, `s3://litally-archive (ap-south-1)`. */
  readonly label: string;
  readonly domains: readonly Domain[];
}

/** From when on it is in a class, and how long the first byte takes from there. */
export interface Stage {
  readonly fromMs: number;
  /** `Atlas`, `STANDARD`, `DEEP_ARCHIVE`. */
  readonly storageClass: string;
  /** At the longest that the vendor promises, with the cheapest tier that the policy allows; null: nobody knows. */
  readonly firstByteMs: number | null;
}

/** One restore point, seen or to come. */
export interface RestorePoint {
  /** `snapshot 66f0...`, `archive 2026-10`, `planned daily 2027-03-01T18:00Z`. */
  readonly id: string;
  readonly kind: "snapshot" | "copy" | "archive";
  /** What made it: an item of the schedule, a slot. */
  readonly tier: string;
  /** Of points to come: every item whose run makes it, where several fire together and `tier` is one of them. */
  readonly makers?: readonly string[];
  /** The instant whose data it restores. */
  readonly dataMs: number;
  /** The latest that the instant may turn out to be, where it is not settled: it surely has data of no period that ends before. */
  readonly dataLatestMs?: number;
  /** From when on it can be restored. */
  readonly fromMs: number;
  /** When it is gone; Infinity: nothing removes it. */
  readonly untilMs: number;
  /** When its bytes are gone, where they outlive it: hidden by a delete marker they are still held, and paid for. */
  readonly heldUntilMs?: number;
  /** What removes it then, in words (`policy item daily, 30 days`, `lifecycle rule expire-all`); null: nothing does. */
  readonly removedBy: string | null;
  readonly place: Place;
  /** In order; the first is that of its beginning. */
  readonly stages: readonly Stage[];
  /** Seen in the world; otherwise the configuration will make it. */
  readonly isSeen: boolean;
  /** The archive's month (`2026-10`), of archives alone. */
  readonly month?: string;
  /** Of points to come: what they are made from. Once that is lost, no more are made. */
  readonly madeFrom?: Place;
}

/**
 * Every second of a stretch of the past can be restored, from `t - windowMs` to `t - lagMs`, for a restore starts from a snapshot
 * or copy in its place, and no further back than the oldest of them that is there. Without any, nothing is restored.
 */
export interface ContinuousWindow {
  /** Until when it works: Infinity, while nobody turns it off. */
  readonly untilMs: number;
  readonly windowMs: number;
  readonly lagMs: number;
  readonly place: Place;
  readonly firstByteMs: number | null;
  /** What `windowMs` comes from. */
  readonly limitedBy: string;
  /** The region that the oplog is copied to, of such a window alone: others are where the cluster is. */
  readonly copiedTo?: string;
  /** What it is collected from, as with restore points. */
  readonly madeFrom?: Place;
}

/** All restore points of a database, seen and to come. */
export interface Supply {
  readonly points: readonly RestorePoint[];
  readonly continuous: readonly ContinuousWindow[];
}

/** How time is cut into the periods of a tier, in UTC; hours are a divisor of 24, counted from midnight. */
export type Period =
  | { readonly kind: "hours"; readonly hours: number }
  | { readonly kind: "day" | "week" | "month" | "quarter" | "year" };

/** One sentence of the policy: `snapshots daily retain 30d`, `copies ap-southeast-1 daily`, `archive financial monthly retain 5y`. */
export interface Tier {
  readonly id: string;
  /** `config/litally-ops.yaml:27`; null: nothing is written. */
  readonly source: string | null;
  /** What may satisfy it. A copy is owed in its region, an archive as an archive. */
  readonly by:
    | { readonly kind: "snapshot" }
    | { readonly kind: "copy"; readonly region: string }
    | { readonly kind: "archive" };
  readonly period: Period;
  readonly retain: Duration;
  /** How long after the end of a period its point may take. */
  readonly within: Duration;
  /** Nothing is owed for what was over by then; null: it is the birth of the cluster that counts. */
  readonly sinceMs: number | null;
  /** The longest that anything may be kept; null: the policy names no such limit. */
  readonly atMost: Duration | null;
}

/** One period of a tier for which a restore point must exist over a stretch of time; `slotName` names it. */
export interface OwedSlot {
  readonly tier: Tier;
  /** The period of the data, half open. */
  readonly startsMs: number;
  readonly endsMs: number;
  /** When its point must be there, half open. */
  readonly owedFromMs: number;
  readonly owedUntilMs: number;
  /** The month whose archive fills it, of archive slots alone. */
  readonly month?: string;
}

/** The first moment at which the policy does not hold, in a form that anyone can replay. */
export interface Breach {
  readonly slot: OwedSlot;
  /** The day, `2027-03-01`, and the instant. */
  readonly day: string;
  readonly atMs: number;
  /** Those that satisfy the slot at other times: when each came and went, and what removed it. Empty: there never is any. */
  readonly others: readonly RestorePoint[];
}
