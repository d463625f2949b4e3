/** The continuous window reaches back as far as the policy's at every instant; else the first at which it does not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { proveContinuous } from "../../../src/rules/retention/continuous.ts";
import type { ContinuousWindow, RestorePoint } from "../../../src/rules/retention/model.ts";
import { AWAY, at, HOME, horizon, point } from "./build.ts";

const WEEK_MS = 7 * DAY_MS;
const OWED = { windowMs: WEEK_MS, slackMs: 0 };

function window(given: Partial<ContinuousWindow> = {}): ContinuousWindow {
  return {
    untilMs: Number.POSITIVE_INFINITY,
    windowMs: WEEK_MS,
    lagMs: 0,
    place: HOME,
    firstByteMs: null,
    limitedBy: "restoreWindowDays 7",
    ...given,
  };
}

/** A snapshot of an instant that nothing removes. */
const since = (data: string | number, given: Partial<RestorePoint> = {}) =>
  point(data, Number.POSITIVE_INFINITY, { id: "snapshot", ...given });
const OLD = since("2026-01-01");

const over = horizon("2026-11-01", "2026-12-01", "2026-01-01");
const first = (points: readonly RestorePoint[], ...continuous: readonly ContinuousWindow[]) => {
  const found = proveContinuous({ points, continuous }, OWED, over);
  return found && new Date(found.atMs).toISOString();
};

