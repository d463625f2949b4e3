/** One archive from its plan to the look at what stands there then. */
import { type Change, type PlannedStep, type Step, type StepOutcome, stateOf } from "../core/change.ts";
import { runChecks } from "../core/check.ts";
import { mayHaveActed, toOpsError } from "../core/error.ts";
import type { Finding, Report } from "../core/report.ts";
import { formatBytes } from "../core/size.ts";
import { fail, pass, unknown } from "../core/verdict.ts";
import type { Policy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { S3 } from "../ports/s3.ts";
import { formatKey } from "../rules/archive/keys.ts";
import { type Ledger, stillAtWork } from "../rules/archive/ledger.ts";
import type { Road } from "../rules/archive/manifest.ts";
import { type PushFacts, pushPreconditions, roadFacts } from "../rules/archive/preconditions.ts";
import { chooseRoad, type RoadChoice } from "../rules/archive/road.ts";
import { type Period, retainUntil } from "../rules/archive/slots.ts";
import { chooseSource } from "../rules/archive/source.ts";
import type { DatedPoint } from "../rules/backup/points.ts";
import { keepLedger, type LedgerKeeper } from "./archive-ledger.ts";
import { type Archived, archiveSubject } from "./archives.ts";
import { carryOut, lookedAgain, told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { gatherPush, type PushLook } from "./gather-push.ts";
import { judgeArchive } from "./judge-archives.ts";
import { downloadSteps } from "./push-download.ts";
import { exportSteps } from "./push-export.ts";

export interface PushRequest {
  readonly command: string;
  readonly context: Context;
  readonly policy: Pick<Policy, "atlas" | "aws" | "environment">;
  readonly archived: Archived;
  readonly period: Period;
  readonly via: Road | "auto";
  readonly exportBucketId: string | null;
  /** Go on with what another push began, though it may be at work still. */
  readonly takeOver: boolean;
  /** For an export: Atlas may be at it for days. */
  readonly wait: boolean;
  readonly dryRun: boolean;
}

/** What the steps of both roads work with. */
export interface Pushing extends PushRequest {
  readonly s3: S3;
  readonly atlas: Atlas;
  readonly point: DatedPoint;
  readonly choice: Exclude<RoadChoice, { readonly road: null | "unclear" }>;
  /** Where Atlas exports to; null on the other road. */
  readonly exportBucket: string | null;
  readonly ledger: LedgerKeeper;
  readonly clusterId: string;
  readonly isSharded: boolean;
  readonly retainUntil: Date;
}

/** What all steps of a push share. */
export type StepBase = Omit<PushStep, "summary" | "apply">;

/** A step with what it does. */
export interface PushStep extends PlannedStep {
  /** Whether Atlas has an order of this push. */
  readonly isBegun: () => boolean;
  readonly apply: () => Promise<StepOutcome>;
}

export async function pushPeriod(
  request: PushRequest,
): Promise<{ readonly findings: readonly Finding[]; readonly change: Change }> {
  const { context, archived, period, dryRun } = request;
  const subject = archiveSubject(archived, period.month);
  context.progress.phase(`looking at ${archived.archive.bucket} and the backups of ${archived.database.cluster}`);
  const look = await gatherPush(request);
  const stands = alreadyThere(look, request, subject);
  if (stands !== undefined) {
    const judged = await judgeArchive(request, period.month); // that one is there does not make it a good one
    return { findings: [stands, ...judged], change: { state: "none", steps: [] } };
  }
  const preconditions = [
    ...pushPreconditions(look.facts, subject),
    ...runChecks([nobodyElse], { look, takeOver: request.takeOver, now: context.clock.now() }, subject),
  ];
  const steps = await planSteps(request, look, subject);
  const plan = { preconditions, steps };
  const carried = await carryOut(
    {
      plan,
      consent: { names: [], dryRun },
      preview: (shown) => previewOf(request, preconditions, shown),
      parallel: 1,
      apply: async (step) => {
        context.progress.phase(step.summary);
        return untilStopped(step);
      },
    },
    context,
  );
  const change = leftToGoOn(carried);
  const judged =
    change.state === "done"
      ? await lookedAgain(subject, `litally-ops archive verify ${archived.database.name}`, () =>
          judgeArchive(request, period.month),
        )
      : [];
  return { findings: [...preconditions, ...judged], change: { ...change, steps: goneOnWith(change.steps, request) } };
}

/**
 * Once Atlas has an order of this push, nothing is refused any more that has changed nothing. A stop ends no more than the
 * watching: what has arrived stays where it is.
 */
async function untilStopped({ apply, isBegun }: PushStep): Promise<StepOutcome> {
  try {
    return await apply();
  } catch (error) {
    const { kind } = toOpsError(error);
    if (!isBegun()) throw error;
    if (kind === "aborted" || kind === "timeout")
      return { state: "unwatched", message: `${told(error)}; what has been ordered and sent stays` };
    return { state: mayHaveActed(kind) ? "unclear" : "failed", message: told(error) };
  }
}

/** What comes after a step that goes on as asked is still to be done, by a later push. */
function leftToGoOn(change: Change): Change {
  const left = change.steps.findIndex(({ state }) => state === "running");
  if (left === -1) return change;
  const steps = change.steps.map((step, index): Step => (index > left ? { ...step, state: "planned" } : step));
  return { ...change, state: stateOf(steps), steps };
}

/** Where it ended, it says how it goes on: the same command takes up what is there. */
function goneOnWith(steps: readonly Step[], { archived, period }: PushRequest): readonly Step[] {
  const ended = steps.findIndex(({ state }) => state !== "done");
  const hasBegun = steps.some(({ state }) => state !== "planned" && state !== "not-done");
  const next = pushCommand(archived, period);
  return steps.map((step, index) =>
    index === ended && hasBegun && step.next === undefined ? { ...step, next } : step,
  );
}

/** By a slot that the policy has: not every one has the month's. */
function pushCommand({ database }: Archived, { slots, month }: Period): string {
  return `litally-ops archive push ${database.name} --slot ${slots[0]?.name ?? month}`;
}

function previewOf({ command, context, policy }: PushRequest, findings: readonly Finding[], change: Change): Report {
  const { environment } = policy;
  return { kind: "report", command, environment, observedAt: context.clock.now(), findings, change };
}

/** A period that is archived needs nothing: a push that runs every night finds that most of the time. */
function alreadyThere({ facts }: PushLook, { archived, period }: PushRequest, subject: string): Finding | undefined {
  if (!facts.versions.known) return undefined;
  const own = formatKey(archived.place, { kind: "manifest", month: period.month });
  const manifest = facts.versions.value.find(
    ({ key, isLatest, isDeleteMarker }) => key === own && isLatest && !isDeleteMarker,
  );
  if (manifest === undefined) return undefined;
  return {
    check: "archive/slot-free",
    title: "the period has no complete archive yet",
    subject,
    status: "pass",
    message: `it has one, of ${manifest.lastModifiedAt.toISOString()}: there is nothing to push`,
    evidence: { key: manifest.key, versionId: manifest.versionId },
  };
}

interface Begun {
  readonly look: PushLook;
  readonly takeOver: boolean;
  readonly now: Date;
}

const nobodyElse = {
  id: "archive/nobody-else",
  title: "no other push is at work on the period",
  remedy: () => "wait for it; or, if it is dead for certain, say --take-over: two at work at once waste what one sends",
  judge: ({ look: { begun }, takeOver, now }: Begun) => {
    if (!begun.known) return unknown(begun.reason);
    if (begun.value === null) return pass("nobody has begun");
    const { ledger, lastSignAt } = begun.value;
    const working = stillAtWork(ledger, lastSignAt, now);
    if (working === undefined) return pass(`${ledger.owner} began, and has stopped: it is gone on with`);
    const evidence = { actual: ledger.owner, lastSignAt: lastSignAt.toISOString() };
    return takeOver ? pass(`${working}; taken over, as asked`, evidence) : fail(working, evidence);
  },
};

/** Also of a plan that is refused one wants to see what it would do, wherever source and road are known. */
async function planSteps(
  request: PushRequest,
  { facts, begun }: PushLook,
  subject: string,
): Promise<readonly PushStep[]> {
  const source = chooseSource(facts);
  const choice = chooseRoad(roadFacts(facts));
  const { cluster } = facts.source;
  if (source.kind !== "chosen" || choice.road === null || choice.road === "unclear" || !begun.known) return [];
  if (!cluster.known || cluster.value === null || !cluster.value.id.known) return [];
  const { context, archived, period } = request;
  const first: Ledger = {
    version: 1,
    database: archived.database.name,
    period: period.month,
    snapshotId: source.point.name,
    via: choice.road,
    owner: context.machine.whoami,
    run: context.uniqueWord(),
    startedAt: context.clock.now(),
    jobId: null,
    objects: [],
  };
  const before = begun.value;
  const isSame = before?.ledger.snapshotId === first.snapshotId && before.ledger.via === first.via;
  const ledger = isSame ? { ...before.ledger, owner: first.owner, run: first.run } : first;
  const s3 = await context.s3();
  const shelf = { s3, bucket: archived.archive.bucket, place: archived.place };
  const pushing: Pushing = {
    ...request,
    s3,
    atlas: await context.atlas(),
    point: source.point,
    choice,
    exportBucket: choice.road === "export" ? nameOf(choice.exportBucketId, facts) : null,
    ledger: keepLedger(shelf, ledger, before),
    clusterId: cluster.value.id.value,
    isSharded: source.point.snapshot.members.known && source.point.snapshot.members.value !== null,
    retainUntil: retainUntil(archived.archive, period),
  };
  const { sizeBytes } = source.point.snapshot;
  const size = sizeBytes.known && sizeBytes.value !== null ? formatBytes(sizeBytes.value) : "of unknown size";
  const base = { subject, confirm: null, differences: [], isBegun: () => pushing.ledger.current().jobId !== null };
  return choice.road === "download" ? downloadSteps(pushing, base, size) : exportSteps(pushing, base, size);
}

/** Atlas's id of a bucket is not what S3 calls it. */
function nameOf(exportBucketId: string, { road: { exportBuckets } }: PushFacts): string | null {
  if (!exportBuckets.known) return null;
  const found = exportBuckets.value.find(({ id }) => id.known && id.value === exportBucketId);
  return found?.bucket.known === true ? found.bucket.value : null;
}
