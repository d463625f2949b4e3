/** One drill from its plan to its end: restore, look at the data, measure, write it down, put the cluster to rest. */
import { asStep, type Change, type Step, stateOf } from "../core/change.ts";
import { runChecks } from "../core/check.ts";
import { shortestMs } from "../core/duration.ts";
import { OpsError, toOpsError } from "../core/error.ts";
import type { Frequency } from "../core/frequency.ts";
import { mapObserved, notKnown, type Observed } from "../core/observed.ts";
import { type Finding, type Report, worst } from "../core/report.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import { type DrillFacts, judgeDrill, measuredRpoMs } from "../rules/drill/objectives.ts";
import { type DrillRecord, outcomeOf } from "../rules/drill/record.ts";
import { undisturbed } from "../rules/drill/undisturbed.ts";
import { type AskedPoint, ofTarget, type RestoreFacts, type RestoreRequest } from "../rules/restore/facts.ts";
import { chosenPoint } from "../rules/restore/snapshot-choice.ts";
import { lookedAgain, told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { newestOfBoth } from "./drill-newest.ts";
import { writeRecord } from "./drill-records.ts";
import { pauseStep, pauseTarget } from "./drill-target.ts";
import { reporter } from "./reporting.ts";
import { carryOutRestore, lookAndPlan, type PlannedRestore, type RestoreRun } from "./restore-run.ts";
import { jobsNow } from "./restore-still.ts";

export type DrilledDatabase = DatabasePolicy & { readonly drill: NonNullable<DatabasePolicy["drill"]> };

export interface Drill {
  readonly command: string;
  readonly context: Context;
  readonly policy: Pick<Policy, "environment" | "atlas" | "databases">;
  readonly database: DrilledDatabase;
  readonly point: AskedPoint;
  /** The point was chosen at random among the snapshots of this tier. */
  readonly tier: Frequency | null;
  readonly names: readonly string[];
  readonly dryRun: boolean;
  readonly verify: boolean;
  readonly allowBusy: boolean;
}

/** A drill that has been looked at and planned, and not begun. */
export interface PlannedDrillRun {
  readonly run: RestoreRun;
  readonly planned: PlannedRestore;
}

export async function planDrill(asked: Drill): Promise<PlannedDrillRun> {
  const { command, context, policy, database, verify } = asked;
  const run: RestoreRun = { command, context, policy, database, request: requestOf(asked), wait: true, verify };
  return { run, planned: await lookAndPlan(run) };
}

/** `beforeOrder`: called right before the restore is ordered; throws where it must not be. */
export async function carryOutDrill(
  asked: Drill,
  { run, planned }: PlannedDrillRun,
  beforeOrder?: () => Promise<void>,
): Promise<Report> {
  const { context, database } = asked;
  const started: { at?: Date } = {};
  const begin = async () => {
    started.at = context.clock.now();
  };
  const hooks = { begin, ...(beforeOrder === undefined ? {} : { beforeOrder }) };
  const restored = await carryOutRestore({ run, planned, names: asked.names, dryRun: asked.dryRun, ...hooks });
  const { change } = restored;
  if (started.at === undefined || change === undefined) return restored;
  const measured = await measure(asked, planned.facts, { report: restored, startedAt: started.at });
  const findings = [...restored.findings, ...measured.findings];
  const record = await recordOf(asked, { facts: planned.facts, measured, findings, change, startedAt: started.at });
  const kept = await keep(asked, record); // now: it may be more than an hour until the cluster can be paused
  const rested = database.drill.afterwards === "pause" ? await rest(asked, planned) : [];
  const steps = [...change.steps, ...rested];
  return {
    ...restored,
    observedAt: context.clock.now(),
    findings: [...findings, kept],
    change: { ...change, state: stateOf(steps), steps },
  };
}

/** The cluster is there to be erased: no snapshot of it is taken first, and it may stand still until now. */
function requestOf({ database, policy, point, allowBusy }: Drill): RestoreRequest {
  return {
    point,
    targetProjectId: policy.atlas.projectId,
    targetName: database.drill.target,
    inPlace: false,
    allowBusy,
    undo: false,
    closing: false,
    collections: null,
    drill: database.drill.afterwards,
  };
}

interface Measured {
  readonly findings: readonly Finding[];
  readonly endedAt: Date;
  /** null: it did not come so far. */
  readonly facts: DrillFacts | null;
}

async function measure(
  asked: Drill,
  facts: RestoreFacts,
  { report, startedAt }: { readonly report: Report; readonly startedAt: Date },
): Promise<Measured> {
  const { context, database, verify } = asked;
  const endedAt = context.clock.now();
  if (report.change?.state !== "done") return { findings: [], endedAt, facts: null };
  const restored = restoredAt(facts);
  if (!restored.known) return { findings: [], endedAt, facts: null };
  const askedAt = restored.value;
  const newest = verify
    ? await newestOfBoth(context, report, facts, askedAt)
    : { restored: NOT_LOOKED, atSource: NOT_LOOKED };
  const drillFacts: DrillFacts = {
    ...(database.objectives === undefined ? {} : { objectives: database.objectives }),
    tookMs: endedAt.getTime() - startedAt.getTime(),
    isVerified: verify,
    askedAt,
    ...newest,
  };
  const judged = judgeDrill(drillFacts, `cluster/${database.drill.target}`);
  const others = verify ? await undisturbedBy(asked, facts, report.change) : [];
  return { findings: [...judged, ...others], endedAt, facts: drillFacts };
}

const NOT_LOOKED = notKnown(new OpsError("protocol", "nobody looked at the data"));

function restoredAt(facts: RestoreFacts): Observed<Date> {
  const { point } = facts.request;
  return point.kind === "instant"
    ? { known: true, value: point.at }
    : mapObserved(chosenPoint(facts), ({ createdAt }) => createdAt);
}

/** Whoever restored onto the cluster meanwhile may have changed what was looked at. */
function undisturbedBy({ context }: Drill, planned: RestoreFacts, change: Change): Promise<readonly Finding[]> {
  const subject = `cluster/${planned.request.targetName}`;
  return lookedAgain(subject, "look who restored onto the cluster, and drill again", async () => {
    const now = await jobsNow(await context.atlas(), planned);
    return runChecks([undisturbed], { planned, now, ownJobId: jobIdOf(change) }, subject);
  });
}

function jobIdOf({ steps }: Change): string | null {
  return steps.flatMap(({ result }) => (typeof result?.["jobId"] === "string" ? [result["jobId"]] : []))[0] ?? null;
}

/** Also after a stop, by means of its own that last some minutes. Whatever keeps it from pausing, the drill is told. */
async function rest(asked: Drill, planned: PlannedRestore): Promise<readonly Step[]> {
  const { context, policy, database } = asked;
  const { target: name } = database.drill;
  const subject = `cluster/${name}`;
  const next = cleanUp(database);
  const isStopped = context.signal.aborted;
  const { fingerprint } = planned.plan;
  const paused = ofTarget(planned.facts, (cluster) => cluster.paused);
  try {
    const { atlas, signal } = isStopped ? context.closing() : context;
    const { steps } = await pauseTarget({
      target: {
        atlas: await atlas(),
        signal,
        clock: context.clock,
        progress: context.progress,
        audit: context.audit,
        projectId: policy.atlas.projectId,
        name,
      },
      id: fingerprint.known ? fingerprint.value.id : null,
      isResumed: paused.known && paused.value && !isStopped,
      dryRun: false,
      next,
      subject,
    });
    return steps;
  } catch (error) {
    if (!isStopped && context.signal.aborted) return rest(asked, planned);
    const message = `it may be running: ${told(error)}`;
    return [asStep(pauseStep(name, subject), { state: "not-done", message, next })];
  }
}

function cleanUp({ name }: DrilledDatabase): string {
  return `litally-ops restore drill ${name} --clean-up`;
}

/** What an earlier drill left, of which the end could not be waited for. */
export async function cleanUpOnly({
  command,
  context,
  policy,
  database,
  dryRun,
}: Pick<Drill, "command" | "context" | "policy" | "database" | "dryRun">): Promise<Report> {
  const { target: name } = database.drill;
  const change = await pauseTarget({
    target: {
      atlas: await context.atlas(),
      signal: context.signal,
      clock: context.clock,
      progress: context.progress,
      audit: context.audit,
      projectId: policy.atlas.projectId,
      name,
    },
    id: null,
    isResumed: false,
    dryRun,
    next: cleanUp(database),
    subject: `cluster/${name}`,
  });
  const atRest = {
    check: "drill/at-rest",
    title: "the cluster stands still until the next drill",
    subject: `cluster/${name}`,
  } as const;
  return reporter(
    command,
    policy.environment,
    context,
  )(change.state === "done" ? [{ ...atRest, status: "pass", message: "it is paused" }] : [], change);
}

interface Ended {
  readonly facts: RestoreFacts;
  readonly measured: Measured;
  readonly findings: readonly Finding[];
  /** Of the restore. */
  readonly change: Change;
  readonly startedAt: Date;
}

async function recordOf(asked: Drill, { facts, measured, findings, change, startedAt }: Ended): Promise<DrillRecord> {
  const { context, policy, database, tier, verify } = asked;
  const chosen = chosenPoint(facts);
  const restored = restoredAt(facts);
  const { objectives } = database;
  return {
    kind: "drill",
    schemaVersion: 1,
    environment: policy.environment,
    projectId: policy.atlas.projectId,
    database: database.name,
    cluster: database.cluster,
    target: database.drill.target,
    sandbox: await context.world(),
    outcome: outcomeOf(change.state, verify, worst(findings)),
    point: {
      askedAt: restored.known ? restored.value.toISOString() : null,
      snapshotId: chosen.known ? chosen.value.name : null,
      tier,
    },
    jobId: jobIdOf(change),
    startedAt: startedAt.toISOString(),
    endedAt: measured.endedAt.toISOString(),
    rtoMs: verify && measured.facts !== null ? measured.facts.tookMs : null,
    rpoMs: measured.facts === null ? null : measuredRpoMs(measured.facts),
    objectives: {
      rtoMs: objectives === undefined ? null : shortestMs(objectives.rto),
      rpoMs: objectives === undefined ? null : shortestMs(objectives.rpo),
    },
    findings: findings.map(({ check, status, message }) => ({ check, status, message })),
    steps: change.steps.map(({ summary, state }) => ({ summary, state })),
    afterwards: database.drill.afterwards,
    toolVersion: context.machine.toolVersion,
  };
}

/** A drill that nobody can prove is told as one. */
async function keep({ context, database }: Drill, record: DrillRecord): Promise<Finding> {
  const finding = {
    check: "drill/recorded",
    title: "the drill is on record",
    subject: `cluster/${database.drill.target}`,
  } as const;
  try {
    const path = await writeRecord(context.files, database.drill.records, record);
    return { ...finding, status: "pass", message: `${path}, and the same for people in Markdown` };
  } catch (error) {
    const { message } = toOpsError(error);
    return { ...finding, status: "fail", message, remedy: "keep this report: it is the only record of the drill" };
  }
}
