import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import { type ErrorKind, OpsError } from "../../src/core/error.ts";
import { type Answer, poll } from "../../src/core/poll.ts";

const START_MS = Date.UTC(2026, 10, 22);

/** Time passes by waiting alone. */
function waitingClock(): Clock & { readonly waitedMs: number[] } {
  const waitedMs: number[] = [];
  return {
    waitedMs,
    now: () => new Date(waitedMs.reduce((sum, ms) => sum + ms, START_MS)),
    sleep: async (ms) => void waitedMs.push(ms),
  };
}

const LIMITS = { firstMs: 5, longestMs: 20, limitMs: 100 };

function asking(answers: readonly (Answer<string> | OpsError)[]) {
  const left = [...answers];
  const clock = waitingClock();
  const seen: (string | undefined)[] = [];
  const signal = new AbortController();
  const run = poll<string>({
    clock,
    signal: signal.signal,
    limits: LIMITS,
    what: "it was not done",
    ask: async () => {
      const answer = left.shift() ?? { done: false };
      if (answer instanceof OpsError) throw answer;
      return answer;
    },
    waiting: (_elapsedMs, failure) => void seen.push(failure?.message),
  });
  return { run, clock, seen };
}

describe("poll", () => {
  it("asks until it is done, less and less often", async () => {
    const { run, clock } = asking([
      { done: false },
      { done: false },
      { done: false },
      { done: false },
      { done: true, value: "yes" },
    ]);
    expect(await run).toBe("yes");
    expect(clock.waitedMs).toEqual([5, 10, 20, 20]);
  });

  it("ends at its limit, and asks no later than that", async () => {
    const { run, clock } = asking([]);
    await expect(run).rejects.toMatchObject({ kind: "timeout", message: "it was not done within 0 s" });
    expect(clock.waitedMs).toEqual([5, 10, 20, 20, 20, 20]);
    const total = clock.waitedMs.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeLessThanOrEqual(LIMITS.limitMs);
    expect(total).toBeGreaterThan(LIMITS.limitMs - LIMITS.longestMs);
  });

  it("ends at its limit also by a clock that stands still", async () => {
    const clock = { now: () => new Date(0), sleep: () => Promise.resolve() };
    const { signal } = new AbortController();
    const ask = async () => ({ done: false }) as const;
    await expect(poll({ clock, signal, limits: LIMITS, what: "it was not done", ask })).rejects.toMatchObject({
      kind: "timeout",
    });
  });

  it.each<ErrorKind>(["throttled", "unavailable", "timeout", "protocol"])(
    "goes on after a failure that passes: %s",
    async (kind) => {
      const { run, seen } = asking([new OpsError(kind, "not now"), { done: false }, { done: true, value: "yes" }]);
      expect(await run).toBe("yes");
      expect(seen).toEqual(["not now", undefined]);
    },
  );

  it.each<ErrorKind>(["usage", "config", "auth", "not-found", "rejected", "bug"])(
    "ends at once with one that does not: %s",
    async (kind) => {
      const { run, clock } = asking([new OpsError(kind, "no")]);
      await expect(run).rejects.toMatchObject({ kind, message: "no" });
      expect(clock.waitedMs).toEqual([]);
    },
  );

  it("tells the last failure when the time is over", async () => {
    const { run } = asking(Array.from({ length: 50 }, () => new OpsError("unavailable", "503")));
    await expect(run).rejects.toMatchObject({
      kind: "timeout",
      message: expect.stringContaining("the last look failed: 503"),
    });
  });

  it("asks once more at the very limit, and tells how long it has waited each time", async () => {
    const clock = waitingClock();
    const toldMs: number[] = [];
    const run = poll({
      clock,
      signal: new AbortController().signal,
      limits: { firstMs: 30_000, longestMs: 60_000, limitMs: 150_000 },
      what: "it was not done",
      ask: async () => ({ done: false }),
      waiting: (elapsedMs) => void toldMs.push(elapsedMs),
    });
    await expect(run).rejects.toMatchObject({ message: "it was not done within 2 m 30 s" });
    expect(clock.waitedMs).toEqual([30_000, 60_000, 60_000]);
    expect(toldMs).toEqual([0, 30_000, 90_000]);
  });

  it("forgets a failure that was followed by an answer", async () => {
    const { run } = asking([new OpsError("unavailable", "503")]);
    await expect(run).rejects.toMatchObject({ message: "it was not done within 0 s" });
  });

  it("lets what is no failure of the world through", async () => {
    const broken = new TypeError("x is not a function");
    const once = { clock: waitingClock(), signal: new AbortController().signal, limits: LIMITS, what: "w" };
    await expect(poll({ ...once, ask: () => Promise.reject(broken) })).rejects.toBe(broken);
    const clock = { ...waitingClock(), sleep: () => Promise.reject(broken) };
    await expect(poll({ ...once, clock, ask: async () => ({ done: false }) })).rejects.toBe(broken);
  });

  it.each(["before the first question", "while it asks", "while it waits"])(
    "ends where it is stopped %s",
    async (when) => {
      const stop = new AbortController();
      let questions = 0;
      const clock = waitingClock();
      const sleep = async () => {
        stop.abort();
        throw new DOMException("stopped", "AbortError");
      };
      if (when === "before the first question") stop.abort();
      const run = poll({
        clock: { ...clock, sleep },
        signal: stop.signal,
        limits: LIMITS,
        what: "it was not done",
        ask: async () => {
          questions += 1;
          if (when === "while it asks") {
            stop.abort();
            throw new OpsError("unavailable", "connection closed");
          }
          return { done: false };
        },
      });
      await expect(run).rejects.toMatchObject({ kind: "aborted", message: "stopped while waiting" });
      expect(questions).toBe(when === "before the first question" ? 0 : 1);
    },
  );

  it("ends with the signal's own reason", async () => {
    const over = new OpsError("timeout", "not done within --timeout (1 s)");
    const aborting = new AbortController();
    const run = poll({
      clock: waitingClock(),
      signal: aborting.signal,
      limits: LIMITS,
      what: "it was not done",
      ask: async () => {
        aborting.abort(over);
        throw new OpsError("aborted", "stopped");
      },
    });
    await expect(run).rejects.toBe(over);
  });
});
