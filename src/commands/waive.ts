/** The end of every run: what the policy waives does not count, and what is not well with the waivers is told. */
import type { Observed } from "../core/observed.ts";
import type { Outcome, Report } from "../core/report.ts";
import type { LoadedPolicy } from "../policy/load.ts";
import type { ClockSkew } from "../ports/atlas.ts";
import { possibleNows } from "../rules/clock-skew.ts";
import { judgeWaivers } from "../rules/waivers/checks.ts";
import { waived } from "../rules/waivers/waive.ts";

export interface Waiving {
  readonly loaded: LoadedPolicy<never>;
  /** null: no other clock was seen. */
  readonly skew: Observed<ClockSkew> | null;
}

/** Where something was changed, or was to be, waivers have no say: what did not end well stays as it is. */
export function waive(outcome: Outcome, { loaded, skew }: Waiving): Outcome {
  if (outcome.kind !== "report" || !isLooking(outcome)) return outcome;
  const { command, findings, observedAt } = outcome;
  const waivers = loaded.policy.waivers.map((waiver, index) => ({
    ...waiver,
    place: loaded.placeOf(`waivers[${index}]`) ?? loaded.file,
  }));
  const nows = skew === null ? [observedAt] : possibleNows(observedAt, skew);
  const facts = { policy: loaded.draft, nows, findings: command === "config check" ? null : findings };
  return { ...outcome, findings: [...waived(findings, waivers, nows), ...judgeWaivers(waivers, facts)] };
}

/** A change that only served the looking leaves the word to the findings once it is done. */
function isLooking({ change }: Report): boolean {
  if (change === undefined) return true;
  return change.isAside === true && (change.state === "done" || change.state === "planned" || change.state === "none");
}
