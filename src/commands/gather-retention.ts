/** Everything that a proof of retention rests on: backups in Atlas, archives in S3, and how long a restore took when it was rehearsed. */
import { mapBounded } from "../core/bounded.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import type { BucketFacts } from "../rules/archive/bucket.ts";
import { archivedMonths } from "../rules/archive/verify.ts";
import { placeOf } from "../rules/archive/verify-facts.ts";
import { lastSuccess } from "../rules/drill/record.ts";
import { archivedMonth } from "../rules/retention/archived-month.ts";
import type { RetentionFacts } from "../rules/retention/facts.ts";
import { hurdleOf } from "../rules/retention/hurdle.ts";
import { type Archived, selectOneArchived } from "./archives.ts";
import type { Context } from "./context.ts";
import { drillHistory } from "./drill-records.ts";
import { gatherMonth, gatherSeries } from "./gather-archives.ts";
import type { BackupGatherer } from "./gather-backups.ts";
import type { KeyGatherer } from "./gather-keys.ts";

type RetentionPolicy = Pick<Policy, "atlas" | "aws" | "databases" | "archives" | "environment">;

export interface RetentionLooking {
  readonly context: Context;
  readonly policy: RetentionPolicy;
  readonly gatherer: BackupGatherer;
  readonly bucketOf: (archived: Archived) => Promise<BucketFacts>;
  readonly keyOf: KeyGatherer;
}

export async function gatherRetention(looking: RetentionLooking, database: DatabasePolicy): Promise<RetentionFacts> {
  const { context, policy, gatherer } = looking;
  const [backup, archives, rehearsedMs] = await Promise.all([
    gatherer.gather(database, () => context.clock.now(), null),
    database.archive === undefined ? null : gatherArchives(looking, selectOneArchived(policy, database.name)),
    lastRto(looking, database),
  ]);
  return { backup, projectId: policy.atlas.projectId, archives, rehearsedMs };
}

/** Archives of a database that are looked into at a time. */
const MAX_ARCHIVES = 4;

async function gatherArchives(
  { context, policy, bucketOf, keyOf }: RetentionLooking,
  archived: Archived,
): Promise<RetentionFacts["archives"]> {
  const ofBucket = await bucketOf(archived);
  const { bucket, aws, key } = ofBucket;
  const { projectId } = policy.atlas;
  const looking = { context, projectId, archived, bucket, keyOf, within: null };
  const series = await gatherSeries(looking);
  const months = await mapBounded(archivedMonths(series), MAX_ARCHIVES, async (month) => {
    const facts = await gatherMonth(looking, series, month);
    return [month, archivedMonth(facts, month)] as const;
  });
  const { archive } = archived;
  const { region, accountId } = aws;
  const hurdle = hurdleOf(ofBucket, placeOf(series));
  return { archive, series, months: new Map(months), bucket, key, hurdle, region, accountId };
}

/** Of the last drill that succeeded; null: there was none, or it cannot be read. */
async function lastRto({ context, policy }: RetentionLooking, database: DatabasePolicy): Promise<number | null> {
  const { drill } = database;
  if (drill === undefined) return null;
  const { records, now } = await drillHistory(context, policy, { ...database, drill });
  return records.known ? (lastSuccess(records.value, now)?.rtoMs ?? null) : null;
}
