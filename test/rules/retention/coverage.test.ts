import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, formatSpan, HOUR_MS, SECOND_MS } from "../../../src/core/duration.ts";
import {
  type AgeSpan,
  compareWays,
  coverageAt,
  coverageOver,
  type Extent,
  type Way,
} from "../../../src/rules/retention/coverage.ts";
import { inSteps, simplified, worstCoverage } from "../../../src/rules/retention/coverage-worst.ts";
import { gradeOf } from "../../../src/rules/retention/grade.ts";
import type { RestorePoint, Supply } from "../../../src/rules/retention/model.ts";
import {
  AS_OF_MS,
  BORN_MS,
  BUCKET,
  FIVE_YEARS_MS,
  HOME,
  LITALLY,
  MAX_HOURS,
  point,
  points,
  supplies,
} from "./supplies.ts";

const EXTENT: Extent = { horizonMs: FIVE_YEARS_MS, bornMs: BORN_MS };
const SMALL: Extent = { horizonMs: MAX_HOURS * HOUR_MS, bornMs: 50 * HOUR_MS };

function shown({ fromAgeMs, untilAgeMs, way }: AgeSpan): string {
  const ages = `${formatSpan(fromAgeMs)} to ${formatSpan(untilAgeMs)}`;
  if (way.kind !== "restorable") return `${ages}: ${way.kind}`;
  const also = way.alsoIn.length === 0 ? "" : `, also ${way.alsoIn.join()}`;
  return `${ages}: ${way.grade} (${formatSpan(way.granularityMs)}) by ${way.by}, ${way.storageClass}, ${way.place}${also}`;
}

function wayAt(spans: readonly AgeSpan[], ageMs: number): Way {
  const span = spans.find(({ fromAgeMs, untilAgeMs }) => fromAgeMs <= ageMs && ageMs < untilAgeMs);
  if (span === undefined) throw new RangeError(`no span at ${ageMs}`);
  return span.way;
}

const atHour = fc.integer({ min: 0, max: MAX_HOURS }).map((n) => n * HOUR_MS);

