/** How far a restore of collections has come, and what of it can be told. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { HOUR_MS } from "../../../src/core/duration.ts";
import { collectionProgress } from "../../../src/rules/restore/progress.ts";
import { ago, GONE, NOW } from "../build.ts";
import { aCollectionJob } from "./build.ts";

const of = (given: Parameters<typeof aCollectionJob>[0]) =>
  collectionProgress(aCollectionJob({ createdAt: ago(HOUR_MS), ...given }), NOW);

test.each<[string, Parameters<typeof aCollectionJob>[0], ReturnType<typeof of>]>([
  ["nothing yet", { restoredDocuments: 0, totalDocuments: 8 }, { part: 0, leftMs: null }],
  ["a quarter in an hour", { restoredDocuments: 2, totalDocuments: 8 }, { part: 0.25, leftMs: 3 * HOUR_MS }],
  ["all of them", { restoredDocuments: 8, totalDocuments: 8 }, { part: 1, leftMs: 0 }],
  [
    "since when is not known",
    { restoredDocuments: 2, totalDocuments: 8, createdAt: GONE },
    { part: 0.25, leftMs: null },
  ],
  ["more than all", { restoredDocuments: 9, totalDocuments: 8 }, null],
  ["of none", { restoredDocuments: 0, totalDocuments: 0 }, null],
  ["not counted", { restoredDocuments: null, totalDocuments: null }, null],
  ["unreadable", { restoredDocuments: GONE, totalDocuments: 8 }, null],
  ["of an unreadable number", { restoredDocuments: 1, totalDocuments: GONE }, null],
])("%s", (_, given, expected) => expect(of(given)).toEqual(expected));

test("whatever is told, the part is one of a whole and the time to go no less than none", () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), fc.integer({ min: -10, max: 10 }), (restored, total, hours) => {
      const progress = of({ restoredDocuments: restored, totalDocuments: total, createdAt: ago(hours * HOUR_MS) });
      if (progress === null) return;
      expect(progress.part).toBeGreaterThanOrEqual(0);
      expect(progress.part).toBeLessThanOrEqual(1);
      expect(progress.leftMs ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});
