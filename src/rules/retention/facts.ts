/** What is known of everything that keeps the data of one database. */
import type { Observed } from "../../core/observed.ts";
import type { ArchivePolicy } from "../../policy/schema.ts";
import type { KeyState } from "../../ports/keys.ts";
import type { BucketSettings } from "../../ports/s3.ts";
import type { SeriesFacts } from "../archive/verify-facts.ts";
import type { BackupFacts } from "../backup/facts.ts";
import type { ArchivedMonth } from "./archived-month.ts";
import type { Hurdle } from "./hurdle.ts";

export interface RetentionFacts {
  readonly backup: BackupFacts;
  readonly projectId: string;
  /** null: the policy keeps it in no archive. */
  readonly archives: ArchiveRetentionFacts | null;
  /** How long the last successful drill took up to verified data; null: there was none. */
  readonly rehearsedMs: number | null;
}

export interface ArchiveRetentionFacts {
  readonly archive: ArchivePolicy;
  readonly series: SeriesFacts;
  /** By month, where a manifest stands. */
  readonly months: ReadonlyMap<string, ArchivedMonth>;
  /** null: there is no such bucket. */
  readonly bucket: Observed<BucketSettings | null>;
  /** The key that the bucket encrypts with by default; null: S3's own, or none. */
  readonly key: Observed<KeyState | null>;
  readonly hurdle: Hurdle;
  readonly region: string;
  readonly accountId: string;
}
