/**
 * `archive verify`: is there, for every slot that is owed, one complete archive, kept as it must be? Changes nothing; with
 * `--deep` it reads a share of the archives back, and has those thawed that cannot be read yet.
 */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import { runChecks } from "../core/check.ts";
import { type Duration, parseDuration } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import type { Finding, Report } from "../core/report.ts";
import type { Policy } from "../policy/schema.ts";
import { BUCKET_CHECKS, type BucketFacts } from "../rules/archive/bucket.ts";
import { isOfTurn, parseTurn } from "../rules/archive/deep.ts";
import { candidateOf, deepCost, deepTurn } from "../rules/archive/deep-plan.ts";
import { archiveCheckIds } from "../rules/archive/verify.ts";
import { type Archived, selectArchived, usdOf } from "./archives.ts";
import type { Context } from "./context.ts";
import { type Candidate, type DeepRequest, readDeep } from "./deep-reading.ts";
import type { ArchiveLooking } from "./gather-archives.ts";
import { type KeyGatherer, keyGatherer } from "./gather-keys.ts";
import { bucketGatherer } from "./gather-push.ts";
import { judgeArchives, judgeMonths } from "./judge-archives.ts";
import { checkFilter, type Filter, withinReach } from "./only.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  only: z.optional(z.array(z.string())),
  within: z.optional(z.string()),
  deep: z.optional(z.string()),
  maxCost: z.optional(z.string()),
  dryRun: z.prefault(z.boolean(), false),
});
type Given = z.output<typeof input>;

const CHECK_IDS = [...[...BUCKET_CHECKS, deepTurn, deepCost].map(({ id }) => id), ...archiveCheckIds()];

/** Databases that are looked at side by side. */
const MAX_DATABASES = 4;

export async function run(given: Given, context: Context): Promise<Report> {
  const wanted = checkFilter(given.only, "archive", CHECK_IDS);
  const within = given.within === undefined ? undefined : parseDuration(given.within, "--within");
  const deep = deepRequest(given);
  const { policy } = await context.policy("atlas", "aws", "databases", "archives");
  const keyOf = keyGatherer(context);
  const verifying: Verifying = {
    context,
    policy,
    selected: selectArchived(policy, given.databases),
    gatherBucket: bucketGatherer(context, policy, keyOf),
    keyOf,
    withinOf: ({ archive }) => within ?? archive.reread ?? null,
    wanted,
  };
  const reportOf = reporter("archive verify", policy.environment, context);
  const candidates: Candidate[] = [];
  const findings = await judgeAll(verifying, (archived, facts, month) => {
    if (deep !== null && isOfTurn(archived.database.name, month, deep.turn))
      candidates.push({ archived, candidate: candidateOf(facts, month) });
  });
  if (deep === null) return reportOf(findings);
  const { selected, withinOf } = verifying;
  // side by side they come in any order
  const inOrder = selected.flatMap((archived) =>
    candidates
      .filter((one) => one.archived === archived)
      .toSorted((a, b) => (a.candidate.month < b.candidate.month ? -1 : 1)),
  );
  const done = await readDeep({ context, policy, request: deep, selected, withinOf, candidates: inOrder, reportOf });
  const fresh = await judgeRead(verifying, done.read);
  return reportOf([...renewed(findings, fresh), ...done.findings], done.change);
}

interface Verifying {
  readonly context: Context;
  readonly policy: Pick<Policy, "atlas" | "aws">;
  readonly selected: readonly Archived[];
  readonly gatherBucket: (archived: Archived) => Promise<BucketFacts>;
  readonly keyOf: KeyGatherer;
  /** How often the archives of a database are read back; null: nobody promised it. */
  readonly withinOf: (archived: Archived) => Duration | null;
  readonly wanted: Filter;
}

type Seen = (archived: Archived, ...seen: Parameters<NonNullable<Parameters<typeof judgeArchives>[1]>>) => void;

async function judgeAll(verifying: Verifying, seen: Seen): Promise<readonly Finding[]> {
  const { context, selected, gatherBucket } = verifying;
  context.progress.phase(`looking at the archives of ${selected.map(({ database }) => database.name).join(", ")}`);
  const ofBuckets = await mapBounded(oncePerArchive(selected), MAX_DATABASES, async (archived) =>
    runChecks(BUCKET_CHECKS, await gatherBucket(archived), `archive/${archived.archive.name}`),
  );
  const ofDatabases = await mapBounded(selected, MAX_DATABASES, async (archived) => {
    const looking = await lookingAt(verifying, archived);
    return asked(verifying, archived, await judgeArchives(looking, (facts, month) => seen(archived, facts, month)));
  });
  return [...ofBuckets.flat().filter(({ check }) => verifying.wanted({ id: check })), ...ofDatabases.flat()];
}

/** Once more, of those that were read: what was said of them before is old. */
async function judgeRead(verifying: Verifying, read: readonly Candidate[]): Promise<readonly Finding[]> {
  const byDatabase = [...Map.groupBy(read, ({ archived }) => archived)];
  const judged = await mapBounded(byDatabase, MAX_DATABASES, async ([archived, those]) => {
    const months = those.map(({ candidate }) => candidate.month);
    return asked(verifying, archived, await judgeMonths(await lookingAt(verifying, archived), months));
  });
  return judged.flat();
}

async function lookingAt(
  { context, policy, gatherBucket, keyOf, withinOf }: Verifying,
  archived: Archived,
): Promise<ArchiveLooking> {
  const { bucket } = await gatherBucket(archived);
  return { context, projectId: policy.atlas.projectId, archived, bucket, keyOf, within: withinOf(archived) };
}

function asked({ wanted }: Verifying, { database }: Archived, findings: readonly Finding[]): readonly Finding[] {
  const command = `litally-ops archive verify ${database.name}`;
  return findings.filter(({ check }) => wanted({ id: check })).map((finding) => withinReach(finding, command, wanted));
}

/** The new ones in the place of the old ones about the same. */
function renewed(findings: readonly Finding[], fresh: readonly Finding[]): readonly Finding[] {
  const bySubject = Map.groupBy(fresh, ({ subject }) => subject);
  const first = new Map(findings.toReversed().map((finding) => [finding.subject, finding]));
  return findings.flatMap((finding) => {
    const news = bySubject.get(finding.subject);
    if (news === undefined) return [finding];
    return first.get(finding.subject) === finding ? news : [];
  });
}

/** What is said of a bucket is said once of an archive, whatever number of databases it keeps. */
function oncePerArchive(selected: readonly Archived[]): readonly Archived[] {
  return selected.filter(
    ({ archive }, index) => selected.findIndex((other) => other.archive.name === archive.name) === index,
  );
}

/** null: nothing is to be read back. */
function deepRequest({ deep, maxCost, dryRun }: Given): DeepRequest | null {
  if (deep !== undefined) return { turn: parseTurn(deep), maxUsd: usdOf(maxCost), dryRun };
  const alone = maxCost !== undefined ? "--max-cost" : dryRun ? "--dry-run" : undefined;
  if (alone === undefined) return null;
  throw new OpsError("usage", `${alone}: only what --deep asks for costs or changes anything`);
}
