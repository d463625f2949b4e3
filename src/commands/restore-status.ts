/** `restore status`: how one restore stands now, without waiting. Changes nothing. */
import * as z from "zod/mini";
import type { Listing } from "../core/report.ts";
import type { Context } from "./context.ts";
import { selectDatabase } from "./databases.ts";
import { getAnyJob } from "./restore-jobs.ts";
import { jobListing, row } from "./restore-list.ts";

export const input = z.strictObject({ database: z.string(), job: z.string() });

export async function run({ database: name, job: jobId }: z.output<typeof input>, context: Context): Promise<Listing> {
  const { policy } = await context.policy("atlas", "databases");
  const database = selectDatabase(policy, name);
  const atlas = await context.atlas();
  context.progress.phase(`looking at restore ${jobId} of ${database.cluster}`);
  const job = await getAnyJob(atlas, policy.atlas.projectId, database, jobId, () => context.clock.now());
  return jobListing("restore status", {
    environment: policy.environment,
    now: context.clock.now(),
    items: [row(database, job)],
    missing: [],
    findings: [],
  });
}
