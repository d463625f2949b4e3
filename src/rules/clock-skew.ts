/** Ages are only as true as the clock: is ours the same as the service's. */
import type { Check } from "../core/check.ts";
import { formatSpan, MINUTE_MS } from "../core/duration.ts";
import type { Observed } from "../core/observed.ts";
import { pass, unknown, warn } from "../core/verdict.ts";
import type { ClockSkew } from "../ports/atlas.ts";

const WARN_ABOVE_MS = MINUTE_MS;
/** Beyond this no age can be trusted: neither a good one nor a bad one. */
const UNKNOWN_ABOVE_MS = 5 * MINUTE_MS;

export const clockSkew: Check<{ readonly skew: Observed<ClockSkew> }> = {
  id: "backup/clock-skew",
  title: "our clock agrees with Atlas's",
  remedy: () => "set this machine's clock (NTP), then run again",
  judge: ({ skew }) => {
    if (!skew.known) return unknown(skew.reason);
    const { skewMs, uncertaintyMs } = skew.value;
    const leastMs = Math.max(0, Math.abs(skewMs) - uncertaintyMs);
    const evidence = { expected: `within ${formatSpan(WARN_ABOVE_MS)}`, skewSeconds: Math.round(skewMs / 1000) };
    const message = `Atlas's clock is ${formatSpan(Math.abs(skewMs))} ${skewMs > 0 ? "ahead of" : "behind"} ours`;
    if (leastMs > UNKNOWN_ABOVE_MS) return unknown(`${message}: no age can be trusted`, evidence);
    return leastMs > WARN_ABOVE_MS ? warn(message, evidence) : pass("within a minute", evidence);
  },
};
