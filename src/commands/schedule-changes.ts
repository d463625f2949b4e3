/** Sends what a schedule plan says, each step from the live settings of its own moment, and looks what became of it. */
import type { Difference, StepOutcome } from "../core/change.ts";
import { MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { ScheduleChange } from "../ports/atlas-changes.ts";
import { ofCluster } from "../rules/backup/facts.ts";
import type { LiveSettings } from "../rules/schedule/live.ts";
import {
  openDifferences,
  planSchedule,
  type ScheduleFacts,
  type ScheduleStep,
  settingsOf,
} from "../rules/schedule/plan.ts";
import type { Context } from "./context.ts";
import { subjectOf } from "./databases.ts";

export interface Changing {
  readonly atlas: Atlas;
  readonly context: Pick<Context, "clock" | "signal" | "progress">;
  readonly projectId: string;
  readonly database: DatabasePolicy;
  /** Everything that was planned for the database: nothing else is ever sent. */
  readonly planned: readonly Difference[];
  /** Existing snapshots get the new retention too. */
  readonly updateExisting: boolean;
  /** Reads the live settings anew. */
  readonly look: () => Promise<ScheduleFacts>;
}

/** Does one step. What is thrown says by its kind whether anything may have happened. */
export async function applyScheduleStep(step: ScheduleStep, changing: Changing): Promise<StepOutcome> {
  switch (step.kind) {
    case "enable-backups":
      return enableBackups(changing);
    case "enable-continuous":
      return enableContinuous(changing);
    case "set-schedule":
      return setSchedule(step, changing);
  }
}

/** A cluster takes its time with changes of its own. */
const CLUSTER_LIMITS = { firstMs: 5 * SECOND_MS, longestMs: 30 * SECOND_MS, limitMs: 60 * MINUTE_MS };

async function enableBackups(changing: Changing): Promise<StepOutcome> {
  const { atlas, projectId, database } = changing;
  await sent(() => atlas.updateCluster(projectId, database.cluster, { backupEnabled: true }));
  const facts = await settled(changing, "cloud backup was not on", (now) => settingsOf(now).known);
  const plan = planSchedule(facts, subjectOf(database));
  const loosening = plan.steps.flatMap(({ differences }) => differences).find(({ effect }) => effect === "loosens");
  if (loosening !== undefined) return { state: "done", message: `on; ${loosening.setting} is to be planned anew` };
  try {
    for (const next of plan.steps) {
      const known = [...changing.planned, ...plan.steps.flatMap(({ differences }) => differences)];
      const outcome = await applyScheduleStep(next, { ...changing, planned: known });
      if (outcome.state !== "done") return outcome;
    }
    return { state: "done" };
  } catch (error) {
    const { kind, message } = toOpsError(error);
    return { state: mayHaveActed(kind) ? "unclear" : "failed", message: `cloud backup is on; then: ${message}` };
  }
}

async function enableContinuous(changing: Changing): Promise<StepOutcome> {
  const { atlas, projectId, database } = changing;
  await sent(() => atlas.updateCluster(projectId, database.cluster, { pitEnabled: true }));
  await settled(changing, "continuous backup was not on", ({ backup }) => {
    const pit = ofCluster(backup, (cluster) => cluster.pitEnabled);
    const state = ofCluster(backup, (cluster) => cluster.state);
    return pit.known && pit.value && state.known && state.value === "IDLE";
  });
  return { state: "done" };
}

/** A write whose outcome is open counts as sent: what it should bring about is waited for either way. */
async function sent(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const failure = toOpsError(error);
    if (failure.kind === "bug" || !mayHaveActed(failure.kind)) throw failure;
  }
}

