/** Whether another restore of the source onto the target has begun since this one was looked at. */
import type { Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import type { Tri } from "../../core/tri.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { CollectionRestore, RestoreJob } from "../../ports/atlas-restores.ts";
import { areOnto, isOnto, type RestoreFacts } from "./facts.ts";

/** The source's jobs as they are now; null where collections are none of the request's. */
export interface JobsNow {
  readonly jobs: Observed<readonly RestoreJob[]>;
  readonly collectionJobs: Observed<readonly CollectionRestore[]> | null;
}

/** By their ids; one whose id, or whose target, cannot be read may be one. */
export function judgeBegunSince(planned: RestoreFacts, { jobs, collectionJobs }: JobsNow): Verdict {
  const { targetProjectId: projectId, targetName } = planned.request;
  const findings = [
    judge(planned.sourceJobs, jobs, (job) => isOnto(job, projectId, targetName)),
    ...(planned.collections === null || collectionJobs === null
      ? []
      : [judge(planned.collections.jobs, collectionJobs, (job) => areOnto(job, projectId, targetName))]),
  ];
  return findings.find(({ status }) => status !== "pass") ?? pass(`no restore onto ${targetName} has begun since`);
}

function judge<J extends Pick<RestoreJob, "id">>(
  before: Observed<readonly J[]>,
  now: Observed<readonly J[]>,
  onto: (job: J) => Tri,
): Verdict {
  if (!before.known) return unknown(before.reason);
  if (!now.known) return unknown(now.reason);
  const ids = new Set(before.value.flatMap(({ id }) => (id.known ? [id.value] : [])));
  const others = now.value.filter(({ id }) => !id.known || !ids.has(id.value));
  const begun = others.find((job) => onto(job) === "yes");
  if (begun !== undefined) return fail(`restore ${nameOf(begun)} onto the target has begun since this was planned`);
  const unclear = others.find((job) => onto(job) === "maybe");
  return unclear === undefined
    ? pass("none")
    : unknown(`whether restore ${nameOf(unclear)}, begun since this was planned, goes to the target cannot be read`);
}

function nameOf({ id }: Pick<RestoreJob, "id">): string {
  return id.known ? id.value : "(id not readable)";
}
