/** Whether the data that a drill looked at was its own to the end. */
import type { Check } from "../../core/check.ts";
import { mapObserved } from "../../core/observed.ts";
import { type JobsNow, judgeBegunSince } from "../restore/begun-since.ts";
import type { RestoreFacts } from "../restore/facts.ts";

interface JobsSince {
  readonly planned: RestoreFacts;
  /** After the data had been looked at. */
  readonly now: JobsNow;
  /** Of the restore that the drill itself ordered; null: not known, and then no job is taken for it. */
  readonly ownJobId: string | null;
}

export const undisturbed: Check<JobsSince> = {
  id: "drill/undisturbed",
  title: "nobody else restored onto the cluster until its data had been looked at",
  remedy: ({ planned }) =>
    `see who it was: litally-ops restore list ${planned.source.database.name}; drill again once it is over`,
  judge: ({ planned, now, ownJobId }) => {
    const others = mapObserved(now.jobs, (jobs) => jobs.filter(({ id }) => !(id.known && id.value === ownJobId)));
    return judgeBegunSince(planned, { ...now, jobs: others });
  },
};
