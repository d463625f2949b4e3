/** How far Atlas's clock is from ours, from the `Date` header of its answers. */
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { ClockSkew } from "../../ports/atlas.ts";

export interface SkewMeter {
  observe(dateHeader: string | string[] | undefined, sentAt: Date, receivedAt: Date): void;
  read(): Observed<ClockSkew>;
}

/** A `Date` header names the second that has begun: the instant lies half of that later, give or take as much. */
const HALF_SECOND_MS = 500;

/** Keeps the answer with the shortest round trip, which is the most exact. */
export function skewMeter(): SkewMeter {
  let best: ClockSkew | undefined;
  return {
    observe: (dateHeader, sentAt, receivedAt) => {
      if (typeof dateHeader !== "string" || !dateHeader.endsWith(" GMT")) return;
      const theirsMs = Date.parse(dateHeader) + HALF_SECOND_MS;
      const roundTripMs = receivedAt.getTime() - sentAt.getTime();
      if (Number.isNaN(theirsMs) || roundTripMs < 0) return;
      const uncertaintyMs = roundTripMs / 2 + HALF_SECOND_MS;
      if (best !== undefined && best.uncertaintyMs <= uncertaintyMs) return;
      best = { skewMs: theirsMs - (sentAt.getTime() + roundTripMs / 2), uncertaintyMs };
    },
    read: () => {
      if (best !== undefined) return known(best);
      return notKnown(new OpsError("protocol", "no answer of Atlas has told its time so far"));
    },
  };
}
