/** Turns of deep reading: every archive has exactly one, the same for ever, and no turn has far more than its share. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOfTurn, parseTurn } from "../../../src/rules/archive/deep.ts";

const MONTHS = Array.from({ length: 600 }, (_, index) => new Date(Date.UTC(2000, index)).toISOString().slice(0, 7));

test.each([
  ["1/1", 1, 1],
  ["3/12", 3, 12],
  ["12/12", 12, 12],
  ["1000/1000", 1000, 1000],
])("%s is a turn", (text, turn, turns) => expect(parseTurn(text)).toEqual({ turn, turns }));

test.each(["", "3", "0/12", "13/12", "1/0", "1/1001", "-1/2", "1.5/2", "1/2/3", " 1/2", "1/2 ", "a/b"])(
  "%j is none",
  (text) => expect(() => parseTurn(text)).toThrow(expect.objectContaining({ kind: "usage" })),
);

test("an archive has exactly one of all turns", () => {
  const names = fc.record({ database: fc.string({ minLength: 1, maxLength: 20 }), month: fc.constantFrom(...MONTHS) });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 50 }), ({ database, month }, turns) => {
      const own = Array.from({ length: turns }, (_, index) => index + 1).filter((turn) =>
        isOfTurn(database, month, { turn, turns }),
      );
      expect(own).toHaveLength(1);
    }),
  );
});

describe("the shares of turns", () => {
  const of = (months: readonly string[], turns: number) =>
    Array.from(
      { length: turns },
      (_, index) => months.filter((month) => isOfTurn("core", month, { turn: index + 1, turns })).length,
    );

  test.each([2, 4, 12])("are alike in %i turns, for months, quarters and years", (turns) => {
    for (const [months, spread] of [
      [MONTHS, 0.5],
      [MONTHS.filter((month) => /-(03|06|09|12)$/.test(month)), 0.7],
    ] as const) {
      const even = months.length / turns;
      for (const share of of(months, turns)) expect(Math.abs(share - even) / even).toBeLessThan(spread);
    }
    expect(
      Math.max(
        ...of(
          MONTHS.filter((month) => month.endsWith("-12")),
          turns,
        ),
      ),
    ).toBeLessThan(50 / turns + 12);
  });

  test("never change: whoever comes later reads in the same turns", () => {
    const turnOf = (database: string, month: string) =>
      Array.from({ length: 12 }, (_, index) => index + 1).find((turn) =>
        isOfTurn(database, month, { turn, turns: 12 }),
      );
    expect(["2026-01", "2026-02", "2026-12"].map((month) => turnOf("core", month))).toEqual([6, 11, 11]);
    expect(turnOf("ledger", "2026-01")).toBe(10);
  });
});
