/** The continuous window reaches back as far as the policy's at every instant; else the first at which it does not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { proveContinuous } from "../../../src/rules/retention/continuous.ts";
import type { ContinuousWindow } from "../../../src/rules/retention/model.ts";
import { at, HOME, horizon } from "./build.ts";

const WEEK_MS = 7 * DAY_MS;

function window(given: Partial<ContinuousWindow> = {}): ContinuousWindow {
  return {
    fromMs: at("2026-01-01"),
    untilMs: Number.POSITIVE_INFINITY,
    windowMs: WEEK_MS,
    lagMs: 0,
    place: HOME,
    firstByteMs: null,
    limitedBy: "restoreWindowDays 7",
    ...given,
  };
}

const over = horizon("2026-11-01", "2026-12-01", "2026-01-01");
const breach = (...windows: readonly ContinuousWindow[]) => {
  const found = proveContinuous(windows, WEEK_MS, over);
  return found && new Date(found.atMs).toISOString();
};

describe("the continuous window", () => {
  test("holds throughout, while it is as long as the policy's", () => {
    expect(breach(window())).toBeNull();
    expect(breach(window({ windowMs: WEEK_MS - 1 }))).toBe("2026-11-01T00:00:00.000Z");
    expect(breach()).toBe("2026-11-01T00:00:00.000Z");
  });

  test("one that was turned on later has to grow old enough", () => {
    expect(breach(window({ fromMs: at("2026-10-25") }))).toBeNull();
    expect(breach(window({ fromMs: at("2026-10-25") + 1 }))).toBe("2026-11-01T00:00:00.000Z");
  });

  test("is owed no further back than the birth of the cluster", () => {
    const young = horizon("2026-11-01", "2026-12-01", "2026-11-10");
    const since = window({ fromMs: at("2026-11-10") });
    expect(proveContinuous([since], WEEK_MS, young)).toBeNull();
    expect(proveContinuous([{ ...since, windowMs: DAY_MS }], WEEK_MS, young)).toMatchObject({
      atMs: at("2026-11-11") + 1,
      owedFromMs: at("2026-11-10"),
      best: { reachesMs: at("2026-11-10") + 1 },
    });
  });

  test("one takes over where another ends, but two are not put together", () => {
    const first = window({ untilMs: at("2026-11-20") });
    expect(breach(first)).toBe("2026-11-20T00:00:00.000Z");
    expect(breach(first, window({ fromMs: at("2026-11-20") }))).toBe("2026-11-20T00:00:00.000Z");
    expect(breach(first, window({ fromMs: at("2026-11-13") }))).toBeNull();
  });

  test("one that lags behind by all that is owed holds nothing", () => {
    expect(breach(window({ lagMs: WEEK_MS }))).toBe("2026-11-01T00:00:00.000Z");
    expect(breach(window({ lagMs: WEEK_MS - 1 }))).toBeNull();
  });

  test("tells the best there is", () => {
    const short = window({ windowMs: DAY_MS, limitedBy: "restoreWindowDays 1" });
    const longer = window({ windowMs: 2 * DAY_MS, limitedBy: "restoreWindowDays 2" });
    expect(proveContinuous([short, longer], WEEK_MS, over)).toEqual({
      atMs: at("2026-11-01"),
      owedFromMs: at("2026-10-25"),
      best: { window: longer, reachesMs: at("2026-10-30") },
    });
    expect(proveContinuous([window({ untilMs: at("2026-10-01") })], WEEK_MS, over)?.best).toBeNull();
  });

  test("agrees with looking at every hour", () => {
    const hours = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * HOUR_MS);
    const start = at("2026-11-01");
    const some = fc.record({
      from: hours(-300, 100),
      life: fc.option(hours(0, 400)),
      windowMs: hours(1, 200),
      lagMs: hours(0, 2),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 3 }), hours(1, 168), hours(-300, 50), (parts, owedMs, born) => {
        const windows = parts.map(({ from, life, ...rest }) =>
          window({
            ...rest,
            fromMs: start + from,
            untilMs: life === null ? Number.POSITIVE_INFINITY : start + from + life,
          }),
        );
        const bornMs = start + born;
        const untilMs = start + 200 * HOUR_MS;
        const isEnough = (ms: number) =>
          windows.some((one) => {
            const reachesMs = Math.max(one.fromMs, ms - one.windowMs);
            return (
              one.lagMs < owedMs && one.fromMs <= ms && ms < one.untilMs && reachesMs <= Math.max(bornMs, ms - owedMs)
            );
          });
        // all lies on full hours: what is outgrown is so from the instant after one
        const instants = Array.from({ length: 200 }, (_, hour) => [
          start + hour * HOUR_MS,
          start + hour * HOUR_MS + 1,
        ]).flat();
        const first = instants.find((ms) => ms >= bornMs && !isEnough(ms)) ?? null;
        expect(proveContinuous(windows, owedMs, { fromMs: start, untilMs, bornMs })?.atMs ?? null).toBe(first);
      }),
      { numRuns: 3000 },
    );
  });
});
