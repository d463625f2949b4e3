/** Ages are only as true as the clock: is ours the same as the service's, and what holds where it is not. */
import type { Check } from "../core/check.ts";
import { formatSpan, MINUTE_MS } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import type { Observed } from "../core/observed.ts";
import type { Finding } from "../core/report.ts";
import { pass, unknown, warn } from "../core/verdict.ts";
import type { ClockSkew } from "../ports/atlas.ts";

const WARN_ABOVE_MS = MINUTE_MS;
/** Beyond this one of the two clocks is plainly wrong, and nobody can say which. */
const UNKNOWN_ABOVE_MS = 5 * MINUTE_MS;

export const clockSkew: Check<{ readonly skew: Observed<ClockSkew> }> = {
  id: "backup/clock-skew",
  title: "our clock agrees with Atlas's",
  remedy: ({ skew }) =>
    skew.known
      ? "set this machine's clock (NTP), then run again"
      : "see that nothing between Atlas and this machine (a proxy) takes the Date header off its answers; until then no age is confirmed",
  judge: ({ skew }) => {
    if (!skew.known) return unknown(skew.reason);
    const evidence = {
      expected: `within ${formatSpan(WARN_ABOVE_MS)}`,
      skewSeconds: Math.round(skew.value.skewMs / 1000),
    };
    const message = `${skewWords(skew.value)}: everything is judged by both`;
    if (leastMs(skew.value) > UNKNOWN_ABOVE_MS) return unknown(`${message}, and one of them is wrong`, evidence);
    return differ(skew.value) ? warn(message, evidence) : pass("within a minute", evidence);
  },
};

/** Why nobody can say what time it is; null: the clocks agree well enough. */
export function clockDoubt(skew: Observed<ClockSkew>): OpsError | null {
  if (!skew.known) return skew.reason;
  if (leastMs(skew.value) <= UNKNOWN_ABOVE_MS) return null;
  return new OpsError("protocol", `what time it is: ${skewWords(skew.value)}`, {
    hint: "set this machine's clock (NTP), then run again",
  });
}

/** The instants that may be now: ours, and Atlas's too where it differs by more than is harmless. */
export function possibleNows(ours: Date, skew: Observed<ClockSkew>): readonly Date[] {
  if (!skew.known || !differ(skew.value)) return [ours];
  return [new Date(ours.getTime() + skew.value.skewMs), ours];
}

/** Findings of the same checks by another clock: what both do not say is unknown. */
export function agreed(findings: readonly Finding[], byAnotherClock: readonly Finding[]): readonly Finding[] {
  const key = ({ check, scope }: Finding) => `${check} ${scope}`;
  const others = new Map(byAnotherClock.map((finding) => [key(finding), finding.status]));
  return findings.map((finding) => {
    const other = others.get(key(finding));
    if (other === finding.status) return finding;
    return {
      ...finding,
      status: "unknown",
      message: `by one clock ${finding.status} (${finding.message}), by the other ${other}`,
      remedy: "see backup/clock-skew",
    };
  });
}

function skewWords({ skewMs }: ClockSkew): string {
  return `Atlas's clock is ${formatSpan(Math.abs(skewMs))} ${skewMs > 0 ? "ahead of" : "behind"} ours`;
}

function differ(skew: ClockSkew): boolean {
  return leastMs(skew) > WARN_ABOVE_MS;
}

function leastMs({ skewMs, uncertaintyMs }: ClockSkew): number {
  return Math.max(0, Math.abs(skewMs) - uncertaintyMs);
}
