/** What rules do to an object, against the words of S3's own documentation: rounding, versions, classes, conflicts, locks. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS } from "../../../src/core/duration.ts";
import type { LifecycleRule } from "../../../src/ports/s3.ts";
import { type KeptVersion, lifecycleOf } from "../../../src/rules/archive/lifecycle.ts";
import { aRule } from "./build.ts";

const LARGE = 50_000_000;

function aVersion(given: Partial<KeptVersion> = {}): KeptVersion {
  return {
    key: "atlas/core/2026-10/manifest.json",
    sizeBytes: LARGE,
    storageClass: "STANDARD",
    tags: {},
    createdAt: new Date("2026-01-15T10:30:00Z"),
    isNullVersion: false,
    noncurrentSince: null,
    newerNoncurrent: 0,
    lockedUntil: null,
    ...given,
  };
}

/** `2026-01-19 deletes`, with a question mark where it is not certain, and the class of a move. */
function life(
  version: Partial<KeptVersion>,
  rules: readonly Partial<LifecycleRule>[],
  versioning: "enabled" | "suspended" | "off" = "enabled",
): readonly string[] {
  const named = rules.map((rule, index) => aRule({ id: `rule-${index + 1}`, ...rule }));
  return lifecycleOf(aVersion(version), named, versioning).map(({ kind, earliestAt, storageClass, isCertain }) => {
    const at = earliestAt.toISOString().replace("T00:00:00.000Z", "").replace(".000Z", "Z");
    return `${at} ${kind}${storageClass === null ? "" : ` ${storageClass}`}${isCertain ? "" : "?"}`;
  });
}

const days = (count: number) => ({ expiration: { days: count } });
const to = (storageClass: string, count: number) => ({ after: { days: count }, storageClass });

describe("days count from the creation and end at the next midnight in UTC", () => {
  test.each([
    ["2026-01-15T10:30:00Z", 3, "2026-01-19"],
    ["2026-01-15T00:00:00Z", 3, "2026-01-18"],
    ["2026-01-15T00:00:00.001Z", 3, "2026-01-19"],
    ["2026-01-15T23:59:59.999Z", 1, "2026-01-17"],
    ["2024-02-28T12:00:00Z", 1, "2024-03-01"],
    ["2026-12-31T12:00:00Z", 1, "2027-01-02"],
  ])("%s and %i days: %s", (at, count, expected) =>
    expect(life({ createdAt: new Date(at) }, [days(count)], "off")).toEqual([`${expected} deletes`]),
  );

  test("a date is that day, or at once where it has gone by", () => {
    const on = (date: string) => ({ expiration: { date: new Date(date) } });
    expect(life({}, [on("2026-03-01T00:00:00Z")], "off")).toEqual(["2026-03-01 deletes"]);
    expect(life({}, [on("2020-03-01T00:00:00Z")], "off")).toEqual(["2026-01-15T10:30:00Z deletes"]);
  });
});

