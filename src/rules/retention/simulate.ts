/** `retention simulate`: whether the policy holds at every instant up to a horizon, or the first one at which it breaks. */
import { type Check, runChecks } from "../../core/check.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { ARCHIVE_CHECKS } from "./check-archives.ts";
import { readable, retentionSubject } from "./checks.ts";
import { prove, type TierProof } from "./proof.ts";
import type { Question } from "./question.ts";
import { instant } from "./today.ts";
import { windowThroughout } from "./window.ts";
import { breachWords, doubtOf, replayEvidence } from "./words.ts";

export function judgeHorizon(question: Question): readonly Finding[] {
  return runChecks(HORIZON_CHECKS, question, retentionSubject(question));
}

const MEND = "see which settings cannot deliver: litally-ops retention check";

/** What breaks even at its best breaks; what holds even at its worst holds. */
const holds: Check<Question> = {
  id: "retention/holds",
  title: "the policy holds at every instant up to the horizon",
  remedy: () => MEND,
  judge: (question) => {
    const { supplies, tiers, horizon } = question;
    const worst = prove(supplies.pessimistic, tiers, horizon);
    const best = prove(supplies.optimistic, tiers, horizon);
    return worst.tiers.map((proof, index) => ({
      ...tierVerdict(question, proof, best.tiers[index]),
      scope: proof.tier.id,
    }));
  },
};

function tierVerdict(question: Question, worst: TierProof, best?: TierProof): Verdict {
  const { supplies, unreadable, horizon, nowMs } = question;
  const until = instant(horizon.untilMs);
  if (unreadable.length > 0 && worst.breach === null)
    return unknown("not everything could be read: see retention/readable");
  if (worst.owed === 0) return unknown(`it owes nothing until ${until}, so nothing is proved`, { slots: 0 });
  if (worst.breach === null) return pass(`it holds until ${until}: ${worst.owed} slots`, { slots: worst.owed });
  const isCertain = best !== undefined && best.breach !== null && unreadable.length === 0;
  const doubt = isCertain ? null : doubtOf(worst.breach, question);
  const words = `${breachWords(worst.breach, question, doubt)}; ${worst.breached} of ${worst.owed} slots break`;
  const evidence = replayEvidence(supplies.pessimistic, worst.breach, nowMs);
  if (isCertain) return fail(words, evidence);
  return { ...unknown(`at worst ${words}`, evidence), ...(doubt === null ? {} : { remedy: doubt.remedy }) };
}

export const HORIZON_CHECKS: readonly Check<Question>[] = [readable, ...ARCHIVE_CHECKS, holds, windowThroughout];
