/** What a drill measured, held against the policy's objectives: how long it took, and how much would have been lost. */
import { type Check, runChecks } from "../../core/check.ts";
import { type Duration, formatSpan, MINUTE_MS, shortestMs } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Observed } from "../../core/observed.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";

export interface DrillFacts extends NewestFacts {
  /** Absent: the policy names none. */
  readonly objectives?: { readonly rto: Duration; readonly rpo: Duration };
  /** From the first request to the end of the looking at the data; to the end of the restore where nobody looked. */
  readonly tookMs: number;
  readonly isVerified: boolean;
  /** The instant that was restored. */
  readonly askedAt: Date;
}

/** By collection: when its newest documents were made; null: no id tells. */
export interface NewestFacts {
  readonly restored: Observed<ReadonlyMap<string, RestoredNewest>>;
  /** At the source, of documents up to the instant that was restored. */
  readonly atSource: Observed<ReadonlyMap<string, Date | null>>;
}

export interface RestoredNewest {
  /** Of documents up to the instant that was restored. */
  readonly newestAt: Date | null;
  /** Of all of them: nothing should be younger than what was asked for. */
  readonly latestAt: Date | null;
}

export function judgeDrill(facts: DrillFacts, subject: string): readonly Finding[] {
  return runChecks(CHECKS, facts, subject);
}

/** How much is missing before the instant that was asked for; null: it could not be measured. */
export function measuredRpoMs(facts: DrillFacts): number | null {
  const { restored, askedAt } = facts;
  const newestAt = restored.known ? youngest(restored.value, ({ newestAt: at }) => at) : null;
  const loss = worstLoss(facts);
  if (newestAt === null || loss?.lostMs === Number.POSITIVE_INFINITY) return null;
  return Math.max(askedAt.getTime() - newestAt.getTime(), loss?.lostMs ?? 0);
}

/** null: no collection tells. */
function youngest<T>(collections: ReadonlyMap<string, T>, madeAt: (one: T) => Date | null): Date | null {
  const instants = [...collections.values()].map(madeAt).filter((at) => at !== null);
  return instants.length === 0 ? null : new Date(Math.max(...instants.map((at) => at.getTime())));
}

interface Loss {
  readonly namespace: string;
  /** By so much the source reaches further; endless where nothing that was restored tells. */
  readonly lostMs: number;
  readonly oursAt: Date | null;
  readonly theirsAt: Date;
}

/** Of the collection that lost most: a lively one must not hide another. null: the source was not asked, or tells nothing. */
function worstLoss({ restored, atSource }: NewestFacts): Loss | null {
  if (!restored.known || !atSource.known) return null;
  const losses = [...atSource.value].flatMap(([namespace, theirsAt]): readonly Loss[] => {
    if (theirsAt === null) return [];
    const oursAt = restored.value.get(namespace)?.newestAt ?? null;
    const lostMs = oursAt === null ? Number.POSITIVE_INFINITY : theirsAt.getTime() - oursAt.getTime();
    return [{ namespace, lostMs, oursAt, theirsAt }];
  });
  return losses.toSorted((a, b) => (a.lostMs < b.lostMs ? 1 : -1))[0] ?? null;
}

/** Documents are dated by the clocks of those who make them. */
const CLOCK_TOLERANCE_MS = 2 * MINUTE_MS;

const verified: Check<DrillFacts> = {
  id: "drill/verified",
  title: "the restored data was looked at",
  remedy: () => "leave --no-verify out: set LITALLY_OPS_VERIFY_URI, see docs/restore-data.md",
  judge: ({ isVerified }) =>
    isVerified
      ? pass("it was looked at")
      : warn("nobody looked at the data: this drill proves only that Atlas says it has finished"),
};

const rto: Check<DrillFacts> = {
  id: "drill/rto",
  title: "the restore took no longer than the objective (RTO) allows",
  remedy: () => "see docs/drill.md: what makes a restore slow; or change objectives.rto, if the business agrees",
  judge: ({ objectives, tookMs, isVerified }) => {
    const took = `${formatSpan(tookMs)} from the request to ${isVerified ? "verified data" : "the end of the restore"}`;
    if (objectives === undefined) return pass(`${took}; the policy names no objective`, { tookMs });
    const limitMs = shortestMs(objectives.rto);
    const evidence = { expected: `at most ${formatSpan(limitMs)}`, actual: formatSpan(tookMs), tookMs };
    if (tookMs > limitMs) return fail(`${took}, the policy allows ${formatSpan(limitMs)}`, evidence);
    return pass(`${took}, within ${formatSpan(limitMs)}`, evidence);
  },
};