describe("an expiry", () => {
  test.each([
    ["off", false, ["2026-01-19 deletes"]],
    ["enabled", false, ["2026-01-19 hides"]],
    ["suspended", false, ["2026-01-19 hides"]],
    ["suspended", true, ["2026-01-19 deletes"]],
    ["enabled", true, ["2026-01-19 hides"]],
  ] as const)("where versioning is %s (null version: %s): %j", (versioning, isNullVersion, expected) =>
    expect(life({ isNullVersion }, [days(3)], versioning)).toEqual(expected),
  );

  test("deletes for good only with a noncurrent expiry, which counts from the delete marker", () => {
    const rule = { ...days(3), noncurrentExpiration: { days: 10, newerVersions: null } };
    expect(life({}, [rule])).toEqual(["2026-01-19 hides", "2026-01-29 deletes"]);
    expect(life({}, [{ noncurrentExpiration: { days: 10, newerVersions: null } }])).toEqual([]);
  });

  test("keeps as many newer noncurrent versions as the rule says", () => {
    const rule = { ...days(3), noncurrentExpiration: { days: 10, newerVersions: 2 } };
    expect(life({}, [rule])).toEqual(["2026-01-19 hides"]);
    const gone = { noncurrentSince: new Date("2026-02-01T00:00:01Z") };
    expect(life({ ...gone, newerNoncurrent: 1 }, [rule])).toEqual([]);
    expect(life({ ...gone, newerNoncurrent: 2 }, [rule])).toEqual(["2026-02-12 deletes"]);
  });

  test("the shorter one wins", () => expect(life({}, [days(30), days(3)])).toEqual(["2026-01-19 hides"]));

  test("of a noncurrent version counts from its successor, and its own age does not matter", () => {
    const gone = { noncurrentSince: new Date("2026-06-01T12:00:00Z") };
    const rules = [{ ...days(1), noncurrentExpiration: { days: 1, newerVersions: null } }];
    expect(life(gone, rules)).toEqual(["2026-06-03 deletes"]);
  });

  test("never deletes what is locked before its lock ends, but hides it all the same", () => {
    const rule = { ...days(3), noncurrentExpiration: { days: 10, newerVersions: null } };
    const lockedUntil = new Date("2031-02-01T00:00:00Z");
    expect(life({ lockedUntil }, [rule])).toEqual(["2026-01-19 hides", "2031-02-01 deletes"]);
    expect(life({ lockedUntil: new Date("2026-01-20T00:00:00Z") }, [rule])).toEqual([
      "2026-01-19 hides",
      "2026-01-29 deletes",
    ]);
  });
});

describe("a rule is for an object", () => {
  test.each<[string, Partial<LifecycleRule>, Partial<KeptVersion>, "yes" | "no" | "maybe"]>([
    ["that is off", { enabled: false }, {}, "no"],
    ["of the prefix", { prefix: "atlas/core/" }, {}, "yes"],
    ["of another prefix", { prefix: "atlas/core2" }, {}, "no"],
    ["with all its tags", { tags: { a: "1", b: "2" } }, { tags: { a: "1", b: "2", c: "3" } }, "yes"],
    ["with one of its tags", { tags: { a: "1", b: "2" } }, { tags: { a: "1" } }, "no"],
    ["with another value", { tags: { a: "1" } }, { tags: { a: "2" } }, "no"],
    ["whose tags are not known", { tags: { a: "1" } }, { tags: null }, "maybe"],
    ["whose tags do not matter", {}, { tags: null }, "yes"],
    ["larger than it says", { largerThanBytes: LARGE - 1 }, {}, "yes"],
    ["just as large", { largerThanBytes: LARGE }, {}, "no"],
    ["smaller than it says", { smallerThanBytes: LARGE + 1 }, {}, "yes"],
    ["just not smaller", { smallerThanBytes: LARGE }, {}, "no"],
    ["of a size that is not known", { largerThanBytes: 1 }, { sizeBytes: null }, "maybe"],
    ["of no known size, elsewhere", { largerThanBytes: 1, prefix: "x" }, { sizeBytes: null }, "no"],
  ])("%s", (_, rule, version, expected) => {
    const found = life(version, [{ ...days(3), ...rule }]);
    expect(found).toEqual({ yes: ["2026-01-19 hides"], maybe: ["2026-01-19 hides?"], no: [] }[expected]);
  });
});