describe("coverage of LiTally's databases", () => {
  test("today: any second for a week, a day for a month, a month since the first archive, and what is before", () => {
    expect(coverageAt(LITALLY, AS_OF_MS, EXTENT).map(shown)).toEqual([
      "0 s to 1 m 00 s: quarter-hour (1 m 00 s) by continuous, Atlas, ap-south-1, also ap-southeast-1",
      "1 m 00 s to 7 d: second (1 s) by continuous, Atlas, ap-south-1, also ap-southeast-1",
      "7 d to 29 d: day (24 h) by snapshot, Atlas, ap-south-1, also ap-southeast-1",
      "29 d to 295 d: month (31 d) by archive, DEEP_ARCHIVE, s3://litally-archive (ap-south-1)",
      "295 d to 993 d: nothing",
      "993 d to 1827 d: unborn",
    ]);
  });

  test("names no point: of those to come each name is made when it is read", () => {
    const unnamed = (one: RestorePoint) => ({
      ...one,
      get id(): string {
        throw new Error("a name was made for nothing");
      },
    });
    const supply = { ...LITALLY, points: LITALLY.points.map(unnamed) };
    expect(coverageAt(supply, AS_OF_MS, EXTENT)).toEqual(coverageAt(LITALLY, AS_OF_MS, EXTENT));
  });

  test("a lost snapshot is a hole of two days at its age, and only there", () => {
    const isKept = (one: RestorePoint) => one.kind !== "archive" && one.dataMs !== Date.UTC(2026, 10, 10, 18);
    const supply = { points: LITALLY.points.filter(isKept), continuous: [] };
    expect(coverageAt(supply, AS_OF_MS, EXTENT).map(shown).slice(0, 4)).toEqual([
      "0 s to 11 d: day (24 h) by snapshot, Atlas, ap-south-1, also ap-southeast-1",
      "11 d to 13 d: two-days (48 h) by snapshot, Atlas, ap-south-1, also ap-southeast-1",
      "13 d to 29 d: day (24 h) by snapshot, Atlas, ap-south-1, also ap-southeast-1",
      "29 d to 993 d: nothing",
    ]);
  });

  test("the distance told is that of the ages told: a late snapshot within the continuous window is no matter", () => {
    const late = Date.UTC(2026, 10, 20, 18);
    const points = LITALLY.points.map((one) => (one.dataMs === late ? { ...one, dataMs: late + 2 * HOUR_MS } : one));
    expect(coverageAt({ ...LITALLY, points }, AS_OF_MS, EXTENT).map(shown)[2]).toContain("(24 h)");
    expect(coverageAt({ points, continuous: [] }, AS_OF_MS, EXTENT).map(shown)[0]).toContain("(26 h)");
  });

  test("in fewer words, a snapshot on demand goes first, and not the minute that is now", () => {
    const more = point({ dataMs: Date.UTC(2026, 10, 8, 17), id: "on demand" });
    const spans = coverageAt({ ...LITALLY, points: [...LITALLY.points, more] }, AS_OF_MS, EXTENT);
    const told = coverageAt(LITALLY, AS_OF_MS, EXTENT).map(shown);
    expect(spans.length).toBeGreaterThan(told.length);
    expect(simplified(spans, told.length).map(shown)).toEqual(
      told.with(2, "7 d to 29 d: day (24 h) by snapshot, Atlas, ap-south-1"),
    );
  });

  test("in fewer words, a short hole takes no long good time with it: the least of what is good is told as worse", () => {
    const ways = coverageAt({ ...LITALLY, continuous: LITALLY.continuous.slice(0, 1) }, AS_OF_MS, EXTENT);
    const good: Way = wayAt(ways, 100 * DAY_MS);
    const better: Way = wayAt(ways, 2 * DAY_MS);
    const hole: Way = { kind: "nothing" };
    const days = (from: number, until: number, way: Way) => ({
      fromAgeMs: from * DAY_MS,
      untilAgeMs: until * DAY_MS,
      way,
    });
    const spans = [days(0, 100, good), days(100, 101, hole), days(101, 900, good), days(900, 920, better)];
    expect(simplified(spans, 3)).toEqual([days(0, 100, good), days(100, 101, hole), days(101, 920, good)]);
  });

  test("what is also elsewhere is so for all of the span", () => {
    const isKept = ({ kind, dataMs }: RestorePoint) => kind !== "copy" || dataMs < Date.UTC(2026, 10, 5);
    const spans = coverageAt({ points: LITALLY.points.filter(isKept), continuous: [] }, AS_OF_MS, EXTENT);
    expect(shown(spans[0] ?? { fromAgeMs: 0, untilAgeMs: 0, way: { kind: "nothing" } })).toBe(
      "0 s to 29 d: day (24 h) by snapshot, Atlas, ap-south-1",
    );
  });

  test("what is on its way, is gone or is of the future restores nothing", () => {
    const at = (untilMs: number, fromMs = 0) => point({ dataMs: 10 * HOUR_MS, fromMs, untilMs });
    const spansAt = (supply: Supply) =>
      coverageAt(supply, 20 * HOUR_MS, { horizonMs: DAY_MS, bornMs: 0 }).map(({ way }) => way.kind);
    const of = (one: RestorePoint) => ({ points: [one], continuous: [] });
    expect(spansAt(of(at(20 * HOUR_MS + 1)))).toEqual(["restorable", "nothing", "unborn"]);
    expect(spansAt(of(at(20 * HOUR_MS)))).toEqual(["nothing", "unborn"]);
    expect(spansAt(of(at(Number.POSITIVE_INFINITY, 20 * HOUR_MS)))).toEqual(["restorable", "nothing", "unborn"]);
    expect(spansAt(of(at(Number.POSITIVE_INFINITY, 20 * HOUR_MS + 1)))).toEqual(["nothing", "unborn"]);
    expect(spansAt(of(point({ dataMs: 21 * HOUR_MS, fromMs: 0 })))).toEqual(["nothing", "unborn"]);
  });

  test("a point is told with the class that it is in by then", () => {
    const stages = [
      { fromMs: 0, storageClass: "STANDARD", firstByteMs: 0 },
      { fromMs: DAY_MS, storageClass: "DEEP_ARCHIVE", firstByteMs: null },
    ];
    const supply = { points: [point({ dataMs: 0, kind: "archive", place: BUCKET, stages })], continuous: [] };
    const wayOn = (atMs: number) => coverageAt(supply, atMs, { horizonMs: HOUR_MS, bornMs: 0 })[0]?.way;
    expect(wayOn(DAY_MS - 1)).toMatchObject({ storageClass: "STANDARD", firstByteMs: 0 });
    expect(wayOn(DAY_MS)).toMatchObject({ storageClass: "DEEP_ARCHIVE", firstByteMs: null });
  });
});

