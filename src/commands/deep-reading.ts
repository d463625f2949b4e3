/** The turn of a deep reading: archives that can be read are hashed from the first byte to the last, the others thawed. */
import { mapBounded } from "../core/bounded.ts";
import type { Change, PlannedStep, StepOutcome } from "../core/change.ts";
import { runChecks } from "../core/check.ts";
import type { Duration } from "../core/duration.ts";
import { OpsError, toOpsError } from "../core/error.ts";
import type { Finding } from "../core/report.ts";
import { formatBytes } from "../core/size.ts";
import type { Policy } from "../policy/schema.ts";
import type { Turn } from "../rules/archive/deep.ts";
import {
  type DeepAction,
  type DeepCandidate,
  deepAction,
  deepCost,
  deepTurn,
  thawWords,
} from "../rules/archive/deep-plan.ts";
import type { ThawOrder } from "../rules/archive/thaw.ts";
import { readDeepState, writeDeepState } from "./archive-deep-state.ts";
import { type Archived, archiveSubject } from "./archives.ts";
import { carryOut, told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { readBack } from "./read-back.ts";
import type { ReportOf } from "./reporting.ts";

export interface DeepRequest {
  readonly turn: Turn;
  /** In US dollars; null: no limit. */
  readonly maxUsd: number | null;
  readonly dryRun: boolean;
}

export interface DeepReading {
  readonly context: Context;
  readonly policy: Pick<Policy, "aws">;
  readonly request: DeepRequest;
  readonly selected: readonly Archived[];
  readonly withinOf: (archived: Archived) => Duration | null;
  /** Of the turn. */
  readonly candidates: readonly Candidate[];
  readonly reportOf: ReportOf;
}

export interface Candidate {
  readonly archived: Archived;
  readonly candidate: DeepCandidate;
}

export interface DeepRead {
  readonly findings: readonly Finding[];
  readonly change: Change;
  /** Those that were read now: what was said of them before is old. */
  readonly read: readonly Candidate[];
}

interface DeepStep extends PlannedStep, Candidate {
  readonly action: DeepAction;
}

/** One at a time: a reading takes the whole line. */
const PARALLEL = 1;
/** Objects that S3 is asked at a time to thaw. */
const MAX_THAWS = 8;

export async function readDeep(reading: DeepReading): Promise<DeepRead> {
  const { context, request, selected } = reading;
  const planned = reading.candidates.map((one) => ({ ...one, action: actionOf(reading, one) }));
  const orders = planned.flatMap(({ action }) => (action.kind === "thaw" ? [action] : []));
  const cost = runChecks([deepCost], { orders, maxUsd: request.maxUsd }, "archive");
  const turns = selected.flatMap((archived) => {
    const actions = planned.filter((one) => one.archived === archived).map(({ action }) => action);
    return runChecks([deepTurn], { actions }, archiveSubject(archived));
  });
  const steps = planned.flatMap((one) => stepOf(one, one.action));
  const change = await carryOut(
    {
      plan: { preconditions: cost, steps },
      consent: { names: [], dryRun: request.dryRun },
      preview: (shown) => reading.reportOf([...turns, ...cost], shown),
      parallel: PARALLEL,
      apply: (step) => apply(reading, step),
    },
    context,
  );
  const done = new Set(change.steps.filter(({ state }) => state === "done").map(({ subject }) => subject));
  const read = steps.filter(({ action, subject }) => action.kind === "read" && done.has(subject));
  return { findings: [...turns, ...cost], change: { ...change, isAside: true }, read };
}

function actionOf({ context, policy, withinOf }: DeepReading, { archived, candidate }: Candidate): DeepAction {
  const { aws: market } = policy;
  if (market === undefined) throw new OpsError("bug", "an archive without an account was looked at");
  return deepAction(candidate, { now: context.clock.now(), within: withinOf(archived), market });
}

/** Nothing is overwritten and nothing deleted: nobody is asked. */
function stepOf(one: Candidate, action: DeepAction): readonly DeepStep[] {
  const { archived, candidate } = one;
  const name = `${archived.database.name} ${candidate.month}`;
  const common = {
    ...one,
    action,
    subject: archiveSubject(archived, candidate.month),
    confirm: null,
    differences: [],
  };
  switch (action.kind) {
    case "read":
      return [{ ...common, summary: `read ${name} back: ${contentOf(candidate)}` }];
    case "thaw":
      return [{ ...common, summary: `ask S3 to thaw ${name}: ${thawWords(action)}` }];
    case "waits":
    case "rests":
    case "unseen":
      return [];
  }
}

function contentOf({ objects }: DeepCandidate): string {
  const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  return `${objects.length} ${objects.length === 1 ? "object" : "objects"}, ${formatBytes(sizeBytes)}`;
}

async function apply(reading: DeepReading, step: DeepStep): Promise<StepOutcome> {
  reading.context.progress.phase(step.summary);
  const { action } = step;
  return action.kind === "thaw" ? applyThaw(reading, step, action.order) : applyRead(reading, step);
}

/** What cannot be read to its end is no verdict on what is there: it is left for the next run, and so is what comes after it. */
async function applyRead({ context }: DeepReading, { archived, candidate }: DeepStep): Promise<StepOutcome> {
  const shelf = { s3: await context.s3(), bucket: archived.archive.bucket, place: archived.place };
  try {
    const before = await readDeepState(shelf, candidate.month);
    const { merkleRoot, wrong } = await readBack({ context, archived, candidate });
    const lastRead = { at: context.clock.now(), merkleRoot, wrong };
    await writeDeepState(shelf, { ...stateOf(archived, candidate), thawAskedAt: null, lastRead }, before);
    const result = { merkleRoot, wrong: [...wrong] };
    return {
      state: "done",
      result,
      ...(wrong.length === 0 ? {} : { message: `not as archived: ${wrong.join("; ")}` }),
    };
  } catch (error) {
    const { kind } = toOpsError(error);
    if (kind === "aborted" || kind === "bug") throw error;
    return { state: "failed", message: told(error) };
  }
}

async function applyThaw(
  { context, request }: DeepReading,
  { archived, candidate }: DeepStep,
  { tier, days }: ThawOrder,
): Promise<StepOutcome> {
  const { archive, database } = archived;
  const shelf = { s3: await context.s3(), bucket: archive.bucket, place: archived.place };
  const before = await readDeepState(shelf, candidate.month);
  const frozen = candidate.objects.filter(({ readiness }) => readiness === "frozen");
  await mapBounded(frozen, MAX_THAWS, ({ key, versionId }) => {
    const address = { bucket: archive.bucket, key, ...(versionId === null ? {} : { versionId }) };
    return shelf.s3.restoreObject(address, { tier, days });
  });
  const lastRead = before?.state.lastRead ?? null;
  const thawAskedAt = context.clock.now();
  await writeDeepState(shelf, { ...stateOf(archived, candidate), thawAskedAt, lastRead }, before);
  const { turn, turns } = request.turn;
  return {
    state: "done",
    result: { objects: frozen.length },
    message: "it is read by the first run that finds it thawed",
    next: `litally-ops archive verify ${database.name} --deep ${turn}/${turns}`,
  };
}

function stateOf({ database }: Archived, { month }: DeepCandidate) {
  return { version: 1, database: database.name, period: month } as const;
}