const rpo: Check<DrillFacts> = {
  id: "drill/rpo",
  title: "the data reaches as near to the instant as the objective (RPO) demands",
  remedy: () => "compare the newest documents of source and target before this drill counts; see docs/drill.md",
  judge: (facts) => (facts.isVerified ? judgeRpo(facts) : []),
};

function judgeRpo(facts: DrillFacts): Verdict {
  const { objectives, restored, askedAt } = facts;
  if (!restored.known) return unknown(restored.reason);
  const newestAt = youngest(restored.value, ({ newestAt: at }) => at);
  const gapMs = newestAt === null ? null : askedAt.getTime() - newestAt.getTime();
  const words =
    newestAt === null || gapMs === null
      ? "no document tells when it was made"
      : `the newest document is of ${formatInstant(newestAt)}, ${formatSpan(gapMs)} before the instant that was asked for`;
  const evidence = { askedAt: askedAt.toISOString(), newestAt: newestAt?.toISOString() ?? "not told" };
  if (objectives === undefined) return pass(`${words}; the policy names no objective`, evidence);
  const limitMs = shortestMs(objectives.rpo);
  const expected = `at most ${formatSpan(limitMs)}`;
  const loss = worstLoss(facts);
  if (loss !== null && loss.lostMs > limitMs) return lost(loss, limitMs, { expected, ...evidence });
  if (gapMs === null) return unknown(words, evidence);
  const told = { expected, actual: formatSpan(gapMs), ...evidence };
  if (gapMs <= limitMs) return pass(`${words}, within ${formatSpan(limitMs)}`, told);
  return quiet(facts, `${words}, the policy allows ${formatSpan(limitMs)}`, told);
}

type Told = NonNullable<Verdict["evidence"]>;

function lost({ namespace, lostMs, oursAt, theirsAt }: Loss, limitMs: number, evidence: Told): Verdict {
  const ours = oursAt === null ? "no document that tells its time" : `nothing after ${formatInstant(oursAt)}`;
  const amount = oursAt === null ? "all" : formatSpan(lostMs);
  return fail(
    `${namespace} holds ${ours}; the source holds documents up to ${formatInstant(theirsAt)}: the policy allows ${formatSpan(limitMs)}`,
    { ...evidence, actual: amount, namespace, sourceNewestAt: theirsAt.toISOString() },
  );
}

/** A source at which nobody wrote has lost nothing: only the source itself can tell that. */
function quiet({ atSource }: DrillFacts, words: string, evidence: Told): Verdict {
  if (!atSource.known)
    return {
      ...unknown(`${words}; whether the source was quiet or data is lost is not known`, evidence),
      remedy: "set LITALLY_OPS_SOURCE_URI, so that the source can be asked how quiet it was",
    };
  const theirsAt = youngest(atSource.value, (at) => at);
  if (theirsAt === null) return unknown(`${words}; the source does not tell either`, evidence);
  return pass(
    `nothing was written at the source for long: its newest document before that is of ${formatInstant(theirsAt)}`,
    { ...evidence, sourceNewestAt: theirsAt.toISOString() },
  );
}

/** Such a document says nothing of what is lost, and would hide it: the RPO is measured without it. */
const nothingNewer: Check<DrillFacts> = {
  id: "drill/nothing-newer",
  title: "nothing in the restored data is younger than the instant that was asked for",
  remedy: () => "find out who made it: a clock that is ahead, or somebody who writes to the restored cluster",
  judge: ({ isVerified, restored, askedAt }) => {
    if (!isVerified) return [];
    if (!restored.known) return unknown(restored.reason);
    const latestAt = youngest(restored.value, ({ latestAt: at }) => at);
    const aheadMs = latestAt === null ? 0 : latestAt.getTime() - askedAt.getTime();
    if (latestAt === null || aheadMs <= CLOCK_TOLERANCE_MS) return pass("nothing is, as far as documents tell");
    return warn(`a document is of ${formatInstant(latestAt)}, ${formatSpan(aheadMs)} after it`, {
      askedAt: askedAt.toISOString(),
      latestAt: latestAt.toISOString(),
    });
  },
};

const CHECKS: readonly Check<DrillFacts>[] = [verified, rto, rpo, nothingNewer];
