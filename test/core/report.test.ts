import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bySeverity, type Status, worst } from "../../src/core/report.ts";

const FROM_WORST = ["fail", "unknown", "warn", "waived", "pass"] as const satisfies readonly Status[];
const statuses = fc.array(fc.constantFrom(...FROM_WORST).map((status) => ({ status })));

describe("the worst of a set", () => {
  test("is unknown when nothing was checked", () => {
    expect(worst([])).toBe("unknown");
  });

  test("is the first that occurs of fail, unknown, warn, waived, pass", () => {
    fc.assert(
      fc.property(statuses, (set) => {
        const first = FROM_WORST.find((status) => set.some((finding) => finding.status === status));
        expect(worst(set)).toBe(first ?? "unknown");
      }),
    );
  });
});

test("sorting puts the worst first and keeps the order of equals", () => {
  fc.assert(
    fc.property(statuses, (set) => {
      const numbered = set.map((finding, index) => ({ ...finding, index }));
      const sorted = numbered.toSorted(bySeverity);
      expect(sorted).toEqual(FROM_WORST.flatMap((status) => numbered.filter((finding) => finding.status === status)));
    }),
  );
});
