/**
 * Findings that are known: what a waiver of the policy names, exactly, does not count until the waiver's end. It stays in
 * the report with all that was found. Only what was seen can be waived: what is unknown is not the finding that is known.
 */
import { DAY_MS } from "../../core/duration.ts";
import type { Finding, Waiver } from "../../core/report.ts";
import type { WaiverPolicy } from "../../policy/schema.ts";
import { WAIVABLE } from "./waivable.ts";

/** Of so many days ahead, besides the rest of today: one that reaches further was never meant to end. */
export const MAX_TERM_DAYS = 366;

/** `too-far`: its end lies so far ahead that it is no end. Such a one waives nothing either. */
type Standing = "in-force" | "expired" | "too-far";

/** By each instant that may be now; none may speak against it. */
export function standingOf({ until: { endsAt } }: Pick<WaiverPolicy, "until">, nows: readonly Date[]): Standing {
  const leftMs = nows.map((now) => endsAt.getTime() - now.getTime());
  if (leftMs.some((ms) => ms <= 0)) return "expired";
  return leftMs.some((ms) => ms > (MAX_TERM_DAYS + 1) * DAY_MS) ? "too-far" : "in-force";
}

/** The findings, with those waived that a waiver in force names. */
export function waived(
  findings: readonly Finding[],
  waivers: readonly WaiverPolicy[],
  nows: readonly Date[],
): readonly Finding[] {
  const inForce = waivers.filter((waiver) => standingOf(waiver, nows) === "in-force");
  return findings.map((finding) => {
    const { status } = finding;
    const waiver = inForce.find((one) => covers(one, finding));
    if (waiver === undefined || !isWaivable(finding) || (status !== "fail" && status !== "warn")) return finding;
    return { ...finding, status: "waived", waiver: told(waiver, status, nows) };
  });
}

/** Without a scope it covers all scopes of the subject. */
export function covers({ check, subject, scope }: WaiverPolicy, finding: Finding): boolean {
  return finding.check === check && finding.subject === subject && (scope === undefined || finding.scope === scope);
}

function isWaivable({ check }: Finding): boolean {
  return WAIVABLE.includes(check);
}

function told({ until, reason, owner }: WaiverPolicy, found: Waiver["found"], nows: readonly Date[]): Waiver {
  const leftMs = Math.min(...nows.map((now) => until.endsAt.getTime() - now.getTime()));
  return { found, until: until.written, leftDays: Math.floor(leftMs / DAY_MS), reason, owner };
}
