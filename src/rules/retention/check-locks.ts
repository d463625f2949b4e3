/** Locks beside what they lock: as long as the retention, and not much longer. */
import type { Check } from "../../core/check.ts";
import { formatSpan } from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { ArchivePolicy } from "../../policy/schema.ts";
import type { Lock } from "../../ports/s3.ts";
import { periodOf, retainUntil } from "../archive/slots.ts";
import { headOf, ofMonth } from "../archive/verify-facts.ts";
import { lockFit } from "./over.ts";
import type { Question } from "./question.ts";

const locks: Check<Question> = {
  id: "retention/lock",
  title: "locks are as long as the retention",
  remedy: () => "lengthen a lock: aws s3api put-object-retention; one in COMPLIANCE mode nobody can shorten",
  judge: ({ facts: { archives }, nowMs }) => {
    if (archives === null || archives.archive.objectLock === "none") return [];
    return [...archives.months].flatMap(([month, facts]): readonly Verdict[] => {
      const one = ofMonth(facts, month);
      const period = periodOf(archives.archive, month);
      if (period === undefined || !one.manifest.known) return []; // the slot says so
      const owedMs = retainUntil(archives.archive, period).getTime();
      if (owedMs <= nowMs) return [];
      const keys = [one.manifestKey, ...one.manifest.value.objects.map(({ key }) => key)];
      const ends = keys.map((key) => headOf(facts, key));
      const unread = ends.find((head) => !head.known || !head.value.lock.known);
      if (unread !== undefined) return [{ ...unknown("a lock could not be read"), scope: month }];
      const fits = ends.flatMap((head) =>
        head.known && head.value.lock.known ? [fitOf(head.value.lock.value, archives.archive.objectLock, owedMs)] : [],
      );
      return [{ ...lockVerdict(fits), scope: month }];
    });
  },
};

/** A lock that can be lifted is none where the policy wants one that cannot. */
function fitOf(lock: Lock | null, wanted: ArchivePolicy["objectLock"], owedMs: number) {
  const isHeld = lock !== null && (lock.mode === wanted || lock.mode === "COMPLIANCE");
  return lockFit(isHeld ? lock.retainUntil.getTime() : null, owedMs);
}

/** The worst of the objects. */
function lockVerdict(fits: readonly ReturnType<typeof lockFit>[]): Verdict {
  if (fits.length === 0) return unknown("there is no object to look at");
  if (fits.some(({ kind }) => kind === "unlocked")) return fail("it is not locked as the policy says");
  const by = (wanted: "shorter" | "longer") => Math.max(0, ...fits.map((fit) => (fit.kind === wanted ? fit.byMs : 0)));
  const [shorter, longer] = [by("shorter"), by("longer")];
  if (shorter > 0) return fail(`its lock ends ${formatSpan(shorter)} before its retention`);
  if (longer > 0)
    return warn(`its lock lasts ${formatSpan(longer)} longer than its retention: nobody can delete it in time`);
  return pass("its lock ends with its retention");
}

export const LOCK_CHECKS: readonly Check<Question>[] = [locks];