describe("a move", () => {
  test.each([
    ["STANDARD", "STANDARD_IA", true],
    ["STANDARD", "DEEP_ARCHIVE", true],
    ["GLACIER", "DEEP_ARCHIVE", true],
    ["GLACIER", "GLACIER_IR", false],
    ["GLACIER_IR", "GLACIER", true],
    ["GLACIER", "GLACIER", false],
    ["DEEP_ARCHIVE", "GLACIER", false],
    ["DEEP_ARCHIVE", "STANDARD", false],
    ["STANDARD_IA", "STANDARD", false],
  ])("from %s to %s: %s", (storageClass, target, happens) =>
    expect(life({ storageClass }, [{ transitions: [to(target, 3)] }])).toEqual(
      happens ? [`2026-01-19 moves ${target}`] : [],
    ),
  );

  test("to or from a class that is not known may happen", () => {
    expect(life({ storageClass: "NEW" }, [{ transitions: [to("GLACIER", 3)] }])).toEqual(["2026-01-19 moves GLACIER?"]);
    expect(life({ storageClass: "DEEP_ARCHIVE" }, [{ transitions: [to("NEW", 3)] }])).toEqual([
      "2026-01-19 moves NEW?",
    ]);
  });

  test("of several on one day is that to the cheapest class, and none goes back up", () => {
    const rules = [{ transitions: [to("GLACIER", 3), to("DEEP_ARCHIVE", 3)] }, { transitions: [to("GLACIER_IR", 9)] }];
    expect(life({}, rules)).toEqual(["2026-01-19 moves DEEP_ARCHIVE"]);
    expect(life({}, [{ transitions: [to("DEEP_ARCHIVE", 90), to("GLACIER", 3)] }])).toEqual([
      "2026-01-19 moves GLACIER",
      "2026-04-16 moves DEEP_ARCHIVE",
    ]);
  });

  test.each([
    [128 * 1024 - 1, "STANDARD_IA", []],
    [128 * 1024 - 1, "GLACIER", ["2026-01-19 moves GLACIER?"]],
    [128 * 1024 - 1, "DEEP_ARCHIVE", ["2026-01-19 moves DEEP_ARCHIVE?"]],
    [128 * 1024, "GLACIER", ["2026-01-19 moves GLACIER"]],
    [null, "GLACIER", ["2026-01-19 moves GLACIER?"]],
  ])("of %s bytes to %s: %j", (sizeBytes, target, expected) =>
    expect(life({ sizeBytes }, [{ transitions: [to(target, 3)] }])).toEqual(expected),
  );

  test("of a small object is certain where the rule has a limit of its own", () => {
    const rule = { largerThanBytes: 0, transitions: [to("GLACIER", 3)] };
    expect(life({ sizeBytes: 10 }, [rule])).toEqual(["2026-01-19 moves GLACIER"]);
  });

  test("of a noncurrent version goes by the rules for those", () => {
    const rule = { transitions: [to("GLACIER_IR", 1)], noncurrentTransitions: [to("GLACIER", 5)] };
    expect(life({ noncurrentSince: new Date("2026-02-01T00:00:00Z") }, [rule])).toEqual(["2026-02-06 moves GLACIER"]);
    expect(life({}, [{ ...rule, ...days(3) }])).toEqual([
      "2026-01-17 moves GLACIER_IR",
      "2026-01-19 hides",
      "2026-01-24 moves GLACIER",
    ]);
  });
});

describe("where several fall on one day", () => {
  test("a deletion goes before a move", () =>
    expect(life({}, [{ ...days(3), transitions: [to("GLACIER", 3)] }], "off")).toEqual(["2026-01-19 deletes"]));

  test("a move goes before a delete marker, and none of a current version comes after it", () => {
    const rule = { ...days(3), transitions: [to("GLACIER", 3), to("DEEP_ARCHIVE", 4)] };
    expect(life({}, [rule])).toEqual(["2026-01-19 moves GLACIER", "2026-01-19 hides"]);
  });
});

test("what is not certain leaves what comes later standing", () => {
  const rules = [{ ...days(3), tags: { a: "1" } }, days(9), { ...days(20) }];
  expect(life({ tags: null }, rules)).toEqual(["2026-01-19 hides?", "2026-01-25 hides"]);
  const deleting = [{ ...days(3), tags: { a: "1" } }, { noncurrentExpiration: { days: 1, newerVersions: null } }];
  expect(life({ tags: null }, deleting)).toEqual(["2026-01-19 hides?", "2026-01-20 deletes?"]);
});

