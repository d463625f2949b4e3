/** `archive thaw`: asks S3 for readable copies of an archive, after saying how long that takes and what it costs. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import type { Detail, PlannedStep, StepOutcome } from "../core/change.ts";
import { runChecks } from "../core/check.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import { observe } from "../core/observed.ts";
import type { Report } from "../core/report.ts";
import type { S3, ThawTier } from "../ports/s3.ts";
import { type HeldObject, nameInArchive, ONE_ARCHIVE_CHECKS, objectCount } from "../rules/archive/one.ts";
import { readinessOf } from "../rules/archive/readable.ts";
import { THAW_CHECKS, THAW_TIERS, type ThawFacts, thawDetails, toThaw } from "../rules/archive/thaw-plan.ts";
import { type Archived, archiveSubject, askedSlot, awsOf, selectOneArchived, usdOf } from "./archives.ts";
import { carryOut, told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { addressOf, gatherArchive, MAX_OBJECT_REQUESTS } from "./gather-archive.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({
  database: z.string(),
  slot: z.string(),
  tier: z.prefault(z.string(), "bulk"),
  days: z.prefault(z.string(), "7"),
  maxCost: z.optional(z.string()),
  dryRun: z.prefault(z.boolean(), false),
});
type Given = z.output<typeof input>;

export async function run(given: Given, context: Context): Promise<Report> {
  const wanted = { tier: tierOf(given.tier), days: daysOf(given.days), maxUsd: usdOf(given.maxCost) };
  const { month } = askedSlot(given.slot);
  const { policy } = await context.policy("aws", "databases", "archives");
  const archived = selectOneArchived(policy, given.database);
  const asked = { ...wanted, market: awsOf(policy) };
  context.progress.phase(`looking at the archive of ${given.database} for ${month}`);
  const { facts: one } = await gatherArchive(context, archived, month);
  const facts: ThawFacts = { ...one, asked };
  const subject = archiveSubject(archived, month);
  const preconditions = [...runChecks(ONE_ARCHIVE_CHECKS, facts, subject), ...runChecks(THAW_CHECKS, facts, subject)];
  const reportOf = reporter("archive thaw", policy.environment, context);
  const s3 = await context.s3();
  const change = await carryOut(
    {
      plan: { preconditions, steps: stepsOf(facts, subject) },
      consent: { names: [], dryRun: given.dryRun },
      preview: (shown) => reportOf(preconditions, shown),
      parallel: 1,
      apply: (step) => apply({ context, s3, archived, facts }, step),
    },
    context,
  );
  return reportOf(preconditions, change);
}

interface ThawStep extends PlannedStep {
  readonly objects: readonly HeldObject[];
  readonly details: readonly Detail[];
}

function stepsOf(facts: ThawFacts, subject: string): readonly ThawStep[] {
  const objects = toThaw(facts);
  if (objects.length === 0) return [];
  const { tier, days } = facts.asked;
  const what = `${objectCount(objects.length)} in the tier ${tier}, for ${days} days`;
  return [
    {
      subject,
      summary: `ask S3 for readable copies of ${what}`,
      done: `asked S3 for readable copies of ${what}`,
      confirm: null,
      differences: [],
      details: thawDetails(facts),
      objects,
    },
  ];
}

interface Thawing {
  readonly context: Context;
  readonly s3: S3;
  readonly archived: Archived;
  readonly facts: ThawFacts;
}

type Answer = Awaited<ReturnType<S3["restoreObject"]>>;

/** What became of each object. The rest is asked for even where one was refused: the same command again does what is left. */
async function apply(thawing: Thawing, { objects, details }: ThawStep): Promise<StepOutcome> {
  const { context, archived, facts } = thawing;
  for (const { label, value } of details) context.progress.note(`${label}: ${value}`); // nobody is asked: it is told at least
  context.progress.phase(`asking S3 for ${objectCount(objects.length)}`);
  const failures: unknown[] = [];
  const answers = await mapBounded(objects, MAX_OBJECT_REQUESTS, async (held): Promise<Answer | null> => {
    try {
      return await askFor(thawing, held);
    } catch (error) {
      failures.push(error);
      return null;
    }
  });
  const named = (answer: Answer | null) =>
    objects.filter((_, index) => answers[index] === answer).map(({ object: { key } }) => nameInArchive(facts, key));
  const result = Object.fromEntries(
    RESULTS.map(([name, answer]) => [name, named(answer)] as const).filter(([, names]) => names.length > 0),
  );
  const status = `litally-ops archive status ${archived.database.name} ${facts.month}`;
  if (failures.length === 0)
    return { state: answers.every((answer) => answer === "extended") ? "done" : "running", result, next: status };
  if (failures.length === objects.length) throw worstOf(failures);
  const left = `asked for ${objects.length - failures.length} of ${objectCount(objects.length)}; the same command again asks for the rest`;
  return { state: "failed", result, message: `${left}: ${told(worstOf(failures))}`, next: status };
}

const RESULTS = [
  ["started", "started"],
  ["extended", "extended"],
  ["inProgress", "in-progress"],
  ["notAsked", null],
] as const satisfies readonly (readonly [string, Answer | null])[];

/** It is looked at what came of the request; where its answer was lost, that alone tells, for it is never sent twice. */
async function askFor({ context, s3, archived, facts }: Thawing, held: HeldObject): Promise<Answer> {
  const address = addressOf(archived.archive.bucket, held.object);
  const { tier, days } = facts.asked;
  const [answer, lost] = await sent(() => s3.restoreObject(address, { tier, days }));
  const head = await observe(() => s3.headObject(address));
  const readiness = readinessOf({ ...held, head }, context.clock.now());
  if (answer !== undefined) {
    if (readiness.state !== "frozen") return answer;
    throw new OpsError("protocol", `S3 took the request for ${held.object.key}, which is as frozen as before`);
  }
  const before = readinessOf(held, facts.observedAt);
  if (readiness.state === "thawing" && before.state !== "thawing") return "started";
  if (readiness.state === "readable" && before.state !== "readable") return "started";
  if (readiness.state === "readable" && before.state === "readable" && readiness.until > before.until)
    return "extended";
  throw lost;
}

/** A refusal is thrown; of an answer that was lost, the failure is given back. */
async function sent(ask: () => Promise<Answer>): Promise<readonly [Answer, null] | readonly [undefined, OpsError]> {
  try {
    return [await ask(), null];
  } catch (error) {
    const failure = toOpsError(error);
    if (failure.kind === "bug" || !mayHaveActed(failure.kind)) throw failure;
    return [undefined, failure];
  }
}

/** One that leaves open whether anything happened, before those that do not. */
function worstOf(failures: readonly unknown[]): unknown {
  return failures.find((failure) => mayHaveActed(toOpsError(failure).kind)) ?? failures[0];
}

function tierOf(text: string): ThawTier {
  const tier = THAW_TIERS.find((name) => name === text);
  if (tier !== undefined) return tier;
  throw new OpsError("usage", `--tier: "${text}" is no tier`, { hint: `write ${THAW_TIERS.join(", ")}` });
}

/** The copies are charged like any object of STANDARD. */
const MAX_DAYS = 365;

function daysOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= MAX_DAYS) return days;
  throw new OpsError("usage", `--days: "${text}" is no number of days`, { hint: `write 1 to ${MAX_DAYS}` });
}
