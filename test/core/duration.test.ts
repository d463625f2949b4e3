import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDuration,
  DAY_MS,
  type Duration,
  type DurationUnit,
  formatDuration,
  formatSpan,
  HOUR_MS,
  longestMs,
  MINUTE_MS,
  parseDuration,
  SECOND_MS,
  shortestMs,
  subtractDuration,
  tryParseDuration,
} from "../../src/core/duration.ts";

const UNITS = ["s", "m", "h", "d", "w", "mo", "y"] as const satisfies readonly DurationUnit[];
const MAX_VALUE = { s: 999_999, m: 999_999, h: 800_000, d: 36_000, w: 5_000, mo: 1200, y: 100 } as const;

const aDuration: fc.Arbitrary<Duration> = fc
  .constantFrom(...UNITS)
  .chain((unit) => fc.integer({ min: 1, max: MAX_VALUE[unit] }).map((value) => ({ value, unit })));
const anInstant = fc.date({
  min: new Date("1990-01-01T00:00:00Z"),
  max: new Date("2199-12-31T23:59:59Z"),
  noInvalidDate: true,
});

describe("a duration as text", () => {
  test("comes back from its text", () => {
    fc.assert(
      fc.property(aDuration, (duration) => {
        expect(tryParseDuration(formatDuration(duration))).toEqual(duration);
      }),
    );
  });

  test.each([
    "",
    "0s",
    "0y",
    "5",
    "d",
    "-1d",
    "1.5h",
    "1 d",
    " 1d",
    "1d ",
    "1D",
    "1M",
    "1h30m",
    "1000000s",
    "1001y",
    "999999y",
  ])("%j is none", (text) => {
    expect(tryParseDuration(text)).toBeUndefined();
    expect(() => parseDuration(text, "--timeout")).toThrow(
      expect.objectContaining({
        kind: "usage",
        message: `--timeout: "${text}" is not a duration`,
        hint: "write 90s, 10m, 26h, 7d, 4w, 6mo or 5y",
      }),
    );
  });

  test("an instant that far from now is still an instant", () => {
    const now = new Date("2026-11-22T02:00:00Z");
    for (const text of ["1000y", "999999d", "999999s"]) {
      const duration = tryParseDuration(text);
      if (duration === undefined) continue;
      expect(addDuration(now, duration).getTime()).toBeGreaterThan(now.getTime());
      expect(subtractDuration(now, duration).getTime()).toBeLessThan(now.getTime());
    }
    expect(tryParseDuration("1000y")).toBeDefined();
  });
});