describe("coverage", () => {
  test("has a span for every age up to the horizon, and no two neighbours that are one", () => {
    fc.assert(
      fc.property(supplies, atHour, (supply, atMs) => {
        const spans = coverageAt(supply, atMs, SMALL);
        expect([0, ...spans.map(({ untilAgeMs }) => untilAgeMs)]).toEqual([
          ...spans.map(({ fromAgeMs }) => fromAgeMs),
          SMALL.horizonMs,
        ]);
        const told = spans.map(({ way }) => JSON.stringify({ ...withoutDistance(way), alsoIn: [] }));
        expect(told.filter((text, index) => text === told[index + 1])).toEqual([]);
      }),
    );
  });

  test("agrees with a search through all points, age by age", () => {
    fc.assert(
      fc.property(supplies, atHour, fc.integer({ min: 0, max: 2 * MAX_HOURS - 1 }), (supply, atMs, half) => {
        const ageMs = ((half + 0.5) * HOUR_MS) / 2;
        const way = wayAt(coverageAt(supply, atMs, SMALL), ageMs);
        const best = searched(supply, atMs, atMs - ageMs);
        if (best === undefined) expect(way.kind).toBe(atMs - ageMs < SMALL.bornMs ? "unborn" : "nothing");
        else expect(way).toMatchObject({ grade: best.grade, firstByteMs: best.firstByteMs });
      }),
      { numRuns: 2000 },
    );
  });

  test("is never lowered by one more point", () => {
    fc.assert(
      fc.property(supplies, points, atHour, atHour, (supply, more, atMs, ageMs) => {
        const before = wayAt(coverageAt(supply, atMs, SMALL), ageMs % SMALL.horizonMs);
        const after = wayAt(
          coverageAt({ ...supply, points: [...supply.points, more] }, atMs, SMALL),
          ageMs % SMALL.horizonMs,
        );
        const lowered = compareWays(withoutDistance(after), withoutDistance(before)) > 0;
        expect(lowered && before.kind !== "unborn").toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("is the same in whatever order the points come, and over many days as on each of them", () => {
    fc.assert(
      fc.property(supplies, fc.uniqueArray(atHour, { minLength: 1, maxLength: 6 }), (supply, instants) => {
        const days = instants.toSorted((a, b) => a - b);
        const shuffled = { points: supply.points.toReversed(), continuous: supply.continuous.toReversed() };
        const over = [...coverageOver(supply, days, SMALL)];
        expect(over).toEqual(days.map((atMs) => ({ atMs, spans: coverageAt(shuffled, atMs, SMALL) })));
      }),
    );
  });
});

describe("the worst over many days", () => {
  const stopsMs = [0, 6 * HOUR_MS, DAY_MS, 4 * DAY_MS, 10 * DAY_MS, 20 * DAY_MS];

  test("is in each step as bad as some day's worst age, and no day's is worse", () => {
    fc.assert(
      fc.property(supplies, fc.uniqueArray(atHour, { minLength: 1, maxLength: 5 }), (supply, instants) => {
        const days = instants.toSorted((a, b) => a - b);
        const worst = worstCoverage(supply, days, stopsMs, SMALL.bornMs);
        const each = days.map((atMs) => inSteps(coverageAt(supply, atMs, SMALL), stopsMs));
        for (const [step, { way }] of inSteps(worst, stopsMs).entries()) {
          expect(each.every((spans) => compareWays(spans[step]?.way ?? way, way) <= 0)).toBe(true);
        }
        for (const { atMs, way, fromAgeMs, untilAgeMs } of worst) {
          const then = each[days.indexOf(atMs ?? Number.NaN)] ?? [];
          const inIt = then.filter((step) => fromAgeMs <= step.fromAgeMs && step.untilAgeMs <= untilAgeMs);
          expect(inIt.map((step) => step.way)).toContainEqual(way);
        }
      }),
    );
  });

  test("with fewer spans, no age is told better than it is", () => {
    fc.assert(
      fc.property(supplies, atHour, atHour, fc.integer({ min: 1, max: 6 }), (supply, atMs, ageMs, count) => {
        const spans = coverageAt(supply, atMs, SMALL);
        const few = simplified(spans, count);
        expect(few.length).toBeLessThanOrEqual(count);
        expect(few.at(-1)?.untilAgeMs).toBe(SMALL.horizonMs);
        const age = ageMs % SMALL.horizonMs;
        expect(compareWays(wayAt(few, age), wayAt(spans, age))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test("a grade has a tenth of slack, and nothing is coarser than the last", () => {
  expect([SECOND_MS, SECOND_MS + 1, 26.4 * HOUR_MS, 26.5 * HOUR_MS, Number.POSITIVE_INFINITY].map(gradeOf)).toEqual([
    "second",
    "quarter-hour",
    "day",
    "two-days",
    "coarser",
  ]);
});

/** The distance may grow where a faster point takes a finer one's place: only grade and speed are promised. */
function withoutDistance(way: Way): Way {
  return way.kind === "restorable" ? { ...way, granularityMs: 0 } : way;
}

/** Every pair of a point before the instant and the next one of its place, written the plain way. */
function searched(supply: Supply, atMs: number, dataMs: number): (Way & { readonly kind: "restorable" }) | undefined {
  const there = supply.points.filter((one) => one.fromMs <= atMs && atMs < one.untilMs && one.dataMs <= atMs);
  const ways = there
    .filter((one) => one.dataMs <= dataMs)
    .map((one) => {
      const same = there.filter((other) => other.kind === one.kind && other.place.label === one.place.label);
      const nextMs = Math.min(atMs, ...same.map((other) => other.dataMs).filter((other) => other > dataMs));
      const firstByteMs = [...one.stages].reverse().find(({ fromMs }) => fromMs <= atMs)?.firstByteMs ?? null;
      return { grade: gradeOf(nextMs - one.dataMs), firstByteMs };
    });
  for (const { untilMs, windowMs, lagMs, firstByteMs, place } of supply.continuous) {
    const isStart = (one: RestorePoint) =>
      ["snapshot", "copy"].includes(one.kind) && one.place.label === place.label && one.dataMs <= dataMs;
    const isKept = atMs < untilMs && dataMs >= atMs - windowMs && windowMs > lagMs;
    if (!isKept || !there.some((one) => isStart(one) && one.dataMs < atMs - lagMs)) continue;
    ways.push({ grade: gradeOf(dataMs < atMs - lagMs ? SECOND_MS : lagMs), firstByteMs });
  }
  return ways.map(({ grade, firstByteMs }) => ({ ...EMPTY, grade, firstByteMs })).sort(compareWays)[0];
}

const EMPTY = {
  kind: "restorable",
  by: "snapshot",
  granularityMs: 0,
  place: HOME.label,
  storageClass: "Atlas",
  alsoIn: [],
} as const;
