/** The verdicts of `retention check`: what is certain, what holds at best alone, and what could not be read. */
import { describe, expect, test } from "vitest";
import { DAY_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import { judgeToday } from "../../../src/rules/retention/checks.ts";
import { idealOf } from "../../../src/rules/retention/ideal.ts";
import type { ContinuousWindow, RestorePoint } from "../../../src/rules/retention/model.ts";
import { type Question, questionOf } from "../../../src/rules/retention/question.ts";
import { judgeLosses } from "../../../src/rules/retention/what-if.ts";
import { duration, facts, GONE, NOW } from "../build.ts";
import { HOME, point, supplyOf, tier } from "./build.ts";

const NOW_MS = NOW.getTime();

/** About a database of which nothing is there but what is given. */
function aQuestion(given: Partial<Question>): Question {
  const backup = facts();
  const asked = {
    facts: { backup, projectId: "p", archives: null, rehearsedMs: null },
    policy: { databases: [backup.database], archives: [] },
    lineOf: () => null,
    nowMs: NOW_MS,
    untilMs: NOW_MS + 30 * DAY_MS,
    lost: [],
    skew: known({ skewMs: 0, uncertaintyMs: 0 }),
  };
  return { ...questionOf(asked), supplies: { pessimistic: supplyOf(), optimistic: supplyOf() }, ...given };
}

const said = (question: Question, id: string) =>
  [...judgeToday(question), ...judgeLosses(question)]
    .filter(({ check }) => check === `retention/${id}`)
    .map(({ status, message }) => `${status}: ${message}`);

const unreadable = [GONE.reason];
const seen = (data: string, lifeMs: number, given: Partial<RestorePoint> = {}) =>
  point(data, lifeMs, { isSeen: true, id: "snapshot 1", ...given });

describe("a slot", () => {
  const one = [tier("day", "2d")];
  const horizon = { fromMs: NOW_MS, untilMs: NOW_MS + DAY_MS, bornMs: NOW_MS - 2 * DAY_MS };
  const [whole, short] = [2 * DAY_MS, DAY_MS].map((life) => supplyOf(seen("2026-11-21T18:00Z", life)));
  if (whole === undefined || short === undefined) throw new Error("there are two");

  test.each([
    ["kept long enough, also at worst", whole, whole, [], /^pass/],
    ["the same, whatever else could not be read", whole, whole, unreadable, /^pass/],
    ["gone too early at worst alone", short, whole, [], /^unknown: at worst .* on nothing is there of it$/],
    ["not there at worst", supplyOf(), whole, [], /^unknown: at worst there is no snapshot of it/],
    ["gone too early at best, too", supplyOf(), short, [], /^fail: there is no snapshot/],
    ["not there, where not everything could be read", supplyOf(), supplyOf(), unreadable, /^unknown/],
  ])("%s", (_, pessimistic, optimistic, reasons, expected) => {
    const question = aQuestion({
      tiers: one,
      horizon,
      supplies: { pessimistic, optimistic },
      unreadable: reasons,
    });
    expect(said(question, "slot")).toEqual([expect.stringMatching(expected)]);
  });
});

describe("what is kept too long", () => {
  const strict = tier("day", "7d", { atMost: duration("8d") });
  const over = (worst: RestorePoint | null, best: RestorePoint) =>
    said(
      aQuestion({
        tiers: [strict],
        supplies: { pessimistic: worst === null ? supplyOf() : supplyOf(worst), optimistic: supplyOf(best) },
      }),
      "over",
    ).filter((text) => text.includes("allows it") || text.includes("nothing is"));
  const late = seen("2026-11-20T18:00Z", 20 * DAY_MS);

  test("warns where it is certain, and is unknown where it may yet be removed", () => {
    expect(over(late, late)).toEqual([expect.stringMatching(/^warn: .*the policy allows it until/)]);
    expect(over(null, late)).toEqual([expect.stringMatching(/^unknown: .*the policy allows it until/)]);
    expect(over(seen("2026-11-20T18:00Z", 7 * DAY_MS), late)).toEqual([expect.stringMatching(/^unknown/)]);
  });

  test("is no longer told once it is gone", () => {
    const gone = seen("2026-11-01T02:00Z", 21 * DAY_MS);
    expect(over(gone, gone)).toEqual(["pass: nothing is"]);
    const held = { ...gone, heldUntilMs: NOW_MS + 1 };
    expect(over(held, held)).toEqual([expect.stringMatching(/^warn: .*hidden from .*, but held until/)]);
  });
});

describe("what a loss leaves", () => {
  const lost = [{ kind: "region", name: "eu-west-1" }] as const;
  const window: ContinuousWindow = {
    untilMs: Number.POSITIVE_INFINITY,
    windowMs: 7 * DAY_MS,
    lagMs: 60_000,
    place: HOME,
    firstByteMs: null,
    limitedBy: "the window",
  };

  test("nothing fails, and is unknown where not everything could be read", () => {
    expect(said(aQuestion({ lost }), "survives")).toEqual([expect.stringMatching(/^fail: .*nothing is left$/)]);
    expect(said(aQuestion({ lost, unreadable }), "survives")).toEqual([expect.stringMatching(/^unknown/)]);
    expect(said(aQuestion({ lost: [] }), "survives")).toEqual([]);
  });

  test("without a restore point a window is nothing that could be lost or kept", () => {
    const supply = { points: [], continuous: [window] };
    const supplies = { pessimistic: supply, optimistic: supply };
    expect(said(aQuestion({ supplies }), "losses")).toEqual(["fail: there is no restore point at all"]);
    expect(said(aQuestion({ supplies, unreadable }), "losses")).toEqual([expect.stringMatching(/^unknown/)]);
  });
});

test("of what the settings would deliver, nothing is owed of before now, nor of before a tier begins", () => {
  const began = [null, NOW_MS - DAY_MS, NOW_MS + DAY_MS].map((sinceMs) => tier("day", "2d", { sinceMs }));
  const question = aQuestion({ tiers: began });
  expect(idealOf(question).tiers.map(({ sinceMs }) => sinceMs)).toEqual([NOW_MS, NOW_MS, NOW_MS + DAY_MS]);
  expect(idealOf(question)).toBe(idealOf(question));
});
