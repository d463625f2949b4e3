import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chosenBy, latestPoint } from "../../../src/rules/drill/point.ts";
import { aDatabase } from "../build.ts";

const NOW = new Date("2026-11-22T02:00:00.900Z");

describe("the latest point", () => {
  test.each([
    ["10m", "2026-11-22T01:55:00.000Z"],
    ["5m", "2026-11-22T01:57:30.000Z"],
    ["1m", "2026-11-22T01:58:00.000Z"],
    ["4h", "2026-11-22T01:50:00.000Z"],
  ] as const)("with an objective of %s is %s", (rpo, at) => {
    const duration = { value: Number.parseInt(rpo, 10), unit: rpo.endsWith("h") ? "h" : "m" } as const;
    const database = aDatabase({
      continuousBackup: { window: { value: 7, unit: "d" } },
      objectives: { rpo: duration, rto: { value: 4, unit: "h" } },
    });
    expect(latestPoint(database, NOW)).toMatchObject({ kind: "instant", at: new Date(at) });
  });

  test("without continuous backup is the latest snapshot", () => {
    const { continuousBackup: _, ...database } = aDatabase();
    expect(latestPoint(database, NOW)).toEqual({ kind: "snapshot", selector: { by: "latest" } });
  });
});

test("a word always chooses the same one, and words together choose any", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.integer(), { minLength: 1 }), (word, list) => {
      expect(list).toContain(chosenBy(word, list));
      expect(chosenBy(word, list)).toBe(chosenBy(word, list));
    }),
  );
  const chosen = new Set(Array.from({ length: 200 }, (_, index) => chosenBy(`word${index}`, [1, 2, 3, 4, 5])));
  expect(chosen.size).toBe(5);
  expect(chosenBy("any", [])).toBeUndefined();
});
