import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { known } from "../../../src/core/observed.ts";
import { worst } from "../../../src/core/report.ts";
import { restorePreconditions } from "../../../src/rules/restore/preconditions.ts";
import { QUIET_CONNECTIONS, QUIET_WRITES_PER_SECOND } from "../../../src/rules/restore/target.ts";
import { aDatabase, GONE } from "../build.ts";
import {
  aJob,
  aRestorable,
  CORE,
  cluster,
  DRILL,
  drill,
  found,
  type GivenRestore,
  inPlace,
  ofCollections,
  QUIET,
  restore,
  SUBJECT,
  said,
} from "./build.ts";

test("everything holds where nothing is wrong", () => {
  for (const facts of [restore(), inPlace(), ofCollections()]) {
    const findings = restorePreconditions(facts, SUBJECT);
    expect(findings.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(new Set(findings.map(({ check }) => check)).size).toBe(findings.length);
  }
});

test.each<[string, GivenRestore, RegExp]>([
  ["there", {}, /^pass: cluster dddddddddddddddddddddddd, created 2025-01-01/],
  ["not there", { target: null }, /^fail: Atlas knows no cluster "litally-drill" in this project/],
  ["unreadable", { target: GONE }, /^unknown/],
  [
    "another one than asked for",
    { target: drill({ name: "other" }) },
    /^fail: Atlas answers with another cluster, "other"/,
  ],
  ["without a readable id", { target: drill({ id: GONE }) }, /^unknown/],
  ["without a readable birth", { target: drill({ createdAt: GONE }) }, /^unknown/],
  ["with unreadable snapshots", { targetSnapshots: GONE }, /^unknown/],
  ["with one of unreadable date", { targetSnapshots: [aRestorable(1, { createdAt: GONE })] }, /^unknown/],
  [
    "without backups, whose snapshots cannot be read",
    { targetSnapshots: GONE, target: drill({ backupEnabled: false }) },
    /^pass/,
  ],
])("a target that is %s", (_, given, expected) => expect(said(restore(given), "target-exists")).toMatch(expected));

describe("a cluster that is not there is told of once", () => {
  const others = ["source-is-target", "target-protected"].map((id) => `restore/${id}`);
  const told = (facts: ReturnType<typeof restore>) => restorePreconditions(facts, SUBJECT);

  test("the target, with what may have been meant and what there is", () => {
    const facts = restore({ request: { targetName: "litally-dirll" }, target: null });
    expect(said(facts, "target-exists")).toBe(
      'fail: Atlas knows no cluster "litally-dirll" in this project (did you mean "litally-drill"?); there are litally-core, litally-drill',
    );
    expect(told(facts).map(({ check, status }) => [check, status])).toEqual([
      ["restore/source-exists", "pass"],
      ["restore/target-exists", "fail"],
      ...others.map((check) => [check, "pass"]),
    ]);
  });

  test("the source: it is a failure, as before a snapshot by hand", () => {
    const facts = restore({ source: { cluster: null } });
    expect(said(facts, "source-exists")).toMatch(/^fail: Atlas knows no cluster "litally-core" in this project/);
    expect(told(facts).map(({ check }) => check)).toEqual([
      "restore/source-exists",
      "restore/target-exists",
      ...others,
    ]);
  });

  test("one that cannot be read is another matter", () => {
    expect(said(restore({ target: GONE }), "target-state")).toMatch(/^unknown/);
    expect(said(restore({ source: { cluster: GONE } }), "source-exists")).toMatch(/^unknown/);
  });
});

describe("the source is overwritten only in place", () => {
  const itself = { targetName: CORE };
  test.each<[string, GivenRestore, RegExp]>([
    ["another cluster", {}, /^pass/],
    [
      "another cluster, --in-place",
      { request: { inPlace: true } },
      /^fail: --in-place is given, but litally-drill is not the source/,
    ],
    ["itself", { request: itself, target: cluster() }, /^fail: litally-core is the source itself/],
    ["itself, --in-place", { request: { ...itself, inPlace: true }, target: cluster() }, /^pass/],
    ["itself, in letters of another case", { request: { targetName: "LITALLY-core" }, target: null }, /^fail/],
    ["itself, unreadable", { request: itself, target: GONE }, /^fail/],
    ["itself by another name", { target: drill({ id: "0123456789abcdef01234567" }) }, /^fail/],
    [
      "its namesake in another project",
      { request: { ...itself, targetProjectId: "other" }, target: drill({ name: CORE }) },
      /^pass/,
    ],
  ])("%s", (_, given, expected) => expect(said(restore(given), "source-is-target")).toMatch(expected));

  test("and collections are added to it only in place, which is what the remedy speaks of", () => {
    const facts = ofCollections({ request: { targetName: CORE }, target: cluster() });
    expect(said(facts, "source-is-target")).toBe(
      "fail: litally-core is the source itself: the collections would be added to it",
    );
    expect(found(facts, "source-is-target")[0]?.remedy).toMatch(/stand beside .* of the source, say --in-place$/);
  });
});

describe("what the policy protects", () => {
  const other = (isProtected: boolean) => [
    aDatabase(),
    aDatabase({ name: "ledger", cluster: DRILL, protected: isProtected }),
  ];
  const own = (isProtected: boolean) => [aDatabase({ protected: isProtected })];
  test.each<[string, ReturnType<typeof restore>, RegExp]>([
    ["a cluster of nobody", restore(), /^pass: it is no cluster of a database in the policy/],
    [
      "another database's",
      restore({ databases: other(true) }),
      /^fail: litally-drill is protected: it is the cluster of database ledger/,
    ],
    [
      "another database's, in letters of another case",
      restore({ databases: other(true), request: { targetName: "LITALLY-drill" } }),
      /^fail/,
    ],
    [
      "another database's, unprotected",
      restore({ databases: other(false) }),
      /^warn: litally-drill is the cluster of database ledger/,
    ],
    ["another database's, --in-place", restore({ databases: other(true), request: { inPlace: true } }), /^fail/],
    ["its own", restore({ databases: own(true), request: { targetName: CORE }, target: cluster() }), /^fail/],
    [
      "its own, by another name",
      restore({ databases: own(true), target: drill({ id: "0123456789abcdef01234567" }) }),
      /^fail/,
    ],
    ["its own, --in-place", inPlace({ databases: own(true) }), /^pass/],
    [
      "its own, shared with a protected one, --in-place",
      inPlace({ databases: [...own(false), aDatabase({ name: "ledger", protected: true })] }),
      /^fail/,
    ],
    ["in another project", restore({ databases: other(true), request: { targetProjectId: "other" } }), /^pass/],
  ])("%s", (_, facts, expected) => expect(said(facts, "target-protected")).toMatch(expected));
});

describe("the state of the target", () => {
  test.each<[string, GivenRestore, RegExp]>([
    ["idle", {}, /^pass/],
    ["updating", { target: drill({ state: "UPDATING" }) }, /^fail: it is being changed, or restored to/],
    ["repairing", { target: drill({ state: "REPAIRING" }) }, /^fail/],
    ["creating", { target: drill({ state: "CREATING" }) }, /^fail/],
    ["deleting", { target: drill({ state: "DELETING" }) }, /^fail/],
    ["unreadable", { target: drill({ state: GONE }) }, /^unknown/],
    ["paused", { target: drill({ paused: true }) }, /^fail: the cluster is paused/],
    ["maybe paused", { target: drill({ paused: GONE }) }, /^unknown/],
    ["flex", { target: drill({ offering: "flex" }) }, /^fail: a flex cluster/],
    ["free", { target: drill({ freeTier: true }) }, /^fail: a free or shared cluster/],
    ["with a finished restore", { sourceJobs: [aJob()] }, /^pass/],
    ["with a failed restore", { sourceJobs: [aJob({ failed: true, finishedAt: null })] }, /^pass/],
    [
      "with a running restore",
      { sourceJobs: [aJob({ finishedAt: null })] },
      /^fail: restore job-1 is under way onto it since 2026-11-21 21:00:00 UTC/,
    ],
    ["with a running restore of its own", { targetJobs: [aJob({ finishedAt: null })] }, /^fail/],
    ["with a running download", { sourceJobs: [aJob({ finishedAt: null, delivery: "download" })] }, /^pass/],
    ["with a running restore elsewhere", { sourceJobs: [aJob({ finishedAt: null, targetName: "other" })] }, /^pass/],
    ["with a restore of unreadable state", { sourceJobs: [aJob({ failed: GONE })] }, /^unknown/],
    [
      "with a running restore of unreadable target",
      { sourceJobs: [aJob({ finishedAt: null, targetName: GONE })] },
      /^unknown/,
    ],
    ["with unreadable jobs", { sourceJobs: GONE }, /^unknown/],
    ["with unreadable jobs of its own", { targetJobs: GONE }, /^unknown/],
  ])("%s", (_, given, expected) => expect(said(restore(given), "target-state")).toMatch(expected));
});

describe("who works on the target", () => {
  const busy = (writes: number, connections = 0) => ({
    writesPerSecond: known(writes),
    connections: known(connections),
  });
  const cases: readonly [string, NonNullable<GivenRestore["activity"]>, string, string, string][] = [
    ["nobody", QUIET, "pass", "pass", "pass"],
    ["the cluster itself", busy(QUIET_WRITES_PER_SECOND, QUIET_CONNECTIONS), "pass", "pass", "pass"],
    ["one more connection", busy(0, QUIET_CONNECTIONS + 1), "warn", "warn", "warn"],
    ["a little more writing", busy(QUIET_WRITES_PER_SECOND + 0.01), "fail", "warn", "warn"],
    ["writes that are no number", busy(Number.NaN), "fail", "warn", "warn"],
    ["writes and unreadable connections", { ...busy(9), connections: GONE }, "fail", "warn", "warn"],
    ["unreadable connections", { ...QUIET, connections: GONE }, "unknown", "unknown", "warn"],
    ["unreadable writes", { ...QUIET, writesPerSecond: GONE }, "unknown", "unknown", "warn"],
    ["unreadable", GONE, "unknown", "unknown", "warn"],
  ];
  test.each(cases)("%s", (_, activity, elsewhere, itself, allowed) => {
    const status = (facts: ReturnType<typeof restore>) => said(facts, "target-quiet").split(":")[0];
    expect(status(restore({ activity }))).toBe(elsewhere);
    expect(status(inPlace({ activity })), "in place").toBe(itself);
    expect(status(restore({ activity, request: { allowBusy: true } })), "--allow-busy").toBe(allowed);
    expect(status(ofCollections({ activity })), "new collections").toBe("pass");
    const overwrites = { collections: { namespaces: ["app.accounts"], suffix: null, overwrites: true } };
    expect(status(ofCollections({ activity, request: overwrites })), "collections over others").toBe(elsewhere);
  });

  test.each<[string, ReturnType<typeof restore>, RegExp]>([
    ["elsewhere", restore({ activity: busy(9) }), /name another target; .* --allow-busy$/],
    ["elsewhere, allowed", restore({ activity: busy(9), request: { allowBusy: true } }), /^stop what works there: /],
    ["in place", inPlace({ activity: busy(9) }), /^stop the applications that write to litally-core first: [^-]*$/],
    ["in place, unreadable", inPlace({ activity: GONE }), /^find out what writes there .* --allow-busy$/],
    ["the source by accident", inPlace({ activity: busy(9), request: { inPlace: false } }), /say --in-place$/],
  ])("what to do about it: %s", (_, facts, remedy) => expect(found(facts, "target-quiet")[0]?.remedy).toMatch(remedy));

  test("writes are told by their number", () => {
    expect(said(restore({ activity: busy(340, 12) }), "target-quiet")).toBe(
      "fail: it takes 340 writes per second: they would be lost",
    );
  });
});

test.each<[string, ReturnType<typeof restore>, RegExp]>([
  ["a snapshot first", restore(), /^pass: a snapshot of the target is taken first/],
  ["none, as asked", restore({ request: { undo: false } }), /^warn/],
  [
    "none, for backups are off",
    restore({ target: drill({ backupEnabled: false }) }),
    /^warn: cloud backup of the target is off/,
  ],
  ["none in place, for backups are off", inPlace({ target: cluster({ backupEnabled: false }) }), /^fail/],
  ["whether backups are on unreadable", restore({ target: drill({ backupEnabled: GONE }) }), /^unknown/],
  ["nothing to undo", ofCollections({ target: drill({ backupEnabled: false }) }), /^pass: nothing is lost/],
])("undo: %s", (_, facts, expected) => expect(said(facts, "undo")).toMatch(expected));

test("a remedy stands on everything that does not pass, and never speaks of --in-place for another database's cluster", () => {
  const facts = restore({ databases: [aDatabase({ name: "ledger", cluster: DRILL, protected: true })] });
  expect(found(facts, "target-protected")[0]?.remedy).toBe("name another target with --to");
});

test("no mixture of flags, states and names lets the source without --in-place or a protected target pass", () => {
  const name = fc.constantFrom(CORE, DRILL, "litally-other", "LITALLY-CORE");
  fc.assert(
    fc.property(
      fc.record({
        targetName: name,
        inPlace: fc.boolean(),
        allowBusy: fc.boolean(),
        undo: fc.boolean(),
        closing: fc.boolean(),
      }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(CORE, DRILL, "litally-other"),
      fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
      (request, coreIsProtected, drillIsProtected, ofCollectionsOnly, foundName, writes) => {
        const databases = [
          aDatabase({ protected: coreIsProtected }),
          aDatabase({ name: "drill", cluster: DRILL, protected: drillIsProtected }),
        ];
        const target = foundName === CORE ? cluster() : drill({ name: foundName });
        const activity = writes === undefined ? GONE : { ...QUIET, writesPerSecond: known(writes) };
        const make = ofCollectionsOnly ? ofCollections : restore;
        const facts = make({ request, databases, target, activity });
        const status = worst(restorePreconditions(facts, SUBJECT));
        if (status === "fail" || status === "unknown") return;
        expect(foundName).toBe(request.targetName);
        if (foundName === CORE) expect(request.inPlace).toBe(true);
        if (foundName === DRILL) expect(drillIsProtected).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});