function settled(changing: Changing, what: string, isSo: (facts: ScheduleFacts) => boolean): Promise<ScheduleFacts> {
  const { context, database, look } = changing;
  return poll<ScheduleFacts>({
    clock: context.clock,
    signal: context.signal,
    limits: CLUSTER_LIMITS,
    what: `${database.cluster}: ${what}`,
    ask: async () => {
      const facts = await look();
      return isSo(facts) ? { done: true, value: facts } : { done: false };
    },
    waiting: (elapsedMs) => context.progress.waiting(`${database.cluster}: waiting until Atlas is done`, elapsedMs),
  });
}

type SetStep = Extract<ScheduleStep, { kind: "set-schedule" }>;

async function setSchedule(step: SetStep, changing: Changing): Promise<StepOutcome> {
  const before = await asPlanned(changing);
  const failure = await send(step, changing, before);
  if (failure === undefined) return { state: "done" };
  changing.context.progress.note(`${changing.database.cluster}: ${failure.message}; looking whether it took effect`);
  if (isDone(step, await changing.look()))
    return { state: "done", message: `${failure.message}; it took effect all the same` };
  const again = await send(step, changing, await asPlanned(changing));
  if (again !== undefined) throw again;
  return { state: "done", message: `${failure.message}; it had not taken effect, and was sent again` };
}

/** The live settings, which must still be those that the plan was made from. */
async function asPlanned(changing: Changing): Promise<ScheduleFacts> {
  const facts = await changing.look();
  const open = openDifferences(facts);
  if (!open.known) throw open.reason;
  const strange = open.value.find((difference) => !changing.planned.some((known) => isSame(known, difference)));
  if (strange === undefined) return facts;
  throw new OpsError(
    "rejected",
    `the live settings are not those of the plan any more: ${strange.setting} is ${strange.live}`,
    {
      hint: "somebody else changed them meanwhile: plan again",
    },
  );
}

/** What was not there when it was planned may have come meanwhile: turning continuous backup on brings a window. */
function isSame(planned: Difference, now: Difference): boolean {
  const begun = planned.live === "none" && now.effect === "tightens";
  return planned.setting === now.setting && planned.wanted === now.wanted && (planned.live === now.live || begun);
}

/** Why it is open whether the change was taken; undefined: it was. What Atlas refused is thrown. */
async function send(step: SetStep, changing: Changing, facts: ScheduleFacts): Promise<OpsError | undefined> {
  const { atlas, projectId, database, updateExisting } = changing;
  const settings = settingsOf(facts);
  if (!settings.known) throw settings.reason;
  const { live, wanted } = settings.value;
  try {
    await atlas.updateSchedule(projectId, database.cluster, changeOf(step.part, live, wanted, updateExisting));
    return undefined;
  } catch (error) {
    const failure = toOpsError(error);
    if (failure.kind === "bug" || !mayHaveActed(failure.kind)) throw failure;
    return failure;
  }
}

/** The items always go along, for Atlas deletes those that do not; of the rest, what changes. */
function changeOf(
  part: SetStep["part"],
  live: LiveSettings,
  wanted: LiveSettings,
  updateExisting: boolean,
): ScheduleChange {
  const { policyId, items, restoreWindowDays, copies, referenceTime } = wanted;
  const isNew = <K extends keyof LiveSettings>(name: K) => JSON.stringify(live[name]) !== JSON.stringify(wanted[name]);
  return {
    policyId,
    items,
    ...(updateExisting ? { updatesSnapshots: true } : {}),
    ...(part === "items"
      ? {}
      : {
          ...(isNew("restoreWindowDays") && restoreWindowDays !== null ? { restoreWindowDays } : {}),
          ...(isNew("copies") ? { copySettings: copies } : {}),
          ...(isNew("referenceTime") && referenceTime !== null ? { referenceTime } : {}),
        }),
  };
}

/** Whether none of the step's differences is open any more. */
function isDone(step: SetStep, facts: ScheduleFacts): boolean {
  const open = openDifferences(facts);
  return open.known && !step.differences.some(({ setting }) => open.value.some((left) => left.setting === setting));
}
