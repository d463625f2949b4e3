/** The source of an archive: the first good snapshot from the end of its period, in time, and nothing that is in doubt. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import { chooseSource } from "../../../src/rules/archive/source.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { aCluster, GONE } from "../build.ts";
import { aPeriod, aPush, END, PUSH_AT, said, sourceOf, taken } from "./push.ts";

function chosen(snapshots: readonly Snapshot[], given: Partial<BackupFacts> = {}): string {
  const choice = chooseSource({ source: sourceOf(snapshots, given), period: aPeriod() });
  switch (choice.kind) {
    case "chosen":
      return `chosen ${(choice.point.createdAt.getTime() - END.getTime()) / HOUR_MS}`;
    case "none":
    case "waiting":
      return `${choice.kind}: ${choice.message}`;
    case "unclear":
      return `unclear: ${typeof choice.reason === "string" ? choice.reason : choice.reason.message}`;
  }
}

const LATER = { observedAt: new Date("2026-11-20T00:00:00Z") };
const hours = (count: number) => count * HOUR_MS;

describe("is the first good one", () => {
  test.each<[string, readonly Snapshot[], string]>([
    ["of several, in whatever order", [taken(hours(40)), taken(hours(16)), taken(hours(-8))], "chosen 16"],
    ["at the very end", [taken(0), taken(hours(1))], "chosen 0"],
    ["not a moment before", [taken(-1), taken(hours(24))], "chosen 24"],
    ["taken by hand", [taken(hours(1), { kind: "onDemand" })], "chosen 1"],
    ["after one that failed", [taken(hours(1), { status: "failed" }), taken(hours(25))], "chosen 25"],
    ["after a fallback", [taken(hours(1), { kind: "fallback" }), taken(hours(25))], "chosen 25"],
    ["after one of 0 bytes", [taken(hours(1), { sizeBytes: 0 }), taken(hours(25))], "chosen 25"],
    [
      "after one that is gone",
      [taken(hours(1), { expiresAt: new Date("2026-11-02T00:00:00Z") }), taken(hours(25))],
      "chosen 25",
    ],
    ["whatever comes after", [taken(hours(1)), taken(hours(2), { status: GONE })], "chosen 1"],
  ])("%s", (_, snapshots, expected) => expect(chosen(snapshots)).toBe(expected));
});

test("to the last moment", () => expect(chosen([taken(5 * DAY_MS)], LATER)).toBe("chosen 120"));

describe("is none", () => {
  const inNovember = "from 2026-11-01 00:00:00 UTC to 2026-11-06 00:00:00 UTC";
  test("while the period lasts", () =>
    expect(chosen([taken(-hours(1))], { observedAt: new Date("2026-10-31T23:59:59.999Z") })).toBe(
      "waiting: 2026-10 ends on 2026-11-01 00:00:00 UTC",
    ));

  test("yet", () =>
    expect(chosen([taken(-hours(1))])).toBe(
      "waiting: no good snapshot since 2026-11-01 00:00:00 UTC yet; one may come until 2026-11-06 00:00:00 UTC",
    ));

  test("yet, for those that came are not good", () =>
    expect(chosen([taken(hours(16), { status: "failed", id: "x" })])).toBe(
      "waiting: no good snapshot since 2026-11-01 00:00:00 UTC yet (x failed); one may come until 2026-11-06 00:00:00 UTC",
    ));

  test("while one is under way that began before the others", () => {
    const running = taken(hours(1), { status: "inProgress", id: "x" });
    expect(chosen([running, taken(hours(2))])).toBe("waiting: snapshot x is not completed yet");
    expect(chosen([taken(hours(1)), taken(hours(2), { status: "inProgress" })])).toBe("chosen 1");
  });

  test("in time", () => {
    expect(chosen([], LATER)).toBe(`none: no good snapshot ${inNovember}`);
    expect(chosen([taken(5 * DAY_MS + 1, { id: "x" })], LATER)).toBe(
      `none: no good snapshot ${inNovember}; the first one since is x of 2026-11-06 00:00:00 UTC`,
    );
  });

  test("that a flex cluster could give", () => {
    const cluster = known({ ...aCluster(), offering: "flex" as const });
    expect(chosen([taken(hours(1))], { cluster })).toMatch(/^none: a flex cluster/);
  });
});

describe("is in doubt", () => {
  test.each<[string, Parameters<typeof taken>[1]]>([
    ["the status", { status: GONE }],
    ["the kind", { kind: GONE }],
    ["the instant", { createdAt: GONE }],
    ["the size", { sizeBytes: GONE }],
    ["a size that is not told", { sizeBytes: null }],
    ["the expiry", { expiresAt: GONE }],
    ["an instant to come", { createdAt: new Date("2026-11-09T00:00:00Z") }],
  ])("where %s of one before cannot be read", (_, given) =>
    expect(chosen([taken(hours(1), { id: "x", ...given }), taken(hours(2))])).toBe(
      "unclear: whether snapshot x is the first good one cannot be read",
    ),
  );

  test("where the snapshots cannot be listed", () =>
    expect(chooseSource({ source: sourceOf(GONE), period: aPeriod() }).kind).toBe("unclear"));
});

test("it is the same one at whatever time one asks, once it stands", () => {
  const kinds = fc.constantFrom({}, { status: "failed" as const }, { kind: "fallback" as const }, { sizeBytes: 0 });
  const series = fc.uniqueArray(fc.tuple(fc.integer({ min: -100, max: 119 }), kinds), {
    maxLength: 12,
    selector: ([hour]) => hour,
  });
  fc.assert(
    fc.property(series, (made) => {
      const snapshots = made.map(([hour, given]) => taken(hours(hour), given));
      const good = made.filter(([hour, given]) => hour >= 0 && Object.keys(given).length === 0).map(([hour]) => hour);
      const first = Math.min(...good);
      const [now, later] = [
        chosen(snapshots, { observedAt: new Date(END.getTime() + 5 * DAY_MS) }),
        chosen(snapshots, LATER),
      ];
      if (good.length === 0) expect(later).toMatch(/^none/);
      else expect([now, later]).toEqual([`chosen ${first}`, `chosen ${first}`]);
    }),
  );
});

describe("as a precondition", () => {
  const left = (ms: number) =>
    said(
      aPush({ source: sourceOf([taken(hours(1), { expiresAt: new Date(PUSH_AT.getTime() + ms) })]) }),
      "snapshot-expiry",
    ).split(":")[0];

  test("says which and when", () =>
    expect(said(aPush(), "snapshot")).toMatch(
      /^pass: snapshot \w+ of 2026-11-01 16:00:00 UTC, 16 h after the period's end$/,
    ));

  test("fails where there is none, and is unknown where that is not clear", () => {
    expect(said(aPush({ source: sourceOf([]) }), "snapshot")).toMatch(/^fail: no good snapshot since/);
    expect(said(aPush({ source: sourceOf([]) }), "snapshot-expiry")).toBe("nothing");
    expect(said(aPush({ source: sourceOf(GONE) }), "snapshot")).toMatch(/^unknown/);
    expect(said(aPush({ source: sourceOf(GONE) }), "snapshot-expiry")).toMatch(/^unknown/);
  });

  test.each([
    [HOUR_MS - 1, "fail"],
    [HOUR_MS, "warn"],
    [24 * HOUR_MS - 1, "warn"],
    [24 * HOUR_MS, "pass"],
  ])("with %i ms to live: %s", (ms, expected) => expect(left(ms)).toBe(expected));

  test("is unknown where Atlas names no expiry", () =>
    expect(said(aPush({ source: sourceOf([taken(hours(1), { expiresAt: null })]) }), "snapshot-expiry")).toBe(
      "unknown: Atlas names no expiry",
    ));
});