describe("the continuous window", () => {
  test("holds throughout, while it is as long as the policy's", () => {
    expect(first([OLD], window())).toBeNull();
    expect(first([OLD], window({ windowMs: WEEK_MS - 1 }))).toBe("2026-11-01T00:00:00.000Z");
    expect(first([OLD])).toBe("2026-11-01T00:00:00.000Z");
  });

  test("reaches no further back than the oldest snapshot that is there", () => {
    expect(first([since("2026-10-25")], window())).toBeNull();
    expect(first([since(at("2026-10-25") + 1)], window())).toBe("2026-11-01T00:00:00.000Z");
    expect(first([], window())).toBe("2026-11-01T00:00:00.000Z");
  });

  test("is as short as what it starts from is kept, today as in years", () => {
    const days = Array.from({ length: 300 }, (_, day) => at("2026-03-01") + day * DAY_MS + HOUR_MS);
    const kept = (lifeMs: number) => days.map((dataMs) => point(dataMs, lifeMs));
    const proof = (lifeMs: number, slackMs: number) =>
      proveContinuous({ points: kept(lifeMs), continuous: [window()] }, { ...OWED, slackMs }, over);
    expect(proof(WEEK_MS + DAY_MS, 0)).toBeNull();
    expect(proof(WEEK_MS + DAY_MS - 1, 0)?.atMs).toBe(at("2026-11-01T01:00:00Z") - 1);
    expect(proof(WEEK_MS, 0)).toMatchObject({
      atMs: at("2026-11-01"),
      best: { reachesMs: at("2026-10-25T01:00:00Z") },
    });
    expect([proof(WEEK_MS, DAY_MS), proof(WEEK_MS, DAY_MS - 1) === null]).toEqual([null, false]);
  });

  test("starts from no archive, from nothing elsewhere, and from nothing that is not ready", () => {
    const day = "2026-11-01T00:00:00.000Z";
    expect(first([{ ...OLD, kind: "archive" }], window())).toBe(day);
    expect(first([{ ...OLD, place: AWAY }], window())).toBe(day);
    expect(first([{ ...OLD, place: AWAY, kind: "copy" }], window({ place: AWAY }))).toBeNull();
    expect(first([{ ...OLD, fromMs: at("2026-11-01") + 1 }], window())).toBe(day);
  });

  test("is owed no further back than the birth of the cluster", () => {
    const young = horizon("2026-11-01", "2026-12-01", "2026-11-10");
    const points = [since("2026-11-10")];
    expect(proveContinuous({ points, continuous: [window()] }, OWED, young)).toBeNull();
    expect(proveContinuous({ points, continuous: [window({ windowMs: DAY_MS })] }, OWED, young)).toMatchObject({
      atMs: at("2026-11-11") + 1,
      owedFromMs: at("2026-11-10"),
      best: { reachesMs: at("2026-11-10") + 1, startsFrom: null },
    });
  });

  test("one takes over where another ends, but two are not put together", () => {
    const until = window({ untilMs: at("2026-11-20") });
    const away = (data: string) => since(data, { kind: "copy", place: AWAY });
    expect(first([OLD], until)).toBe("2026-11-20T00:00:00.000Z");
    expect(first([OLD, away("2026-11-20")], until, window({ place: AWAY }))).toBe("2026-11-20T00:00:00.000Z");
    expect(first([OLD, away("2026-11-13")], until, window({ place: AWAY }))).toBeNull();
  });

  test("one that lags behind by all that is owed holds nothing", () => {
    expect(first([OLD], window({ lagMs: WEEK_MS }))).toBe("2026-11-01T00:00:00.000Z");
    expect(first([OLD], window({ lagMs: WEEK_MS - 1 }))).toBeNull();
  });

  test("tells the best there is, and what it ends with", () => {
    const short = window({ windowMs: DAY_MS, limitedBy: "restoreWindowDays 1" });
    const longer = window({ windowMs: 2 * DAY_MS, limitedBy: "restoreWindowDays 2" });
    const proof = (points: readonly RestorePoint[], ...continuous: readonly ContinuousWindow[]) =>
      proveContinuous({ points, continuous }, OWED, over)?.best;
    expect(proveContinuous({ points: [OLD], continuous: [short, longer] }, OWED, over)).toEqual({
      atMs: at("2026-11-01"),
      owedFromMs: at("2026-10-25"),
      best: { window: longer, reachesMs: at("2026-10-30"), startsFrom: null },
    });
    expect(proof([OLD], window({ untilMs: at("2026-10-01") }))).toBeNull();
    const young = since("2026-10-30");
    expect(proof([since("2026-10-31"), young], window())).toMatchObject({ startsFrom: young, reachesMs: young.dataMs });
  });

  test("agrees with looking at every hour", () => {
    const hours = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * HOUR_MS);
    const start = at("2026-11-01");
    const some = fc.record({
      life: fc.option(hours(0, 400)),
      windowMs: hours(1, 200),
      lagMs: hours(0, 2),
      isAway: fc.boolean(),
    });
    const startable = fc.record({
      data: hours(-300, 150),
      ready: hours(0, 5),
      life: fc.option(hours(0, 400)),
      isAway: fc.boolean(),
      isArchive: fc.constantFrom(false, false, false, true),
    });
    fc.assert(
      fc.property(
        fc.array(some, { maxLength: 3 }),
        fc.array(startable, { maxLength: 8 }),
        hours(1, 168),
        hours(0, 12),
        hours(-300, 50),
        (parts, starts, owedMs, slackMs, born) => {
          const continuous = parts.map(({ life, isAway, ...rest }) =>
            window({
              ...rest,
              place: isAway ? AWAY : HOME,
              untilMs: life === null ? Number.POSITIVE_INFINITY : start - 100 * HOUR_MS + life,
            }),
          );
          const points = starts.map(({ data, ready, life, isAway, isArchive }, index) =>
            point(start + data, life ?? Number.POSITIVE_INFINITY, {
              id: `${index}`,
              fromMs: start + data + ready,
              place: isAway ? AWAY : HOME,
              kind: isArchive ? "archive" : isAway ? "copy" : "snapshot",
            }),
          );
          const bornMs = start + born;
          const untilMs = start + 200 * HOUR_MS;
          const isEnough = (ms: number) =>
            continuous.some((one) => {
              const startsMs = points
                .filter(
                  ({ kind, place, fromMs, untilMs: end }) =>
                    kind !== "archive" && place === one.place && fromMs <= ms && ms < end,
                )
                .map(({ dataMs }) => dataMs);
              const owedFromMs = Math.max(bornMs, ms - owedMs);
              const isLongEnough =
                ms - one.windowMs <= owedFromMs && startsMs.some((dataMs) => dataMs <= owedFromMs + slackMs);
              return one.lagMs < owedMs && ms < one.untilMs && isLongEnough;
            });
          // all lies on full hours: what is outgrown is so from the instant after one
          const instants = Array.from({ length: 200 }, (_, hour) => [
            start + hour * HOUR_MS,
            start + hour * HOUR_MS + 1,
          ]).flat();
          const broken = instants.find((ms) => ms >= bornMs && !isEnough(ms)) ?? null;
          const found = proveContinuous(
            { points, continuous },
            { windowMs: owedMs, slackMs },
            { fromMs: start, untilMs, bornMs },
          );
          expect(found?.atMs ?? null).toBe(broken);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
