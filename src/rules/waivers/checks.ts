/** What is to be said of the waivers themselves: of those that are over, that name nothing, or that nobody needs any more. */
import { type Check, runChecks } from "../../core/check.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { asGuess, didYouMean } from "../../core/suggest.ts";
import { fail, warn } from "../../core/verdict.ts";
import type { Draft, Policy, WaiverPolicy } from "../../policy/schema.ts";
import { strangeSubject } from "./subjects.ts";
import { familyOf, WAIVABLE } from "./waivable.ts";
import { covers, MAX_TERM_DAYS, standingOf } from "./waive.ts";

export interface PlacedWaiver extends WaiverPolicy {
  /** `config/litally-ops.yaml:41:5` */
  readonly place: string;
}

interface WaiverFacts {
  /** What could be read of the policy. */
  readonly policy: Draft<Policy>;
  /** The instants that may be now. */
  readonly nows: readonly Date[];
  /** What the run found, before anything was waived; null: it judged the policy alone. */
  readonly findings: readonly Finding[] | null;
}

/** What is not well with waivers, as far as this run could judge that: of the others it says nothing. */
export function judgeWaivers(waivers: readonly PlacedWaiver[], facts: WaiverFacts): readonly Finding[] {
  return waivers.flatMap((waiver) => runChecks(WAIVER_CHECKS, { ...facts, waiver }, "waivers"));
}

interface One extends WaiverFacts {
  readonly waiver: PlacedWaiver;
}

const unknownNames: Check<One> = {
  id: "waivers/unknown",
  title: "every waiver names a check and a subject that there are",
  remedy: () => "write both as reports print them; what cannot be waived, and why: docs/waivers.md",
  judge: ({ waiver, policy, findings }) => {
    const { check, subject } = waiver;
    if (!WAIVABLE.includes(check)) {
      const isOurs = findings === null || !FAMILIES.has(familyOf(check)) || findings.some(sameFamily(check));
      const message = `no check that can be waived is called "${check}"${didYouMean(check, WAIVABLE)}`;
      return isOurs ? told(waiver, fail(message)) : [];
    }
    const strange = strangeSubject(subject, policy);
    if (strange === null || findings?.some((finding) => finding.check === check) === false) return [];
    return told(waiver, fail(`by this policy there is no "${subject}"${asGuess(strange.meant)}`));
  },
};

const FAMILIES: ReadonlySet<string> = new Set(WAIVABLE.map(familyOf));

function sameFamily(check: string): (finding: Finding) => boolean {
  return (finding) => familyOf(finding.check) === familyOf(check);
}

const tooFar: Check<One> = {
  id: "waivers/too-far",
  title: "every waiver ends within a year",
  remedy: () => "write a nearer date, and renew it then if it must be",
  judge: (one) => {
    if (standingOf(one.waiver, one.nows) !== "too-far" || about(one)?.length === 0) return [];
    const message = `${one.waiver.until.written} is more than ${MAX_TERM_DAYS} days ahead: it waives nothing`;
    return told(one.waiver, fail(message));
  },
};

const expired: Check<One> = {
  id: "waivers/expired",
  title: "no waiver is over",
  remedy: () => "mend what it was for and remove it; or give it a new date, and say who answers for that",
  judge: (one) => {
    const findings = about(one);
    if (standingOf(one.waiver, one.nows) !== "expired" || findings?.length === 0) return [];
    const message = `it ended with ${one.waiver.until.written}`;
    if (findings === null) return told(one.waiver, warn(message));
    const covered = findings.filter((finding) => covers(one.waiver, finding));
    const has = (status: Finding["status"]) => covered.some((finding) => finding.status === status);
    if (has("fail")) return told(one.waiver, fail(`${message}, and what it was for still fails`));
    if (has("warn")) return told(one.waiver, warn(`${message}, and what it was for still warns`));
    const isGone = covered.length > 0 && !has("unknown");
    return told(one.waiver, warn(isGone ? `${message}, and what it was for passes: remove it` : message));
  },
};

const unused: Check<One> = {
  id: "waivers/unused",
  title: "every waiver is still needed",
  remedy: ({ waiver }) => `remove it: ${waiver.place}`,
  judge: (one) => {
    const findings = about(one);
    if (findings === null || findings.length === 0 || standingOf(one.waiver, one.nows) !== "in-force") return [];
    if (findings.some(({ status }) => status === "unknown")) return [];
    const covered = findings.filter((finding) => covers(one.waiver, finding));
    if (covered.some(({ status }) => status !== "pass")) return [];
    return told(one.waiver, warn(covered.length > 0 ? "what it is for passes" : "nothing is said of such a scope"));
  },
};

const WAIVER_CHECKS: readonly Check<One>[] = [unknownNames, tooFar, expired, unused];

/** What the run found by the check about the subject, in whatever scope. */
function about({ waiver, findings }: One): readonly Finding[] | null {
  if (findings === null) return null;
  return findings.filter(({ check, subject }) => check === waiver.check && subject === waiver.subject);
}

/** Under its own name, and with its place: there may be many. */
function told({ check, subject, scope, until, owner, place }: PlacedWaiver, verdict: Verdict): readonly Verdict[] {
  const name = `${check} of ${subject}${scope === undefined ? "" : `, ${scope}`}`;
  const evidence = { place, until: until.written, owner };
  return [{ ...verdict, scope: name, message: `${place}: ${verdict.message}`, evidence }];
}
