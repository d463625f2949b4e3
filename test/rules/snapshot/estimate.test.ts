import { expect, test } from "vitest";
import { MINUTE_MS } from "../../../src/core/duration.ts";
import type { SnapshotEvent } from "../../../src/ports/atlas-changes.ts";
import { estimate } from "../../../src/rules/snapshot/estimate.ts";

const event = (kind: SnapshotEvent["kind"], minute: number): SnapshotEvent => ({
  kind,
  at: new Date(minute * MINUTE_MS),
});

/** One run per duration, an hour apart. */
const runs = (...minutes: readonly number[]) =>
  minutes.flatMap((length, index) => [event("started", index * 60), event("completed", index * 60 + length)]);

test.each([
  ["no events", [], null],
  ["two runs say nothing", runs(10, 12), null],
  ["of three, the one in the middle", runs(30, 10, 12), { medianMs: 12 * MINUTE_MS, count: 3 }],
  ["of four, the longer of the two in the middle", runs(10, 40, 20, 30), { medianMs: 30 * MINUTE_MS, count: 4 }],
  ["ordered by length, not by their digits", runs(9, 10, 100 / 60), { medianMs: 9 * MINUTE_MS, count: 3 }],
  ["events in no order", runs(30, 10, 12).toReversed(), { medianMs: 12 * MINUTE_MS, count: 3 }],
])("%s", (_, events, expected) => {
  expect(estimate(events)).toEqual(expected);
});

test("a start that another follows, a completion without a start and a start without an end are no runs", () => {
  const events = [
    event("completed", -5),
    event("started", -3),
    ...runs(10, 11, 12),
    event("completed", 140),
    event("started", 150),
  ];
  expect(estimate(events)).toEqual({ medianMs: 11 * MINUTE_MS, count: 3 });
});
