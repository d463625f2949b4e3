/** What must still hold right before a step of a restore is begun: hours may lie between the plan and it. */
import { formatSpan } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { observe } from "../core/observed.ts";
import type { Atlas } from "../ports/atlas.ts";
import { type JobsNow, judgeBegunSince } from "../rules/restore/begun-since.ts";
import type { RestoreFacts } from "../rules/restore/facts.ts";
import type { Fingerprint } from "../rules/restore/fingerprint.ts";
import { PLAN_LIFE_MS } from "../rules/restore/plan-file.ts";
import { judgeInstant } from "../rules/restore/window.ts";
import { backupGatherer } from "./gather-backups.ts";

/** Each throws OpsError `rejected`, which says that nothing of the step was sent. */

/** Consent is to what was seen: a plan waits for it at a prompt as long as a saved one is good. */
export function inTime({ source: { observedAt } }: RestoreFacts, now: Date): void {
  const ageMs = now.getTime() - observedAt.getTime();
  if (ageMs <= PLAN_LIFE_MS) return;
  throw new OpsError(
    "rejected",
    `the plan was made ${formatSpan(ageMs)} ago, and was good for ${formatSpan(PLAN_LIFE_MS)}`,
    { hint: "plan anew" },
  );
}

/** The window moves on while consent is waited for, and while the target's snapshot is taken. */
export function insideStill(facts: RestoreFacts, now: Date): void {
  const { point } = facts.request;
  if (point.kind === "snapshot") return;
  const { status, message } = judgeInstant({ ...facts, source: { ...facts.source, observedAt: now } }, point.at);
  if (status === "fail") throw new OpsError("rejected", `the instant cannot be reached any more: ${message}`);
}

/** The name must still mean the cluster that was consented to. */
export async function sameTarget(atlas: Atlas, { request }: RestoreFacts, seen: Fingerprint | null): Promise<void> {
  const cluster = await backupGatherer(atlas, request.targetProjectId).findCluster(request.targetName);
  if (!cluster.known) throw new OpsError("rejected", `the target cannot be read any more: ${cluster.reason.message}`);
  const id = cluster.value?.id;
  if (id?.known === true && seen !== null && id.value === seen.id) return;
  throw new OpsError("rejected", `${request.targetName} is not the cluster any more that was planned for`, {
    hint: "plan anew",
  });
}

/** The plan may have been copied, and its copy be carried out at this very moment: Atlas's list shows the order. */
export async function noneBegun(atlas: Atlas, facts: RestoreFacts): Promise<void> {
  const { status, message } = judgeBegunSince(facts, await jobsNow(atlas, facts));
  if (status === "pass") return;
  const { name } = facts.source.database;
  throw new OpsError("rejected", message, { hint: `look at it: litally-ops restore list ${name}; then plan anew` });
}

export async function jobsNow(
  atlas: Atlas,
  { source: { database }, sourceProjectId, collections }: RestoreFacts,
): Promise<JobsNow> {
  const [jobs, collectionJobs] = await Promise.all([
    observe(() => atlas.listRestoreJobs(sourceProjectId, database.cluster)),
    collections === null ? null : observe(() => atlas.listCollectionRestores(sourceProjectId, database.cluster)),
  ]);
  return { jobs, collectionJobs };
}
