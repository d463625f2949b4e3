/** Sends what a schedule plan says, each step from the live settings of its own moment, and looks what became of it. */
import type { Difference, StepOutcome } from "../core/change.ts";
import { MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import { poll } from "../core/poll.ts";
import { notSent } from "../core/stop.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { ClusterChange, ScheduleChange } from "../ports/atlas-changes.ts";
import { ofCluster } from "../rules/backup/facts.ts";
import type { LiveSettings } from "../rules/schedule/live.ts";
import {
  openDifferences,
  planSchedule,
  type ScheduleFacts,
  type ScheduleStep,
  type Settings,
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
  const facts = await turnedOn(changing, "backupEnabled", "cloud backup");
  const { preconditions, steps } = planSchedule(facts, subjectOf(changing.database));
  const obstacle = preconditions.find(({ status }) => status === "fail" || status === "unknown");
  if (obstacle !== undefined) return { state: "failed", message: `cloud backup is on; then: ${obstacle.message}` };
  const fresh = steps.flatMap(({ differences }) => differences);
  const loosening = fresh.find(({ effect }) => effect === "loosens");
  if (loosening !== undefined) return { state: "done", message: `on; ${loosening.setting} is to be planned anew` };
  try {
    for (const next of steps) {
      const outcome = await applyScheduleStep(next, { ...changing, planned: [...changing.planned, ...fresh] });
      if (outcome.state !== "done") return outcome;
    }
    return { state: "done" };
  } catch (error) {
    const { kind, message } = toOpsError(error);
    return { state: mayHaveActed(kind) ? "unclear" : "failed", message: `cloud backup is on; then: ${message}` };
  }
}

async function enableContinuous(changing: Changing): Promise<StepOutcome> {
  await turnedOn(changing, "pitEnabled", "continuous backup");
  return { state: "done" };
}

/** Sends it a second time where the first was lost and not taken, and waits until Atlas is through with it. */
async function turnedOn(changing: Changing, name: keyof ClusterChange, what: string): Promise<ScheduleFacts> {
  const { atlas, projectId, database } = changing;
  const turn = () => sent(() => atlas.updateCluster(projectId, database.cluster, { [name]: true }));
  const isOn = (facts: ScheduleFacts) => isSo(facts, name, true);
  const failure = await turn();
  return afterSending(async () => {
    if (failure !== undefined) {
      tellLost(changing, failure);
      const again = isOn(await lookedAt(changing)) ? undefined : await turn();
      if (again !== undefined) throw again;
    }
    const isDone = (facts: ScheduleFacts) => isOn(facts) && isSo(facts, "state", "IDLE") && settingsOf(facts).known;
    return settled(changing, `${what} was not on`, isDone);
  });
}

function isSo({ backup }: ScheduleFacts, name: keyof ClusterChange | "state", value: boolean | string): boolean {
  const seen = ofCluster<boolean | string>(backup, (cluster) => cluster[name]);
  return seen.known && seen.value === value;
}

/** The live settings of a cluster that can be seen at all: the rest may come later. */
async function lookedAt({ look }: Changing): Promise<ScheduleFacts> {
  const facts = await look();
  if (!facts.backup.cluster.known) throw facts.backup.cluster.reason;
  return facts;
}

/** Why it is open whether a write was taken; undefined: it was. What Atlas refused is thrown. */
async function sent(write: () => Promise<void>): Promise<OpsError | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    const failure = toOpsError(error);
    if (failure.kind === "bug" || !mayHaveActed(failure.kind)) throw failure;
    return failure;
  }
}

function tellLost({ context, database }: Changing, { message }: OpsError): void {
  context.progress.note(`${database.cluster}: ${message}; looking whether it took effect`);
}

/** Before anything is sent, what cannot be read leaves nothing open: a refusal, or a stop. */
async function beforeSending<T>({ context }: Changing, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { kind, message, hint } = toOpsError(error);
    if (context.signal.aborted) throw notSent(context.signal);
    if (kind === "bug" || !mayHaveActed(kind)) throw error;
    throw new OpsError("rejected", `it was not sent: ${message}`, hint === undefined ? {} : { hint });
  }
}

/** Once something may have been sent, no failure says any more that nothing was changed. */
async function afterSending<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { kind, message, hint } = toOpsError(error);
    if (mayHaveActed(kind)) throw error;
    throw new OpsError("unavailable", message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

function settled(changing: Changing, what: string, isDone: (facts: ScheduleFacts) => boolean): Promise<ScheduleFacts> {
  const { context, database } = changing;
  return poll<ScheduleFacts>({
    clock: context.clock,
    signal: context.signal,
    limits: CLUSTER_LIMITS,
    what: `${database.cluster}: ${what}`,
    ask: async () => {
      const facts = await lookedAt(changing);
      return isDone(facts) ? { done: true, value: facts } : { done: false };
    },
    waiting: (elapsedMs) => context.progress.waiting(`${database.cluster}: waiting until Atlas is done`, elapsedMs),
  });
}

type SetStep = Extract<ScheduleStep, { kind: "set-schedule" }>;

async function setSchedule(step: SetStep, changing: Changing): Promise<StepOutcome> {
  const settings = await beforeSending(changing, () => asPlanned(changing));
  const failure = await send(step, changing, settings);
  if (failure === undefined) return { state: "done" };
  tellLost(changing, failure);
  return afterSending(async () => {
    if (isDone(step, await changing.look()))
      return { state: "done", message: `${failure.message}; it took effect all the same` };
    const again = await send(step, changing, await asPlanned(changing));
    if (again !== undefined) throw again;
    return { state: "done", message: `${failure.message}; it had not taken effect, and was sent again` };
  });
}

/** The live settings, which must still be those that the plan was made from. */
async function asPlanned(changing: Changing): Promise<Settings> {
  const facts = await changing.look();
  const settings = settingsOf(facts);
  const open = openDifferences(facts);
  if (!settings.known) throw settings.reason;
  if (!open.known) throw open.reason;
  const strange = open.value.find((difference) => !changing.planned.some((known) => isSame(known, difference)));
  if (strange === undefined) return settings.value;
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

function send(step: SetStep, changing: Changing, { live, wanted }: Settings): Promise<OpsError | undefined> {
  const { atlas, projectId, database, updateExisting } = changing;
  const change = changeOf(step.part, live, wanted, updateExisting);
  return sent(() => atlas.updateSchedule(projectId, database.cluster, change));
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
