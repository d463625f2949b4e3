/** One drill from its plan to its record: restore, look at the data, measure, put the cluster to rest, write it down. */
import { asStep, type Change, type Step, stateOf } from "../core/change.ts";
import { shortestMs } from "../core/duration.ts";
import { OpsError, toOpsError } from "../core/error.ts";
import type { Frequency } from "../core/frequency.ts";
import { mapObserved, notKnown, type Observed, observe } from "../core/observed.ts";
import { type Finding, type Report, worst } from "../core/report.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import { ofCluster } from "../rules/backup/facts.ts";
import { type DrillFacts, judgeDrill, measuredRpoMs } from "../rules/drill/objectives.ts";
import { type DrillRecord, outcomeOf } from "../rules/drill/record.ts";
import { leadsElsewhere } from "../rules/restore/data.ts";
import { type AskedPoint, ofTarget, type RestoreFacts, type RestoreRequest } from "../rules/restore/facts.ts";
import { chosenPoint } from "../rules/restore/snapshot-choice.ts";
import { told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { newestDocument } from "./drill-newest.ts";
import { writeRecord } from "./drill-records.ts";
import { pauseStep, pauseTarget } from "./drill-target.ts";
import { reporter } from "./reporting.ts";
import { carryOutRestore, lookAndPlan, type PlannedRestore, type RestoreRun } from "./restore-run.ts";

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

export async function drill(asked: Drill): Promise<Report> {
  const { command, context, policy, database, verify } = asked;
  const run: RestoreRun = { command, context, policy, database, request: requestOf(asked), wait: true, verify };
  const planned = await lookAndPlan(run);
  const started: { at?: Date } = {};
  const begin = async () => {
    started.at = context.clock.now();
  };
  const restored = await carryOutRestore({ run, planned, names: asked.names, dryRun: asked.dryRun, begin });
  const { change } = restored;
  if (started.at === undefined || change === undefined) return restored;
  const measured = await measure(asked, planned.facts, { report: restored, startedAt: started.at });
  const rested = database.drill.afterwards === "pause" ? await rest(asked, planned) : [];
  const steps = [...change.steps, ...rested];
  const ended: Change = { ...change, state: stateOf(steps), steps };
  const findings = [...restored.findings, ...measured.findings];
  const record = await recordOf(asked, {
    facts: planned.facts,
    measured,
    findings,
    change,
    ended,
    startedAt: started.at,
  });
  return {
    ...restored,
    observedAt: context.clock.now(),
    findings: [...findings, await keep(asked, record)],
    change: ended,
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
  { context, database, verify }: Drill,
  facts: RestoreFacts,
  { report, startedAt }: { readonly report: Report; readonly startedAt: Date },
): Promise<Measured> {
  const endedAt = context.clock.now();
  if (report.change?.state !== "done") return { findings: [], endedAt, facts: null };
  const restored = restoredAt(facts);
  if (!restored.known) return { findings: [], endedAt, facts: null };
  const askedAt = restored.value;
  const newest = verify
    ? await newestOfBoth(context, report, facts, askedAt)
    : { newestAt: NOT_LOOKED, latestAt: NOT_LOOKED, sourceNewestAt: NOT_LOOKED };
  const drillFacts: DrillFacts = {
    ...(database.objectives === undefined ? {} : { objectives: database.objectives }),
    tookMs: endedAt.getTime() - startedAt.getTime(),
    isVerified: verify,
    askedAt,
    ...newest,
  };
  return { findings: judgeDrill(drillFacts, `cluster/${database.drill.target}`), endedAt, facts: drillFacts };
}

const NOT_LOOKED = notKnown(new OpsError("protocol", "nobody looked at the data"));

function restoredAt(facts: RestoreFacts): Observed<Date> {
  const { point } = facts.request;
  return point.kind === "instant"
    ? { known: true, value: point.at }
    : mapObserved(chosenPoint(facts), ({ createdAt }) => createdAt);
}

/** Nothing is asked of a deployment that was not seen to be the target, nor of one that is not the source: it would excuse a loss. */
async function newestOfBoth(context: Context, { findings }: Report, { source }: RestoreFacts, askedAt: Date) {
  const right = findings.filter(({ check }) => check === "restore/right-target");
  context.progress.phase("looking for the newest document");
  const of = (role: "target" | "source", until: Date | null) =>
    observe(async () => {
      if (worst(right) !== "pass") throw new OpsError("protocol", "not asked", { hint: "see restore/right-target" });
      const mongo = await context.mongo(role);
      if (role === "source")
        mustLeadTo(
          ofCluster(source, ({ hosts }) => hosts),
          mongo.hosts,
        );
      return newestDocument(mongo, until);
    });
  try {
    const [newestAt, latestAt, sourceNewestAt] = await Promise.all([
      of("target", askedAt),
      of("target", null),
      of("source", askedAt),
    ]);
    return { newestAt, latestAt, sourceNewestAt };
  } catch (error) {
    const reason = notKnown(new OpsError("aborted", toOpsError(error).message)); // a stop: what was begun is still told
    return { newestAt: reason, latestAt: reason, sourceNewestAt: reason };
  }
}

function mustLeadTo(cluster: Observed<readonly string[]>, hosts: readonly string[]): void {
  if (!cluster.known) throw cluster.reason;
  if (leadsElsewhere(hosts, cluster.value))
    throw new OpsError("config", "LITALLY_OPS_SOURCE_URI names hosts that are not the source's");
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
    const means = isStopped ? await context.closing() : { atlas: await context.atlas(), signal: context.signal };
    const { steps } = await pauseTarget({
      target: { ...means, clock: context.clock, progress: context.progress, projectId: policy.atlas.projectId, name },
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
  /** Of the restore, and with the cluster put to rest. */
  readonly change: Change;
  readonly ended: Change;
  readonly startedAt: Date;
}

async function recordOf(
  asked: Drill,
  { facts, measured, findings, change, ended, startedAt }: Ended,
): Promise<DrillRecord> {
  const { context, policy, database, tier, verify } = asked;
  const chosen = chosenPoint(facts);
  const restored = restoredAt(facts);
  const jobIds = change.steps.flatMap(({ result }) => (typeof result?.["jobId"] === "string" ? [result["jobId"]] : []));
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
    jobId: jobIds[0] ?? null,
    startedAt: startedAt.toISOString(),
    endedAt: measured.endedAt.toISOString(),
    rtoMs: verify && measured.facts !== null ? measured.facts.tookMs : null,
    rpoMs: measured.facts === null ? null : measuredRpoMs(measured.facts),
    objectives: {
      rtoMs: objectives === undefined ? null : shortestMs(objectives.rto),
      rpoMs: objectives === undefined ? null : shortestMs(objectives.rpo),
    },
    findings: findings.map(({ check, status, message }) => ({ check, status, message })),
    steps: ended.steps.map(({ summary, state }) => ({ summary, state })),
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
