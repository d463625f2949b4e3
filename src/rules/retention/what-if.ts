/** What is left after a loss, and what would have to be lost to lose everything. */
import { type Check, runChecks } from "../../core/check.ts";
import { formatSpan } from "../../core/duration.ts";
import type { Finding } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { retentionSubject } from "./checks.ts";
import { availableAt, domainKey, lossWords, minimalLosses, newestMs } from "./losses.ts";
import type { Question } from "./question.ts";
import { redundancyAt, redundancyWords } from "./redundancy.ts";
import { instant } from "./today.ts";

export function judgeLosses(question: Question): readonly Finding[] {
  return runChecks(LOSS_CHECKS, question, retentionSubject(question));
}

/** Only where something was assumed. */
const survives: Check<Question> = {
  id: "retention/survives",
  title: "what is left after the loss that was assumed",
  remedy: () => "keep copies where that loss does not reach: copies in another region, archives in another account",
  judge: ({ lost, supplies, nowMs, unreadable }) => {
    if (lost.length === 0) return [];
    const named = lost.map(domainKey).join(", ");
    const there = availableAt(supplies.pessimistic, nowMs);
    const newest = newestMs(supplies.pessimistic, nowMs);
    if (newest === null) {
      const words = `without ${named} nothing is left`;
      return unreadable.length > 0 ? unknown(words) : fail(words);
    }
    if (unreadable.length > 0) return unknown("not everything could be read: what lies where is not known");
    const rpo = formatSpan(Math.max(0, nowMs - newest));
    const points = there.points.length;
    return pass(
      `without ${named}: ${points} restore points are left, the newest data of ${instant(newest)} (RPO ${rpo})`,
      {
        points,
        rpo,
        newest: new Date(newest).toISOString(),
      },
    );
  },
};

/** One loss that takes everything is told; that it needs two or more is a fact of the 3-2-1 kind. */
const losses: Check<Question> = {
  id: "retention/losses",
  title: "no single loss takes every restore point",
  remedy: () => "keep a copy outside of it: another region, another account, another key",
  judge: ({ supplies, nowMs, facts, unreadable }) => {
    const sets = minimalLosses(supplies.pessimistic, nowMs);
    const { regions } = homeOf(facts);
    const evidence = {
      smallest: lossWords(sets),
      redundancy: redundancyWords(redundancyAt(supplies.pessimistic, nowMs, regions)),
    };
    const [first] = sets;
    if (availableAt(supplies.pessimistic, nowMs).points.length === 0)
      return unreadable.length > 0 ? unknown("not everything could be read") : fail("there is no restore point at all");
    if (unreadable.length > 0) return unknown("not everything could be read: what lies where is not known", evidence);
    if (first === undefined) return pass("no four losses together take everything", evidence);
    const words = lossWords(sets).join("; ");
    return first.length === 1
      ? warn(`one loss takes everything: ${words}`, evidence)
      : pass(`it takes ${first.length} losses at once: ${words}`, evidence);
  },
};

export function homeOf({ backup }: Question["facts"]): { readonly regions: readonly string[] } {
  const cluster = backup.cluster.known ? backup.cluster.value : null;
  return { regions: cluster?.regions.known === true ? cluster.regions.value.flat() : [] };
}

export const LOSS_CHECKS: readonly Check<Question>[] = [survives, losses];
