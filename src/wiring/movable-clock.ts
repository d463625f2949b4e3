/** The clock of a run: the machine's, until it is known that the run works in a world with its own. */
import type { Clock } from "../core/clock.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

export interface MovableClock {
  readonly clock: Clock;
  moveBy(offsetMs: number): void;
  /** From now on time is that of an embedded world: waiting puts it forward, and a rehearsal of hours takes seconds. */
  follow(world: Pick<Sandbox, "now" | "advance">): void;
}

/** What a wait in an embedded world takes in truth. */
const EMBEDDED_WAIT_MS = 20;

/** One clock for the whole run, which is set right when it is known where the run works. */
export function movableClock(system: Clock): MovableClock {
  let { now, sleep } = system;
  return {
    clock: { now: () => now(), sleep: (ms, signal) => sleep(ms, signal) },
    moveBy: (offsetMs) => {
      now = () => new Date(system.now().getTime() + offsetMs);
    },
    follow: (world) => {
      now = world.now;
      sleep = async (ms, signal) => {
        await system.sleep(Math.min(ms, EMBEDDED_WAIT_MS), signal);
        world.advance(ms);
      };
    },
  };
}
