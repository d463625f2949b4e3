import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { stopReason } from "../core/stop.ts";

/** The machine's clock, moved by `offsetMs`. The only place that reads the current time. */
export function systemClock(offsetMs = 0): Clock {
  return {
    now: () => new Date(Date.now() + offsetMs),
    sleep: async (ms, signal) => {
      try {
        await delay(ms, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        if (signal?.aborted === true) throw stopReason(signal, "waiting");
        throw error;
      }
    },
  };
}
