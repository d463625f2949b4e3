import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS, SECOND_MS } from "../../../src/core/duration.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import type { SnapshotSelector } from "../../../src/rules/restore/facts.ts";
import { chooseSnapshot } from "../../../src/rules/restore/snapshot-choice.ts";
import { ago, GONE, NOW } from "../build.ts";
import { aRestorable, restore, SNAPSHOTS, said } from "./build.ts";

const LATEST = { by: "latest" } as const;
const before = (hours: number, ms = 0): SnapshotSelector => ({
  by: "before",
  at: new Date(ago(hours * HOUR_MS).getTime() + ms),
  asked: "then",
});
const choose = (selector: SnapshotSelector, snapshots: readonly Snapshot[] = SNAPSHOTS) =>
  said(restore({ request: { point: { kind: "snapshot", selector } }, source: { snapshots } }), "snapshot");
const withNewest = (given: Parameters<typeof aRestorable>[1]) => [aRestorable(1, given), ...SNAPSHOTS];

test.each<[string, SnapshotSelector, RegExp]>([
  ["latest", LATEST, /^pass: snapshot hourly-2h of 2026-11-22 00:00:00 UTC, 2 h old/],
  ["before the instant of one", before(8), /^pass: snapshot hourly-14h/],
  ["a second after it", before(8, SECOND_MS), /^pass: snapshot hourly-8h/],
  [
    "before all",
    before(26),
    /^fail: there is no good snapshot before 2026-11-21 00:00:00 UTC; the oldest good one is of 2026-11-21 00:00:00 UTC/,
  ],
  ["by id", { by: "id", id: "hourly-20h" }, /^pass: snapshot hourly-20h/],
  ["by an id that is not there", { by: "id", id: "hourly-21h" }, /^fail: the source has no snapshot hourly-21h$/],
])("%s", (_, selector, expected) => expect(choose(selector)).toMatch(expected));

describe("a newest snapshot that is", () => {
  test.each<[string, Parameters<typeof aRestorable>[1], RegExp, RegExp]>([
    ["failed", { status: "failed" }, /^pass: snapshot hourly-2h/, /^fail: snapshot x cannot be relied on: failed/],
    ["under way", { status: "inProgress" }, /^pass: snapshot hourly-2h/, /^fail.*not completed yet/],
    ["a fallback", { kind: "fallback" }, /^pass: snapshot hourly-2h/, /^fail.*may be inconsistent/],
    ["of 0 bytes", { sizeBytes: 0 }, /^pass: snapshot hourly-2h/, /^fail.*of 0 bytes/],
    ["expiring now", { expiresAt: NOW }, /^pass: snapshot hourly-2h/, /^fail.*expired/],
    ["expiring in a moment", { expiresAt: new Date(NOW.getTime() + 1) }, /^pass: snapshot x/, /^pass/],
    ["of unreadable status", { status: GONE }, /^unknown: whether snapshot x is the newest good one/, /^unknown/],
    ["of unreadable kind", { kind: GONE }, /^unknown/, /^unknown/],
    ["of unreadable size", { sizeBytes: GONE }, /^unknown/, /^unknown/],
    ["of unreadable expiry", { expiresAt: GONE }, /^unknown/, /^unknown/],
    ["of unreadable date", { createdAt: GONE }, /^unknown/, /^unknown/],
    ["dated in the future", { createdAt: new Date(NOW.getTime() + HOUR_MS) }, /^unknown/, /^unknown/],
    ["without a readable id", { id: GONE }, /^unknown/, /^unknown: no snapshot is read to have the id x/],
  ])("%s", (_, given, latest, byId) => {
    const snapshots = withNewest({ id: "x", ...given });
    expect(choose(LATEST, snapshots)).toMatch(latest);
    expect(choose({ by: "id", id: "x" }, snapshots)).toMatch(byId);
  });
});

test("two of one id are none", () => {
  const twice = [...SNAPSHOTS, aRestorable(20)];
  expect(choose({ by: "id", id: "hourly-20h" }, twice)).toBe("unknown: 2 snapshots bear the id hourly-20h");
});

test("an unreadable one that is older than the newest good one is not in the way", () => {
  expect(choose(LATEST, [...SNAPSHOTS, aRestorable(3, { status: GONE })])).toMatch(/^pass: snapshot hourly-2h/);
});

test("where there is none, what there is instead is told", () => {
  const bad = [
    aRestorable(1, { status: "failed" }),
    aRestorable(2, { status: "failed" }),
    aRestorable(3, { kind: "fallback" }),
  ];
  const choice = chooseSnapshot(restore({ source: { snapshots: bad } }), LATEST);
  expect(choice).toMatchObject({
    kind: "none",
    message: "there is no good snapshot",
    evidence: { snapshots: 3, actual: ["1 fallback, which may be inconsistent", "2 failed"] },
  });
});

test("snapshots that cannot be read choose none", () => {
  const unread = restore({ request: { point: { kind: "snapshot", selector: LATEST } }, source: { snapshots: GONE } });
  expect(said(unread, "snapshot")).toMatch(/^unknown/);
});

test("what is chosen is completed, no fallback, of some size, unexpired and before the instant; and no good one is newer", () => {
  const one = fc.record({
    age: fc.integer({ min: 1, max: 30 }),
    status: fc.constantFrom("completed", "failed", "inProgress", "queued", GONE),
    kind: fc.constantFrom("scheduled", "onDemand", "fallback", GONE),
    sizeBytes: fc.constantFrom(0, 5, null, GONE),
    left: fc.constantFrom(-1, 0, 1),
  });
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 6 }),
      fc.option(fc.integer({ min: 0, max: 31 }), { nil: undefined }),
      (list, hours) => {
        const snapshots = list.map(({ age, left, ...given }, index) =>
          aRestorable(age, { ...given, id: `s${index}`, expiresAt: new Date(NOW.getTime() + left) } as Parameters<
            typeof aRestorable
          >[1]),
        );
        const choice = chooseSnapshot(restore({ source: { snapshots } }), hours === undefined ? LATEST : before(hours));
        if (choice.kind !== "chosen") return;
        const isGood = (wanted: (typeof list)[number]) =>
          wanted.status === "completed" &&
          (wanted.kind === "scheduled" || wanted.kind === "onDemand") &&
          wanted.sizeBytes === 5 &&
          wanted.left === 1;
        const chosen = list[Number(choice.point.name.slice(1))];
        expect(chosen !== undefined && isGood(chosen)).toBe(true);
        const fits = list.filter((other) => isGood(other) && (hours === undefined || other.age > hours));
        expect(chosen?.age).toBe(Math.min(...fits.map(({ age }) => age)));
      },
    ),
    { numRuns: 500 },
  );
});
