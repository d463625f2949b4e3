/** Whether a saved plan may still be carried out: unexpired, unused, and everything as it was when it was made. */
import { type Check, runChecks } from "../../core/check.ts";
import { formatSpan, MINUTE_MS } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Finding } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { RestoreFacts } from "./facts.ts";
import { fingerprintDifferences, targetFingerprint } from "./fingerprint.ts";
import { type PlanFile, planLifeMs } from "./plan-file.ts";
import { sameOrders } from "./same-orders.ts";

/** How far the clocks of two machines may be apart: a plan made on one is carried out on another. */
export const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

/** Whether a saved plan may be carried out, by what is seen now of its own request. */
export function judgePlanFile(saved: SavedFacts, subject: string): readonly Finding[] {
  return runChecks(CHECKS, saved, subject);
}

interface SavedFacts {
  readonly file: PlanFile;
  readonly facts: RestoreFacts;
  /** The mark beside the file that its order was sent, or about to be; null: there is none. */
  readonly usedBy: string | null;
}

const planAnew = () => "plan anew: litally-ops restore pitr, snapshot or drill, with --plan-file";

const unexpired: Check<SavedFacts> = {
  id: "restore/plan-unexpired",
  title: "the saved plan has not expired",
  remedy: planAnew,
  judge: ({ file, facts }) => {
    const now = facts.source.observedAt;
    const [from, until] = [new Date(file.createdAt), new Date(file.expiresAt)];
    const lifeMs = until.getTime() - from.getTime();
    if (!(lifeMs > 0 && lifeMs <= planLifeMs(file.request)))
      return fail(`its dates are none that litally-ops writes: ${file.createdAt} to ${file.expiresAt}`);
    if (from.getTime() > now.getTime() + CLOCK_TOLERANCE_MS)
      return fail(`it was made in the future, ${formatInstant(from)}`);
    return now < until
      ? pass(`good for another ${formatSpan(until.getTime() - now.getTime())}`)
      : fail(`it expired ${formatSpan(now.getTime() - until.getTime())} ago`, {
          expected: `before ${file.expiresAt}`,
          actual: now.toISOString(),
        });
  },
};

const sourceUnchanged: Check<SavedFacts> = {
  id: "restore/plan-source-unchanged",
  title: "the source is the one that was planned for",
  remedy: planAnew,
  judge: ({ file, facts }) => {
    const { cluster, database } = facts.source;
    if (!cluster.known) return unknown(cluster.reason);
    if (cluster.value === null) return fail("the source does not exist any more");
    if (!cluster.value.id.known) return unknown(cluster.value.id.reason);
    const now = {
      projectId: facts.sourceProjectId,
      database: database.name,
      clusterName: database.cluster,
      clusterId: cluster.value.id.value,
    };
    const changed = (["projectId", "database", "clusterName", "clusterId"] as const).filter(
      (key) => file.source[key] !== now[key],
    );
    return changed.length === 0
      ? pass(`cluster ${now.clusterId}`)
      : fail(changed.map((key) => `${key} was ${file.source[key]}, is ${now[key]}`).join("; "));
  },
};

const targetUnchanged: Check<SavedFacts> = {
  id: "restore/plan-target-unchanged",
  title: "the target is as it was when this was planned",
  remedy: planAnew,
  judge: ({ file, facts }) => {
    const now = targetFingerprint(facts);
    if (!now.known) return unknown(now.reason);
    const changed = fingerprintDifferences(file.target, now.value);
    return changed.length === 0
      ? pass(`cluster ${file.target.id}`)
      : fail(changed.map(({ field, planned, now: is }) => `${field} was ${planned}, is ${is}`).join("; "), {
          expected: changed.map(({ planned }) => planned),
          actual: changed.map(({ now: is }) => is),
        });
  },
};

/**
 * Atlas itself keeps the record: a restore of the same that was not there when this was planned is its use. Of an order
 * that never arrived, or does not show yet, only the mark tells.
 */
const unused: Check<SavedFacts> = {
  id: "restore/plan-unused",
  title: "the saved plan has not been carried out before",
  remedy: planAnew,
  judge: ({ file, facts, usedBy }) => {
    const same = sameOrders(facts);
    if (!same.known) return unknown(same.reason);
    const since = same.value.filter(({ id }) => id === null || !file.sameBefore.includes(id));
    const used = since.find(({ isCertain }) => isCertain);
    if (used !== undefined) {
      const id = used.id ?? "(id not readable)";
      return fail(`restore ${id} of the same was started since it was made`, { jobId: id });
    }
    if (usedBy !== null)
      return {
        ...fail(`its order was sent, or about to be, as ${usedBy} says: it is never sent a second time`),
        remedy: `look whether it arrived: litally-ops restore list ${file.source.database}; if it did not, plan anew`,
      };
    return since.length === 0
      ? pass("no such restore has been started since it was made")
      : unknown("whether it has started a restore cannot be read");
  },
};

const CHECKS: readonly Check<SavedFacts>[] = [unexpired, unused, sourceUnchanged, targetUnchanged];
