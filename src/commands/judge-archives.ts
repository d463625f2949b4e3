/** Judges archives as they stand now: all of a database, or the one that was just made. */

import { runChecks } from "../core/check.ts";
import type { Finding } from "../core/report.ts";
import type { Policy } from "../policy/schema.ts";
import { BUCKET_CHECKS } from "../rules/archive/bucket.ts";
import { verifyArchives } from "../rules/archive/verify.ts";
import type { DeepFacts } from "../rules/archive/verify-facts.ts";
import { type Archived, archiveSubject } from "./archives.ts";
import type { Context } from "./context.ts";
import { gatherArchives } from "./gather-archives.ts";
import { gatherBucket } from "./gather-push.ts";

export interface ArchiveJudging {
  readonly context: Context;
  readonly policy: Pick<Policy, "atlas" | "aws">;
  readonly archived: Archived;
}

/** Everything about the archives of one database, its bucket first. */
export async function judgeArchives(
  { context, policy, archived }: ArchiveJudging,
  deepOf: (months: readonly string[]) => Promise<DeepFacts | null>,
): Promise<readonly Finding[]> {
  const bucket = await gatherBucket(context, policy, archived);
  const looking = { context, projectId: policy.atlas.projectId, archived, bucket: bucket.bucket, months: null };
  const facts = await gatherArchives(looking);
  const deep = await deepOf([...facts.manifests.keys()]);
  return [...runChecks(BUCKET_CHECKS, bucket, archiveSubject(archived)), ...verifyArchives({ ...facts, deep })];
}

/** What is said of the archive of one month, right after it was made. */
export async function judgeArchive(
  { context, policy, archived }: ArchiveJudging,
  month: string,
): Promise<readonly Finding[]> {
  const { bucket } = await gatherBucket(context, policy, archived);
  const facts = await gatherArchives({ context, projectId: policy.atlas.projectId, archived, bucket, months: [month] });
  const subject = archiveSubject(archived, month);
  return verifyArchives({ ...facts, deep: null }).filter((finding) => finding.subject === subject);
}