describe("whatever the rules", () => {
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const count = fc.integer({ min: 1, max: 400 });
  const when = fc.oneof(
    count.map((value) => ({ days: value })),
    fc
      .date({ min: new Date("2025-01-01"), max: new Date("2028-01-01"), noInvalidDate: true })
      .map((date) => ({ date })),
  );
  const storageClass = fc.constantFrom("STANDARD", "STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE", "NEW");
  const transitions = fc.array(fc.record({ after: when, storageClass }), { maxLength: 3 });
  const rule = fc.record({
    enabled: fc.boolean(),
    prefix: fc.constantFrom("", "atlas/", "elsewhere/"),
    tags: fc.constantFrom({}, { a: "1" }),
    largerThanBytes: maybe(fc.constantFrom(0, LARGE)),
    expiration: maybe(when),
    noncurrentExpiration: maybe(fc.record({ days: count, newerVersions: maybe(fc.integer({ min: 1, max: 3 })) })),
    transitions,
    noncurrentTransitions: transitions,
  });
  const version = fc.record({
    sizeBytes: maybe(fc.constantFrom(0, 1000, LARGE, LARGE + 1)),
    storageClass,
    tags: maybe(fc.constantFrom({}, { a: "1" })),
    lockedUntil: maybe(fc.date({ min: new Date("2026-02-01"), max: new Date("2031-01-01"), noInvalidDate: true })),
    noncurrentSince: maybe(fc.constant(new Date("2026-03-01T07:00:00Z"))),
    isNullVersion: fc.boolean(),
  });
  const versioning = fc.constantFrom("enabled" as const, "suspended" as const, "off" as const);

  test("events come in order, from the creation on, and a sure deletion is the last; no lock is broken", () => {
    fc.assert(
      fc.property(version, fc.array(rule, { maxLength: 5 }), versioning, (given, rules, kept) => {
        const all = rules.map((each, index) => aRule({ id: String(index), ...each }));
        const events = lifecycleOf(aVersion(given), all, kept);
        const from = given.noncurrentSince ?? aVersion().createdAt;
        for (const [index, { kind, earliestAt, isCertain, ruleId }] of events.entries()) {
          expect(earliestAt.getTime()).toBeGreaterThanOrEqual(
            events[index - 1]?.earliestAt.getTime() ?? from.getTime(),
          );
          if (kind === "deletes" && isCertain) expect(index).toBe(events.length - 1);
          if (kind === "deletes" && given.lockedUntil !== null)
            expect(earliestAt.getTime()).toBeGreaterThanOrEqual(given.lockedUntil.getTime());
          if (kind === "hides") expect([given.noncurrentSince, kept]).not.toContain("off");
          expect(all[Number(ruleId)]?.enabled).toBe(true);
        }
      }),
    );
  });

  test("knowing more takes no possible event away and adds none that was impossible", () => {
    fc.assert(
      fc.property(version, fc.array(rule, { maxLength: 3 }), (given, rules) => {
        const all = rules.map((each, index) => aRule({ id: String(index), ...each }));
        const nothing = (value: Partial<KeptVersion>) =>
          lifecycleOf(aVersion({ ...given, ...value }), all, "enabled").length === 0;
        if (nothing({ sizeBytes: null, tags: null })) expect(nothing({ sizeBytes: LARGE, tags: {} })).toBe(true);
      }),
    );
  });

  test("a day later at birth is a day later in every event that counts from there", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), (rules) => {
        const inDays = rules.map((each) => ({ ...each, transitions: [], expiration: { days: 7 } }));
        const at = (shiftDays: number) =>
          lifecycleOf(
            aVersion({ createdAt: new Date(Date.UTC(2026, 0, 15, 10) + shiftDays * DAY_MS) }),
            inDays.map((each) => aRule({ ...each, noncurrentTransitions: [] })),
            "enabled",
          ).map(({ earliestAt }) => earliestAt.getTime() - shiftDays * DAY_MS);
        expect(at(1)).toEqual(at(0));
      }),
    );
  });
});
