import type { Finding, Verdict } from "./report.ts";

/**
 * One thing that must hold. `judge` is pure: facts in, verdicts out. It gives one verdict per scope
 * (a frequency, a region), and none only where the policy asks for nothing that this check could judge.
 */
export interface Check<F> {
  /** Stable: `backup/snapshot-age`. Scripts, waivers and `--only` rely on it. */
  readonly id: string;
  readonly title: string;
  /** What to do when it does not pass; `remedy` of a verdict replaces it. */
  readonly remedy: (facts: F) => string;
  readonly judge: (facts: F) => Verdict | readonly Verdict[];
}

/** Judges `facts` by every check, in order, as findings about `subject`. */
export function runChecks<F>(checks: readonly Check<F>[], facts: F, subject: string): Finding[] {
  return checks.flatMap((check) => {
    const verdicts = [check.judge(facts)].flat();
    return verdicts.map((verdict) => toFinding(check, verdict, facts, subject));
  });
}

function toFinding<F>(check: Check<F>, verdict: Verdict, facts: F, subject: string): Finding {
  const { status, message, evidence, scope } = verdict;
  const remedy = status === "pass" ? undefined : (verdict.remedy ?? check.remedy(facts));
  return {
    check: check.id,
    title: check.title,
    subject,
    ...(scope === undefined ? {} : { scope }),
    status,
    message,
    ...(evidence === undefined ? {} : { evidence }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}
