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

/**
 * Judges `facts` by every check, in order, as findings about `subject`. `findOut` is what to do where a check could not
 * find out and knows no better: the remedy of a failure would be the wrong advice there.
 */
export function runChecks<F>(checks: readonly Check<F>[], facts: F, subject: string, findOut?: string): Finding[] {
  return checks.flatMap((check) => {
    const verdicts = [check.judge(facts)].flat();
    return verdicts.map((verdict) => toFinding(check, verdict, { facts, subject, findOut }));
  });
}

interface Judged<F> {
  readonly facts: F;
  readonly subject: string;
  readonly findOut: string | undefined;
}

function toFinding<F>(check: Check<F>, verdict: Verdict, { facts, subject, findOut }: Judged<F>): Finding {
  const { status, message, evidence, scope } = verdict;
  const general = status === "unknown" && findOut !== undefined ? findOut : check.remedy(facts);
  const remedy = status === "pass" ? undefined : (verdict.remedy ?? general);
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
