/** The fewest runs in a row that leave a gap: equal to missing every row of runs, and looking at every instant. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { fewestRuns, type Life } from "../../../src/rules/retention/misses.ts";

const RUNS = 5;
const [FROM, UNTIL] = [3, 17];

const lives: fc.Arbitrary<readonly Life[]> = fc.array(
  fc
    .record({
      fromMs: fc.integer({ min: 0, max: 20 }),
      lifeMs: fc.integer({ min: 0, max: 20 }),
      run: fc.option(fc.nat(RUNS - 1), { freq: 8 }),
    })
    .map(({ fromMs, lifeMs, run }) => ({ fromMs, untilMs: fromMs + lifeMs, run })),
  { maxLength: 8 },
);

/** The first instant at which nothing is there without the runs from `first` to `last`. */
function gapWithout(all: readonly Life[], first: number, last: number): number | undefined {
  const left = all.filter(({ run }) => run === null || run < first || run > last);
  const instants = Array.from({ length: UNTIL - FROM }, (_, index) => FROM + index);
  return instants.find((ms) => !left.some(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs));
}

test("are those that the shortest row takes, and of several such the one that leaves the earliest gap", () => {
  const counts = new Map<number, number>();
  fc.assert(
    fc.property(
      lives.filter((all) => gapWithout(all, RUNS, RUNS) === undefined),
      (all) => {
        const rows = Array.from({ length: RUNS }, (_, first) =>
          Array.from({ length: RUNS - first }, (__, more) => ({ first, last: first + more })),
        ).flat();
        const gaps = rows.flatMap((row) => {
          const atMs = gapWithout(all, row.first, row.last);
          return atMs === undefined ? [] : [{ ...row, atMs }];
        });
        const [shortest] = gaps.toSorted((a, b) => a.last - a.first - (b.last - b.first) || a.atMs - b.atMs);
        const found = fewestRuns(all, FROM, UNTIL);
        expect(found).toEqual(shortest);
        const count = found === undefined ? 0 : found.last - found.first + 1;
        counts.set(count, (counts.get(count) ?? 0) + 1);
      },
    ),
    { numRuns: 2000 },
  );
  for (const count of [0, 1, 2, 3]) expect(counts.get(count) ?? 0, `${count} in a row`).toBeGreaterThan(20);
});
