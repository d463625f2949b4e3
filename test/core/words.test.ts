/** The small words: suggestions, sizes, regions, three-valued truth, errors and what was observed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Check, runChecks } from "../../src/core/check.ts";
import { CLUSTER_NAME } from "../../src/core/cluster-name.ts";
import { ERROR_KINDS, OpsError, toOpsError } from "../../src/core/error.ts";
import { known, mapObserved, notKnown, observe } from "../../src/core/observed.ts";
import { atlasRegion, awsRegion } from "../../src/core/region.ts";
import { rehearsalOf } from "../../src/core/report.ts";
import { formatBytes } from "../../src/core/size.ts";
import { didYouMean, editDistance, suggest } from "../../src/core/suggest.ts";
import { all, any, not, type Tri, tri } from "../../src/core/tri.ts";
import { fail, pass, unknown, warn } from "../../src/core/verdict.ts";

describe("a suggestion", () => {
  test.each([
    ["retian", ["retain", "region"], "retain"],
    ["RETAIN", ["region", "retain"], "retain"],
    ["verfy", ["verify", "list"], "verify"],
    ["ab", ["xy"], undefined],
    ["a", ["b"], "b"],
    ["abcdef", ["abcxyz"], undefined],
    ["abcdef", ["abcdxy"], "abcdxy"],
    ["anything", [], undefined],
    ["core", ["cone", "core"], "core"],
    ["core", ["cone", "care"], "cone"],
  ])("for %s among %j is %s", (word, candidates, expected) => {
    expect(suggest(word, candidates)).toBe(expected);
    expect(didYouMean(word, candidates)).toBe(expected === undefined ? "" : ` (did you mean "${expected}"?)`);
  });

  test("the distance is a distance: zero to itself, the same both ways, never over the longer word", () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });

  test.each([
    ["abc", "acb", 1],
    ["abc", "abcd", 1],
    ["abcd", "abc", 1],
    ["abc", "axc", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
    ["xabc", "yacb", 2],
  ])("%s and %s are %d apart", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [48_300_000_000, "48.3 GB"],
  [99_949_999, "99.9 MB"],
  [99_950_000, "100 MB"],
  [100_000_000, "100 MB"],
  [999_499, "999 KB"],
  [999_500, "1.0 MB"],
  [5e18, "5000 PB"],
])("%d bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("both forms of a region are one", () => {
  expect(awsRegion("AP_SOUTHEAST_1")).toBe("ap-southeast-1");
  expect(awsRegion("ap-southeast-1")).toBe("ap-southeast-1");
  expect(atlasRegion("ap-southeast-1")).toBe("AP_SOUTHEAST_1");
});

describe("three-valued truth", () => {
  const values = fc.array(fc.constantFrom<Tri>("yes", "no", "maybe"));

  test("of nothing: all holds, any does not", () => {
    expect([all(), any()]).toEqual(["yes", "no"]);
  });

  test("is certain only where every way to settle the maybes agrees", () => {
    fc.assert(
      fc.property(values, (given) => {
        const settled = (as: Tri) => given.map((value) => (value === "maybe" ? as : value) === "yes");
        const agree = (a: boolean, b: boolean): Tri => (a === b ? tri(a) : "maybe");
        const every = (list: readonly boolean[]) => list.every((value) => value);
        const some = (list: readonly boolean[]) => list.some((value) => value);
        expect(all(...given)).toBe(agree(every(settled("no")), every(settled("yes"))));
        expect(any(...given)).toBe(agree(some(settled("no")), some(settled("yes"))));
        expect(not(all(...given))).toBe(any(...given.map(not)));
      }),
    );
  });
});

describe("what was observed", () => {
  const reason = new OpsError("timeout", "no answer within 10 s", { hint: "try again" });

  test("a read that fails in a known way is not known; a bug and an abort still throw", async () => {
    expect(await observe(async () => 7)).toEqual(known(7));
    for (const kind of ERROR_KINDS) {
      const error = new OpsError(kind, "it failed");
      const observed = observe(() => Promise.reject(error));
      if (kind === "bug" || kind === "aborted") await expect(observed).rejects.toBe(error);
      else expect(await observed).toEqual(notKnown(error));
    }
    await expect(observe(() => Promise.reject(new TypeError("x is not a function")))).rejects.toThrow(TypeError);
  });

  test("what is not known stays so for the same reason", () => {
    expect(mapObserved(known(7), (value) => value + 1)).toEqual(known(8));
    expect(mapObserved(notKnown(reason), () => 8)).toEqual(notKnown(reason));
  });

  test("an unknown verdict says why, and takes the hint for its remedy", () => {
    expect(unknown(reason)).toEqual({
      status: "unknown",
      message: "could not find out: no answer within 10 s",
      remedy: "try again",
    });
    expect(unknown("a field is missing", { field: "createdAt" })).toEqual({
      status: "unknown",
      message: "a field is missing",
      evidence: { field: "createdAt" },
    });
    expect(unknown(new OpsError("auth", "403"))).toStrictEqual({
      status: "unknown",
      message: "could not find out: 403",
    });
    expect(pass("a")).toStrictEqual({ status: "pass", message: "a" });
    expect([pass("a"), warn("b"), fail("c")].map(({ status }) => status)).toEqual(["pass", "warn", "fail"]);
  });
});

test("any thrown thing becomes an OpsError: ours unchanged, others a bug with its cause", () => {
  const ours = new OpsError("auth", "not allowed");
  expect(toOpsError(ours)).toBe(ours);
  const theirs = new TypeError("x is not a function");
  expect(toOpsError(theirs)).toMatchObject({ kind: "bug", message: "x is not a function", cause: theirs });
  expect(toOpsError("thrown text")).toMatchObject({ kind: "bug", message: "thrown text" });
  expect([ours.name, "cause" in ours]).toEqual(["OpsError", false]);
});

describe("running checks", () => {
  const check = (id: string, judge: Check<number>["judge"]): Check<number> => ({
    id,
    title: `title of ${id}`,
    remedy: (facts) => `repair ${facts}`,
    judge,
  });

  test("gives a finding per verdict, in order, with the check's remedy unless the verdict knows a better one", () => {
    const checks = [
      check("a", () => pass("good", { seen: 1 })),
      check("b", () => [
        { ...fail("bad"), scope: "daily" },
        { ...warn("late"), remedy: "wait" },
      ]),
      check("c", () => []),
    ];
    expect(runChecks(checks, 7, "cluster/x")).toStrictEqual([
      { check: "a", title: "title of a", subject: "cluster/x", status: "pass", message: "good", evidence: { seen: 1 } },
      {
        check: "b",
        title: "title of b",
        subject: "cluster/x",
        scope: "daily",
        status: "fail",
        message: "bad",
        remedy: "repair 7",
      },
      { check: "b", title: "title of b", subject: "cluster/x", status: "warn", message: "late", remedy: "wait" },
    ]);
  });

  test("takes another remedy where nothing could be found out, unless the verdict knows a better one", () => {
    const checks = [
      check("a", () => unknown("a field is missing")),
      check("b", () => unknown(new OpsError("auth", "403", { hint: "ask for access" }))),
      check("c", () => fail("bad")),
      check("d", () => pass("good")),
    ];
    const remedies = (findOut?: string) => runChecks(checks, 7, "x", findOut).map(({ remedy }) => remedy);
    expect(remedies("look again")).toEqual(["look again", "ask for access", "repair 7", undefined]);
    expect(remedies()).toEqual(["repair 7", "ask for access", "repair 7", undefined]);
  });
});

test.each([
  ["litally-core", true],
  ["a", true],
  ["Z9", true],
  ["a".repeat(64), true],
  ["a".repeat(65), false],
  ["", false],
  ["-core", false],
  ["core-", false],
  ["co_re", false],
  ["core ", false],
  [" core", false],
  ["core/../x", false],
])("%j may name a cluster: %j", (name, expected) => {
  expect(CLUSTER_NAME.test(name)).toBe(expected);
});

test("a rehearsal is called one", () => {
  expect(rehearsalOf("healthy")).toBe("SANDBOX (world healthy): a rehearsal, not your accounts");
});