describe("by the calendar", () => {
  test.each([
    ["2026-01-31T02:00:00.000Z", "1mo", "2026-02-28T02:00:00.000Z"],
    ["2028-01-31T02:00:00.000Z", "1mo", "2028-02-29T02:00:00.000Z"],
    ["2028-01-29T02:00:00.000Z", "1mo", "2028-02-29T02:00:00.000Z"],
    ["2026-08-31T23:59:59.999Z", "1mo", "2026-09-30T23:59:59.999Z"],
    ["2026-12-31T00:00:00.000Z", "2mo", "2027-02-28T00:00:00.000Z"],
    ["2028-02-29T00:00:00.000Z", "1y", "2029-02-28T00:00:00.000Z"],
    ["2028-02-29T00:00:00.000Z", "4y", "2032-02-29T00:00:00.000Z"],
    ["2096-02-29T00:00:00.000Z", "4y", "2100-02-28T00:00:00.000Z"],
    ["2026-12-31T00:00:00.000Z", "1y", "2027-12-31T00:00:00.000Z"],
    ["2026-11-22T02:00:00.000Z", "14mo", "2028-01-22T02:00:00.000Z"],
    ["2028-02-28T12:00:00.000Z", "1d", "2028-02-29T12:00:00.000Z"],
    ["2026-12-31T23:00:00.000Z", "2h", "2027-01-01T01:00:00.000Z"],
    ["2026-12-28T00:00:00.000Z", "1w", "2027-01-04T00:00:00.000Z"],
  ])("%s plus %s is %s", (from, text, to) => {
    expect(addDuration(new Date(from), parseDuration(text, "x")).toISOString()).toBe(to);
  });

  test.each([
    ["2026-03-31T02:00:00.000Z", "1mo", "2026-02-28T02:00:00.000Z"],
    ["2028-03-31T02:00:00.000Z", "1mo", "2028-02-29T02:00:00.000Z"],
    ["2028-02-29T00:00:00.000Z", "1y", "2027-02-28T00:00:00.000Z"],
    ["2027-01-15T00:00:00.000Z", "1mo", "2026-12-15T00:00:00.000Z"],
    ["2027-01-31T00:00:00.000Z", "13mo", "2025-12-31T00:00:00.000Z"],
    ["2028-03-01T00:00:00.000Z", "1d", "2028-02-29T00:00:00.000Z"],
  ])("%s minus %s is %s", (from, text, to) => {
    expect(subtractDuration(new Date(from), parseDuration(text, "x")).toISOString()).toBe(to);
  });

  test("its length lies between the shortest and the longest, wherever it starts or ends", () => {
    fc.assert(
      fc.property(anInstant, aDuration, (at, duration) => {
        const spans = [
          addDuration(at, duration).getTime() - at.getTime(),
          at.getTime() - subtractDuration(at, duration).getTime(),
        ];
        for (const span of spans) {
          expect(span).toBeGreaterThanOrEqual(shortestMs(duration));
          expect(span).toBeLessThanOrEqual(longestMs(duration));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["1mo", 28, 31],
    ["2mo", 59, 62],
    ["3mo", 89, 92],
    ["12mo", 365, 366],
    ["1y", 365, 366],
    ["4y", 1460, 1461],
    ["8y", 2921, 2922],
    ["4w", 28, 28],
    ["1179mo", 35_882, 35_887],
  ])("%s is %d to %d days", (text, shortest, longest) => {
    const duration = parseDuration(text, "x");
    expect([shortestMs(duration) / DAY_MS, longestMs(duration) / DAY_MS]).toEqual([shortest, longest]);
  });
});

describe("a span for people", () => {
  test.each([
    [0, "0 s"],
    [999, "0 s"],
    [59_999, "59 s"],
    [MINUTE_MS, "1 m 00 s"],
    [MINUTE_MS + 4 * SECOND_MS, "1 m 04 s"],
    [HOUR_MS - 1, "59 m 59 s"],
    [HOUR_MS, "1 h"],
    [26 * HOUR_MS + 10 * MINUTE_MS, "26 h 10 m"],
    [26 * HOUR_MS + 9 * MINUTE_MS, "26 h 09 m"],
    [3 * DAY_MS - 1, "71 h 59 m"],
    [3 * DAY_MS, "3 d"],
    [3 * DAY_MS + 4 * HOUR_MS, "3 d 4 h"],
    [10 * DAY_MS - 1, "9 d 23 h"],
    [10 * DAY_MS + 4 * HOUR_MS, "10 d"],
    [45 * DAY_MS, "45 d"],
    [-90 * SECOND_MS, "-1 m 30 s"],
    [-26 * HOUR_MS, "-26 h"],
    [-4 * DAY_MS, "-4 d"],
  ])("%d ms reads %s", (ms, text) => {
    expect(formatSpan(ms)).toBe(text);
  });

  test("a longer span never reads shorter, to within its rounding", () => {
    const lengthOf = (text: string) => {
      const units = { d: DAY_MS, h: HOUR_MS, m: MINUTE_MS, s: SECOND_MS } as const;
      return [...text.matchAll(/(\d+) ([dhms])/g)].reduce(
        (sum, match) => sum + Number(match[1]) * units[match[2] as keyof typeof units], // the pattern admits only units
        0,
      );
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * DAY_MS }), (ms) => {
        const read = lengthOf(formatSpan(ms));
        expect(read).toBeLessThanOrEqual(ms);
        expect(ms - read).toBeLessThan(ms < HOUR_MS ? SECOND_MS : ms < 3 * DAY_MS ? MINUTE_MS : DAY_MS);
      }),
    );
  });
});
