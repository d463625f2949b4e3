/** `backup snapshot`: takes a snapshot of each database now, waits for it, and judges what came out. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import type { Change, PlannedStep, StepOutcome } from "../core/change.ts";
import { DAY_MS, longestMs, parseDuration } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import type { Finding, Report } from "../core/report.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import { snapshotPreconditions } from "../rules/snapshot/preconditions.ts";
import { awaitSnapshot } from "./await-snapshot.ts";
import { carryOut, lookedAgain, told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { selectDatabases, subjectOf } from "./databases.ts";
import { backupGatherer, isSharded, MAX_GATHERS } from "./gather-backups.ts";
import { reporter } from "./reporting.ts";
import { ending, judgeSnapshot, watchAgain } from "./snapshot-job.ts";
import { takeOnce } from "./take-snapshot.ts";
import { type WaitingRoom, waitingRoom } from "./waiting-room.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  retain: z.prefault(z.string(), "7d"),
  description: z.prefault(z.string(), "on demand"),
  wait: z.prefault(z.boolean(), true),
  dryRun: z.prefault(z.boolean(), false),
});

/** Snapshots taken and waited for at a time. */
const MAX_SNAPSHOTS = 16;

interface SnapshotStep extends PlannedStep {
  readonly database: DatabasePolicy;
  readonly sharded: boolean;
}

interface Run {
  readonly context: Context;
  readonly atlas: Atlas;
  readonly projectId: string;
  readonly retentionDays: number;
  readonly description: string;
  readonly wait: boolean;
}

export async function run(given: z.output<typeof input>, context: Context): Promise<Report> {
  const retentionDays = retentionOf(given.retain);
  const description = descriptionOf(given.description);
  const { policy } = await context.policy("atlas", "databases");
  const selected = selectDatabases(policy, given.databases);
  const atlas = await context.atlas();
  const { projectId } = policy.atlas;
  const run: Run = { ...given, context, atlas, projectId, retentionDays, description };
  const reportOf = reporter("backup snapshot", policy.environment, context);
  const { preconditions, steps } = await look(run, selected);
  const room = waitingRoom(context.progress);
  const change = await carryOut(
    {
      plan: { preconditions, steps },
      consent: { names: [], dryRun: given.dryRun },
      preview: (planned) => reportOf(preconditions, planned),
      parallel: MAX_SNAPSHOTS,
      apply: (step) => apply(run, step, room),
    },
    context,
  );
  const judged = await judgeDone(run, steps, change);
  return reportOf([...preconditions, ...judged], change);
}

async function look(run: Run, selected: readonly DatabasePolicy[]) {
  const { atlas, projectId, context, retentionDays } = run;
  const names = selected.map(({ name }) => name).join(", ");
  context.progress.phase(`looking at ${names}`);
  const gatherer = backupGatherer(atlas, projectId);
  const facts = await mapBounded(selected, MAX_GATHERS, (database) =>
    gatherer.gather(database, () => context.clock.now(), null),
  );
  const steps = facts.map(
    (one): SnapshotStep => ({
      subject: subjectOf(one.database),
      summary: `take a snapshot of ${one.database.cluster}, kept ${retentionDays} days`,
      done: `took a snapshot of ${one.database.cluster}, kept ${retentionDays} days`,
      confirm: null,
      differences: [],
      database: one.database,
      sharded: isSharded(one.cluster),
    }),
  );
  return { preconditions: facts.flatMap((one) => snapshotPreconditions(one, subjectOf(one.database))), steps };
}

async function apply(run: Run, { database, sharded }: SnapshotStep, room: WaitingRoom): Promise<StepOutcome> {
  const { atlas, context, projectId, description, retentionDays } = run;
  const clusterName = database.cluster;
  const target = { atlas, context, projectId, clusterName, sharded };
  const snapshotId = await takeOnce({ ...target, order: { description, retentionDays } });
  context.progress.note(`${clusterName}: snapshot ${snapshotId} is ordered`);
  if (!run.wait) return { state: "running", result: { snapshotId }, next: watchAgain(database, snapshotId) };
  try {
    const waited = await awaitSnapshot({
      ...target,
      snapshotId,
      isNew: true,
      tell: (text, elapsedMs) => room.tell(clusterName, text, elapsedMs),
    });
    return ending(waited, snapshotId, database);
  } catch (error) {
    const next = watchAgain(database, snapshotId);
    return { state: "unclear", result: { snapshotId }, message: told(error), next };
  } finally {
    room.leave(clusterName);
  }
}

/** What completed is judged; of the rest the change itself tells. */
async function judgeDone(
  run: Run,
  steps: readonly SnapshotStep[],
  { steps: became }: Change,
): Promise<readonly Finding[]> {
  const done = became.flatMap(({ state, subject, result }) => {
    const step = steps.find((candidate) => candidate.subject === subject);
    const snapshotId = result?.["snapshotId"];
    return state === "done" && step !== undefined && typeof snapshotId === "string" ? [{ step, snapshotId }] : [];
  });
  if (done.length > 0) run.context.progress.phase("judging what came out");
  const judged = await mapBounded(done, MAX_GATHERS, ({ step: { subject, database }, snapshotId }) =>
    lookedAgain(subject, watchAgain(database, snapshotId), () => judgeSnapshot({ ...run, database, snapshotId })),
  );
  return judged.flat();
}

/** Atlas keeps time in whole days here: more is kept rather than less. */
function retentionOf(text: string): number {
  return Math.ceil(longestMs(parseDuration(text, "--retain")) / DAY_MS);
}

const MAX_DESCRIPTION_CHARS = 200;

function descriptionOf(text: string): string {
  const line = text.trim();
  if (line !== "" && line.length <= MAX_DESCRIPTION_CHARS && !/\p{Cc}/u.test(line)) return line;
  throw new OpsError("usage", "--description: not one line of text", {
    hint: `write 1 to ${MAX_DESCRIPTION_CHARS} characters on one line`,
  });
}
