/** What a drill measured, held against the policy's objectives: how long it took, and how much would have been lost. */
import { type Check, runChecks } from "../../core/check.ts";
import { type Duration, formatSpan, MINUTE_MS, shortestMs } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Observed } from "../../core/observed.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";

export interface DrillFacts {
  /** Absent: the policy names none. */
  readonly objectives?: { readonly rto: Duration; readonly rpo: Duration };
  /** From the first request to the end of the looking at the data; to the end of the restore where nobody looked. */
  readonly tookMs: number;
  readonly isVerified: boolean;
  /** The instant that was restored. */
  readonly askedAt: Date;
  /** When the newest document was made that the restored data holds, of those up to `askedAt`; null: none tells. */
  readonly newestAt: Observed<Date | null>;
  /** The same of all of them: nothing should be younger than what was asked for. */
  readonly latestAt: Observed<Date | null>;
  /** The same of the source, of documents up to `askedAt`: how quiet it was. */
  readonly sourceNewestAt: Observed<Date | null>;
}

export function judgeDrill(facts: DrillFacts, subject: string): readonly Finding[] {
  return runChecks(CHECKS, facts, subject);
}

/** How much is missing before the instant that was asked for; null: it could not be measured. */
export function measuredRpoMs({ newestAt, askedAt }: DrillFacts): number | null {
  if (!newestAt.known || newestAt.value === null) return null;
  return askedAt.getTime() - newestAt.value.getTime();
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
  const { objectives, newestAt, askedAt } = facts;
  if (!newestAt.known) return unknown(newestAt.reason);
  if (newestAt.value === null) {
    const told = "no document tells when it was made";
    return objectives === undefined ? pass(`${told}; the policy names no objective`) : unknown(told);
  }
  const gapMs = askedAt.getTime() - newestAt.value.getTime();
  const newest = `the newest document is of ${formatInstant(newestAt.value)}`;
  const evidence = { askedAt: askedAt.toISOString(), newestAt: newestAt.value.toISOString() };
  const words = `${newest}, ${formatSpan(gapMs)} before the instant that was asked for`;
  if (objectives === undefined) return pass(`${words}; the policy names no objective`, evidence);
  const limitMs = shortestMs(objectives.rpo);
  const told = { expected: `at most ${formatSpan(limitMs)}`, actual: formatSpan(gapMs), ...evidence };
  return gapMs <= limitMs
    ? pass(`${words}, within ${formatSpan(limitMs)}`, told)
    : againstSource(facts, `${words}, the policy allows ${formatSpan(limitMs)}`, limitMs, told);
}

/** A source at which nobody wrote has lost nothing: only the source itself can tell that. */
function againstSource(
  { newestAt, sourceNewestAt }: DrillFacts,
  words: string,
  limitMs: number,
  evidence: NonNullable<Verdict["evidence"]>,
): Verdict {
  if (!sourceNewestAt.known)
    return {
      ...unknown(`${words}; whether the source was quiet or data is lost is not known`, evidence),
      remedy: "set LITALLY_OPS_SOURCE_URI, so that the source can be asked how quiet it was",
    };
  const [ours, theirs] = [newestAt.known ? newestAt.value : null, sourceNewestAt.value];
  if (ours === null || theirs === null) return unknown(`${words}; the source does not tell either`, evidence);
  const lostMs = theirs.getTime() - ours.getTime();
  const told = { ...evidence, sourceNewestAt: theirs.toISOString() };
  return lostMs <= limitMs
    ? pass(
        `nothing was written at the source for long: its newest document before that is of ${formatInstant(theirs)}`,
        told,
      )
    : fail(`${words}; the source holds documents up to ${formatInstant(theirs)}`, told);
}

/** Such a document says nothing of what is lost, and would hide it: the RPO is measured without it. */
const nothingNewer: Check<DrillFacts> = {
  id: "drill/nothing-newer",
  title: "nothing in the restored data is younger than the instant that was asked for",
  remedy: () => "find out who made it: a clock that is ahead, or somebody who writes to the restored cluster",
  judge: ({ isVerified, latestAt, askedAt }) => {
    if (!isVerified) return [];
    if (!latestAt.known) return unknown(latestAt.reason);
    const aheadMs = latestAt.value === null ? 0 : latestAt.value.getTime() - askedAt.getTime();
    if (latestAt.value === null || aheadMs <= CLOCK_TOLERANCE_MS) return pass("nothing is, as far as documents tell");
    return warn(`a document is of ${formatInstant(latestAt.value)}, ${formatSpan(aheadMs)} after it`, {
      askedAt: askedAt.toISOString(),
      latestAt: latestAt.value.toISOString(),
    });
  },
};

const CHECKS: readonly Check<DrillFacts>[] = [verified, rto, rpo, nothingNewer];
