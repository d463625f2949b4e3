/** The road that every restore takes: look, plan, ask or save the plan, carry it out, look again and judge. */
import { MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { known, mapObserved, observe } from "../core/observed.ts";
import { poll } from "../core/poll.ts";
import { type Finding, type Report, worst } from "../core/report.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import { ofCluster } from "../rules/backup/facts.ts";
import { ofTarget, type RestoreFacts, type RestoreRequest } from "../rules/restore/facts.ts";
import type { Fingerprint } from "../rules/restore/fingerprint.ts";
import { forecast } from "../rules/restore/forecast.ts";
import { judgeRestored } from "../rules/restore/outcome.ts";
import { planRestore, type RestorePlan, type RestoreStep } from "../rules/restore/plan.ts";
import { sameOrders } from "../rules/restore/same-orders.ts";
import { chosenPoint } from "../rules/restore/snapshot-choice.ts";
import { carryOut, lookedAgain } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { backupGatherer, isSharded } from "./gather-backups.ts";
import { gatherRestore } from "./gather-restore.ts";
import { type ReportOf, reporter } from "./reporting.ts";
import { applyRestoreStep, type Restoring } from "./restore-steps.ts";
import { insideStill, inTime, noneBegun, sameTarget } from "./restore-still.ts";
import { verifyData } from "./verify-data.ts";

export interface RestoreRun {
  readonly command: string;
  readonly context: Context;
  readonly policy: Pick<Policy, "environment" | "atlas" | "databases">;
  readonly database: DatabasePolicy;
  readonly request: RestoreRequest;
  readonly wait: boolean;
  /** Look at the restored data itself. */
  readonly verify: boolean;
}

/** A restore that has been looked at and planned, and not begun. */
export interface PlannedRestore {
  readonly facts: RestoreFacts;
  readonly plan: RestorePlan;
  readonly reportOf: ReportOf;
}

export async function lookAndPlan(run: RestoreRun): Promise<PlannedRestore> {
  const { command, context, policy, database, request } = run;
  if (request.closing && !run.wait)
    throw new OpsError("usage", "--closing-snapshot needs the end of the restore, which --no-wait does not wait for");
  const names = new Set([database.cluster, request.targetName]);
  context.progress.phase(`looking at ${[...names].join(" and ")}`);
  const facts = await gatherRestore({
    atlas: await context.atlas(),
    projectId: policy.atlas.projectId,
    database,
    databases: policy.databases,
    request,
    now: () => context.clock.now(),
  });
  const planned = planRestore(facts, `cluster/${request.targetName}`);
  const ready = run.verify ? [await verifyReady(context, `cluster/${request.targetName}`)] : [];
  const plan = { ...planned, preconditions: [...planned.preconditions, ...ready] };
  const steps = plan.steps.map((step): RestoreStep => (isOrder(step) ? { ...step, details: plan.details } : step));
  return { facts, plan: { ...plan, steps }, reportOf: reporter(command, policy.environment, context) };
}

export interface Carrying {
  readonly run: RestoreRun;
  readonly planned: PlannedRestore;
  /** Names given as consent. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
  /** Called before the first step: throws where it must not begin. */
  readonly begin?: () => Promise<void>;
  /** Called right before the order is sent: throws where it must not be. */
  readonly beforeOrder?: () => Promise<void>;
}

export async function carryOutRestore({ run, planned: before, names, dryRun, ...hooks }: Carrying): Promise<Report> {
  const { context } = run;
  const { facts, plan, reportOf } = before;
  const atlas = await context.atlas();
  const restoring = restoringOf(run, facts, atlas);
  let hasBegun = false;
  const change = await carryOut(
    {
      plan,
      consent: { names, dryRun },
      preview: (shown) => reportOf(plan.preconditions, shown),
      parallel: 1,
      apply: async (step) => {
        if (!hasBegun) {
          inTime(facts, context.clock.now());
          await hooks.begin?.();
        }
        hasBegun = true;
        if (step.kind !== "closing-snapshot") insideStill(facts, context.clock.now());
        await sameTarget(atlas, facts, plan.fingerprint.known ? plan.fingerprint.value : null);
        if (isOrder(step)) {
          await noneBegun(atlas, facts);
          await hooks.beforeOrder?.();
        }
        context.progress.phase(step.summary);
        return applyRestoreStep(step, restoring);
      },
    },
    context,
  );
  const judged = change.state === "done" ? await judgeDone(atlas, run, before) : [];
  return reportOf([...plan.preconditions, ...judged], change);
}

function restoringOf({ context, policy, database, wait }: RestoreRun, facts: RestoreFacts, atlas: Atlas): Restoring {
  return {
    atlas,
    context,
    projectId: policy.atlas.projectId,
    database,
    databases: policy.databases,
    isTargetSharded: isSharded(facts.target.cluster),
    usualMs: forecast(facts)?.medianMs ?? null,
    sameBefore: mapObserved(sameOrders(facts), (same) => same.map(({ id }) => id)),
    wait,
  };
}

function isOrder({ kind }: RestoreStep): boolean {
  return kind === "restore" || kind === "restore-collections";
}

/** The target, and its data where that was asked for: each is told, whatever keeps it from being looked at. */
async function judgeDone(atlas: Atlas, run: RestoreRun, { facts, plan }: PlannedRestore): Promise<readonly Finding[]> {
  const subject = `cluster/${run.request.targetName}`;
  const look = (judge: () => Promise<readonly Finding[]>) => lookedAgain(subject, LOOK_YOURSELF, judge);
  const { fingerprint } = plan;
  const target = fingerprint.known ? await look(() => judgeTarget(atlas, run, fingerprint.value, subject)) : [];
  const data = run.verify ? await look(() => lookAtData(atlas, run, facts)) : [];
  return [...target, ...data];
}

const LOOK_YOURSELF = "look at the cluster before anything uses it: atlas clusters list";

/** A cluster needs a moment after a restore until it is idle. */
const IDLE_LIMITS = { firstMs: 5 * SECOND_MS, longestMs: 30 * SECOND_MS, limitMs: 20 * MINUTE_MS };

async function judgeTarget(
  atlas: Atlas,
  run: RestoreRun,
  seen: Fingerprint,
  subject: string,
): Promise<readonly Finding[]> {
  const { context, policy, request } = run;
  let findings: readonly Finding[] = [];
  const look = async () => {
    const cluster = await backupGatherer(atlas, policy.atlas.projectId).findCluster(request.targetName);
    findings = judgeRestored({ cluster, planned: seen }, subject);
    return worst(findings) === "pass";
  };
  context.progress.phase(`looking at ${request.targetName} again`);
  try {
    await poll({
      clock: context.clock,
      signal: context.signal,
      limits: IDLE_LIMITS,
      what: `${request.targetName} was not idle`,
      ask: async () => ((await look()) ? { done: true, value: null } : { done: false }),
    });
  } catch (error) {
    if (!(error instanceof OpsError) || error.kind === "bug" || findings.length === 0) throw error;
  }
  return findings;
}

/** A restore that is to be verified must not begin where it could not be. */
async function verifyReady(context: Context, subject: string): Promise<Finding> {
  const target = await observe(() => context.mongo("target"));
  const finding = { check: "restore/verify-ready", title: "the restored data can be looked at", subject } as const;
  return target.known
    ? { ...finding, status: "pass", message: "a connection string for the target is there" }
    : {
        ...finding,
        status: "fail",
        message: target.reason.message,
        remedy: target.reason.hint ?? "see docs/restore-data.md",
      };
}

async function lookAtData(atlas: Atlas, run: RestoreRun, facts: RestoreFacts): Promise<readonly Finding[]> {
  const { context, policy, database, request } = run;
  const point = chosenPoint(facts);
  const asked = request.point;
  const restoredAt = asked.kind === "instant" ? known(asked.at) : mapObserved(point, ({ createdAt }) => createdAt);
  if (!restoredAt.known) throw restoredAt.reason;
  context.progress.phase(`looking at the data on ${request.targetName}`);
  const { projectId } = policy.atlas;
  const [target, live, restoredNames] = await Promise.all([
    observe(() => context.mongo("target")),
    observe(() => context.mongo("source")),
    point.known ? observe(() => atlas.listSnapshotNamespaces(projectId, database.cluster, point.value.name)) : point,
  ]);
  return verifyData({
    database,
    targetName: request.targetName,
    targetHosts: ofTarget(facts, ({ hosts }) => hosts),
    restoredAt: restoredAt.value,
    target,
    source: {
      live,
      hosts: ofCluster(facts.source, ({ hosts }) => hosts),
      restoredNames,
      version: ofCluster(facts.source, ({ mongodbVersion }) => mongodbVersion),
    },
  });
}
